//! Formulas without a calculated value, as libraries write them that never calculate, in every format.

use super::built::{ods, xls, xlsb, xlsb_cell, xlsx};
use super::*;
use crate::model::UNCALCULATED;

fn formula(name: &str) -> PathBuf {
    fixture(&format!("formulas/{name}"))
}

/// Returns the addresses of the cells that are formulas without a value.
fn uncalculated(path: &Path) -> Vec<String> {
    let rows = read_all(&open(path), 0).unwrap();
    let cells = rows.iter().flat_map(|row| {
        row.cells.iter().map(move |cell| {
            let is_one = cell.kind == CellKind::Uncalculated;
            assert_eq!(is_one, cell.text == UNCALCULATED, "{cell:?}");
            let letters = crate::model::column_letters(cell.column);
            is_one.then(|| format!("{letters}{}", row.number.row))
        })
    });
    cells.flatten().collect()
}

#[test]
fn what_libraries_write_that_do_not_calculate() {
    let cases: [(&str, &[&str]); 6] = [
        ("formula_no_value.xlsx", &["C2", "D2", "B3"]),
        ("formula_outdated_zero.xlsx", &["C2"]),
        ("openpyxl.xlsx", &["C1", "B2"]),
        // A blank result, an array over two cells, a dynamic array; B4 and B5 have values of their own.
        ("xlsxwriter.xlsx", &["B2", "C2", "D2", "B3", "C3"]),
        ("xlwt.xls", &["B2"]),
        ("odfpy.ods", &["B2"]),
    ];
    for (name, expected) in cases {
        assert_eq!(uncalculated(&formula(name)), expected, "{name}");
    }
    let rows = read_all(&open(&formula("xlsxwriter.xlsx")), 0).unwrap();
    assert_eq!(shown(&rows)[3..], ["4: B=a1", "5: B=FALSE"]);
}

#[test]
fn xlsx_tells_no_value_from_an_empty_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.xlsx");
    let rows = "<row r=\"1\"><c r=\"A1\"><f>x</f></c><c r=\"B1\"><f>x</f><v/></c><c r=\"C1\"><f>x</f><v> </v></c>\
        <c r=\"D1\"><f t=\"shared\" si=\"0\"/></c><c r=\"E1\" t=\"str\"><f>x</f></c><c r=\"F1\" t=\"b\"><f>x</f><v/></c>\
        <c r=\"G1\" t=\"str\"><f>x</f><v/></c><c r=\"H1\" t=\"str\"><f>x</f><v></v></c><c r=\"I1\"><f>x</f><v>0</v></c>\
        <c r=\"J1\"><v>0</v></c><c r=\"K1\" s=\"1\"/><c r=\"L1\" t=\"str\"><f>x</f><v>y</v></c>\
        <c r=\"M1\"><f>x</f><v>0.0</v></c></row>";
    xlsx(&path, ("", "", rows));
    assert_eq!(
        uncalculated(&path),
        ["A1", "B1", "C1", "D1", "E1", "F1"],
        "calculated"
    );
    let texts = shown(&read_all(&open(&path), 0).unwrap());
    assert!(texts[0].ends_with("I=0 J=0 L=y M=0"), "{texts:?}");
    for flag in ["1", "true"] {
        let calculation = format!("<calcPr calcId=\"1\" fullCalcOnLoad=\"{flag}\"/>");
        xlsx(&path, (&calculation, "", rows));
        assert_eq!(
            uncalculated(&path),
            ["A1", "B1", "C1", "D1", "E1", "F1", "G1", "H1", "I1", "M1"],
            "outdated"
        );
    }
}

#[test]
fn xlsb_knows_outdated_values() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.xlsb");
    let number = |value: f64| value.to_le_bytes().to_vec();
    let cells = [
        (0x09, xlsb_cell(0, &number(0.0))),
        (0x09, xlsb_cell(1, &number(2.0))),
        (0x08, xlsb_cell(2, &[0; 4])),
        (0x05, xlsb_cell(3, &number(0.0))),
    ];
    for (flags, expected) in [(0, &[][..]), (1, &["A1", "C1"][..])] {
        let mut calculation = [0; 26];
        calculation[24] = flags;
        xlsb(&path, (&calculation, &[], &cells));
        assert_eq!(uncalculated(&path), expected, "flags {flags}");
    }
}

/// Returns the record of a formula in the first row of an XLS sheet, with the eight bytes of its value.
fn xls_formula(column: u8, result: [u8; 8]) -> Vec<u8> {
    [&[0, 0, column, 0, 0, 0][..], &result, &[0; 8]].concat()
}

#[test]
fn xls_knows_values_that_nobody_has_calculated() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.xls");
    let zero = xls_formula(0, [0; 8]);
    let empty = xls_formula(1, [3, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    let awaited = xls_formula(2, [0, 0, 0, 0, 0, 0, 0xFF, 0xFF]);
    let two = xls_formula(3, 2.0_f64.to_le_bytes());
    let text = [1, 0, 0, b'x'];
    let engine = [0xC1, 0x01, 0, 0, 0x54, 0x8D, 1, 0];
    let numbered: &[(u16, &[u8])] = &[(0x1C1, &engine)];
    let unnumbered: &[(u16, &[u8])] = &[(0x1C1, &[0xC1, 1, 0, 0, 0, 0, 0, 0])];
    let stubs: &[(u16, &[u8])] = &[(6, &zero), (6, &empty)];
    // In a workbook of a program that calculates, 0 and the empty text are values. A text that never comes is none.
    assert!(uncalculated(&xls(&path, numbered, stubs)).is_empty());
    let cells: &[(u16, &[u8])] = &[(6, &awaited), (6, &two)];
    assert_eq!(uncalculated(&xls(&path, numbered, cells)), ["C1"]);
    assert_eq!(
        uncalculated(&xls(&path, numbered, &[(6, &awaited)])),
        ["C1"]
    );
    let cells: &[(u16, &[u8])] = &[(6, &awaited), (0x4BC, &[]), (0x207, &text)];
    assert!(uncalculated(&xls(&path, numbered, cells)).is_empty());
    // Without such a program, a value other than 0 and the empty text shows that all were calculated.
    for globals in [&[][..], unnumbered] {
        assert_eq!(uncalculated(&xls(&path, globals, stubs)), ["A1", "B1"]);
        let cells: &[(u16, &[u8])] = &[(6, &zero), (6, &empty), (6, &two)];
        assert!(uncalculated(&xls(&path, globals, cells)).is_empty());
    }
    // A record of the sheet says that it was saved before it was calculated.
    let cells: &[(u16, &[u8])] = &[(0x5E, &[0, 0]), (6, &zero), (6, &empty), (6, &two)];
    assert_eq!(uncalculated(&xls(&path, numbered, cells)), ["A1", "B1"]);
}

#[test]
fn ods_tells_no_value_from_an_empty_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("f.ods");
    let cell =
        |rest: &str| format!("<table:table-cell table:formula=\"of:=x\" {rest}</table:table-cell>");
    let row = |cells: &[String]| format!("<table:table-row>{}</table:table-row>", cells.concat());
    let bare = [cell(">"), cell("><text:p>shown</text:p>")];
    ods(&path, &row(&bare));
    assert_eq!(uncalculated(&path), ["A1"]);
    // Other formulas have a value, so all were calculated, and a formula without a value gave an empty text.
    let mixed = [
        cell(">"),
        cell("office:value-type=\"float\">"),
        cell("office:value-type=\"string\">"),
        cell("office:value-type=\"string\" office:string-value=\"\">"),
        cell("office:value-type=\"float\" office:value=\"0\"><text:p>0</text:p>"),
    ];
    ods(&path, &row(&mixed));
    assert_eq!(uncalculated(&path), ["B1"]);
    let texts = shown(&read_all(&open(&path), 0).unwrap());
    assert!(texts[0].ends_with("E=0"), "{texts:?}");
    // The same holds for a workbook of a program that calculates.
    for (program, expected) in [("LibreOffice/7.4", 0), ("ODFPY/1.4", 1)] {
        let content = format!(
            "<office:spreadsheet><table:table table:name=\"S\">{}</table:table></office:spreadsheet>",
            row(&bare)
        );
        let meta = format!("<office:meta><meta:generator>{program}</meta:generator></office:meta>");
        let parts: [(&str, &[u8]); 3] = [
            (
                "mimetype",
                b"application/vnd.oasis.opendocument.spreadsheet",
            ),
            ("meta.xml", meta.as_bytes()),
            ("content.xml", content.as_bytes()),
        ];
        super::built::zip_file(&path, &parts);
        assert_eq!(uncalculated(&path).len(), expected, "{program}");
    }
}
