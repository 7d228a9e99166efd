//! Spreadsheets: one row-stream trait in, one row-sink trait out.
//!
//! Reading: [`Workbook::open`] decides what a file is by its content and lists its sheets;
//! [`Workbook::rows`] streams a sheet, as often as asked. Writing: [`create_writer`] gives a
//! [`TableWriter`] that is fed sheet by sheet and row by row, and whose file appears under its name
//! only when it is whole.
//!
//! The invariant of both: **what a person sees is what is passed on.** No id, phone number, date or
//! leading zero changes on the way, a row number is the one that Excel shows, and a table written here
//! reads back equal. Cells of the same content give the same text in every format, because all pass through `cell.rs`.
//!
//! Memory does not grow with rows, nor with what a small file claims. Held are, each within a bound, the shared texts
//! and merged ranges of a workbook that is read, and the notes of one that is written.
//!
//! ```text
//! workbook.rs   what a file is, its sheets    cell.rs          cell -> text, for every format
//!   foreign.rs    what is no table
//!   encrypted.rs  workbooks under Excel's own password; encrypted_xls.rs: those before 2007
//! csv_read.rs   records -> rows               csv_write.rs     rows -> records
//!   decode.rs     bytes -> text, rows made countable
//!     quotes.rs     quotes that hide rows
//!   encoding.rs   which encoding              guard.rs         text that a spreadsheet would run
//!   delimiter.rs  which delimiter
//! feed.rs       cells -> rows, in a thread    xlsx_write.rs    rows -> cells
//!   xlsx_read.rs  XML in a zip file           styles.rs        how a cell's style looks
//!     xlsx_book.rs  what its sheets share       kept.rs          numbers of a source, as they were
//!     xlsx_formats.rs  how its numbers look     xlsx_cell.rs    one cell
//!     archive.rs    the zip file
//!     xml_scan.rs   tags and texts
//!       utf16_part.rs  parts in UTF-16
//!   xlsb_read.rs  records in a zip file       fit.rs           what Excel cannot hold, made fit
//!   xls_read.rs   records in a compound file
//!   excel95.rs    the same of Excel 5 and 95, through calamine in pieces
//!     xls_records.rs  the records of both
//!     biff.rs       the bytes of XLS and XLSB
//!   ods_read.rs   XML of another kind in a zip file
//!     ods_shown.rs    what its cells show
//!   shared_texts.rs   texts that cells share, within a bound
//!   number_format.rs  what a number format shows
//!     format_code.rs      its code, compiled
//!     format_section.rs   one section of the code
//!     format_condition.rs the condition of a section
//!   limits.rs     how large a sheet can be; merged ranges
//! xlsx_form.rs  what may be entered into an XLSX sheet
//! lines_write.rs  lines -> a file
//! write.rs      the sink trait and its nouns  whole.rs         whole file or nothing
//!   create.rs     which writer makes a format
//! format.rs, sheet_info.rs, row_reader.rs, csv_text.rs   nouns that several of these share
//! ```
//!
//! A new format is a reader and a writer beside these, and an arm in `workbook.rs` and `create.rs`.

mod archive;
mod biff;
mod cell;
mod corrected;
mod create;
mod csv_read;
mod csv_record;
mod csv_text;
mod csv_write;
mod decode;
mod delimiter;
mod encoding;
mod encrypted;
mod encrypted_xls;
mod error;
mod excel95;
mod feed;
mod fit;
mod foreign;
mod format;
mod format_code;
mod format_condition;
mod format_section;
mod guard;
mod kept;
mod limits;
mod lines_write;
mod number_format;
mod ods_read;
mod ods_shown;
mod quotes;
mod row_reader;
mod shared_texts;
mod sheet_info;
mod styles;
mod utf16_part;
mod whole;
mod workbook;
mod write;
mod xls_read;
mod xls_records;
mod xlsb_read;
mod xlsx_book;

mod xlsx_form;
mod xlsx_formats;
mod xlsx_pen;
mod xlsx_read;
mod xlsx_rows;
mod xlsx_write;
mod xml_scan;

#[cfg(test)]
mod tests;

pub use cell::trim;
#[cfg(test)]
pub(crate) use create::create_short_writer;
pub use create::{create_plain_csv_writer, create_writer};
pub use error::TableError;
pub(crate) use fit::without_controls;
pub use format::Format;
pub use kept::{ColumnFormat, kept};
pub use limits::{LAST_COLUMN, LAST_ROW, MergedRange};
pub use lines_write::{LinesWriter, write_file};
pub use row_reader::RowReader;
pub use sheet_info::SheetInfo;
pub use workbook::{Dialect, ReadOptions, Workbook};
pub use write::{
    Allowed, CellFormat, CellStyle, ChartKind, ChartSpec, Column, EntryRule, KeptNumber,
    NumberCode, NumberLook, OutCell, RowPlace, SheetRole, SheetSpec, StyledCell, TableWriter,
};
pub use xlsx_formats::SheetFormats;
