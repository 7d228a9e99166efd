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

/// Returns a workbook of which each row holds one error value, as its phone and in another column.
fn workbook_of_errors(errors: &[&str]) -> rust_xlsxwriter::Workbook {
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, text) in ["客户名称", "手机", "助手"].iter().enumerate() {
        sheet.write(0, column as u16, *text).unwrap();
    }
    for (row, error) in (1..).zip(errors) {
        sheet.write(row, 0, "甲").unwrap();
        for column in [1, 2] {
            let formula = rust_xlsxwriter::Formula::new("=NOWHERE()").set_result(*error);
            sheet.write_formula(row, column, formula).unwrap();
        }
    }
    workbook
}

/// An error value in a result sheet is one problem, the same as in the source, however often the sheet comes back.
#[test]
fn error_values_come_back_as_what_they_are() {
    let errors = [
        "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
    ];
    for form in ["xlsx", "csv"] {
        let scene = Scene::new();
        workbook_of_errors(&errors)
            .save(scene.path("source.xlsx"))
            .unwrap();
        let map = "[columns.\"助手\"]\nignore = true\n";
        scene.write("map.toml", map);
        let mut source = "source.xlsx".to_owned();
        for round in 1..=3 {
            let result = format!("r{round}.{form}");
            scene
                .ferry(&format!(
                    "import {source} --map map.toml --mode add -o {result}"
                ))
                .exits(4);
            let sheet = Table::read(&scene.path(&result));
            for (row, error) in errors.iter().enumerate() {
                let place = format!("{form} {round} {error}");
                assert_eq!(sheet.cell(row, "_error_code"), "E410", "{place}");
                assert!(!sheet.cell(row, "_error").contains('\n'), "{place}");
                assert_eq!(sheet.cell(row, "手机"), *error, "{place}");
                assert_eq!(sheet.cell(row, "助手"), *error, "{place}");
            }
            source = result;
        }
        assert_eq!(scene.crm.customer_count(), 0);
    }
}

/// Cells cannot hold these as errors, so ferry's sheets have them as text.
#[test]
fn error_values_of_newer_programs_are_no_text() {
    for error in [
        "#GETTING_DATA",
        "#SPILL!",
        "#CALC!",
        "#FIELD!",
        "#BLOCKED!",
        "#CONNECT!",
        "#UNKNOWN!",
        "#BUSY!",
        "#PYTHON!",
        "#EXTERNAL!",
        "#TIMEOUT!",
        "#ERROR 13",
    ] {
        let scene = Scene::new();
        let row: [&str; 2] = [error, error];
        scene.save("list.xlsx", &Table::of(&["客户名称", "手机"], &[&row]));
        scene
            .ferry("import list.xlsx --mode add -o r.xlsx --json")
            .exits(4);
        let sheet = Table::read(&scene.path("r.xlsx"));
        assert_eq!(sheet.cell(0, "_error_code"), "E410", "{error}");
        assert_eq!(sheet.cell(0, "_error").matches(error).count(), 2, "{error}");
        assert_eq!(scene.crm.customer_count(), 0);
    }
}

/// An error that a program has saved as text, as in every CSV file, is refused as it is in a workbook.
#[test]
fn error_values_as_text_are_no_text() {
    for error in [
        "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
    ] {
        for file in ["list.csv", "list.xlsx"] {
            let scene = Scene::new();
            let rows: &[&[&str]] = &[
                &[error, "13800138000", "x"],
                &["甲公司", "13800138001", error],
                &["乙公司", error, ""],
                // A text that holds such a word is a text.
                &["丙公司", "13800138003", &format!("见 {error}")],
            ];
            scene.save(file, &Table::of(&["客户名称", "手机", "备注"], rows));
            let run = scene.ferry(&format!("import {file} --mode add --json"));
            let codes = run.exits(4).sheet();
            let codes = codes.column("_error_code");
            assert_eq!(codes, ["E410", "E410", "E410", ""], "{error} {file}");
            assert_eq!(scene.crm.customer_count(), 1);
        }
    }
}

/// 5 that is shown as 5万 is no 5, and whether 50000 is meant is not known.
#[test]
fn a_number_behind_which_a_word_multiplies_is_refused_in_a_field_of_numbers() {
    let scene = Scene::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    Table::of(&["客户名称", "注册资本"], &[&["甲"], &["乙"], &["丙"]]).fill(sheet);
    for (row, code) in [(1, "0\"万\""), (2, "#,##0.00\"万元\""), (3, "0\"元\"")] {
        let format = rust_xlsxwriter::Format::new().set_num_format(code);
        sheet.write_number_with_format(row, 1, 5, &format).unwrap();
    }
    book.save(scene.path("list.xlsx")).unwrap();
    let run = scene.ferry("import list.xlsx --mode add --json").exits(4);
    let sheet = run.sheet();
    assert_eq!(sheet.column("_error_code"), ["E405", "E405", ""]);
    assert!(sheet.cell(0, "_error").contains("5万"));
}
