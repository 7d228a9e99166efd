//! The table of cells, `fixtures/cells.toml`, over every format and encoding.
//!
//! The files are other programs' (`fixtures/cells.py` has them written; `writers.rs` has them written anew), the
//! expectations stand in the table, and what
//! is tested is the way from the file to the record: table, mapping, check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;

use crm_ferry::check::{Checked, Checker, Intent};
use crm_ferry::mapping::{self, Mapper};
use crm_ferry::model::{Choice, FieldConfig, Row, Schema, Value};
use crm_ferry::table::{ReadOptions, Workbook};

use super::calamine::first_rows;
use crate::support::fixture;

/// File, and the word by which `cellcases.py` knows what it can hold.
const FILES: &[(&str, &str)] = &[
    ("openpyxl.xlsx", "openpyxl"),
    ("libreoffice.xlsx", "libreoffice"),
    ("libreoffice.ods", "ods"),
    ("libreoffice.xls", "xls"),
    ("hand.xlsb", "xlsb"),
    ("pandas.xlsx", "pandas"),
    ("hand.xlsx", "hand"),
    ("utf8.csv", "csv"),
    ("utf8bom.csv", "csv"),
    ("utf16le.csv", "csv"),
    ("utf16be.csv", "csv"),
    ("utf16nobom.csv", "csv"),
    ("gb18030.csv", "csv"),
];

/// Key, type name and choices of the fields, in the order of the columns.
const FIELDS: &[(&str, &str, &str, &[&str])] = &[
    ("text", "编号", "text", &[]),
    ("textarea", "说明", "textarea", &[]),
    ("number", "数额", "number", &[]),
    ("date", "签约日", "date", &[]),
    ("datetime", "时刻", "datetime", &[]),
    ("choice", "级别", "select", &["A类", "B类", "3"]),
    ("tags", "标签", "checkbox", &["甲", "乙", "丙/丁"]),
    ("url", "网址", "url", &[]),
];

#[derive(Deserialize)]
struct Cases {
    case: Vec<Case>,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    field: String,
    text: Option<String>,
    number: Option<f64>,
    bool: Option<bool>,
    error: Option<String>,
    formula: Option<String>,
    format: Option<String>,
    xml: Option<String>,
    csv: Option<String>,
    stored: Option<String>,
    problem: Option<String>,
    csv_problem: Option<String>,
    #[serde(default)]
    blank: bool,
    #[serde(default)]
    not: Vec<String>,
    #[serde(default)]
    why: String,
}

impl Case {
    fn is_in(&self, file: &str) -> bool {
        if self.not.iter().any(|name| name == file) {
            assert!(!self.why.is_empty(), "{self:?} says no reason");
            return false;
        }
        let is_plain = self.text.is_some() || self.number.is_some() || self.bool.is_some();
        let has_value = is_plain || self.error.is_some();
        match file {
            "hand" => self.xml.is_some(),
            "csv" => self.csv.is_some() || (self.text.is_some() && self.formula.is_none()),
            "openpyxl" | "xlwt" => has_value && self.formula.is_none(),
            "xlsxwriter" => is_plain || (self.error.is_some() && self.formula.is_some()),
            "pandas" => is_plain && self.formula.is_none() && self.format.is_none(),
            _ => has_value,
        }
    }

    fn key(&self) -> &str {
        match self.field.as_str() {
            "phone" => "mobile",
            other => other,
        }
    }

    fn expected(&self, file: &str) -> String {
        if let ("csv", Some(problem)) = (file, &self.csv_problem) {
            return format!("problem {problem}");
        }
        match (&self.stored, &self.problem, self.blank) {
            (Some(stored), None, false) => format!("stored {stored}"),
            (None, Some(problem), false) => format!("problem {problem}"),
            (None, None, true) => "blank".to_owned(),
            _ => panic!("{self:?} has not one outcome"),
        }
    }

    fn outcome(&self, checked: &Checked) -> String {
        if !checked.problems.is_empty() {
            let codes: Vec<String> = checked
                .problems
                .iter()
                .map(|problem| problem.code.to_string())
                .collect();
            return format!("problem {}", codes.join("+"));
        }
        match checked.record.get(self.key()) {
            None => "blank".to_owned(),
            Some(Value::Text(text)) => format!("stored {text}"),
            Some(Value::List(texts)) => format!("stored {}", texts.join("|")),
            Some(Value::Entries(entries)) => {
                let values: Vec<&str> = entries.iter().map(|entry| entry.value.as_str()).collect();
                format!("stored {}", values.join("|"))
            }
            Some(other) => format!("{other:?}"),
        }
    }
}

fn cases() -> Vec<Case> {
    let text = std::fs::read_to_string(fixture("cells.toml")).unwrap();
    toml::from_str::<Cases>(&text).unwrap().case
}

fn schema() -> Schema {
    let configs: Vec<FieldConfig> = FIELDS
        .iter()
        .map(|(key, label, type_name, choices)| FieldConfig {
            key: (*key).to_owned(),
            label: (*label).to_owned(),
            type_name: (*type_name).to_owned(),
            choices: choices
                .iter()
                .map(|choice| Choice {
                    value: (*choice).to_owned(),
                    ..Choice::default()
                })
                .collect(),
            ..FieldConfig::default()
        })
        .collect();
    Schema::new(&configs, &BTreeMap::new())
}

fn rows_of(path: &Path) -> Vec<Row> {
    let workbook = Workbook::open(path, &ReadOptions::default()).unwrap();
    let mut reader = workbook.rows(0, 0).unwrap();
    let mut rows = Vec::new();
    while let Some(row) = reader.read_row().unwrap() {
        rows.push(row);
    }
    rows
}

/// The cases that a file holds, each with what becomes of its row.
fn outcomes<'a>(
    cases: &'a [Case],
    schema: &Schema,
    (name, file): (&str, &str),
    rows: &[Row],
) -> Vec<(&'a Case, String)> {
    let held: Vec<&Case> = cases.iter().filter(|case| case.is_in(file)).collect();
    assert!(!held.is_empty(), "{name} holds nothing");
    assert_eq!(rows.len(), held.len() + 1, "rows of {name}");
    let options = mapping::HeaderOptions {
        certain: &[],
        is_export: false,
        ignore_unmapped: false,
        mapping: None,
        sheet: "",
    };
    let columns = mapping::resolve(&rows[0], schema, options)
        .expect("a good header")
        .columns;
    let mapper = Mapper::new(&columns, schema);
    let checker = Checker::new(schema);
    held.into_iter()
        .zip(&rows[1..])
        .map(|(case, row)| {
            let answer = checker.check(&mapper.draft(row), Intent::Add);
            (case, case.outcome(&answer))
        })
        .collect()
}

/// Fails where a cell of these files neither arrives as it is seen nor is refused as the table says. A file is its
/// name in the folder, and the word by which `cellcases.py` knows what it can hold. Returns how many cells it compared.
pub fn arrive_as_seen_or_are_refused<'a>(
    folder: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> usize {
    let (cases, schema) = (cases(), schema());
    assert!(cases.len() >= 120, "{} cases", cases.len());
    let (mut compared, mut wrong) = (0, Vec::new());
    for (name, file) in files {
        let rows = rows_of(&folder.join(name));
        for (case, outcome) in outcomes(&cases, &schema, (name, file), &rows) {
            compared += 1;
            if outcome != case.expected(file) {
                wrong.push(format!("{name}: {outcome:?} of {case:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
    compared
}

#[test]
fn every_cell_arrives_as_it_is_seen_or_is_refused() {
    arrive_as_seen_or_are_refused(&fixture("cells"), FILES.iter().copied());
}

/// Why XLS, XLSB and ODS are not read through calamine. docs/design/spreadsheets.md gives the numbers that this
/// prints with `--nocapture`; another version of calamine may make them untrue.
#[test]
fn calamine_stores_many_cases_otherwise() {
    let (cases, schema) = (cases(), schema());
    let (mut held, mut differing) = (BTreeSet::new(), BTreeMap::new());
    let binary = FILES
        .iter()
        .filter(|(_, file)| ["ods", "xls", "xlsb"].contains(file));
    for (name, file) in binary {
        let rows = first_rows(&fixture("cells").join(name));
        for (case, outcome) in outcomes(&cases, &schema, (name, file), &rows) {
            held.insert(format!("{case:?}"));
            if outcome != case.expected(file) {
                let said = format!("{file}: {outcome}");
                differing
                    .entry(format!("{case:?}"))
                    .or_insert_with(Vec::new)
                    .push(said);
            }
        }
    }
    for (case, said) in &differing {
        println!("{} for {case}", said.join(", "));
    }
    println!(
        "{} of {} cases are stored otherwise",
        differing.len(),
        held.len()
    );
    assert_eq!(differing.len(), 53);
}

#[test]
fn every_format_holds_most_of_the_cases() {
    let cases = cases();
    for (name, file) in FILES
        .iter()
        .filter(|(_, file)| !matches!(*file, "hand" | "pandas"))
    {
        let held = cases.iter().filter(|case| case.is_in(file)).count();
        assert!(held >= 120, "{name} holds only {held}");
    }
}
