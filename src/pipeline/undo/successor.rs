//! The customer that stands in the place of one that a job had added: a delete took that one away, and an undo of the
//! delete has added it again.
//!
//! What would go wrong otherwise:
//!
//! 1. An import adds a customer; a delete takes it away; an undo of the delete adds it again, under a new `_id`.
//! 2. The import is taken back. Its journal knows the old `_id` alone, and that one is gone.
//! 3. The undo ends as done, and the customer is still in the CRM.
//!
//! The ledger says for each customer that an undo has added again which row of which delete took it away, and that
//! delete's journal says whom the row deleted. Only that proves the place: equal content does not.

use std::collections::HashMap;

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{Images, Journal, JournalRow, Ledger, ReaddedRow, StateFolder};
use crate::model::{Action, CustomerId, JobId, JobKind};

/// Who stands in the place of a customer that is gone.
pub(crate) enum Successor {
    /// The customer that an undo has added again.
    Known(Box<KnownSuccessor>),
    /// The customers of which one may be it: the journals that would tell cannot be read.
    Unproven {
        ids: Vec<CustomerId>,
        /// The undo that has added the first of them.
        job: JobId,
    },
}

/// A customer that an undo has added again in the place of another.
pub(crate) struct KnownSuccessor {
    pub id: CustomerId,
    /// The undo.
    pub job: JobId,
    /// The undo's row, and what its journal keeps of the customer.
    pub row: JournalRow,
    pub images: Images,
    /// The customer as it was when it was deleted. `None` where it was deleted and added again more than once.
    pub deleted: Option<String>,
}

/// Finds the successors of an account's customers. The jobs that prove them are opened once.
pub(crate) struct Successors<'a> {
    ledger: &'a Ledger,
    state: &'a StateFolder,
    jobs: HashMap<JobId, Option<OpenedJob>>,
}

/// A job that is only read.
struct OpenedJob {
    journal: Journal,
    kind: JobKind,
}

impl<'a> Successors<'a> {
    pub fn new(ledger: &'a Ledger, state: &'a StateFolder) -> Self {
        Self {
            ledger,
            state,
            jobs: HashMap::new(),
        }
    }

    /// Returns who stands in the place of a row's customer; `None` where the ledger still knows that customer, or no
    /// undo has added it again.
    pub fn find(&mut self, row: &JournalRow) -> Result<Option<Successor>, JobError> {
        let Some(gone) = row.customer.as_ref().filter(|_| row.action == Action::Add) else {
            return Ok(None);
        };
        if self.ledger.knows(gone)? {
            return Ok(None);
        }
        let mut unproven = Vec::new();
        let mut first = None;
        for readded in self.ledger.readded_like(&row.fingerprint)? {
            let proof = self.proof_of(&readded, gone)?;
            match (proof, readded.entry.customer) {
                (Proof::Other, _) => {}
                (Proof::Known(known), Some(_)) => return Ok(Some(Successor::Known(known))),
                (Proof::Known(_) | Proof::Missing, customer) => {
                    unproven.extend(customer);
                    first.get_or_insert(readded.entry.job);
                }
            }
        }
        Ok(first.map(|job| Successor::Unproven { ids: unproven, job }))
    }

    fn job(&mut self, id: &JobId) -> Option<&OpenedJob> {
        if !self.jobs.contains_key(id) {
            let opened = self.open(id);
            self.jobs.insert(id.clone(), opened);
        }
        self.jobs.get(id).and_then(Option::as_ref)
    }

    fn open(&self, id: &JobId) -> Option<OpenedJob> {
        let folder = self.state.job(id).ok()?;
        Some(OpenedJob {
            journal: Journal::read(&folder).ok()?,
            kind: JobSpec::load(&folder).ok()?.kind,
        })
    }

    fn proof_of(&mut self, readded: &ReaddedRow, gone: &CustomerId) -> Result<Proof, JobError> {
        let (origin, entry) = (&readded.origin, &readded.entry);
        let Some(removal) = self.job(&origin.job) else {
            return Ok(Proof::Missing);
        };
        let gone_row = removal.journal.row(origin.row)?;
        let is_place = gone_row.is_some_and(|row| row.customer.as_ref() == Some(gone));
        if !is_place {
            return Ok(Proof::Other);
        }
        let deleted = removal.journal.images(origin.row)?.before;
        let (Some(id), Some(undo)) = (&entry.customer, self.job(&entry.job)) else {
            return Ok(Proof::Missing);
        };
        let Some(row) = undo.journal.row(entry.row)? else {
            return Ok(Proof::Missing);
        };
        let is_direct = matches!(&undo.kind, JobKind::Undo { of } if *of == origin.job);
        Ok(Proof::Known(Box::new(KnownSuccessor {
            id: id.clone(),
            job: entry.job.clone(),
            images: undo.journal.images(entry.row)?,
            row,
            deleted: deleted.filter(|_| is_direct),
        })))
    }
}

/// Whether a customer that was added again stands for a given one.
enum Proof {
    Known(Box<KnownSuccessor>),
    /// It stands for another.
    Other,
    /// A journal that would tell cannot be read.
    Missing,
}
