//! What is stored for the rows that have an `_id`: read before they are decided, by the way that costs fewer calls.
//!
//! One look at each customer, or the whole list once: as many calls as it has pages. The first page tells how many
//! these are. Nothing is concluded from a list that lacks a customer: such a row is looked up by itself.

use std::collections::HashMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;

use super::apply::problem_of;
use super::find_all::{Answer, find_all};
use super::listing::{ListEnd, ListOptions, Listing};
use super::rows::SourceRows;
use super::{Context, JobError, JobSpec, Mode};
use crate::crm::Class;
use crate::journal::{JobFolder, Spool};
use crate::mapping::Target;
use crate::model::{Code, CustomerId, Monitor, Problem, Row, Status};
use crate::table::Workbook;

/// The pages of the list in the job's folder, as long as rows are decided.
const SPOOL: &str = "stored.db";

/// What is known of a customer.
#[derive(Debug, Clone)]
pub(super) enum Found {
    /// It is stored; its JSON.
    Stored(String),
    /// It is not there.
    Gone,
    /// It cannot be read, and why.
    Unread(Problem),
}

/// Stored customers by id.
pub(super) type StoredCustomers = HashMap<CustomerId, Found>;

/// How stored customers are found.
pub(super) struct Lookup<'a> {
    context: &'a Context,
    concurrency: usize,
    /// What of the list is on the disk.
    spool: Option<Spool>,
    path: PathBuf,
}

impl<'a> Lookup<'a> {
    /// Chooses the way; `None` when no row has an `_id` that counts.
    pub(super) fn choose(
        spec: &JobSpec,
        workbook: &Workbook,
        folder: &JobFolder,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Option<Self>, JobError> {
        let rows = rows_with_id(spec, workbook, context)?;
        if rows == 0 {
            return Ok(None);
        }
        let mut lookup = Self {
            context,
            concurrency,
            spool: None,
            path: folder.file(SPOOL),
        };
        // For a single row the first page would be a call too many.
        if rows > 1 {
            lookup.read_list(spec, rows)?;
        }
        Ok(Some(lookup))
    }

    fn read_list(&mut self, spec: &JobSpec, rows: u64) -> Result<(), JobError> {
        let options = ListOptions {
            condition: None,
            page_size: spec.api.list.page_size,
            concurrency: self.concurrency,
            max_passes: 1,
            zone: TimeZone::get(&spec.timezone)
                .unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8))),
        };
        let spool = Spool::open(&self.path)?;
        let mut listing = match Listing::begin(spool, &options, self.context) {
            Ok(listing) => listing,
            // An account that may not list can still look at each customer.
            Err(JobError::Call(error)) if error.class == Class::Refused => return Ok(()),
            Err(error) => return Err(error),
        };
        let pages = listing.pages();
        if pages < rows {
            let said = Problem::new(Code::ComparedByList)
                .with("rows", rows.to_string())
                .with("calls", pages.to_string());
            self.context.monitor.notice(&said);
            match listing.read_once()? {
                None | Some(ListEnd::Read(_)) => {}
                Some(ListEnd::Stopped) => return Err(JobError::StoppedInPlan),
                Some(ListEnd::Failed(error)) => return Err(error.into()),
            }
        }
        self.spool = Some(listing.into_spool());
        Ok(())
    }

    /// What is stored for these rows. Customers that the list does not have are looked up one by one.
    pub(super) fn find(
        &mut self,
        rows: &[Row],
        spec: &JobSpec,
    ) -> Result<StoredCustomers, JobError> {
        let mut found = StoredCustomers::new();
        let mut missing = Vec::new();
        for id in rows.iter().filter_map(|row| id_of(row, spec)) {
            if found.contains_key(&id) || missing.contains(&id) {
                continue;
            }
            let line = match &mut self.spool {
                Some(spool) => spool.find(&id)?,
                None => None,
            };
            match line {
                Some(line) => drop(found.insert(id, Found::Stored(line))),
                None => missing.push(id),
            }
        }
        self.ask(&missing, &mut found)?;
        Ok(found)
    }

    /// Reads customers one by one.
    fn ask(&self, ids: &[CustomerId], found: &mut StoredCustomers) -> Result<(), JobError> {
        let (answers, failure) = find_all(ids, self.concurrency, self.context);
        if self.context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
        for (id, answer) in answers {
            match answer {
                Answer::There(customer) => {
                    // A map of JSON values is always JSON.
                    let line = serde_json::to_string(&customer.fields).unwrap_or_default();
                    found.insert(id, Found::Stored(line));
                }
                Answer::Gone => drop(found.insert(id, Found::Gone)),
                Answer::Unread(error) => {
                    found.insert(id, Found::Unread(problem_of(Code::NotRead, &error)));
                }
            }
        }
        Ok(())
    }
}

impl Drop for Lookup<'_> {
    fn drop(&mut self) {
        drop(self.spool.take());
        for end in ["", "-wal", "-shm"] {
            let mut name = self.path.clone().into_os_string();
            name.push(end);
            // It is of no use any more, and goes with the job at the latest.
            let _ = std::fs::remove_file(name);
        }
    }
}

/// The `_id` of a row that may become an update.
fn id_of(row: &Row, spec: &JobSpec) -> Option<CustomerId> {
    let columns = &spec
        .sheets
        .get(usize::from(row.number.sheet))?
        .columns
        .columns;
    let cell = |target: &Target| {
        let column = columns.iter().find(|column| column.target == *target)?;
        row.cell(column.column)
    };
    let done = cell(&Target::Status).and_then(|cell| Status::parse(&cell.text));
    let is_done = matches!(done, Some(Status::Ok | Status::Unchanged | Status::Skipped));
    if is_done && !spec.options.include_done {
        return None;
    }
    CustomerId::parse(&cell(&Target::Id)?.text).ok()
}

/// How many rows may become updates.
fn rows_with_id(spec: &JobSpec, workbook: &Workbook, context: &Context) -> Result<u64, JobError> {
    let has_id = spec.sheets.iter().any(|sheet| sheet.columns.has_id());
    if !has_id || spec.options.mode == Mode::Add {
        return Ok(0);
    }
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    let mut count = 0;
    while let Some(row) = rows.read_row()? {
        count += u64::from(id_of(&row, spec).is_some());
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
    }
    Ok(count)
}
