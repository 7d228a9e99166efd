//! The log file and the signals.

use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use super::{print, usage};
use crate::face::failure::{Failure, exit};
use crate::lang::{Lang, say};
use crate::model::Stop;

/// Sends tracing events to a file, if one is asked for. Events hold neither secrets nor customers.
pub(super) fn start(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(path);
    let file = file.map_err(|error| {
        let flag = format!("--log {}", path.display());
        usage(say::usage::name_a_writable_file(&flag, &error.to_string()))
    })?;
    // Events of libraries are about their own connections, and do not belong into ferry's log.
    let ours = Targets::new().with_target(env!("CARGO_CRATE_NAME"), LevelFilter::DEBUG);
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(Mutex::new(print::Log::new(file)))
        // The subscriber would report its errors by a print that can panic.
        .log_internal_errors(false)
        .with_ansi(false)
        .with_filter(ours);
    let subscriber = tracing_subscriber::registry().with(lines);
    // Only a second call could fail, and there is none.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// Signals within this time of the first count as one. A shell hands on a signal that its terminal has sent already,
/// and closing a window causes two.
const SAME_WISH: Duration = Duration::from_millis(500);

/// Returns a stop that Ctrl-C, SIGTERM and a closing window request. A second signal ends the process at once, which is
/// as safe, because the rows on their way are in the journal. SIGQUIT keeps the system's meaning.
pub(super) fn stop_on_signals(lang: Lang) -> Result<Stop, Failure> {
    let stop = Stop::new();
    let shared = stop.clone();
    let mut asked: Option<Instant> = None;
    let handled = ctrlc::set_handler(move || {
        // The stop is requested before the words are printed, because the terminal may be gone.
        shared.request();
        match asked {
            None => {
                asked = Some(Instant::now());
                print::say_line(&format!("\n{}", say::stopping(lang)));
            }
            Some(first) if first.elapsed() < SAME_WISH => {}
            Some(_) => {
                #[expect(
                    clippy::exit,
                    reason = "the person asked twice; the journal is safe at any moment"
                )]
                std::process::exit(exit::STOPPED.into());
            }
        }
    });
    handled
        .map_err(|error| Failure::said(exit::LOCAL, say::usage::no_signals(&error.to_string())))?;
    Ok(stop)
}
