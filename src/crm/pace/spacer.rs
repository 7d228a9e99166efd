//! When the next call of this process may leave.
//!
//! ```text
//! look at the others ─► gate open? ─► this process's turn? ─► windows have room? ─► limiter
//!  (processes.rs)        (throttle.rs)                         (window.rs)           (limiter.rs)
//! ```
//!
//! The limiter spaces the calls. The windows guard that none of them ever holds more than this process's share, however
//! the limiter was changed meanwhile. No moments are reserved: a sender that waits asks again when it wakes.

use std::time::Duration;

use super::limiter::Limiter;
use super::processes::{JOIN, LOOK, Moment, ProcessView, Processes, Told};
use super::rate::Rate;
use super::throttle::Throttle;
use super::window::{Share, Window};

/// The longest distance between calls, however busy the server is, unless the setting itself is slower.
const SLOWEST: Duration = Duration::from_secs(10);

/// What a sender may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Release {
    /// Make the call.
    Now,
    /// Sleep for this time and ask again.
    After(Duration),
}

/// Decides when calls of one process leave, by its short windows and its gate. Times are those of the pace's clock.
#[derive(Debug)]
pub(super) struct Spacer {
    throttle: Throttle,
    windows: Vec<Window>,
    limiter: Limiter,
    /// The other processes, where the pace is shared.
    processes: Option<Processes>,
    share: Share,
    /// When this process may begin: the others have to see it first.
    starts: Duration,
    last_call: Duration,
    /// Until when a busy server has closed the gate of this process.
    told_closed: Duration,
    has_used_turn: bool,
}

impl Spacer {
    /// Makes a spacer for the short windows. `processes` gets the length of the longest window, and returns the other
    /// processes where the pace is shared.
    pub(super) fn new(
        rates: &[Rate],
        now: Duration,
        processes: impl FnOnce(Duration) -> Option<Processes>,
    ) -> Self {
        let windows: Vec<Window> = rates.iter().copied().map(Window::new).collect();
        let longest = windows.iter().map(Window::period).max();
        let full = widest(windows.iter().map(Window::full_spacing));
        Self {
            throttle: Throttle::new(full.div_duration_f64(SLOWEST)),
            windows,
            limiter: Limiter::starting(now, full),
            processes: processes(longest.unwrap_or_default()),
            share: Share::WHOLE,
            starts: now,
            last_call: Duration::ZERO,
            told_closed: Duration::ZERO,
            has_used_turn: false,
        }
    }

    /// Returns the gate and the part of the setting that is allowed.
    pub(super) fn throttle(&mut self) -> &mut Throttle {
        &mut self.throttle
    }

    /// Returns how long the gate stays closed.
    pub(super) fn closed_for(&self, now: Duration) -> Duration {
        self.throttle.closed_for(now)
    }

    /// Returns the distance between calls at the allowed pace of this process.
    pub(super) fn spacing(&self) -> Duration {
        let spacing = widest(self.windows.iter().map(Window::spacing));
        spacing.div_f64(self.throttle.allowed())
    }

    /// Returns the distance between calls at the setting.
    pub(super) fn full_spacing(&self) -> Duration {
        widest(self.windows.iter().map(Window::full_spacing))
    }

    /// Returns how long no call may leave, whatever the pace: the gate is closed, or this process has only just joined.
    ///
    /// Rows are noted as being sent only when this is over. Otherwise a kill while the process waits for the others
    /// would leave a whole group in doubt of which no call had left. Where the pace is shared and the gate is open, the
    /// result is at most [`LOOK`].
    pub(super) fn opens_in(&mut self, at: Moment) -> Duration {
        let closed = self.closed_for(at.now);
        let Some(processes) = self.processes.as_ref().filter(|_| closed.is_zero()) else {
            return closed;
        };
        if processes.is_due(at.now) {
            self.look(at, false);
        }
        let closed = self.closed_for(at.now);
        let joining = self.starts.saturating_sub(at.now);
        if closed.is_zero() {
            joining.min(LOOK)
        } else {
            closed
        }
    }

    /// Lets a call leave, or returns when to ask again.
    pub(super) fn release(&mut self, at: Moment) -> Release {
        let is_due = self
            .processes
            .as_ref()
            .is_some_and(|processes| processes.is_due(at.now));
        let gives_up_turn = self.gives_up_turn(at.now);
        if is_due || gives_up_turn {
            self.look(at, gives_up_turn);
        }
        let rest = self.rest(at.now);
        if rest.is_zero() {
            for window in &mut self.windows {
                window.push(at.now);
            }
            self.last_call = at.now;
            self.has_used_turn = true;
            return Release::Now;
        }
        // A process that waits is present, and has to look often enough to show that.
        let most = self.processes.as_ref().map_or(rest, |_| LOOK);
        Release::After(rest.min(most))
    }

    /// Returns how long the next call has to wait. Zero means that the limiter has counted the call.
    fn rest(&mut self, now: Duration) -> Duration {
        let closed = self.closed_for(now);
        if !closed.is_zero() {
            return closed;
        }
        if !self.windows.iter().all(Window::has_share) {
            return LOOK;
        }
        let full = widest(self.windows.iter_mut().map(|window| window.rest(now)));
        let rest = full.max(self.starts.saturating_sub(now));
        if !rest.is_zero() {
            return rest;
        }
        let spacing = self.spacing();
        if self.limiter.spacing() != spacing {
            self.limiter = if self.last_call < self.starts {
                Limiter::starting(self.starts, spacing)
            } else {
                Limiter::after(self.last_call, spacing)
            };
        }
        self.limiter.try_pass(now).err().unwrap_or_default()
    }

    /// Returns whether it is the turn of others now: this process has called, and its calls have left every window that
    /// allows fewer calls than there are processes.
    fn gives_up_turn(&mut self, now: Duration) -> bool {
        let processes = self.share.of;
        let mut narrow = self
            .windows
            .iter_mut()
            .filter(|window| window.calls() < processes)
            .peekable();
        self.has_used_turn && narrow.peek().is_some() && narrow.all(|window| window.is_empty(now))
    }

    /// Looks at the other processes, and tells them of this one.
    fn look(&mut self, at: Moment, gives_up_turn: bool) {
        let told = Told {
            gives_up_turn,
            ..self.told()
        };
        let seen = self
            .processes
            .as_mut()
            .and_then(|processes| processes.look(at, told));
        self.has_used_turn &= !gives_up_turn;
        if let Some(seen) = seen {
            self.take_in(seen, at.now);
        }
    }

    fn told(&self) -> Told {
        Told {
            last_call: self.last_call,
            closed_until: self.told_closed,
            gives_up_turn: false,
        }
    }

    fn take_in(&mut self, seen: ProcessView, now: Duration) {
        let share = seen.share;
        if share != self.share || seen.has_joined {
            for window in &mut self.windows {
                // A process that gives up its turn has no calls in the window.
                let is_turn = share.of == self.share.of && window.calls() < share.of;
                if seen.has_joined || is_turn {
                    window.set(share);
                } else {
                    window.move_to(share, now);
                }
            }
            self.share = share;
        }
        self.throttle.close_until(now + seen.closed_for);
        if seen.has_joined {
            self.join(seen, now);
        }
    }

    /// Sets when this process begins: when the others have seen it, or a spacing after the latest call of those that
    /// have gone.
    fn join(&mut self, seen: ProcessView, now: Duration) {
        let spacing = self.spacing();
        let starts = match seen.since_others {
            _ if seen.share.of > 1 => now + JOIN + spacing,
            Some(since) => now + spacing.saturating_sub(since),
            None => now,
        };
        if starts > now {
            // A process that has called before keeps the distance to its own calls as well.
            let own = if self.last_call.is_zero() {
                now
            } else {
                self.last_call + spacing
            };
            self.starts = starts.max(own);
            self.limiter = Limiter::starting(self.starts, spacing);
        }
    }

    /// Notes a busy reply, and tells the other processes of the pause. Returns the pause; `None` when the reply adds
    /// nothing to what is known.
    pub(super) fn busy(&mut self, asked: Option<Duration>, at: Moment) -> Option<Duration> {
        let pause = self.throttle.busy(asked, at.now);
        if let Some(pause) = pause {
            self.told_closed = self.told_closed.max(at.now + pause);
            self.look(at, false);
        }
        pause
    }

    /// Tells the other processes that this one has ended.
    pub(super) fn leave(&mut self, at: Moment) {
        let told = self.told();
        if let Some(processes) = &mut self.processes {
            processes.leave(at, told);
        }
    }
}

fn widest(durations: impl Iterator<Item = Duration>) -> Duration {
    durations.max().unwrap_or_default()
}

#[cfg(test)]
mod tests;
