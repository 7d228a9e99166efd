//! What is said about cells and rows that are not what they seem: hidden rows, damaged texts, words of databases,
//! pictures, and long names.

use serde_json::json;

use crate::support::{Scene, Table, fixture};

#[test]
fn rows_that_a_filter_hides_are_counted_once() {
    let scene = Scene::new();
    std::fs::copy(fixture("filtered.xlsx"), scene.path("filtered.xlsx")).expect("a copy");
    let said = scene.ferry("import filtered.xlsx").exits(0);
    let said = said.says("[E470]").says("2 rows are hidden").says("3-4");
    assert_eq!(said.stderr.matches("E470").count(), 1, "{}", said.stderr);
    assert_eq!(scene.adds(), 4);
}

#[test]
fn damaged_texts_are_refused_and_question_marks_are_doubted() {
    let scene = Scene::new();
    std::fs::copy(fixture("damaged_text.csv"), scene.path("list.csv")).expect("a copy");
    let said = scene.ferry("check list.csv --ignore-unmapped").exits(3);
    said.says("[E472]").says("A2").says("[E473]").says("A3");
}

#[test]
fn chinese_that_was_read_in_a_wrong_encoding_is_doubted() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["濮阳宝璐公司", "Zoë Åström"],
        &["娴欐睙澶у\u{e11f}", "一"],
        &["乙公司", "æµ™æ±Ÿ"],
    ];
    scene.save("list.csv", &Table::of(&["客户名称", "备注"], rows));
    scene
        .ferry("check list.csv")
        .says("[E473]")
        .says("2 cells hold")
        .says("A3");
}

#[test]
fn a_picture_of_wps_is_refused_as_a_picture() {
    let scene = Scene::new();
    let mut table = Table::of(&["客户名称", "手机", "微信"], &[]);
    let picture = "=DISPIMG(\"ID_0A1B2C3D4E5F60718293A4B5C6D7E8F9\",1)";
    table = table.appended(&[vec!["甲公司".into(), "13800138001".into(), picture.into()]]);
    scene.save("list.csv", &table);
    scene
        .ferry("check list.csv")
        .exits(3)
        .says("[E471]")
        .says("C2");
}

#[test]
fn words_of_databases_and_signs_before_digits_are_said_once() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲公司", "'13800138001", "\\N"],
        &["乙公司", "=\"13800138002\"", "NULL"],
        &["丙公司", "`13800138003", "(null)"],
    ];
    scene.write("list.csv", {
        let mut text = "客户名称,手机,微信\n".to_owned();
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
                .collect();
            text += &(cells.join(",") + "\n");
        }
        text
    });
    let said = scene.ferry("import list.csv").exits(0);
    said.says("[E474]").says("[E475]").says("3 cells");
    let stored = scene.stored();
    let phones: Vec<&str> = stored
        .iter()
        .map(|customer| customer["mobile"][0]["value"].as_str().expect("a phone"))
        .collect();
    assert_eq!(phones.len(), 3);
    assert!(
        phones.iter().all(|phone| phone.starts_with("1380013800")),
        "{phones:?}"
    );
    assert!(
        stored
            .iter()
            .all(|customer| customer.get("wechat").is_none_or(|value| value == ""))
    );
}

#[test]
fn an_export_of_texts_that_look_damaged_comes_back_unchanged() {
    let scene = Scene::new();
    for (name, wechat) in [
        ("甲\u{FFFD}公司", "NULL"),
        ("锟斤拷", "'13800138001"),
        ("乙???公司", "=\"000123\""),
    ] {
        let customer = json!({"customerName": name, "wechat": wechat});
        let customer = customer.as_object().cloned().expect("an object");
        scene.crm.insert(customer);
    }
    for file in ["all.xlsx", "all.csv"] {
        scene.ferry(&format!("export -o {file}")).exits(0);
        let run = scene.ferry(&format!("import {file} --json")).exits(0);
        assert_eq!(run.json()["unchanged"], 3, "{file}: {}", run.stderr);
    }
}

#[test]
fn a_long_name_gets_a_shortened_result() {
    let scene = Scene::new();
    let stem = "客".repeat(80);
    let name = format!("{stem}.csv");
    scene.write(&name, "客户名称\n甲公司\n");
    let run = scene.ferry(&format!("import {name} --json")).exits(0);
    let result = run.result();
    let short = result
        .file_name()
        .and_then(|name| name.to_str())
        .expect("a name")
        .to_owned();
    assert!(
        short.len() < 255 && short.starts_with("客客") && short.contains('…'),
        "{short}"
    );
    assert_eq!(run.sheet().count("ok"), 1);
}

#[test]
fn a_name_that_no_file_can_have_is_refused_before_anything_is_sent() {
    let scene = Scene::new();
    scene.write("list.csv", "客户名称\n甲公司\n");
    let long = "客".repeat(300);
    scene
        .ferry(&format!("import list.csv -o {long}.xlsx"))
        .exits(2)
        .says("[E626]");
    assert_eq!((scene.adds(), scene.jobs().len()), (0, 0));
    scene
        .ferry(&format!("export -o {long}.xlsx"))
        .exits(if cfg!(windows) { 2 } else { 1 })
        .says("[E626]");
}

/// Question marks in place of letters are sent, and every such cell is found in the sheet: a person looks there.
#[test]
fn every_cell_of_question_marks_is_listed_with_its_place_in_the_sheet() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲公司", "13800138001"],
        &["???公司", "13800138002"],
        &["乙公司", "1380013800X"],
        &["丙公司??", "13800138003"],
        &["戊公司", "13800138004"],
        &["丁???", "13800138005"],
    ];
    scene.save("q.csv", &Table::of(&["客户名称", "手机"], rows));
    let run = scene.ferry("import q.csv -o q.xlsx").exits(4);
    run.says("2 cells hold ??? as if letters had been lost")
        .says("the first of them source A3");
    scene.ferry("plan q.csv -o p.xlsx --again").exits(4);
    scene.ferry("check q.csv -o c.xlsx --all").exits(3);
    // Rows in which nothing but the marks is to be looked at are in the shorter sheet too.
    scene.ferry("check q.csv -o d.xlsx").exits(3);
    assert_eq!(Table::read(&scene.path("d.xlsx")).rows.len(), 3);
    for name in ["q.xlsx", "p.xlsx", "c.xlsx", "d.xlsx"] {
        let sheet = Table::read(&scene.path(name));
        let problems = Table::read_sheet(&scene.path(name), 1);
        assert_eq!(problems.column("code"), ["E406", "E473", "E473"], "{name}");
        assert_eq!(problems.column("source row"), ["4", "3", "7"], "{name}");
        assert_eq!(problems.column("value")[1..], ["???公司", "丁???"]);
        for (line, value) in [(1, "???公司"), (2, "丁???")] {
            let cell = problems.cell(line, "cell");
            let letters = cell.trim_end_matches(|letter: char| letter.is_ascii_digit());
            let row: usize = cell[letters.len()..].parse().expect("a row");
            assert_eq!(sheet.cell(row - 2, "客户名称"), value, "{name} {cell}");
        }
    }
}
