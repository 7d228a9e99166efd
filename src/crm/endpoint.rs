//! Where the CRM is and which account calls it: one resolved value, and the only one that holds the secret.
//!
//! The secret is a `SecretString`, so neither `Debug` nor an error can show it; it leaves only into the
//! digest (`sign.rs`).

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use hyper::header::HeaderValue;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use super::bad_setting::BadSetting;
use super::settings::ApiSettings;
use crate::model::Saying;

/// An account of a CRM server, and how to speak to it.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// `http` or `https`, host, port and perhaps a path; without the API's own paths.
    pub base_url: String,
    /// Identifies the account.
    pub appid: String,
    /// The key that signs the calls.
    pub secret: SecretString,
    /// Settings for what only the vendor knows.
    pub api: ApiSettings,
    /// A file of PEM certificates of authorities to trust besides the system's own.
    pub ca_file: Option<PathBuf>,
    /// Longest duration of one request, from connecting to the last byte of the reply. Default [`Self::TIMEOUT`].
    pub timeout: Duration,
    /// Longest duration of connecting. Default [`Self::CONNECT_TIMEOUT`]; the client uses at most ¾ of `timeout`.
    pub connect_timeout: Duration,
    /// How many senders call at the same time; there are as many connections.
    pub concurrency: usize,
}

impl Endpoint {
    /// Default of [`Self::timeout`].
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// Default of [`Self::connect_timeout`].
    pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
    /// Default of [`Self::concurrency`] (contract.md, *Limits and refusals*).
    pub const CONCURRENCY: usize = 4;

    /// Makes an endpoint with the contract's defaults.
    pub fn new(base_url: &str, appid: &str, secret: SecretString) -> Self {
        Self {
            base_url: base_url.to_owned(),
            appid: appid.to_owned(),
            secret,
            api: ApiSettings::default(),
            ca_file: None,
            timeout: Self::TIMEOUT,
            connect_timeout: Self::CONNECT_TIMEOUT,
            concurrency: Self::CONCURRENCY,
        }
    }

    /// Checks everything that would make each call fail; the error names the bad setting.
    pub fn validate(&self) -> Result<(), BadSetting> {
        self.url()?;
        let refuse = |name: &str, reason: Saying| Err(BadSetting::new(name, reason));
        if self.appid.is_empty() || HeaderValue::from_str(&self.appid).is_err() {
            return refuse("appid", Saying::NotAHeaderText);
        }
        if self.secret.expose_secret().is_empty() {
            return refuse("secret", Saying::IsEmpty);
        }
        if self.timeout.is_zero() || self.connect_timeout.is_zero() {
            return refuse("timeout", Saying::NotLongerThanNothing);
        }
        if self.concurrency == 0 {
            return refuse("concurrency", Saying::NotAtLeastOne);
        }
        self.api.validate()
    }

    /// Returns whether the server runs on this computer.
    pub fn is_loopback(&self) -> bool {
        self.url().is_ok_and(|url| is_loopback(&url))
    }

    /// Returns the base URL in one spelling: host in lower case, no default port, no trailing slash. A bad base URL
    /// is returned as typed.
    pub fn canonical_url(&self) -> String {
        let url = self
            .url()
            .map(|url| url.as_str().trim_end_matches('/').to_owned());
        url.unwrap_or_else(|_| self.base_url.clone())
    }

    /// Returns host and port for messages; empty when the base URL is bad.
    pub fn host(&self) -> String {
        let url = self.url().ok();
        url.map_or_else(String::new, |url| url.authority().to_owned())
    }

    /// Parses the base URL, without its trailing slash.
    pub(super) fn url(&self) -> Result<Url, BadSetting> {
        let refuse = |reason: Saying| Err(BadSetting::new("base_url", reason));
        let text = self.base_url.trim().trim_end_matches('/');
        // The parser's error does not repeat the text, which might hold a password.
        let url =
            Url::parse(text).map_err(|error| BadSetting::new("base_url", error.to_string()))?;
        if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
            return refuse(Saying::NotAnAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse(Saying::AddressWithUser);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return refuse(Saying::AddressWithQuery);
        }
        Ok(url)
    }
}

/// Returns whether a host is this computer, for which no proxy may be asked.
pub(super) fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_not_shown() {
        let endpoint = Endpoint::new("http://127.0.0.1:1", "1090", "s3cr3t-value".into());
        assert!(!format!("{endpoint:?}").contains("s3cr3t"));
        assert_eq!(endpoint.validate(), Ok(()));
    }

    #[test]
    fn a_bad_value_is_named() {
        let base = |url: &str| Endpoint::new(url, "1090", "s".into()).validate();
        for url in [
            "127.0.0.1:80",
            "ftp://h",
            "http://u:pw@h",
            "http://h/?a",
            "",
        ] {
            let error = base(url).unwrap_err();
            assert!(
                error.name == "base_url" && !error.to_string().contains("pw"),
                "{error}"
            );
        }
        assert_eq!(base("https://crm.example/gateway/"), Ok(()));
        let error = Endpoint::new("http://h", "a\nb", "s".into()).validate();
        assert!(error.is_err_and(|error| error.name == "appid"));
    }

    #[test]
    fn loopback_is_recognized() {
        for (url, expected) in [
            ("http://localhost:1", true),
            ("http://127.9.9.9", true),
            ("http://[::1]:80", true),
            ("http://10.0.0.1", false),
            ("https://crm.example", false),
        ] {
            assert_eq!(is_loopback(&Url::parse(url).unwrap()), expected, "{url}");
        }
    }
}
