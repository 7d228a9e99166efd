//! Which attempts are repeated, and when it is time to give up.
//!
//! The invariant: an `add` is repeated only after a reply or a failure which proves that it did not happen
//! ([`Class::NotSent`], [`Class::Busy`], a refused signature). While the CRM does not answer sensibly, calls wait at
//! the [`Breaker`]. Repetitions of calls in doubt draw on one budget that all senders share, so that an ailing
//! server is not stormed.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::api::Crm;
use super::breaker::{Breaker, Gate, OutageEnded, Turn};
use super::call::Call;
use super::call_error::{CallError, Class};
use super::clock::Clock;
use super::pace::Pace;
use super::query::{FieldQuery, Page, Query};
use super::retry_policy::RetryPolicy;
use crate::model::{
    Code, Customer, CustomerId, FieldConfig, Monitor, Phrase, Problem, Record, Saying, Stop,
};

/// The first wait after an unknown outcome; doubled each time.
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// Attempts of a repeatable call whose yes cannot be read. The second one is for a server in the middle of a
/// deployment.
const UNREADABLE_ATTEMPTS: u32 = 2;
/// The first wait after a connection that could not be made.
const FIRST_CONNECT_WAIT: Duration = Duration::from_millis(200);
const LONGEST_WAIT: Duration = Duration::from_secs(16);
/// Repetitions allowed for each call made.
const BUDGET_SHARE: f64 = 0.2;
/// Repetitions allowed at the start, and the most that can be saved up.
const BUDGET_FLOOR: f64 = 32.0;
const BUDGET_CEILING: f64 = 100.0;

/// Repeats the calls of another [`Crm`].
pub struct Retry<C> {
    inner: C,
    host: String,
    policy: RetryPolicy,
    pace: Arc<Pace>,
    monitor: Arc<dyn Monitor>,
    stop: Stop,
    breaker: Breaker,
    budget: Mutex<f64>,
    /// Since when every call was answered busy.
    busy_since: Mutex<Option<Duration>>,
    /// Whether a call of this run was accepted, which proves that signature and appid are good.
    is_accepted: AtomicBool,
    /// Whether an add of this run was accepted, which proves that the account may add.
    has_added: AtomicBool,
}

impl<C: Crm> Retry<C> {
    /// Repeats the calls of `inner`, on the clock of `pace`; `host` is for messages only.
    pub fn new(
        inner: C,
        host: &str,
        policy: RetryPolicy,
        pace: Arc<Pace>,
        monitor: Arc<dyn Monitor>,
        stop: Stop,
    ) -> Self {
        Self {
            inner,
            host: host.to_owned(),
            policy,
            pace,
            monitor,
            stop,
            breaker: Breaker::new(policy),
            budget: Mutex::new(BUDGET_FLOOR),
            busy_since: Mutex::default(),
            is_accepted: AtomicBool::new(false),
            has_added: AtomicBool::new(false),
        }
    }

    fn run<T>(&self, call: Call, attempt: impl Fn(&C) -> Result<T, CallError>) -> CallEnd<T> {
        let mut run = CallHistory::default();
        self.budget_for_a_call();
        let result = loop {
            let turn = match self.pass(call) {
                Ok(turn) => turn,
                Err(error) => break Err(error),
            };
            let result = self.attempt(call, &attempt);
            drop(turn);
            let Err(error) = result else {
                break result;
            };
            let again = match error.class {
                Class::NotSent => self.after_not_sent(&error, &mut run),
                Class::Busy => self.after_busy(),
                Class::Unknown if call.is_repeatable() => self.after_unknown(&error, &mut run),
                Class::BadSignature => run.after_bad_signature(&error),
                _ => false,
            };
            if !again {
                break Err(self.last(call, error));
            }
        };
        CallEnd {
            result,
            doubt: run.doubt,
        }
    }

    /// Makes one attempt and tells the breaker what it shows about the CRM.
    fn attempt<T>(
        &self,
        call: Call,
        attempt: impl Fn(&C) -> Result<T, CallError>,
    ) -> Result<T, CallError> {
        let started = self.clock().now();
        let result = attempt(&self.inner).map_err(|error| self.believed(error));
        // The call has waited for its turn until it was released: its answer is about the time after that.
        let started = started.max(self.pace.released_at());
        match &result {
            Ok(_) => {
                self.is_accepted.store(true, Ordering::Relaxed);
                self.has_added
                    .fetch_or(call == Call::Add, Ordering::Relaxed);
                self.note_answer(call, started);
            }
            Err(error) => match error.class {
                // A stop and a spent quota are this process's own reasons.
                Class::NotSent if self.is_ended() => {}
                // The CRM answers, but oddly; waiting as in an outage would not help.
                Class::Unknown if call.is_read() && error.is_unreadable_yes() => {
                    self.note_answer(call, started);
                }
                Class::NotSent | Class::Unknown => self.note_failure(call, error),
                // In an outage, busy is no sign that the CRM is back. Otherwise the pace handles it.
                Class::Busy if self.breaker.is_open() => self.note_failure(call, error),
                Class::Busy => self.breaker.reached(),
                _ => self.note_answer(call, started),
            },
        }
        result
    }

    /// Waits until the call may leave: at once while the CRM answers, else when it answers again. The caller holds the
    /// returned turn until the call has its answer.
    fn pass(&self, call: Call) -> Result<Option<Turn<'_>>, CallError> {
        loop {
            match self.breaker.gate(call, self.clock().now()) {
                Gate::Open => return Ok(None),
                Gate::Trial(turn) => return Ok(Some(turn)),
                Gate::Probe(turn) => self.probe(turn)?,
                Gate::Wait(rest) => {
                    if !self.clock().sleep(rest, &self.stop) {
                        return Err(super::classify::no_reply(
                            Class::NotSent,
                            Saying::StoppedBeforeCall.into(),
                        ));
                    }
                }
                Gate::GivenUp(ended) => return Err(given_up(call, ended)),
            }
        }
    }

    /// Asks with a list of one customer whether the CRM answers. Fails when no call can succeed: the account is
    /// refused, or somebody has asked to stop.
    fn probe(&self, turn: Turn<'_>) -> Result<(), CallError> {
        let query = Query {
            page: 1,
            limit: 1,
            condition: None,
        };
        let answer = self.attempt(Call::List, |crm| crm.list(&query));
        drop(turn);
        match answer {
            // An account that may not read may still be allowed to write.
            Err(error) if error.class.is_fatal() && error.class != Class::NoPermission => {
                Err(error)
            }
            _ if self.is_ended() => Err(super::classify::no_reply(
                Class::NotSent,
                Saying::StoppedBeforeCall.into(),
            )),
            _ => Ok(()),
        }
    }

    /// Makes a bare HTTP 401 unknown where the account was accepted before: a gateway says it, not the CRM.
    fn believed(&self, error: CallError) -> CallError {
        let is_bare = error.code.is_none() && error.retry_after.is_none();
        if error.class == Class::BadSignature && is_bare && self.is_accepted.load(Ordering::Relaxed)
        {
            return CallError {
                class: Class::Unknown,
                ..error
            };
        }
        error
    }

    fn note_answer(&self, call: Call, started: Duration) {
        *lock(&self.busy_since) = None;
        if self.breaker.answered(call, started) {
            self.pace.set_outage(false);
        }
    }

    fn note_failure(&self, call: Call, error: &CallError) {
        let now = self.clock().now();
        let failure = self.breaker.failed(call, error, now);
        if failure.has_opened {
            self.pace.set_outage(true);
        }
        let unix = self.clock().unix_seconds();
        let rest = failure.ends.saturating_sub(now).as_secs();
        let tell = |code| {
            let problem = Problem::new(code)
                .with("host", &self.host)
                .with("detail", &error.message);
            self.monitor.notice(
                &problem
                    .with("seconds", rest.to_string())
                    .with("until", self.clock().wall_time(unix + rest)),
            );
        };
        match error.class {
            Class::NotSent if failure.is_first => {
                tell(error.connection_code().unwrap_or(Code::Unreachable));
            }
            Class::Unknown if failure.is_to_tell => tell(Code::OutageWait),
            _ => {}
        }
    }

    /// Returns the error with which a call ends. A refused account makes an add unknown where the same account was
    /// accepted before: the refusal is no proof, and the job ends with this row in doubt.
    fn last(&self, call: Call, error: CallError) -> CallError {
        let contradicts = match error.class {
            Class::BadSignature | Class::UnknownAppid => self.is_accepted.load(Ordering::Relaxed),
            Class::NoPermission => self.has_added.load(Ordering::Relaxed),
            Class::Busy => return self.asked_too_long(error),
            _ => false,
        };
        if call.is_repeatable() || !contradicts {
            return error;
        }
        CallError {
            class: Class::Unknown,
            sounds_like: Some(error.class),
            ..error
        }
    }

    /// Rewords the error where the server asks for a longer pause than `max_outage`.
    fn asked_too_long(&self, error: CallError) -> CallError {
        let asked = error
            .retry_after
            .filter(|asked| *asked > self.policy.max_outage);
        let Some(asked) = asked else { return error };
        let message = Phrase::new(Saying::AsksToWait)
            .with("seconds", asked.as_secs().to_string())
            .with("most", self.policy.max_outage.as_secs().to_string())
            .with("cause", &error.message);
        CallError {
            message: message.into(),
            ..error
        }
    }

    fn after_not_sent(&self, error: &CallError, run: &mut CallHistory) -> bool {
        // A server that was never reached, for a TLS reason that will stay, is not waited for.
        let is_in_vain = error.tls_code().is_some() && !self.breaker.was_reached();
        if is_in_vain || self.is_ended() {
            return false;
        }
        run.connects += 1;
        self.breaker.is_open() || self.wait(FIRST_CONNECT_WAIT, run.connects)
    }

    /// Returns whether a busy call is repeated. The wait is not here: the pace has closed its gate.
    fn after_busy(&self) -> bool {
        let now = self.clock().now();
        let mut since = lock(&self.busy_since);
        let since = *since.get_or_insert(now);
        let too_long = now.saturating_sub(since) >= self.policy.max_outage;
        !too_long && !self.stop.is_requested()
    }

    fn after_unknown(&self, error: &CallError, run: &mut CallHistory) -> bool {
        run.unknowns += 1;
        run.doubt.get_or_insert_with(|| error.clone());
        let attempts = if error.is_unreadable_yes() {
            self.policy.attempts.min(UNREADABLE_ATTEMPTS)
        } else {
            self.policy.attempts
        };
        // A server that wants TLS goes on wanting it.
        error.tls_code().is_none()
            && run.unknowns < attempts
            && self.take_from_budget()
            && (self.breaker.is_open() || self.wait(FIRST_WAIT, run.unknowns))
    }

    /// Returns whether somebody has asked to stop, or a spent quota has ended all calls.
    fn is_ended(&self) -> bool {
        self.stop.is_requested() || self.pace.refuses()
    }

    /// Sleeps for 50 to 100 % of the wait, which doubles with each time. Returns false on a stop.
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

    fn budget_for_a_call(&self) {
        let mut budget = lock(&self.budget);
        *budget = (*budget + BUDGET_SHARE).min(BUDGET_CEILING);
    }

    fn take_from_budget(&self) -> bool {
        let mut budget = lock(&self.budget);
        let enough = *budget >= 1.0;
        if enough {
            *budget -= 1.0;
        }
        enough
    }
}

/// Returns the error of a call that an outage kept back for too long: not sent, whatever showed the outage. A read
/// whose replies never came from the CRM keeps the class of the last reply.
fn given_up(call: Call, ended: OutageEnded) -> CallError {
    let error = ended.error;
    if error.class == Class::NotSent {
        return error;
    }
    let message = Phrase::new(Saying::NoSensibleAnswer)
        .with("seconds", ended.most.as_secs().to_string())
        .with("cause", &error.message);
    let is_foreign = ended.is_first_contact && call.is_read();
    CallError {
        class: if is_foreign {
            error.class
        } else {
            Class::NotSent
        },
        message: message.into(),
        sounds_like: None,
        ..error
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The values are whole between any two statements that change them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What one call has been through so far.
#[derive(Debug, Default)]
struct CallHistory {
    connects: u32,
    unknowns: u32,
    clock_corrected: bool,
    /// The first attempt that may have happened.
    doubt: Option<CallError>,
}

impl CallHistory {
    /// Returns whether to repeat at once: `http.rs` has corrected the clock, and has not done so for this call before.
    fn after_bad_signature(&mut self, error: &CallError) -> bool {
        let corrected = error.retry_after == Some(Duration::ZERO);
        corrected && !std::mem::replace(&mut self.clock_corrected, true)
    }
}

/// How a call ended, and the earlier attempt that may have happened.
struct CallEnd<T> {
    result: Result<T, CallError>,
    doubt: Option<CallError>,
}

impl<T> CallEnd<T> {
    /// Returns the result of a call that changes something. An attempt that may have happened outweighs a later one
    /// that surely did not.
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
            // The attempt in doubt has deleted the customer.
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

    fn fields_where(&self, query: &FieldQuery) -> Result<Vec<FieldConfig>, CallError> {
        self.run(Call::Fields, |crm| crm.fields_where(query)).result
    }
}

#[cfg(test)]
mod tests;
