//! `ferry plan` and `ferry apply`: the two halves of an import, with a person between them.
//!
//! A plan is a job whose rows are decided and that nobody has confirmed. Applying the plan does what was decided and
//! nothing else. What has changed in the CRM since is found by the guard (`send/guard.rs`) and left alone.

use std::path::PathBuf;

use crate::job::context::Context;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::open_job::OpenJob;
use crate::job::options::SendOptions;
use crate::job::report::{Report, last_written, report_of};
use crate::job::run_settings::RunSettings;
use crate::job::spec::{JobSpec, is_export};
use crate::journal::{JobFolder, JobStatus, Journal, Note, StateFolder};
use crate::model::{Code, JobId, Monitor, Problem};
use crate::plan;
use crate::plan::earlier::DoubtResolution;
use crate::plan::import::{ImportRequest, Plan};
use crate::plan::preview::{Confirm, Preview, preview};
use crate::results::changes::ShownChange;
use crate::results::place::wanted_plan_path;
use crate::results::preview::write_plan;
use crate::results::result as results;
use crate::results::result::ResultOptions;
use crate::send::run as send;
use crate::source::copy;

/// A plan that was made.
#[derive(Debug, Clone)]
pub struct PlanReport {
    /// What applying the plan would do.
    pub preview: Preview,
    /// How the plan's rows stand, and where its preview is.
    pub report: Report,
    /// The first fields that would change.
    pub changes: Vec<ShownChange>,
    /// How many rows give their customer another owner.
    pub owner_changes: u64,
}

/// Decides every row of a file, keeps the decisions as a job, and writes their preview. Nothing is sent.
pub fn plan_file(request: &ImportRequest, context: &Context) -> Result<PlanReport, JobError> {
    let plan = plan::import::import(request, context)?;
    let mut job = keep(plan, context)?;
    let options = ResultOptions {
        output: request.job.output.clone(),
        lang: context.lang,
        hints: context.hints.clone(),
        owners: context.owners.clone(),
        ..ResultOptions::default()
    };
    report(&mut job, &options, context)
}

/// Keeps the job, with what `apply` needs besides its rows. The path that was asked for is that of the preview, so the
/// result sheet has none yet.
fn keep(plan: Plan, context: &Context) -> Result<OpenJob, JobError> {
    let Plan {
        mut job, settled, ..
    } = plan;
    job.journal
        .note(Note::Settled(&resolutions_text(&settled)))?;
    job.journal.note(Note::Guarded)?;
    job.journal.note(Note::Plan)?;
    job.journal.note(Note::DecidedAt(now_ms()))?;
    job.spec.output = None;
    job.spec.save(job.folder())?;
    let effort = job.effort_counter(context)?.now();
    job.journal.set_effort(effort)?;
    job.journal.set_status(JobStatus::Planned)?;
    job.keep();
    Ok(job)
}

fn resolutions_text(settled: &[DoubtResolution]) -> String {
    // Cannot fail: a list of places and ids is JSON.
    serde_json::to_string(settled).unwrap_or_default()
}

fn report(
    job: &mut OpenJob,
    options: &ResultOptions,
    context: &Context,
) -> Result<PlanReport, JobError> {
    let monitor = context.monitor.as_ref();
    let folder = job.folder().clone();
    let written = write_plan(&folder, &job.spec, &job.journal, options, monitor);
    match &written {
        Ok(sheet) => job.journal.note(Note::Result(&sheet.path))?,
        Err(error) => monitor.notice(
            &Problem::new(Code::ResultUnwritable)
                .with(
                    "path",
                    wanted_plan_path(&job.spec, context.lang).to_string_lossy(),
                )
                .with("detail", error.detail())
                .with("job", folder.id().as_str()),
        ),
    }
    let preview = preview(&job.spec, &job.journal, None, context)?;
    let report = report_of(&folder, &job.journal, &job.spec.kind, End::Finished)?;
    let mut report = report.with_examples(&job.journal)?;
    let sheet = written.ok();
    if let Some(sheet) = &sheet {
        sheet.name(&mut report.examples.shown);
    }
    let report = Report {
        command: "plan",
        held_back: job.is_held_back()?,
        result: sheet.as_ref().map(|sheet| sheet.path.clone()),
        ..report
    };
    let (changes, owner_changes) = sheet
        .map(|sheet| (sheet.changes, sheet.owner_changes))
        .unwrap_or_default();
    Ok(PlanReport {
        preview,
        report,
        changes,
        owner_changes,
    })
}

/// Returns the latest plan that was not applied; `None` if there is none.
pub fn planned_job(state: &StateFolder) -> Result<Option<JobFolder>, JobError> {
    for folder in state.jobs()?.into_iter().rev() {
        if !is_export(&folder)
            && let Ok(journal) = Journal::read(&folder)
            && journal.status()? == JobStatus::Planned
        {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// What jobs have written since a plan was made.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SincePlan {
    /// The latest job that has written anything.
    pub latest: Option<JobId>,
    /// The latest job that has written rows of the plan's file, in its account.
    pub of_file: Option<JobId>,
}

/// Returns what has been written since a plan was made. For a job that is no plan that is nothing.
pub fn since_plan(
    plan: &JobFolder,
    spec: &JobSpec,
    state: &StateFolder,
) -> Result<SincePlan, JobError> {
    let journal = Journal::read(plan)?;
    let mut since = SincePlan::default();
    if journal.status()? != JobStatus::Planned {
        return Ok(since);
    }
    // A plan of an older ferry knows only the second in which it began.
    let began = u64::try_from(spec.created + 1).unwrap_or(0) * 1000;
    let decided = journal.notes()?.decided_at.unwrap_or(began);
    for job in state.jobs()? {
        if job.id() == plan.id() || is_export(&job) {
            continue;
        }
        // A job that cannot be read is passed over here: what it wrote, the guard finds.
        let last = last_written(&job).ok().flatten();
        if last.is_none_or(|last| u64::try_from(last).is_ok_and(|last| last <= decided)) {
            continue;
        }
        let is_of_file = JobSpec::load(&job).is_ok_and(|its| {
            its.account.key == spec.account.key && its.source.is_same_file(&spec.source)
        });
        if is_of_file {
            since.of_file = Some(job.id().clone());
        }
        since.latest = Some(job.id().clone());
    }
    Ok(since)
}

fn now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// How a plan is to be applied: the request of `ferry apply`.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// Whether every row is decided anew, from the copy of the file that the plan was made of.
    pub refresh: bool,
    /// Where the result sheet goes; `None` for a fresh name beside the source.
    pub output: Option<PathBuf>,
    /// How calls are made, kept for a later `resume`.
    pub run: RunSettings,
}

/// Does what a plan decided. `confirm` is shown what would happen, and ends the command by an error. Fails when the job
/// is no plan, or was applied already.
pub fn apply_plan(
    folder: &JobFolder,
    options: &SendOptions,
    request: &ApplyRequest,
    context: &Context,
    confirm: Confirm<'_>,
) -> Result<Report, JobError> {
    let mut job = OpenJob::open(folder, context)?;
    match job.journal.status()? {
        JobStatus::Planned => {}
        JobStatus::Open => {
            return Err(JobError::Unfinished {
                job: folder.id().clone(),
            });
        }
        JobStatus::Finished => return Err(JobError::Finished(folder.id().clone())),
        // A refresh that was cut short can only be refreshed again.
        JobStatus::Planning if request.refresh && job.journal.notes()?.is_plan => {}
        JobStatus::Planning => return Err(JobError::NotAPlan(folder.id().clone())),
    }
    copy::verify(folder, &job.spec.source)?;
    let settled = if request.refresh {
        refresh(&mut job, options, context)?
    } else {
        settled_of(&job.journal)?
    };
    let mut plan = Plan {
        job,
        settled,
        has_too_many_errors: false,
    };
    if plan.may_send()? {
        confirm(&plan.preview(options.limit, context)?)?;
    }
    if request.output.is_some() {
        plan.job.spec.output.clone_from(&request.output);
    }
    plan.job.spec.run = Some(request.run.clone());
    let job = plan.confirm(context)?;
    let ended = send::run(job, options, context)?;
    Ok(Report {
        command: "apply",
        ..results::answer(ended, context)?
    })
}

/// Decides every row anew. A refresh that is cut short leaves the status *planning*, so that its rows cannot be
/// applied.
fn refresh(
    job: &mut OpenJob,
    options: &SendOptions,
    context: &Context,
) -> Result<Vec<DoubtResolution>, JobError> {
    let workbook = copy::open(job.folder(), &job.spec.source)?;
    let settled = plan::import::decide_rows(job, &workbook, options, context)?;
    job.journal
        .note(Note::Settled(&resolutions_text(&settled)))?;
    job.journal.note(Note::DecidedAt(now_ms()))?;
    job.journal.set_status(JobStatus::Planned)?;
    Ok(settled)
}

/// Reads what a person has written about rows in doubt when the plan was made. A note that cannot be read is an error.
fn settled_of(journal: &Journal) -> Result<Vec<DoubtResolution>, JobError> {
    let text = journal.notes()?.settled.unwrap_or_default();
    let settled = serde_json::from_str(&text);
    settled.map_err(|_| journal.unknown_word("settled", &text).into())
}
