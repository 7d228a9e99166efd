//! Signals become a request to stop.
//!
//! A window that is closed on Windows ends its programs as soon as their handlers have returned. tokio's handler does
//! not return, so the run has the seconds that Windows grants it, and ends by itself.

use std::time::{Duration, Instant};

use super::print;
use crate::face::failure::{Failure, exit};
use crate::lang::{Lang, say};
use crate::model::Stop;

/// Signals within this time of the first count as one. A shell hands on a signal that its terminal has sent already,
/// and closing a window causes two.
const SAME_WISH: Duration = Duration::from_millis(500);

/// Returns a stop that Ctrl-C, SIGTERM and a closing window request. A second signal ends the process at once, which is
/// as safe, because the rows on their way are in the journal. SIGQUIT keeps the system's meaning.
pub(super) fn stop_on_signals(lang: Lang) -> Result<Stop, Failure> {
    let stop = Stop::new();
    let shared = stop.clone();
    listen(move || announce(&shared, lang))
        .map_err(|error| Failure::said(exit::LOCAL, say::usage::no_signals(&error.to_string())))?;
    Ok(stop)
}

/// Asks for the stop, and says so.
fn announce(stop: &Stop, lang: Lang) {
    // The stop is requested before the words are printed, because the terminal may be gone.
    stop.request();
    print::say_line(&format!("\n{}", say::stopping(lang)));
}

/// Calls `wish` at the first signal, in a thread of its own, and ends the process at a later one.
fn listen(wish: impl FnOnce() + Send + 'static) -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?;
    let signals = {
        let _entered = runtime.enter();
        Signals::register()?
    };
    let thread = std::thread::Builder::new().name("signals".to_owned());
    thread.spawn(move || {
        runtime.block_on(async {
            let mut signals = signals;
            signals.next().await;
            let asked = Instant::now();
            wish();
            loop {
                signals.next().await;
                if asked.elapsed() >= SAME_WISH {
                    leave();
                }
            }
        });
    })?;
    Ok(())
}

#[expect(
    clippy::exit,
    reason = "the person asked twice; the journal is safe at any moment"
)]
fn leave() {
    std::process::exit(exit::STOPPED.into());
}

/// The signals of this system that ask for a stop.
#[cfg(unix)]
struct Signals([tokio::signal::unix::Signal; 3]);

#[cfg(unix)]
impl Signals {
    fn register() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self([
            signal(SignalKind::interrupt())?,
            signal(SignalKind::terminate())?,
            signal(SignalKind::hangup())?,
        ]))
    }

    async fn next(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.0;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }
}

/// The events of a console that ask for a stop: keys, the closed window, and the end of the session.
#[cfg(windows)]
struct Signals {
    key: tokio::signal::windows::CtrlC,
    pause_key: tokio::signal::windows::CtrlBreak,
    window: tokio::signal::windows::CtrlClose,
    session: tokio::signal::windows::CtrlLogoff,
    computer: tokio::signal::windows::CtrlShutdown,
}

#[cfg(windows)]
impl Signals {
    fn register() -> std::io::Result<Self> {
        use tokio::signal::windows::{ctrl_break, ctrl_c, ctrl_close, ctrl_logoff, ctrl_shutdown};
        Ok(Self {
            key: ctrl_c()?,
            pause_key: ctrl_break()?,
            window: ctrl_close()?,
            session: ctrl_logoff()?,
            computer: ctrl_shutdown()?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.key.recv() => {}
            _ = self.pause_key.recv() => {}
            _ = self.window.recv() => {}
            _ = self.session.recv() => {}
            _ = self.computer.recv() => {}
        }
    }
}
