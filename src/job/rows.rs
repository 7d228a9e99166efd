//! The rows of a job's sheets, one sheet after the other, header and titles left out.

use super::{JobError, SheetPlan, merge};
use crate::model::Row;
use crate::table::{RowReader, Workbook};

/// How many rows are mapped and checked at a time.
pub(super) const BATCH_ROWS: usize = 1024;

/// So many batches one customer's rows may fill; those behind stand apart from it.
const MOST_BATCHES: usize = 64;

/// Reads the rows below the headers of several sheets.
pub(super) struct SourceRows<'a> {
    workbook: &'a Workbook,
    sheets: &'a [SheetPlan],
    next: usize,
    current: Option<(Box<dyn RowReader>, u32)>,
    /// A row that was read and belongs to the next batch.
    pending: Option<Row>,
}

impl<'a> SourceRows<'a> {
    /// Begins with the first sheet.
    pub(super) fn new(workbook: &'a Workbook, sheets: &'a [SheetPlan]) -> Self {
        Self {
            workbook,
            sheets,
            next: 0,
            current: None,
            pending: None,
        }
    }

    /// The next row, numbered by the sheet's position among `sheets`.
    pub(super) fn read_row(&mut self) -> Result<Option<Row>, JobError> {
        if let Some(row) = self.pending.take() {
            return Ok(Some(row));
        }
        loop {
            if let Some((reader, header_row)) = &mut self.current {
                match reader.read_row()? {
                    Some(row) if row.number.row > *header_row => return Ok(Some(row)),
                    Some(_) => continue,
                    None => self.current = None,
                }
            }
            let Some(plan) = self.sheets.get(self.next) else {
                return Ok(None);
            };
            self.current = Some((
                self.workbook.rows(plan.index, self.next as u16)?,
                plan.header_row,
            ));
            self.next += 1;
        }
    }

    /// Up to [`BATCH_ROWS`] rows, and those that belong to the customer of the last; empty at the end.
    pub(super) fn read_batch(&mut self) -> Result<Vec<Row>, JobError> {
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        while rows.len() < BATCH_ROWS {
            match self.read_row()? {
                Some(row) => rows.push(row),
                None => return Ok(rows),
            }
        }
        let key = |row: &Row| merge::key_of(row, self.sheets).map(|key| (row.number.sheet, key));
        let Some(last) = rows.last().and_then(key) else {
            return Ok(rows);
        };
        while rows.len() < BATCH_ROWS * MOST_BATCHES {
            match self.read_row()? {
                Some(row)
                    if merge::key_of(&row, self.sheets).as_ref() == Some(&last.1)
                        && row.number.sheet == last.0 =>
                {
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
