//! Prints a failure on the terminal.

use super::print;
use super::print::say_line;
use crate::face::failure::Failure;
use crate::face::result_json;
use crate::lang::hint::Hints;
use crate::lang::{Lang, say};

/// Prints a failure: on stderr as text, or on stdout as JSON where that was asked for.
pub(super) fn put_failure(failure: &Failure, as_json: bool, lang: Lang, hints: &Hints) {
    if as_json {
        print::json(&result_json::of_failure(failure, lang, hints));
        return;
    }
    let errors = failure.words(lang);
    let mut last_hint = "";
    for (position, error) in errors.iter().enumerate() {
        let code = error.code.map(|code| code.to_string());
        say_line(&say::error(lang, &error.message, code.as_deref()));
        // The same remedy of several errors in a row is shown once, after the last of them.
        let next = errors
            .get(position + 1)
            .map_or("", |next| next.hint.as_str());
        let hint = error.hint.as_str();
        if !hint.is_empty() && hint != next && hint != last_hint {
            say_line(&say::hint(lang, &hints.copyable(hint)));
            last_hint = hint;
        }
    }
}
