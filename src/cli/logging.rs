//! The log file.

use std::path::Path;
use std::sync::Mutex;

use tracing_subscriber::Layer;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::SubscriberExt;

use super::{print, usage};
use crate::face::failure::Failure;
use crate::lang::say;

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
