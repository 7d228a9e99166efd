//! Everyday headers, contact rows and regions: what `map` proposes for them, and what is read without a mapping.

use crate::support::{Scene, Table};

#[test]
fn everyday_headers_are_read_without_a_mapping_where_the_cells_leave_no_doubt() {
    let scene = Scene::new();
    let table = Table::of(
        &["公司名称", "联系人", "联系电话", "地区", "客户等级"],
        &[
            &["甲公司", "张三", "13800138000", "浙江省杭州市西湖区", "A类"],
            &["乙公司", "李四", "13900139000", "浙江杭州西湖", "B类"],
        ],
    );
    scene.save("t.csv", &table);
    let run = scene.ferry("import t.csv --lang en").exits(0);
    run.says("联系人 → 手机.备注").says("联系电话 → 手机");
    for name in ["甲公司", "乙公司"] {
        let stored = scene.crm.customer(&scene.id_of(name)).unwrap();
        assert_eq!(
            stored["cascade_r2lb_1687316902233"],
            serde_json::json!(["浙江", "杭州", "西湖"])
        );
        assert_ne!(stored["mobile"][0]["memo"], "");
    }

    // A landline: mobile or a field of its own? Somebody has to say.
    let table = Table::of(
        &["公司名称", "联系电话"],
        &[&["丙公司", "0571-88888888"], &["丁公司", "13900139001"]],
    );
    scene.save("u.csv", &table);
    scene.ferry("import u.csv --lang en").exits(3).says("E302");
}

#[test]
fn contact_rows_are_counted_and_uniting_them_is_proposed() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "手机", "手机.备注"],
        &[
            &["甲公司", "13800138000", "张三"],
            &["甲公司", "13800138001", "李四"],
            &["甲公司", "13800138002", "王五"],
            &["乙公司", "13900139000", "赵六"],
            // The same row twice is no second contact.
            &["乙公司", "13900139000", "赵六"],
        ],
    );
    scene.save("t.csv", &table);
    let told = "2 rows name the customer of the row above with another contact";
    scene
        .ferry("check t.csv --lang en")
        .says(told)
        .says("merge_rows");
    scene.ferry("plan t.csv --lang en").says(told);
    scene
        .ferry("map t.csv -o m.toml --lang en")
        .exits(0)
        .says(told);
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    assert!(text.contains("merge_rows = [\"? 客户名称\"]"), "{text}");
    scene
        .ferry("check t.csv --map m.toml --lang en")
        .exits(3)
        .says("“? 客户名称” is not decided");
    scene.write("m.toml", text.replace("\"? 客户名称\"", "\"客户名称\""));
    let run = scene.ferry("check t.csv --map m.toml --lang en");
    assert!(!run.stderr.contains("another contact"));
}

#[test]
fn everyday_headers_are_proposed() {
    let scene = Scene::new();
    let header = [
        "单位全称",
        "联系人",
        "联系电话",
        "电子邮件",
        "签约时间",
        "注册资金(万元)",
        "下次跟进",
        "客户代码",
        "业务员",
        "备注说明",
    ];
    let row = |name, phone, code| {
        [
            name,
            "张三",
            phone,
            "a@example.com",
            "2024-11-14",
            "500.5",
            "2025-04-02 09:00",
            code,
            "王五",
            "老客户",
        ]
    };
    let rows = [
        row("甲有限公司", "13800138000", "KH1"),
        row("甲有限公司", "13800138001", "KH1"),
        row("乙有限公司", "13800138002", "KH2"),
    ];
    let rows: Vec<&[&str]> = rows.iter().map(|row| &row[..]).collect();
    scene.save("t.csv", &Table::of(&header, &rows));
    let said = scene.ferry("map t.csv -o m.toml --lang en").exits(0);
    said.says("with another contact");
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    for (header, field, is_certain) in [
        ("单位全称", "客户名称", true),
        ("联系人", "手机.备注", true),
        ("联系电话", "手机", true),
        ("电子邮件", "邮箱", true),
        ("签约时间", "签约日期", true),
        // 万元 may not be what the field counts in.
        ("注册资金(万元)", "注册资本", false),
        ("下次跟进", "下次回访时间", true),
        ("客户代码", "客户编号", false),
        ("业务员", "负责人", true),
        ("备注说明", "备注", false),
    ] {
        let column = mapping["columns"][header].as_table().unwrap();
        let proposed = column
            .get("field")
            .map_or("", |field| field.as_str().unwrap());
        assert_eq!(proposed, field, "{header}: {text}");
        assert_eq!(
            !column.contains_key("doubt"),
            is_certain,
            "{header}: {text}"
        );
    }
    assert!(text.contains("merge_rows = [\"? 单位全称\"]"), "{text}");

    // A header that says nothing: the names of companies do.
    let text = std::fs::read_to_string(scene.path("t.csv")).unwrap();
    scene.write("u.csv", text.replace("单位全称", "往来方"));
    scene.ferry("map u.csv -o u.toml").exits(0);
    let text = std::fs::read_to_string(scene.path("u.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    let column = mapping["columns"]["往来方"].as_table().unwrap();
    assert_eq!(column["field"].as_str(), Some("客户名称"));
    assert!(column.contains_key("doubt"));
    assert!(text.contains("merge_rows = [\"? 往来方\"]"), "{text}");
}

#[test]
fn a_proposal_passes_over_sums_and_repeated_headers() {
    let scene = Scene::new();
    let header = ["客户名称", "客户级别", "负责人", "所在地区"];
    let table = Table::of(
        &header,
        &[
            &["甲", "A类", "张三", "上海市浦东新区"],
            &header,
            &["乙", "重要", "张三", "上海浦东"],
            &["合计", "2", "", ""],
        ],
    );
    scene.save("t.csv", &table);
    scene.ferry("map t.csv -o m.toml").exits(0);
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    let mapping: toml::Table = text.parse().unwrap();
    let owners: Vec<&String> = mapping["owner_ids"].as_table().unwrap().keys().collect();
    assert_eq!(owners, ["张三"]);
    let words = |header: &str| mapping["columns"][header].get("choices").cloned();
    let levels = words("客户级别").unwrap();
    assert_eq!(levels.as_table().unwrap().len(), 1, "{levels}");
    assert_eq!(words("所在地区"), None);
}

#[test]
fn a_header_of_which_map_is_certain_is_read_without_a_mapping() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[&["甲公司", "2024-01-02"], &["乙公司", "2024-02-03"]];
    scene.save("t.csv", &Table::of(&["客户名称", "签约时间"], rows));
    let told = scene.ferry("map t.csv -o m.toml --json").exits(0).json();
    assert_eq!(told["doubts"].as_array().unwrap().len(), 0, "{told}");
    scene
        .ferry("import t.csv --mode add")
        .exits(0)
        .says("签约时间 → 签约日期");
    assert_eq!(scene.adds(), 2);
}

#[test]
fn what_map_leaves_in_no_doubt_is_imported_without_a_mapping() {
    for (header, words, field, is_sure) in [
        ("客户级", ["A类", "B类"], "客户级别", true),
        ("客户标记", ["VIP", "Key Account"], "客户标签", true),
        ("客户来源渠道", ["百度", "抖音"], "客户来源", true),
        // The cells alone do not say it.
        ("上次评定", ["A类", "B类"], "客户级别", false),
        ("客户级", ["一", "二"], "客户级别", false),
    ] {
        let scene = Scene::new();
        let rows: &[&[&str]] = &[&["甲公司", words[0]], &["乙公司", words[1]]];
        scene.save("t.csv", &Table::of(&["客户名称", header], rows));
        let told = scene.ferry("map t.csv -o m.toml --json").exits(0).json();
        let doubts = told["doubts"].as_array().unwrap().len();
        let sure = std::fs::read_to_string(scene.path("m.toml")).unwrap();
        let sure = doubts == 0 && !sure.contains("ignore = true");
        assert_eq!(sure, is_sure, "{header} {words:?}: {told}");
        let checked = scene.ferry("check t.csv");
        if is_sure {
            checked.exits(0).says(&format!("{header} → {field}"));
        } else {
            checked.exits(3).says("[E302]");
        }
    }
}

#[test]
fn a_region_is_named_by_its_path_where_only_its_last_level_is_written() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲公司", "南京市"],
        &["乙公司", "杭州"],
        &["丙公司", "浦东新区"],
        &["丁公司", "杭州市滨江区"],
    ];
    scene.save("t.csv", &Table::of(&["客户名称", "所在地区"], rows));
    scene
        .ferry("check t.csv")
        .exits(3)
        .says("nearest: 浙江/杭州/滨江")
        .says("nearest: 江苏/南京")
        .says("nearest: 浙江/杭州");
    scene.ferry("map t.csv -o m.toml").exits(0);
    let text = std::fs::read_to_string(scene.path("m.toml")).unwrap();
    for path in ["江苏/南京", "浙江/杭州", "上海/上海/浦东", "浙江/杭州/滨江"] {
        assert!(text.contains(&format!("\"? {path}\"")), "{text}");
    }
    // A person has looked at it: the words are what they seem.
    let decided = text.lines().filter(|line| !line.starts_with("doubt = "));
    let decided: Vec<String> = decided.map(|line| line.replace("\"? ", "\"")).collect();
    scene.write("m.toml", decided.join("\n"));
    scene.ferry("import t.csv --map m.toml --mode add").exits(0);
    let stored = scene.crm.customer(&scene.id_of("甲公司")).unwrap();
    assert_eq!(
        stored["cascade_r2lb_1687316902233"],
        serde_json::json!(["江苏", "南京"])
    );
}
