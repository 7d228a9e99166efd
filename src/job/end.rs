//! The reasons for which a run of a job ends.

use crate::crm::CallError;
use crate::job::open_job::OpenJob;

/// The reason for which a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// Every row has its answer.
    Finished,
    /// Somebody asked to stop; the job can be resumed.
    Stopped,
    /// The trial's number of rows was sent; the job can be resumed.
    Limited,
    /// More rows are wrong than `--max-errors` allows; the job can be resumed.
    TooManyErrors,
    /// The CRM could not be reached, or stayed busy; the job can be resumed.
    Unreachable(CallError),
    /// The CRM refuses the account; the job can be resumed once that is mended.
    Refused(CallError),
}

impl End {
    /// Returns the end of a run after a call that would fail for every other row too.
    pub(crate) fn of(error: CallError) -> Self {
        if error.class.is_fatal() {
            Self::Refused(error)
        } else {
            Self::Unreachable(error)
        }
    }
}

/// A job after its run.
#[derive(Debug)]
pub(crate) struct Ended {
    /// The job. Everything of it is written.
    pub(crate) job: OpenJob,
    /// Why the run ended.
    pub(crate) end: End,
}
