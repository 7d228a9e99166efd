//! Which number format a cell is written in that has one, and how high rows are.

use super::built::zip_file;
use super::write::{data, part};
use super::*;

const STYLES: &str = "<styleSheet>\
    <numFmts><numFmt numFmtId=\"165\" formatCode=\"0000\"/><numFmt numFmtId=\"166\" formatCode=\";;;\"/></numFmts>\
    <cellXfs><xf numFmtId=\"0\"/><xf numFmtId=\"165\"/><xf numFmtId=\"9\"/><xf numFmtId=\"166\"/><xf numFmtId=\"14\"/>\
    <xf numFmtId=\"165\" fontId=\"1\"/></cellXfs>\
    <dxfs><dxf><numFmt numFmtId=\"165\" formatCode=\"&quot;KH&quot;0000\"/></dxf>\
    <dxf><numFmt numFmtId=\"9\" formatCode=\"General\"/></dxf></dxfs></styleSheet>";

/// Writes a workbook whose first sheet has these cells in row 2; the second sheet has a number in row 1001.
fn save_styled(path: &Path, cells: &str) {
    let header = ["A", "B", "C", "D", "E", "F", "G"]
        .map(|letter| format!("<c r=\"{letter}1\" t=\"inlineStr\"><is><t>{letter}</t></is></c>"))
        .concat();
    let sheet = |rows: String| format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let first = sheet(format!(
        "<row r=\"1\">{header}</row><row r=\"2\">{cells}</row>"
    ));
    let second = sheet("<row r=\"1001\"><c r=\"A1001\" s=\"1\"><v>7</v></c></row>".to_owned());
    let book = "<workbook><sheets><sheet name=\"S\" r:id=\"r1\"/><sheet name=\"T\" r:id=\"r2\"/></sheets></workbook>";
    let relations = "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"s.xml\"/>\
        <Relationship Id=\"r2\" Type=\"x/worksheet\" Target=\"t.xml\"/>\
        <Relationship Id=\"r3\" Type=\"x/styles\" Target=\"styles.xml\"/></Relationships>";
    zip_file(
        path,
        &[
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
            ("xl/styles.xml", STYLES.as_bytes()),
            ("xl/s.xml", first.as_bytes()),
            ("xl/t.xml", second.as_bytes()),
        ],
    );
}

/// Checks the format of each cell that is written again. The formats of conditions stand behind those of the cells, and
/// some programs give them the same numbers.
#[test]
fn each_cell_is_written_in_its_own_format_and_in_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("styled.xlsx");
    save_styled(
        &path,
        "<c r=\"A2\" s=\"1\"><v>571</v></c>\
         <c r=\"B2\" s=\"2\" t=\"inlineStr\"><is><t>15%</t></is></c>\
         <c r=\"C2\" s=\"3\" t=\"inlineStr\"><is><t>12</t></is></c>\
         <c r=\"D2\" s=\"4\" t=\"d\"><v>2024-05-01</v></c>\
         <c r=\"E2\" s=\"2\"><v>0.15</v></c>\
         <c r=\"F2\" s=\"5\"><v>5</v></c>\
         <c r=\"G2\"><v>5</v></c>",
    );
    let source = open(&path);
    let formats = source.formats(0, 1);
    let row = &read_all(&source, 0).unwrap()[1];
    let code = |text: &str| Some(NumberCode::Code(text.to_owned()));
    let written = row.cells.iter().map(|cell| {
        let written = kept(cell, Some(cell), formats.of(cell));
        match written {
            OutCell::Kept(kept) => (kept.number.to_string(), kept.code.cloned()),
            OutCell::Text(text) => (text.to_owned(), None),
            other => panic!("{other:?}"),
        }
    });
    let written: Vec<(String, Option<NumberCode>)> = written.collect();
    let expected = [
        ("571", code("0000")),
        ("15%", None),
        ("12", code(";;;")),
        ("45413", Some(NumberCode::BuiltIn(14))),
        ("0.15", Some(NumberCode::BuiltIn(9))),
        ("5", code("0000")),
        ("5", None),
    ];
    let expected: Vec<_> = expected.map(|(text, code)| (text.to_owned(), code)).into();
    assert_eq!(written, expected);
    // Styles that differ in other things alone have one format.
    assert_eq!(formats.of(&row.cells[0]), formats.of(&row.cells[5]));
    let columns: Vec<u32> = formats.of_columns().map(|(column, _)| column).collect();
    assert_eq!(columns, [0, 2, 3, 4, 5]);

    let formats = source.formats(1, 0);
    let number = &read_all(&source, 1).unwrap()[0].cells[0];
    assert_eq!(formats.of(number).map(ColumnFormat::code), code("0000"));
    assert_eq!(formats.of_columns().count(), 1);
}

#[test]
fn only_so_many_rows_are_made_higher() {
    const ROWS: u32 = 7_100;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("high.xlsx");
    let mut writer = create_writer(Format::Xlsx, folder.path()).unwrap();
    writer.start_sheet(data("Rows", &["word"])).unwrap();
    let long = "客户".repeat(30);
    for _ in 0..ROWS {
        let word = StyledCell {
            style: CellStyle::Wrapped,
            ..StyledCell::plain(OutCell::Text(&long))
        };
        writer.write_row(&[word]).unwrap();
    }
    writer.finish(&path).unwrap();
    let sheet = part(&path, "xl/worksheets/sheet1.xml");
    let is_high = |number: u32| {
        let from = sheet.find(&format!("<row r=\"{number}\"")).unwrap();
        let end = sheet[from..].find('>').unwrap();
        sheet[from..from + end].contains("ht=")
    };
    assert!(is_high(7_001) && !is_high(7_002));
    assert_eq!(read_all(&open(&path), 0).unwrap().len(), ROWS as usize + 1);
}
