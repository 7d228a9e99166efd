//! The part of a job's screen that moves: the work on it, and its rows. The browser gets it anew while anybody works on
//! the job, here or in another process.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use askama::Template;
use axum::extract::Path;
use tokio::time::MissedTickBehavior;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::IntervalStream;

use super::asked::find;
use super::followed::{Followed, Follower};
use crate::face::outcome_bar::OutcomeBar;
use crate::face::seen_job::{SeenJob, customers_of};
use crate::journal::JobFolder;
use crate::lang::say::jobs::JobStanding;
use crate::lang::{Lang, page, say};
use crate::page::links;
use crate::page::live::{LiveView, events};
use crate::page::visit::{PageResult, Visit};
use crate::page::works::WorkStanding;

/// The time between two pieces.
const INTERVAL: Duration = Duration::from_secs(1);

/// Counting a large job costs time; this much longer than that is waited before it is counted again.
const REST: u32 = 9;

/// How a job stands at a moment.
#[derive(Debug, Template)]
#[template(path = "page/job_piece.html")]
pub(super) struct JobPiece {
    lang: Lang,
    /// The progress of this page's work on the job.
    work: Option<LiveView>,
    /// How the job stands.
    state: &'static str,
    /// Whether another process works on the job.
    is_elsewhere: bool,
    /// What is known of that.
    elsewhere: Option<Followed>,
    bar: Option<OutcomeBar>,
    /// The customers of an export.
    customers: String,
    /// What the job has cost so far.
    cost: String,
}

impl JobPiece {
    /// Looks at a job.
    pub fn of(visit: &Visit, seen: &SeenJob, follower: &mut Option<Follower>) -> Self {
        let (lang, id) = (visit.lang, seen.folder.id());
        let work = visit.shared.works.on_job(id);
        let state = standing(visit, seen);
        let is_plan = state == JobStanding::Planned;
        let report = seen.report.as_ref();
        let export = seen.export.as_ref();
        let is_elsewhere = work.is_none() && seen.state == JobStanding::Running;
        Self {
            lang,
            state: state.name(lang),
            is_elsewhere,
            elsewhere: report.filter(|_| is_elsewhere).map(|report| {
                let follower = follower.get_or_insert_with(|| Follower::of(report));
                follower.look(report, lang)
            }),
            work: work.map(|work| LiveView::of(&work, lang)),
            bar: report.map(|report| {
                OutcomeBar::of(report, is_plan, lang).leading_to(links::job(&report.job))
            }),
            customers: export.map_or_else(String::new, |export| customers_of(export, lang)),
            cost: cost(seen, lang),
        }
    }

    fn say(&self, key: &str) -> &'static str {
        page::say(self.lang, key)
    }
}

/// Returns how a job stands: at work as soon as a work of this page writes, also before that holds the job.
pub(super) fn standing(visit: &Visit, seen: &SeenJob) -> JobStanding {
    let work = visit.shared.works.on_job(seen.folder.id());
    let is_writing = work.is_some_and(|work| {
        work.order.writes.is_some() && matches!(work.standing(), WorkStanding::Running)
    });
    if is_writing {
        JobStanding::Running
    } else {
        seen.state
    }
}

fn cost(seen: &SeenJob, lang: Lang) -> String {
    let outcome = seen
        .export
        .as_ref()
        .and_then(|export| export.outcome.as_ref());
    let (calls, elapsed) = match (&seen.report, outcome) {
        (Some(report), _) => (report.calls, report.elapsed),
        (None, Some(outcome)) => (outcome.calls, Duration::from_millis(outcome.elapsed_ms)),
        (None, None) => return String::new(),
    };
    let cost = say::summary::cost(lang, calls, &say::amounts::duration(lang, elapsed));
    page::fill(lang, "job-cost", &[("cost", &cost)])
}

/// Returns the events of a job.
pub(super) async fn live(visit: Visit, Path(name): Path<String>) -> PageResult {
    let folder = find(&visit, &name)?;
    let mut interval = tokio::time::interval(INTERVAL);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let follower = Arc::new(Mutex::new(None));
    let pieces = IntervalStream::new(interval)
        .then(move |_| next(visit.clone(), folder.clone(), follower.clone()));
    Ok(events(pieces))
}

/// Returns the next piece; `None` when nobody works on the job any more.
async fn next(
    visit: Visit,
    folder: JobFolder,
    follower: Arc<Mutex<Option<Follower>>>,
) -> Option<String> {
    let began = Instant::now();
    let look = move || {
        let is_worked_on = visit.shared.works.on_job(folder.id()).is_some() || folder.is_locked();
        is_worked_on.then(|| {
            let mut follower = follower.lock().unwrap_or_else(PoisonError::into_inner);
            let piece = JobPiece::of(&visit, &SeenJob::of(folder), &mut follower);
            piece.render().unwrap_or_default()
        })
    };
    let piece = tokio::task::spawn_blocking(look).await.ok().flatten();
    if piece.is_some() {
        tokio::time::sleep(began.elapsed() * REST).await;
    }
    piece
}
