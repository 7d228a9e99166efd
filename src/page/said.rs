//! Problems and failures in the words of the page: where they name a command of the terminal, the page names its button.

use crate::face::failure::{ErrorWords, Failure};
use crate::lang::{self, Lang, Words, page};
use crate::model::Problem;

/// The commands that sentences name, as they begin behind `ferry`, each with the words of the page that lead to the
/// same: a door or a step, and the button there. The longest beginning counts. What the page has no button for stays.
const BUTTONS: &[(&str, &[&str])] = &[
    ("resume", &["go-on"]),
    ("verify", &["verify"]),
    ("undo", &["undo"]),
    ("undo --force", &["undo-by-force"]),
    ("apply", &["look-and-apply"]),
    ("apply --refresh", &["decide-again"]),
    ("doctor", &["account", "account-test"]),
    ("doctor --save", &["account", "account-save-found"]),
    ("init", &["account", "account-edit"]),
    ("map", &["import", "step-columns"]),
    ("check", &["import", "step-check"]),
    ("export", &["export"]),
    ("template", &["template"]),
    ("jobs", &["start", "last-jobs"]),
];

/// Returns the words of a problem.
pub(super) fn problem(problem: &Problem, lang: Lang) -> Words {
    let words = lang::words(problem, lang);
    Words {
        message: with_buttons(&words.message, lang),
        tip: with_buttons(&words.tip, lang),
    }
}

/// Returns a problem as an error.
pub(super) fn error(problem: &Problem, lang: Lang) -> ErrorWords {
    of_page(&ErrorWords::of(problem, lang), lang)
}

/// Returns the errors of a failure.
pub(super) fn failure(failure: &Failure, lang: Lang) -> Vec<ErrorWords> {
    let errors = failure.words(lang);
    errors.iter().map(|error| of_page(error, lang)).collect()
}

fn of_page(error: &ErrorWords, lang: Lang) -> ErrorWords {
    ErrorWords {
        message: with_buttons(&error.message, lang),
        hint: with_buttons(&error.hint, lang),
        code: error.code,
    }
}

/// Returns a text with buttons in place of the commands in it.
pub(super) fn with_buttons(text: &str, lang: Lang) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    // A lone backtick is somebody's data.
    if parts.len().is_multiple_of(2) {
        return text.to_owned();
    }
    let parts = parts.iter().enumerate().map(|(place, part)| {
        let is_quoted = place % 2 == 1;
        let command = part.strip_prefix("ferry ").filter(|_| is_quoted);
        match command.and_then(|command| button(command, lang)) {
            Some(button) => button,
            None if is_quoted => format!("`{part}`"),
            None => (*part).to_owned(),
        }
    });
    parts.collect()
}

/// Returns the button for a command, with the job that the command names; `None` where the page has none.
fn button(command: &str, lang: Lang) -> Option<String> {
    let is_it = |known: &str| {
        let rest = command.strip_prefix(known);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
    };
    let fitting = BUTTONS.iter().filter(|(known, _)| is_it(known));
    let (known, words) = fitting.max_by_key(|(known, _)| known.len())?;
    let words: Vec<&str> = words.iter().map(|key| page::say(lang, key)).collect();
    let said = page::fill(lang, "button", &[("words", &words.join(" › "))]);
    let job = command[known.len()..].split(' ').find(|word| {
        // `20261123-173015-customers`; JOB and FILE stand for something that the sentence does not know.
        word.len() > 15 && word.starts_with(|letter: char| letter.is_ascii_digit())
    });
    Some(match job {
        Some(job) => format!("{said} ({job})"),
        None => said,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_become_buttons_and_everything_else_stays() {
        for (text, en) in [
            ("`ferry resume` asks later", "“Go on” asks later"),
            (
                "finish it: `ferry resume 20261123-173015-customers`",
                "finish it: “Go on” (20261123-173015-customers)",
            ),
            (
                "`ferry undo --force`",
                "“Look at an undo that also takes back what somebody has changed since”",
            ),
            ("`ferry undo JOB`", "“Undo”"),
            (
                "`ferry doctor` looks closer",
                "“Account › Test” looks closer",
            ),
            ("`ferry fields` lists them", "`ferry fields` lists them"),
            (
                "`ferry explain E402`, `_tip`",
                "`ferry explain E402`, `_tip`",
            ),
            ("a lone ` and `ferry resume`", "a lone ` and `ferry resume`"),
            ("`ferry undone`", "`ferry undone`"),
        ] {
            assert_eq!(with_buttons(text, Lang::En), en);
        }
        assert_eq!(
            with_buttons("之后用 `ferry resume` 再查", Lang::Zh),
            "之后用 “继续” 再查"
        );
    }

    #[test]
    fn every_button_has_its_words() {
        for (command, words) in BUTTONS {
            for key in *words {
                assert!(!page::say(Lang::En, key).is_empty(), "{command}: {key}");
            }
        }
    }
}
