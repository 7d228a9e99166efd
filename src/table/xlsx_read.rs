//! XLSX → rows, streamed by a thread of its own.
//!
//! calamine's cell reader walks the sheet's XML, so memory holds a few batches of rows and the shared
//! strings, whatever dimension the sheet claims. (`worksheet_range` would allocate that dimension:
//! 1 048 576 × 16 384 for a sheet somebody formatted to its end.)
//!
//! Two invariants. A reader that ends is a sheet read to its end: the thread says so in a last message,
//! and silence is an error. And rows ascend: calamine gives cells in the order of the file, so a sheet
//! whose rows are out of order is refused rather than answered under wrong numbers.
//!
//! A number in a format of zeros only (`000000`) is an id whose leading zeros a person sees, so it gets
//! them. Other formats (percent, currency, digits rounded away) do not change what is passed on.
//!
//! Error values that calamine does not know (`#SPILL!`, `#CALC!`) come as an `Err` without a position,
//! but the walk can go on after it. From the first of them a second walk, over formulas, which meets the
//! same cells and reads no values, tells every position.

use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::vec;

use calamine::{
    Cell as DataCell, DataRef, Reader, SheetType, SheetVisible, Style, Xlsx, XlsxCellReader,
    XlsxError,
};
use crossbeam_channel::{Receiver, Sender, bounded, never};

use super::workbook::SheetInfo;
use super::{RowReader, TableError, cell};
use crate::model::{Cell, CellKind, Row, RowNumber, Saying};

const BATCH_ROWS: usize = 256;
/// A batch ends early at this many bytes of text, so that long cells do not pile up.
const BATCH_BYTES: usize = 512 * 1024;
const BATCHES: usize = 4;

type OpenXlsx = Xlsx<BufReader<File>>;
type Cells<'a> = XlsxCellReader<'a, BufReader<File>>;

/// An opened workbook. It is lent to one reading thread at a time; a second one opens the file anew.
pub(super) struct XlsxSource {
    parked: Arc<Mutex<Option<OpenXlsx>>>,
    sheets: Vec<SheetInfo>,
}

impl XlsxSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let xlsx = open(path)?;
        let sheets = xlsx
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.typ == SheetType::WorkSheet)
            .map(|sheet| SheetInfo {
                name: sheet.name.clone(),
                hidden: sheet.visible != SheetVisible::Visible,
            })
            .collect();
        Ok(Self {
            parked: Arc::new(Mutex::new(Some(xlsx))),
            sheets,
        })
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.clone()
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        sheet: &str,
        number_as: u16,
    ) -> Result<XlsxReader, TableError> {
        let parked = self
            .parked
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        let mut xlsx = match parked {
            Some(xlsx) => xlsx,
            None => open(path)?,
        };
        let parking = Arc::clone(&self.parked);
        let stop = Arc::new(AtomicBool::new(false));
        let (sender, receiver) = bounded(BATCHES);
        let mut walk = Walk {
            path: path.to_path_buf(),
            sheet: sheet.to_owned(),
            zeros: Vec::new(),
            number: RowNumber {
                sheet: number_as,
                row: 0,
            },
            cells: Vec::new(),
            is_unsorted: false,
            batch: Vec::with_capacity(BATCH_ROWS),
            batch_bytes: 0,
            sender,
            stop: Arc::clone(&stop),
        };
        let thread = std::thread::Builder::new()
            .name("xlsx reader".to_owned())
            .spawn(move || {
                let end = match walk.run(&mut xlsx) {
                    Ok(()) => Message::End,
                    Err(Halt::Failed(error)) => Message::Failed(error),
                    Err(Halt::Unwanted) => return park(&parking, xlsx),
                };
                park(&parking, xlsx);
                // Nobody may be there to hear it any more.
                let _ = walk.sender.send(end);
            })
            .map_err(|source| TableError::reading(path, source))?;
        let at_end = Some(TableError::Damaged {
            path: path.to_path_buf(),
            sheet: sheet.to_owned(),
            row: 0,
            detail: Saying::ReaderBroke.into(),
        });
        Ok(XlsxReader {
            receiver,
            batch: Vec::new().into_iter(),
            at_end,
            stop,
            thread: Some(thread),
        })
    }
}

fn park(parking: &Mutex<Option<OpenXlsx>>, xlsx: OpenXlsx) {
    *parking.lock().unwrap_or_else(PoisonError::into_inner) = Some(xlsx);
}

fn zeros_of(style: &Style) -> usize {
    style
        .number_format
        .as_ref()
        .map_or(0, |format| cell::shown_zeros(&format.format_code))
}

fn open(path: &Path) -> Result<OpenXlsx, TableError> {
    let file = File::open(path).map_err(|source| TableError::reading(path, source))?;
    Xlsx::new(BufReader::new(file)).map_err(|error| match error {
        XlsxError::Io(source) => TableError::reading(path, source),
        XlsxError::Password => TableError::OldFormat {
            path: path.to_path_buf(),
            kind: Saying::PasswordProtected,
        },
        other => TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail: other.to_string().into(),
        },
    })
}

enum Message {
    Rows(Vec<Row>),
    Failed(TableError),
    End,
}

/// Streams the rows of a sheet.
pub(super) struct XlsxReader {
    receiver: Receiver<Message>,
    batch: vec::IntoIter<Row>,
    /// What to answer if the thread goes away without a last word; `None` once the end was told.
    at_end: Option<TableError>,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl RowReader for XlsxReader {
    fn read_row(&mut self) -> Result<Option<Row>, TableError> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            if self.at_end.is_none() {
                return Ok(None);
            }
            match self.receiver.recv() {
                Ok(Message::Rows(rows)) => self.batch = rows.into_iter(),
                Ok(Message::End) => self.at_end = None,
                Ok(Message::Failed(error)) => {
                    self.at_end = None;
                    return Err(error);
                }
                Err(_) => return self.at_end.take().map_or(Ok(None), Err),
            }
        }
    }
}

impl Drop for XlsxReader {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.receiver = never();
        if let Some(thread) = self.thread.take() {
            // A panic there was already answered as a broken-off reader.
            let _ = thread.join();
        }
    }
}

/// Why a walk ends before the sheet does.
enum Halt {
    Failed(TableError),
    Unwanted,
}

/// The thread's state: the row that is being put together and the batch it will join.
struct Walk {
    path: PathBuf,
    sheet: String,
    /// For every style, how many digits its format shows at least.
    zeros: Vec<usize>,
    number: RowNumber,
    cells: Vec<Cell>,
    is_unsorted: bool,
    batch: Vec<Row>,
    batch_bytes: usize,
    sender: Sender<Message>,
    stop: Arc<AtomicBool>,
}

impl Walk {
    fn run(&mut self, xlsx: &mut OpenXlsx) -> Result<(), Halt> {
        let sheet = self.sheet.clone();
        let mut cells = xlsx
            .worksheet_cells_reader(&sheet)
            .map_err(|error| self.damaged(&error))?;
        self.zeros = cells.styles().iter().map(zeros_of).collect();
        let mut seen_cells = 0_u64;
        loop {
            match cells.next_cell_with_style_id() {
                Ok(Some((cell, style))) => {
                    let content = self.content(cell.get_value(), style);
                    self.add(cell.get_position(), content)?;
                }
                Ok(None) => break,
                Err(XlsxError::CellError(text)) => {
                    self.run_located(&mut cells, seen_cells, text)?;
                    break;
                }
                Err(error) => return Err(self.damaged(&error)),
            }
            seen_cells += 1;
        }
        self.end_row()?;
        self.send_batch()
    }

    /// Goes on from the first unknown error value, a second walk telling the positions.
    fn run_located(
        &mut self,
        cells: &mut Cells<'_>,
        seen_cells: u64,
        first: String,
    ) -> Result<(), Halt> {
        let mut second = open(&self.path).map_err(Halt::Failed)?;
        let sheet = self.sheet.clone();
        let mut positions = second
            .worksheet_cells_reader(&sheet)
            .map_err(|error| self.damaged(&error))?;
        for _ in 0..seen_cells {
            self.check_wanted()?;
            self.next_position(&mut positions)?;
        }
        let mut next: Result<Option<(DataCell<DataRef<'_>>, usize)>, XlsxError> =
            Err(XlsxError::CellError(first));
        loop {
            let content = match next {
                Ok(Some((cell, style))) => self.content(cell.get_value(), style),
                Ok(None) => return Ok(()),
                Err(XlsxError::CellError(text)) => Some((text, CellKind::Error)),
                Err(error) => return Err(self.damaged(&error)),
            };
            let position = self.next_position(&mut positions)?;
            self.add(position, content)?;
            next = cells.next_cell_with_style_id();
        }
    }

    fn content(&self, data: &DataRef<'_>, style: usize) -> Option<(String, CellKind)> {
        let (mut text, kind) = cell::from_data(data)?;
        if kind == CellKind::Number
            && let Some(&zeros) = self.zeros.get(style)
        {
            cell::show_zeros(&mut text, zeros);
        }
        Some((text, kind))
    }

    fn next_position(&self, positions: &mut Cells<'_>) -> Result<(u32, u32), Halt> {
        match positions.next_formula() {
            Ok(Some(cell)) => Ok(cell.get_position()),
            Ok(None) => Err(self.damaged(&"two walks over the sheet differ")),
            Err(error) => Err(self.damaged(&error)),
        }
    }

    fn add(
        &mut self,
        (row, column): (u32, u32),
        content: Option<(String, CellKind)>,
    ) -> Result<(), Halt> {
        let row = row + 1;
        if row != self.number.row {
            self.end_row()?;
            self.check_wanted()?;
            if row < self.number.row {
                return Err(self.damaged(&format!("row {row} follows: rows are out of order")));
            }
            self.number.row = row;
        }
        if let Some((text, kind)) = content {
            self.is_unsorted |= self.cells.last().is_some_and(|last| last.column >= column);
            self.batch_bytes += text.len();
            self.cells.push(Cell { column, text, kind });
        }
        Ok(())
    }

    fn end_row(&mut self) -> Result<(), Halt> {
        if self.cells.is_empty() {
            return Ok(());
        }
        if std::mem::take(&mut self.is_unsorted) {
            self.cells.sort_by_key(|cell| cell.column);
            if self
                .cells
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.column == b.column))
            {
                return Err(self.damaged(&"the next row has a cell twice"));
            }
        }
        let next = Vec::with_capacity(self.cells.len());
        let cells = std::mem::replace(&mut self.cells, next);
        self.batch.push(Row {
            number: self.number,
            cells,
            ragged: None,
        });
        if self.batch.len() >= BATCH_ROWS || self.batch_bytes >= BATCH_BYTES {
            self.send_batch()?;
        }
        Ok(())
    }

    fn send_batch(&mut self) -> Result<(), Halt> {
        self.batch_bytes = 0;
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH_ROWS));
        self.sender
            .send(Message::Rows(batch))
            .map_err(|_| Halt::Unwanted)
    }

    fn check_wanted(&self) -> Result<(), Halt> {
        if self.stop.load(Ordering::Relaxed) {
            Err(Halt::Unwanted)
        } else {
            Ok(())
        }
    }

    fn damaged(&self, detail: &dyn ToString) -> Halt {
        Halt::Failed(TableError::Damaged {
            path: self.path.clone(),
            sheet: self.sheet.clone(),
            row: self.number.row,
            detail: detail.to_string().into(),
        })
    }
}
