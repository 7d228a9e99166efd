//! Fills templates: facts in braces, and stretches in `[…]` that are shown only when every fact in them is there.
//!
//! A fact outside of such a stretch must be there. If one is missing, a release build leaves it out, because half of
//! the sentence still helps a person. A debug build, and with it every test, stops.
//!
//! `{count?cell holds|cells hold}` is a number with the words that go with it, those for one first.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::{Lang, catalogue};
use crate::model::Fact;

type Facts = BTreeMap<String, Fact>;

/// Returns a fact in words. A text stays as it is, except that its lines become one, so that no line of it passes for
/// one of ferry's own.
pub fn said(fact: &Fact, lang: Lang) -> String {
    match fact {
        Fact::Text(text) => text
            .trim_end_matches('\n')
            .replace("\r\n", "\n")
            .replace('\n', "\\n"),
        Fact::List(texts) => list(lang, texts.iter().map(String::as_str)),
        Fact::Phrase(phrase) => {
            let template = catalogue::saying(phrase.saying);
            fill(template.pick(lang), &phrase.facts, lang)
        }
    }
}

/// How many items of a list a sentence holds. Nobody reads more, and a sheet can have 16 384 columns.
const MOST_ITEMS: usize = 100;

/// Joins items to a list inside a sentence. An item that holds the sign between items is put in quotes. Of a long list
/// the first ones are named, and how many there are.
pub(super) fn list<'a>(lang: Lang, items: impl IntoIterator<Item = &'a str>) -> String {
    let items = items.into_iter().map(|item| {
        if item.contains('、') {
            Cow::Owned(format!("“{item}”"))
        } else {
            Cow::Borrowed(item)
        }
    });
    let mut items: Vec<Cow<'_, str>> = items.collect();
    let all = items.len();
    items.truncate(MOST_ITEMS);
    let listed = items.join(lang.pick(", ", "、"));
    match lang {
        _ if all <= MOST_ITEMS => listed,
        Lang::En => format!("{listed}, … ({all} in all)"),
        Lang::Zh => format!("{listed}……（共 {all} 项）"),
    }
}

/// Returns a template filled with its facts.
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

/// Returns the names of the facts in a template, in its order.
pub(super) fn names(template: &str) -> impl Iterator<Item = &str> {
    template
        .split('{')
        .skip(1)
        .filter_map(|part| part.split_once('}').map(|(inner, _)| named(inner).0))
}

/// Splits what stands in braces: the name of a fact, and the words that go with one and with many.
fn named(inner: &str) -> (&str, Option<(&str, &str)>) {
    match inner.split_once('?') {
        Some((name, forms)) => (name, forms.split_once('|')),
        None => (inner, None),
    }
}

fn put(template: &str, facts: &Facts, lang: Lang, filled: &mut String) {
    let mut parts = template.split('{');
    filled.push_str(parts.next().unwrap_or_default());
    for part in parts {
        if let Some((inner, text)) = part.split_once('}') {
            let (name, forms) = named(inner);
            let fact = facts.get(name);
            debug_assert!(fact.is_some(), "“{template}” is said without {name}");
            if let Some(fact) = fact {
                let value = said(fact, lang);
                filled.push_str(&value);
                if let Some((one, many)) = forms {
                    filled.push(' ');
                    filled.push_str(if value == "1" { one } else { many });
                }
            }
            filled.push_str(text);
        }
    }
}
