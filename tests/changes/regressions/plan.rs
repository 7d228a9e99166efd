//! What a plan, an apply or a verification once did beside what is stored now.

use serde_json::json;

use super::{NUMBER, numbered};
use crate::changes::{change, customer, fill, find, phone, sheet};
use crate::support::{Endpoint, Scene, Table};

/// The list of a killed run was taken for what is stored now.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_list_that_a_killed_run_has_left_is_read_anew() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=400);
    let mut table = sheet(1..=450);
    for row in 380..400 {
        table.set(row, "客户编号", "X");
    }
    scene.save("customers.xlsx", &table);
    scene.ferry("plan customers.xlsx --key 手机").exits(0);
    scene.kill_at("apply --concurrency 1", Endpoint::List, 4, None);
    for id in &ids[380..400] {
        change(&scene, id, NUMBER, json!("colleague"));
    }
    scene.ferry("resume").exits(4).says("E530");
    for id in &ids[380..400] {
        assert_eq!(find(&scene, id)[NUMBER], "colleague");
    }
    let written = scene.jobs().into_iter().next().unwrap();
    scene.kill_at(
        &format!("verify {written} --concurrency 1"),
        Endpoint::List,
        4,
        None,
    );
    let added = scene.id_of("客户 0410");
    change(&scene, &added, NUMBER, json!("colleague"));
    scene
        .ferry(&format!("verify {written}"))
        .exits(4)
        .says("colleague");
}

/// A stopped import went on as if nobody had worked meanwhile.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_stopped_import_goes_on_beside_what_is_stored_now() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=6);
    numbered(&scene, 1..=8);
    scene
        .ferry("import customers.xlsx --key 手机 --limit 2")
        .exits(5);
    change(&scene, &ids[5], NUMBER, json!("colleague"));
    scene.crm.insert(customer(8));
    scene.ferry("resume").exits(4).says("E530").says("E531");
    assert_eq!(find(&scene, &ids[5])[NUMBER], "colleague");
    assert_eq!(scene.names()["客户 0008"], 1);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    assert_eq!(find(&scene, &ids[5])[NUMBER], "colleague");
}

/// Of two rows of one customer the second was refused because of the first, or lost against it.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn the_second_row_of_a_customer_has_the_last_word() {
    for (last, many) in [("two", 0), ("two", 900), ("00000001", 0), ("00000001", 900)] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=1);
        fill(&scene, 2..=many);
        let mut table = Table::of(&["_id", "客户名称", "手机", "客户编号"], &[]);
        table.rows.push(vec![
            ids[0].clone(),
            "第一".into(),
            String::new(),
            "one".into(),
        ]);
        table.rows.push(vec![
            String::new(),
            "客户 0001".into(),
            phone(1),
            last.into(),
        ]);
        scene.save("both.xlsx", &table);
        scene.ferry("plan both.xlsx --key 手机").exits(0);
        scene.ferry("apply --concurrency 8").exits(0);
        let stored = find(&scene, &ids[0]);
        assert_eq!(
            (&stored[NUMBER], &stored["customerName"]),
            (&json!(last), &json!("客户 0001"))
        );
        let job = scene.job();
        scene.ferry(&format!("undo {job} --yes")).exits(0);
        assert_eq!(find(&scene, &ids[0])[NUMBER], "00000001");
    }
}

/// A key that the CRM does not search made every row invalid; nobody read the list.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_key_that_cannot_be_searched_is_looked_up_in_the_list() {
    for rows in [1, 30] {
        let scene = Scene::new();
        for number in 1..=20 {
            let mut customer = customer(number);
            customer.insert(
                "text_6ts9_1687316347239".into(),
                json!(format!("路 {number}")),
            );
            scene.crm.insert(customer);
        }
        let mut table = Table::of(&["客户名称", "详细地址", "客户编号"], &[]);
        for number in 1..=rows {
            table.rows.push(vec![
                format!("客户 {number:04}"),
                format!("路 {number}"),
                "X".into(),
            ]);
        }
        scene.save("list.csv", &table);
        scene.ferry("plan list.csv --key 详细地址").exits(0);
        let said = scene.ferry("apply --json").exits(0).json();
        assert_eq!(said["updated"], rows.min(20), "{said}");
        assert_eq!(scene.stored().len(), rows.max(20));
    }
}

/// A row that was held made `--strict` close the job with rows that were never sent.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn strict_holds_back_what_was_planned_and_not_what_comes_up_later() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=4);
    numbered(&scene, 1..=4);
    scene
        .ferry("plan customers.xlsx --key 手机 --strict")
        .exits(0);
    change(&scene, &ids[0], NUMBER, json!("colleague"));
    scene.ferry("apply --limit 2").exits(5);
    scene.ferry("resume").exits(4);
    assert_eq!(find(&scene, &ids[3])[NUMBER], "X");
}

/// A refresh that could not ask the CRM destroyed the plan.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_refresh_that_fails_at_once_leaves_the_plan() {
    let scene = Scene::new();
    fill(&scene, 1..=4);
    numbered(&scene, 1..=4);
    scene.ferry("plan customers.xlsx --key 手机").exits(0);
    let mut command = scene.command("apply --refresh");
    command.env("FERRY_SECRET", "wrong");
    assert_eq!(command.output().unwrap().status.code(), Some(7));
    scene.ferry("apply").exits(0);
}

/// `--on-match` without a key was taken and ignored.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn on_match_needs_a_key() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=2));
    scene
        .ferry("plan customers.xlsx --on-match skip")
        .exits(2)
        .says("--key");
    scene
        .ferry("plan customers.xlsx")
        .exits(0)
        .says("E312")
        .says("--key");
}

/// The job that wrote last is verified, and not the one that was planned last.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn verify_takes_the_job_that_wrote_last() {
    let scene = Scene::new();
    scene.save("one.xlsx", &sheet(1..=2));
    scene.save("two.xlsx", &sheet(3..=4));
    scene.ferry("plan one.xlsx --key 手机").exits(0);
    let one = scene.job();
    scene.ferry("import two.xlsx --key 手机").exits(0);
    scene.ferry(&format!("apply {one}")).exits(0);
    scene.ferry("verify").exits(0).says(&one);
}

/// A customer that a colleague had added was taken into the ledger as this job's own.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn a_held_add_is_nobodys_but_the_colleagues() {
    let scene = Scene::new();
    fill(&scene, 1..=300);
    let mut table = sheet([900]);
    table.set(0, "邮箱", "new@example.com");
    scene.save("customers.xlsx", &table);
    scene.ferry("plan customers.xlsx --key 客户编号").exits(0);
    let colleagues = scene.crm.insert(customer(900));
    scene.ferry("apply -o result.xlsx").exits(4).says("E531");
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(9);
    // As its tip says, the sheet makes an update of it.
    let said = scene.ferry("import result.xlsx --json").exits(0).json();
    assert_eq!(
        (&said["updated"], &said["added"]),
        (&json!(1), &json!(0)),
        "{said}"
    );
    assert_eq!(find(&scene, &colleagues)["customerName"], "客户 0900");
    assert_eq!(scene.names()["客户 0900"], 1);
}

/// The second row of a customer was not compared at all, and wrote over a colleague's edit.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn the_second_row_of_a_customer_is_compared_as_well() {
    for many in [0, 900] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=1);
        fill(&scene, 2..=many);
        let mut table = Table::of(&["_id", "客户名称", "手机", "客户编号"], &[]);
        table.rows.push(vec![
            ids[0].clone(),
            "第一".into(),
            String::new(),
            String::new(),
        ]);
        table
            .rows
            .push(vec![String::new(), "第二".into(), phone(1), "two".into()]);
        scene.save("both.xlsx", &table);
        scene.ferry("plan both.xlsx --key 手机").exits(0);
        change(&scene, &ids[0], NUMBER, json!("colleague"));
        scene.ferry("apply").exits(4).says("E530");
        let stored = find(&scene, &ids[0]);
        assert_eq!(
            (&stored[NUMBER], &stored["customerName"]),
            (&json!("colleague"), &json!("第一"))
        );
    }
}
