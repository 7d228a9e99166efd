//! Tests that the program gives the facts that a message names.
//!
//! A problem is built as `Problem::new(Code::X).with("field", …)`, and as often through a function or a closure that
//! takes the code and adds the facts that several problems share. So the test reads the source as syntax. A *site* is a
//! call that may be handed a code. Its facts are those that are set on the call's result, in the same expression or
//! through a variable. A function is a *maker* if it hands its own parameter on to `Problem::new`, or to another maker.
//! The facts that a maker adds belong to every call of it.
//!
//! A fact that is set in one branch counts as given. Where the fact is missing in another branch, `fill` stops a test
//! that takes that branch.

mod makers;
mod reader;
mod syntax;

use std::collections::BTreeSet;

use super::FAMILIES;
use crate::lang::{Lang, catalogue, fill};
use crate::model::Code;

/// Returns the facts that stand outside of every `[…]`. Without them the sentence has a hole.
fn required(template: &str) -> BTreeSet<&str> {
    let mut outside = Vec::new();
    for part in template.split('[') {
        outside.push(part.split_once(']').map_or(part, |(_, after)| after));
    }
    outside.into_iter().flat_map(fill::names).collect()
}

/// Returns the facts of a block that its sites give and its message does not say.
fn unsaid(code: Code) -> BTreeSet<String> {
    let (_, text) = FAMILIES[usize::from(code.number() / 100) - 1];
    let table: toml::Table = toml::from_str(text).expect("TOML");
    let block = &table[&code.to_string()];
    let names = block.get("unsaid").and_then(|names| names.as_array());
    let names = names.into_iter().flatten();
    names
        .map(|name| name.as_str().expect("a name").to_owned())
        .collect()
}

#[test]
fn the_facts_of_a_message_are_given_where_its_problem_is_raised() {
    let (raised, added) = makers::raised();
    let mut wrong = Vec::new();
    for code in Code::ALL.iter().copied() {
        let name = format!("{code:?}");
        let block = catalogue::block_of(code);
        let texts = [block.message.pick(Lang::En), block.tip.pick(Lang::En)];
        let named: BTreeSet<&str> = texts.into_iter().flat_map(fill::names).collect();
        let needed: BTreeSet<&str> = texts.into_iter().flat_map(required).collect();
        let (mut ever, mut silent, mut rooms) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for one in raised.iter().filter(|one| one.code == name) {
            let given = one.given();
            for fact in needed.difference(&given) {
                wrong.push(format!("{code} {name}: {} does not give {fact}", one.place));
            }
            let own = one
                .own
                .given
                .iter()
                .filter(|fact| !named.contains(fact.as_str()));
            silent.extend(own.cloned());
            ever.extend(given);
            rooms.insert(&one.room);
        }
        if rooms.is_empty() {
            wrong.push(format!("{code} {name}: nothing raises it"));
        }
        for fact in named.difference(&ever) {
            let is_added = |room: &&String| added.contains(&((*room).clone(), (*fact).to_owned()));
            if !rooms.iter().any(is_added) {
                wrong.push(format!("{code} {name}: nothing gives {fact}"));
            }
        }
        if silent != unsaid(code) {
            wrong.push(format!("{code} {name}: unsaid are {silent:?}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}
