//! The check of `Host`: only requests that name this machine are served.
//!
//! The server listens on 127.0.0.1, but any web page can let its own name point there (DNS rebinding) and have the
//! visitor's browser read and write customers. Such a request carries the page's name in `Host`, and is refused.

use axum::http::header::HOST;
use axum::http::request::Parts;

const OWN: &[&str] = &["127.0.0.1", "localhost", "[::1]"];

/// Returns whether every host name in the request is one of this machine. A request without a name comes from no
/// browser, and passes.
pub(super) fn is_own(parts: &Parts) -> bool {
    let in_headers = parts.headers.get_all(HOST).iter();
    let mut named = in_headers.map(|value| value.to_str().unwrap_or_default());
    let in_address = parts
        .uri
        .authority()
        .map(axum::http::uri::Authority::as_str);
    named.all(is_own_name) && in_address.is_none_or(is_own_name)
}

fn is_own_name(name: &str) -> bool {
    OWN.iter().any(|own| {
        let port = name
            .get(..own.len())
            .filter(|host| host.eq_ignore_ascii_case(own))
            .and_then(|_| name.get(own.len()..));
        port.is_some_and(|port| {
            let digits = port.strip_prefix(':');
            port.is_empty() || digits.is_some_and(|port| port.parse::<u16>().is_ok())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine() {
        for name in [
            "127.0.0.1",
            "127.0.0.1:8081",
            "localhost",
            "LocalHost:1",
            "[::1]",
            "[::1]:8081",
        ] {
            assert!(is_own_name(name), "{name}");
        }
        for name in [
            "",
            "evil.example",
            "evil.example:8081",
            "127.0.0.1.evil.example",
            "localhost.evil.example:8081",
            "localhost:8081.evil.example",
            "evil.example@127.0.0.1",
            "127.0.0.1@evil.example",
            "127.0.0.1:x",
            "localhost:",
            "10.0.0.1",
            "::1",
            "0.0.0.0",
        ] {
            assert!(!is_own_name(name), "{name}");
        }
    }
}
