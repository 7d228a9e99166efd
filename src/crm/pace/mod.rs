//! How fast calls may leave, shared by all senders of a process.
//!
//! ```text
//! acquire: gate open? ─► counted windows (quota.rs) ─► reserve a slot, sleep (slots.rs) ─► release
//!                                                      └ of the schedule of all processes (shared.rs)
//! ```
//!
//! The invariants: no sliding window of the setting ever sees more calls released than it may, and the
//! allowed pace never exceeds the setting however it recovers. Every sleep ends at once on a stop.

mod paced;
mod quota;
mod rate;
mod shared;
mod slots;

use std::cell::Cell;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::crm::clock::{Clock, SystemClock, wall_time};
use crate::model::{Code, Monitor, Phrase, Problem, Saying, Stop};
use quota::{Quota, Spent};
use shared::Shared;
use slots::{Release, Slots};

pub use paced::Paced;
pub use rate::{NotARate, Rate, Rates};

/// Pauses at least this long are told to the monitor.
const TOLD_PAUSE: Duration = Duration::from_secs(10);

thread_local! {
    /// When the latest call of this thread was released, by the clock of its pace.
    static RELEASED: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// Calls that lie so far apart are waited for one after the other.
const SLOW: Duration = Duration::from_millis(100);

/// Where the processes of an account count and share their calls.
#[derive(Debug, Clone)]
pub struct Counting {
    /// A folder that all processes of this user share.
    pub folder: PathBuf,
    /// Names the account: base URL and appid.
    pub account: String,
    /// Fail instead of waiting when a window is spent.
    pub no_wait: bool,
}

/// Why no call may be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// Somebody asked to stop.
    #[error("stopped before the call was made")]
    Stopped,
    /// A window of hours or days is spent, and the caller does not want to wait.
    #[error("the quota of {rate} is spent until {until}")]
    Spent {
        /// The window.
        rate: Rate,
        /// When calls come back, in UTC.
        until: jiff::Timestamp,
    },
    /// The file that counts hours and days cannot be used.
    #[error("cannot count calls: {0}")]
    CannotCount(String),
}

impl Denied {
    /// The same for people.
    pub fn reason(&self) -> Phrase {
        match self {
            Self::Stopped => Saying::StoppedBeforeCall.into(),
            Self::Spent { rate, until } => Phrase::new(Saying::QuotaSpentUntil)
                .with("rate", rate.to_string())
                .with("until", shown(*until)),
            Self::CannotCount(cause) => Phrase::new(Saying::CannotCount).with("cause", cause),
        }
    }
}

/// The pace of one account.
pub struct Pace {
    clock: Arc<dyn Clock>,
    monitor: Arc<dyn Monitor>,
    slots: Mutex<Slots>,
    turn: Mutex<()>,
    quota: Option<Mutex<Quota>>,
    no_wait: bool,
    refuses: AtomicBool,
}

impl Pace {
    /// A pace on the machine's clock. `counting` is needed only when `rates` hold hours or days; without it
    /// these are not limited.
    pub fn new(
        rates: &Rates,
        counting: Option<&Counting>,
        monitor: Arc<dyn Monitor>,
    ) -> Result<Self, Denied> {
        Self::with_clock(rates, counting, monitor, Arc::new(SystemClock::default()))
    }

    /// A pace on another clock, for tests.
    pub fn with_clock(
        rates: &Rates,
        counting: Option<&Counting>,
        monitor: Arc<dyn Monitor>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Denied> {
        // A schedule that cannot be shared is kept alone.
        let shared =
            counting.and_then(|counting| Shared::open(&counting.folder, &counting.account).ok());
        let counted = rates.counted();
        let quota = match counting {
            Some(counting) if !counted.is_empty() => {
                let quota = Quota::open(&counting.folder, &counting.account, counted);
                Some(Mutex::new(quota.map_err(|error| cannot_count(&error))?))
            }
            _ => None,
        };
        Ok(Self {
            clock,
            monitor,
            slots: Mutex::new(Slots::new(&rates.spaced(), shared)),
            turn: Mutex::new(()),
            quota,
            no_wait: counting.is_some_and(|counting| counting.no_wait),
            refuses: AtomicBool::new(false),
        })
    }

    /// Waits until one call may be made.
    pub fn acquire(&self, stop: &Stop) -> Result<(), Denied> {
        loop {
            self.wait_until_open(stop)?;
            if self.take_counted()? {
                break;
            }
        }
        let result = self.acquire_slot(stop);
        RELEASED.set(self.clock.now());
        if result.is_err()
            && let Some(quota) = &self.quota
        {
            lock(quota).untake();
        }
        result
    }

    fn acquire_slot(&self, stop: &Stop) -> Result<(), Denied> {
        // At a slow pace one sender waits for its slot at a time: a process that dies leaves one empty, not many.
        let is_slow = lock(&self.slots).spacing() >= SLOW;
        let _turn = is_slow.then(|| lock(&self.turn));
        loop {
            self.wait_until_open(stop)?;
            let slot = lock(&self.slots).reserve(self.clock.now(), self.clock.unix_micros());
            let mut rest = slot.at.saturating_sub(self.clock.now());
            loop {
                if let Err(denied) = self.sleep(rest, stop) {
                    let (now, unix) = (self.clock.now(), self.clock.unix_micros());
                    lock(&self.slots).give_back(slot, now, unix);
                    return Err(denied);
                }
                let release = lock(&self.slots).release(slot, self.clock.now());
                match release {
                    Release::Now => return Ok(()),
                    Release::After(longer) => rest = longer,
                    Release::Void => break,
                }
            }
        }
    }

    /// Takes a call from the counted windows; when one is spent, closes the gate until calls come back and
    /// says false.
    fn take_counted(&self) -> Result<bool, Denied> {
        let Some(quota) = &self.quota else {
            return Ok(true);
        };
        let now = self.clock.unix_seconds();
        let taken = lock(quota).take(now);
        let (rate, unix_seconds) = match taken {
            Ok(()) => return Ok(true),
            Err(Spent::Until { rate, unix_seconds }) => (rate, unix_seconds),
            Err(Spent::Failed(error)) => {
                self.refuses.store(true, Ordering::Relaxed);
                return Err(cannot_count(&error));
            }
        };
        let until = jiff::Timestamp::from_second(unix_seconds as i64).unwrap_or_default();
        if self.no_wait {
            self.refuses.store(true, Ordering::Relaxed);
            return Err(Denied::Spent { rate, until });
        }
        let opens = self.clock.now() + Duration::from_secs(unix_seconds.saturating_sub(now).max(1));
        let mut slots = lock(&self.slots);
        let first_to_say = slots.closed_for(self.clock.now()).is_zero();
        slots.close_until(opens);
        drop(slots);
        if first_to_say {
            let problem = Problem::new(Code::QuotaSpent)
                .with("rate", rate.to_string())
                .with("until", wall_time(unix_seconds, now));
            self.monitor.notice(&problem);
        }
        Ok(false)
    }

    /// Waits while the gate is closed.
    pub fn wait_until_open(&self, stop: &Stop) -> Result<(), Denied> {
        loop {
            let rest = lock(&self.slots).closed_for(self.clock.now());
            self.sleep(rest, stop)?;
            if rest.is_zero() {
                return Ok(());
            }
        }
    }

    /// Whether a spent quota or an unusable count file has ended all calls of this process.
    pub fn refuses(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }

    /// Takes note of a busy reply: halves the pace and closes the gate for `asked`, or with growing pauses.
    pub fn busy(&self, asked: Option<Duration>) {
        let now = self.clock.now();
        let pause = {
            let mut slots = lock(&self.slots);
            let pause = slots.busy(asked, now);
            if pause.is_some() {
                slots.tell_closed(now, self.clock.unix_micros());
            }
            pause
        };
        if let Some(pause) = pause.filter(|pause| *pause >= TOLD_PAUSE) {
            let now = self.clock.unix_seconds();
            let waiting = Phrase::new(Saying::Waiting)
                .with("seconds", pause.as_secs().to_string())
                .with("until", wall_time(now + pause.as_secs(), now));
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
        lock(&self.slots).slow_down(now);
    }

    /// While an outage is waited out, replies tell nothing about the pace: only a pause that the server asks for counts.
    pub fn set_outage(&self, is_outage: bool) {
        lock(&self.slots).set_outage(is_outage);
    }

    /// Takes note of a call that the server answered without complaint: the pace recovers.
    pub fn succeeded(&self) {
        let now = self.clock.now();
        lock(&self.slots).succeeded(now);
    }

    /// How many calls the present pace releases in so long; 0 while the gate is closed, else at least 1.
    pub fn calls_within(&self, duration: Duration) -> usize {
        let now = self.clock.now();
        let slots = lock(&self.slots);
        if !slots.closed_for(now).is_zero() {
            return 0;
        }
        let spacing = slots.spacing().as_secs_f64().max(1e-9);
        ((duration.as_secs_f64() / spacing) as usize).max(1)
    }

    /// How long so many calls take at the setting, with what is left of hours and days.
    pub fn estimate(&self, calls: u64) -> Duration {
        let spacing = lock(&self.slots).full_spacing();
        let spaced = spacing.mul_f64(calls as f64);
        let Some(quota) = &self.quota else {
            return spaced;
        };
        let remaining = lock(quota).remaining(self.clock.unix_seconds());
        let counted = remaining
            .unwrap_or_default()
            .into_iter()
            .map(|(rate, left)| {
                let periods = calls.saturating_sub(left).div_ceil(rate.calls);
                rate.period.mul_f64(periods as f64)
            });
        counted.fold(spaced, Duration::max)
    }

    /// When the latest call of the calling thread was released: it waits for its turn before it leaves.
    pub(crate) fn released_at(&self) -> Duration {
        RELEASED.get().min(self.clock.now())
    }

    /// The clock that everything about this pace goes by.
    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.clock
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

/// When calls come back, for people.
fn shown(until: jiff::Timestamp) -> String {
    let seconds = |moment: jiff::Timestamp| moment.as_second().max(0).cast_unsigned();
    wall_time(seconds(until), seconds(jiff::Timestamp::now()))
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
