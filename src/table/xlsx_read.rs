//! XLSX → cells, streamed.
//!
//! The sheet's XML is scanned as it is inflated, so memory holds a few batches of rows and the shared texts, whatever
//! dimension the sheet claims. Any text of an error cell is an error value, also newer ones (`#SPILL!`, `#CALC!`).
//!
//! A formula counts by its stored value. It is [`CellKind::Uncalculated`] without one, and also where the workbook
//! calls its values outdated and the stored value is 0 or an empty text, as programs write that do not calculate.
//!
//! Merged ranges stand behind the cells in the file, so they are known when the walk has ended.
//!
//! Source: ECMA-376 part 1, 18.3.1 (cells), 18.18.11 (their types).

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use super::archive;
use super::feed::{self, FedRows, Feed, Halt};
use super::limits::{LAST_COLUMN, LAST_ROW, LONGEST_RAW, MOST_MERGED, MergedRange};
use super::number_format::NumberFormat;
use super::sheet_info::SheetInfo;
use super::xlsx_book::{self, Book, rich_text, trim_run};
use super::xlsx_formats::SheetFormats;
use super::xml_scan::{ScanError, Scanner, Token, attribute, attributes, unescape, unescape_units};
use super::{TableError, cell};
use crate::model::{CellKind, Saying};

/// The most array formulas that are remembered at a time.
const MOST_ARRAYS: usize = 10_000;

/// An opened workbook.
pub(super) struct XlsxSource {
    book: Arc<Book>,
}

impl XlsxSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        Ok(Self {
            book: Arc::new(Book::open(path)?),
        })
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        let sheets = self.book.sheets.iter();
        sheets.map(|(info, _)| info.clone()).collect()
    }

    /// Returns the number formats of the workbook.
    pub(super) fn formats(&self) -> SheetFormats {
        SheetFormats::of_book(self.book.formats.shared())
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        position: usize,
        number_as: u16,
    ) -> Result<FedRows, TableError> {
        let Some((info, part)) = self.book.sheets.get(position) else {
            return Err(TableError::SheetMissing {
                path: path.to_path_buf(),
                sheet: position,
            });
        };
        let book = Arc::clone(&self.book);
        let (owned_path, part) = (path.to_path_buf(), part.clone());
        feed::stream(path, &info.name, number_as, move |feed| {
            let mut archive = archive::open(&owned_path).map_err(Halt::Failed)?;
            let Some(index) = xlsx_book::position(&archive, &part) else {
                return Err(feed.damaged(&format!("{part} is missing")));
            };
            let source = archive
                .by_index(index)
                .map_err(|error| feed.damaged(&error))?;
            let mut walk = Walk {
                scanner: Scanner::new(source),
                book: &book,
                row: 0,
                column: 0,
                text: Vec::new(),
                arrays: Vec::new(),
            };
            walk.cells(feed)?;
            let merged = walk.merged().map_err(|error| feed.damaged(&error))?;
            feed.note_merged(merged);
            Ok(())
        })
    }
}

/// The type of a cell, as far as it matters for its value.
#[derive(Clone, Copy)]
enum Type {
    Number,
    Shared,
    Inline,
    Formula,
    Bool,
    Error,
    IsoDate,
    Other,
}

/// One walk over one sheet.
struct Walk<'a, R> {
    scanner: Scanner<R>,
    book: &'a Book,
    row: u32,
    column: u32,
    /// The value of the current cell.
    text: Vec<u8>,
    /// The ranges that array formulas fill and that may reach the current cell; noted only where values are outdated.
    arrays: Vec<MergedRange>,
}

/// What the elements of a cell say beside the text of its value.
#[derive(Clone, Copy, Default)]
struct Parts {
    is_formula: bool,
    has_value: bool,
}

impl<R: Read> Walk<'_, R> {
    fn cells(&mut self, feed: &mut Feed) -> Result<(), Halt> {
        let mut next_row = 0;
        loop {
            match self.scanner.next().map_err(|error| feed.damaged(&error))? {
                Token::Open {
                    name: b"c",
                    attributes,
                    is_empty,
                } => {
                    let head = CellHead::read(attributes);
                    let head = head.map_err(|detail| feed.damaged(detail))?;
                    if let Some((row, column)) = head.place {
                        (self.row, self.column) = (row, column);
                    }
                    let place = (self.row, self.column);
                    self.column = self.column.saturating_add(1);
                    if !is_empty {
                        let content = self.value(&head, place).map_err(|error| match error {
                            CellError::Scan(ScanError::LongText | ScanError::TooLong) => {
                                feed.too_long(place)
                            }
                            error => feed.damaged(&error),
                        })?;
                        if content.is_some() && (place.0 >= LAST_ROW || place.1 >= LAST_COLUMN) {
                            return Err(feed.damaged("a cell stands beyond XFD1048576"));
                        }
                        let is_formatted = match head.kind {
                            Type::Number | Type::IsoDate => true,
                            _ => matches!(content, Some((_, CellKind::Obscured))),
                        };
                        let (_, format) = self.book.formats.get(head.style);
                        feed.add_formatted(place, content, format.filter(|_| is_formatted))?;
                    }
                }
                Token::Open {
                    name: b"row",
                    attributes: all,
                    ..
                } => {
                    let named = attributes(all).find(|(name, _)| *name == b"r");
                    let is_hidden = attributes(all)
                        .any(|(name, value)| name == b"hidden" && matches!(value, b"1" | b"true"));
                    self.row = match named {
                        Some((_, digits)) => whole_number(digits)
                            .and_then(|row| row.checked_sub(1))
                            .ok_or_else(|| feed.damaged("a row has no number"))?,
                        None => next_row,
                    };
                    next_row = self.row.saturating_add(1);
                    self.column = 0;
                    if is_hidden {
                        feed.hide(self.row);
                    }
                }
                Token::Open {
                    name: b"sheetData",
                    is_empty: true,
                    ..
                }
                | Token::Close { name: b"sheetData" } => return Ok(()),
                Token::End => return Err(feed.said(Saying::SheetWithoutEnd)),
                _ => {}
            }
        }
    }

    /// Reads a cell to its end and returns its content.
    fn value(
        &mut self,
        head: &CellHead,
        place: (u32, u32),
    ) -> Result<Option<(String, CellKind)>, CellError> {
        self.text.clear();
        let mut parts = Parts::default();
        if !self.usual_value(head)? {
            parts = self.any_value(head, place)?;
        }
        if self.is_uncalculated(head, parts, place) {
            return Ok(Some(cell::uncalculated()));
        }
        if self.text.is_empty() {
            return Ok(None);
        }
        let text = std::str::from_utf8(&self.text).map_err(|_| ScanError::Encoding)?;
        self.content(head, text)
    }

    /// Reads a value of the most common form in one step; returns `false`, with nothing read, for other forms.
    fn usual_value(&mut self, head: &CellHead) -> Result<bool, ScanError> {
        let is_inline = matches!(head.kind, Type::Inline);
        let (open, close): (&[u8], &[u8]) = if is_inline {
            (b"<is><t>", b"</t></is></c>")
        } else {
            (b"<v>", b"</v></c>")
        };
        let Some(raw) = self.scanner.between(open, close) else {
            return Ok(false);
        };
        unescape(raw, &mut self.text)?;
        if is_inline {
            trim_run(&mut self.text, 0);
        }
        Ok(true)
    }

    fn any_value(&mut self, head: &CellHead, place: (u32, u32)) -> Result<Parts, CellError> {
        let mut parts = Parts::default();
        loop {
            match self.scanner.next()? {
                Token::Open {
                    name: b"f",
                    attributes,
                    is_empty,
                } => {
                    parts.is_formula = true;
                    if self.book.is_outdated {
                        let range = attribute(attributes, "ref")?.unwrap_or_default();
                        self.arrays.retain(|range| range.last_row > place.0);
                        if attribute(attributes, "t")?.as_deref() == Some("array")
                            && self.arrays.len() < MOST_ARRAYS
                        {
                            self.arrays.extend(merged_range(&range));
                        }
                    }
                    if !is_empty {
                        self.scanner.skip(b"f")?;
                    }
                }
                Token::Open {
                    name: b"v" | b"is",
                    is_empty: true,
                    ..
                } => parts.has_value = true,
                Token::Open {
                    name,
                    is_empty: false,
                    ..
                } => match name {
                    b"v" if matches!(head.kind, Type::Inline) => self.scanner.skip(b"v")?,
                    b"v" => {
                        parts.has_value = true;
                        self.plain_text(b"v")?;
                    }
                    b"is" => {
                        parts.has_value = true;
                        rich_text(&mut self.scanner, b"is", &mut self.text)?;
                    }
                    b"extLst" => self.scanner.skip(b"extLst")?,
                    _ => {}
                },
                Token::Close { name: b"c" } => return Ok(parts),
                Token::End => return Err(CellError::Scan(ScanError::Cut)),
                _ => {}
            }
        }
    }

    /// Returns whether a cell is a formula without a value, or with a value that stands for none. An empty text is a
    /// value only in a cell of a text type.
    fn is_uncalculated(&self, head: &CellHead, parts: Parts, place: (u32, u32)) -> bool {
        let raw = self.text.trim_ascii();
        let is_text = matches!(head.kind, Type::Formula | Type::Inline);
        if parts.is_formula && raw.is_empty() && !(is_text && parts.has_value) {
            return true;
        }
        if !self.book.is_outdated {
            return false;
        }
        let is_stub = match head.kind {
            Type::Number => std::str::from_utf8(raw).is_ok_and(|text| text.parse() == Ok(0.0_f64)),
            Type::Formula => raw.is_empty() && parts.has_value,
            _ => false,
        };
        let is_in = |range: &MergedRange| {
            (range.first_row..=range.last_row).contains(&place.0.saturating_add(1))
                && (range.first_column..=range.last_column).contains(&place.1)
        };
        is_stub && (parts.is_formula || self.arrays.iter().any(is_in))
    }

    fn content(
        &self,
        head: &CellHead,
        text: &str,
    ) -> Result<Option<(String, CellKind)>, CellError> {
        let (format, _) = self.book.formats.get(head.style);
        let as_text = |raw: &str| NumberFormat::shown_text(format, raw);
        Ok(match head.kind {
            Type::Inline | Type::Formula => match unescape_units(text) {
                Some(text) => as_text(&text),
                None => as_text(text),
            },
            Type::Shared => {
                let shared = whole_number(text.trim().as_bytes())
                    .and_then(|position| self.book.strings.get(position as usize));
                as_text(shared.ok_or(CellError::Shared)?)
            }
            Type::Number => match text.trim().parse::<f64>() {
                Ok(value) => Some(match format {
                    Some(format) => format.show(value, self.book.is_1904),
                    None => cell::number(value),
                }),
                Err(_) => as_text(text),
            },
            Type::Bool => match text.trim() {
                "1" | "true" | "TRUE" => Some(cell::boolean(true)),
                "0" | "false" | "FALSE" => Some(cell::boolean(false)),
                _ => return Err(CellError::Bool),
            },
            Type::Error => Some(cell::error(text)),
            Type::IsoDate => cell::iso_date(text),
            Type::Other => return Err(CellError::Type),
        })
    }

    fn plain_text(&mut self, end: &[u8]) -> Result<(), ScanError> {
        loop {
            match self.scanner.next()? {
                Token::Text(raw) => unescape(raw, &mut self.text)?,
                Token::Literal(raw) => self.text.extend_from_slice(raw),
                Token::Close { name } if name == end => return Ok(()),
                Token::End => return Err(ScanError::Cut),
                _ => {}
            }
            if self.text.len() > LONGEST_RAW {
                return Err(ScanError::LongText);
            }
        }
    }

    /// Reads the merged ranges, which stand behind the cells.
    fn merged(&mut self) -> Result<Vec<MergedRange>, ScanError> {
        let mut ranges = Vec::new();
        loop {
            match self.scanner.next()? {
                Token::Open {
                    name: b"mergeCell",
                    attributes,
                    ..
                } => {
                    let range = attribute(attributes, "ref")?.unwrap_or_default();
                    if ranges.len() < MOST_MERGED {
                        ranges.extend(merged_range(&range));
                    }
                }
                Token::End => return Ok(ranges),
                _ => {}
            }
        }
    }
}

/// The attributes of a cell's tag.
struct CellHead {
    /// 0-based row and column; a cell without an address follows the cell before.
    place: Option<(u32, u32)>,
    style: usize,
    kind: Type,
}

impl CellHead {
    fn read(all: &[u8]) -> Result<Self, &'static str> {
        let mut head = Self {
            place: None,
            style: 0,
            kind: Type::Number,
        };
        for (name, value) in attributes(all) {
            match name {
                b"r" => head.place = Some(place(value).ok_or("a cell has no address")?),
                b"s" => head.style = whole_number(value).unwrap_or(0) as usize,
                b"t" => {
                    head.kind = match value {
                        b"n" => Type::Number,
                        b"s" => Type::Shared,
                        b"inlineStr" => Type::Inline,
                        b"str" => Type::Formula,
                        b"b" => Type::Bool,
                        b"e" => Type::Error,
                        b"d" => Type::IsoDate,
                        _ => Type::Other,
                    };
                }
                _ => {}
            }
        }
        Ok(head)
    }
}

/// Why a cell cannot be read.
#[derive(Debug, thiserror::Error)]
enum CellError {
    #[error("{0}")]
    Scan(#[from] ScanError),
    #[error("a cell names a shared text that is not there")]
    Shared,
    #[error("a boolean cell holds neither 0 nor 1")]
    Bool,
    #[error("a cell has an unknown type")]
    Type,
}

pub(super) fn whole_number(digits: &[u8]) -> Option<u32> {
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_u32, |number, digit| {
        let digit = digit.checked_sub(b'0').filter(|digit| *digit <= 9)?;
        number.checked_mul(10)?.checked_add(u32::from(digit))
    })
}

/// Returns an address such as `B7` as 0-based row and column.
pub(super) fn place(address: &[u8]) -> Option<(u32, u32)> {
    let letters = address
        .iter()
        .take_while(|byte| byte.is_ascii_alphabetic())
        .count();
    let (letters, digits) = address.split_at(letters);
    let column = letters.iter().try_fold(0_u32, |column, letter| {
        let letter = u32::from(letter.to_ascii_uppercase() - b'A') + 1;
        column.checked_mul(26)?.checked_add(letter)
    })?;
    Some((
        whole_number(digits)?.checked_sub(1)?,
        column.checked_sub(1)?,
    ))
}

fn merged_range(range: &str) -> Option<MergedRange> {
    let (first, last) = range.split_once(':')?;
    let (first, last) = (place(first.as_bytes())?, place(last.as_bytes())?);
    Some(MergedRange {
        first_row: first.0 + 1,
        last_row: last.0 + 1,
        first_column: first.1,
        last_column: last.1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        for (address, expected) in [
            ("A1", Some((0, 0))),
            ("XFD1048576", Some((1_048_575, 16_383))),
            ("aa10", Some((9, 26))),
            ("A0", None),
            ("1", None),
            ("A", None),
            ("A1B", None),
            ("", None),
            ("AAAAAAAAAA1", None),
        ] {
            assert_eq!(place(address.as_bytes()), expected, "{address}");
        }
    }
}
