//! For tests: a server that allows fewer calls than the setting, on a clock that only sleeping moves. Measured are how
//! long all calls take, and how often the server says busy. `cargo bench --bench pressure` does it on the real clock.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use super::api::Crm;
use super::call_error::{CallError, Class};
use super::clock::{Clock, FakeClock};
use super::pace::{Pace, Paced};
use super::query::{Page, Query};
use super::retry::Retry;
use super::retry_policy::RetryPolicy;
use super::testing::{Collector, busy_error, customer, error, id, record};
use crate::model::{Counter, Customer, CustomerId, FieldConfig, Record, Stop};

/// A CRM that allows so many calls in any second, each of which takes 2 ms.
struct Limited {
    clock: FakeClock,
    allowed: usize,
    refusal: CallError,
    arrived: Mutex<VecDeque<Duration>>,
    stored: Mutex<u32>,
}

impl Limited {
    fn add_one(&self) -> Result<Customer, CallError> {
        self.clock.advance(Duration::from_millis(2));
        let now = self.clock.now();
        let mut arrived = self.arrived.lock().unwrap();
        arrived.retain(|at| *at + Duration::from_secs(1) > now);
        if arrived.len() >= self.allowed {
            return Err(self.refusal.clone());
        }
        arrived.push_back(now);
        *self.stored.lock().unwrap() += 1;
        Ok(customer())
    }
}

impl Crm for &Limited {
    fn add(&self, _: &Record) -> Result<Customer, CallError> {
        self.add_one()
    }

    fn update(&self, _: &CustomerId, _: &Record) -> Result<Customer, CallError> {
        self.add_one()
    }

    fn delete(&self, _: &CustomerId) -> Result<(), CallError> {
        self.add_one().map(|_| ())
    }

    fn find(&self, _: &CustomerId) -> Result<Customer, CallError> {
        self.add_one()
    }

    fn list(&self, _: &Query) -> Result<Page, CallError> {
        Err(error(Class::Refused))
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        Err(error(Class::Refused))
    }
}

/// Makes 300 adds at a setting of 200/s where the server allows 40/s. Returns the time taken, as a multiple of the
/// time that the server allows, and the number of busy replies.
fn pressed(refusal: CallError) -> (f64, u64) {
    let clock = FakeClock::new();
    let crm = Limited {
        clock: clock.clone(),
        allowed: 40,
        refusal,
        arrived: Mutex::default(),
        stored: Mutex::default(),
    };
    let (stop, monitor) = (Stop::new(), Arc::new(Collector::default()));
    let rates = "200/s".parse().unwrap();
    let pace = Pace::with_clock(&rates, None, monitor.clone(), Arc::new(clock.clone()));
    let pace = Arc::new(pace.unwrap());
    let paced = Paced::new(&crm, pace.clone(), monitor.clone(), stop.clone());
    let policy = RetryPolicy::default();
    let retry = Retry::new(paced, "h", policy, pace, monitor.clone(), stop);
    let start = clock.now();
    for _ in 0..300 {
        assert_eq!(retry.add(&record()).unwrap().id, id());
    }
    assert_eq!(*crm.stored.lock().unwrap(), 300);
    let elapsed = clock.now().saturating_sub(start).as_secs_f64();
    (elapsed / (300.0 / 40.0), monitor.counted(Counter::Busy))
}

#[test]
fn a_server_that_allows_a_fifth_is_not_stormed_and_not_starved() {
    // With and without a `Retry-After`. classify.rs tells apart how servers say busy.
    for refusal in [error(Class::Busy), busy_error(1)] {
        for _ in 0..10 {
            let (ratio, busy_replies) = pressed(refusal.clone());
            assert!(ratio <= 2.5, "{ratio} × the time that the server allows");
            assert!(busy_replies > 0 && busy_replies < 100, "{busy_replies}");
        }
    }
}
