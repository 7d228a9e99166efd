//! Why a screen cannot be shown.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};

use super::said;
use crate::face::failure::{ErrorWords, Failure, exit};
use crate::job::error::JobError;
use crate::lang::{Lang, Text, page, say};

/// Why a screen cannot be shown.
#[derive(Debug, Clone)]
pub(super) enum PageError {
    /// There is nothing at this path, or no longer.
    NotFound,
    Failed(Arc<Failure>),
    /// The address or the form cannot be read.
    Unreadable(StatusCode),
    /// Something else comes first: the path of its screen.
    Elsewhere(String),
}

impl PageError {
    /// A defect of ours.
    pub fn broken() -> Self {
        Failure::said(exit::LOCAL, say::usage::broke_down()).into()
    }

    /// Returns the HTTP status of the answer.
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Unreadable(status) => *status,
            Self::Elsewhere(_) => StatusCode::SEE_OTHER,
            Self::Failed(failure) => match failure.exit {
                exit::LOCAL => StatusCode::INTERNAL_SERVER_ERROR,
                exit::BUSY => StatusCode::CONFLICT,
                _ => StatusCode::UNPROCESSABLE_ENTITY,
            },
        }
    }

    /// Returns the errors in words; none where there is nothing to be shown.
    pub fn words(&self, lang: Lang) -> Vec<ErrorWords> {
        match self {
            Self::Failed(failure) => said::failure(failure, lang),
            Self::Unreadable(_) => {
                let words = (page::text("unreadable", &[]), page::text("look-again", &[]));
                said::failure(&Failure::said(exit::USAGE, words), lang)
            }
            Self::NotFound | Self::Elsewhere(_) => Vec::new(),
        }
    }
}

/// Makes the failure of a form that cannot be taken as it is, in words of the page.
pub(super) fn refused(key: &str, facts: &[(&str, &str)]) -> Failure {
    Failure::said(exit::INPUT, (page::text(key, facts), Text::default()))
}

impl From<Failure> for PageError {
    fn from(failure: Failure) -> Self {
        Self::Failed(Arc::new(failure))
    }
}

impl From<JobError> for PageError {
    fn from(error: JobError) -> Self {
        Failure::from(error).into()
    }
}

impl IntoResponse for PageError {
    /// The words wait for `error_screen`, which knows the reader's language.
    fn into_response(self) -> Response {
        if let Self::Elsewhere(path) = &self {
            return Redirect::to(path).into_response();
        }
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
