//! Reads from a result sheet what to take back: its job, and the rows that stand in it.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::model::{Code, JobId, Problem, RowNumber};
use crate::source::ferry_sheet::{WorkbookKind, is_side};
use crate::source::sheets;
use crate::table::{ReadOptions, Workbook};

/// Rows as a result sheet names them: by row number, and by the sheet of the source if it has several (else blank).
#[derive(Debug, Clone, Default)]
pub struct RowsOfSheet {
    sheets: BTreeMap<String, HashSet<u32>>,
}

impl RowsOfSheet {
    fn insert(&mut self, label: &str) {
        let (sheet, row) = label.rsplit_once('!').unwrap_or(("", label));
        if let Ok(row) = row.parse() {
            self.sheets.entry(sheet.to_owned()).or_default().insert(row);
        }
    }

    pub(crate) fn len(&self) -> u64 {
        self.sheets.values().map(|rows| rows.len() as u64).sum()
    }

    pub(crate) fn contains(&self, spec: &JobSpec, row: RowNumber) -> bool {
        let sheet = match spec.sheets.get(usize::from(row.sheet)) {
            Some(sheet) if spec.sheets.len() > 1 => sheet.name.as_str(),
            _ => "",
        };
        let rows = self.sheets.get(sheet);
        rows.is_some_and(|rows| rows.contains(&row.row))
    }
}

/// Returns the job and the rows that a result sheet names in `_job` and `_row`. Fails when it names no job or several.
pub fn rows_of_result(path: &Path) -> Result<(JobId, RowsOfSheet), JobError> {
    let not_of_a_job = || {
        let problem = Problem::new(Code::NotOfAJob).with("path", path.to_string_lossy());
        JobError::Input(vec![problem])
    };
    let workbook = Workbook::open(path, &ReadOptions::default())?;
    sheets::refuse_unfit(&workbook, None, &[WorkbookKind::Plan, WorkbookKind::Verify])?;
    let mut jobs: BTreeMap<JobId, RowsOfSheet> = BTreeMap::new();
    for (index, sheet) in workbook.sheets().iter().enumerate() {
        if sheet.hidden || is_side(&sheet.name) {
            continue;
        }
        let mut reader = workbook.rows(index, 0)?;
        let mut columns: Option<(u32, u32)> = None;
        let mut read = 0;
        while let Some(row) = reader.read_row()? {
            read += 1;
            let Some((job, number)) = columns else {
                let of = |name: &str| {
                    let mut cells = row.cells.iter();
                    cells
                        .find(|cell| cell.text.trim() == name)
                        .map(|cell| cell.column)
                };
                columns = of("_job").zip(of("_row"));
                if columns.is_none() && read >= crate::mapping::HEADER_SEARCH_ROWS {
                    break;
                }
                continue;
            };
            let text = |column| row.cell(column).map(|cell| cell.text.trim().to_owned());
            if let (Some(job), Some(number)) = (text(job), text(number))
                && let Ok(job) = JobId::parse(&job)
            {
                jobs.entry(job).or_default().insert(&number);
            }
        }
    }
    let mut jobs_iter = jobs.into_iter();
    let Some((job, rows)) = jobs_iter.next() else {
        return Err(not_of_a_job());
    };
    let others: Vec<String> = jobs_iter.map(|(job, _)| job.to_string()).collect();
    if !others.is_empty() {
        let names = format!("{job}, {}", others.join(", "));
        let problem = Problem::new(Code::SeveralJobs).with("jobs", names);
        return Err(JobError::Input(vec![problem]));
    }
    Ok((job, rows))
}
