//! The question before anything is sent: what would be done, and the button that says yes.
//!
//! The form carries what the person was shown. When the job itself asks, only the same is confirmed: if something else
//! would be done by then, nothing is sent, and the person looks again.

use askama::Template;
use axum::response::Response;
use serde::Deserialize;

use crate::face::failure::{Failure, exit};
use crate::face::plan_words;
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{page, say};
use crate::model::Action;
use crate::page::error::{PageError, refused};
use crate::page::look::Look;
use crate::page::visit::html;
use crate::page::works::PageWork;
use crate::pipeline::{CustomerToDelete, MOST_DELETED};
use crate::plan::preview::Preview;
use crate::results::changes::ShownChange;

/// A yes, as the form sends it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Consent {
    /// What was shown.
    shown: String,
    /// The name of the profile, where it must be typed.
    profile: String,
    /// How many customers are to be deleted, where that must be typed.
    count: String,
    /// How many rows are sent as a trial; blank for all.
    limit: String,
    /// Whether also what somebody has changed since is taken back.
    pub force: bool,
}

/// A button beside the main one.
pub(super) struct OtherWay {
    pub path: String,
    pub words: &'static str,
    /// A field that the button sends.
    pub field: Option<(&'static str, &'static str)>,
}

/// The screen that asks.
#[derive(Template)]
#[template(path = "page/job_consent.html")]
pub(super) struct ConsentScreen {
    pub look: Look,
    /// The path of the job, to which the person can go back.
    pub job: String,
    /// Where the yes is sent.
    pub action: String,
    /// What would be done.
    pub lines: Vec<String>,
    /// What the person should know.
    pub notes: Vec<String>,
    pub changes: Vec<ShownChange>,
    /// The first customers that would be deleted.
    pub to_delete: Vec<CustomerToDelete>,
    /// How many would be.
    pub deletes: u64,
    /// What would be left alone, and why.
    pub left: Vec<String>,
    /// The path of the sheet that holds all of it.
    pub sheet: Option<String>,
    pub shown: String,
    /// The profile whose name must be typed.
    pub profile: Option<String>,
    /// How many customers would be deleted, where that must be typed.
    pub count: Option<u64>,
    /// How many rows there are of which some may be sent as a trial; 0 where there is no trial.
    pub trial: u64,
    pub force: bool,
    /// The words of the main button; none where nothing can be done.
    pub button: Option<&'static str>,
    /// Whether customers are taken away.
    pub takes_away: bool,
    pub others: Vec<OtherWay>,
}

impl ConsentScreen {
    /// Makes the screen of a preview, which asks for nothing yet.
    pub fn of(look: Look, job: String, preview: &Preview, settings: &Settings) -> Self {
        let lang = settings.lang;
        let lines = plan_words::in_lines(preview, settings, lang);
        let mut notes = Vec::new();
        if preview.adds_again() {
            notes.push(say::confirm::new_customers(lang).to_owned());
        }
        if preview.abandons > 0 {
            notes.push(say::confirm::not_sent_any_more(lang, preview.abandons));
        }
        let deletes = preview.rows(Action::Delete);
        let profile = settings.account.profile.clone();
        Self {
            look,
            job,
            action: String::new(),
            lines: lines.lines().map(str::to_owned).collect(),
            notes,
            changes: Vec::new(),
            to_delete: Vec::new(),
            deletes,
            left: Vec::new(),
            sheet: None,
            shown: plan_words::in_short(preview),
            profile: profile.filter(|_| settings.protected),
            count: (deletes > MOST_DELETED).then_some(deletes),
            trial: 0,
            force: false,
            button: None,
            takes_away: false,
            others: Vec::new(),
        }
    }

    pub fn answer(&self) -> Result<Response, PageError> {
        html(self)
    }
}

impl Consent {
    /// Makes what a preview is made with: nobody has said yes.
    pub fn none(force: bool) -> Self {
        Self {
            force,
            ..Self::default()
        }
    }

    /// Fails unless the name of a protected profile was typed.
    pub fn require_name(&self, settings: &Settings) -> Result<(), Failure> {
        match (&settings.account.profile, settings.protected) {
            (Some(profile), true) if !self.profile.trim().eq_ignore_ascii_case(profile) => {
                let facts = [("profile", profile.as_str())];
                let words = (
                    page::text("not-the-name", &facts),
                    page::text("look-again", &[]),
                );
                Err(Failure::said(exit::USAGE, words))
            }
            _ => Ok(()),
        }
    }

    /// Returns how many rows are sent as a trial; `None` for all.
    pub fn limit(&self) -> Result<Option<u64>, Failure> {
        match self.limit.trim() {
            "" => Ok(None),
            text => match text.parse() {
                Ok(limit @ 1..) => Ok(Some(limit)),
                _ => Err(refused("bad-limit", &[])),
            },
        }
    }

    /// Fails unless the number of customers that would be deleted was typed, where there are many.
    pub fn require_count(&self, preview: &Preview) -> Result<(), Failure> {
        let deletes = preview.rows(Action::Delete);
        if deletes <= MOST_DELETED || self.count.trim().parse() == Ok(deletes) {
            return Ok(());
        }
        let facts = [("count", deletes.to_string())];
        let facts = facts.each_ref().map(|(name, fact)| (*name, fact.as_str()));
        let words = (
            page::text("not-the-number", &facts),
            page::text("look-again", &[]),
        );
        Err(Failure::said(exit::USAGE, words))
    }

    /// Has a job run that asks before it sends. `run` gets the answer to its question. Fails where the job would do
    /// something else than was shown; the result within is that of the job.
    pub fn agree<T>(
        &self,
        work: &PageWork,
        run: impl FnOnce(&mut dyn FnMut(&Preview) -> Result<(), JobError>) -> Result<T, JobError>,
    ) -> Result<Result<T, JobError>, Failure> {
        let mut refused = None;
        let done = run(&mut |preview| {
            work.note_job(&preview.job);
            let agreed = self.require_shown(preview);
            refused = agreed.and_then(|()| self.require_count(preview)).err();
            match refused {
                None => Ok(()),
                Some(_) => Err(JobError::Declined),
            }
        });
        match refused {
            None => Ok(done),
            Some(refused) => Err(refused),
        }
    }

    /// Fails unless the person was shown just this.
    fn require_shown(&self, preview: &Preview) -> Result<(), Failure> {
        if plan_words::in_short(preview) == self.shown {
            return Ok(());
        }
        let words = (
            page::text("not-as-shown", &[]),
            page::text("look-again", &[]),
        );
        Err(Failure::said(exit::USAGE, words))
    }
}
