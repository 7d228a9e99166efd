//! What every request for a job says, whatever the job is for.

use std::path::PathBuf;

use crate::crm::ApiSettings;
use crate::job::account::Account;
use crate::job::run_settings::RunSettings;
use crate::model::JobId;

/// For which account, how calls are made, when, and where the sheet goes.
#[derive(Debug, Clone)]
pub struct JobRequest {
    /// The account.
    pub account: Account,
    /// How its API is spoken to.
    pub api: ApiSettings,
    /// How calls are made, for whoever goes on with the job.
    pub run: RunSettings,
    /// Where the sheet or the file goes. Absent, a result sheet stands beside the source, and an export is standard output.
    pub output: Option<PathBuf>,
    /// IANA zone in which times are shown.
    pub timezone: String,
    /// When the job began, as `yyyymmdd-hhmmss` in that zone.
    pub stamp: String,
    /// When the job began, in Unix seconds.
    pub created: i64,
}

impl JobRequest {
    /// The name of the job, of what it works on.
    pub(crate) fn job_id(&self, name: &str) -> JobId {
        JobId::from_parts(&self.stamp, name)
    }
}
