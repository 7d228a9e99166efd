//! Carries out a plan that was made before, here or in a terminal.

use axum::extract::{Form, Path};
use axum::response::Response;

use super::asked::{find, require_free};
use super::consent::{Consent, ConsentScreen, OtherWay};
use super::resume::{require_end, writing};
use super::uploaded::own_place;
use crate::face::failure::Failure;
use crate::face::seen_job::{NextAct, SeenJob};
use crate::face::unmatched;
use crate::job::error::JobError;
use crate::job::spec::{JobSpec, is_export};
use crate::journal::JobFolder;
use crate::lang::{Lang, page};
use crate::model::Action;
use crate::page::error::PageError;
use crate::page::finished::tell_report;
use crate::page::job_run::{JobOwner, JobRun, settings_of};
use crate::page::links;
use crate::page::look::Look;
use crate::page::notices;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};
use crate::page::works::PageWork;
use crate::pipeline;
use crate::pipeline::plan::ApplyRequest;

/// Shows what the plan would do, and asks. A job that is no plan, or no longer, is shown.
pub(super) async fn ask(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let path = links::job(folder.id());
    let screen = visit.blocking(move |visit| screen(visit, &folder)).await?;
    match screen {
        Some(screen) => screen.answer(),
        None => Ok(see(&path)),
    }
}

fn screen(visit: &Visit, folder: &JobFolder) -> Result<Option<ConsentScreen>, Failure> {
    if !is_plan(visit, folder) {
        return Ok(None);
    }
    let (lang, spec) = (visit.lang, JobSpec::load(folder)?);
    let JobRun { settings, context } = JobRun::to_look(&visit.shared, lang, JobOwner::of(&spec))?;
    let options = settings.send_options(None, None);
    let preview = pipeline::preview_of(folder, &options, &context)?;
    let since = pipeline::since_plan(folder, &spec, &visit.shared.state)?;
    let path = links::job(folder.id());
    let mut screen = ConsentScreen {
        action: format!("{path}/apply"),
        sheet: Some(format!("{path}/file")),
        button: Some(page::say(lang, "apply-plan")),
        trial: preview.rows(Action::Add) + preview.rows(Action::Update),
        ..ConsentScreen::of(
            Look::of(visit, "apply-plan").of_account(visit, &spec.account),
            path.clone(),
            &preview,
            &settings,
        )
    };
    let note = |key, job: &str| page::fill(lang, key, &[("job", job)]);
    match (&since.of_file, &since.latest) {
        (Some(job), _) => {
            screen.notes.push(note("job-plan-outdated", job.as_str()));
            screen.button = None;
        }
        (None, Some(job)) => screen.notes.push(note("job-plan-not-latest", job.as_str())),
        (None, None) => {}
    }
    if preview.unmatched {
        let words = said::problem(&unmatched::problem(None), lang);
        screen
            .notes
            .push(format!("{} {}", words.message, words.tip));
    }
    screen.others.push(OtherWay {
        path: format!("{path}/refresh"),
        words: page::say(lang, "decide-again"),
        field: None,
    });
    Ok(Some(screen))
}

fn is_plan(visit: &Visit, folder: &JobFolder) -> bool {
    let is_free = visit.shared.works.on_job(folder.id()).is_none() && !is_export(folder);
    is_free && SeenJob::of(folder.clone()).next_step() == NextAct::Apply
}

/// Carries the plan out, or leads to the job where that was begun already.
pub(super) async fn apply(
    visit: Visit,
    Path(name): Path<String>,
    Form(consent): Form<Consent>,
) -> Result<Response, PageError> {
    let may = |visit: &Visit, folder: &JobFolder, consent: &Consent| {
        let spec = JobSpec::load(folder)?;
        consent.require_name(&settings_of(
            &visit.shared,
            visit.lang,
            JobOwner::of(&spec),
        )?)?;
        consent.limit()?;
        let since = pipeline::since_plan(folder, &spec, &visit.shared.state)?;
        // The screen says why, and offers to decide the rows again.
        Ok(since.of_file.is_none())
    };
    begin(visit, name, consent, "applying", may, carry_out).await
}

/// Decides the rows of the plan again, and shows what it would do then.
pub(super) async fn refresh(visit: Visit, Path(name): Path<String>) -> Result<Response, PageError> {
    let may = |_: &Visit, _: &JobFolder, _: &Consent| Ok(true);
    begin(
        visit,
        name,
        Consent::default(),
        "deciding-again",
        may,
        decide_again,
    )
    .await
}

type PlanStep = fn(&Shared, Lang, &JobFolder, &Consent, &PageWork) -> Result<String, Failure>;

async fn begin(
    visit: Visit,
    name: String,
    consent: Consent,
    key: &'static str,
    may: impl Fn(&Visit, &JobFolder, &Consent) -> Result<bool, Failure> + Send + 'static,
    step: PlanStep,
) -> Result<Response, PageError> {
    let folder = find(&visit, &name)?;
    let path = links::job(folder.id());
    let its = folder.clone();
    let ready = visit.blocking(move |visit| {
        if visit.shared.works.on_job(its.id()).is_some() {
            return Ok(None);
        }
        if let Err(busy) = require_free(&its) {
            // Another press was a moment earlier.
            let is_ours = visit.shared.works.on_job(its.id()).is_some();
            return if is_ours { Ok(None) } else { Err(busy) };
        }
        let is_meant = is_plan(visit, &its) && may(visit, &its, &consent)?;
        if !is_meant {
            return Ok(None);
        }
        Ok(Some((writing(&its, key)?, consent)))
    });
    let Some((order, consent)) = ready.await? else {
        return Ok(see(&path));
    };
    let (shared, lang) = (visit.shared.clone(), visit.lang);
    visit.shared.works.begin(order, move |work| {
        step(&shared, lang, &folder, &consent, work)
    });
    Ok(see(&path))
}

fn carry_out(
    shared: &Shared,
    lang: Lang,
    folder: &JobFolder,
    consent: &Consent,
    work: &PageWork,
) -> Result<String, Failure> {
    let spec = JobSpec::load(folder)?;
    let JobRun { settings, context } = JobRun::of_work(shared, lang, JobOwner::of(&spec), work)?;
    let request = ApplyRequest {
        refresh: false,
        output: own_place(shared, folder, &spec, spec.kind.command(), lang),
        run: settings.run_settings(spec.run.as_ref().is_some_and(|run| run.no_wait)),
    };
    let options = settings.send_options(consent.limit()?, None);
    let report = consent.agree(work, |ask| {
        pipeline::apply_plan(folder, &options, &request, &context, ask)
    })?;
    let report = report.map_err(Failure::from);
    tell_report(report.as_ref(), "apply", &settings, work);
    let report = report?;
    require_end(&report)?;
    Ok(links::job(folder.id()))
}

fn decide_again(
    shared: &Shared,
    lang: Lang,
    folder: &JobFolder,
    _: &Consent,
    work: &PageWork,
) -> Result<String, Failure> {
    let spec = JobSpec::load(folder)?;
    let JobRun { settings, context } = JobRun::of_work(shared, lang, JobOwner::of(&spec), work)?;
    let request = ApplyRequest {
        refresh: true,
        output: None,
        run: settings.run_settings(spec.run.as_ref().is_some_and(|run| run.no_wait)),
    };
    let options = settings.send_options(None, None);
    // Nobody has seen yet what would be done, so the answer is no: the decisions stay, and the person is asked.
    let mut decline = |_: &_| Err(JobError::Declined);
    let decided = pipeline::apply_plan(folder, &options, &request, &context, &mut decline);
    notices::keep_with(folder, work);
    match decided {
        Ok(_) | Err(JobError::Declined) => Ok(format!("{}/apply", links::job(folder.id()))),
        Err(error) => Err(error.into()),
    }
}
