//! Checks one row: judges each of its fields, and finds what is missing.

use super::choice::{ChoiceIndex, nearest_paths};
use super::intent::Intent;
use super::problem::problem;
use super::{lists, scalar};
use crate::model::{
    CellKind, Code, Draft, Field, FieldStatus, Kind, Origin, Overwrite, Part, Problem, Record,
    Schema, Slot, Value, is_clear_word as is_clear, is_cut_text, is_error_value, is_scientific,
    is_written_error,
};

/// The result of checking a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What to send; without meaning when there are problems.
    pub record: Record,
    /// Every problem of the row, in column order.
    pub problems: Vec<Problem>,
}

/// A schema that is prepared for many rows.
#[derive(Debug)]
pub struct Checker {
    fields: Vec<(Field, ChoiceIndex)>,
    required: Vec<usize>,
}

/// The first cells of rows that hold sums.
const TOTALS: &[&str] = &["合计", "总计", "小计", "合计:", "总计:"];

impl Checker {
    /// Prepares a schema: indexes the choices of every field.
    pub fn new(schema: &Schema) -> Self {
        let fields: Vec<_> = schema
            .fields
            .iter()
            .map(|field| (field.clone(), ChoiceIndex::new(field)))
            .collect();
        let required = schema
            .fields
            .iter()
            .enumerate()
            .filter_map(|(position, field)| {
                let must =
                    field.required && field.status == FieldStatus::Enabled && !field.read_only;
                must.then_some(position)
            });
        Self {
            required: required.collect(),
            fields,
        }
    }

    /// Returns the paths of a cascade that resemble a text most.
    pub fn nearest_paths(&self, field: usize, text: &str) -> Vec<String> {
        let field = self.fields.get(field);
        field.map_or_else(Vec::new, |(field, _)| nearest_paths(field, text))
    }

    /// Checks a row. The problem of a missing required field names no column, because only the caller knows the sheet.
    pub fn check(&self, draft: &Draft, intent: Intent) -> Checked {
        let mut problems = draft.problems.clone();
        let mut record = Record::with_room(draft.parts.len());
        let is_known = |code| draft.problems.iter().any(|problem| problem.code == code);
        // What stands in a row that is no customer is not judged.
        if is_known(Code::RepeatedHeader) || is_known(Code::TotalsRow) {
            return Checked { record, problems };
        }
        if is_totals_row(draft) {
            problems.push(Problem::new(Code::TotalsRow));
        }
        let mut seen = vec![false; self.fields.len()];
        let mut rest = draft.parts.as_slice();
        while let Some(first) = rest.first() {
            let length = rest
                .iter()
                .take_while(|part| part.field == first.field)
                .count();
            let (group, tail) = rest.split_at(length);
            rest = tail;
            let Some((field, choices)) = self.fields.get(first.field) else {
                continue;
            };
            // An update leaves the stored value alone for defaults, for fields that are never overwritten, and for
            // texts that an export has cut.
            let spared = |part: &Part| {
                intent == Intent::Update
                    && (part.origin == Origin::Default
                        || field.overwrite() == Overwrite::Never
                        || is_cut_text(&part.text))
            };
            let kept: Vec<Part>;
            let group = if group.iter().any(spared) {
                kept = group.iter().filter(|part| !spared(part)).cloned().collect();
                kept.as_slice()
            } else {
                group
            };
            let before = problems.len();
            let value = checked_value(field, choices, group, intent, &mut problems);
            if let Some(mark) = seen.get_mut(first.field) {
                *mark = value.is_some() || problems.len() > before;
            }
            if let Some(value) = value {
                if intent == Intent::Update
                    && field.required
                    && matches!(value, Value::ClearText | Value::ClearList)
                {
                    problems.push(problem(Code::ClearRequired, field, first));
                }
                record.push(field.key.clone(), value);
            }
        }
        if intent == Intent::Add {
            for position in &self.required {
                if let (Some((field, _)), Some(false)) =
                    (self.fields.get(*position), seen.get(*position))
                {
                    problems.push(
                        Problem::new(Code::MissingRequired)
                            .with("field", &field.label)
                            .with("key", field.key.as_str()),
                    );
                }
            }
        } else if record.is_empty() && problems.is_empty() {
            problems.push(Problem::new(Code::NothingToUpdate));
        }
        problems.sort_by_key(|problem| problem.column.unwrap_or(u32::MAX));
        Checked { record, problems }
    }
}

fn is_totals_row(draft: &Draft) -> bool {
    let cells = draft
        .parts
        .iter()
        .filter(|part| part.origin == Origin::Cell);
    let first = cells.min_by_key(|part| part.column);
    first.is_some_and(|part| {
        let letters = part.text.chars().filter(|letter| *letter != ' ');
        let plain = letters.map(|letter| if letter == '：' { ':' } else { letter });
        TOTALS.iter().any(|word| plain.clone().eq(word.chars()))
    })
}

fn checked_value(
    field: &Field,
    choices: &ChoiceIndex,
    parts: &[Part],
    intent: Intent,
    problems: &mut Vec<Problem>,
) -> Option<Value> {
    let is_list = field.kind.is_value_list()
        || matches!(field.kind, Kind::MultiChoice)
        || field.shape == crate::model::Shape::Array;
    if let [part] = parts
        && is_clear(&part.text)
        && part.slot == Slot::Whole
    {
        return match intent {
            Intent::Add => None,
            Intent::Update if is_list => Some(Value::ClearList),
            Intent::Update => Some(Value::ClearText),
        };
    }
    let before = problems.len();
    for part in parts {
        problems.extend(damage(field, part));
    }
    if problems.len() > before {
        return None;
    }
    match field.kind {
        Kind::PhoneList | Kind::EmailList | Kind::TextList => {
            lists::entries(field, parts, intent, problems).map(Value::Entries)
        }
        Kind::Choice | Kind::MultiChoice => choices.choose(field, parts.first()?, problems),
        Kind::Cascade => choices.path(field, parts, problems),
        _ => scalar::text(field, parts.first()?, problems).map(Value::Text),
    }
}

/// Returns the problem of a cell that the spreadsheet had damaged before ferry read it.
fn damage(field: &Field, part: &Part) -> Option<Problem> {
    match part.kind {
        _ if is_cut_text(&part.text) => Some(problem(Code::CutText, field, part)),
        _ if part.text == crate::model::UNCALCULATED => {
            Some(problem(Code::Uncalculated, field, part))
        }
        CellKind::Error => Some(problem(Code::ErrorCell, field, part)),
        // Only a text may be what looks like an error value.
        _ if is_written_error(&part.text)
            || (is_error_value(&part.text) && !field.kind.is_text()) =>
        {
            Some(problem(Code::ErrorCell, field, part))
        }
        CellKind::Imprecise => Some(problem(Code::ImpreciseNumber, field, part)),
        CellKind::Text
            if field.kind != Kind::Number
                && field.kind != Kind::Textarea
                && is_scientific(&part.text) =>
        {
            Some(problem(Code::ScientificText, field, part))
        }
        _ => None,
    }
}
