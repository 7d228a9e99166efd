//! The reasons for which a run of a job ends.

use crate::crm::{CallError, Class};
use crate::job::open_job::OpenJob;
use crate::lang::say;
use crate::model::{Code, Problem};

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

    /// Returns what kept the run from going on, unless a person stopped it. `wrong` is how many rows are invalid or
    /// refused.
    pub(crate) fn problem(&self, wrong: u64) -> Option<Problem> {
        match self {
            Self::Unreachable(error) | Self::Refused(error) => Some(call_problem(error)),
            Self::TooManyErrors => {
                Some(Problem::new(Code::TooManyErrors).with("count", wrong.to_string()))
            }
            Self::Finished | Self::Stopped | Self::Limited => None,
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

/// Returns a failed call as a numbered problem.
pub(crate) fn call_problem(error: &CallError) -> Problem {
    let by_class = match error.class {
        Class::NotSent if error.code.as_deref() == Some(CallError::QUOTA) => Code::QuotaSpent,
        Class::NotSent => Code::Unreachable,
        Class::Busy => Code::ServerBusy,
        Class::BadSignature => Code::BadSignature,
        Class::UnknownAppid => Code::UnknownAppid,
        Class::NoPermission => Code::NoPermission,
        Class::Unknown => Code::NoReply,
        Class::Refused => Code::Refused,
        Class::Gone => Code::CustomerGone,
    };
    let code = error.connection_code().unwrap_or(by_class);
    let trace = error.trace_id.as_deref().unwrap_or_default();
    let refusal = error.code.as_deref().unwrap_or_default();
    Problem::new(code)
        .with("host", say::doctor::the_crm())
        .with("detail", &error.message)
        .with("code", refusal)
        .with("trace", trace)
}
