//! Delimited text → rows, one pass, one record in memory.
//!
//! A row's number is the number of its record, as Excel shows it: a blank line is a row, a quoted record with line
//! breaks is one row, a `sep=` line is none. `decode.rs` makes rows countable. A closing quote that ends no cell is an
//! error, and cells of several lines are reported with their rows (`quotes.rs`).

use std::fs::File;
use std::path::{Path, PathBuf};

use csv::{ByteRecord, ErrorKind, ReaderBuilder};
use encoding_rs::Encoding;

use super::csv_record::CsvRecord;
use super::csv_text::{MARK, TextFault};
use super::decode::Decoded;
use super::limits::{CSV_CELL_MIB, RECORD_LIMIT_MIB};
use super::quotes::holds_rows;
use super::{RowReader, TableError, cell, delimiter, encoding, guard};
use crate::model::{Cell, LineSpan, Phrase, Row, RowNumber, Saying, column_letters};

const BUFFER: usize = 64 * 1024;

/// How the bytes of a CSV file are to be read.
#[derive(Clone, Copy)]
pub(super) struct CsvDialect {
    pub(super) encoding: &'static Encoding,
    pub(super) delimiter: u8,
    pub(super) is_unguarded: bool,
}

/// Streams the rows of a CSV file.
pub(super) struct CsvReader {
    path: PathBuf,
    dialect: CsvDialect,
    records: csv::Reader<Decoded<File>>,
    record: ByteRecord,
    number: RowNumber,
    /// The line of the file in which the next record begins, from 1.
    line: u64,
    /// Whether blanks follow the delimiters, as the first record shows.
    is_spaced: bool,
    is_first_record: bool,
    ended: bool,
}

impl CsvReader {
    pub(super) fn open(path: &Path, dialect: CsvDialect, sheet: u16) -> Result<Self, TableError> {
        let file = File::open(path).map_err(|source| TableError::from_io(path, source))?;
        let records = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(dialect.delimiter)
            .buffer_capacity(BUFFER)
            .from_reader(Decoded::new(file, dialect.encoding, dialect.delimiter));
        Ok(Self {
            path: path.to_path_buf(),
            dialect,
            records,
            record: ByteRecord::new(),
            number: RowNumber { sheet, row: 0 },
            line: 1,
            is_spaced: false,
            is_first_record: true,
            ended: false,
        })
    }

    fn next_row(&mut self) -> Result<Option<Row>, TableError> {
        loop {
            self.records.get_mut().start_record();
            let row = self.number.row.saturating_add(1);
            if !self
                .records
                .read_byte_record(&mut self.record)
                .map_err(|error| self.fault(error, row))?
            {
                return Ok(None);
            }
            let Some(record) = CsvRecord::of(&self.record) else {
                return Err(self.error(row, Saying::NotDelimited));
            };
            let line = self.line;
            self.line += 1 + line_breaks(record.text());
            if std::mem::take(&mut self.is_first_record) {
                if delimiter::is_sep_line(record.fields(), self.dialect.delimiter) {
                    continue;
                }
                self.is_spaced = record.fields().any(|field| field.starts_with(' '));
            }
            if row == u32::MAX {
                return Err(self.error(row, Saying::TooManyRows));
            }
            self.number.row = row;
            let is_marked = memchr::memchr(MARK as u8, record.text().as_bytes()).is_some();
            if is_marked && record.swallowed_the_end() {
                return Err(self.error(row, Saying::OpenQuote));
            }
            let spans = if self.line > line + 1 {
                self.spans(record, line)
            } else {
                Vec::new()
            };
            self.refuse_long(record, line)?;
            let cells = self.cells(record, is_marked);
            if !cells.is_empty() {
                return Ok(Some(Row {
                    number: self.number,
                    cells,
                    ragged: Some(record.len() as u32),
                    spans,
                    hidden_zeros: Vec::new(),
                    corrected: Vec::new(),
                }));
            }
        }
    }

    fn cells(&self, record: CsvRecord<'_>, is_marked: bool) -> Vec<Cell> {
        let mut cells = Vec::with_capacity(record.len());
        let own = |text: &str| {
            cell::text(if self.dialect.is_unguarded {
                text
            } else {
                guard::strip_guard(text)
            })
        };
        for (column, field) in record.fields().enumerate() {
            let text = if is_marked && field.contains(MARK) {
                own(&field.replace(MARK, ""))
            } else {
                own(field)
            };
            if let Some(text) = text {
                cells.push(Cell::of_text(column as u32, text));
            }
        }
        cells
    }

    /// Returns the cells of the record that have several lines; the record begins in `line`.
    fn spans(&self, record: CsvRecord<'_>, mut line: u64) -> Vec<LineSpan> {
        let delimiter = self.dialect.delimiter;
        let mut spans = Vec::new();
        for (column, field) in record.fields().enumerate() {
            let breaks = line_breaks(field);
            if breaks == 0 {
                continue;
            }
            let width = record.len();
            spans.push(LineSpan {
                column: column as u32,
                line,
                holds_delimiter: memchr::memchr(delimiter, field.as_bytes()).is_some(),
                holds_rows: holds_rows(field, column, width, delimiter, self.is_spaced),
            });
            line += breaks;
        }
        spans
    }

    /// Fails if a cell is longer than `CSV_CELL_MIB`; the record begins in `line`.
    fn refuse_long(&self, record: CsvRecord<'_>, line: u64) -> Result<(), TableError> {
        const LONGEST: usize = (CSV_CELL_MIB as usize) << 20;
        if record.text().len() <= LONGEST {
            return Ok(());
        }
        let Some(column) = record.fields().position(|field| field.len() > LONGEST) else {
            return Ok(());
        };
        let before = record.fields().take(column).map(line_breaks);
        let what = Phrase::new(Saying::LongQuotedCell)
            .with("column", column_letters(column as u32))
            .with("line", (line + before.sum::<u64>()).to_string())
            .with("limit", CSV_CELL_MIB.to_string());
        Err(TableError::TooLarge {
            path: self.path.clone(),
            what: what.into(),
        })
    }

    fn quote_error(&self, line: u64, what: Saying) -> TableError {
        TableError::Quote {
            path: self.path.clone(),
            line,
            what,
        }
    }

    fn error(&self, row: u32, detail: Saying) -> TableError {
        TableError::Csv {
            path: self.path.clone(),
            row,
            detail,
        }
    }

    fn fault(&self, error: csv::Error, row: u32) -> TableError {
        let path = self.path.clone();
        let ErrorKind::Io(source) = error.into_kind() else {
            return self.error(row, Saying::NotDelimited);
        };
        match source
            .get_ref()
            .and_then(|inner| inner.downcast_ref::<TextFault>())
        {
            Some(TextFault::Undecodable) => TableError::Encoding {
                path,
                encoding: encoding::name(self.dialect.encoding),
                row,
            },
            Some(TextFault::StrayQuote(line)) => self.quote_error(*line, Saying::QuoteInsideCell),
            Some(TextFault::Nul) => self.error(row, Saying::NulByte),
            Some(TextFault::TooLong) => TableError::TooLong {
                path,
                row,
                limit_mib: RECORD_LIMIT_MIB,
            },
            None => TableError::from_io(&path, source),
        }
    }
}

/// Returns how many line breaks a text has; CR and LF together are one.
fn line_breaks(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let breaks = memchr::memchr2_iter(b'\n', b'\r', bytes);
    let is_second = |at: usize| {
        bytes.get(at) == Some(&b'\n')
            && at.checked_sub(1).and_then(|at| bytes.get(at)) == Some(&b'\r')
    };
    breaks.filter(|at| !is_second(*at)).count() as u64
}

impl RowReader for CsvReader {
    fn read_row(&mut self) -> Result<Option<Row>, TableError> {
        if self.ended {
            return Ok(None);
        }
        let result = self.next_row();
        self.ended = !matches!(result, Ok(Some(_)));
        result
    }
}
