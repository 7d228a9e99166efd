//! Several rows of one customer, one for each contact, become one record (`merge_rows` of a mapping).
//!
//! Adjacent rows with equal cells in the named columns are one customer. Lists are united in order without
//! doubles, single values must agree or be blank. The first row carries the record; the others point to it and
//! share its answer. A customer is sent whole or not at all: a problem of one row holds back all of them.
//!
//! In a result sheet some rows of a customer may be done and others not: a contact was mended, or added by a person. Then
//! the customer is updated by its `_id` with what the open rows say, and what the done rows say is not written again.
//!
//! Rows of one customer that stand apart cannot be united while rows are streamed, and must not become two
//! customers. So the later ones are problems. To find them, a hash of 8 bytes of every key is kept in memory.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;

use crate::check::Checked;
use crate::job::spec::SheetPlan;
use crate::model::{
    CUSTOMER_NAME, Code, Draft, Entry, EntryRole, Field, FieldKey, Kind, Origin, Prior,
    PriorStatus, Problem, Record, Row, Schema, Status, Value, shortened,
};

/// The keys of the customers that were seen, as 64-bit hashes. A collision makes a problem of a good row, but never
/// unites two customers; at five million customers its probability is about one in a million.
#[derive(Debug, Default)]
pub(crate) struct SeenKeys(HashSet<u64>);

impl SeenKeys {
    /// Notes a key and returns whether it was seen before.
    fn see(&mut self, sheet: u16, key: &str) -> bool {
        let mut hasher = DefaultHasher::new();
        (sheet, key).hash(&mut hasher);
        !self.0.insert(hasher.finish())
    }
}

/// The rows of one customer in a batch.
pub(crate) struct MergedRows {
    /// The positions of the rows in the batch.
    pub rows: Range<usize>,
    /// Whether other rows of this customer stand further up, apart from these.
    pub is_apart: bool,
}

/// Returns the merge key of a row; `None` if its sheet unites no rows, or all its key cells are blank.
pub(crate) fn key_of(row: &Row, sheets: &[SheetPlan]) -> Option<String> {
    let plan = sheets.get(usize::from(row.number.sheet))?;
    plan.columns.merge_key(row)
}

/// Returns the groups of a batch; rows without a key are in none.
pub(crate) fn groups(rows: &[Row], sheets: &[SheetPlan], seen: &mut SeenKeys) -> Vec<MergedRows> {
    let mut groups: Vec<MergedRows> = Vec::new();
    let mut last: Option<(u16, String)> = None;
    for (position, row) in rows.iter().enumerate() {
        let key = key_of(row, sheets).map(|key| (row.number.sheet, key));
        match (&key, groups.last_mut()) {
            (Some(_), Some(group)) if key == last => group.rows.end = position + 1,
            (Some((sheet, key)), _) => groups.push(MergedRows {
                rows: position..position + 1,
                is_apart: seen.see(*sheet, key),
            }),
            (None, _) => {}
        }
        last = key;
    }
    groups
}

/// Prepares the drafts of one customer so that each can be checked by itself: all get one `_id`, and only the first
/// gets constants, and defaults of fields that no row fills. A customer that is opened again has both already.
pub(crate) fn prepare(drafts: &mut [Draft]) {
    let id = drafts.iter().find_map(|draft| draft.id.clone());
    let filled: HashSet<usize> = drafts
        .iter()
        .flat_map(|draft| &draft.parts)
        .filter(|part| part.origin == Origin::Cell)
        .map(|part| part.field)
        .collect();
    let is_opened = is_opened_again(drafts.iter());
    for (position, draft) in drafts.iter_mut().enumerate() {
        match (&draft.id, &id) {
            (Some(own), Some(first)) if own != first => {
                let problem = Problem::new(Code::MergeDiffers)
                    .with("field", "_id")
                    .with("value", own.as_str())
                    .with("other", first.as_str());
                draft.problems.push(problem);
            }
            _ => draft.id.clone_from(&id),
        }
        draft.parts.retain(|part| match part.origin {
            Origin::Cell => true,
            _ if is_opened => false,
            Origin::Default => position == 0 && !filled.contains(&part.field),
            Origin::Constant => position == 0,
        });
    }
}

/// Unites the checked rows of one customer into the record of the first. If the rows stand apart from others of the
/// customer, all are problems.
pub(crate) fn unite(rows: &mut [(Draft, Checked)], is_apart: bool, schema: &Schema) {
    if is_apart {
        for (_, checked) in rows.iter_mut() {
            checked.problems.push(Problem::new(Code::MergeApart));
        }
        return;
    }
    let done = reopen(rows);
    let Some(((leader, first), others)) = rows.split_first_mut() else {
        return;
    };
    for (draft, checked) in others.iter_mut() {
        // These two problems are judged below, for the united record.
        checked.problems.retain(|problem| {
            !matches!(problem.code, Code::MissingRequired | Code::NothingToUpdate)
        });
        for (key, value) in std::mem::take(&mut checked.record).fields {
            let field = schema.field(key.as_str());
            let is_update = leader.id.is_some();
            if let Err(other) = add(&mut first.record, &key, value, field, is_update) {
                checked
                    .problems
                    .push(differs(draft, leader, field, &other, schema));
            }
        }
    }
    for record in &done {
        leave_out(&mut first.record, record);
    }
    first.problems.retain(|problem| match problem.code {
        Code::MissingRequired => first.record.get(problem.fact("key")).is_none(),
        Code::NothingToUpdate => first.record.is_empty(),
        _ => true,
    });
    let wrong = rows
        .iter()
        .find(|(_, checked)| !checked.problems.is_empty());
    let wrong = wrong.map(|(draft, _)| draft.number);
    let leader = rows.first().map(|(draft, _)| draft.number);
    for (position, (draft, checked)) in rows.iter_mut().enumerate() {
        match wrong {
            Some(row) if checked.problems.is_empty() => {
                let partner = Problem::new(Code::MergePartner);
                checked
                    .problems
                    .push(partner.with("row", row.row.to_string()));
            }
            None if position > 0 => draft.merged_into = leader,
            _ => {}
        }
    }
    if wrong.is_none() {
        let merged = rows.iter().skip(1).map(|(draft, _)| draft.fingerprint);
        let merged: Vec<_> = merged.collect();
        if let Some((leader, _)) = rows.first_mut() {
            leader.merged = merged;
        }
    }
}

/// Returns whether a result sheet calls some rows of a customer done and others not.
fn is_opened_again<'d>(drafts: impl Iterator<Item = &'d Draft> + Clone) -> bool {
    let mut standings = drafts.map(|draft| Standing::of(draft.prior.as_ref()));
    let has_open = standings.clone().any(|its| its == Standing::Open);
    has_open && standings.any(|its| its == Standing::Done)
}

/// Opens a customer again whose rows are partly done. Returns what the done rows say; nothing where all are done, or none.
fn reopen(rows: &mut [(Draft, Checked)]) -> Vec<Record> {
    if !is_opened_again(rows.iter().map(|(draft, _)| draft)) {
        return Vec::new();
    }
    let is_done = |draft: &Draft| Standing::of(draft.prior.as_ref()) == Standing::Done;
    let done = rows.iter().filter(|(draft, _)| is_done(draft));
    let records = done.map(|(_, checked)| checked.record.clone()).collect();
    // The record stands in the first row, whether that one is done or not.
    if let Some((leader, checked)) = rows.first_mut()
        && is_done(leader)
    {
        leader.prior = None;
        if leader.id.is_none() {
            checked.problems.push(Problem::new(Code::UpdateWithoutId));
        }
    }
    records
}

/// Whether a row of a result sheet is done.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Done,
    /// It was not sent, or a person has added it.
    Open,
    /// Only the row's own job can tell.
    Unsaid,
}

impl Standing {
    fn of(prior: Option<&Prior>) -> Self {
        match prior.map(|prior| &prior.status) {
            None
            | Some(
                PriorStatus::Said(Status::Invalid | Status::Failed | Status::Pending)
                | PriorStatus::Cleared,
            ) => Self::Open,
            Some(PriorStatus::Said(Status::Ok | Status::Unchanged | Status::Skipped)) => Self::Done,
            Some(_) => Self::Unsaid,
        }
    }
}

/// Leaves out of a customer's record what a done row has written already.
fn leave_out(record: &mut Record, done: &Record) {
    record.fields.retain_mut(|(key, value)| {
        let Some(written) = done.get(key.as_str()) else {
            return true;
        };
        match (value, written) {
            (Value::Entries(entries), Value::Entries(written)) => {
                let is_new = |entry: &Entry| {
                    let mut same = written.iter().filter(|its| its.value == entry.value);
                    !same.any(|its| entry.memo.is_none() || entry.memo == its.memo)
                };
                entries.retain(is_new);
                for entry in entries.iter_mut() {
                    entry.role = EntryRole::Append;
                }
                !entries.is_empty()
            }
            (value, written) => value != written,
        }
    });
}

/// Adds a later row's value to the record. If the record has another value, fails with that value as text.
fn add(
    record: &mut Record,
    key: &FieldKey,
    value: Value,
    field: Option<&Field>,
    is_update: bool,
) -> Result<(), String> {
    let known = record.fields.iter_mut().find(|(known, _)| known == key);
    let Some((_, known)) = known else {
        record.push(key.clone(), later(value, is_update));
        return Ok(());
    };
    let is_set = field.is_some_and(|field| field.kind == Kind::MultiChoice);
    match (known, value) {
        (Value::Entries(entries), Value::Entries(more)) => {
            for entry in more {
                unite_entry(entries, entry, is_update);
            }
            Ok(())
        }
        (Value::List(texts), Value::List(more)) if is_set => {
            for text in more {
                if !texts.contains(&text) {
                    texts.push(text);
                }
            }
            Ok(())
        }
        (known, value) if *known == value => Ok(()),
        (known, _) => Err(value_text(known)),
    }
}

/// Returns a later row's value with the roles it has in the united record: in an update, entries are appended to the
/// stored list, because a later row has no positions in it.
fn later(value: Value, is_update: bool) -> Value {
    let Value::Entries(entries) = value else {
        return value;
    };
    let mut united = Vec::with_capacity(entries.len());
    for entry in entries {
        unite_entry(&mut united, entry, is_update);
    }
    Value::Entries(united)
}

fn unite_entry(entries: &mut Vec<Entry>, entry: Entry, is_update: bool) {
    if entry.value.is_empty() {
        return;
    }
    if let Some(known) = entries.iter_mut().find(|known| known.value == entry.value) {
        if known.memo.is_none() {
            known.memo = entry.memo;
        }
        return;
    }
    entries.push(Entry {
        role: if is_update {
            EntryRole::Append
        } else {
            entry.role
        },
        ..entry
    });
}

fn differs(
    draft: &Draft,
    leader: &Draft,
    field: Option<&Field>,
    other: &str,
    schema: &Schema,
) -> Problem {
    let part = draft.parts.iter().find(|part| {
        let its = schema.fields.get(part.field);
        its.map(|its| &its.key) == field.map(|field| &field.key)
    });
    let problem = Problem::new(Code::MergeDiffers)
        .with("field", field.map_or("", |field| field.label.as_str()))
        .with("value", part.map_or("", |part| part.text.as_str()))
        .with("other", other)
        .with("row", leader.number.row.to_string());
    let Some(part) = part else {
        return problem;
    };
    // Two names in one are nobody's name.
    let is_text = field.is_some_and(|field| {
        matches!(field.kind, Kind::Text | Kind::Textarea) && field.key.as_str() != CUSTOMER_NAME
    });
    let problem = if is_text {
        problem.with("both", shortened(&format!("{other}；{}", part.text)))
    } else {
        problem
    };
    problem.at(part.column)
}

fn value_text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.clone(),
        Value::List(texts) => texts.join("/"),
        Value::Entries(entries) => {
            let values: Vec<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
            values.join(", ")
        }
        Value::ClearText | Value::ClearList => "#CLEAR".to_owned(),
    }
}
