//! When the rows of a job left, as the journal has it: of every run and every process that has worked on the job.

use super::JournalError;
use super::store::Journal;
use crate::model::PaceCounts;

/// When the rows of a job left.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SentTimes {
    /// The rows over time, each at the time of its last call.
    pub pace: PaceCounts,
    /// When the last row left or was answered, in Unix milliseconds; `None` where none has left.
    pub latest: Option<i64>,
}

impl Journal {
    /// Reads when the rows left. Every row is read, and none is kept.
    pub fn sent_times(&self) -> Result<SentTimes, JournalError> {
        let read = || {
            let query = "SELECT sent_at, ended_at FROM rows WHERE sent_at IS NOT NULL";
            let mut statement = self.connection.prepare_cached(query)?;
            let mut rows = statement.query([])?;
            let mut times = SentTimes::default();
            while let Some(row) = rows.next()? {
                let (sent, ended): (i64, Option<i64>) = (row.get(0)?, row.get(1)?);
                times.pace.note(sent, 1);
                times.latest = times.latest.max(Some(sent)).max(ended);
            }
            Ok(times)
        };
        read().map_err(|source| self.database_error(source))
    }
}
