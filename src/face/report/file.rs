//! The file of a report: which one it is, and how it is written.

use std::path::Path;

use askama::Template;

use super::of_export::ExportReportFile;
use super::of_job::JobReportFile;
use super::of_verify::VerifyReportFile;
use crate::face::failure::{Failure, exit};
use crate::face::seen_job::SeenJob;
use crate::job::is_export;
use crate::job::spec::JobSpec;
use crate::journal::JobFolder;
use crate::lang::hint::Hints;
use crate::lang::{Lang, say};
use crate::pipeline::VerifyReport;
use crate::table::write_file;

/// Returns the report of a job: of its rows, or of an export.
pub(crate) fn of_job(folder: &JobFolder, hints: &Hints, lang: Lang) -> Result<String, Failure> {
    let seen = SeenJob::of(folder.clone());
    if is_export(folder) {
        rendered(&ExportReportFile::read(&seen, lang)?)
    } else {
        rendered(&JobReportFile::read(&seen, hints, lang)?)
    }
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
pub(crate) fn write_whole(html: &str, path: &Path) -> Result<(), Failure> {
    write_file(path, html.as_bytes()).map_err(|error| {
        let words = say::usage::unwritable_file(&path.display().to_string(), &error.detail());
        Failure::said(exit::LOCAL, words)
    })
}
