//! The life of a request: counted, let in, perhaps sabotaged, executed, answered.
//!
//! Invariant: between the decision to execute and the end of execution there is no await, so a client that
//! hangs up cannot leave a call half done: it was executed or it was not. The order is: method and content
//! type, signature, rate limit, fault, execution; a call refused early burns its nonce like any other.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use axum::http::request::Parts;

use super::auth::Gate;
use super::calls::check_content_type;
use super::clock::Clock;
use super::counters::Meter;
use super::endpoint::{Endpoint, Route};
use super::fault::{Fault, FaultKind};
use super::fields::Fields;
use super::limit::{BusyDress, Limiter};
use super::refusal::Refusal;
use super::reply::{Delivery, Reply};
use super::store::{Store, parse};
use super::wire::Fate;

const BODY_LIMIT: usize = 8 << 20;

/// A request as a hook sees it, before it is decided whether it will be executed.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How many calls to this endpoint there were since the last reset, this one included.
    pub number: u64,
    /// The request's body.
    pub body: &'a [u8],
}

/// What a test wants to happen to a call.
pub(super) type Hook = Arc<dyn Fn(&Call<'_>) -> Option<FaultKind> + Send + Sync>;

/// Everything the requests share.
pub(super) struct Server {
    pub(super) fields: Fields,
    pub(super) clock: Clock,
    pub(super) page_cap: Option<u32>,
    pub(super) update_requires_name: bool,
    pub(super) latency: Option<(Duration, Duration)>,
    pub(super) store: Mutex<Store>,
    pub(super) gate: Mutex<Gate>,
    pub(super) limiter: Mutex<Limiter>,
    pub(super) meter: Mutex<Meter>,
    pub(super) faults: Mutex<Vec<Fault>>,
    pub(super) random: Mutex<fastrand::Rng>,
    pub(super) hook: Mutex<Option<Hook>>,
}

/// Locks, also after a panic elsewhere: every change under these locks is complete or rolled back.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

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
        if route.endpoint == Endpoint::Unknown {
            locked(&self.meter).counters.refused += 1;
            return Reply::not_found();
        }
        if let Err(refusal) = self.admit(parts, route) {
            return self.refuse(&refusal);
        }
        if let Err(dress) = locked(&self.limiter).admit(Instant::now()) {
            return self.busy(&dress);
        }
        let fault = self.pick_fault(route.endpoint, number, body);
        if let Some(kind) = fault
            && let Some(reply) = self.fail_before(kind)
        {
            return reply;
        }
        let outcome = self.execute(route, body, fault);
        let Some(kind) = fault else {
            return match outcome {
                Ok(done) => Reply::success(&done.data),
                Err(refusal) => self.refuse(&refusal),
            };
        };
        let (data, mut took_effect) = match outcome {
            Ok(done) => (Ok(done.data), done.fault_took_effect),
            Err(refusal) => (Err(refusal), false),
        };
        let mut reply = match (&data, kind) {
            (Ok(data), FaultKind::NoId) => {
                took_effect = true;
                Reply::success(&without_id(data))
            }
            (Ok(data), _) => Reply::success(data),
            (Err(refusal), _) => self.refuse(refusal),
        };
        match kind {
            FaultKind::LostReply => reply.delivery = Delivery::Lost,
            FaultKind::Reset => reply.delivery = Delivery::Reset,
            FaultKind::Truncated => reply.delivery = Delivery::Half,
            FaultKind::ErrorAfter => reply = Reply::server_error(),
            FaultKind::GarbageAfter => reply = Reply::garbage(),
            FaultKind::Slow(delay) => reply.delay = delay,
            _ => {
                if took_effect {
                    self.count_fault(kind);
                }
                return reply;
            }
        }
        self.count_fault(kind);
        reply
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
        // A hook may block, to hold a call until a test is ready.
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

    /// Makes the reply of a fault that keeps the call from being executed.
    fn fail_before(&self, kind: FaultKind) -> Option<Reply> {
        let reply = match kind {
            FaultKind::Dropped => Reply::nothing(),
            FaultKind::ErrorBefore => Reply::server_error(),
            FaultKind::GarbageBefore => Reply::garbage(),
            _ => self.busy(&kind.busy_dress()?),
        };
        self.count_fault(kind);
        Some(reply)
    }

    fn count_fault(&self, kind: FaultKind) {
        locked(&self.meter).fault(kind.name());
    }

    fn refuse(&self, refusal: &Refusal) -> Reply {
        locked(&self.meter).counters.refused += 1;
        Reply::refusal(refusal)
    }

    fn busy(&self, dress: &BusyDress) -> Reply {
        locked(&self.meter).counters.busy += 1;
        Reply::busy(dress)
    }
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
