//! The account as the environment names it: `FERRY_BASE_URL`, `FERRY_APPID`, `FERRY_SECRET`.
//!
//! They are read where there is no `ferry.toml`. A file wins over them: a variable that was set long ago is easily
//! forgotten, and would send customers to another account.

use secrecy::SecretString;

const BASE_URL: &str = "FERRY_BASE_URL";
const APPID: &str = "FERRY_APPID";
/// The variable of the secret.
pub(crate) const SECRET: &str = "FERRY_SECRET";

/// The variables that are set. A blank one counts as none.
#[derive(Debug, Clone)]
pub(crate) struct EnvironmentAccount {
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
}
