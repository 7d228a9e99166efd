//! What a strict reader and a newcomer found in the first plan, apply, verify, undo and delete: one test each.

use serde_json::json;

use super::{all, change, content, customer, fill, find, list, phone, sheet};
use crate::support::{Endpoint, FaultKind, Scene, Table};

const NUMBER: &str = "text_k2ad_1687316401122";

fn numbered(scene: &Scene, rows: std::ops::RangeInclusive<usize>) {
    let mut table = sheet(rows.clone());
    for row in 0..rows.count() {
        table.set(row, "客户编号", "X");
    }
    scene.save("customers.xlsx", &table);
}

/// Each undo of a delete added everybody again.
#[test]
fn a_delete_taken_back_twice_brings_everybody_back_once() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=3);
    scene.save("ids.csv", &list(&ids));
    scene.ferry("delete ids.csv --yes").exits(0);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    scene.ferry(&format!("undo {job} --yes"));
    assert_eq!(scene.stored().len(), 3);
    // Deleted once more, it comes back once more.
    let back: Vec<String> = all(&scene)
        .iter()
        .map(|one| one["_id"].as_str().unwrap().to_owned())
        .collect();
    scene.save("again.csv", &list(&back));
    let again = scene.ferry("delete again.csv --yes --json").exits(0).json();
    let again = again["job"].as_str().unwrap();
    scene.ferry(&format!("undo {again} --yes")).exits(0);
    assert_eq!(scene.stored().len(), 3);
}

/// So did a second undo beside one that was stopped; and a second delete beside a stopped one.
#[test]
fn a_stopped_undo_or_delete_is_gone_on_with_and_not_begun_again() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=20);
    scene.save("ids.csv", &list(&ids));
    let held = scene.hold(Endpoint::Delete, 3);
    let running = scene.start("delete ids.csv --yes --concurrency 1 --rate 20/s");
    held.wait_for(1);
    running.kill();
    held.release();
    scene
        .ferry("delete ids.csv --yes")
        .exits(9)
        .says("ferry resume");
    let job = scene.job();
    scene.ferry(&format!("resume {job}")).exits(0);
    let held = scene.hold(Endpoint::Add, 4);
    let running = scene.start(&format!("undo {job} --yes --concurrency 1 --rate 20/s"));
    held.wait_for(1);
    running.kill();
    held.release();
    scene
        .ferry(&format!("undo {job} --yes"))
        .exits(9)
        .says("ferry resume");
    let undo = scene
        .jobs()
        .into_iter()
        .find(|name| name.contains("undo"))
        .unwrap();
    scene.ferry(&format!("resume {undo} --settle 1s")).exits(0);
    assert_eq!(scene.stored().len(), 20);
}

/// Rows that were on their way when the process died were never looked at again.
#[test]
fn a_killed_import_is_settled_before_it_is_taken_back() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    let held = scene.hold(Endpoint::Add, 3);
    let running = scene.start("import customers.xlsx --mode add --concurrency 1 --rate 20/s");
    held.wait_for(1);
    running.kill();
    held.release();
    let job = scene.job();
    let output = scene.ferry(&format!("undo {job} --yes --settle 1s"));
    assert!([0, 4, 6].contains(&output.code), "{output:?}");
    // What was found is adopted, and deleted by force alone; what was not added may be added now.
    scene.ferry(&format!("undo {job} --yes --force"));
    assert!(scene.stored().is_empty(), "{:?}", scene.names());
    scene.ferry(&format!("resume {job}"));
    assert!(scene.stored().is_empty());
}

/// An update on its way was not taken back, and neither was one that stayed unknown.
#[test]
fn an_update_of_which_nobody_knows_is_taken_back_all_the_same() {
    for (header, resumes) in [("客户编号", false), ("手机", true)] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=3);
        let before = content(&scene);
        let mut table = Table::of(&["_id", header], &[]);
        for (number, id) in ids.iter().enumerate() {
            table.rows.push(vec![id.clone(), phone(number + 50)]);
        }
        scene.save("updates.xlsx", &table);
        let held = scene.hold(Endpoint::Update, 2);
        let running = scene.start("import updates.xlsx --concurrency 1");
        held.wait_for(1);
        running.kill();
        held.release();
        if resumes {
            scene.ferry("resume").exits(6);
        }
        let job = scene.job();
        scene.ferry(&format!("undo {job} --yes"));
        assert_eq!(content(&scene), before, "{header}");
    }
}

/// `resume` of a job that was taken back sent all that it had not sent.
#[test]
fn a_job_that_was_taken_back_sends_nothing_more() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::Dropped)
    });
    scene.ferry("import customers.xlsx --mode add --concurrency 1 --limit 2 --settle 0s");
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes --settle 0s"));
    for line in ["resume", &format!("resume {job}")] {
        scene.ferry(line);
        assert!(scene.stored().is_empty(), "{line}");
    }
}

/// The list of a killed run was taken for what is stored now.
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
    let held = scene.hold(Endpoint::List, 4);
    let running = scene.start("apply --concurrency 1");
    held.wait_for(1);
    running.kill();
    held.release();
    for id in &ids[380..400] {
        change(&scene, id, NUMBER, json!("colleague"));
    }
    scene.ferry("resume").exits(4).says("E530");
    for id in &ids[380..400] {
        assert_eq!(find(&scene, id)[NUMBER], "colleague");
    }
    let written = scene.jobs().into_iter().next().unwrap();
    let held = scene.hold(Endpoint::List, 4);
    let running = scene.start(&format!("verify {written} --concurrency 1"));
    held.wait_for(1);
    running.kill();
    held.release();
    let added = scene.id_of("客户 0410");
    change(&scene, &added, NUMBER, json!("colleague"));
    scene
        .ferry(&format!("verify {written}"))
        .exits(4)
        .says("colleague");
}

/// What somebody edited between the look of an undo and its call was deleted or written over.
#[test]
fn a_resumed_undo_leaves_alone_what_was_edited_meanwhile() {
    for adds in [false, true] {
        let scene = Scene::new();
        if !adds {
            fill(&scene, 1..=4);
        }
        numbered(&scene, 1..=4);
        scene.ferry("import customers.xlsx --key 手机").exits(0);
        let job = scene.job();
        let endpoint = if adds {
            Endpoint::Delete
        } else {
            Endpoint::Update
        };
        let held = scene.hold(endpoint, if adds { 2 } else { 6 });
        let running = scene.start(&format!("undo {job} --yes --concurrency 1 --rate 20/s"));
        held.wait_for(1);
        running.kill();
        held.release();
        let last = scene.id_of("客户 0004");
        change(&scene, &last, NUMBER, json!("colleague"));
        let undo = scene
            .jobs()
            .into_iter()
            .find(|name| name.contains("undo"))
            .unwrap();
        scene.ferry(&format!("resume {undo}")).exits(4);
        assert_eq!(find(&scene, &last)[NUMBER], "colleague");
    }
}

/// A customer that could not be read was deleted without a copy.
#[test]
fn nobody_is_deleted_without_a_copy() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let kept = find(&scene, &ids[0]);
    scene.save("ids.csv", &list(&ids));
    scene.crm.remove(&ids[0]);
    // Gone when it is looked at, and there again afterwards.
    let output = scene.ferry("delete ids.csv --yes").exits(0);
    assert_eq!(output.sheet().cell(0, "_error_code"), "E539");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Delete), 0);
    scene.crm.insert(kept);
    assert_eq!(scene.stored().len(), 1);
}

/// A stopped import went on as if nobody had worked meanwhile.
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

/// The copy of a customer that was edited before a stopped delete went on was the old one.
#[test]
fn a_resumed_delete_copies_what_is_there_now() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=3);
    scene.save("ids.csv", &list(&ids));
    scene.ferry("delete ids.csv --yes --limit 1").exits(5);
    change(&scene, &ids[2], NUMBER, json!("colleague"));
    let job = scene.job();
    scene.ferry(&format!("resume {job}")).exits(0);
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    let third = scene.id_of("客户 0003");
    assert_eq!(find(&scene, &third)[NUMBER], "colleague");
}

/// A multiple choice that was blank was "emptied" with a text, and the CRM refused the whole row.
#[test]
fn what_was_blank_is_blank_again_in_every_kind_of_field() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let before = content(&scene);
    let table = Table::of(
        &[
            "_id",
            "客户来源",
            "客户标签",
            "所在地区",
            "注册资本",
            "签约日期",
            "微信",
        ],
        &[&[
            &ids[0],
            "百度",
            "VIP",
            "浙江/杭州/西湖",
            "5",
            "2024-11-14",
            "wx",
        ]],
    );
    scene.save("rich.xlsx", &table);
    scene.ferry("import rich.xlsx").exits(0);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    let mut after = content(&scene);
    after[0].retain(|_, value| *value != json!("") && *value != json!([]));
    assert_eq!(after, before);
}

/// After a delete and its undo the same workbook was added once more.
#[test]
fn what_was_deleted_and_came_back_is_not_added_again() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let ids: Vec<String> = all(&scene)
        .iter()
        .map(|one| one["_id"].as_str().unwrap().to_owned())
        .collect();
    scene.save("ids.csv", &list(&ids));
    let deleted = scene.ferry("delete ids.csv --yes --json").exits(0).json();
    let deleted = deleted["job"].as_str().unwrap();
    scene.ferry(&format!("undo {deleted} --yes")).exits(0);
    scene.ferry("import customers.xlsx --mode add").exits(9);
    assert_eq!(scene.stored().len(), 3);
}

/// A customer that somebody else had deleted stayed "added before", and its row was lost.
#[test]
fn a_row_whose_customer_is_gone_may_be_added_after_an_undo() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let job = scene.job();
    scene.crm.remove(&scene.id_of("客户 0002"));
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    let again = scene
        .ferry("import customers.xlsx --mode add --json")
        .exits(0)
        .json();
    assert_eq!(again["added"], 3);
}

/// Of two rows of one customer the second was refused because of the first, or lost against it.
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

/// By a result sheet that holds only the second of them, nothing was taken back.
#[test]
fn one_of_two_rows_of_a_customer_is_taken_back_alone() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let mut table = Table::of(&["_id", "邮箱", "手机", "客户编号"], &[]);
    table.rows.push(vec![
        ids[0].clone(),
        "n@example.com".into(),
        String::new(),
        String::new(),
    ]);
    table
        .rows
        .push(vec![String::new(), String::new(), phone(1), "two".into()]);
    scene.save("both.xlsx", &table);
    let mut result = scene.ferry("import both.xlsx --key 手机").exits(0).sheet();
    result.rows.remove(0);
    scene.save("second.xlsx", &result);
    scene.ferry("undo second.xlsx --yes").exits(0);
    let stored = find(&scene, &ids[0]);
    assert_eq!(stored[NUMBER], "00000001");
    assert_eq!(stored["email"], json!([{"value": "n@example.com"}]));
}

/// A key that the CRM does not search made every row invalid; nobody read the list.
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

/// What had the planned value already was sent again, and its undo took somebody else's work away.
#[test]
fn what_somebody_has_stored_already_is_not_the_jobs_to_take_back() {
    for many in [0, 900] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=2);
        fill(&scene, 10..=many);
        numbered(&scene, 1..=2);
        scene.ferry("plan customers.xlsx --key 手机").exits(0);
        change(&scene, &ids[0], NUMBER, json!("X"));
        let said = scene.ferry("apply --json").exits(0).json();
        assert_eq!(
            (&said["updated"], &said["unchanged"]),
            (&json!(1), &json!(1)),
            "{said}"
        );
        let job = scene.job();
        scene.ferry(&format!("undo {job} --yes")).exits(0);
        assert_eq!(find(&scene, &ids[0])[NUMBER], "X");
        assert_eq!(find(&scene, &ids[1])[NUMBER], "00000002");
    }
}

/// The result sheet of a run with a key forgot the key: imported as its tip says, it doubled everybody.
#[test]
fn a_result_sheet_remembers_by_what_its_rows_are_recognised() {
    for name in ["result.xlsx", "result.csv"] {
        let scene = Scene::new();
        scene.save("customers.xlsx", &sheet(1..=3));
        scene.ferry("plan customers.xlsx --key 手机").exits(0);
        fill(&scene, 1..=3);
        scene
            .ferry(&format!("apply -o {name}"))
            .exits(4)
            .says("E531");
        scene.ferry(&format!("import {name}"));
        assert_eq!(scene.stored().len(), 3, "{name}");
    }
}

/// The sheet of an undo, imported, did again what was taken back.
#[test]
fn sheets_of_an_undo_or_a_verification_are_no_sources() {
    let scene = Scene::new();
    fill(&scene, 1..=2);
    numbered(&scene, 1..=2);
    scene.ferry("import customers.xlsx --key 手机").exits(0);
    let job = scene.job();
    scene.ferry("verify -o verified.xlsx").exits(0);
    scene
        .ferry(&format!("undo {job} --yes -o undone.xlsx"))
        .exits(0);
    scene.ferry(&format!("undo {job} --yes -o undone.csv"));
    for name in ["verified.xlsx", "undone.xlsx"] {
        scene.ferry(&format!("import {name}")).exits(3).says("E327");
    }
    scene
        .ferry("delete verified.xlsx --yes")
        .exits(3)
        .says("E327");
}

/// `--on-match` without a key was taken and ignored.
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

/// The result sheet remembered the key and not what was to become of those that have it.
#[test]
fn a_result_sheet_remembers_on_match() {
    for name in ["result.xlsx", "result.csv"] {
        let scene = Scene::new();
        fill(&scene, 1..=2);
        numbered(&scene, 1..=2);
        let before = content(&scene);
        scene
            .ferry(&format!(
                "import customers.xlsx --key 手机 --on-match fail -o {name}"
            ))
            .exits(4);
        scene.ferry(&format!("import {name}")).exits(4).says("E451");
        assert_eq!(content(&scene), before);
        // What is typed wins.
        scene
            .ferry(&format!("import {name} --on-match update"))
            .exits(0);
        assert_eq!(scene.stored()[0][NUMBER], "X");
    }
}

/// A second delete, or an undo of an undo, made the first forget that it had been taken back.
#[test]
fn however_often_it_is_deleted_and_comes_back_it_is_there_once() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=2);
    let delete = |name: &str, ids: &[String]| {
        scene.save(name, &list(ids));
        let said = scene
            .ferry(&format!("delete {name} --yes --json"))
            .exits(0)
            .json();
        said["job"].as_str().unwrap().to_owned()
    };
    let ids_now = || -> Vec<String> {
        all(&scene)
            .iter()
            .map(|one| one["_id"].as_str().unwrap().to_owned())
            .collect()
    };
    let first = delete("one.csv", &ids);
    scene.ferry(&format!("undo {first} --yes")).exits(0);
    let second = delete("two.csv", &ids_now());
    scene.ferry(&format!("undo {second} --yes")).exits(0);
    scene.ferry(&format!("undo {first} --yes"));
    assert_eq!(scene.stored().len(), 2);
    let undo = |job: &str| {
        let said = scene.ferry(&format!("undo {job} --yes --json")).json();
        said["job"].as_str().unwrap_or_default().to_owned()
    };
    scene.save("more.xlsx", &sheet(3..=3));
    let import = scene
        .ferry("import more.xlsx --mode add --json")
        .exits(0)
        .json();
    let one = undo(import["job"].as_str().unwrap());
    let two = undo(&one);
    let three = undo(&two);
    undo(&three);
    undo(&one);
    assert_eq!(scene.stored().len(), 3);
}

/// Imported again after a delete, everybody was doubled by the undo of the delete.
#[test]
fn what_was_imported_again_after_a_delete_does_not_come_back_as_well() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    let result = scene
        .ferry("import customers.xlsx --mode add")
        .exits(0)
        .result();
    let name = result.file_name().unwrap().to_str().unwrap();
    let deleted = scene
        .ferry(&format!("delete {name} --yes --json"))
        .exits(0)
        .json();
    let deleted = deleted["job"].as_str().unwrap();
    scene.ferry("import customers.xlsx --mode add").exits(0);
    scene
        .ferry(&format!("undo {deleted} --yes"))
        .exits(4)
        .says("E544");
    assert_eq!(scene.stored().len(), 3);
    scene
        .ferry(&format!("undo {deleted} --yes --force"))
        .exits(0);
    assert_eq!(scene.stored().len(), 6);
}

/// Taking one row back gave up all that were not sent, and their sheet said that they were added.
#[test]
fn the_rest_of_a_job_of_which_a_part_is_taken_back_is_still_sent() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    let mut result = scene
        .ferry("import customers.xlsx --mode add --limit 3")
        .exits(5)
        .sheet();
    let job = scene.job();
    result.rows.truncate(1);
    scene.save("one.xlsx", &result);
    scene.ferry("undo one.xlsx --yes").exits(0);
    assert_eq!(scene.stored().len(), 2);
    scene.ferry(&format!("resume {job}")).exits(0);
    assert_eq!(scene.stored().len(), 8);
    // As a whole it is over: it is asked for, and its sheet says that the rest was not sent.
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    scene
        .ferry("import customers.xlsx --mode add --limit 3")
        .exits(5);
    let job = scene.job();
    for number in 1..=3 {
        let id = scene.id_of(&format!("客户 {number:04}"));
        change(&scene, &id, NUMBER, json!("edited"));
    }
    scene
        .ferry(&format!("undo {job}"))
        .exits(2)
        .says("will not be sent");
    scene.ferry(&format!("undo {job} --yes")).exits(4);
    scene
        .ferry(&format!("jobs {job} --result anew.xlsx"))
        .exits(0);
    let said = scene.ferry("import anew.xlsx --mode add --json").json();
    assert_eq!(said["added"], 6, "{said}");
}

/// A look at what an undo would do made rows that were proven absent *failed*.
#[test]
fn a_dry_run_changes_nothing_of_the_job() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=12));
    let held = scene.hold(Endpoint::Add, 3);
    let running = scene.start("import customers.xlsx --mode add --concurrency 1 --rate 20/s");
    held.wait_for(1);
    running.kill();
    held.release_as(FaultKind::Dropped);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --dry-run --settle 1s"));
    scene.ferry(&format!("resume {job} --settle 1s")).exits(0);
    assert_eq!(scene.stored().len(), 12);
}

/// What a sheet says of rows in doubt was dropped by an apply that had nothing to send.
#[test]
fn an_apply_without_work_takes_a_persons_word_all_the_same() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=2));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::Dropped)
    });
    let output = scene
        .ferry("import customers.xlsx --mode add --concurrency 1 --settle 0s --no-touch")
        .exits(6);
    let mut result = output.sheet();
    let other = scene.crm.insert(customer(2));
    result.set(1, "_id", &other);
    scene.save("settled.xlsx", &result);
    scene.ferry("plan settled.xlsx").exits(9);
    scene.ferry("apply").exits(9);
    let again = scene
        .ferry("import customers.xlsx --mode add --json")
        .exits(9)
        .json();
    assert_eq!(
        (&again["skipped"], &again["unknown"]),
        (&json!(2), &json!(0)),
        "{again}"
    );
}

/// Of what was deleted in several goes, each comes back once, in whatever order it is taken back.
#[test]
fn equal_rows_that_were_deleted_come_back_as_many_as_they_were() {
    for (together, again) in [(false, 0), (true, 0), (true, 1)] {
        let scene = Scene::new();
        let mut table = sheet([1]);
        table.rows.push(sheet([1]).rows.remove(0));
        scene.save("twins.xlsx", &table);
        scene.ferry("import twins.xlsx --mode add").exits(0);
        let ids: Vec<String> = all(&scene)
            .iter()
            .map(|one| one["_id"].as_str().unwrap().to_owned())
            .collect();
        let parts: Vec<&[String]> = if together {
            vec![&ids]
        } else {
            vec![&ids[..1], &ids[1..]]
        };
        let mut jobs = Vec::new();
        for (number, part) in parts.into_iter().enumerate() {
            let name = format!("ids{number}.csv");
            scene.save(&name, &list(part));
            let said = scene
                .ferry(&format!("delete {name} --yes --json"))
                .exits(0)
                .json();
            jobs.push(said["job"].as_str().unwrap().to_owned());
        }
        for _ in 0..again {
            scene.save("one.xlsx", &sheet([1]));
            scene.ferry("import one.xlsx --mode add").exits(0);
        }
        for job in &jobs {
            scene
                .ferry(&format!("undo {job} --yes"))
                .exits(if again > 0 { 4 } else { 0 });
        }
        assert_eq!(
            scene.stored().len(),
            2,
            "together {together}, again {again}"
        );
    }
}

/// Customers that ferry had not added were all taken for one content.
#[test]
fn strangers_that_were_deleted_come_back_each_by_itself() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=2);
    let delete = |name: &str, id: &str| {
        scene.save(name, &list(&[id.to_owned()]));
        let said = scene
            .ferry(&format!("delete {name} --yes --json"))
            .exits(0)
            .json();
        said["job"].as_str().unwrap().to_owned()
    };
    let first = delete("a.csv", &ids[0]);
    scene.ferry(&format!("undo {first} --yes")).exits(0);
    let second = delete("b.csv", &scene.id_of("客户 0001"));
    let third = delete("c.csv", &ids[1]);
    for job in [&third, &second] {
        scene.ferry(&format!("undo {job} --yes")).exits(0);
    }
    assert_eq!(scene.stored().len(), 2);
}

/// Two rows that were made of one row of a result sheet were taken for one customer.
#[test]
fn rows_made_of_one_row_of_a_sheet_are_two_customers() {
    let scene = Scene::new();
    let mut table = sheet([1, 2]);
    table.set(1, "邮箱", "no-address");
    scene.save("customers.xlsx", &table);
    let mut result = scene
        .ferry("import customers.xlsx --mode add")
        .exits(4)
        .sheet();
    result.set(1, "邮箱", "c2@example.com");
    let mut copy = result.rows[1].clone();
    for cell in &mut copy {
        *cell = cell.replace("0002", "0003").replace("c2@", "c3@");
    }
    result.rows.push(copy);
    scene.save("anew.xlsx", &result);
    scene.ferry("import anew.xlsx --mode add");
    if !scene.names().contains_key("客户 0003") {
        // Refused as a copy of the row above: then there is nobody to lose.
        return;
    }
    let id = scene.id_of("客户 0002");
    scene.save("ids.csv", &list(&[id]));
    let said = scene.ferry("delete ids.csv --yes --json").exits(0).json();
    let job = said["job"].as_str().unwrap();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    assert_eq!(scene.names().get("客户 0002"), Some(&1));
}

/// The undo that died at its question could be "refreshed" like a plan, and added everybody again.
#[test]
fn an_undo_is_no_plan() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let job = scene.job();
    let held = scene.hold(Endpoint::List, 2);
    let running = scene.start(&format!("undo {job} --yes"));
    held.wait_for(1);
    running.kill();
    held.release();
    for name in scene.jobs() {
        scene.ferry(&format!("apply {name} --refresh --yes"));
    }
    assert_eq!(scene.stored().len(), 3);
}

/// The first row decided by what all others were recognised.
#[test]
fn rows_of_jobs_with_different_keys_are_not_guessed_at() {
    let scene = Scene::new();
    fill(&scene, 1..=3);
    let mut table = sheet(1..=3);
    table.set(1, "邮箱", "no-address");
    scene.save("customers.xlsx", &table);
    let mut result = scene
        .ferry("import customers.xlsx --key 手机")
        .exits(4)
        .sheet();
    scene.save("other.xlsx", &sheet(8..=8));
    let other = scene
        .ferry("import other.xlsx --mode add --json")
        .exits(0)
        .json();
    result.set(0, "_job", other["job"].as_str().unwrap());
    result.set(1, "邮箱", "c2@example.com");
    scene.save("anew.xlsx", &result);
    scene.ferry("import anew.xlsx").exits(2).says("E331");
    scene.ferry("import anew.xlsx --key 手机").exits(0);
    assert_eq!(scene.names()["客户 0002"], 1);
}

/// What was imported again, deleted and brought back was not counted as imported again.
#[test]
fn what_came_back_after_it_was_imported_again_counts_as_there() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet([1]));
    let delete = |name: &str| {
        scene.save(name, &list(&[scene.id_of("客户 0001")]));
        let said = scene
            .ferry(&format!("delete {name} --yes --json"))
            .exits(0)
            .json();
        said["job"].as_str().unwrap().to_owned()
    };
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let first = delete("one.csv");
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let second = delete("two.csv");
    scene.ferry(&format!("undo {second} --yes")).exits(0);
    scene
        .ferry(&format!("undo {first} --yes"))
        .exits(4)
        .says("E544");
    assert_eq!(scene.stored().len(), 1);
}
