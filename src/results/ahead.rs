//! Reads rows and their answers ahead of whoever writes them, in a thread of its own.
//!
//! The library writes a sheet on one core, and need not wait there for what is read. Few batches are read ahead, so memory does not grow with rows. The thread has a
//! connection of its own to the journal.

use std::vec;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::journal::{JobFolder, Journal, RowSet};
use crate::results::answers::{AnsweredRow, AnsweredRows};
use crate::table::Workbook;

/// How many rows a batch has.
const BATCH_ROWS: usize = 256;
/// How many batches wait at most.
const BATCHES: usize = 2;

type Batch = Result<Vec<AnsweredRow>, JobError>;

/// What is read.
#[derive(Clone, Copy)]
pub(crate) struct AnsweredSource<'a> {
    pub(crate) workbook: &'a Workbook,
    pub(crate) sheets: &'a [SheetPlan],
    pub(crate) folder: &'a JobFolder,
    /// [`RowSet::All`] where records are needed, else [`RowSet::Answers`].
    pub(crate) set: RowSet,
}

/// The rows of a source with their answers, in order.
pub(crate) struct AheadRows {
    batches: Receiver<Batch>,
    batch: vec::IntoIter<AnsweredRow>,
}

impl AnsweredSource<'_> {
    /// Has `take` take the rows while the next ones are read. What it leaves is not read.
    pub(crate) fn read_ahead<T>(
        self,
        take: impl FnOnce(&mut AheadRows) -> Result<T, JobError>,
    ) -> Result<T, JobError> {
        let (sender, batches) = bounded(BATCHES);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                if let Err(error) = self.read(&sender) {
                    // Without a taker nobody asks for the error.
                    let _ = sender.send(Err(error));
                }
            });
            take(&mut AheadRows {
                batches,
                batch: Vec::new().into_iter(),
            })
        })
    }

    /// Reads to the end, or until nobody takes any more.
    fn read(&self, sender: &Sender<Batch>) -> Result<(), JobError> {
        let journal = Journal::read(self.folder)?;
        let mut rows = AnsweredRows::new(self.workbook, self.sheets, &journal, self.set);
        loop {
            let mut batch = Vec::with_capacity(BATCH_ROWS);
            while batch.len() < BATCH_ROWS {
                match rows.read_row() {
                    Ok(Some(row)) => batch.push(row),
                    Ok(None) => {
                        let _ = sender.send(Ok(batch));
                        return Ok(());
                    }
                    Err(error) => {
                        // The rows before the one that cannot be read come first.
                        let _ = sender.send(Ok(batch));
                        return Err(error);
                    }
                }
            }
            if sender.send(Ok(batch)).is_err() {
                return Ok(());
            }
        }
    }
}

impl AheadRows {
    /// Returns the next row of the source, and `None` behind the last.
    pub(crate) fn read_row(&mut self) -> Result<Option<AnsweredRow>, JobError> {
        loop {
            if let Some(row) = self.batch.next() {
                return Ok(Some(row));
            }
            match self.batches.recv() {
                Ok(batch) => self.batch = batch?.into_iter(),
                Err(_) => return Ok(None),
            }
        }
    }
}
