//! The data rows of a job's sheets, one sheet after the other, without headers and the rows above them.
//!
//! Memory holds one batch, and the next where it is read beside the work on the first. A batch never ends between two
//! rows of one customer that are to be united (`merge.rs`), unless the customer has more rows than [`CUSTOMER_ROWS`].

use std::panic::resume_unwind;

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::model::{CUSTOMER_NAME, Code, Problem, Row, Slot};
use crate::source::merged_down::{RowNumbers, TakenDown, down};
use crate::source::noted::HiddenRows;
use crate::source::{corrected, merge};
use crate::table::{Format, MergedRange, RowReader, Workbook};

/// How many rows are mapped and checked at a time.
pub(crate) const BATCH_ROWS: usize = 512;

/// The size at which a batch ends early, so that memory does not grow with long cells.
const BATCH_BYTES: usize = 8 << 20;

/// How many rows and bytes one customer may have; further rows are problems, as rows that stand apart.
const CUSTOMER_ROWS: usize = 65_536;
const CUSTOMER_BYTES: usize = 512 << 20;

/// Returns about how many bytes a row takes in memory.
fn bytes_of(row: &Row) -> usize {
    let cells = row.cells.iter();
    cells.map(|cell| cell.text.len() + size_of_val(cell)).sum()
}

/// Does two works at the same time, the first of them in a thread of its own.
pub(crate) fn beside<A: Send, B>(
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B,
) -> (A, B) {
    std::thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        let one = one.join().unwrap_or_else(|panic| resume_unwind(panic));
        (one, other)
    })
}

/// A reader of the rows below the headers of several sheets.
pub(crate) struct SourceRows<'a> {
    workbook: &'a Workbook,
    sheets: &'a [SheetPlan],
    next: usize,
    current: Option<(Box<dyn RowReader>, u32)>,
    /// A row that was read ahead and belongs to the next batch.
    pending: Option<Row>,
    hidden: HiddenRows,
    /// The corrected rows that the sheets do not have: position in the workbook, and row number.
    without_row: Vec<(usize, u32)>,
    /// The merged ranges below the headers of the sheets that were read: how many, and the address of the first.
    merged: (u64, String),
    taken_down: TakenDown,
    /// The rows of the current sheet without the customer's name, where no rows are united.
    nameless: RowNumbers,
    /// How many rows stand below a merged name, and the header of the name.
    below_names: (u64, String),
}

impl<'a> SourceRows<'a> {
    /// Makes a reader that begins with the first sheet.
    pub(crate) fn new(workbook: &'a Workbook, sheets: &'a [SheetPlan]) -> Self {
        Self {
            workbook,
            sheets,
            next: 0,
            current: None,
            pending: None,
            hidden: HiddenRows::default(),
            without_row: Vec::new(),
            merged: (0, String::new()),
            taken_down: TakenDown::default(),
            nameless: RowNumbers::default(),
            below_names: (0, String::new()),
        }
    }

    /// Returns the next row, numbered by the sheet's position among `sheets`. Fails behind the last one if a correction
    /// has met none of the rows.
    pub(crate) fn read_row(&mut self) -> Result<Option<Row>, JobError> {
        if let Some(row) = self.pending.take() {
            return Ok(Some(row));
        }
        loop {
            if let Some((reader, header_row)) = &mut self.current {
                if let Some(mut row) = reader.read_row()? {
                    let plan = self.next.checked_sub(1).and_then(|at| self.sheets.get(at));
                    // A row that was corrected is read, also where nothing is left in it.
                    let is_idle = row.corrected.is_empty()
                        && plan.is_some_and(|plan| plan.columns.is_idle(&row));
                    if row.number.row > *header_row && !is_idle {
                        if let Some(plan) = plan {
                            self.taken_down.take(&mut row, &plan.columns);
                            note_nameless(&row, plan, &mut self.nameless);
                        }
                        return Ok(Some(row));
                    }
                    continue;
                }
                let merged = reader.merged();
                let (hidden, header_row) = (reader.hidden_rows(), *header_row);
                let without_row = reader.corrected_without_row().to_vec();
                self.current = None;
                self.count_merged(&merged);
                let sheet = self.next.checked_sub(1).and_then(|at| self.sheets.get(at));
                let index = sheet.map(|sheet| sheet.index);
                let without_row = without_row.into_iter();
                self.without_row
                    .extend(without_row.filter_map(|row| Some((index?, row))));
                let name = sheet.filter(|_| self.sheets.len() > 1);
                let name = name.map(|sheet| sheet.name.as_str());
                self.hidden.add(header_row, hidden, name);
            }
            let Some(plan) = self.sheets.get(self.next) else {
                // The sheets may be some of several. Corrections of the others are none of this reader's.
                let lost = |sheet, row| self.without_row.contains(&(sheet, row));
                corrected::refuse_lost(self.workbook, lost)?;
                return Ok(None);
            };
            let last = plan.columns.columns.iter().map(|column| column.column);
            let width = last.max().map_or(0, |last| last.saturating_add(1));
            let reader = (self.workbook).rows_within(plan.index, self.next as u16, width)?;
            self.current = Some((reader, plan.header_row));
            self.taken_down = TakenDown::default();
            self.nameless = RowNumbers::default();
            self.next += 1;
        }
    }

    /// Does `work`, and reads the next batch beside it. What became of the reading is for after the work: it is of later
    /// rows. A workbook is read by a thread of its own anyway; another one would only be in its way.
    pub(crate) fn read_beside<T>(
        &mut self,
        work: impl FnOnce() -> T,
    ) -> (T, Result<Vec<Row>, JobError>) {
        if self.workbook.format() != Format::Csv {
            let done = work();
            return (done, self.read_batch());
        }
        let (read, done) = beside(|| self.read_batch(), work);
        (done, read)
    }

    /// Returns the notices about the sheets: merged ranges, hidden rows. Complete once all rows have been read.
    pub(crate) fn notices(&self) -> impl Iterator<Item = Problem> {
        self.merged_notice().into_iter().chain(self.hidden.notice())
    }

    /// Returns the notice that there are merged ranges, of which only the first cell has a value; `None` if there are
    /// none. Complete once all rows have been read.
    fn merged_notice(&self) -> Option<Problem> {
        let (count, first) = &self.merged;
        let mut notice = Problem::new(Code::MergedCells).with("cells", first);
        let (below, header) = &self.below_names;
        if *below > 0 {
            notice = notice.with("count", below.to_string());
            notice = notice.with("header", header);
        }
        match count {
            0 => None,
            1 => Some(notice),
            more => Some(notice.with("more", (more - 1).to_string())),
        }
    }

    /// Counts the ranges that lie below the header and reach a column that is read.
    fn count_merged(&mut self, merged: &[MergedRange]) {
        let Some(plan) = self.next.checked_sub(1).and_then(|at| self.sheets.get(at)) else {
            return;
        };
        let is_read = |range: &&MergedRange| {
            let is_taken_down = |range: &MergedRange| {
                down(range).is_some_and(|range| plan.columns.merge.contains(&range.column))
            };
            range.first_row > plan.header_row
                && !is_taken_down(range)
                && plan.columns.columns.iter().any(|column| {
                    column.target.place().is_some()
                        && (range.first_column..=range.last_column).contains(&column.column)
                })
        };
        for range in merged.iter().filter(is_read) {
            if self.merged.0 == 0 {
                self.merged.1 = match self.sheets.len() {
                    1 => range.to_string(),
                    _ => format!("{}!{range}", plan.name),
                };
            }
            self.merged.0 += 1;
            let name = down(range).and_then(|range| Some((range, name_column(plan)?)));
            if let Some((range, (column, header))) = name
                && range.column == column
            {
                self.below_names.0 += self.nameless.below(&range);
                header.clone_into(&mut self.below_names.1);
            }
        }
    }

    /// Returns up to [`BATCH_ROWS`] rows, and the further rows of the last row's customer; empty at the end.
    pub(crate) fn read_batch(&mut self) -> Result<Vec<Row>, JobError> {
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        let mut bytes = 0;
        while rows.len() < BATCH_ROWS && bytes < BATCH_BYTES {
            match self.read_row()? {
                Some(row) => {
                    bytes += bytes_of(&row);
                    rows.push(row);
                }
                None => return Ok(rows),
            }
        }
        let key = |row: &Row| merge::key_of(row, self.sheets).map(|key| (row.number.sheet, key));
        let Some(last) = rows.last().and_then(key) else {
            return Ok(rows);
        };
        while rows.len() < CUSTOMER_ROWS && bytes < CUSTOMER_BYTES {
            match self.read_row()? {
                Some(row)
                    if merge::key_of(&row, self.sheets).as_ref() == Some(&last.1)
                        && row.number.sheet == last.0 =>
                {
                    bytes += bytes_of(&row);
                    rows.push(row);
                }
                other => {
                    self.pending = other;
                    break;
                }
            }
        }
        Ok(rows)
    }
}

/// Returns the 0-based column of the customer's name, and its header.
fn name_column(plan: &SheetPlan) -> Option<(u32, &str)> {
    let mut columns = plan.columns.columns.iter();
    let name = columns.find(|column| {
        let place = column.target.place();
        place.is_some_and(|(key, slot)| key.as_str() == CUSTOMER_NAME && slot == Slot::Whole)
    })?;
    Some((name.column, name.header.as_str()))
}

/// Notes a row without the customer's name. Where rows are united, and in CSV, nobody asks for them.
fn note_nameless(row: &Row, plan: &SheetPlan, nameless: &mut RowNumbers) {
    let is_asked = plan.columns.merge.is_empty() && plan.columns.width.is_none();
    let is_nameless = |(column, _): (u32, &str)| row.cell(column).is_none();
    if is_asked && name_column(plan).is_some_and(is_nameless) {
        nameless.push(row.number.row);
    }
}
