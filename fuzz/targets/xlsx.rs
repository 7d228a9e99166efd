//! An XLSX workbook by its parts.

#![no_main]

use crm_ferry::table::{Format, ReadOptions};
use crm_ferry_fuzz::{file, parts, rows};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let path = file("book.xlsx", &parts::zip_file(input));
    match rows::check_file(&path, &ReadOptions::default()) {
        Some(Format::Xlsx) | None => Corpus::Keep,
        Some(_) => Corpus::Reject,
    }
});
