//! `ferry delete`: customers go by their `_id`, copied first, and come back.

use serde_json::{Map, Value, json};

use super::{all, content, customer, fill, list, sheet};
use crate::support::{Endpoint, Scene};

/// A customer with a value in every kind of field that can be written.
fn rich() -> Map<String, Value> {
    let mut rich = customer(7);
    let more = json!({
        "owner": "685775343058800999",
        "assignTime": "2024-06-06 08:00:00",
        "qq": [{"value": "12345"}, {"value": "67890", "memo": "备用"}],
        "wechat": [{"value": "wx-7", "memo": "工作"}],
        "customerSource": ["百度"],
        "textarea_p8xw_1687316455310": "两行\n备注",
        "number_m3qe_1687316502874": "7.5",
        "date_v7hn_1687316560031": "2024-11-14",
        "datetime_b4rt_1687316611948": "2024-11-14 09:30:00",
        "phone_z9uc_1687316678205": "057188888888",
        "email_d5gy_1687316733667": "f@example.com",
        "multiSelect_h6jk_1687316845012": ["VIP", "制造业"],
        "cascade_r2lb_1687316902233": ["浙江", "杭州", "西湖"],
    });
    rich.extend(more.as_object().cloned().unwrap());
    rich
}

fn writable(customer: &Map<String, Value>) -> Map<String, Value> {
    const SET: &[&str] = &[
        "_id",
        "accountId",
        "createTime",
        "createAgent",
        "updateTime",
        "updateAgent",
        "firstAssignTime",
        "firstOwner",
        "createMethod",
    ];
    let fields = customer
        .iter()
        .filter(|(key, _)| !SET.contains(&key.as_str()));
    fields
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect()
}

#[test]
fn a_deleted_customer_comes_back_with_every_field_that_can_be_written() {
    let scene = Scene::new();
    let mut ids = fill(&scene, 1..=3);
    ids.push(scene.crm.insert(rich()));
    let before: Vec<_> = all(&scene).iter().map(writable).collect();
    scene.save("list.csv", &list(&ids[1..]));
    scene.ferry("delete list.csv").exits(2).says("--yes");
    assert_eq!(scene.stored().len(), 4);
    let deleted = scene.ferry("delete list.csv --yes --json").exits(0).json();
    assert_eq!(
        (&deleted["deleted"], &deleted["command"]),
        (&json!(3), &json!("delete")),
        "{deleted}"
    );
    assert_eq!(scene.stored().len(), 1);
    let job = deleted["job"].as_str().unwrap();
    scene.ferry(&format!("verify {job}")).exits(0);
    let output = scene
        .ferry(&format!("undo {job} --yes --json"))
        .exits(0)
        .says("new customers");
    let result = output.sheet();
    assert_eq!(result.column("_action"), ["add", "add", "add"]);
    assert_eq!(result.cell(2, "_error_code"), "E532");
    assert!(
        result.cell(2, "_error").contains(&ids[3]),
        "old id: {}",
        result.cell(2, "_error")
    );
    assert!(!ids.contains(&result.cell(2, "_id").to_owned()), "a new id");
    let mut after: Vec<_> = all(&scene).iter().map(writable).collect();
    after.sort_by_key(|customer| customer["customerName"].to_string());
    let mut before = before;
    before.sort_by_key(|customer| customer["customerName"].to_string());
    assert_eq!(after, before);
}

#[test]
fn of_a_result_sheet_only_the_added_rows_go() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=2);
    let mut table = sheet(1..=4);
    table.set(0, "客户编号", "X");
    scene.save("customers.xlsx", &table);
    let output = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0);
    let result = output.result();
    let name = result.file_name().unwrap().to_str().unwrap();
    let output = scene.ferry(&format!("delete {name} --yes --json")).exits(0);
    let deleted = output.sheet();
    assert_eq!(
        deleted.column("_status"),
        ["skipped", "skipped", "ok", "ok"]
    );
    assert_eq!(deleted.cell(0, "_error_code"), "E538");
    assert_eq!(scene.stored().len(), 2);
    // The ledger follows.
    let again = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0)
        .json();
    assert_eq!(again["added"], 2, "{again}");
    // Gone already is done.
    let output = scene
        .ferry(&format!("delete {name} --yes --all-ids --json"))
        .exits(0);
    let deleted = output.sheet();
    assert_eq!((deleted.count("ok"), deleted.count("unchanged")), (2, 2));
    assert_eq!(deleted.cell(2, "_error_code"), "E539");
    assert!(!all(&scene).iter().any(|one| one["_id"] == ids[0].as_str()));
}

#[test]
fn a_limit_keeps_a_wrong_file_from_emptying_the_account() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=5);
    scene.save("list.xlsx", &list(&ids));
    scene
        .ferry("delete list.xlsx --yes --max-delete 4")
        .exits(2)
        .says("E326");
    assert_eq!((scene.stored().len(), scene.jobs().len()), (5, 0));
    scene
        .ferry("delete list.xlsx --yes --max-delete 5")
        .exits(0);
    scene.save("none.xlsx", &sheet(1..=2));
    scene.ferry("delete none.xlsx --yes").exits(3).says("E328");
    let mut twice = list(&[ids[0].clone(), ids[0].clone()]);
    twice.rows.push(vec!["12 Monkeys".into()]);
    twice.rows.push(vec![String::new()]);
    scene.save("twice.xlsx", &twice);
    let output = scene.ferry("delete twice.xlsx --yes --json").exits(4);
    assert_eq!(
        output.sheet().column("_status"),
        ["unchanged", "skipped", "invalid"]
    );
}

#[test]
fn killed_in_the_middle_it_ends_as_if_it_had_not_been() {
    for number in [1, 4, 8] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=12);
        let before = content(&scene);
        scene.save("list.csv", &list(&ids[..9]));
        scene.kill_at(
            "delete list.csv --yes --rate 50/s",
            Endpoint::Delete,
            number,
            None,
        );
        let job = scene.job();
        // Without its name it might be another that is meant: deleting is asked for.
        scene.ferry("resume").exits(2).says("--yes");
        scene.ferry(&format!("resume {job}")).exits(0);
        assert_eq!(content(&scene), before[9..], "killed at {number}");
        // What the killed run had deleted comes back as well.
        let undone = scene
            .ferry(&format!("undo {job} --yes --json"))
            .exits(0)
            .json();
        assert_eq!(undone["added"], 9, "{undone}");
        assert_eq!(scene.stored().len(), 12);
    }
}

/// Ids of another account are other customers.
#[test]
fn a_sheet_of_another_account_deletes_nobody() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.save("customers.xlsx", &sheet(1..=2));
    let result = scene
        .ferry("import customers.xlsx --mode add --json")
        .exits(0)
        .result();
    std::fs::copy(&result, other.path("result.xlsx")).unwrap();
    other
        .ferry("delete result.xlsx --yes")
        .exits(3)
        .says("E318");
}
