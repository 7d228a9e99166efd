//! A request to stop that all threads of a run share.
//!
//! A thread that sleeps wakes at once when the request is made, so that a long wait for the CRM does not delay the end
//! of a run. A request is never taken back.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// A request to stop. All clones share it.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// Makes a `Stop` that nobody has requested yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks every holder of a clone to stop, and wakes those that sleep.
    pub fn request(&self) {
        let (flag, wake) = &*self.shared;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        wake.notify_all();
    }

    /// Returns whether a stop was requested.
    pub fn is_requested(&self) -> bool {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for `duration`, or until a stop is requested. Returns false when a stop was requested.
    pub fn sleep(&self, duration: Duration) -> bool {
        let (flag, wake) = &*self.shared;
        let until = Instant::now() + duration;
        let mut requested = flag.lock().unwrap_or_else(PoisonError::into_inner);
        while !*requested {
            let rest = until.saturating_duration_since(Instant::now());
            if rest.is_zero() {
                return true;
            }
            requested = wake
                .wait_timeout(requested, rest)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        false
    }
}
