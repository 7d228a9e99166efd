//! A sheet of sentences, which explains the other sheets of a workbook.

use crate::job::error::JobError;
use crate::table::{
    CellStyle, Column, OutCell, SheetRole, SheetSpec, StyledCell, TableError, TableWriter,
};

/// Starts the sheet. Widths are in characters.
pub(crate) fn start(
    name: &str,
    columns: impl IntoIterator<Item = (&'static str, f64)>,
    writer: &mut dyn TableWriter,
) -> Result<(), TableError> {
    let columns = columns.into_iter().map(|(header, width)| Column {
        header: header.to_owned(),
        width,
        ..Column::default()
    });
    writer.start_sheet(SheetSpec {
        name: name.to_owned(),
        columns: columns.collect(),
        hidden: false,
        role: SheetRole::Data,
    })
}

/// Writes a row of it.
pub(crate) fn write_row(texts: &[String], writer: &mut dyn TableWriter) -> Result<(), JobError> {
    let cells = texts.iter().map(|text| StyledCell {
        cell: match text.as_str() {
            "" => OutCell::Blank,
            text => OutCell::Text(text),
        },
        style: CellStyle::Prose,
        note: None,
    });
    Ok(writer.write_row(&cells.collect::<Vec<_>>())?)
}
