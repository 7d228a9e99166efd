//! Cells that are merged over several rows: what a person sees beside each of the rows stands in the first only.

use serde::{Deserialize, Serialize};

/// A cell of one column that is merged over several rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct MergedDown {
    /// 0-based column.
    pub column: u32,
    /// The number of the first row, which has the value.
    pub first_row: u32,
    /// The number of the last row.
    pub last_row: u32,
}

impl MergedDown {
    /// Returns the cell that covers a row of a column. `all` are in ascending order.
    pub fn find(all: &[Self], column: u32, row: u32) -> Option<Self> {
        let behind = all.partition_point(|range| (range.column, range.first_row) <= (column, row));
        let range = all.get(behind.checked_sub(1)?)?;
        (range.column == column && row <= range.last_row).then_some(*range)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_covered_from_the_first_to_the_last() {
        let range = |column, first_row, last_row| MergedDown {
            column,
            first_row,
            last_row,
        };
        let all = [range(0, 2, 4), range(0, 5, 6), range(2, 9, 10)];
        for (column, row, first_row) in [
            (0, 1, None),
            (0, 2, Some(2)),
            (0, 4, Some(2)),
            (0, 6, Some(5)),
            (0, 7, None),
            (1, 9, None),
            (2, 10, Some(9)),
            (2, 11, None),
        ] {
            let found = MergedDown::find(&all, column, row);
            assert_eq!(found.map(|range| range.first_row), first_row, "{row}");
        }
    }
}
