//! Rows as people fill them in, and what becomes of them.

use std::collections::BTreeMap;

use super::*;
use crate::model::{
    CascadeOption, CellKind, CellNotes, Choice, Code, Draft, FieldConfig, Origin, Part, RowNumber,
    Schema, Slot, Value,
};

fn schema() -> Schema {
    let config = |key: &str, label: &str, type_name: &str| FieldConfig {
        key: key.into(),
        label: label.into(),
        type_name: type_name.into(),
        ..FieldConfig::default()
    };
    let choices = |texts: &[&str]| -> Vec<Choice> {
        texts
            .iter()
            .enumerate()
            .map(|(key, text)| Choice {
                key: format!("k{key}"),
                value: (*text).into(),
            })
            .collect()
    };
    let option = |value: &str, children: Vec<CascadeOption>| CascadeOption {
        key: format!("c-{value}"),
        value: value.into(),
        children,
    };
    let mut source = config("customerSource", "客户来源", "select");
    source.choices = choices(&["百度", "官网", "转介绍"]);
    let mut level = config("level", "级别", "select");
    level.choices = choices(&["A类", "B类"]);
    let mut tags = config("tags", "标签", "multiSelect");
    tags.choices = choices(&["VIP、重点", "VIP", "老 客户", "A/B 测试"]);
    let mut area = config("area", "地区", "cascade");
    area.fill_level = 2;
    area.cascade = vec![
        option(
            "浙江",
            vec![
                option("杭州", vec![option("西湖", vec![])]),
                option("其他", vec![]),
            ],
        ),
        option("其他", vec![]),
    ];
    Schema::new(
        &[
            source,
            level,
            tags,
            area,
            config("sum", "金额", "number"),
            config("day", "签约日期", "date"),
            config("call", "回访时间", "datetime"),
            config("note", "备注", "textarea"),
        ],
        &BTreeMap::new(),
    )
}

fn check(intent: Intent, cells: &[(&str, Slot, &str)]) -> Checked {
    let schema = schema();
    let part = |(column, (key, slot, text)): (usize, &(&str, Slot, &str))| Part {
        field: schema
            .fields
            .iter()
            .position(|field| field.key.as_str() == *key)
            .expect("a known key"),
        slot: *slot,
        column: column as u32,
        text: (*text).to_owned(),
        kind: CellKind::Text,
        origin: Origin::Cell,
        rule: None,
    };
    let parts = cells.iter().enumerate().map(part).collect();
    let draft = Draft {
        number: RowNumber::new(2),
        id: None,
        prior: None,
        parts,
        problems: vec![],
        fingerprint: [0; 16],
        merged_into: None,
        merged: Vec::new(),
        notes: CellNotes::default(),
        is_unchanged: false,
    };
    Checker::new(&schema).check(&draft, intent)
}

fn one(key: &str, text: &str) -> Result<Value, (Code, String)> {
    let checked = check(Intent::Update, &[(key, Slot::Whole, text)]);
    match checked.problems.first() {
        Some(problem) => Err((problem.code, problem.fact("nearest").to_owned())),
        None => Ok(checked.record.get(key).cloned().expect("a value")),
    }
}

fn list(texts: &[&str]) -> Value {
    Value::List(texts.iter().map(|text| (*text).to_owned()).collect())
}

#[test]
fn choices_are_known_by_text_and_key() {
    assert_eq!(one("level", "A类"), Ok(Value::Text("A类".into())));
    assert_eq!(one("level", "ａ类"), Ok(Value::Text("A类".into())));
    assert_eq!(one("level", "k1"), Ok(Value::Text("B类".into())));
    assert_eq!(one("customerSource", "百度"), Ok(list(&["百度"])));
    assert_eq!(
        one("customerSource", "百度；官网"),
        Ok(list(&["百度", "官网"]))
    );
    assert_eq!(
        one("customerSource", "百度推广"),
        Err((Code::NotAChoice, "百度".into()))
    );
}

#[test]
fn several_choices_are_read_longest_first() {
    assert_eq!(one("tags", "VIP、重点"), Ok(list(&["VIP、重点"])));
    assert_eq!(
        one("tags", "VIP、重点、老 客户"),
        Ok(list(&["VIP、重点", "老 客户"]))
    );
    assert_eq!(one("tags", "VIP，老 客户"), Ok(list(&["VIP", "老 客户"])));
    assert_eq!(one("tags", "A/B 测试;VIP"), Ok(list(&["A/B 测试", "VIP"])));
    assert_eq!(one("tags", "VIP;VIP"), Ok(list(&["VIP"])));
    assert_eq!(
        one("tags", "VIP;贵宾").map_err(|(code, _)| code),
        Err(Code::NotAChoice)
    );
}

#[test]
fn cascades_are_paths() {
    assert_eq!(
        one("area", "浙江/杭州/西湖"),
        Ok(list(&["浙江", "杭州", "西湖"]))
    );
    assert_eq!(one("area", "浙江/杭州"), Ok(list(&["浙江", "杭州"])));
    assert_eq!(one("area", "浙江/其他"), Ok(list(&["浙江", "其他"])));
    assert_eq!(
        one("area", "其他"),
        Ok(list(&["其他"])),
        "a branch without a second level is whole"
    );
    assert_eq!(
        one("area", "浙江").map_err(|(code, _)| code),
        Err(Code::PathTooShort)
    );
    assert_eq!(
        one("area", "浙江/杭洲"),
        Err((Code::NotAPath, "杭州".into()))
    );
    let levels = check(
        Intent::Update,
        &[
            ("area", Slot::Level(1), "浙江"),
            ("area", Slot::Level(2), "杭州"),
        ],
    );
    assert_eq!(levels.record.get("area"), Some(&list(&["浙江", "杭州"])));
}

#[test]
fn damaged_cells_are_refused() {
    assert_eq!(
        one("qq", "6.86E+17").map_err(|(code, _)| code),
        Err(Code::ScientificText)
    );
    assert_eq!(one("note", "6.86E+17"), Ok(Value::Text("6.86E+17".into())));
    assert_eq!(
        one("day", "2024-11-14 09:30").map_err(|(code, _)| code),
        Err(Code::TimeInDate)
    );
    assert_eq!(
        one("day", "2024/11/14"),
        Ok(Value::Text("2024-11-14".into()))
    );
    assert_eq!(
        one("call", "2024/11/14"),
        Ok(Value::Text("2024-11-14 00:00:00".into()))
    );
}

#[test]
fn every_problem_of_a_row_is_collected_in_column_order() {
    let checked = check(
        Intent::Add,
        &[
            ("level", Slot::Whole, "Z"),
            ("sum", Slot::Whole, "很多"),
            ("mobile", Slot::Whole, "1"),
            ("day", Slot::Whole, "x"),
        ],
    );
    let codes: Vec<Code> = checked
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(
        codes,
        [
            Code::NotAChoice,
            Code::NotANumber,
            Code::NotAPhone,
            Code::NotADate,
            Code::MissingRequired
        ]
    );
}

#[test]
fn lists_take_columns_and_cells() {
    let entries =
        |cells: &[(&str, Slot, &str)], intent| match check(intent, cells).record.get("mobile") {
            Some(Value::Entries(entries)) => entries
                .iter()
                .map(|e| (e.value.clone(), e.memo.clone()))
                .collect(),
            _ => Vec::new(),
        };
    let pair = |value: &str, memo: Option<&str>| (value.to_owned(), memo.map(str::to_owned));
    let name = ("customerName", Slot::Whole, "张三");
    assert_eq!(
        entries(
            &[
                name,
                ("mobile", Slot::Whole, "13800138000/0571-88888888"),
                ("mobile", Slot::Memo(1), "本人")
            ],
            Intent::Add
        ),
        [
            pair("13800138000", Some("本人")),
            pair("0571-88888888", Some("本人"))
        ]
    );
    assert_eq!(
        entries(
            &[name, ("mobile", Slot::Value(2), "13900139000")],
            Intent::Add
        ),
        [pair("13900139000", None)]
    );
    assert_eq!(
        entries(&[("mobile", Slot::Value(2), "13900139000")], Intent::Update),
        [pair("", None), pair("13900139000", None)]
    );
    let orphan = check(Intent::Add, &[name, ("mobile", Slot::Memo(1), "本人")]);
    assert_eq!(orphan.problems[0].code, Code::MemoWithoutValue);
}

#[test]
fn clearing_is_for_updates() {
    assert_eq!(one("note", "#清空"), Ok(Value::ClearText));
    assert_eq!(one("mobile", "#CLEAR"), Ok(Value::ClearList));
    assert_eq!(
        one("customerName", "#CLEAR").map_err(|(code, _)| code),
        Err(Code::ClearRequired)
    );
    let added = check(
        Intent::Add,
        &[
            ("customerName", Slot::Whole, "张三"),
            ("note", Slot::Whole, "#CLEAR"),
        ],
    );
    assert_eq!((added.problems.len(), added.record.fields.len()), (0, 1));
    assert_eq!(
        check(Intent::Update, &[]).problems[0].code,
        Code::NothingToUpdate
    );
}

#[test]
fn sums_are_no_customers() {
    assert_eq!(
        check(Intent::Add, &[("customerName", Slot::Whole, "合计")]).problems[0].code,
        Code::TotalsRow
    );
}
