//! The account that choices lead to, as far as it is known without its secret: what it is called, its pace, and how much
//! of its quota is used.
//!
//! Its secret may come from a program that takes seconds, or asks a person. A screen that needs no secret is not to wait
//! for it.

use jiff::tz::TimeZone;

use super::choices::Choices;
use super::config::{Config, Profile};
use super::environment::EnvironmentAccount;
use super::pace_outlook::PaceOutlook;
use super::settings::{self, DEFAULT_RATE, SANDBOX_RATE, TIMEZONE};
use crate::crm::{CountedQuota, QuotaScope, Rates};
use crate::job::account::Account;
use crate::journal::StateFolder;

/// An account without its secret.
#[derive(Debug, Clone)]
pub(crate) struct AccountGlance {
    pub account: Account,
    /// The IANA zone in which moments are told.
    pub timezone: String,
    rates: Rates,
}

impl AccountGlance {
    /// Looks at the account of choices; `None` where there is none, or none that is complete. No program is run, and
    /// nothing is started.
    pub fn of(choices: &Choices) -> Option<Self> {
        if choices.sandbox {
            let account = settings::sandbox_account_alone();
            let profile = Profile::default();
            return Some(Self::new(choices, account, &profile, SANDBOX_RATE));
        }
        let config = Config::find(choices.config.as_deref()).ok()?;
        let (account, profile) = if let Some(config) = config {
            let (name, profile) = config.profile(choices.profile.as_deref()).ok()?;
            let (base_url, appid) = (profile.base_url.as_deref()?, profile.appid.as_deref()?);
            (
                settings::named_account(base_url, appid, Some(name)),
                profile,
            )
        } else {
            let environment = EnvironmentAccount::read();
            let (base_url, appid) = (environment.base_url?, environment.appid?);
            let account = settings::named_account(&base_url, &appid, None);
            (account, Profile::default())
        };
        Some(Self::new(choices, account, &profile, DEFAULT_RATE))
    }

    fn new(choices: &Choices, account: Account, profile: &Profile, default_rate: &str) -> Self {
        // What cannot be read is said by whoever resolves the settings.
        let rates = settings::rate_text(choices, profile, default_rate).parse();
        let timezone = profile.timezone.clone();
        Self {
            account,
            timezone: timezone.unwrap_or_else(|| TIMEZONE.to_owned()),
            rates: rates.unwrap_or_default(),
        }
    }

    /// Returns the pace, with what is counted of it in this state folder.
    pub fn outlook(&self, state: &StateFolder) -> PaceOutlook {
        let scope = QuotaScope {
            folder: state.root().to_path_buf(),
            account: self.account.key.clone(),
            no_wait: false,
        };
        let zone = TimeZone::get(&self.timezone).unwrap_or(TimeZone::UTC);
        PaceOutlook {
            words: self.rates.to_string(),
            quota: CountedQuota::of(&self.rates, scope).map(|quota| (quota, zone)),
        }
    }
}
