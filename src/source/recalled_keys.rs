//! The keys that a result sheet remembers: without them, rows that were recognised would be added, or written over.
//!
//! Every row names its job, and the jobs say the keys and what was to become of matches and of blank keys. Where none of
//! the jobs is in this state folder, the hidden sheet says the keys. What is typed goes before; the caller asks only
//! where nothing was typed, so that check, plan and import recognise the same rows.

use std::collections::BTreeSet;

use crate::job::error::JobError;
use crate::job::spec::{BlankKey, JobSpec, OnMatch, SheetPlan};
use crate::journal::StateFolder;
use crate::mapping::Target;
use crate::model::{Code, JobId, Key, Problem, Schema};
use crate::source::ferry_sheet::FerrySheet;
use crate::source::keys;
use crate::source::rows::SourceRows;
use crate::table::Workbook;

/// What a result sheet remembers about keys.
#[derive(Debug, Clone)]
pub(crate) struct RecalledKeys {
    /// The fields, as `--key` takes them; at least one.
    pub key: Vec<String>,
    /// What becomes of rows that a stored customer matches; `None` where nothing was said.
    pub on_match: Option<OnMatch>,
    /// What becomes of rows whose keys are all blank; `None` where nothing was said.
    pub blank_key: Option<BlankKey>,
}

impl RecalledKeys {
    /// Returns what the jobs of a result sheet say, else its hidden sheet; `None` for any other file, and where rows
    /// were not recognised by keys. Fails when the jobs differ.
    pub(crate) fn of(
        workbook: &Workbook,
        sheets: &[SheetPlan],
        state: Option<&StateFolder>,
    ) -> Result<Option<Self>, JobError> {
        let jobs = match state {
            Some(_) => named_jobs(workbook, sheets)?,
            None => BTreeSet::new(),
        };
        let mut said: Option<(Vec<Key>, Option<OnMatch>, BlankKey)> = None;
        for job in jobs {
            let Some(spec) = state.and_then(|state| known_spec(state, &job)) else {
                continue;
            };
            let its = (spec.keys, spec.options.on_match, spec.options.blank_key);
            if said.as_ref().is_some_and(|said| *said != its) {
                return Err(JobError::Usage(Problem::new(Code::KeysDiffer)));
            }
            said = Some(its);
        }
        if let Some((keys, on_match, blank_key)) = said.filter(|(keys, ..)| !keys.is_empty()) {
            return Ok(Some(Self {
                key: keys.iter().map(Key::to_text).collect(),
                on_match,
                blank_key: (blank_key != BlankKey::default()).then_some(blank_key),
            }));
        }
        let key = FerrySheet::read(workbook)?.unwrap_or_default().keys;
        Ok((!key.is_empty()).then_some(Self {
            key,
            on_match: None,
            blank_key: None,
        }))
    }

    /// Returns the notice that keys were taken over.
    pub(crate) fn notice(keys: &[Key], schema: &Schema) -> Problem {
        Problem::new(Code::KeysOfSheet).with("keys", keys::labels(keys, schema))
    }
}

/// Returns the jobs that the rows of a result sheet name, in the order of their names.
fn named_jobs(workbook: &Workbook, sheets: &[SheetPlan]) -> Result<BTreeSet<String>, JobError> {
    let job_column = |sheet: &SheetPlan| {
        let mut columns = sheet.columns.columns.iter();
        columns
            .find(|column| column.target == Target::Job)
            .map(|column| column.column)
    };
    let mut jobs = BTreeSet::new();
    if sheets.iter().all(|sheet| job_column(sheet).is_none()) {
        return Ok(jobs);
    }
    let mut rows = SourceRows::new(workbook, sheets);
    while let Some(row) = rows.read_row()? {
        let column = sheets
            .get(usize::from(row.number.sheet))
            .and_then(job_column);
        if let Some(cell) = column.and_then(|column| row.cell(column))
            && !jobs.contains(cell.text.trim())
        {
            jobs.insert(cell.text.trim().to_owned());
        }
    }
    Ok(jobs)
}

/// Returns the spec of a job; `None` if it is not in this state folder.
fn known_spec(state: &StateFolder, job: &str) -> Option<JobSpec> {
    let folder = state.job(&JobId::parse(job).ok()?).ok()?;
    JobSpec::load(&folder).ok()
}
