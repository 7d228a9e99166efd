//! What a screen shows when it cannot show what was asked for.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::look::Look;
use super::shared::Shared;
use super::visit::{Visit, html};
use crate::face::failure::{ErrorWords, Failure, exit};
use crate::lang::say;

/// Why a screen cannot be shown.
#[derive(Debug, Clone)]
pub(super) struct PageError {
    status: StatusCode,
    failure: Option<Arc<Failure>>,
}

impl PageError {
    /// There is nothing at this path, or no longer.
    pub fn not_found() -> Self {
        Self {
            status: StatusCode::NOT_FOUND,
            failure: None,
        }
    }

    /// A defect of ours.
    pub fn broken() -> Self {
        Self {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            ..Self::from(Failure::said(exit::LOCAL, say::usage::broke_down()))
        }
    }
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        let status = match failure.exit {
            exit::LOCAL => StatusCode::INTERNAL_SERVER_ERROR,
            exit::BUSY => StatusCode::CONFLICT,
            _ => StatusCode::UNPROCESSABLE_ENTITY,
        };
        Self {
            status,
            failure: Some(Arc::new(failure)),
        }
    }
}

impl<E> From<E> for PageError
where
    E: PlainError,
    Failure: From<E>,
{
    fn from(error: E) -> Self {
        Failure::from(error).into()
    }
}

/// Errors of the rooms below, which become failures first.
pub(super) trait PlainError {}
impl PlainError for crate::job::error::JobError {}
impl PlainError for crate::journal::JournalError {}
impl PlainError for crate::table::TableError {}

impl IntoResponse for PageError {
    /// The words wait for [`put_errors`], which knows the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

#[derive(Template)]
#[template(path = "page/error.html")]
struct ErrorScreen {
    look: Look,
    is_missing: bool,
    errors: Vec<ErrorWords>,
}

/// Puts errors into words, in the reader's language.
pub(super) async fn put_errors(
    State(shared): State<Arc<Shared>>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let _ = shared;
    let response = next.run(request).await;
    let Some(error) = response.extensions().get::<PageError>().cloned() else {
        return response;
    };
    let failure = error.failure.as_ref();
    let screen = ErrorScreen {
        look: Look::of(&visit, "error"),
        is_missing: failure.is_none(),
        errors: failure.map_or_else(Vec::new, |failure| failure.words(visit.lang)),
    };
    match html(&screen) {
        Ok(page) => (error.status, page).into_response(),
        Err(_) => error.status.into_response(),
    }
}
