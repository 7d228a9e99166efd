//! Reads what is stored for the rows of a job, by the way that costs fewer calls.
//!
//! The ways are one look or search for each row, or the whole list once. A list costs as many calls as it has pages,
//! and its first page tells how many these are. A list that lacks a customer proves nothing, because customers hide
//! from a list that changes while it is read. So a row whose `_id` it lacks is looked up by itself, and a key that it
//! lacks is searched for, unless the list is proven complete.

use std::path::Path;

use jiff::tz::TimeZone;

use crate::crm::{Class, problem_of};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::{JobSpec, Mode};
use crate::journal::{KeyIndex, Spool};
use crate::lookup::find_all::{FindReply, find_all};
use crate::lookup::listing::options::{Completeness, FirstPass, ListEnd, ListOptions};
use crate::lookup::listing::whole_list::Listing;
use crate::mapping::Target;
use crate::model::{Code, CustomerId, Monitor, Problem, Row, Status};
use crate::source::rows::SourceRows;
use crate::stored::customer::StoredCustomer;
use crate::stored::found::{Found, StoredCustomers};
use crate::stored::key_form;
use crate::table::Workbook;

/// The file with the pages of the list. It is deleted when the [`Lookup`] is dropped.
const SPOOL: &str = "stored.db";

/// The file with the values of keys, beside [`SPOOL`].
pub(crate) const INDEX: &str = "keys.db";

/// Passes over a list at most, where the first pass does not prove that it is complete.
const MOST_PASSES: u32 = 3;

/// Finds stored customers, by the way that was chosen for the job.
pub(crate) struct Lookup<'a> {
    pub(crate) spec: &'a JobSpec,
    pub(crate) context: &'a Context,
    pub(crate) concurrency: usize,
    /// The folder in which the list is kept meanwhile.
    pub(crate) scratch: &'a Path,
    options: ListOptions,
    /// The pages of the list that are on the disk.
    pub(crate) spool: Option<Spool>,
    /// How many calls one pass over the list takes; 0 while that is not known.
    pub(crate) pages: u64,
    /// Whether a whole pass of the list was read, and not only its first page.
    has_list: bool,
    /// The customers of the list by their keys, where rows are looked up by keys.
    pub(crate) index: Option<KeyIndex>,
    /// Whether the list is complete: a customer that it lacks is not stored.
    pub(crate) is_complete: bool,
    /// Whether the server has refused to search by a key.
    pub(crate) search_refused: bool,
    /// How many rows are still to be looked up by a key.
    pub(crate) keyed_rows: u64,
}

/// How many rows are to be looked up, by what they are looked up by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct RowCounts {
    /// Whether the list must be read, because the server refuses to search.
    pub must_list: bool,
    /// Rows that are looked up by an `_id`.
    pub with_id: u64,
    /// Rows that are looked up by a key.
    pub with_key: u64,
    /// Rows that take one search each, besides those above.
    pub searched: u64,
    /// Rows whose customer is expected to be gone. The list could only lack it, so each is asked for by itself.
    pub asked: u64,
}

impl<'a> Lookup<'a> {
    /// Chooses the way for the rows of a source; `None` when there is nothing to look up.
    pub(crate) fn choose(
        spec: &'a JobSpec,
        workbook: &Workbook,
        scratch: &'a Path,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Option<Self>, JobError> {
        let counts = count_rows(spec, workbook, context)?;
        Self::for_rows(spec, counts, scratch, concurrency, context)
    }

    /// Chooses the way for so many rows, and reads the list if that is the way. Returns `None` when there is nothing to
    /// look up. The monitor is told which way was chosen.
    pub(crate) fn for_rows(
        spec: &'a JobSpec,
        counts: RowCounts,
        scratch: &'a Path,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Option<Self>, JobError> {
        let rows = counts.with_id + counts.with_key + counts.asked;
        if rows == 0 {
            return Ok(None);
        }
        // The list that a killed run has left is out of date.
        sweep(scratch);
        let mut lookup = Self {
            spec,
            context,
            concurrency,
            scratch,
            options: list_options(spec, concurrency),
            spool: None,
            pages: 0,
            has_list: false,
            index: None,
            is_complete: false,
            search_refused: false,
            keyed_rows: counts.with_key,
        };
        let searched = spec
            .keys
            .iter()
            .map(|key| key_form::searched(key, &spec.schema));
        let must_list = counts.must_list
            || counts.with_key > 0 && searched.clone().any(|field| field.is_none());
        let calls = counts.with_id + counts.with_key * lookup.searches() + counts.searched;
        // For a single look, reading the first page would only cost one call more.
        if calls > 1 || must_list {
            lookup.read_list(rows, calls, counts.asked, must_list)?;
        } else if counts.asked > 1 {
            let said = Problem::new(Code::ComparedSingly).with("rows", rows.to_string());
            let calls = (calls + counts.asked).to_string();
            context.monitor.notice(&said.with("calls", calls));
        }
        Ok(Some(lookup))
    }

    /// Estimates how many searches a row takes.
    pub(crate) fn searches(&self) -> u64 {
        key_form::searches(&self.spec.keys, &self.spec.schema)
    }

    /// Reads the list where that takes fewer calls than `calls`. `asked` calls are made either way.
    fn read_list(
        &mut self,
        rows: u64,
        calls: u64,
        asked: u64,
        must_list: bool,
    ) -> Result<(), JobError> {
        let spool = Spool::open(&self.scratch.join(SPOOL))?;
        let options = self.options.clone();
        let mut listing = match Listing::begin(spool, &options, self.context) {
            Ok(listing) => listing,
            // An account that may not list can still read each customer.
            Err(JobError::Call(error)) if error.class == Class::Refused && !must_list => {
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        self.pages = listing.pages();
        let said = |code, calls: u64| {
            let said = Problem::new(code).with("rows", rows.to_string());
            let said = said.with("calls", calls.to_string());
            let pages = self.pages.to_string();
            self.context.monitor.notice(&said.with("pages", pages));
        };
        if self.pages < calls || must_list {
            said(Code::ComparedByList, self.pages + asked);
            self.is_complete = match listing.read_first()? {
                FirstPass::Complete => true,
                FirstPass::Unproven => false,
                FirstPass::Ended(end) => return Err(ended(end)),
            };
            self.spool = Some(listing.into_spool());
            self.has_list = true;
            if self.keyed_rows > 0 {
                self.fill_index()?;
            }
        } else {
            said(Code::ComparedSingly, calls + asked);
            // Customers of the first page need not be asked for again.
            self.spool = Some(listing.into_spool());
        }
        Ok(())
    }

    /// Returns what is stored under the `_id`s of these rows. Customers that the list lacks are read one by one.
    pub(crate) fn find(&mut self, rows: &[Row]) -> Result<StoredCustomers, JobError> {
        let ids = rows.iter().filter_map(|row| id_of(row, self.spec));
        let ids: Vec<CustomerId> = ids.collect();
        self.find_ids(ids)
    }

    /// Whether the server has refused to search by a key.
    pub(crate) fn search_refused(&self) -> bool {
        self.search_refused
    }

    /// Whether the whole list is on the disk.
    pub(crate) fn has_list(&self) -> bool {
        self.has_list
    }

    /// Returns how many calls one pass over the list takes; 0 while that is not known.
    pub(crate) fn pages(&self) -> u64 {
        self.pages
    }

    /// Returns what is stored under these ids. Customers that the list lacks are read one by one.
    pub(crate) fn find_ids(&mut self, ids: Vec<CustomerId>) -> Result<StoredCustomers, JobError> {
        let mut found = StoredCustomers::new();
        let mut missing = Vec::new();
        for id in ids {
            if found.contains_key(&id) || missing.contains(&id) {
                continue;
            }
            match self.in_list(&id)? {
                Some(line) => drop(found.insert(id, Found::Stored(line))),
                None => missing.push(id),
            }
        }
        self.ask(&missing, &mut found)?;
        Ok(found)
    }

    /// Returns a customer's JSON as the list has it.
    pub(crate) fn in_list(&mut self, id: &CustomerId) -> Result<Option<String>, JobError> {
        match &mut self.spool {
            Some(spool) => Ok(spool.find(id)?),
            None => Ok(None),
        }
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
                FindReply::There(customer) => {
                    let line = StoredCustomer::line_of(&customer.fields);
                    found.insert(id, Found::Stored(line));
                }
                FindReply::Gone => drop(found.insert(id, Found::Gone)),
                FindReply::Unread(error) => {
                    found.insert(id, Found::Unread(problem_of(Code::NotRead, &error)));
                }
            }
        }
        Ok(())
    }

    /// Reads the list further if something moved while it was read, so that a customer may be missing.
    pub(crate) fn complete(&mut self) -> Result<(), JobError> {
        if self.is_complete || self.was_still()? {
            Ok(())
        } else {
            self.read_on()
        }
    }

    /// Whether the pages brought as many customers as the server counted, each once, and the count never changed. That
    /// does not prove a list complete: a new customer makes up for one that a deletion has hidden.
    fn was_still(&self) -> Result<bool, JobError> {
        let Some(spool) = &self.spool else {
            return Ok(false);
        };
        let counts = spool.counts(None)?;
        let is_steady = counts.repeats == 0 && counts.least == counts.most;
        Ok(is_steady && spool.seen()?.living() == counts.most)
    }

    /// Reads further passes of the list, until it is complete or [`MOST_PASSES`] were read, and indexes it anew.
    pub(crate) fn read_on(&mut self) -> Result<(), JobError> {
        let spool = match self.spool.take() {
            Some(spool) => spool,
            None => Spool::open(&self.scratch.join(SPOOL))?,
        };
        let options = self.options.clone();
        let mut listing = Listing::begin(spool, &options, self.context)?;
        match listing.read()? {
            ListEnd::Read(verdict) => self.is_complete = verdict == Completeness::Complete,
            end => return Err(ended(end)),
        }
        self.spool = Some(listing.into_spool());
        self.has_list = true;
        if self.spec.keys.is_empty() {
            return Ok(());
        }
        self.fill_index()
    }
}

fn ended(end: ListEnd) -> JobError {
    match end {
        ListEnd::Stopped | ListEnd::Read(_) => JobError::StoppedInPlan,
        ListEnd::Failed(error) => error.into(),
    }
}

/// Returns how the whole list of an account is read for comparing.
fn list_options(spec: &JobSpec, concurrency: usize) -> ListOptions {
    ListOptions {
        condition: None,
        page_size: spec.api.list.page_size,
        concurrency,
        max_passes: MOST_PASSES,
        zone: TimeZone::get(&spec.timezone)
            .unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8))),
    }
}

impl Drop for Lookup<'_> {
    fn drop(&mut self) {
        drop(self.spool.take());
        drop(self.index.take());
        sweep(self.scratch);
    }
}

/// Deletes the files of a look-up.
fn sweep(scratch: &Path) {
    for name in [SPOOL, INDEX] {
        for end in ["", "-wal", "-shm"] {
            // A file that cannot be deleted now goes with its folder later.
            let _ = std::fs::remove_file(scratch.join(format!("{name}{end}")));
        }
    }
}

/// Returns the `_id` of a row that may become an update.
fn id_of(row: &Row, spec: &JobSpec) -> Option<CustomerId> {
    if is_done(row, spec) {
        return None;
    }
    CustomerId::parse(cell(row, spec, &Target::Id)?).ok()
}

/// Whether a row of a result sheet is done and so left alone.
fn is_done(row: &Row, spec: &JobSpec) -> bool {
    let done = cell(row, spec, &Target::Status).and_then(Status::parse);
    let is_done = matches!(done, Some(Status::Ok | Status::Unchanged | Status::Skipped));
    let sheet = spec.sheets.get(usize::from(row.number.sheet));
    // Another row of its customer may open it again.
    let is_alone = sheet.is_none_or(|sheet| sheet.columns.merge.is_empty());
    is_done && is_alone && !spec.options.include_done
}

fn cell<'r>(row: &'r Row, spec: &JobSpec, target: &Target) -> Option<&'r str> {
    let sheet = spec.sheets.get(usize::from(row.number.sheet))?;
    let mut columns = sheet.columns.columns.iter();
    let column = columns.find(|column| column.target == *target)?;
    row.cell(column.column).map(|cell| cell.text.as_str())
}

fn count_rows(
    spec: &JobSpec,
    workbook: &Workbook,
    context: &Context,
) -> Result<RowCounts, JobError> {
    let has_id = spec.sheets.iter().any(|sheet| sheet.columns.has_id());
    let mut counts = RowCounts::default();
    if spec.options.mode == Mode::Add || !(has_id || spec.matches_keys()) {
        return Ok(counts);
    }
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    while let Some(row) = rows.read_row()? {
        if id_of(&row, spec).is_some() {
            counts.with_id += 1;
        } else if spec.matches_keys() && !is_done(&row, spec) {
            counts.with_key += 1;
        }
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
    }
    Ok(counts)
}
