//! Replies before they become HTTP: the envelope, busy refusals, and the pages a proxy would send.
//!
//! Invariant: every reply of the API itself is an envelope with a `traceId`, and every reply at all carries a
//! `Date` of the server's clock. A customer's JSON is spliced in as it was stored, never parsed again.

use std::time::Duration;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, DATE, RETRY_AFTER};
use axum::http::{HeaderValue, Response, StatusCode};

use super::clock::{Clock, http_date};
use super::limit::{BusyDress, RetryAfter};
use super::refusal::Refusal;
use super::wire::Fate;

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "text/html;charset=UTF-8";

/// How a reply leaves, or does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Delivery {
    Whole,
    Half,
    Lost,
    Reset,
}

/// A reply to be sent.
#[derive(Debug)]
pub(super) struct Reply {
    status: u16,
    content_type: &'static str,
    retry_after: Option<RetryAfter>,
    body: String,
    pub(super) delay: Duration,
    pub(super) delivery: Delivery,
}

impl Reply {
    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        Self {
            status,
            content_type,
            retry_after: None,
            body,
            delay: Duration::ZERO,
            delivery: Delivery::Whole,
        }
    }

    /// Makes a success whose `data` is this JSON.
    pub(super) fn success(data: &str) -> Self {
        let body = format!(
            r#"{{"success":true,"message":"200 ok!","code":"200","data":{data},"traceId":"{}"}}"#,
            trace_id()
        );
        Self::new(200, JSON, body)
    }

    pub(super) fn refusal(refusal: &Refusal) -> Self {
        Self::envelope(refusal.status, refusal.code, &refusal.message)
    }

    pub(super) fn busy(dress: &BusyDress) -> Self {
        let (mut reply, retry_after) = match dress {
            BusyDress::Http429 { retry_after } => (
                Self::envelope(429, "429", "Too Many Requests"),
                *retry_after,
            ),
            BusyDress::Http503 { retry_after } => (
                Self::page(503, "503 Service Temporarily Unavailable"),
                *retry_after,
            ),
            BusyDress::Envelope200 { code, message } => (Self::envelope(200, code, message), None),
            BusyDress::Http403 { message } => (Self::envelope(403, "403", message), None),
        };
        reply.retry_after = retry_after;
        reply
    }

    /// Makes the page of an unknown path.
    pub(super) fn not_found() -> Self {
        Self::page(404, "404 Not Found")
    }

    /// Makes the page of a failed server.
    pub(super) fn server_error() -> Self {
        Self::page(500, "500 Internal Server Error")
    }

    /// Makes a page that claims success.
    pub(super) fn garbage() -> Self {
        Self::page(200, "系统维护中")
    }

    /// Makes no reply at all: the connection closes.
    pub(super) fn nothing() -> Self {
        Self {
            delivery: Delivery::Lost,
            ..Self::server_error()
        }
    }

    fn page(status: u16, title: &str) -> Self {
        let body = format!(
            "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
             <hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
        );
        Self::new(status, HTML, body)
    }

    fn envelope(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "success": false, "message": message, "code": code, "data": null, "traceId": trace_id(),
        });
        Self::new(status, JSON, body.to_string())
    }

    /// Turns the reply into HTTP and tells the connection what to do with it.
    pub(super) fn send(self, clock: &Clock, fate: &Fate) -> Response<Body> {
        match self.delivery {
            Delivery::Whole => {}
            Delivery::Half => fate.halve(),
            Delivery::Lost => fate.cut(),
            Delivery::Reset => fate.reset(),
        }
        let mut response = Response::new(Body::from(self.body));
        *response.status_mut() =
            StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        if let Ok(date) = HeaderValue::try_from(clock.http_date()) {
            headers.insert(DATE, date);
        }
        let retry_after = match self.retry_after {
            None => return response,
            Some(RetryAfter::Seconds(seconds)) => seconds.to_string(),
            Some(RetryAfter::HttpDate(seconds)) => {
                http_date(clock.now_ms() + i64::from(seconds) * 1000)
            }
        };
        if let Ok(retry_after) = HeaderValue::try_from(retry_after) {
            headers.insert(RETRY_AFTER, retry_after);
        }
        response
    }
}

fn trace_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}
