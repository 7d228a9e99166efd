//! Why a look at rows in doubt ended.

use crate::crm::CallError;
use crate::job::error::JobError;
use crate::journal::JournalError;

/// Why a look ended.
#[derive(Debug)]
pub(crate) enum LookError {
    /// The CRM cannot be asked now: what is in doubt stays so.
    Call(CallError),
    /// Something of the job cannot be read or written.
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
