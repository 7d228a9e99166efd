//! The end of a job's latest run, as the job keeps it: when, why, and what a person was told in all runs.
//!
//! A process that is killed writes none, so the end of an earlier run may stand there. It is told by its time: rows
//! were sent since.

use serde::{Deserialize, Serialize};

use super::call_counter::add_notice;
use super::context::Context;
use super::end::End;
use crate::journal::{Journal, JournalError};
use crate::model::Problem;

/// The reason for which a run ended, in a form that is kept.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// There was nothing left to do.
    #[default]
    Finished,
    /// Somebody asked to stop.
    Asked,
    /// The trial's number of rows was sent.
    TrialOver,
    /// Something kept the run from going on.
    Problem(Problem),
}

/// The end of a job's latest run.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RunEnd {
    /// When it ended, in Unix milliseconds.
    pub ended: i64,
    /// Why it ended.
    pub reason: EndReason,
    /// What a person was told in this run and the runs before it, each once.
    #[serde(default)]
    pub notices: Vec<Problem>,
}

impl RunEnd {
    /// Makes the end of a run that ends now. `wrong` is how many rows are invalid or refused, `before` the end of the
    /// run before.
    pub(crate) fn now(end: &End, wrong: u64, before: Option<Self>, context: &Context) -> Self {
        let mut notices = before.map(|before| before.notices).unwrap_or_default();
        for notice in context.monitor.notices() {
            add_notice(&mut notices, &notice);
        }
        let reason = match (end.problem(wrong), end) {
            (Some(problem), _) => EndReason::Problem(problem),
            (None, End::Stopped) => EndReason::Asked,
            (None, End::Limited) => EndReason::TrialOver,
            (None, _) => EndReason::Finished,
        };
        Self {
            ended: jiff::Timestamp::now().as_millisecond(),
            reason,
            notices,
        }
    }

    /// Reads the end of a job's latest run from its journal; `None` where no run has come to its end. A note that cannot
    /// be read is an error.
    pub(crate) fn of(journal: &Journal) -> Result<Option<Self>, JournalError> {
        let text = journal.notes()?.last_run;
        let read = |text: String| {
            let end = serde_json::from_str(&text);
            end.map_err(|_| journal.unknown_word("last_run", &text))
        };
        text.map(read).transpose()
    }

    /// Returns the text that the journal keeps.
    pub(crate) fn to_text(&self) -> String {
        // Cannot fail: numbers, words and problems are JSON.
        serde_json::to_string(self).unwrap_or_default()
    }
}
