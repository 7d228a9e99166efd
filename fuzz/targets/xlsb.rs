//! An XLSB workbook by its parts and their records.

#![no_main]

use crm_ferry::table::{Format, ReadOptions};
use crm_ferry_fuzz::{file, parts, records, rows};
use libfuzzer_sys::{Corpus, fuzz_mutator, fuzz_target};

fuzz_target!(|input: &[u8]| -> Corpus {
    let path = file("book.xlsb", &parts::zip_file(input));
    match rows::check_file(&path, &ReadOptions::default()) {
        Some(Format::Xlsb) | None => Corpus::Keep,
        Some(_) => Corpus::Reject,
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    records::mutate_parts(data, size, max_size, seed)
});
