//! The settings of a run: flags, environment and `ferry.toml` become one resolved, validated value.
//!
//! The server of `--sandbox` is started here as well, so that everything below sees an account and cannot tell the
//! difference.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use secrecy::SecretString;

use super::choices::Choices;
use super::config::{Config, ExportDefaults, Profile};
use super::environment::{EnvironmentAccount, SECRET};
use super::failure::{Failure, exit, usage};
use super::ownership::how_to_own;
use super::pace_outlook::PaceOutlook;
use super::{duration, names, secret, user_folders};
use crate::crm::{
    ApiSettings, BadSetting, Connection, CountedQuota, Endpoint, NotARate, Pace, QuotaScope, Rates,
    RetryPolicy, SystemClock, connect,
};
use crate::job::account::Account;
use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error_limit::MaxErrors;
use crate::job::options::SendOptions;
use crate::job::request::{JobRequest, anywhere};
use crate::job::run_settings::RunSettings;
use crate::journal::StateFolder;
use crate::lang::hint::Hints;
use crate::lang::{Lang, Text, say};
use crate::model::{
    Code, Fact, FieldOverride, Monitor, Phrase, Problem, Saying, Stop, make_private_file,
    whole_path,
};
use crate::sandbox::{Auth, Options, Sandbox};
use crate::source;
use crate::source::OwnerSources;
use crate::stored::OwnerNames;

/// The default zone of the CRM's times (contract.md, *The six calls*).
pub(crate) const TIMEZONE: &str = "Asia/Shanghai";

/// The default of `--settle`. After this time an add whose reply was lost is stored and can be found, or it never will
/// be.
const SETTLE: Duration = Duration::from_secs(60);

/// The pace towards the embedded CRM, which has no quota.
pub(super) const SANDBOX_RATE: &str = "50/s";

/// The pace where none was chosen.
pub(super) const DEFAULT_RATE: &str = "5/s";

/// The key of the account of `--sandbox`.
pub(crate) const SANDBOX_ACCOUNT: &str = "sandbox";

/// Returns the file with the customers of `--sandbox`.
pub(crate) fn sandbox_customers(state: &StateFolder) -> PathBuf {
    state.root().join("sandbox.db")
}

/// The settings of a command that talks to the CRM.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The account.
    pub account: Account,
    /// The address of the CRM, its secret, and how calls are made.
    pub endpoint: Endpoint,
    /// The calls that are allowed.
    pub rates: Rates,
    /// When a failed call is made again, and for how long an outage is waited for.
    pub retry_policy: RetryPolicy,
    /// The folder in which jobs are kept.
    pub state: StateFolder,
    /// The IANA name of the zone in which times are shown.
    pub timezone: String,
    /// The time after an attempt when the CRM is asked what became of it.
    pub settle: Duration,
    /// Whether a customer that ferry added may be written again as it is, to settle rows in doubt.
    pub may_touch: bool,
    /// The language of everything that is printed and written.
    pub lang: Lang,
    /// What this run adds to the commands that it names.
    pub hints: Hints,
    /// Settings of single fields, by key.
    pub overrides: BTreeMap<String, FieldOverride>,
    /// Whether the profile's name must be typed before a write.
    pub protected: bool,
    /// The look-up file of owners.
    pub owners: Option<PathBuf>,
    /// The defaults of the flags of `ferry export`; paths are resolved.
    pub export: ExportDefaults,
    /// The command that gets the result of a job at its end.
    pub on_finish: Vec<String>,
    /// The environment variables that hold secrets. The `on_finish` command does not get them.
    pub secret_variables: Vec<String>,
    /// Where the secret came from: a variable, a file or a program.
    pub secret_place: String,
    /// The configuration file; `None` where the settings came from the environment or `--sandbox`.
    pub config: Option<PathBuf>,
    /// Notices to be shown before anything else.
    pub notices: Vec<Problem>,
    /// The server of `--sandbox`, which runs as long as any copy of the settings lives.
    sandbox: Option<Arc<Sandbox>>,
}

impl Settings {
    /// Resolves the settings. `account` is the account of the job, for commands that work on an existing job.
    pub fn resolve(choices: &Choices, account: Option<&Account>) -> Result<Self, Failure> {
        names::check_folder()?;
        let config = Config::find(choices.config.as_deref())?;
        let state = state_folder(choices, config.as_ref())?;
        let sandbox = choices.sandbox
            || account.is_some_and(|account| account.sandbox && choices.profile.is_none());
        let settings = if sandbox {
            Self::of_sandbox(choices, state, config.as_ref())?
        } else {
            let asked = choices
                .profile
                .clone()
                .or_else(|| account.and_then(|account| account.profile.clone()));
            match &config {
                Some(config) => Self::of_profile(choices, state, config, asked.as_deref())?,
                None => Self::of_environment(choices, state)?,
            }
        };
        if let Some(account) = account
            && account.key != settings.account.key
        {
            let (job, own) = (named(account), named(&settings.account));
            return Err(usage(say::usage::other_account(&job, &own)));
        }
        settings
            .endpoint
            .validate()
            .map_err(|error| bad_setting(&error))?;
        Ok(settings)
    }

    /// Resolves the settings of a command that resumes a job: the job's own values, except where a flag or the
    /// environment gives others. Returns a line that names such differences.
    pub fn going_on(
        choices: &Choices,
        account: &Account,
        run: Option<&RunSettings>,
    ) -> Result<(Self, Option<String>), Failure> {
        let mut settings = Self::resolve(choices, Some(account))?;
        let otherwise = settings.go_on(choices, run);
        Ok((settings, otherwise))
    }

    /// Takes a job's own values, except where a flag or the environment gives others. Returns a line that names such
    /// differences.
    pub fn go_on(&mut self, choices: &Choices, run: Option<&RunSettings>) -> Option<String> {
        let run = run?;
        let now = self.run_settings(run.no_wait);
        let time = |time| say::amounts::duration(choices.lang, time);
        let mut otherwise = Vec::new();
        let mut is_kept = |flag, is_given: bool, (now, then): (String, String)| {
            if is_given && now != then {
                otherwise.push((flag, now, then));
            }
            !is_given
        };
        let texts = (now.rate.to_string(), run.rate.to_string());
        if is_kept("--rate", choices.rate.is_some(), texts) {
            self.rates = run.rate.clone();
        }
        let texts = (now.concurrency.to_string(), run.concurrency.to_string());
        if is_kept("--concurrency", choices.concurrency.is_some(), texts) {
            self.endpoint.concurrency = run.concurrency;
        }
        let texts = (time(now.timeout), time(run.timeout));
        if is_kept("--timeout", choices.timeout.is_some(), texts) {
            self.endpoint.timeout = run.timeout;
        }
        let texts = (time(now.settle), time(run.settle));
        if is_kept("--settle", choices.settle.is_some(), texts) {
            self.settle = run.settle;
        }
        self.retry_policy.max_outage = run.max_outage;
        self.may_touch = run.may_touch && !choices.no_touch;
        let allowed = |may_touch| say::jobs::allowed(choices.lang, may_touch).to_owned();
        let texts = (allowed(self.may_touch), allowed(run.may_touch));
        is_kept("--no-touch", choices.no_touch, texts);
        say::jobs::begun_otherwise(choices.lang, &otherwise)
    }

    /// Returns the time zone in which moments are told to people.
    pub fn zone(&self) -> jiff::tz::TimeZone {
        jiff::tz::TimeZone::get(&self.timezone).unwrap_or(jiff::tz::TimeZone::UTC)
    }

    /// Returns the part of a request that all jobs have. The job begins now.
    pub fn job_request(&self, output: Option<&Path>, no_wait: bool) -> JobRequest {
        let now = jiff::Timestamp::now();
        let stamp = jiff::ZonedDateTime::new(now, self.zone()).strftime("%Y%m%d-%H%M%S");
        JobRequest {
            account: self.account.clone(),
            api: self.api().clone(),
            run: self.run_settings(no_wait),
            asked: anywhere(self.hints.asked()),
            output: output.map(whole_path),
            timezone: self.timezone.clone(),
            stamp: stamp.to_string(),
            created: now.as_second(),
        }
    }

    /// Returns how rows are sent: at most `limit` rows, and until `max_errors` rows are wrong.
    pub fn send_options(&self, limit: Option<u64>, max_errors: Option<MaxErrors>) -> SendOptions {
        SendOptions {
            concurrency: self.endpoint.concurrency,
            settle: self.settle,
            timeout: self.endpoint.timeout,
            may_touch: self.may_touch,
            limit,
            max_errors,
        }
    }

    /// Returns how calls are made, as a job keeps it.
    pub fn run_settings(&self, no_wait: bool) -> RunSettings {
        RunSettings {
            rate: self.rates.clone(),
            concurrency: self.endpoint.concurrency,
            timeout: self.endpoint.timeout,
            settle: self.settle,
            max_outage: self.retry_policy.max_outage,
            no_wait,
            may_touch: self.may_touch,
        }
    }

    fn of_sandbox(
        choices: &Choices,
        state: StateFolder,
        config: Option<&Config>,
    ) -> Result<Self, Failure> {
        let auth = Auth::default();
        let account = sandbox_account(&auth);
        let key = match &auth {
            Auth::Hmac { secret, .. } => secret.clone(),
            Auth::None => String::new(),
        };
        let options = Options {
            db: Some(sandbox_customers(&state)),
            auth,
            ..Options::default()
        };
        // A file that cannot be made here is reported by the server.
        let _ = options.db.as_deref().map(make_private_file);
        let sandbox = Sandbox::start(options).map_err(|error| {
            Failure::of(
                exit::LOCAL,
                &Problem::new(Code::SandboxFailed).with("detail", error.to_string()),
            )
        })?;
        let base_url = sandbox.base_url();
        let endpoint = Endpoint::new(&base_url, &account.appid, SecretString::from(key));
        let mut settings = Self::new(
            choices,
            &Profile::default(),
            SANDBOX_RATE,
            account,
            endpoint,
            state,
        )?;
        settings.sandbox = Some(Arc::new(sandbox));
        if let Some(config) = config {
            settings.rehearse(config, choices.profile.as_deref())?;
        }
        Ok(settings)
    }

    /// Takes from the profile what a rehearsal needs to go as the real run will: the defaults of exports and the names
    /// of owners. A file in which no profile is chosen gives nothing.
    fn rehearse(&mut self, config: &Config, asked: Option<&str>) -> Result<(), Failure> {
        let profile = match config.profile(asked) {
            Ok((_, profile)) => profile,
            Err(_) if asked.is_none() => return Ok(()),
            Err(failure) => return Err(failure),
        };
        self.take_files(config, &profile);
        Ok(())
    }

    /// Takes the files that a profile names.
    fn take_files(&mut self, config: &Config, profile: &Profile) {
        self.owners = profile.owners.as_ref().map(|path| config.resolve(path));
        self.export = profile.export.clone();
        let output = self.export.output.as_ref();
        self.export.output = output.map(|path| config.resolve(path));
    }

    fn of_profile(
        choices: &Choices,
        state: StateFolder,
        config: &Config,
        asked: Option<&str>,
    ) -> Result<Self, Failure> {
        let (name, profile) = config.profile(asked)?;
        let needed = |value: &Option<String>, what: &str| {
            value.clone().ok_or_else(|| {
                let why = Phrase::new(Saying::NotInProfile).with("profile", &name);
                bad_setting(&BadSetting::new(what, why))
            })
        };
        let base_url = needed(&profile.base_url, "base_url")?;
        let appid = needed(&profile.appid, "appid")?;
        let (secret, exposed) = secret::fetch(config, &name, &profile)?;
        let place = secret::place(config, &profile);
        let mut endpoint = Endpoint::new(&base_url, &appid, secret);
        endpoint.ca_file = profile.ca_file.as_ref().map(|path| config.resolve(path));
        let account = account_of(&endpoint, Some(name));
        let mut settings = Self::new(choices, &profile, DEFAULT_RATE, account, endpoint, state)?;
        settings.take_files(config, &profile);
        settings.secret_place = place;
        settings.config = Some(config.path.clone());
        settings.notices.extend(exposed);
        settings.secret_variables.extend(config.secret_variables());
        settings.distrust(config);
        Ok(settings)
    }

    /// Adds a notice where the configuration is not the user's own, and drops the command that it names.
    fn distrust(&mut self, config: &Config) {
        let Some(why) = config.not_own else {
            return;
        };
        let about = |code| {
            let path = config.path.to_string_lossy();
            Problem::new(code)
                .with("path", path)
                .with("detail", why)
                .with("how", how_to_own())
        };
        self.notices.push(about(Code::ForeignConfiguration));
        if !self.on_finish.is_empty() {
            self.on_finish.clear();
            self.notices.push(about(Code::FinishLeftOut));
        }
    }

    fn of_environment(choices: &Choices, state: StateFolder) -> Result<Self, Failure> {
        if let Some(profile) = &choices.profile {
            return Err(usage(say::usage::profile_without_file(profile)));
        }
        let environment = EnvironmentAccount::read();
        let missing = environment.missing();
        let EnvironmentAccount {
            base_url: Some(base_url),
            appid: Some(appid),
            secret: Some(secret),
        } = environment
        else {
            let some = if missing.len() == EnvironmentAccount::NAMES.len() {
                Fact::from("")
            } else {
                Fact::list(missing)
            };
            return Err(Failure::of(
                exit::USAGE,
                &Problem::new(Code::NoConfiguration).with("missing", some),
            ));
        };
        let endpoint = Endpoint::new(&base_url, &appid, secret);
        let account = account_of(&endpoint, None);
        Self::new(
            choices,
            &Profile::default(),
            DEFAULT_RATE,
            account,
            endpoint,
            state,
        )
    }

    fn new(
        choices: &Choices,
        profile: &Profile,
        default_rate: &str,
        account: Account,
        mut endpoint: Endpoint,
        state: StateFolder,
    ) -> Result<Self, Failure> {
        let rates: Rates = rate_text(choices, profile, default_rate)
            .parse()
            .map_err(|error: NotARate| bad_setting(&BadSetting::new("rate", error.reason())))?;
        let concurrency = choices
            .concurrency
            .or(profile.concurrency)
            .unwrap_or(Endpoint::CONCURRENCY);
        if !(1..=256).contains(&concurrency) {
            let why = Phrase::new(Saying::NotInRange)
                .with("value", concurrency.to_string())
                .with("least", "1")
                .with("most", "256");
            return Err(bad_setting(&BadSetting::new("concurrency", why)));
        }
        let read = |name: &str, text: &Option<String>, default: Duration| match text {
            Some(text) => {
                duration::parse(text).map_err(|why| bad_setting(&BadSetting::new(name, why)))
            }
            None => Ok(default),
        };
        let timeout = choices.timeout.clone().or_else(|| profile.timeout.clone());
        endpoint.timeout = read("timeout", &timeout, Endpoint::TIMEOUT)?;
        endpoint.concurrency = concurrency;
        endpoint.api = profile.api();
        let retry_policy = RetryPolicy::default();
        let retry_policy = RetryPolicy {
            max_outage: read("max_outage", &profile.max_outage, retry_policy.max_outage)?,
            ..retry_policy
        };
        let timezone = profile
            .timezone
            .clone()
            .unwrap_or_else(|| TIMEZONE.to_owned());
        jiff::tz::TimeZone::get(&timezone).map_err(|_| {
            let why = Phrase::new(Saying::NotATimezone).with("value", &timezone);
            bad_setting(&BadSetting::new("timezone", why))
        })?;
        let network = state.is_on_network().then(|| {
            let root = state.root().display().to_string();
            Problem::new(Code::StateOnNetwork).with("path", root)
        });
        Ok(Self {
            account,
            endpoint,
            rates,
            retry_policy,
            state,
            timezone,
            settle: read(
                "settle",
                &choices.settle.clone().or_else(|| profile.settle.clone()),
                SETTLE,
            )?,
            may_touch: !choices.no_touch && profile.touch.unwrap_or(true),
            overrides: profile.fields.clone(),
            lang: choices.lang,
            hints: choices.hints.clone(),
            protected: profile.protected,
            owners: None,
            export: profile.export.clone(),
            on_finish: profile.on_finish.clone(),
            secret_variables: vec![SECRET.to_owned()],
            secret_place: SECRET.to_owned(),
            config: None,
            notices: network.into_iter().collect(),
            sandbox: None,
        })
    }

    /// Returns the contract's settings.
    pub fn api(&self) -> &ApiSettings {
        &self.endpoint.api
    }

    /// Returns where the account's owners are known from.
    pub fn owner_sources(&self) -> OwnerSources<'_> {
        OwnerSources {
            file: self.owners.as_deref(),
            state: &self.state,
            account: &self.account.key,
        }
    }

    /// Returns the names of the account's owners, for people. An owners file that cannot be read is refused where a sheet
    /// names owners.
    pub fn owner_names(&self) -> OwnerNames {
        let known = source::named_owners(&self.owner_sources());
        OwnerNames::new(known.unwrap_or_default())
    }

    /// Returns whether calls leave this computer.
    pub fn is_remote(&self) -> bool {
        !self.account.sandbox && !self.endpoint.is_loopback()
    }

    fn quota_scope(&self, no_wait: bool) -> QuotaScope {
        QuotaScope {
            folder: self.state.root().to_path_buf(),
            account: self.account.key.clone(),
            no_wait,
        }
    }

    /// Returns the pace as it is told.
    pub fn outlook(&self) -> PaceOutlook {
        let quota = CountedQuota::of(&self.rates, self.quota_scope(false));
        PaceOutlook {
            words: self.rates.to_string(),
            quota: quota.map(|quota| (quota, self.zone())),
        }
    }

    /// Returns the pace of the account.
    pub fn pace(&self, no_wait: bool, monitor: &Arc<CallCounter>) -> Result<Arc<Pace>, Failure> {
        let pace = Pace::with_clock(
            &self.rates,
            Some(&self.quota_scope(no_wait)),
            monitor.clone() as Arc<dyn Monitor>,
            Arc::new(SystemClock::in_zone(self.zone())),
        );
        Ok(Arc::new(pace.map_err(|error| {
            bad_setting(&BadSetting::new("rate", error.reason()))
        })?))
    }

    /// Returns the surroundings of a job.
    pub fn context(
        &self,
        no_wait: bool,
        monitor: Arc<dyn Monitor>,
        stop: &Stop,
    ) -> Result<Context, Failure> {
        let monitor = Arc::new(CallCounter::new(monitor));
        let pace = self.pace(no_wait, &monitor)?;
        let watched = monitor.clone() as Arc<dyn Monitor>;
        let Connection { crm, clock } =
            connect(&self.endpoint, self.retry_policy, &pace, &watched, stop)
                .map_err(|error| bad_setting(&error))?;
        Ok(Context {
            state: self.state.clone(),
            crm,
            pace,
            monitor,
            stop: stop.clone(),
            server_clock: clock,
            clock: Arc::new(SystemClock::in_zone(self.zone())),
            lang: self.lang,
            hints: self.hints.clone(),
            owners: self.owner_names(),
        })
    }
}

/// Opens the state folder, and makes it where it is missing.
pub(crate) fn state_folder(
    choices: &Choices,
    config: Option<&Config>,
) -> Result<StateFolder, Failure> {
    Ok(StateFolder::open(&state_root(choices, config)?)?)
}

/// Returns the path of the state folder: the flag's, else the configuration's, else the user's.
pub(crate) fn state_root(choices: &Choices, config: Option<&Config>) -> Result<PathBuf, Failure> {
    let set = config.and_then(|config| {
        config
            .file
            .state_dir
            .as_ref()
            .map(|path| config.resolve(path))
    });
    let root = match choices.state_dir.clone().or(set) {
        Some(root) => root,
        None => users_state_folder()?,
    };
    Ok(std::path::absolute(&root).unwrap_or(root))
}

/// Opens the state folder for commands that need no account.
pub(crate) fn state_folder_alone(choices: &Choices) -> Result<StateFolder, Failure> {
    state_folder(choices, Config::find(choices.config.as_deref())?.as_ref())
}

fn users_state_folder() -> Result<PathBuf, Failure> {
    user_folders::state_folder().ok_or_else(|| usage(say::usage::no_home()))
}

/// Returns the pace that was chosen, as it was written.
pub(super) fn rate_text(choices: &Choices, profile: &Profile, default_rate: &str) -> String {
    let of_profile = || profile.rate.as_ref().map(super::config::OneOrMany::joined);
    let rate = choices.rate.clone().or_else(of_profile);
    rate.unwrap_or_else(|| default_rate.to_owned())
}

/// Returns the account of an address and an appid.
pub(super) fn named_account(base_url: &str, appid: &str, profile: Option<String>) -> Account {
    let no_secret = SecretString::from(String::new());
    account_of(&Endpoint::new(base_url, appid, no_secret), profile)
}

/// Returns the account of the embedded CRM, which need not run.
pub(super) fn sandbox_account_alone() -> Account {
    sandbox_account(&Auth::default())
}

/// Returns the account of the embedded CRM.
fn sandbox_account(auth: &Auth) -> Account {
    Account {
        key: SANDBOX_ACCOUNT.to_owned(),
        host: say::embedded_crm(Lang::En).to_owned(),
        appid: match auth {
            Auth::Hmac { appid, .. } => appid.clone(),
            Auth::None => String::new(),
        },
        profile: None,
        sandbox: true,
    }
}

fn account_of(endpoint: &Endpoint, profile: Option<String>) -> Account {
    let base_url = endpoint.canonical_url();
    Account {
        key: format!("{base_url} {}", endpoint.appid),
        host: host_of(&base_url).to_owned(),
        appid: endpoint.appid.clone(),
        profile,
        sandbox: false,
    }
}

fn host_of(base_url: &str) -> &str {
    let rest = base_url
        .split_once("://")
        .map_or(base_url, |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    host.rsplit_once('@').map_or(host, |(_, host)| host)
}

/// Returns an account in words.
fn named(account: &Account) -> Text {
    let named = |lang| {
        if account.sandbox {
            say::embedded_crm(lang).to_owned()
        } else {
            say::account(lang, &account.appid, &account.host)
        }
    };
    Text::new(named(Lang::En), named(Lang::Zh))
}

/// Returns a bad setting as a failure.
pub(crate) fn bad_setting(error: &BadSetting) -> Failure {
    Failure::of(
        exit::USAGE,
        &Problem::new(Code::BadSetting)
            .with("name", &error.name)
            .with("detail", &error.reason),
    )
}
