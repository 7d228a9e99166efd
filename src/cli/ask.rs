//! Questions to a person on a terminal, where no job is at work.
//!
//! The question goes to standard error, because standard output may be somebody's file. Where nobody is there nothing is
//! asked: each caller says first what becomes of the run then ([`is_possible`]).

use std::io::{BufRead, IsTerminal};

use secrecy::SecretString;

use super::print;

/// The answers that mean yes, in either language.
pub(super) const YES: &[&str] = &["y", "yes", "是"];

/// The answers that mean no, in either language.
const NO: &[&str] = &["n", "no", "否"];

/// Returns whether a person sits at the terminal.
pub(super) fn is_possible() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a line. Returns it without blanks at its ends; `None` at the end of input.
pub(super) fn line(question: &str) -> Option<String> {
    print::question(question);
    let mut line = String::new();
    match std::io::stdin().lock().read_line(&mut line) {
        Ok(0) | Err(_) => None,
        Ok(_) => Some(line.trim().to_owned()),
    }
}

/// Asks a question of yes and no. An empty answer means `by_default`, and the end of input means no.
pub(super) fn is_yes(question: &str, by_default: bool) -> bool {
    let Some(answer) = line(question) else {
        return false;
    };
    let is_one_of = |words: &[&str]| words.iter().any(|word| answer.eq_ignore_ascii_case(word));
    is_one_of(YES) || (by_default && !is_one_of(NO))
}

/// Asks for a secret, which is not shown while it is typed. `None` for an empty answer.
pub(super) fn secret(question: &str) -> Option<SecretString> {
    print::question(question);
    let typed = console::Term::stderr().read_secure_line().ok()?;
    let typed = typed.trim();
    (!typed.is_empty()).then(|| SecretString::from(typed.to_owned()))
}
