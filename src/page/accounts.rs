//! The accounts that the page works with: the chosen one, and those of jobs and drafts.
//!
//! What is done with a job is done in the job's own account, whichever is chosen. Resolving the settings of an account
//! may run a program for its secret, and starts the embedded CRM, of which there is one. So each account is resolved
//! once, by one at a time, and nobody waits for that who only asks what an account is called.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::face::choices::Choices;
use crate::face::failure::Failure;
use crate::face::glance::AccountGlance;
use crate::face::settings::{Settings, TIMEZONE};
use crate::job::account::Account;
use crate::model::Schema;

/// The accounts that the page works with.
pub(super) struct Accounts {
    known: Mutex<KnownAccounts>,
    /// Held while an account is resolved.
    resolving: Mutex<()>,
}

#[derive(Default)]
struct KnownAccounts {
    choices: Choices,
    /// How often another account was chosen, or the same one again.
    times: u64,
    /// What the chosen account is called, once somebody has asked.
    named: NamedAccount,
    /// The key of the chosen account, once it was resolved.
    chosen: Option<String>,
    /// The settings of accounts, by key.
    settings: BTreeMap<String, Arc<Settings>>,
    /// The names of the time zones of accounts, by key.
    timezones: BTreeMap<String, String>,
    /// The fields of accounts, by key.
    schemas: BTreeMap<String, Arc<Schema>>,
}

/// What the chosen account is called.
#[derive(Debug, Clone, Default)]
enum NamedAccount {
    /// Nobody has asked since it was chosen.
    #[default]
    Unasked,
    /// There is no account, or its settings are not complete.
    Nobody,
    Is(AccountGlance),
}

impl KnownAccounts {
    fn chosen(&self) -> Option<Arc<Settings>> {
        self.settings.get(self.chosen.as_ref()?).cloned()
    }
}

impl Accounts {
    /// Takes the choices of a start.
    pub fn new(choices: Choices) -> Self {
        Self {
            known: Mutex::new(KnownAccounts {
                choices,
                ..KnownAccounts::default()
            }),
            resolving: Mutex::new(()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, KnownAccounts> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn one_at_a_time(&self) -> MutexGuard<'_, ()> {
        self.resolving
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the choices as they are now.
    pub fn choices(&self) -> Choices {
        self.lock().choices.clone()
    }

    /// Returns what the chosen account is called; `None` where there is none.
    pub fn named(&self) -> Option<Account> {
        self.glance().map(|its| its.account)
    }

    /// Returns what is known of the chosen account without its secret; `None` where there is none.
    pub fn glance(&self) -> Option<AccountGlance> {
        let mut known = self.lock();
        if matches!(known.named, NamedAccount::Unasked) {
            let account = AccountGlance::of(&known.choices);
            known.named = account.map_or(NamedAccount::Nobody, NamedAccount::Is);
        }
        match &known.named {
            NamedAccount::Is(glance) => Some(glance.clone()),
            NamedAccount::Nobody | NamedAccount::Unasked => None,
        }
    }

    /// Returns the name of the time zone in which an account's moments are told.
    pub fn timezone_of(&self, account: &Account) -> String {
        let mut known = self.lock();
        if let Some(zone) = known.timezones.get(&account.key) {
            return zone.clone();
        }
        let its = AccountGlance::of(&Choices {
            profile: account.profile.clone(),
            sandbox: account.sandbox,
            ..known.choices.clone()
        });
        let zone = its.map_or_else(|| TIMEZONE.to_owned(), |its| its.timezone);
        known.timezones.insert(account.key.clone(), zone.clone());
        zone
    }

    /// Returns the settings of the chosen account if they are resolved already.
    pub fn resolved(&self) -> Option<Arc<Settings>> {
        self.lock().chosen()
    }

    /// Returns the settings of the chosen account. They are resolved once, and again after [`Accounts::choose`].
    pub fn settings(&self) -> Result<Arc<Settings>, Failure> {
        if let Some(settings) = self.lock().chosen() {
            return Ok(settings);
        }
        let _one = self.one_at_a_time();
        let (choices, times) = {
            let mut known = self.lock();
            // The embedded CRM that runs for a job is the one that is chosen.
            if known.chosen.is_none() && known.choices.sandbox {
                let mut running = known.settings.iter();
                let running = running.find(|(_, its)| its.account.sandbox);
                known.chosen = running.map(|(key, _)| key.clone());
            }
            if let Some(settings) = known.chosen() {
                return Ok(settings);
            }
            (known.choices.clone(), known.times)
        };
        let settings = Arc::new(Settings::resolve(&choices, None)?);
        let mut known = self.lock();
        if known.times == times {
            let key = settings.account.key.clone();
            known.settings.insert(key.clone(), settings.clone());
            known.chosen = Some(key);
        }
        Ok(settings)
    }

    /// Returns the settings of an account: of a job, or of a draft.
    pub fn settings_of(&self, account: &Account) -> Result<Arc<Settings>, Failure> {
        let is_chosen = self.named().is_some_and(|named| named.key == account.key);
        if is_chosen {
            return self.settings();
        }
        let known = || self.lock().settings.get(&account.key).cloned();
        if let Some(settings) = known() {
            return Ok(settings);
        }
        let _one = self.one_at_a_time();
        if let Some(settings) = known() {
            return Ok(settings);
        }
        let choices = Choices {
            profile: None,
            sandbox: false,
            ..self.choices()
        };
        let settings = Arc::new(Settings::resolve(&choices, Some(account))?);
        let key = settings.account.key.clone();
        self.lock().settings.insert(key, settings.clone());
        Ok(settings)
    }

    /// Works with another account from now on, or reads the same one again.
    pub fn choose(&self, change: impl FnOnce(&mut Choices)) {
        let mut known = self.lock();
        change(&mut known.choices);
        known.times += 1;
        (known.named, known.chosen) = (NamedAccount::Unasked, None);
        // The embedded CRM goes on, because a job may be working with it.
        known
            .settings
            .retain(|_, settings| settings.account.sandbox);
        known.schemas.clear();
        known.timezones.clear();
    }

    /// Returns the fields of an account; `None` while they were not read, or after [`Accounts::forget_schemas`].
    pub fn schema(&self, account: &Account) -> Option<Arc<Schema>> {
        self.lock().schemas.get(&account.key).cloned()
    }

    /// Keeps the fields of an account, if its settings are still those with which they were read.
    pub fn keep_schema(&self, settings: &Arc<Settings>, schema: Arc<Schema>) {
        let mut known = self.lock();
        let key = &settings.account.key;
        let own = known.settings.get(key);
        if own.is_some_and(|own| Arc::ptr_eq(own, settings)) {
            known.schemas.insert(key.clone(), schema);
        }
    }

    /// Has the fields of accounts read again when they are asked for.
    pub fn forget_schemas(&self) {
        self.lock().schemas.clear();
    }
}
