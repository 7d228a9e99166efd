//! Which attempts are repeated, and when it is time to give up.
//!
//! The invariant: an `add` is repeated only after a reply or a failure which proves that it did not happen
//! ([`Class::NotSent`], [`Class::Busy`], a refused signature). Everything else is patience: connection
//! failures open a breaker that lets one sender probe at a time, and repetitions of doubtful calls draw on
//! a shared budget, so that an ailing server is not stormed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::clock::Clock;
use super::pace::Pace;
use super::{Call, CallError, Class, Crm, Page, Query};
use crate::model::{Code, Customer, CustomerId, FieldConfig, Monitor, Problem, Record, Stop};

/// How long to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// Attempts of a repeatable call whose outcome stays unknown. Default 7, about 35 s of waiting.
    pub attempts: u32,
    /// Connection failures for longer than this end the call. Default 10 min.
    pub max_outage: Duration,
    /// The same before the server was reached for the first time: then a wrong address is likelier than
    /// an outage. Default 15 s.
    pub first_contact: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            attempts: 7,
            max_outage: Duration::from_secs(600),
            first_contact: Duration::from_secs(15),
        }
    }
}

/// The first wait after an unknown outcome; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The first wait after a connection that could not be made.
const FIRST_CONNECT_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// Connection failures in a row that open the breaker.
const BREAKER: u32 = 3;
/// How often senders look whether the breaker has closed.
const LOOK: Duration = Duration::from_millis(100);
/// Busy replies to one call before `max_outage` may end it: a server may ask for a longer pause than that.
const PATIENT_BUSY: u32 = 3;
/// Repetitions allowed for each call made.
const BUDGET_SHARE: f64 = 0.2;
/// Repetitions allowed at the start, and the most that can be saved up.
const BUDGET_FLOOR: f64 = 32.0;
const BUDGET_CEILING: f64 = 100.0;

/// Repeats the calls of another [`Crm`].
pub struct Retry<C> {
    inner: C,
    host: String,
    patience: Patience,
    pace: Arc<Pace>,
    monitor: Arc<dyn Monitor>,
    stop: Stop,
    health: Mutex<Health>,
    probing: AtomicBool,
}

/// What all senders know of the server.
#[derive(Debug)]
struct Health {
    reached: bool,
    failures: u32,
    outage: Option<(Duration, CallError)>,
    budget: f64,
}

impl<C: Crm> Retry<C> {
    /// Repeats the calls of `inner`, on the clock of `pace`; `host` is for messages only.
    pub fn new(
        inner: C,
        host: &str,
        patience: Patience,
        pace: Arc<Pace>,
        monitor: Arc<dyn Monitor>,
        stop: Stop,
    ) -> Self {
        Self {
            inner,
            host: host.to_owned(),
            patience,
            pace,
            monitor,
            stop,
            health: Mutex::new(Health {
                reached: false,
                failures: 0,
                outage: None,
                budget: BUDGET_FLOOR,
            }),
            probing: AtomicBool::new(false),
        }
    }

    fn run<T>(&self, call: Call, attempt: impl Fn(&C) -> Result<T, CallError>) -> Outcome<T> {
        let mut run = Run::default();
        let mut probe = None;
        self.health().budget_for_a_call();
        let result = loop {
            if let Err(error) = self.pass_breaker(&mut probe) {
                break Err(error);
            }
            let result = attempt(&self.inner);
            let Err(error) = result else {
                self.reached();
                break result;
            };
            if error.class != Class::NotSent {
                self.reached();
                probe = None;
            }
            let again = match error.class {
                Class::NotSent => self.after_not_sent(&error, &mut run),
                Class::Busy => self.after_busy(&mut run),
                Class::Unknown if call.is_repeatable() => self.after_unknown(&error, &mut run),
                Class::BadSignature => run.after_bad_signature(&error),
                _ => false,
            };
            if !again {
                break Err(error);
            }
        };
        Outcome {
            result,
            doubt: run.doubt,
        }
    }

    /// Lets everyone pass while the server is reachable, and one sender at a time while it is not.
    fn pass_breaker<'a>(&'a self, probe: &mut Option<Probe<'a>>) -> Result<(), CallError> {
        while probe.is_none() {
            let outage = {
                let health = self.health();
                health.outage.clone().filter(|_| health.failures >= BREAKER)
            };
            let Some((_, error)) = outage else {
                return Ok(());
            };
            if !self.probing.swap(true, Ordering::Acquire) {
                *probe = Some(Probe(&self.probing));
            } else if self.is_outage_too_long() || !self.clock().sleep(LOOK, &self.stop) {
                return Err(error);
            }
        }
        Ok(())
    }

    fn reached(&self) {
        let mut health = self.health();
        health.reached = true;
        health.failures = 0;
        health.outage = None;
    }

    fn after_not_sent(&self, error: &CallError, run: &mut Run) -> bool {
        if self.stop.is_requested() || self.pace.refuses() {
            return false;
        }
        let now = self.clock().now();
        let first = {
            let mut health = self.health();
            health.failures += 1;
            let first = health.outage.is_none();
            let since = health.outage.take().map_or(now, |(since, _)| since);
            health.outage = Some((since, error.clone()));
            first
        };
        if first {
            let problem = Problem::new(Code::Unreachable)
                .with("host", &self.host)
                .with("detail", &error.message);
            self.monitor.notice(&problem);
        }
        if self.is_outage_too_long() {
            return false;
        }
        run.connects += 1;
        self.wait(FIRST_CONNECT_WAIT, run.connects)
    }

    fn is_outage_too_long(&self) -> bool {
        let now = self.clock().now();
        let health = self.health();
        let most = if health.reached {
            self.patience.max_outage
        } else {
            self.patience.first_contact.min(self.patience.max_outage)
        };
        let outage = health.outage.as_ref();
        outage.is_some_and(|(since, _)| now.saturating_sub(*since) >= most)
    }

    /// The pace has closed its gate; the next attempt waits there.
    fn after_busy(&self, run: &mut Run) -> bool {
        let now = self.clock().now();
        run.busy += 1;
        let since = *run.busy_since.get_or_insert(now);
        let too_long = now.saturating_sub(since) >= self.patience.max_outage;
        let give_up = too_long && run.busy >= PATIENT_BUSY;
        !give_up && !self.stop.is_requested()
    }

    fn after_unknown(&self, error: &CallError, run: &mut Run) -> bool {
        run.unknowns += 1;
        run.doubt.get_or_insert_with(|| error.clone());
        run.unknowns < self.patience.attempts
            && self.health().take_from_budget()
            && self.wait(FIRST_WAIT, run.unknowns)
    }

    /// Sleeps between half of and the whole doubled wait. False on a stop.
    fn wait(&self, first: Duration, time: u32) -> bool {
        let doubled = first.saturating_mul(1 << (time - 1).min(16));
        let wait = doubled
            .min(LONGEST_WAIT)
            .mul_f64(0.5 + fastrand::f64() / 2.0);
        self.clock().sleep(wait, &self.stop)
    }

    fn clock(&self) -> &dyn Clock {
        self.pace.clock().as_ref()
    }

    fn health(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Health {
    fn budget_for_a_call(&mut self) {
        self.budget = (self.budget + BUDGET_SHARE).min(BUDGET_CEILING);
    }

    fn take_from_budget(&mut self) -> bool {
        let enough = self.budget >= 1.0;
        if enough {
            self.budget -= 1.0;
        }
        enough
    }
}

/// What happened to one call so far.
#[derive(Debug, Default)]
struct Run {
    connects: u32,
    unknowns: u32,
    busy: u32,
    busy_since: Option<Duration>,
    clock_corrected: bool,
    /// The first attempt that may have happened.
    doubt: Option<CallError>,
}

impl Run {
    /// `http.rs` asks for a repetition at once when it has corrected the clock; once is enough.
    fn after_bad_signature(&mut self, error: &CallError) -> bool {
        let corrected = error.retry_after == Some(Duration::ZERO);
        corrected && !std::mem::replace(&mut self.clock_corrected, true)
    }
}

/// The right to try a server that could not be reached; given back when dropped.
struct Probe<'a>(&'a AtomicBool);

impl Drop for Probe<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// The end of a call, and the attempt of it that may have happened before.
struct Outcome<T> {
    result: Result<T, CallError>,
    doubt: Option<CallError>,
}

impl<T> Outcome<T> {
    /// For calls that change something: an attempt that may have happened outweighs a later one that
    /// surely did not.
    fn of_change(self) -> Result<T, CallError> {
        match (self.result, self.doubt) {
            (Err(error), Some(doubt)) if matches!(error.class, Class::NotSent | Class::Busy) => {
                Err(doubt)
            }
            (result, _) => result,
        }
    }
}

impl<C: Crm> Crm for Retry<C> {
    fn add(&self, record: &Record) -> Result<Customer, CallError> {
        self.run(Call::Add, |crm| crm.add(record)).of_change()
    }

    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError> {
        self.run(Call::Update, |crm| crm.update(id, record))
            .of_change()
    }

    fn delete(&self, id: &CustomerId) -> Result<(), CallError> {
        let outcome = self.run(Call::Delete, |crm| crm.delete(id));
        let doubtful = outcome.doubt.is_some();
        match outcome.of_change() {
            // The attempt in doubt did it.
            Err(error) if error.class == Class::Gone && doubtful => Ok(()),
            result => result,
        }
    }

    fn find(&self, id: &CustomerId) -> Result<Customer, CallError> {
        self.run(Call::Find, |crm| crm.find(id)).result
    }

    fn list(&self, query: &Query) -> Result<Page, CallError> {
        self.run(Call::List, |crm| crm.list(query)).result
    }

    fn fields(&self) -> Result<Vec<FieldConfig>, CallError> {
        self.run(Call::Fields, Crm::fields).result
    }
}

#[cfg(test)]
mod tests;
