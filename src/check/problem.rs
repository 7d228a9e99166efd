//! The problem of one cell, with the facts that every message needs.

use crate::model::{Code, Field, Origin, Part, Problem, shortened};

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
