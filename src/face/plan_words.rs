//! What a plan would do, in words, as a person is asked about it.

use std::time::Duration;

use super::settings::Settings;
use crate::job::account::Account;
use crate::lang::say::summary::CountedOutcome;
use crate::lang::{Lang, say};
use crate::model::{Action, Status};
use crate::plan::preview::Preview;

/// The duration from which on a time of day says more.
const WORTH_A_CLOCK: Duration = Duration::from_secs(300);

/// Names an account.
pub(crate) fn whose(account: &Account, lang: Lang) -> String {
    match (&account.profile, account.sandbox) {
        (Some(profile), _) => {
            say::confirm::account_of_profile(lang, &account.appid, &account.host, profile)
        }
        (None, true) => say::embedded_crm(lang).to_owned(),
        (None, false) => say::account(lang, &account.appid, &account.host),
    }
}

/// Returns what a plan would do, what that costs, and when it would be done: a line for each.
pub(crate) fn in_lines(preview: &Preview, settings: &Settings, lang: Lang) -> String {
    let account = &preview.account;
    let count = |action| preview.rows(action);
    let status = |status| preview.counts.status(status);
    let rest: Vec<String> = [
        (status(Status::Unchanged), CountedOutcome::Unchanged),
        (status(Status::Invalid), CountedOutcome::Invalid),
        (
            status(Status::Skipped).saturating_sub(preview.united),
            CountedOutcome::Skipped,
        ),
        (preview.united, CountedOutcome::United),
        (status(Status::Unknown), CountedOutcome::Unknown),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, outcome)| say::summary::counted(lang, outcome, count))
    .collect();
    let whose = whose(account, lang);
    let is_import = count(Action::Delete) + count(Action::Restore) == 0 && preview.undoes.is_none();
    let mut parts: Vec<String> = Vec::new();
    for (action, always) in [
        (Action::Add, is_import),
        (Action::Update, is_import),
        (Action::Delete, false),
        (Action::Restore, false),
    ] {
        if always || count(action) > 0 {
            parts.push(say::confirm::to_do(lang, action, count(action)));
        }
    }
    parts.extend(rest);
    let plan = say::confirm::plan(lang, &whose, &parts);
    let time = say::amounts::duration(lang, preview.time);
    let cost = say::confirm::cost(lang, preview.calls, &time, &settings.rates.to_string());
    let mut lines = format!("{plan}\n{cost}");
    for window in settings.outlook().short_windows(preview.calls, lang) {
        lines = format!("{lines}\n{window}");
    }
    if preview.time >= WORTH_A_CLOCK {
        let now = u64::try_from(jiff::Timestamp::now().as_second()).unwrap_or(0);
        let end = crate::crm::wall_time(now + preview.time.as_secs(), now, &settings.zone());
        lines = format!("{lines}\n{}", say::confirm::done_at(lang, &end));
    }
    lines
}

/// Returns what a plan would do as a few numbers: what a person was shown, for comparison with what is done then.
pub(crate) fn in_short(preview: &Preview) -> String {
    let actions = [Action::Add, Action::Update, Action::Delete, Action::Restore];
    let mut counts: Vec<String> = actions
        .iter()
        .map(|action| preview.rows(*action).to_string())
        .collect();
    counts.push(preview.abandons.to_string());
    counts.join("-")
}
