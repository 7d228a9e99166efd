//! Who may come in.
//!
//! * Without a token every path is refused. The address brings it, and gets a cookie for it, which no script can read and
//!   no other site sends along.
//! * `Host` must be the address that is served. Else a name of a stranger's that leads to this machine (DNS rebinding)
//!   could ask as this page.
//! * A request that changes something must come from this page itself (`Origin`). Browsers say `null` there where the
//!   policy of referrers is `no-referrer`, so it is `same-origin`, which tells other sites just as little.
//! * The answers forbid whatever the page does not need: foreign content, inline scripts, frames.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HOST, LOCATION, ORIGIN, REFERRER_POLICY, SET_COOKIE,
    X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::links::own_path;
use super::shared::Shared;
use super::visit::cookie;
use crate::lang::{Lang, page};

/// The content that a screen may load: its own. Pictures may also be inline.
const CONTENT: &str = "default-src 'self'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Lets in who may come in, and closes the answer against misuse.
pub(super) async fn guard(
    State(shared): State<Arc<Shared>>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = match refusal(&shared, &request) {
        Some(refused) => refused,
        None => match entrance(&shared, &request) {
            Some(entered) => entered,
            None => next.run(request).await,
        },
    };
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, CONTENT),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Returns the answer to a request that may not come in.
fn refusal(shared: &Shared, request: &Request) -> Option<Response> {
    let (parts, port) = (request.headers(), shared.session.port);
    let host = header_text(parts, &HOST);
    let is_ours = |authority: &str| {
        let (name, its) = authority.rsplit_once(':').unwrap_or((authority, "80"));
        matches!(name, "127.0.0.1" | "localhost") && its.parse() == Ok(port)
    };
    if !host.is_some_and(is_ours) {
        return Some(refused("refused-host"));
    }
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD);
    let origin = header_text(parts, &ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    if changes && (origin.is_none() || origin != host) {
        return Some(refused("refused-origin"));
    }
    let brings_token = token_of(request).is_some_and(|token| shared.entrance.lets_in(token));
    if brings_token || has_cookie(shared, request) {
        None
    } else {
        Some(refused("refused-token"))
    }
}

/// Returns the answer to the printed address: the token becomes a cookie, and leaves the address.
fn entrance(shared: &Shared, request: &Request) -> Option<Response> {
    token_of(request)?;
    let name = cookie_name(shared.session.port);
    let secret = &shared.session.secret;
    let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Strict");
    let path = HeaderValue::from_str(own_path(request.uri().path()).unwrap_or("/")).ok()?;
    let mut response = StatusCode::SEE_OTHER.into_response();
    let headers = response.headers_mut();
    headers.insert(SET_COOKIE, HeaderValue::from_str(&cookie).ok()?);
    headers.insert(LOCATION, path);
    Some(response)
}

/// Returns the name of the cookie. Cookies do not know ports, and two pages may run on one machine.
fn cookie_name(port: u16) -> String {
    format!("ferry_{port}")
}

fn has_cookie(shared: &Shared, request: &Request) -> bool {
    let name = cookie_name(shared.session.port);
    let value = cookie(request.headers(), &name);
    value.is_some_and(|value| shared.session.is_secret(value))
}

fn token_of(request: &Request) -> Option<&str> {
    let query = request.uri().query()?;
    query
        .split('&')
        .find_map(|pair| pair.strip_prefix("token="))
}

fn header_text<'h>(headers: &'h HeaderMap, name: &axum::http::HeaderName) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

/// The reader's language is not known here, so both are shown.
fn refused(key: &str) -> Response {
    let lines = Lang::ALL.iter().map(|lang| page::say(*lang, key));
    let text = lines.collect::<Vec<_>>().join("\n");
    (StatusCode::FORBIDDEN, text).into_response()
}
