//! Dresses: the replies of gateways and frameworks in place of the CRM's own.
//!
//! Invariant: a dress does not show whether the call was executed. That makes it dangerous for a client, so each fault
//! and outage with a dress states whether it executes. Status, headers and shape are those of the real product; only
//! texts that the product lets its owner choose are made up here.
//!
//! | dresses | taken from |
//! |---|---|
//! | `404`, `500`, `502`, `503`, `504`, `401html`, `302login`, `garbage` | nginx, `ngx_http_special_response.c`; `garbage` is a maintenance page in its manner |
//! | `503ra` | Varnish, `vcl_backend_error` of its `builtin.vcl`; there with `Retry-After: 5` |
//! | `504alb` | AWS Application Load Balancer, `Server: awselb/2.0` |
//! | `spring` | Spring Boot, `DefaultErrorAttributes` without the message, as since 2.3 |
//! | `500files`, `500timestamp`, `500conflict`, `500concurrency` | messages of the JDK, of Jackson and of applications, as a handler for all exceptions puts them into the envelope |
//! | `hystrix`, `200busy`, `503busy` | what fallback methods of Hystrix and handlers of exceptions return: the call may have run, or run still in a thread of its own |
//! | `sentinel` | Sentinel, `DefaultBlockExceptionHandler`: a limiter in front of the call, plain text |
//! | `kong` | Kong, the 502 of its error handler |
//! | `apisix` | APISIX, `doc/upstream-status-5xx.md`: `X-APISIX-Upstream-Status` means that the CRM was reached |
//! | `aliyun`, `aliyun-throttled` | Aliyun API Gateway, its table of error codes: all is in `X-Ca-Error-Message`, the body is empty |
//! | `403waf` | Cloudflare's block page |
//! | `login` | the sign-in page of a portal in front of the API |
//! | `429`, `200limit`, `403limit` | real limiters of comparable CRMs, see `contract.md` |

use std::fmt;
use std::str::FromStr;

const HTML: &str = "text/html; charset=utf-8";
const JSON: &str = "application/json";

const VARNISH: &str = "<!DOCTYPE html>\n<html>\n  <head>\n    <title>503 Backend fetch failed</title>\n  </head>\n  \
    <body>\n    <h1>Error 503 Backend fetch failed</h1>\n    <p>Backend fetch failed</p>\n    \
    <h3>Guru Meditation:</h3>\n    <p>XID: {number}</p>\n    <hr>\n    <p>Varnish cache server</p>\n  \
    </body>\n</html>\n";

const LOGIN: &str = "<!DOCTYPE html>\n<html lang=\"zh-CN\">\n<head><meta charset=\"utf-8\"><title>用户登录</title></head>\n\
    <body>\n<form method=\"post\" action=\"/login\">\n<label>账号 <input name=\"username\"></label>\n\
    <label>密码 <input name=\"password\" type=\"password\"></label>\n<button>登录</button>\n</form>\n</body>\n</html>\n";

const CLOUDFLARE: &str = "<!DOCTYPE html>\n<html lang=\"en-US\">\n<head><title>Attention Required! | Cloudflare</title></head>\n\
    <body>\n<h1>Sorry, you have been blocked</h1>\n<p>The site's owner protects it against online attacks.</p>\n\
    <p>Cloudflare Ray ID: <strong>{id}</strong></p>\n</body>\n</html>\n";

/// One row of the table: a dress with its status, headers and body.
#[derive(Debug)]
pub(super) struct Look {
    name: &'static str,
    pub(super) status: u16,
    /// Headers besides the content type; `{id}` stands for a fresh hexadecimal id.
    pub(super) headers: &'static [(&'static str, &'static str)],
    pub(super) body: Page,
}

/// The body of a dress.
#[derive(Debug)]
pub(super) enum Page {
    /// The error page of nginx and its descendants: its title, and the product named below the line, if any.
    Proxy(&'static str, &'static str),
    /// A refusal in the CRM's own envelope: code and message.
    Envelope(&'static str, &'static str),
    /// A content type, which may be empty, and a text. `{id}` stands for a fresh hexadecimal id, `{number}`
    /// for a fresh decimal one, `{now}` for the time and `{path}` for the path of the call.
    Text(&'static str, &'static str),
}

const fn look(
    name: &'static str,
    status: u16,
    headers: &'static [(&'static str, &'static str)],
    body: Page,
) -> Look {
    Look {
        name,
        status,
        headers,
        body,
    }
}

const NGINX: &[(&str, &str)] = &[("server", "nginx")];

static LOOKS: [Look; 28] = [
    look(
        "503ra",
        503,
        &[("server", "Varnish"), ("retry-after", "1")],
        Page::Text(HTML, VARNISH),
    ),
    look(
        "503",
        503,
        NGINX,
        Page::Proxy("503 Service Temporarily Unavailable", "nginx"),
    ),
    look("502", 502, NGINX, Page::Proxy("502 Bad Gateway", "nginx")),
    look(
        "504",
        504,
        NGINX,
        Page::Proxy("504 Gateway Time-out", "nginx"),
    ),
    look(
        "504alb",
        504,
        &[("server", "awselb/2.0")],
        Page::Proxy("504 Gateway Time-out", ""),
    ),
    look(
        "500",
        500,
        NGINX,
        Page::Proxy("500 Internal Server Error", "nginx"),
    ),
    look("404", 404, NGINX, Page::Proxy("404 Not Found", "nginx")),
    look("garbage", 200, NGINX, Page::Proxy("系统维护中", "nginx")),
    look(
        "503busy",
        503,
        &[],
        Page::Text(
            JSON,
            r#"{"code":"503","message":"server busy, please try again later"}"#,
        ),
    ),
    look(
        "200busy",
        200,
        &[],
        Page::Envelope("500", "系统繁忙，请稍后再试"),
    ),
    look(
        "500files",
        500,
        &[],
        Page::Envelope("500", "java.net.SocketException: Too many open files"),
    ),
    look(
        "500timestamp",
        500,
        &[],
        Page::Envelope(
            "500",
            "Cannot deserialize value of type `java.sql.Timestamp` from String \"2026-11-28 17:30:00\": not a \
             valid representation",
        ),
    ),
    look(
        "500conflict",
        500,
        &[],
        Page::Envelope(
            "500",
            "并发修改异常：java.util.ConcurrentModificationException",
        ),
    ),
    look(
        "500concurrency",
        500,
        &[],
        Page::Envelope("500", "并发数超过限制"),
    ),
    look(
        "401html",
        401,
        &[
            ("server", "nginx"),
            ("www-authenticate", "Basic realm=\"intranet\""),
        ],
        Page::Proxy("401 Authorization Required", "nginx"),
    ),
    look(
        "login",
        200,
        &[("set-cookie", "JSESSIONID={id}; Path=/; HttpOnly")],
        Page::Text(HTML, LOGIN),
    ),
    look(
        "302login",
        302,
        &[("server", "nginx"), ("location", "/login?expired=1")],
        Page::Proxy("302 Found", "nginx"),
    ),
    look(
        "403waf",
        403,
        &[("server", "cloudflare"), ("cf-ray", "{id}-HKG")],
        Page::Text(HTML, CLOUDFLARE),
    ),
    look("429", 429, &[], Page::Envelope("429", "Too Many Requests")),
    look(
        "200limit",
        200,
        &[],
        Page::Envelope("429", "访问过于频繁，请稍后再试"),
    ),
    look(
        "403limit",
        403,
        &[],
        Page::Envelope("403", "Server is busy, max request frequency is 20/min"),
    ),
    look(
        "spring",
        500,
        &[],
        Page::Text(
            JSON,
            r#"{"timestamp":"{now}","status":500,"error":"Internal Server Error","path":"{path}"}"#,
        ),
    ),
    look(
        "hystrix",
        200,
        &[],
        Page::Envelope("500", "服务降级，请稍后重试"),
    ),
    look(
        "sentinel",
        429,
        &[],
        Page::Text("", "Blocked by Sentinel (flow limiting)"),
    ),
    look(
        "kong",
        502,
        &[("server", "kong/3.4.2"), ("x-kong-request-id", "{id}")],
        Page::Text(
            "application/json; charset=utf-8",
            "{\n  \"message\":\"An invalid response was received from the upstream server\",\n  \
             \"request_id\":\"{id}\"\n}",
        ),
    ),
    look(
        "apisix",
        502,
        &[
            ("server", "APISIX/3.8.0"),
            ("x-apisix-upstream-status", "502"),
        ],
        Page::Proxy("502 Bad Gateway", "openresty"),
    ),
    look(
        "aliyun",
        504,
        &[
            ("x-ca-request-id", "{id}"),
            ("x-ca-error-message", "Async Service"),
        ],
        Page::Text("", ""),
    ),
    look(
        "aliyun-throttled",
        403,
        &[
            ("x-ca-request-id", "{id}"),
            ("x-ca-error-message", "Throttled by API Flow Control"),
        ],
        Page::Text("", ""),
    ),
];

/// The value of a `Retry-After` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryAfter {
    /// A number of seconds.
    Seconds(u32),
    /// An HTTP date, this number of seconds after the server's time.
    HttpDate(u32),
}

/// A reply in place of the CRM's; parsed from its name, e.g. `503ra`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Dress {
    place: usize,
    pub(super) retry_after: Option<RetryAfter>,
}

/// The error that no dress has a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown reply `{0}`; hint: one of {list}", list = Dress::names().join(", "))]
pub struct UnknownDress(pub String);

impl Dress {
    /// A gateway's page for a CRM that is too slow: HTTP 503 with `Retry-After`.
    pub const GATEWAY: Self = Self::known("503ra");
    /// nginx's page for HTTP 404.
    pub const NOT_FOUND: Self = Self::known("404");
    /// nginx's page for HTTP 500.
    pub const ERROR: Self = Self::known("500");
    /// nginx's page for HTTP 503.
    pub const UNAVAILABLE: Self = Self::known("503");
    /// HTTP 200 with a page that is no JSON.
    pub const GARBAGE: Self = Self::known("garbage");
    /// A limiter's HTTP 429.
    pub const LIMIT: Self = Self::known("429");
    /// A limiter's refusal inside HTTP 200, code 429.
    pub const LIMIT_IN_200: Self = Self::known("200limit");
    /// A limiter's HTTP 403 with a message about frequency.
    pub const LIMIT_IN_403: Self = Self::known("403limit");

    /// Returns every dress, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..LOOKS.len()).map(Self::at)
    }

    /// Returns the names of all dresses.
    pub fn names() -> Vec<&'static str> {
        Self::all().map(Self::name).collect()
    }

    /// Returns the name that the command line uses.
    pub fn name(self) -> &'static str {
        self.look().name
    }

    /// Returns the dress with this `Retry-After`, in place of the table's.
    #[must_use]
    pub const fn retrying(self, after: RetryAfter) -> Self {
        Self {
            place: self.place,
            retry_after: Some(after),
        }
    }

    pub(super) fn look(self) -> &'static Look {
        &LOOKS[self.place]
    }

    const fn at(place: usize) -> Self {
        Self {
            place,
            retry_after: None,
        }
    }

    const fn known(name: &str) -> Self {
        let mut place = 0;
        while !same(LOOKS[place].name.as_bytes(), name.as_bytes()) {
            place += 1;
        }
        Self::at(place)
    }
}

const fn same(one: &[u8], other: &[u8]) -> bool {
    let mut at = 0;
    while at < one.len() && at < other.len() && one[at] == other[at] {
        at += 1;
    }
    at == one.len() && at == other.len()
}

impl FromStr for Dress {
    type Err = UnknownDress;

    fn from_str(text: &str) -> Result<Self, UnknownDress> {
        Self::all()
            .find(|dress| dress.name() == text)
            .ok_or_else(|| UnknownDress(text.to_owned()))
    }
}

impl fmt::Display for Dress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl fmt::Debug for Dress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{self}")?;
        match self.retry_after {
            Some(after) => write!(formatter, "+{after:?}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dress_has_a_name_of_its_own() {
        for dress in Dress::all() {
            assert_eq!(dress.name().parse(), Ok(dress));
        }
        let error = "509".parse::<Dress>().unwrap_err().to_string();
        assert!(error.contains("503ra, 503, 502"), "{error}");
    }
}
