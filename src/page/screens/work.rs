//! The screen of a work: how far it is, in words and as a bar, until it is done.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::response::Response;
use axum::routing::{get, post};

use crate::page::error::PageError;
use crate::page::live::{LiveView, follow};
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkStanding};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/work/{number}", get(show))
        .route("/work/{number}/live", get(live))
        .route("/work/{number}/stop", post(stop))
}

#[derive(Template)]
#[template(path = "page/work.html")]
struct WorkScreen {
    look: Look,
    work: Arc<PageWork>,
    title: String,
    /// Whether it went on when its screen was asked for. It may have ended while the screen was made.
    is_going_on: bool,
    live: LiveView,
}

fn work(visit: &Visit, number: u64) -> Result<Arc<PageWork>, PageError> {
    let work = visit.shared.works.get(number);
    work.ok_or(PageError::NotFound)
}

async fn show(visit: Visit, Path(number): Path<u64>) -> PageResult {
    let work = work(&visit, number)?;
    let standing = work.standing();
    let is_going_on = matches!(standing, WorkStanding::Queued | WorkStanding::Running);
    if let WorkStanding::Done(path) = standing {
        return Ok(see(&path));
    }
    html(&WorkScreen {
        look: Look::of(&visit, "work"),
        title: work.order.title.pick(visit.lang).to_owned(),
        live: LiveView::of(&work, visit.lang),
        is_going_on,
        work,
    })
}

async fn live(visit: Visit, Path(number): Path<u64>) -> PageResult {
    Ok(follow(work(&visit, number)?, visit.lang))
}

async fn stop(visit: Visit, Path(number): Path<u64>) -> Result<Response, PageError> {
    let work = work(&visit, number)?;
    work.stop.request();
    Ok(see(&format!("/work/{number}")))
}
