//! XLSB → cells, streamed.
//!
//! XLSX in binary: zip parts of records, each a number, a length and its bytes. calamine reads the format too, but
//! passes over formulas whose value is an error, and drops leading zeros and percent of number formats. So this reader
//! walks the records itself. Memory holds the shared texts and a few batches of rows.
//!
//! Source: [MS-XLSB] 2.1.4 (records), 2.4 (their contents), 2.5.122 (RK numbers).

use std::collections::HashMap;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;
use std::sync::Arc;

use super::archive::{self, Archive};
use super::biff::{BiffError, double, error_text, long, rk, short, wide_string};
use super::feed::{self, FedRows, Feed, Halt};
use super::limits::{Bounded, LAST_COLUMN, LAST_ROW, MOST_MERGED, MOST_STYLES, MergedRange};
use super::number_format::NumberFormat;
use super::shared_texts::{SharedTexts, TooManyTexts};
use super::sheet_info::{SheetInfo, infos, sheet_at};
use super::xlsx_book::relations;
use super::{TableError, cell};
use crate::model::{CellKind, Fact, Saying};

/// The longest record, in bytes; a record that claims more is damaged.
const LONGEST_RECORD: usize = 1 << 24;

mod record {
    pub(super) const ROW: u16 = 0x00;
    pub(super) const CELL_RK: u16 = 0x02;
    pub(super) const CELL_ERROR: u16 = 0x03;
    pub(super) const CELL_BOOL: u16 = 0x04;
    pub(super) const CELL_REAL: u16 = 0x05;
    pub(super) const CELL_TEXT: u16 = 0x06;
    pub(super) const CELL_SHARED: u16 = 0x07;
    pub(super) const FORMULA_TEXT: u16 = 0x08;
    pub(super) const FORMULA_NUMBER: u16 = 0x09;
    pub(super) const FORMULA_BOOL: u16 = 0x0A;
    pub(super) const FORMULA_ERROR: u16 = 0x0B;
    pub(super) const SHARED_ITEM: u16 = 0x13;
    pub(super) const FORMAT: u16 = 0x2C;
    pub(super) const XF: u16 = 0x2F;
    pub(super) const CELL_RICH: u16 = 0x3E;
    pub(super) const BEGIN_SHEET_DATA: u16 = 0x91;
    pub(super) const END_SHEET_DATA: u16 = 0x92;
    pub(super) const WORKBOOK_PROPERTIES: u16 = 0x99;
    pub(super) const SHEET: u16 = 0x9C;
    pub(super) const CALCULATION: u16 = 0x9D;
    pub(super) const MERGED: u16 = 0xB0;
    pub(super) const BEGIN_CELL_XFS: u16 = 0x269;
    pub(super) const END_CELL_XFS: u16 = 0x26A;
}

/// An opened workbook.
pub(super) struct XlsbSource {
    sheets: Vec<(SheetInfo, String)>,
    globals: Arc<XlsbGlobals>,
}

/// What all sheets of a workbook share.
#[derive(Default)]
struct XlsbGlobals {
    strings: SharedTexts,
    formats: Vec<NumberFormat>,
    is_1904: bool,
    /// Whether the workbook asks to be recalculated when it is opened; programs that do not calculate write this.
    is_outdated: bool,
}

impl XlsbSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let broken = |detail: Fact| TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail,
        };
        let mut archive = archive::open(path)?;
        let relations = relations(&mut archive, "xl/_rels/workbook.bin.rels", "xl")
            .map_err(|error| broken(error.to_string().into()))?
            .unwrap_or_default();
        let mut globals = XlsbGlobals::default();
        let mut sheets = Vec::new();
        let mut read = || -> Result<(), BiffError> {
            let book = Bounded::new(archive.by_name("xl/workbook.bin")?);
            each_record(book, |number, data| {
                match number {
                    record::WORKBOOK_PROPERTIES => globals.is_1904 = long(data, 0)? & 1 != 0,
                    record::CALCULATION => {
                        globals.is_outdated = data.get(24).is_some_and(|flags| flags & 1 != 0);
                    }
                    record::SHEET => {
                        let (relation, length) = wide_string(data.get(8..).ok_or(BiffError::Cut)?)?;
                        let (name, _) = wide_string(data.get(8 + length..).ok_or(BiffError::Cut)?)?;
                        let hidden = long(data, 0)? != 0;
                        if let Some(relation) = relations.get(&relation)
                            && relation.part.contains("worksheets/")
                        {
                            sheets.push((SheetInfo { name, hidden }, relation.part.clone()));
                        }
                    }
                    _ => {}
                }
                Ok(())
            })?;
            globals.formats = formats(&mut archive)?;
            if archive.index_for_name("xl/sharedStrings.bin").is_some() {
                let part = archive.by_name("xl/sharedStrings.bin")?;
                globals.strings = SharedTexts::packed_in(part.compressed_size());
                each_record(part, |number, data| {
                    if number == record::SHARED_ITEM {
                        let (text, _) = wide_string(data.get(1..).ok_or(BiffError::Cut)?)?;
                        globals.strings.push(&text)?;
                    }
                    Ok(())
                })?;
            }
            Ok(())
        };
        read().map_err(|error| match error {
            BiffError::Texts(TooManyTexts { limit_mib }) => TableError::TooManyTexts {
                path: path.to_path_buf(),
                limit_mib,
            },
            error => broken(error.why()),
        })?;
        Ok(Self {
            sheets,
            globals: Arc::new(globals),
        })
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        infos(&self.sheets)
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        position: usize,
        number_as: u16,
    ) -> Result<FedRows, TableError> {
        let (info, part) = sheet_at(&self.sheets, path, position)?;
        let globals = Arc::clone(&self.globals);
        let (owned_path, part) = (path.to_path_buf(), part.clone());
        feed::stream(path, &info.name, number_as, move |feed| {
            let mut archive = archive::open(&owned_path).map_err(Halt::Failed)?;
            walk(&mut archive, &part, &globals, feed)
        })
    }
}

fn formats(archive: &mut Archive) -> Result<Vec<NumberFormat>, BiffError> {
    let mut own = HashMap::new();
    let mut formats = Vec::new();
    let mut in_cells = false;
    if archive.index_for_name("xl/styles.bin").is_none() {
        return Ok(formats);
    }
    let styles = Bounded::new(archive.by_name("xl/styles.bin")?);
    each_record(styles, |number, data| {
        match number {
            record::FORMAT => {
                let (code, _) = wide_string(data.get(2..).ok_or(BiffError::Cut)?)?;
                own.insert(u32::from(short(data, 0)?), NumberFormat::of(&code));
            }
            record::BEGIN_CELL_XFS => in_cells = true,
            record::END_CELL_XFS => in_cells = false,
            record::XF if formats.len() >= MOST_STYLES => return Err(BiffError::Styles),
            record::XF if in_cells => {
                let format = u32::from(short(data, 2)?);
                let known = own.get(&format).cloned();
                formats.push(
                    known
                        .or_else(|| NumberFormat::built_in(format))
                        .unwrap_or_default(),
                );
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(formats)
}

fn each_record(
    part: impl Read,
    mut take: impl FnMut(u16, &[u8]) -> Result<(), BiffError>,
) -> Result<(), BiffError> {
    let mut source = BufReader::with_capacity(64 * 1024, part);
    let mut data = Vec::new();
    while let Some(number) = next_record(&mut source, &mut data)? {
        take(number, &data)?;
    }
    Ok(())
}

/// Reads the next record into `data` and returns its number; `None` at the end of the part.
fn next_record(source: &mut impl Read, data: &mut Vec<u8>) -> Result<Option<u16>, BiffError> {
    let Some(first) = byte(source)? else {
        return Ok(None);
    };
    let mut number = u16::from(first);
    if first & 0x80 != 0 {
        let second = byte(source)?.ok_or(BiffError::Cut)?;
        number = u16::from(first & 0x7F) | u16::from(second & 0x7F) << 7;
    }
    let mut length = 0_usize;
    for shift in [0, 7, 14, 21] {
        let next = byte(source)?.ok_or(BiffError::Cut)?;
        length |= usize::from(next & 0x7F) << shift;
        if next & 0x80 == 0 {
            break;
        }
    }
    if length > LONGEST_RECORD {
        return Err(BiffError::Length);
    }
    data.resize(length, 0);
    source.read_exact(data).map_err(|error| {
        if error.kind() == ErrorKind::UnexpectedEof {
            BiffError::Cut
        } else {
            BiffError::Io(error)
        }
    })?;
    Ok(Some(number))
}

fn byte(source: &mut impl Read) -> Result<Option<u8>, BiffError> {
    let mut one = [0];
    loop {
        match source.read(&mut one) {
            Ok(0) => return Ok(None),
            Ok(_) => {
                let [byte] = one;
                return Ok(Some(byte));
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(BiffError::Io(error)),
        }
    }
}

fn walk(
    archive: &mut Archive,
    part: &str,
    globals: &XlsbGlobals,
    feed: &mut Feed,
) -> Result<(), Halt> {
    let source = archive
        .by_name(part)
        .map_err(|error| feed.damaged(&error))?;
    let mut source = BufReader::with_capacity(64 * 1024, source);
    let mut data = Vec::new();
    let mut row = 0;
    let mut in_data = false;
    let mut is_complete = false;
    let mut merged = Vec::new();
    while let Some(number) =
        next_record(&mut source, &mut data).map_err(|error| feed.damaged(&error))?
    {
        match number {
            record::BEGIN_SHEET_DATA => in_data = true,
            record::END_SHEET_DATA => (in_data, is_complete) = (false, true),
            record::ROW if in_data => {
                row = long(&data, 0).map_err(|error| feed.damaged(&error))?;
                if row >= LAST_ROW {
                    return Err(feed.said(Saying::BeyondLastRow));
                }
                if is_hidden_row(&data) {
                    feed.hide(row);
                }
                feed.check_wanted()?;
            }
            record::MERGED if merged.len() < MOST_MERGED => {
                merged.push(merged_range(&data).map_err(|error| feed.damaged(&error))?);
            }
            _ if in_data => {
                let content =
                    content(number, &data, globals).map_err(|error| feed.damaged(&error))?;
                if content.is_some() {
                    let column = long(&data, 0).map_err(|error| feed.damaged(&error))?;
                    if column >= LAST_COLUMN {
                        return Err(feed.said(Saying::BeyondLastColumn));
                    }
                    feed.add((row, column), content)?;
                }
            }
            _ => {}
        }
    }
    feed.note_merged(merged);
    if is_complete {
        Ok(())
    } else {
        Err(feed.said(Saying::SheetWithoutEnd))
    }
}

fn content(
    number: u16,
    data: &[u8],
    globals: &XlsbGlobals,
) -> Result<Option<(String, CellKind)>, BiffError> {
    let format = || {
        let style = long(data, 4)? & 0x00FF_FFFF;
        Ok::<_, BiffError>(globals.formats.get(style as usize))
    };
    let text = |raw: &str| Ok::<_, BiffError>(NumberFormat::shown_text(format()?, raw));
    let shown = |value: f64| {
        Ok::<_, BiffError>(match format()? {
            Some(format) => format.show(value, globals.is_1904),
            None => cell::number(value),
        })
    };
    let body = data.get(8..).unwrap_or_default();
    // In an outdated workbook, 0 or an empty text is what a program wrote that does not calculate.
    let is_stub = match number {
        _ if !globals.is_outdated => false,
        record::FORMULA_NUMBER => double(body, 0)? == 0.0,
        record::FORMULA_TEXT => long(body, 0)? == 0,
        _ => false,
    };
    if is_stub {
        return Ok(Some(cell::uncalculated()));
    }
    Ok(match number {
        record::CELL_RK => Some(shown(rk(long(body, 0)?))?),
        record::CELL_REAL | record::FORMULA_NUMBER => Some(shown(double(body, 0)?)?),
        record::CELL_BOOL | record::FORMULA_BOOL => {
            let is_true = *body.first().ok_or(BiffError::Cut)? != 0;
            Some(cell::boolean(is_true))
        }
        record::CELL_ERROR | record::FORMULA_ERROR => {
            let code = *body.first().ok_or(BiffError::Cut)?;
            Some((error_text(code), CellKind::Error))
        }
        record::CELL_TEXT | record::FORMULA_TEXT => text(&wide_string(body)?.0)?,
        record::CELL_RICH => text(&wide_string(body.get(1..).ok_or(BiffError::Cut)?)?.0)?,
        record::CELL_SHARED => {
            let position = long(body, 0)? as usize;
            text(globals.strings.get(position).ok_or(BiffError::Shared)?)?
        }
        _ => None,
    })
}

/// Returns whether the record that begins a row hides it.
fn is_hidden_row(data: &[u8]) -> bool {
    data.get(11).is_some_and(|flags| flags & 0x10 != 0)
}

fn merged_range(data: &[u8]) -> Result<MergedRange, BiffError> {
    Ok(MergedRange {
        first_row: long(data, 0)?.saturating_add(1),
        last_row: long(data, 4)?.saturating_add(1),
        first_column: long(data, 8)?,
        last_column: long(data, 12)?,
    })
}
