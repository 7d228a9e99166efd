//! Why no whole reply came, in words that can be said in the reader's language.
//!
//! The operating system and the client say it in English, deep in the error. The usual reasons are phrases here; any
//! other stays in its own words. The original goes into the log.

use std::error::Error;
use std::io::{self, ErrorKind};

use crate::model::{Fact, Saying};

/// What hyper-util says of a host whose name nobody knows; the error below it has no kind of its own.
pub(super) const NO_SUCH_NAME: &str = "dns error";
/// What the system says of the same where the name is looked up for a SOCKS proxy, on Unix and on Windows.
const NO_SUCH_NAMES: [&str; 2] = ["failed to lookup address information", "os error 11001"];
/// What the client's errors of SOCKS proxies begin with, and the one of a proxy that is not there.
const SOCKS: &str = "SOCKS error: ";
const NO_SOCKS_PROXY: &str = "SOCKS error: failed to create underlying connection";
/// What the client says of a server that hung up before its reply was whole.
const HUNG_UP: &str = "connection closed before message completed";

/// Returns why a call failed: the reason that some level of the error names, else the words of the deepest one. The
/// error's own words would repeat the address with the id in it.
pub(super) fn of(error: &(dyn Error + 'static)) -> Fact {
    let mut deepest = String::new();
    let mut known = None;
    for error in levels_below(error) {
        deepest = error.to_string();
        known = known.or_else(|| saying_of(error, &deepest));
    }
    match known {
        Some(saying) => {
            tracing::debug!(cause = deepest, "no whole reply");
            saying.into()
        }
        None => deepest.into(),
    }
}

fn saying_of(error: &(dyn Error + 'static), words: &str) -> Option<Saying> {
    if words == NO_SUCH_NAME || NO_SUCH_NAMES.iter().any(|said| words.contains(said)) {
        return Some(Saying::NameNotFound);
    }
    if words == NO_SOCKS_PROXY {
        return Some(Saying::ProxyNotReached);
    }
    if words.starts_with(SOCKS) {
        return Some(Saying::ProxyRefused);
    }
    if words.contains(HUNG_UP) {
        return Some(Saying::ServerHungUp);
    }
    Some(match error.downcast_ref::<io::Error>()?.kind() {
        ErrorKind::ConnectionRefused => Saying::ConnectionRefused,
        ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted => Saying::ConnectionReset,
        ErrorKind::BrokenPipe | ErrorKind::UnexpectedEof => Saying::ServerHungUp,
        ErrorKind::TimedOut => Saying::TimedOut,
        ErrorKind::NetworkUnreachable | ErrorKind::HostUnreachable | ErrorKind::NetworkDown => {
            Saying::NetworkUnreachable
        }
        _ => return None,
    })
}

/// Returns the errors below one, from the top.
pub(super) fn levels_below<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(below(error), |error| below(*error))
}

/// Returns the error below one. An I/O error that wraps another names that one's source as its own.
fn below<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    let inner = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match inner {
        Some(inner) => Some(inner),
        None => error.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An error of the client, with another below it.
    #[derive(Debug, thiserror::Error)]
    #[error("{0}")]
    struct Outer(&'static str, #[source] io::Error);

    #[test]
    fn usual_reasons_are_phrases_and_others_stay_as_they_are() {
        for (kind, saying) in [
            (ErrorKind::ConnectionRefused, Saying::ConnectionRefused),
            (ErrorKind::ConnectionReset, Saying::ConnectionReset),
            (ErrorKind::TimedOut, Saying::TimedOut),
            (ErrorKind::NetworkUnreachable, Saying::NetworkUnreachable),
            (ErrorKind::UnexpectedEof, Saying::ServerHungUp),
        ] {
            let error = Outer("tcp connect error", io::Error::new(kind, "x"));
            assert_eq!(of(&error), saying.into());
            // The same inside of an I/O error, as the body of a reply is read.
            assert_eq!(of(&io::Error::other(error)), saying.into());
        }
        let named = |words| Outer(words, io::Error::other("odd"));
        let below = |error| Outer("outer", io::Error::other(error));
        assert_eq!(of(&below(named(NO_SUCH_NAME))), Saying::NameNotFound.into());
        assert_eq!(of(&below(named(HUNG_UP))), Saying::ServerHungUp.into());
        assert_eq!(of(&below(named("tunnel error"))), "odd".into());
        // What is below an error of a SOCKS proxy is not told.
        for (words, saying) in [
            (
                "failed to lookup address information: Name or service not known",
                Saying::NameNotFound,
            ),
            (
                "No such host is known. (os error 11001)",
                Saying::NameNotFound,
            ),
            (
                "SOCKS error: failed to create underlying connection",
                Saying::ProxyNotReached,
            ),
            (
                "SOCKS error: io error during SOCKS handshake",
                Saying::ProxyRefused,
            ),
        ] {
            let error = Outer("connect", io::Error::other(words));
            assert_eq!(of(&error), saying.into(), "{words}");
        }
    }
}
