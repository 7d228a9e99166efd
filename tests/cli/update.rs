//! Rows with an `_id`: what is named changes, everything else stays.

use serde_json::{Map, Value, json};

use crate::support::{Scene, Table};

fn stored(scene: &Scene, customer: &Value) -> String {
    let fields: Map<String, Value> = customer.as_object().cloned().unwrap();
    scene.crm.insert(fields)
}

fn three_phones(scene: &Scene) -> String {
    stored(
        scene,
        &json!({
            "customerName": "老客户",
            "mobile": [
                {"value": "13800000001", "memo": "一"},
                {"value": "13800000002", "memo": "二"},
                {"value": "13800000003", "memo": "三"},
            ],
            "email": [{"value": "a@example.com"}],
            "textarea_p8xw_1687316455310": "旧备注",
            "select_w1fs_1687316790458": "A类",
        }),
    )
}

fn imported(scene: &Scene, headers: &[&str], rows: &[&[&str]], code: i32) -> Table {
    scene.save("changes.csv", &Table::of(headers, rows));
    scene.ferry("import changes.csv --json").exits(code).sheet()
}

#[test]
fn named_positions_are_replaced_and_others_kept() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let sheet = imported(&scene, &["_id", "手机2"], &[&[&id, "13900000002"]], 0);
    assert_eq!(sheet.cell(0, "_action"), "update");
    let customer = scene.crm.customer(&id).unwrap();
    let values: Vec<_> = (0..3).map(|at| &customer["mobile"][at]["value"]).collect();
    assert_eq!(values, ["13800000001", "13900000002", "13800000003"]);
    assert_eq!(customer["mobile"][0]["memo"], "一");
    assert_eq!(customer["email"][0]["value"], "a@example.com");
    assert_eq!(customer["textarea_p8xw_1687316455310"], "旧备注");
}

#[test]
fn a_memo_alone_keeps_its_number() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    imported(&scene, &["_id", "手机2.备注"], &[&[&id, "新的"]], 0);
    let customer = scene.crm.customer(&id).unwrap();
    assert_eq!(
        customer["mobile"][1],
        json!({"value": "13800000002", "memo": "新的"})
    );
    assert_eq!(customer["mobile"].as_array().unwrap().len(), 3);
}

#[test]
fn blank_cells_leave_values_and_clear_empties_them() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    imported(
        &scene,
        &["_id", "客户名称", "备注", "客户级别", "邮箱"],
        &[&[&id, "", "#CLEAR", "", "#清空"]],
        0,
    );
    let customer = scene.crm.customer(&id).unwrap();
    assert_eq!(customer["customerName"], "老客户");
    assert_eq!(customer["select_w1fs_1687316790458"], "A类");
    let empty = |key: &str| match customer.get(key) {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(_) => false,
    };
    assert!(
        empty("textarea_p8xw_1687316455310") && empty("email"),
        "{customer:?}"
    );
    assert_eq!(customer["mobile"].as_array().unwrap().len(), 3);
}

#[test]
fn a_required_field_cannot_be_cleared() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let sheet = imported(&scene, &["_id", "客户名称"], &[&[&id, "#CLEAR"]], 4);
    assert_eq!(sheet.cell(0, "_error_code"), "E418");
    assert_eq!(scene.crm.counters().updated, 0);
}

#[test]
fn the_same_id_twice_is_invalid_the_second_time() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let sheet = imported(
        &scene,
        &["_id", "备注"],
        &[&[&id, "第一"], &[&id, "第二"]],
        4,
    );
    assert_eq!(sheet.column("_status"), ["ok", "invalid"]);
    assert_eq!(sheet.cell(1, "_error_code"), "E415");
    let customer = scene.crm.customer(&id).unwrap();
    assert_eq!(customer["textarea_p8xw_1687316455310"], "第一");
}

#[test]
fn an_unknown_id_is_not_sent_and_says_so() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let gone = "1000000000000000001";
    for headers in [["_id", "备注"], ["_id", "手机2"]] {
        let value = if headers[1] == "备注" {
            "新"
        } else {
            "13900000009"
        };
        let sheet = imported(&scene, &headers, &[&[gone, value], &[&id, value]], 4);
        assert_eq!(sheet.column("_status"), ["invalid", "ok"]);
        assert_eq!(sheet.cell(0, "_error_code"), "E502");
        assert_eq!(sheet.cell(0, "_id"), gone);
        assert!(!sheet.cell(0, "_tip").is_empty());
    }
    assert_eq!(scene.crm.customer_count(), 1);
}

#[test]
fn an_update_may_be_repeated() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let rows: &[&[&str]] = &[&[&id, "新备注"]];
    imported(&scene, &["_id", "备注"], rows, 0);
    scene.ferry("import changes.csv").exits(0);
    let customer = scene.crm.customer(&id).unwrap();
    assert_eq!(customer["textarea_p8xw_1687316455310"], "新备注");
}

#[test]
fn mode_decides_which_rows_are_valid() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    scene.save(
        "mixed.csv",
        &Table::of(&["_id", "客户名称"], &[&[&id, "新名"], &["", "新人"]]),
    );
    let sheet = scene
        .ferry("import mixed.csv --mode update --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_status"), ["ok", "invalid"]);
    assert_eq!(sheet.cell(1, "_error_code"), "E420");
    let sheet = scene
        .ferry("import mixed.csv --mode add --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_status"), ["invalid", "ok"]);
    assert_eq!(sheet.cell(0, "_error_code"), "E421");
    assert_eq!(scene.crm.customer_count(), 2);
}

/// `#CLEAR` in the column of one position takes that value away, and no other.
#[test]
fn clearing_one_position_keeps_the_others() {
    let scene = Scene::new();
    let customer = serde_json::json!({"customerName": "老客户", "mobile": [
        {"value": "13800000001"}, {"value": "13800000002"}, {"value": "13800000003"}
    ]});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    scene.write("list.csv", format!("_id,手机2\n{id},#CLEAR\n"));
    scene.ferry("import list.csv").exits(0);
    let stored = scene.crm.customer(&id).unwrap();
    let phones: Vec<_> = stored["mobile"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| entry["value"].clone())
        .collect();
    assert_eq!(phones, ["13800000001", "13800000003"]);
}

#[test]
fn an_update_by_a_key_needs_no_column_for_the_name() {
    let scene = Scene::new();
    let id = three_phones(&scene);
    let table = Table::of(&["手机", "备注"], &[&["13800000001", "新备注"]]);
    scene.save("changes.csv", &table);
    for line in [
        "check changes.csv --mode update",
        "import changes.csv --mode update",
    ] {
        scene.ferry(&format!("{line} --key 手机")).exits(0);
    }
    let customer = scene.crm.customer(&id).unwrap();
    assert_eq!(customer["customerName"], "老客户");
    assert_eq!(customer["textarea_p8xw_1687316455310"], "新备注");
    // Where rows may be added, the name must have a column.
    for mode in ["auto", "add"] {
        scene
            .ferry(&format!("import changes.csv --mode {mode} --key 手机"))
            .exits(3)
            .says("[E313]");
    }
}
