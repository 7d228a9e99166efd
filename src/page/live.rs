//! The progress of a work while it runs, as the browser follows it: server-sent events, each the same piece of HTML
//! that the screen was delivered with. Without the script, a reload shows the same.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio_stream::wrappers::IntervalStream;
use tokio_stream::{Stream, StreamExt};

use super::said;
use super::works::{PageWork, WorkStanding};
use crate::face::failure::ErrorWords;
use crate::face::pace_chart::PaceChart;
use crate::lang::{Lang, page};
use crate::model::Problem;

/// The time between two pieces.
const INTERVAL: Duration = Duration::from_millis(500);

/// The progress of a work at a moment.
#[derive(Debug, Clone, Template)]
#[template(path = "page/live.html")]
pub(super) struct LiveView {
    lang: Lang,
    line: String,
    /// How much is done, in percent; `None` where the whole is not known.
    percent: Option<u64>,
    /// The windows of the quota that do not last to the end, a sentence each.
    quota: Vec<String>,
    /// Why nothing is sent at the moment; empty while something is.
    waiting: String,
    notices: Vec<String>,
    chart: PaceChart,
    is_queued: bool,
    is_stopping: bool,
    errors: Vec<ErrorWords>,
}

impl LiveView {
    /// Looks at a work.
    pub fn of(work: &PageWork, lang: Lang) -> Self {
        let report = work.monitor.report();
        let standing = work.standing();
        let percent = report.running.done().and_then(|(done, total)| {
            let total = total.filter(|total| *total > 0)?;
            Some((done.min(total) * 100) / total)
        });
        let chart = PaceChart::of(&report.pace, report.time.clone());
        let speed = format!("{:.1}", chart.latest);
        let notices = report.notices.iter();
        Self {
            lang,
            line: report.running.line(lang).unwrap_or_default(),
            percent,
            quota: report.quota(lang),
            waiting: report
                .waiting
                .map_or_else(String::new, |reason| waiting(&reason, lang)),
            notices: notices
                .map(|problem| said::problem(problem, lang).message)
                .collect(),
            chart: chart.saying(page::fill(lang, "pace-chart", &[("speed", &speed)])),
            is_queued: matches!(standing, WorkStanding::Queued),
            is_stopping: work.stop.is_requested(),
            errors: match &standing {
                WorkStanding::Failed(failure) => said::failure(failure, lang),
                _ => Vec::new(),
            },
        }
    }

    fn say(&self, key: &str) -> &'static str {
        page::say(self.lang, key)
    }
}

fn waiting(reason: &Problem, lang: Lang) -> String {
    let reason = said::problem(reason, lang).message;
    page::fill(lang, "waits", &[("reason", &reason)])
}

/// Returns the events of a work.
pub(super) fn follow(work: Arc<PageWork>, lang: Lang) -> Response {
    let ticks = IntervalStream::new(tokio::time::interval(INTERVAL));
    events(ticks.map(move |_| {
        let piece = || LiveView::of(&work, lang).render().unwrap_or_default();
        work.is_going_on().then(piece)
    }))
}

/// Returns pieces of HTML as events: `live` with each, and `over` where there is none any more, upon which the browser
/// loads the screen again.
pub(super) fn events(pieces: impl Stream<Item = Option<String>> + Send + 'static) -> Response {
    let mut is_over = false;
    let events = pieces.map_while(move |piece| {
        if is_over {
            return None;
        }
        is_over = piece.is_none();
        Some(Ok::<_, Infallible>(match piece {
            Some(piece) => Event::default().event("live").data(piece),
            None => Event::default().event("over").data("over"),
        }))
    });
    Sse::new(events)
        .keep_alive(KeepAlive::default())
        .into_response()
}
