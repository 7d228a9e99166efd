//! The screen that stands in the place of one that cannot be shown.

use askama::Template;
use axum::extract::Request;
use axum::http::header::CONTENT_TYPE;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::PageError;
use super::look::Look;
use super::visit::{Visit, html};
use crate::face::failure::ErrorWords;

#[derive(Template)]
#[template(path = "page/error.html")]
struct ErrorScreen {
    look: Look,
    is_missing: bool,
    /// The screen from which the reader comes; empty where that is not known.
    back: String,
    errors: Vec<ErrorWords>,
}

/// Returns whether an answer refuses in plain text. A screen that refuses says why in HTML.
fn is_refusal(response: &Response) -> bool {
    let kind = response.headers().get(CONTENT_TYPE);
    let is_html = kind.is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    let status = response.status();
    (status.is_client_error() || status.is_server_error()) && !is_html
}

/// Puts errors into words, in the reader's language.
pub(super) async fn put_errors(visit: Visit, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    let status = response.status();
    let error = match response.extensions().get::<PageError>() {
        Some(error) => error.clone(),
        // What axum refuses before a screen sees it: a path, a query or a form that is none.
        None if is_refusal(&response) => PageError::Unreadable(status),
        None => return response,
    };
    let errors = error.words(visit.lang);
    let screen = ErrorScreen {
        look: Look::of(&visit, "error"),
        is_missing: errors.is_empty(),
        back: visit.from.clone(),
        errors,
    };
    match html(&screen) {
        Ok(page) => (error.status(), page).into_response(),
        Err(_) => error.status().into_response(),
    }
}
