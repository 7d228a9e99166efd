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
        .route("/work/{name}", get(show))
        .route("/work/{name}/live", get(live))
        .route("/work/{name}/stop", post(stop))
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

fn work(visit: &Visit, name: &str) -> Result<Arc<PageWork>, PageError> {
    let work = visit.shared.works.get(name);
    work.ok_or_else(|| match visit.shared.works.earlier_place(name) {
        Some(place) => PageError::Elsewhere(place),
        None => PageError::NotFound,
    })
}

async fn show(visit: Visit, Path(name): Path<String>) -> PageResult {
    let work = work(&visit, &name)?;
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

async fn live(visit: Visit, Path(name): Path<String>) -> PageResult {
    Ok(follow(work(&visit, &name)?, visit.lang))
}

async fn stop(visit: Visit, Path(name): Path<String>) -> Result<Response, PageError> {
    let work = work(&visit, &name)?;
    work.stop.request();
    Ok(see(&format!("/work/{name}")))
}
