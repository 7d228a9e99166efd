//! What every command that talks to the CRM begins with: signals, the progress display, and the context.

use super::failure::Failure;
use super::progress::Progress;
use super::settings::Settings;
use super::{Global, logging, summary};
use crate::job::context::Context;

/// A run that has begun.
pub(super) struct Work {
    /// The terminal.
    pub progress: Progress,
    /// What jobs work with.
    pub context: Context,
}

impl Work {
    /// Begins a run: says what the settings brought up, and shows the pace. `no_wait` stops at a spent quota.
    pub fn begin(settings: &Settings, global: &Global, no_wait: bool) -> Result<Self, Failure> {
        let stop = logging::stop_on_signals(global.lang())?;
        let progress = Progress::start(global);
        summary::notices(&progress, &settings.notices);
        progress.show_pace(&settings.rates.to_string());
        let context = settings.context(no_wait, progress.monitor(), &stop)?;
        Ok(Self { progress, context })
    }
}
