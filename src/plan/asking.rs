//! The questions that the CRM is asked about rows that a result sheet brings back.
//!
//! They are asked before any row of a batch is decided. Deciding happens in a transaction that keeps every other writer
//! out of the journal. A look-up may wait for `settle`, and it writes into the journal of another job: inside of that
//! transaction it would keep other processes waiting for minutes. So no call and no wait happens there, and answers are
//! kept in the [`Decider`] until it decides.

use crate::crm::{Class, problem_of};
use crate::job::error::JobError;
use crate::model::{Code, CustomerId, Draft, Prior, PriorStatus, Problem, Status};
use crate::plan::decide::Decider;
use crate::plan::earlier::{EarlierRow, said_status};
use crate::plan::judged::Judged;

impl Decider<'_> {
    /// Looks up what became of a batch's rows in doubt, and reads the customers whose `_id` a person has written beside
    /// such rows. Fails when the CRM cannot be asked now.
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
                (None, Some(known)) => self.priors.look_up(known, self.timing, self.context)?,
                (None, None) => {}
            }
        }
        Ok(())
    }

    /// Whether a row is in doubt, as far as the sheet, its journal and the ledger tell. An update never is: it may be
    /// repeated.
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

    /// Reads a customer whose `_id` a person has written beside a row in doubt, unless the ledger knows it for another
    /// row.
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
                    // Such an error concerns this customer alone.
                    Class::Refused | Class::Unknown => Code::NotRead,
                    _ => return Err(error.into()),
                };
                Some(problem_of(code, &error))
            }
        };
        self.looked_at.insert(id.clone(), problem);
        Ok(())
    }

    /// Returns why a customer that stands beside a row in doubt could not be read; `None` if it was read.
    pub(crate) fn read_problem(&self, id: &CustomerId) -> Option<Problem> {
        match self.looked_at.get(id) {
            Some(problem) => problem.clone(),
            None => Some(Problem::new(Code::NotRead)),
        }
    }
}

/// Whether a row may be in doubt, by its sheet alone. Only for such rows the row's journal is opened.
fn may_be_in_doubt(prior: &Prior, draft: &Draft) -> bool {
    match &prior.status {
        PriorStatus::Said(status) => *status == Status::Unknown,
        PriorStatus::Missing => true,
        PriorStatus::Cleared => draft.id.is_some(),
        PriorStatus::Unreadable(..) => false,
    }
}
