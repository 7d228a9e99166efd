//! The number formats of an XLSX sheet's cells, so that a sheet which is written after it looks like it.
//!
//! The invariant: no number is said to have a format that it has not, or `100` in dollars would be shown in yuan. Rows
//! do not carry formats, for the sake of speed. So a column has the format of most of its first numbers, and each number
//! with another one is remembered. A column with too many of those has no format.
//!
//! What is not found costs nothing but the look, so a part that is missing or cannot be read means: no format.

use std::collections::{BTreeMap, HashMap};
use std::io::Read;
use std::path::Path;

use super::archive::{self, Archive};
use super::kept::ColumnFormat;
use super::number_format::NumberFormat;
use super::write::NumberCode;
use super::xlsx_book;
use super::xml_scan::{ScanError, Scanner, Token, attribute, attributes};

/// The part that holds the formats, by the name that every program gives it.
const STYLES: &str = "xl/styles.xml";
/// How many numbers of a column decide on its format.
const DECIDING_NUMBERS: u32 = 500;
/// The most numbers that have another format than their column, in one column and in all.
const MOST_OTHERS: u32 = 10_000;
const MOST_OTHERS_IN_ALL: usize = 200_000;
/// The most cell styles that are read.
const MOST_STYLES: usize = 65_536;
/// Format numbers that show numbers and texts as they are.
const GENERAL: u32 = 0;
const TEXT: u32 = 49;

/// The number formats of a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SheetFormats {
    formats: Vec<ColumnFormat>,
    /// The format of a column; `None` for one that shows numbers as they are.
    columns: BTreeMap<u32, Option<usize>>,
    /// The formats of numbers that are not those of their columns, by row number and column.
    others: HashMap<(u32, u32), Option<usize>>,
}

impl SheetFormats {
    /// Returns the formats of columns that have one, by the 0-based column.
    pub fn of_columns(&self) -> impl Iterator<Item = (u32, &ColumnFormat)> {
        let columns = self.columns.iter();
        columns.filter_map(|(column, format)| Some((*column, self.formats.get((*format)?)?)))
    }

    /// Returns the format of a number, by its row as a person sees it and its 0-based column.
    pub fn of(&self, row: u32, column: u32) -> Option<&ColumnFormat> {
        let format = match self.others.get(&(row, column)) {
            Some(format) => *format,
            None => self.columns.get(&column).copied().flatten(),
        };
        self.formats.get(format?)
    }
}

/// Returns the formats of the numbers below the header of a sheet in a workbook.
pub(super) fn sheet_formats(path: &Path, part: &str, header_row: u32) -> SheetFormats {
    let found = || -> Option<SheetFormats> {
        let mut archive = archive::open(path).ok()?;
        let mut seen = SeenFormats::of(styles(&mut archive).ok()?);
        let index = xlsx_book::position(&archive, part)?;
        let source = archive.by_index(index).ok()?;
        seen.read(source, header_row).ok()??;
        Some(seen.finish())
    };
    found().unwrap_or_default()
}

/// Returns the format of each cell style; `None` for one that shows numbers as they are.
fn styles(archive: &mut Archive) -> Result<Vec<Option<ColumnFormat>>, ScanError> {
    let mut styles = Vec::new();
    let source = xlsx_book::position(archive, STYLES).and_then(|at| archive.by_index(at).ok());
    let Some(source) = source else {
        return Ok(styles);
    };
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut scanner = Scanner::new(source);
    let mut in_cells = false;
    loop {
        match scanner.next()? {
            Token::Open {
                name, attributes, ..
            } => match name {
                b"cellXfs" => in_cells = true,
                b"numFmt" => {
                    let number = format_number(attributes)?;
                    let code = attribute(attributes, "formatCode")?.unwrap_or_default();
                    codes.extend(number.map(|number| (number, code)));
                }
                b"xf" if in_cells && styles.len() < MOST_STYLES => {
                    let number = format_number(attributes)?.unwrap_or(GENERAL);
                    styles.push(format_of(number, codes.get(&number)));
                }
                _ => {}
            },
            Token::Close { name: b"cellXfs" } | Token::End => return Ok(styles),
            _ => {}
        }
    }
}

fn format_number(attributes: &[u8]) -> Result<Option<u32>, ScanError> {
    Ok(attribute(attributes, "numFmtId")?.and_then(|text| text.parse().ok()))
}

fn format_of(number: u32, code: Option<&String>) -> Option<ColumnFormat> {
    match code {
        Some(code) if code == "General" || code == "@" => None,
        Some(code) => Some(ColumnFormat::new(
            NumberCode::Code(code.clone()),
            NumberFormat::of(code),
        )),
        None if number == GENERAL || number == TEXT => None,
        None => {
            let reads_as = NumberFormat::built_in(number)?;
            let number = u8::try_from(number).ok()?;
            Some(ColumnFormat::new(NumberCode::BuiltIn(number), reads_as))
        }
    }
}

/// What is known of a column while its sheet is read.
#[derive(Debug, Default)]
struct ColumnTally {
    /// The first numbers: their rows and formats.
    first: Vec<(u32, Option<usize>)>,
    /// Whether the first numbers have decided on the format.
    is_decided: bool,
    format: Option<usize>,
    /// The numbers with other formats.
    others: Vec<(u32, Option<usize>)>,
    is_mixed: bool,
}

impl ColumnTally {
    /// Notes the format of a number.
    fn see(&mut self, row: u32, format: Option<usize>) {
        if self.is_mixed {
            return;
        }
        if !self.is_decided {
            self.first.push((row, format));
            if self.first.len() as u32 >= DECIDING_NUMBERS {
                self.decide();
            }
        } else if format != self.format {
            self.others.push((row, format));
            if self.others.len() as u32 > MOST_OTHERS {
                self.is_mixed = true;
                self.others = Vec::new();
            }
        }
    }

    /// Gives the column the format of most of its first numbers.
    fn decide(&mut self) {
        let mut counts: BTreeMap<Option<usize>, u32> = BTreeMap::new();
        for (_, format) in &self.first {
            *counts.entry(*format).or_default() += 1;
        }
        let most = counts.into_iter().max_by_key(|(_, count)| *count);
        let own = most.and_then(|(format, _)| format);
        (self.format, self.is_decided) = (own, true);
        self.others = std::mem::take(&mut self.first);
        self.others.retain(|(_, format)| *format != own);
    }
}

/// The formats of a sheet while it is read.
struct SeenFormats {
    formats: Vec<ColumnFormat>,
    /// The position of the format of each cell style. Styles that differ in colour alone have one format.
    of_style: Vec<Option<usize>>,
    columns: BTreeMap<u32, ColumnTally>,
}

impl SeenFormats {
    fn of(styles: Vec<Option<ColumnFormat>>) -> Self {
        let mut formats: Vec<ColumnFormat> = Vec::new();
        let mut known: BTreeMap<NumberCode, usize> = BTreeMap::new();
        let of_style = styles.into_iter().map(|format| {
            let format = format?;
            let position = known.entry(format.code()).or_insert_with(|| {
                formats.push(format);
                formats.len() - 1
            });
            Some(*position)
        });
        let of_style = of_style.collect();
        Self {
            formats,
            of_style,
            columns: BTreeMap::new(),
        }
    }

    /// Reads the cells below the header. Returns `None` if a cell has no address: then it is not known whose format is
    /// whose.
    fn read(&mut self, source: impl Read, header_row: u32) -> Result<Option<()>, ScanError> {
        let mut scanner = Scanner::new(source);
        loop {
            let Token::Open {
                name,
                attributes: all,
                is_empty,
            } = (match scanner.next()? {
                Token::End => return Ok(Some(())),
                token => token,
            })
            else {
                continue;
            };
            if name != b"c" || is_empty {
                continue;
            }
            let (mut place, mut style, mut is_number) = (None, 0, true);
            for (name, value) in attributes(all) {
                match name {
                    b"r" => place = super::xlsx_read::place(value),
                    b"s" => style = super::xlsx_read::whole_number(value).unwrap_or(0) as usize,
                    b"t" => is_number = value == b"n",
                    _ => {}
                }
            }
            let Some((row, column)) = place else {
                return Ok(None);
            };
            if is_number && row >= header_row {
                let format = self.of_style.get(style).copied().flatten();
                self.columns.entry(column).or_default().see(row + 1, format);
            }
        }
    }

    fn finish(self) -> SheetFormats {
        let mut found = SheetFormats {
            formats: self.formats,
            ..SheetFormats::default()
        };
        for (column, mut seen) in self.columns {
            if !seen.is_decided {
                seen.decide();
            }
            let others = seen.others.into_iter();
            let is_too_much = found.others.len() + others.len() > MOST_OTHERS_IN_ALL;
            if seen.is_mixed || is_too_much {
                continue;
            }
            found.columns.insert(column, seen.format);
            found
                .others
                .extend(others.map(|(row, format)| ((row, column), format)));
        }
        found
    }
}
