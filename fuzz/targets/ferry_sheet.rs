//! The hidden sheet of a workbook: read from any workbook, and written so that it reads back equal.

#![no_main]

use crm_ferry::source::fuzz::ferry_sheet_again;
use crm_ferry::table::{Format, create_writer};
use crm_ferry_fuzz::{file, folder, parts, sheets};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let again = folder().join("again.xlsx");
    let path = if input.starts_with(parts::MARK) {
        file("book.xlsx", &parts::zip_file(input))
    } else {
        let input = String::from_utf8_lossy(input);
        let path = folder().join("book.xlsx");
        let writer = create_writer(Format::Xlsx, folder()).expect("the folder can be written");
        let found = sheets::sheets(&format!("_ferry\n{input}"));
        let rows = found.iter().flat_map(|(_, rows)| rows).map(sheets::texts);
        sheets::write(writer, "_ferry", rows, &path);
        path
    };
    if let Some((read, again)) = ferry_sheet_again(&path, &again) {
        assert_eq!(read, again);
    }
});
