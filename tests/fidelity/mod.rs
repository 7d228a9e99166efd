//! What the sheet shows is what the CRM stores, and the result sheet answers every row.

mod calamine;
mod cells;
mod oracle;
mod way_back;
mod writers;

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::support::{Scene, Table, fixture, people, sample};

/// Imports a table over most kinds of fields and compares store and result sheet with it.
fn stores_exactly_what_the_sheet_shows(source: &str, result: &str) {
    let scene = Scene::new();
    let (table, expected) = people(300);
    scene.save(source, &table);
    let run = scene
        .ferry(&format!("import {source} -o {result} --json"))
        .exits(0);

    let customers = scene.crm.customers();
    assert_eq!(customers.len(), 300);
    let by_name: BTreeMap<&str, &Map<String, Value>> = customers
        .iter()
        .map(|customer| (customer["customerName"].as_str().unwrap(), customer))
        .collect();
    for record in &expected {
        let name = record["customerName"].as_str().unwrap();
        let customer = by_name[name];
        let differing: Vec<_> = record
            .iter()
            .filter(|(key, value)| customer.get(*key) != Some(value))
            .map(|(key, value)| (key, value, customer.get(key)))
            .collect();
        assert!(differing.is_empty(), "{name}: {differing:?}");
    }
    // Nothing beside what was sent and what the server sets.
    assert!(scene.stored().iter().all(|customer| customer.len() == 12));

    let sheet = run.sheet();
    assert_eq!(sheet.column("客户名称"), table.column("客户名称"));
    assert_eq!(sheet.column("客户编号"), table.column("客户编号"));
    assert_eq!(sheet.column("备注"), table.column("备注"));
    assert_eq!(sheet.count("ok"), 300);
    let rows: Vec<String> = (2..=301).map(|row: usize| row.to_string()).collect();
    assert_eq!(sheet.column("_row"), rows);
    scene.agrees_with(&sheet);
}

#[test]
fn csv_rows_are_stored_as_shown() {
    stores_exactly_what_the_sheet_shows("people.csv", "answers.csv");
}

#[test]
fn xlsx_rows_are_stored_as_shown() {
    stores_exactly_what_the_sheet_shows("people.xlsx", "answers.xlsx");
}

fn sample_as_stored(name: &str) -> Vec<Map<String, Value>> {
    let scene = Scene::new();
    let path = sample(name);
    let file = scene.write(name, std::fs::read(path).unwrap());
    assert!(file.exists());
    scene.ferry(&format!("import {name}")).exits(4);
    scene.stored()
}

#[test]
fn the_sample_is_stored_alike_from_csv_and_xlsx() {
    let csv = sample_as_stored("customers.csv");
    assert_eq!(csv.len(), 36);
    assert_eq!(csv, sample_as_stored("customers.xlsx"));
}

#[test]
fn a_result_workbook_has_its_sheets_and_keeps_texts_as_text() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "客户编号", "客户级别", "备注"],
        &[
            &["甲", "000123", "A类", "=SUM(A1:A9)"],
            &["乙", "330106199001011234", "E类", "'quoted"],
        ],
    );
    scene.save("notes.csv", &table);
    let result = scene
        .ferry("import notes.csv -o answers.xlsx --json")
        .exits(4)
        .result();
    let sheet = Table::read(&result);
    assert_eq!(sheet.column("备注"), ["=SUM(A1:A9)", "'quoted"]);
    assert_eq!(sheet.column("客户编号"), ["000123", "330106199001011234"]);
    let problems = Table::read_sheet(&result, 1);
    assert_eq!(problems.column("customer"), ["乙"]);
    assert_eq!(problems.column("source row"), ["3"]);
    // The third column of the source stands behind four of ferry's.
    assert_eq!(problems.column("cell"), ["G3"]);
    assert_eq!(problems.column("column"), ["客户级别"]);
    assert_eq!(problems.column("value"), ["E类"]);
    assert_eq!(problems.column("code"), ["E402"]);
}

/// Other programs' files hold the same small table, with two columns that are no fields of the sandbox.
#[test]
fn files_of_other_programs_are_stored_alike() {
    let mut stores = Vec::new();
    for name in [
        "utf8.csv",
        "utf8bom.csv",
        "gb18030.csv",
        "utf16le.csv",
        "utf16be.csv",
        "openpyxl.xlsx",
        "libreoffice.xlsx",
        "date1904.xlsx",
    ] {
        let scene = Scene::new();
        std::fs::copy(fixture(name), scene.path(name)).unwrap();
        let run = scene.ferry(&format!("import {name} --ignore-unmapped --json"));
        stores.push((name, run.exits(0).sheet().rows.len(), scene.stored()));
    }
    let (_, _, first) = stores[0].clone();
    assert_eq!(first.len(), 2);
    for (name, answered, stored) in stores {
        assert_eq!((answered, &stored), (2, &first), "{name}");
    }
}

/// A header of two rows, group titles above; and a name merged down over two rows of data, of which only the
/// first has it.
#[test]
fn two_header_rows_and_merged_names_in_every_format() {
    for extension in ["xlsx", "xlsb", "xls", "ods"] {
        let scene = Scene::new();
        let name = format!("merged.{extension}");
        std::fs::copy(fixture("cells").join(&name), scene.path(&name)).unwrap();
        let run = scene.ferry(&format!(
            "import {name} --header-row 1-2 -o answers.csv --json"
        ));
        let sheet = run.exits(4).says("A3:A4").sheet();
        assert_eq!(sheet.column("_row"), ["3", "4", "5"], "{name}");
        assert_eq!(sheet.column("_status"), ["ok", "invalid", "ok"], "{name}");
        assert_eq!(sheet.column("_error_code"), ["", "E401", ""], "{name}");
        let stored = scene.stored();
        let first = stored.iter().find(|one| one["customerName"] == "甲公司");
        let phones = &first.expect("the first row was added")["mobile"];
        assert_eq!(phones[0]["value"], "13800138000", "{name}");
        assert_eq!(phones[1]["value"], "13800138001", "{name}");
        assert_eq!(phones[1]["memo"], "前台", "{name}");
    }
}

/// A workbook of Excel 95 in GBK: its rows are stored, and what its number formats lose is said once.
#[test]
fn a_workbook_of_excel_95_is_imported_and_says_what_is_lost() {
    let scene = Scene::new();
    let name = "excel95_gbk.xls";
    std::fs::copy(fixture(name), scene.path(name)).unwrap();
    let run = scene
        .ferry(&format!(
            "import {name} --ignore-unmapped -o answers.csv --json"
        ))
        .exits(4)
        .says("E644");
    assert_eq!(run.stderr.matches("E644").count(), 1, "{}", run.stderr);
    let sheet = run.sheet();
    assert_eq!(sheet.column("_row"), ["2", "3", "4", "5"]);
    assert_eq!(sheet.column("_status")[..2], ["ok", "ok"]);
    let stored = scene.stored();
    let first = stored
        .iter()
        .find(|one| one["customerName"] == "杭州某某科技有限公司");
    let first = first.expect("the first row was added");
    assert_eq!(first["mobile"][0]["value"], "13900139000");
}
