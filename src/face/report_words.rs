//! The counts and the first problems of a report, in words.

use super::failure::{SayProblem, call_problem};
use crate::job::end::End;
use crate::job::examples::{Example, Examples};
use crate::job::report::Report;
use crate::journal::RowState;
use crate::lang::say::summary::CountedOutcome;
use crate::lang::{Lang, say};
use crate::model::{Action, Code, Problem, Status, column_letters, visible};
use crate::pipeline::VerifyReport;

/// Returns how many rows have each outcome; none of no rows.
pub(crate) fn counted(report: &Report) -> Vec<(CountedOutcome, u64)> {
    let counts = [
        (report.done(Action::Add), CountedOutcome::Added),
        (report.done(Action::Update), CountedOutcome::Updated),
        (report.done(Action::Delete), CountedOutcome::Deleted),
        (report.done(Action::Restore), CountedOutcome::Restored),
        (report.status(Status::Unchanged), CountedOutcome::Unchanged),
        (
            report.status(Status::Skipped).saturating_sub(report.united),
            CountedOutcome::Skipped,
        ),
        (report.united, CountedOutcome::United),
        (
            report.status(Status::Invalid).saturating_sub(report.kept),
            CountedOutcome::Invalid,
        ),
        (report.kept, CountedOutcome::Kept),
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

/// Returns how many rows a plan would send with each action.
pub(crate) fn planned(report: &Report) -> Vec<(Action, u64)> {
    let actions = [Action::Add, Action::Update, Action::Delete, Action::Restore];
    let rows = actions.map(|action| {
        let at = RowState::At(Status::Pending);
        let is_its = |state, its| state == at && its == action;
        (action, report.counts.sum(is_its))
    });
    rows.into_iter().filter(|(_, rows)| *rows > 0).collect()
}

/// Returns the counts of a plan, whose rows are named by what would become of them: `1 to add, 7 to update`.
pub(crate) fn counts_of_plan(report: &Report, lang: Lang) -> String {
    let planned = planned(report).into_iter();
    let planned = planned.map(|(action, rows)| say::confirm::to_do(lang, action, rows));
    let others = counted(report).into_iter();
    let others = others
        .filter(|(outcome, _)| *outcome != CountedOutcome::Pending)
        .map(|(outcome, count)| say::summary::counted(lang, outcome, count));
    let all: Vec<String> = planned.chain(others).collect();
    say::summary::counts(lang, &all)
}

/// Returns why a job did not finish, unless a person stopped it.
pub(crate) fn why_stopped(report: &Report) -> Option<Problem> {
    match &report.end {
        End::Unreachable(error) | End::Refused(error) => Some(call_problem(error)),
        End::TooManyErrors => {
            let wrong = report.status(Status::Invalid) + report.status(Status::Failed);
            Some(Problem::new(Code::TooManyErrors).with("count", wrong.to_string()))
        }
        End::Finished | End::Stopped | End::Limited => None,
    }
}

/// Returns the first problems, and how many further rows have some.
pub(crate) fn example_lines(report: &Report, put: SayProblem, lang: Lang) -> Vec<String> {
    let Examples { shown, more } = &report.examples;
    let mut lines: Vec<String> = shown
        .iter()
        .map(|example| format!("  {}", example_line(example, put, lang)))
        .collect();
    if *more > 0 {
        let more = say::check::more_problems(lang, *more);
        lines.push(format!("  {more}"));
    }
    lines
}

/// Returns a line such as `J20 (row 20, 吴秀英): 来源: “百度推广” is not one of the choices, nearest: 百度 [E402]`. The
/// address is that of the sheet that is to be mended, the row that of the source.
pub(crate) fn example_line(example: &Example, put: SayProblem, lang: Lang) -> String {
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
    let message = put(problem, lang).message;
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
