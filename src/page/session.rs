//! What a browser needs to come back, and what lets it in first.
//!
//! The port and the cookie's secret outlive a restart of the program: a page that is open when ferry is started again
//! goes on. The file is private, as the whole state folder is. The token in an address lets a browser in at first, and is
//! a new one with each start. The address that a browser is opened with stands in the arguments of a process, where
//! others on the machine can read it, so its token lets in once.

use std::path::Path;
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::model::write_private;

/// Letters of a token or a secret: 43 of 64 are 256 bits and more.
const TOKEN_LENGTH: usize = 43;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The port of the page, and the secret of its cookie.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// Whose browser sends it may use the page.
    pub secret: String,
}

impl Session {
    /// Returns the session of the last start, else a new one.
    pub fn of(file: &Path) -> std::io::Result<Self> {
        let known = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
            .filter(|its| its.secret.len() == TOKEN_LENGTH);
        match known {
            Some(session) => Ok(session),
            None => Ok(Self {
                port: 0,
                secret: new_token()?,
            }),
        }
    }

    /// Keeps the session for the next start.
    pub fn keep(&self, file: &Path) -> std::io::Result<()> {
        write_private(file, &serde_json::to_vec(self)?)
    }

    /// Returns whether a text is the secret.
    pub fn is_secret(&self, text: &str) -> bool {
        is_same(text, &self.secret)
    }
}

/// Returns whether two texts are the same. The time that this takes does not tell how much of them is.
fn is_same(one: &str, other: &str) -> bool {
    let pairs = one.bytes().zip(other.bytes());
    let differing = pairs.fold(0, |all, (one, other)| all | (one ^ other));
    differing == 0 && one.len() == other.len()
}

/// The tokens that let a browser in as long as the program runs.
#[derive(Debug)]
pub(super) struct Entrance {
    /// The token of the printed address.
    pub printed: String,
    /// The token of the address with which a browser is opened, until it was used.
    opened: Mutex<String>,
}

impl Entrance {
    pub fn new() -> std::io::Result<Self> {
        Ok(Self {
            printed: new_token()?,
            opened: Mutex::new(new_token()?),
        })
    }

    /// Returns the token for a browser that is opened.
    pub fn opened(&self) -> String {
        let opened = self.opened.lock();
        opened.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Returns whether a token lets in. The one for a browser that is opened does so once.
    pub fn lets_in(&self, token: &str) -> bool {
        let mut opened = self.opened.lock().unwrap_or_else(PoisonError::into_inner);
        let is_opened = !opened.is_empty() && is_same(token, &opened);
        if is_opened {
            opened.clear();
        }
        is_opened || is_same(token, &self.printed)
    }
}

/// Returns random letters, which nobody can guess, from the system's own source.
pub(super) fn random_letters(length: usize) -> std::io::Result<String> {
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let letters = bytes
        .iter()
        .map(|byte| char::from(LETTERS[usize::from(byte % 64)]));
    Ok(letters.collect())
}

/// Returns random hexadecimal digits, which name something that nobody is to guess, on any file system.
pub(super) fn random_digits(length: usize) -> std::io::Result<String> {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut bytes = vec![0; length];
    getrandom::fill(&mut bytes).map_err(std::io::Error::other)?;
    let digits = bytes
        .iter()
        .map(|byte| char::from(DIGITS[usize::from(byte % 16)]));
    Ok(digits.collect())
}

fn new_token() -> std::io::Result<String> {
    random_letters(TOKEN_LENGTH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_is_kept_and_its_secret_is_the_only_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("session.json");
        let mut session = Session::of(&file).expect("a new one");
        assert_eq!((session.port, session.secret.len()), (0, TOKEN_LENGTH));
        session.port = 4711;
        session.keep(&file).expect("written");
        assert_eq!(Session::of(&file).expect("the same"), session);
        assert!(session.is_secret(&session.secret));
        let shorter = &session.secret[1..];
        for other in ["", shorter, &random_letters(TOKEN_LENGTH).expect("letters")] {
            assert!(!session.is_secret(other), "{other}");
        }
        // What was damaged is replaced by a new one.
        std::fs::write(&file, b"{").expect("written");
        assert_ne!(
            Session::of(&file).expect("a new one").secret,
            session.secret
        );
    }

    #[test]
    fn the_token_of_an_opened_browser_lets_in_once() {
        let entrance = Entrance::new().expect("tokens");
        let opened = entrance.opened();
        assert_ne!(opened, entrance.printed);
        assert!(entrance.lets_in(&opened) && !entrance.lets_in(&opened));
        assert!(!entrance.lets_in("") && !entrance.lets_in(&entrance.opened()));
        assert!(entrance.lets_in(&entrance.printed) && entrance.lets_in(&entrance.printed));
    }
}
