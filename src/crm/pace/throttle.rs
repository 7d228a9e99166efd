//! How far a process holds back for the server's load: the gate, and the part of the setting that is allowed.
//!
//! A busy reply closes the gate for as long as the server asks, or else for pauses that grow, and halves the pace.
//! Successes give the pace back in steps, never above the setting. The gate is never opened before its time.

use std::time::Duration;

/// The pace changes at most this often: replies to calls already in flight only say the same again.
const STEP: Duration = Duration::from_secs(1);
/// The part of the setting that a step of recovery gives back.
const RECOVERY: f64 = 0.1;
/// The first pause when the server does not say how long; doubled each time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The gate and the allowed pace of a process. Times are those of the pace's clock.
#[derive(Debug)]
pub(super) struct Throttle {
    opens: Duration,
    allowed: f64,
    lowest: f64,
    busy_run: u32,
    slowed: Option<Duration>,
    recovered: Duration,
    is_outage: bool,
}

impl Throttle {
    /// Makes an open gate at the whole setting. `lowest` is the part of the setting that always stays allowed.
    pub(super) fn new(lowest: f64) -> Self {
        Self {
            opens: Duration::ZERO,
            allowed: 1.0,
            lowest: lowest.min(1.0),
            busy_run: 0,
            slowed: None,
            recovered: Duration::ZERO,
            is_outage: false,
        }
    }

    /// Returns the part of the setting that is allowed, above 0 and at most 1.
    pub(super) fn allowed(&self) -> f64 {
        self.allowed
    }

    /// Returns how long the gate stays closed.
    pub(super) fn closed_for(&self, now: Duration) -> Duration {
        self.opens.saturating_sub(now)
    }

    /// Closes the gate until a time, unless it is closed for longer already.
    pub(super) fn close_until(&mut self, opens: Duration) {
        self.opens = self.opens.max(opens);
    }

    /// Notes a busy reply. Returns the pause that it causes. `None` when the reply adds nothing: it names no time, and
    /// the gate is closed already or an outage is waited out.
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

    /// Halves the allowed pace, at most once each [`STEP`] and never in an outage.
    pub(super) fn slow_down(&mut self, now: Duration) {
        if self.is_outage || self.slowed.is_some_and(|slowed| now < slowed + STEP) {
            return;
        }
        self.allowed = (self.allowed / 2.0).max(self.lowest);
        self.slowed = Some(now);
        self.recovered = now;
    }

    /// Begins or ends an outage.
    pub(super) fn set_outage(&mut self, is_outage: bool) {
        self.is_outage = is_outage;
    }

    /// Notes a success: the pace recovers by one step a second, never above the setting.
    pub(super) fn succeeded(&mut self, now: Duration) {
        if self.slowed.is_none() || now < self.recovered + STEP {
            return;
        }
        self.busy_run = 0;
        self.recovered = now;
        self.allowed += RECOVERY;
        if self.allowed >= 1.0 {
            self.allowed = 1.0;
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
    fn a_shorter_wish_does_not_open_the_gate_sooner() {
        let mut throttle = Throttle::new(0.001);
        assert_eq!(throttle.busy(Some(ms(5000)), ms(0)), Some(ms(5000)));
        assert_eq!(throttle.closed_for(ms(1000)), ms(4000));
        throttle.busy(Some(ms(10)), ms(100));
        assert_eq!(throttle.closed_for(ms(1000)), ms(4000));
    }

    #[test]
    fn the_pace_halves_once_a_burst_and_recovers_by_steps() {
        let mut throttle = Throttle::new(0.001);
        let is = |throttle: &Throttle, allowed: f64| (throttle.allowed() - allowed).abs() < 1e-9;
        for now in [0, 1, 2, 3] {
            throttle.slow_down(ms(now));
        }
        assert!(is(&throttle, 0.5));
        throttle.succeeded(ms(500));
        assert!(is(&throttle, 0.5));
        for second in 1..=4 {
            throttle.succeeded(ms(second * 1000 + 3));
            assert!(throttle.allowed() < 1.0);
        }
        for second in 5..=9 {
            throttle.succeeded(ms(second * 1000 + 3));
        }
        assert!(is(&throttle, 1.0));
        for second in 0..40 {
            throttle.slow_down(ms(20_000 + second * 1000));
        }
        assert!(is(&throttle, 0.001));
    }

    #[test]
    fn pauses_grow_until_a_success() {
        let mut throttle = Throttle::new(0.001);
        let mut now = ms(0);
        for doubled in [500, 1000, 2000, 4000] {
            let pause = throttle.busy(None, now).unwrap();
            assert!(
                pause <= ms(doubled) && pause >= ms(doubled / 2),
                "{pause:?}"
            );
            assert_eq!(throttle.busy(None, now), None);
            now += pause + ms(1);
        }
        throttle.succeeded(now + ms(2000));
        assert!(throttle.busy(None, now + ms(4000)).unwrap() <= ms(500));
    }

    #[test]
    fn an_outage_tells_nothing_about_the_pace() {
        let mut throttle = Throttle::new(0.001);
        throttle.set_outage(true);
        assert_eq!(throttle.busy(None, ms(0)), None);
        assert!((throttle.allowed() - 1.0).abs() < 1e-9);
        assert_eq!(throttle.busy(Some(ms(700)), ms(0)), Some(ms(700)));
    }
}
