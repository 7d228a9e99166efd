//! The life of a request: counted, let in, perhaps spoiled by a fault, executed, answered.
//!
//! Invariant: between the decision to execute and the end of execution there is no await, so a client that hangs up
//! cannot leave a call half done: it was executed or it was not. The order is: host, outage, method and content type,
//! signature, rate limit, fault, execution. A call with a right signature burns its nonce even if the rate limit
//! refuses it.

use std::sync::Arc;
use std::time::Instant;

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use axum::http::request::Parts;

use super::calls::check_content_type;
use super::dress::Dress;
use super::endpoint::{Endpoint, Route};
use super::fault::FaultKind;
use super::host;
use super::outage::{OutageKind, Struck};
use super::refusal::Refusal;
use super::reply::{Delivery, Reply};
use super::server::{Call, Server, locked};
use super::store::parse;
use super::wire::Fate;

const BODY_LIMIT: usize = 8 << 20;

/// Counts a call as in flight until it is dropped, also when the client hangs up.
struct Visit<'a> {
    server: &'a Server,
    number: u64,
}

impl<'a> Visit<'a> {
    fn new(server: &'a Server, endpoint: Endpoint) -> Self {
        let mut meter = locked(&server.meter);
        meter.arrive(endpoint, Instant::now());
        Self {
            server,
            number: meter.counters.calls_to(endpoint),
        }
    }
}

impl Drop for Visit<'_> {
    fn drop(&mut self) {
        locked(&self.server.meter).leave();
    }
}

/// Answers a request.
pub(super) async fn handle(
    State(server): State<Arc<Server>>,
    ConnectInfo(fate): ConnectInfo<Fate>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    if !host::is_own(&parts) {
        return Reply::refusal(&Refusal::foreign_host()).send(&server.clock, &fate);
    }
    let route = Route::of(&parts.method, parts.uri.path());
    let visit = Visit::new(&server, route.endpoint);
    let mut reply = match to_bytes(body, BODY_LIMIT).await {
        Ok(body) => server.answer(&parts, &route, &body, visit.number),
        Err(_) => server.refuse(&Refusal::too_large()),
    };
    if let Some((least, most)) = server.latency {
        let share = locked(&server.random).f64();
        reply.delay += least + most.saturating_sub(least).mul_f64(share);
    }
    if !reply.delay.is_zero() {
        tokio::time::sleep(reply.delay).await;
    }
    reply.send(&server.clock, &fate)
}

impl Server {
    fn answer(&self, parts: &Parts, route: &Route<'_>, body: &[u8], number: u64) -> Reply {
        match self.outage(route.endpoint) {
            None => self.serve(parts, route, body, number),
            Some(outage) => {
                if outage.kind.executes() {
                    self.serve(parts, route, body, number);
                }
                locked(&self.meter).outage(route.endpoint);
                self.silenced(&outage, parts.uri.path())
            }
        }
    }

    /// Returns the outage that a call falls into. An outage of the kind `refused` that begins with this call closes the
    /// port.
    fn outage(&self, endpoint: Endpoint) -> Option<Struck> {
        let mut outages = locked(&self.outages);
        let struck = outages.meet(endpoint, Instant::now())?;
        if struck.kind == OutageKind::Refused {
            self.refused.send_replace(outages.refused_until());
        }
        Some(struck)
    }

    fn silenced(&self, outage: &Struck, path: &str) -> Reply {
        let mut reply = Reply::nothing();
        if let OutageKind::Fault(kind) = outage.kind {
            self.spoil(kind, &mut reply, path);
        }
        reply.delay = outage.silence(Instant::now());
        reply
    }

    fn serve(&self, parts: &Parts, route: &Route<'_>, body: &[u8], number: u64) -> Reply {
        let path = parts.uri.path();
        if route.endpoint == Endpoint::Unknown {
            locked(&self.meter).counters.refused += 1;
            return Reply::dressed(Dress::NOT_FOUND, path, &self.clock);
        }
        if let Err(refusal) = self.admit(parts, route) {
            return self.refuse(&refusal);
        }
        if let Err(dress) = locked(&self.limiter).admit(Instant::now()) {
            locked(&self.meter).counters.busy += 1;
            return Reply::dressed(dress, path, &self.clock);
        }
        let fault = self.pick_fault(route.endpoint, number, body);
        let (mut reply, took_effect) = match fault {
            Some(kind) if !kind.executes() => (Reply::nothing(), true),
            _ => match (self.execute(route, body, fault), fault) {
                (Err(refusal), _) => (self.refuse(&refusal), false),
                (Ok(done), Some(FaultKind::NoId)) => {
                    (Reply::success(&without_id(&done.data)), true)
                }
                (Ok(done), Some(FaultKind::NullData)) => {
                    (Reply::success_with(&null_data(&done.data)), true)
                }
                (Ok(done), Some(FaultKind::NullList)) => {
                    (Reply::success(&null_list(&done.data)), true)
                }
                (Ok(done), _) => (Reply::success(&done.data), done.fault_took_effect),
            },
        };
        if let Some(kind) = fault {
            self.spoil(kind, &mut reply, path);
            if took_effect || !kind.needs_success() {
                self.count_fault(kind);
            }
        }
        reply
    }

    /// Changes a reply as the fault says.
    fn spoil(&self, kind: FaultKind, reply: &mut Reply, path: &str) {
        match kind {
            FaultKind::LostReply | FaultKind::Dropped => reply.delivery = Delivery::Lost,
            FaultKind::Reset => reply.delivery = Delivery::Reset,
            FaultKind::Truncated => reply.delivery = Delivery::Half,
            FaultKind::Slow(delay) => reply.delay = delay,
            FaultKind::Bom => reply.body.insert(0, '\u{feff}'),
            FaultKind::Before(dress) | FaultKind::After(dress) => {
                *reply = Reply::dressed(dress, path, &self.clock);
            }
            _ => {}
        }
    }

    fn admit(&self, parts: &Parts, route: &Route<'_>) -> Result<(), Refusal> {
        if !route.allowed {
            return Err(Refusal::wrong_method(parts.method.as_str()));
        }
        check_content_type(&parts.method, &parts.headers)?;
        locked(&self.gate).check(&parts.headers, self.clock.now_ms())
    }

    fn pick_fault(&self, endpoint: Endpoint, number: u64, body: &[u8]) -> Option<FaultKind> {
        let hook = locked(&self.hook).clone();
        let call = Call {
            endpoint,
            number,
            body,
        };
        // A hook may block to hold a call, and must not hold up other requests of the runtime.
        let scripted = hook.and_then(|hook| tokio::task::block_in_place(|| hook(&call)));
        if let Some(kind) = scripted.filter(|kind| kind.fits(endpoint)) {
            return Some(kind);
        }
        let faults = locked(&self.faults);
        let mut random = locked(&self.random);
        faults
            .iter()
            .find(|fault| fault.aims_at(endpoint) && random.f64() < fault.probability)
            .map(|fault| fault.kind)
    }

    fn count_fault(&self, kind: FaultKind) {
        let name = kind.name();
        let mut meter = locked(&self.meter);
        meter.counters.busy += u64::from(name.starts_with("busy"));
        meter.fault(name);
    }

    fn refuse(&self, refusal: &Refusal) -> Reply {
        locked(&self.meter).counters.refused += 1;
        Reply::refusal(refusal)
    }
}

/// Returns the members of a list's reply whose `data` is `null` and whose `count` stands beside it.
fn null_data(list: &str) -> String {
    format!(r#""data":null,"count":{}"#, count_of(list))
}

fn null_list(list: &str) -> String {
    format!(r#"{{"list":null,"count":{}}}"#, count_of(list))
}

fn count_of(list: &str) -> serde_json::Value {
    let list: serde_json::Value = serde_json::from_str(list).unwrap_or_default();
    list["count"].clone()
}

fn without_id(data: &str) -> String {
    match parse(data) {
        Ok(mut customer) => {
            customer.shift_remove("_id");
            serde_json::Value::Object(customer).to_string()
        }
        Err(_) => data.to_owned(),
    }
}
