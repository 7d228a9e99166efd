//! Small files that claim more than a spreadsheet can hold are refused with the place, in every format.

use super::built::{ods, record, wide, with_part, xls, xlsb, xlsb_cell, xlsx};
use super::*;

/// Returns the detail of the [`TableError::TooLarge`] with which a file is refused.
fn refused(path: &Path) -> String {
    let error = match Workbook::open(path, &ReadOptions::default()) {
        Ok(workbook) => read_all(&workbook, 0).unwrap_err(),
        Err(error) => error,
    };
    assert!(matches!(error, TableError::TooLarge { .. }), "{error}");
    error.detail().to_string()
}

fn first_cell(path: &Path) -> String {
    let rows = read_all(&open(path), 0).unwrap();
    rows[0].cells[0].text.clone()
}

#[test]
fn a_cell_holds_what_a_cell_can_hold() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let place = "long-cell cell=A1 limit=32767 sheet=S";
    for (length, is_whole) in [(32_767, true), (32_768, false), (500_000, false)] {
        // A letter of three bytes, an entity and an escape: the raw text is longer than what is counted.
        for letter in ["长", "&amp;", "_x0041_"] {
            let text = letter.repeat(length);
            let inline = format!(
                "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><t>{text}</t></is></c></row>"
            );
            let rich = format!(
                "<row r=\"1\"><c r=\"A1\" t=\"inlineStr\"><is><r><t>{text}</t></r><r><t/></r></is></c></row>"
            );
            let formula =
                format!("<row r=\"1\"><c r=\"A1\" t=\"str\"><f>x</f><v>{text}</v></c></row>");
            for rows in [inline, rich, formula] {
                let path = xlsx(&at("a.xlsx"), ("", "", &rows));
                if is_whole {
                    assert_eq!(first_cell(&path).chars().count(), length);
                } else {
                    assert_eq!(refused(&path), place);
                }
            }
            let shared = format!("<si><t>x</t></si><si><t>{text}</t></si>");
            let rows = "<row r=\"1\"><c r=\"A1\" t=\"s\"><v>1</v></c></row>";
            let path = xlsx(&at("b.xlsx"), ("", &shared, rows));
            if is_whole {
                assert_eq!(first_cell(&path).chars().count(), length);
            } else {
                let said = refused(&path);
                let number = "long-shared-text limit=32767 number=2";
                assert!([place, number].contains(&said.as_str()), "{said}");
            }
        }
        let text = "长".repeat(length);
        let cell = format!(
            "<table:table-row><table:table-cell><office:annotation><text:p>{0}{0}</text:p></office:annotation>\
            <text:p>{1}</text:p><text:p>{1}</text:p></table:table-cell></table:table-row>",
            "注".repeat(20_000),
            "长".repeat(length / 2),
        );
        let path = ods(&at("c.ods"), &cell);
        // The line break between the two paragraphs counts too.
        if is_whole {
            assert_eq!(first_cell(&path).chars().count(), length / 2 * 2 + 1);
        } else {
            assert_eq!(refused(&path), place);
        }
        let cells = [(0x06, xlsb_cell(0, &wide(&text)))];
        let path = xlsb(&at("d.xlsb"), (&[], &[], &cells));
        let shared = [(0x07, xlsb_cell(0, &[0; 4]))];
        let other = xlsb(&at("e.xlsb"), (&[], &[&text], &shared));
        for path in [path, other] {
            if is_whole {
                assert_eq!(first_cell(&path).chars().count(), length);
            } else {
                assert_eq!(refused(&path), place);
            }
        }
    }
    // XLS texts have up to 65 535 letters, in records of at most 8224 bytes.
    let letters = vec![b'x'; 8000];
    let head = [&[0, 0, 0, 0, 0, 0, 0x40, 0x9C, 0][..], &letters].concat();
    let more = [&[0][..], &letters].concat();
    let mut cells: Vec<(u16, &[u8])> = vec![(0x204, &head)];
    cells.extend([(0x3C, more.as_slice()); 4]);
    assert_eq!(refused(&xls(&at("f.xls"), &[], &cells)), place);
}

#[test]
fn a_row_is_bounded_too() {
    let folder = tempfile::tempdir().unwrap();
    let shared = format!("<si><t>{}</t></si>", "x".repeat(32_767));
    let cells = "<c t=\"s\"><v>0</v></c>";
    let path = folder.path().join("wide.xlsx");
    let rows = |count| format!("<row r=\"7\">{}</row>", cells.repeat(count));
    xlsx(&path, ("", &shared, &rows(120)));
    assert_eq!(read_all(&open(&path), 0).unwrap()[0].cells.len(), 120);
    xlsx(&path, ("", &shared, &rows(130)));
    assert_eq!(refused(&path), "long-row limit=4 row=7 sheet=S");
}

/// Checks that no part which all sheets share is read beyond 64 MiB.
#[test]
fn the_shared_parts_of_an_xlsb_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.xlsb");
    let sheet = record(0x9C, &[&[0; 8][..], &wide("r1"), &wide("S")].concat());
    let records = [sheet, record(0x01, &vec![0; 13 << 20]).repeat(5)].concat();
    let comments = format!("<!--{}-->", "x".repeat(1 << 20)).repeat(65);
    for (part, bytes) in [
        ("xl/workbook.bin", records.as_slice()),
        ("xl/styles.bin", &records),
        ("xl/_rels/workbook.bin.rels", comments.as_bytes()),
    ] {
        xlsb(&path, (&[], &[], &[]));
        with_part(&path, part, bytes);
        let said = open_error(&path).detail().to_string();
        assert_eq!(said, "a part of the workbook is too large", "{part}");
    }
}

#[test]
fn merged_ranges_of_an_xls_are_bounded() {
    let folder = tempfile::tempdir().unwrap();
    // A record of 1000 ranges, each of two rows.
    let mut record = 1000_u16.to_le_bytes().to_vec();
    for _ in 0..1000 {
        record.extend([1, 0, 2, 0, 0, 0, 0, 0]);
    }
    let merged = |records: usize| {
        let path = folder.path().join("a.xls");
        xls(&path, &[], &vec![(0xE5, record.as_slice()); records]);
        let mut reader = open(&path).rows(0, 0).unwrap();
        assert_eq!(reader.read_row().unwrap(), None);
        reader.merged().len()
    };
    assert_eq!(merged(3), 3000);
    assert_eq!(merged(101), limits::MOST_MERGED);
}

#[test]
fn what_an_ods_repeats_stays_within_the_header() {
    let folder = tempfile::tempdir().unwrap();
    let rows = "<table:table-row><table:table-cell table:number-columns-repeated=\"2\"><text:p>a</text:p></table:table-cell>\
        </table:table-row><table:table-row table:number-rows-repeated=\"1048575\"><table:table-cell \
        table:number-columns-repeated=\"16384\"><text:p>x</text:p></table:table-cell></table:table-row>";
    let path = ods(&folder.path().join("repeat.ods"), rows);
    let mut reader = open(&path).rows_within(0, 0, 2).unwrap();
    let header = reader.read_row().unwrap().unwrap();
    assert_eq!(shown(&[header]), ["1: A=a B=a"]);
    // The header has two columns. One cell beyond it is given, so that the caller notices it.
    for number in 2..5000 {
        let row = reader.read_row().unwrap().unwrap();
        assert_eq!(shown(&[row]), [format!("{number}: A=x B=x C=x")]);
    }
    // Five blank cells stand before the repeated one.
    let beyond = "<table:table-row><table:table-cell table:number-columns-repeated=\"2\"><text:p>a</text:p></table:table-cell>\
        </table:table-row><table:table-row><table:table-cell table:number-columns-repeated=\"5\"/><table:table-cell \
        table:number-columns-repeated=\"16379\"><text:p>x</text:p></table:table-cell></table:table-row>";
    let path = ods(&folder.path().join("beyond.ods"), beyond);
    let mut reader = open(&path).rows_within(0, 0, 2).unwrap();
    reader.read_row().unwrap();
    let row = reader.read_row().unwrap().unwrap();
    assert_eq!(shown(&[row]), ["2: F=x"]);
}

#[test]
fn an_ods_loses_no_entity_and_no_blanks() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("entity.ods");
    let cell = |text: &str| {
        let cell = format!("<table:table-cell><text:p>{text}</text:p></table:table-cell>");
        ods(&path, &format!("<table:table-row>{cell}</table:table-row>"));
    };
    cell("张&amp;三&#10;&lt;<text:span>李</text:span>  四<text:s/><text:s text:c=\"2\"/>五");
    assert_eq!(first_cell(&path), "张&三\n<李 四   五");
    for text in ["张&foo;三", "张&amp三", "&nbsp;"] {
        cell(text);
        let error = read_all(&open(&path), 0).unwrap_err();
        let is_said = matches!(&error, TableError::Damaged { detail, .. } if detail.to_string().contains("unknown entity"));
        assert!(is_said, "{error}");
    }
    for count in ["32766", "4000000000", "99999999999999999999"] {
        cell(&format!("张<text:s text:c=\"{count}\"/>三"));
        assert_eq!(refused(&path), "long-cell cell=A1 limit=32767 sheet=S");
    }
    cell("张<text:s text:c=\"32765\"/>三");
    assert_eq!(first_cell(&path).chars().count(), 32_767);
}

#[test]
fn a_cell_of_a_csv_file_has_a_bound() {
    let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
    let text = |length: usize| format!("a,b\n\"1\n2\",\"{}\"\n", "x".repeat(length));
    std::fs::write(file.path(), text(1 << 20)).unwrap();
    assert_eq!(read_all(&open(file.path()), 0).unwrap().len(), 2);
    std::fs::write(file.path(), text((1 << 20) + 1)).unwrap();
    assert_eq!(
        refused(file.path()),
        "long-quoted-cell column=B limit=1 line=3"
    );
}
