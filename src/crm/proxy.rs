//! The proxy through which calls go: the environment or the system names it.
//!
//! Nobody names a proxy to ferry, so a person who cannot connect may not think of one. Messages name it, without the
//! password in its address. A variable that names a proxy of another kind is refused, because calls would go out without
//! the proxy.

use std::fmt::Write as _;

use hyper::Uri;
use hyper_util::client::proxy::matcher::{Intercept, Matcher};
use url::Url;

use super::bad_setting::BadSetting;
use super::endpoint::is_loopback;
use crate::model::{Code, Fact, Phrase, Saying};

/// The schemes of a proxy's address that are understood. Without a scheme it is `http`.
const SCHEMES: &[&str] = &["http", "https", "socks4", "socks4a", "socks5", "socks5h"];

/// Returns the proxy of an address; `None` where calls go without one.
pub(super) fn proxy_of(base: &Url, address: &Uri) -> Result<Option<Intercept>, BadSetting> {
    if is_loopback(base) {
        return Ok(None);
    }
    if let Some(proxy) = Matcher::from_system().intercept(address) {
        return Ok(Some(proxy));
    }
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let own = if base.scheme() == "https" {
        ["HTTPS_PROXY", "https_proxy"]
    } else {
        ["HTTP_PROXY", "http_proxy"]
    };
    let names = own.into_iter().chain(["ALL_PROXY", "all_proxy"]);
    let strange = names
        .filter_map(|name| Some((name, set(name)?)))
        .find(|(_, value)| !is_understood(value));
    let Some((name, _)) = strange else {
        return Ok(None);
    };
    let exceptions = set("NO_PROXY").or_else(|| set("no_proxy"));
    let would_apply = Matcher::builder()
        .all("http://127.0.0.1")
        .no(exceptions.unwrap_or_default())
        .build()
        .intercept(address)
        .is_some();
    if would_apply {
        Err(BadSetting::new(name, Saying::NotAProxy))
    } else {
        Ok(None)
    }
}

/// Returns a proxy as messages name it.
pub(super) fn name_of(proxy: &Intercept) -> String {
    let proxy = proxy.uri();
    let mut name = format!(
        "{}://{}",
        proxy.scheme_str().unwrap_or("http"),
        proxy.host().unwrap_or_default()
    );
    if let Some(port) = proxy.port_u16() {
        // Writing to a String cannot fail.
        let _ = write!(name, ":{port}");
    }
    name
}

fn is_understood(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once("://") else {
        return true;
    };
    !rest.is_empty() && SCHEMES.contains(&scheme.to_ascii_lowercase().as_str())
}

/// Returns the reason of a failed call with the proxy that it went through.
pub(super) fn with_proxy(message: Fact, proxy: Option<&str>) -> Fact {
    match (message, proxy) {
        (Fact::Phrase(phrase), Some(proxy)) if is_of_connection(phrase.saying) => {
            phrase.with("proxy", proxy).into()
        }
        (message, _) => message,
    }
}

fn is_of_connection(saying: Saying) -> bool {
    matches!(
        saying,
        Saying::CannotConnect | Saying::NoReplyInTime | Saying::ConnectionBroke
    )
}

/// Returns the code of a connection that could not be made through a proxy.
pub(super) fn code_of(message: &Fact) -> Option<Code> {
    match message {
        Fact::Phrase(Phrase {
            saying: Saying::CannotConnect,
            facts,
        }) if facts.contains_key("proxy") => Some(Code::ProxyFailed),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_proxies_that_the_client_understands() {
        for value in [
            "127.0.0.1:7890",
            "http://u:p@h:1",
            "SOCKS5://h:1080",
            "socks5h://h",
        ] {
            assert!(is_understood(value), "{value}");
        }
        for value in ["socks://h:1080", "quic://h", "http://"] {
            assert!(!is_understood(value), "{value}");
        }
    }

    #[test]
    fn a_proxy_is_named_where_a_connection_failed() {
        let failed: Fact = Phrase::new(Saying::CannotConnect).into();
        let through = with_proxy(failed.clone(), Some("socks5://h:1080"));
        assert_eq!(code_of(&through), Some(Code::ProxyFailed));
        assert_eq!(code_of(&failed), None);
        let other: Fact = Saying::NotTls.into();
        assert_eq!(with_proxy(other.clone(), Some("http://h")), other);
    }
}
