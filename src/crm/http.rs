//! One attempt over HTTP: sign, send, read, classify.
//!
//! The invariant: a request leaves at most once (`lanes.rs`). Redirects are not followed, because a POST would be
//! repeated. After a refused timestamp this file only corrects the clock; `retry.rs` decides about the repetition. Nonce
//! and timestamp are made when the attempt is sent, never when it is queued.

use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use http_body_util::Full;
use hyper::body::Bytes;
use hyper::header::{
    ACCEPT, CONTENT_TYPE, DATE, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
    RETRY_AFTER, USER_AGENT,
};
use hyper::http::uri::InvalidUri;
use hyper::{Method, Request, Uri};
use rustls::ClientConfig;
use url::Url;

use super::api::Crm;
use super::bad_setting::BadSetting;
use super::call::Call;
use super::call_error::{CallError, Class};
use super::cause;
use super::classify::{self, EnvelopeHead, Head};
use super::descriptors::make_room;
use super::dialer::{Dialer, FERRY};
use super::endpoint::{Endpoint, is_loopback};
use super::lanes::{Broken, Lanes, NoReply};
use super::link::Outgoing;
use super::proxy;
use super::query::{FieldQuery, Page, Query};
use super::server_clock::ServerClock;
use super::settings::{ApiSettings, FindMethod};
use super::sign::Signer;
use super::tls::{self, Trust};
use super::wire::{self, Envelope};
use crate::model::{
    Code, Customer, CustomerId, FieldConfig, Monitor, Phrase, Problem, Record, Saying,
};

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
    /// Whether a request names the server's whole address, as a proxy that passes it on needs it.
    is_forwarded: bool,
    /// The targets of the calls whose path is fixed, so that they are put together once.
    targets: Vec<(&'static str, Uri)>,
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
        make_room(endpoint.concurrency);
        let base = endpoint.url()?;
        let bad_base = |error: &dyn ToString| BadSetting::new("base_url", error.to_string());
        let server: Uri = base.as_str().parse().map_err(|error| bad_base(&error))?;
        let proxy = proxy::proxy_of(&base, &server)?;
        let proxy_name = proxy.as_ref().map(proxy::name_of);
        let authorization = proxy.as_ref().and_then(|proxy| proxy.basic_auth().cloned());
        let tls = tls_of(endpoint, &base)?;
        let connect_timeout = endpoint.connect_timeout.min(endpoint.timeout.mul_f64(0.75));
        let dialer = Dialer::new(server, proxy, tls, connect_timeout);
        let is_forwarded = dialer.is_forwarded();

        let names = &endpoint.api.sign.headers;
        let mut headers = HeaderMap::with_capacity(12);
        let appid = HeaderValue::from_str(&endpoint.appid)
            .map_err(|error| BadSetting::new("appid", error.to_string()))?;
        let host = HeaderValue::from_str(base.authority()).map_err(|error| bad_base(&error))?;
        headers.insert(HOST, host);
        headers.insert(USER_AGENT, HeaderValue::from_static(FERRY));
        headers.insert(ACCEPT, HeaderValue::from_static("*/*"));
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Some(authorization) = authorization.filter(|_| is_forwarded) {
            headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        headers.insert(header_name(&names.appid)?, appid);
        let target = |path| target(&base, is_forwarded, path).map(|target| (path, target));
        let targets: Result<Vec<_>, _> = FIXED_PATHS.into_iter().map(target).collect();
        Ok(Self {
            lanes: Lanes::new(dialer, endpoint.timeout),
            targets: targets.map_err(|error| bad_base(&error))?,
            signer: Signer::new(&endpoint.api.sign, &endpoint.appid, &endpoint.secret)?,
            names: [
                header_name(&names.nonce)?,
                header_name(&names.timestamp)?,
                header_name(&names.signature)?,
            ],
            api: endpoint.api.clone(),
            headers,
            proxy: proxy_name,
            base,
            is_forwarded,
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
        let request = self.request(method, path, body);
        let reply = request.and_then(|request| self.lanes.call(request));
        let is_plain = self.base.scheme() == "http";
        let reply = reply.map_err(|error| {
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
            Err(_) if head.status == 429 => Bytes::new(),
            Err(error) => return Err(broke_off(&error, head)),
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

    fn request(
        &self,
        method: Method,
        path: &str,
        body: Option<Vec<u8>>,
    ) -> Result<Outgoing, NoReply> {
        let known = self.targets.iter().find(|(fixed, _)| *fixed == path);
        let target = match known {
            Some((_, target)) => target.clone(),
            None => target(&self.base, self.is_forwarded, path)
                .map_err(|error| NoReply::NotSent(error.into()))?,
        };
        let mut request = Request::new(Full::from(body.unwrap_or_default()));
        *request.method_mut() = method;
        *request.uri_mut() = target;
        *request.headers_mut() = self.signed();
        Ok(request)
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

/// Makes the client's side of TLS.
fn tls_of(endpoint: &Endpoint, base: &Url) -> Result<ClientConfig, BadSetting> {
    let trust = match &endpoint.ca_file {
        Some(path) => Trust::System(tls::authorities(path)?),
        None if base.scheme() == "http" && is_loopback(base) => Trust::Nobody,
        None => Trust::System(Vec::new()),
    };
    let is_own = endpoint.ca_file.is_some();
    trust
        .client()
        .map_err(|error| match tls::reason_of(&error) {
            Some(reason) => BadSetting::new("base_url", reason),
            None if is_own => BadSetting::new("ca_file", error.to_string()),
            None => BadSetting::new("base_url", error.to_string()),
        })
}

/// Returns the error of a reply whose body is not whole.
fn broke_off(error: &Broken, head: Head) -> CallError {
    let message = match error {
        Broken::TooSlow => Saying::ReplyTooSlow.into(),
        Broken::TooLarge => Saying::ReplyTooLarge.into(),
        Broken::Lost(_) => Phrase::new(Saying::ReplyBrokeOff).with("cause", cause::of(error)),
    };
    CallError {
        http_status: Some(head.status),
        ..classify::no_reply(Class::Unknown, message)
    }
}

/// Puts together what a request line names; `path` begins with a slash.
fn target(base: &Url, is_forwarded: bool, path: &str) -> Result<Uri, InvalidUri> {
    let mut url = base.clone();
    url.set_path(&format!("{}{path}", base.path().trim_end_matches('/')));
    let target = if is_forwarded {
        url.as_str()
    } else {
        url.path()
    };
    target.parse()
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

#[cfg(test)]
mod tests;
