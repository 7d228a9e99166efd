//! Writes rows into a worksheet, in a thread of its own once there are many.
//!
//! The library is what takes longest when a sheet is written, and it works on one core. So whoever makes the rows hands
//! them over in batches and goes on with the next. Few batches wait, so memory does not grow with rows. A sheet of few
//! rows is written without a thread.
//!
//! `rust_xlsxwriter` panics when one of its temporary files cannot be written (a full disk). The panic ends the thread,
//! and the pen's next call or the last one fails.

use std::cell::Cell;
use std::io;
use std::sync::{Arc, Once};
use std::thread::JoinHandle;

use crossbeam_channel::{Sender, bounded};
use rust_xlsxwriter::{Worksheet, XlsxError};

use super::styles::Formats;
use super::xlsx_cell::{RowBatch, RowShape};

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
pub(super) fn unwritten() -> io::Error {
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

struct PenThread {
    batches: Sender<RowBatch>,
    worksheet: JoinHandle<Result<Worksheet, XlsxError>>,
}

impl PenThread {
    fn start(mut worksheet: Worksheet, formats: Arc<Formats>) -> Self {
        let (batches, waiting) = bounded::<RowBatch>(BATCHES);
        let work = move || {
            for batch in waiting {
                batch.write(&mut worksheet, &formats)?;
            }
            Ok(worksheet)
        };
        Self {
            batches,
            worksheet: std::thread::spawn(|| quietly(work)),
        }
    }

    /// Waits until all batches are written.
    fn end(self) -> Result<Worksheet, XlsxError> {
        drop(self.batches);
        let ended = self.worksheet.join();
        ended.unwrap_or_else(|_| Err(XlsxError::IoError(unwritten())))
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
        let next = self.batch.with_its_room();
        let batch = std::mem::replace(&mut self.batch, next);
        if let Some(worksheet) = self.worksheet.take() {
            self.thread = Some(PenThread::start(worksheet, Arc::clone(&self.formats)));
        }
        let thread = self.thread.as_ref();
        match thread.map(|thread| thread.batches.send(batch)) {
            Some(Ok(())) => Ok(()),
            // The thread has ended, and says why.
            _ => self.worksheet().map(drop),
        }
    }

    /// Returns the worksheet with all rows in it. The thread has ended then.
    pub(super) fn worksheet(&mut self) -> Result<&mut Worksheet, XlsxError> {
        if let Some(thread) = self.thread.take() {
            self.worksheet = Some(thread.end()?);
        }
        let worksheet = self.worksheet.as_mut();
        let worksheet = worksheet.ok_or_else(|| XlsxError::IoError(unwritten()))?;
        std::mem::take(&mut self.batch).write(worksheet, &self.formats)?;
        Ok(worksheet)
    }

    /// Returns the worksheet with all rows in it, for good.
    pub(super) fn lift(mut self) -> Result<Worksheet, XlsxError> {
        self.worksheet()?;
        self.worksheet
            .ok_or_else(|| XlsxError::IoError(unwritten()))
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
            pen.batch.push((column, None), &cell, &mut 0);
            pen.end_row(number, RowShape::default())?;
        }
        Ok(())
    }

    #[test]
    fn a_row_that_cannot_be_written_is_an_error_now_or_at_the_end() {
        let mut pen = Pen::new(Worksheet::new(), Arc::new(Formats::new()));
        // Excel has 16 384 columns.
        assert!(write_rows(&mut pen, 16_384).is_err());
        assert!(pen.lift().is_err());
        let mut pen = Pen::new(Worksheet::new(), Arc::new(Formats::new()));
        write_rows(&mut pen, 16_383).unwrap();
        pen.lift().unwrap();
    }

    #[test]
    fn a_panic_of_the_library_is_an_error_that_speaks_of_the_disk() {
        let (batches, _) = bounded(1);
        let worksheet = std::thread::spawn(|| quietly(|| panic!("on purpose")));
        let error = PenThread { batches, worksheet }.end().err().unwrap();
        assert!(error.to_string().contains("disk"), "{error}");
    }
}
