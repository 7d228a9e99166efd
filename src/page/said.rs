//! Problems and failures in the words of the page: where they name a command or a flag of the terminal, the page names
//! its button (`lang/on_page.rs`).

use crate::face::failure::{ErrorWords, Failure};
use crate::lang::{Lang, Words, with_buttons, words_on_page};
use crate::model::Problem;

/// Returns the words of a problem.
pub(super) fn problem(problem: &Problem, lang: Lang) -> Words {
    words_on_page(problem, lang)
}

/// Returns a problem as an error.
pub(super) fn error(problem: &Problem, lang: Lang) -> ErrorWords {
    ErrorWords::said(problem, words_on_page(problem, lang))
}

/// Returns the errors of a failure.
pub(super) fn failure(failure: &Failure, lang: Lang) -> Vec<ErrorWords> {
    let errors = failure.words_by(words_on_page, lang).into_iter();
    let errors = errors.map(|error| ErrorWords {
        message: with_buttons(&error.message, lang),
        hint: with_buttons(&error.hint, lang),
        ..error
    });
    errors.collect()
}
