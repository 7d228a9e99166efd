//! Replies before they become HTTP: the envelope, and the replies that the table of dresses describes.
//!
//! Invariant: every reply of the API itself is an envelope with a `traceId`, and every reply at all carries a
//! `Date` of the server's clock. A customer's JSON is spliced in as it was stored, never parsed again.

use std::borrow::Cow;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, Response, StatusCode};

use super::clock::{Clock, http_date};
use super::dress::{Dress, Page, RetryAfter};
use super::refusal::Refusal;
use super::wire::Fate;

const JSON: &str = "application/json;charset=UTF-8";
const HTML: &str = "text/html;charset=UTF-8";

/// How a reply is delivered, if it is.
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
    headers: Vec<(&'static str, Cow<'static, str>)>,
    pub(super) body: String,
    pub(super) delay: Duration,
    pub(super) delivery: Delivery,
}

impl Reply {
    fn new(status: u16, content_type: &'static str, body: String) -> Self {
        let headers = match content_type {
            "" => Vec::new(),
            named => vec![("content-type", named.into())],
        };
        Self {
            status,
            headers,
            body,
            delay: Duration::ZERO,
            delivery: Delivery::Whole,
        }
    }

    /// Makes a success whose `data` is this JSON.
    pub(super) fn success(data: &str) -> Self {
        Self::success_with(&format!(r#""data":{data}"#))
    }

    /// Makes a success with these members, written as JSON.
    pub(super) fn success_with(members: &str) -> Self {
        let body = format!(
            r#"{{"success":true,"message":"200 ok!","code":"200",{members},"traceId":"{}"}}"#,
            fresh_id()
        );
        Self::new(200, JSON, body)
    }

    pub(super) fn refusal(refusal: &Refusal) -> Self {
        Self::envelope(refusal.status, refusal.code, &refusal.message)
    }

    /// Makes the reply that a gateway or framework gives to a call of `path` in the CRM's place.
    pub(super) fn dressed(dress: Dress, path: &str, clock: &Clock) -> Self {
        let look = dress.look();
        let filled = |text: &str| {
            text.replace("{id}", &fresh_id())
                .replace("{number}", &fastrand::u32(..).to_string())
                .replace("{now}", &clock.iso_time())
                .replace("{path}", path)
        };
        let mut reply = match look.body {
            Page::Proxy(title, signature) => Self::new(look.status, HTML, page(title, signature)),
            Page::Envelope(code, message) => Self::envelope(look.status, code, message),
            Page::Text(content_type, text) => Self::new(look.status, content_type, filled(text)),
        };
        let given = look.headers.iter();
        reply
            .headers
            .extend(given.map(|(name, value)| (*name, filled(value).into())));
        if let Some(after) = dress.retry_after {
            reply.headers.retain(|(name, _)| *name != "retry-after");
            let after = match after {
                RetryAfter::Seconds(seconds) => seconds.to_string(),
                RetryAfter::HttpDate(seconds) => {
                    http_date(clock.now_ms() + i64::from(seconds) * 1000)
                }
            };
            reply.headers.push(("retry-after", after.into()));
        }
        reply
    }

    /// Makes no reply at all: the connection closes.
    pub(super) fn nothing() -> Self {
        Self {
            delivery: Delivery::Lost,
            ..Self::new(500, "", String::new())
        }
    }

    fn envelope(status: u16, code: &str, message: &str) -> Self {
        let body = serde_json::json!({
            "success": false, "message": message, "code": code, "data": null, "traceId": fresh_id(),
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
        let date = ("date", clock.http_date().into());
        for (name, value) in self.headers.into_iter().chain([date]) {
            if let Ok(value) = HeaderValue::try_from(&*value) {
                response.headers_mut().insert(name, value);
            }
        }
        response
    }
}

/// Makes an error page in the form of nginx.
fn page(title: &str, signature: &str) -> String {
    let end = match signature {
        "" => String::new(),
        signed => format!("<hr><center>{signed}</center>\r\n"),
    };
    format!(
        "<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n<center><h1>{title}</h1></center>\r\n\
         {end}</body>\r\n</html>\r\n"
    )
}

fn fresh_id() -> String {
    format!("{:032x}", fastrand::u128(..))
}
