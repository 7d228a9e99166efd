//! Which sign stands before the decimals of the numbers of a column, where the mapping does not say it: the column's own
//! texts decide.
//!
//! The whole column is looked at before a number of it is read that can be read in two ways, because a cell far down may
//! say it (`12,5`), or two may contradict each other. Few files have such numbers. So the sheet is read once more only
//! when one is met. Only texts are looked at: a number of a workbook has no sign that could be taken for another.

use std::collections::BTreeMap;

use crate::check::plain_width;
use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::mapping::Mapper;
use crate::model::{DecimalSign, Stop, WrittenNumbers};
use crate::source::rows::SourceRows;
use crate::table::Workbook;

/// Reads a sheet, and returns the decimal sign of each column of numbers that says it.
pub(crate) fn decide(
    workbook: &Workbook,
    sheet: &SheetPlan,
    mapper: &Mapper,
    stop: &Stop,
) -> Result<Vec<(u32, DecimalSign)>, JobError> {
    let mut columns: BTreeMap<u32, WrittenNumbers> = BTreeMap::new();
    let mut rows = SourceRows::new(workbook, std::slice::from_ref(sheet));
    while let Some(row) = rows.read_row()? {
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        for (column, text) in mapper.undecided_numbers(&row) {
            let numbers = columns.entry(column).or_default();
            numbers.add(&plain_width(&text));
        }
    }
    if sheet.columns.is_export() {
        columns
            .values_mut()
            .for_each(WrittenNumbers::take_for_exported);
    }
    let decided = columns.iter();
    Ok(decided
        .filter_map(|(column, numbers)| Some((*column, numbers.decimal_sign()?)))
        .collect())
}
