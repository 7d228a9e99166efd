//! What a screen shows when it cannot show what was asked for.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::face::failure::{ErrorWords, Failure, exit};
use crate::lang::{Lang, say};

/// Why a screen cannot be shown.
#[derive(Debug, Clone)]
pub(super) struct PageError {
    /// The HTTP status of the answer.
    pub status: StatusCode,
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

impl PageError {
    /// Returns the errors in words; none where there is nothing to be shown.
    pub fn words(&self, lang: Lang) -> Vec<ErrorWords> {
        let failure = self.failure.as_ref();
        failure.map_or_else(Vec::new, |failure| failure.words(lang))
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
    /// The words wait for `error_screen`, which knows the reader's language.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}
