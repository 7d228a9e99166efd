//! Makes the writer of a format.

use std::path::Path;

use super::csv_write::CsvWriter;
use super::error::TableError;
use super::format::Format;
use super::write::TableWriter;
use super::xlsx_write::XlsxWriter;

/// Starts a CSV or XLSX file; other formats are an error. Temporary files are made in `folder`, best the folder of the
/// target.
pub fn create_writer(format: Format, folder: &Path) -> Result<Box<dyn TableWriter>, TableError> {
    Ok(match format {
        Format::Csv => Box::new(CsvWriter::create(folder, true)?),
        Format::Xlsx => Box::new(XlsxWriter::create(folder)?),
        Format::Xlsb | Format::Xls | Format::Ods => {
            return Err(TableError::unwritable("only .xlsx and .csv are written"));
        }
    })
}

/// Starts a workbook whose sheets end after `rows` rows, the heading included.
#[cfg(test)]
pub(crate) fn create_short_writer(
    folder: &Path,
    rows: u32,
) -> Result<Box<dyn TableWriter>, TableError> {
    Ok(Box::new(
        XlsxWriter::create(folder)?.with_rows_per_sheet(rows),
    ))
}

/// Starts a CSV file for programs other than Excel: no byte order mark, and no apostrophe before text
/// that a spreadsheet would run.
pub fn create_plain_csv_writer(folder: &Path) -> Result<Box<dyn TableWriter>, TableError> {
    Ok(Box::new(CsvWriter::create(folder, false)?))
}
