//! The words for every number of the catalogue.
//!
//! A problem travels as a number and facts; here it becomes a sentence and a tip. Templates name facts in
//! braces. A `[…]` stretch is shown only when every fact in it is there.

mod en;

use crate::model::{Code, Problem, Status};

/// A message and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// Lowercase fragment without a period: where, what.
    pub message: String,
    /// The remedy.
    pub tip: String,
}

/// The words of a problem.
pub fn words(problem: &Problem) -> Words {
    let (message, tip) = en::templates(problem.code);
    Words {
        message: fill(message, problem),
        tip: fill(tip, problem),
    }
}

/// The words of a number, without facts, for lists of counts.
pub fn title(code: Code) -> &'static str {
    en::title(code)
}

/// The outcome of a row in words: the `_result` column.
pub fn outcome(status: Status, action: crate::model::Action) -> &'static str {
    en::outcome(status, action)
}

fn fill(template: &str, problem: &Problem) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        put(before, problem, &mut filled);
        let end = from.find(']').unwrap_or(from.len());
        let stretch = from.get(1..end).unwrap_or_default();
        if names(stretch).all(|name| !problem.fact(name).is_empty()) {
            put(stretch, problem, &mut filled);
        }
        rest = from.get(end + 1..).unwrap_or_default();
    }
    put(rest, problem, &mut filled);
    filled
}

fn names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn put(template: &str, problem: &Problem, filled: &mut String) {
    let mut parts = template.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if let Some((name, text)) = part.split_once('}') {
            filled.push_str(problem.fact(name));
            filled.push_str(text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_fill_templates_and_absent_ones_leave_no_trace() {
        let problem = Problem::new(Code::NotAChoice)
            .with("field", "来源")
            .with("value", "百度推广")
            .with("nearest", "百度");
        let said = words(&problem);
        assert_eq!(
            said.message,
            "来源: “百度推广” is not one of the choices, nearest: 百度"
        );
        let bare = words(
            &Problem::new(Code::NotAChoice)
                .with("field", "来源")
                .with("value", "x"),
        )
        .message;
        assert_eq!(bare, "来源: “x” is not one of the choices");
    }

    #[test]
    fn every_code_has_words() {
        for code in Code::ALL.iter().copied() {
            let said = words(&Problem::new(code));
            assert!(
                !said.message.is_empty() && !said.tip.is_empty() && !title(code).is_empty(),
                "{code}"
            );
            assert!(
                !said.message.ends_with('.') && !title(code).contains('{'),
                "{code}"
            );
        }
    }
}
