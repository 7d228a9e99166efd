//! The cells that a person has emptied in a sheet of ferry's own. A blank cell changes nothing, because in other sheets it
//! only means that nobody knows; so this is counted and said once.
//!
//! In an export every blank cell of a stored value was emptied. A result sheet has blank cells that were blank in the
//! source too. Which of them held something is read from the copy of the source that the job keeps, in one pass at the
//! end, and only for rows whose cells differ from those of their job.
//!
//! Of sheets that unite rows (`merge_rows`) nothing is counted: what one row leaves blank another may say, and a row that is
//! united with its leader is decided without its customer.

use std::collections::BTreeMap;

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::mapping::Target;
use crate::model::{Code, JobId, Problem, RowNumber, RowOrigin};
use crate::source::copy;
use crate::source::rows::SourceRows;

/// The cells that were emptied, or may have been.
#[derive(Debug, Default)]
pub(crate) struct EmptiedCells {
    count: u64,
    /// Blank cells of result sheets, by the job and row that they come from.
    blank: BTreeMap<JobId, BTreeMap<RowNumber, Vec<Target>>>,
}

impl EmptiedCells {
    /// Counts cells of an export.
    pub(crate) fn add(&mut self, cells: usize) {
        self.count += cells as u64;
    }

    /// Takes blank cells of a row of a result sheet that was edited.
    pub(crate) fn see(&mut self, place: &RowOrigin, cells: Vec<Target>) {
        if !cells.is_empty() {
            let rows = self.blank.entry(place.job.clone()).or_default();
            rows.insert(place.row, cells);
        }
    }

    /// Returns the notice about them; `None` where there are none. A job that is gone, or whose source cannot be read, has
    /// nothing to say.
    pub(crate) fn notice(&self, state: &StateFolder) -> Option<Problem> {
        let mut count = self.count;
        for (job, rows) in &self.blank {
            let folder = state.job(job).ok();
            let held = folder.and_then(|folder| held_cells(&folder, rows).ok());
            count += held.unwrap_or(0);
        }
        (count > 0).then(|| Problem::new(Code::EmptiedCells).with("count", count.to_string()))
    }
}

/// Returns how many of these cells hold something in the source of a job.
fn held_cells(
    folder: &JobFolder,
    wanted: &BTreeMap<RowNumber, Vec<Target>>,
) -> Result<u64, JobError> {
    let spec = JobSpec::load(folder)?;
    let workbook = copy::open(folder, &spec.source)?;
    let mut rows = SourceRows::new(&workbook, &spec.sheets);
    let mut count = 0;
    while let Some(row) = rows.read_row()? {
        let (Some(targets), Some(sheet)) = (
            wanted.get(&row.number),
            spec.sheets.get(usize::from(row.number.sheet)),
        ) else {
            continue;
        };
        let columns = sheet.columns.columns.iter();
        let held = columns
            .filter(|column| targets.contains(&column.target) && row.cell(column.column).is_some());
        count += held.count() as u64;
    }
    Ok(count)
}
