//! A running sandbox: its holder starts it, reads and changes it, and stops it by dropping it.
//!
//! The holder uses the same store as the requests, under the same locks, so that a test sees what callers were told.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use serde_json::{Map, Value};
use tokio::runtime::{Builder, Handle, Runtime};
use tokio::sync::watch;

use super::counters::Counters;
use super::error::SandboxError;
use super::fault::{Fault, FaultKind};
use super::limit::RateLimit;
use super::options::Options;
use super::outage::Outage;
use super::request::handle;
use super::server::{Call, Server, locked};
use super::wire::{Fate, WireListener};
use super::{auth, clock, fields, limit, outage, search, store};

/// How long dropping a sandbox waits for requests that are being executed.
const SHUTDOWN: Duration = Duration::from_secs(1);

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

    /// Stores a customer unchecked, adds the fields that the server sets, and returns the `_id`. A customer that brings
    /// an `_id` keeps it, and replaces the customer that had it. Searches show the customer at once.
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

    /// Deletes a customer, at once also from searches; returns whether there was one.
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

    /// Deletes every customer; returns how many there were.
    ///
    /// # Panics
    ///
    /// When the store cannot be written.
    pub fn clear(&self) -> usize {
        let mut store = locked(&self.server.store);
        let count = store.len();
        store.clear().expect("the sandbox's store is writable");
        count
    }

    /// Replaces the faults.
    pub fn set_faults(&self, faults: Vec<Fault>) {
        *locked(&self.server.faults) = faults;
    }

    /// Replaces the outages; adds are counted from 0 again.
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

    /// Asks `hook` about every call that was let in, before it is executed. The fault that it returns is injected; a
    /// fault that does not fit the endpoint is ignored. A hook that blocks holds the call.
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
        // A shutdown that waits panics inside another runtime.
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
