//! The file of a report: its name as it was typed, what goes into it, and how it is written.

use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use askama::Template;

use super::of_export::ExportReportFile;
use super::of_job::JobReportFile;
use super::of_verify::VerifyReportFile;
use crate::export::names::filled_in;
use crate::face::failure::{Failure, exit, usage};
use crate::face::seen_job::SeenJob;
use crate::job::spec::JobSpec;
use crate::journal::JobFolder;
use crate::lang::hint::Hints;
use crate::lang::say::jobs::JobStanding;
use crate::lang::{Lang, say};
use crate::model::{Code, Problem};
use crate::pipeline::VerifyReport;
use crate::table::write_file;

/// How often a lock is looked at before a job is said to run, and how long a look takes.
const LOOKS: u32 = 5;
const MOMENT: Duration = Duration::from_millis(20);

/// The name of a report as it was typed, which may have placeholders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ReportTarget(String);

impl ReportTarget {
    /// Takes a name. Fails unless it is that of an HTML file, with no other placeholders than those of an export.
    pub fn of(path: &Path) -> Result<Self, Failure> {
        let text = path.display().to_string();
        if path.as_os_str() == "-" {
            return Err(usage(say::report::to_stdout()));
        }
        if path.is_dir() {
            return Err(usage(say::report::is_a_folder(&text)));
        }
        let extension = path.extension().unwrap_or_default().to_string_lossy();
        if !["html", "htm"].contains(&extension.to_ascii_lowercase().as_str()) {
            return Err(usage(say::report::no_html(&text)));
        }
        // A name that the file system does not take would fail only when everything is done.
        if let Err(error) = std::fs::symlink_metadata(path)
            && error.kind() == ErrorKind::InvalidFilename
        {
            let problem = Problem::new(Code::TargetUnwritable)
                .with("path", &text)
                .with("detail", error.to_string());
            return Err(Failure::of(exit::USAGE, &problem));
        }
        let target = Self(path.to_string_lossy().into_owned());
        target.filled("", "")?;
        Ok(target)
    }

    /// Returns the path, with its placeholders filled in; `stamp` is `yyyymmdd-hhmmss`.
    pub fn path(&self, stamp: &str, profile: &str) -> Result<PathBuf, Failure> {
        let path = PathBuf::from(self.filled(stamp, profile)?);
        Ok(std::path::absolute(&path).unwrap_or(path))
    }

    fn filled(&self, stamp: &str, profile: &str) -> Result<String, Failure> {
        filled_in(&self.0, stamp, profile)
            .map_err(|error| usage(say::export::no_placeholder(&error.0)))
    }
}

/// Returns the report of a job: of its rows, or of an export. `failure` is why this run of it has failed, if it has.
pub(crate) fn of_job(
    folder: &JobFolder,
    failure: Option<&Failure>,
    hints: &Hints,
    lang: Lang,
) -> Result<String, Failure> {
    let seen = look(folder);
    match &seen.export {
        Some(export) => {
            let file = ExportReportFile::read(&seen, export, (failure, hints), lang)?;
            rendered(&file)
        }
        None => rendered(&JobReportFile::read(&seen, failure, hints, lang)?),
    }
}

/// Looks at a job. Whoever looks whether a job is free holds its lock for that moment, so one look may take a job that
/// is over for one that runs.
fn look(folder: &JobFolder) -> SeenJob {
    let mut seen = SeenJob::of(folder.clone());
    for _ in 1..LOOKS {
        if seen.state != JobStanding::Running {
            break;
        }
        std::thread::sleep(MOMENT);
        seen = SeenJob::of(folder.clone());
    }
    seen
}

/// Returns the report of a verification.
pub(crate) fn of_verification(
    report: &VerifyReport,
    spec: &JobSpec,
    hints: &Hints,
    lang: Lang,
) -> Result<String, Failure> {
    rendered(&VerifyReportFile::of(report, spec, hints, lang))
}

fn rendered(file: &impl Template) -> Result<String, Failure> {
    file.render().map_err(|error| {
        let why = say::usage::in_both(&error.to_string().into());
        Failure::said(exit::LOCAL, (why, "".into()))
    })
}

/// Writes a report: the file is there as a whole, or as it was before.
pub(crate) fn write(html: &str, path: &Path) -> Result<(), Failure> {
    write_file(path, html.as_bytes()).map_err(|error| {
        let words = say::usage::unwritable_file(&path.display().to_string(), &error.detail());
        Failure::said(exit::LOCAL, words)
    })
}
