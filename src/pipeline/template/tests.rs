//! Tests of whole templates: every drop-down is complete, and the check accepts each of its entries as it stands.

use std::collections::BTreeMap;

use super::workbook::form;
use crate::check::{Checker, Intent};
use crate::lang::{Lang, say};
use crate::mapping::{HeaderOptions, Mapper, resolve};
use crate::model::{CascadeOption, Choice, FieldConfig, Row, Schema, Value, column_letters};
use crate::pipeline::template::layout;
use crate::pipeline::template::lists::{HiddenLists, ListCell};
use crate::table::{Allowed, EntryRule};

/// Choices with the blanks, signs and look-alikes that accounts have, and worse.
const AWKWARD: [&str; 20] = [
    "A B",
    "渠道（代理）",
    "[内部] 测试",
    "售前/售后",
    "a,b",
    "甲、乙",
    "一；二",
    "说“好”",
    "say \"hi\"",
    "'单引号",
    "=1+1",
    "+86",
    "-",
    "无",
    "2024",
    "1-2",
    "TRUE",
    "100%",
    "5*",
    "为何?~",
];

fn config(key: &str, label: &str, type_name: &str) -> FieldConfig {
    FieldConfig {
        key: key.into(),
        label: label.into(),
        type_name: type_name.into(),
        ..FieldConfig::default()
    }
}

fn choices(texts: impl Iterator<Item = String>) -> Vec<Choice> {
    texts
        .enumerate()
        .map(|(number, value)| Choice {
            key: format!("k{number}"),
            value,
        })
        .collect()
}

fn option(value: &str, children: Vec<CascadeOption>) -> CascadeOption {
    CascadeOption {
        key: String::new(),
        value: value.into(),
        children,
    }
}

fn schema() -> Schema {
    let awkward = || choices(AWKWARD.iter().map(|text| (*text).to_owned()));
    let mut one = config("one", "单选", "select");
    one.choices = awkward();
    let mut several = config("several", "多选", "multiSelect");
    several.choices = awkward();
    let mut many = config("many", "很多", "select");
    many.choices = choices((0..1200).map(|number| format!("选项 {number}（{number}）")));
    let mut short = config("short", "级别", "select");
    short.choices = choices(["A类", "B类"].map(str::to_owned).into_iter());
    let mut area = config("area", "地区", "cascade");
    area.fill_level = 2;
    let below = |last: &str| {
        let mut children: Vec<CascadeOption> = AWKWARD
            .iter()
            .map(|text| option(text, vec![option("其他", vec![]), option(last, vec![])]))
            .collect();
        children.push(option("其他", vec![option(&format!("其他{last}"), vec![])]));
        children
    };
    area.cascade = vec![
        option("浙江", below("一")),
        option("江苏", below("二")),
        option("其他", vec![]),
        option("5*", below("三")),
    ];
    Schema::new(&[one, several, many, short, area], &BTreeMap::new())
}

/// Returns what the drop-down of a rule offers when these levels have been chosen.
fn offered(lists: &HiddenLists, rule: &EntryRule, chosen: &[&str]) -> Vec<String> {
    let formula = match &rule.allowed {
        Allowed::Words(words) => return words.clone(),
        Allowed::WordsOf(formula) => formula,
        other => panic!("{other:?} is no drop-down"),
    };
    let column = |letters: &str| {
        let of = |position: &usize| column_letters(u32::try_from(*position).unwrap()) == letters;
        (0..lists.columns.len()).find(of).expect("a column")
    };
    let word = |cell: &ListCell| match cell {
        ListCell::Word(word) => word.clone(),
        ListCell::Count(count) => count.to_string(),
    };
    // Of `_lists!$F$2:$F$7`: the letters, and the last row.
    let range = |text: &str| {
        let text = text.strip_prefix("_lists!$").expect("of the hidden sheet");
        let (letters, rest) = text.split_once("$2:$").expect("from row 2");
        let last = rest.split_once('$').expect("a last row").1;
        let last: usize = last.parse().expect("a number");
        let cells = &lists.columns[column(letters)].cells;
        cells[..last - 1].iter().map(word).collect::<Vec<String>>()
    };
    let Some(rest) = formula.strip_prefix("OFFSET(_lists!$") else {
        return range(formula);
    };
    let (entries, rest) = rest.split_once("$1,SUMPRODUCT(EXACT(").expect("row 1");
    let (paths, rest) = rest.split_once(',').expect("the paths");
    let separator = rest.chars().nth(1).expect("a separator");
    let [starts_of, counts_of]: [&str; 2] = rest
        .split(")*")
        .skip(1)
        .map(|part| part.split(')').next().expect("an end"))
        .collect::<Vec<_>>()
        .try_into()
        .expect("starts and counts");
    let path = chosen.iter().fold(String::new(), |path, level| {
        path + &separator.to_string() + level
    });
    let paths = range(paths);
    let Some(parent) = paths.iter().position(|known| *known == path) else {
        return Vec::new();
    };
    let number = |text: &str| range(text)[parent].parse::<usize>().expect("a number");
    let cells = &lists.columns[column(entries)].cells;
    // Row 2 is the first cell of the column.
    let first = number(starts_of) - 1;
    cells[first..first + number(counts_of)]
        .iter()
        .map(word)
        .collect()
}

struct Filled {
    headers: Vec<String>,
    checker: Checker,
    mapper: Mapper,
}

impl Filled {
    fn new(schema: &Schema, headers: Vec<String>) -> Self {
        let cells: Vec<&str> = headers.iter().map(String::as_str).collect();
        let columns = resolve(&row(1, &cells), schema, HeaderOptions::default())
            .expect("the template's own headers")
            .columns;
        Self {
            mapper: Mapper::new(&columns, schema),
            checker: Checker::new(schema),
            headers,
        }
    }

    /// Returns the value that is sent for a field when these cells are filled in.
    fn sent(&self, key: &str, cells: &[(&str, &str)]) -> Value {
        let of = |header: &String| {
            let named = cells.iter().find(|(name, _)| *name == header);
            match named {
                Some((_, text)) => *text,
                None if header == "客户名称 *" => "甲公司",
                None => "",
            }
        };
        let texts: Vec<&str> = self.headers.iter().map(of).collect();
        let draft = self.mapper.draft(&row(2, &texts));
        let checked = self.checker.check(&draft, Intent::Add);
        assert_eq!(checked.problems, [], "{cells:?}");
        let values = checked.record.fields.iter();
        let (_, value) = values
            .into_iter()
            .find(|(known, _)| known.as_str() == key)
            .unwrap_or_else(|| panic!("{cells:?}: nothing is sent"));
        value.clone()
    }
}

fn row(number: u32, texts: &[&str]) -> Row {
    Row::of_texts(number, texts.iter().copied())
}

fn text(value: &str) -> Value {
    Value::Text(value.to_owned())
}

fn list(values: &[&str]) -> Value {
    Value::List(values.iter().map(|value| (*value).to_owned()).collect())
}

#[test]
fn every_entry_of_every_drop_down_is_taken_as_it_stands() {
    let schema = schema();
    let (columns, _) = layout::columns(&schema);
    let (form, lists) = form(&columns, Lang::Zh);
    let headers: Vec<String> = form.iter().map(|column| column.header.clone()).collect();
    let filled = Filled::new(&schema, headers);
    let rule = |header: &str| {
        let column = form.iter().find(|column| column.header == header);
        column
            .and_then(|column| column.entry.as_ref())
            .expect(header)
    };
    for (header, key, is_list) in [
        ("单选", "one", false),
        ("多选", "several", true),
        ("很多", "many", false),
        ("级别", "short", false),
    ] {
        let offers = offered(&lists, rule(header), &[]);
        let field = schema.field(key).expect(key);
        let all: Vec<&str> = field
            .choices
            .iter()
            .map(|choice| choice.value.as_str())
            .collect();
        assert_eq!(offers, all, "{header} is complete");
        assert_eq!(rule(header).only_warns, is_list);
        for word in offers {
            let expected = if is_list { list(&[&word]) } else { text(&word) };
            assert_eq!(filled.sent(key, &[(header, &word)]), expected);
        }
    }
    assert!(matches!(rule("级别").allowed, Allowed::Words(_)));
    let area = schema.field("area").expect("area");
    let tops = offered(&lists, rule("地区.1"), &[]);
    assert_eq!(tops, ["浙江", "江苏", "其他", "5*"]);
    let mut leaves = 0;
    for top in &area.cascade {
        let middles = offered(&lists, rule("地区.2"), &[&top.value]);
        let children = |option: &CascadeOption| -> Vec<String> {
            let children = option.children.iter();
            children.map(|child| child.value.clone()).collect()
        };
        assert_eq!(middles, children(top), "{}", top.value);
        if top.children.is_empty() {
            assert_eq!(
                filled.sent("area", &[("地区.1", &top.value)]),
                list(&[&top.value])
            );
        }
        for middle in &top.children {
            let leaves_below = offered(&lists, rule("地区.3"), &[&top.value, &middle.value]);
            assert_eq!(
                leaves_below,
                children(middle),
                "{} {}",
                top.value,
                middle.value
            );
            for last in &leaves_below {
                leaves += 1;
                let cells = [
                    ("地区.1", top.value.as_str()),
                    ("地区.2", &middle.value),
                    ("地区.3", last),
                ];
                let sent = filled.sent("area", &cells);
                assert_eq!(sent, list(&[&top.value, &middle.value, last]));
            }
        }
    }
    // Three top entries have leaves: two below each awkward entry, and one below 其他.
    assert_eq!(leaves, 3 * (2 * AWKWARD.len() + 1));
    assert!(offered(&lists, rule("地区.2"), &["没有"]).is_empty());
    assert!(offered(&lists, rule("地区.3"), &["其他", "其他"]).is_empty());
}

#[test]
fn every_example_is_taken() {
    let mut configs = vec![
        config("sum", "金额", "number"),
        config("day", "日期", "date"),
        config("time", "时间", "datetime"),
        config("phone", "座机", "phone"),
        config("email1", "财务邮箱", "email"),
        config("url", "官网", "url"),
        config("note", "备注", "textarea"),
    ];
    let mut source = config("customerSource", "客户来源", "multiSelect");
    source.choices = choices(["百度", "官网、直接"].map(str::to_owned).into_iter());
    let mut area = config("area", "地区", "cascade");
    area.fill_level = 2;
    area.cascade = vec![
        option("其他", vec![]),
        option("浙江", vec![option("杭州", vec![])]),
    ];
    configs.extend([source, area]);
    let schema = Schema::new(&configs, &BTreeMap::new());
    let (columns, _) = layout::columns(&schema);
    let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
    let filled = Filled::new(&schema, headers);
    for lang in [Lang::En, Lang::Zh] {
        let examples: Vec<(&str, String)> = columns
            .iter()
            .map(|column| {
                let example = say::template::example(lang, column.field, column.slot);
                (column.header.as_str(), example)
            })
            .filter(|(_, example)| !example.is_empty())
            .collect();
        assert!(examples.len() > 15, "{examples:?}");
        let cells: Vec<(&str, &str)> = examples
            .iter()
            .map(|(header, example)| (*header, example.as_str()))
            .collect();
        assert_eq!(filled.sent("area", &cells), list(&["浙江", "杭州"]));
        assert_eq!(
            filled.sent("customerSource", &cells),
            list(&["百度", "官网、直接"])
        );
    }
}
