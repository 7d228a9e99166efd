//! The screens of a job, whoever has started it: here or in a terminal.
//!
//! A job's folder is the truth. A work of this page makes it live; where another process works on the job, the journal
//! is read again and again, and the screen changes nothing. Whatever sends looks at the job first, so that a second
//! press, or a second window, finds what the first has begun.

mod bar;
mod consent;
mod facts;
mod next;
mod piece;
mod plan;
mod removal;
mod resume;
mod rows;
mod sheet;
mod show;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::{get, post};

use crate::face::failure::{Failure, exit};
use crate::journal::JobFolder;
use crate::lang::{Lang, Text, page};
use crate::model::{Code, JobId, Problem};
use crate::page::error::PageError;
use crate::page::shared::Shared;
use crate::page::visit::Visit;
use removal::Removal;

pub(super) fn routes() -> Router<Arc<Shared>> {
    let mut routes = Router::new()
        .route("/job/{id}", get(show::show))
        .route("/job/{id}/live", get(piece::live))
        .route("/job/{id}/pause", post(resume::pause))
        .route("/job/{id}/resume", get(resume::ask).post(resume::go_on))
        .route("/job/{id}/apply", get(plan::ask).post(plan::apply))
        .route("/job/{id}/refresh", post(plan::refresh))
        .route("/job/{id}/verify", get(verify::show).post(verify::verify))
        .route("/job/{id}/verify/file", get(verify::file))
        .route("/job/{id}/sheet", get(sheet::show).post(sheet::write))
        .route("/job/{id}/file", get(sheet::file));
    for removal in [Removal::Undo, Removal::Delete] {
        let path = format!("/job/{{id}}/{}", removal.name());
        let ask = move |visit: Visit, path: Path<String>| removal::ask(removal, visit, path);
        let act = move |visit: Visit, path: Path<String>, form: Form<consent::Consent>| {
            removal::act(removal, visit, path, form)
        };
        let look = move |visit: Visit, path: Path<String>, form: Form<removal::Wish>| {
            removal::look(removal, visit, path, form)
        };
        let file = move |visit: Visit, path: Path<String>| removal::file(removal, visit, path);
        routes = routes
            .route(&path, get(ask).post(act))
            .route(&format!("{path}/preview"), post(look))
            .route(&format!("{path}/file"), get(file));
    }
    routes
}

/// Returns the job of a name in an address.
fn find(visit: &Visit, name: &str) -> Result<JobFolder, PageError> {
    let id = JobId::parse(name).map_err(|_| PageError::not_found())?;
    visit
        .shared
        .state
        .job(&id)
        .map_err(|_| PageError::not_found())
}

/// Fails while another process works on a job.
fn require_free(folder: &JobFolder) -> Result<(), Failure> {
    if folder.is_locked() {
        let problem = Problem::new(Code::JobBusy).with("job", folder.id().as_str());
        return Err(Failure::of(exit::BUSY, &problem));
    }
    Ok(())
}

/// Returns words of the page with a fact in them, for a reader whose language is not known yet.
fn both(key: &str, facts: &[(&str, &str)]) -> Text {
    Text::new(
        page::fill(Lang::En, key, facts),
        page::fill(Lang::Zh, key, facts),
    )
}
