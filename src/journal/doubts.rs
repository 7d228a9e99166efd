//! Rows whose outcome is not known: after a crash, after a lost reply, and while another job has them.

use std::collections::BTreeMap;
use std::time::Duration;

use rusqlite::params;

use super::recorder::{own_outcome, unix_milliseconds};
use super::store::{Journal, JournalRow, RowState};
use super::{JournalError, Ledger, RowOutcome};
use crate::model::{Action, Code, CustomerId, Problem, RowNumber, Status};

impl Journal {
    /// After a crash: settles the rows that were on the way. What the ledger knows is done; an update goes
    /// back to *pending*, because it may be repeated; any other add may have happened and is `unknown`. So is
    /// a pending row that the ledger has claimed for this job.
    ///
    /// Fails when the ledger has seen later groups of this journal: then the journal went back in time.
    pub fn recover(&mut self, ledger: &Ledger, timeout: Duration) -> Result<(), JournalError> {
        let claimed = ledger.seq()?;
        if claimed > self.seq + 1 {
            return Err(JournalError::WentBack {
                path: self.path.clone(),
                journal: self.seq,
                side: claimed,
            });
        }
        let own: BTreeMap<RowNumber, Option<CustomerId>> = ledger.own()?.into_iter().collect();
        let mut outcomes = Vec::new();
        let mut repeatable = Vec::new();
        for row in self.sending_rows()? {
            match row.action {
                Action::Add => {
                    let customer = own.get(&row.number).cloned().flatten();
                    let mut outcome = own_outcome(row.number, row.action, customer);
                    // No attempt lasts longer than the timeout, nor longer than the process that made it.
                    let at_most = row
                        .sent_at
                        .map(|sent_at| sent_at + timeout.as_millis() as i64);
                    outcome.ended_at = at_most.map(|ended_at| ended_at.min(unix_milliseconds()));
                    outcomes.push(outcome);
                }
                _ => repeatable.push(row.number),
            }
        }
        for (number, customer) in own {
            if self
                .row(number)?
                .is_some_and(|row| row.state == RowState::At(Status::Pending))
            {
                outcomes.push(own_outcome(number, Action::Add, customer));
            }
        }
        self.in_transaction(|journal| {
            journal.mark_pending(&repeatable)?;
            outcomes
                .iter()
                .try_for_each(|outcome| journal.settle(outcome))
        })
    }

    /// The adds of this job that may have happened, in source order, after a row.
    pub fn doubtful_after(
        &self,
        after: i64,
        limit: usize,
    ) -> Result<Vec<JournalRow>, JournalError> {
        self.rows_where(
            "state = 5 AND action = 1 AND sent_at IS NOT NULL AND row > ?1 ORDER BY row LIMIT ?2",
            params![after, limit as i64],
        )
    }

    /// The adds of this job that are known to have happened, the last first.
    pub fn latest_added(&self, limit: usize) -> Result<Vec<JournalRow>, JournalError> {
        self.rows_where(
            "state = 1 AND action = 1 AND sent_at IS NOT NULL AND customer IS NOT NULL
             ORDER BY sent_at DESC, row DESC LIMIT ?1",
            params![limit as i64],
        )
    }

    /// Writes what a look into the CRM has told of rows in doubt: outcomes, and rows that were proven not to
    /// have been added and may be sent again. The ledger first, as always.
    pub fn settle_doubts(
        &mut self,
        ledger: &mut Ledger,
        outcomes: &[RowOutcome],
        absent: &[RowNumber],
    ) -> Result<(), JournalError> {
        let known = outcomes.iter().filter(|outcome| outcome.customer.is_some());
        let mut settled: Vec<_> = known
            .map(|outcome| (outcome.number, outcome.customer.clone()))
            .collect();
        settled.extend(absent.iter().map(|row| (*row, None)));
        ledger.settle(&settled)?;
        self.in_transaction(|journal| {
            outcomes
                .iter()
                .try_for_each(|outcome| journal.settle(outcome))?;
            let again = || {
                let query =
                    "UPDATE rows SET state = 0, sent_at = NULL, ended_at = NULL, problems = NULL
                             WHERE row = ?1 AND state = 5";
                let mut statement = journal.connection.prepare_cached(query)?;
                absent
                    .iter()
                    .try_for_each(|row| statement.execute(params![row.to_key()]).map(|_| ()))
            };
            again().map_err(|source| journal.failed(source))
        })
    }

    /// At the end of a run: settles rows that wait on a row of another job whose customer is known by now.
    pub fn settle_waiting(&mut self, ledger: &Ledger) -> Result<(), JournalError> {
        let mut outcomes = Vec::new();
        for row in self.rows_where(
            "state = 5 AND sent_at IS NULL AND origin_job IS NOT NULL ORDER BY row",
            &[],
        )? {
            let Some(origin) = row.origin else { continue };
            let entry = ledger.entry_of(&origin.job, origin.row)?;
            let Some(customer) = entry.and_then(|entry| entry.customer) else {
                continue;
            };
            let added = Problem::new(Code::AlreadyAdded).with("job", origin.job.as_str());
            outcomes.push(RowOutcome {
                number: row.number,
                action: Action::None,
                status: Status::Skipped,
                customer: Some(customer),
                problem: Some(added.with("row", origin.row.row.to_string())),
                origin: None,
                ended_at: None,
            });
        }
        self.in_transaction(|journal| {
            outcomes
                .iter()
                .try_for_each(|outcome| journal.settle(outcome))
        })
    }
}
