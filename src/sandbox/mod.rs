//! The embedded CRM server that plays the real CRM in tests and demonstrations.
//!
//! Invariant: it imports nothing of ferry's. It is a second, independent reading of the API (`contract.md`),
//! so that a misreading in the client shows instead of cancelling out; where the contract is silent it takes
//! the strict side. It listens on 127.0.0.1 only, on a runtime of its own, so that blocking callers can hold it.
//!
//! Refusals carry `success: false` inside HTTP 200, unless an HTTP status is given:
//!
//! | code | meaning |
//! |---|---|
//! | 401 | wrong signature (签名错误) |
//! | 402 | unknown appid |
//! | 404 | unknown customer (客户不存在): find, update, delete |
//! | 405, 413, 415 | wrong method, body over 8 MiB, `Content-Type` not JSON (HTTP status of the same number) |
//! | 406 | a header is missing |
//! | 407 | timestamp more than 300 s from the server's clock |
//! | 408 | nonce used within the last 15 minutes |
//! | 429 | busy, in the dress `200limit` (访问过于频繁，请稍后再试) |
//! | 500 | the store failed (HTTP 500) |
//! | 40000 | the body is not a JSON object |
//! | 40001 | a required field or the id is missing, or an update would clear a required field |
//! | 40002 | unknown key in a customer |
//! | 40003 | the field is disabled (已停用) or deleted (已删除) |
//! | 40004 | the server sets the field itself |
//! | 40005 | the value does not fit the field |
//! | 40006 | no such choice |
//! | 40007 | wrong parameter: an id that is no string of digits, page, limit, filter, search |
//! | 40008 | the field cannot be searched so |
//!
//! An unknown path is answered by HTTP 404 with an HTML page, as a proxy would. What else gateways and frameworks
//! say instead of the CRM is in the table of `dress`; a [`Fault`] or an [`Outage`] wears it, before or after the
//! call was executed.

use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

mod auth;
mod calls;
mod clock;
mod counters;
mod dress;
mod endpoint;
mod fault;
mod fields;
mod host;
mod lag;
mod limit;
mod outage;
mod refusal;
mod reply;
mod search;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod validate;
mod wire;

pub use auth::Auth;
pub use counters::Counters;
pub use dress::{Dress, RetryAfter, UnknownDress};
pub use endpoint::Endpoint;
pub use fault::{Fault, FaultError, FaultKind, Target};
pub use limit::RateLimit;
pub use outage::{Outage, OutageError, OutageKind};
pub use server::Call;

use server::{Server, handle, locked};
use wire::{Fate, WireListener};

/// How long dropping a sandbox waits for requests that are being executed.
const SHUTDOWN: Duration = Duration::from_secs(1);

/// How a sandbox behaves. The default: any free port, customers in memory, the built-in fields, calls signed
/// by appid `sandbox` with secret `sandbox-secret`, no limits and no faults.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The SQLite file that keeps the customers; none keeps them in memory.
    pub db: Option<PathBuf>,
    /// A JSON file with the fields: an array as the field list answers, or that whole reply.
    pub fields: Option<PathBuf>,
    /// How callers are told apart.
    pub auth: Auth,
    /// The server's maximum for `limit`; what is above is cut silently.
    pub page_cap: Option<u32>,
    /// The rate limit.
    pub rate: Option<RateLimit>,
    /// The least and the most that every reply is delayed by.
    pub latency: Option<(Duration, Duration)>,
    /// Faults; the first that hits a call wins.
    pub faults: Vec<Fault>,
    /// Times in which every call fails; the first that lasts wins, before any fault.
    pub outages: Vec<Outage>,
    /// Seeds the faults and the latency.
    pub seed: u64,
    /// How many seconds the server's clock is ahead.
    pub clock_offset_seconds: i64,
    /// Whether an update without `customerName` is refused.
    pub update_requires_name: bool,
    /// How long after a change a search shows it; the list without conditions and find show it at once.
    pub search_lag: Duration,
    /// Whether an update that changes nothing leaves `updateTime` and `updateAgent` alone.
    pub keep_update_time: bool,
    /// A field by which adds are merged: one whose first value of it is stored already is answered with the
    /// oldest customer that has it, as it is, and stores nothing.
    pub merge_by: Option<String>,
}

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; hint: another program may use the port")]
    Listen {
        /// The port.
        port: u16,
        /// The cause.
        source: io::Error,
    },
    /// The runtime's threads cannot be started.
    #[error("cannot start the sandbox's threads: {0}")]
    Runtime(#[source] io::Error),
    /// The file with the customers cannot be used.
    #[error("cannot use {} as the sandbox's customers: {source}; hint: another ferry may be using it", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The file with the fields cannot be used.
    #[error("cannot read the fields in {}: {reason}", path.display())]
    Fields {
        /// The file.
        path: PathBuf,
        /// The cause.
        reason: String,
    },
    /// Adds cannot be merged by this field.
    #[error("cannot merge by `{field}`; hint: one of {known}")]
    MergeBy {
        /// The field that was given.
        field: String,
        /// The fields that customers are found by.
        known: String,
    },
}

/// A running sandbox. Dropping it closes its connections and its port.
pub struct Sandbox {
    server: Arc<Server>,
    runtime: Option<Runtime>,
    port: u16,
    stop: Stopper,
}

impl Sandbox {
    /// Starts a sandbox and returns once it accepts connections.
    pub fn start(options: Options) -> Result<Self, SandboxError> {
        let fields = fields::Fields::load(options.fields.as_deref())?;
        if let Some(field) = &options.merge_by {
            check_merge_by(&fields, field)?;
        }
        let mut store = store::Store::open(options.db.as_deref(), &fields).map_err(|source| {
            SandboxError::Store {
                path: options.db.clone().unwrap_or_else(|| ":memory:".into()),
                source,
            }
        })?;
        store.set_search_lag(options.search_lag);
        let outages = outage::Outages::new(options.outages, Instant::now());
        let (refused, refusals) = watch::channel(outages.refused_until());
        let server = Arc::new(Server {
            fields,
            clock: clock::Clock::new(options.clock_offset_seconds),
            page_cap: options.page_cap,
            update_requires_name: options.update_requires_name,
            keep_update_time: options.keep_update_time,
            merge_by: options.merge_by,
            latency: options.latency,
            store: Mutex::new(store),
            gate: Mutex::new(auth::Gate::new(options.auth)),
            limiter: Mutex::new(limit::Limiter::new(options.rate)),
            meter: Mutex::default(),
            faults: Mutex::new(options.faults),
            outages: Mutex::new(outages),
            refused,
            random: Mutex::new(fastrand::Rng::with_seed(options.seed)),
            hook: Mutex::new(None),
        });
        let listen_error = |source| SandboxError::Listen {
            port: options.port,
            source,
        };
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, options.port)).map_err(listen_error)?;
        listener.set_nonblocking(true).map_err(listen_error)?;
        let port = listener.local_addr().map_err(listen_error)?.port();
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("ferry-sandbox")
            .enable_io()
            .enable_time()
            .build()
            .map_err(SandboxError::Runtime)?;
        let listener = {
            let _inside = runtime.enter();
            let listener = tokio::net::TcpListener::from_std(listener).map_err(listen_error)?;
            WireListener::new(listener, refusals).map_err(listen_error)?
        };
        let service = Router::new()
            .fallback(handle)
            .with_state(Arc::clone(&server))
            .into_make_service_with_connect_info::<Fate>();
        runtime.spawn(async move { axum::serve(listener, service).await });
        Ok(Self {
            server,
            runtime: Some(runtime),
            port,
            stop: Stopper::default(),
        })
    }

    /// Returns the address to send calls to, e.g. `http://127.0.0.1:8081`.
    pub fn base_url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Returns the port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Returns the counters as they are now.
    pub fn counters(&self) -> Counters {
        locked(&self.server.meter).counters.clone()
    }

    /// Sets every counter to zero, and with them the numbers that a hook is told.
    pub fn reset_counters(&self) {
        locked(&self.server.meter).reset();
    }

    /// Returns how many customers are stored.
    pub fn customer_count(&self) -> usize {
        locked(&self.server.store).len()
    }

    /// Returns every customer, in the order of ids.
    ///
    /// # Panics
    ///
    /// When the store cannot be read.
    pub fn customers(&self) -> Vec<Map<String, Value>> {
        locked(&self.server.store)
            .all()
            .expect("the sandbox's store is readable")
    }

    /// Returns one customer.
    ///
    /// # Panics
    ///
    /// When the store cannot be read.
    pub fn customer(&self, id: &str) -> Option<Map<String, Value>> {
        let body = locked(&self.server.store)
            .get(store::parse_id(id)?)
            .expect("the sandbox's store is readable")?;
        Some(store::parse(&body).expect("the sandbox's store holds customers"))
    }

    /// Puts a customer in unchecked, completed by what the server sets, and returns its `_id`. One that brings
    /// an `_id` keeps it, replacing whoever had it. Searches show it at once.
    ///
    /// # Panics
    ///
    /// When the store cannot be written.
    pub fn insert(&self, customer: Map<String, Value>) -> String {
        let mut store = locked(&self.server.store);
        let (id, _) = self
            .server
            .store_new(&mut store, customer)
            .expect("the sandbox's store is writable");
        store.show_now(id);
        id.to_string()
    }

    /// Takes a customer out, also of searches; returns whether there was one.
    ///
    /// # Panics
    ///
    /// When the store cannot be written.
    pub fn remove(&self, id: &str) -> bool {
        store::parse_id(id).is_some_and(|id| {
            let mut store = locked(&self.server.store);
            let was_there = store.delete(id).expect("the sandbox's store is writable");
            store.show_now(id);
            was_there
        })
    }

    /// Replaces the faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        *locked(&self.server.faults) = faults;
    }

    /// Replaces the outages; adds are counted anew.
    pub fn set_outages(&self, outages: Vec<Outage>) {
        let mut current = locked(&self.server.outages);
        *current = outage::Outages::new(outages, Instant::now());
        self.server.refused.send_replace(current.refused_until());
    }

    /// Replaces the rate limit and forgets the calls counted against the old one.
    pub fn set_rate(&self, rate: Option<RateLimit>) {
        *locked(&self.server.limiter) = limit::Limiter::new(rate);
    }

    /// Sets how many seconds the server's clock is ahead.
    pub fn set_clock_offset(&self, seconds: i64) {
        self.server.clock.set_offset(seconds);
    }

    /// Asks `hook` about every call that was let in, before it is executed; the fault it returns is injected,
    /// one that does not fit the endpoint is ignored. The hook may block: that holds the call.
    pub fn on_call(&self, hook: impl Fn(&Call<'_>) -> Option<FaultKind> + Send + Sync + 'static) {
        *locked(&self.server.hook) = Some(Arc::new(hook));
    }

    /// Blocks until a [`Stopper`] of this sandbox is used.
    pub fn wait(&self) {
        let mut stopped = locked(&self.stop.0.0);
        while !*stopped {
            stopped = self
                .stop
                .0
                .1
                .wait(stopped)
                .unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Returns a handle that ends [`Sandbox::wait`], for a signal handler.
    pub fn stopper(&self) -> Stopper {
        self.stop.clone()
    }
}

fn check_merge_by(fields: &fields::Fields, field: &str) -> Result<(), SandboxError> {
    let known: Vec<&str> = fields
        .iter()
        .filter(|known| search::is_indexed(known))
        .map(|known| known.param.as_str())
        .collect();
    if known.contains(&field) {
        return Ok(());
    }
    Err(SandboxError::MergeBy {
        field: field.to_owned(),
        known: known.join(", "),
    })
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        *locked(&self.server.hook) = None;
        let Some(runtime) = self.runtime.take() else {
            return;
        };
        // Waiting for threads is not allowed within another runtime.
        if Handle::try_current().is_ok() {
            runtime.shutdown_background();
        } else {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}

/// Ends [`Sandbox::wait`]; cloned freely, usable from any thread.
#[derive(Clone, Debug, Default)]
pub struct Stopper(Arc<(Mutex<bool>, Condvar)>);

impl Stopper {
    /// Makes [`Sandbox::wait`] return, now and whenever it is called later.
    pub fn stop(&self) {
        *locked(&self.0.0) = true;
        self.0.1.notify_all();
    }
}
