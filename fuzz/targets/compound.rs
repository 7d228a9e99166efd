//! A compound file by its streams: workbooks under Excel's own password, and what is no workbook.

#![no_main]

use crm_ferry::table::ReadOptions;
use crm_ferry_fuzz::{file, parts, rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let streams = parts::parts(input);
    let streams = streams
        .iter()
        .map(|(name, content)| (name.as_str(), *content));
    let path = file("book.xls", &parts::compound_file(streams));
    rows::check_file(&path, &ReadOptions::default());
});
