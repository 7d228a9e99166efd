//! The problems that are shown on the terminal: equal ones counted together, those of most rows first.
//!
//! Twenty rows with one wrong word are one thing to mend. So problems are grouped by all their facts, but for the other row
//! that a problem names: contacts that differ from the first row of their customer in the same words are one thing too.

use std::borrow::Cow;
use std::collections::HashMap;

use crate::job::error::JobError;
use crate::journal::{Journal, RowCursor, RowSet, RowState};
use crate::model::{Code, Problem, RowNumber, Status};

/// The most different problems that are told apart; rows with others are only counted.
const MOST_DIFFERENT: usize = 1000;
/// The fact that names another row.
const OTHER_ROW: &str = "row";
/// How many different problems are shown.
const SHOWN: usize = 10;

/// A problem of one or more rows, with the first of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Example {
    /// The first row of the source that has the problem.
    pub row: RowNumber,
    /// The row's name for people: its number, or `name!17` where the source is known to have several sheets.
    pub source: String,
    /// The problem.
    pub problem: Problem,
    /// How many rows have it.
    pub times: u64,
    /// The name of the row's customer; empty where it is not known.
    pub name: String,
    /// The address of the cell in the sheet that is to be mended, such as `G7`; `None` where that is the source.
    pub cell: Option<String>,
}

/// The problems of a job or a check.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Examples {
    /// The problems that are shown.
    pub shown: Vec<Example>,
    /// How many further problems there are.
    pub more: u64,
}

impl Examples {
    /// Reads the problems of a job's rows that are not done.
    pub fn of(journal: &Journal) -> Result<Self, JobError> {
        let mut found = ExampleCounts::default();
        let mut rows = RowCursor::over(RowSet::WithProblems);
        while let Some(batch) = rows.next_batch(journal)? {
            for row in batch.iter().filter(|row| is_wrong(row.state)) {
                for problem in &row.problems {
                    found.add(row.number, problem, "");
                }
            }
        }
        Ok(found.finish())
    }
}

/// Returns whether a row of this state is one that a person has to look at.
pub(crate) fn is_wrong(state: RowState) -> bool {
    match state {
        RowState::Sending => true,
        RowState::At(status) => {
            matches!(status, Status::Invalid | Status::Failed | Status::Unknown)
        }
    }
}

/// Counts equal problems.
#[derive(Debug, Clone, Default)]
pub(crate) struct ExampleCounts {
    different: Vec<Example>,
    positions: HashMap<String, usize>,
    all: u64,
}

impl ExampleCounts {
    /// Counts a problem of a row.
    pub(crate) fn add(&mut self, row: RowNumber, problem: &Problem, name: &str) {
        self.all += 1;
        let mut alike = Cow::Borrowed(problem);
        if alike.facts.contains_key(OTHER_ROW) {
            alike.to_mut().facts.remove(OTHER_ROW);
        }
        let key = serde_json::to_string(&(row.sheet, alike)).unwrap_or_default();
        if let Some(example) = self
            .positions
            .get(&key)
            .and_then(|at| self.different.get_mut(*at))
        {
            example.times += 1;
        } else if self.different.len() < MOST_DIFFERENT {
            self.positions.insert(key, self.different.len());
            self.different.push(Example {
                row,
                source: row.row.to_string(),
                problem: problem.clone(),
                times: 1,
                name: name.to_owned(),
                cell: None,
            });
        }
    }

    /// Returns the problems of most rows, in the order of their first rows where as many rows have them. Rows that are
    /// wrong only because another row of their customer is come last: that row is what a person mends.
    pub(crate) fn finish(self) -> Examples {
        self.first(SHOWN)
    }

    /// Returns as many problems at most, in the same order.
    pub(crate) fn first(self, most: usize) -> Examples {
        let mut shown = self.different;
        shown.sort_by_key(|example| {
            let follows = example.problem.code == Code::MergePartner;
            (follows, std::cmp::Reverse(example.times))
        });
        shown.truncate(most);
        let told: u64 = shown.iter().map(|example| example.times).sum();
        Examples {
            more: self.all - told,
            shown,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_follows_from_another_row_comes_last() {
        let mut counts = ExampleCounts::default();
        for row in 2..5 {
            counts.add(RowNumber::new(row), &Problem::new(Code::MergePartner), "");
        }
        counts.add(RowNumber::new(5), &Problem::new(Code::NotAChoice), "");
        let shown = counts.finish().shown;
        let codes: Vec<Code> = shown.iter().map(|example| example.problem.code).collect();
        assert_eq!(codes, [Code::NotAChoice, Code::MergePartner]);
    }

    #[test]
    fn another_row_sets_no_problems_apart() {
        let differs = |row: &str, word: &str| {
            let problem = Problem::new(Code::MergeDiffers).at(3);
            problem.with("value", word).with("row", row)
        };
        let mut counts = ExampleCounts::default();
        for (row, above, word) in [(3, "2", "采购"), (5, "4", "采购"), (7, "6", "财务")] {
            counts.add(RowNumber::new(row), &differs(above, word), "");
        }
        let shown = counts.finish().shown;
        let told = shown.iter().map(|its| (its.row.row, its.times));
        assert_eq!(told.collect::<Vec<_>>(), [(3, 2), (7, 1)]);
    }

    #[test]
    fn equal_problems_are_one_and_most_come_first() {
        let word = |word: &str| Problem::new(Code::NotAChoice).at(3).with("value", word);
        let mut counts = ExampleCounts::default();
        for (row, text) in [
            (2, "官往"),
            (3, "百度推广"),
            (4, "百度推广"),
            (9, "百度推广"),
        ] {
            counts.add(RowNumber::new(row), &word(text), "甲");
        }
        for row in 10..30 {
            counts.add(RowNumber::new(row), &word(&row.to_string()), "");
        }
        let examples = counts.finish();
        let shown: Vec<(u32, u64)> = examples
            .shown
            .iter()
            .map(|example| (example.row.row, example.times))
            .collect();
        assert_eq!(shown.get(..3), Some(&[(3, 3), (2, 1), (10, 1)][..]));
        assert_eq!((shown.len(), examples.more), (10, 12));
    }
}
