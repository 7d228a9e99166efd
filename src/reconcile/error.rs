//! Why a look-up of rows in doubt ended early.

use crate::crm::CallError;
use crate::job::error::JobError;
use crate::journal::JournalError;

/// Why a look-up of rows in doubt ended early.
#[derive(Debug)]
pub(crate) enum LookError {
    /// The CRM cannot be asked now: the rows stay in doubt.
    Call(CallError),
    /// A file of the job, or the ledger, cannot be read or written.
    Job(JobError),
}

impl From<CallError> for LookError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<JournalError> for LookError {
    fn from(error: JournalError) -> Self {
        Self::Job(error.into())
    }
}
