//! An input as the cells of sheets, and cells as a file that ferry writes.
//!
//! A form feed ends a sheet, a line break a row, a tab a cell; a vertical tab is a line break inside a cell. The first
//! line of a sheet is its title.

use std::path::Path;

use crm_ferry::model::{Cell, Row, RowNumber};
use crm_ferry::table::{OutCell, SheetRole, SheetSpec, StyledCell, TableWriter, trim};

/// Returns the sheets of an input, each with its title. Cells are as a reader gives them: trimmed, and none is blank.
pub fn sheets(input: &str) -> Vec<(String, Vec<Row>)> {
    let sheets = input.split('\u{c}').map(|sheet| {
        let (title, rows) = sheet.split_once('\n').unwrap_or((sheet, ""));
        (
            title.to_owned(),
            rows.split('\n').zip(1..).filter_map(row).collect(),
        )
    });
    sheets.collect()
}

fn row((line, number): (&str, u32)) -> Option<Row> {
    let cells = line.split('\t').zip(0..).map(|(text, column)| {
        let text = text.replace('\u{b}', "\n").replace(['\r', '\0'], "");
        Cell::of_text(column, trim(&text).to_owned())
    });
    row_of(number, cells.filter(|cell| !cell.text.is_empty()).collect())
}

/// Makes a row of these cells; none if there are no cells.
fn row_of(number: u32, cells: Vec<Cell>) -> Option<Row> {
    (!cells.is_empty()).then(|| Row {
        number: RowNumber::new(number),
        cells,
        ragged: None,
        spans: Vec::new(),
        hidden_zeros: Vec::new(),
        corrected: Vec::new(),
    })
}

/// Writes a sheet of these texts, and puts the file in place.
pub fn write<'a>(
    mut writer: Box<dyn TableWriter>,
    title: &str,
    rows: impl IntoIterator<Item = Vec<&'a str>>,
    path: &Path,
) {
    let spec = SheetSpec {
        name: title.to_owned(),
        columns: Vec::new(),
        hidden: false,
        role: SheetRole::Data,
    };
    writer.start_sheet(spec).expect("the sheet can be written");
    for row in rows {
        let cells: Vec<StyledCell> = row
            .into_iter()
            .map(|text| match text {
                "" => StyledCell::plain(OutCell::Blank),
                text => StyledCell::plain(OutCell::Text(text)),
            })
            .collect();
        writer.write_row(&cells).expect("the row can be written");
    }
    writer.finish(path).expect("the file can be written");
}

/// Returns the texts of a row from the first column on.
pub fn texts(row: &Row) -> Vec<&str> {
    let width = row.cells.last().map_or(0, |cell| cell.column + 1);
    (0..width)
        .map(|column| row.cell(column).map_or("", |cell| &cell.text))
        .collect()
}
