//! `ferry plan` and `ferry apply`: the two halves of an import, with a person between them.
//!
//! A plan is a job whose rows are decided and that nobody has said yes to. Applying it does what was decided and nothing
//! else: what has changed since is found by the guard (`guard.rs`) and left alone.

use std::path::PathBuf;
use std::time::Instant;

use super::apply::ApplyOptions;
use super::carry_out::carry_out;
use super::import::{
    GUARDED, IS_PLAN, ImportRequest, Planned, Preview, confirmed, decide, heal_ledger, held_back,
    plan_import, preview, timing_of,
};
use super::plan::Settling;
use super::report::{JobState, Report, report_of};
use super::{
    Context, End, JobError, JobSpec, ResultOptions, RunSettings, is_export, job_state, results,
    source, stem_of,
};
use crate::journal::{Effort, JobFolder, Journal, Ledger, StateFolder};
use crate::model::{Code, JobId, Monitor, Problem};

/// The journal's note on what a result sheet said of rows in doubt: it takes effect when the plan is applied.
const SETTLED: &str = "settled";

/// A plan that was made.
#[derive(Debug, Clone)]
pub struct PlanReport {
    /// What would happen.
    pub preview: Preview,
    /// How its rows stand, and where the sheet is.
    pub report: Report,
    /// The first changes.
    pub changes: Vec<results::ShownChange>,
    /// Rows that give their customer another owner.
    pub owner_changes: u64,
}

/// Decides every row of a file, and keeps that as a job.
pub fn plan_file(request: &ImportRequest, context: &Context) -> Result<PlanReport, JobError> {
    let began = Instant::now();
    let id = JobId::from_parts(&request.stamp, &stem_of(&request.source));
    let (folder, lock) = context.state.create_job(&id)?;
    let kept = plan_import(request, context, &folder).and_then(|planned| keep(planned, &folder));
    let (spec, mut journal) = match kept {
        Ok(kept) => kept,
        Err(error) => {
            // Nothing was sent, and the reason is what counts.
            let _ = folder.discard(lock);
            return Err(match error {
                // Errors name the file a person knows, not the copy.
                JobError::Table(error) => JobError::Table(error.about(&request.source)),
                other => other,
            });
        }
    };
    journal.set_effort(Effort {
        calls: context.monitor.calls(),
        elapsed: began.elapsed(),
    })?;
    journal.set_meta("state", JobState::Planned.as_str())?;
    let options = ResultOptions {
        output: request.output.clone(),
        lang: context.lang,
        ..ResultOptions::default()
    };
    report(&folder, &spec, &mut journal, &options, context)
}

/// What `apply` needs besides the rows. The name that was asked for is that of the preview, not of the result.
fn keep(planned: Planned, folder: &JobFolder) -> Result<(JobSpec, Journal), JobError> {
    let Planned {
        mut spec,
        mut journal,
        ledger: _,
        settled,
    } = planned;
    // A list of places and ids is always JSON.
    let text = serde_json::to_string(&settled).unwrap_or_default();
    journal.set_meta(SETTLED, &text)?;
    journal.set_meta(GUARDED, "1")?;
    journal.set_meta(IS_PLAN, "1")?;
    spec.output = None;
    spec.save(folder)?;
    Ok((spec, journal))
}

fn report(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &mut Journal,
    options: &ResultOptions,
    context: &Context,
) -> Result<PlanReport, JobError> {
    let monitor = context.monitor.as_ref();
    let written = results::write_plan(folder, spec, journal, options, monitor);
    match &written {
        Ok(sheet) => journal.set_meta("result", &sheet.path.to_string_lossy())?,
        Err(error) => monitor.notice(
            &Problem::new(Code::ResultUnwritable)
                .with(
                    "path",
                    results::wanted_plan_path(spec, context.lang).to_string_lossy(),
                )
                .with("detail", error.detail())
                .with("job", folder.id().as_str()),
        ),
    }
    let preview = preview(spec, journal, None, context)?;
    let mut report = report_of(folder, journal, "plan", End::Finished)?;
    report.held_back = held_back(journal, spec)?;
    let sheet = written.ok();
    report.result = sheet.as_ref().map(|sheet| sheet.path.clone());
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

/// The latest plan that nobody has applied.
pub fn planned_job(state: &StateFolder) -> Result<Option<JobFolder>, JobError> {
    for folder in state.jobs()?.into_iter().rev() {
        if !is_export(&folder)
            && let Ok(journal) = Journal::read(&folder)
            && job_state(&journal)? == JobState::Planned
        {
            return Ok(Some(folder));
        }
    }
    Ok(None)
}

/// How a plan is applied.
#[derive(Debug, Clone)]
pub struct ApplyRequest {
    /// Decide every row anew, from the copy of the file that the plan was made of.
    pub refresh: bool,
    /// Where the result sheet goes; beside the source when absent.
    pub output: Option<PathBuf>,
    /// How calls are made, for whoever goes on with the job.
    pub run: RunSettings,
}

/// Does what a plan decided. `confirm` sees what would happen and says whether it may.
pub fn apply_plan(
    folder: &JobFolder,
    options: &ApplyOptions,
    request: &ApplyRequest,
    context: &Context,
    confirm: &mut dyn FnMut(&Preview) -> Result<(), JobError>,
) -> Result<Report, JobError> {
    let began = Instant::now();
    let _lock = folder.lock()?;
    let mut spec = JobSpec::load(folder)?;
    let mut journal = Journal::open(folder)?;
    match job_state(&journal)? {
        JobState::Planned => {}
        JobState::Open => {
            return Err(JobError::Unfinished {
                job: folder.id().clone(),
            });
        }
        JobState::Finished => return Err(JobError::Finished(folder.id().clone())),
        // A refresh that was cut short is begun anew.
        JobState::Planning if request.refresh && journal.meta(IS_PLAN)?.is_some() => {}
        JobState::Planning => return Err(JobError::NotAPlan(folder.id().clone())),
    }
    source::verify(folder, &spec.source)?;
    heal_ledger(context, &spec.account.key)?;
    let ledger = Ledger::open(&context.state.ledger_path(), &spec.account.key, folder.id())?;
    let settled = if request.refresh {
        let workbook = source::open(folder, &spec.source)?;
        let how = (timing_of(options), options.concurrency);
        // Cut short, it is a plan without rows (`decide` says so): not one that says something else.
        let settled = decide(
            &spec,
            &workbook,
            folder,
            (&mut journal, &ledger),
            how,
            context,
        )?;
        let text = serde_json::to_string(&settled).unwrap_or_default();
        journal.set_meta(SETTLED, &text)?;
        journal.set_meta("state", JobState::Planned.as_str())?;
        settled
    } else {
        // What somebody has said of rows in doubt is never forgotten in silence.
        let text = journal.meta(SETTLED)?.unwrap_or_default();
        serde_json::from_str::<Vec<Settling>>(&text)
            .map_err(|_| journal.unknown_word(SETTLED, &text))?
    };
    if !held_back(&journal, &spec)? {
        if super::import::has_work(&journal)? {
            confirm(&preview(&spec, &journal, options.limit, context)?)?;
        }
        settled
            .iter()
            .try_for_each(|settling| settling.apply(&ledger, context))?;
    }
    if request.output.is_some() {
        spec.output.clone_from(&request.output);
    }
    spec.run = Some(request.run.clone());
    spec.save(folder)?;
    confirmed(&mut journal, &spec)?;
    journal.set_meta("state", JobState::Open.as_str())?;
    let options = ApplyOptions {
        again: spec.options.again,
        ..options.clone()
    };
    let planned = Planned {
        spec,
        journal,
        ledger,
        settled: Vec::new(),
    };
    let report = carry_out(folder, planned, &options, context, began)?;
    Ok(Report {
        command: "apply".to_owned(),
        ..report
    })
}
