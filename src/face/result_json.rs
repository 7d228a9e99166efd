//! What a job has come to, as the one JSON object of product.md: printed with `--json`, and handed to `on_finish`.

use super::failure::{Failure, exit};
use crate::export::run::ExportReport;
use crate::job::report::Report;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::model::{Action, Status};

/// Returns the exit code of a job that was run: that of its rows, or that its result sheet could not be written.
pub(crate) fn exit_of(report: &Report) -> u8 {
    let is_unwritten = report.result.is_none();
    match report.exit_code() {
        code if is_unwritten && code != exit::REFUSED && code != exit::STOPPED => exit::LOCAL,
        code => code,
    }
}

/// Returns the object of a job.
pub(crate) fn of_report(report: &Report, code: u8) -> serde_json::Value {
    serde_json::json!({
        "job": report.job.as_str(),
        "command": report.command,
        "rows": report.counts.total(),
        "added": report.done(Action::Add),
        "updated": report.done(Action::Update),
        "deleted": report.done(Action::Delete),
        "restored": report.done(Action::Restore),
        "unchanged": report.status(Status::Unchanged),
        "skipped": report.status(Status::Skipped),
        "invalid": report.status(Status::Invalid),
        "failed": report.status(Status::Failed),
        "unknown": report.status(Status::Unknown),
        "pending": report.status(Status::Pending),
        "api_calls": report.calls,
        "elapsed_s": (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "result": report.result,
        "exit": code,
    })
}

/// Returns the object of an export.
pub(crate) fn of_export(report: &ExportReport, code: u8) -> serde_json::Value {
    serde_json::json!({
        "job": report.job.as_str(),
        "command": "export",
        "rows": report.customers,
        "added": 0,
        "updated": 0,
        "deleted": 0,
        "restored": 0,
        "unchanged": 0,
        "skipped": 0,
        "invalid": 0,
        "failed": 0,
        "unknown": 0,
        "pending": 0,
        "customers": report.customers,
        "complete": report.complete == Some(true),
        "api_calls": report.calls,
        "elapsed_s": (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "result": report.file,
        "manifest": report.manifest,
        "changes": report.changes,
        "exit": code,
    })
}

/// Returns a failure as one object: `{"exit", "errors": [{"code", "message", "hint"}]}`.
pub(crate) fn of_failure(failure: &Failure, lang: Lang, hints: &Hints) -> serde_json::Value {
    let errors = failure.words(lang).into_iter().map(|error| {
        let code = error.code.map(|code| code.to_string());
        let hint = hints.copyable(&error.hint);
        serde_json::json!({"code": code, "message": error.message, "hint": hint})
    });
    let errors: Vec<_> = errors.collect();
    serde_json::json!({"exit": failure.exit, "errors": errors})
}
