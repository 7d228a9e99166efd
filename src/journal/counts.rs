//! What a job comes to in numbers: its rows by state, its calls and its time.

use std::collections::BTreeMap;

use super::rows::RowState;
use crate::model::{Action, Status};

/// How many rows are in which state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalCounts {
    /// By state and action.
    pub rows: BTreeMap<(RowState, Action), u64>,
}

impl JournalCounts {
    /// Rows that `wanted` picks.
    pub fn sum(&self, wanted: impl Fn(RowState, Action) -> bool) -> u64 {
        self.rows
            .iter()
            .filter(|((state, action), _)| wanted(*state, *action))
            .map(|(_, count)| count)
            .sum()
    }

    /// Rows of a status, whatever the action. Rows on the way count as unknown; [`JournalCounts::running`] makes
    /// them pending.
    pub fn status(&self, status: Status) -> u64 {
        self.sum(|state, _| match state {
            RowState::Sending => status == Status::Unknown,
            RowState::At(at) => at == status,
        })
    }

    /// The same while a process is at work on the job: its rows on the way are pending.
    #[must_use]
    pub fn running(self) -> Self {
        let mut rows = BTreeMap::new();
        for ((state, action), count) in self.rows {
            let state = if state == RowState::Sending {
                RowState::At(Status::Pending)
            } else {
                state
            };
            *rows.entry((state, action)).or_default() += count;
        }
        Self { rows }
    }

    /// Rows in all.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// What a job has cost, over all its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Calls, retries included.
    pub calls: u64,
    /// Time at work.
    pub elapsed: std::time::Duration,
}
