//! The log file and the signals.

use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::filter::LevelFilter;

use super::failure::Failure;
use super::usage;
use crate::model::Stop;

/// Sends tracing events to a file, if one is asked for. Events hold neither secrets nor customers.
pub(super) fn start(path: Option<&Path>) -> Result<(), Failure> {
    let Some(path) = path else { return Ok(()) };
    let file = std::fs::File::options()
        .create(true)
        .append(true)
        .open(path);
    let file = file.map_err(|error| {
        usage(
            format!("--log {}: {error}", path.display()),
            "name a file that can be written",
        )
    })?;
    let subscriber = tracing_subscriber::fmt()
        .with_writer(Mutex::new(file))
        .with_ansi(false)
        .with_max_level(LevelFilter::DEBUG)
        .finish();
    // Only a second call could fail, and there is none.
    let _ = tracing::subscriber::set_global_default(subscriber);
    Ok(())
}

/// A stop that Ctrl-C, SIGTERM and a closing window request. A second one leaves at once, which is as safe:
/// what is on its way is in the journal.
pub(super) fn stop_on_signals() -> Result<Stop, Failure> {
    let stop = Stop::new();
    let shared = stop.clone();
    let handled = ctrlc::set_handler(move || {
        if shared.is_requested() {
            #[expect(
                clippy::exit,
                reason = "the person asked twice; the journal is safe at any moment"
            )]
            std::process::exit(5);
        }
        eprintln!("\nstopping, after what is on its way; once more to leave at once");
        shared.request();
    });
    handled.map_err(|error| Failure::new(1, format!("signals cannot be handled: {error}"), ""))?;
    Ok(stop)
}
