//! What a person sees in a cell is what is imported: words that formats show, characters that nobody sees, rows that are
//! no customers.

use crate::support::{Output, Scene, Table, fixture};

fn take(scene: &Scene, name: &str) {
    std::fs::copy(fixture(&format!("seen/{name}")), scene.path(name)).unwrap();
}

fn errors(run: &Output, codes: &[&str]) {
    let sheet = run.sheet();
    assert_eq!(sheet.column("_error_code"), codes, "{}", run.stderr);
}

#[test]
fn words_that_a_format_shows_are_imported_or_refused() {
    let scene = Scene::new();
    take(&scene, "word_formats.xlsx");
    let line = "import word_formats.xlsx -o result.csv --json";
    let run = scene.ferry(line).exits(4);
    let sheet = run.sheet();
    let seen = [
        "男",
        "未付",
        "",
        "12345",
        "华东集团",
        "(571) 555-1234",
        "123",
        "88",
        "-42",
        "第3期",
        "-9",
        "2024-11-14",
        "2024-11-14",
        "2024-11-14",
        "12.5",
    ];
    assert_eq!(sheet.column("客户编号"), seen);
    let refused = [5, 8, 10, 14];
    let codes: Vec<&str> = (2..17)
        .map(|row| if refused.contains(&row) { "E461" } else { "" })
        .collect();
    errors(&run, &codes);
    assert_eq!(scene.crm.customer_count(), 11);
}

#[test]
fn a_number_keeps_its_value_on_the_way_through_a_result_sheet() {
    let scene = Scene::new();
    let mut workbook = rust_xlsxwriter::Workbook::new();
    let sheet = workbook.add_worksheet();
    for (column, text) in ["客户名称", "注册资本", "客户编号"].iter().enumerate() {
        sheet.write(0, column as u16, *text).unwrap();
    }
    let formats = ["0;-0;;@", "[=0]\"×\";0", "\"KH\"0000"];
    for (row, (name, code)) in (1..).zip(["甲", "乙", "丙"].iter().zip(formats)) {
        let format = rust_xlsxwriter::Format::new().set_num_format(code);
        sheet.write(row, 0, *name).unwrap();
        for column in [1, 2] {
            sheet.write_with_format(row, column, 0, &format).unwrap();
        }
    }
    workbook.save(scene.path("t.xlsx")).unwrap();
    scene.ferry("check t.xlsx --all -o checked.xlsx").exits(0);
    scene.ferry("import t.xlsx -o result.xlsx").exits(0);
    for name in ["checked.xlsx", "result.xlsx"] {
        let sheet = Table::read(&scene.path(name));
        assert_eq!(sheet.column("注册资本"), ["0", "0", "0"], "{name}");
        // Numbers stay numbers, and their formats show what they did.
        assert_eq!(sheet.column("客户编号"), ["", "0", "0"], "{name}");
        let line = format!("check {name} --all -o seen.csv");
        scene.ferry(&line).exits(0);
        let seen = Table::read(&scene.path("seen.csv"));
        assert_eq!(seen.column("客户编号"), ["", "×", "KH0000"], "{name}");
        // The sheet's cells are those of the source, so that nothing counts as edited or new.
        let again = scene.ferry(&format!("import {name}")).exits(9);
        assert!(!again.stderr.contains("edited"), "{}", again.stderr);
    }
    let stored = scene.stored();
    assert_eq!(stored.len(), 3);
    for customer in &stored {
        assert_eq!(customer["number_m3qe_1687316502874"], "0", "{customer:?}");
    }
}

#[test]
fn characters_that_nobody_sees_are_taken_off() {
    let scene = Scene::new();
    take(&scene, "invisible.csv");
    let sheet = scene.ferry("import invisible.csv --json").exits(0).sheet();
    assert_eq!(sheet.column("客户编号"), ["030611", "KH\u{ad}02", "KH03"]);
    let phones = ["13800138001", "13800138002", "138\u{200b}0013\u{200b}8003"];
    assert_eq!(sheet.column("手机"), phones);
    let stored = scene.stored();
    let phone = |name: &str| {
        let customer = stored
            .iter()
            .find(|customer| customer["customerName"] == name);
        customer.expect("it is stored")["mobile"][0]["value"].clone()
    };
    assert_eq!(phone("甲公司"), "13800138001");
    assert_eq!(phone("丙公司"), "13800138003");
}

#[test]
fn a_key_is_the_same_with_characters_that_nobody_sees() {
    let scene = Scene::new();
    take(&scene, "invisible_key_stored.csv");
    take(&scene, "invisible_key_again.csv");
    scene.ferry("import invisible_key_stored.csv").exits(0);
    for line in ["--key 客户编号", "--key 手机"] {
        let line = format!("import invisible_key_again.csv {line}");
        scene.ferry(&line).exits(0);
        assert_eq!(scene.crm.customer_count(), 1, "{line}");
    }
}

#[test]
fn rows_that_are_no_customers_are_named() {
    let scene = Scene::new();
    take(&scene, "header_repeated.csv");
    let run = scene.ferry("import header_repeated.csv --json").exits(4);
    errors(&run, &["", "E463", ""]);
    assert_eq!(scene.crm.customer_count(), 2);
    scene.write(
        "sums.csv",
        "客户名称,备注,注册资本\n丙公司,x,1\n合计,300 家,\n,小计：,12\n,,总计 300\n共计,300家,\"1,200\"\n",
    );
    let run = scene.ferry("import sums.csv --json").exits(4);
    let codes = run.sheet().column("_error_code").join(" ");
    assert_eq!(codes.matches("E423").count(), 4, "{codes}");
    assert_eq!(scene.crm.customer_count(), 3);
}

#[test]
fn a_phone_of_an_impossible_length_is_a_problem() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "手机"],
        &[
            &["甲", "1380013800"],
            &["乙", "13800138000"],
            &["丙", "138001380001"],
        ],
    );
    scene.save("t.csv", &table);
    let run = scene.ferry("import t.csv --lang zh --json").exits(4);
    errors(&run, &["E464", "", "E464"]);
    assert!(run.sheet().cell(0, "_error").contains("有 10 位"));
}

#[test]
fn words_are_the_same_with_characters_that_nobody_sees_inside() {
    let scene = Scene::new();
    for unseen in [
        '\u{ad}', '\u{200b}', '\u{202a}', '\u{2060}', '\u{feff}', '\u{1f}',
    ] {
        let (header, level) = (format!("客户{unseen}级别"), format!("B{unseen}类"));
        let name = format!("公司 {}", u32::from(unseen));
        let table = Table::of(&["客户名称", &header], &[&[&name, &level]]);
        scene.save("t.csv", &table);
        scene.ferry("import t.csv --mode add").exits(0);
        let stored = scene.crm.customer(&scene.id_of(&name)).unwrap();
        assert_eq!(stored["select_w1fs_1687316790458"], "B类", "{unseen:?}");
    }
}

#[test]
fn what_stands_in_a_sum_is_not_judged() {
    let scene = Scene::new();
    scene.write(
        "sums.csv",
        "客户名称,手机,注册资本\n合计,300 家,\n本页合计,,100\n合计（万元）,,100\n,共 3 家,\n",
    );
    let sheet = scene
        .ferry("import sums.csv --mode add --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_error_code"), ["E423"; 4]);
    assert_eq!(scene.adds(), 0);
}
