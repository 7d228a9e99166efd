//! The beginning of every command that sends or reads many rows: signals, the progress display, and the context.

use super::progress::Progress;
use super::{Global, signals, summary};
use crate::face::failure::Failure;
use crate::face::settings::Settings;
use crate::job::context::Context;

/// A run that has begun.
pub(super) struct Work {
    /// The progress display.
    pub progress: Progress,
    /// The surroundings of the job.
    pub context: Context,
}

impl Work {
    /// Begins a run: shows the notices of the settings, and the pace. With `no_wait` a spent quota ends the run.
    pub fn begin(settings: &Settings, global: &Global, no_wait: bool) -> Result<Self, Failure> {
        let stop = signals::stop_on_signals(global.lang())?;
        let progress = Progress::start(global);
        summary::notices(&progress, &settings.notices);
        progress.show_pace(settings.outlook());
        let context = settings.context(no_wait, progress.monitor(), &stop)?;
        Ok(Self { progress, context })
    }
}
