//! Tests of the headers of templates.

use std::collections::BTreeMap;

use super::*;
use crate::model::{CascadeOption, FieldConfig};

fn config(key: &str, label: &str, type_name: &str, sort: i64) -> FieldConfig {
    FieldConfig {
        key: key.into(),
        label: label.into(),
        type_name: type_name.into(),
        sort,
        ..FieldConfig::default()
    }
}

fn headers(configs: &[FieldConfig]) -> (Vec<String>, Vec<String>) {
    let schema = Schema::new(configs, &BTreeMap::new());
    let (columns, nameless) = columns(&schema);
    let headers = columns.iter().map(|column| column.header.clone());
    (
        headers.collect(),
        nameless.into_iter().map(str::to_owned).collect(),
    )
}

/// The headers of system fields that the account's field list does not name, in the template's order.
const SYSTEM: [&str; 11] = [
    "手机",
    "手机.备注",
    "手机2",
    "邮箱",
    "QQ",
    "微信",
    "客户来源",
    "负责人",
    "归属时间",
    "创建方式",
    "访客ID",
];

#[test]
fn required_fields_come_first_and_the_rest_in_their_order() {
    let mut area = config("area", "地区", "cascade", 9);
    area.required = true;
    area.fill_level = 2;
    let leaf = |value: &str, children| CascadeOption {
        value: value.into(),
        children,
        ..CascadeOption::default()
    };
    area.cascade = vec![leaf("浙江", vec![leaf("杭州", vec![leaf("西湖", vec![])])])];
    let mut gone = config("old", "传真", "text", 3);
    gone.status = FieldStatus::Deleted;
    let mut off = config("off", "旧编号", "text", 4);
    off.status = FieldStatus::Disabled;
    let made = config("createTime", "创建时间", "datetime", 5);
    let (headers, nameless) = headers(&[
        config("b", "乙", "text", 8),
        area,
        gone,
        off,
        made,
        config("a", "甲", "text", 7),
    ]);
    let first = ["客户名称 *", "地区.1 *", "地区.2 *", "地区.3"];
    let all: Vec<&str> = [&first[..], &SYSTEM, &["甲", "乙"]].concat();
    assert_eq!(headers, all);
    assert!(nameless.is_empty());
}

#[test]
fn a_label_that_would_be_read_as_something_else_gives_way_to_the_key() {
    let (headers, nameless) = headers(&[
        config("one", "同名", "text", 1),
        config("two", "同名", "text", 2),
        // Its label is the header of the second phone.
        config("three", "手机2", "text", 3),
        config("four", "_备注", "text", 4),
        // Its label is the key of another field.
        config("five", "one", "text", 5),
        // Neither its key nor its label is read as a field.
        config("_six", "_六", "text", 6),
    ]);
    let mut expected: Vec<&str> = vec!["客户名称 *"];
    expected.extend(SYSTEM.map(|header| {
        if header == "手机2" {
            "mobile2"
        } else {
            header
        }
    }));
    expected.extend(["one", "two", "手机2", "four", "five"]);
    assert_eq!(headers, expected);
    assert_eq!(nameless, ["_六"]);
}
