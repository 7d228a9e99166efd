//! The result of a job, as text or as the one JSON object of product.md.

use super::progress::Progress;
use super::report_flag::WrittenReport;
use super::{Global, print};
use crate::face::failure::exit;
use crate::face::report_words::{counts, example_lines, why_stopped};
use crate::face::result_json;
use crate::job::end::End;
use crate::job::report::Report;
use crate::lang;
use crate::lang::say;
use crate::model::{JobId, Problem, Status};

/// Prints a report, and returns its object and its exit code. `file` is what was written about the run besides.
pub(super) fn print_summary(
    report: &Report,
    file: &WrittenReport,
    global: &Global,
) -> (serde_json::Value, u8) {
    let code = file.code(result_json::exit_of(report));
    let mut json = result_json::of_report(report, code);
    file.name_in(&mut json);
    if global.json {
        print::json(&json);
    } else if !global.quiet {
        for line in lines(report, global) {
            print::say_line(&global.hints.copyable(&line));
        }
        file.put(global);
        return (json, code);
    }
    // The reason why a job did not finish is an error, which neither `--json` nor `--quiet` suppresses.
    for line in stop_lines(report, global) {
        print::say_line(&global.hints.copyable(&line));
    }
    file.put(global);
    (json, code)
}

fn lines(report: &Report, global: &Global) -> Vec<String> {
    let lang = global.lang();
    let hint = |text: &str| say::hint(lang, text);
    let counted = counts(report, lang);
    let counted = if counted.is_empty() {
        say::summary::nothing_to_do(lang).to_owned()
    } else {
        counted
    };
    let time = say::amounts::duration(lang, report.elapsed);
    let rows = report.counts.total();
    let mut lines = vec![say::summary::total(
        lang,
        rows,
        &counted,
        report.calls,
        &time,
    )];
    lines.extend(example_lines(report, crate::lang::words, lang));
    lines.push(match &report.result {
        Some(path) => say::summary::result(lang, &path.display().to_string()),
        None => say::summary::no_result(lang, &command_of("jobs", &report.job, global)),
    });
    lines.extend(stop_lines(report, global));
    match report.end {
        End::Stopped => lines.push(say::summary::stopped_as_asked(lang).to_owned()),
        End::Limited => lines.push(say::summary::trial_over(lang).to_owned()),
        End::Unreachable(_) | End::Refused(_) | End::TooManyErrors | End::Finished => {}
    }
    if report.held_back {
        lines.push(say::summary::held_back(lang).to_owned());
        lines.push(hint(say::summary::mend_and_import(lang)));
    } else if report.end != End::Finished {
        let resume = resume_command(&report.job, global);
        lines.push(say::summary::go_on_with(lang, &resume));
    } else if report.status(Status::Unknown) > 0 {
        let resume = resume_command(report.doubts_of(), global);
        lines.push(hint(&say::summary::look_up_unknown(lang, &resume)));
    } else if report.kind.takes_away() {
        if report.exit_code() != exit::DONE {
            let undo = report.kind.is_undo();
            lines.push(hint(say::summary::see_what_was_left(lang, undo)));
        }
    } else if report.exit_code() == exit::NOTHING {
        lines.push(hint(say::summary::all_added_before(lang)));
    } else if report.status(Status::Invalid) + report.status(Status::Failed) > 0 {
        lines.push(hint(say::summary::mend_the_rows(lang)));
    }
    lines
}

/// Returns why a job did not finish, unless a person stopped it.
fn stop_lines(report: &Report, global: &Global) -> Vec<String> {
    let Some(problem) = why_stopped(report) else {
        return Vec::new();
    };
    let problem = match &report.end {
        End::Unreachable(_) | End::Refused(_) => {
            problem.with("resume", resume_command(&report.job, global))
        }
        _ => problem,
    };
    let lang = global.lang();
    let words = lang::words(&problem, lang);
    let code = problem.code.to_string();
    vec![
        say::summary::stopped(lang, &words.message, &code),
        say::hint(lang, &words.tip),
    ]
}

/// Returns the exact command that resumes a job.
pub(super) fn resume_command(job: &JobId, global: &Global) -> String {
    command_of("resume", job, global)
}

/// Returns the exact command about a job, with the flags of this run that say which account and jobs are meant.
pub(super) fn command_of(command: &str, job: &JobId, global: &Global) -> String {
    global.hints.command(&format!("ferry {command} {job}"))
}

/// Shows the notices of the settings.
pub(super) fn notices(progress: &Progress, notices: &[Problem]) {
    for notice in notices {
        progress.monitor().notice(notice);
    }
}
