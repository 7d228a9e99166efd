//! A draft and a schema to a record and its problems.
//!
//! Pure. Every problem of a row is collected, never only the first. A value is changed in no other way
//! than product.md names (*Spreadsheets in*): widths folded where a machine reads them, dates in one
//! form, choices by the spelling of the CRM. What cannot be kept exactly is refused.

mod choice;
mod date;
mod lists;
mod scalar;

use std::borrow::Cow;

use crate::model::{
    CellKind, Code, Draft, Field, FieldStatus, Kind, Origin, Overwrite, Part, Problem, Record,
    Schema, Slot, Value, is_clear_word as is_clear, is_cut_text, is_scientific,
};

pub use choice::ChoiceIndex;

/// What is to happen with a row, as far as checking cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Intent {
    /// A new customer: required fields must be there.
    Add,
    /// A change: blank cells leave the stored value alone.
    Update,
}

/// A row that was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// What to send; meaningless when there are problems.
    pub record: Record,
    /// Every problem of the row, in column order.
    pub problems: Vec<Problem>,
}

/// A schema, prepared for many rows.
#[derive(Debug)]
pub struct Checker {
    fields: Vec<(Field, ChoiceIndex)>,
    required: Vec<usize>,
}

/// First cells that mark a row of sums.
const TOTALS: &[&str] = &["合计", "总计", "小计", "合计:", "总计:"];

impl Checker {
    /// Prepares the choices of every field for look-up.
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

    /// Judges a row. A required field that is missing has no column here: the caller knows the sheet.
    pub fn check(&self, draft: &Draft, intent: Intent) -> Checked {
        let mut problems = draft.problems.clone();
        let mut record = Record::default();
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
            // A new customer gets defaults; what is stored is not overwritten by them.
            let spared = |part: &Part| {
                // A text that an export has cut leaves the stored one alone.
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
            let value = value_of(field, choices, group, intent, &mut problems);
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

/// A problem of one cell, with the facts every message wants.
fn problem(code: Code, field: &Field, part: &Part) -> Problem {
    let problem = Problem::new(code)
        .with("field", &field.label)
        .with("value", shortened(&part.text));
    if part.origin == Origin::Constant {
        problem
    } else {
        problem.at(part.column)
    }
}

/// A value fit for a message.
fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 {
        text.to_owned()
    } else {
        text.chars().take(79).chain(['…']).collect()
    }
}

fn value_of(
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

/// What the spreadsheet had already lost before ferry saw the cell.
fn damage(field: &Field, part: &Part) -> Option<Problem> {
    match part.kind {
        _ if is_cut_text(&part.text) => Some(problem(Code::CutText, field, part)),
        _ if part.text == crate::model::UNCALCULATED => {
            Some(problem(Code::Uncalculated, field, part))
        }
        CellKind::Error => Some(problem(Code::ErrorCell, field, part)),
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

/// Full-width digits, letters and signs in their plain form, outer spaces off: for phones, e-mails, ids,
/// numbers and dates.
fn plain_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    let plain = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    };
    let invisible = |letter: &char| !matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}' | '\u{feff}');
    let text: String = text.chars().filter(invisible).map(plain).collect();
    Cow::Owned(text.trim().to_owned())
}

#[cfg(test)]
mod tests;
