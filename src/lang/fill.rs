//! Templates to sentences: facts in braces, and `[…]` stretches that are shown only when every fact in them is
//! there.
//!
//! A fact outside of such a stretch has to be there. A release build leaves it out of the sentence, because a person
//! is better off with half of it; a debug build, and with it every test, stops.

use std::collections::BTreeMap;

use super::{Lang, catalogue};
use crate::model::Fact;

type Facts = BTreeMap<String, Fact>;

/// A fact in words: texts stay as they are, but on one line, so that none passes for a line of ferry's own.
pub fn said(fact: &Fact, lang: Lang) -> String {
    match fact {
        Fact::Text(text) => text
            .trim_end_matches('\n')
            .replace("\r\n", "\n")
            .replace('\n', "\\n"),
        Fact::List(texts) => texts.join(lang.pick(", ", "、")),
        Fact::Phrase(phrase) => {
            let template = catalogue::saying(phrase.saying);
            fill(template.pick(lang), &phrase.facts, lang)
        }
    }
}

/// A template with its facts.
pub(super) fn fill(template: &str, facts: &Facts, lang: Lang) -> String {
    let mut filled = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some(open) = rest.find('[') {
        let (before, from) = rest.split_at(open);
        put(before, facts, lang, &mut filled);
        let end = from.find(']').unwrap_or(from.len());
        let stretch = from.get(1..end).unwrap_or_default();
        let is_there = |name| facts.get(name).is_some_and(|fact| !fact.is_empty());
        if names(stretch).all(is_there) {
            put(stretch, facts, lang, &mut filled);
        }
        rest = from.get(end + 1..).unwrap_or_default();
    }
    put(rest, facts, lang, &mut filled);
    filled
}

/// The facts that a template names, in its order.
pub(super) fn names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(name, _)| name))
}

fn put(template: &str, facts: &Facts, lang: Lang, filled: &mut String) {
    let mut parts = template.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if let Some((name, text)) = part.split_once('}') {
            let fact = facts.get(name);
            debug_assert!(fact.is_some(), "“{template}” is said without {name}");
            if let Some(fact) = fact {
                filled.push_str(&said(fact, lang));
            }
            filled.push_str(text);
        }
    }
}
