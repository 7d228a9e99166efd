//! A job in numbers: its rows by state, its calls and its time.

use std::collections::BTreeMap;

use super::rows::RowState;
use crate::model::{Action, Status};

/// A count of the rows of a job.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct JournalCounts {
    /// Rows by state and action.
    pub rows: BTreeMap<(RowState, Action), u64>,
}

impl JournalCounts {
    /// Counts the rows that `wanted` picks.
    pub fn sum(&self, wanted: impl Fn(RowState, Action) -> bool) -> u64 {
        self.rows
            .iter()
            .filter(|((state, action), _)| wanted(*state, *action))
            .map(|(_, count)| count)
            .sum()
    }

    /// Counts the rows of a status, whatever their action. Rows on the way count as unknown; [`JournalCounts::running`]
    /// makes them pending.
    pub fn status(&self, status: Status) -> u64 {
        self.sum(|state, _| match state {
            RowState::Sending => status == Status::Unknown,
            RowState::At(at) => at == status,
        })
    }

    /// Returns the counts for a job that a process is working on: its rows on the way are pending.
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

    /// Counts all rows.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// What a job has cost in all its runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Effort {
    /// Calls, including retries.
    pub calls: u64,
    /// Time at work, without the time between runs.
    pub elapsed: std::time::Duration,
}

/// The counts of a journal, and what its database said of its changes then.
#[derive(Debug, Clone)]
pub(super) struct CountedRows {
    pub(super) changes: (i64, i64),
    pub(super) counts: JournalCounts,
}

/// Rows by state and action (`16 * state + action`) that a transaction has added or taken away and not yet counted.
#[derive(Debug, Default)]
pub(super) struct CountChanges(pub(super) BTreeMap<i64, i64>);

impl CountChanges {
    /// Notes rows of a state and an action.
    pub(super) fn add(&mut self, state: i64, action: i64, rows: i64) {
        *self.0.entry(16 * state + action).or_default() += rows;
    }
}
