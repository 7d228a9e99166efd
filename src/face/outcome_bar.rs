//! The rows of a job, or of a plan, as one bar: a part for each outcome, with a legend, which on the page leads to its
//! rows.

use askama::Template;

use super::report_words::{counted, planned};
use crate::job::report::Report;
use crate::lang::say::summary::CountedOutcome;
use crate::lang::{Lang, say, sheets};
use crate::model::{Action, Status};

/// The width of the bar in its own units.
const WIDTH: f64 = 1000.0;

/// The rows of a job as a bar. It renders to nothing where there is no row.
#[derive(Debug, Clone, PartialEq, Template)]
#[template(path = "face/outcome_bar.html")]
pub(crate) struct OutcomeBar {
    /// The path of the page at which the rows are; `None` where there is no page.
    path: Option<String>,
    pub parts: Vec<OutcomePart>,
    /// The bar in one sentence.
    pub counts: String,
}

/// A part of the bar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct OutcomePart {
    /// The status whose rows it stands for, as addresses name it.
    status: &'static str,
    /// The class that colours it.
    pub class: &'static str,
    /// The outcome: `added`.
    pub name: &'static str,
    /// How many rows have it.
    pub rows: u64,
    /// The share of all rows: `90 %`.
    pub share: String,
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
            path: None,
            counts: say::summary::counts(lang, &words),
            parts,
        }
    }

    /// Makes the legend lead to the rows, which are at this path of the page.
    pub fn leading_to(self, path: String) -> Self {
        Self {
            path: Some(path),
            ..self
        }
    }
}

fn parts(report: &Report, is_plan: bool, lang: Lang) -> Vec<OutcomePart> {
    let total = report.counts.total().max(1) as f64;
    let mut x = 0.0;
    let mut parts = Vec::new();
    for outcome in outcomes(report, is_plan, lang) {
        let share = outcome.rows as f64 / total;
        let width = share * WIDTH;
        parts.push(OutcomePart {
            status: outcome.status.as_str(),
            class: outcome.class,
            name: outcome.name,
            rows: outcome.rows,
            share: format!("{:.1} %", share * 100.0),
            words: outcome.words,
            x: format!("{x:.2}"),
            width: format!("{width:.2}"),
        });
        x += width;
    }
    parts
}

/// An outcome, with how many rows have it.
struct RowsOfOutcome {
    status: Status,
    class: &'static str,
    name: &'static str,
    rows: u64,
    words: String,
}

fn outcomes(report: &Report, is_plan: bool, lang: Lang) -> Vec<RowsOfOutcome> {
    let mut outcomes = Vec::new();
    if is_plan {
        for (action, rows) in planned(report) {
            let class = match action {
                Action::Update => "updated",
                Action::Delete => "deleted",
                Action::Restore => "restored",
                Action::Add | Action::None => "added",
            };
            outcomes.push(RowsOfOutcome {
                status: Status::Pending,
                class,
                name: sheets::planned(Status::Pending, action, lang),
                rows,
                words: say::confirm::to_do(lang, action, rows),
            });
        }
    }
    for (outcome, rows) in counted(report) {
        if is_plan && outcome == CountedOutcome::Pending {
            continue;
        }
        let (status, class) = look_of(outcome);
        outcomes.push(RowsOfOutcome {
            status,
            class,
            name: outcome.name(lang),
            rows,
            words: say::summary::counted(lang, outcome, rows),
        });
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
