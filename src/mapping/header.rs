//! The meaning of a header cell.
//!
//! A header is first matched as a whole, by key, label or system name, so that a custom field labelled `电话2` is itself
//! and not a second phone. Only then is it taken apart into a name and a suffix (`手机2.备注`, `地区.1`), and only then is it
//! looked up among the synonyms.

use unicode_normalization::UnicodeNormalization;

use super::synonyms::{Hint, LEFT_OUT, SYNONYMS, hint_of};
use crate::model::{FieldStatus, Kind, Schema, Slot, without_unseen};

/// The meaning of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Match {
    /// The `_id` column.
    Id,
    /// `_status`, `_job` or `_row` of a result sheet, or another column that starts with `_`.
    Ferry(FerryColumn),
    /// A field and the place in it.
    Field(usize, Slot),
    /// A label that several enabled fields share: the header must name the key instead.
    Ambiguous(usize, usize),
}

/// A column that ferry itself writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FerryColumn {
    /// `_status`.
    Status,
    /// `_job`.
    Job,
    /// `_row`.
    Row,
    /// Any other column whose header starts with `_`. Its cells are no data.
    Other,
}

/// Returns whether a header is of a column that is left out wherever it stands.
pub fn is_left_out(header: &str) -> bool {
    LEFT_OUT.contains(&normalise(header).as_str())
}

/// Reads one header cell; `None` when it matches nothing.
pub fn match_header(text: &str, schema: &Schema) -> Option<Match> {
    let trimmed = text.trim();
    if let Some(name) = trimmed.strip_prefix('_') {
        return Some(match name {
            "id" => Match::Id,
            "status" => Match::Ferry(FerryColumn::Status),
            "job" => Match::Ferry(FerryColumn::Job),
            "row" => Match::Ferry(FerryColumn::Row),
            _ => Match::Ferry(FerryColumn::Other),
        });
    }
    let name = normalise(trimmed);
    if name.is_empty() {
        return None;
    }
    if let Some(found) = by_name(&name, schema) {
        return Some(found);
    }
    if let Some(found) = by_bracketed_key(&name, schema) {
        return Some(found);
    }
    let (base, suffix) = split_suffix(&name);
    if suffix == Suffix::NONE {
        return by_synonym(&name, schema);
    }
    let Match::Field(field, _) = by_name(base, schema).or_else(|| by_synonym(base, schema))? else {
        return None;
    };
    let slot = slot_of(schema.fields.get(field)?.kind, suffix)?;
    Some(Match::Field(field, slot))
}

/// Reads the name that a mapping gives a field: a key, a label, or a place in a field. Synonyms are not accepted.
pub fn match_field(text: &str, schema: &Schema) -> Option<Match> {
    if text.trim() == "_id" {
        return Some(Match::Id);
    }
    let name = normalise(text.trim());
    if name.is_empty() {
        return None;
    }
    if let Some(found) = by_name(&name, schema) {
        return Some(found);
    }
    let (base, suffix) = split_suffix(&name);
    let found = by_name(base, schema)?;
    let Match::Field(field, _) = found else {
        return Some(found);
    };
    let slot = slot_of(schema.fields.get(field)?.kind, suffix)?;
    Some(Match::Field(field, slot))
}

/// Returns a header in lowercase and half-width, without spaces and unseen characters, a leading or trailing `*`, `(必填)` or `(required)`.
pub fn normalise(text: &str) -> String {
    let folded: String = without_unseen(text)
        .nfkc()
        .flat_map(char::to_lowercase)
        .filter(|letter| !letter.is_whitespace())
        .collect();
    let mut rest = folded.as_str();
    loop {
        let shorter = rest.trim_start_matches('*').trim_end_matches('*');
        let shorter = shorter
            .strip_suffix("(必填)")
            .or_else(|| shorter.strip_suffix("(required)"))
            .unwrap_or(shorter);
        if shorter == rest {
            return rest.to_owned();
        }
        rest = shorter;
    }
}

/// Takes a normalised header apart into its name and what stands in brackets behind it, as 注册资金 and 万元; `None`
/// without brackets.
pub(super) fn split_bracket(name: &str) -> Option<(&str, &str)> {
    const PAIRS: [(char, char); 3] = [('(', ')'), ('[', ']'), ('【', '】')];
    PAIRS.into_iter().find_map(|(open, close)| {
        let (base, inside) = name.strip_suffix(close)?.rsplit_once(open)?;
        (!base.is_empty()).then_some((base, inside))
    })
}

/// Returns whether a header's brackets hold a unit in which the cells count.
pub(super) fn is_unit(inside: &str) -> bool {
    const UNITS: &[&str] = &[
        "元",
        "圆",
        "万",
        "亿",
        "千",
        "百",
        "rmb",
        "cny",
        "usd",
        "¥",
        "$",
        "%",
        "人",
        "个",
        "天",
        "年",
        "月",
        "㎡",
        "m2",
        "平方米",
        "平米",
        "kg",
        "吨",
        "台",
        "套",
    ];
    inside.chars().count() <= 5 && UNITS.iter().any(|unit| inside.contains(unit))
}

fn by_name(name: &str, schema: &Schema) -> Option<Match> {
    let whole = |field: usize| Match::Field(field, Slot::Whole);
    if let Some(field) = schema
        .fields
        .iter()
        .position(|field| field.key.as_str().to_lowercase() == name)
    {
        return Some(whole(field));
    }
    let labelled = |enabled: bool| {
        schema.fields.iter().enumerate().filter(move |(_, field)| {
            (field.status == FieldStatus::Enabled) == enabled && normalise(&field.label) == name
        })
    };
    let mut enabled = labelled(true);
    match (enabled.next(), enabled.next()) {
        (Some((first, _)), None) => Some(whole(first)),
        (Some((first, _)), Some((second, _))) => Some(Match::Ambiguous(first, second)),
        (None, _) => labelled(false).next().map(|(field, _)| whole(field)),
    }
}

/// Matches a label with the key behind it, `手机2.备注(mobile2.memo)`, as `ferry export --headers both` writes it. The key
/// counts.
fn by_bracketed_key(name: &str, schema: &Schema) -> Option<Match> {
    let (_, key) = name.strip_suffix(')')?.rsplit_once('(')?;
    let of = |key: &str| {
        let mut fields = schema.fields.iter();
        fields.position(|field| field.key.as_str().to_lowercase() == key)
    };
    if let Some(field) = of(key) {
        return Some(Match::Field(field, Slot::Whole));
    }
    let (base, suffix) = split_suffix(key);
    let field = of(base)?;
    let slot = slot_of(schema.fields.get(field)?.kind, suffix)?;
    Some(Match::Field(field, slot))
}

fn by_synonym(name: &str, schema: &Schema) -> Option<Match> {
    let (_, key) = SYNONYMS.iter().find(|(synonym, _)| *synonym == name)?;
    let field = schema
        .fields
        .iter()
        .position(|field| field.key.as_str() == *key)?;
    Some(Match::Field(field, Slot::Whole))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Suffix {
    position: Option<u16>,
    level: Option<u16>,
    memo: bool,
}

impl Suffix {
    const NONE: Self = Self {
        position: None,
        level: None,
        memo: false,
    };
}

/// Takes `手机2.备注` apart into `手机`, position 2, memo.
fn split_suffix(name: &str) -> (&str, Suffix) {
    let mut suffix = Suffix::NONE;
    let mut base = name;
    if let Some(rest) = base
        .strip_suffix(".备注")
        .or_else(|| base.strip_suffix(".memo"))
    {
        suffix.memo = true;
        base = rest;
    }
    let letters = base.trim_end_matches(|letter: char| letter.is_ascii_digit());
    if let Ok(number @ 1..=999) = base.get(letters.len()..).unwrap_or_default().parse::<u16>() {
        if let Some(rest) = letters.strip_suffix('.') {
            suffix.level = Some(number);
            base = rest;
        } else {
            suffix.position = Some(number);
            base = letters;
        }
    }
    (base, suffix)
}

fn slot_of(kind: Kind, suffix: Suffix) -> Option<Slot> {
    let Suffix {
        position,
        level,
        memo,
    } = suffix;
    if kind.is_value_list() {
        return match (position, level, memo) {
            (position, None, true) => Some(Slot::Memo(position.unwrap_or(1))),
            (Some(position), None, false) | (None, Some(position), false) => {
                Some(Slot::Value(position))
            }
            _ => None,
        };
    }
    match (kind, position, level, memo) {
        (Kind::Cascade, None, Some(level), false) => Some(Slot::Level(level)),
        _ => None,
    }
}

/// Returns the labels of the fields that a header of everyday use may mean, at most three; else those that resemble it
/// most.
pub fn likely_labels(text: &str, schema: &Schema) -> Vec<String> {
    let hint = hint_of(&normalise(text));
    let is_phone = hint.is_some_and(|(hint, _)| matches!(hint, Hint::Phone | Hint::SecondPhone));
    let words = hint.map_or(&[][..], |(_, words)| words);
    let fields = schema.writable().filter(|field| {
        let label = normalise(&field.label);
        (is_phone && matches!(field.kind, Kind::PhoneList | Kind::Phone))
            || words.iter().any(|word| label.contains(word))
    });
    let labels: Vec<String> = fields.map(|field| field.label.clone()).take(3).collect();
    if labels.is_empty() {
        nearest_labels(text, schema)
    } else {
        labels
    }
}

/// Returns the labels of the fields that resemble a header most, best first, at most three.
pub fn nearest_labels(text: &str, schema: &Schema) -> Vec<String> {
    let name = normalise(text);
    let mut scored: Vec<(f64, &str)> = schema
        .writable()
        .map(|field| {
            let label = normalise(&field.label);
            let inside = !name.is_empty() && (label.contains(&name) || name.contains(&label));
            let likeness = strsim::normalized_damerau_levenshtein(&name, &label);
            (
                if inside { 1.0 + likeness } else { likeness },
                field.label.as_str(),
            )
        })
        .filter(|(score, _)| *score >= 0.34)
        .collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored
        .into_iter()
        .take(3)
        .map(|(_, label)| label.to_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{CascadeOption, FieldConfig};

    fn schema() -> Schema {
        let config = |key: &str, label: &str, type_name: &str| FieldConfig {
            key: key.into(),
            label: label.into(),
            type_name: type_name.into(),
            ..FieldConfig::default()
        };
        let mut area = config("area", "所在地区", "cascade");
        area.cascade = vec![CascadeOption {
            value: "浙江".into(),
            ..CascadeOption::default()
        }];
        let mut gone = config("old", "传真", "text");
        gone.status = FieldStatus::Deleted;
        Schema::new(
            &[
                config("text_1", "详细地址", "text"),
                config("text_2", "电话2", "text"),
                area,
                gone,
                config("a", "同名", "text"),
                config("b", "同名", "text"),
            ],
            &BTreeMap::new(),
        )
    }

    #[test]
    fn headers_name_fields_and_places() {
        let schema = schema();
        let place = |header: &str| match match_header(header, &schema) {
            Some(Match::Field(field, slot)) => {
                Some((schema.fields[field].key.as_str().to_owned(), slot))
            }
            _ => None,
        };
        for (header, key, slot) in [
            ("客户名称", "customerName", Slot::Whole),
            (" 客户 名称 * ", "customerName", Slot::Whole),
            ("客户名称（必填）", "customerName", Slot::Whole),
            ("公司名称", "customerName", Slot::Whole),
            ("CUSTOMERNAME", "customerName", Slot::Whole),
            ("手机", "mobile", Slot::Whole),
            ("手机号码", "mobile", Slot::Whole),
            ("手机.备注", "mobile", Slot::Memo(1)),
            ("手机2", "mobile", Slot::Value(2)),
            ("手机２．备注", "mobile", Slot::Memo(2)),
            ("mobile.memo", "mobile", Slot::Memo(1)),
            ("mobile3", "mobile", Slot::Value(3)),
            ("ＱＱ", "qq", Slot::Whole),
            ("详细地址", "text_1", Slot::Whole),
            ("TEXT_1", "text_1", Slot::Whole),
            ("电话2", "text_2", Slot::Whole),
            ("手机 (mobile)", "mobile", Slot::Whole),
            ("手机2.备注 (mobile2.memo)", "mobile", Slot::Memo(2)),
            ("什么都行（area）", "area", Slot::Whole),
            ("所在地区.2", "area", Slot::Level(2)),
            ("传真", "old", Slot::Whole),
        ] {
            assert_eq!(place(header), Some((key.to_owned(), slot)), "{header}");
        }
        for header in [
            "",
            "跟进人员",
            "详细地址2",
            "详细地址.备注",
            "手机.备注.2",
            "客户编号",
        ] {
            assert_eq!(match_header(header, &schema), None, "{header}");
        }
    }

    #[test]
    fn ferrys_own_columns_are_known() {
        let schema = schema();
        assert_eq!(match_header("_id", &schema), Some(Match::Id));
        assert_eq!(
            match_header("_status", &schema),
            Some(Match::Ferry(FerryColumn::Status))
        );
        assert_eq!(
            match_header("_结果", &schema),
            Some(Match::Ferry(FerryColumn::Other))
        );
    }

    #[test]
    fn a_label_of_two_fields_is_ambiguous() {
        assert!(matches!(
            match_header("同名", &schema()),
            Some(Match::Ambiguous(..))
        ));
    }

    #[test]
    fn near_labels_are_proposed() {
        assert_eq!(
            nearest_labels("地址", &schema())
                .first()
                .map(String::as_str),
            Some("详细地址")
        );
        assert_eq!(
            likely_labels("联系电话", &schema()).first(),
            Some(&"手机".to_owned())
        );
        assert!(nearest_labels("zzzz", &schema()).is_empty());
    }
}
