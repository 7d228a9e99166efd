//! How the cells of one column are read, compiled from the mapping and stored with the job.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::date_format::strftime_of;
use super::file::Mapping;
use super::form::{ColumnForm, Transform};
use super::lookup::{LookupTable, SEEN_OWNERS, is_owner_id};
use super::places::nearest;
use crate::model::{CascadeOption, CellRule, Code, Field, Kind, Problem, folded};

/// The rules of a mapping for the cells of a column.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ColumnRule {
    /// The value for new customers where the cell is blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// The transforms of each text, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transform: Vec<Transform>,
    /// Further words for a blank cell, folded.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<String>,
    /// The table in which words are looked up. Its words are kept beside `job.json`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<Arc<LookupTable>>,
    /// Whether customers are recognised by this column.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub key: bool,
    /// The rules that the check applies, where the field's kind is known.
    #[serde(skip_serializing_if = "is_plain")]
    pub cell: Arc<CellRule>,
}

impl ColumnRule {
    /// Returns whether nobody has said how the cells are read. That exports have shown the names of owners is no rule of
    /// a person.
    pub fn says_nothing(&self) -> bool {
        let is_seen = |lookup: &Arc<LookupTable>| lookup.name == SEEN_OWNERS;
        let given = self.lookup.clone().filter(|lookup| !is_seen(lookup));
        Self {
            lookup: given,
            ..self.clone()
        }
        .is_empty()
    }

    /// Returns whether there is no rule.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

fn is_plain(rule: &Arc<CellRule>) -> bool {
    **rule == CellRule::default()
}

/// Compiles the rules of a column that feeds a field. `entry` is the mapping's entry with its name.
pub(super) fn compile(
    mapping: &Mapping,
    entry: Option<(&str, &ColumnForm)>,
    field: &Field,
    problems: &mut Vec<Problem>,
) -> ColumnRule {
    let mut rule = ColumnRule {
        blank: mapping.form.blank.iter().map(|word| folded(word)).collect(),
        ..ColumnRule::default()
    };
    if field.kind == Kind::Owner {
        rule.lookup = mapping.owners();
    }
    let Some((name, form)) = entry else {
        return rule;
    };
    rule.default.clone_from(&form.default);
    rule.transform.clone_from(&form.transform);
    rule.blank
        .extend(form.blank.iter().map(|word| folded(word)));
    rule.key = form.key;
    if let Some(file) = &form.lookup {
        rule.lookup = mapping.lookup(file).cloned();
    }
    let mut cell = CellRule {
        split: form.split.concat(),
        format: form.format.as_deref().and_then(strftime_of),
        decimal: form.decimal,
        choices: std::collections::BTreeMap::new(),
    };
    for (word, meaning) in &form.choices {
        if let Some(wrong) = wrong_choice(field, meaning) {
            let path = ["columns", name, "choices", word];
            let problem = mapping
                .places
                .problem_of(Code::MappingUnknownChoice, &path)
                .with("value", meaning)
                .with("field", &field.label);
            problems.push(match wrong {
                Wrong::Near(near) => problem.with("nearest", near),
                Wrong::Of(choices) => problem.with("choices", choices),
            });
        }
        cell.choices.insert(folded(word), meaning.trim().to_owned());
    }
    rule.cell = Arc::new(cell);
    rule
}

enum Wrong {
    Near(String),
    Of(String),
}

/// Returns what is wrong with the meaning of a word; `None` where nothing is.
fn wrong_choice(field: &Field, meaning: &str) -> Option<Wrong> {
    let known: Vec<&str> = match field.kind {
        Kind::Choice | Kind::MultiChoice => field
            .choices
            .iter()
            .flat_map(|choice| [choice.value.as_str(), choice.key.as_str()])
            .collect(),
        Kind::Cascade => {
            let mut names = Vec::new();
            collect(&field.cascade, &mut names);
            names
        }
        Kind::Owner if !is_owner_id(meaning) && !meaning.trim().is_empty() => {
            return Some(Wrong::Of("8310, 685775343058800640".to_owned()));
        }
        _ => Vec::new(),
    };
    let wanted = folded(meaning);
    if known.is_empty() || wanted.is_empty() || known.iter().any(|name| folded(name) == wanted) {
        return None;
    }
    // The meaning may be a whole path of a cascade.
    let levels: Vec<String> = meaning.split('/').map(folded).collect();
    if field.kind == Kind::Cascade && is_path(&field.cascade, &levels) {
        return None;
    }
    let near = nearest(
        meaning,
        field.choices.iter().map(|choice| choice.value.as_str()),
    );
    if near.is_empty() {
        let shown = if field.kind == Kind::Cascade {
            known
        } else {
            field
                .choices
                .iter()
                .map(|choice| choice.value.as_str())
                .collect()
        };
        let shown: Vec<&str> = shown
            .into_iter()
            .filter(|name| !name.is_empty())
            .take(8)
            .collect();
        Some(Wrong::Of(shown.join(", ")))
    } else {
        Some(Wrong::Near(near.join(", ")))
    }
}

fn is_path(options: &[CascadeOption], levels: &[String]) -> bool {
    let [level, deeper @ ..] = levels else {
        return true;
    };
    let is_it =
        |option: &&CascadeOption| folded(&option.value) == *level || folded(&option.key) == *level;
    options
        .iter()
        .filter(is_it)
        .any(|option| is_path(&option.children, deeper))
}

fn collect<'a>(options: &'a [CascadeOption], names: &mut Vec<&'a str>) {
    for option in options {
        names.push(&option.value);
        names.push(&option.key);
        collect(&option.children, names);
    }
}
