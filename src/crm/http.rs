//! One attempt over HTTP: sign, send, read, classify.
//!
//! The invariant: a request leaves at most once. Redirects are not followed, because a POST would be repeated. The
//! client's own retries are off. An idle connection takes no call after the time in which servers usually drop it. After a refused
//! timestamp this file only corrects the clock; `retry.rs` decides about the repetition. Nonce and timestamp are
//! made when the attempt is sent, never when it is queued.

use std::sync::{Arc, Once};
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderName, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Method, Request, Response, Url};

use super::api::Crm;
use super::bad_setting::BadSetting;
use super::call::Call;
use super::call_error::{CallError, Class};
use super::cause;
use super::classify::{self, EnvelopeHead, Head};
use super::endpoint::Endpoint;
use super::endpoint::is_loopback;
use super::lanes::{Lanes, NoLane};
use super::proxy;
use super::query::{FieldQuery, Page, Query};
use super::server_clock::ServerClock;
use super::settings::{ApiSettings, FindMethod};
use super::sign::Signer;
use super::tls;
use super::wire::{self, Envelope};
use crate::model::{
    Code, Customer, CustomerId, FieldConfig, Monitor, Phrase, Problem, Record, Saying,
};

/// How long an idle connection may be used again: shorter than servers keep it, as they may close it in the middle of a
/// request.
const IDLE: Duration = Duration::from_secs(5);
/// The largest reply that is read. The API has no larger one: 10 000 customers of 6 KiB.
const LARGEST_REPLY: u64 = 64 << 20;

/// The paths that no setting changes.
const FIXED_PATHS: [&str; 5] = [
    wire::ADD,
    wire::UPDATE,
    wire::DELETE,
    wire::LIST,
    wire::FIELDS,
];

/// The API over HTTP; each call is one attempt.
pub struct Http {
    lanes: Lanes,
    signer: Signer,
    api: ApiSettings,
    base: Url,
    /// The addresses of the calls whose path is fixed, so that they are put together once.
    urls: [(&'static str, Url); 5],
    headers: HeaderMap,
    names: [HeaderName; 3],
    /// The proxy of the environment or the system, for messages.
    proxy: Option<String>,
    clock: Arc<ServerClock>,
    monitor: Arc<dyn Monitor>,
}

impl Http {
    /// Makes the client; the error names the bad setting.
    pub fn new(
        endpoint: &Endpoint,
        clock: Arc<ServerClock>,
        monitor: Arc<dyn Monitor>,
    ) -> Result<Self, BadSetting> {
        endpoint.validate()?;
        install_tls();
        let base = endpoint.url()?;
        let authorities = match &endpoint.ca_file {
            Some(path) => tls::authorities(path)?,
            None => Vec::new(),
        };
        let is_here = is_loopback(&base);
        let needs_certificates = !is_here || base.scheme() != "http";
        let connect_timeout = endpoint.connect_timeout.min(endpoint.timeout.mul_f64(0.75));
        let timeout = endpoint.timeout;
        let lanes = Lanes::new(move || {
            let mut builder = Client::builder()
                .user_agent(concat!("ferry/", env!("CARGO_PKG_VERSION")))
                .redirect(reqwest::redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .http1_only()
                .tcp_nodelay(true)
                .pool_max_idle_per_host(1)
                .pool_idle_timeout(IDLE)
                .connect_timeout(connect_timeout)
                .timeout(timeout);
            if is_here {
                builder = builder.no_proxy();
            }
            if !needs_certificates {
                // Plain HTTP needs no certificates, so the system's are not loaded and need not exist.
                builder = builder.tls_certs_only(std::iter::empty());
            }
            if !authorities.is_empty() {
                builder = builder.tls_certs_merge(authorities.clone());
            }
            builder
        });
        let lanes = lanes.map_err(|error| BadSetting::new("base_url", no_lane(&error).message))?;

        let names = &endpoint.api.sign.headers;
        let mut headers = HeaderMap::with_capacity(6);
        let appid = HeaderValue::from_str(&endpoint.appid)
            .map_err(|error| BadSetting::new("appid", error.to_string()))?;
        headers.insert(header_name(&names.appid)?, appid);
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(Self {
            lanes,
            urls: FIXED_PATHS.map(|path| (path, url_of(&base, path))),
            signer: Signer::new(&endpoint.api.sign, &endpoint.appid, &endpoint.secret)?,
            names: [
                header_name(&names.nonce)?,
                header_name(&names.timestamp)?,
                header_name(&names.signature)?,
            ],
            api: endpoint.api.clone(),
            headers,
            proxy: proxy::proxy_of(&base)?,
            base,
            clock,
            monitor,
        })
    }

    fn post(&self, call: Call, path: &str, body: Vec<u8>) -> Result<SuccessReply, CallError> {
        self.call(call, Method::POST, path, Some(body))
    }

    fn call(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<SuccessReply, CallError> {
        let start = Instant::now();
        let applied = self.clock.applied_offset();
        let result = self.send(call, method, path, body, applied);
        let milliseconds = start.elapsed().as_millis() as u64;
        match &result {
            Ok(answer) => tracing::debug!(
                call = call.name(),
                status = answer.head.status,
                trace = answer.envelope.trace_id.as_deref(),
                milliseconds,
                "answered"
            ),
            Err(error) => tracing::debug!(
                call = call.name(),
                status = error.http_status,
                class = ?error.class,
                code = error.code.as_deref(),
                trace = error.trace_id.as_deref(),
                milliseconds,
                "failed"
            ),
        }
        result
    }

    fn send(
        &self,
        call: Call,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
        applied: i64,
    ) -> Result<SuccessReply, CallError> {
        let known = self.urls.iter().find(|(fixed, _)| *fixed == path);
        let url = known.map_or_else(|| url_of(&self.base, path), |(_, url)| url.clone());
        let mut request = Request::new(method, url);
        *request.headers_mut() = self.signed();
        *request.body_mut() = body.map(Into::into);
        let is_plain = self.base.scheme() == "http";
        let exchanged = self.lanes.run(async |client| {
            let reply = exchange(client, request).await;
            let is_whole = reply.as_ref().is_ok_and(|reply| reply.body.is_ok());
            (reply, is_whole)
        });
        let reply = exchanged
            .map_err(|error| no_lane(&error))?
            .map_err(|error| {
                let failed = classify::transport(&error);
                let message = if is_plain && tls::is_no_http(&error) {
                    Saying::TlsExpected.into()
                } else {
                    failed.message
                };
                let message = proxy::with_proxy(message, self.proxy.as_deref());
                CallError { message, ..failed }
            })?;

        let date = header_date(&reply.headers, &DATE);
        let offset = date.map(|date| self.clock.observe(date));
        let head = Head {
            status: reply.status,
            retry_after: retry_after(&reply.headers, date),
        };
        // The status 429 decides alone, so the body need not be whole.
        let body = match reply.body {
            Ok(body) => body,
            Err(_) if head.status == 429 => Vec::new(),
            Err(error) => return Err(error.into_error(head)),
        };
        match SuccessReply::of(call, head, &body, &self.api) {
            Ok(reply) => {
                offset.inspect(|offset| self.clock.accept(*offset));
                Ok(reply)
            }
            Err(mut error) => {
                if is_plain && tls::is_expected(head.status, &body) {
                    error.message = Saying::TlsExpected.into();
                }
                // An add is repeated only where a clock that was set explains why earlier calls were signed well.
                let is_wrong = |offset| {
                    (call.is_repeatable() || self.clock.has_jumped(offset))
                        && self.clock.correct(offset, applied)
                };
                if error.class == Class::BadSignature && offset.is_some_and(is_wrong) {
                    error.retry_after = Some(Duration::ZERO);
                    self.tell_offset();
                }
                Err(error)
            }
        }
    }

    fn signed(&self) -> HeaderMap {
        // Decimal and below 2^63: a server may read it as text or as a number.
        let nonce = fastrand::u64(10_u64.pow(17)..10_u64.pow(18)).to_string();
        let timestamp = self.clock.timestamp().to_string();
        let signature = self.signer.sign(&nonce, &timestamp);
        let mut headers = self.headers.clone();
        let values = [nonce, timestamp, signature];
        for (name, text) in self.names.iter().zip(values) {
            // Digits, base64 and hex are always the text of a header.
            if let Ok(mut value) = HeaderValue::try_from(text) {
                value.set_sensitive(true);
                headers.insert(name.clone(), value);
            }
        }
        headers
    }

    fn tell_offset(&self) {
        if self.clock.is_first_to_tell() {
            let seconds = self.clock.applied_offset();
            let problem = Problem::new(Code::ClockOff).with("seconds", seconds.to_string());
            self.monitor.notice(&problem);
        }
    }
}

impl Crm for Http {
    fn add(&self, record: &Record) -> Result<Customer, CallError> {
        let body = wire::add_body(record, self.api.clear.send);
        let answer = self.post(Call::Add, wire::ADD, body)?;
        answer.read(|data| wire::customer(data, None))
    }

    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError> {
        let body = wire::update_body(id, record, self.api.clear.send);
        let answer = self.post(Call::Update, wire::UPDATE, body)?;
        answer.read(|data| wire::customer(data, Some(id)))
    }

    fn delete(&self, id: &CustomerId) -> Result<(), CallError> {
        let body = wire::delete_body(id);
        self.post(Call::Delete, wire::DELETE, body).map(drop)
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        let path = self.api.find.path.replace("{id}", id.as_str());
        let (method, body) = match self.api.find.method {
            FindMethod::Get => (Method::GET, None),
            FindMethod::Post => (Method::POST, Some(wire::empty_body())),
        };
        self.call(Call::Find, method, &path, body)?.found(id)
    }

    fn list(&self, query: &Query) -> Result<Page, CallError> {
        let answer = self.post(Call::List, wire::LIST, wire::list_body(query))?;
        answer.read(|data| wire::page(data, query))
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        let answer = self.post(Call::Fields, wire::FIELDS, wire::empty_body())?;
        answer.read(|data| wire::fields(&data))
    }

    fn fields_where(&self, query: &FieldQuery) -> Result<Vec<FieldConfig>, CallError> {
        let answer = self.post(Call::Fields, wire::FIELDS, wire::field_query(query))?;
        answer.read(|data| wire::fields(&data))
    }
}

/// A reply that says yes.
pub(super) struct SuccessReply {
    head: Head,
    envelope: Envelope,
}

impl SuccessReply {
    /// Reads the body of a reply. A reply that says anything but yes is an error with its class.
    pub(super) fn of(
        call: Call,
        head: Head,
        body: &[u8],
        api: &ApiSettings,
    ) -> Result<Self, CallError> {
        let envelope = classify::reply(call, head, Envelope::parse(body), api)?;
        Ok(Self { head, envelope })
    }

    /// Returns the customer that a find has found.
    pub(super) fn found(self, id: &CustomerId) -> Result<Customer, CallError> {
        if self.envelope.data.is_null() {
            let envelope = EnvelopeHead::from(&self.envelope);
            return Err(classify::nothing_found(self.head, envelope));
        }
        self.read(|data| wire::customer(data, Some(id)))
    }

    /// Reads what the reply brings. What cannot be read is an error.
    pub(super) fn read<T>(
        mut self,
        read: impl FnOnce(serde_json::Value) -> Result<T, Phrase>,
    ) -> Result<T, CallError> {
        let data = self.envelope.data.take();
        read(data).map_err(|message| {
            classify::unreadable(self.head, EnvelopeHead::from(&self.envelope), message)
        })
    }
}

impl From<&Envelope> for EnvelopeHead {
    fn from(envelope: &Envelope) -> Self {
        Self {
            code: envelope.code.clone(),
            trace_id: envelope.trace_id.clone(),
        }
    }
}

/// Why a reply broke off.
struct Broken(Phrase);

impl Broken {
    fn into_error(self, head: Head) -> CallError {
        CallError {
            http_status: Some(head.status),
            ..classify::no_reply(Class::Unknown, self.0)
        }
    }
}

/// A reply, as it came.
struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Result<Vec<u8>, Broken>,
}

/// Sends a request once and reads its reply. Fails where not even the head of a reply came.
async fn exchange(client: &Client, request: Request) -> reqwest::Result<Reply> {
    let mut response = client.execute(request).await?;
    let body = read(&mut response).await;
    Ok(Reply {
        status: response.status().as_u16(),
        headers: std::mem::take(response.headers_mut()),
        body,
    })
}

async fn read(response: &mut Response) -> Result<Vec<u8>, Broken> {
    let expected = response.content_length().unwrap_or(0).min(1 << 20);
    let mut body = Vec::with_capacity(expected as usize);
    loop {
        match response.chunk().await {
            Ok(None) => return Ok(body),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Err(error) if error.is_timeout() => return Err(Broken(Saying::ReplyTooSlow.into())),
            Err(error) => {
                return Err(Broken(
                    Phrase::new(Saying::ReplyBrokeOff).with("cause", cause::of(&error)),
                ));
            }
        }
        if body.len() as u64 > LARGEST_REPLY {
            return Err(Broken(Saying::ReplyTooLarge.into()));
        }
    }
}

/// Returns the error of a call for which there is no lane: it never left.
fn no_lane(error: &NoLane) -> CallError {
    match error {
        NoLane::Client(error) => classify::transport(error),
        NoLane::System(error) => classify::no_reply(
            Class::NotSent,
            Phrase::new(Saying::CannotConnect).with("cause", error.to_string()),
        ),
    }
}

/// Puts an address together; `path` begins with a slash.
fn url_of(base: &Url, path: &str) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    url
}

fn header_name(name: &str) -> Result<HeaderName, BadSetting> {
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|error| BadSetting::new("sign.headers", error.to_string()))
}

fn header_date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    let text = headers.get(name)?.to_str().ok()?;
    httpdate::parse_http_date(text.trim()).ok()
}

/// Reads `Retry-After` as seconds or as a date. A date is compared with the `Date` of the same reply.
fn retry_after(headers: &HeaderMap, date: Option<SystemTime>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    if let Ok(seconds) = text.parse::<u32>() {
        return Some(Duration::from_secs(seconds.into()));
    }
    let until = httpdate::parse_http_date(text).ok()?;
    let from = date.unwrap_or_else(SystemTime::now);
    Some(until.duration_since(from).unwrap_or_default())
}

/// Installs ring as the provider: reqwest is built without one, so that no other is linked.
fn install_tls() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // An error means that a provider is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}

#[cfg(test)]
mod tests;
