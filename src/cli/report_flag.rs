//! `--report`: a run is told about in one HTML file. The run stands when the file cannot be written; the exit code then
//! says so.

use std::path::{Path, PathBuf};

use clap::Args;

use super::put_failure::put_failure;
use super::{Global, print, source_flags, usage};
use crate::export::names::filled_in;
use crate::face::failure::{Failure, exit};
use crate::face::report;
use crate::job;
use crate::job::account::Account;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::say;
use crate::model::{Code, JobId, Problem};
use crate::results::place::{folder_of, stamp_in};

/// `--report`.
#[derive(Debug, Args)]
pub(super) struct ReportFlag {
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
}

/// What has become of a report.
#[derive(Debug)]
pub(super) enum WrittenReport {
    NotAsked,
    Written(PathBuf),
    /// It could not be written; the command that writes it now is named where there is one.
    Failed(Failure, Option<String>),
}

impl ReportFlag {
    /// Fails for a name that cannot be that of a report, and for a folder that is missing. Nothing is done before that is known.
    pub fn check(&self) -> Result<(), Failure> {
        self.report.as_deref().map_or(Ok(()), check)
    }

    /// Writes the report of a job, if one is asked for.
    pub fn of_job(&self, state: &StateFolder, job: &JobId, global: &Global) -> WrittenReport {
        let Some(path) = &self.report else {
            return WrittenReport::NotAsked;
        };
        let folder = state.job(job).map_err(Failure::from);
        let path = folder.and_then(|folder| write_of_job(path, &folder, global));
        written(
            path,
            Some(global.hints.command(&format!("ferry jobs {job}"))),
        )
    }

    /// Writes the report of something else about an account, if one is asked for.
    pub fn write(
        &self,
        (timezone, account): (&str, &Account),
        html: impl FnOnce() -> Result<String, Failure>,
    ) -> WrittenReport {
        let Some(path) = &self.report else {
            return WrittenReport::NotAsked;
        };
        written(write(path, (timezone, account), html), None)
    }
}

/// Fails for a name that cannot be that of a report, and for a folder that is missing.
pub(super) fn check(path: &Path) -> Result<(), Failure> {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    if !["html", "htm"].contains(&extension.to_ascii_lowercase().as_str()) {
        return Err(usage(say::report::no_html(&path.display().to_string())));
    }
    source_flags::check_name(path)?;
    let plain = PathBuf::from(filled(path, "", "")?);
    let folder = folder_of(path);
    // What a placeholder stands for is known when the file is written.
    if folder_of(&plain) == folder && !folder.is_dir() {
        let problem = Problem::new(Code::FolderMissing).with("path", folder.to_string_lossy());
        return Err(Failure::of(exit::USAGE, &problem));
    }
    Ok(())
}

/// Writes the report of a job, and returns its path.
pub(super) fn write_of_job(
    path: &Path,
    folder: &JobFolder,
    global: &Global,
) -> Result<PathBuf, Failure> {
    let (timezone, account) = if job::is_export(folder) {
        let export = crate::export::export_state(folder)?;
        (export.timezone, export.account)
    } else {
        let spec = JobSpec::load(folder)?;
        (spec.timezone, spec.account)
    };
    write(path, (&timezone, &account), || {
        report::of_job(folder, &global.hints, global.lang())
    })
}

fn write(
    path: &Path,
    (timezone, account): (&str, &Account),
    html: impl FnOnce() -> Result<String, Failure>,
) -> Result<PathBuf, Failure> {
    let path = PathBuf::from(filled(path, &stamp_in(timezone), account.name_in_files())?);
    let path = std::path::absolute(&path).unwrap_or(path);
    report::write_whole(&html()?, &path)?;
    Ok(path)
}

/// Returns a path with its placeholders filled in; `stamp` is `yyyymmdd-hhmmss`.
fn filled(path: &Path, stamp: &str, profile: &str) -> Result<String, Failure> {
    filled_in(&path.to_string_lossy(), stamp, profile)
        .map_err(|error| usage(say::export::no_placeholder(&error.0)))
}

fn written(path: Result<PathBuf, Failure>, again: Option<String>) -> WrittenReport {
    match path {
        Ok(path) => WrittenReport::Written(path),
        Err(failure) => WrittenReport::Failed(failure, again),
    }
}

impl WrittenReport {
    /// Returns the exit code of a run, which says as well that its report is missing. What asks for more than writing
    /// the report goes before: a refusal, a run to go on with, rows in doubt.
    pub fn code(&self, code: u8) -> u8 {
        let goes_before = [exit::REFUSED, exit::STOPPED, exit::UNKNOWN].contains(&code);
        match self {
            Self::Failed(..) if !goes_before => exit::LOCAL,
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
