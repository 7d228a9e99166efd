//! The door through which `fuzz/` reads and writes the hidden sheet.

use std::path::Path;

use super::ferry_sheet::FerrySheet;
use crate::table::{Format, ReadOptions, Workbook, create_writer};

/// Reads the hidden sheet of a workbook, writes it to another file and reads it again. Returns both, as text; `None` if
/// the workbook has none that can be read.
///
/// # Panics
///
/// If the sheet that was written cannot be read.
pub fn ferry_sheet_again(path: &Path, again: &Path) -> Option<(String, String)> {
    let book = Workbook::open(path, &ReadOptions::default()).ok()?;
    let mut sheet = FerrySheet::read(&book).ok()??;
    let mut headers = Vec::new();
    sheet.columns.retain(|column| {
        let is_first = !headers.contains(&column.header);
        headers.push(column.header.clone());
        is_first
    });
    let folder = again.parent()?;
    let mut writer = create_writer(Format::Xlsx, folder).expect("the folder can be written");
    sheet
        .write(writer.as_mut())
        .expect("the sheet can be written");
    writer.finish(again).expect("the file can be written");
    let book = Workbook::open(again, &ReadOptions::default()).expect("a workbook of ferry's");
    let read = FerrySheet::read(&book).expect("a sheet of ferry's");
    Some((format!("{sheet:?}"), format!("{:?}", read?)))
}
