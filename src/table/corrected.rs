//! A sheet whose cells a person has corrected: every row comes with its corrections.

use std::ops::RangeInclusive;

use super::{MergedRange, RowReader, TableError};
use crate::model::{Corrections, Row};

/// A reader that puts the corrections of a sheet into its rows.
pub(super) struct CorrectedReader {
    reader: Box<dyn RowReader>,
    corrections: Corrections,
    /// The position of the sheet in the workbook.
    sheet: usize,
    /// The last row that was read, or the last corrected one that the sheet does not have.
    last: u32,
    without_row: Vec<u32>,
}

impl CorrectedReader {
    /// Returns the rows of a sheet with its corrections; the reader itself where it has none.
    pub(super) fn over(
        reader: Box<dyn RowReader>,
        corrections: &Corrections,
        sheet: usize,
    ) -> Box<dyn RowReader> {
        if corrections.next_row(sheet, 0).is_none() {
            return reader;
        }
        Box::new(Self {
            reader,
            corrections: corrections.clone(),
            sheet,
            last: 0,
            without_row: Vec::new(),
        })
    }

    /// Notes the corrected rows before `number` that the sheet does not have; all that are left where it is `None`.
    fn pass_over(&mut self, number: Option<u32>) {
        while let Some(row) = self.corrections.next_row(self.sheet, self.last)
            && number.is_none_or(|number| row < number)
        {
            self.without_row.push(row);
            self.last = row;
        }
    }
}

impl RowReader for CorrectedReader {
    fn read_row(&mut self) -> Result<Option<Row>, TableError> {
        let mut row = self.reader.read_row()?;
        self.pass_over(row.as_ref().map(|row| row.number.row));
        if let Some(row) = &mut row {
            self.corrections.apply(self.sheet, row);
            self.last = self.last.max(row.number.row);
        }
        Ok(row)
    }

    fn merged(&self) -> Vec<MergedRange> {
        self.reader.merged()
    }

    fn hidden_rows(&self) -> Vec<RangeInclusive<u32>> {
        self.reader.hidden_rows()
    }

    fn corrected_without_row(&self) -> &[u32] {
        &self.without_row
    }
}
