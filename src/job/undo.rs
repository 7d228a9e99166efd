//! `ferry undo`: takes a job back.
//!
//! 1. Make the undo's folder; the copy of the source comes along, so its result sheet shows the same rows.
//! 2. Read what is stored now of every customer that the job wrote, by the list where that takes fewer calls.
//! 3. Decide, three-way: what was there before, what the job wrote and the CRM answered, what is there now. What the job
//!    added is deleted unless one of its fields was changed since; what it changed gets back what it had, field by field,
//!    where it still holds what the job wrote; what it deleted is added again, as a new customer.
//! 4. Ask, send, write the result sheet; as every job does. An undo is itself a job: it can be resumed, and undone.
//!
//! What somebody has changed since is left alone and said. Rows of one customer go back together, with the first of them.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::path::{Path, PathBuf};
use std::time::Instant;

use serde_json::{Map, Value as Json};

use super::apply::ApplyOptions;
use super::carry_out::carry_out;
use super::guard::text_of;
use super::import::{
    GUARD_CALLS, GUARDED, Planned, Preview, UNDONE_BY, guard_calls, heal_ledger, preview, timing_of,
};
use super::lookup::{Found, Lookup, RowCounts, StoredCustomers};
use super::reconcile::{Absent, reconcile};
use super::report::{JobState, LEFT_ALONE, Report, report_of};
use super::stored::{SERVER_SET, digest, is_blank, to_json, to_value};
use super::way_back::{self, is_stored};
use super::{
    Context, End, ImportOptions, JobError, JobSpec, ResultOptions, SPEC_VERSION, ShownChange,
    job_state, lists, results, source,
};
use crate::crm::ApiSettings;
use crate::journal::{
    Images, JobFolder, JobLock, Journal, JournalRow, Ledger, PlannedRow, RowState,
};
use crate::model::{
    Action, Code, CustomerId, Field, FieldKey, FieldStatus, JobId, Monitor, Problem, Record,
    RowNumber, RowOrigin, Schema, Status, Task, Value,
};
use crate::table::{ReadOptions, Workbook};

/// Rows of the job that are looked at at a time.
const BATCH_ROWS: usize = 1000;

/// What to take back.
#[derive(Debug, Clone)]
pub struct UndoRequest {
    /// The job.
    pub job: JobFolder,
    /// Only these rows of it; all for `None`.
    pub rows: Option<RowsOfSheet>,
    /// Also what somebody has changed since, and customers that were only taken for the job's.
    pub force: bool,
    /// Say what would happen, and do nothing.
    pub dry_run: bool,
    /// Delete at most so many customers.
    pub most: u64,
    /// How calls are sent.
    pub apply: ApplyOptions,
    /// How the API is spoken to.
    pub api: ApiSettings,
    /// Where the result sheet goes; beside the source when absent.
    pub output: Option<PathBuf>,
    /// When the undo began, as `yyyymmdd-hhmmss` in the job's zone.
    pub stamp: String,
    /// When it began, in Unix seconds.
    pub created: i64,
}

/// Rows as a result sheet names them: by the sheet of the source, blank where it has one, and the row's number.
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

    fn len(&self) -> u64 {
        self.sheets.values().map(|rows| rows.len() as u64).sum()
    }

    fn contains(&self, spec: &JobSpec, row: RowNumber) -> bool {
        let sheet = match spec.sheets.get(usize::from(row.sheet)) {
            Some(sheet) if spec.sheets.len() > 1 => sheet.name.as_str(),
            _ => "",
        };
        let rows = self.sheets.get(sheet);
        rows.is_some_and(|rows| rows.contains(&row.row))
    }
}

/// What an undo or a delete came to, or would.
#[derive(Debug, Clone)]
pub struct UndoReport {
    /// How its rows stand; of a dry run with the preview for a result sheet.
    pub report: Report,
    /// What would happen; of a dry run.
    pub preview: Option<Preview>,
    /// The first fields that would be restored; of a dry run.
    pub changes: Vec<ShownChange>,
}

/// What would happen, with a preview; the job is gone afterwards.
pub(super) fn rehearsed(
    planned: Planned,
    preview: Preview,
    (folder, lock): (JobFolder, JobLock),
    context: &Context,
) -> Result<UndoReport, JobError> {
    let Planned { spec, journal, .. } = planned;
    let options = ResultOptions::of(&spec, context.lang);
    let monitor = context.monitor.as_ref();
    let sheet = results::write_plan(&folder, &spec, &journal, &options, monitor)?;
    let report = report_of(&folder, &journal, &spec.command, End::Finished)?.as_if_done();
    let report = Report {
        // Its own is gone in a moment.
        job: spec.undoes.unwrap_or(spec.id),
        calls: context.monitor.calls(),
        result: Some(sheet.path),
        ..report
    };
    drop(journal);
    folder.discard(lock)?;
    Ok(UndoReport {
        report,
        preview: Some(preview),
        changes: sheet.changes,
    })
}

/// Takes a job back. `confirm` sees what would happen and says whether it may.
pub fn undo(
    request: &UndoRequest,
    context: &Context,
    confirm: &mut dyn FnMut(&Preview) -> Result<(), JobError>,
) -> Result<UndoReport, JobError> {
    let began = Instant::now();
    // Nobody goes on with a job that is taken back.
    let original_lock = request.job.lock()?;
    settle_original(request, context)?;
    let original = Original::open(request)?;
    let stem = original.spec.stem();
    let id = JobId::from_parts(&request.stamp, &format!("undo-{stem}"));
    let (folder, lock) = context.state.create_job(&id)?;
    let planned = plan(request, &original, context, &folder).and_then(|planned| {
        let preview = preview(&planned.spec, &planned.journal, None, context)?;
        let deletes = preview.rows(Action::Delete);
        if deletes > request.most && !request.dry_run {
            let problem = Problem::new(Code::TooManyDeletes)
                .with("count", deletes.to_string())
                .with("limit", request.most.to_string());
            return Err(JobError::Usage(problem));
        }
        if preview.calls > 0 && !request.dry_run {
            confirm(&preview)?;
        }
        Ok((planned, preview))
    });
    let (mut planned, preview) = match planned {
        Ok(planned) => planned,
        Err(error) => {
            // Nothing was written, and the reason is what counts.
            let _ = folder.discard(lock);
            return Err(error);
        }
    };
    if request.dry_run {
        return rehearsed(planned, preview, (folder, lock), context);
    }
    // First: of a job that is taken back nobody sends the rest, whatever becomes of the undo.
    close(&request.job, &original_lock, folder.id())?;
    planned.journal.set_meta("state", JobState::Open.as_str())?;
    let options = ApplyOptions {
        // What was deleted is added again, whatever any job has added.
        again: true,
        ..request.apply.clone()
    };
    let report = carry_out(&folder, planned, &options, context, began)?;
    Ok(UndoReport {
        report,
        preview: None,
        changes: Vec::new(),
    })
}

/// A job that was stopped in the middle is over once it is taken back: what it has not sent, nobody sends.
fn close(job: &JobFolder, _held: &JobLock, undo: &JobId) -> Result<(), JobError> {
    let mut journal = Journal::open(job)?;
    journal.set_meta(UNDONE_BY, undo.as_str())?;
    journal.abandon(&Problem::new(Code::TakenBack).with("job", undo.as_str()))?;
    if job_state(&journal)? == JobState::Open {
        journal.set_meta("state", JobState::Finished.as_str())?;
    }
    Ok(())
}

/// The job that is taken back.
struct Original {
    folder: JobFolder,
    spec: JobSpec,
    journal: Journal,
    match_schema: Schema,
    /// Customers that several of its rows wrote.
    shared: BTreeMap<CustomerId, Vec<RowNumber>>,
}

/// Settles what can be settled of a job before it is taken back: rows that were on their way when its process died, and
/// rows in doubt. An undo of it that was begun has to be gone on with, or nobody knows what it has done.
fn settle_original(request: &UndoRequest, context: &Context) -> Result<(), JobError> {
    let folder = &request.job;
    let spec = JobSpec::load(folder)?;
    let mut journal = Journal::open(folder)?;
    match job_state(&journal)? {
        JobState::Planned => return Err(JobError::IsAPlan(folder.id().clone())),
        JobState::Planning => return Err(JobError::Undecided(folder.id().clone())),
        JobState::Open | JobState::Finished => {}
    }
    if let Some(undo) = journal.meta(UNDONE_BY)?
        && let Ok(undo) = JobId::parse(&undo)
        && let Ok(undo_folder) = context.state.job(&undo)
        && super::is_unfinished(&undo_folder)?
    {
        return Err(JobError::Unfinished { job: undo });
    }
    heal_ledger(context, &spec.account.key)?;
    let mut ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    journal.recover(&ledger)?;
    if !journal.doubtful_after(-1, 1)?.is_empty() {
        let how = (timing_of(&request.apply), Absent::NotStored);
        let looked = reconcile(&spec, &mut journal, &mut ledger, how, context)?;
        if let Some(error) = looked.ended {
            return Err(error.into());
        }
    }
    Ok(())
}

impl Original {
    fn open(request: &UndoRequest) -> Result<Self, JobError> {
        let folder = &request.job;
        let spec = JobSpec::load(folder)?;
        let journal = Journal::read(folder)?;
        let mut shared = journal.shared_customers()?;
        for rows in shared.values_mut() {
            let mut written = Vec::new();
            for number in rows.iter() {
                let images = journal.images(*number)?;
                let is_wanted = is_wanted(request, &spec, *number);
                if is_wanted
                    && let Some(row) = journal.row(*number)?
                    && has_written(&row, &images)
                {
                    written.push(*number);
                }
            }
            *rows = written;
        }
        Ok(Self {
            folder: folder.clone(),
            match_schema: spec.match_schema(),
            shared,
            journal,
            spec,
        })
    }

    fn schema_of(&self, row: &JournalRow) -> &Schema {
        if row.is_matched {
            &self.match_schema
        } else {
            &self.spec.schema
        }
    }
}

/// Whether a row is among those that are to be taken back.
fn is_wanted(request: &UndoRequest, spec: &JobSpec, row: RowNumber) -> bool {
    let rows = request.rows.as_ref();
    rows.is_none_or(|rows| rows.contains(spec, row))
}

/// Whether a row wrote something that can be taken back, or may have: a change of which nobody knows is compared with
/// what is there now, so it does no harm to look.
fn has_written(row: &JournalRow, images: &Images) -> bool {
    let may_have = images.is_repeated
        || matches!(
            row.state,
            RowState::At(Status::Ok | Status::Unknown) | RowState::Sending
        );
    match row.action {
        Action::Add => row.state == RowState::At(Status::Ok),
        Action::Update | Action::Restore => may_have,
        // A customer that was gone before anything was copied was not deleted by the job.
        Action::Delete => may_have && images.before.is_some(),
        Action::None => false,
    }
}

/// Whether an add may have happened, and nobody knows.
fn is_in_doubt(row: &JournalRow) -> bool {
    let is_open = matches!(row.state, RowState::At(Status::Unknown) | RowState::Sending);
    row.action == Action::Add && is_open
}

fn plan(
    request: &UndoRequest,
    original: &Original,
    context: &Context,
    folder: &JobFolder,
) -> Result<Planned, JobError> {
    heal_ledger(context, &original.spec.account.key)?;
    source::verify(&original.folder, &original.spec.source)?;
    let copy = folder.file(&original.spec.source.file);
    std::fs::copy(original.spec.copy(&original.folder), &copy)
        .map_err(|source| JobError::File { path: copy, source })?;
    let spec = JobSpec {
        version: SPEC_VERSION,
        id: folder.id().clone(),
        command: "undo".to_owned(),
        created: request.created,
        options: ImportOptions {
            again: true,
            ..ImportOptions::default()
        },
        undoes: Some(original.spec.id.clone()),
        api: request.api.clone(),
        output: request.output.clone(),
        ..original.spec.clone()
    };
    let mut journal = Journal::create(folder, &spec.account.key)?;
    journal.set_meta("state", JobState::Planning.as_str())?;
    spec.save(folder)?;
    let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    decide(request, original, &spec, (&mut journal, folder), context)?;
    if journal.counts()?.total() == 0 {
        return Err(JobError::NothingWritten(original.spec.id.clone()));
    }
    if !request.force {
        // Between now and its call somebody may work on a customer.
        let guard = guard_calls(&spec, &journal, 0)?;
        journal.set_meta(GUARD_CALLS, &guard.to_string())?;
        journal.set_meta(GUARDED, "1")?;
    }
    Ok(Planned {
        spec,
        journal,
        ledger,
        settled: Vec::new(),
    })
}

fn decide(
    request: &UndoRequest,
    original: &Original,
    spec: &JobSpec,
    (journal, folder): (&mut Journal, &JobFolder),
    context: &Context,
) -> Result<(), JobError> {
    let counts = original.journal.counts()?;
    let done = |action| counts.sum(|state, its| state == RowState::At(Status::Ok) && its == action);
    let all = done(Action::Add) + done(Action::Update) + done(Action::Restore);
    let wanted = RowCounts {
        with_id: request
            .rows
            .as_ref()
            .map_or(all, |rows| all.min(rows.len())),
        ..RowCounts::default()
    };
    let concurrency = request.apply.concurrency;
    let mut lookup = Lookup::for_rows(spec, wanted, folder.path(), concurrency, context)?;
    let judge = Judge {
        original,
        force: request.force,
    };
    context
        .monitor
        .start_task(Task::Check, Some(counts.total()));
    let (mut after, mut left_alone) = (-1, 0);
    loop {
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let rows = original.journal.rows_after(after, BATCH_ROWS)?;
        let Some(last) = rows.last() else { break };
        after = last.number.to_key();
        let read = rows.len() as u64;
        let mut written = Vec::new();
        for row in rows {
            if !is_wanted(request, &original.spec, row.number) {
                continue;
            }
            let images = original.journal.images(row.number)?;
            if has_written(&row, &images) || is_in_doubt(&row) {
                written.push((row, images));
            }
        }
        // What was surely deleted need not be looked up.
        let is_asked = |row: &JournalRow| {
            row.action != Action::Delete || row.state != RowState::At(Status::Ok)
        };
        let ids = written.iter().filter(|(row, _)| is_asked(row));
        let ids: Vec<CustomerId> = ids.filter_map(|(row, _)| row.customer.clone()).collect();
        if lookup.is_none() && !ids.is_empty() {
            let counts = RowCounts {
                with_id: ids.len() as u64,
                ..RowCounts::default()
            };
            lookup = Lookup::for_rows(spec, counts, folder.path(), concurrency, context)?;
        }
        let stored = match &mut lookup {
            Some(lookup) => lookup.find_ids(ids)?,
            None => StoredCustomers::new(),
        };
        journal.in_transaction(|journal| {
            for (row, images) in &written {
                let planned = judge.decide(row, images, &stored)?;
                left_alone +=
                    u64::from(planned.status == Status::Pending && !planned.problems.is_empty());
                journal.plan(&planned)?;
            }
            Ok::<(), JobError>(())
        })?;
        context.monitor.advance(Task::Check, read);
    }
    context.monitor.finish_task(Task::Check);
    journal.set_meta(LEFT_ALONE, &left_alone.to_string())?;
    Ok(())
}

/// Decides what becomes of a row.
struct Judge<'a> {
    original: &'a Original,
    force: bool,
}

/// What a row wrote into one field.
struct Written {
    key: FieldKey,
    before: Json,
    after: Json,
    /// What was sent, in case the CRM keeps it in another form.
    sent: Value,
}

impl Judge<'_> {
    fn decide(
        &self,
        row: &JournalRow,
        images: &Images,
        stored: &StoredCustomers,
    ) -> Result<PlannedRow, JobError> {
        let mut planned = PlannedRow {
            number: row.number,
            status: Status::Unchanged,
            action: Action::None,
            customer: row.customer.clone(),
            fingerprint: row.fingerprint,
            record: None,
            problems: Vec::new(),
            origin: None,
            waits_on: None,
            is_twin: false,
            is_matched: false,
            before: None,
        };
        if is_in_doubt(row) {
            planned.status = Status::Unknown;
            planned.action = Action::Add;
            planned.problems.clone_from(&row.problems);
            return Ok(planned);
        }
        if row.action == Action::Delete {
            let found = row.customer.as_ref().and_then(|id| stored.get(id));
            match found {
                // It was on its way when the process died, and never came.
                Some(Found::Stored(_)) => {}
                Some(Found::Unread(problem)) => {
                    planned.status = Status::Invalid;
                    planned.problems = vec![problem.clone()];
                }
                Some(Found::Gone) | None => self.add_again(&mut planned, images),
            }
            return Ok(planned);
        }
        let Some(id) = &row.customer else {
            return Ok(planned);
        };
        let rows = self.original.shared.get(id).map(Vec::as_slice);
        let first = rows.and_then(|rows| rows.first()).copied();
        if let Some(first) = first.filter(|first| *first != row.number) {
            planned.status = Status::Skipped;
            let with = self.original.spec.row_label(first);
            planned.problems = vec![Problem::new(Code::UndoneWith).with("row", with)];
            return Ok(planned);
        }
        let now: Map<String, Json> = match stored.get(id) {
            Some(Found::Stored(line)) => serde_json::from_str(line).unwrap_or_default(),
            Some(Found::Unread(problem)) => {
                planned.status = Status::Invalid;
                planned.problems = vec![problem.clone()];
                return Ok(planned);
            }
            // What is gone was taken back already, or cannot be.
            Some(Found::Gone) | None => {
                let code = match row.action {
                    Action::Add => Code::AlreadyGone,
                    _ => Code::CustomerGone,
                };
                if row.action != Action::Add {
                    planned.status = Status::Invalid;
                }
                planned.problems = vec![Problem::new(code).with("id", id.as_str())];
                return Ok(planned);
            }
        };
        if row.action == Action::Add {
            self.delete_added(&mut planned, row, images, &now)?;
        } else {
            self.restore(&mut planned, row, images, &now)?;
        }
        if planned.status == Status::Pending {
            // An undo can be undone.
            planned.before = serde_json::to_string(&now).ok();
        }
        Ok(planned)
    }

    /// The rows of a row's customer, in order.
    fn rows_of(
        &self,
        row: &JournalRow,
        images: &Images,
    ) -> Result<Vec<(JournalRow, Images)>, JobError> {
        let own = || vec![(row.clone(), images.clone())];
        let Some(rows) = row
            .customer
            .as_ref()
            .and_then(|id| self.original.shared.get(id))
        else {
            return Ok(own());
        };
        let mut all = Vec::new();
        for number in rows {
            let images = self.original.journal.images(*number)?;
            if let Some(row) = self.original.journal.row(*number)?
                && has_written(&row, &images)
            {
                all.push((row, images));
            }
        }
        Ok(if all.is_empty() { own() } else { all })
    }

    /// Deletes a customer that the job added, unless somebody has worked on it since.
    fn delete_added(
        &self,
        planned: &mut PlannedRow,
        row: &JournalRow,
        images: &Images,
        now: &Map<String, Json>,
    ) -> Result<(), JobError> {
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        let rows = self.rows_of(row, images)?;
        let after = rows.last().and_then(|(_, images)| images.after.as_deref());
        let is_adopted = row
            .problems
            .iter()
            .any(|problem| problem.code == Code::Adopted);
        let held = if self.force {
            None
        } else if is_adopted {
            Some(Problem::new(Code::AdoptedLeft).with("id", id))
        } else {
            let digest_then = rows.last().and_then(|(row, _)| row.digest);
            match (
                after.and_then(|line| serde_json::from_str(line).ok()),
                digest_then,
            ) {
                (Some(after), _) => changed_since(&after, now, id, &self.original.spec.schema),
                (None, Some(then)) if then == digest(now) => None,
                (None, then) => self
                    .changed_since_sent(&rows, now, id)
                    // Something else than what was sent.
                    .or_else(|| then.map(|_| Problem::new(Code::ChangedSinceAdd).with("id", id))),
            }
        };
        if let Some(problem) = held {
            planned.status = Status::Invalid;
            planned.problems = vec![problem];
        } else {
            planned.status = Status::Pending;
            planned.action = Action::Delete;
        }
        Ok(())
    }

    /// The first field that is not as the job left it, where the reply is not known: what was sent must be there, and nothing may say that it was edited.
    fn changed_since_sent(
        &self,
        rows: &[(JournalRow, Images)],
        now: &Map<String, Json>,
        id: &str,
    ) -> Option<Problem> {
        let schema = &self.original.spec.schema;
        let changed = |field: Option<&Field>, key: &str, sent: &str, now: &Json| {
            Problem::new(Code::ChangedSinceAdd)
                .with("id", id)
                .with("field", field.map_or(key, |field| field.label.as_str()))
                .with("written", sent)
                .with("now", text_of(field, now))
        };
        let null = Json::Null;
        let sent = rows.iter().filter_map(|(row, _)| row.record.as_ref());
        let differs = sent
            .flat_map(|record| &record.fields)
            .find_map(|(key, value)| {
                let field = schema.field(key.as_str());
                let now = now.get(key.as_str()).unwrap_or(&null);
                (!is_stored(value, now, field))
                    .then(|| changed(field, key.as_str(), &text_of(field, &to_json(value)), now))
            });
        let time = |key: &str| now.get(key).and_then(Json::as_str).unwrap_or_default();
        let was_edited = !time("updateTime").is_empty() && time("updateTime") != time("createTime");
        differs.or_else(|| {
            was_edited.then(|| {
                let updated = now.get("updateTime").unwrap_or(&null);
                changed(
                    schema.field("updateTime"),
                    "updateTime",
                    time("createTime"),
                    updated,
                )
            })
        })
    }

    /// Gives a customer back what the job has changed.
    fn restore(
        &self,
        planned: &mut PlannedRow,
        row: &JournalRow,
        images: &Images,
        now: &Map<String, Json>,
    ) -> Result<(), JobError> {
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        let Some(written) = self.written(&self.rows_of(row, images)?) else {
            planned.status = Status::Invalid;
            planned.problems = vec![Problem::new(Code::NoImage)];
            return Ok(());
        };
        let schema = &self.original.spec.schema;
        let mut record = Record::default();
        for field in written {
            let config = schema.field(field.key.as_str());
            let stored = now.get(field.key.as_str()).cloned().unwrap_or_default();
            if is_same(&stored, &field.before) {
                continue;
            }
            let is_ours = is_same(&stored, &field.after) || is_stored(&field.sent, &stored, config);
            if is_ours || self.force {
                record.push(field.key.clone(), to_value(&field.before, config));
            } else {
                let label = config.map_or(field.key.as_str(), |config| config.label.as_str());
                planned.problems.push(
                    Problem::new(Code::LeftAlone)
                        .with("id", id)
                        .with("field", label)
                        .with("written", text_of(config, &field.after))
                        .with("now", text_of(config, &stored)),
                );
            }
        }
        if !record.is_empty() {
            self.complete(&mut record, now);
            planned.status = Status::Pending;
            planned.action = Action::Restore;
            planned.record = Some(record);
        } else if !planned.problems.is_empty() {
            planned.status = Status::Invalid;
        }
        Ok(())
    }

    /// The fields that rows of one customer have written, as they were before the first and after the last; `None` when
    /// nobody knows what was there before.
    fn written(&self, rows: &[(JournalRow, Images)]) -> Option<Vec<Written>> {
        let mut fields: Vec<Written> = Vec::new();
        for (row, images) in rows {
            let before: Map<String, Json> = serde_json::from_str(images.before.as_ref()?).ok()?;
            let after: Map<String, Json> = images
                .after
                .as_ref()
                .and_then(|line| serde_json::from_str(line).ok())
                .unwrap_or_default();
            let record = row.record.as_ref()?;
            let whole = match row.action {
                Action::Restore => record.clone(),
                _ => way_back::new_in(record, &before, self.original.schema_of(row)),
            };
            for (key, sent) in whole.fields {
                let of = |stored: &Map<String, Json>| stored.get(key.as_str()).cloned();
                let answered = of(&after).unwrap_or_else(|| {
                    if after.is_empty() {
                        to_json(&sent)
                    } else {
                        Json::Null
                    }
                });
                match fields.iter_mut().find(|known| known.key == key) {
                    Some(known) => {
                        known.after = answered;
                        known.sent = sent;
                    }
                    None => fields.push(Written {
                        before: of(&before).unwrap_or_default(),
                        after: answered,
                        sent,
                        key,
                    }),
                }
            }
        }
        Some(fields)
    }

    /// Some servers want the name with every update.
    fn complete(&self, record: &mut Record, now: &Map<String, Json>) {
        let name = crate::model::CUSTOMER_NAME;
        if self.original.spec.api.update.requires_name
            && record.get(name).is_none()
            && let Some(Json::String(stored)) = now.get(name)
        {
            record.push(FieldKey::new(name), Value::Text(stored.clone()));
        }
    }

    /// Adds a customer again that the job deleted, with every field that can be written.
    fn add_again(&self, planned: &mut PlannedRow, images: &Images) {
        let before = images.before.as_ref();
        let stored: Option<Map<String, Json>> =
            before.and_then(|line| serde_json::from_str(line).ok());
        let Some(stored) = stored else {
            planned.status = Status::Invalid;
            planned.problems = vec![Problem::new(Code::NoImage)];
            return;
        };
        let schema = &self.original.spec.schema;
        let mut record = Record::default();
        for (key, value) in &stored {
            let field = schema.field(key);
            let is_writable =
                field.is_some_and(|field| !field.read_only && field.status == FieldStatus::Enabled);
            if is_writable && !SERVER_SET.contains(&key.as_str()) && !is_blank(value) {
                record.push(FieldKey::new(key), to_value(value, field));
            }
        }
        planned.customer = None;
        planned.status = Status::Pending;
        planned.action = Action::Add;
        planned.record = Some(lists::alone(&record));
        planned.before.clone_from(&images.before);
        // However often its job is taken back, it comes back once.
        planned.origin = Some(RowOrigin {
            job: self.original.spec.id.clone(),
            row: planned.number,
        });
    }
}

/// The first field that is not as a job left a customer.
pub(super) fn changed_since(
    after: &Map<String, Json>,
    now: &Map<String, Json>,
    id: &str,
    schema: &Schema,
) -> Option<Problem> {
    let keys: BTreeSet<&String> = after.keys().chain(now.keys()).collect();
    keys.into_iter()
        .filter(|key| !SERVER_SET.contains(&key.as_str()))
        .find_map(|key| {
            let of =
                |stored: &Map<String, Json>| stored.get(key.as_str()).cloned().unwrap_or_default();
            let (after, now) = (of(after), of(now));
            let field = schema.field(key);
            (!is_same(&after, &now)).then(|| {
                let label = field.map_or(key.as_str(), |field| field.label.as_str());
                Problem::new(Code::ChangedSinceAdd)
                    .with("id", id)
                    .with("field", label)
                    .with("written", text_of(field, &after))
                    .with("now", text_of(field, &now))
            })
        })
}

/// Whether two stored values are one; what is blank is blank in every form.
fn is_same(one: &Json, other: &Json) -> bool {
    one == other || (is_blank(one) && is_blank(other))
}

/// The job and the rows that a result sheet is of.
pub fn rows_of_result(path: &Path) -> Result<(JobId, RowsOfSheet), JobError> {
    let not_of_a_job = || {
        let problem = Problem::new(Code::NotOfAJob).with("path", path.to_string_lossy());
        JobError::Input(vec![problem])
    };
    let workbook = Workbook::open(path, &ReadOptions::default())?;
    super::sheets::refuse_unfit(&workbook, None)?;
    let mut jobs: BTreeMap<JobId, RowsOfSheet> = BTreeMap::new();
    for (index, sheet) in workbook.sheets().iter().enumerate() {
        if sheet.hidden || super::sheets::is_side(&sheet.name) {
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
