//! An XLS workbook of Excel 97 to 2003 by its records.

#![no_main]

use crm_ferry::table::ReadOptions;
use crm_ferry_fuzz::{file, parts, records, rows};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};

fuzz_target!(|input: &[u8]| {
    let path = file("book.xls", &parts::compound_file([("Workbook", input)]));
    rows::check_file(&path, &ReadOptions::default());
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    records::mutate_stream(data, size, max_size, seed)
});
