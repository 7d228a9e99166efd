//! One row per contact: several rows of one customer become one customer, and each row its answer.

use std::collections::BTreeMap;

use serde_json::json;

use crate::support::{Scene, Table};

const MAPPING: &str = "merge_rows = [\"编号\"]\n[columns.\"编号\"]\nfield = \"客户编号\"\n[columns.\"联系人\"]\nfield = \"手机.备注\"\n[columns.\"级别\"]\nfield = \"客户级别\"\ndefault = \"未分级\"\n[columns.\"标签\"]\nfield = \"客户标签\"\n";

const HEADERS: &[&str] = &["编号", "客户名称", "手机", "联系人", "级别", "标签"];

fn scene(rows: &[&[&str]]) -> Scene {
    let scene = Scene::new();
    scene.write("m.toml", MAPPING);
    scene.save("t.xlsx", &Table::of(HEADERS, rows));
    scene
}

#[test]
fn a_customer_of_several_rows_that_an_undo_took_away_is_added_again_whole() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "", ""],
        &["1", "", "13900139000", "李四", "", ""],
        &["2", "乙", "13700137000", "", "", ""],
    ]);
    scene
        .ferry("import t.xlsx --map m.toml -o r1.xlsx")
        .exits(0);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    let run = scene.ferry("import r1.xlsx --json").exits(0);
    assert_eq!(run.json()["added"], 2, "{}", run.stdout);
    assert_eq!(run.sheet().count("ok"), 3);
    let stored = scene.crm.customers();
    let phones = stored
        .iter()
        .map(|one| one["mobile"].as_array().map_or(0, Vec::len));
    let mut phones: Vec<usize> = phones.collect();
    phones.sort_unstable();
    assert_eq!(phones, [1, 2], "{stored:?}");
}

/// Every sheet counts such rows apart from those that were skipped.
#[test]
fn a_verification_counts_united_rows_as_the_result_sheet_does() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "", ""],
        &["1", "", "13900139000", "李四", "", ""],
        &["2", "乙", "13700137000", "", "", ""],
    ]);
    scene.ferry("import t.xlsx --map m.toml -o r.xlsx").exits(0);
    scene.ferry("verify -o v.xlsx").exits(0);
    let counted = |name: &str, sheet: usize| {
        let sheet = Table::read_sheet(&scene.path(name), sheet);
        let of = |label: &str| {
            let mut rows = sheet.rows.iter();
            let row = rows.find(|row| row[0] == label);
            row.map(|row| row[1].clone()).unwrap_or_default()
        };
        ["skipped", "united with a row above"].map(of)
    };
    assert_eq!(counted("v.xlsx", 0), ["0", "1"]);
    assert_eq!(counted("v.xlsx", 0), counted("r.xlsx", 2));
}

#[test]
fn rows_of_one_customer_are_added_once_and_each_is_answered() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "", "VIP"],
        // The name stands in the first row only; the same number again; another tag.
        &["1", "", "13900139000", "李四", "A类", "制造业；VIP"],
        &["1", "甲", "13800138000", "", "A类", ""],
        &["2", "乙", "13700137000", "", "", ""],
        // Rows without a key are their own.
        &["", "丙", "13600136000", "", "", ""],
        &["", "丁", "13600136001", "", "", ""],
    ]);
    let checked = scene.ferry("check t.xlsx --map m.toml --json").exits(0);
    let counted = ["rows", "added", "skipped"].map(|name| checked.json()[name].as_u64());
    assert_eq!(counted, [Some(6), Some(4), Some(2)]);
    let run = scene.ferry("import t.xlsx --map m.toml --json").exits(0);
    let counted = ["rows", "added", "skipped"].map(|name| run.json()[name].as_u64());
    assert_eq!(counted, [Some(6), Some(4), Some(2)]);
    let sheet = run.sheet();
    assert_eq!(scene.adds(), 4);
    assert_eq!(sheet.rows.len(), 6);
    assert_eq!(sheet.count("ok"), 6);
    let ids = sheet.column("_id");
    assert_eq!((ids[0], ids[0]), (ids[1], ids[2]));
    assert_eq!(
        ids.iter().collect::<std::collections::BTreeSet<_>>().len(),
        4
    );
    assert_eq!(
        sheet.column("_error_code"),
        ["", "E442", "E442", "", "", ""]
    );
    // Whoever filters the sheet finds the numbers that are said.
    let united = "united with source row 2: added";
    let added = ["added", united, united, "added", "added", "added"];
    assert_eq!(sheet.column("_result"), added);
    let summary = summary_of(&run.result(), 2);
    assert_eq!(
        ["ok", "skipped", "united with a row above", "all rows"].map(|label| summary[label]),
        [4, 0, 2, 6]
    );
    let stored = scene.crm.customer(ids[0]).unwrap();
    let values: Vec<_> = stored["mobile"].as_array().unwrap().iter().collect();
    assert_eq!(values.len(), 2);
    assert_eq!(
        (&values[0]["value"], &values[0]["memo"]),
        (&json!("13800138000"), &json!("张三"))
    );
    assert_eq!(
        (&values[1]["value"], &values[1]["memo"]),
        (&json!("13900139000"), &json!("李四"))
    );
    // A default is for what no row fills.
    assert_eq!(stored["select_w1fs_1687316790458"], "A类");
    assert_eq!(
        stored["multiSelect_h6jk_1687316845012"],
        json!(["VIP", "制造业"])
    );
    let stored = scene.crm.customer(ids[3]).unwrap();
    assert_eq!(stored["select_w1fs_1687316790458"], "未分级");

    // Counts are of what was done: four customers, and two rows that went with one of them.
    let job = scene.job();
    let said = scene.ferry("jobs --json").exits(0).json();
    assert_eq!(said[0]["job"], job);
    let counts = ["rows", "added", "skipped"].map(|name| said[0][name].as_u64());
    assert_eq!(counts, [Some(6), Some(4), Some(2)]);
    let again = scene
        .ferry(&format!("jobs {job} --result again.csv"))
        .exits(0);
    drop(again);
    let again = Table::read(&scene.path("again.csv"));
    assert_eq!((again.column("_id"), again.count("ok")), (ids.clone(), 6));

    // The file again, and its result sheet: nothing is added.
    scene.ferry("import t.xlsx --map m.toml").exits(9);
    let result = scene
        .ferry("import t.xlsx --map m.toml -o r.xlsx --json")
        .exits(9)
        .result();
    assert!(result.ends_with("r.xlsx"));
    let checked = scene
        .ferry("check r.xlsx --map m.toml --json")
        .exits(0)
        .json();
    let again = scene
        .ferry("import r.xlsx --map m.toml --json")
        .exits(9)
        .json();
    assert_eq!(
        (&checked["skipped"], &again["skipped"]),
        (&json!(6), &json!(6))
    );
    assert_eq!(scene.adds(), 4);
}

/// The counts of a workbook's summary, which is its sheet at a position.
fn summary_of(path: &std::path::Path, position: usize) -> BTreeMap<String, u64> {
    let summary = Table::read_sheet(path, position);
    let count = |line: Vec<String>| Some((line[0].clone(), line[1].parse().ok()?));
    summary.rows.into_iter().filter_map(count).collect()
}

/// One number of united and of skipped rows: on the terminal, in the sheet, in the summary, of check, plan and import.
#[test]
fn united_rows_are_counted_alike_everywhere() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "A类", "VIP"],
        &["1", "", "13900139000", "李四", "", ""],
        &["2", "乙", "13700137000", "", "", ""],
    ]);
    scene
        .ferry("check t.xlsx --map m.toml -o c.xlsx --all")
        .exits(0)
        .says("2 to add, 0 to update, 1 united with a row above, 0 invalid");
    let checked = Table::read(&scene.path("c.xlsx"));
    let said = ["valid", "united with a row above", "valid"];
    assert_eq!(checked.column("_result"), said);
    let summary = summary_of(&scene.path("c.xlsx"), 2);
    assert_eq!(
        ["valid", "not valid", "united with a row above"].map(|label| summary[label]),
        [2, 0, 1]
    );
    scene
        .ferry("plan t.xlsx --map m.toml")
        .exits(0)
        .says("2 to add, 0 to update, 1 united with a row above\n");
    scene
        .ferry("import t.xlsx --map m.toml -o r.xlsx")
        .exits(0)
        .says("3 rows: 2 added, 1 united with a row above");
    scene
        .ferry("jobs")
        .exits(0)
        .prints("2 added, 1 united with a row above");
    // A rerun skips two rows, and the third goes with one of them.
    scene
        .ferry("import t.xlsx --map m.toml -o again.xlsx")
        .exits(9)
        .says("3 rows: 2 skipped, 1 united with a row above");
    let again = Table::read(&scene.path("again.xlsx"));
    let said = ["skipped", "united with source row 2: skipped", "skipped"];
    assert_eq!(again.column("_result"), said);
}

#[test]
fn a_customer_is_sent_whole_or_not_at_all() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "", "A类", ""],
        &["1", "甲", "13900139000", "", "B类", ""],
        &["2", "乙", "13700137000", "", "", ""],
        &["2", "乙", "電話", "", "", ""],
        &["3", "丙", "13600136000", "", "", ""],
        &["4", "丁", "", "", "", ""],
        &["3", "丙", "13500135000", "", "", ""],
        &["5", "", "13400134000", "", "", ""],
        &["5", "", "13300133000", "", "", ""],
    ]);
    let line = "check t.xlsx --map m.toml --json";
    let told = scene.ferry(line).exits(3).json();
    assert_eq!(
        (&told["rows"], &told["added"], &told["invalid"]),
        (&json!(9), &json!(2), &json!(7))
    );

    let sheet = scene
        .ferry("import t.xlsx --map m.toml --json")
        .exits(4)
        .sheet();
    let codes = [
        "E445", "E444", "E445", "E406", "", "", "E443", "E401", "E445",
    ];
    assert_eq!(sheet.column("_error_code"), codes);
    assert_eq!(
        sheet.cell(1, "_error"),
        "客户级别: “B类” differs from “A类” in source row 2, and both rows are one customer"
    );
    assert_eq!(scene.adds(), 2);

    // Mended in the result sheet: only what was held back is sent, and once.
    let mut mended = sheet;
    mended.set(1, "级别", "A类");
    mended.set(3, "手机", "13100131000");
    mended.set(7, "客户名称", "戊");
    scene.save("mended.xlsx", &mended);
    let again = scene
        .ferry("import mended.xlsx --map m.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(scene.adds(), 5);
    assert_eq!(again.count("ok"), 6);
    assert_eq!(again.column("_error_code")[6], "E443");
    assert_eq!(scene.names().values().max(), Some(&1));
}

/// The phones of a customer, each with its memo.
fn phones(scene: &Scene, id: &str) -> Vec<(String, String)> {
    let stored = scene.crm.customer(id).expect("stored");
    let entries = stored["mobile"].as_array().expect("a list");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    entries
        .iter()
        .map(|entry| (text(&entry["value"]), text(&entry["memo"])))
        .collect()
}

fn pairs(expected: &[(&str, &str)]) -> Vec<(String, String)> {
    let owned = |(value, memo): &(&str, &str)| ((*value).to_owned(), (*memo).to_owned());
    expected.iter().map(owned).collect()
}

/// A contact that was wrong when the others of its customer were added is sent when it is mended, wherever it stands.
#[test]
fn a_contact_that_was_mended_reaches_the_customer_of_its_rows() {
    for wrong in 0..3 {
        let mut rows = [
            ["1", "甲", "13800138000", "张三", "A类", "VIP"],
            ["1", "甲", "13900139000", "李四", "", ""],
            ["1", "甲", "13700137000", "王五", "", ""],
        ];
        rows[wrong][0] = "";
        rows[wrong][1] = "";
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 6]>::as_slice).collect();
        let scene = scene(&rows);
        let run = scene.ferry("import t.xlsx --map m.toml --json").exits(4);
        let mut sheet = run.sheet();
        assert_eq!(sheet.column("_status")[wrong], "invalid");
        assert_eq!(scene.adds(), 1, "{wrong}");
        sheet.set(wrong, "编号", "1");
        sheet.set(wrong, "客户名称", "甲");
        scene.save("mended.xlsx", &sheet);
        let checked = scene
            .ferry("check mended.xlsx --map m.toml --json")
            .exits(0);
        let line = "import mended.xlsx --map m.toml --json";
        let again = scene.ferry(line).exits(0);
        for name in ["added", "updated"] {
            assert_eq!(checked.json()[name], again.json()[name], "{wrong} {name}");
        }
        let sheet = again.sheet();
        assert_eq!(scene.adds(), 1, "{wrong}");
        assert_eq!(sheet.count("ok"), 3, "{wrong}: {:?}", sheet.rows);
        let id = scene.id_of("甲");
        assert_eq!(sheet.column("_id"), [&id; 3], "{wrong}");
        let mut found = phones(&scene, &id);
        found.sort();
        let all = [
            ("13700137000", "王五"),
            ("13800138000", "张三"),
            ("13900139000", "李四"),
        ];
        assert_eq!(found, pairs(&all), "{wrong}");
        // Once more changes nothing.
        scene.save("again.xlsx", &sheet);
        scene.ferry("import again.xlsx --map m.toml").exits(9);
    }
}

/// What the done rows say was written before, and may have been changed since by somebody else. So were defaults.
#[test]
fn a_mended_contact_writes_no_more_than_itself() {
    for (wrong, level) in [(1, "A类"), (0, "A类"), (0, "")] {
        let mut rows = [
            ["1", "甲", "13800138000", "张三", "", ""],
            ["1", "甲", "13900139000", "李四", "", ""],
        ];
        rows[1 - wrong][4] = level;
        rows[wrong][0] = "";
        rows[wrong][1] = "";
        let rows: Vec<&[&str]> = rows.iter().map(<[&str; 6]>::as_slice).collect();
        mended_contact(&scene(&rows), wrong);
    }
}

fn mended_contact(scene: &Scene, wrong: usize) {
    let mut sheet = scene
        .ferry("import t.xlsx --map m.toml --json")
        .exits(4)
        .sheet();
    let id = scene.id_of("甲");
    let other = Table::of(&["_id", "级别"], &[&[&id, "B类"]]);
    scene.save("other.xlsx", &other);
    scene.write("other.toml", "[columns.\"级别\"]\nfield = \"客户级别\"\n");
    scene.ferry("import other.xlsx --map other.toml").exits(0);
    sheet.set(wrong, "编号", "1");
    sheet.set(wrong, "客户名称", "甲");
    scene.save("mended.xlsx", &sheet);
    scene.ferry("import mended.xlsx --map m.toml").exits(0);
    let stored = scene.crm.customer(&id).expect("stored");
    assert_eq!(
        stored["select_w1fs_1687316790458"],
        json!("B类"),
        "{stored:?}"
    );
    let mut found = phones(scene, &id);
    found.sort();
    let all = [("13800138000", "张三"), ("13900139000", "李四")];
    assert_eq!(found, pairs(&all));
}

/// Rows that stood apart were refused; sorted in the result sheet, they are contacts of the customer that was added.
#[test]
fn rows_that_stood_apart_are_sent_when_the_result_sheet_is_sorted() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "", ""],
        &["2", "乙", "13700137000", "", "", ""],
        &["1", "甲", "13900139000", "李四", "", ""],
    ]);
    let mut sheet = scene
        .ferry("import t.xlsx --map m.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_error_code"), ["", "", "E443"]);
    sheet.rows.swap(1, 2);
    scene.save("sorted.xlsx", &sheet);
    scene.ferry("import sorted.xlsx --map m.toml").exits(0);
    let all = [("13800138000", "张三"), ("13900139000", "李四")];
    assert_eq!(phones(&scene, &scene.id_of("甲")), pairs(&all));
    assert_eq!(scene.adds(), 2);
}

/// A contact that is added to the source later must not be passed over with the rows that were added before.
#[test]
fn a_contact_that_is_new_in_the_source_is_refused_until_it_is_said_whose_it_is() {
    let first: [&[&str]; 2] = [
        &["1", "甲", "13800138000", "张三", "", ""],
        &["1", "甲", "13900139000", "李四", "", ""],
    ];
    let scene = scene(&first);
    scene.ferry("import t.xlsx --map m.toml").exits(0);
    // The same rows again, and fewer of them, are known.
    scene.save("fewer.xlsx", &Table::of(HEADERS, &first[..1]));
    scene.ferry("import t.xlsx --map m.toml").exits(9);
    scene.ferry("import fewer.xlsx --map m.toml").exits(9);
    let third: &[&str] = &["1", "甲", "13700137000", "王五", "", ""];
    scene.save("t.xlsx", &Table::of(HEADERS, &[first[0], first[1], third]));
    let checked = scene.ferry("check t.xlsx --map m.toml --json").exits(3);
    let run = scene.ferry("import t.xlsx --map m.toml --json").exits(4);
    assert_eq!(checked.json()["invalid"], json!(1));
    assert_eq!(run.json()["invalid"], json!(1));
    let id = scene.id_of("甲");
    let sheet = run.sheet();
    assert_eq!(
        sheet.column("_error_code"),
        ["E465", "E442; E465", "E442; E465"]
    );
    assert!(sheet.cell(0, "_tip").contains(&id), "{:?}", sheet.rows);
    assert_eq!(scene.adds(), 1);
    scene
        .ferry("import t.xlsx --map m.toml --key 客户编号")
        .exits(0);
    let all = [
        ("13800138000", "张三"),
        ("13900139000", "李四"),
        ("13700137000", "王五"),
    ];
    assert_eq!(phones(&scene, &id), pairs(&all));
    assert_eq!(scene.adds(), 1);
}

#[test]
fn a_customer_never_ends_at_the_end_of_a_batch() {
    // Rows are read 512 at a time: the customer of rows 1023 to 1026 lies across.
    let texts: Vec<[String; 6]> = (0..1030)
        .map(|row: u32| {
            let key = if (1022..1026).contains(&row) {
                9999
            } else {
                row
            };
            let phone = format!("138{row:08}");
            [
                key.to_string(),
                format!("客户 {key}"),
                phone,
                String::new(),
                String::new(),
                String::new(),
            ]
        })
        .collect();
    let rows: Vec<Vec<&str>> = texts
        .iter()
        .map(|row| row.iter().map(String::as_str).collect())
        .collect();
    let rows: Vec<&[&str]> = rows.iter().map(Vec::as_slice).collect();
    let scene = scene(&rows);
    let told = scene
        .ferry("check t.xlsx --map m.toml --json")
        .exits(0)
        .json();
    assert_eq!(
        (&told["rows"], &told["added"]),
        (&json!(1030), &json!(1027))
    );
}

#[test]
fn an_update_appends_the_contacts_of_later_rows() {
    let scene = scene(&[&["1", "甲", "13800138000", "张三", "", ""]]);
    scene.ferry("import t.xlsx --map m.toml").exits(0);
    let id = scene.id_of("甲");
    let table = Table::of(
        &["_id", "编号", "手机", "联系人"],
        &[
            &[&id, "1", "13800138001", ""],
            &["", "1", "13900139000", "李四"],
        ],
    );
    scene.save("u.xlsx", &table);
    scene.write("u.toml", "merge_rows = [\"编号\"]\n[columns.\"编号\"]\nfield = \"客户编号\"\n[columns.\"联系人\"]\nfield = \"手机.备注\"\n");
    let sheet = scene
        .ferry("import u.xlsx --map u.toml --json")
        .exits(0)
        .sheet();
    assert_eq!(sheet.column("_id"), [&id, &id]);
    let stored = scene.crm.customer(&id).unwrap();
    let phones: Vec<&str> = stored["mobile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["value"].as_str().unwrap())
        .collect();
    assert_eq!(phones, ["13800138001", "13900139000"]);
}

#[test]
fn a_merge_column_that_is_not_there_is_named() {
    let scene = scene(&[&["1", "甲", "", "", "", ""]]);
    scene.write("m.toml", MAPPING.replace("[\"编号\"]", "[\"编码\"]"));
    scene
        .ferry("check t.xlsx --map m.toml")
        .exits(3)
        .says("m.toml:1:14")
        .says("the sheet has no column “编码”, nearest: 编号");
}

/// Two texts of one customer can both be kept: the tip says how.
#[test]
fn texts_that_differ_are_told_what_to_do_with_them() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["1", "甲", "13800138000", "已寄样品", "A类"],
        &["1", "甲", "13900139000", "周三再打", "B类"],
    ];
    let header = ["编号", "客户名称", "手机", "说明", "客户级别"];
    scene.save("t.xlsx", &Table::of(&header, rows));
    let mapping = |memo: &str| {
        format!(
            "merge_rows = [\"编号\"]\n[columns.\"编号\"]\nfield = \"客户编号\"\n[columns.\"说明\"]\nfield = \"{memo}\"\n"
        )
    };
    scene.write("text.toml", mapping("备注"));
    let check = "check t.xlsx --all -o checked.xlsx --map";
    scene.ferry(&format!("{check} text.toml")).exits(3);
    let checked = Table::read(&scene.path("checked.xlsx"));
    assert_eq!(checked.cell(1, "_error_code"), "E444");
    let tip = checked.cell(1, "_tip");
    assert!(
        tip.contains("write “已寄样品；周三再打” in source row 2"),
        "{tip}"
    );
    // A level can have one value only.
    assert_eq!(tip.matches("to keep both").count(), 1, "{tip}");

    // As the tip says: one row has both, or each phone has its own.
    let mut mended = checked.clone();
    mended.set(0, "说明", "已寄样品；周三再打");
    for header in ["说明", "客户级别"] {
        mended.set(1, header, "");
    }
    scene.save("mended.xlsx", &mended);
    scene.ferry("check mended.xlsx --map text.toml").exits(0);
    scene.write("memo.toml", mapping("手机.备注"));
    scene.ferry(&format!("{check} memo.toml")).exits(3);
    let checked = Table::read(&scene.path("checked.xlsx"));
    assert_eq!(checked.cell(1, "_error_code"), "E444");
}

/// The preview says what is sent: one add for each customer, with the contacts of all its rows.
#[test]
fn the_preview_shows_the_united_list_once() {
    let scene = scene(&[
        &["1", "甲", "13800138000", "张三", "A类", ""],
        &["1", "甲", "139-0013-9000", "李四", "A类", ""],
        &["2", "乙", "13700137000/13700137001", "王五", "A类", ""],
    ]);
    scene
        .ferry("plan t.xlsx --map m.toml -o p.xlsx --lang zh")
        .exits(0);
    let preview = Table::read_sheet(&scene.path("p.xlsx"), 0);
    assert_eq!(
        preview.column("_结果"),
        ["将新增", "与源表第 2 行合并：将新增", "将新增"]
    );
    assert_eq!(preview.column("_action"), ["add", "none", "add"]);
    let phones = preview.cell(0, "手机");
    for part in ["13800138000 (张三)", "139-0013-9000 (李四)"] {
        assert!(phones.contains(part), "{phones}");
    }
    assert_eq!(preview.cell(1, "手机"), "139-0013-9000");
    assert_eq!(preview.cell(2, "手机"), "13700137000/13700137001");
}

/// A workbook as people write it: the customer's name is one cell beside the rows of the contacts.
fn merged_names(scene: &Scene) {
    let rows: &[&[&str]] = &[
        &["甲公司", "13800138000", "张三"],
        &["", "13900139000", "李四"],
        &["", "13700137000", "王五"],
        &["乙公司", "13600136000", "赵六"],
        &["", "13500135000", "无主"],
    ];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    Table::of(&["客户名称", "手机", "手机.备注"], rows).fill(sheet);
    let plain = rust_xlsxwriter::Format::new();
    sheet.merge_range(1, 0, 3, 0, "甲公司", &plain).unwrap();
    book.save(scene.path("t.xlsx")).unwrap();
}

#[test]
fn a_name_that_is_merged_down_is_the_name_of_each_row() {
    let scene = Scene::new();
    merged_names(&scene);
    scene.write("m.toml", "merge_rows = [\"客户名称\"]\n");
    // Without a mapping the rows below are named, and what unites them.
    scene
        .ferry("check t.xlsx")
        .exits(3)
        .says("2 rows stand below a merged “客户名称”")
        .says("merge_rows of a mapping");
    scene
        .ferry("map t.xlsx -o proposed.toml")
        .says("2 rows name the customer of the row above");
    let run = scene.ferry("import t.xlsx --map m.toml --mode add --json");
    assert!(!run.stderr.contains("E446"), "{}", run.stderr);
    let sheet = run.exits(4).sheet();
    // The row that no cell is merged with stays without a name.
    assert_eq!(
        sheet.column("客户名称"),
        ["甲公司", "甲公司", "甲公司", "乙公司", ""]
    );
    assert_eq!(
        sheet.column("_error_code"),
        ["", "E442", "E442", "", "E401"]
    );
    let stored = scene.crm.customer(sheet.column("_id")[0]).unwrap();
    assert_eq!(stored["mobile"].as_array().unwrap().len(), 3);
    assert_eq!(scene.adds(), 2);
}

#[test]
fn a_customer_with_merged_rows_is_sent_whole_or_not() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[&["", "13800138000"], &["", "12"]];
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    Table::of(&["客户名称", "手机"], rows).fill(sheet);
    let plain = rust_xlsxwriter::Format::new();
    sheet.merge_range(1, 0, 2, 0, "甲公司", &plain).unwrap();
    book.save(scene.path("t.xlsx")).unwrap();
    scene.write("m.toml", "merge_rows = [\"客户名称\"]\n");
    scene
        .ferry("import t.xlsx --map m.toml --mode add")
        .exits(4);
    assert_eq!(scene.adds(), 0);
}
