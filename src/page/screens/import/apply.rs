//! *Do it*: the plan of a draft is carried out, once.
//!
//! The state of the job decides. A second press, in this tab or another, finds the job begun and shows it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::post;

use super::step::{Posted, draft_of};
use crate::face::failure::{Failure, exit};
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JobStatus, Journal};
use crate::lang::{Lang, Text, page, sheets};
use crate::model::JobId;
use crate::page::imports::{DraftStep, ImportDraft};
use crate::page::links;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::{ApplyRequest, apply_plan, since_plan};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/import/{id}/apply", post(apply))
}

/// What is carried out.
struct Order {
    folder: JobFolder,
    stem: String,
    /// The most rows that are sent; `None` for all.
    limit: Option<u64>,
}

/// What a press comes to.
enum Press {
    /// The job is to be begun.
    Begin(Order),
    /// It was begun before.
    Begun(JobId),
}

async fn apply(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let back = draft.screen(DraftStep::Preview);
    let Some(job) = draft.facts.job.clone() else {
        return Ok(see(&back));
    };
    if let Some(work) = visit.shared.works.on_job(&job) {
        return Ok(see(&format!("/work/{}", work.number)));
    }
    let posted = Posted::of(pairs);
    let pressed = visit.blocking(move |visit| press(visit, &draft, &posted));
    let order = match pressed.await? {
        Press::Begin(order) => order,
        Press::Begun(job) => return Ok(see(&links::job(&job))),
    };
    let title = |lang| page::fill(lang, "importing", &[("name", &order.stem)]);
    let work = WorkOrder {
        title: Text::new(title(Lang::En), title(Lang::Zh)),
        back,
        writes: true,
        job: Some(job),
    };
    let its = visit.clone();
    Ok(visit.begin(work, move |work| run(&its, &order, work)))
}

fn press(visit: &Visit, draft: &ImportDraft, posted: &Posted) -> Result<Press, Failure> {
    let state = &visit.shared.state;
    let Some(job) = &draft.facts.job else {
        return Err(JobError::Declined.into());
    };
    let folder = state.job(job)?;
    let status = Journal::read(&folder)?.status()?;
    if status != JobStatus::Planned || folder.is_locked() {
        return Ok(Press::Begun(job.clone()));
    }
    let settings = visit.shared.settings()?;
    let spec = JobSpec::load(&folder)?;
    if spec.account.key != settings.account.key {
        return Err(said("other-account", &[]));
    }
    if let Some(since) = since_plan(&folder, &spec, state)?.of_file {
        return Err(said("plan-outdated", &[("job", since.as_str())]));
    }
    if let (true, Some(profile)) = (settings.protected, &settings.account.profile) {
        let typed = posted.filled("profile").unwrap_or_default();
        if !typed.eq_ignore_ascii_case(profile) {
            return Err(said("profile-not-typed", &[("profile", profile)]));
        }
    }
    let limit = match posted.filled("limit") {
        None => None,
        Some(text) => match text.parse::<u64>() {
            Ok(limit) if limit > 0 => Some(limit),
            _ => return Err(said("bad-limit", &[])),
        },
    };
    Ok(Press::Begin(Order {
        folder,
        stem: spec.stem(),
        limit,
    }))
}

fn said(key: &str, facts: &[(&str, &str)]) -> Failure {
    let text = |lang| page::fill(lang, key, facts);
    let message = Text::new(text(Lang::En), text(Lang::Zh));
    Failure::said(exit::USAGE, (message, Text::default()))
}

fn run(visit: &Visit, order: &Order, work: &PageWork) -> Result<String, Failure> {
    let settings = visit.shared.settings()?;
    let mut context = settings.context(false, work.monitor.clone(), &work.stop)?;
    context.lang = visit.lang;
    work.monitor.show_pace(&settings.rates.to_string());
    let id = order.folder.id();
    let what = sheets::kind_of_sheet("import", visit.lang);
    let request = ApplyRequest {
        refresh: false,
        // The sheet stays with its job: drafts come and go.
        output: Some(order.folder.file(&format!("{}_{what}.xlsx", order.stem))),
        run: settings.run_settings(false),
    };
    let options = settings.send_options(order.limit, None);
    // The person has confirmed what the preview says. What has changed in the CRM since, the guard leaves alone.
    let confirm = &mut |_: &crate::plan::preview::Preview| Ok(());
    match apply_plan(&order.folder, &options, &request, &context, confirm) {
        // A second press that came at the same moment finds what the first has done.
        Ok(_) | Err(JobError::Finished(_) | JobError::Unfinished { .. }) => Ok(links::job(id)),
        Err(error) => Err(error.into()),
    }
}
