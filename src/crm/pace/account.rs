//! The pace of one account: what senders wait for before each call.
//!
//! Of the senders of a process, one waits for the next call, and the others wait behind it. The one that wakes sees
//! the schedule as it is now, so a pace that changes meanwhile need not wake anybody. Every sleep ends at once on a
//! stop, and with it the waits behind it.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::denied::Denied;
use super::processes::{Moment, Processes};
use super::quota::{Quota, QuotaScope, Spent};
use super::rate::Rates;
use super::spacer::{Release, Spacer};
use crate::crm::clock::{Clock, SystemClock};
use crate::model::{Code, Monitor, Phrase, Problem, Saying, Stop};

/// The monitor is told of pauses that are at least this long.
const TOLD_PAUSE: Duration = Duration::from_secs(10);

thread_local! {
    /// When the latest call of this thread was released, by the clock of its pace.
    static RELEASED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// The pace of one account, shared by all senders of a process.
pub struct Pace {
    clock: Arc<dyn Clock>,
    monitor: Arc<dyn Monitor>,
    spacer: Mutex<Spacer>,
    /// Held by the one sender that waits for the next call; the others wait behind it.
    turn: Mutex<()>,
    quota: Option<Mutex<Quota>>,
    no_wait: bool,
    refuses: AtomicBool,
}

impl Pace {
    /// Makes a pace on the computer's clock. Without `scope`, hours and days are not limited, and other processes do
    /// not share the pace. Fails when the file that counts hours and days cannot be used.
    pub fn new(
        rates: &Rates,
        scope: Option<&QuotaScope>,
        monitor: Arc<dyn Monitor>,
    ) -> Result<Self, Denied> {
        Self::with_clock(rates, scope, monitor, Arc::new(SystemClock::default()))
    }

    /// Makes a pace on another clock.
    pub fn with_clock(
        rates: &Rates,
        scope: Option<&QuotaScope>,
        monitor: Arc<dyn Monitor>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Denied> {
        let counted = rates.counted_windows();
        let quota = match scope {
            Some(scope) if !counted.is_empty() => {
                let quota = Quota::open(&scope.folder, &scope.account, counted);
                Some(Mutex::new(quota.map_err(|error| cannot_count(&error))?))
            }
            _ => None,
        };
        // Where the pace cannot be shared, this process keeps it alone.
        let processes = |longest| {
            let scope = scope?;
            Processes::open(&scope.folder, &scope.account, longest).ok()
        };
        let spacer = Spacer::new(&rates.spaced(), clock.now(), processes);
        Ok(Self {
            clock,
            monitor,
            spacer: Mutex::new(spacer),
            turn: Mutex::new(()),
            quota,
            no_wait: scope.is_some_and(|scope| scope.no_wait),
            refuses: AtomicBool::new(false),
        })
    }

    /// Waits until one call may be made. Fails when a stop is requested, or a quota refuses the call.
    pub fn acquire(&self, stop: &Stop) -> Result<(), Denied> {
        loop {
            self.wait_until_open(stop)?;
            if self.take_counted()? {
                break;
            }
        }
        let result = self.acquire_spaced(stop);
        RELEASED.set(self.clock.now());
        if result.is_err()
            && let Some(quota) = &self.quota
        {
            lock(quota).untake();
        }
        result
    }

    fn acquire_spaced(&self, stop: &Stop) -> Result<(), Denied> {
        let _turn = lock(&self.turn);
        loop {
            self.wait_until_open(stop)?;
            let release = {
                let mut spacer = lock(&self.spacer);
                spacer.release(self.moment())
            };
            match release {
                Release::Now => return Ok(()),
                Release::After(rest) => self.sleep(rest, stop)?,
            }
        }
    }

    /// Takes a call from the counted windows. Where one is spent, closes the gate until calls come back, and returns
    /// false.
    fn take_counted(&self) -> Result<bool, Denied> {
        let Some(quota) = &self.quota else {
            return Ok(true);
        };
        let now = self.clock.unix_seconds();
        let taken = lock(quota).take_call(now);
        let (rate, unix_seconds) = match taken {
            Ok(()) => return Ok(true),
            Err(Spent::Until { rate, unix_seconds }) => (rate, unix_seconds),
            Err(Spent::Failed(error)) => {
                self.refuses.store(true, Ordering::Relaxed);
                return Err(cannot_count(&error));
            }
        };
        if self.no_wait {
            self.refuses.store(true, Ordering::Relaxed);
            let until = self.clock.wall_time(unix_seconds);
            return Err(Denied::Spent { rate, until });
        }
        let opens = self.clock.now() + Duration::from_secs(unix_seconds.saturating_sub(now).max(1));
        let mut spacer = lock(&self.spacer);
        let first_to_say = spacer.closed_for(self.clock.now()).is_zero();
        spacer.throttle().close_until(opens);
        drop(spacer);
        if first_to_say {
            let problem = Problem::new(Code::QuotaSpent)
                .with("rate", rate.to_string())
                .with("seconds", unix_seconds.saturating_sub(now).to_string())
                .with("until", self.clock.wall_time(unix_seconds));
            self.monitor.notice(&problem);
        }
        Ok(false)
    }

    /// Waits while the gate is closed, and until the processes that share the pace have seen this one.
    pub fn wait_until_open(&self, stop: &Stop) -> Result<(), Denied> {
        loop {
            let rest = lock(&self.spacer).opens_in(self.moment());
            self.sleep(rest, stop)?;
            if rest.is_zero() {
                return Ok(());
            }
        }
    }

    /// Returns whether a spent quota, or a count file that cannot be used, has ended all calls of this process.
    pub fn refuses(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }

    /// Notes a busy reply: halves the pace, and closes the gate for `asked`, else for pauses that grow.
    pub fn busy(&self, asked: Option<Duration>) {
        let pause = {
            let mut spacer = lock(&self.spacer);
            spacer.busy(asked, self.moment())
        };
        if let Some(pause) = pause.filter(|pause| *pause >= TOLD_PAUSE) {
            let now = self.clock.unix_seconds();
            let waiting = Phrase::new(Saying::Waiting)
                .with("seconds", pause.as_secs().to_string())
                .with("until", self.clock.wall_time(now + pause.as_secs()));
            let problem = Problem::new(Code::ServerBusy)
                .with("reason", "busy")
                .with("seconds", pause.as_secs().to_string())
                .with("detail", waiting);
            self.monitor.notice(&problem);
        }
    }

    /// Halves the allowed pace, at most once a second.
    pub fn slow_down(&self) {
        let now = self.clock.now();
        lock(&self.spacer).throttle().slow_down(now);
    }

    /// Begins or ends an outage. During one, replies say nothing about the pace; only a pause that the server asks for
    /// counts.
    pub fn set_outage(&self, is_outage: bool) {
        lock(&self.spacer).throttle().set_outage(is_outage);
    }

    /// Notes a call that the server answered without complaint: the pace recovers.
    pub fn succeeded(&self) {
        let now = self.clock.now();
        lock(&self.spacer).throttle().succeeded(now);
    }

    /// Returns how many calls the present pace releases in `duration`: 0 while the gate is closed, else at least 1.
    pub fn calls_within(&self, duration: Duration) -> usize {
        let now = self.clock.now();
        let spacer = lock(&self.spacer);
        if !spacer.closed_for(now).is_zero() {
            return 0;
        }
        let spacing = spacer.spacing().as_secs_f64().max(1e-9);
        ((duration.as_secs_f64() / spacing) as usize).max(1)
    }

    /// Returns how long so many calls take at the setting, with what is left of hours and days.
    pub fn estimate(&self, calls: u64) -> Duration {
        let spacing = lock(&self.spacer).full_spacing();
        let spaced = spacing.mul_f64(calls as f64);
        let Some(quota) = &self.quota else {
            return spaced;
        };
        let counted = lock(quota).time_for(calls, self.clock.unix_seconds());
        // The call itself says why the count cannot be read.
        spaced.max(counted.unwrap_or_default())
    }

    /// Returns when the latest call of the calling thread was released, which is after its wait for the pace.
    pub(crate) fn released_at(&self) -> Duration {
        RELEASED.get().min(self.clock.now())
    }

    /// Returns the clock of this pace and of all its waits.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.clock.now(),
            unix: self.clock.unix_micros(),
        }
    }

    fn sleep(&self, duration: Duration, stop: &Stop) -> Result<(), Denied> {
        let slept = if duration.is_zero() {
            !stop.is_requested()
        } else {
            self.clock.sleep(duration, stop)
        };
        if slept { Ok(()) } else { Err(Denied::Stopped) }
    }
}

impl Drop for Pace {
    fn drop(&mut self) {
        let moment = self.moment();
        lock(&self.spacer).leave(moment);
    }
}

fn cannot_count(error: &std::io::Error) -> Denied {
    Denied::CannotCount(error.to_string())
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // The values are whole between any two statements that change them.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
