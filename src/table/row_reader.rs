//! The source trait: a sheet as a stream of rows, whatever the format.

use std::ops::RangeInclusive;

use super::error::TableError;
use super::limits::MergedRange;
use crate::model::Row;

/// A stream of the rows of one sheet, in order.
pub trait RowReader: Send {
    /// Returns the next row that holds a cell which is not blank; `None` at the end, and after an error.
    fn read_row(&mut self) -> Result<Option<Row>, TableError>;

    /// Returns the merged ranges of the sheet, once its end has been read; a CSV file has none.
    fn merged(&self) -> Vec<MergedRange> {
        Vec::new()
    }

    /// Returns the rows that were read although the sheet hides them, by a filter or by hand, once its end has been
    /// read: ascending ranges of row numbers from 1. A CSV file has none.
    fn hidden_rows(&self) -> Vec<RangeInclusive<u32>> {
        Vec::new()
    }

    /// Returns the numbers of the rows that are corrected and that the sheet does not have, once its end has been read.
    fn corrected_without_row(&self) -> &[u32] {
        &[]
    }
}
