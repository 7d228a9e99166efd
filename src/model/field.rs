//! Fields of the CRM: what the field list says of each, and the kind ferry decides for it.

use std::fmt;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

/// The key under which a field is sent and stored: `customerName`, `text_6ts9_1687316347239`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct FieldKey(Arc<str>);

impl FieldKey {
    /// Takes any text.
    pub fn new(key: &str) -> Self {
        Self(Arc::from(key))
    }

    /// Returns the key as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for FieldKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Whether a field can be written: `status` in the field list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FieldStatus {
    /// `1`.
    #[default]
    Enabled,
    /// `0`.
    Disabled,
    /// `-1`.
    Deleted,
}

/// What a field holds. Decided in the order that contract.md, *Customer fields*, states.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// One line of text; also every type that is not known.
    Text,
    /// Text with line breaks.
    Textarea,
    /// A decimal number.
    Number,
    /// `yyyy-MM-dd`.
    Date,
    /// `yyyy-MM-dd HH:mm:ss`.
    Datetime,
    /// One phone number.
    Phone,
    /// One e-mail address.
    Email,
    /// A web address.
    Url,
    /// One of the choices.
    Choice,
    /// Several of the choices.
    MultiChoice,
    /// A path of choices, one a level.
    Cascade,
    /// The built-in list of phone numbers with memos.
    PhoneList,
    /// The built-in list of e-mail addresses with memos.
    EmailList,
    /// A built-in list of other values with memos (`qq`, `wechat`).
    TextList,
    /// `owner`: the id of an agent or of an open sea.
    Owner,
}

impl Kind {
    /// Returns whether any text is a value.
    pub fn is_text(self) -> bool {
        matches!(self, Self::Text | Self::Textarea | Self::TextList)
    }

    /// Returns the name in `ferry fields` and in mappings.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Textarea => "textarea",
            Self::Number => "number",
            Self::Date => "date",
            Self::Datetime => "datetime",
            Self::Phone => "phone",
            Self::Email => "email",
            Self::Url => "url",
            Self::Choice => "choice",
            Self::MultiChoice => "multi-choice",
            Self::Cascade => "cascade",
            Self::PhoneList => "phone-list",
            Self::EmailList => "email-list",
            Self::TextList => "text-list",
            Self::Owner => "owner",
        }
    }

    /// Returns whether the field holds a list of values with memos.
    pub fn is_value_list(self) -> bool {
        matches!(self, Self::PhoneList | Self::EmailList | Self::TextList)
    }
}

/// Whether a choice is sent by its text or by its key. Default: the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SendAs {
    /// `choices[].value`, the text.
    #[default]
    Value,
    /// `choices[].key`.
    Key,
}

/// Whether a value is sent bare or inside an array.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// A JSON string.
    #[default]
    Scalar,
    /// A JSON array of strings.
    Array,
}

/// What the values of a sheet are to a stored list, in an update. Default: they are merged into it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ListPolicy {
    /// Named positions are replaced, further values appended; nothing is removed.
    #[default]
    Merge,
    /// The sheet's values are the whole list.
    Replace,
}

/// When an update may change a stored value. Default: whenever the cell is filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Overwrite {
    /// Whenever the cell is filled.
    #[default]
    Always,
    /// Only where nothing is stored.
    IfBlank,
    /// Never: the field is written with new customers only.
    Never,
}

/// One entry of a list of choices.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Choice {
    /// Its key.
    pub key: String,
    /// Its text.
    pub value: String,
}

/// One entry of a cascade, with those below it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct CascadeOption {
    /// Its key.
    pub key: String,
    /// Its text.
    pub value: String,
    /// The next level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub children: Vec<CascadeOption>,
}

/// A field as the field list has it (`CustomerFieldVO`), before ferry decides anything.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldConfig {
    /// `param`, else `field`: the key to send.
    pub key: String,
    /// `name`: the label people see.
    pub label: String,
    /// `type`, as the server spells it.
    pub type_name: String,
    /// `status`.
    pub status: FieldStatus,
    /// `required`.
    pub required: bool,
    /// `isSystem`.
    pub system: bool,
    /// `searchable`; `None` when absent.
    pub searchable: Option<bool>,
    /// `choices`; empty when absent.
    pub choices: Vec<Choice>,
    /// `options.children`; empty when absent.
    pub cascade: Vec<CascadeOption>,
    /// `options.fillLevel`: how many levels must be filled; 0 when absent.
    pub fill_level: u32,
    /// `sort`; 0 when absent.
    pub sort: i64,
}

/// A field with its kind, shape and rules decided.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Field {
    /// The key to send.
    pub key: FieldKey,
    /// The label people see.
    pub label: String,
    /// The kind of its values.
    pub kind: Kind,
    /// The server's name of its type, for reports.
    pub type_name: String,
    /// Whether the field can be written at all.
    pub status: FieldStatus,
    /// Whether an add must have it.
    pub required: bool,
    /// Whether the field is one of the CRM's own.
    pub system: bool,
    /// Whether the server sets the field itself. Such a field is never sent.
    pub read_only: bool,
    /// Whether `search` may name the field; `None` when the field list does not say.
    pub searchable: Option<bool>,
    /// The choices, in the server's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub choices: Vec<Choice>,
    /// The cascade's first level.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cascade: Vec<CascadeOption>,
    /// How many levels of the cascade must be filled.
    #[serde(default)]
    pub fill_level: u32,
    /// Position among the fields.
    pub sort: i64,
    /// How choices are written.
    #[serde(default)]
    pub send: SendAs,
    /// Whether choices are written bare or in an array.
    #[serde(default)]
    pub shape: Shape,
    /// What an update does with a stored list.
    #[serde(default)]
    pub list: ListPolicy,
    /// When an update may change the stored value, where a mapping says so.
    #[serde(default)]
    pub overwrite: Option<Overwrite>,
}

impl Field {
    /// Returns when an update may change the stored value.
    pub fn overwrite(&self) -> Overwrite {
        self.overwrite.unwrap_or_default()
    }

    /// Returns every full path of the cascade, its levels joined by `/`.
    pub fn paths(&self) -> Vec<String> {
        self.paths_where(|_, option| option.children.is_empty())
    }

    /// Returns the paths that fill as many levels as must be filled, also those that end above others.
    pub fn whole_paths(&self) -> Vec<String> {
        self.paths_where(|level, option| level >= self.fill_level || option.children.is_empty())
    }

    fn paths_where(&self, is_wanted: impl Fn(u32, &CascadeOption) -> bool) -> Vec<String> {
        fn collect(
            (options, before, level): (&[CascadeOption], &str, u32),
            is_wanted: &dyn Fn(u32, &CascadeOption) -> bool,
            paths: &mut Vec<String>,
        ) {
            for option in options {
                let path = match before {
                    "" => option.value.clone(),
                    before => format!("{before}/{}", option.value),
                };
                if is_wanted(level, option) {
                    paths.push(path.clone());
                }
                collect((&option.children, &path, level + 1), is_wanted, paths);
            }
        }
        let mut paths = Vec::new();
        collect((&self.cascade, "", 1), &is_wanted, &mut paths);
        paths
    }
}
