//! Goes on with a job, and pauses it.

use axum::extract::{Form, Path};
use axum::response::Response;

use super::asked::{find, require_free};
use super::consent::{Consent, ConsentScreen};
use crate::export::run::{export_state, resume_export};
use crate::face::failure::{Failure, call_problem};
use crate::face::report_words::why_stopped;
use crate::face::seen_job::{NextAct, SeenJob};
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::report::Report;
use crate::job::spec::{JobSpec, is_export};
use crate::journal::JobFolder;
use crate::lang::{Lang, page};
use crate::model::Problem;
use crate::page::error::PageError;
use crate::page::finished::{tell_export, tell_report};
use crate::page::job_run::{JobOwner, JobRun, settings_of};
use crate::page::links;
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline;

/// Asks before a job goes on that nobody has confirmed yet. Any other job is shown.
pub(super) async fn ask(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let path = links::job(folder.id());
    let screen = visit
        .blocking(move |visit| unconfirmed(visit, &folder))
        .await?;
    match screen {
        Some(screen) => screen.answer(),
        None => Ok(see(&path)),
    }
}

fn unconfirmed(visit: &Visit, folder: &JobFolder) -> Result<Option<ConsentScreen>, Failure> {
    if is_export(folder) || folder.is_locked() {
        return Ok(None);
    }
    let spec = JobSpec::load(folder)?;
    let JobRun { settings, context } =
        JobRun::to_look(&visit.shared, visit.lang, JobOwner::of(&spec))?;
    let options = settings.send_options(None, None);
    let preview = pipeline::unconfirmed(folder, &options, &context)?;
    Ok(preview.map(|preview| {
        let path = links::job(folder.id());
        ConsentScreen {
            action: format!("{path}/resume"),
            button: Some(page::say(visit.lang, "go-on")),
            ..ConsentScreen::of(
                Look::of(visit, "go-on").of_account(visit, &spec.account),
                path,
                &preview,
                &settings,
            )
        }
    }))
}

/// Goes on with a job, or leads to it where it goes on already or has nothing left to do.
pub(super) async fn go_on(
    visit: Visit,
    Path(name): Path<String>,
    Form(consent): Form<Consent>,
) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let path = links::job(folder.id());
    let its = folder.clone();
    let task = move |visit: &Visit| {
        if !may_go_on(visit, its.clone(), &consent)? {
            return Ok(None);
        }
        Ok(Some((writing(&its, "going-on-with")?, consent)))
    };
    if let Some((order, consent)) = visit.blocking(task).await? {
        let (shared, lang) = (visit.shared.clone(), visit.lang);
        visit.shared.works.begin(order, move |work| {
            shared.findings.forget(folder.id().as_str());
            run(&shared, lang, &folder, &consent, work)?;
            Ok(links::job(folder.id()))
        });
    }
    Ok(see(&path))
}

/// Returns whether there is something to go on with, and nobody is at it.
fn may_go_on(visit: &Visit, folder: JobFolder, consent: &Consent) -> Result<bool, Failure> {
    if visit.shared.works.on_job(folder.id()).is_some() {
        return Ok(false);
    }
    require_free(&folder)?;
    let seen = SeenJob::of(folder);
    if seen.next_step() != NextAct::Resume {
        return Ok(false);
    }
    if let Some(spec) = &seen.spec
        && crate::journal::Journal::read(&seen.folder)?
            .notes()?
            .is_unconfirmed
    {
        consent.require_name(&settings_of(&visit.shared, visit.lang, JobOwner::of(spec))?)?;
    }
    Ok(true)
}

fn run(
    shared: &Shared,
    lang: Lang,
    folder: &JobFolder,
    consent: &Consent,
    work: &PageWork,
) -> Result<(), Failure> {
    if is_export(folder) {
        return go_on_exporting(shared, lang, folder, work);
    }
    let spec = JobSpec::load(folder)?;
    let JobRun { settings, context } = JobRun::of_work(shared, lang, JobOwner::of(&spec), work)?;
    let options = settings.send_options(None, None);
    if let Some(preview) = pipeline::unconfirmed(folder, &options, &context)? {
        consent.agree(work, |ask| ask(&preview))??;
    }
    let report = pipeline::resume(folder, &options, &context);
    // Another process was faster.
    if let Err(JobError::Finished(_)) = report {
        return Ok(());
    }
    let report = report.map_err(Failure::from);
    tell_report(report.as_ref(), spec.kind.command(), &settings, work);
    require_end(&report?)
}

fn go_on_exporting(
    shared: &Shared,
    lang: Lang,
    folder: &JobFolder,
    work: &PageWork,
) -> Result<(), Failure> {
    let export = export_state(folder)?;
    let owner = JobOwner {
        account: &export.account,
        run: export.run.as_ref(),
    };
    let JobRun { settings, context } = JobRun::of_work(shared, lang, owner, work)?;
    let report = resume_export(folder, settings.endpoint.concurrency, &context);
    if let Err(JobError::Finished(_)) = report {
        return Ok(());
    }
    let report = report.map_err(Failure::from);
    tell_export(report.as_ref(), &settings, work);
    let report = report?;
    match why_ended(&report.end) {
        Some(problem) => Err(Failure::of(report.exit_code(), &problem)),
        None => Ok(()),
    }
}

/// Returns why an export did not finish, unless a person stopped it.
fn why_ended(end: &End) -> Option<Problem> {
    match end {
        End::Unreachable(error) | End::Refused(error) => Some(call_problem(error)),
        _ => None,
    }
}

/// Fails with the reason why a job has stopped by itself.
pub(super) fn require_end(report: &Report) -> Result<(), Failure> {
    match why_stopped(report) {
        Some(problem) => Err(Failure::of(report.exit_code(), &problem)),
        None => Ok(()),
    }
}

/// Returns the order of something that is read for a job.
pub(super) fn order(folder: &JobFolder, key: &str) -> WorkOrder {
    let id = folder.id();
    WorkOrder {
        title: page::text(key, &[("job", id.as_str())]),
        back: links::job(id),
        writes: None,
        job: Some(id.clone()),
        about: None,
    }
}

/// Returns the order of something that writes for a job, in the job's account.
pub(super) fn writing(folder: &JobFolder, key: &str) -> Result<WorkOrder, Failure> {
    let account = if is_export(folder) {
        export_state(folder)?.account
    } else {
        JobSpec::load(folder)?.account
    };
    Ok(WorkOrder {
        writes: Some(account.key),
        ..order(folder, key)
    })
}

/// Stops this page's work on a job, resumably.
pub(super) async fn pause(visit: Visit, Path(name): Path<String>) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    match visit.shared.works.on_job(folder.id()) {
        Some(work) => work.stop.request(),
        None => visit.blocking(move |_| require_free(&folder)).await?,
    }
    Ok(see(visit.path.trim_end_matches("/pause")))
}
