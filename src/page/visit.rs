//! One request: who asks, in which language, and how its work is done.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::FromRequestParts;
use axum::http::header::{COOKIE, HOST, REFERER};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method};
use axum::response::{Html, IntoResponse, Redirect, Response};

use super::error::PageError;
use super::links::own_path;
use super::shared::Shared;
use super::works::{PageWork, WorkOrder, WorkStanding};
use crate::face::failure::Failure;
use crate::lang::Lang;

/// The cookie of the language.
pub(super) const LANG_COOKIE: &str = "ferry_lang";

/// How long a reader waits for a work before its own screen is shown, as a number of looks.
const LOOKS: u32 = 40;
const LOOK: Duration = Duration::from_millis(20);

/// What a screen returns.
pub(super) type PageResult = Result<Response, PageError>;

/// One request.
#[derive(Clone)]
pub(super) struct Visit {
    pub shared: Arc<Shared>,
    /// The reader's language.
    pub lang: Lang,
    /// The path that is asked for.
    pub path: String,
    /// The screen on which the reader is: the one that is asked for, or the one whose form was sent.
    pub screen: String,
    /// The screen from which the reader comes; empty where the browser does not say it.
    pub from: String,
}

impl FromRequestParts<Arc<Shared>> for Visit {
    type Rejection = std::convert::Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        shared: &Arc<Shared>,
    ) -> Result<Self, Self::Rejection> {
        let from = screen_before(&parts.headers).unwrap_or_default();
        let chosen = cookie(&parts.headers, LANG_COOKIE).and_then(|text| text.parse().ok());
        Ok(Self {
            lang: chosen.unwrap_or_else(|| shared.accounts.choices().lang),
            shared: shared.clone(),
            path: parts.uri.path().to_owned(),
            screen: if parts.method == Method::GET {
                parts.uri.to_string()
            } else {
                from.clone()
            },
            from,
        })
    }
}

impl Visit {
    /// Leads to the account first where there is none, or none that is complete: its screen says why, and what to do. Its
    /// secret is not asked for, because that may run a program.
    pub async fn require_account(&self) -> Result<(), PageError> {
        let has_one = self.blocking(|visit| Ok(visit.shared.accounts.named().is_some()));
        if has_one.await? {
            Ok(())
        } else {
            Err(PageError::Elsewhere("/account".to_owned()))
        }
    }

    /// Does something that reads files or waits, where it holds up no other request.
    pub async fn blocking<T: Send + 'static>(
        &self,
        task: impl FnOnce(&Self) -> Result<T, Failure> + Send + 'static,
    ) -> Result<T, PageError> {
        let visit = self.clone();
        let done = tokio::task::spawn_blocking(move || task(&visit)).await;
        match done {
            Ok(done) => Ok(done?),
            Err(_) => Err(PageError::broken()),
        }
    }

    /// Begins a work, and leads the browser to where it is followed. One that is soon done leads straight to what has
    /// come of it.
    pub async fn begin(
        &self,
        order: WorkOrder,
        run: impl FnOnce(&Self, &PageWork) -> Result<String, Failure> + Send + 'static,
    ) -> Response {
        see(&self.place_of(order, run).await)
    }

    /// Begins a work. Returns the path of the screen on which it is followed, or of what has come of it.
    pub async fn place_of(
        &self,
        order: WorkOrder,
        run: impl FnOnce(&Self, &PageWork) -> Result<String, Failure> + Send + 'static,
    ) -> String {
        let its = self.clone();
        let work = self.shared.works.begin(order, move |work| run(&its, work));
        for _ in 0..LOOKS {
            if !work.is_going_on() {
                break;
            }
            tokio::time::sleep(LOOK).await;
        }
        match work.standing() {
            WorkStanding::Done(path) => path,
            _ => format!("/work/{}", work.name),
        }
    }
}

/// Returns the path and query of the page's own screen from which a request comes.
fn screen_before(headers: &HeaderMap) -> Option<String> {
    let text = |name| headers.get(name)?.to_str().ok();
    let address = text(REFERER)?.strip_prefix("http://")?;
    let path = address.strip_prefix(text(HOST)?)?;
    own_path(path).map(str::to_owned)
}

/// Returns the value of a cookie.
pub(super) fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let values = headers.get_all(COOKIE).iter();
    let mut pairs = values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(its, _)| *its == name).map(|(_, value)| value)
}

/// Leads the browser to a path of this page.
pub(super) fn see(path: &str) -> Response {
    Redirect::to(path).into_response()
}

/// Returns a filled template as a page.
pub(super) fn html(template: &impl askama::Template) -> PageResult {
    let text = template.render().map_err(|_| PageError::broken())?;
    Ok(Html(text).into_response())
}
