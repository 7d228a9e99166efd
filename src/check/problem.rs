//! The problem of one cell, with the facts that every message needs.

use crate::model::{Code, Field, Origin, Part, Problem};

/// Makes a problem of one cell with its field, value and column. A constant of the mapping has no column.
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

/// Shortens a value to 80 letters for a message.
pub(super) fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 {
        text.to_owned()
    } else {
        text.chars().take(79).chain(['…']).collect()
    }
}
