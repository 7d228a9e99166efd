//! Any file, byte by byte.

#![no_main]

use crm_ferry::table::ReadOptions;
use crm_ferry_fuzz::{file, rows};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    rows::check_file(&file("book.xls", input), &ReadOptions::default());
});
