//! What the cells of every column look like, for proposing what a column is.
//!
//! Memory is bounded by the number of columns: of each column, only counts and a bounded number of distinct words are
//! kept.

use crate::check::{Checker, Intent};
use crate::job::error::JobError;
use crate::mapping::{self, AsideRows, ColumnStats, SeenColumn};
use crate::model::{
    CellKind, CellNotes, Code, Draft, Monitor, Origin, Part, Row, RowNumber, Schema, Slot, Stop,
    Task,
};
use crate::source::corrected;
use crate::source::merged_down::{RowNumbers, down};
use crate::source::rows::BATCH_ROWS;
use crate::table::{MergedRange, Workbook};

/// How many rows are looked at before a column without a mapping is taken for what its cells say.
const LOOKED_AT_ROWS: u64 = 20_000;

/// Counts what every column of a sheet holds, and the rows below the header.
pub(crate) fn count(
    workbook: &Workbook,
    index: usize,
    header: &Row,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<(Vec<SeenColumn>, u64), JobError> {
    monitor.start_task(Task::Check, None);
    let mut columns = SeenColumns::of(header);
    let mut reader = workbook.rows(index, 0)?;
    while let Some(row) = reader.read_row()? {
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        columns.see(row);
        if columns.rows.is_multiple_of(BATCH_ROWS as u64) {
            monitor.advance(Task::Check, BATCH_ROWS as u64);
        }
    }
    columns.count_merged(&reader.merged());
    let without_row = reader.corrected_without_row();
    corrected::refuse_lost(workbook, |sheet, row| {
        sheet == index && (row <= header.number.row || without_row.contains(&row))
    })?;
    monitor.finish_task(Task::Check);
    Ok((columns.columns, columns.rows))
}

/// Returns the columns that match no field by their header and that a proposal is certain of, each with the field as a
/// mapping names it: what `ferry map` leaves in no doubt, an import reads. Looks at the first rows only.
pub(crate) fn certain_fields(
    workbook: &Workbook,
    index: usize,
    header: &Row,
    schema: &Schema,
) -> Result<Vec<(u32, String)>, JobError> {
    let mut columns = SeenColumns::of(header);
    let mut reader = workbook.rows(index, 0)?;
    while columns.rows < LOOKED_AT_ROWS
        && let Some(row) = reader.read_row()?
    {
        columns.see(row);
    }
    let checker = Checker::new(schema);
    let recognise = |field: usize, text: &str| unknown_words(&checker, field, text);
    let proposal = mapping::propose(&columns.columns, schema, None, &recognise);
    let certain = proposal.columns.into_iter();
    Ok(certain
        .filter(|column| column.doubt.is_none() && !column.form.ignore)
        .filter_map(|column| Some((column.column, column.form.field?)))
        .collect())
}

/// The columns while rows are read.
struct SeenColumns {
    columns: Vec<SeenColumn>,
    rows: u64,
    header_row: u32,
    aside: AsideRows,
    last: Option<Row>,
    /// The rows that were looked at.
    numbers: RowNumbers,
}

impl SeenColumns {
    fn of(header: &Row) -> Self {
        let mut columns = Self {
            columns: Vec::new(),
            rows: 0,
            header_row: header.number.row,
            aside: AsideRows::of(header),
            last: None,
            numbers: RowNumbers::default(),
        };
        for cell in &header.cells {
            if let Some(seen) = columns.column(cell.column) {
                seen.header.clone_from(&cell.text);
            }
        }
        columns
    }

    fn column(&mut self, column: u32) -> Option<&mut SeenColumn> {
        let found = self
            .columns
            .binary_search_by_key(&column, |seen| seen.column);
        let position = found.unwrap_or_else(|position| {
            let seen = SeenColumn {
                column,
                header: String::new(),
                stats: ColumnStats::default(),
            };
            self.columns.insert(position, seen);
            position
        });
        self.columns.get_mut(position)
    }

    /// Counts a row; rows down to the header are passed over. What a sum or a repeated header holds is not looked at:
    /// its words are nobody's choices and owners.
    fn see(&mut self, row: Row) {
        if row.number.row <= self.header_row {
            return;
        }
        self.rows += 1;
        if self.aside.have(&row) {
            self.last = None;
            return;
        }
        self.numbers.push(row.number.row);
        let last = self.last.take();
        let is_same_row = last
            .as_ref()
            .is_some_and(|last| texts(last).eq(texts(&row)));
        for cell in &row.cells {
            let above = last.as_ref().and_then(|last| last.cell(cell.column));
            let repeats = !is_same_row && above.is_some_and(|above| above.text == cell.text);
            if let Some(seen) = self.column(cell.column) {
                let is_blank_word = mapping::is_blank_word(&cell.text);
                seen.stats.count(cell, is_blank_word);
                seen.stats.repeats += u64::from(repeats && !is_blank_word);
            }
        }
        self.last = Some(row);
    }

    /// Counts the rows whose cell is merged with one above: a person sees the same text there.
    fn count_merged(&mut self, merged: &[MergedRange]) {
        for range in merged.iter().filter_map(down) {
            let mut columns = self.columns.iter_mut();
            let seen = columns.find(|seen| seen.column == range.column);
            if let Some(seen) = seen.filter(|_| range.first_row > self.header_row) {
                seen.stats.repeats += self.numbers.below(&range);
            }
        }
    }
}

fn texts(row: &Row) -> impl Iterator<Item = (u32, &str)> {
    row.cells
        .iter()
        .map(|cell| (cell.column, cell.text.as_str()))
}

/// Returns the words of a cell that are no choices of a field, each with the nearest choices, as a check finds them.
pub(crate) fn unknown_words(checker: &Checker, field: usize, text: &str) -> Vec<(String, String)> {
    let draft = Draft {
        number: RowNumber::new(1),
        id: None,
        prior: None,
        parts: vec![Part {
            field,
            slot: Slot::Whole,
            column: 0,
            text: text.to_owned(),
            kind: CellKind::Text,
            origin: Origin::Cell,
            rule: None,
        }],
        problems: Vec::new(),
        fingerprint: [0; 16],
        merged_into: None,
        merged: Vec::new(),
        notes: CellNotes::default(),
        is_unchanged: false,
    };
    let problems = checker.check(&draft, Intent::Update).problems;
    // A path means something as a whole: a level alone may stand in many of them.
    if problems
        .iter()
        .any(|problem| problem.code == Code::NotAPath)
    {
        let near = checker.nearest_paths(field, text);
        return vec![(text.trim().to_owned(), near.join(", "))];
    }
    problems
        .into_iter()
        .filter(|problem| problem.code == Code::NotAChoice)
        .map(|problem| {
            let near = problem.facts.get("nearest");
            (
                problem.fact("value").to_owned(),
                near.map_or_else(String::new, |near| near.texts().join(", ")),
            )
        })
        .collect()
}
