//! The cells of a row that say something other than what is stored.
//!
//! Cells are compared first. A cell that shows what an export shows of the stored value says nothing new, whatever a
//! check would say about it. The other cells are checked, and then compared once more as values, because people write
//! the same thing in other forms: `2024/1/5`, a choice by its key. So a row of an unedited export is *unchanged*, and
//! of an edited row only the edited cells are sent.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::check::{Checked, plain_width};
use crate::mapping::{Columns, SourceColumn, Target, canonical};
use crate::model::{
    CUSTOMER_NAME, CellKind, Code, DecimalSign, Draft, Field, FieldKey, Kind, ListPolicy,
    NumberSigns, Origin, Part, Problem, Record, Schema, Slot, Value, number_signs,
};
use crate::stored::OwnerNames;
use crate::stored::cell::{Shown, shown, text, text_of};
use crate::stored::customer::{StoredCustomer, Unreadable};
use crate::stored::found::Found;
use crate::stored::list;
use crate::stored::value::{SERVER_SET, is_blank, same};

/// What is known about the stored customer of a row.
#[derive(Debug, Clone)]
pub(crate) enum Stored {
    /// The customer is stored.
    Customer(StoredCustomer),
    /// The customer is gone.
    Gone,
    /// The customer could not be read. An update would then write what nobody has compared.
    Unread(Problem),
}

impl Stored {
    /// Parses what was found.
    pub(crate) fn of(found: &Found) -> Result<Self, Unreadable> {
        Ok(match found {
            Found::Gone => Self::Gone,
            Found::Unread(problem) => Self::Unread(problem.clone()),
            Found::Stored(line) => Self::Customer(StoredCustomer::parse(line)?),
        })
    }
}

/// Removes from a draft the cells that show what is stored.
pub(crate) fn drop_same_cells(draft: &mut Draft, stored: &Map<String, Json>, schema: &Schema) {
    let has_id = draft.id.is_some();
    let is_same = |part: &Part| {
        let Some(field) = schema.fields.get(part.field) else {
            return false;
        };
        // The mapping's rule translates the text only when the cell is checked.
        let is_translated = part.rule.as_ref().is_some_and(|rule| rule.translates());
        if part.origin != Origin::Cell || is_translated || needs_all(field) {
            return false;
        }
        let value = stored.get(field.key.as_str()).unwrap_or(&Json::Null);
        let shown = shown(Some(field), part.slot, value);
        match likeness(part, field) {
            Likeness::Content => shown.is_shown_by(&part.text),
            Likeness::Letters => has_id && text(&shown) == part.text,
            Likeness::None => false,
        }
    };
    let same: Vec<bool> = draft.parts.iter().map(is_same).collect();
    // The levels of a cascade are one value: all of them stay, or none.
    let differs: Vec<usize> = draft
        .parts
        .iter()
        .zip(&same)
        .filter(|(part, same)| matches!(part.slot, Slot::Level(_)) && !**same)
        .map(|(part, _)| part.field)
        .collect();
    let mut same = same.into_iter();
    draft.parts.retain(|part| {
        let is_same = same.next().unwrap_or(false);
        let is_torn = matches!(part.slot, Slot::Level(_)) && differs.contains(&part.field);
        !is_same || is_torn
    });
}

/// When the text of a cell says what an export would show.
enum Likeness {
    /// When both have the same content.
    Content,
    /// When both have the same letters, in a row with an `_id`: what the text says alone can be read in two ways.
    Letters,
    /// Never: another sign stands before its decimals. Only the check knows the number.
    None,
}

/// Returns when a part says what an export would show. An export writes numbers with a point before decimals.
fn likeness(part: &Part, field: &Field) -> Likeness {
    use NumberSigns::{Say, Unclear};
    if field.kind != Kind::Number || part.kind != CellKind::Text {
        return Likeness::Content;
    }
    let known = part.rule.as_ref().and_then(|rule| rule.decimal);
    match (number_signs(&plain_width(&part.text)), known) {
        (Some(Say(DecimalSign::Point) | Unclear(DecimalSign::Point)), Some(DecimalSign::Comma)) => {
            Likeness::None
        }
        (Some(Unclear(DecimalSign::Point)), None) => Likeness::Letters,
        _ => Likeness::Content,
    }
}

/// Returns what the cells of a row of an export or a result sheet feed that are blank although something is stored: a
/// person may have emptied them, and a blank cell changes nothing. Of other files nobody knows what stood in them before.
pub(crate) fn blank_cells(
    draft: &Draft,
    columns: &Columns,
    stored: &Map<String, Json>,
    schema: &Schema,
) -> Vec<Target> {
    if !columns.is_ours {
        return Vec::new();
    }
    let is_blank_here = |column: &&SourceColumn| {
        let Some((key, slot)) = column.target.place() else {
            return false;
        };
        let Some(value) = stored.get(key.as_str()).filter(|value| !is_blank(value)) else {
            return false;
        };
        let field = schema.fields.iter().find(|field| field.key == *key);
        let is_written = field.is_some_and(|field| !field.read_only);
        let mut parts = draft.parts.iter();
        is_written
            && !parts.any(|part| part.column == column.column)
            && shown(field, slot, value) != Shown::Blank
    };
    let blank = columns.columns.iter().filter(is_blank_here);
    blank.map(|column| column.target.clone()).collect()
}

/// Returns whether the sheet gives the whole of a list, which cannot be compared cell by cell.
fn needs_all(field: &Field) -> bool {
    field.kind.is_value_list() && field.list == ListPolicy::Replace
}

/// Removes from a checked row what is stored already. Marks the draft as unchanged when nothing is left.
pub(crate) fn reduce(
    draft: &mut Draft,
    checked: &mut Checked,
    stored: &Map<String, Json>,
    schema: &Schema,
    requires_name: bool,
) {
    let says_nothing = |problem: &Problem| problem.code == Code::NothingToUpdate;
    if checked.problems.iter().all(says_nothing) {
        checked.problems.clear();
    }
    if !checked.problems.is_empty() {
        return;
    }
    checked.record = changes(&checked.record, stored, schema);
    if checked.record.is_empty() {
        draft.is_unchanged = true;
        return;
    }
    if requires_name {
        complete_name(&mut checked.record, stored);
    }
}

/// Adds the stored name of the customer to a record without a name, for servers whose updates must name the customer.
pub(crate) fn complete_name(record: &mut Record, stored: &Map<String, Json>) {
    if record.get(CUSTOMER_NAME).is_none()
        && let Some(Json::String(name)) = stored.get(CUSTOMER_NAME)
    {
        let name = Value::Text(name.clone());
        record.push(FieldKey::new(CUSTOMER_NAME), name);
    }
}

/// Returns the fields of a record that would change something. Lists stay as the sheet has them, because the stored
/// customer is read once more before they are sent.
fn changes(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> Record {
    let new = new_in(record, stored, schema);
    let fields = record.fields.iter();
    let fields = fields.filter(|(key, _)| new.get(key.as_str()).is_some());
    Record {
        fields: fields.cloned().collect(),
    }
}

/// Returns what an update is to write: whole lists, and no field whose value is stored already.
pub(crate) fn new_in(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> Record {
    let mut whole = list::merge(record, stored, schema);
    whole.fields.retain(|(key, value)| {
        let stored = stored.get(key.as_str()).unwrap_or(&Json::Null);
        !is_stored(value, stored, schema.field(key.as_str()))
    });
    whole
}

/// Returns whether a record names another owner than the customer has that its key has found, and nobody has said that
/// owners are to be written: then the stored one stays.
pub(crate) fn keeps_owner(record: &Record, stored: &Map<String, Json>, schema: &Schema) -> bool {
    let mut fields = record.fields.iter();
    fields.any(|(key, value)| {
        let field = schema.field(key.as_str());
        let is_spared =
            field.is_some_and(|field| field.kind == Kind::Owner && field.overwrite.is_none());
        let stored = stored.get(key.as_str()).unwrap_or(&Json::Null);
        is_spared && !is_blank(stored) && !is_stored(value, stored, field)
    })
}

/// Returns whether a field holds a value, in whatever form.
pub(crate) fn is_stored(value: &Value, stored: &Json, field: Option<&Field>) -> bool {
    same(value, stored, field) || is_same_moment(value, stored, field)
}

/// Returns whether two texts are the same moment: a date without a time is midnight.
fn is_same_moment(value: &Value, stored: &Json, field: Option<&Field>) -> bool {
    let is_date = field.is_some_and(|field| matches!(field.kind, Kind::Date | Kind::Datetime));
    match (value, stored) {
        (Value::Text(sent), Json::String(stored)) if is_date => {
            canonical(sent) == canonical(stored)
        }
        _ => false,
    }
}

/// Returns the problem of the first field that is no longer as a job left the customer. Fields that the server sets
/// are not compared.
pub(crate) fn changed_since(
    after: &Map<String, Json>,
    now: &Map<String, Json>,
    id: &str,
    (schema, owners): (&Schema, &OwnerNames),
) -> Option<Problem> {
    let keys: BTreeSet<&String> = after.keys().chain(now.keys()).collect();
    keys.into_iter()
        .filter(|key| !SERVER_SET.contains(&key.as_str()))
        .find_map(|key| {
            let of =
                |stored: &Map<String, Json>| stored.get(key.as_str()).cloned().unwrap_or_default();
            let (after, now) = (of(after), of(now));
            let field = schema.field(key);
            (!is_same(&after, &now)).then(|| {
                let label = field.map_or(key.as_str(), |field| field.label.as_str());
                Problem::new(Code::ChangedSinceAdd)
                    .with("id", id)
                    .with("field", label)
                    .with("written", owners.said(field, text_of(field, &after)))
                    .with("now", owners.said(field, text_of(field, &now)))
            })
        })
}

/// Returns whether two stored values are the same. All forms of blank are the same.
pub(crate) fn is_same(one: &Json, other: &Json) -> bool {
    one == other || (is_blank(one) && is_blank(other))
}
