//! The first screen: the account, the doors, and the last jobs. And the change of the language.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, State};
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::jobs::JobLine;
use crate::face::doctor::Examination;
use crate::face::seen_job::SeenJob;
use crate::lang::Lang;
use crate::page::links::own_path;
use crate::page::look::Look;
use crate::page::quota_line::{self, QuotaLine};
use crate::page::shared::Shared;
use crate::page::visit::{LANG_COOKIE, PageResult, Visit, html, see};
use crate::page::works::PageWork;

/// How many jobs the start screen shows.
const SHOWN_JOBS: usize = 12;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/", get(show))
        .route("/language", post(change_language))
}

#[derive(Template)]
#[template(path = "page/start.html")]
struct StartScreen {
    look: Look,
    works: Vec<Arc<PageWork>>,
    findings: Option<Arc<Examination>>,
    /// The windows of hours and days that the account's quota has.
    quota: Vec<QuotaLine>,
    /// Whether settings were found that can be saved.
    may_save: bool,
    jobs: Vec<JobLine>,
}

async fn show(visit: Visit) -> PageResult {
    let jobs = visit.blocking(|visit| {
        let latest = visit.shared.state.jobs()?.into_iter().rev();
        let jobs = latest.take(SHOWN_JOBS).map(SeenJob::of);
        let jobs = jobs.map(|job| JobLine::of(visit, &job)).collect();
        let look = Look::of(visit, "start");
        let accounts = &visit.shared.accounts;
        let glance = accounts.glance();
        let quota = glance.map(|its| {
            let outlook = its.outlook(&visit.shared.state);
            quota_line::lines(&outlook, visit.lang)
        });
        let findings = visit.shared.findings();
        // Whoever has tested the account has resolved its settings; nobody waits for them here.
        let settings = accounts.resolved();
        let may_save = findings.as_ref().zip(settings.as_deref());
        Ok(StartScreen {
            look,
            quota: quota.unwrap_or_default(),
            works: visit.shared.works.going_on(),
            may_save: may_save.is_some_and(|(findings, settings)| findings.may_save(settings)),
            findings,
            jobs,
        })
    });
    html(&jobs.await?)
}

#[derive(Deserialize)]
struct Language {
    lang: String,
    /// The path of the screen that is shown.
    path: String,
}

async fn change_language(State(_): State<Arc<Shared>>, Form(form): Form<Language>) -> Response {
    let lang: Lang = form.lang.parse().unwrap_or_default();
    let mut response = see(own_path(&form.path).unwrap_or("/"));
    let cookie = format!("{LANG_COOKIE}={lang}; Path=/; SameSite=Strict; Max-Age=31536000");
    if let Ok(cookie) = cookie.parse() {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response.into_response()
}
