//! What a mapping workbook offers in its drop-downs: the fields of the account with their places, and the words of
//! those that take choices.
//!
//! The invariant: every name that is offered is read back as the place that it was made for.

use super::columns::Target;
use super::header::normalise;
use super::resolve::names_target;
use crate::model::{CascadeOption, Field, FieldKey, FieldStatus, Kind, Schema, Slot};

/// The most places of one list that are offered; more can be typed.
const LIST_PLACES: u16 = 3;

/// A place in a field that a column may be led to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferedField {
    /// The place as a person writes it: 手机2, 地区.1.
    pub name: String,
    /// The field.
    pub key: FieldKey,
    /// The place in the field.
    pub slot: Slot,
    /// What the field holds.
    pub kind: Kind,
    /// Whether a new customer must have the field.
    pub required: bool,
    /// The words that the place takes; empty where it takes any text.
    pub words: Vec<String>,
}

/// Returns the places of the writable fields, in the order of the fields.
pub fn offered_fields(schema: &Schema) -> Vec<OfferedField> {
    let mut fields: Vec<&Field> = schema
        .fields
        .iter()
        .filter(|field| field.status == FieldStatus::Enabled && !field.read_only)
        .collect();
    fields.sort_by_key(|field| (!field.required, field.sort));
    let mut offered = Vec::new();
    for field in fields {
        for slot in places(field) {
            let target = Target::of(&field.key, slot);
            let mut names = [field.label.as_str(), field.key.as_str()].into_iter();
            let name = names
                .by_ref()
                .map(|name| slot.name(name))
                .find(|name| names_target(name, schema, &target));
            offered.extend(name.map(|name| OfferedField {
                name,
                key: field.key.clone(),
                slot,
                kind: field.kind,
                required: field.required,
                words: words(field, slot),
            }));
        }
    }
    offered
}

fn places(field: &Field) -> Vec<Slot> {
    match field.kind {
        Kind::PhoneList => (1..=LIST_PLACES)
            .flat_map(|place| [value(place), Slot::Memo(place)])
            .collect(),
        Kind::EmailList | Kind::TextList => (1..=LIST_PLACES).map(value).collect(),
        Kind::Cascade => {
            let levels = (1..=depth(&field.cascade)).map(Slot::Level);
            [Slot::Whole].into_iter().chain(levels).collect()
        }
        _ => vec![Slot::Whole],
    }
}

fn value(place: u16) -> Slot {
    match place {
        1 => Slot::Whole,
        place => Slot::Value(place),
    }
}

fn depth(options: &[CascadeOption]) -> u16 {
    let below = options
        .iter()
        .map(|option| depth(&option.children).saturating_add(1));
    below.max().unwrap_or(0)
}

fn words(field: &Field, slot: Slot) -> Vec<String> {
    let mut words: Vec<String> = match (field.kind, slot) {
        (Kind::Cascade, Slot::Level(level)) => {
            let mut names = Vec::new();
            names_at(&field.cascade, level, &mut names);
            names
        }
        (Kind::Cascade, _) => field.whole_paths(),
        (Kind::Choice | Kind::MultiChoice, _) => {
            let choices = field.choices.iter();
            choices.map(|choice| choice.value.clone()).collect()
        }
        _ => Vec::new(),
    };
    let mut seen = std::collections::HashSet::new();
    words.retain(|word| !word.trim().is_empty() && seen.insert(normalise(word)));
    words
}

fn names_at(options: &[CascadeOption], level: u16, names: &mut Vec<String>) {
    for option in options {
        if level <= 1 {
            names.push(option.value.clone());
        } else {
            names_at(&option.children, level - 1, names);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::FieldConfig;

    #[test]
    fn every_name_leads_to_its_place_and_levels_have_their_own_words() {
        let option = |value: &str, children| CascadeOption {
            value: value.into(),
            children,
            ..CascadeOption::default()
        };
        let area = FieldConfig {
            key: "area".into(),
            label: "地区".into(),
            cascade: vec![option("浙江", vec![option("杭州", vec![])])],
            ..FieldConfig::default()
        };
        let schema = Schema::new(&[area], &BTreeMap::new());
        let offered = offered_fields(&schema);
        let words = |name: &str| {
            let found = offered.iter().find(|field| field.name == name);
            found.map(|field| field.words.clone())
        };
        let paths = ["浙江", "浙江/杭州"].map(str::to_owned);
        assert_eq!(words("地区"), Some(paths.to_vec()));
        assert_eq!(words("地区.2"), Some(vec!["杭州".to_owned()]));
        assert_eq!(words("手机2.备注"), Some(Vec::new()));
        assert_eq!(words("创建时间"), None, "the CRM sets it itself");
    }
}
