//! The fields of an account: its field list, joined with the built-in system fields.
//!
//! The live list wins over the built-in catalogue (contract.md, *Customer fields*): a system field that
//! the list repeats keeps the list's label, choices and flags, and gets from the catalogue only what the
//! list cannot say, such as that `mobile` holds values with memos.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Field, FieldConfig, FieldKey, FieldStatus, Kind, ListPolicy, SendAs, Shape};

/// Settings of one field that win over everything that ferry would decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FieldOverride {
    /// The field's kind.
    pub kind: Option<Kind>,
    /// Whether choices are sent by text or by key.
    pub send: Option<SendAs>,
    /// Whether a value is sent bare or in an array.
    pub shape: Option<Shape>,
}

/// All fields of an account, in the order of the list.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Schema {
    /// The fields; keys are unique.
    pub fields: Vec<Field>,
}

/// The field by which people know a customer. Every customer has one.
pub const CUSTOMER_NAME: &str = "customerName";

/// The open seas that a customer is in: known to `search`, and no field of a customer (contract.md, *Customer fields*).
pub const OPEN_SEAS: &str = "openSeaIds";

/// The system fields of contract.md: key, label, kind, read-only.
const SYSTEM_FIELDS: &[(&str, &str, Kind, bool)] = &[
    ("customerName", "客户名称", Kind::Text, false),
    ("mobile", "手机", Kind::PhoneList, false),
    ("email", "邮箱", Kind::EmailList, false),
    ("qq", "QQ", Kind::TextList, false),
    ("wechat", "微信", Kind::TextList, false),
    ("customerSource", "客户来源", Kind::MultiChoice, false),
    ("owner", "负责人", Kind::Owner, false),
    ("assignTime", "归属时间", Kind::Datetime, false),
    ("createMethod", "创建方式", Kind::Text, false),
    ("visitorId", "访客ID", Kind::Text, false),
    ("accountId", "账户ID", Kind::Text, true),
    ("createTime", "创建时间", Kind::Datetime, true),
    ("createAgent", "创建人", Kind::Text, true),
    ("updateTime", "更新时间", Kind::Datetime, true),
    ("updateAgent", "更新人", Kind::Text, true),
    ("firstAssignTime", "首次归属时间", Kind::Datetime, true),
    ("firstOwner", "首次负责人", Kind::Text, true),
    ("openSeaIds", "公海", Kind::Text, true),
];

impl Schema {
    /// Joins the account's field list with the system fields and decides every field's kind.
    ///
    /// Sorted by `sort`, then in the order of the list; system fields that the list does not name come
    /// first, in the order of contract.md.
    pub fn new(configs: &[FieldConfig], overrides: &BTreeMap<String, FieldOverride>) -> Self {
        let mut fields: Vec<Field> = Vec::new();
        let listed = |key: &str| configs.iter().any(|config| config.key == key);
        for (key, label, kind, read_only) in SYSTEM_FIELDS
            .iter()
            .copied()
            .filter(|field| !listed(field.0))
        {
            let config = FieldConfig {
                key: key.to_owned(),
                label: label.to_owned(),
                required: key == "customerName",
                system: true,
                sort: i64::MIN,
                ..FieldConfig::default()
            };
            fields.push(decide_kind(
                &config,
                Some((kind, read_only)),
                overrides.get(key),
            ));
        }
        for config in configs
            .iter()
            .filter(|config| !config.key.is_empty() && config.key != "_id")
        {
            let known = SYSTEM_FIELDS.iter().find(|field| field.0 == config.key);
            let known = known.map(|&(_, _, kind, read_only)| (kind, read_only));
            if !fields.iter().any(|field| field.key.as_str() == config.key) {
                fields.push(decide_kind(config, known, overrides.get(&config.key)));
            }
        }
        fields.sort_by_key(|field| field.sort);
        Self { fields }
    }

    /// Returns the field of a key.
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key.as_str() == key)
    }

    /// Applies the settings of one field; a setting of `None` leaves its part as it is. A new kind brings its own
    /// shape.
    pub fn set(&mut self, key: &FieldKey, setting: &FieldOverride) {
        let Some(field) = self.fields.iter_mut().find(|field| field.key == *key) else {
            return;
        };
        if let Some(kind) = setting.kind
            && kind != field.kind
        {
            field.kind = kind;
            field.shape = shape_of(kind);
        }
        field.send = setting.send.unwrap_or(field.send);
        field.shape = setting.shape.unwrap_or(field.shape);
    }

    /// Returns the fields that can be written.
    pub fn writable(&self) -> impl Iterator<Item = &Field> {
        self.fields
            .iter()
            .filter(|field| field.status == FieldStatus::Enabled && !field.read_only)
    }

    /// Returns the fields whose type name is not known. They are sent as text.
    pub fn unknown_types(&self) -> impl Iterator<Item = &Field> {
        self.writable().filter(|field| {
            field.kind == Kind::Text
                && !field.type_name.is_empty()
                && kind_of_type(&field.type_name).is_none()
        })
    }
}

fn decide_kind(
    config: &FieldConfig,
    known: Option<(Kind, bool)>,
    setting: Option<&FieldOverride>,
) -> Field {
    let setting = setting.copied().unwrap_or_default();
    let known_kind = known.map(|(kind, _)| kind);
    let kind = setting.kind.or(known_kind).unwrap_or_else(|| {
        if !config.cascade.is_empty() {
            Kind::Cascade
        } else if !config.choices.is_empty() {
            if is_multiple(&config.type_name) {
                Kind::MultiChoice
            } else {
                Kind::Choice
            }
        } else {
            kind_of_type(&config.type_name).unwrap_or(Kind::Text)
        }
    });
    let shape = setting.shape.unwrap_or(shape_of(kind));
    Field {
        key: FieldKey::new(&config.key),
        label: if config.label.trim().is_empty() {
            config.key.clone()
        } else {
            config.label.trim().to_owned()
        },
        kind,
        type_name: config.type_name.clone(),
        status: config.status,
        // contract.md: customerName is required whatever the list says.
        required: config.required || config.key == "customerName",
        system: config.system || known.is_some(),
        read_only: known.is_some_and(|(_, read_only)| read_only),
        searchable: config.searchable,
        choices: config.choices.clone(),
        cascade: config.cascade.clone(),
        fill_level: config.fill_level,
        sort: config.sort,
        send: setting.send.unwrap_or_default(),
        shape,
        list: ListPolicy::default(),
        overwrite: None,
    }
}

/// Returns the default shape of a kind (contract.md).
fn shape_of(kind: Kind) -> Shape {
    match kind {
        Kind::MultiChoice | Kind::Cascade => Shape::Array,
        _ => Shape::Scalar,
    }
}

fn is_multiple(type_name: &str) -> bool {
    let name = type_name.to_lowercase();
    name.contains("multi") || name.contains("checkbox") || name.contains("多选")
}

/// Returns the kind that a type name alone says; `None` for names that are not known.
fn kind_of_type(type_name: &str) -> Option<Kind> {
    let name: String = type_name
        .to_lowercase()
        .chars()
        .filter(|letter| letter.is_alphanumeric())
        .collect();
    Some(match name.as_str() {
        "" | "text" | "string" | "input" | "singletext" | "单行文本" | "文本" => Kind::Text,
        "textarea" | "multitext" | "longtext" | "多行文本" => Kind::Textarea,
        "number" | "int" | "integer" | "decimal" | "float" | "double" | "money" | "currency"
        | "数字" | "金额" => Kind::Number,
        "date" | "日期" => Kind::Date,
        "datetime" | "timestamp" | "日期时间" | "时间" => Kind::Datetime,
        "phone" | "mobile" | "tel" | "telephone" | "电话" | "手机" => Kind::Phone,
        "email" | "mail" | "邮箱" => Kind::Email,
        "url" | "link" | "网址" | "链接" => Kind::Url,
        "select" | "radio" | "choice" | "单选" | "下拉" => Kind::Choice,
        "multiselect" | "checkbox" | "multichoice" | "多选" => Kind::MultiChoice,
        "cascade" | "cascader" | "级联" => Kind::Cascade,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(key: &str, type_name: &str) -> FieldConfig {
        FieldConfig {
            key: key.into(),
            label: key.to_uppercase(),
            type_name: type_name.into(),
            ..FieldConfig::default()
        }
    }

    #[test]
    fn the_kind_is_decided_in_the_stated_order() {
        let choice = vec![super::super::Choice {
            key: "1".into(),
            value: "甲".into(),
        }];
        let option = vec![super::super::CascadeOption {
            value: "浙江".into(),
            ..Default::default()
        }];
        let mut both = config("both", "text");
        both.choices.clone_from(&choice);
        both.cascade = option;
        let mut many = config("many", "checkboxGroup");
        many.choices = choice;
        let forced = config("forced", "number");
        let overrides = BTreeMap::from([(
            "forced".to_owned(),
            FieldOverride {
                kind: Some(Kind::Text),
                ..Default::default()
            },
        )]);
        let schema = Schema::new(&[both, many, forced, config("odd", "holo-3d")], &overrides);
        let kind = |key| schema.field(key).map(|field| (field.kind, field.shape));
        assert_eq!(kind("both"), Some((Kind::Cascade, Shape::Array)));
        assert_eq!(kind("many"), Some((Kind::MultiChoice, Shape::Array)));
        assert_eq!(kind("forced"), Some((Kind::Text, Shape::Scalar)));
        assert_eq!(kind("odd"), Some((Kind::Text, Shape::Scalar)));
        assert_eq!(
            schema
                .unknown_types()
                .map(|field| field.key.as_str())
                .collect::<Vec<_>>(),
            ["odd"]
        );
    }

    #[test]
    fn the_live_list_wins_over_the_catalogue() {
        let mut name = config("customerName", "text");
        name.label = "单位".into();
        let mobile = config("mobile", "text");
        let schema = Schema::new(&[name, mobile], &BTreeMap::new());
        assert_eq!(
            schema
                .field("customerName")
                .map(|field| (field.label.as_str(), field.required)),
            Some(("单位", true))
        );
        assert_eq!(
            schema.field("mobile").map(|field| field.kind),
            Some(Kind::PhoneList)
        );
        assert!(
            schema
                .field("createTime")
                .is_some_and(|field| field.read_only)
        );
        assert_eq!(
            schema
                .fields
                .iter()
                .filter(|field| field.key.as_str() == "mobile")
                .count(),
            1
        );
    }
}
