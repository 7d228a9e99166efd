//! Delimited text: its encoding and delimiter, found or given, and that its rows come back from a file that ferry writes.
//!
//! The first byte of an input chooses an encoding, the second the delimiter and whether apostrophes are kept.

#![no_main]

use crm_ferry::table::{Format, ReadOptions, Workbook, create_plain_csv_writer, create_writer};
use crm_ferry_fuzz::{file, folder, rows, sheets};
use libfuzzer_sys::{Corpus, fuzz_target};

const ENCODINGS: [&str; 12] = [
    "utf-8",
    "gbk",
    "gb18030",
    "utf-16le",
    "utf-16be",
    "big5",
    "shift_jis",
    "euc-kr",
    "windows-1252",
    "iso-2022-jp",
    "replacement",
    "none",
];
/// Rows wider than this are not written back.
const WIDEST: usize = 200;

fuzz_target!(|input: &[u8]| -> Corpus {
    let [encoding, dialect, text @ ..] = input else {
        return Corpus::Reject;
    };
    let options = ReadOptions {
        encoding: usize::from(*encoding)
            .checked_sub(1)
            .and_then(|position| ENCODINGS.get(position))
            .map(|name| (*name).to_owned()),
        delimiter: Some(dialect & 0x7F).filter(|delimiter| *delimiter != 0),
        is_unguarded: dialect & 0x80 != 0,
        format: Some(Format::Csv),
    };
    let path = file("rows.csv", text);
    if rows::check_file(&path, &options).is_none() {
        return Corpus::Keep;
    }
    let book = Workbook::open(&path, &options).expect("it was opened before");
    let reading = rows::read(&book, 0);
    let dialect = book.dialect().expect("a CSV file has a dialect");
    let again = Workbook::open(&path, &dialect.to_options()).expect("its own dialect opens it");
    assert_eq!(again.dialect(), Some(dialect));
    assert_eq!(reading, rows::read(&again, 0));
    for for_excel in [true, false] {
        comes_back(&reading, for_excel);
    }
    Corpus::Keep
});

fn comes_back(reading: &rows::SheetReading, for_excel: bool) {
    let written: Vec<Vec<&str>> = reading
        .rows
        .iter()
        .map(sheets::texts)
        .filter(|texts| texts.len() <= WIDEST)
        .collect();
    let Some(first) = written.first() else {
        return;
    };
    // A first cell `sep=;` would name a delimiter.
    if first
        .first()
        .is_some_and(|text| text.to_ascii_lowercase().starts_with("sep="))
    {
        return;
    }
    let path = folder().join("back.csv");
    let writer = match for_excel {
        true => create_writer(Format::Csv, folder()),
        false => create_plain_csv_writer(folder()),
    };
    sheets::write(
        writer.expect("the folder can be written"),
        "",
        written.clone(),
        &path,
    );
    // A first cell may begin like a file of another format; the first cell of a file of ferry's is a header.
    let options = ReadOptions {
        delimiter: Some(b','),
        encoding: Some("utf-8".to_owned()),
        is_unguarded: !for_excel,
        format: Some(Format::Csv),
    };
    let book = Workbook::open(&path, &options).expect("a file of ferry's");
    let back = rows::read(&book, 0);
    assert_eq!(back.error, None);
    let back: Vec<Vec<&str>> = back.rows.iter().map(sheets::texts).collect();
    assert_eq!(written, back);
}
