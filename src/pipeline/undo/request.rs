//! What to take back, and how.

use crate::job::options::SendOptions;
use crate::job::request::JobRequest;
use crate::journal::JobFolder;
use crate::pipeline::undo::sheet::RowsOfSheet;

/// What to take back.
#[derive(Debug, Clone)]
pub struct UndoRequest {
    /// For which account, and how the job runs.
    pub job: JobRequest,
    /// The job that is taken back.
    pub original: JobFolder,
    /// Only these rows of it; all for `None`.
    pub rows: Option<RowsOfSheet>,
    /// Also what somebody has changed since, and customers that were only taken for the job's.
    pub force: bool,
    /// Say what would happen, and do nothing.
    pub dry_run: bool,
    /// Delete at most so many customers.
    pub most: u64,
    /// How calls are sent.
    pub send: SendOptions,
}
