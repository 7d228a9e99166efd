//! Files that are no table, or are one in an unusual coat: named as what they are, or read.

use std::io::{Read, Write};

use super::built::{xls, xlsx, zip_file};
use super::*;
use crate::model::Saying;

fn kind_of(path: &Path) -> Saying {
    match open_error(path) {
        TableError::OldFormat { kind, .. } => kind,
        other => panic!("{}: {other}", path.display()),
    }
}

#[test]
fn what_is_no_table_is_named_whatever_its_name_ends_in() {
    for (name, kind) in [
        ("html_bom.xls", Saying::WebPage),
        ("html_utf16.xls", Saying::WebPage),
        ("mhtml.xls", Saying::WebArchive),
        ("xml2003.xls", Saying::XmlSpreadsheet),
        ("xml2003.xml", Saying::XmlSpreadsheet),
        ("raw_biff8.xls", Saying::BareRecords),
    ] {
        assert_eq!(kind_of(&fixture("foreign").join(name)), kind, "{name}");
    }
    let folder = tempfile::tempdir().unwrap();
    let saved = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let login = b"<!DOCTYPE html><html><title>login</title></html>";
    assert_eq!(kind_of(&saved("login.csv", login)), Saying::WebPage);
    assert_eq!(kind_of(&saved("login.xlsx", login)), Saying::WebPage);
    assert_eq!(
        kind_of(&saved("page.json", b"{\"code\":\"401\"}\n")),
        Saying::JsonText
    );
    let word = zip_file(
        &folder.path().join("a.docx"),
        &[("word/document.xml", b"<w/>")],
    );
    assert_eq!(kind_of(&word), Saying::TextDocument);
    let writer = zip_file(
        &folder.path().join("a.odt"),
        &[("mimetype", b"application/vnd.oasis.opendocument.text")],
    );
    assert_eq!(kind_of(&writer), Saying::TextDocument);
}

#[test]
fn a_table_that_begins_like_a_page_is_read_where_its_delimiter_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tags.csv");
    std::fs::write(&path, "<table>,<html>\n1,2\n").unwrap();
    assert_eq!(kind_of(&path), Saying::WebPage);
    let options = ReadOptions {
        delimiter: Some(b','),
        ..ReadOptions::default()
    };
    let workbook = Workbook::open(&path, &options).unwrap();
    let rows = shown(&read_all(&workbook, 0).unwrap());
    assert_eq!(rows, ["1: A=<table> B=<html>", "2: A=1 B=2"]);
}

#[test]
fn parts_in_utf16_are_read() {
    assert_eq!(
        shown_fixture("foreign/utf16_parts.xlsx"),
        [
            "1: A=客户名称 B=手机 C=备注",
            "2: A=甲公司 B=13800138001 C=好"
        ]
    );
}

#[test]
fn a_workbook_under_excels_own_password_opens() {
    let workbook = open(&fixture("foreign/default_password.xlsx"));
    assert_eq!(workbook.format(), Format::Xlsx);
    let mut late = workbook.rows(0, 0).unwrap();
    // The workbook is that of the other fixture, encrypted.
    let rows = shown(&read_all(&workbook, 0).unwrap());
    assert_eq!(rows, shown_fixture("libreoffice.xlsx"));
    drop(workbook);
    assert!(late.read_row().unwrap().is_some());
}

/// The fixtures' way of encryption, by the end of their names; `make_encrypted_xls.py` makes them.
const ENCRYPTED_XLS: [&str; 5] = ["rc4", "office", "cryptoapi40", "cryptoapi128", "xor"];

#[test]
fn a_workbook_of_excel_97_under_excels_own_password_opens() {
    let mut expected = vec!["1: A=客户名称 B=手机 C=备注".to_owned()];
    expected.extend((1..=300).map(|number| {
        let row = number + 1;
        format!("{row}: A=第{number}家公司 B=138{number:08} C=第{number}家的备注")
    }));
    for way in ENCRYPTED_XLS {
        let path = fixture(&format!("foreign/default_password_{way}.xls"));
        let workbook = open(&path);
        assert_eq!(workbook.format(), Format::Xls, "{way}");
        assert!(workbook.keeps_number_formats(), "{way}");
        let names: Vec<_> = workbook.sheets().iter().map(|sheet| &sheet.name).collect();
        assert_eq!(names, ["客户", "另一张"], "{way}");
        assert_eq!(shown(&read_all(&workbook, 0).unwrap()), expected, "{way}");
        let second = shown(&read_all(&workbook, 1).unwrap());
        let last = "2: A=末尾公司 B=013900139000";
        assert_eq!(second, ["1: A=客户名称 B=手机", last], "{way}");
    }
}

/// Copies a fixture with its stream changed.
fn with_stream(name: &str, to: &Path, change: impl FnOnce(&mut Vec<u8>)) {
    let mut container = cfb::open(fixture(name)).unwrap();
    let mut stream = Vec::new();
    let mut workbook = container.open_stream("/Workbook").unwrap();
    workbook.read_to_end(&mut stream).unwrap();
    change(&mut stream);
    let mut copy = cfb::create(to).unwrap();
    let mut workbook = copy.create_stream("/Workbook").unwrap();
    workbook.write_all(&stream).unwrap();
}

#[test]
fn a_workbook_of_excel_97_under_another_password_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("locked.xls");
    for way in ENCRYPTED_XLS {
        let name = format!("foreign/default_password_{way}.xls");
        with_stream(&name, &path, |stream| {
            // The last byte of what the password is checked with.
            let head = stream.windows(2).position(|pair| pair == [0x2F, 0]);
            let at = head.unwrap();
            let length = usize::from(u16::from_le_bytes([stream[at + 2], stream[at + 3]]));
            stream[at + 3 + length] ^= 1;
        });
        let error = open_error(&path);
        let TableError::OldFormat { kind, .. } = &error else {
            panic!("{way}: {error}");
        };
        assert_eq!(*kind, Saying::PasswordProtected, "{way}");
        assert!(error.to_string().contains("locked.xls"), "{way}: {error}");
    }
}

#[test]
fn an_encrypted_workbook_of_excel_97_that_breaks_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.xls");
    for way in ENCRYPTED_XLS {
        let name = format!("foreign/default_password_{way}.xls");
        for percent in [5, 20, 50, 80] {
            with_stream(&name, &path, |stream| {
                stream.truncate(stream.len() * percent / 100);
            });
            let opened = Workbook::open(&path, &ReadOptions::default());
            let read = opened.and_then(|workbook| read_all(&workbook, 1));
            let error = read.unwrap_err().to_string();
            assert!(error.contains("cut.xls"), "{way} {percent}: {error}");
        }
    }
}

#[test]
fn hidden_rows_are_told() {
    let read = |path: &Path| {
        let workbook = open(path);
        let mut reader = workbook.rows(0, 0).unwrap();
        while reader.read_row().unwrap().is_some() {}
        reader.hidden_rows()
    };
    assert_eq!(read(&fixture("filtered.xlsx")), [3..=4]);
    let folder = tempfile::tempdir().unwrap();
    let rows = "<row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\" hidden=\"1\"/>\
        <row r=\"3\" hidden=\"true\"><c r=\"A3\"><v>1</v></c></row><row r=\"4\" hidden=\"0\"><c r=\"A4\"><v>1</v></c></row>";
    let path = xlsx(&folder.path().join("some.xlsx"), ("", "", rows));
    assert_eq!(read(&path), [3..=3]);
    let row = |number: u8, flags: u8| [number, 0, 0, 0, 1, 0, 0xFF, 0, 0, 0, 0, 0, flags, 1, 0, 0];
    let cells: Vec<(u16, Vec<u8>)> = vec![
        (0x208, row(0, 0).to_vec()),
        (0x208, row(1, 0x20).to_vec()),
        (0x208, row(2, 0x20).to_vec()),
        (0x204, label(0, 0, "a")),
        (0x204, label(2, 0, "b")),
    ];
    let path = xls(&folder.path().join("some.xls"), &[], &borrowed(&cells));
    assert_eq!(read(&path), [3..=3]);
    let rows = "<table:table-row><table:table-cell office:value-type=\"string\"><text:p>a</text:p></table:table-cell>\
        </table:table-row><table:table-row table:visibility=\"filter\" table:number-rows-repeated=\"2\">\
        <table:table-cell office:value-type=\"string\"><text:p>b</text:p></table:table-cell></table:table-row>";
    let path = super::built::ods(&folder.path().join("some.ods"), rows);
    assert_eq!(read(&path), [2..=3]);
}

/// Returns a text cell of an XLS workbook.
fn label(row: u16, column: u16, text: &str) -> Vec<u8> {
    let head = [row, column, 0, text.len() as u16]
        .map(u16::to_le_bytes)
        .concat();
    [&head[..], &[0], text.as_bytes()].concat()
}

fn borrowed(records: &[(u16, Vec<u8>)]) -> Vec<(u16, &[u8])> {
    let records = records.iter();
    records
        .map(|(number, data)| (*number, data.as_slice()))
        .collect()
}

#[test]
fn rows_of_an_xls_that_are_out_of_order_are_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let cell = |row, column, text| (0x204, label(row, column, text));
    let records = [
        cell(2, 1, "f"),
        cell(2, 0, "e"),
        cell(0, 0, "a"),
        cell(1, 0, "c"),
        cell(0, 1, "b"),
    ];
    let path = xls(&folder.path().join("order.xls"), &[], &borrowed(&records));
    let rows = shown(&read_all(&open(&path), 0).unwrap());
    assert_eq!(rows, ["1: A=a B=b", "2: A=c", "3: A=e B=f"]);

    // A cell that is there twice stays an error: which of them counts is not known.
    let records = [cell(1, 0, "x"), cell(0, 0, "a"), cell(1, 0, "y")];
    let path = xls(&folder.path().join("twice.xls"), &[], &borrowed(&records));
    assert!(read_all(&open(&path), 0).is_err());
}

#[test]
fn an_xls_that_breaks_off_behind_its_cells_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let window = (0x23E, vec![0; 18]);
    let cut_off = |records: &[(u16, Vec<u8>)], kept: usize| {
        let path = xls(&folder.path().join("whole.xls"), &[], &borrowed(records));
        let mut stream = Vec::new();
        let mut container = cfb::open(&path).unwrap();
        let mut content = container.open_stream("/Workbook").unwrap();
        std::io::Read::read_to_end(&mut content, &mut stream).unwrap();
        // The record that ends the sheet takes four bytes.
        stream.truncate(stream.len() - 4 - kept);
        let path = folder.path().join("cut.xls");
        let mut container = cfb::create(&path).unwrap();
        let mut content = container.create_stream("/Workbook").unwrap();
        std::io::Write::write_all(&mut content, &stream).unwrap();
        drop(content);
        drop(container);
        read_all(&open(&path), 0).map(|rows| shown(&rows))
    };
    let first = (0x204, label(0, 0, "a"));
    let note = (0x1C, vec![0; 12]);
    let whole = [first.clone(), window, note];
    assert_eq!(cut_off(&whole, 0).unwrap(), ["1: A=a"]);
    assert_eq!(cut_off(&whole, 5).unwrap(), ["1: A=a"]);
    assert!(cut_off(&[first], 0).is_err());
}

#[test]
fn an_xls_whose_shared_texts_break_off_keeps_those_before() {
    let folder = tempfile::tempdir().unwrap();
    let shared = [
        &[2, 0, 0, 0, 2, 0, 0, 0][..],
        &[1, 0, 0, b'a'],
        &[9, 0, 0, b'b'],
    ]
    .concat();
    let cell = |row: u8, text: u8| (0xFD, vec![row, 0, 0, 0, 0, 0, text, 0, 0, 0]);
    let read = |cells: &[(u16, Vec<u8>)]| {
        let path = folder.path().join("texts.xls");
        let path = xls(&path, &[(0xFC, &shared)], &borrowed(cells));
        read_all(&open(&path), 0).map(|rows| shown(&rows))
    };
    assert_eq!(read(&[cell(0, 0)]).unwrap(), ["1: A=a"]);
    assert!(read(&[cell(0, 0), cell(1, 1)]).is_err());
}
