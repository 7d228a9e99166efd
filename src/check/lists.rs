//! Lists of values with memos: `手机`, `手机.备注`, `手机2`, or several values in one cell.

use super::problem::problem;
use super::scalar;
use crate::check::Intent;
use crate::model::{
    CellRule, Code, Entry, EntryRole, Field, Kind, Origin, Part, Problem, Slot,
    is_clear_word as is_clear,
};

/// The most positions that a list may name; a sheet has columns for each.
const MAX_POSITIONS: usize = 999;

/// The fewest digits of a phone number that is split off at a blank.
const SHORTEST_SPLIT: usize = 7;

/// Returns the entries by position. Positions that the sheet leaves blank are entries without a value, so that an
/// update can keep what is stored there. For an add they are dropped. `None` where there is a problem, or no entry.
pub(super) fn entries(
    field: &Field,
    parts: &[Part],
    intent: Intent,
    problems: &mut Vec<Problem>,
) -> Option<Vec<Entry>> {
    let before = problems.len();
    let mut entries: Vec<Entry> = Vec::new();
    // What stands further back in a cell of several values, with the position of the cell.
    let mut surplus: Vec<(u16, Entry)> = Vec::new();
    for part in parts {
        let position = match part.slot {
            Slot::Whole => 1,
            Slot::Value(position) => position,
            Slot::Memo(_) | Slot::Level(_) => continue,
        };
        if is_clear(&part.text) {
            place(&mut entries, position).role = EntryRole::Drop;
            continue;
        }
        let (first, others) = split(field.kind, &part.text, part.rule.as_deref());
        if let Some(first) = first {
            place(&mut entries, position).value = judged(field, part, first, problems);
        }
        surplus.extend(others.into_iter().map(|value| {
            let entry = Entry {
                value: judged(field, part, value, problems),
                memo: None,
                role: EntryRole::Append,
            };
            (position, entry)
        }));
    }
    for part in parts {
        let Slot::Memo(position) = part.slot else {
            continue;
        };
        let memo = if is_clear(&part.text) {
            String::new()
        } else {
            part.text.clone()
        };
        // The numbers of one cell are one person's.
        let others = surplus.iter_mut().filter(|(its, _)| *its == position);
        others.for_each(|(_, entry)| entry.memo = Some(memo.clone()));
        let entry = place(&mut entries, position);
        entry.memo = Some(memo);
        // A refused value is one problem, not two. A memo that every row gets counts only in rows with a value.
        let refused = problems.len() > before || part.origin != Origin::Cell;
        if entry.value.is_empty() && intent == Intent::Add && !refused && !is_clear(&part.text) {
            problems.push(problem(Code::MemoWithoutValue, field, part));
        }
    }
    entries.extend(surplus.into_iter().map(|(_, entry)| entry));
    if intent == Intent::Add {
        entries.retain(|entry| !entry.value.is_empty());
        for entry in &mut entries {
            entry.role = EntryRole::Place;
            entry.memo = entry.memo.take().filter(|memo| !memo.is_empty());
        }
    }
    (problems.len() == before && !entries.is_empty()).then_some(entries)
}

fn place(entries: &mut Vec<Entry>, position: u16) -> &mut Entry {
    let index = usize::from(position.max(1) - 1).min(MAX_POSITIONS - 1);
    if entries.len() <= index {
        entries.resize_with(index + 1, Entry::default);
    }
    &mut entries[index]
}

fn judged(field: &Field, part: &Part, value: &str, problems: &mut Vec<Problem>) -> String {
    let judged = match field.kind {
        Kind::PhoneList => {
            return scalar::phone_text(field, part, value, problems).unwrap_or_default();
        }
        Kind::EmailList => scalar::email(value).ok_or(Code::NotAnEmail),
        _ => Ok(value.to_owned()),
    };
    judged.unwrap_or_else(|code| {
        problems.push(problem(code, field, part).with("value", value));
        String::new()
    })
}

/// Splits several values in one cell: at `;`, `；` and line breaks, phones also at `/`, `、`, `，` and `,`, and at the
/// letters that the mapping adds. Returns the first value and the others.
///
/// A blank that groups the digits of one number never separates, even if the mapping adds it: pieces that are too
/// short for a number stay together.
fn split<'a>(
    kind: Kind,
    text: &'a str,
    rule: Option<&CellRule>,
) -> (Option<&'a str>, Vec<&'a str>) {
    let is_phone = kind == Kind::PhoneList;
    let named = |letter: char| rule.is_some_and(|rule| rule.split.contains(letter));
    let cuts = |letter: char| {
        matches!(letter, ';' | '；' | '\n')
            || (is_phone && matches!(letter, '/' | '、' | '，' | ','))
            || (named(letter) && !letter.is_whitespace())
    };
    let parts_at = |letter: char| cuts(letter) || (letter.is_whitespace() && named(letter));
    if !text.contains(parts_at) {
        let whole = Some(text.trim()).filter(|value| !value.is_empty());
        return (whole, Vec::new());
    }
    let pieces = text
        .split(cuts)
        .map(str::trim)
        .filter(|value| !value.is_empty());
    let mut values = pieces.flat_map(|piece| {
        let digits = |part: &&str| part.chars().filter(char::is_ascii_digit).count();
        let parts: Vec<&str> = piece
            .split(|letter: char| letter.is_whitespace() && named(letter))
            .filter(|part| !part.is_empty())
            .collect();
        if is_phone && parts.iter().any(|part| digits(part) < SHORTEST_SPLIT) {
            vec![piece]
        } else {
            parts
        }
    });
    (values.next(), values.collect())
}
