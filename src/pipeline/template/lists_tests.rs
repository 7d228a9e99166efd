//! Tests of the cells and formulas of the drop-downs: each path finds its own children.

use super::*;
use crate::model::{FieldConfig, Schema};

fn option(value: &str, children: Vec<CascadeOption>) -> CascadeOption {
    CascadeOption {
        key: format!("k-{value}"),
        value: value.into(),
        children,
    }
}

fn area(cascade: Vec<CascadeOption>) -> Field {
    let config = FieldConfig {
        key: "area".into(),
        label: "地区".into(),
        cascade,
        ..FieldConfig::default()
    };
    let schema = Schema::new(&[config], &std::collections::BTreeMap::new());
    schema.field("area").expect("it is there").clone()
}

fn texts(column: &ListColumn) -> Vec<String> {
    let cells = column.cells.iter().map(|cell| match cell {
        ListCell::Word(word) => word.clone(),
        ListCell::Count(count) => count.to_string(),
    });
    cells.collect()
}

fn cells(count: usize) -> Vec<String> {
    ["H", "I", "J", "AA", "AB", "AC"][..count]
        .iter()
        .map(|letters| (*letters).to_owned())
        .collect()
}

#[test]
fn the_same_word_under_two_parents_has_its_own_children() {
    let field = area(vec![
        option(
            "浙江",
            vec![
                option("杭州", vec![option("西湖", vec![])]),
                option("其他", vec![option("山区", vec![])]),
            ],
        ),
        option("江苏", vec![option("其他", vec![option("沿海", vec![])])]),
    ]);
    let mut lists = HiddenLists::new();
    assert_eq!(
        lists.add_words("tags", vec!["甲".into(), "乙".into()]),
        "_lists!$B$2:$B$3"
    );
    let formulas = lists.add_cascade(&field, &cells(3));
    let [kind, tags, paths, starts, counts, entries] = lists.columns.as_slice() else {
        panic!("{} columns", lists.columns.len());
    };
    assert_eq!(texts(kind), ["template"]);
    assert_eq!(texts(tags), ["甲", "乙"]);
    let paths_texts = texts(paths);
    assert_eq!(
        paths_texts,
        ["/浙江", "/江苏", "/浙江/杭州", "/浙江/其他", "/江苏/其他"]
    );
    assert_eq!(
        texts(entries),
        [
            "浙江", "江苏", "杭州", "其他", "其他", "西湖", "山区", "沿海"
        ]
    );
    // Rows 2 and 3 are the roots, so the children of 浙江 begin three rows below row 1.
    assert_eq!(texts(starts), ["3", "5", "6", "7", "8"]);
    assert_eq!(texts(counts), ["2", "1", "1", "1", "1"]);
    assert_eq!(entries.title, "", "what leads nowhere ends in row 1");
    assert_eq!(formulas[0].as_deref(), Some("_lists!$F$2:$F$3"));
    assert_eq!(
        formulas[2].as_deref(),
        Some(
            "OFFSET(_lists!$F$1,\
             SUMPRODUCT(EXACT(_lists!$C$2:$C$6,\"/\"&$H2&\"/\"&$I2)*_lists!$D$2:$D$6),0,\
             MAX(1,SUMPRODUCT(EXACT(_lists!$C$2:$C$6,\"/\"&$H2&\"/\"&$I2)*_lists!$E$2:$E$6)))"
        )
    );
}

#[test]
fn paths_that_would_look_alike_are_kept_apart() {
    let field = area(vec![
        option("甲", vec![option("乙/丙", vec![option("一", vec![])])]),
        option("甲/乙", vec![option("丙", vec![option("二", vec![])])]),
    ]);
    let mut lists = HiddenLists::new();
    let formulas = lists.add_cascade(&field, &cells(3));
    assert_eq!(
        texts(&lists.columns[1]),
        ["|甲", "|甲/乙", "|甲|乙/丙", "|甲/乙|丙"]
    );
    assert!(formulas[1].as_ref().expect("it fits").contains("\"|\"&$H2"));
}

#[test]
fn formulas_stay_within_what_excel_takes() {
    let mut chain = Vec::new();
    for level in (1..=5).rev() {
        chain = vec![option(&format!("第{level}级"), chain)];
    }
    let field = area(chain);
    let mut lists = HiddenLists::new();
    // The sheet is as full as that of an account with hundreds of fields.
    for _ in 0..700 {
        lists.add_words("x", vec!["x".into()]);
    }
    for formula in lists.add_cascade(&field, &cells(5)) {
        assert!(formula.expect("five levels fit").encode_utf16().count() <= 255);
    }
}

#[test]
fn only_plain_short_lists_stand_in_the_rule() {
    let words =
        |texts: &[&str]| -> Vec<String> { texts.iter().map(|text| (*text).to_owned()).collect() };
    assert!(fit_inline(&words(&[
        "A类",
        "渠道（代理）",
        "售前/售后",
        "Key Account"
    ])));
    for odd in [
        "a,b", "a，b;", "=1+1", "+86", "-", "2024", "1-2", "\"甲\"", "'甲", "TRUE", "[内部]", "5*",
    ] {
        assert!(!fit_inline(&words(&["甲", odd])), "{odd}");
    }
    // 128 letters and 127 commas are 255 units.
    let letters = vec!["甲".to_owned(); 128];
    assert!(fit_inline(&letters));
    assert!(!fit_inline(&vec!["甲".to_owned(); 129]));
    assert!(!fit_inline(&[]));
}

#[test]
fn what_an_import_cannot_tell_apart_is_offered_once() {
    let texts = [" 甲 ", "", "VIP", "vip", "ＶＩＰ", "甲"];
    assert_eq!(distinct(texts.into_iter()), ["甲", "VIP"]);
}
