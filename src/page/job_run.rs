//! The settings and the surroundings of something that is done with an existing job.

use std::sync::Arc;

use super::shared::Shared;
use super::works::PageWork;
use crate::face::choices::Choices;
use crate::face::failure::Failure;
use crate::face::settings::Settings;
use crate::job::account::Account;
use crate::job::context::Context;
use crate::job::run_settings::RunSettings;
use crate::job::spec::JobSpec;
use crate::lang::Lang;
use crate::model::{Monitor, Stop, VoidMonitor};

/// The settings and the surroundings of something that is done with an existing job.
pub(super) struct JobRun {
    pub settings: Settings,
    pub context: Context,
}

/// Whose job it is, and how its calls were made when it began.
#[derive(Debug, Clone, Copy)]
pub(super) struct JobOwner<'a> {
    pub account: &'a Account,
    /// `None` for the settings of the account as they are now.
    pub run: Option<&'a RunSettings>,
}

impl<'a> JobOwner<'a> {
    /// Returns whose job it is.
    pub fn of(spec: &'a JobSpec) -> Self {
        Self {
            account: &spec.account,
            run: spec.run.as_ref(),
        }
    }
}

impl JobRun {
    /// Returns what a work on a job needs; its progress goes to the work's monitor.
    pub fn of_work(
        shared: &Shared,
        lang: Lang,
        owner: JobOwner<'_>,
        work: &PageWork,
    ) -> Result<Self, Failure> {
        let monitor = work.monitor.clone();
        let run = Self::of(shared, lang, owner, monitor.clone(), &work.stop)?;
        monitor.show_pace(run.settings.outlook());
        for notice in &run.settings.notices {
            monitor.notice(notice);
        }
        Ok(run)
    }

    /// Returns what it takes to look at a job.
    pub fn to_look(shared: &Shared, lang: Lang, owner: JobOwner<'_>) -> Result<Self, Failure> {
        Self::of(shared, lang, owner, Arc::new(VoidMonitor), &Stop::new())
    }

    fn of(
        shared: &Shared,
        lang: Lang,
        owner: JobOwner<'_>,
        monitor: Arc<dyn Monitor>,
        stop: &Stop,
    ) -> Result<Self, Failure> {
        let settings = settings_of(shared, lang, owner)?;
        let no_wait = owner.run.is_some_and(|run| run.no_wait);
        let context = settings.context(no_wait, monitor, stop)?;
        Ok(Self { settings, context })
    }
}

/// Returns the settings of a job's own account, whichever is chosen.
pub(super) fn settings_of(
    shared: &Shared,
    lang: Lang,
    owner: JobOwner<'_>,
) -> Result<Settings, Failure> {
    let choices = Choices {
        lang,
        ..shared.accounts.choices()
    };
    let settings = shared.accounts.settings_of(owner.account)?;
    let mut settings = Settings::clone(&settings);
    settings.lang = lang;
    settings.go_on(&choices, owner.run);
    Ok(settings)
}
