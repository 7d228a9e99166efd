//! Writes rows into a worksheet, in a thread of its own once there are many.
//!
//! The library is what takes longest when a sheet is written, and it works on one core. So whoever makes the rows hands
//! them over in batches and goes on with the next. Few batches wait, so memory does not grow with rows. A sheet of less
//! than a batch is written without a thread.
//!
//! `rust_xlsxwriter` panics when one of its temporary files cannot be written (a full disk). The panic ends the thread,
//! and the next batch that is handed over fails, or the end of the sheet.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Once};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::styles::Formats;
use super::xlsx_rows::{RowBatch, RowShape};

/// How many batches wait at most.
const BATCHES: usize = 2;

thread_local! {
    /// Whether a panic of this thread is caught and becomes an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run`, whose panics somebody catches, without their message on the terminal. The panic hook is replaced once
/// for the process, and still prints the panics of all other code.
pub(super) fn quietly<T>(run: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                shown(panic);
            }
        }));
    });
    let before = IS_GUARDED.replace(true);
    let result = run();
    IS_GUARDED.set(before);
    result
}

/// Returns what a panic of the library means.
pub(super) fn library_panicked() -> io::Error {
    io::Error::other("a temporary file could not be written; the disk may be full")
}

/// A worksheet, and the rows that are still to be written into it.
pub(super) struct Pen {
    /// `None` while the thread has it, and after a failure.
    worksheet: Option<Worksheet>,
    thread: Option<PenThread>,
    formats: Arc<Formats>,
    pub(super) batch: RowBatch,
}

/// The thread that has the worksheet. Dropping it waits for its end: what the library keeps open must be closed before
/// anybody takes the folder away.
struct PenThread {
    batches: Option<Sender<RowBatch>>,
    writing: Option<JoinHandle<Result<Worksheet, XlsxError>>>,
}

impl PenThread {
    fn start(mut worksheet: Worksheet, formats: Arc<Formats>) -> Result<Self, XlsxError> {
        let (batches, queue) = bounded::<RowBatch>(BATCHES);
        let work = move || {
            for batch in queue {
                batch.write(&mut worksheet, &formats)?;
            }
            Ok(worksheet)
        };
        let thread = std::thread::Builder::new().name("sheet writer".to_owned());
        let writing = thread.spawn(|| quietly(work));
        Ok(Self {
            batches: Some(batches),
            writing: Some(writing.map_err(XlsxError::IoError)?),
        })
    }

    /// Hands a batch over; false if the thread has ended.
    fn take(&self, batch: RowBatch) -> bool {
        let batches = self.batches.as_ref();
        batches.is_some_and(|batches| batches.send(batch).is_ok())
    }

    /// Waits until all batches are written, and returns the worksheet.
    fn end(&mut self) -> Result<Worksheet, XlsxError> {
        self.batches = None;
        let ended = self.writing.take().map(JoinHandle::join);
        let panicked = || Err(XlsxError::IoError(library_panicked()));
        ended.and_then(Result::ok).unwrap_or_else(panicked)
    }
}

impl Drop for PenThread {
    fn drop(&mut self) {
        // Whoever drops it does not want the worksheet.
        let _ = self.end();
    }
}

impl Pen {
    pub(super) fn new(worksheet: Worksheet, formats: Arc<Formats>) -> Self {
        Self {
            worksheet: Some(worksheet),
            thread: None,
            formats,
            batch: RowBatch::default(),
        }
    }

    /// Ends the row whose cells were pushed to the batch, and hands a full batch over.
    pub(super) fn end_row(&mut self, number: u32, shape: RowShape) -> Result<(), XlsxError> {
        self.batch.end_row(number, shape);
        if !self.batch.is_full() {
            return Ok(());
        }
        let next = self.batch.next();
        let batch = std::mem::replace(&mut self.batch, next);
        if let Some(worksheet) = self.worksheet.take() {
            self.thread = Some(PenThread::start(worksheet, Arc::clone(&self.formats))?);
        }
        if self
            .thread
            .as_ref()
            .is_some_and(|thread| thread.take(batch))
        {
            return Ok(());
        }
        // The thread has ended, and says why.
        self.all_written().map(drop)
    }

    /// Waits until all rows are written, and returns the worksheet with them.
    pub(super) fn all_written(&mut self) -> Result<&mut Worksheet, XlsxError> {
        if let Some(mut thread) = self.thread.take() {
            self.worksheet = Some(thread.end()?);
        }
        let worksheet = self.worksheet.as_mut();
        let worksheet = worksheet.ok_or_else(|| XlsxError::IoError(library_panicked()))?;
        std::mem::take(&mut self.batch).write(worksheet, &self.formats)?;
        Ok(worksheet)
    }

    /// Waits until all rows are written, and gives the worksheet away.
    pub(super) fn into_worksheet(mut self) -> Result<Worksheet, XlsxError> {
        self.all_written()?;
        self.worksheet
            .ok_or_else(|| XlsxError::IoError(library_panicked()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::write::{OutCell, StyledCell};
    use super::*;

    /// More rows than all batches hold that may be on their way.
    const MANY_ROWS: u32 = 4_000;

    fn write_rows(pen: &mut Pen, column: u16) -> Result<(), XlsxError> {
        for number in 0..MANY_ROWS {
            let cell = StyledCell::plain(OutCell::Count(u64::from(number)));
            pen.batch.push(column, None, &cell, &mut 0);
            pen.end_row(number, RowShape::default())?;
        }
        Ok(())
    }

    #[test]
    fn a_row_that_cannot_be_written_is_an_error_now_or_at_the_end() {
        let mut pen = Pen::new(Worksheet::new(), Arc::new(Formats::new()));
        // Excel has 16 384 columns.
        assert!(write_rows(&mut pen, 16_384).is_err());
        assert!(pen.into_worksheet().is_err());
        let mut pen = Pen::new(Worksheet::new(), Arc::new(Formats::new()));
        write_rows(&mut pen, 16_383).unwrap();
        pen.into_worksheet().unwrap();
    }

    #[test]
    fn a_panic_of_the_library_is_an_error_that_speaks_of_the_disk() {
        let (batches, queue) = bounded(1);
        drop(queue);
        let mut pen = Pen::new(Worksheet::new(), Arc::new(Formats::new()));
        pen.worksheet = None;
        pen.thread = Some(PenThread {
            batches: Some(batches),
            writing: Some(std::thread::spawn(|| quietly(|| panic!("on purpose")))),
        });
        let error = write_rows(&mut pen, 0).unwrap_err();
        assert!(error.to_string().contains("disk"), "{error}");
        assert!(pen.into_worksheet().is_err());
    }

    #[test]
    fn who_lets_a_pen_go_waits_for_its_thread() {
        let folder = tempfile::tempdir().unwrap();
        let mut workbook = rust_xlsxwriter::Workbook::new();
        workbook.set_tempdir(folder.path()).unwrap();
        let worksheet = workbook.new_worksheet_with_constant_memory().unwrap();
        let formats = Arc::new(Formats::new());
        let mut pen = Pen::new(worksheet, Arc::clone(&formats));
        write_rows(&mut pen, 0).unwrap();
        assert!(pen.thread.is_some());
        drop(pen);
        // The thread held the other one.
        assert_eq!(Arc::strong_count(&formats), 1);
    }
}
