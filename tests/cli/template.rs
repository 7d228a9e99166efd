//! The template as people meet it: made, filled in by other programs, imported without a mapping.

use std::collections::BTreeMap;
use std::path::PathBuf;

use calamine::Reader;
use crm_ferry::sandbox::Options;
use serde_json::{Value, json};

use crate::support::{Scene, Table, fixture};

/// Each column of the filled templates with the key of its field.
const LISTS: [(&str, &str); 4] = [
    ("单选", "select_one"),
    ("多选", "multi_one"),
    ("很多选项", "select_many"),
    ("级别", "select_short"),
];

fn fields() -> PathBuf {
    fixture("template/fields.json")
}

fn scene() -> Scene {
    Scene::with(Options {
        fields: Some(fields()),
        ..Options::default()
    })
}

/// The choices of a field, from the list that the account gives.
fn choices(key: &str) -> Vec<String> {
    let list: Value = serde_json::from_slice(&std::fs::read(fields()).unwrap()).unwrap();
    let mut list = list.as_array().unwrap().iter();
    let field = list.find(|field| field["param"] == key).unwrap();
    let choices = field["choices"].as_array().unwrap().iter();
    choices
        .map(|choice| choice["value"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn what_was_filled_in_elsewhere_is_stored_as_chosen() {
    for file in ["openpyxl.xlsx", "libreoffice.xlsx", "libreoffice.ods"] {
        let scene = scene();
        let path = format!("template/{file}");
        std::fs::copy(fixture(&path), scene.path(file)).unwrap();
        let filled = Table::read(&fixture("template/openpyxl.xlsx"));
        let run = scene.ferry(&format!("import {file} --mode add --rate 100000/s --json"));
        let sheet = run.exits(0).sheet();
        assert!(
            sheet.column("_status").iter().all(|status| *status == "ok"),
            "{file}"
        );
        let stored = scene.stored();
        assert_eq!(stored.len(), filled.rows.len(), "{file}");
        let by_name: BTreeMap<&str, _> = stored
            .iter()
            .map(|customer| (customer["customerName"].as_str().unwrap(), customer))
            .collect();
        let mut seen: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for row in 0..filled.rows.len() {
            let name = filled.cell(row, "客户名称 ");
            let customer = by_name[name];
            for (header, key) in LISTS {
                let cell = filled.cell(row, header);
                let value = customer.get(key);
                if cell.is_empty() {
                    assert_eq!(value, None, "{file} {name}");
                } else if key != "multi_one" {
                    assert_eq!(value, Some(&json!(cell)), "{file} {name}");
                    seen.entry(key).or_default().push(cell.to_owned());
                } else if choices(key).contains(&cell.to_owned()) {
                    assert_eq!(value, Some(&json!([cell])), "{file} {name}");
                    seen.entry(key).or_default().push(cell.to_owned());
                } else {
                    // The one row with all of them in one cell.
                    assert_eq!(value, Some(&json!(choices(key))), "{file} {name}");
                }
            }
            let levels = ["地区.1", "地区.2", "地区.3"].map(|header| filled.cell(row, header));
            let path: Vec<&str> = levels
                .into_iter()
                .filter(|level| !level.is_empty())
                .collect();
            let value = customer.get("cascade_one");
            assert_eq!(
                value,
                (!path.is_empty()).then(|| json!(path)).as_ref(),
                "{file} {name}"
            );
        }
        for key in ["select_one", "multi_one", "select_many"] {
            assert_eq!(seen[key], choices(key), "{file}: every choice was tried");
        }
    }
}

#[test]
fn a_template_of_the_account_has_its_sheets_in_both_languages() {
    let scene = Scene::new();
    for (lang, titles) in [
        ("en", ["Customers", "Fields", "_lists"]),
        ("zh", ["客户", "字段说明", "_lists"]),
    ] {
        let file = format!("{lang}.xlsx");
        let run = scene.ferry(&format!("template -o {file} --lang {lang} --json"));
        let said = run.exits(0).json();
        let object = said.as_object().unwrap();
        let keys: Vec<&str> = object.keys().map(String::as_str).collect();
        assert_eq!(keys, ["file", "fields", "required", "exit"]);
        assert_eq!((&said["file"], &said["exit"]), (&json!(file), &json!(0)));
        let book: calamine::Xlsx<_> = calamine::open_workbook(scene.path(&file)).unwrap();
        assert_eq!(book.sheet_names(), titles);
        let hidden = book
            .sheets_metadata()
            .iter()
            .filter(|sheet| sheet.visible != calamine::SheetVisible::Visible)
            .count();
        assert_eq!(hidden, 1);
        let data = Table::read_sheet(&scene.path(&file), 0);
        assert_eq!(
            data.headers[..4],
            ["客户名称 *", "手机", "手机.备注", "手机2"]
        );
        assert!(!data.headers.iter().any(|header| header.contains("传真")
            || header.contains("旧编号")
            || header.contains("创建时间")));
        let explained = Table::read_sheet(&scene.path(&file), 1);
        assert_eq!(Some(explained.rows.len() as u64), said["fields"].as_u64());
        // Nothing is filled in, and neither of the other sheets is taken for data.
        scene
            .ferry(&format!("import {file}"))
            .exits(3)
            .says("[E314]");
    }
}

#[test]
fn every_date_and_number_and_list_is_checked_to_the_last_row() {
    let scene = Scene::new();
    scene.ferry("template -o t.xlsx --lang zh").exits(0);
    let file = std::fs::File::open(scene.path("t.xlsx")).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut xml = String::new();
    let mut part = archive.by_name("xl/worksheets/sheet1.xml").unwrap();
    std::io::Read::read_to_string(&mut part, &mut xml).unwrap();
    let headers = Table::read_sheet(&scene.path("t.xlsx"), 0).headers;
    for (header, kind, warns) in [
        ("客户来源", "list", true),
        ("客户标签", "list", true),
        ("客户级别", "list", false),
        ("所在地区.1", "list", false),
        ("所在地区.3", "list", false),
        ("签约日期", "date", false),
        ("下次回访时间", "date", false),
        ("注册资本", "decimal", false),
    ] {
        let column = headers.iter().position(|known| known == header).unwrap();
        let letter = char::from(b'A' + u8::try_from(column).unwrap());
        let place = format!("sqref=\"{letter}2:{letter}1048576\"");
        let mut rules = xml.split("<dataValidation ").skip(1);
        let rule = rules.find(|rule| rule.contains(&place)).expect(header);
        let rule = rule.split('>').next().unwrap();
        assert!(
            rule.contains(&format!("type=\"{kind}\"")),
            "{header}: {rule}"
        );
        assert_eq!(rule.contains("errorStyle=\"warning\""), warns, "{header}");
        assert!(rule.contains("showErrorMessage=\"1\""), "{header}");
    }
}

#[test]
fn a_template_of_the_saved_list_is_that_of_the_account() {
    let scene = Scene::new();
    scene.ferry("fields --save fields.json").exits(0);
    scene.ferry("template -o online.xlsx").exits(0);
    let offline = "template -o offline.xlsx --fields fields.json --json";
    scene.ferry(offline).exits(0);
    for sheet in 0..3 {
        assert_eq!(
            Table::read_sheet(&scene.path("online.xlsx"), sheet),
            Table::read_sheet(&scene.path("offline.xlsx"), sheet)
        );
    }
    // Named by -o, it is replaced; anything but a workbook is not written.
    scene.ferry("template -o offline.xlsx").exits(0);
    scene
        .ferry("template -o t.csv --fields fields.json")
        .exits(2)
        .says("-o t.csv is no .xlsx file")
        .says("hint:");
    scene
        .ferry("template -o t.xlsx --fields nowhere.json")
        .exits(2)
        .says("hint:");
    scene
        .ferry("template -o none/t.xlsx --fields fields.json")
        .exits(1)
        .says("error: none: ")
        .says("hint:");
    assert!(!scene.path("t.csv").exists() && !scene.path("t.xlsx").exists());
}

#[test]
fn the_explaining_sheet_is_no_data_whatever_the_fields_are_called() {
    let scene = Scene::new();
    let labels = ["字段", "示例", "选项", "类型", "如何填写"];
    let fields: Vec<Value> = labels
        .iter()
        .zip(1..)
        .map(|(label, number)| {
            json!({"param": format!("text_{number}"), "name": label, "type": "text", "status": 1})
        })
        .collect();
    scene.write("fields.json", Value::Array(fields).to_string());
    scene
        .ferry("template -o t.xlsx --fields fields.json --lang zh")
        .exits(0);
    // Its titles would make a header: taken for one, it would be a second sheet (E303), or rows with problems.
    let explained = Table::read_sheet(&scene.path("t.xlsx"), 1);
    for label in labels {
        assert!(explained.headers.iter().any(|title| title == label));
    }
    scene
        .ferry("check t.xlsx --fields fields.json")
        .exits(3)
        .says("[E314]");
    let run = scene.ferry("map t.xlsx --fields fields.json -o m.toml");
    run.exits(3).says("[E314]");
    // Whoever asks for it gets it.
    scene
        .ferry("check t.xlsx --fields fields.json --sheet 字段说明 --ignore-unmapped")
        .exits(3)
        .says("客户名称");
}
