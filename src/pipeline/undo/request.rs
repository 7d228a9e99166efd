//! The request of `ferry undo`.

use crate::job::options::SendOptions;
use crate::job::request::JobRequest;
use crate::journal::JobFolder;
use crate::pipeline::undo::sheet::RowsOfSheet;

/// What to take back.
#[derive(Debug, Clone)]
pub struct UndoRequest {
    /// The account, and how the undo runs as a job.
    pub job: JobRequest,
    /// The job that is taken back.
    pub original: JobFolder,
    /// The only rows of the job that are taken back; `None` for all rows.
    pub rows: Option<RowsOfSheet>,
    /// Whether to take back also what somebody has changed since, and customers that were adopted after a lost reply.
    pub force: bool,
    /// Whether the command only says what would happen.
    pub dry_run: bool,
    /// The most customers that may be deleted; more are refused, except in a dry run.
    pub most: u64,
    /// How calls are sent.
    pub send: SendOptions,
}
