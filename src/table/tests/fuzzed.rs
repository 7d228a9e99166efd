//! What the targets of `fuzz/` have found in readers, each in its smallest form.

use super::built::{ods, xls, xlsb, xlsb_cell, xlsx};
use super::*;
use crate::model::Saying;

/// Returns the merged ranges of the first sheet.
fn merged(path: &Path) -> Vec<String> {
    let mut reader = open(path).rows(0, 0).unwrap();
    while reader.read_row().unwrap().is_some() {}
    reader.merged().iter().map(ToString::to_string).collect()
}

/// Guards 9246334, 2026-11-29.
#[test]
fn an_xls_has_no_cells_behind_its_last_column() {
    let folder = tempfile::tempdir().unwrap();
    let number = |column: u16| [&[0; 2], &column.to_le_bytes()[..], &[0; 10]].concat();
    let read = |column| {
        let path = folder.path().join("a.xls");
        xls(&path, &[], &[(0x203, &number(column))]);
        read_all(&open(&path), 0)
    };
    assert_eq!(shown(&read(255).unwrap()), ["1: IV=0"]);
    for column in [256, 65_535] {
        let error = read(column).unwrap_err();
        let is_said = matches!(&error, TableError::Damaged { detail, .. } if *detail == Saying::BeyondLastColumn.into());
        assert!(is_said, "{error}");
    }
}

/// Guards 9246334, 2026-11-29.
#[test]
fn merged_ranges_end_where_a_sheet_ends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ods");
    let spans =
        "table:number-rows-spanned=\"4294967295\" table:number-columns-spanned=\"4294967295\"";
    let cell = format!("<table:table-cell {spans}><text:p>a</text:p></table:table-cell>");
    ods(&path, &format!("<table:table-row>{cell}</table:table-row>"));
    assert_eq!(merged(&path), ["A1:XFD1048576"]);
    let blank = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell/></table:table-row>";
    ods(
        &path,
        &format!("{blank}<table:table-row><table:table-cell {spans}/></table:table-row>"),
    );
    assert!(merged(&path).is_empty());

    let path = folder.path().join("a.xlsb");
    let range = |numbers: [u32; 4]| (0xB0, numbers.map(u32::to_le_bytes).concat());
    let cells = [
        (0x05, xlsb_cell(0, &[0; 8])),
        range([0, u32::MAX, 1, u32::MAX]),
        range([0, 1, u32::MAX, u32::MAX]),
    ];
    xlsb(&path, (&[], &[], &cells));
    assert_eq!(merged(&path), ["B1:XFD1048576"]);
}

/// Guards 9246334, 2026-11-29.
#[test]
fn hidden_rows_of_an_ods_cost_no_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.ods");
    let hidden = "<table:table-row table:number-rows-repeated=\"1048576\" table:visibility=\"collapse\"><table:table-cell/>\
        </table:table-row>";
    ods(&path, &hidden.repeat(20_000));
    assert!(read_all(&open(&path), 0).unwrap().is_empty());
}

/// Guards ca73ace, 2026-11-29.
#[test]
fn an_error_that_shows_nothing_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    let of_ods = folder.path().join("a.ods");
    let cell =
        "<table:table-cell calcext:value-type=\"error\"><text:p> </text:p></table:table-cell>";
    ods(
        &of_ods,
        &format!("<table:table-row>{cell}</table:table-row>"),
    );
    let of_xlsx = folder.path().join("a.xlsx");
    let cell = "<row r=\"1\"><c r=\"A1\" t=\"e\"><v> </v></c></row>";
    xlsx(&of_xlsx, ("", "", cell));
    for path in [of_ods, of_xlsx] {
        let rows = read_all(&open(&path), 0).unwrap();
        assert_eq!(shown(&rows), ["1: A=#UNKNOWN!"]);
        assert_eq!(kinds(&rows[0]), [CellKind::Error]);
    }
}
