//! Reading XLS, XLSB and ODS: the same rows as from XLSX, their limits, and files that are no such workbook.

use std::io::Write;

use super::built::{ods, record, wide, with_part, xlsb};
use super::*;
use crate::model::Saying;

fn cells(name: &str) -> PathBuf {
    fixture("cells").join(name)
}

fn shown_cells(name: &str) -> Vec<String> {
    shown(&read_all(&open(&cells(name)), 0).unwrap())
}

#[test]
fn one_table_in_every_format() {
    let xlsx = shown_fixture("libreoffice.xlsx");
    for (name, format) in [("libreoffice.ods", Format::Ods), ("old.xls", Format::Xls)] {
        assert_eq!(open(&fixture(name)).format(), format);
        assert_eq!(shown_fixture(name), xlsx, "{name}");
    }
    assert_eq!(open(&cells("hand.xlsb")).format(), Format::Xlsb);
}

#[test]
fn the_1904_date_system_in_every_format() {
    for name in ["date1904.xls", "date1904.ods"] {
        let rows = shown_cells(name);
        assert_eq!(rows, shown_fixture("date1904.xlsx"), "{name}");
    }
    assert_eq!(
        shown_cells("date1904.xlsb")[1],
        "2: A=张三 B=2024-11-14 08:30:00 C=08:30:00 D=36:00:00"
    );
}

#[test]
fn a_claimed_dimension_costs_nothing_in_any_format() {
    for (name, last) in [
        ("corner.ods", "1048576: XFD=右下"),
        ("corner.xlsb", "1048576: XFD=右下"),
        ("corner.xls", "65536: IV=右下"),
    ] {
        assert_eq!(shown_cells(name), ["1: A=左上", last], "{name}");
    }
}

#[test]
fn covered_cells_are_blank_and_merged_ranges_are_told() {
    for name in ["merged.xlsx", "merged.ods", "merged.xls", "merged.xlsb"] {
        let workbook = open(&cells(name));
        let mut reader = workbook.rows(0, 0).unwrap();
        let mut rows = Vec::new();
        while let Some(row) = reader.read_row().unwrap() {
            rows.push(row);
        }
        let rows = shown(&rows);
        assert_eq!(rows[0], "1: A=客户名称 B=联系方式 D=备用", "{name}");
        assert_eq!(rows[3], "4: B=13800138002 C=b@example.com", "{name}");
        let mut merged = reader.merged();
        merged.sort_by_key(|range| (range.first_row, range.first_column));
        let places: Vec<String> = merged.iter().map(ToString::to_string).collect();
        assert_eq!(places, ["A1:A2", "B1:C1", "D1:E1", "A3:A4"], "{name}");
    }
}

/// Checks that a cut file is an error, or gives all its rows.
#[test]
fn cut_files_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["hand.xlsb", "libreoffice.xls", "libreoffice.ods"] {
        let whole = std::fs::read(cells(name)).unwrap();
        let rows = read_all(&open(&cells(name)), 0).unwrap();
        for part in 1..16 {
            let path = folder.path().join("cut");
            std::fs::write(&path, &whole[..whole.len() * part / 16]).unwrap();
            let Ok(workbook) = Workbook::open(&path, &ReadOptions::default()) else {
                continue;
            };
            if let Ok(fewer) = read_all(&workbook, 0) {
                assert_eq!(fewer, rows, "{name} cut at {part}/16");
            }
        }
    }
}

fn is_broken_reader(error: &TableError) -> bool {
    matches!(error, TableError::Damaged { detail, .. } if *detail == Saying::ReaderBroke.into())
}

#[test]
fn a_reader_that_panics_is_an_error() {
    let mut rows = feed::stream(Path::new("a.xls"), "S", 0, |_| panic!("on purpose")).unwrap();
    assert!(is_broken_reader(&rows.read_row().unwrap_err()));
    assert_eq!(rows.read_row().unwrap(), None);
}

/// Checks that a changed byte never makes the reader panic.
#[test]
fn damaged_records_are_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let whole = std::fs::read(cells("libreoffice.xls")).unwrap();
    for at in (512..whole.len()).step_by(97) {
        let mut damaged = whole.clone();
        damaged[at] = !damaged[at];
        let path = folder.path().join("damaged.xls");
        std::fs::write(&path, &damaged).unwrap();
        if let Ok(workbook) = Workbook::open(&path, &ReadOptions::default())
            && let Err(error) = read_all(&workbook, 0)
        {
            assert!(!is_broken_reader(&error), "byte {at}: {error}");
        }
    }
}

/// Checks that no sheet is lost without a word where the list of parts breaks off.
#[test]
fn an_xlsb_whose_list_of_parts_breaks_off_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = xlsb(&folder.path().join("a.xlsb"), (&[], &[], &[]));
    let sheet = |id, name| record(0x9C, &[&[0; 8][..], &wide(id), &wide(name)].concat());
    let book = [sheet("r1", "S"), sheet("r2", "T")].concat();
    with_part(&path, "xl/workbook.bin", &book);
    let with_relations = |rest: &str| {
        let first = "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/s.bin\"/>";
        let relations = format!("{first}{rest}");
        with_part(&path, "xl/_rels/workbook.bin.rels", relations.as_bytes());
    };
    with_relations("<Relationship Id=\"r2\" Target=\"worksheets/s.bin\"/></Relationships>");
    assert_eq!(open(&path).sheets().len(), 2);
    for (rest, expected) in [
        (
            "<Relationship Id=\"r2\" Target=\"works",
            "the XML breaks off inside a tag",
        ),
        (
            "<Relationship Id=\"r2\" Target=\"worksheets/&s;.bin\"/></Relationships>",
            "the XML has an unknown entity",
        ),
    ] {
        with_relations(rest);
        let error = open_error(&path);
        assert!(
            matches!(&error, TableError::NotAWorkbook { detail, .. } if *detail == expected.into()),
            "{rest}: {error}"
        );
    }
}

/// Checks that a part of an ODS workbook may be missing, but not damaged.
#[test]
fn a_damaged_part_of_an_ods_is_not_taken_for_a_missing_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ods");
    let part = "meta.xml";
    let row = "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>";
    ods(&path, row);
    assert_eq!(read_all(&open(&path), 0).unwrap().len(), 1);
    with_part(&path, part, b"<a/>");
    assert_eq!(read_all(&open(&path), 0).unwrap().len(), 1);
    let mut bytes = std::fs::read(&path).unwrap();
    // A part's head in a zip file: its signature, 26 bytes, its name.
    let name = memchr::memmem::find(&bytes, part.as_bytes()).unwrap();
    assert_eq!(&bytes[name - 30..name - 26], b"PK\x03\x04");
    bytes[name - 30] = b'?';
    std::fs::write(&path, &bytes).unwrap();
    let read =
        Workbook::open(&path, &ReadOptions::default()).and_then(|workbook| read_all(&workbook, 0));
    let error = read.unwrap_err();
    assert!(
        matches!(
            error,
            TableError::NotAWorkbook { .. } | TableError::Damaged { .. }
        ),
        "{part}: {error}"
    );
}

#[test]
fn what_is_no_workbook_of_its_name_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::File::create(&path)
            .unwrap()
            .write_all(bytes)
            .unwrap();
        path
    };
    let ole = &std::fs::read(cells("libreoffice.xls")).unwrap()[..512];
    for (name, bytes) in [
        (
            "zero.xls",
            &b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"[..],
        ),
        ("head.xls", ole),
        ("text.ods", b"a,b\n"),
        ("text.xlsb", b"a,b\n"),
    ] {
        let error = open_error(&write(name, bytes));
        assert!(
            matches!(error, TableError::NotAWorkbook { .. }),
            "{name}: {error}"
        );
    }
}

/// Checks that a compound file that is no readable workbook of Excel 97 is refused with its kind.
#[test]
fn locked_and_ancient_workbooks_are_named() {
    let folder = tempfile::tempdir().unwrap();
    // BOF of Excel 97, then FILEPASS, behind which all records are encrypted.
    let locked = [
        0x09, 0x08, 4, 0, 0x00, 0x06, 0x05, 0x00, 0x2F, 0x00, 2, 0, 1, 0,
    ];
    for (stream, bytes, kind) in [
        ("/EncryptedPackage", &b"x"[..], Saying::PasswordProtected),
        ("/Workbook", &locked[..], Saying::PasswordProtected),
        ("/Book", &b"x"[..], Saying::OldXls),
    ] {
        let path = folder.path().join("other.xls");
        let mut container = cfb::create(&path).unwrap();
        container
            .create_stream(stream)
            .unwrap()
            .write_all(bytes)
            .unwrap();
        drop(container);
        let error = open_error(&path);
        assert!(
            matches!(&error, TableError::OldFormat { kind: found, .. } if *found == kind),
            "{stream}: {error}"
        );
    }
    let path = folder.path().join("letter.xls");
    cfb::create(&path)
        .unwrap()
        .create_stream("/WordDocument")
        .unwrap();
    assert!(matches!(
        open_error(&path),
        TableError::OldFormat {
            kind: Saying::TextDocument,
            ..
        }
    ));
}

#[test]
fn a_cell_of_a_megabyte_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv");
    let long = "长".repeat(340_000);
    std::fs::write(&path, format!("名称,备注\r\n甲,{long}\r\n")).unwrap();
    let rows = read_all(&open(&path), 0).unwrap();
    assert_eq!(
        rows[1].cell(1).map(|cell| cell.text.as_str()),
        Some(long.as_str())
    );
}
