//! The screen of a job.

use askama::Template;
use axum::extract::{Path, Query};

use super::asked::find;
use super::facts::JobFact;
use super::next::{JobButton, MainStep};
use super::piece::{JobPiece, standing};
use super::rows::{RowsQuery, RowsReader, RowsView};
use super::{facts, next};
use crate::export::run::export_state;
use crate::face::failure::{ErrorWords, Failure};
use crate::face::job_line;
use crate::face::seen_job::SeenJob;
use crate::job::spec::is_export;
use crate::journal::{JobFolder, Journal, Notes};
use crate::lang::say;
use crate::lang::say::jobs::JobStanding;
use crate::model::{Code, Saying};
use crate::page::links;
use crate::page::look::Look;
use crate::page::notices;
use crate::page::said;
use crate::page::visit::{PageResult, Visit, html};

#[derive(Template)]
#[template(path = "page/job.html")]
struct JobScreen {
    look: Look,
    path: String,
    /// Why the last work on the job has failed, or why the job cannot be read.
    errors: Vec<ErrorWords>,
    piece: JobPiece,
    /// What this page's works on the job have said.
    notices: Vec<ErrorWords>,
    is_live: bool,
    next: MainStep,
    others: Vec<JobButton>,
    facts: Vec<JobFact>,
    rows: Option<RowsView>,
}

pub(super) async fn show(
    visit: Visit,
    Path(name): Path<String>,
    Query(query): Query<RowsQuery>,
) -> PageResult {
    let folder = find(&visit, &name)?;
    let screen = visit.blocking(move |visit| screen(visit, folder, query));
    html(&screen.await?)
}

fn screen(visit: &Visit, folder: JobFolder, query: RowsQuery) -> Result<JobScreen, Failure> {
    let lang = visit.lang;
    // Asked before the job is looked at: a work that ends meanwhile has the screen loaded once more.
    let is_ours = visit.shared.works.on_job(folder.id()).is_some();
    let seen = SeenJob::of(folder);
    let id = seen.folder.id();
    let journal = seen.spec.as_ref().map(|_| Journal::read(&seen.folder));
    let journal = journal.transpose();
    let mut errors = Vec::new();
    if seen.state == JobStanding::Damaged {
        errors = said::failure(&damaged(&seen, &journal), lang);
    } else if let Some(failure) = visit.shared.works.failure_on(id) {
        errors = said::failure(&failure, lang);
    }
    let (failed, notices): (Vec<_>, Vec<_>) = notices::of_job(&seen.folder)
        .into_iter()
        .partition(|notice| notice.code == Code::FinishFailed);
    if !is_ours {
        errors.extend(notices::in_words(&failed, lang));
    }
    let journal = journal.ok().flatten();
    let notes = journal.as_ref().map(Journal::notes).transpose()?;
    let notes: Notes = notes.unwrap_or_default();
    let rows = match (&seen.spec, &journal) {
        (Some(spec), Some(journal)) => {
            let settings = visit.shared.accounts.settings_of(&spec.account);
            let owners = settings.map(|its| its.owner_names()).unwrap_or_default();
            let reader = RowsReader {
                spec,
                journal,
                is_plan: seen.state == JobStanding::Planned,
                is_running: seen.state == JobStanding::Running,
                owners: &owners,
                lang,
            };
            Some(RowsView::of(&reader, query)?)
        }
        _ => None,
    };
    let title = match &seen.spec {
        Some(spec) => job_line::act(spec, standing(visit, &seen) == JobStanding::Planned, lang),
        None => seen.in_words(lang),
    };
    let title = if title.is_empty() {
        id.to_string()
    } else {
        title
    };
    let next = next::main(&seen, &notes, is_ours, lang);
    Ok(JobScreen {
        look: Look {
            title,
            ..look_of(visit, &seen, "job")
        },
        path: links::job(id),
        errors,
        piece: JobPiece::of(visit, &seen, &mut None),
        // While a work goes on, they stand in the part that moves.
        notices: if is_ours {
            Vec::new()
        } else {
            notices::in_words(&notices, lang)
        },
        is_live: is_ours || seen.state == JobStanding::Running,
        next,
        others: next::others(&seen, &notes, is_ours, lang),
        facts: facts::of(&seen, &notes, visit.shared.state.root(), lang),
        rows,
    })
}

/// Returns the surroundings of a screen of a job: those of its account.
pub(super) fn look_of(visit: &Visit, seen: &SeenJob, title: &str) -> Look {
    let look = Look::of(visit, title);
    let of_export = || seen.export.as_ref().map(|export| &export.account);
    let account = seen.spec.as_ref().map(|spec| &spec.account);
    match account.or_else(of_export) {
        Some(account) => look.of_account(visit, account),
        None => look,
    }
}

fn damaged(
    seen: &SeenJob,
    journal: &Result<Option<Journal>, crate::journal::JournalError>,
) -> Failure {
    let of_export = || export_state(&seen.folder).err().map(|error| error.detail());
    let detail = match journal {
        Err(error) => error.detail(),
        Ok(_) if is_export(&seen.folder) => of_export().unwrap_or(Saying::JobFileUnreadable.into()),
        Ok(_) => Saying::JobFileUnreadable.into(),
    };
    let why = say::usage::in_both(&detail);
    let words = say::jobs::damaged(seen.folder.id().as_str(), &why);
    Failure::said(crate::face::failure::exit::LOCAL, words)
}
