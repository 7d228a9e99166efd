//! The journal of a check: the rows with problems, kept on the disk, so that memory does not grow with rows.
//!
//! A check throws it away at its end, unless it was asked to keep it: then a face shows its rows a page at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::job::error::JobError;
use crate::journal::{Journal, JournalRow, PlannedRow, RowFilter, StateFolder};
use crate::model::{
    CUSTOMER_NAME, Code, FieldKey, JobId, Problem, Record, Row, RowNumber, Status, Value, shortened,
};

/// A row that has problems, as a check has kept it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrongRow {
    /// Where the row stands in the source: its sheet is the position among [`CheckReport::sheets`].
    ///
    /// [`CheckReport::sheets`]: crate::pipeline::CheckReport::sheets
    pub number: RowNumber,
    /// The name of the row's customer, shortened; empty where the row has none.
    pub name: String,
    /// What is wrong, in the order of the columns.
    pub problems: Vec<Problem>,
    /// The whole texts of the cells that the problems are of, by 0-based column.
    pub cells: BTreeMap<u32, String>,
}

/// The rows with problems of a check that was asked to keep them.
#[derive(Debug)]
pub struct KeptCheck {
    journal: Journal,
}

impl KeptCheck {
    /// Opens what a check has kept in a folder, also while the check is running. Fails where no check has kept
    /// anything.
    pub fn open(folder: &Path) -> Result<Self, JobError> {
        let job = StateFolder::open(folder)?.job(&check_id())?;
        Ok(Self {
            journal: Journal::read(&job)?,
        })
    }

    /// Returns the first `limit` rows behind `after` that the filter picks, in source order. Every row has the status
    /// *invalid*. A text is looked for in the name too.
    pub fn page(
        &self,
        filter: &RowFilter,
        after: Option<RowNumber>,
        limit: usize,
    ) -> Result<Vec<WrongRow>, JobError> {
        // Rows that an import would skip are kept as well, for their twins below.
        let filter = RowFilter {
            status: Some(Status::Invalid),
            ..filter.clone()
        };
        let rows = self.journal.page(&filter, after, limit)?;
        Ok(rows.into_iter().map(WrongRow::of).collect())
    }

    /// Counts how often each problem occurs.
    pub fn problem_counts(&self) -> Result<BTreeMap<Code, u64>, JobError> {
        Ok(self.journal.problem_counts()?)
    }
}

impl WrongRow {
    fn of(row: JournalRow) -> Self {
        let (mut name, mut cells) = (String::new(), BTreeMap::new());
        for (key, value) in row.record.map(|kept| kept.fields).unwrap_or_default() {
            match (key.as_str().parse(), value) {
                (Ok(column), Value::Text(text)) => drop(cells.insert(column, text)),
                (Err(_), Value::Text(text)) => name = text,
                _ => {}
            }
        }
        Self {
            number: row.number,
            name,
            problems: row.problems,
            cells,
        }
    }
}

/// The journal of a check while the check runs.
pub(super) struct CheckJournal {
    pub(super) journal: Journal,
    is_kept: bool,
    /// The folder that is deleted with the journal; `None` where the journal is kept.
    _scratch: Option<tempfile::TempDir>,
}

impl CheckJournal {
    /// Makes the journal in the folder in which it is kept, in place of an earlier one, or in one that is thrown away.
    pub(super) fn create(keep: Option<&Path>) -> Result<Self, JobError> {
        let (state, scratch) = if let Some(folder) = keep {
            (emptied(folder)?, None)
        } else {
            let path = std::env::temp_dir();
            let folder = tempfile::tempdir().map_err(|source| JobError::File { path, source })?;
            (StateFolder::open(folder.path())?, Some(folder))
        };
        let (job, _lock) = state.create_job(&check_id())?;
        Ok(Self {
            journal: Journal::create(&job, "")?,
            is_kept: keep.is_some(),
            _scratch: scratch,
        })
    }

    /// Makes a wrong row as the journal holds it. A row that is looked at later has the name of its customer and its
    /// wrong cells by the number of their column, in place of what would be sent; for any other only the problems are
    /// asked for later.
    pub(super) fn wrong_row(&self, row: &Row, name: &str, problems: Vec<Problem>) -> PlannedRow {
        let seen = self.is_kept.then(|| {
            let columns: BTreeSet<u32> = problems.iter().filter_map(|its| its.column).collect();
            let cells = columns.into_iter().filter_map(|column| row.cell(column));
            let cells = cells.map(|cell| (cell.column.to_string(), cell.text.clone()));
            let name = (!name.is_empty()).then(|| (CUSTOMER_NAME.to_owned(), shortened(name)));
            let texts = name.into_iter().chain(cells);
            let fields = texts.map(|(key, text)| (FieldKey::new(&key), Value::Text(text)));
            Record {
                fields: fields.collect(),
            }
        });
        PlannedRow {
            problems,
            record: seen,
            ..PlannedRow::new(row.number, Status::Invalid)
        }
    }
}

fn check_id() -> JobId {
    JobId::from_parts("check", "rows")
}

/// Opens a folder of kept checks without the check that it holds.
fn emptied(folder: &Path) -> Result<StateFolder, JobError> {
    let state = StateFolder::open(folder)?;
    if let Ok(earlier) = state.job(&check_id()) {
        let lock = earlier.lock()?;
        earlier.discard(lock)?;
    }
    Ok(state)
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;
    use crate::job::spec::{BlankKey, Mode, SheetOptions};
    use crate::lang::Lang;
    use crate::model::{Corrections, Schema, Stop, VoidMonitor};
    use crate::pipeline::{CheckReport, CheckRequest, check_file};
    use crate::table::ReadOptions;

    fn check(source: &Path, keep: Option<PathBuf>) -> CheckReport {
        let request = CheckRequest {
            source: source.to_path_buf(),
            read: ReadOptions::default(),
            corrections: Corrections::default(),
            sheets: SheetOptions::default(),
            mode: Mode::default(),
            key: Vec::new(),
            blank_key: BlankKey::default(),
            max_errors: None,
            schema: Schema::new(&[], &BTreeMap::new()),
            state: None,
            account: None,
            hints: crate::lang::hint::Hints::default(),
            output: None,
            keep,
            calls: 0,
            all: false,
            lang: Lang::En,
        };
        check_file(&request, &VoidMonitor, &Stop::new()).expect("a check")
    }

    #[test]
    fn a_kept_check_is_paged_and_replaced_by_the_next() {
        let root = tempfile::tempdir().expect("a folder");
        let (source, kept) = (root.path().join("list.csv"), root.path().join("kept"));
        assert!(KeptCheck::open(&kept).is_err(), "nothing is kept yet");
        let row = |number: u32| match number % 3 {
            0 => format!(",1380013800{}\n", number % 10),
            1 => format!("客户{number},12345x\n"),
            _ => format!("客户{number},1380013800{}\n", number % 10),
        };
        let rows: String = (2..32).map(row).collect();
        std::fs::write(&source, format!("客户名称,手机\n{rows}")).expect("written");
        let report = check(&source, Some(kept.clone()));
        let opened = KeptCheck::open(&kept).expect("a kept check");
        assert_eq!((report.rows, report.invalid), (30, 20));
        assert_eq!(opened.problem_counts().expect("counts"), report.codes);
        assert_eq!(report.sheets.len(), 1);
        let mut after = None;
        let mut seen = Vec::new();
        loop {
            let rows = opened.page(&RowFilter::default(), after, 7).expect("rows");
            let Some(last) = rows.last() else { break };
            after = Some(last.number);
            seen.extend(rows);
        }
        assert_eq!(seen.len(), 20);
        let named = |row: &&WrongRow| row.name == format!("客户{}", row.number.row);
        assert_eq!(seen.iter().filter(named).count(), 10);
        let filter = RowFilter {
            text: Some("客户28".to_owned()),
            ..RowFilter::default()
        };
        let found = opened.page(&filter, None, 9).expect("rows");
        let found: Vec<u32> = found.iter().map(|row| row.number.row).collect();
        assert_eq!(found, [28]);
        drop(opened);

        std::fs::write(&source, "客户名称,手机\n,13800138001\n").expect("written");
        check(&source, Some(kept.clone()));
        let opened = KeptCheck::open(&kept).expect("a kept check");
        let rows = opened.page(&RowFilter::default(), None, 9).expect("rows");
        assert_eq!((rows.len(), rows[0].name.as_str()), (1, ""));
    }
}
