//! What a browser needs to come back: the port and the token, kept over a restart of the program.
//!
//! A page that is open when ferry is started again goes on with the same address. The file is private, as the whole
//! state folder is.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::model::write_private;

/// Letters of a token: 43 of 64 are 256 bits and more.
const TOKEN_LENGTH: usize = 43;
const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The port and the token of the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Session {
    /// The port on 127.0.0.1; 0 for any free one.
    pub port: u16,
    /// Who knows it may use the page.
    pub token: String,
}

impl Session {
    /// Returns the session of the last start, else a new one.
    pub fn of(file: &Path) -> std::io::Result<Self> {
        let known = std::fs::read(file)
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Self>(&bytes).ok())
            .filter(|its| its.token.len() == TOKEN_LENGTH);
        match known {
            Some(session) => Ok(session),
            None => Ok(Self {
                port: 0,
                token: new_token()?,
            }),
        }
    }

    /// Keeps the session for the next start.
    pub fn keep(&self, file: &Path) -> std::io::Result<()> {
        write_private(file, &serde_json::to_vec(self)?)
    }

    /// Returns whether a text is the token. The time that this takes does not tell how much of it is right.
    pub fn is_token(&self, text: &str) -> bool {
        let pairs = text.bytes().zip(self.token.bytes());
        let differing = pairs.fold(0, |all, (one, other)| all | (one ^ other));
        differing == 0 && text.len() == self.token.len()
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
    fn a_session_is_kept_and_its_token_is_the_only_one() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("session.json");
        let mut session = Session::of(&file).expect("a new one");
        assert_eq!((session.port, session.token.len()), (0, TOKEN_LENGTH));
        session.port = 4711;
        session.keep(&file).expect("written");
        assert_eq!(Session::of(&file).expect("the same"), session);
        assert!(session.is_token(&session.token));
        let shorter = &session.token[1..];
        for other in ["", shorter, &random_letters(TOKEN_LENGTH).expect("letters")] {
            assert!(!session.is_token(other), "{other}");
        }
        // What was damaged is replaced by a new one.
        std::fs::write(&file, b"{").expect("written");
        assert_ne!(Session::of(&file).expect("a new one").token, session.token);
    }
}
