//! The problem of one cell, with the facts that every message wants.

use crate::model::{Code, Field, Origin, Part, Problem};

/// A problem of one cell, with the facts every message wants.
pub(super) fn problem(code: Code, field: &Field, part: &Part) -> Problem {
    let problem = Problem::new(code)
        .with("field", &field.label)
        .with("value", shortened(&part.text));
    if part.origin == Origin::Constant {
        problem
    } else {
        problem.at(part.column)
    }
}

/// A value fit for a message.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 {
        text.to_owned()
    } else {
        text.chars().take(79).chain(['…']).collect()
    }
}
