//! The check of callers: the four headers, the signature, the timestamp's window and the nonces seen.
//!
//! Invariant: a nonce is burnt only by a call whose signature is right, and stays burnt for 15 minutes. At most a
//! million nonces are remembered; the oldest are forgotten first. The scheme is the default of `contract.md`:
//! `base64(hmac-sha256(secret, appid + nonce + timestamp))`.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::refusal::Refusal;

const WINDOW_SECONDS: i64 = 300;
const NONCE_LIFE: Duration = Duration::from_secs(15 * 60);
const NONCES_KEPT: usize = 1_000_000;

/// How the server tells callers apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Every call is let in; no header is looked at.
    None,
    /// Calls must be signed with HMAC-SHA256.
    Hmac {
        /// The only application known.
        appid: String,
        /// Its secret.
        secret: String,
    },
}

impl Default for Auth {
    fn default() -> Self {
        Self::Hmac {
            appid: "sandbox".to_owned(),
            secret: "sandbox-secret".to_owned(),
        }
    }
}

/// A check of calls against an [`Auth`], with the nonces that were used.
#[derive(Debug)]
pub(super) struct Gate {
    auth: Auth,
    seen: HashSet<Arc<str>>,
    order: VecDeque<(Instant, Arc<str>)>,
}

impl Gate {
    pub(super) fn new(auth: Auth) -> Self {
        Self {
            auth,
            seen: HashSet::new(),
            order: VecDeque::new(),
        }
    }

    /// Lets a call in, or returns the refusal. `now_ms` is the time of the server's clock, in milliseconds since 1970.
    pub(super) fn check(&mut self, headers: &HeaderMap, now_ms: i64) -> Result<(), Refusal> {
        let Auth::Hmac { appid, secret } = &self.auth else {
            return Ok(());
        };
        let caller = header(headers, "appid")?;
        let nonce = header(headers, "nonce")?;
        let timestamp = header(headers, "timestamp")?;
        let signature = header(headers, "signature")?;
        if caller != appid {
            return Err(Refusal::unknown_appid(caller));
        }
        let fresh = timestamp.parse::<i64>().is_ok_and(|seconds| {
            seconds.abs_diff(now_ms.div_euclid(1000)) <= WINDOW_SECONDS.unsigned_abs()
        });
        if !fresh {
            return Err(Refusal::expired_timestamp());
        }
        if !verify(secret, caller, nonce, timestamp, signature) {
            return Err(Refusal::wrong_signature());
        }
        self.burn(nonce, Instant::now())
    }

    fn burn(&mut self, nonce: &str, now: Instant) -> Result<(), Refusal> {
        while let Some((burnt, oldest)) = self.order.front() {
            if now.duration_since(*burnt) < NONCE_LIFE && self.order.len() < NONCES_KEPT {
                break;
            }
            self.seen.remove(oldest);
            self.order.pop_front();
        }
        let nonce: Arc<str> = nonce.into();
        if !self.seen.insert(Arc::clone(&nonce)) {
            return Err(Refusal::replayed_nonce());
        }
        self.order.push_back((now, nonce));
        Ok(())
    }
}

fn header<'a>(headers: &'a HeaderMap, name: &str) -> Result<&'a str, Refusal> {
    headers
        .get(name)
        .and_then(|value| value.to_str().ok())
        .filter(|value| !value.is_empty())
        .ok_or_else(|| Refusal::missing_header(name))
}

fn verify(secret: &str, appid: &str, nonce: &str, timestamp: &str, signature: &str) -> bool {
    let Ok(given) = STANDARD.decode(signature) else {
        return false;
    };
    digest(secret, appid, nonce, timestamp)
        .verify_slice(&given)
        .is_ok()
}

fn digest(secret: &str, appid: &str, nonce: &str, timestamp: &str) -> Hmac<Sha256> {
    let mut mac =
        Hmac::<Sha256>::new_from_slice(secret.as_bytes()).expect("HMAC takes keys of any length");
    for part in [appid, nonce, timestamp] {
        mac.update(part.as_bytes());
    }
    mac
}

/// Signs a call as the server expects, for raw clients in tests.
#[cfg(test)]
pub(super) fn sign(secret: &str, appid: &str, nonce: &str, timestamp: &str) -> String {
    STANDARD.encode(
        digest(secret, appid, nonce, timestamp)
            .finalize()
            .into_bytes(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: &str = "EhQk5Dpkjji13/2V62ibeB1tfDDuh91XAjadNiGyF2s=";

    #[test]
    fn signs_the_known_answer() {
        assert_eq!(sign("test-secret", "1090", "123456", "1687792901"), KNOWN);
        assert!(verify("test-secret", "1090", "123456", "1687792901", KNOWN));
        assert!(!verify(
            "test-secret",
            "1090",
            "123457",
            "1687792901",
            KNOWN
        ));
        assert!(!verify("test-secret", "1090", "123456", "1687792901", "no"));
    }

    #[test]
    fn a_nonce_can_be_used_again_after_fifteen_minutes() {
        let mut gate = Gate::new(Auth::default());
        let start = Instant::now();
        assert!(gate.burn("a", start).is_ok());
        let just_before = start + Duration::from_secs(15 * 60 - 1);
        assert!(gate.burn("a", just_before).is_err());
        assert!(gate.burn("a", start + NONCE_LIFE).is_ok());
        assert_eq!(gate.order.len(), 1);
    }
}
