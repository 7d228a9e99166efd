//! What an import would do with a row, as far as that is known without a call: so a check counts like the import.
//!
//! The questions are those of `decide.rs`, in the same order: the sheet's status, the row's own job, the ledger. Where
//! the import would ask the CRM, the row counts as it stands before the answer. Nothing is written, and a job that
//! cannot be read, or that is not over, leaves the sheet's own word: the import says what is wrong with it.

use std::collections::HashSet;

use crate::job::error::JobError;
use crate::journal::{Ledger, LedgerEntry, StateFolder};
use crate::model::{
    Action, Code, CustomerId, JobId, Prior, PriorStatus, Problem, Row, RowNumber, RowOrigin, Status,
};
use crate::plan::decide::{claim_of, is_taken};
use crate::plan::earlier::{EarlierRow, EarlierRows, said_status};
use crate::plan::judge::Judge;
use crate::plan::taken_away::TakenAway;

/// What an import would do with a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Foreseen {
    /// It would be skipped: it is done.
    Skipped,
    /// Whether it is stored is not known, and the import would look for it.
    Unknown,
    /// It would be refused for what a person has written into `_status` or `_id`.
    Wrong(Box<Problem>),
    /// It would be decided like any other row.
    Open,
}

/// What is known on this computer of the rows of an account.
pub(crate) struct Foresight<'a> {
    priors: Option<EarlierRows<'a>>,
    ledger: Option<Ledger>,
    /// The jobs that cannot be read or are not over.
    unread: HashSet<JobId>,
    /// The customers that a person has named for rows in doubt: each may be named once.
    named: HashSet<CustomerId>,
}

impl<'a> Foresight<'a> {
    /// Opens what is known of an account, by the account's key; without one, only sheets speak.
    pub(crate) fn new(
        state: Option<&'a StateFolder>,
        account: Option<&'a str>,
    ) -> Result<Self, JobError> {
        let here = state.zip(account);
        let ledger = match here {
            Some((state, account)) => Ledger::read(&state.ledger_path(), account)?,
            None => None,
        };
        Ok(Self {
            priors: here.map(|(state, account)| EarlierRows::new(state, account)),
            ledger,
            unread: HashSet::new(),
            named: HashSet::new(),
        })
    }

    /// Whether any job of the account may have added rows before.
    pub(crate) fn knows_adds(&self) -> bool {
        self.ledger.is_some()
    }

    /// Returns the rows of a batch whose customers were deleted since their sheet was written.
    pub(crate) fn taken_away(
        &mut self,
        rows: &mut TakenAway,
        batch: &[Row],
        judge: &Judge,
    ) -> HashSet<RowNumber> {
        match (&self.ledger, &mut self.priors) {
            (Some(ledger), Some(priors)) => {
                rows.find(batch, judge, ledger, priors).unwrap_or_default()
            }
            _ => HashSet::new(),
        }
    }

    /// Foresees a row that would be added, with the fingerprints of the other rows of its customer. `twins` is how many
    /// equal rows above stand for rows that were added before.
    pub(crate) fn of_add(
        &mut self,
        fingerprint: &[u8; 16],
        merged: &[[u8; 16]],
        twins: u64,
    ) -> Result<Foreseen, JobError> {
        let Some(ledger) = &self.ledger else {
            return Ok(Foreseen::Open);
        };
        let entry = ledger.other(fingerprint, twins)?;
        if let (Some(priors), Some(entry)) = (&mut self.priors, &entry)
            && let Some(problem) = priors.not_added(entry, merged)?
        {
            return Ok(Foreseen::Wrong(Box::new(problem)));
        }
        Ok(of_entry(entry.as_ref()))
    }

    /// Foresees a row that a result sheet brings back, with the `_id` that stands beside it.
    pub(crate) fn of_prior(
        &mut self,
        prior: &Prior,
        id: Option<&CustomerId>,
    ) -> Result<Foreseen, JobError> {
        if matches!(
            prior.status,
            PriorStatus::Said(Status::Ok | Status::Unchanged)
        ) {
            return Ok(Foreseen::Skipped);
        }
        if let PriorStatus::Unreadable(text, column) = &prior.status {
            let bad = Problem::new(Code::BadStatus).at(*column);
            return Ok(Foreseen::Wrong(Box::new(bad.with("value", text))));
        }
        let known = self.find(prior);
        let known = known.as_ref();
        let claim = match &self.ledger {
            Some(ledger) => claim_of(ledger, prior, known)?,
            None => None,
        };
        let is_in_doubt = claim.as_ref().is_some_and(|claim| claim.customer.is_none());
        let status = match said_status(prior, known) {
            Some(Status::Skipped) if known.is_some_and(|its| its.status == Status::Pending) => {
                Status::Pending
            }
            Some(status) => status,
            None if id.is_some() && is_in_doubt => Status::Unknown,
            // By emptying `_status` a person says that the customer is not stored.
            None => return Ok(Foreseen::Open),
        };
        match status {
            Status::Ok | Status::Unchanged | Status::Skipped => Ok(Foreseen::Skipped),
            // An update may be repeated.
            Status::Unknown if known.is_some_and(|known| known.action == Action::Update) => {
                Ok(Foreseen::Open)
            }
            Status::Unknown => match id {
                Some(id) => self.of_named(id, prior, known),
                None => self.of_doubt(claim.as_ref(), known),
            },
            Status::Invalid | Status::Failed | Status::Pending => {
                let later = match claim {
                    Some(claim) => Some(claim),
                    None => self.later(known)?,
                };
                Ok(of_entry(later.as_ref()))
            }
        }
    }

    /// Foresees a row in doubt beside which a person has written an `_id`.
    fn of_named(
        &mut self,
        id: &CustomerId,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<Foreseen, JobError> {
        let is_taken = match &self.ledger {
            Some(ledger) => is_taken(ledger, id, prior, known)?,
            None => false,
        };
        if is_taken || !self.named.insert(id.clone()) {
            let other = Problem::new(Code::IdOfAnotherRow).with("value", id.as_str());
            return Ok(Foreseen::Wrong(Box::new(other)));
        }
        Ok(Foreseen::Skipped)
    }

    /// Foresees a row in doubt without an `_id`.
    fn of_doubt(
        &mut self,
        claim: Option<&LedgerEntry>,
        known: Option<&EarlierRow>,
    ) -> Result<Foreseen, JobError> {
        if claim.is_some() {
            return Ok(of_entry(claim));
        }
        let later = self.later(known)?;
        if later.is_some() {
            return Ok(of_entry(later.as_ref()));
        }
        let places: &[RowOrigin] = known.map_or(&[], |known| &known.places);
        if let Some(priors) = &mut self.priors {
            for place in places {
                if priors.is_not_stored(place)? {
                    return Ok(Foreseen::Open);
                }
            }
        }
        Ok(Foreseen::Unknown)
    }

    /// Returns what a later job did with the row, to which a result sheet had brought it.
    fn later(&self, known: Option<&EarlierRow>) -> Result<Option<LedgerEntry>, JobError> {
        match (&self.ledger, known) {
            (Some(ledger), Some(known)) => Ok(ledger.settled_origin(&known.origin)?),
            _ => Ok(None),
        }
    }

    fn find(&mut self, prior: &Prior) -> Option<EarlierRow> {
        if self.unread.contains(&prior.job) {
            return None;
        }
        self.priors
            .as_mut()?
            .find(prior)
            .inspect_err(|_| {
                self.unread.insert(prior.job.clone());
            })
            .ok()?
    }
}

/// Foresees a row of which another job has added an equal one, or may have.
fn of_entry(entry: Option<&LedgerEntry>) -> Foreseen {
    match entry {
        Some(entry) if entry.customer.is_some() => Foreseen::Skipped,
        Some(_) => Foreseen::Unknown,
        None => Foreseen::Open,
    }
}
