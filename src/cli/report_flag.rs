//! `--report`: the run is told about in one HTML file, whatever it has come to. The run stands when the file cannot be
//! written; the exit code then says so.

use std::path::{Path, PathBuf};

use clap::Args;

use super::put_failure::put_failure;
use super::{Global, print};
use crate::face::failure::{Failure, exit};
use crate::face::report::file;
use crate::face::report::file::ReportTarget;
use crate::job::account::Account;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::say;
use crate::model::JobId;
use crate::results::place::stamp_in;

/// `--report`.
#[derive(Debug, Args)]
pub(super) struct ReportFlag {
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// The file of a report that is to be written, if one is.
#[derive(Debug, Clone, Default)]
pub(super) struct WantedReport(Option<PathBuf>);

/// What has become of a report.
#[derive(Debug)]
pub(super) enum WrittenReport {
    NotAsked,
    Written(PathBuf),
    /// It could not be written; the command that writes it now is named where there is one.
    Failed(Failure, Option<String>),
}

impl ReportFlag {
    /// Takes what was typed, for a command in which the flag goes with others.
    pub fn of(report: Option<&Path>) -> Self {
        Self {
            report: report.map(Path::to_path_buf),
        }
    }

    /// Fails for a name that cannot be that of a report. Nothing is done before that is known.
    pub fn check(&self) -> Result<(), Failure> {
        let target = self.report.as_deref().map(ReportTarget::of);
        target.transpose().map(drop)
    }

    /// Returns the file, its placeholders filled in with now, in this time zone, and the account's profile.
    pub fn wanted(&self, timezone: &str, account: &Account) -> Result<WantedReport, Failure> {
        self.wanted_at(&stamp_in(timezone), account)
    }

    /// Returns the same for a moment, `yyyymmdd-hhmmss`.
    pub fn wanted_at(&self, stamp: &str, account: &Account) -> Result<WantedReport, Failure> {
        let path = self.report.as_deref().map(|path| {
            let target = ReportTarget::of(path)?;
            target.path(stamp, account.name_in_files())
        });
        Ok(WantedReport(path.transpose()?))
    }
}

impl WantedReport {
    /// Writes the report of a job.
    pub fn of_job(&self, folder: &JobFolder, global: &Global) -> WrittenReport {
        self.of_run(folder, None, global)
    }

    /// Writes the report of a run, also of one that has failed, if there is a job to tell about. A run that was refused
    /// as the command line is has done nothing. `folder` finds the job of a failed run.
    pub fn of_outcome<T>(
        &self,
        outcome: &Result<T, Failure>,
        folder: impl FnOnce(Option<&T>) -> Option<JobFolder>,
        global: &Global,
    ) -> WrittenReport {
        if self.0.is_none() {
            return WrittenReport::NotAsked;
        }
        let failure = outcome.as_ref().err();
        if failure.is_some_and(|failure| failure.exit == exit::USAGE) {
            return WrittenReport::NotAsked;
        }
        match folder(outcome.as_ref().ok()) {
            Some(folder) => self.of_run(&folder, failure, global),
            None => WrittenReport::NotAsked,
        }
    }

    fn of_run(
        &self,
        folder: &JobFolder,
        failure: Option<&Failure>,
        global: &Global,
    ) -> WrittenReport {
        let again = format!("ferry jobs {}", folder.id());
        let again = global.hints.command(&again);
        let html = || file::of_job(folder, failure, &global.hints, global.lang());
        self.write(html, Some(again))
    }

    /// Writes a report. `again` is the command that writes it once more, if there is one.
    pub fn write(
        &self,
        html: impl FnOnce() -> Result<String, Failure>,
        again: Option<String>,
    ) -> WrittenReport {
        let Some(path) = &self.0 else {
            return WrittenReport::NotAsked;
        };
        match html().and_then(|html| file::write(&html, path)) {
            Ok(()) => WrittenReport::Written(path.clone()),
            Err(failure) => WrittenReport::Failed(failure, again),
        }
    }
}

impl WrittenReport {
    /// Returns the exit code of a run, which says as well that its report is missing.
    pub fn code(&self, code: u8) -> u8 {
        match self {
            Self::Failed(..) if code != exit::REFUSED && code != exit::STOPPED => exit::LOCAL,
            _ => code,
        }
    }

    /// Names the report in the object of `--json`.
    pub fn name_in(&self, json: &mut serde_json::Value) {
        match self {
            Self::NotAsked => {}
            Self::Written(path) => json["report"] = path.to_string_lossy().into(),
            Self::Failed(..) => json["report"] = serde_json::Value::Null,
        }
    }

    /// Says where the report is, unless `--quiet` was given, or why it is missing.
    pub fn put(&self, global: &Global) {
        let lang = global.lang();
        match self {
            Self::NotAsked => {}
            Self::Written(_) if global.quiet || global.json => {}
            Self::Written(path) => {
                print::say_line(&say::report::written(lang, &path.display().to_string()));
            }
            Self::Failed(failure, again) => {
                put_failure(failure, false, lang, &global.hints);
                if let Some(command) = again {
                    print::say_line(&say::hint(lang, &say::report::not_written(lang, command)));
                }
            }
        }
    }
}

/// Returns the newest job of a name. The name of a job that was made in the same second has a number behind it.
pub(super) fn newest(state: &StateFolder, id: &JobId) -> Option<JobFolder> {
    let jobs = state.jobs().ok()?.into_iter().rev();
    let is_it = |folder: &JobFolder| {
        let rest = folder.id().as_str().strip_prefix(id.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
    };
    jobs.into_iter().find(is_it)
}
