//! The part of a request that all kinds of jobs have.

use std::path::{Path, PathBuf};

use crate::crm::ApiSettings;
use crate::job::account::Account;
use crate::job::run_settings::RunSettings;
use crate::model::{AskedFlag, FlagValue, JobId, ReadingFlag};

/// Returns flags with the same meaning in any folder: a job is gone on with in another one.
pub fn anywhere(asked: &[AskedFlag]) -> Vec<AskedFlag> {
    let absolute = |path: &str| {
        let whole = std::path::absolute(Path::new(path)).ok();
        whole.map_or_else(|| path.to_owned(), |whole| whole.display().to_string())
    };
    let is_file =
        |flag: &str| ReadingFlag::of(flag).is_some_and(|flag| flag.value == FlagValue::File);
    let asked = asked.iter().map(|asked| AskedFlag {
        flag: asked.flag.clone(),
        value: match &asked.value {
            Some(path) if is_file(&asked.flag) => Some(absolute(path)),
            value => value.clone(),
        },
    });
    asked.collect()
}

/// The account of a job, how its calls are made, when it began, and where its file goes.
#[derive(Debug, Clone)]
pub struct JobRequest {
    /// The account.
    pub account: Account,
    /// How the account's API is called: signature, paths, and the meaning of its replies.
    pub api: ApiSettings,
    /// How calls are made, also by a later `resume`.
    pub run: RunSettings,
    /// The path of the result sheet or the exported file. `None`: a result sheet stands beside the source, an export
    /// goes to standard output.
    pub output: Option<PathBuf>,
    /// The flags by which the source is read.
    pub asked: Vec<AskedFlag>,
    /// IANA zone in which times are shown.
    pub timezone: String,
    /// When the job began, as `yyyymmdd-hhmmss` in that zone.
    pub stamp: String,
    /// When the job began, in Unix seconds.
    pub created: i64,
}

impl JobRequest {
    /// Returns the name of a job that works on `name`.
    pub(crate) fn job_id(&self, name: &str) -> JobId {
        JobId::from_parts(&self.stamp, name)
    }
}
