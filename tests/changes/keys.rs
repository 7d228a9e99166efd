//! Rows without an `_id` that are recognised by a key.

use serde_json::{Value, json};

use super::{all, content, customer, fill, phone, sheet};
use crate::support::{Endpoint, Scene, Table};

fn with(number: usize, key: &str, value: Value) -> serde_json::Map<String, Value> {
    let mut customer = customer(number);
    customer.insert(key.to_owned(), value);
    customer
}

/// One number in three forms is one key, whichever of them is stored, whether it is searched or read from the list.
#[test]
fn a_number_is_one_key_however_it_is_written() {
    let forms = ["13800138000", "138-0013-8000", "+86 138 0013 8000"];
    for stored in forms {
        for written in forms {
            // Alone it is searched for; among many the list is read.
            for others in [0, 60] {
                let scene = Scene::new();
                fill(&scene, 1..=150);
                let id = scene
                    .crm
                    .insert(with(500, "mobile", json!([{"value": stored}])));
                let mut table = sheet(1..=others);
                let mut row = sheet([500]).rows.remove(0);
                row[1] = written.to_owned();
                row[2] = "changed".to_owned();
                table.rows.push(row);
                scene.save("customers.xlsx", &table);
                let said = scene
                    .ferry("import customers.xlsx --key mobile --json")
                    .exits(0)
                    .json();
                assert_eq!(
                    (&said["added"], &said["updated"]),
                    (&json!(0), &json!(1)),
                    "{stored} {written} {others}: {said}"
                );
                let stored_now = all(&scene)
                    .into_iter()
                    .find(|one| one["_id"] == id.as_str());
                let stored_now = stored_now.unwrap();
                assert_eq!(stored_now["text_k2ad_1687316401122"], "changed");
                assert_eq!(
                    stored_now["mobile"],
                    json!([{"value": stored}]),
                    "no second form"
                );
            }
        }
    }
}

#[test]
fn a_key_of_several_customers_touches_none_and_names_them() {
    for others in [0, 60] {
        let scene = Scene::new();
        fill(&scene, 1..=150);
        let mut twins = [
            scene.crm.insert(with(500, "customerName", json!("甲"))),
            scene.crm.insert(with(500, "customerName", json!("乙"))),
        ];
        twins.sort();
        let mut table = sheet(1..=others);
        table.rows.push(sheet([500]).rows.remove(0));
        scene.save("customers.xlsx", &table);
        let before = content(&scene);
        let output = scene
            .ferry("import customers.xlsx --key 手机 -o result.csv")
            .exits(4)
            .says("E449");
        output.says(&format!("{}, {}", twins[0], twins[1]));
        let result = Table::read(&scene.path("result.csv"));
        assert_eq!(result.cell(others, "_status"), "invalid");
        assert_eq!(content(&scene), before);
    }
}

#[test]
fn of_two_rows_with_one_key_the_later_is_a_problem() {
    let scene = Scene::new();
    fill(&scene, 1..=5);
    let mut table = sheet([1, 7]);
    table.rows.push(sheet([1]).rows.remove(0));
    table.rows.push(sheet([7]).rows.remove(0));
    table.set(2, "手机", &format!("+86 {}", phone(1)));
    table.set(2, "客户编号", "late");
    scene.save("customers.xlsx", &table);
    let output = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(4);
    let result = output.sheet();
    assert_eq!(
        result.column("_status"),
        ["unchanged", "ok", "invalid", "invalid"]
    );
    assert_eq!(result.cell(2, "_error_code"), "E435");
    assert_eq!(scene.stored().len(), 6);
}

#[test]
fn keys_are_tried_in_order_and_may_be_combined() {
    let scene = Scene::new();
    fill(&scene, 1..=3);
    let mut table = sheet([1, 2, 3, 4]);
    // The number is nobody's, the address is the second's.
    table.set(1, "手机", "13999999999");
    // The name does not go with the number.
    table.set(2, "客户名称", "别人");
    scene.save("customers.xlsx", &table);
    let said = scene
        .ferry("plan customers.xlsx --key 手机 --key 邮箱 --json")
        .exits(0)
        .json();
    assert_eq!(
        (&said["added"], &said["updated"], &said["unchanged"]),
        (&json!(1), &json!(2), &json!(1)),
        "{said}"
    );
    let said = scene
        .ferry("plan customers.xlsx --key 客户名称+手机 --json")
        .exits(0)
        .json();
    assert_eq!(
        (&said["added"], &said["unchanged"]),
        (&json!(3), &json!(1)),
        "{said}"
    );
}

#[test]
fn on_match_says_what_becomes_of_a_stored_customer() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=2);
    let mut bare = customer(3);
    bare.remove("text_k2ad_1687316401122");
    let bare = scene.crm.insert(bare);
    let mut table = sheet([1, 3, 4]);
    table.set(0, "客户编号", "X-1");
    table.set(1, "客户编号", "X-3");
    scene.save("customers.xlsx", &table);
    let before = content(&scene);
    let failed = scene
        .ferry("plan customers.xlsx --key 手机 --on-match fail --json")
        .exits(4)
        .json();
    assert_eq!(
        (&failed["invalid"], &failed["added"]),
        (&json!(2), &json!(1))
    );
    let skipped = scene
        .ferry("plan customers.xlsx --key 手机 --on-match skip --json")
        .exits(0)
        .json();
    assert_eq!(
        (&skipped["skipped"], &skipped["added"]),
        (&json!(2), &json!(1))
    );
    let missing = scene
        .ferry("plan customers.xlsx --key 手机 --mode update --json")
        .exits(4)
        .json();
    assert_eq!(
        (&missing["invalid"], &missing["updated"]),
        (&json!(1), &json!(2))
    );
    assert_eq!(content(&scene), before);
    let filled = scene
        .ferry("import customers.xlsx --key 手机 --on-match fill --json")
        .exits(0)
        .json();
    assert_eq!(
        (&filled["added"], &filled["updated"], &filled["unchanged"]),
        (&json!(1), &json!(1), &json!(1)),
        "{filled}"
    );
    let number = |id: &str| {
        let stored = all(&scene)
            .into_iter()
            .find(|one| one["_id"] == id)
            .unwrap();
        stored["text_k2ad_1687316401122"].clone()
    };
    assert_eq!(
        (number(&ids[0]), number(&bare)),
        (json!("00000001"), json!("X-3"))
    );
}

/// An owner is given to a customer that has none, and taken from nobody.
#[test]
fn a_key_match_gives_an_owner_only_where_there_is_none() {
    let scene = Scene::new();
    let owned = scene
        .crm
        .insert(with(1, "owner", json!("685775343058800999")));
    let free = scene.crm.insert(customer(2));
    let mut table = Table::of(&["客户名称", "手机", "负责人"], &[]);
    for number in [1, 2] {
        table.rows.push(vec![
            format!("客户 {number:04}"),
            phone(number),
            "685775343058800111".to_owned(),
        ]);
    }
    scene.save("customers.xlsx", &table);
    scene.ferry("import customers.xlsx --key 手机").exits(0);
    let owner_of = |id: &str| {
        let stored = all(&scene)
            .into_iter()
            .find(|one| one["_id"] == id)
            .unwrap();
        stored["owner"].clone()
    };
    assert_eq!(owner_of(&owned), "685775343058800999");
    assert_eq!(owner_of(&free), "685775343058800111");
}

/// Rows of one customer that two keys have found go in the order of the sheet.
#[test]
fn two_rows_of_one_customer_are_sent_in_order() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let mut table = sheet([1]);
    table.set(0, "客户编号", "first");
    for number in 2..=20 {
        let mut row = sheet([1]).rows.remove(0);
        // Another key each: by the address, in growing case.
        row[1] = String::new();
        row[2] = format!("number {number}");
        row[3] = "c1@example.com".to_owned();
        if number == 2 {
            table.rows.push(row);
        }
    }
    scene.save("customers.xlsx", &table);
    let said = scene.ferry("import customers.xlsx --key 手机 --key 邮箱 --json");
    // The address stands in the first row as well, so the second is a double of it.
    let said = said.exits(4).json();
    assert_eq!((&said["updated"], &said["invalid"]), (&json!(1), &json!(1)));
    let mut table = Table::of(&["_id", "客户名称", "手机", "客户编号"], &[]);
    table.rows.push(vec![
        ids[0].clone(),
        "客户 0001".into(),
        String::new(),
        "by id".into(),
    ]);
    table.rows.push(vec![
        String::new(),
        "客户 0001".into(),
        phone(1),
        "by key".into(),
    ]);
    scene.save("both.xlsx", &table);
    let said = scene
        .ferry("import both.xlsx --key 手机 --concurrency 8 --json")
        .exits(0)
        .json();
    assert_eq!(said["updated"], 2, "{said}");
    assert_eq!(scene.stored()[0]["text_k2ad_1687316401122"], "by key");
}

/// Blank keys are problems unless they are wanted.
#[test]
fn a_row_without_a_key_is_a_problem_unless_it_is_added() {
    let scene = Scene::new();
    fill(&scene, 1..=2);
    let mut table = sheet([1, 9]);
    table.set(1, "手机", "");
    scene.save("customers.xlsx", &table);
    scene
        .ferry("plan customers.xlsx --key 手机")
        .exits(4)
        .says("E434");
    let said = scene
        .ferry("plan customers.xlsx --key 手机 --blank-key add --json")
        .exits(0)
        .json();
    assert_eq!((&said["added"], &said["unchanged"]), (&json!(1), &json!(1)));
}

/// A deletion while the list is read hides customers from it. Nobody is added because such a list lacks them.
#[test]
fn a_customer_that_the_list_lacks_is_searched_for_before_it_is_added() {
    for mode in ["import", "plan"] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=400);
        scene.save("customers.xlsx", &sheet(1..=410));
        let held = scene.hold(Endpoint::List, 3);
        let line = format!("{mode} customers.xlsx --key 手机 --concurrency 1 --json");
        let running = scene.start(&line);
        held.wait_for(1);
        for id in ids[..30].iter().chain(&ids[370..]) {
            scene.crm.remove(id);
        }
        held.release();
        let said = running.wait().exits(0).json();
        assert!(said["added"].as_u64().unwrap() >= 10, "{said}");
        if mode == "plan" {
            scene.ferry("apply --concurrency 1").exits(0);
        }
        for (name, count) in scene.names() {
            assert_eq!(count, 1, "{name} is stored {count} times");
        }
        for number in 31..=370 {
            let name = format!("客户 {number:04}");
            assert!(scene.names().contains_key(&name), "{name}");
        }
    }
}
