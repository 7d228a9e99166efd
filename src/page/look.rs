//! What every screen shows around its own content, and the words of its template.

use crate::face::settings::TIMEZONE;
use crate::job::account::Account;
use crate::lang::{Lang, page, say, with_buttons};

use jiff::tz::TimeZone;

use super::visit::Visit;

/// The surroundings of a screen: what `base.html` needs, and the words in the reader's language.
#[derive(Debug, Clone)]
pub(super) struct Look {
    pub lang: Lang,
    /// The title of the window.
    pub title: String,
    /// The path of this screen, to which a change of the language leads back.
    pub path: String,
    /// The account in words; empty if there is none.
    pub account: String,
    /// Whether the account is the embedded CRM.
    pub is_sandbox: bool,
    /// The name of the time zone of every moment on the screen.
    pub timezone: String,
    /// Whose the screen is, where another account is chosen.
    pub other: Option<OtherAccount>,
}

/// An account that is not the chosen one.
#[derive(Debug, Clone)]
pub(super) struct OtherAccount {
    /// The name of its profile; empty for the embedded CRM.
    pub profile: String,
    /// Whether a button can choose it.
    pub can_be_chosen: bool,
}

fn named(account: &Account, lang: Lang) -> String {
    match (&account.profile, account.sandbox) {
        (_, true) => say::embedded_crm(lang).to_owned(),
        (Some(profile), _) => format!("{profile} · {}", account.host),
        (None, _) => account.host.clone(),
    }
}

impl Look {
    /// Makes the surroundings of a screen. `title` is the key of a word in `lang/page.toml`.
    pub fn of(visit: &Visit, title: &str) -> Self {
        let lang = visit.lang;
        let account = visit.shared.accounts.named();
        Self {
            lang,
            title: page::say(lang, title).to_owned(),
            path: match visit.screen.as_str() {
                "" => "/".to_owned(),
                screen => screen.to_owned(),
            },
            account: account
                .as_ref()
                .map_or_else(String::new, |its| named(its, lang)),
            timezone: account.as_ref().map_or_else(
                || TIMEZONE.to_owned(),
                |its| visit.shared.accounts.timezone_of(its),
            ),
            is_sandbox: account.is_some_and(|account| account.sandbox),
            other: None,
        }
    }

    /// Makes them those of an account, which need not be the chosen one: of a job, or of a draft.
    pub fn of_account(self, visit: &Visit, account: &Account) -> Self {
        let chosen = visit.shared.accounts.named();
        let is_chosen = chosen.is_some_and(|chosen| chosen.key == account.key);
        let can_be_chosen = account.sandbox || account.profile.is_some();
        Self {
            account: named(account, self.lang),
            is_sandbox: account.sandbox,
            timezone: visit.shared.accounts.timezone_of(account),
            other: (!is_chosen).then(|| OtherAccount {
                profile: account.profile.clone().unwrap_or_default(),
                can_be_chosen,
            }),
            ..self
        }
    }

    /// Returns a word of `lang/page.toml`.
    pub fn say(&self, key: &str) -> &'static str {
        page::say(self.lang, key)
    }

    /// Returns a word of `lang/page.toml` with one fact in it.
    pub fn with(&self, key: &str, name: &str, fact: impl std::fmt::Display) -> String {
        page::fill(self.lang, key, &[(name, &fact.to_string())])
    }

    /// Returns a sentence with buttons in place of the commands that it names.
    pub fn in_buttons(&self, sentence: &str) -> String {
        with_buttons(sentence, self.lang)
    }

    /// Returns the time zone of every moment on the screen.
    pub fn zone(&self) -> TimeZone {
        TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC)
    }

    /// Returns the tag of the language, for `<html lang>`.
    pub fn tag(&self) -> &'static str {
        self.lang.pick("en", "zh-CN")
    }
}
