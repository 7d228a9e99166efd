//! The terminal's [`Monitor`]: a line that moves on a terminal, a plain line every 30 seconds elsewhere.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Global;
use super::print::say_line;
use crate::face::running_task::RunningTask;
use crate::face::waiting::Waiting;
use crate::lang;
use crate::lang::Lang;
use crate::lang::hint::Hints;
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
    running: RunningTask,
    bar: Option<ProgressBar>,
    waiting: Option<Waiting>,
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
        pace.clone_into(&mut self.screen.lock().running.pace);
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
        match self.waiting.as_ref().and_then(Waiting::reason) {
            Some(reason) => self.running.waiting_line(lang, &reason),
            None => self.running.line(lang),
        }
    }

    /// Notes that the CRM has answered.
    fn note_answer(&mut self) {
        self.waiting
            .take_if(|waiting| waiting.is_ended_by_an_answer());
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
        if task == Task::Fetch {
            state.note_answer();
        }
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
        let mut state = self.lock();
        state.running.count(counter, amount);
        if counter == Counter::Ok {
            state.note_answer();
        }
    }

    fn notice(&self, problem: &Problem) {
        if let Some(waiting) = Waiting::of(problem) {
            self.lock().waiting = Some(waiting);
        }
        let words = lang::words(problem, self.lang);
        let code = problem.code.to_string();
        self.say(&crate::lang::say::notice_mark(
            self.lang,
            &words.message,
            &code,
        ));
    }
}

#[cfg(test)]
mod tests {
    use unicode_width::UnicodeWidthStr as _;

    use super::*;
    use crate::model::Code;

    /// The columns of a terminal without the bar and the blank behind it.
    const WIDTH: usize = 80 - 24 - 1;

    #[test]
    fn an_outage_is_said_until_the_crm_answers() {
        for (lang, said) in [
            (Lang::Zh, "934/3000 · 等待 CRM 恢复，最迟 "),
            (Lang::En, "934/3000 · waiting for the CRM until "),
        ] {
            let mut state = ProgressState::default();
            state.running.start(Task::Send, Some(3000));
            state.running.advance(Task::Send, 934);
            let later = jiff::ZonedDateTime::now() + jiff::SignedDuration::from_mins(10);
            let until = later.strftime("%Y-%m-%d %H:%M:%S").to_string();
            for code in [Code::OutageWait, Code::Unreachable] {
                let notice = Problem::new(code).with("until", &until);
                state.waiting = Waiting::of(&notice);
                let line = state.line(lang).expect("a task runs");
                assert_eq!(line, format!("{said}{until}"));
            }
            // An answer from before is heard of late.
            state.note_answer();
            assert!(state.line(lang).expect("a task runs").contains(&until));
            state.waiting = state.waiting.take().map(Waiting::aged);
            state.note_answer();
            let line = state.line(lang).expect("a task runs");
            assert!(
                !line.contains(&until) && line.contains("934/3000"),
                "{line}"
            );
        }
    }

    #[test]
    fn a_line_of_waiting_fits_into_eighty_columns() {
        let mut running = RunningTask::default();
        running.start(Task::Send, Some(3_000_000));
        running.advance(Task::Send, 1_234_567);
        for lang in [Lang::Zh, Lang::En] {
            for (code, until) in [
                (Code::OutageWait, "14:02:10"),
                (Code::Unreachable, "14:02:10"),
                (Code::QuotaSpent, "2026-11-24 17:30:00"),
                (Code::WaitingToSettle, "14:02:10"),
                (Code::ServerBusy, ""),
            ] {
                let notice = Problem::new(code)
                    .with("until", until)
                    .with("seconds", "3600");
                let line = running.waiting_line(lang, &notice).expect("a task runs");
                assert!(line.width() <= WIDTH, "{line}");
            }
        }
    }
}
