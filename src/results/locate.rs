//! Finds rows in the result sheet of a job, without writing it: whose they are, and where they stand. A report that is
//! made later than the sheet says so by it.

use std::collections::{BTreeMap, BTreeSet};

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, RowSet};
use crate::model::RowNumber;
use crate::results::answers::AnsweredRows;
use crate::results::layout::SheetLayout;
use crate::source::copy;
use crate::table::LAST_ROW;

/// A row of a result sheet.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct LocatedRow {
    /// The name of the row's customer, as the source has it; empty where it has none.
    pub name: String,
    /// The row in the sheet; `None` where the sheet is full, so that further sheets follow.
    pub row: Option<u32>,
}

/// Finds rows of a job. The copy of the source is read up to the last of them, and not held.
pub(crate) fn locate(
    folder: &JobFolder,
    (spec, journal): (&JobSpec, &Journal),
    layout: &SheetLayout<'_>,
    wanted: &BTreeSet<RowNumber>,
) -> Result<BTreeMap<RowNumber, LocatedRow>, JobError> {
    let mut found = BTreeMap::new();
    let Some(last) = wanted.last() else {
        return Ok(found);
    };
    let workbook = copy::open(folder, &spec.source)?;
    let mut rows = AnsweredRows::new(&workbook, &spec.sheets, journal, RowSet::Answers);
    // The header stands in the first row.
    let mut place: u32 = 1;
    while let Some(answered) = rows.read_row()? {
        let number = answered.row.number;
        // The sheet of an undo leaves out what was not taken back.
        if answered.answer.is_none() && spec.kind.is_undo() {
            continue;
        }
        place = place.saturating_add(1);
        if wanted.contains(&number) {
            let row = LocatedRow {
                name: layout.name(&answered.row).to_owned(),
                row: (place <= LAST_ROW).then_some(place),
            };
            found.insert(number, row);
        }
        if number >= *last {
            break;
        }
    }
    Ok(found)
}
