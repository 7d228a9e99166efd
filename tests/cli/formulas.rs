//! A formula without a value is a problem of its cell, and no blank.

use crate::support::{Scene, Table, fixture};

#[test]
fn a_formula_without_a_value_is_a_problem_of_its_cell() {
    let scene = Scene::new();
    for (name, codes) in [
        ("formula_no_value.xlsx", 3),
        ("formula_outdated_zero.xlsx", 1),
    ] {
        std::fs::copy(fixture(&format!("formulas/{name}")), scene.path(name)).unwrap();
        scene.write("map.toml", "[columns.客户编号]\nfield = \"QQ\"\n");
        scene
            .ferry(&format!("import {name} -o result-{name}"))
            .exits(4)
            .says("[E453]");
        let sheet = Table::read(&scene.path(&format!("result-{name}")));
        assert!(sheet.cell(0, "_tip").contains("Excel, WPS"), "{name}");
        let said: usize = sheet
            .column("_error")
            .iter()
            .map(|error| error.matches("never calculated").count())
            .sum();
        assert_eq!(said, codes, "{name}");
        assert_eq!(scene.crm.customer_count(), 0, "{name}");
        // The sheet comes back as it is: what has no value still has none.
        scene
            .ferry(&format!("import result-{name}"))
            .exits(4)
            .says("[E453]");
        assert_eq!(scene.crm.customer_count(), 0, "{name} again");
    }
}

#[test]
fn a_column_that_nobody_imports_may_hold_anything() {
    let scene = Scene::new();
    let name = "formula_outdated_zero.xlsx";
    std::fs::copy(fixture(&format!("formulas/{name}")), scene.path(name)).unwrap();
    scene.write("map.toml", "[columns.\"客户编号\"]\nignore = true\n");
    let run = scene
        .ferry(&format!("import {name} --map map.toml --json"))
        .exits(0);
    assert_eq!(run.sheet().cell(0, "客户编号"), "#UNCALCULATED!");
    assert_eq!(scene.crm.customer_count(), 1);
}

#[test]
fn a_helper_column_filled_down_makes_no_rows() {
    let scene = Scene::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, text) in ["客户名称", "助手"].iter().enumerate() {
        sheet.write(0, column as u16, *text).unwrap();
    }
    sheet.write(1, 0, "甲").unwrap();
    for row in 1..50 {
        sheet.write_formula(row, 1, "=A2&1").unwrap();
    }
    workbook.save(scene.path("helper.xlsx")).unwrap();
    let run = scene
        .ferry("import helper.xlsx --ignore-unmapped --json")
        .exits(0);
    assert_eq!(run.sheet().rows.len(), 1);
}

#[test]
fn the_mark_of_a_formula_without_a_value_is_no_text() {
    let scene = Scene::new();
    let table = Table::of(&["客户名称", "QQ"], &[&["甲", "#UNCALCULATED!"]]);
    scene.save("marked.xlsx", &table);
    scene.ferry("import marked.xlsx").exits(4).says("[E453]");
    assert_eq!(scene.crm.customer_count(), 0);
}
