//! Holding calls at the CRM, so that a test can act at an exact moment of a run.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crm_ferry::sandbox::{Endpoint, FaultKind, Sandbox};

use super::until;

#[derive(Default)]
struct State {
    arrived: u64,
    released: bool,
    fate: Option<FaultKind>,
}

/// Calls that are held until they are released; dropping releases them.
pub struct Held(Arc<(Mutex<State>, Condvar)>);

impl Held {
    /// Holds every call to `endpoint` from the given number on.
    pub fn install(crm: &Sandbox, endpoint: Endpoint, number: u64) -> Self {
        let held = Self(Arc::default());
        let shared = Arc::clone(&held.0);
        crm.on_call(move |call| {
            if call.endpoint != endpoint || call.number < number {
                return None;
            }
            let (state, changed) = &*shared;
            let mut state = state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.released {
                return None;
            }
            state.arrived += 1;
            let state = changed
                .wait_timeout_while(state, Duration::from_secs(60), |state| !state.released)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
            state.fate
        });
        held
    }

    /// Waits until so many calls are held.
    pub fn wait_for(&self, calls: u64) {
        until("a call is held", || self.lock().arrived >= calls);
    }

    /// Lets the held calls, and all later ones, go their way.
    pub fn release(self) {
        drop(self);
    }

    /// Ends the held calls with a fault; later ones go their way.
    pub fn release_as(self, fate: FaultKind) {
        self.lock().fate = Some(fate);
        drop(self);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        self.lock().released = true;
        self.0.1.notify_all();
    }
}
