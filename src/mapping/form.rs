//! A mapping as people write it, in TOML or in a workbook.
//!
//! Everything here is optional: where a mapping says nothing, the header decides. The published JSON Schema is made
//! from these types: their names are the keys of the TOML file, and their doc comments are its descriptions.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{DecimalSign, Kind, ListPolicy, Overwrite, SendAs, Shape};

/// The word for a decision that a person has not made yet. Importing with it is an error.
pub const UNDECIDED: &str = "?";

/// Returns whether a person still has to decide a meaning: `?`, or a suggestion such as `? 百度`.
pub fn is_undecided(text: &str) -> bool {
    let text = text.trim();
    text == UNDECIDED || suggestion_of(text).is_some()
}

/// Returns what an undecided meaning suggests: 百度 of `? 百度`.
pub fn suggestion_of(text: &str) -> Option<&str> {
    let rest = text.trim().strip_prefix(UNDECIDED)?.strip_prefix(' ')?;
    Some(rest.trim()).filter(|rest| !rest.is_empty())
}

/// Writes an undecided meaning with a suggestion; the inverse of [`suggestion_of`].
pub fn suggested(text: &str) -> String {
    format!("{UNDECIDED} {text}")
}

/// The keys at the top of a mapping file.
pub const TOP_KEYS: &[&str] = &[
    "blank",
    "columns",
    "constants",
    "header_row",
    "ignore_unmapped",
    "merge_rows",
    "owner_ids",
    "owners",
    "sheet",
];

/// The keys of one column.
pub const COLUMN_KEYS: &[&str] = &[
    "blank",
    "choices",
    "decimal",
    "default",
    "doubt",
    "field",
    "format",
    "ignore",
    "key",
    "kind",
    "list",
    "lookup",
    "overwrite",
    "send",
    "shape",
    "split",
    "transform",
];

/// A mapping file of ferry: what each column of a sheet is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct MappingForm {
    /// The name of the sheet. Default: the only one whose header matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// The row of the header, from 1, or the two rows of a two-level header as "3-4". Default: found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub header_row: Option<HeaderRows>,
    /// Leave out columns that are neither named here nor match a field.
    #[serde(skip_serializing_if = "is_false")]
    pub ignore_unmapped: bool,
    /// Words that count as blank in every column, beside 无, -, /, 暂无 and N/A in phones, e-mails, dates, numbers and choices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<String>,
    /// Fields that hold the same value in every row; "{sheet}" stands for the sheet's name.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, String>,
    /// A file with the names and ids of owners, two columns, CSV or XLSX; relative to this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owners: Option<String>,
    /// The same written here: the name on the left, the id on the right; "" is nobody.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub owner_ids: BTreeMap<String, String>,
    /// Headers of the columns whose equal cells make adjacent rows one customer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub merge_rows: Vec<String>,
    /// By header as it stands in the sheet; "@C" is the column C, for columns without a header.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, ColumnForm>,
}

impl MappingForm {
    /// Returns the mapping without the words of choices and owners that a person still has to decide.
    #[must_use]
    pub fn without_undecided_words(&self) -> Self {
        let mut form = self.clone();
        for column in form.columns.values_mut() {
            column.choices.retain(|_, meaning| !is_undecided(meaning));
        }
        form.owner_ids.retain(|_, id| !is_undecided(id));
        form
    }
}

/// What one column is, and how its cells are read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields, default)]
pub struct ColumnForm {
    /// A label or key from `ferry fields`, or a place in a field: 手机2, 手机.备注, 地区.1; _id for the customer's id. Default: what the header matches.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Leave the column out.
    #[serde(skip_serializing_if = "is_false")]
    pub ignore: bool,
    /// The value for new customers where the cell is blank.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Single characters at which several values in a cell are split, beside the usual ones.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub split: Vec<String>,
    /// The sheet's words on the left, what they mean on the right; "" counts as blank.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub choices: BTreeMap<String, String>,
    /// How dates are written: as in Excel (yyyy年M月d日, dd/MM/yyyy) or as in strftime (%d/%m/%Y).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// The sign before the decimals of numbers that are written as text: "." or ",". Default: what the numbers of the column say.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decimal: Option<DecimalSign>,
    /// Changes made to each text, in this order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub transform: Vec<Transform>,
    /// A file of two columns, CSV or XLSX, relative to this file: the sheet's word, and what the CRM takes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lookup: Option<String>,
    /// When an update may change what is stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overwrite: Option<Overwrite>,
    /// What an update does with a stored list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub list: Option<ListPolicy>,
    /// Whether choices are sent by their text or by their key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub send: Option<SendAs>,
    /// Whether a value is sent bare or in an array.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// What the field holds, where the field list does not say it rightly.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<Kind>,
    /// Whether customers are recognised by this column.
    #[serde(skip_serializing_if = "is_false")]
    pub key: bool,
    /// Words that count as blank in this column, beside those for all.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blank: Vec<String>,
    /// What is still to be decided; delete it when it is. Importing with it is an error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubt: Option<String>,
}

/// A change made to a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Transform {
    /// Outer spaces off.
    Trim,
    /// Capital letters.
    Upper,
    /// Small letters.
    Lower,
    /// Nothing but digits.
    Digits,
    /// Full-width letters and digits in their plain form.
    Nfkc,
    /// One text in place of another, everywhere.
    Replace([String; 2]),
}

impl Transform {
    /// Changes a text.
    pub fn apply(&self, text: &str) -> String {
        use unicode_normalization::UnicodeNormalization;
        match self {
            Self::Trim => text.trim().to_owned(),
            Self::Upper => text.to_uppercase(),
            Self::Lower => text.to_lowercase(),
            Self::Digits => text.nfkc().filter(char::is_ascii_digit).collect(),
            Self::Nfkc => text.nfkc().collect(),
            Self::Replace([from, to]) if from.is_empty() => {
                // An empty text is found between any two letters, and nobody means that.
                let _ = to;
                text.to_owned()
            }
            Self::Replace([from, to]) => text.replace(from.as_str(), to),
        }
    }
}

/// The rows of a header, from 1: one, or two that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[cfg_attr(test, schemars(with = "HeaderRowsForm"))]
pub struct HeaderRows {
    /// The first row.
    pub first: u32,
    /// The last row; the same where the header has one.
    pub last: u32,
}

impl HeaderRows {
    /// Reads `3` or `3-4`.
    pub fn parse(text: &str) -> Option<Self> {
        let row = |text: &str| text.trim().parse::<u32>().ok().filter(|row| *row > 0);
        let (first, last) = match text.split_once('-') {
            Some((first, last)) => (row(first)?, row(last)?),
            None => (row(text)?, row(text)?),
        };
        (last == first || first.checked_add(1) == Some(last)).then_some(Self { first, last })
    }
}

impl std::fmt::Display for HeaderRows {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.first == self.last {
            write!(formatter, "{}", self.first)
        } else {
            write!(formatter, "{}-{}", self.first, self.last)
        }
    }
}

#[derive(Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(untagged)]
enum HeaderRowsForm {
    Row(u32),
    Rows(String),
}

impl Serialize for HeaderRows {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.first == self.last {
            serializer.serialize_u32(self.first)
        } else {
            serializer.collect_str(self)
        }
    }
}

impl<'de> Deserialize<'de> for HeaderRows {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = match HeaderRowsForm::deserialize(deserializer) {
            Ok(HeaderRowsForm::Row(row)) => row.to_string(),
            Ok(HeaderRowsForm::Rows(text)) => text,
            Err(_) => String::new(),
        };
        Self::parse(&text)
            .ok_or_else(|| serde::de::Error::custom("a row is written 3, two rows \"3-4\""))
    }
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "the signature that serde wants"
)]
fn is_false(switch: &bool) -> bool {
    !*switch
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schema() -> serde_json::Value {
        serde_json::to_value(schemars::schema_for!(MappingForm)).expect("a schema is JSON")
    }

    /// `FERRY_WRITE_SCHEMA=1 cargo test --lib the_published_schema` writes the file anew.
    #[test]
    fn the_published_schema_is_what_the_code_reads() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("templates/mapping/mapping.schema.json");
        let text = format!(
            "{}\n",
            serde_json::to_string_pretty(&schema()).expect("JSON")
        );
        if std::env::var_os("FERRY_WRITE_SCHEMA").is_some() {
            std::fs::write(&path, &text).expect("the folder is writable");
        }
        let committed = std::fs::read_to_string(&path).expect("the schema is committed");
        assert_eq!(committed.replace("\r\n", "\n"), text);
    }

    #[test]
    fn the_lists_of_keys_are_those_of_the_types() {
        let schema = schema();
        let keys = |properties: &serde_json::Value| -> Vec<String> {
            let mut keys: Vec<String> = properties
                .as_object()
                .expect("properties")
                .keys()
                .cloned()
                .collect();
            keys.sort();
            keys
        };
        assert_eq!(keys(&schema["properties"]), TOP_KEYS);
        assert_eq!(
            keys(&schema["$defs"]["ColumnForm"]["properties"]),
            COLUMN_KEYS
        );
    }

    #[test]
    fn transforms() {
        for (transform, text, changed) in [
            (Transform::Trim, " a ", "a"),
            (Transform::Upper, "ab1", "AB1"),
            (Transform::Lower, "AB1", "ab1"),
            (Transform::Digits, "电话 １３-8", "138"),
            (Transform::Nfkc, "ＡＢ１", "AB1"),
            (
                Transform::Replace(["公司".into(), String::new()]),
                "甲公司乙公司",
                "甲乙",
            ),
            (Transform::Replace([String::new(), "x".into()]), "ab", "ab"),
        ] {
            assert_eq!(transform.apply(text), changed, "{transform:?}");
        }
    }

    #[test]
    fn header_rows() {
        let rows = |text| HeaderRows::parse(text).map(|rows| (rows.first, rows.last));
        assert_eq!(rows("3"), Some((3, 3)));
        assert_eq!(rows(" 3 - 4 "), Some((3, 4)));
        for wrong in ["0", "", "4-3", "3-9", "a"] {
            assert_eq!(rows(wrong), None, "{wrong}");
        }
    }
}
