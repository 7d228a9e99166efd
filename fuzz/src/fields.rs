//! The fields of an account that targets match headers and mappings with.

use std::collections::BTreeMap;

use crm_ferry::model::{CascadeOption, Choice, FieldConfig, FieldStatus, Schema};

/// Returns the system fields and one field of each kind.
pub fn schema() -> Schema {
    schema_of(&[])
}

/// Returns the system fields, one field of each kind, and these fields, each by key, label and type.
pub fn schema_of(own: &[(&str, &str, &str)]) -> Schema {
    let config = |(key, label, type_name): (&str, &str, &str)| FieldConfig {
        key: key.to_owned(),
        label: label.to_owned(),
        type_name: type_name.to_owned(),
        ..FieldConfig::default()
    };
    let entry = |word: &str, children: Vec<CascadeOption>| CascadeOption {
        key: word.to_owned(),
        value: word.to_owned(),
        children,
    };
    let mut configs: Vec<FieldConfig> = [
        ("text_1", "详细地址", "text"),
        ("area_1", "备注信息", "textarea"),
        ("number_1", "金额", "number"),
        ("date_1", "签约日期", "date"),
        ("text_2", "电话2", "text"),
        ("choice_1", "客户级别", "select"),
        ("cascade_1", "所在地区", "cascade"),
        ("text_3", "同名", "text"),
        ("text_4", "同名", "text"),
        ("text_5", "传真", "text"),
        ("text_6", "旧字段", "text"),
    ]
    .map(config)
    .into();
    for field in &mut configs {
        match field.label.as_str() {
            "客户级别" => {
                field.choices = ["A类", "B类"]
                    .map(|word| Choice {
                        key: word[..1].to_owned(),
                        value: word.to_owned(),
                    })
                    .into();
            }
            "所在地区" => field.cascade = vec![entry("浙江", vec![entry("杭州", vec![])])],
            "传真" => field.status = FieldStatus::Disabled,
            "旧字段" => field.status = FieldStatus::Deleted,
            _ => {}
        }
    }
    configs.extend(own.iter().copied().map(config));
    Schema::new(&configs, &BTreeMap::new())
}
