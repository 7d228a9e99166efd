//! Workbooks of Excel 5 and 95 → cells, through calamine, in pieces.
//!
//! The texts of these workbooks are bytes of a code page (GBK in Chinese ones), and number formats are written
//! otherwise than in later workbooks; calamine knows both. But calamine reads a workbook whole: it reserves memory for
//! the dimensions that a sheet claims and for the rectangle around its cells, and it follows names and formulas. A
//! small file could make it take any memory, or panic. So the records that hold values are picked here, checked, and
//! handed to calamine as workbooks of one sheet with at most [`PIECE_ROWS`] rows. Memory does not grow with rows, unless
//! they are out of order: then their records are gathered and sorted before they are cut into pieces.
//!
//! calamine says which numbers are dates and drops the rest of a number format: leading zeros and percent are lost.
//! `Workbook::keeps_number_formats` reports that.
//!
//! Source: [MS-XLS] 2.4; for the differences before Excel 97 the `OpenOffice` documentation of the format.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;

use calamine::{Range, Reader, SheetVisible, Xls, XlsError};
use cfb::{CompoundFile, Version};

use super::biff::{BiffError, long, short};
use super::cell;
use super::error::TableError;
use super::feed::{self, FedRows, Feed, GATHERED_BYTES, Halt};
use super::limits::CELL_BYTES;
use super::sheet_info::{SheetInfo, infos, sheet_at};
use super::xls_records::{
    COLUMNS, EXCEL_95, Records, Refused, WORKSHEET, do_rows_ascend, has_values, hidden_row,
    is_stub, record,
};
use crate::model::{Phrase, Saying};

/// How many rows calamine is given at a time.
const PIECE_ROWS: u32 = 256;
/// The bytes at which a piece ends early, so that long texts do not pile up.
const PIECE_BYTES: usize = 1 << 20;
/// The most bytes of the records that all sheets share. calamine is given them with each piece; real workbooks have
/// some kilobytes.
const GLOBALS_BYTES: usize = 1 << 20;

/// An opened workbook.
pub(super) struct Excel95Source {
    sheets: Vec<(SheetInfo, u64)>,
    /// The stream that holds the records.
    stream: &'static str,
    /// The records that say how to read cells: code page, date system, formats.
    globals: Arc<Vec<u8>>,
}

impl Excel95Source {
    /// Opens a workbook; `None` if the file is not a workbook of Excel 5 or 95.
    pub(super) fn open(path: &Path) -> Result<Option<Self>, TableError> {
        let file = File::open(path).map_err(|source| TableError::from_io(path, source))?;
        let Ok(mut container) = CompoundFile::open(file) else {
            return Ok(None);
        };
        let streams = ["/Workbook", "/Book"];
        let Some(stream) = streams.into_iter().find(|name| container.exists(name)) else {
            return Ok(None);
        };
        let Ok(content) = container.open_stream(stream) else {
            return Ok(None);
        };
        let mut records = Records::new(content);
        let is_old = matches!(records.next(), Ok(Some(record::BEGIN)))
            && short(&records.data, 0).is_ok_and(|version| version == EXCEL_95);
        if !is_old {
            return Ok(None);
        }
        let source = Self::read(records, stream).map_err(|refused| refused.about(path))?;
        Ok(Some(source))
    }

    fn read(mut records: Records, stream: &'static str) -> Result<Self, Refused> {
        let mut globals = Vec::new();
        let mut starts = Vec::new();
        let mut heads = Vec::new();
        while let Some(number) = records.next()? {
            let data = records.data.as_slice();
            match number {
                record::FILE_PASS => return Err(Refused::Old(Saying::PasswordProtected)),
                record::CODE_PAGE => {
                    let page = code_page(short(data, 0)?).to_le_bytes();
                    put(&mut globals, number, &[&page]);
                }
                record::DATE_MODE => {
                    put(&mut globals, number, &[&short(data, 0)?.to_le_bytes()]);
                }
                record::FORMAT => {
                    // Excel 95 writes the length of a format's text in one byte; calamine reads two.
                    let length = *data.get(2).ok_or(BiffError::Cut)?;
                    let text = data.get(3..3 + usize::from(length)).ok_or(BiffError::Cut)?;
                    let length = u16::from(length).to_le_bytes();
                    put(
                        &mut globals,
                        number,
                        &[data.get(..2).ok_or(BiffError::Cut)?, &length, text],
                    );
                }
                record::XF => put(&mut globals, number, &[data]),
                record::SHEET if data.get(5) == Some(&WORKSHEET) => {
                    starts.push(u64::from(long(data, 0)?));
                    heads.push(SheetHead::read(data)?);
                }
                record::END => break,
                _ => {}
            }
            if globals.len() > GLOBALS_BYTES {
                return Err(BiffError::Styles.into());
            }
        }
        let book =
            book(&globals, &heads, &[]).map_err(|error| Refused::Unreadable(error.to_string()))?;
        let infos = book.sheets_metadata().iter().map(|sheet| SheetInfo {
            name: sheet.name.clone(),
            hidden: sheet.visible != SheetVisible::Visible,
        });
        Ok(Self {
            sheets: infos.zip(starts).collect(),
            stream,
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
        let (info, start) = sheet_at(&self.sheets, path, position)?;
        let globals = Arc::clone(&self.globals);
        let (owned_path, stream, start) = (path.to_path_buf(), self.stream, *start);
        feed::stream(path, &info.name, number_as, move |feed| {
            let open = || CompoundFile::open(File::open(&owned_path)?);
            let at_start = |container: &mut CompoundFile<File>| {
                let mut content = container.open_stream(stream)?;
                content.seek(SeekFrom::Start(start))?;
                Ok::<_, io::Error>(Records::new(content))
            };
            let mut container = open().map_err(|error| feed.damaged(&error))?;
            let records = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
            let is_outdated = !has_values(records).map_err(|error| feed.damaged(&error))?;
            let records = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
            let gathered = (!do_rows_ascend(records)).then(GatheredRows::default);
            let records = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
            Excel95Walk {
                records,
                globals: &globals,
                is_outdated,
                formula: None,
                piece: RowBlock::default(),
                gathered,
            }
            .walk(feed)
        })
    }
}

/// The record that announces a sheet: whether it is hidden, and its name in bytes of the code page.
struct SheetHead {
    state: u8,
    name: Vec<u8>,
}

impl SheetHead {
    fn read(data: &[u8]) -> Result<Self, BiffError> {
        let state = data.get(4).ok_or(BiffError::Cut)? & 3;
        let length = usize::from(*data.get(6).ok_or(BiffError::Cut)?);
        let name = data.get(7..7 + length).ok_or(BiffError::Cut)?.to_vec();
        Ok(Self {
            state: state.min(2),
            name,
        })
    }
}

/// The rows that calamine is given next.
#[derive(Default)]
struct RowBlock {
    records: Vec<u8>,
    first_row: u32,
    places: HashSet<(u32, u32)>,
    /// The places of formulas whose value was never calculated.
    uncalculated: Vec<(u32, u32)>,
}

impl RowBlock {
    /// Takes the places of a record's cells, and the record.
    fn put_cells(
        &mut self,
        number: u16,
        data: &[u8],
        places: impl Iterator<Item = (u32, u32)>,
    ) -> Result<(), Saying> {
        for place in places {
            if !self.places.insert(place) {
                return Err(Saying::CellTwice);
            }
        }
        put(&mut self.records, number, &[data]);
        Ok(())
    }

    /// Returns whether the row and more records of it may join.
    fn has_room(&self, row: u32) -> bool {
        let rows = self.first_row..self.first_row + PIECE_ROWS;
        rows.contains(&row) && self.records.len() <= PIECE_BYTES
    }
}

/// The records of a sheet whose rows are out of order, by row.
#[derive(Default)]
struct GatheredRows {
    rows: BTreeMap<u32, RowBlock>,
    /// The row whose record came last.
    last: u32,
    bytes: usize,
}

/// One walk over one sheet.
struct Excel95Walk<'a> {
    records: Records,
    globals: &'a [u8],
    /// Whether a formula with 0 or an empty text counts as never calculated.
    is_outdated: bool,
    /// The place of a formula whose text follows in a later record.
    formula: Option<(u32, u32)>,
    piece: RowBlock,
    /// The rows that are sorted when the sheet has ended, where they are out of order.
    gathered: Option<GatheredRows>,
}

impl Excel95Walk<'_> {
    fn walk(mut self, feed: &mut Feed) -> Result<(), Halt> {
        // A chart is nested between the sheet's records, and some of its records look like cells.
        let mut depth = 0;
        loop {
            let number = self.records.next().map_err(|error| feed.damaged(&error))?;
            match number {
                None => return Err(feed.said(Saying::SheetWithoutEnd)),
                Some(record::BEGIN) => depth += 1,
                Some(record::END) if depth <= 1 => break,
                Some(record::END) => depth -= 1,
                Some(_) if depth > 1 => {}
                Some(number) => self.take_block(number, feed)?,
            }
        }
        self.end_formula();
        for (row, mut block) in self.gathered.take().unwrap_or_default().rows {
            if !self.piece.has_room(row) {
                self.end_piece(feed)?;
                self.piece.first_row = row;
            }
            self.piece.records.append(&mut block.records);
            self.piece.uncalculated.append(&mut block.uncalculated);
        }
        self.end_piece(feed)
    }

    /// Returns the rows that the record which came last has joined.
    fn block(&mut self) -> &mut RowBlock {
        match &mut self.gathered {
            Some(gathered) => gathered.rows.entry(gathered.last).or_default(),
            None => &mut self.piece,
        }
    }

    fn take_block(&mut self, number: u16, feed: &mut Feed) -> Result<(), Halt> {
        let goes_on = [
            record::TEXT_OF_FORMULA,
            record::ARRAY,
            record::TABLE,
            record::OLD_SHARED_FORMULA,
            record::SHARED_FORMULA,
        ];
        if !goes_on.contains(&number) {
            self.end_formula();
        }
        let data = std::mem::take(&mut self.records.data);
        let done = match number {
            record::NUMBER
            | record::RK
            | record::LABEL
            | record::RICH_LABEL
            | record::BOOL_OR_ERROR => self.put_cells(number, &data, 1, feed),
            record::MANY_RK => {
                let count = count_of(&data).map_err(|error| feed.damaged(&error))?;
                self.put_cells(number, &data, count, feed)
            }
            record::FORMULA => self.put_formula(&data, feed),
            record::TEXT_OF_FORMULA => {
                // A text without a formula before it belongs to no cell.
                if self.formula.take().is_some() {
                    put(&mut self.block().records, number, &[&data]);
                }
                Ok(())
            }
            record::UNCALCULATED => {
                self.is_outdated = true;
                Ok(())
            }
            record::ROW => {
                if let Some(row) = hidden_row(&data) {
                    feed.hide(row);
                }
                Ok(())
            }
            _ => Ok(()),
        };
        self.records.data = data;
        done
    }

    /// Ends a formula whose text did not come: it is noted as uncalculated, and gets an empty text so that calamine
    /// makes a cell.
    fn end_formula(&mut self) {
        if let Some(place) = self.formula.take() {
            let block = self.block();
            block.uncalculated.push(place);
            put(&mut block.records, record::TEXT_OF_FORMULA, &[&[0, 0]]);
        }
    }

    fn put_formula(&mut self, data: &[u8], feed: &mut Feed) -> Result<(), Halt> {
        // The expression is left out: only the value is needed, and calamine could fail on the expression.
        let value = data
            .get(..20)
            .ok_or_else(|| feed.damaged(&BiffError::Cut))?;
        let without = [value, &[0, 0]].concat();
        self.put_cells(record::FORMULA, &without, 1, feed)?;
        let place = place_of(data).map_err(|error| feed.damaged(&error))?;
        if self.is_outdated && is_stub(data).map_err(|error| feed.damaged(&error))? {
            self.block().uncalculated.push(place);
        } else if matches!(data.get(6..14), Some([0, .., 0xFF, 0xFF])) {
            self.formula = Some(place);
        }
        Ok(())
    }

    /// Puts a record of `count` neighbouring cells into the current piece, or begins the next piece with it.
    fn put_cells(
        &mut self,
        number: u16,
        data: &[u8],
        count: u32,
        feed: &mut Feed,
    ) -> Result<(), Halt> {
        let (row, column) = place_of(data).map_err(|error| feed.damaged(&error))?;
        let columns = column..column.saturating_add(count);
        if columns.end > COLUMNS {
            return Err(feed.said(Saying::BeyondLastColumn));
        }
        if let Some(gathered) = &mut self.gathered {
            gathered.last = row;
            gathered.bytes += data.len() + CELL_BYTES * columns.len();
            if gathered.bytes > GATHERED_BYTES {
                let phrase = Phrase::new(Saying::RowsOutOfOrder);
                return Err(feed.said(phrase.with("row", (row + 1).to_string())));
            }
        } else if !self.piece.has_room(row) {
            self.end_piece(feed)?;
            self.piece.first_row = row;
        }
        let places = columns.map(|column| (row, column));
        let put = self.block().put_cells(number, data, places);
        put.map_err(|saying| feed.said(saying))
    }

    /// Has calamine read the current piece, and feeds its cells.
    fn end_piece(&mut self, feed: &mut Feed) -> Result<(), Halt> {
        feed.check_wanted()?;
        let piece = std::mem::take(&mut self.piece);
        if piece.records.is_empty() {
            return Ok(());
        }
        let head = SheetHead {
            state: 0,
            name: b"piece".to_vec(),
        };
        let range = book(self.globals, &[head], &piece.records)
            .and_then(|mut book| {
                book.worksheet_range_at(0)
                    .unwrap_or_else(|| Ok(Range::empty()))
            })
            .map_err(|error| feed.damaged(&error))?;
        let uncalculated: HashSet<(u32, u32)> = piece.uncalculated.into_iter().collect();
        let (top, left) = range.start().unwrap_or_default();
        for (row, cells) in (top..).zip(range.rows()) {
            for (column, data) in (left..).zip(cells) {
                let place = (row, column);
                let content = if uncalculated.contains(&place) {
                    Some(cell::uncalculated())
                } else {
                    cell::from_data(data)
                };
                if content.is_some() {
                    feed.add(place, content)?;
                }
            }
        }
        Ok(())
    }
}

/// Returns the 0-based row and column of a record's first cell.
fn place_of(data: &[u8]) -> Result<(u32, u32), BiffError> {
    Ok((u32::from(short(data, 0)?), u32::from(short(data, 2)?)))
}

/// Returns how many numbers a record of several cells holds; an error if its length does not agree with its columns.
fn count_of(data: &[u8]) -> Result<u32, BiffError> {
    let (_, first) = place_of(data)?;
    let last = u32::from(short(data, data.len().saturating_sub(2))?);
    let count = (last + 1).checked_sub(first).ok_or(BiffError::Cut)?;
    // calamine fails on a record of no cell.
    if count > 0 && data.len() == 6 + 6 * count as usize {
        Ok(count)
    } else {
        Err(BiffError::Cut)
    }
}

/// Returns the usual number of a code page; Excel had numbers of its own for two of them.
fn code_page(number: u16) -> u16 {
    match number {
        0x8000 => 10_000,
        0x8001 => 1252,
        other => other,
    }
}

/// Appends a record whose bytes are those of all parts.
fn put(records: &mut Vec<u8>, number: u16, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    records.extend(number.to_le_bytes());
    records.extend((length as u16).to_le_bytes());
    for part in parts {
        records.extend_from_slice(part);
    }
}

/// Makes a workbook in memory and has calamine read it. All its sheets have the same cells.
fn book(
    globals: &[u8],
    sheets: &[SheetHead],
    cells: &[u8],
) -> Result<Xls<Cursor<Vec<u8>>>, XlsError> {
    let version = EXCEL_95.to_le_bytes();
    let mut book = Vec::new();
    put(&mut book, record::BEGIN, &[&version, &[5, 0, 0, 0, 0, 0]]);
    book.extend_from_slice(globals);
    let lengths = sheets.iter().map(|head| 4 + 7 + head.name.len());
    let start = (book.len() + lengths.sum::<usize>() + 4) as u32;
    for SheetHead { state, name } in sheets {
        let announced = [*state, WORKSHEET, name.len() as u8];
        put(
            &mut book,
            record::SHEET,
            &[&start.to_le_bytes(), &announced, name],
        );
    }
    put(&mut book, record::END, &[]);
    put(
        &mut book,
        record::BEGIN,
        &[&version, &[0x10, 0, 0, 0, 0, 0]],
    );
    book.extend_from_slice(cells);
    put(&mut book, record::END, &[]);
    let mut container = CompoundFile::create_with_version(Version::V3, Cursor::new(Vec::new()))?;
    container.create_stream("/Book")?.write_all(&book)?;
    container.flush()?;
    Xls::new(container.into_inner())
}
