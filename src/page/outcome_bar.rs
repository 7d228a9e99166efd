//! The rows of a job, or of a plan, as one bar: a part for each outcome, with a legend that leads to its rows.

use askama::Template;

use super::links;
use crate::face::report_words::{counted, planned};
use crate::job::report::Report;
use crate::lang::say::summary::CountedOutcome;
use crate::lang::{Lang, say};
use crate::model::{Action, Status};

/// The width of the bar in its own units.
const WIDTH: f64 = 1000.0;

/// The rows of a job as a bar. It renders to nothing where there is no row.
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "page/outcome_bar.html")]
pub(super) struct OutcomeBar {
    /// The path of the screen on which the rows are.
    path: String,
    parts: Vec<OutcomePart>,
    /// The bar in one sentence.
    pub counts: String,
}

/// A part of the bar.
#[derive(Debug, Clone, PartialEq)]
struct OutcomePart {
    /// The status whose rows it stands for, as addresses name it.
    status: &'static str,
    /// The class that colours it.
    class: &'static str,
    /// What it stands for: `36 added`.
    words: String,
    /// Where it begins, and how wide it is.
    x: String,
    width: String,
}

impl OutcomeBar {
    /// Makes the bar of a job. The rows of a plan are named by what would become of them.
    pub fn of(report: &Report, is_plan: bool, lang: Lang) -> Self {
        let parts = parts(report, is_plan, lang);
        let words: Vec<String> = parts.iter().map(|part| part.words.clone()).collect();
        Self {
            path: links::job(&report.job),
            counts: say::summary::counts(lang, &words),
            parts,
        }
    }

    /// Has the legend lead to the rows on another screen.
    pub fn leading_to(self, path: String) -> Self {
        Self { path, ..self }
    }
}

fn parts(report: &Report, is_plan: bool, lang: Lang) -> Vec<OutcomePart> {
    let total = report.counts.total().max(1) as f64;
    let mut x = 0.0;
    let mut parts = Vec::new();
    for (status, class, count, words) in outcomes(report, is_plan, lang) {
        let width = count as f64 / total * WIDTH;
        parts.push(OutcomePart {
            status: status.as_str(),
            class,
            words,
            x: format!("{x:.2}"),
            width: format!("{width:.2}"),
        });
        x += width;
    }
    parts
}

type Outcome = (Status, &'static str, u64, String);

fn outcomes(report: &Report, is_plan: bool, lang: Lang) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    if is_plan {
        for (action, rows) in planned(report) {
            let class = match action {
                Action::Update => "updated",
                Action::Delete => "deleted",
                Action::Restore => "restored",
                Action::Add | Action::None => "added",
            };
            let words = say::confirm::to_do(lang, action, rows);
            outcomes.push((Status::Pending, class, rows, words));
        }
    }
    for (outcome, count) in counted(report) {
        if is_plan && outcome == CountedOutcome::Pending {
            continue;
        }
        let (status, class) = look_of(outcome);
        let words = say::summary::counted(lang, outcome, count);
        outcomes.push((status, class, count, words));
    }
    outcomes
}

fn look_of(outcome: CountedOutcome) -> (Status, &'static str) {
    match outcome {
        CountedOutcome::Added => (Status::Ok, "added"),
        CountedOutcome::Updated => (Status::Ok, "updated"),
        CountedOutcome::Deleted => (Status::Ok, "deleted"),
        CountedOutcome::Restored => (Status::Ok, "restored"),
        CountedOutcome::Unchanged => (Status::Unchanged, "unchanged"),
        CountedOutcome::Skipped | CountedOutcome::United => (Status::Skipped, "skipped"),
        CountedOutcome::Invalid | CountedOutcome::Kept => (Status::Invalid, "invalid"),
        CountedOutcome::Failed => (Status::Failed, "failed"),
        CountedOutcome::Unknown => (Status::Unknown, "unknown"),
        CountedOutcome::Pending => (Status::Pending, "pending"),
    }
}
