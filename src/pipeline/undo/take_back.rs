//! Takes a job back, by a job of its own: an undo can be resumed.
//!
//! 1. Lock the job that is taken back, and settle its rows (`original.rs`).
//! 2. Make the undo's folder. The copy of the source comes along, so the undo's result sheet shows the same rows.
//! 3. Read every customer that the job wrote as it is now, by the list where that takes fewer calls.
//! 4. Decide three-way (`judge.rs`): what was stored before, what the job wrote and the CRM answered, what is stored
//!    now. A customer that the job added is deleted, unless one of its fields was changed since. A field that the job
//!    changed gets its old value back, where it still holds what the job wrote. A customer that the job deleted is
//!    added again, as a new customer.
//! 5. Ask, close the job that is taken back, send, and write the result sheet.
//!
//! Changes that somebody has made since are left alone and said. Rows of one customer are taken back together, with the
//! first of them.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::open_job::{JobHold, OpenJob};
use crate::job::request::JobRequest;
use crate::job::spec::{ImportOptions, JobSpec, SPEC_VERSION};
use crate::journal::{Images, JournalRow, Note, RowCursor, RowSet, RowState};
use crate::lookup::customers::{Lookup, RowCounts};
use crate::model::{Action, Code, CustomerId, JobKind, Monitor, Problem, RowNumber, Status, Task};
use crate::pipeline::undo::judge::UndoJudge;
use crate::pipeline::undo::original::{Original, has_written, is_in_doubt, is_wanted};
use crate::pipeline::undo::successor::{Successor, Successors};
use crate::plan::preview::{Confirm, Preview, guard_calls, preview};
use crate::results::result as results;
use crate::results::result::require_fitting;
use crate::send::run as send;
use crate::source::copy;
use crate::stored::birth::Births;
use crate::stored::found::{Found, StoredCustomers};

pub(crate) use crate::pipeline::rehearsal::{RemovalReport, rehearse};
pub(crate) use crate::pipeline::undo::request::UndoRequest;

/// Takes a job back. `confirm` is shown what would happen, and ends the command by an error. A dry run takes nothing
/// back and keeps no job.
pub fn undo(
    request: &UndoRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<RemovalReport, JobError> {
    // The lock is held to the end, so that nobody resumes a job while it is taken back.
    let mut original = Original::open(request, context)?;
    let mut job = plan(request, &original, context)?;
    job.count_from(&original.job);
    let preview = Preview {
        abandons: original.unsent_rows(request)?,
        ..preview(&job.spec, &job.journal, None, context)?
    };
    if request.dry_run {
        return rehearse(job, preview, context);
    }
    let deletes = preview.rows(Action::Delete);
    if deletes > request.most {
        let problem = Problem::new(Code::TooManyDeletes)
            .with("count", deletes.to_string())
            .with("limit", request.most.to_string());
        return Err(JobError::Usage(problem));
    }
    if preview.calls > 0 || preview.abandons > 0 {
        confirm(&preview)?;
    }
    job.keep();
    // The job is closed before the first call: whatever becomes of the undo, nobody sends the job's pending rows.
    original.close(request, &job.spec.id)?;
    job.open_for_sending()?;
    let ended = send::run(job, &request.send, context)?;
    Ok(RemovalReport::done(results::answer(ended, context)?))
}

fn plan(
    request: &UndoRequest,
    original: &Original,
    context: &Context,
) -> Result<OpenJob, JobError> {
    let its = &original.job.spec;
    let id = request.job.job_id(&format!("undo-{}", its.stem()));
    let hold = JobHold::begin(&id, context)?;
    copy::verify(original.job.folder(), &its.source)?;
    copy::take_over(original.job.folder(), &its.source, hold.folder())?;
    let JobRequest {
        api,
        run,
        output,
        created,
        ..
    } = request.job.clone();
    let spec = JobSpec {
        version: SPEC_VERSION,
        id: hold.folder().id().clone(),
        kind: JobKind::Undo { of: its.id.clone() },
        created,
        options: ImportOptions {
            // A deleted customer is added again although other jobs have added equal rows.
            again: true,
            ..ImportOptions::default()
        },
        api,
        run: Some(run),
        output,
        ..its.clone()
    };
    require_fitting(&spec)?;
    let mut job = OpenJob::begin(hold, spec, context)?;
    job.journal.note(Note::Undo)?;
    let pages = decide_rows(request, original, &mut job, context)?;
    if job.journal.counts()?.total() == 0 {
        return Err(JobError::NothingWritten(its.id.clone()));
    }
    if !request.force {
        // Until its call leaves, somebody may work on a customer.
        let guard_calls = guard_calls(&job.spec, &job.journal, pages)?;
        job.journal.note(Note::GuardCalls(guard_calls))?;
        job.journal.note(Note::Guarded)?;
    }
    Ok(job)
}

/// Decides every row. Returns how many calls a pass over the list takes, 0 where that is not known.
fn decide_rows(
    request: &UndoRequest,
    original: &Original,
    job: &mut OpenJob,
    context: &Context,
) -> Result<u64, JobError> {
    let OpenJob {
        spec,
        journal,
        ledger,
        hold,
        ..
    } = job;
    let spec = &*spec;
    let counts = original.job.journal.counts()?;
    let done = |action| counts.sum(|state, its| state == RowState::At(Status::Ok) && its == action);
    let all = done(Action::Add) + done(Action::Update) + done(Action::Restore);
    let wanted = RowCounts {
        with_id: request
            .rows
            .as_ref()
            .map_or(all, |rows| all.min(rows.len())),
        ..RowCounts::default()
    };
    let concurrency = request.send.concurrency;
    let mut lookup = Lookup::for_rows(spec, wanted, hold.folder().path(), concurrency, context)?;
    let judge = UndoJudge {
        original,
        force: request.force,
        ledger,
        births: Births::new(&original.job.spec.timezone, context.server_clock.clone()),
        owners: &context.owners,
        added_since: RefCell::default(),
    };
    context
        .monitor
        .start_task(Task::Check, Some(counts.total()));
    let mut successors = Successors::new(judge.ledger, &context.state);
    let mut left_alone = 0;
    let mut all = RowCursor::over(RowSet::All);
    while let Some(rows) = all.next_batch(&original.job.journal)? {
        if context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let read = rows.len() as u64;
        let WrittenRows {
            rows: written,
            in_place,
            ids,
        } = WrittenRows::of(rows, request, original, &mut successors)?;
        if lookup.is_none() && !ids.is_empty() {
            let counts = RowCounts {
                with_id: ids.len() as u64,
                ..RowCounts::default()
            };
            lookup = Lookup::for_rows(spec, counts, hold.folder().path(), concurrency, context)?;
        }
        let stored = match &mut lookup {
            Some(lookup) => lookup.find_ids(ids)?,
            None => StoredCustomers::new(),
        };
        let mut decided = Vec::with_capacity(written.len());
        for (row, images) in &written {
            let own = row.customer.as_ref().and_then(|id| stored.get(id));
            let planned = match (in_place.get(&row.number), own) {
                (Some(successor), Some(Found::Gone) | None) => {
                    judge.decide_successor(row, images, successor, &stored)?
                }
                _ => judge.decide(row, images, &stored)?,
            };
            left_alone +=
                u64::from(planned.status == Status::Pending && !planned.problems.is_empty());
            decided.push(planned);
        }
        journal.plan(&decided)?;
        context.monitor.advance(Task::Check, read);
    }
    context.monitor.finish_task(Task::Check);
    journal.note(Note::LeftAlone(left_alone))?;
    Ok(lookup.as_ref().map_or(0, Lookup::pages))
}

/// The rows of a batch by which the job has written, or may have.
struct WrittenRows {
    rows: Vec<(JournalRow, Images)>,
    /// The customers that stand in the place of those that the job had added, where a delete was taken back.
    in_place: HashMap<RowNumber, Successor>,
    /// Whom to look up.
    ids: Vec<CustomerId>,
}

impl WrittenRows {
    fn of(
        batch: Vec<JournalRow>,
        request: &UndoRequest,
        original: &Original,
        successors: &mut Successors<'_>,
    ) -> Result<Self, JobError> {
        let mut written = Self {
            rows: Vec::new(),
            in_place: HashMap::new(),
            ids: Vec::new(),
        };
        for row in batch {
            if !is_wanted(request, &original.job.spec, row.number) {
                continue;
            }
            let images = original.job.journal.images(row.number)?;
            if !has_written(&row, &images) && !is_in_doubt(&row) {
                continue;
            }
            // A customer that was surely deleted need not be looked up.
            let is_gone = row.action == Action::Delete && row.state == RowState::At(Status::Ok);
            let own = row.customer.clone().filter(|_| !is_gone);
            let successor = successors.find(&row)?;
            written.ids.extend(match &successor {
                Some(Successor::Known(known)) => Some(known.id.clone()),
                _ => own,
            });
            let successor = successor.map(|successor| (row.number, successor));
            written.in_place.extend(successor);
            written.rows.push((row, images));
        }
        Ok(written)
    }
}
