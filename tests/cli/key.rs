//! `--key`: by what a row is recognised.

use std::sync::{Arc, Mutex};

use crate::support::{Endpoint, FaultKind, Scene, Table, named};

#[test]
fn one_key_stands_once_in_a_file_however_it_is_written() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "138-0013-8000", "一"],
        &["乙", "13900139000", "二"],
        &["丙", "+86 138 0013 8000", "三"],
        &["丁", "", "四"],
    ];
    let list = Table::of(&["客户名称", "手机", "详细地址"], rows);
    scene.save("list.csv", &list);
    let sheet = scene
        .ferry("import list.csv --key 手机 -o result.csv")
        .exits(4);
    drop(sheet);
    let sheet = Table::read(&scene.path("result.csv"));
    assert_eq!(sheet.column("_status"), ["ok", "ok", "invalid", "invalid"]);
    assert_eq!(sheet.column("_error_code"), ["", "", "E435", "E434"]);
    assert!(
        sheet.cell(2, "_error").contains("row 2"),
        "{}",
        sheet.cell(2, "_error")
    );
    // The mended sheet goes in, and so does a row that is meant to have no key.
    let mut mended = sheet;
    mended.set(2, "手机", "13700137000");
    scene.save("mended.csv", &mended);
    let sheet = scene
        .ferry("import mended.csv --key 手机 --blank-key add --json")
        .exits(0)
        .sheet();
    assert_eq!((sheet.count("skipped"), sheet.count("ok")), (2, 2));
    assert_eq!(scene.crm.customer_count(), 4);
}

#[test]
fn keys_together_and_one_after_the_other() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "13800138000", ""],
        // The name alone is not the key.
        &["甲", "13900139000", ""],
        &["甲", "13800138000", ""],
        // No phone: the second key counts.
        &["乙", "", "b@example.com"],
        &["丙", "", "B@example.com"],
    ];
    let list = Table::of(&["客户名称", "手机", "邮箱"], rows);
    scene.save("list.csv", &list);
    let sheet = scene
        .ferry("import list.csv --key 客户名称+mobile --key email --json")
        .exits(4)
        .sheet();
    assert_eq!(
        sheet.column("_status"),
        ["ok", "ok", "invalid", "ok", "invalid"]
    );
}

#[test]
fn what_cannot_be_a_key_is_said_before_anything_is_sent() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    for (key, why) in [
        ("幸运数字", "no such field"),
        ("客户级别", "identifies nobody"),
        ("邮箱", "no column"),
    ] {
        scene
            .ferry(&format!("import list.csv --key {key}"))
            .exits(3)
            .says("[E320]")
            .says(why);
    }
    assert_eq!(scene.adds(), 0);
}

/// A row whose reply is lost is searched by its key, and not by the phone that would come first.
#[test]
fn a_row_in_doubt_is_searched_by_its_key() {
    let scene = Scene::new();
    let mut list = Table::of(&["客户名称", "手机", "邮箱"], &[]);
    list.rows = (1..=6)
        .map(|number| {
            vec![
                format!("客户 {number}"),
                "13800138000".to_owned(),
                format!("k{number}@example.com"),
            ]
        })
        .collect();
    scene.save("list.csv", &list);
    let searched: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&searched);
    scene.crm.on_call(move |call| {
        if call.endpoint == Endpoint::List {
            seen.lock()
                .unwrap()
                .push(String::from_utf8_lossy(call.body).into_owned());
        }
        let third = call.endpoint == Endpoint::Add && call.number == 3;
        third.then_some(FaultKind::LostReply)
    });
    let sheet = scene
        .ferry("import list.csv --key 邮箱 --concurrency 1 --timeout 2s --json")
        .exits(0)
        .sheet();
    assert_eq!(sheet.count("ok"), 6);
    scene.agrees_with(&sheet);
    let searched = searched.lock().unwrap();
    let by_field: Vec<&String> = searched
        .iter()
        .filter(|body| body.contains("operator"))
        .collect();
    assert!(!by_field.is_empty());
    assert!(
        by_field.iter().all(|body| body.contains("email")),
        "{by_field:?}"
    );
}

/// `key` of a mapping is what `--key` is, unless a key is typed.
#[test]
fn a_mapping_names_keys_as_well() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "138-0013-8000", "a@example.com"],
        &["乙", "13800138000", "b@example.com"],
        &["丙", "", "a@example.com"],
    ];
    let list = Table::of(&["客户名称", "手机", "邮箱"], rows);
    scene.save("list.csv", &list);
    scene.write("map.toml", "[columns.\"手机\"]\nkey = true\n");
    let by_phone = ["", "E435", "E434"];
    for command in [
        "check list.csv --all -o seen.csv",
        "import list.csv -o seen.csv",
    ] {
        let exit = if command.starts_with("check") { 3 } else { 4 };
        scene
            .ferry(&format!("{command} --map map.toml"))
            .exits(exit);
        let sheet = Table::read(&scene.path("seen.csv"));
        assert_eq!(sheet.column("_error_code"), by_phone, "{command}");
    }
    // What is typed wins.
    let typed = "check list.csv --all -o typed.csv --map map.toml --key 邮箱";
    scene.ferry(typed).exits(3);
    let sheet = Table::read(&scene.path("typed.csv"));
    assert_eq!(sheet.column("_error_code"), ["", "", "E435"]);
    // A field that identifies nobody is no key, wherever it is named.
    scene.write("map.toml", "[columns.\"客户来源\"]\nkey = true\n");
    scene.save(
        "other.csv",
        &Table::of(&["客户名称", "客户来源"], &[&["丁", "百度"]]),
    );
    scene
        .ferry("import other.csv --map map.toml")
        .exits(3)
        .says("[E320]");
}
