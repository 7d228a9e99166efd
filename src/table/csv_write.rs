//! Rows → CSV that Excel opens right: UTF-8 with a byte order mark, CRLF, quotes where needed, and an
//! apostrophe before text that Excel would run (see `guard.rs`). A plain file has neither mark nor apostrophes.
//!
//! CSV has one sheet, so only the first data sheet is written. Other sheets are accepted and dropped, so that a
//! job need not know its format. CSV has no last row and no longest cell, so nothing is cut.

use std::borrow::Cow;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

use csv::{Terminator, WriterBuilder};
use tempfile::NamedTempFile;

use super::write::{ChartSpec, OutCell, RowPlace, SheetRole, SheetSpec, StyledCell, TableWriter};
use super::{TableError, cell, guard, whole};

const BOM: &[u8] = b"\xEF\xBB\xBF";

/// A writer of one CSV file.
pub(super) struct CsvWriter {
    folder: PathBuf,
    records: csv::Writer<BufWriter<NamedTempFile>>,
    for_excel: bool,
    sheets: Sheets,
    next_row: u32,
}

#[derive(PartialEq, Eq)]
enum Sheets {
    NoneYet,
    Writing,
    Dropping { written: bool },
}

impl CsvWriter {
    pub(super) fn create(folder: &Path, for_excel: bool) -> Result<Self, TableError> {
        let mut output = BufWriter::new(whole::new_temporary(folder)?);
        if for_excel {
            output
                .write_all(BOM)
                .map_err(|source| TableError::writing(folder, source))?;
        }
        let records = WriterBuilder::new()
            .flexible(true)
            .terminator(Terminator::CRLF)
            .from_writer(output);
        Ok(Self {
            folder: folder.to_path_buf(),
            records,
            for_excel,
            sheets: Sheets::NoneYet,
            next_row: 1,
        })
    }

    fn write_text(&mut self, text: &str) -> Result<(), TableError> {
        let text = if text.contains('\0') {
            Cow::Owned(text.replace('\0', ""))
        } else {
            Cow::Borrowed(text)
        };
        let result = if self.for_excel && guard::needs_guard(&text) {
            self.records.write_field(format!("'{text}"))
        } else {
            self.records.write_field(text.as_bytes())
        };
        result.map_err(|error| self.write_error(error.into()))
    }

    fn end_record(&mut self) -> Result<(), TableError> {
        self.records
            .write_record(None::<&[u8]>)
            .map_err(|error| self.write_error(error.into()))?;
        self.next_row = self.next_row.saturating_add(1);
        Ok(())
    }

    fn write_error(&self, source: io::Error) -> TableError {
        TableError::writing(&self.folder, source)
    }

    fn into_file(self) -> Result<(NamedTempFile, PathBuf), TableError> {
        let folder = self.folder;
        let failed = |source: io::Error| TableError::writing(&folder, source);
        let output = self
            .records
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        let file = output
            .into_inner()
            .map_err(|error| failed(error.into_error()))?;
        Ok((file, folder))
    }
}

impl TableWriter for CsvWriter {
    fn start_sheet(&mut self, spec: SheetSpec) -> Result<(), TableError> {
        self.sheets = match (&self.sheets, spec.role) {
            (Sheets::NoneYet | Sheets::Dropping { written: false }, SheetRole::Data) => {
                Sheets::Writing
            }
            (Sheets::NoneYet, SheetRole::Side) => Sheets::Dropping { written: false },
            (Sheets::Dropping { written }, _) => Sheets::Dropping { written: *written },
            (Sheets::Writing, _) => Sheets::Dropping { written: true },
        };
        if self.sheets == Sheets::Writing
            && spec.columns.iter().any(|column| !column.header.is_empty())
        {
            for column in &spec.columns {
                self.write_text(&column.header)?;
            }
            self.end_record()?;
        }
        Ok(())
    }

    fn write_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError> {
        match self.sheets {
            Sheets::NoneYet => return Err(TableError::unwritable("a row before the first sheet")),
            Sheets::Dropping { .. } => return Ok(()),
            Sheets::Writing => {}
        }
        for styled in cells {
            match styled.cell {
                OutCell::Blank => self.write_text("")?,
                OutCell::Text(text)
                | OutCell::Error(text)
                | OutCell::DateTime(text)
                | OutCell::Link { text, .. } => {
                    self.write_text(text)?;
                }
                OutCell::Count(count) => self.write_text(&count.to_string())?,
                OutCell::Number(number) => self.write_text(&cell::number(number).0)?,
                OutCell::Bool(value) => self.write_text(&cell::boolean(value).0)?,
                OutCell::Kept(kept) => self.write_text(kept.text)?,
            }
        }
        self.end_record()
    }

    fn write_filtered_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError> {
        self.write_row(cells)
    }

    fn put_in_front(&mut self) {}

    fn add_chart(&mut self, _chart: &ChartSpec) -> Result<(), TableError> {
        Ok(())
    }

    fn next_place(&self) -> Option<RowPlace> {
        (self.sheets == Sheets::Writing).then(|| RowPlace {
            sheet: String::new(),
            row: self.next_row,
        })
    }

    fn cut_cells(&self) -> u64 {
        0
    }

    fn finish(self: Box<Self>, target: &Path) -> Result<(), TableError> {
        let (mut temporary, folder) = self.into_file()?;
        if folder == whole::folder_of(target) {
            return whole::put_in_place(temporary, target);
        }
        whole::write_whole(target, |file| {
            whole::copy(temporary.as_file_mut(), file, target)
        })
    }

    fn finish_into(self: Box<Self>, output: &mut dyn Write) -> Result<(), TableError> {
        let (mut temporary, folder) = self.into_file()?;
        whole::copy(temporary.as_file_mut(), output, &folder)
    }
}
