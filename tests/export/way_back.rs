//! An export that comes back as an import: unedited nothing happens, edited only the edited cells travel.

use serde_json::{Map, Value, json};

use super::{fill, old};
use crate::support::{Endpoint, Options, Scene, Table};

fn insert(scene: &Scene, customer: &Value) -> String {
    scene.crm.insert(customer.as_object().cloned().unwrap())
}

/// Values that are hard to bring back: forms that no check would let pass, blanks, what a spreadsheet would run or cut.
fn awkward(scene: &Scene) -> Vec<String> {
    let customers = [
        json!({
            "customerName": " 前后有空格 ", "textarea_p8xw_1687316455310": "a\r\nb\rc\n",
            "mobile": [{"value": "无"}, {"value": "not a phone", "memo": " x "}, {"value": "1.38E+10"}],
            "email": [{"value": "no-at-sign"}], "qq": [{"value": "12345678901234567890"}],
        }),
        json!({
            "customerName": "合计", "customerSource": ["source_2", "没有这个选项"],
            "select_w1fs_1687316790458": "level_9", "multiSelect_h6jk_1687316845012": ["VIP、重点", "售前/售后", "tag_3"],
            "cascade_r2lb_1687316902233": ["浙江"],
        }),
        json!({
            "customerName": "=HYPERLINK(\"http://x\")", "text_k2ad_1687316401122": "'=1", "text_6ts9_1687316347239": "#CLEAR",
            "number_m3qe_1687316502874": "1.50", "date_v7hn_1687316560031": "2024/1/5", "datetime_b4rt_1687316611948": "2024-11-14 00:00:00",
        }),
        json!({
            "customerName": "6.86E+17", "text_k2ad_1687316401122": "685775343058800640", "number_m3qe_1687316502874": 1_000_000,
            "phone_z9uc_1687316678205": "－", "email_d5gy_1687316733667": "财务＠x.cn", "date_v7hn_1687316560031": "1899-12-31",
            "textarea_p8xw_1687316455310": "长".repeat(40_000), "owner": "685775343058800999",
        }),
        json!({
            "customerName": "-", "mobile": [], "wechat": [{"value": "a；b"}, {"value": "c", "memo": "d"}],
            "cascade_r2lb_1687316902233": ["area_1", "area_2"], "text_n0xe_1687316960781": "旧", "text_c8vo_1687317011406": "删", "text_new_1": "新",
            "multiSelect_h6jk_1687316845012": "tag_1",
        }),
    ];
    customers
        .iter()
        .map(|customer| insert(scene, customer))
        .collect()
}

/// What some format cannot hold, or reads as something else.
fn unwritable() -> Value {
    json!({
        "customerName": "''@x", "textarea_p8xw_1687316455310": "a_x0041\u{1}b\u{2}", "number_m3qe_1687316502874": "-0",
        "wechat": [{"value": "'=1+1", "memo": "'+cmd"}],
    })
}

#[test]
fn an_unedited_export_is_all_unchanged_whatever_is_stored() {
    for (name, flags) in [("all.xlsx", ""), ("all.csv", ""), ("all.csv", "--no-excel")] {
        for headers in ["label", "key", "both"] {
            let scene = Scene::new();
            let mut ids = awkward(&scene);
            ids.push(insert(&scene, &unwritable()));
            fill(&scene, 200);
            scene
                .ferry(&format!("export -o {name} --headers {headers} {flags}"))
                .exits(0);
            let before = scene.crm.customers();
            scene.crm.reset_counters();
            let output = scene.ferry(&format!("import {name} --json"));
            let json = output.exits(0).json();
            assert_eq!(
                json["unchanged"],
                200 + ids.len(),
                "{name} {headers} {flags}: {json}"
            );
            assert_eq!(scene.crm.customers(), before, "nothing was written");
            let counters = scene.crm.counters();
            assert_eq!(
                (counters.updated, counters.calls_to(Endpoint::Find)),
                (0, 0)
            );
            // Three pages and the field list.
            assert_eq!(counters.calls, 4);
        }
    }
}

#[test]
fn no_call_per_row_is_spent_on_rows_that_do_not_change() {
    let scene = Scene::with(Options::default());
    fill(&scene, 3_000);
    scene.ferry("export -o all.csv").exits(0);
    scene.crm.reset_counters();
    let output = scene.ferry("import all.csv").exits(0).says("[E322]");
    assert!(
        output.stderr.contains("3000 unchanged"),
        "{}",
        output.stderr
    );
    let calls = scene.crm.counters().calls;
    assert!(calls * 1000 <= 3_000 * 11, "{calls} calls");
}

/// What an update sent, without the id.
fn sent(scene: &Scene, line: &str) -> Vec<Map<String, Value>> {
    let bodies = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let shared = bodies.clone();
    scene.crm.on_call(move |call| {
        if call.endpoint == Endpoint::Update {
            let mut body: Map<String, Value> = serde_json::from_slice(call.body).unwrap();
            body.shift_remove("_id");
            shared.lock().unwrap().push(body);
        }
        None
    });
    scene.ferry(line).exits(0);
    scene.crm.on_call(|_| None);
    std::mem::take(&mut *bodies.lock().unwrap())
}

#[test]
fn of_an_edited_export_only_the_edited_cells_travel() {
    for name in ["edited.xlsx", "edited.csv"] {
        let scene = Scene::new();
        let ids = awkward(&scene);
        fill(&scene, 150);
        scene.ferry("export -o all.csv").exits(0);
        let mut table = Table::read(&scene.path("all.csv"));
        let row = |table: &Table, id: &str| {
            table
                .column("_id")
                .iter()
                .position(|its| *its == id)
                .unwrap()
        };
        // A text, a single position of a list, a memo; an emptied cell means nothing, and `#CLEAR` empties.
        let first = row(&table, &ids[0]);
        table.set(first, "客户名称", "新名字");
        table.set(first, "手机2", "13900000000");
        table.set(first, "备注", "");
        let second = row(&table, &ids[1]);
        table.set(second, "所在地区", "浙江/杭州/西湖");
        let third = row(&table, &ids[2]);
        table.set(third, "注册资本", "#CLEAR");
        // The same date in another form, and the same choice by its key, are no changes.
        table.set(third, "下次回访时间", "2024年11月14日");
        // A cell of a workbook cannot hold it.
        let fourth = row(&table, &ids[3]);
        table.set(fourth, "备注", "");
        if name == "edited.xlsx" {
            // Only CSV needs the guard before what would run.
            table.set(third, "客户编号", "'=1");
        }
        scene.save(name, &table);
        let before = scene.crm.customers();
        let mut bodies = sent(&scene, &format!("import {name} --ignore-unmapped"));
        bodies.sort_by_key(|body| body.keys().next().cloned());
        assert_eq!(
            bodies,
            [
                json!({"cascade_r2lb_1687316902233": ["浙江", "杭州", "西湖"]}),
                json!({"customerName": "新名字", "mobile": [{"value": "无"}, {"value": "13900000000", "memo": " x "}, {"value": "1.38E+10"}]}),
                json!({"number_m3qe_1687316502874": ""}),
            ]
            .map(|body| body.as_object().cloned().unwrap()),
            "{name}"
        );
        // Everybody else is as before.
        let after = scene.crm.customers();
        let differs = before
            .iter()
            .zip(&after)
            .filter(|(one, other)| one != other)
            .count();
        assert_eq!(differs, 3);
    }
}

#[test]
fn few_rows_are_looked_up_one_by_one_and_a_missing_customer_is_said() {
    let scene = Scene::new();
    let stored = fill(&scene, 1_000);
    let table = Table::of(
        &["_id", "客户名称", "手机"],
        &[
            &[&stored[0], "客户 00001", "13800000001"],
            &[&stored[1], "改名", ""],
            &["1000000000000000001", "谁", ""],
        ],
    );
    scene.save("few.csv", &table);
    scene.crm.reset_counters();
    let sheet = scene.ferry("import few.csv --json").exits(4).sheet();
    assert_eq!(sheet.column("_status"), ["unchanged", "ok", "invalid"]);
    assert_eq!(sheet.cell(2, "_error_code"), "E502");
    let counters = scene.crm.counters();
    // The first page tells that the list has ten; three looks are cheaper.
    assert_eq!(
        (counters.calls_to(Endpoint::List), counters.updated),
        (1, 1)
    );
    assert!(counters.calls_to(Endpoint::Find) <= 3);
}

#[test]
fn an_update_that_must_name_the_customer_names_it_as_stored() {
    let scene = Scene::with(Options {
        update_requires_name: true,
        ..Options::default()
    });
    let stored = fill(&scene, 2);
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nupdate.requires_name = true\n",
            scene.crm.base_url()
        ),
    );
    let table = Table::of(
        &["_id", "客户编号"],
        &[&[&stored[0], "X1"], &[&stored[1], "00000002"]],
    );
    scene.save("codes.csv", &table);
    let output = scene.ferry("import codes.csv --config ferry.toml").exits(0);
    assert!(
        output.stderr.contains("1 updated, 1 unchanged"),
        "{}",
        output.stderr
    );
    let customer = scene.crm.customer(&stored[0]).unwrap();
    assert_eq!(customer["customerName"], old(1)["customerName"]);
    assert_eq!(customer["text_k2ad_1687316401122"], "X1");
}

#[test]
fn an_export_of_another_account_is_refused_as_long_as_it_has_ids() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene.ferry("export -o all.xlsx").exits(0);
    let other = Scene::new();
    std::fs::copy(scene.path("all.xlsx"), other.path("all.xlsx")).unwrap();
    other.ferry("import all.xlsx").exits(3).says("[E318]");
}

#[test]
fn a_text_that_was_cut_is_never_half_a_new_customers() {
    let scene = Scene::new();
    let mut long = old(1);
    long.insert(
        "textarea_p8xw_1687316455310".to_owned(),
        "长".repeat(40_000).into(),
    );
    let id = scene.crm.insert(long);
    scene.ferry("export -o all.xlsx").exits(0);
    let mut table = Table::read(&scene.path("all.xlsx"));
    table.set(0, "客户名称", "改名");
    scene.save("edited.csv", &table);
    scene.ferry("import edited.csv").exits(0).says("[E447]");
    let kept = scene.crm.customer(&id).unwrap();
    assert_eq!(
        kept["textarea_p8xw_1687316455310"]
            .as_str()
            .unwrap()
            .chars()
            .count(),
        40_000
    );
    table.set(0, "_id", "");
    scene.save("new.csv", &table);
    let sheet = scene
        .ferry("import new.csv --mode add --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.cell(0, "_error_code"), "E431");
}

#[test]
fn emptied_cells_of_an_export_are_counted_and_said_once() {
    let scene = Scene::new();
    for name in ["甲", "乙", "丙"] {
        let customer = json!({"customerName": name, "mobile": [{"value": "13800000001"}]});
        scene.crm.insert(customer.as_object().cloned().unwrap());
    }
    scene.ferry("export -o all.csv").exits(0);
    let unedited = scene.ferry("import all.csv").exits(0);
    assert!(!unedited.stderr.contains("[E334]"), "{}", unedited.stderr);
    let mut table = Table::read(&scene.path("all.csv"));
    table.set(0, "手机", "");
    table.set(2, "手机", "");
    scene.save("all.csv", &table);
    let run = scene.ferry("import all.csv").exits(0);
    run.says("2 emptied cells change nothing").says("#CLEAR");
}

/// A row that a person has added to a result sheet has cells that nobody has filled, and none that was emptied.
#[test]
fn rows_that_were_added_to_a_result_sheet_have_no_emptied_cells() {
    let scene = Scene::new();
    let headers = ["客户名称", "手机", "备注"];
    for (name, row) in [
        ("old.csv", ["丙", "13800000003", "备"]),
        ("list.csv", ["甲", "13800000001", "备"]),
    ] {
        scene.save(name, &Table::of(&headers, &[&row]));
        scene
            .ferry(&format!("import {name} -o r.csv --yes"))
            .exits(0);
    }
    let mut table = Table::read(&scene.path("r.csv"));
    table.rows.push(vec![String::new(); table.headers.len()]);
    table.set(1, "客户名称", "丙");
    scene.save("r.csv", &table);
    let run = scene.ferry("import r.csv --key 客户名称 -o again.csv");
    assert!(!run.stderr.contains("[E334]"), "{}", run.stderr);
}

/// Cells that were blank in the source too were not emptied, whatever the CRM holds there by now.
#[test]
fn emptied_cells_of_a_result_sheet_are_told_from_those_that_were_always_blank() {
    for name in ["r.xlsx", "r.csv"] {
        let scene = Scene::new();
        let rows: &[&[&str]] = &[
            &["甲", "13800000001", "K1", ""],
            &["乙", "13800000002", "", "备"],
            &["丙", "13800000003", "K3", "备"],
        ];
        let source = Table::of(&["客户名称", "手机", "客户编号", "备注"], rows);
        scene.save("list.csv", &source);
        scene.ferry(&format!("import list.csv -o {name}")).exits(0);
        // A colleague fills in what the source did not have.
        let number = "text_k2ad_1687316401122";
        let mut theirs = scene.crm.customer(&scene.id_of("乙")).unwrap();
        theirs.insert(number.to_owned(), json!("同事填的"));
        scene.crm.insert(theirs);
        let include = format!("import {name} --include-done -o again.csv");
        let unedited = scene.ferry(&include).exits(0);
        assert!(!unedited.stderr.contains("[E334]"), "{}", unedited.stderr);

        let mut table = Table::read(&scene.path(name));
        table.set(0, "手机", "");
        table.set(1, "备注", "");
        table.set(2, "客户名称", "丙公司");
        table.set(2, "手机", "");
        table.set(2, "客户编号", "");
        scene.save(name, &table);
        // Rows that are done are passed over, and are said to be edited.
        let skipped = scene.ferry(&format!("import {name} -o skipped.csv"));
        let skipped = skipped.exits(9).says("[E430]");
        assert!(!skipped.stderr.contains("[E334]"), "{}", skipped.stderr);
        let said = scene.ferry(&include).exits(0);
        said.says("4 emptied cells change nothing");
        let stored = scene.crm.customer(&scene.id_of("丙公司")).unwrap();
        assert_eq!(stored["mobile"][0]["value"], "13800000003");
        assert_eq!(stored[number], "K3");
    }
}

/// Without its ids an export finds its customers by a key, and what was emptied is counted all the same.
#[test]
fn emptied_cells_of_an_export_are_counted_where_a_key_finds_the_customers() {
    let scene = Scene::new();
    for number in 1..=3 {
        scene.crm.insert(old(number));
    }
    scene.ferry("export -o all.xlsx").exits(0);
    let mut book = Table::read(&scene.path("all.xlsx"));
    let (name, phone) = (
        book.cell(0, "客户名称").to_owned(),
        book.cell(0, "手机").to_owned(),
    );
    assert!(!name.is_empty() && !phone.is_empty());
    book.set(0, "_id", "");
    book.set(0, "客户名称", "");
    scene.save("edited.csv", &book);
    std::fs::copy(
        scene.path("all.xlsx.manifest.json"),
        scene.path("edited.csv.manifest.json"),
    )
    .unwrap();
    scene
        .ferry("import edited.csv --key 手机")
        .exits(0)
        .says("1 emptied cell changes nothing");
}
