//! Rows of a result sheet whose customers were deleted since: by an undo, or by a delete.
//!
//! The loss that is guarded against, in order:
//!
//! 1. An import adds its rows; its sheet says so.
//! 2. The import is taken back, and its customers are deleted.
//! 3. The sheet is imported, and each of its rows is skipped as added before: the CRM has none of them.
//!
//! What the sheet says is therefore compared with the ledger, which forgets a customer in the step in which its
//! deletion is settled. A row counts as taken away only where its journal shows that it was added, and where no job's
//! row stands for it by now. So a customer that is there, or that may be there, is never added a second time.

use std::collections::{BTreeSet, HashSet};

use rayon::prelude::*;

use crate::job::error::JobError;
use crate::job::spec::{Mode, SheetPlan};
use crate::journal::Ledger;
use crate::model::{Code, Draft, JobId, Prior, Problem, Row, RowNumber, Status};
use crate::plan::decide::{claim_of, is_result_sheet};
use crate::plan::earlier::{EarlierRow, EarlierRows, said_status};
use crate::plan::judge::Judge;

/// Finds the rows of one job's source whose customers were deleted, and counts them.
pub(crate) struct TakenAway {
    /// Whether a sheet of the source comes from a job, and its rows may be added.
    may_be: bool,
    /// Whether rows are added although other jobs have added equal ones.
    again: bool,
    count: u64,
    /// The undos of the jobs that the rows come from.
    undos: BTreeSet<JobId>,
}

impl TakenAway {
    /// Makes one for the rows of these sheets. `again`: rows are added although other jobs have added equal ones.
    pub fn new(sheets: &[SheetPlan], mode: Mode, again: bool) -> Self {
        Self {
            may_be: sheets.iter().any(is_result_sheet) && mode != Mode::Update,
            again,
            count: 0,
            undos: BTreeSet::new(),
        }
    }

    /// Whether any row may be such a one.
    pub fn may_be(&self) -> bool {
        self.may_be
    }

    /// Returns the rows of a batch that are to be added again.
    pub fn find(
        &mut self,
        batch: &[Row],
        judge: &Judge,
        ledger: &Ledger,
        priors: &mut EarlierRows<'_>,
    ) -> Result<HashSet<RowNumber>, JobError> {
        let mut found = HashSet::new();
        if !self.may_be {
            return Ok(found);
        }
        let drafts = batch.par_iter().with_min_len(64);
        let drafts: Vec<Draft> = drafts.filter_map(|row| judge.draft(row)).collect();
        for draft in drafts {
            let Some(prior) = &draft.prior else { continue };
            // A row that was sent in no job has no customer that could be gone.
            if draft.id.is_none() {
                continue;
            }
            if let Some(known) = priors.find(prior)?
                && self.is_taken_away(prior, &known, &draft, ledger)?
            {
                found.insert(draft.number);
                self.count += 1;
                self.undos.extend(priors.undo_of(&prior.job)?);
            }
        }
        Ok(found)
    }

    /// Returns what is said once about the rows that are added again; `None` without any.
    pub fn notice(&self) -> Option<Problem> {
        let count = (self.count > 0).then(|| self.count.to_string())?;
        let notice = Problem::new(Code::CustomersTakenAway).with("count", count);
        let mut undos = self.undos.iter();
        Some(match (undos.next(), undos.next()) {
            (Some(only), None) => notice.with("job", only.as_str()),
            _ => notice,
        })
    }

    fn is_taken_away(
        &self,
        prior: &Prior,
        known: &EarlierRow,
        draft: &Draft,
        ledger: &Ledger,
    ) -> Result<bool, JobError> {
        let is_done = matches!(
            said_status(prior, Some(known)),
            Some(Status::Ok | Status::Unchanged | Status::Skipped)
        );
        if !is_done || !known.was_added || claim_of(ledger, prior, Some(known))?.is_some() {
            return Ok(false);
        }
        if let Some(id) = &draft.id
            && ledger.knows(id)?
        {
            return Ok(false);
        }
        // The row may have been mended in another sheet, and added from there.
        let origin = known.united_with.as_ref().unwrap_or(&known.origin);
        if ledger.settled_origin(origin)?.is_some() {
            return Ok(false);
        }
        // Of unedited rows the ledger counts the equal ones when they are claimed.
        if known.fingerprint == draft.fingerprint && !self.again {
            return Ok(true);
        }
        Ok(!is_elsewhere(known, ledger)?)
    }
}

/// Whether another job than the row's own has added the row as it was, or may have: an import of the source, or an undo
/// of the delete.
fn is_elsewhere(known: &EarlierRow, ledger: &Ledger) -> Result<bool, JobError> {
    let mut skip = 0;
    while let Some(entry) = ledger.other(&known.fingerprint, skip)? {
        if known.places.iter().all(|place| place.job != entry.job) {
            return Ok(true);
        }
        skip += 1;
    }
    Ok(false)
}
