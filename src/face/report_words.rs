//! The counts and the first problems of a report, in words.

use crate::job::examples::{Example, Examples};
use crate::job::report::Report;
use crate::lang;
use crate::lang::say::summary::CountedOutcome;
use crate::lang::{Lang, say};
use crate::model::{Action, Problem, Status, column_letters, visible};
use crate::pipeline::VerifyReport;

/// Returns how many rows have each outcome; none of no rows.
pub(crate) fn counted(report: &Report) -> Vec<(CountedOutcome, u64)> {
    let counts = [
        (report.done(Action::Add), CountedOutcome::Added),
        (report.done(Action::Update), CountedOutcome::Updated),
        (report.done(Action::Delete), CountedOutcome::Deleted),
        (report.done(Action::Restore), CountedOutcome::Restored),
        (report.status(Status::Unchanged), CountedOutcome::Unchanged),
        (report.status(Status::Skipped), CountedOutcome::Skipped),
        (report.status(Status::Invalid), CountedOutcome::Invalid),
        (report.status(Status::Failed), CountedOutcome::Failed),
        (report.status(Status::Unknown), CountedOutcome::Unknown),
        (report.status(Status::Pending), CountedOutcome::Pending),
    ];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    counts.map(|(count, outcome)| (outcome, count)).collect()
}

/// Returns the counts of a job: `36 added, 4 invalid`.
pub(crate) fn counts(report: &Report, lang: Lang) -> String {
    let counted: Vec<String> = counted(report)
        .into_iter()
        .map(|(outcome, count)| say::summary::counted(lang, outcome, count))
        .collect();
    say::summary::counts(lang, &counted)
}

/// Returns why a job did not finish, unless a person stopped it.
pub(crate) fn why_stopped(report: &Report) -> Option<Problem> {
    let wrong = report.status(Status::Invalid) + report.status(Status::Failed);
    report.end.problem(wrong)
}

/// Returns the first problems, and how many further rows have some.
pub(crate) fn example_lines(report: &Report, lang: Lang) -> Vec<String> {
    let Examples { shown, more } = &report.examples;
    let mut lines: Vec<String> = shown
        .iter()
        .map(|example| format!("  {}", example_line(example, lang)))
        .collect();
    if *more > 0 {
        let more = say::check::more_problems(lang, *more);
        lines.push(format!("  {more}"));
    }
    lines
}

/// Returns a line such as `J20 (row 20, 吴秀英): 来源: “百度推广” is not one of the choices, nearest: 百度 [E402]`. The
/// address is that of the sheet that is to be mended, the row that of the source.
pub(crate) fn example_line(example: &Example, lang: Lang) -> String {
    let Example {
        row,
        source,
        problem,
        times,
        name,
        cell,
    } = example;
    let row_name = say::summary::row(lang, row.row);
    let (address, source) = match (cell, problem.column) {
        (Some(cell), _) => (cell.clone(), say::summary::source_row(lang, source)),
        (None, Some(column)) => (
            format!("{}{}", column_letters(column), row.row),
            String::new(),
        ),
        (None, None) => (row_name, String::new()),
    };
    let place = say::summary::place(lang, &address, &[source.as_str(), &visible(name)]);
    let message = lang::words(problem, lang).message;
    let code = problem.code.to_string();
    if *times > 1 {
        say::summary::many_problems(lang, *times, &message, &code, &place)
    } else {
        say::summary::problem_line(lang, &place, &message, &code)
    }
}

/// Returns what a verification has found, as one sentence.
pub(crate) fn verified(report: &VerifyReport, lang: Lang) -> String {
    let time = say::amounts::duration(lang, report.elapsed);
    say::plan::verified(
        lang,
        report.rows,
        report.fields,
        report.different_rows,
        report.calls,
        &time,
    )
}
