//! The rows of a result sheet that are done and whose cells were edited since. The first of them are named, so that a
//! person finds what was not sent.

use crate::job::spec::{SheetPlan, row_label};
use crate::model::{Code, Fact, Problem, RowNumber};

/// How many rows are named.
const NAMED: usize = 10;

/// Rows that are done but have edited cells.
#[derive(Debug, Default)]
pub(crate) struct EditedRows {
    count: u64,
    /// The first of them, at most [`NAMED`].
    first: Vec<RowNumber>,
}

impl EditedRows {
    /// Takes a row.
    pub fn add(&mut self, row: RowNumber) {
        self.count += 1;
        if self.first.len() < NAMED {
            self.first.push(row);
        }
    }

    /// Returns the notice about the rows; `None` where there are none.
    pub fn notice(&self, sheets: &[SheetPlan]) -> Option<Problem> {
        let first = self.first.iter().map(|row| row_label(sheets, *row));
        let more = self.count > self.first.len() as u64;
        let rows: Vec<String> = first.chain(more.then(|| "…".to_owned())).collect();
        let said = Problem::new(Code::EditedDoneRows)
            .with("count", self.count.to_string())
            .with("rows", Fact::list(rows.iter().map(String::as_str)));
        (self.count > 0).then_some(said)
    }
}
