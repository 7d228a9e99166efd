//! XLS → cells, streamed.
//!
//! The workbook of Excel 97 to 2003: a compound file whose one stream holds records, first those of the whole
//! workbook, then those of each sheet. calamine reads the format too, but reserves memory for the dimension that a
//! sheet claims, and drops leading zeros and percent of number formats. So this reader walks the records itself. Memory
//! holds the shared texts and a few batches of rows. Workbooks of Excel 5 and 95 are read in `excel95.rs`, older ones
//! are refused.
//!
//! Source: [MS-XLS] 2.1.4 (records), 2.4 (their contents), 2.5.293 (shared texts and where they may be cut).

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use cfb::CompoundFile;

use super::archive;
use super::biff::{BiffError, double, error_text, long, rk, short};
use super::cell::Content;
use super::feed::{self, FedRows, Feed, Halt};
use super::limits::{MOST_MERGED, MergedRange};
use super::number_format::NumberFormat;
use super::shared_texts::SharedTexts;
use super::sheet_info::{SheetInfo, infos, sheet_at};
use super::xls_records::{
    COLUMNS, EXCEL_97, Records, Refused, WORKSHEET, do_rows_ascend, has_values, hidden_row,
    is_stub, record,
};
use super::{TableError, cell};
use crate::model::{CellKind, Fact, Saying};

/// An opened workbook.
pub(super) struct XlsSource {
    sheets: Vec<(SheetInfo, u64)>,
    globals: Arc<XlsGlobals>,
}

#[derive(Default)]
struct XlsGlobals {
    strings: SharedTexts,
    formats: Vec<NumberFormat>,
    is_1904: bool,
    /// Whether the workbook names the version of its calculation; every program that calculates writes it.
    is_calculated: bool,
}

impl XlsSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let file = File::open(path).map_err(|source| TableError::from_io(path, source))?;
        let not_a_workbook = |detail: Fact| TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail,
        };
        let old = |kind| TableError::OldFormat {
            path: path.to_path_buf(),
            kind,
        };
        let mut container = CompoundFile::open(file)
            .map_err(|error| not_a_workbook(archive::why_unread(&error)))?;
        if container.exists("/EncryptedPackage") {
            return Err(old(Saying::PasswordProtected));
        }
        if container.exists("/Book") && !container.exists("/Workbook") {
            return Err(old(Saying::OldXls));
        }
        let stream = container
            .open_stream("/Workbook")
            .map_err(|_| not_a_workbook(Saying::NoWorkbookInside.into()))?;
        Self::read(Records::new(stream)).map_err(|refused| refused.about(path))
    }

    fn read(mut records: Records) -> Result<Self, Refused> {
        let mut globals = XlsGlobals::default();
        let mut own = std::collections::HashMap::new();
        let mut xfs = Vec::new();
        let mut sheets = Vec::new();
        while let Some(number) = records.next()? {
            let data = records.data.as_slice();
            match number {
                record::BEGIN if short(data, 0)? < EXCEL_97 => {
                    return Err(Refused::Old(Saying::OldXls));
                }
                record::FILE_PASS => return Err(Refused::Old(Saying::PasswordProtected)),
                // A record that is too short names no version.
                record::CALCULATED_BY => {
                    globals.is_calculated = long(data, 4).is_ok_and(|version| version != 0);
                }
                record::DATE_MODE => globals.is_1904 = short(data, 0)? == 1,
                record::FORMAT => {
                    let code = Texts::of(data.get(2..).unwrap_or_default()).text()?;
                    own.insert(u32::from(short(data, 0)?), NumberFormat::of(&code));
                }
                record::XF => xfs.push(u32::from(short(data, 2)?)),
                record::SHEET => {
                    let start = u64::from(long(data, 0)?);
                    let (state, kind) = (data.get(4), data.get(5));
                    if kind == Some(&WORKSHEET) {
                        let name = Texts::of(data.get(6..).unwrap_or_default()).short_text()?;
                        let hidden = state.is_some_and(|state| state & 3 != 0);
                        sheets.push((SheetInfo { name, hidden }, start));
                    }
                }
                record::SHARED => {
                    let first = data.to_vec();
                    globals.strings = Texts::continued(first, &mut records)?.shared()?;
                }
                record::END => break,
                _ => {}
            }
        }
        globals.formats = xfs
            .into_iter()
            .map(|format| {
                let known = own.get(&format).cloned();
                known
                    .or_else(|| NumberFormat::built_in(format))
                    .unwrap_or_default()
            })
            .collect();
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
        let (info, start) = sheet_at(&self.sheets, path, position)?;
        let globals = Arc::clone(&self.globals);
        let (owned_path, start) = (path.to_path_buf(), *start);
        feed::stream(path, &info.name, number_as, move |feed| {
            let open = || CompoundFile::open(File::open(&owned_path)?);
            let at_start = |container: &mut CompoundFile<File>| {
                let mut stream = container.open_stream("/Workbook")?;
                stream.seek(SeekFrom::Start(start))?;
                Ok::<_, std::io::Error>(stream)
            };
            // The container must outlive the streams that are opened from it.
            let mut container = open().map_err(|error| feed.damaged(&error))?;
            let mut is_outdated = !globals.is_calculated;
            if is_outdated {
                let stream = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
                is_outdated = match has_values(Records::new(stream)) {
                    Ok(has_values) => !has_values,
                    // Whether cells were lost is found out when they are read.
                    Err(BiffError::Cut) => true,
                    Err(error) => return Err(feed.damaged(&error)),
                };
            }
            let stream = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
            if !do_rows_ascend(Records::new(stream)) {
                feed.gather();
            }
            let stream = at_start(&mut container).map_err(|error| feed.damaged(&error))?;
            XlsWalk {
                records: Records::new(stream),
                globals: &globals,
                merged: Vec::new(),
                is_outdated,
                formula: None,
            }
            .walk(feed)
        })
    }
}

/// A reader of texts that may go on in further records.
struct Texts {
    parts: Vec<Vec<u8>>,
    part: usize,
    at: usize,
}

impl Texts {
    fn of(data: &[u8]) -> Self {
        Self {
            parts: vec![data.to_vec()],
            part: 0,
            at: 0,
        }
    }

    fn continued(first: Vec<u8>, records: &mut Records) -> Result<Self, BiffError> {
        let mut parts = vec![first];
        while let Some(part) = records.next_part()? {
            parts.push(part);
        }
        Ok(Self {
            parts,
            part: 0,
            at: 0,
        })
    }

    fn byte(&mut self) -> Result<u8, BiffError> {
        loop {
            let part = self.parts.get(self.part).ok_or(BiffError::Cut)?;
            if let Some(byte) = part.get(self.at) {
                self.at += 1;
                return Ok(*byte);
            }
            self.part += 1;
            self.at = 0;
        }
    }

    fn number(&mut self, bytes: u32) -> Result<u32, BiffError> {
        (0..bytes).try_fold(0, |number, place| {
            Ok(number | u32::from(self.byte()?) << (8 * place))
        })
    }

    fn skip(&mut self, bytes: u64) -> Result<(), BiffError> {
        let mut left = bytes;
        while left > 0 {
            let part = self.parts.get(self.part).ok_or(BiffError::Cut)?;
            let here = (part.len() - self.at) as u64;
            if here > left {
                self.at += left as usize;
                return Ok(());
            }
            left -= here;
            self.part += 1;
            self.at = 0;
        }
        Ok(())
    }

    /// Reads a text of `count` UTF-16 units. A record that goes on inside a text begins with flags of its own.
    fn units(&mut self, count: u32, flags: u8) -> Result<String, BiffError> {
        let mut is_wide = flags & 1 != 0;
        let mut units = Vec::with_capacity(count.min(32_768) as usize);
        for _ in 0..count {
            if self
                .parts
                .get(self.part)
                .is_some_and(|part| part.len() <= self.at)
            {
                is_wide = self.byte()? & 1 != 0;
            }
            units.push(self.number(if is_wide { 2 } else { 1 })? as u16);
        }
        String::from_utf16(&units).map_err(|_| BiffError::Text)
    }

    /// Reads a text whose length takes one byte.
    fn short_text(&mut self) -> Result<String, BiffError> {
        let count = self.number(1)?;
        let flags = self.byte()?;
        self.units(count, flags)
    }

    /// Reads a text whose length takes two bytes.
    fn text(&mut self) -> Result<String, BiffError> {
        let count = self.number(2)?;
        if count == 0 {
            return Ok(String::new());
        }
        let flags = self.byte()?;
        self.units(count, flags)
    }

    /// Reads the table of shared texts; fonts and phonetic readings are passed over. Of a table that breaks off, the
    /// texts before are kept: a cell that names a later one cannot be read.
    fn shared(&mut self) -> Result<SharedTexts, BiffError> {
        self.number(4)?;
        let count = self.number(4)?;
        // This format is not compressed, so the file's size bounds the texts.
        let mut strings = SharedTexts::packed_in(u64::MAX);
        for _ in 0..count {
            match self.shared_text() {
                Ok((text, rest)) => {
                    strings.push(&text)?;
                    if self.skip(rest).is_err() {
                        break;
                    }
                }
                Err(BiffError::Cut) => break,
                Err(error) => return Err(error),
            }
        }
        Ok(strings)
    }

    /// Reads a shared text, and how many bytes of fonts and readings follow.
    fn shared_text(&mut self) -> Result<(String, u64), BiffError> {
        let length = self.number(2)?;
        let flags = self.byte()?;
        let runs = if flags & 8 != 0 { self.number(2)? } else { 0 };
        let extra = if flags & 4 != 0 { self.number(4)? } else { 0 };
        let text = self.units(length, flags)?;
        Ok((text, u64::from(runs) * 4 + u64::from(extra)))
    }
}

/// One walk over one sheet.
struct XlsWalk<'a> {
    records: Records,
    globals: &'a XlsGlobals,
    merged: Vec<MergedRange>,
    /// Whether a formula with 0 or an empty text counts as never calculated.
    is_outdated: bool,
    /// The place and the style of a formula whose text follows in a later record.
    formula: Option<((u32, u32), u16)>,
}

impl XlsWalk<'_> {
    fn walk(mut self, feed: &mut Feed) -> Result<(), Halt> {
        // A chart is nested between the sheet's records, and some of its records look like cells.
        let mut depth = 0;
        let mut cells = Vec::new();
        let mut count = 0_u32;
        let mut is_past_cells = false;
        loop {
            let number = match self.records.next() {
                Ok(Some(number)) => number,
                // Every cell stands before the window, so a file that breaks off behind it has lost none.
                Ok(None) | Err(BiffError::Cut) if is_past_cells => break,
                Ok(None) => return Err(feed.said(Saying::SheetWithoutEnd)),
                Err(error) => return Err(feed.damaged(&error)),
            };
            match number {
                record::WINDOW if depth <= 1 => is_past_cells = true,
                record::ROW if depth <= 1 => {
                    if let Some(row) = hidden_row(&self.records.data) {
                        feed.hide(row);
                    }
                }
                record::BEGIN => depth += 1,
                record::END if depth <= 1 => break,
                record::END => depth -= 1,
                _ if depth > 1 => {}
                _ => self
                    .cells(number, &mut cells)
                    .map_err(|error| feed.damaged(&error))?,
            }
            for ((row, column), content) in cells.drain(..) {
                if column >= COLUMNS {
                    return Err(feed.said(Saying::BeyondLastColumn));
                }
                feed.add((row, column), content)?;
            }
            count = count.wrapping_add(1);
            if count.is_multiple_of(1024) {
                feed.check_wanted()?;
            }
        }
        if let Some((place, _)) = self.formula.take() {
            feed.add(place, Some(cell::uncalculated()))?;
        }
        feed.note_merged(self.merged);
        Ok(())
    }

    fn cells(
        &mut self,
        number: u16,
        cells: &mut Vec<((u32, u32), Content)>,
    ) -> Result<(), BiffError> {
        let data = self.records.data.as_slice();
        let place = |data: &[u8]| {
            Ok::<_, BiffError>((u32::from(short(data, 0)?), u32::from(short(data, 2)?)))
        };
        let goes_on = matches!(
            number,
            record::TEXT_OF_FORMULA
                | record::ARRAY
                | record::TABLE
                | record::SHARED_FORMULA
                | record::CONTINUE
        );
        if !goes_on && let Some((place, _)) = self.formula.take() {
            cells.push((place, Some(cell::uncalculated())));
        }
        match number {
            record::NUMBER => {
                let shown = self.formatted(short(data, 4)?, double(data, 6)?);
                cells.push((place(data)?, Some(shown)));
            }
            record::RK => {
                let shown = self.formatted(short(data, 4)?, rk(long(data, 6)?));
                cells.push((place(data)?, Some(shown)));
            }
            record::MANY_RK => {
                let (row, first) = place(data)?;
                let pairs = data
                    .get(4..data.len().saturating_sub(2))
                    .unwrap_or_default();
                for (pair, column) in pairs.chunks_exact(6).zip(first..) {
                    let shown = self.formatted(short(pair, 0)?, rk(long(pair, 2)?));
                    cells.push(((row, column), Some(shown)));
                }
            }
            record::SHARED_LABEL => {
                let position = long(data, 6)? as usize;
                let shared = self
                    .globals
                    .strings
                    .get(position)
                    .ok_or(BiffError::Shared)?;
                let format = self.format(short(data, 4)?);
                cells.push((place(data)?, NumberFormat::shown_text(format, shared)));
            }
            record::LABEL | record::RICH_LABEL => {
                let (place, style) = (place(data)?, short(data, 4)?);
                let first = data.get(6..).unwrap_or_default().to_vec();
                let raw = Texts::continued(first, &mut self.records)?.text()?;
                let shown = NumberFormat::shown_text(self.format(style), &raw);
                cells.push((place, shown));
            }
            record::BOOL_OR_ERROR => {
                let (value, is_error) = (data.get(6), data.get(7));
                let value = *value.ok_or(BiffError::Cut)?;
                let shown = if is_error == Some(&1) {
                    (error_text(value), CellKind::Error)
                } else {
                    cell::boolean(value != 0)
                };
                cells.push((place(data)?, Some(shown)));
            }
            record::FORMULA => {
                let place = place(data)?;
                match self.formula_value(data)? {
                    Some(content) => cells.extend(content.map(|content| (place, Some(content)))),
                    None => self.formula = Some((place, short(data, 4)?)),
                }
            }
            record::TEXT_OF_FORMULA => {
                let first = data.to_vec();
                let raw = Texts::continued(first, &mut self.records)?.text()?;
                if let Some((place, style)) = self.formula.take() {
                    let shown = NumberFormat::shown_text(self.format(style), &raw);
                    cells.push((place, shown));
                }
            }
            record::UNCALCULATED => self.is_outdated = true,
            record::MERGED => {
                let ranges = data.get(2..).unwrap_or_default().chunks_exact(8);
                let room = MOST_MERGED.saturating_sub(self.merged.len());
                for range in ranges.take(room) {
                    self.merged.push(MergedRange {
                        first_row: u32::from(short(range, 0)?) + 1,
                        last_row: u32::from(short(range, 2)?) + 1,
                        first_column: u32::from(short(range, 4)?),
                        last_column: u32::from(short(range, 6)?),
                    });
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Returns the content of a formula's cell; `None` if its text follows in a record of its own.
    fn formula_value(&self, formula: &[u8]) -> Result<Option<Content>, BiffError> {
        let result = formula.get(6..14).ok_or(BiffError::Cut)?;
        Ok(Some(match *result {
            _ if self.is_outdated && is_stub(formula)? => Some(cell::uncalculated()),
            [0, .., 0xFF, 0xFF] => return Ok(None),
            // An empty text.
            [3, .., 0xFF, 0xFF] => None,
            [1, _, value, .., 0xFF, 0xFF] => Some(cell::boolean(value != 0)),
            [2, _, code, .., 0xFF, 0xFF] => Some((error_text(code), CellKind::Error)),
            _ => Some(self.formatted(short(formula, 4)?, double(formula, 6)?)),
        }))
    }

    fn format(&self, style: u16) -> Option<&NumberFormat> {
        self.globals.formats.get(usize::from(style))
    }

    fn formatted(&self, style: u16, value: f64) -> (String, CellKind) {
        match self.format(style) {
            Some(format) => format.show(value, self.globals.is_1904),
            None => cell::number(value),
        }
    }
}
