//! The terminal's [`Monitor`]: a line that moves on a terminal, a plain line every 30 seconds elsewhere.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Global;
use super::print::say_line;
use crate::face::pace_outlook::PaceOutlook;
use crate::face::running_task::RunningTask;
use crate::lang;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::model::{Code, Counter, Monitor, Problem, Stop, Task, visible};

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
    running: RunningTask,
    bar: Option<ProgressBar>,
    /// Whether it was said how rows are compared with what is stored.
    has_said_way: bool,
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
    pub fn show_pace(&self, pace: PaceOutlook) {
        self.screen.lock().running.pace = pace;
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
        let Some(line) = state.line(self.lang) else {
            return;
        };
        if self.on_terminal {
            state.show(&line);
        } else {
            drop(state);
            say_line(&line);
        }
    }
}

impl ProgressState {
    fn line(&self, lang: Lang) -> Option<String> {
        match self.running.waits_for() {
            Some(reason) => self.running.waiting_line(lang, &reason),
            None => self.running.line(lang),
        }
    }

    fn show(&self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(visible(line).into_owned());
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
        state.running.start(task, total);
        state.bar = Some(bar);
        if let Some(line) = state.line(self.lang) {
            state.show(&line);
        }
    }

    fn advance(&self, task: Task, amount: u64) {
        let mut state = self.lock();
        if state.running.advance(task, amount)
            && let Some(bar) = &state.bar
        {
            bar.inc(amount);
        }
    }

    fn finish_task(&self, task: Task) {
        let mut state = self.lock();
        if state.running.finish(task)
            && let Some(bar) = state.bar.take()
        {
            bar.finish_and_clear();
        }
    }

    fn count(&self, counter: Counter, amount: u64) {
        self.lock().running.count(counter, amount);
    }

    fn notice(&self, problem: &Problem) {
        let mut state = self.lock();
        state.running.notice(problem);
        // An undo compares twice, when it decides and again before it writes, and the way is said once.
        let is_way = matches!(problem.code, Code::ComparedByList | Code::ComparedSingly);
        if is_way && std::mem::replace(&mut state.has_said_way, true) {
            return;
        }
        drop(state);
        let words = lang::words(problem, self.lang);
        let code = problem.code.to_string();
        self.say(&crate::lang::say::notice_mark(
            self.lang,
            &words.message,
            &code,
        ));
    }
}
