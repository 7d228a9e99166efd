//! Numbers that are written as text: the column or the mapping says which sign stands before decimals; else those that
//! can be read in two ways are refused.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::{Output, Scene, Table, fixture};

/// 注册资本, a field of numbers.
const NUMBER: &str = "number_m3qe_1687316502874";

/// A sheet of customers, called by position, with these texts as numbers.
fn sheet(numbers: &[&str]) -> Table {
    let mut table = Table::of(&["客户名称", "注册资本"], &[]);
    for (at, number) in numbers.iter().enumerate() {
        let row = vec![format!("客户 {at}"), (*number).to_owned()];
        table.rows.push(row);
    }
    table
}

/// The stored numbers by the customers' names.
fn stored(scene: &Scene) -> BTreeMap<String, String> {
    let customers = scene.crm.customers();
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    customers
        .iter()
        .map(|customer| (text(&customer["customerName"]), text(&customer[NUMBER])))
        .collect()
}

fn numbers(scene: &Scene) -> Vec<String> {
    stored(scene).into_values().collect()
}

fn codes(run: &Output) -> Vec<String> {
    let sheet = run.sheet();
    let codes = sheet.column("_error_code");
    codes.into_iter().map(str::to_owned).collect()
}

#[test]
fn a_column_with_a_decimal_comma_is_read_by_it() {
    let scene = Scene::new();
    let source = fixture("seen/decimal_comma.csv");
    std::fs::copy(source, scene.path("t.csv")).unwrap();
    scene.ferry("check t.csv").exits(0);
    scene.ferry("import t.csv -o result.xlsx").exits(0);
    let expected = [
        ("丁公司", "12.5"),
        ("丙公司", "1234567"),
        ("乙公司", "1500"),
        ("己公司", "-3.500"),
        ("戊公司", "1234.50"),
        ("甲公司", "1.234"),
    ];
    let expected = expected.map(|(name, number)| (name.to_owned(), number.to_owned()));
    assert_eq!(stored(&scene), BTreeMap::from(expected));
    // The result sheet keeps the texts, and its column decides as before.
    let result = Table::read(&scene.path("result.xlsx"));
    assert_eq!(result.cell(0, "注册资本"), "1,234");
    scene.ferry("check result.xlsx").exits(0);
    scene.ferry("verify").exits(0);
}

#[test]
fn where_nothing_decides_such_numbers_are_refused() {
    for extension in ["csv", "xlsx"] {
        let scene = Scene::new();
        let table = sheet(&["1,234", "1.500", "12", "1,2345", "12元", "１，２３４"]);
        scene.save(&format!("t.{extension}"), &table);
        let line = format!("import t.{extension} -o result.csv --json");
        let run = scene.ferry(&line).exits(4);
        let expected = ["E462", "E462", "", "E462", "E405", "E462"];
        assert_eq!(codes(&run), expected, "{extension}");
        let said = "注册资本: “1,234” can be 1234 or 1.234";
        assert_eq!(run.sheet().cell(0, "_error"), said);
        assert_eq!(numbers(&scene), ["12"]);
    }
}

#[test]
fn two_numbers_that_contradict_each_other_decide_nothing() {
    let scene = Scene::new();
    scene.save("t.csv", &sheet(&["12,5", "12.5", "1.500"]));
    let run = scene.ferry("import t.csv --json").exits(4);
    assert_eq!(codes(&run), ["", "", "E462"]);
    assert_eq!(numbers(&scene), ["12.5", "12.5"]);
}

#[test]
fn the_mapping_decides_before_the_column() {
    for (sign, read, wrong) in [
        (",", ["1.234", "1500", "12.5"], 3),
        (".", ["1234", "1.500", "12.5"], 2),
    ] {
        let scene = Scene::new();
        scene.save("t.csv", &sheet(&["1,234", "1.500", "12,5", "12.5"]));
        let mapping = format!("[columns.\"注册资本\"]\ndecimal = \"{sign}\"\n");
        scene.write("m.toml", mapping);
        let run = scene
            .ferry("import t.csv --map m.toml -o result.xlsx --json")
            .exits(4);
        let codes = codes(&run);
        for (row, code) in codes.iter().enumerate() {
            let expected = if row == wrong { "E405" } else { "" };
            assert_eq!(code, expected, "{sign} {row}");
        }
        assert_eq!(numbers(&scene), read, "{sign}");
        // The result sheet remembers it: 1,234 alone would not be known.
        let mut result = Table::read(&scene.path("result.xlsx"));
        result.rows.truncate(wrong.min(2));
        let again = scene.ferry("check result.xlsx --json");
        assert_eq!(again.exits(3).json()["invalid"], 1, "{sign}");
    }
}

#[test]
fn a_wrong_sign_in_a_mapping_is_named_with_its_place() {
    let scene = Scene::new();
    scene.save("t.csv", &sheet(&["1"]));
    scene.write("m.toml", "[columns.\"注册资本\"]\ndecimal = \";\"\n");
    scene
        .ferry("check t.csv --map m.toml")
        .exits(3)
        .says("m.toml:2:11");
}

#[test]
fn the_number_that_decides_may_stand_thousands_of_rows_below() {
    let scene = Scene::new();
    let mut texts = vec!["1,234"; 2_100];
    texts.push("12,5");
    scene.save("t.csv", &sheet(&texts));
    let checked = scene.ferry("check t.csv --json").exits(0).json();
    assert_eq!(checked["rows"], 2_101);
    let plan = scene.ferry("plan t.csv --json").exits(0).json();
    assert_eq!(
        (&plan["added"], &plan["invalid"]),
        (&2_101.into(), &0.into())
    );
}

#[test]
fn a_real_number_is_never_unclear_and_decides_nothing() {
    let scene = Scene::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    for (column, header) in (0..).zip(["客户名称", "注册资本"]) {
        sheet.write(0, column, header).unwrap();
    }
    let numbers = [1.5, 1.234, 1234.5];
    for (row, number) in (1..).zip(numbers) {
        sheet.write(row, 0, format!("客户 {row}")).unwrap();
        sheet.write(row, 1, number).unwrap();
    }
    sheet.write(4, 0, "客户 4").unwrap();
    sheet.write(4, 1, "1,234").unwrap();
    book.save(scene.path("t.xlsx")).unwrap();
    let run = scene.ferry("import t.xlsx --json").exits(4);
    assert_eq!(codes(&run), ["", "", "", "E462"]);
    assert_eq!(self::numbers(&scene), ["1.5", "1.234", "1234.5"]);
    // A mapping is about texts.
    let scene = Scene::new();
    book.save(scene.path("t.xlsx")).unwrap();
    scene.write("m.toml", "[columns.\"注册资本\"]\ndecimal = \",\"\n");
    scene.ferry("import t.xlsx --map m.toml").exits(0);
    assert_eq!(self::numbers(&scene), ["1.5", "1.234", "1234.5", "1.234"]);
}

#[test]
fn what_the_mapping_leaves_of_a_text_decides() {
    let scene = Scene::new();
    scene.save("t.csv", &sheet(&["1,234元", "12,5元", "'1,500"]));
    let mapping = "[columns.\"注册资本\"]\ntransform = [{ replace = [\"元\", \"\"] }]\n";
    scene.write("m.toml", mapping);
    scene.ferry("import t.csv --map m.toml").exits(0);
    assert_eq!(numbers(&scene), ["1.234", "12.5", "1.500"]);
}

fn insert(scene: &Scene, name: &str, number: &Value) -> String {
    let customer = json!({"customerName": name, NUMBER: number});
    scene.crm.insert(customer.as_object().cloned().unwrap())
}

#[test]
fn an_export_comes_back_unchanged_whatever_is_stored() {
    for file in ["all.csv", "all.xlsx"] {
        let scene = Scene::new();
        let stored = [
            json!("1.234"),
            json!(1.234),
            json!("1.500"),
            json!("1,234"),
            json!("12,5"),
            json!("12.5"),
            json!("约三万"),
        ];
        for number in &stored {
            insert(&scene, &number.to_string(), number);
        }
        scene.ferry(&format!("export -o {file}")).exits(0);
        let told = scene.ferry(&format!("import {file} --json")).json();
        assert_eq!(told["unchanged"], stored.len(), "{file}: {told}");
    }
}

#[test]
fn map_has_no_doubt_about_the_numbers_of_an_export() {
    let scene = Scene::new();
    insert(&scene, "甲", &json!("1.500"));
    for file in ["all.csv", "all.xlsx"] {
        scene.ferry(&format!("export -o {file}")).exits(0);
        let run = scene.ferry(&format!("map {file} -o {file}.toml --json"));
        let doubts = run.exits(0).json()["doubts"].to_string();
        assert!(!doubts.contains("1.500"), "{file}: {doubts}");
    }
}

#[test]
fn an_export_without_its_manifest_comes_back_unchanged_as_well() {
    let scene = Scene::new();
    for number in [json!("1.234"), json!(2.345), json!("1.500"), json!(1234)] {
        insert(&scene, &number.to_string(), &number);
    }
    scene.ferry("export -o all.csv").exits(0);
    std::fs::rename(scene.path("all.csv"), scene.path("mailed.csv")).unwrap();
    let told = scene.ferry("import mailed.csv --json").json();
    assert_eq!(told["unchanged"], 4, "{told}");
    // What was edited is known no more: another program may have written it.
    let mut table = Table::read(&scene.path("mailed.csv"));
    table.set(0, "注册资本", "9.876");
    scene.save("mailed.csv", &table);
    let run = scene.ferry("import mailed.csv --json").exits(4);
    assert_eq!(codes(&run)[0], "E462");
}

#[test]
fn an_edited_export_is_read_as_an_export_until_a_comma_stands_in_it() {
    let scene = Scene::new();
    insert(&scene, "甲", &json!("1.234"));
    insert(&scene, "乙", &json!("2.5"));
    let edit = |file: &str, name: &str, number: &str| {
        scene.ferry(&format!("export -o {file}")).exits(0);
        let mut table = Table::read(&scene.path(file));
        let names = table.column("客户名称");
        let row = names.iter().position(|its| *its == name).unwrap();
        table.set(row, "注册资本", number);
        table.save(&scene.path(file));
    };
    edit("first.csv", "乙", "2.345");
    scene.ferry("import first.csv").exits(0);
    assert_eq!(stored(&scene)["乙"], "2.345");
    edit("second.csv", "甲", "2,345");
    let run = scene.ferry("import second.csv --json").exits(4);
    assert_eq!(run.json()["unchanged"], 1, "{}", run.stdout);
    assert!(codes(&run).contains(&"E462".to_owned()), "{}", run.stdout);
    assert_eq!(stored(&scene)["甲"], "1.234");
}

#[test]
fn an_unclear_number_is_not_the_stored_one() {
    let scene = Scene::new();
    let id = insert(&scene, "甲", &json!("1.5"));
    let other = insert(&scene, "乙", &json!("1500"));
    let rows = [
        vec![id, "甲".to_owned(), "1.500".to_owned()],
        vec![other, "乙".to_owned(), "1.500".to_owned()],
    ];
    let mut table = Table::of(&["_id", "客户名称", "注册资本"], &[]);
    table.rows.extend(rows);
    scene.save("t.csv", &table);
    let run = scene.ferry("import t.csv --json").exits(4);
    assert_eq!(codes(&run), ["E462", "E462"]);
    // Decided by the mapping, one of them is what is stored.
    for (sign, changed) in [(".", "乙"), (",", "甲")] {
        scene.write(
            "m.toml",
            format!("[columns.\"注册资本\"]\ndecimal = \"{sign}\"\n"),
        );
        let plan = scene
            .ferry("plan t.csv --map m.toml --json")
            .exits(0)
            .json();
        assert_eq!(
            (&plan["updated"], &plan["unchanged"]),
            (&1.into(), &1.into()),
            "{changed} would change: {plan}"
        );
    }
}

#[test]
fn a_sign_in_the_mapping_does_not_stand_in_the_way_of_an_export() {
    let scene = Scene::new();
    // What no check would accept is stored, and shown by the export as it is.
    insert(&scene, "甲", &json!("约三万"));
    scene.ferry("export -o all.xlsx").exits(0);
    scene.write("m.toml", "[columns.\"注册资本\"]\ndecimal = \".\"\n");
    let run = scene.ferry("import all.xlsx --map m.toml --json");
    assert_eq!(run.json()["unchanged"], 1, "{}", run.stdout);
}

#[test]
fn map_asks_for_the_sign_with_both_readings_and_its_workbook_takes_the_answer() {
    let scene = Scene::new();
    scene.save("t.csv", &sheet(&["1,234", "3,500", "12"]));
    let run = scene.ferry("map t.csv -o m.toml --json").exits(0);
    let doubts = run.json()["doubts"].to_string();
    assert!(doubts.contains("“1,234” can be 1234 or 1.234"), "{doubts}");
    scene.ferry("map t.csv -o m.xlsx").exits(0);
    scene.ferry("check t.csv --map m.xlsx").exits(3);
    let mut columns = Table::read_sheet(&scene.path("m.xlsx"), 1);
    for (word, read) in [
        // Each word is read in either language.
        ("comma", ["1.234", "3.500", "12"]),
        ("点", ["1234", "3500", "12"]),
    ] {
        let scene = Scene::new();
        scene.save("t.csv", &sheet(&["1,234", "3,500", "12"]));
        columns.set(1, "Doubt", "");
        columns.set(1, "Decimal sign", word);
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        sheet.set_name("Columns").unwrap();
        columns.fill(sheet);
        book.save(scene.path("m.xlsx")).unwrap();
        scene.ferry("import t.csv --map m.xlsx").exits(0);
        assert_eq!(numbers(&scene), read, "{word}");
    }
    // A column that decides leaves no doubt.
    scene.save("t.csv", &sheet(&["1,234", "12,5"]));
    let run = scene.ferry("map t.csv -o n.toml --json").exits(0);
    assert_eq!(run.json()["doubts"].as_array().unwrap().len(), 0);
}
