//! What a job came to, as text or as the one JSON object of product.md.

use super::failure::{call_problem, exit};
use super::progress::Progress;
use super::{Global, duration, say};
use crate::job::{End, Report};
use crate::journal::StateFolder;
use crate::lang::{self, Lang};
use crate::model::{Action, JobId, Problem, RowNumber, Status, column_letters};

/// Prints a report and returns its exit code.
pub(super) fn print(report: &Report, global: &Global, state: &StateFolder) -> u8 {
    let unwritten = report.result.is_none();
    let code = match report.exit_code() {
        code if unwritten && code != exit::REFUSED && code != exit::STOPPED => exit::LOCAL,
        code => code,
    };
    if global.json {
        out!("{}", json(report, code));
    } else {
        for line in lines(report, global, state) {
            say(global, &line);
        }
    }
    code
}

/// The object of `--json`.
pub(super) fn json(report: &Report, code: u8) -> serde_json::Value {
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

/// `36 added, 4 invalid`.
pub(super) fn counts(report: &Report) -> String {
    let counts = [
        (report.done(Action::Add), "added"),
        (report.done(Action::Update), "updated"),
        (report.status(Status::Unchanged), "unchanged"),
        (report.status(Status::Skipped), "skipped"),
        (report.status(Status::Invalid), "invalid"),
        (report.status(Status::Failed), "failed"),
        (report.status(Status::Unknown), "unknown"),
        (report.status(Status::Pending), "not sent yet"),
    ];
    let counted: Vec<String> = counts
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    counted.join(", ")
}

fn lines(report: &Report, global: &Global, state: &StateFolder) -> Vec<String> {
    let counted = counts(report);
    let mut lines = vec![format!(
        "{} rows: {} · {} calls in {}",
        report.counts.total(),
        if counted.is_empty() {
            "nothing to do"
        } else {
            counted.as_str()
        },
        report.calls,
        duration::show(report.elapsed),
    )];
    for (number, problem) in &report.examples {
        lines.push(format!(
            "  {}",
            problem_line(*number, problem, global.lang())
        ));
    }
    let wrong = report.status(Status::Invalid)
        + report.status(Status::Failed)
        + report.status(Status::Unknown);
    let shown: std::collections::BTreeSet<RowNumber> =
        report.examples.iter().map(|(number, _)| *number).collect();
    if wrong > shown.len() as u64 {
        lines.push(format!(
            "  … and {} more such rows",
            wrong - shown.len() as u64
        ));
    }
    match &report.result {
        Some(path) => lines.push(format!("result sheet: {}", path.display())),
        None => lines.push(format!(
            "the result sheet is not written: ferry jobs {} --result FILE",
            report.job
        )),
    }
    match &report.end {
        End::Unreachable(error) | End::Refused(error) => {
            let resume = resume_command(&report.job, global, state);
            let problem = call_problem(error).with("resume", resume);
            let words = lang::words(&problem, global.lang());
            lines.push(format!("stopped: {} [{}]", words.message, problem.code));
            lines.push(format!("hint: {}", words.tip));
        }
        End::Stopped => lines.push("stopped, as asked".to_owned()),
        End::Limited => lines.push("the trial is over".to_owned()),
        End::Finished => {}
    }
    if report.held_back {
        lines.push("nothing was sent: --strict, and some rows are invalid".to_owned());
        lines.push("hint: mend them in the file and import it again".to_owned());
    } else if report.end != End::Finished {
        lines.push(format!(
            "go on with: {}",
            resume_command(&report.job, global, state)
        ));
    } else if report.status(Status::Unknown) > 0 {
        lines.push(format!(
            "hint: rows that are unknown may have been stored. {} looks them up once more; _tip says how you settle them yourself",
            resume_command(&report.job, global, state)
        ));
    } else if report.exit_code() == exit::NOTHING {
        lines.push("hint: every row was added before, see _error in the result sheet; --again adds them once more".to_owned());
    } else if report.status(Status::Invalid) + report.status(Status::Failed) > 0 {
        lines.push("hint: mend the rows in the result sheet and import it; rows that are done are left alone".to_owned());
    }
    lines
}

/// `F17: 来源: “百度推广” is not one of the choices, nearest: 百度 [E402]`.
pub(super) fn problem_line(number: RowNumber, problem: &Problem, lang: Lang) -> String {
    let place = match problem.column {
        Some(column) => format!("{}{}", column_letters(column), number.row),
        None => format!("row {}", number.row),
    };
    format!(
        "{place}: {} [{}]",
        lang::words(problem, lang).message,
        problem.code
    )
}

/// The exact command that goes on with a job.
pub(super) fn resume_command(job: &JobId, global: &Global, state: &StateFolder) -> String {
    let mut line = format!("ferry resume {job}");
    for (flag, path) in [
        ("--config", &global.config),
        ("--state-dir", &global.state_dir),
    ] {
        if path.is_some() {
            let path = if flag == "--state-dir" {
                Some(state.root().to_path_buf())
            } else {
                path.clone()
            };
            let text = path
                .map(|path| path.display().to_string())
                .unwrap_or_default();
            let quoted = if text.contains([' ', '\'', '&', '(']) {
                format!("\"{text}\"")
            } else {
                text
            };
            line = format!("{line} {flag} {quoted}");
        }
    }
    line
}

/// Says what settings brought up.
pub(super) fn notices(progress: &Progress, notices: &[Problem]) {
    for notice in notices {
        progress.monitor().notice(notice);
    }
}
