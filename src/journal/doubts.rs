//! Rows in doubt: after a crash, after a lost reply, and while another job may have added them.

use rusqlite::params;

use super::clock::unix_milliseconds;
use super::cursor::{RowCursor, RowSet};
use super::image::Image;
use super::recorder::own_outcome;
use super::rows::{JournalRow, RowState};
use super::store::Journal;
use super::{JournalError, Ledger, RowOutcome, StateFolder};
use crate::model::{
    Action, Code, CustomerId, Entry, EntryRole, JobId, Problem, Record, RowNumber, Status, Value,
};

/// Selects adds that were never sent, because another job may have added them.
const WAITING: &str = "state = 5 AND action = 1 AND sent_at IS NULL AND wait_job IS NOT NULL";
/// How many rows of the ledger are read at a time.
const BATCH_ROWS: usize = 5000;

impl Journal {
    /// Fails when the ledger knows later groups of this journal, which proves that the journal went back in time.
    pub fn check_ledger(&self, ledger: &Ledger) -> Result<(), JournalError> {
        let claimed = ledger.seq()?;
        if claimed <= self.seq + 1 {
            return Ok(());
        }
        Err(JournalError::WentBack {
            path: self.path.clone(),
            journal: self.seq,
            side: claimed,
        })
    }

    /// Settles the rows that were on their way when the process died. Runs before a job goes on.
    ///
    /// A row whose customer the ledger knows is done. An update that may be repeated becomes *pending*. Every other row
    /// may have happened and becomes `unknown`; so does a pending row that the ledger has claimed for this job.
    ///
    /// Fails when the ledger knows later groups of this journal: then the journal went back in time.
    pub fn recover(&mut self, ledger: &Ledger) -> Result<(), JournalError> {
        self.check_ledger(ledger)?;
        let mut outcomes = Vec::new();
        let mut repeatable = Vec::new();
        for row in self.rows_where("state IN (5, 7) ORDER BY row", &[])? {
            let is_sending = row.state == RowState::Sending;
            if !is_sending && row.sent_at.is_none() {
                continue;
            }
            match row.action {
                Action::Add => {
                    let own = ledger.own(row.number)?;
                    let is_known = own.as_ref().is_some_and(|own| own.customer.is_some());
                    if is_sending || is_known {
                        outcomes.push(RowOutcome {
                            // It is not known when the call ended: the process may have died just now.
                            ended_at: Some(unix_milliseconds()),
                            ..own_outcome(row.number, row.action, own)
                        });
                    }
                }
                // The call may have changed the stored list by position. A repetition would change other values.
                Action::Update if row.record.as_ref().is_some_and(places_entries) => {
                    if is_sending {
                        outcomes.push(own_outcome(row.number, row.action, None));
                    }
                }
                _ => repeatable.push(row.number),
            }
        }
        // A claim without a trace in the journal. Its call left no earlier than the last call that the journal knows.
        let last_sent = self.last_sent_at()?;
        let mut after = -1;
        loop {
            let own = ledger.own_after(after, BATCH_ROWS)?;
            let Some(last) = own.last() else { break };
            after = last.row.to_key();
            for own in own {
                let number = own.row;
                let row = self.row(number)?;
                if row.is_some_and(|row| row.state == RowState::At(Status::Pending)) {
                    outcomes.push(RowOutcome {
                        sent_at: Some(last_sent),
                        ended_at: Some(unix_milliseconds()),
                        ..own_outcome(number, Action::Add, Some(own))
                    });
                }
            }
        }
        self.in_transaction(|journal| {
            journal.mark_unsent(&repeatable)?;
            // The repetition may read back what the first call has written.
            repeatable
                .iter()
                .try_for_each(|row| journal.keep_image(*row, Image::Repeated, ""))?;
            journal.write_outcomes(&outcomes)
        })
    }

    fn last_sent_at(&self) -> Result<i64, JournalError> {
        let query = "SELECT coalesce(max(sent_at), 0) FROM rows";
        let last = self.connection.query_row(query, [], |row| row.get(0));
        let last: i64 = last.map_err(|source| self.database_error(source))?;
        // For the very first group: nothing of this job is older than its journal.
        Ok(last.max(self.created_ms()?))
    }

    /// Returns the adds of this job that are known to have happened, the latest first.
    pub fn latest_added(&self, limit: usize) -> Result<Vec<JournalRow>, JournalError> {
        self.rows_where(
            "state = 1 AND action = 1 AND sent_at IS NOT NULL AND customer IS NOT NULL
             ORDER BY sent_at DESC, row DESC LIMIT ?1",
            params![limit as i64],
        )
    }

    /// Writes what a look into the CRM has shown about rows in doubt. `absent` are rows that were proven not to have
    /// been added, and may be sent again.
    ///
    /// The ledger is written first. A customer that it has given to another row meanwhile is not taken, and a row whose
    /// customer it knows is not sent again.
    pub fn settle_doubts(
        &mut self,
        ledger: &mut Ledger,
        outcomes: &[RowOutcome],
        absent: &[RowNumber],
    ) -> Result<(), JournalError> {
        let mut kept = Vec::with_capacity(outcomes.len());
        for outcome in outcomes {
            match (&outcome.customer, outcome.status) {
                (Some(customer), Status::Ok) => {
                    let taken = ledger.adopt(outcome.number, customer)?;
                    kept.push(if taken {
                        outcome.clone()
                    } else {
                        not_taken(outcome.number, customer)
                    });
                }
                // Another job's row stands for this one, or the row has nothing to stand for.
                (_, Status::Skipped | Status::Failed) => {
                    if !ledger.give_up(&[outcome.number])?.is_empty() {
                        kept.push(outcome.clone());
                    }
                }
                _ => kept.push(outcome.clone()),
            }
        }
        let free = ledger.give_up(absent)?;
        self.in_transaction(|journal| {
            journal.write_outcomes(&kept)?;
            journal.mark_unsent(&free)
        })
    }

    /// Whether adds of this job may have happened.
    pub fn has_doubtful_adds(&self) -> Result<bool, JournalError> {
        let first = RowCursor::over(RowSet::Doubtful).next_rows(self, 1)?;
        Ok(first.is_some())
    }

    /// Returns whether going on with this job may settle something: rows that this job, or a job that it waits on, may
    /// have added, and updates of unknown outcome that may be repeated. False for a job that `--strict` has held back.
    pub fn has_doubts(&self) -> Result<bool, JournalError> {
        if self.is_held_back()? {
            return Ok(false);
        }
        let adds = self.has_doubtful_adds()? || !self.waited_for()?.is_empty();
        Ok(adds || self.has_repeatable_updates()?)
    }

    fn has_repeatable_updates(&self) -> Result<bool, JournalError> {
        let unknown = "state = 5 AND action > ?1 AND sent_at IS NOT NULL ORDER BY row";
        let rows = self.rows_where(unknown, params![Action::Add.number()])?;
        let is_by_place = |row: &JournalRow| {
            row.action == Action::Update && row.record.as_ref().is_some_and(places_entries)
        };
        Ok(rows.iter().any(|row| !is_by_place(row)))
    }

    /// Returns the jobs that rows of this job wait on, because those jobs may have added them.
    pub fn waited_for(&self) -> Result<Vec<JobId>, JournalError> {
        let read = || {
            let query = format!("SELECT DISTINCT wait_job FROM rows WHERE {WAITING}");
            let mut statement = self.connection.prepare_cached(&query)?;
            let jobs = statement.query_map([], |row| row.get::<_, String>(0))?;
            jobs.collect::<rusqlite::Result<Vec<_>>>()
        };
        let jobs = read().map_err(|source| self.database_error(source))?;
        Ok(jobs
            .iter()
            .filter_map(|job| JobId::parse(job).ok())
            .collect())
    }

    /// Counts the rows that wait on another job and could be sent.
    pub fn waiting_rows(&self) -> Result<u64, JournalError> {
        let query = format!("SELECT count(*) FROM rows JOIN records USING (row) WHERE {WAITING}");
        let count = self
            .connection
            .query_row(&query, [], |row| row.get::<_, i64>(0));
        count
            .map(|count| count as u64)
            .map_err(|source| self.database_error(source))
    }

    /// Settles rows that wait on a row of another job. Where that row became a customer, this one is skipped; where its
    /// claim was given up, this one becomes pending. Returns how many rows became pending.
    ///
    /// Nothing is concluded from a job whose folder is gone: the ledger may have forgotten that job.
    pub fn settle_waiting(
        &mut self,
        ledger: &Ledger,
        state: &StateFolder,
    ) -> Result<u64, JournalError> {
        let mut outcomes = Vec::new();
        let mut free = Vec::new();
        for row in self.rows_where(&format!("{WAITING} ORDER BY row"), &[])? {
            let mut places = row.waits_on.iter().chain(&row.origin);
            // A claim in any of these places decides. Without one, nobody may have added the row.
            let claim = places.find_map(|place| {
                let entry = ledger.entry_of(&place.job, place.row).transpose()?;
                Some(entry.map(|entry| (place.clone(), entry)))
            });
            if let Some((place, entry)) = claim.transpose()? {
                let Some(customer) = entry.customer else {
                    continue;
                };
                let added = Problem::new(Code::AlreadyAdded).with("job", place.job.as_str());
                outcomes.push(RowOutcome {
                    customer: Some(customer),
                    problem: Some(added.with("row", place.row.row.to_string())),
                    ..RowOutcome::new(row.number, Action::None, Status::Skipped)
                });
                continue;
            }
            let is_known = row.waits_on.as_ref().is_some_and(|place| {
                let folder = state.job(&place.job);
                folder.is_ok_and(|folder| Self::read(&folder).is_ok())
            });
            if is_known && row.record.is_some() {
                free.push(row.number);
            }
        }
        self.in_transaction(|journal| {
            journal.mark_free(&free)?;
            journal.write_outcomes(&outcomes)
        })?;
        Ok(free.len() as u64)
    }
}

/// Returns the outcome of a row whose customer was found, but belongs to another row, or may.
fn not_taken(row: RowNumber, customer: &CustomerId) -> RowOutcome {
    let fits = Problem::new(Code::FitsSeveralRows).with("ids", customer.as_str());
    RowOutcome {
        problem: Some(fits),
        ..RowOutcome::new(row, Action::Add, Status::Unknown)
    }
}

/// Returns whether an update with this record puts values at positions of stored lists.
fn places_entries(record: &Record) -> bool {
    let is_placed = |entry: &Entry| entry.role != EntryRole::Append;
    record.fields.iter().any(|(_, value)| match value {
        Value::Entries(entries) => entries.iter().any(is_placed),
        _ => false,
    })
}
