//! The decorator that paces calls: each attempt takes a permit, and what its reply shows of the server's load goes
//! back to the pace.
//!
//! It sits inside the retry, so that a repetition is paced and counted as the call it is.

use std::sync::Arc;
use std::time::Duration;

use super::account::Pace;
use super::denied::Denied;
use crate::crm::api::Crm;
use crate::crm::call_error::{CallError, Class};
use crate::crm::classify;
use crate::crm::query::{FieldQuery, Page, Query};
use crate::crm::retry_policy::RetryPolicy;
use crate::model::{Counter, Customer, CustomerId, FieldConfig, Monitor, Record, Stop};

/// Paces another [`Crm`].
pub struct Paced<C> {
    inner: C,
    pace: Arc<Pace>,
    monitor: Arc<dyn Monitor>,
    stop: Stop,
    longest_pause: Duration,
}

impl<C: Crm> Paced<C> {
    /// Paces `inner`. A stop ends every wait with [`Class::NotSent`].
    pub fn new(inner: C, pace: Arc<Pace>, monitor: Arc<dyn Monitor>, stop: Stop) -> Self {
        Self {
            inner,
            pace,
            monitor,
            stop,
            longest_pause: RetryPolicy::default().max_outage,
        }
    }

    /// Limits the pauses that the server may ask for. Default 10 min.
    #[must_use]
    pub fn with_longest_pause(self, longest_pause: Duration) -> Self {
        Self {
            longest_pause,
            ..self
        }
    }

    fn attempt<T>(&self, call: impl FnOnce(&C) -> Result<T, CallError>) -> Result<T, CallError> {
        if let Err(denied) = self.pace.acquire(&self.stop) {
            let mut error = classify::no_reply(Class::NotSent, denied.reason());
            if matches!(denied, Denied::Spent { .. }) {
                error.code = Some(CallError::QUOTA.to_owned());
            }
            return Err(error);
        }
        self.monitor.count(Counter::Calls, 1);
        let result = call(&self.inner);
        match &result {
            Ok(_) => self.pace.succeeded(),
            Err(error) => match error.class {
                Class::Busy => self.note_busy(error),
                Class::Unknown if error.sounds_like == Some(Class::Busy) => self.note_busy(error),
                Class::Unknown if error.http_status.is_some_and(|status| status >= 500) => {
                    self.pace.slow_down();
                }
                Class::Refused | Class::Gone => self.pace.succeeded(),
                _ => {}
            },
        }
        result
    }

    fn note_busy(&self, error: &CallError) {
        self.monitor.count(Counter::Busy, 1);
        let asked = error.retry_after.map(|asked| asked.min(self.longest_pause));
        self.pace.busy(asked);
    }
}

impl<C: Crm> Crm for Paced<C> {
    fn add(&self, record: &Record) -> Result<Customer, CallError> {
        self.attempt(|crm| crm.add(record))
    }

    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError> {
        self.attempt(|crm| crm.update(id, record))
    }

    fn delete(&self, id: &CustomerId) -> Result<(), CallError> {
        self.attempt(|crm| crm.delete(id))
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        self.attempt(|crm| crm.find(id))
    }

    fn list(&self, query: &Query) -> Result<Page, CallError> {
        self.attempt(|crm| crm.list(query))
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        self.attempt(Crm::fields)
    }

    fn fields_where(&self, query: &FieldQuery) -> Result<Vec<FieldConfig>, CallError> {
        self.attempt(|crm| crm.fields_where(query))
    }
}
