//! The screens of a job, whoever has started it: here or in a terminal.
//!
//! A job's folder is the truth. A work of this page makes it live; where another process works on the job, the journal
//! is read again and again, and the screen changes nothing. Whatever sends looks at the job first, so that a second
//! press, or a second window, finds what the first has begun.

mod asked;
mod by_sheet;
mod consent;
mod facts;
mod followed;
mod next;
mod piece;
mod plan;
mod removal;
mod report;
mod resume;
mod rows;
mod sheet;
mod show;
mod uploaded;
mod verify;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Form, Path};
use axum::routing::{get, post};

use crate::page::shared::Shared;
use crate::page::visit::Visit;
use removal::Removal;

pub(in crate::page::screens) use by_sheet::{begin_preview, take};
pub(in crate::page::screens) use next::{JobButton, MainStep, next_button, next_step};
pub(in crate::page::screens) use rows::{RowsQuery, RowsReader, RowsView};

pub(super) fn routes() -> Router<Arc<Shared>> {
    let mut routes = Router::new()
        .route(
            "/delete",
            get(by_sheet::choose)
                .post(by_sheet::upload)
                // A file of any size is streamed; the disk bounds it.
                .layer(DefaultBodyLimit::disable()),
        )
        .route(
            "/delete/{id}",
            get(by_sheet::ask_deletion).post(by_sheet::act),
        )
        .route("/delete/{id}/preview", post(by_sheet::look))
        .route("/delete/{id}/file", get(by_sheet::kept_sheet))
        .route("/job/{id}", get(show::show))
        .route("/job/{id}/live", get(piece::live))
        .route("/job/{id}/pause", post(resume::pause))
        .route("/job/{id}/resume", get(resume::ask).post(resume::go_on))
        .route("/job/{id}/apply", get(plan::ask).post(plan::apply))
        .route("/job/{id}/refresh", post(plan::refresh))
        .route("/job/{id}/verify", get(verify::show).post(verify::verify))
        .route("/job/{id}/verify/file", get(verify::file))
        .route("/job/{id}/verify/report", get(report::of_verification))
        .route("/job/{id}/report", get(report::show_job))
        .route("/job/{id}/sheet", get(sheet::show).post(sheet::write))
        .route("/job/{id}/file", get(sheet::file));
    for removal in [Removal::Undo, Removal::Delete] {
        let path = format!("/job/{{id}}/{}", removal.name());
        let ask = move |visit: Visit, path: Path<String>| removal::ask(removal, visit, path);
        let act = move |visit: Visit, path: Path<String>, form: Form<consent::Consent>| {
            removal::act(removal, visit, path, form)
        };
        let look = move |visit: Visit, path: Path<String>, form: Form<removal::RemovalWish>| {
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
