//! Teaches a ledger that was lost, or put back from an older copy, from the journals of the jobs.
//!
//! What would go wrong without it:
//!
//! 1. Jobs add rows, and the ledger knows them.
//! 2. `ledger.db` is lost, or put back from an older copy.
//! 3. An import of the same rows finds none of them in the ledger, and adds them again.
//!
//! So each job's entry in the ledger carries the number of the last group that was claimed. A journal with a higher
//! number proves that the ledger forgot, and holds everything that the ledger needs. The rows of jobs whose folders
//! are gone stay forgotten.

use super::cursor::{RowCursor, RowSet};
use super::rows::RowState;
use super::store::Journal;
use super::{JournalError, Ledger, StateFolder};
use crate::model::{Action, Status};

/// Brings the ledger of an account up to its journals. Returns how many jobs the ledger had forgotten something of.
pub fn heal_ledger(state: &StateFolder, account: &str) -> Result<u64, JournalError> {
    let mut healed = Vec::new();
    for folder in state.jobs()? {
        // A journal that cannot be read is skipped. Going on with its job reports the error.
        let Ok(journal) = Journal::read(&folder) else {
            continue;
        };
        if journal.seq() <= 0 || journal.account()?.as_deref() != Some(account) {
            continue;
        }
        let mut ledger = Ledger::open(&state.ledger_path(), account, folder.id())?;
        if ledger.seq()? < journal.seq() {
            restore(&journal, &mut ledger)?;
            healed.push((ledger, journal.seq()));
        }
    }
    if !healed.is_empty() {
        forget_deleted(state, account)?;
    }
    // The numbers are written last, so that a healing that is cut short begins anew.
    for (ledger, seq) in &mut healed {
        ledger.restore(&[], *seq, false)?;
    }
    Ok(healed.len() as u64)
}

/// Forgets the customers again that jobs have deleted.
fn forget_deleted(state: &StateFolder, account: &str) -> Result<(), JournalError> {
    for folder in state.jobs()? {
        let Ok(journal) = Journal::read(&folder) else {
            continue;
        };
        if journal.account()?.as_deref() != Some(account) {
            continue;
        }
        let mut deleted = RowCursor::over(RowSet::Deleted);
        while let Some(rows) = deleted.next_batch(&journal)? {
            let customers: Vec<_> = rows.into_iter().filter_map(|row| row.customer).collect();
            let mut ledger = Ledger::open(&state.ledger_path(), account, folder.id())?;
            ledger.forget(&customers)?;
        }
    }
    Ok(())
}

fn restore(journal: &Journal, ledger: &mut Ledger) -> Result<(), JournalError> {
    let is_undo = journal.is_undo()?;
    let mut all = RowCursor::over(RowSet::All);
    while let Some(rows) = all.next_batch(journal)? {
        let known: Vec<_> = rows
            .into_iter()
            .filter(|row| row.action == Action::Add)
            .filter_map(|row| match row.state {
                RowState::At(Status::Ok) => {
                    let customer = row.customer.clone();
                    Some((row, customer))
                }
                RowState::Sending => Some((row, None)),
                // A row that was planned as unknown was not sent by this job.
                RowState::At(Status::Unknown) if row.sent_at.is_some() => Some((row, None)),
                RowState::At(_) => None,
            })
            .collect();
        ledger.restore(&known, 0, is_undo)?;
    }
    Ok(())
}
