//! When the next call may leave: slots of the short windows, and the gate.
//!
//! A sender reserves a slot and sleeps until then. Because the schedule is kept and not the wake-ups, a
//! sender that wakes late does not delay those after it; governor's limiter with a burst of 1 loses every
//! wake-up's lateness (measured: see DESIGN.md, *Pace*). Late releases come closer together than the
//! schedule, so each window also remembers when its calls really left, and no sliding window ever holds
//! more than it may.

use std::collections::VecDeque;
use std::time::Duration;

use super::Rate;
use super::shared::Shared;

/// The spacing is this much wider than the setting, so that jitter on the way does not cross it.
const MARGIN: f64 = 1.01;
/// However busy the server, a call leaves this often (unless the setting itself is slower).
const SLOWEST: Duration = Duration::from_secs(10);
/// Pace changes happen at most this often: replies to calls already in flight say the same thing again.
const STEP: Duration = Duration::from_secs(1);
/// Share of the setting by which the pace recovers a step.
const RECOVERY: f64 = 0.1;
/// The gate's first pause when the server does not say how long.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// What a sender that has slept until its slot may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Release {
    /// Call.
    Now,
    /// Sleep so long and ask again: a window is full.
    After(Duration),
    /// Reserve again: the gate was closed meanwhile, and with it all slots given out before.
    Void,
}

/// A reserved slot.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Slot {
    pub at: Duration,
    generation: u64,
}

/// The short windows and the gate. Times are those of the clock.
#[derive(Debug)]
pub(super) struct Slots {
    spacing: Duration,
    share: f64,
    lowest_share: f64,
    next: Duration,
    windows: Vec<Window>,
    /// The schedule of all processes, and until when slots of it are claimed.
    shared: Option<Shared>,
    claimed_until: Duration,
    opens: Duration,
    generation: u64,
    busy_run: u32,
    slowed: Option<Duration>,
    recovered: Duration,
    is_outage: bool,
}

#[derive(Debug)]
struct Window {
    rate: Rate,
    released: VecDeque<Duration>,
}

impl Slots {
    /// Slots of the short windows of a rate, on a schedule of this process alone unless there is a shared one.
    pub(super) fn new(rates: &[Rate], shared: Option<Shared>) -> Self {
        let widest = rates.iter().map(|rate| rate.spacing()).max();
        let spacing = widest.unwrap_or_default().mul_f64(MARGIN);
        let lowest_share = (spacing.as_secs_f64() / SLOWEST.as_secs_f64()).min(1.0);
        let window = |rate: &Rate| Window {
            rate: *rate,
            released: VecDeque::new(),
        };
        Self {
            spacing,
            share: 1.0,
            lowest_share,
            next: Duration::ZERO,
            windows: rates.iter().map(window).collect(),
            // Without a window of seconds or minutes there is nothing to keep together.
            shared: shared.filter(|_| !spacing.is_zero()),
            claimed_until: Duration::ZERO,
            opens: Duration::ZERO,
            generation: 0,
            busy_run: 0,
            slowed: None,
            recovered: Duration::ZERO,
            is_outage: false,
        }
    }

    /// The distance of calls at the allowed pace.
    pub(super) fn spacing(&self) -> Duration {
        self.spacing.div_f64(self.share)
    }

    /// The distance of calls at the setting.
    pub(super) fn full_spacing(&self) -> Duration {
        self.spacing
    }

    /// Reserves the next slot; `unix` is the present moment in Unix microseconds.
    pub(super) fn reserve(&mut self, now: Duration, unix: u64) -> Slot {
        let mut spacing = self.spacing();
        if let Some(shared) = &mut self.shared {
            if self.next.max(now) >= self.claimed_until
                && let Some(block) = shared.claim(spacing, now, unix)
            {
                // The others do not know of every gate that is closed here.
                self.next = block.from.max(self.opens);
                self.claimed_until = block.until;
            }
            spacing = shared.spacing(spacing, now);
        }
        let at = self.next.max(now);
        self.next = at + spacing;
        Slot {
            at,
            generation: self.generation,
        }
    }

    pub(super) fn release(&mut self, slot: Slot, now: Duration) -> Release {
        if slot.generation != self.generation {
            return Release::Void;
        }
        let mut rest = Duration::ZERO;
        for window in &mut self.windows {
            let period = window.rate.period;
            while window
                .released
                .front()
                .is_some_and(|first| *first + period <= now)
            {
                window.released.pop_front();
            }
            if window.released.len() as u64 >= window.rate.calls {
                let first = window.released.front().copied().unwrap_or(now);
                rest = rest.max((first + period).saturating_sub(now));
            }
        }
        if !rest.is_zero() {
            return Release::After(rest);
        }
        for window in &mut self.windows {
            window.released.push_back(now);
        }
        Release::Now
    }

    /// How long the gate stays closed.
    pub(super) fn closed_for(&self, now: Duration) -> Duration {
        self.opens.saturating_sub(now)
    }

    /// Closes the gate until a time, unless it is closed for longer already.
    pub(super) fn close_until(&mut self, opens: Duration) {
        if opens > self.opens {
            self.opens = opens;
            self.generation += 1;
            self.next = opens;
            self.claimed_until = Duration::ZERO;
        }
    }

    /// Gives a slot back that is not used.
    pub(super) fn give_back(&mut self, slot: Slot, now: Duration, unix: u64) {
        let spacing = self.spacing();
        if let Some(shared) = &mut self.shared
            && slot.generation == self.generation
        {
            shared.give_back(slot.at, shared.spacing(spacing, now), now, unix);
        }
    }

    /// Lets the other processes know that the gate is closed.
    pub(super) fn tell_closed(&mut self, now: Duration, unix: u64) {
        if let Some(shared) = &mut self.shared {
            shared.close_until(self.opens, now, unix);
        }
    }

    /// The server said busy. Returns how long the gate was closed for it, `None` when this reply only repeats
    /// what an earlier one said.
    pub(super) fn busy(&mut self, asked: Option<Duration>, now: Duration) -> Option<Duration> {
        if self.is_outage && asked.is_none() {
            return None;
        }
        let was_open = self.closed_for(now).is_zero();
        if was_open {
            self.slow_down(now);
        }
        let pause = match asked {
            Some(asked) => asked,
            None if was_open => {
                let doubled = FIRST_PAUSE.saturating_mul(1 << self.busy_run.min(16));
                doubled
                    .min(LONGEST_PAUSE)
                    .mul_f64(0.5 + fastrand::f64() / 2.0)
            }
            None => return None,
        };
        if was_open {
            self.busy_run += 1;
        }
        self.close_until(now + pause);
        Some(pause)
    }

    /// Halves the allowed pace.
    pub(super) fn slow_down(&mut self, now: Duration) {
        if self.is_outage || self.slowed.is_some_and(|slowed| now < slowed + STEP) {
            return;
        }
        self.share = (self.share / 2.0).max(self.lowest_share);
        self.slowed = Some(now);
        self.recovered = now;
    }

    /// Whether an outage is being waited out.
    pub(super) fn set_outage(&mut self, is_outage: bool) {
        self.is_outage = is_outage;
    }

    /// A call succeeded: the pace recovers by a step a second, never above the setting.
    pub(super) fn succeeded(&mut self, now: Duration) {
        if self.slowed.is_none() || now < self.recovered + STEP {
            return;
        }
        self.busy_run = 0;
        self.recovered = now;
        self.share += RECOVERY;
        if self.share >= 1.0 {
            self.share = 1.0;
            self.slowed = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn a_late_wake_up_does_not_move_the_schedule() {
        let mut slots = Slots::new(&[Rate::new(10, 1)], None);
        let first = slots.reserve(ms(1000), 0);
        let second = slots.reserve(ms(1000), 0);
        let third = slots.reserve(ms(1000), 0);
        assert_eq!(
            [first.at, second.at, third.at],
            [ms(1000), ms(1101), ms(1202)]
        );
        // Long after: the missed slots are not made up for.
        assert_eq!(slots.reserve(ms(9000), 0).at, ms(9000));
        assert_eq!(slots.reserve(ms(9000), 0).at, ms(9101));
    }

    #[test]
    fn no_sliding_window_holds_too_many() {
        let mut slots = Slots::new(&[Rate::new(2, 1)], None);
        let late = [
            slots.reserve(ms(0), 0),
            slots.reserve(ms(0), 0),
            slots.reserve(ms(0), 0),
        ];
        // All three wake up late and at once.
        assert_eq!(slots.release(late[0], ms(1500)), Release::Now);
        assert_eq!(slots.release(late[1], ms(1510)), Release::Now);
        assert_eq!(slots.release(late[2], ms(1520)), Release::After(ms(980)));
        assert_eq!(slots.release(late[2], ms(2500)), Release::Now);
    }

    #[test]
    fn the_narrowest_window_sets_the_spacing() {
        let slots = Slots::new(&[Rate::new(10, 1), Rate::new(60, 60)], None);
        assert_eq!(slots.spacing(), ms(1010));
    }

    #[test]
    fn closing_the_gate_voids_what_was_reserved() {
        let mut slots = Slots::new(&[Rate::new(10, 1)], None);
        let slot = slots.reserve(ms(0), 0);
        assert_eq!(slots.busy(Some(ms(5000)), ms(0)), Some(ms(5000)));
        assert_eq!(slots.release(slot, ms(0)), Release::Void);
        assert_eq!(slots.closed_for(ms(1000)), ms(4000));
        assert_eq!(slots.reserve(ms(5000), 0).at, ms(5000));
        // A shorter wish does not open it sooner.
        slots.busy(Some(ms(10)), ms(100));
        assert_eq!(slots.closed_for(ms(1000)), ms(4000));
    }

    #[test]
    fn a_shared_schedule_opens_no_gate() {
        let folder = tempfile::tempdir().unwrap();
        let shared = Shared::open(folder.path(), "here").unwrap();
        let mut slots = Slots::new(&[Rate::new(10, 1)], Some(shared));
        slots.close_until(ms(5000));
        assert_eq!(slots.reserve(ms(1000), 1_700_000_000_000_000).at, ms(5000));
    }

    #[test]
    fn the_pace_halves_once_a_burst_and_recovers_by_steps() {
        let mut slots = Slots::new(&[Rate::new(100, 1)], None);
        let full = slots.full_spacing();
        for now in [0, 1, 2, 3] {
            slots.slow_down(ms(now));
        }
        assert_eq!(slots.spacing(), full * 2);
        slots.succeeded(ms(500));
        assert_eq!(slots.spacing(), full * 2);
        for second in 1..=4 {
            slots.succeeded(ms(second * 1000 + 3));
            assert!(slots.spacing() > full);
        }
        for second in 5..=9 {
            slots.succeeded(ms(second * 1000 + 3));
        }
        assert_eq!(slots.spacing(), full);
        for second in 0..40 {
            slots.slow_down(ms(20_000 + second * 1000));
        }
        let slowest = slots.spacing().as_secs_f64();
        assert!((slowest - 10.0).abs() < 0.001, "{slowest}");
    }

    #[test]
    fn pauses_grow_until_a_success() {
        let mut slots = Slots::new(&[Rate::new(100, 1)], None);
        let mut now = ms(0);
        for doubled in [500, 1000, 2000, 4000] {
            let pause = slots.busy(None, now).unwrap();
            assert!(
                pause <= ms(doubled) && pause >= ms(doubled / 2),
                "{pause:?}"
            );
            assert_eq!(slots.busy(None, now), None);
            now += pause + ms(1);
        }
        slots.succeeded(now + ms(2000));
        assert!(slots.busy(None, now + ms(4000)).unwrap() <= ms(500));
    }
}
