//! All jobs, the latest first, a page at a time: of one kind, or those that stand in one way.

use std::sync::Arc;
use std::time::{Duration, Instant};

use askama::Template;
use axum::Router;
use axum::extract::Query;
use axum::routing::get;
use serde::Deserialize;

use super::job::{JobButton, next_button};
use crate::face::failure::Failure;
use crate::face::job_line;
use crate::face::seen_job::SeenJob;
use crate::lang::Lang;
use crate::lang::say::jobs::JobStanding;
use crate::model::JobId;
use crate::page::links::{self, quoted};
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html};

/// How many jobs a page has.
const PAGE: usize = 50;

/// How long jobs are looked for before the screen is shown with what was found so far.
const PATIENCE: Duration = Duration::from_millis(600);

/// How jobs stand, as addresses name it.
const STANDINGS: [(&str, JobStanding); 6] = [
    ("running", JobStanding::Running),
    ("stopped", JobStanding::Stopped),
    ("undecided", JobStanding::Undecided),
    ("planned", JobStanding::Planned),
    ("finished", JobStanding::Finished),
    ("damaged", JobStanding::Damaged),
];

/// What jobs do, as addresses name it, each with its word.
const KINDS: [(&str, &str); 4] = [
    ("import", "kind-import"),
    ("export", "kind-export"),
    ("undo", "kind-undo"),
    ("delete", "kind-delete"),
];

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/jobs", get(show))
}

/// A job in a line.
pub(super) struct JobLine {
    pub path: String,
    pub when: String,
    pub what: String,
    pub state: &'static str,
    /// What to do next; none where nothing is to be done.
    pub next: Option<JobButton>,
}

impl JobLine {
    pub fn of(visit: &Visit, job: &SeenJob) -> Self {
        Self {
            path: links::job(job.folder.id()),
            when: job_line::moment(job.folder.id()),
            what: job.in_words(visit.lang),
            state: job.state.name(visit.lang),
            next: next_button(visit, job),
        }
    }
}

/// Which jobs are asked for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct JobsQuery {
    kind: String,
    state: String,
    /// The last job of the page before.
    before: String,
}

/// An entry of a list.
struct JobChoice {
    value: &'static str,
    words: &'static str,
    is_chosen: bool,
}

#[derive(Template)]
#[template(path = "page/jobs.html")]
struct JobsScreen {
    look: Look,
    kinds: Vec<JobChoice>,
    states: Vec<JobChoice>,
    jobs: Vec<JobLine>,
    /// The query of the next page; empty behind the last one.
    older: String,
    is_first: bool,
    /// The job down to which was looked, where not every job was; empty else.
    looked_to: String,
}

async fn show(visit: Visit, Query(query): Query<JobsQuery>) -> PageResult {
    let screen = visit.blocking(move |visit| screen(visit, &query));
    html(&screen.await?)
}

fn screen(visit: &Visit, query: &JobsQuery) -> Result<JobsScreen, Failure> {
    let (look, began) = (Look::of(visit, "all-jobs"), Instant::now());
    let folders = visit.shared.state.jobs()?.into_iter().rev();
    let before = |job: &JobId| query.before.is_empty() || job.as_str() < query.before.as_str();
    let mut folders = folders.filter(|folder| before(folder.id())).peekable();
    let mut jobs = Vec::new();
    let mut last = String::new();
    let mut looked_to = String::new();
    while jobs.len() < PAGE
        && let Some(folder) = folders.next()
    {
        last = folder.id().to_string();
        let job = SeenJob::of(folder);
        if query.wants(&job) {
            jobs.push(JobLine::of(visit, &job));
        }
        if began.elapsed() > PATIENCE && folders.peek().is_some() {
            looked_to.clone_from(&last);
            break;
        }
    }
    let has_more = folders.peek().is_some();
    Ok(JobsScreen {
        kinds: query.kinds(&look),
        states: query.states(visit.lang),
        jobs,
        older: if has_more {
            query.behind(&last)
        } else {
            String::new()
        },
        is_first: query.before.is_empty(),
        looked_to,
        look,
    })
}

impl JobsQuery {
    fn wants(&self, job: &SeenJob) -> bool {
        let kind = job.spec.as_ref().map(|spec| spec.kind.command());
        let kind = kind.or_else(|| job.export.as_ref().map(|_| "export"));
        let is_kind = self.kind.is_empty() || kind == Some(self.kind.as_str());
        let mut wanted = STANDINGS.iter().filter(|(name, _)| *name == self.state);
        let is_state = wanted.next().is_none_or(|(_, state)| *state == job.state);
        is_kind && is_state
    }

    fn kinds(&self, look: &Look) -> Vec<JobChoice> {
        let kinds = KINDS.iter().map(|(value, key)| JobChoice {
            value,
            words: look.say(key),
            is_chosen: self.kind == *value,
        });
        kinds.collect()
    }

    fn states(&self, lang: Lang) -> Vec<JobChoice> {
        let states = STANDINGS.iter().map(|(value, state)| JobChoice {
            value,
            words: state.name(lang),
            is_chosen: self.state == *value,
        });
        states.collect()
    }

    fn behind(&self, last: &str) -> String {
        format!(
            "?kind={}&state={}&before={}",
            quoted(&self.kind),
            quoted(&self.state),
            quoted(last)
        )
    }
}
