//! A ledger that was lost, or put back from an older copy, learns again from the journals.
//!
//! Each job's entry in the ledger carries the number of the last group that was claimed. A journal that is
//! ahead of it is the proof that the ledger forgot, and holds everything the ledger needs to know. Jobs
//! whose folders are gone cannot be brought back: the caller is told, and says so.

use super::cursor::{RowCursor, RowSet};
use super::rows::RowState;
use super::store::Journal;
use super::{JournalError, Ledger, StateFolder};
use crate::model::{Action, Status};

/// Brings the ledger of an account up to its journals. Returns how many jobs it had forgotten.
pub fn heal_ledger(state: &StateFolder, account: &str) -> Result<u64, JournalError> {
    let mut healed = Vec::new();
    for folder in state.jobs()? {
        // A journal that cannot be read cannot teach; whoever goes on with that job hears of it.
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
    // The numbers last: a restoration that is cut short is begun anew.
    for (ledger, seq) in &mut healed {
        ledger.restore(&[], *seq, false)?;
    }
    Ok(healed.len() as u64)
}

/// Takes out again what later jobs have deleted.
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
                // A row that came in as unknown was never sent by this job.
                RowState::At(Status::Unknown) if row.sent_at.is_some() => Some((row, None)),
                RowState::At(_) => None,
            })
            .collect();
        ledger.restore(&known, 0, is_undo)?;
    }
    Ok(())
}
