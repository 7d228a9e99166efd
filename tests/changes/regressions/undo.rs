//! What an undo once left as it was, took too much of, or sent again.

use serde_json::json;

use super::{NUMBER, numbered};
use crate::changes::{change, content, fill, find, phone, sheet};
use crate::support::{Endpoint, FaultKind, Scene, Table};

/// Rows that were on their way when the process died were never looked at again.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_killed_import_is_settled_before_it_is_taken_back() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    scene.kill_at(
        "import customers.xlsx --mode add --concurrency 1 --rate 20/s",
        Endpoint::Add,
        2,
        None,
    );
    let job = scene.job();
    // The second row is found, and the third was to leave next: that it did not, nothing proves.
    let undo = format!("undo {job} --yes --settle 1s");
    scene.ferry(&undo).exits(6);
    // What was found is adopted, and deleted by force alone.
    assert!(scene.names().contains_key("客户 0002"));
    scene.ferry(&format!("{undo} --force")).exits(6);
    assert!(scene.stored().is_empty(), "{:?}", scene.names());
    scene
        .ferry(&format!("resume {job}"))
        .exits(6)
        .says("result sheet: ");
    assert!(scene.stored().is_empty());
}

/// An update on its way was not taken back, and neither was one that stayed unknown.
/// Guards ed4f7aa, 2026-11-25.
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
        scene.kill_at(
            "import updates.xlsx --concurrency 1",
            Endpoint::Update,
            2,
            None,
        );
        if resumes {
            scene.ferry("resume").exits(6);
        }
        let job = scene.job();
        scene.ferry(&format!("undo {job} --yes")).exits(0);
        assert_eq!(content(&scene), before, "{header}");
    }
}

/// `resume` of a job that was taken back sent all that it had not sent.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_job_that_was_taken_back_sends_nothing_more() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::Dropped)
    });
    scene
        .ferry("import customers.xlsx --mode add --concurrency 1 --limit 2")
        .exits(5);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    for line in ["resume", &format!("resume {job}")] {
        scene.ferry(line).exits(9);
        assert!(scene.stored().is_empty(), "{line}");
    }
}

/// What somebody edited between the look of an undo and its call was deleted or written over.
/// Guards ed4f7aa, 2026-11-25.
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
        scene.kill_at(
            &format!("undo {job} --yes --concurrency 1 --rate 20/s"),
            endpoint,
            if adds { 2 } else { 6 },
            None,
        );
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

/// A multiple choice that was blank was "emptied" with a text, and the CRM refused the whole row.
/// Guards ed4f7aa, 2026-11-25.
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

/// A customer that somebody else had deleted stayed "added before", and its row was lost.
/// Guards ed4f7aa, 2026-11-25.
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

/// By a result sheet that holds only the second of them, nothing was taken back.
/// Guards ed4f7aa, 2026-11-25.
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
    let mut result = scene
        .ferry("import both.xlsx --key 手机 --json")
        .exits(0)
        .sheet();
    result.rows.remove(0);
    scene.save("second.xlsx", &result);
    scene.ferry("undo second.xlsx --yes").exits(0);
    let stored = find(&scene, &ids[0]);
    assert_eq!(stored[NUMBER], "00000001");
    assert_eq!(stored["email"], json!([{"value": "n@example.com"}]));
}

/// What had the planned value already was sent again, and its undo took somebody else's work away.
/// Guards ed4f7aa, 2026-11-25.
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

/// Taking one row back gave up all that were not sent, and their sheet said that they were added.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn the_rest_of_a_job_of_which_a_part_is_taken_back_is_still_sent() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    let mut result = scene
        .ferry("import customers.xlsx --mode add --limit 3 --json")
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
    let said = scene
        .ferry("import anew.xlsx --mode add --json")
        .exits(0)
        .json();
    assert_eq!(said["added"], 6, "{said}");
}

/// A look at what an undo would do made rows that were proven absent *failed*.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn a_dry_run_changes_nothing_of_the_job() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=12));
    scene.kill_at(
        "import customers.xlsx --mode add --concurrency 1 --rate 20/s",
        Endpoint::Add,
        3,
        Some(FaultKind::Dropped),
    );
    let job = scene.job();
    // The third row is in doubt, and a look writes nobody who could prove that it is absent.
    scene
        .ferry(&format!("undo {job} --dry-run --settle 1s"))
        .exits(6);
    scene.ferry(&format!("resume {job} --settle 1s")).exits(0);
    assert_eq!(scene.stored().len(), 12);
}

/// The undo that died at its question could be "refreshed" like a plan, and added everybody again.
/// Guards 443989e, 2026-11-25.
#[test]
fn an_undo_is_no_plan() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let job = scene.job();
    scene.kill_at(&format!("undo {job} --yes"), Endpoint::List, 2, None);
    for name in scene.jobs() {
        let line = format!("apply {name} --refresh --yes");
        scene.ferry(&line).exits(9);
    }
    assert_eq!(scene.stored().len(), 3);
}
