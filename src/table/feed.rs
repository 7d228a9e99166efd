//! Cells → rows, handed over by a thread of their own, for every kind of workbook.
//!
//! The reader of a format walks its cells and gives them to a [`Feed`]. Rows, batches and ends are made here, so that
//! all workbooks behave alike. Memory holds a few batches of rows. A cell or row that is larger than any real one is
//! refused with its place.
//!
//! Two invariants:
//!
//! * Rows end only where the sheet ends. The thread could panic and its channel close, which looks like an end; so the
//!   end is a message of its own, and a channel that closes without it is an error.
//! * Rows ascend. A sheet whose rows are out of order, or that has a cell twice, is refused, because its rows would be
//!   answered under wrong numbers. Where the reader of a format knows beforehand that rows are out of order, it has them
//!   gathered: they are sorted when the sheet has ended.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::vec;

use crossbeam_channel::{Receiver, Sender, bounded, never};

use super::limits::{CELL_BYTES, LAST_COLUMN, LAST_ROW, ROW_MIB};
use super::{MergedRange, RowReader, TableError};
use crate::model::{
    Cell, CellKind, Fact, LONGEST_TEXT, Phrase, Row, RowNumber, Saying, column_letters,
};

const BATCH_ROWS: usize = 256;
/// A batch ends early at this many bytes of text, so that long cells do not pile up.
const BATCH_BYTES: usize = 512 * 1024;
const BATCHES: usize = 4;
/// The most bytes of rows that are gathered before they are sorted.
pub(super) const GATHERED_BYTES: usize = 256 << 20;

enum FeedMessage {
    Rows(Vec<Row>),
    Merged(Vec<MergedRange>),
    Hidden(Vec<RangeInclusive<u32>>),
    Failed(TableError),
    End,
}

/// Why a walk ends before the sheet does: it failed, or nobody reads its rows any more.
pub(super) enum Halt {
    Failed(TableError),
    Unwanted,
}

/// Runs `walk` in a thread of its own and returns the rows that it feeds.
pub(super) fn stream(
    path: &Path,
    sheet: &str,
    number_as: u16,
    walk: impl FnOnce(&mut Feed) -> Result<(), Halt> + Send + 'static,
) -> Result<FedRows, TableError> {
    let stop = Arc::new(AtomicBool::new(false));
    let (sender, receiver) = bounded(BATCHES);
    let mut feed = Feed {
        path: path.to_path_buf(),
        sheet: sheet.to_owned(),
        number: RowNumber {
            sheet: number_as,
            row: 0,
        },
        cells: Vec::new(),
        is_unsorted: false,
        gathered: None,
        gathered_bytes: 0,
        hidden: BTreeSet::new(),
        hidden_rows: Vec::new(),
        batch: Vec::with_capacity(BATCH_ROWS),
        batch_bytes: 0,
        row_bytes: 0,
        sender,
        stop: Arc::clone(&stop),
    };
    let thread = std::thread::Builder::new()
        .name("sheet reader".to_owned())
        .spawn(move || {
            let end = match walk(&mut feed).and_then(|()| feed.finish()) {
                Ok(()) => FeedMessage::End,
                Err(Halt::Failed(error)) => FeedMessage::Failed(error),
                Err(Halt::Unwanted) => return,
            };
            // Fails only if the rows were dropped, and then nobody waits for the end.
            let _ = feed.sender.send(end);
        })
        .map_err(|source| TableError::from_io(path, source))?;
    let at_end = Some(TableError::Damaged {
        path: path.to_path_buf(),
        sheet: sheet.to_owned(),
        row: 0,
        detail: Saying::ReaderBroke.into(),
    });
    Ok(FedRows {
        receiver,
        batch: Vec::new().into_iter(),
        merged: Vec::new(),
        hidden: Vec::new(),
        at_end,
        stop,
        thread: Some(thread),
    })
}

/// The rows of a sheet that a thread walks.
pub(super) struct FedRows {
    receiver: Receiver<FeedMessage>,
    batch: vec::IntoIter<Row>,
    merged: Vec<MergedRange>,
    hidden: Vec<RangeInclusive<u32>>,
    /// The error to return if the thread ends without its last message; `None` once that message came.
    at_end: Option<TableError>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RowReader for FedRows {
    fn read_row(&mut self) -> Result<Option<Row>, TableError> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            if self.at_end.is_none() {
                return Ok(None);
            }
            match self.receiver.recv() {
                Ok(FeedMessage::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(FeedMessage::Merged(merged)) => self.merged = merged,
                Ok(FeedMessage::Hidden(hidden)) => self.hidden = hidden,
                Ok(FeedMessage::End) => self.at_end = None,
                Ok(FeedMessage::Failed(error)) => {
                    self.at_end = None;
                    return Err(error);
                }
                Err(_) => return self.at_end.take().map_or(Ok(None), Err),
            }
        }
    }

    fn merged(&self) -> Vec<MergedRange> {
        self.merged.clone()
    }

    fn hidden_rows(&self) -> Vec<RangeInclusive<u32>> {
        self.hidden.clone()
    }
}

impl Drop for FedRows {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.receiver = never();
        if let Some(thread) = self.thread.take() {
            // A panic of the thread was already returned by `read_row` as `ReaderBroke`.
            let _ = thread.join();
        }
    }
}

/// The row that is being put together and the batch it will join.
pub(super) struct Feed {
    path: PathBuf,
    sheet: String,
    number: RowNumber,
    cells: Vec<Cell>,
    is_unsorted: bool,
    /// The cells of all rows by row number, where the sheet has its rows out of order.
    gathered: Option<BTreeMap<u32, Vec<Cell>>>,
    gathered_bytes: usize,
    /// The numbers of hidden rows that may still come.
    hidden: BTreeSet<u32>,
    /// The hidden rows that came.
    hidden_rows: Vec<RangeInclusive<u32>>,
    batch: Vec<Row>,
    batch_bytes: usize,
    row_bytes: usize,
    sender: Sender<FeedMessage>,
    stop: Arc<AtomicBool>,
}

impl Feed {
    /// Takes a cell by its 0-based row and column; `None` for a blank one.
    pub(super) fn add(
        &mut self,
        place: (u32, u32),
        content: Option<(String, CellKind)>,
    ) -> Result<(), Halt> {
        self.add_formatted(place, content, None)
    }

    /// The same for a cell whose number format is known ([`Cell::format`]).
    pub(super) fn add_formatted(
        &mut self,
        (row, column): (u32, u32),
        content: Option<(String, CellKind)>,
        format: Option<u16>,
    ) -> Result<(), Halt> {
        let row = row.saturating_add(1);
        if row != self.number.row {
            self.end_row()?;
            self.check_wanted()?;
            let is_too_large = self.gathered_bytes > GATHERED_BYTES;
            if is_too_large || (row < self.number.row && self.gathered.is_none()) {
                return Err(
                    self.said(Phrase::new(Saying::RowsOutOfOrder).with("row", row.to_string()))
                );
            }
            self.number.row = row;
        }
        if let Some((text, kind)) = content {
            if text.len() > LONGEST_TEXT && text.encode_utf16().count() > LONGEST_TEXT {
                return Err(self.too_long((row - 1, column)));
            }
            let bytes = text.len() + CELL_BYTES;
            self.row_bytes += bytes;
            if self.row_bytes > (ROW_MIB as usize) << 20 {
                let phrase = Phrase::new(Saying::LongRow)
                    .with("row", row.to_string())
                    .with("limit", ROW_MIB.to_string());
                return Err(self.too_large(phrase));
            }
            self.is_unsorted |= self.cells.last().is_some_and(|last| last.column >= column);
            if self.gathered.is_some() {
                self.gathered_bytes += bytes;
            } else {
                self.batch_bytes += bytes;
            }
            self.cells.push(Cell {
                column,
                text,
                kind,
                format,
            });
        }
        Ok(())
    }

    /// Has the rows gathered and sorted: the sheet is known to have them out of order.
    pub(super) fn gather(&mut self) {
        self.gathered = Some(BTreeMap::new());
    }

    /// Notes that a 0-based row, whose cells have not come yet, is hidden.
    pub(super) fn hide(&mut self, row: u32) {
        self.hidden.insert(row.saturating_add(1));
    }

    /// Sends the merged ranges of the sheet, as far as they lie in a sheet.
    pub(super) fn note_merged(&mut self, mut merged: Vec<MergedRange>) {
        merged.retain(|range| range.first_row <= LAST_ROW && range.first_column < LAST_COLUMN);
        for range in &mut merged {
            range.last_row = range.last_row.min(LAST_ROW);
            range.last_column = range.last_column.min(LAST_COLUMN - 1);
        }
        // Fails only if the rows were dropped, and then nobody asks for merged ranges.
        let _ = self.sender.send(FeedMessage::Merged(merged));
    }

    /// Fails with [`Halt::Unwanted`] if nobody reads the rows any more.
    pub(super) fn check_wanted(&self) -> Result<(), Halt> {
        if self.stop.load(Ordering::Relaxed) {
            Err(Halt::Unwanted)
        } else {
            Ok(())
        }
    }

    /// Returns the failure that the sheet cannot be read beyond the current row, with the words of a library.
    pub(super) fn damaged(&self, detail: &(impl ToString + ?Sized)) -> Halt {
        self.said(detail.to_string())
    }

    /// Returns the failure that the sheet cannot be read beyond the current row, with words that can be translated.
    pub(super) fn said(&self, detail: impl Into<Fact>) -> Halt {
        Halt::Failed(TableError::Damaged {
            path: self.path.clone(),
            sheet: self.sheet.clone(),
            row: self.number.row,
            detail: detail.into(),
        })
    }

    /// Returns the failure that the cell at a 0-based row and column holds more than a cell can.
    pub(super) fn too_long(&self, (row, column): (u32, u32)) -> Halt {
        let cell = format!("{}{}", column_letters(column), row.saturating_add(1));
        let phrase = Phrase::new(Saying::LongCell)
            .with("cell", cell)
            .with("limit", LONGEST_TEXT.to_string());
        self.too_large(phrase)
    }

    fn too_large(&self, phrase: Phrase) -> Halt {
        Halt::Failed(TableError::TooLarge {
            path: self.path.clone(),
            what: phrase.with("sheet", self.sheet.as_str()).into(),
        })
    }

    fn finish(&mut self) -> Result<(), Halt> {
        self.end_row()?;
        for (row, cells) in self.gathered.take().unwrap_or_default() {
            self.number.row = row;
            self.is_unsorted = true;
            self.batch_bytes += cells.iter().map(|cell| cell.text.len()).sum::<usize>();
            self.cells = cells;
            self.end_row()?;
        }
        self.send_batch()?;
        let hidden = std::mem::take(&mut self.hidden_rows);
        // Fails only if the rows were dropped, and then nobody asks for hidden rows.
        let _ = self.sender.send(FeedMessage::Hidden(hidden));
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Halt> {
        self.row_bytes = 0;
        if self.cells.is_empty() {
            return Ok(());
        }
        if let Some(gathered) = &mut self.gathered {
            let cells = gathered.entry(self.number.row).or_default();
            cells.append(&mut self.cells);
            return Ok(());
        }
        if std::mem::take(&mut self.is_unsorted) {
            self.cells.sort_by_key(|cell| cell.column);
            if self
                .cells
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.column == b.column))
            {
                return Err(self.said(Saying::CellTwice));
            }
        }
        let hidden_zeros = self.take_hidden_zeros();
        // A row of nothing but zeros that their format hides looks blank.
        if self.cells.is_empty() {
            return Ok(());
        }
        self.note_hidden();
        let next = Vec::with_capacity(self.cells.len());
        let cells = std::mem::replace(&mut self.cells, next);
        self.batch.push(Row {
            number: self.number,
            cells,
            ragged: None,
            spans: Vec::new(),
            hidden_zeros,
            corrected: Vec::new(),
        });
        if self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.send_batch()?;
        }
        Ok(())
    }

    /// Takes the zeros that their format hides out of the cells.
    fn take_hidden_zeros(&mut self) -> Vec<Cell> {
        let is_hidden =
            |cell: &mut Cell| cell.text.is_empty() && matches!(cell.kind, CellKind::Shown(_));
        self.cells.extract_if(.., is_hidden).collect()
    }

    /// Notes the current row if it is hidden, and forgets hidden rows above it: they were blank.
    fn note_hidden(&mut self) {
        let row = self.number.row;
        while self.hidden.first().is_some_and(|first| *first < row) {
            self.hidden.pop_first();
        }
        if !self.hidden.remove(&row) {
            return;
        }
        match self.hidden_rows.last_mut() {
            Some(last) if last.end() + 1 == row => *last = *last.start()..=row,
            _ => self.hidden_rows.push(row..=row),
        }
    }

    fn send_batch(&mut self) -> Result<(), Halt> {
        self.batch_bytes = 0;
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH_ROWS));
        self.sender
            .send(FeedMessage::Rows(batch))
            .map_err(|_| Halt::Unwanted)
    }
}
