//! What stands in an exported file: columns, headers, choices in words, dates, what is cut, JSON lines, standard output.

use calamine::{Data, Reader};
use serde_json::{Value, json};

use super::{fill, manifest, old};
use crate::support::{Options, Scene, Table};

fn insert(scene: &Scene, customer: &Value) -> String {
    scene.crm.insert(customer.as_object().cloned().unwrap())
}

/// A customer that has something of everything.
fn rich(scene: &Scene) -> String {
    insert(
        scene,
        &json!({
            "customerName": "=1+1",
            "mobile": [{"value": "+86 138 0013 8000", "memo": "前台"}, {"value": "0571-88888888转801"}],
            "email": [{"value": "a@example.com"}],
            "customerSource": ["source_1", "官网"],
            "select_w1fs_1687316790458": "level_2",
            "multiSelect_h6jk_1687316845012": ["VIP、重点", "Key Account"],
            "cascade_r2lb_1687316902233": ["area_1", "area_2", "area_3"],
            "owner": "8310",
            "number_m3qe_1687316502874": "12.5",
            "date_v7hn_1687316560031": "2024-11-14",
            "datetime_b4rt_1687316611948": "2024-11-14 08:30:00",
            "text_k2ad_1687316401122": "007",
            "text_c8vo_1687317011406": "传真号",
            "text_unknown_1": "谁也不认识",
            "textarea_p8xw_1687316455310": "两行\n备注",
        }),
    )
}

#[test]
fn columns_stand_in_order_with_as_many_of_each_list_as_there_are() {
    let scene = Scene::new();
    let id = rich(&scene);
    fill(&scene, 3);
    scene.ferry("export -o all.csv").exits(0);
    let table = Table::read(&scene.path("all.csv"));
    assert_eq!(table.headers[0], "_id");
    let at = |header: &str| table.headers.iter().position(|its| its == header).unwrap();
    assert!(
        at("客户名称") < at("手机")
            && at("手机") < at("手机.备注")
            && at("手机.备注") < at("手机2")
    );
    // A deleted field that still holds something, and one that the field list does not know.
    assert!(at("传真") < at("text_unknown_1"));
    assert_eq!(
        table.headers.last().map(String::as_str),
        Some("text_unknown_1")
    );
    assert!(
        !table.headers.contains(&"旧编号".to_owned()),
        "a disabled field without data"
    );
    let row = table
        .column("_id")
        .iter()
        .position(|its| *its == id)
        .unwrap();
    for (header, cell) in [
        ("客户名称", "=1+1"),
        ("手机", "+86 138 0013 8000"),
        ("手机.备注", "前台"),
        ("手机2", "0571-88888888转801"),
        ("客户来源", "百度；官网"),
        ("客户级别", "B类"),
        ("客户标签", "VIP、重点；Key Account"),
        ("所在地区", "浙江/杭州/西湖"),
        ("注册资本", "12.5"),
        ("签约日期", "2024-11-14"),
        ("下次回访时间", "2024-11-14 08:30:00"),
        ("客户编号", "007"),
        ("备注", "两行\n备注"),
        ("传真", "传真号"),
        ("text_unknown_1", "谁也不认识"),
    ] {
        assert_eq!(table.cell(row, header), cell, "{header}");
    }
    // Excel must not run the name, and gets the phone as it is.
    let raw = std::fs::read_to_string(scene.path("all.csv")).unwrap();
    assert!(raw.starts_with('\u{feff}') && raw.contains(",'=1+1,+86 138 0013 8000,"));
    scene.ferry("export -o plain.csv --no-excel").exits(0);
    let raw = std::fs::read_to_string(scene.path("plain.csv")).unwrap();
    assert!(!raw.starts_with('\u{feff}') && raw.contains(",=1+1,+86 138 0013 8000,"));
}

#[test]
fn a_workbook_holds_real_dates_ids_as_text_and_sheets_beside() {
    let scene = Scene::new();
    let id = rich(&scene);
    scene.ferry("export -o all.xlsx").exits(0);
    let mut book = calamine::open_workbook_auto(scene.path("all.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["Customers", "Summary", "_ferry"]);
    let range = book.worksheet_range("Customers").unwrap();
    let headers: Vec<String> = range
        .rows()
        .next()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    let cell = |header: &str| {
        let at = headers.iter().position(|its| its == header).unwrap();
        range.rows().nth(1).unwrap()[at].clone()
    };
    assert_eq!(cell("_id"), Data::String(id));
    assert_eq!(cell("客户编号"), Data::String("007".into()));
    assert_eq!(cell("客户名称"), Data::String("=1+1".into()));
    assert_eq!(cell("注册资本"), Data::Float(12.5));
    for date in ["签约日期", "下次回访时间"] {
        assert!(
            matches!(cell(date), Data::DateTime(_)),
            "{date}: {:?}",
            cell(date)
        );
    }
    let chinese = scene.ferry("export -o zh.xlsx --lang zh").exits(0);
    assert!(chinese.stderr.contains("导出文件："), "{}", chinese.stderr);
    let book = calamine::open_workbook_auto(scene.path("zh.xlsx")).unwrap();
    assert_eq!(book.sheet_names(), ["客户", "汇总", "_ferry"]);
}

#[test]
fn text_beyond_the_limit_of_a_cell_is_cut_with_a_mark_and_counted() {
    let scene = Scene::new();
    let mut long = old(1);
    long.insert(
        "textarea_p8xw_1687316455310".to_owned(),
        "长".repeat(40_000).into(),
    );
    scene.crm.insert(long);
    scene.ferry("export -o all.xlsx").exits(0).says("[E627]");
    assert_eq!(manifest(&scene.path("all.xlsx"))["cut_cells"], 1);
    let table = Table::read(&scene.path("all.xlsx"));
    let cell = table.cell(0, "备注");
    assert!(cell.ends_with("…[cut]") && cell.chars().count() <= 32_767);
    scene.ferry("export -o all.csv").exits(0);
    assert_eq!(
        Table::read(&scene.path("all.csv"))
            .cell(0, "备注")
            .chars()
            .count(),
        40_000
    );
}

#[test]
fn headers_are_labels_keys_or_both_and_fields_come_in_the_order_asked_for() {
    let scene = Scene::new();
    rich(&scene);
    scene
        .ferry("export -o keys.csv --headers key --fields 手机,customerName,客户级别")
        .exits(0);
    let table = Table::read(&scene.path("keys.csv"));
    assert_eq!(
        table.headers,
        [
            "_id",
            "mobile",
            "mobile.memo",
            "mobile2",
            "customerName",
            "select_w1fs_1687316790458"
        ]
    );
    scene
        .ferry("export -o both.csv --headers both --fields 手机,客户名称")
        .exits(0);
    let table = Table::read(&scene.path("both.csv"));
    assert_eq!(
        table.headers,
        [
            "_id",
            "手机 (mobile)",
            "手机.备注 (mobile.memo)",
            "手机2 (mobile2)",
            "客户名称 (customerName)"
        ]
    );
    scene
        .ferry("export -o x.csv --fields 手机,来原")
        .exits(3)
        .says("[E323]");
    assert!(!scene.path("x.csv").exists() && scene.jobs().len() == 2);
}

#[test]
fn owners_have_their_names_beside_their_ids() {
    let scene = Scene::new();
    rich(&scene);
    scene.write("owners.csv", "name,id\n张三,8310\n");
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nowners = \"owners.csv\"\n",
            scene.crm.base_url()
        ),
    );
    scene
        .ferry("export -o all.csv --config ferry.toml")
        .exits(0);
    let table = Table::read(&scene.path("all.csv"));
    assert_eq!(
        (table.cell(0, "负责人"), table.cell(0, "_负责人")),
        ("8310", "张三")
    );
    // And the way back leaves the names alone.
    let back = scene.ferry("import all.csv --config ferry.toml").exits(0);
    assert!(back.stderr.contains("1 unchanged"), "{}", back.stderr);
}

#[test]
fn json_lines_are_what_the_server_sent_and_go_to_standard_output_as_well() {
    let scene = Scene::new();
    rich(&scene);
    fill(&scene, 120);
    let lines = |text: &str| -> Vec<Value> {
        text.lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    };
    scene.ferry("export -o all.jsonl").exits(0);
    let file = lines(&std::fs::read_to_string(scene.path("all.jsonl")).unwrap());
    let mut stored: Vec<Value> = scene
        .crm
        .customers()
        .into_iter()
        .map(Value::Object)
        .collect();
    stored.reverse();
    assert_eq!(file, stored);
    let piped = scene.ferry("export -o - --format jsonl").exits(0);
    assert_eq!(lines(&piped.stdout), stored);
    let csv = scene.ferry("export -o - --fields 客户名称").exits(0);
    assert_eq!(csv.stdout.lines().count(), 122);
    scene.ferry("export -o - --json").exits(2);
    scene.ferry("export -o - --format xlsx").exits(2);
    scene.ferry("export -o all.pdf").exits(2);
    scene.ferry("export -o all.csv --format jsonl").exits(2);
    scene.ferry("export -o {day}.csv").exits(2);
}

#[test]
fn a_filter_is_searched_by_the_crm_and_looked_at_again() {
    let scene = Scene::new();
    fill(&scene, 40);
    for number in 41..=60 {
        let mut customer = old(number);
        customer.insert("select_w1fs_1687316790458".to_owned(), "A类".into());
        scene.crm.insert(customer);
    }
    scene.ferry("export -o a.csv --where 客户级别=A类").exits(0);
    assert_eq!(Table::read(&scene.path("a.csv")).rows.len(), 20);
    assert_eq!(manifest(&scene.path("a.csv"))["filter"], "客户级别=A类");
    scene
        .ferry("export -o none.csv --where-empty 客户级别")
        .exits(0);
    assert_eq!(Table::read(&scene.path("none.csv")).rows.len(), 40);
    scene
        .ferry("export -o owned.csv --where-empty openSeaIds")
        .exits(0);
    scene
        .ferry("export -o x.csv --where 客户级别=Z类")
        .exits(3)
        .says("[E402]");
    scene
        .ferry("export -o x.csv --where 备注=什么")
        .exits(3)
        .says("[E324]");
    scene.ferry("export -o x.csv --where 级别").exits(2);
    scene
        .ferry("export -o x.csv --where 客户级别=A类 --where-empty 手机")
        .exits(2);
}

#[test]
fn an_unknown_form_of_the_list_is_no_end() {
    // More customers a page than the server gives by default, and a page size of the account's own.
    let scene = Scene::with(Options {
        page_cap: Some(30),
        ..Options::default()
    });
    fill(&scene, 100);
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nlist.page_size = 7\n",
            scene.crm.base_url()
        ),
    );
    scene
        .ferry("export -o all.csv --config ferry.toml")
        .exits(0);
    assert_eq!(manifest(&scene.path("all.csv"))["list"]["page_size"], 7);
    assert_eq!(Table::read(&scene.path("all.csv")).rows.len(), 100);
}

/// Windows has paths of 260 letters, unless a program asks for longer ones.
#[test]
fn a_path_may_be_longer_than_windows_had_them() {
    let scene = Scene::new();
    insert(&scene, &json!({"customerName": "甲公司"}));
    let folder = ["客", "户", "名"].map(|part| part.repeat(80)).join("/");
    std::fs::create_dir_all(scene.path(&folder)).unwrap();
    for name in ["all.csv", "all.xlsx", "all.jsonl"] {
        let file = format!("{folder}/{name}");
        scene.ferry(&format!("export -o {file}")).exits(0);
        // A second one takes the place of the first.
        scene.ferry(&format!("export -o {file}")).exits(0);
        let found = std::fs::metadata(scene.path(&file)).unwrap();
        assert!(found.len() > 0);
        #[cfg(windows)]
        {
            const TEMPORARY: u32 = 0x100;
            let marks = std::os::windows::fs::MetadataExt::file_attributes(&found);
            assert_eq!(
                marks & TEMPORARY,
                0,
                "OneDrive and backups leave {name} out"
            );
        }
    }
    scene.ferry(&format!("import {folder}/all.csv")).exits(0);
}
