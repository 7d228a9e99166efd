//! The terminal's [`Monitor`]: a line that moves on a terminal, a plain line every 30 seconds elsewhere.

use std::collections::BTreeMap;
use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Global;
use super::print::say_line;
use crate::lang;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::lang::say::{amounts, progress as said};
use crate::model::{Counter, Monitor, Problem, Stop, Task, visible};

/// The interval of the lines where there is no terminal.
const PLAIN_INTERVAL: Duration = Duration::from_secs(30);

/// Shows the progress of a job to a person.
pub(super) struct Progress {
    screen: Arc<Screen>,
    ended: Stop,
    ticker: Option<std::thread::JoinHandle<()>>,
}

struct Screen {
    quiet: bool,
    on_terminal: bool,
    lang: Lang,
    hints: Hints,
    bars: MultiProgress,
    state: Mutex<ProgressState>,
}

#[derive(Default)]
struct ProgressState {
    /// The allowed pace, as people write it.
    pace: String,
    task: Option<Running>,
    counters: BTreeMap<Counter, u64>,
}

struct Running {
    task: Task,
    began: Instant,
    done: u64,
    total: Option<u64>,
    calls_before: u64,
    bar: ProgressBar,
}

impl Progress {
    /// Starts to show progress; shows none with `--quiet`.
    pub fn start(global: &Global) -> Self {
        let on_terminal = std::io::stderr().is_terminal() && !global.quiet && !global.json;
        let target = if on_terminal {
            ProgressDrawTarget::stderr_with_hz(5)
        } else {
            ProgressDrawTarget::hidden()
        };
        let screen = Arc::new(Screen {
            quiet: global.quiet,
            on_terminal,
            lang: global.lang(),
            hints: global.hints.clone(),
            bars: MultiProgress::with_draw_target(target),
            state: Mutex::default(),
        });
        let ended = Stop::new();
        let ticker = (!global.quiet).then(|| {
            let (screen, ended) = (screen.clone(), ended.clone());
            let interval = if on_terminal {
                Duration::from_millis(500)
            } else {
                PLAIN_INTERVAL
            };
            std::thread::spawn(move || {
                while ended.sleep(interval) {
                    screen.tick();
                }
            })
        });
        Self {
            screen,
            ended,
            ticker,
        }
    }

    /// Shows the calls against this pace.
    pub fn show_pace(&self, pace: &str) {
        pace.clone_into(&mut self.screen.lock().pace);
    }

    /// Returns the monitor to which jobs report.
    pub fn monitor(&self) -> Arc<dyn Monitor> {
        self.screen.clone()
    }

    /// Prints lines above the moving line.
    pub fn say(&self, text: &str) {
        self.screen.say(text);
    }

    /// Clears the moving line, so that a question can be asked.
    pub fn pause(&self) {
        // A terminal that cannot be cleared loses nothing.
        let _ = self.screen.bars.clear();
    }

    /// Stops showing progress.
    pub fn finish(mut self) {
        self.end();
    }

    fn end(&mut self) {
        self.ended.request();
        if let Some(ticker) = self.ticker.take() {
            // A ticker that panicked has nothing left to show.
            let _ = ticker.join();
        }
        let _ = self.screen.bars.clear();
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.end();
    }
}

impl Screen {
    fn lock(&self) -> MutexGuard<'_, ProgressState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn say(&self, text: &str) {
        if self.quiet {
            return;
        }
        // A thread that draws holds this lock. indicatif's own way to suspend drawing panics where the terminal has
        // gone.
        let _state = self.lock();
        let _ = self.bars.clear();
        say_line(&self.hints.copyable(text));
    }

    fn tick(&self) {
        let state = self.lock();
        let Some(running) = &state.task else { return };
        let line = line(running, &state.counters, &state.pace, self.lang);
        if self.on_terminal {
            running.bar.set_message(visible(&line).into_owned());
        } else {
            drop(state);
            say_line(&line);
        }
    }
}

impl Monitor for Screen {
    fn start_task(&self, task: Task, total: Option<u64>) {
        let bar = self.bars.add(ProgressBar::new(total.unwrap_or(0)));
        let template = if total.is_some() {
            "{bar:24} {msg}"
        } else {
            "{spinner} {msg}"
        };
        bar.set_style(
            ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar()),
        );
        let mut state = self.lock();
        let calls_before = state.counters.get(&Counter::Calls).copied().unwrap_or(0);
        let running = Running {
            task,
            began: Instant::now(),
            done: 0,
            total,
            calls_before,
            bar,
        };
        running
            .bar
            .set_message(line(&running, &state.counters, &state.pace, self.lang));
        state.task = Some(running);
    }

    fn advance(&self, task: Task, amount: u64) {
        if let Some(running) = self
            .lock()
            .task
            .as_mut()
            .filter(|running| running.task == task)
        {
            running.done += amount;
            running.bar.inc(amount);
        }
    }

    fn finish_task(&self, task: Task) {
        let mut state = self.lock();
        if state
            .task
            .as_ref()
            .is_some_and(|running| running.task == task)
            && let Some(running) = state.task.take()
        {
            running.bar.finish_and_clear();
        }
    }

    fn count(&self, counter: Counter, amount: u64) {
        *self.lock().counters.entry(counter).or_default() += amount;
    }

    fn notice(&self, problem: &Problem) {
        let words = lang::words(problem, self.lang);
        let code = problem.code.to_string();
        self.say(&crate::lang::say::notice_mark(
            self.lang,
            &words.message,
            &code,
        ));
    }
}

/// Returns a line such as `sending 120/1000 rows · ok 118 · failed 2 · 4.9 calls/s of 5/s · 2 min 59 s left`.
fn line(running: &Running, counters: &BTreeMap<Counter, u64>, pace: &str, lang: Lang) -> String {
    let count = |counter| counters.get(&counter).copied().unwrap_or(0);
    let elapsed = running.began.elapsed();
    let done = match (running.task, running.total) {
        (Task::Copy, _) => format!("{:.1}", running.done as f64 / f64::from(1 << 20)),
        (_, Some(total)) => format!("{}/{total}", running.done),
        (_, None) => running.done.to_string(),
    };
    let mut parts = vec![said::task(lang, running.task, &done)];
    if running.task == Task::Send {
        parts.push(said::amount(lang, Counter::Ok, count(Counter::Ok)));
        for counter in [Counter::Failed, Counter::Unknown, Counter::Busy] {
            if count(counter) > 0 {
                parts.push(said::amount(lang, counter, count(counter)));
            }
        }
    }
    if matches!(running.task, Task::Send | Task::Fetch | Task::Settle) {
        let calls = count(Counter::Calls) - running.calls_before;
        let speed = calls as f64 / elapsed.as_secs_f64().max(0.001);
        parts.push(said::pace(lang, speed, pace));
        if let Some(total) = running
            .total
            .filter(|_| running.done > 0 && elapsed > Duration::from_secs(1))
        {
            let left =
                elapsed.mul_f64(total.saturating_sub(running.done) as f64 / running.done as f64);
            parts.push(said::left(lang, &amounts::duration(lang, left)));
        }
    }
    parts.join(" · ")
}
