//! Whether calls may leave while the CRM does not answer sensibly.
//!
//! What would go wrong without it:
//!
//! 1. A gateway stops passing requests on, or passes them on and loses the replies: cut, 502, 503, a login page.
//! 2. Each add that is sent now may have happened, so each is one more row in doubt.
//! 3. Senders that only take the next row send the whole file into the outage.
//!
//! What the breaker does:
//!
//! 1. It opens after [`FAILURES`] failures in a row, of writes or of reads: the outcome is not known, or no connection
//!    could be made. Then nobody sends anything.
//! 2. One harmless read at a time asks whether the CRM answers. The pauses grow with the length of the outage.
//! 3. When a read is answered, reads go on. Writes go one at a time until one has its answer. So a CRM that can be
//!    read and not written costs one row in doubt per pause.
//! 4. When `max_outage` is over, calls end as not sent.
//!
//! An answer counts only if its call began after the last failure: a call that left before the outage says nothing
//! about it. So at most `concurrency` + [`FAILURES`] writes are in doubt when the breaker opens.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::call::Call;
use super::call_error::{CallError, Class};
use super::retry_policy::RetryPolicy;

/// Failures in a row, of all senders together, that open the breaker.
pub(super) const FAILURES: u32 = 3;
/// How often a waiting sender looks whether it may go on.
const LOOK: Duration = Duration::from_millis(100);
/// By this factor ferry waits longer for an address that replies, but never as the CRM does, than for a silent one.
const FIRST_REPLIES: u32 = 3;
/// The pause between two probes is this share of the outage's length, so that its end is seen soon.
const PAUSE_SHARE: f64 = 0.25;
const SHORTEST_PAUSE: Duration = Duration::from_millis(200);
const LONGEST_PAUSE: Duration = Duration::from_secs(15);

/// What a caller may do now.
pub(super) enum Gate<'a> {
    /// Make the call.
    Open,
    /// Make the call, as the only writer.
    Trial(Turn<'a>),
    /// Ask with a read whether the CRM answers, then look again.
    Probe(Turn<'a>),
    /// Look again after this time.
    Wait(Duration),
    /// Give up: the outage has lasted too long.
    GivenUp(OutageEnded),
}

/// An outage that was given up.
#[derive(Debug, Clone)]
pub(super) struct OutageEnded {
    /// The last failure of the outage.
    pub error: CallError,
    /// How long the outage was waited out.
    pub most: Duration,
    /// Whether the CRM has never answered, so that the address is probably wrong.
    pub is_first_contact: bool,
}

/// The right to be the only one that calls. Dropping it gives it back.
pub(super) struct Turn<'a>(&'a AtomicBool);

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        self.0.store(false, Ordering::Release);
    }
}

/// What all senders of a process know about the server. Times are those of the pace's clock.
pub(super) struct Breaker {
    policy: RetryPolicy,
    health: Mutex<Health>,
    taken: AtomicBool,
}

#[derive(Default)]
struct Health {
    /// Something at the address has replied, whatever the reply was.
    reached: bool,
    /// The CRM itself has answered.
    answered: bool,
    /// Failed writes in a row: in doubt, or not sent.
    writes: u32,
    /// Failed reads in a row.
    reads: u32,
    last_failure: Duration,
    outage: Option<Outage>,
    /// Whether an outage has been told in this run.
    has_told: bool,
}

struct Outage {
    since: Duration,
    error: CallError,
    /// How long the outage may last.
    most: Duration,
    next_probe: Duration,
    /// Whether a read has been answered since the last failure.
    has_answered: bool,
    is_given_up: bool,
    is_told: bool,
}

impl Health {
    fn is_open(&self) -> bool {
        self.writes >= FAILURES || self.reads >= FAILURES
    }
}

impl Breaker {
    pub(super) fn new(policy: RetryPolicy) -> Self {
        Self {
            policy,
            health: Mutex::default(),
            taken: AtomicBool::new(false),
        }
    }

    /// Returns what a caller may do now.
    pub(super) fn gate(&self, call: Call, now: Duration) -> Gate<'_> {
        let health = self.lock();
        let Some(outage) = health.outage.as_ref().filter(|_| health.is_open()) else {
            return Gate::Open;
        };
        if outage.has_answered {
            if call.is_read() {
                return Gate::Open;
            }
            return self.take_turn().map_or(Gate::Wait(LOOK), Gate::Trial);
        }
        let rest = outage.next_probe.saturating_sub(now);
        if outage.is_given_up && !rest.is_zero() {
            return Gate::GivenUp(OutageEnded {
                error: outage.error.clone(),
                most: outage.most,
                is_first_contact: !health.answered,
            });
        }
        if !rest.is_zero() {
            return Gate::Wait(rest.min(LOOK));
        }
        self.take_turn().map_or(Gate::Wait(LOOK), Gate::Probe)
    }

    fn take_turn(&self) -> Option<Turn<'_>> {
        let was_taken = self.taken.swap(true, Ordering::Acquire);
        (!was_taken).then(|| Turn(&self.taken))
    }

    /// Notes a sensible answer to a call that began at `started`. Returns whether it has closed the breaker.
    pub(super) fn answered(&self, call: Call, started: Duration) -> bool {
        let mut health = self.lock();
        (health.reached, health.answered) = (true, true);
        if health.outage.is_none() || started < health.last_failure {
            return false;
        }
        let was_open = health.is_open();
        health.reads = 0;
        if !call.is_read() {
            health.writes = 0;
        }
        if health.writes < FAILURES {
            // The next failure begins another outage.
            health.outage = None;
        } else if let Some(outage) = &mut health.outage {
            outage.has_answered = true;
        }
        was_open && !health.is_open()
    }

    /// Notes a reply that says nothing about the CRM's health, such as that of a limiter.
    pub(super) fn reached(&self) {
        self.lock().reached = true;
    }

    /// Notes a call that was not sent, or whose outcome is not known.
    pub(super) fn failed(&self, call: Call, error: &CallError, now: Duration) -> FailureEffect {
        let mut health = self.lock();
        health.reached |= error.class != Class::NotSent;
        let was_open = health.is_open();
        if call.is_read() {
            health.reads += 1;
        } else {
            health.writes += 1;
        }
        health.last_failure = now;
        let most = self.most(&health);
        let is_first = health.outage.is_none();
        let since = health.outage.as_ref().map_or(now, |outage| outage.since);
        let lasted = now.saturating_sub(since);
        if lasted >= most {
            // There may have been too few calls to open the breaker, but none of them was answered in all that time.
            health.reads = health.reads.max(FAILURES);
        }
        let is_open = health.is_open();
        let has_told = health.has_told;
        let outage = health.outage.get_or_insert_with(|| Outage {
            since: now,
            error: error.clone(),
            most,
            next_probe: now,
            has_answered: false,
            is_given_up: false,
            is_told: false,
        });
        let pause = lasted
            .mul_f64(PAUSE_SHARE * (0.75 + fastrand::f64() / 4.0))
            .clamp(SHORTEST_PAUSE, LONGEST_PAUSE);
        outage.error = error.clone();
        outage.most = most;
        outage.next_probe = now + pause;
        outage.has_answered = false;
        outage.is_given_up = is_open && lasted >= most;
        // Where single calls are lost, a breaker that opens is closed by the next answer, again and again.
        let is_to_tell = is_open && !outage.is_told && (was_open || !has_told);
        outage.is_told |= is_to_tell;
        health.has_told |= is_to_tell;
        FailureEffect {
            is_first,
            has_opened: is_open && !was_open,
            is_to_tell,
            ends: now + most.saturating_sub(lasted),
        }
    }

    /// Returns how long an outage may last. Shorter before the CRM has ever answered: a wrong address is likelier then.
    fn most(&self, health: &Health) -> Duration {
        let first = match (health.answered, health.reached) {
            (true, _) => return self.policy.max_outage,
            (false, true) => self.policy.first_contact * FIRST_REPLIES,
            (false, false) => self.policy.first_contact,
        };
        first.min(self.policy.max_outage)
    }

    pub(super) fn was_reached(&self) -> bool {
        self.lock().reached
    }

    pub(super) fn is_open(&self) -> bool {
        self.lock().is_open()
    }

    fn lock(&self) -> MutexGuard<'_, Health> {
        self.health.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a failure means for the outage.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FailureEffect {
    /// Whether it begins an outage.
    pub is_first: bool,
    /// Whether it has opened the breaker.
    pub has_opened: bool,
    /// Whether somebody is to hear that nothing is sent: once for each outage, of the first one when it begins, and of
    /// later ones when they last.
    pub is_to_tell: bool,
    /// When the outage is given up, on the pace's clock.
    pub ends: Duration,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crm::testing::error;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    fn opened() -> Breaker {
        let breaker = Breaker::new(RetryPolicy::default());
        breaker.answered(Call::Fields, at(0));
        for second in 1..=3 {
            breaker.failed(Call::Add, &error(Class::Unknown), at(second));
        }
        breaker
    }

    #[test]
    fn who_has_never_answered_is_waited_for_less() {
        for (class, most) in [(Class::NotSent, 15), (Class::Unknown, 45)] {
            let breaker = Breaker::new(RetryPolicy::default());
            for second in 1..=3 {
                breaker.failed(Call::Fields, &error(class), at(second));
            }
            let failure = breaker.failed(Call::List, &error(class), at(4));
            assert_eq!(failure.ends, at(1 + most));
            assert!(matches!(breaker.gate(Call::Fields, at(4)), Gate::Wait(_)));
            breaker.failed(Call::List, &error(class), at(1 + most));
            let Gate::GivenUp(ended) = breaker.gate(Call::Fields, at(1 + most)) else {
                panic!("it goes on");
            };
            assert!(ended.is_first_contact);
        }
    }

    /// Two failures ten minutes apart show an outage: no call was answered in that time.
    #[test]
    fn few_calls_in_a_long_time_are_an_outage_too() {
        let breaker = Breaker::new(RetryPolicy::default());
        breaker.answered(Call::Fields, at(0));
        assert!(
            !breaker
                .failed(Call::Add, &error(Class::Unknown), at(1))
                .has_opened
        );
        breaker.failed(Call::Add, &error(Class::Unknown), at(601));
        assert!(matches!(breaker.gate(Call::Add, at(601)), Gate::GivenUp(_)));
    }

    /// One call in twenty that is lost opens the breaker now and then, and the next answer closes it.
    #[test]
    fn an_outage_that_is_over_at_once_is_told_only_the_first_time() {
        let breaker = Breaker::new(RetryPolicy::default());
        let tells = |second| {
            let failure = breaker.failed(Call::Add, &error(Class::Unknown), at(second));
            failure.is_to_tell
        };
        for (round, is_told) in [(0, true), (1, false), (2, false)] {
            let second = round * 100;
            assert!(!tells(second + 1) && !tells(second + 2));
            assert_eq!(tells(second + 3), is_told, "{round}");
            breaker.answered(Call::List, at(second + 4));
            breaker.answered(Call::Add, at(second + 5));
        }
        // One that lasts is told, once.
        for second in 301..=303 {
            assert!(!tells(second));
        }
        assert!(tells(304));
        assert!(!tells(305));
    }

    #[test]
    fn only_answers_to_later_calls_reset_the_count() {
        let breaker = Breaker::new(RetryPolicy::default());
        let fail = |second| breaker.failed(Call::Add, &error(Class::Unknown), at(second));
        assert!(!fail(10).has_opened && !fail(11).has_opened);
        breaker.answered(Call::Add, at(9));
        assert!(fail(12).has_opened, "the answer was to an earlier call");

        let breaker = Breaker::new(RetryPolicy::default());
        let fail = |second| breaker.failed(Call::Add, &error(Class::Unknown), at(second));
        assert!(!fail(10).has_opened && !fail(11).has_opened);
        breaker.answered(Call::Add, at(11));
        assert!(!fail(12).has_opened);
    }

    #[test]
    fn reads_ask_and_writes_go_one_at_a_time() {
        let breaker = opened();
        assert!(matches!(breaker.gate(Call::Add, at(3)), Gate::Wait(_)));
        let probe = breaker.gate(Call::Add, at(4));
        assert!(matches!(probe, Gate::Probe(_)));
        assert!(matches!(breaker.gate(Call::Add, at(4)), Gate::Wait(_)));
        assert!(!breaker.answered(Call::List, at(4)));
        drop(probe);
        assert!(matches!(breaker.gate(Call::Find, at(4)), Gate::Open));
        let trial = breaker.gate(Call::Add, at(4));
        assert!(matches!(trial, Gate::Trial(_)));
        assert!(matches!(breaker.gate(Call::Update, at(4)), Gate::Wait(_)));
        // The CRM can be read and not written: a read has to be answered before the next write.
        breaker.failed(Call::Add, &error(Class::Unknown), at(5));
        drop(trial);
        assert!(matches!(breaker.gate(Call::Add, at(8)), Gate::Probe(_)));
        breaker.answered(Call::List, at(8));
        assert!(breaker.answered(Call::Add, at(8)));
        assert!(matches!(breaker.gate(Call::Add, at(8)), Gate::Open));
    }

    #[test]
    fn failed_reads_leave_writes_alone_once_one_is_answered() {
        let breaker = Breaker::new(RetryPolicy::default());
        for second in 1..=3 {
            breaker.failed(Call::List, &error(Class::NotSent), at(second));
        }
        assert!(breaker.is_open());
        assert!(breaker.answered(Call::List, at(3)));
        assert!(matches!(breaker.gate(Call::Add, at(3)), Gate::Open));
    }

    #[test]
    fn pauses_grow_until_it_is_given_up() {
        let breaker = opened();
        let mut now = at(3);
        let mut probes = 0;
        loop {
            match breaker.gate(Call::Add, now) {
                Gate::Wait(rest) => now += rest,
                Gate::Probe(_) => {
                    probes += 1;
                    breaker.failed(Call::List, &error(Class::NotSent), now);
                }
                Gate::GivenUp(ended) => break assert_eq!(ended.error.class, Class::NotSent),
                Gate::Open | Gate::Trial(_) => panic!("nobody has answered"),
            }
        }
        assert!(now >= at(601) && now < at(620), "{now:?}");
        assert!((40..90).contains(&probes), "{probes}");
    }
}
