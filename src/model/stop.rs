//! A shared wish to stop, that sleepers notice at once.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Cloned freely; once requested, every clone says so and every [`Stop::sleep`] returns.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    shared: Arc<(Mutex<bool>, Condvar)>,
}

impl Stop {
    /// Nothing is requested yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Asks everyone to stop.
    pub fn request(&self) {
        let (flag, wake) = &*self.shared;
        *flag.lock().unwrap_or_else(PoisonError::into_inner) = true;
        wake.notify_all();
    }

    /// Whether somebody asked.
    pub fn is_requested(&self) -> bool {
        *self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Sleeps for `duration`, or until a stop is requested. False when it was requested.
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
