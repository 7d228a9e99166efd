//! A stored value as a sheet shows it: the cells of an export, and what cells of an import are compared with.
//!
//! One function serves both ways. So an unedited export comes back as *unchanged*, whatever is stored: a value that no
//! check would accept, a choice by its key, a text with blanks around it.

use std::borrow::Cow;

use serde_json::Value as Json;

use crate::mapping::canonical;
use crate::model::{CUT_MARKER, CascadeOption, Field, Kind, Slot, is_cut_text};
use crate::stored::value::{items, plain_text};
use crate::table;
use crate::table::OutCell;

/// Separates several values in one cell.
pub(crate) const BETWEEN: &str = "；";

/// The most digits that a spreadsheet shows of a number.
const EXACT_DIGITS: usize = 15;

/// The content of a cell.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Shown<'a> {
    /// Nothing is stored.
    Blank,
    /// Text, and every value that a spreadsheet would change.
    Text(Cow<'a, str>),
    /// A number that a spreadsheet shows exactly as it is stored.
    Number(f64),
    /// A date or date and time, as `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`.
    Moment(Cow<'a, str>),
}

impl<'a> Shown<'a> {
    fn text(text: Cow<'a, str>) -> Self {
        if text.is_empty() {
            Self::Blank
        } else {
            Self::Text(text)
        }
    }

    /// Returns the cell to write.
    pub(crate) fn cell(&self) -> OutCell<'_> {
        match self {
            Self::Blank => OutCell::Blank,
            Self::Text(text) => OutCell::Text(text),
            Self::Number(number) => OutCell::Number(*number),
            Self::Moment(text) => OutCell::DateTime(text),
        }
    }

    /// Returns whether a cell that was read shows the same. A cell that was cut when it was written need only show the
    /// beginning.
    pub(crate) fn is_shown_by(&self, cell: &str) -> bool {
        let text = match self {
            Self::Blank => return table::trim(cell).is_empty(),
            Self::Number(number) => return canonical(&number.to_string()) == canonical(cell),
            Self::Moment(text) => return canonical(text) == canonical(cell),
            Self::Text(text) => text,
        };
        let read = as_read(text);
        // Controls were replaced when the cell was written, before it was read.
        if read == cell || as_read(&table::without_controls(text)) == cell {
            return true;
        }
        let start = cell.strip_suffix(CUT_MARKER);
        start.is_some_and(|start| is_cut_text(cell) && read.starts_with(table::trim(start)))
    }
}

/// Returns the content as a person reads it.
pub(crate) fn text(shown: &Shown<'_>) -> String {
    match shown {
        Shown::Blank => String::new(),
        Shown::Text(text) | Shown::Moment(text) => text.to_string(),
        Shown::Number(number) => number.to_string(),
    }
}

/// Returns a text as it is read back from a sheet: without outer blanks, and with `\n` as the only line break.
fn as_read(text: &str) -> Cow<'_, str> {
    let trimmed = table::trim(text);
    if !trimmed.contains(['\r', '\0']) {
        return Cow::Borrowed(trimmed);
    }
    let plain = trimmed.replace("\r\n", "\n").replace('\r', "\n");
    Cow::Owned(table::trim(&plain.replace('\0', "")).to_owned())
}

/// Returns what a sheet shows of a stored field, or of one place in it. A field that the field list lacks is text.
pub(crate) fn shown<'s>(field: Option<&Field>, slot: Slot, stored: &'s Json) -> Shown<'s> {
    match slot {
        Slot::Value(position) => return Shown::text(part_of(stored, position, "value")),
        Slot::Memo(position) => return Shown::text(part_of(stored, position, "memo")),
        Slot::Level(level) => {
            let levels = field.map(|field| levels(field, stored)).unwrap_or_default();
            let level = levels.into_iter().nth(usize::from(level.saturating_sub(1)));
            return Shown::text(level.unwrap_or_default().into());
        }
        Slot::Whole => {}
    }
    let Some(field) = field else {
        return Shown::text(joined(stored));
    };
    match field.kind {
        Kind::PhoneList | Kind::EmailList | Kind::TextList => {
            Shown::text(part_of(stored, 1, "value"))
        }
        Kind::Choice | Kind::MultiChoice => {
            let texts = shown_texts(stored).map(|text| choice_text(field, &text));
            Shown::text(texts.collect::<Vec<_>>().join(BETWEEN).into())
        }
        Kind::Cascade => Shown::text(levels(field, stored).join("/").into()),
        Kind::Date | Kind::Datetime => match joined(stored) {
            text if is_moment(&text) => Shown::Moment(text),
            text => Shown::text(text),
        },
        Kind::Number => {
            let text = joined(stored);
            exact_number(&text).map_or_else(|| Shown::text(text), Shown::Number)
        }
        _ => Shown::text(joined(stored)),
    }
}

/// Returns the texts of a value's items. An item with a memo gives its value only.
fn shown_texts(stored: &Json) -> impl Iterator<Item = Cow<'_, str>> {
    let texts = items(stored).map(|item| match item {
        Json::String(text) => Cow::Borrowed(text.as_str()),
        Json::Object(entry) => match entry.get("value") {
            Some(Json::String(text)) => Cow::Borrowed(text.as_str()),
            Some(value) => plain_text(value).into(),
            None => item.to_string().into(),
        },
        other => plain_text(other).into(),
    });
    texts.filter(|text| !text.is_empty())
}

/// Joins the items of a value into one text.
fn joined(stored: &Json) -> Cow<'_, str> {
    let mut texts = shown_texts(stored);
    let Some(first) = texts.next() else {
        return Cow::default();
    };
    match texts.next() {
        None => first,
        Some(second) => {
            let all: Vec<Cow<'_, str>> = [first, second].into_iter().chain(texts).collect();
            all.join(BETWEEN).into()
        }
    }
}

/// Returns the value or the memo at a position of a list, from 1.
fn part_of<'s>(stored: &'s Json, position: u16, name: &str) -> Cow<'s, str> {
    match items(stored).nth(usize::from(position.saturating_sub(1))) {
        Some(Json::Object(entry)) => match entry.get(name) {
            Some(Json::String(text)) => text.as_str().into(),
            Some(other) => plain_text(other).into(),
            None => Cow::default(),
        },
        Some(Json::String(text)) if name == "value" => text.as_str().into(),
        Some(other) if name == "value" => plain_text(other).into(),
        _ => Cow::default(),
    }
}

/// Returns the text of a choice that is stored by its text or by its key.
fn choice_text(field: &Field, stored: &str) -> String {
    let choices = &field.choices;
    if choices.iter().any(|choice| choice.value == stored) {
        return stored.to_owned();
    }
    let by_key = choices.iter().find(|choice| choice.key == stored);
    by_key.map_or_else(|| stored.to_owned(), |choice| choice.value.clone())
}

/// Returns the texts of a cascade's levels. A path in one text is split into levels.
pub(crate) fn levels(field: &Field, stored: &Json) -> Vec<String> {
    let mut texts: Vec<String> = items(stored).map(plain_text).collect();
    if let ([path], true) = (texts.as_slice(), field.cascade.iter().any(has_children)) {
        texts = path.split('/').map(str::to_owned).collect();
    }
    texts.retain(|text| !text.is_empty());
    let mut options = field.cascade.as_slice();
    for text in &mut texts {
        let found = options
            .iter()
            .find(|option| option.value == *text)
            .or_else(|| options.iter().find(|option| option.key == *text));
        let Some(option) = found else {
            options = &[];
            continue;
        };
        text.clone_from(&option.value);
        options = &option.children;
    }
    texts
}

fn has_children(option: &CascadeOption) -> bool {
    !option.children.is_empty()
}

/// Returns whether a text has the form in which the CRM writes dates, with or without a time. The writer of the
/// sheet finds out whether there is such a day.
fn is_moment(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00 00:00:00";
    matches!(text.len(), 10 | 19)
        && text.bytes().zip(FORM).all(|(byte, form)| match form {
            b'0' => byte.is_ascii_digit(),
            mark => byte == *mark,
        })
}

/// Returns the number of a text, if a spreadsheet shows that number as exactly this text.
fn exact_number(text: &str) -> Option<f64> {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits == 0 || digits > EXACT_DIGITS {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    // A spreadsheet has no minus zero.
    let is_minus_zero = number == 0.0 && number.is_sign_negative();
    (!is_minus_zero && number.to_string() == text).then_some(number)
}

/// Returns a stored field in one text, with memos: for comparisons and for messages.
pub(crate) fn text_of(field: Option<&Field>, stored: &Json) -> String {
    let is_list = field.is_some_and(|field| field.kind.is_value_list());
    if !is_list {
        return crate::stored::cell::text(&shown(field, Slot::Whole, stored));
    }
    let parts = crate::stored::value::items(stored).map(|item| match item {
        Json::Object(entry) => {
            let text = |name| entry.get(name).map(crate::stored::value::plain_text);
            let value = text("value").unwrap_or_default();
            match text("memo").filter(|memo| !memo.is_empty()) {
                Some(memo) => format!("{value} ({memo})"),
                None => value,
            }
        }
        other => crate::stored::value::plain_text(other),
    });
    parts.collect::<Vec<_>>().join("；")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Choice, FieldConfig, LONGEST_TEXT, Schema};
    use serde_json::json;

    fn field(kind: Kind) -> Field {
        let config = FieldConfig {
            key: "f".into(),
            choices: vec![
                Choice {
                    key: "k1".into(),
                    value: "甲".into(),
                },
                Choice {
                    key: "k2".into(),
                    value: "k1".into(),
                },
            ],
            cascade: vec![CascadeOption {
                key: "1".into(),
                value: "浙江".into(),
                children: vec![CascadeOption {
                    key: "2".into(),
                    value: "杭州".into(),
                    children: Vec::new(),
                }],
            }],
            ..FieldConfig::default()
        };
        let mut field = Schema::new(&[config], &std::collections::BTreeMap::new())
            .field("f")
            .expect("the field")
            .clone();
        field.kind = kind;
        field
    }

    #[test]
    fn values_are_shown_in_words_whatever_form_is_stored() {
        use Kind::{Cascade, Choice, Date, MultiChoice, Number, PhoneList};
        use Slot::{Level, Memo, Value, Whole};
        let text = |text: &'static str| Shown::Text(text.into());
        let long = "123456789012345678";
        let phones = json!([{"value": "1"}, {"value": "2", "memo": "m"}]);
        for (kind, slot, stored, expected) in [
            (Kind::Text, Whole, json!("007"), text("007")),
            (Kind::Text, Whole, json!(null), Shown::Blank),
            (
                Kind::Text,
                Whole,
                json!(123_456_789_012_345_678_u64),
                text(long),
            ),
            (Choice, Whole, json!("k2"), text("k1")),
            // A choice's text wins over the equal key of another choice.
            (Choice, Whole, json!("k1"), text("k1")),
            (Choice, Whole, json!(["甲"]), text("甲")),
            (Choice, Whole, json!("gone"), text("gone")),
            (MultiChoice, Whole, json!(["甲", "k2"]), text("甲；k1")),
            (Cascade, Whole, json!(["1", "2"]), text("浙江/杭州")),
            (Cascade, Whole, json!("浙江/2"), text("浙江/杭州")),
            (Cascade, Level(2), json!(["浙江", "杭州"]), text("杭州")),
            (Number, Whole, json!("12.5"), Shown::Number(12.5)),
            (Number, Whole, json!(-3), Shown::Number(-3.0)),
            (Number, Whole, json!("007"), text("007")),
            (Number, Whole, json!("1.50"), text("1.50")),
            (Number, Whole, json!(long), text(long)),
            (
                Date,
                Whole,
                json!("2024-11-14"),
                Shown::Moment("2024-11-14".into()),
            ),
            (Date, Whole, json!("2024/11/14"), text("2024/11/14")),
            (PhoneList, Whole, phones.clone(), text("1")),
            (PhoneList, Value(2), phones.clone(), text("2")),
            (PhoneList, Memo(2), phones.clone(), text("m")),
            (PhoneList, Value(3), phones, Shown::Blank),
        ] {
            let field = field(kind);
            let cell = shown(Some(&field), slot, &stored);
            assert_eq!(cell, expected, "{kind:?} {stored}");
        }
        let object = json!({"a": 1});
        let unknown = shown(None, Slot::Whole, &object);
        assert_eq!(unknown, text(r#"{"a":1}"#));
    }

    #[test]
    fn a_cell_shows_the_same_when_only_the_format_differs() {
        let text = |text: &'static str| Shown::Text(text.into());
        for (shown, cell, is_same) in [
            (text(" a\r\nb\u{3000}"), "a\nb", true),
            (text("1.50"), "1.5", false),
            (text("A"), "a", false),
            (
                Shown::Moment("2024-11-14 00:00:00".into()),
                "2024-11-14",
                true,
            ),
            (
                Shown::Moment("2024-11-14 08:00:00".into()),
                "2024-11-14",
                false,
            ),
            (Shown::Number(1.5), "1.50", true),
            (text("   "), "", true),
            (Shown::Blank, "x", false),
        ] {
            assert_eq!(shown.is_shown_by(cell), is_same, "{shown:?} {cell:?}");
        }
        let long = "长".repeat(40_000);
        let units = LONGEST_TEXT - CUT_MARKER.encode_utf16().count();
        let cut = format!("{}{CUT_MARKER}", "长".repeat(units));
        assert!(is_cut_text(&cut) && Shown::Text(long.into()).is_shown_by(&cut));
        assert!(!text("别的").is_shown_by(&cut));
        assert!(!is_cut_text("某某…[cut]"));
    }
}
