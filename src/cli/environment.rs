//! The account as the environment names it: `FERRY_BASE_URL`, `FERRY_APPID`, `FERRY_SECRET`.
//!
//! Each of the three comes before what a profile says (flag > environment > `ferry.toml` > default). A profile that is
//! typed, with `--profile`, comes before them. A variable that was set long ago is easily forgotten, so a run whose account
//! differs from its profile's says so.

use secrecy::SecretString;

use super::config::{Config, Profile};
use crate::model::{Code, Fact, Problem};

const BASE_URL: &str = "FERRY_BASE_URL";
const APPID: &str = "FERRY_APPID";
const SECRET: &str = "FERRY_SECRET";

/// The variables that are set. A blank one counts as none.
#[derive(Debug, Clone, Default)]
pub(super) struct EnvironmentAccount {
    /// `FERRY_BASE_URL`.
    pub base_url: Option<String>,
    /// `FERRY_APPID`.
    pub appid: Option<String>,
    /// `FERRY_SECRET`.
    pub secret: Option<SecretString>,
}

impl EnvironmentAccount {
    /// The names of the variables.
    pub const NAMES: [&str; 3] = [BASE_URL, APPID, SECRET];

    /// Reads the variables.
    pub fn read() -> Self {
        let read = |name: &str| {
            let value = std::env::var(name).ok()?;
            let value = value.trim();
            (!value.is_empty()).then(|| value.to_owned())
        };
        Self {
            base_url: read(BASE_URL),
            appid: read(APPID),
            secret: read(SECRET).map(SecretString::from),
        }
    }

    /// Returns the names of the variables that are not set.
    pub fn missing(&self) -> Vec<&'static str> {
        let are_set = [
            self.base_url.is_some(),
            self.appid.is_some(),
            self.secret.is_some(),
        ];
        let names = Self::NAMES.into_iter().zip(are_set);
        let names = names.filter(|(_, is_set)| !is_set);
        names.map(|(name, _)| name).collect()
    }

    /// Returns whether the address is another one than the profile's.
    pub fn is_other_address(&self, profile: &Profile) -> bool {
        differs(self.base_url.as_deref(), profile.base_url.as_deref())
    }

    /// Returns the notice that these variables are used in place of what the profile says; `None` where they are not.
    pub fn notice(&self, profile: &Profile, config: &Config) -> Option<Problem> {
        let has_other_secret = profile.secret.is_some()
            || profile.secret_file.is_some()
            || profile.secret_command.is_some()
            || profile
                .secret_env
                .as_deref()
                .is_some_and(|name| name != SECRET);
        let used = [
            self.is_other_address(profile),
            differs(self.appid.as_deref(), profile.appid.as_deref()),
            self.secret.is_some() && has_other_secret,
        ];
        let used = Self::NAMES.into_iter().zip(used);
        let used: Vec<&str> = used.filter(|(_, is)| *is).map(|(name, _)| name).collect();
        if used.is_empty() {
            return None;
        }
        let problem = Problem::new(Code::EnvironmentWins).with("names", Fact::list(used));
        Some(problem.with("path", config.path.to_string_lossy()))
    }
}

/// Returns whether both are given, and differ in more than a slash at the end.
fn differs(variable: Option<&str>, profile: Option<&str>) -> bool {
    let plain = |text: &str| text.trim().trim_end_matches('/').to_owned();
    match (variable, profile) {
        (Some(variable), Some(profile)) => plain(variable) != plain(profile),
        _ => false,
    }
}
