//! `ferry verify`: reads back what a job wrote, and compares it field by field with what was sent.
//!
//! It checks the CRM and not the journal, so nothing is concluded from replies. Where several rows of the job wrote one
//! field of one customer, the last of them is what must be stored. For each add, second customers are looked for as
//! well (`seconds.rs`).
//!
//! The sheet is made to be handed over: it says how many rows and fields were compared, and lists every difference. The
//! second customers stand in a column of their own, which `ferry delete` reads. A verification makes no job, and writes
//! nothing into the one that it verifies.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use serde_json::Value as Json;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::examples::Example;
use crate::job::open_job::heal_ledger;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JobStatus, Journal, JournalRow, RowCursor, RowSet, RowState};
use crate::lookup::customers::{Lookup, RowCounts};
use crate::model::{
    Action, Code, CustomerId, FieldKey, JobId, Monitor, Problem, Record, RowNumber, Status, Task,
};
use crate::pipeline::seconds;
use crate::pipeline::seconds::{AddedRow, Second, Seconds};
use crate::results::verified::{Difference, VerifyFacts, VerifySheet};
use crate::stored::cell::text_of;
use crate::stored::change::is_stored;
use crate::stored::customer::StoredCustomer;
use crate::stored::found::{Found, StoredCustomers};
use crate::stored::value::to_json;
use crate::stored::{change, list};

/// What to verify: the request of `ferry verify`.
#[derive(Debug, Clone)]
pub struct VerifyRequest {
    /// The job whose writes are verified.
    pub job: JobFolder,
    /// Calls in flight at most.
    pub concurrency: usize,
    /// Where the sheet goes; `None` for a fresh name beside the source.
    pub output: Option<PathBuf>,
    /// How many differences the report holds at most.
    pub shown: usize,
}

/// What a verification came to.
#[derive(Debug, Clone)]
pub struct VerifyReport {
    /// The job that was verified.
    pub job: JobId,
    /// How many rows were compared.
    pub rows: u64,
    /// How many fields were compared.
    pub fields: u64,
    /// How many rows differ.
    pub different_rows: u64,
    /// How many rows have an outcome that is not known, so that nothing could be compared.
    pub unknown_rows: u64,
    /// For how many adds second customers were looked for.
    pub looked_for: u64,
    /// How many differences there are.
    pub differences: u64,
    /// The first differences.
    pub examples: Vec<Example>,
    /// How many calls the verification cost.
    pub calls: u64,
    /// How long the verification took.
    pub elapsed: Duration,
    /// The path of the sheet.
    pub result: PathBuf,
}

/// Compares what a job wrote with what is stored, and writes the differences into a sheet. Fails when the job is not
/// confirmed or has written nothing.
pub fn verify(request: &VerifyRequest, context: &Context) -> Result<VerifyReport, JobError> {
    let began = Instant::now();
    let folder = &request.job;
    let spec = JobSpec::load(folder)?;
    let journal = Journal::read(folder)?;
    match journal.status()? {
        JobStatus::Planned => return Err(JobError::IsAPlan(folder.id().clone())),
        JobStatus::Planning => return Err(JobError::Undecided(folder.id().clone())),
        JobStatus::Open | JobStatus::Finished => {}
    }
    let mut counts = journal.counts()?;
    if folder.is_locked() {
        counts = counts.running();
    }
    let done = |action| counts.sum(|state, its| state == RowState::At(Status::Ok) && its == action);
    let there = [Action::Add, Action::Update, Action::Restore].map(done);
    let there: u64 = there.into_iter().sum();
    let (added, deleted) = (done(Action::Add), done(Action::Delete));
    let written = there + deleted;
    let unknown = counts.status(Status::Unknown);
    if written + unknown == 0 {
        return Err(JobError::NothingWritten(folder.id().clone()));
    }
    let rows = RowCounts {
        must_list: added > 0 && !Seconds::can_search(&spec),
        with_id: there,
        searched: added,
        asked: deleted,
        ..RowCounts::default()
    };
    // The list is not kept in the job's folder: another process may work on the job.
    let root = context.state.root();
    let scratch = tempfile::Builder::new().prefix("verify-").tempdir_in(root);
    let scratch = scratch.map_err(|source| JobError::File {
        path: root.to_path_buf(),
        source,
    })?;
    let lookup = Lookup::for_rows(&spec, rows, scratch.path(), request.concurrency, context)?;
    let mut seconds = None;
    if added > 0 {
        heal_ledger(&spec.account.key, context)?;
        seconds = Some(Seconds::new(&spec, request.concurrency, context)?);
    }
    let mut verification = Verification {
        spec: &spec,
        context,
        journal: &journal,
        last: LastWrites::of(&journal)?,
        lookup,
        seconds,
        folder: scratch.path(),
        shown: request.shown,
        sheet: VerifySheet::create(folder, &spec, request.output.clone(), context)?,
        report: VerifyReport {
            job: folder.id().clone(),
            rows: 0,
            fields: 0,
            different_rows: 0,
            unknown_rows: 0,
            looked_for: 0,
            differences: 0,
            examples: Vec::new(),
            calls: 0,
            elapsed: Duration::ZERO,
            result: PathBuf::new(),
        },
    };
    context.monitor.start_task(Task::Check, Some(written));
    let mut all = RowCursor::over(RowSet::All);
    while let Some(rows) = all.next_batch(&journal)? {
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let compared = verification.compare_rows(rows)?;
        context.monitor.advance(Task::Check, compared);
    }
    context.monitor.finish_task(Task::Check);
    let Verification {
        seconds,
        sheet,
        mut report,
        ..
    } = verification;
    report.looked_for = seconds.map_or(0, |seconds| seconds.looked_for);
    report.calls = context.monitor.calls();
    report.elapsed = began.elapsed();
    let facts = VerifyFacts {
        rows: report.rows,
        fields: report.fields,
        different_rows: report.different_rows,
        unknown_rows: report.unknown_rows,
        looked_for: report.looked_for,
        calls: report.calls,
        elapsed: report.elapsed,
        outcomes: Status::ALL
            .iter()
            .map(|status| (*status, counts.status(*status)))
            .collect(),
        united: journal.united_rows()?,
    };
    report.result = sheet.finish(&facts)?;
    Ok(report)
}

/// Looks for the second customers of the rows of a batch that have added one.
fn seconds_of(
    rows: &[JournalRow],
    stored: &StoredCustomers,
    seconds: &mut Seconds<'_>,
    lookup: &mut Lookup<'_>,
    scratch: &Path,
) -> Result<BTreeMap<RowNumber, seconds::Lookalikes>, JobError> {
    let mut customers = Vec::new();
    // A merged row has added nobody: the CRM answered with another customer.
    let is_added = |row: &&JournalRow| row.action == Action::Add && !row.is_merged();
    for row in rows.iter().filter(is_added) {
        let ours = match row.customer.as_ref().and_then(|id| stored.get(id)) {
            Some(Found::Stored(line)) => Some(StoredCustomer::parse(line)?),
            Some(Found::Gone | Found::Unread(_)) | None => None,
        };
        customers.push((row, ours));
    }
    let added: Vec<AddedRow<'_>> = customers
        .iter()
        .map(|(row, ours)| AddedRow {
            row,
            ours: ours.as_ref(),
        })
        .collect();
    if added.is_empty() {
        return Ok(BTreeMap::new());
    }
    let found = seconds.find(&added, lookup, scratch)?.into_iter();
    let rows = customers.iter().map(|(row, _)| row.number);
    Ok(rows.zip(found).collect())
}

/// Returns the difference of a row that the CRM has merged into another customer.
fn merged_difference(row: &JournalRow, id: &CustomerId) -> Option<Difference> {
    let mut problems = row.problems.iter();
    let problem = problems.find(|problem| problem.code.is_merge())?;
    Some(Difference {
        stored: id.to_string(),
        ..Difference::of(row, id, problem.clone())
    })
}

/// Returns the difference of a row whose value too many customers hold.
fn too_many(row: &JournalRow, id: &CustomerId, value: String) -> Difference {
    let problem = Problem::new(Code::TooManyShareIt).with("value", &value);
    Difference {
        sent: value,
        ..Difference::of(row, id, problem)
    }
}

/// Returns the difference of a row for which another customer was found. Only a customer that is surely a second one
/// stands in the column that `ferry delete` reads.
fn stored_twice(row: &JournalRow, id: &CustomerId, second: Second) -> Difference {
    let code = if second.is_sure {
        Code::SecondCustomer
    } else {
        Code::OtherCustomerHasIt
    };
    let problem = Problem::new(code)
        .with("id", id.as_str())
        .with("other", second.id.as_str())
        .with("field", &second.field)
        .with("value", &second.value);
    Difference {
        second: second.is_sure.then(|| second.id.clone()),
        name: second.name,
        field: second.field,
        sent: second.value,
        stored: second.id.to_string(),
        ..Difference::of(row, id, problem)
    }
}

/// Which row wrote each field last, of customers that several rows of the job change.
struct LastWrites {
    rows: BTreeMap<CustomerId, Vec<RowNumber>>,
    fields: BTreeMap<(CustomerId, FieldKey), RowNumber>,
    deleted: BTreeMap<CustomerId, RowNumber>,
}

/// A verification under way.
struct Verification<'a> {
    spec: &'a JobSpec,
    context: &'a Context,
    journal: &'a Journal,
    last: LastWrites,
    lookup: Option<Lookup<'a>>,
    /// `None` where the job added nobody.
    seconds: Option<Seconds<'a>>,
    /// Where indexes lie meanwhile.
    folder: &'a Path,
    /// How many differences the report holds at most.
    shown: usize,
    sheet: VerifySheet<'a>,
    report: VerifyReport,
}

impl Verification<'_> {
    /// Compares the rows of a batch that were written, and notes the unknown ones. Returns how many rows were compared.
    fn compare_rows(&mut self, mut rows: Vec<JournalRow>) -> Result<u64, JobError> {
        let is_unknown = |row: &&JournalRow| row.state == RowState::At(Status::Unknown);
        for row in rows.iter().filter(is_unknown) {
            self.report.unknown_rows += 1;
            self.sheet.write(&Difference::unknown(row))?;
        }
        rows.retain(|row| {
            row.state == RowState::At(Status::Ok)
                && row.action != Action::None
                && row.customer.is_some()
        });
        let ids = rows.iter().filter_map(|row| row.customer.clone()).collect();
        let stored = match &mut self.lookup {
            Some(lookup) => lookup.find_ids(ids)?,
            None => StoredCustomers::new(),
        };
        let mut second = match (&mut self.lookup, &mut self.seconds) {
            (Some(lookup), Some(seconds)) => {
                seconds_of(&rows, &stored, seconds, lookup, self.folder)?
            }
            _ => BTreeMap::new(),
        };
        for row in &rows {
            let Some(id) = &row.customer else { continue };
            let found = stored.get(id);
            let job = (self.spec, self.journal);
            let (fields, mut differences) = compare(row, id, found, job, &self.last, self.context)?;
            differences.extend(merged_difference(row, id));
            let found = second.remove(&row.number).unwrap_or_default();
            differences.extend(found.too_many.map(|value| too_many(row, id, value)));
            let seconds = found.seconds.into_iter();
            differences.extend(seconds.map(|second| stored_twice(row, id, second)));
            self.report.rows += 1;
            self.report.fields += fields;
            self.report.different_rows += u64::from(!differences.is_empty());
            self.report.differences += differences.len() as u64;
            for difference in &differences {
                self.sheet.write(difference)?;
                if self.report.examples.len() < self.shown {
                    self.report.examples.push(Example {
                        row: difference.row,
                        source: difference.row.row.to_string(),
                        problem: difference.problem.clone(),
                        times: 1,
                        name: difference.name.clone(),
                        cell: None,
                    });
                }
            }
        }
        Ok(rows.len() as u64)
    }
}

impl LastWrites {
    fn of(journal: &Journal) -> Result<Self, JobError> {
        let rows = journal.shared_customers()?;
        let mut last = Self {
            rows: BTreeMap::new(),
            fields: BTreeMap::new(),
            deleted: BTreeMap::new(),
        };
        for (id, numbers) in &rows {
            for number in numbers {
                let Some(row) = journal.row(*number)? else {
                    continue;
                };
                // What was refused or never left has written nothing.
                if !matches!(row.state, RowState::At(Status::Ok | Status::Unknown)) {
                    continue;
                }
                if row.action == Action::Delete {
                    last.deleted.insert(id.clone(), *number);
                }
                for (key, _) in row.record.iter().flat_map(|record| &record.fields) {
                    last.fields.insert((id.clone(), key.clone()), *number);
                }
            }
        }
        last.rows = rows;
        Ok(last)
    }

    /// Whether a later row writes the field of the customer again.
    fn is_written_later(&self, id: &CustomerId, key: &FieldKey, row: RowNumber) -> bool {
        self.rows.contains_key(id)
            && self
                .fields
                .get(&(id.clone(), key.clone()))
                .is_some_and(|last| *last != row)
    }
}

/// Compares the fields of a row with its stored customer. Returns how many fields were compared, and what differs.
fn compare(
    row: &JournalRow,
    id: &CustomerId,
    found: Option<&Found>,
    (spec, journal): (&JobSpec, &Journal),
    last: &LastWrites,
    context: &Context,
) -> Result<(u64, Vec<Difference>), JobError> {
    let difference = |problem: Problem| Difference::of(row, id, problem);
    let about = |code| Problem::new(code).with("id", id.as_str());
    let is_deleted = row.action == Action::Delete;
    let line = match found {
        Some(Found::Stored(line)) if is_deleted => {
            let name = StoredCustomer::parse(line)?.name();
            let there = difference(about(Code::VerifyStillThere));
            return Ok((0, vec![Difference { name, ..there }]));
        }
        Some(Found::Stored(line)) => line,
        Some(Found::Unread(problem)) => return Ok((0, vec![difference(problem.clone())])),
        Some(Found::Gone) | None if is_deleted => return Ok((0, Vec::new())),
        Some(Found::Gone) | None if last.deleted.contains_key(id) => return Ok((0, Vec::new())),
        Some(Found::Gone) | None => return Ok((0, vec![difference(about(Code::VerifyGone))])),
    };
    let Some(record) = &row.record else {
        return Ok((0, Vec::new()));
    };
    let now = StoredCustomer::parse(line)?;
    let sent = sent_by(row, record, spec, journal)?;
    let owners = &context.owners;
    let mut fields = 0;
    let mut differences = Vec::new();
    for (key, value) in &sent.fields {
        if last.is_written_later(id, key, row.number) {
            continue;
        }
        fields += 1;
        let field = spec.schema.field(key.as_str());
        let stored = now.get(key.as_str()).unwrap_or(&Json::Null);
        if is_stored(value, stored, field) {
            continue;
        }
        let label = field.map_or(key.as_str(), |field| field.label.as_str());
        let (sent, stored) = (text_of(field, &to_json(value)), text_of(field, stored));
        let problem = about(Code::VerifyDiffers)
            .with("field", label)
            .with("sent", owners.said(field, sent.clone()))
            .with("now", owners.said(field, stored.clone()));
        differences.push(Difference {
            name: now.name(),
            field: label.to_owned(),
            sent: owners.in_words(field, sent, context.lang),
            stored: owners.in_words(field, stored, context.lang),
            ..difference(problem)
        });
    }
    Ok((fields, differences))
}

/// Returns what a row has sent. Lists are whole, as they were sent, and not only what the sheet's cells say.
fn sent_by(
    row: &JournalRow,
    record: &Record,
    spec: &JobSpec,
    journal: &Journal,
) -> Result<Record, JobError> {
    if row.action != Action::Update {
        return Ok(list::alone(record));
    }
    let before = journal.images(row.number)?.before;
    let Some(before) = StoredCustomer::of_image(before.as_ref())? else {
        return Ok(list::alone(record));
    };
    let schema = if row.is_matched {
        spec.match_schema()
    } else {
        spec.schema.clone()
    };
    Ok(change::new_in(record, &before, &schema))
}
