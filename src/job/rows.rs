//! The rows of a job's sheets, one sheet after the other, header and titles left out.

use super::{JobError, SheetPlan};
use crate::model::Row;
use crate::table::{RowReader, Workbook};

/// How many rows are mapped and checked at a time.
pub(super) const BATCH_ROWS: usize = 1024;

/// Reads the rows below the headers of several sheets.
pub(super) struct SourceRows<'a> {
    workbook: &'a Workbook,
    sheets: &'a [SheetPlan],
    next: usize,
    current: Option<(Box<dyn RowReader>, u32)>,
}

impl<'a> SourceRows<'a> {
    /// Begins with the first sheet.
    pub(super) fn new(workbook: &'a Workbook, sheets: &'a [SheetPlan]) -> Self {
        Self {
            workbook,
            sheets,
            next: 0,
            current: None,
        }
    }

    /// The next row, numbered by the sheet's position among `sheets`.
    pub(super) fn read_row(&mut self) -> Result<Option<Row>, JobError> {
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

    /// Up to [`BATCH_ROWS`] rows; empty at the end.
    pub(super) fn read_batch(&mut self) -> Result<Vec<Row>, JobError> {
        let mut rows = Vec::with_capacity(BATCH_ROWS);
        while rows.len() < BATCH_ROWS {
            match self.read_row()? {
                Some(row) => rows.push(row),
                None => break,
            }
        }
        Ok(rows)
    }
}
