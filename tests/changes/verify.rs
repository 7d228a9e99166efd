//! `ferry verify`: what is stored is compared with what was sent.

use serde_json::json;

use super::{all, fill, sheet};
use crate::support::{Scene, Table, people};

#[test]
fn everything_that_was_sent_is_stored_in_every_kind_of_field() {
    let scene = Scene::new();
    let (table, _) = people(60);
    scene.save("people.xlsx", &table);
    scene.ferry("import people.xlsx --mode add").exits(0);
    scene.crm.reset_counters();
    let said = scene.ferry("verify --json").exits(0).json();
    assert_eq!(
        (&said["rows"], &said["unchanged"], &said["command"]),
        (&json!(60), &json!(60), &json!("verify")),
        "{said}"
    );
    assert!(scene.crm.counters().calls <= 2, "by the list");
    let result = said["result"].as_str().unwrap();
    assert!(result.contains("people_verify_"), "{result}");
    let summary = Table::read_sheet(result.as_ref(), 1);
    let lines: Vec<String> = summary.rows.iter().map(|row| row.join(" ")).collect();
    assert!(
        lines.iter().any(|line| line.contains("rows compared 60")),
        "{lines:?}"
    );
    assert!(
        lines
            .iter()
            .any(|line| line.contains("everything is as it was sent")),
        "{lines:?}"
    );
}

#[test]
fn each_difference_is_listed_by_row_and_field() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=3);
    let mut table = sheet(1..=5);
    table.set(0, "客户编号", "X-1");
    scene.save("customers.xlsx", &table);
    scene.ferry("import customers.xlsx --key 手机").exits(0);
    let mut stored = all(&scene);
    for one in &mut stored {
        if one["_id"] == ids[0].as_str() {
            one.insert("text_k2ad_1687316401122".into(), json!("Y"));
            scene.crm.insert(one.clone());
        }
    }
    let fourth = scene.id_of("客户 0004");
    scene.crm.remove(&fourth);
    let output = scene.ferry("verify -o verified.xlsx").exits(4);
    output
        .says("客户编号 of customer")
        .says("sent “X-1”, stored “Y”")
        .says(&format!("customer {fourth} is not in the CRM"));
    let sheet = Table::read(&scene.path("verified.xlsx"));
    assert_eq!(sheet.rows.len(), 2);
    assert_eq!(
        (
            sheet.cell(0, "field"),
            sheet.cell(0, "sent"),
            sheet.cell(0, "stored")
        ),
        ("客户编号", "X-1", "Y")
    );
    assert_eq!((sheet.cell(1, "row"), sheet.cell(1, "code")), ("5", "E541"));
    scene.ferry("verify nobody").exits(2);
}
