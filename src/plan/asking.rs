//! What the CRM is asked about rows that a result sheet brings back, before any row of their batch is decided.
//!
//! Deciding writes, in a transaction that keeps every other writer out of the journal. No call and no wait happens in it: a
//! look-up may wait for `settle`, and writes into the journal of another job.

use crate::crm::{Class, problem_of};
use crate::job::error::JobError;
use crate::model::{Code, CustomerId, Draft, Prior, PriorStatus, Problem, Status};
use crate::plan::decide::Decider;
use crate::plan::earlier::{EarlierRow, said_status};
use crate::plan::judged::Judged;

impl Decider<'_> {
    /// Looks up what became of rows in doubt, and reads the customers that somebody has written beside them.
    pub fn ask(&mut self, rows: &[Judged]) -> Result<(), JobError> {
        for draft in rows.iter().map(|row| &row.draft) {
            let Some(prior) = &draft.prior else { continue };
            if draft.merged_into.is_some() || !may_be_in_doubt(prior, draft) {
                continue;
            }
            let known = self.priors.find(prior)?;
            if !self.is_unknown(prior, known.as_ref(), draft)? {
                continue;
            }
            match (&draft.id, &known) {
                (Some(id), known) => self.look_at(id, prior, known.as_ref())?,
                (None, Some(known)) => self.priors.look_up(known)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// Whether a row is in doubt as far as sheet and journal tell. An update may be repeated, so it is not.
    fn is_unknown(
        &self,
        prior: &Prior,
        known: Option<&EarlierRow>,
        draft: &Draft,
    ) -> Result<bool, JobError> {
        Ok(match said_status(prior, known) {
            Some(status) => {
                status == Status::Unknown
                    && known.is_none_or(|known| known.action != crate::model::Action::Update)
            }
            None => draft.id.is_some() && self.is_in_doubt(prior, known)?,
        })
    }

    /// Reads a customer that somebody has written beside a row in doubt, unless it is another row's anyhow.
    fn look_at(
        &mut self,
        id: &CustomerId,
        prior: &Prior,
        known: Option<&EarlierRow>,
    ) -> Result<(), JobError> {
        if self.looked_at.contains_key(id) || self.is_taken(id, prior, known)? {
            return Ok(());
        }
        let problem = match self.context.crm.find(id) {
            Ok(_) => None,
            Err(error) => {
                let code = match error.class {
                    Class::Gone => Code::CustomerGone,
                    // No other row need fare the same.
                    Class::Refused | Class::Unknown => Code::NotRead,
                    _ => return Err(error.into()),
                };
                Some(problem_of(code, &error))
            }
        };
        self.looked_at.insert(id.clone(), problem);
        Ok(())
    }

    /// Why a customer could not be read that stands beside a row in doubt.
    pub(crate) fn read_problem(&self, id: &CustomerId) -> Option<Problem> {
        match self.looked_at.get(id) {
            Some(problem) => problem.clone(),
            None => Some(Problem::new(Code::NotRead)),
        }
    }
}

/// Whether it is worth a look into the row's journal.
fn may_be_in_doubt(prior: &Prior, draft: &Draft) -> bool {
    match &prior.status {
        PriorStatus::Said(status) => *status == Status::Unknown,
        PriorStatus::Missing => true,
        PriorStatus::Cleared => draft.id.is_some(),
        PriorStatus::Unreadable(..) => false,
    }
}
