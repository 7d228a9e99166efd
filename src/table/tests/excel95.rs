//! Workbooks of Excel 5 and 95: a Chinese one that is built here, an empty one of Excel for the Mac, and damaged ones.
//!
//! `fixtures/excel95.xls` is one of calamine's own test files (MIT), saved by Excel for the Mac; all of its sheets are
//! empty. `fixtures/excel95_gbk.xls` holds the records of `chinese`; `LibreOffice` reads the same texts, numbers and
//! dates from it.

use std::io::{Read, Write};

use super::*;
use crate::model::Saying;

type Record = (u16, Vec<u8>);

fn gbk(text: &str) -> Vec<u8> {
    encoding_rs::GBK.encode(text).0.into_owned()
}

/// Returns row, column and cell style, with which most records begin.
fn at(row: u16, column: u16, style: u16) -> Vec<u8> {
    [row, column, style].map(u16::to_le_bytes).concat()
}

fn with(mut head: Vec<u8>, rest: &[u8]) -> Vec<u8> {
    head.extend_from_slice(rest);
    head
}

/// Returns a text with its length in bytes before it.
fn long_text(text: &str) -> Vec<u8> {
    let bytes = gbk(text);
    with((bytes.len() as u16).to_le_bytes().to_vec(), &bytes)
}

fn label(row: u16, column: u16, text: &str) -> Record {
    (0x204, with(at(row, column, 0), &long_text(text)))
}

fn number(row: u16, column: u16, style: u16, value: f64) -> Record {
    (0x203, with(at(row, column, style), &value.to_le_bytes()))
}

/// Returns a formula of one operand, with the eight bytes of its value.
fn formula(row: u16, column: u16, value: [u8; 8]) -> Record {
    let rest = [&value[..], &[0; 6], &[3, 0, 0x1E, 7, 0]].concat();
    (6, with(at(row, column, 0), &rest))
}

const TEXT_FOLLOWS: [u8; 8] = [0, 0, 0, 0, 0, 0, 0xFF, 0xFF];

/// Returns the styles of the built workbooks: General, a date of the workbook's own, a built-in date, zeros, percent.
fn styles() -> Vec<Record> {
    let own = |id: u16, code: &str| {
        let code = gbk(code);
        let head = with(id.to_le_bytes().to_vec(), &[code.len() as u8]);
        (0x41E, with(head, &code))
    };
    let mut records = vec![own(164, "yyyy\"年\"m\"月\"d\"日\""), own(165, "0000")];
    for format in [0_u16, 164, 14, 165, 9] {
        records.push((
            0xE0,
            [&[0, 0], &format.to_le_bytes()[..], &[0; 12]].concat(),
        ));
    }
    records
}

/// Returns the stream of a workbook: the records that all sheets share, then each sheet by name, state and records.
fn stream(globals: &[Record], sheets: &[(&str, u8, Vec<Record>)]) -> Vec<u8> {
    fn put(stream: &mut Vec<u8>, number: u16, data: &[u8]) {
        stream.extend(number.to_le_bytes());
        stream.extend((data.len() as u16).to_le_bytes());
        stream.extend(data);
    }
    let begin = |kind: u8| [0x00, 0x05, kind, 0x00, 0, 0, 0, 0];
    let build = |starts: &[u32]| {
        let mut stream = Vec::new();
        let mut places = Vec::new();
        put(&mut stream, 0x809, &begin(5));
        for (number, data) in globals {
            put(&mut stream, *number, data);
        }
        for ((name, state, _), start) in sheets.iter().zip(starts) {
            let name = gbk(name);
            let head = [
                &start.to_le_bytes()[..],
                &[*state, 0, name.len() as u8],
                &name,
            ]
            .concat();
            put(&mut stream, 0x85, &head);
        }
        put(&mut stream, 0x0A, &[]);
        for (_, _, records) in sheets {
            places.push(stream.len() as u32);
            put(&mut stream, 0x809, &begin(0x10));
            for (number, data) in records {
                put(&mut stream, *number, data);
            }
            put(&mut stream, 0x0A, &[]);
        }
        (stream, places)
    };
    let (_, starts) = build(&vec![0; sheets.len()]);
    build(&starts).0
}

fn code_page(number: u16) -> Record {
    (0x42, number.to_le_bytes().to_vec())
}

fn chinese() -> Vec<u8> {
    let text = |text: &str| (0x207, long_text(text));
    let rich = with(at(2, 0, 0), &with(long_text("李四"), &[0]));
    let many = [
        &at(3, 1, 0)[..4],
        &[0, 0, 0x01, 0, 0, 0x40],
        &[0, 0, 0x2E, 0, 0, 0],
    ]
    .concat();
    let sheet = vec![
        (0x200, [0_u16, 5, 0, 7, 0].map(u16::to_le_bytes).concat()),
        label(0, 0, "客户名称"),
        label(0, 1, "手机"),
        label(0, 2, "录入日期"),
        label(0, 3, "金额"),
        label(0, 4, "备注"),
        label(1, 0, "杭州某某科技有限公司"),
        number(1, 1, 0, 13_900_139_000.0),
        number(1, 2, 1, 45_610.0),
        number(1, 3, 0, 0.1 + 0.2),
        label(1, 4, "第一行\n第二行"),
        (0xD6, rich),
        number(2, 2, 2, 45_610.5),
        number(2, 3, 3, 571.0),
        number(2, 4, 4, 0.15),
        label(3, 0, "王五"),
        (0xBD, with(many, &2_u16.to_le_bytes())),
        (0x205, with(at(3, 3, 0), &[1, 0])),
        (0x205, with(at(3, 4, 0), &[0x2A, 1])),
        formula(4, 0, TEXT_FOLLOWS),
        text("赵六"),
        formula(4, 1, 7.0_f64.to_le_bytes()),
        formula(4, 3, [1, 0, 0, 0, 0, 0, 0xFF, 0xFF]),
        formula(4, 4, [2, 0, 7, 0, 0, 0, 0xFF, 0xFF]),
    ];
    let mut globals = vec![code_page(936)];
    globals.extend(styles());
    let hidden = vec![label(0, 0, "x")];
    stream(&globals, &[("客户", 0, sheet), ("隐藏", 1, hidden)])
}

fn workbook(folder: &Path, stream: &[u8]) -> PathBuf {
    let path = folder.join("old.xls");
    let file = std::fs::File::create(&path).unwrap();
    // Version 3 has the sectors of that time; `LibreOffice` reads no others.
    let mut container = cfb::CompoundFile::create_with_version(cfb::Version::V3, file).unwrap();
    let mut book = container.create_stream("/Book").unwrap();
    book.write_all(stream).unwrap();
    drop(book);
    drop(container);
    path
}

const CHINESE: [&str; 5] = [
    "1: A=客户名称 B=手机 C=录入日期 D=金额 E=备注",
    "2: A=杭州某某科技有限公司 B=13900139000 C=2024-11-14 D=0.3 E=第一行\n第二行",
    "3: A=李四 C=2024-11-14 12:00:00 D=571 E=0.15",
    "4: A=王五 B=0.02 C=11 D=TRUE E=#N/A",
    "5: A=赵六 B=7 D=FALSE E=#DIV/0!",
];

#[test]
fn a_chinese_workbook_is_read_in_its_code_page() {
    let folder = tempfile::tempdir().unwrap();
    let book = open(&workbook(folder.path(), &chinese()));
    assert_eq!(book.format(), Format::Xls);
    assert!(!book.keeps_number_formats());
    let sheets: Vec<_> = book
        .sheets()
        .iter()
        .map(|sheet| (sheet.name.as_str(), sheet.hidden))
        .collect();
    assert_eq!(sheets, [("客户", false), ("隐藏", true)]);
    let rows = read_all(&book, 0).unwrap();
    assert_eq!(shown(&rows), CHINESE);
    let shown_kinds = [CellKind::Text, CellKind::Number, CellKind::Number];
    assert_eq!(kinds(&rows[3])[..3], shown_kinds);
    assert_eq!(kinds(&rows[4])[3], CellKind::Error);
    assert_eq!(shown(&read_all(&book, 1).unwrap()), ["1: A=x"]);
}

#[test]
fn the_fixture_is_what_is_built_here() {
    let mut container = cfb::open(fixture("excel95_gbk.xls")).unwrap();
    let mut stream = Vec::new();
    let mut book = container.open_stream("/Book").unwrap();
    book.read_to_end(&mut stream).unwrap();
    assert!(stream == chinese());
    assert_eq!(shown_fixture("excel95_gbk.xls"), CHINESE);
}

/// Encrypts a stream as Excel 95 does under its own password. The sixteen bytes are those that msoffcrypto-tool makes
/// of it.
fn encrypted(stream: &[u8]) -> Vec<u8> {
    const MIXED: [u8; 16] = [
        0x87, 0x6B, 0x9A, 0xE2, 0x1E, 0xE3, 0x05, 0x62, 0x1E, 0x69, 0x96, 0x60, 0x98, 0x6E, 0x94,
        0x04,
    ];
    const FILE_PASS: [u8; 8] = [0x2F, 0, 4, 0, 0x59, 0xB3, 0x0A, 0x9A];
    let mut out = Vec::new();
    let mut rest = stream;
    while let [number, 0 | 2 | 4 | 8, low, high, behind @ ..] = rest {
        let length = usize::from(u16::from_le_bytes([*low, *high]));
        let (data, next) = behind.split_at(length);
        let is_begin = rest.starts_with(&[9, 8]);
        out.extend_from_slice(&rest[..4]);
        let start = out.len() + length;
        let plain = match number {
            _ if is_begin => length,
            0x85 => 4,
            _ => 0,
        };
        for (at, byte) in data.iter().enumerate() {
            let turned = byte.rotate_left(5) ^ MIXED[(start + at) % 16];
            out.push(if at < plain { *byte } else { turned });
        }
        if out.len() == 4 + length {
            out.extend_from_slice(&FILE_PASS);
        }
        rest = next;
    }
    assert!(rest.is_empty());
    out
}

#[test]
fn a_workbook_under_excels_own_password_opens() {
    // The place of a sheet counts what the record of the encryption takes.
    let mut plain = chinese();
    let mut at = 0;
    while at < plain.len() {
        let length = usize::from(u16::from_le_bytes([plain[at + 2], plain[at + 3]]));
        if plain[at..].starts_with(&[0x85, 0]) {
            let place = u32::from_le_bytes(plain[at + 4..at + 8].try_into().unwrap()) + 8;
            plain[at + 4..at + 8].copy_from_slice(&place.to_le_bytes());
        }
        at += 4 + length;
    }
    let folder = tempfile::tempdir().unwrap();
    let book = open(&workbook(folder.path(), &encrypted(&plain)));
    assert_eq!(shown(&read_all(&book, 0).unwrap()), CHINESE);
    assert_eq!(shown(&read_all(&book, 1).unwrap()), ["1: A=x"]);
}

#[test]
fn a_workbook_of_excel_for_the_mac_opens() {
    let book = open(&fixture("excel95.xls"));
    let names: Vec<_> = book
        .sheets()
        .iter()
        .map(|sheet| sheet.name.clone())
        .collect();
    let expected: Vec<_> = (1..=11).map(|number| format!("Sheet{number}")).collect();
    assert_eq!(names, expected);
    for sheet in 0..11 {
        assert!(read_all(&book, sheet).unwrap().is_empty());
    }
    assert!(open(&fixture("old.xls")).keeps_number_formats());
}

/// Checks that no row is lost or read twice where a piece for calamine ends.
#[test]
fn every_row_of_a_long_sheet_is_read_once() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..3000).filter(|row| row % 300 != 5);
    let cells = rows
        .clone()
        .flat_map(|row| [label(row, 0, "名"), number(row, 200, 0, f64::from(row))]);
    let path = workbook(
        folder.path(),
        &stream(&[code_page(936)], &[("S", 0, cells.collect())]),
    );
    let expected: Vec<String> = rows
        .map(|row| format!("{}: A=名 GS={row}", row + 1))
        .collect();
    assert_eq!(shown(&read_all(&open(&path), 0).unwrap()), expected);
}

/// Checks that rows out of order are sorted, with the texts of their formulas, and each is read once.
#[test]
fn rows_out_of_order_are_sorted() {
    let folder = tempfile::tempdir().unwrap();
    let read = |records: Vec<Record>| {
        let globals = [code_page(936)];
        let path = workbook(folder.path(), &stream(&globals, &[("S", 0, records)]));
        shown(&read_all(&open(&path), 0).unwrap())
    };
    let cells = (0..2000_u16).rev().flat_map(|row| {
        let text = (0x207, long_text(&format!("式{row}")));
        [formula(row, 1, TEXT_FOLLOWS), text, label(row, 0, "名")]
    });
    let expected: Vec<String> = (0..2000)
        .map(|row| format!("{}: A=名 B=式{row}", row + 1))
        .collect();
    assert_eq!(read(cells.collect()), expected);
    // One row comes in two parts, and the text of a formula is missing in one.
    let parts = vec![
        label(5, 2, "c"),
        formula(900, 0, TEXT_FOLLOWS),
        label(0, 0, "a"),
        formula(5, 0, 7.0_f64.to_le_bytes()),
        label(900, 1, "b"),
    ];
    assert_eq!(
        read(parts),
        ["1: A=a", "6: A=7 C=c", "901: A=#UNCALCULATED! B=b"]
    );
}

/// Checks the signs of an uncalculated workbook: 0 or nothing for every formula. One other value shows that all are
/// calculated.
#[test]
fn formulas_that_nobody_calculated_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let read = |records: Vec<Record>| {
        let path = workbook(
            folder.path(),
            &stream(&[code_page(936)], &[("S", 0, records)]),
        );
        shown(&read_all(&open(&path), 0).unwrap())
    };
    let zero = || formula(0, 0, [0; 8]);
    let nothing = || formula(0, 3, TEXT_FOLLOWS);
    assert_eq!(read(vec![zero()]), ["1: A=#UNCALCULATED!"]);
    assert_eq!(read(vec![nothing()]), ["1: D=#UNCALCULATED!"]);
    let seven = formula(1, 0, 7.0_f64.to_le_bytes());
    assert_eq!(read(vec![zero(), seven.clone()]), ["1: A=0", "2: A=7"]);
    let says_so = (0x5E, vec![0, 0]);
    assert_eq!(
        read(vec![says_so, zero(), seven]),
        ["1: A=#UNCALCULATED!", "2: A=7"]
    );
}

#[test]
fn what_a_small_file_claims_costs_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let claimed = (
        0x200,
        [0_u16, 0xFFFF, 0, 0xFFFF, 0].map(u16::to_le_bytes).concat(),
    );
    let corners = vec![claimed, label(0, 0, "a"), label(0xFFFF, 255, "b")];
    let sheets: Vec<_> = (0..200).map(|_| ("S", 0, corners.clone())).collect();
    let book = open(&workbook(
        folder.path(),
        &stream(&[code_page(936)], &sheets),
    ));
    assert_eq!(
        shown(&read_all(&book, 199).unwrap()),
        ["1: A=a", "65536: IV=b"]
    );
}

#[test]
fn damage_is_an_answer_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let read = |globals: &[Record], records: Vec<Record>| {
        let path = workbook(folder.path(), &stream(globals, &[("S", 0, records)]));
        match Workbook::open(&path, &ReadOptions::default()) {
            Ok(book) => read_all(&book, 0).unwrap_err(),
            Err(error) => error,
        }
    };
    let gbk_page = [code_page(936)];
    let first = || label(0, 0, "a");
    for (records, said) in [
        (vec![first(), label(0, 256, "b")], Saying::BeyondLastColumn),
        (vec![first(), first()], Saying::CellTwice),
    ] {
        let error = read(&gbk_page, records);
        let is_said =
            matches!(&error, TableError::Damaged { detail, .. } if *detail == said.into());
        assert!(is_said, "{error}");
    }
    let backwards = vec![label(900, 0, "a"), first(), label(900, 0, "b")];
    let error = read(&gbk_page, backwards);
    let is_said =
        matches!(&error, TableError::Damaged { detail, .. } if *detail == Saying::CellTwice.into());
    assert!(is_said, "{error}");
    // Numbers of neighbouring cells whose last column stands before the first.
    let error = read(&gbk_page, vec![first(), (0xBD, vec![1, 0, 1, 0, 0, 0])]);
    assert!(matches!(error, TableError::Damaged { .. }), "{error}");
    for number in [0x203, 0x204, 0xD6, 0x205, 0x27E, 0xBD, 6] {
        for length in 0..20 {
            let error = read(&gbk_page, vec![first(), (number, vec![1; length])]);
            assert!(
                matches!(error, TableError::Damaged { .. }),
                "{number:x}, {length}: {error}"
            );
        }
    }
    for globals in [
        vec![code_page(60_000)],
        vec![(0x42, vec![1])],
        vec![(0x22, vec![])],
        vec![(0xE0, vec![0])],
        vec![(0x41E, vec![164, 0, 9, b'0'])],
        vec![(0x85, vec![0; 6])],
        vec![(0xE0, vec![0; 16]); 60_000],
    ] {
        let error = read(&globals, Vec::new());
        assert!(matches!(error, TableError::NotAWorkbook { .. }), "{error}");
    }
    let locked = read(&[(0x2F, vec![1, 0])], Vec::new());
    assert!(
        matches!(
            locked,
            TableError::OldFormat {
                kind: Saying::PasswordProtected,
                ..
            }
        ),
        "{locked}"
    );
}

/// Checks that a workbook cut anywhere is an error, or gives all rows because its sheet had ended before the cut.
#[test]
fn a_workbook_that_breaks_off_is_never_read_as_whole() {
    let folder = tempfile::tempdir().unwrap();
    let whole = chinese();
    let path = fixture("excel95_gbk.xls");
    let rows = read_all(&open(&path), 0).unwrap();
    for length in (0..whole.len()).step_by(7) {
        let path = workbook(folder.path(), &whole[..length]);
        let read =
            Workbook::open(&path, &ReadOptions::default()).and_then(|book| read_all(&book, 0));
        if let Ok(read) = read {
            assert_eq!(read, rows, "{length}");
        }
    }
}
