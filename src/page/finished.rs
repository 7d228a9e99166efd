//! The end of a job of the page: the command of the profile (`on_finish`) gets its result, as on the command line.
//!
//! Jobs that write and exports have an end. A preview has none: it is made as often as a person looks, and nobody is to
//! be woken for it. A person who was asked and has not agreed is no end either.

use super::notices;
use super::works::PageWork;
use crate::export::run::ExportReport;
use crate::face::failure::Failure;
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::face::settings::Settings;
use crate::job::report::Report;
use crate::model::Monitor as _;

/// Tells what has come of a job with rows. `command` names what was done where there is no report.
pub(super) fn tell_report(
    outcome: Result<&Report, &Failure>,
    command: &str,
    settings: &Settings,
    work: &PageWork,
) {
    let result = outcome.map(|report| result_json::of_report(report, result_json::exit_of(report)));
    tell(result, command, settings, work);
}

/// Tells what has come of an export. Returns whether that worked.
pub(super) fn tell_export(
    outcome: Result<&ExportReport, &Failure>,
    settings: &Settings,
    work: &PageWork,
) -> bool {
    let result = outcome.map(|report| result_json::of_export(report, report.exit_code()));
    tell(result, "export", settings, work)
}

/// Where the command fails, the work says so, and the screen of the job after it.
fn tell(
    result: Result<serde_json::Value, &Failure>,
    command: &str,
    settings: &Settings,
    work: &PageWork,
) -> bool {
    let result = result.unwrap_or_else(|failure| {
        let mut json = result_json::of_failure(failure, settings.lang, &settings.hints);
        json["command"] = command.into();
        json
    });
    let problem = Finish::of(settings).tell(&result);
    if let Some(problem) = &problem {
        work.monitor.notice(problem);
    }
    notices::keep_notices(&settings.state, work);
    problem.is_none()
}
