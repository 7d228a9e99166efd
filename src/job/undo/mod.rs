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

mod judge;
mod original;
mod sheet;

use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Instant;

use judge::Judge;
pub(super) use judge::changed_since;
use original::{Original, close, has_written, is_in_doubt, is_wanted, settle_original};
pub use sheet::{RowsOfSheet, rows_of_result};

use super::apply::ApplyOptions;
use super::births::Births;
use super::carry_out::carry_out;
use super::import::{GUARD_CALLS, GUARDED, Planned, Preview, guard_calls, heal_ledger, preview};
use super::lookup::{Lookup, RowCounts, StoredCustomers};
use super::report::{JobState, LEFT_ALONE, Report, report_of};
use super::{
    Context, End, ImportOptions, JobError, JobSpec, ResultOptions, SPEC_VERSION, ShownChange,
    results, source,
};
use crate::crm::ApiSettings;
use crate::journal::{IS_UNDO, JobFolder, JobLock, Journal, JournalRow, Ledger, RowState};
use crate::model::{Action, Code, CustomerId, JobId, Monitor, Problem, Status, Task};

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
    /// How calls are made, for whoever goes on with the undo.
    pub run: super::RunSettings,
    /// Where the result sheet goes; beside the source when absent.
    pub output: Option<PathBuf>,
    /// When the undo began, as `yyyymmdd-hhmmss` in the job's zone.
    pub stamp: String,
    /// When it began, in Unix seconds.
    pub created: i64,
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
        let preview = Preview {
            abandons: original.unsent_rows(request)?,
            ..preview
        };
        if (preview.calls > 0 || preview.abandons > 0) && !request.dry_run {
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
    close(request, &original_lock, folder.id())?;
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
        run: Some(request.run.clone()),
        output: request.output.clone(),
        ..original.spec.clone()
    };
    results::require_fitting(&spec)?;
    let mut journal = Journal::create(folder, &spec.account.key)?;
    journal.set_meta("state", JobState::Planning.as_str())?;
    journal.set_meta(IS_UNDO, "1")?;
    spec.save(folder)?;
    let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    let parts = (&mut journal, &ledger, folder);
    let pages = decide(request, original, &spec, parts, context)?;
    if journal.counts()?.total() == 0 {
        return Err(JobError::NothingWritten(original.spec.id.clone()));
    }
    if !request.force {
        // Between now and its call somebody may work on a customer.
        let guard = guard_calls(&spec, &journal, pages)?;
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

/// Decides every row; returns how many calls a pass over the list takes, 0 where nobody has asked.
fn decide(
    request: &UndoRequest,
    original: &Original,
    spec: &JobSpec,
    (journal, ledger, folder): (&mut Journal, &Ledger, &JobFolder),
    context: &Context,
) -> Result<u64, JobError> {
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
        ledger,
        births: Births::new(&original.spec.timezone, context.server_clock.clone()),
        added_since: RefCell::default(),
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
    Ok(lookup.as_ref().map_or(0, Lookup::pages))
}
