//! The state that all requests to a sandbox share, each changing part behind a lock of its own.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use super::auth::Gate;
use super::clock::Clock;
use super::counters::Meter;
use super::endpoint::Endpoint;
use super::fault::{Fault, FaultKind};
use super::fields::Fields;
use super::limit::Limiter;
use super::outage::Outages;
use super::store::Store;

/// A request as a hook sees it, before the decision whether to execute it.
#[derive(Clone, Copy, Debug)]
pub struct Call<'a> {
    /// The endpoint.
    pub endpoint: Endpoint,
    /// How many calls to this endpoint there were since the last reset, this one included.
    pub number: u64,
    /// The request's body.
    pub body: &'a [u8],
}

/// A test's choice of the fault that a call gets.
pub(super) type Hook = Arc<dyn Fn(&Call<'_>) -> Option<FaultKind> + Send + Sync>;

/// The state that all requests share.
pub(super) struct Server {
    pub(super) fields: Fields,
    pub(super) clock: Clock,
    pub(super) page_cap: Option<u32>,
    pub(super) update_requires_name: bool,
    pub(super) keep_update_time: bool,
    pub(super) merge_by: Option<String>,
    pub(super) latency: Option<(Duration, Duration)>,
    pub(super) store: Mutex<Store>,
    pub(super) gate: Mutex<Gate>,
    pub(super) limiter: Mutex<Limiter>,
    pub(super) meter: Mutex<Meter>,
    pub(super) faults: Mutex<Vec<Fault>>,
    pub(super) outages: Mutex<Outages>,
    /// The moment until which the listener refuses connections.
    pub(super) refused: watch::Sender<Option<Instant>>,
    pub(super) random: Mutex<fastrand::Rng>,
    pub(super) hook: Mutex<Option<Hook>>,
}

/// Locks, also after a panic in another thread: every change under these locks is complete or rolled back.
pub(super) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
