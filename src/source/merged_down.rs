//! Cells of the columns of `merge_rows` that are merged over several rows, as people write the contacts of a customer:
//! each row has the value that a person sees beside it.
//!
//! A workbook stores the value in the first row, and says behind all cells which of them are merged. So the sheet is
//! read once more beforehand, only where a mapping unites rows. Other columns stay as they are stored: a phone that is
//! merged over three contacts may be the phone of each, or of their company.

use crate::job::error::JobError;
use crate::mapping::{Columns, MergedDown};
use crate::model::{Cell, Row};
use crate::table::{MergedRange, Workbook};

/// Returns the merged cells of the columns that tell which rows are one customer, in ascending order.
pub(crate) fn merged_down(
    workbook: &Workbook,
    index: usize,
    header_row: u32,
    columns: &Columns,
) -> Result<Vec<MergedDown>, JobError> {
    let is_csv = columns.width.is_some();
    if columns.merge.is_empty() || is_csv {
        return Ok(Vec::new());
    }
    let mut reader = workbook.rows_within(index, 0, 1)?;
    while reader.read_row()?.is_some() {}
    let merged = reader.merged();
    let below = merged.iter().filter(|range| range.first_row > header_row);
    let mut found: Vec<MergedDown> = below
        .filter_map(down)
        .filter(|range| columns.merge.contains(&range.column))
        .collect();
    found.sort_unstable();
    Ok(found)
}

/// Returns a range of one column and several rows as such; `None` for any other.
pub(crate) fn down(range: &MergedRange) -> Option<MergedDown> {
    let is_down = range.first_column == range.last_column && range.first_row < range.last_row;
    is_down.then_some(MergedDown {
        column: range.first_column,
        first_row: range.first_row,
        last_row: range.last_row,
    })
}

/// Gives rows the values of the cells above with which theirs are merged.
#[derive(Debug, Default)]
pub(crate) struct TakenDown {
    held: Vec<(MergedDown, Cell)>,
}

impl TakenDown {
    /// Takes the next row of a sheet. A cell that a person has corrected stays as it is.
    pub(crate) fn take(&mut self, row: &mut Row, columns: &Columns) {
        if columns.merged_down.is_empty() {
            return;
        }
        for column in &columns.merge {
            let number = row.number.row;
            let Some(range) = MergedDown::find(&columns.merged_down, *column, number) else {
                continue;
            };
            if range.first_row == number {
                self.held.retain(|(held, _)| held.column != *column);
                let cell = row.cell(*column).cloned();
                self.held.extend(cell.map(|cell| (range, cell)));
                continue;
            }
            let is_corrected = row.corrected.iter().any(|cell| cell.column == *column);
            let held = self.held.iter().find(|(held, _)| *held == range);
            let place = row.cells.binary_search_by_key(column, |cell| cell.column);
            if let (Some((_, cell)), Err(place), false) = (held, place, is_corrected) {
                row.cells.insert(place, cell.clone());
            }
        }
    }
}

/// The numbers of rows, in ascending order; of neighbours only the first and the last are kept.
#[derive(Debug, Default)]
pub(crate) struct RowNumbers(Vec<(u32, u32)>);

impl RowNumbers {
    /// Adds the next row.
    pub(crate) fn push(&mut self, row: u32) {
        match self.0.last_mut() {
            Some((_, last)) if *last + 1 == row => *last = row,
            _ => self.0.push((row, row)),
        }
    }

    /// Returns how many of the rows are merged with a cell above.
    pub(crate) fn below(&self, range: &MergedDown) -> u64 {
        let first = self.0.partition_point(|(_, last)| *last <= range.first_row);
        let rest = self.0.get(first..).unwrap_or_default().iter();
        rest.take_while(|(first, _)| *first <= range.last_row)
            .map(|(first, last)| {
                let first = (*first).max(range.first_row + 1);
                u64::from((*last).min(range.last_row) + 1 - first)
            })
            .sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_counted_within_a_merged_cell() {
        let mut rows = RowNumbers::default();
        for row in [2, 3, 4, 6, 9, 10] {
            rows.push(row);
        }
        for (first_row, last_row, count) in
            [(2, 4, 2), (3, 10, 4), (5, 5, 0), (9, 12, 1), (1, 2, 1)]
        {
            let range = MergedDown {
                column: 0,
                first_row,
                last_row,
            };
            assert_eq!(rows.below(&range), count, "{first_row}-{last_row}");
        }
    }
}
