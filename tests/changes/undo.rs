//! `ferry undo`: what a job wrote is taken back, and what somebody wrote after it is not.

use serde_json::json;

use super::{change, content, customer, fill, find, phone, sheet};
use crate::support::{Endpoint, FaultKind, Scene, Table};

const NUMBER: &str = "text_k2ad_1687316401122";

/// 40 stored customers, and a sheet of 45 of which 5 are new and 2 changed, imported.
fn imported(scene: &Scene) -> (Vec<String>, String) {
    let ids = fill(scene, 1..=40);
    let mut table = sheet(1..=45);
    table.set(0, "客户编号", "X-1");
    table.set(1, "邮箱", "new2@example.com");
    table.set(1, "客户编号", "X-2");
    scene.save("customers.xlsx", &table);
    let said = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0)
        .json();
    assert_eq!(
        (&said["added"], &said["updated"]),
        (&json!(5), &json!(2)),
        "{said}"
    );
    (ids, scene.job())
}

#[test]
fn an_import_is_taken_back_field_for_field() {
    let scene = Scene::new();
    let before = {
        fill(&scene, 1..=40);
        content(&scene)
    };
    let mut table = sheet(1..=45);
    table.set(0, "客户编号", "X-1");
    table.set(1, "邮箱", "new2@example.com");
    scene.save("customers.xlsx", &table);
    scene.ferry("import customers.xlsx --key 手机").exits(0);
    let job = scene.job();
    assert_ne!(content(&scene), before);
    scene.ferry(&format!("verify {job}")).exits(0);
    // Nobody is there to be asked.
    scene.ferry(&format!("undo {job}")).exits(2).says("--yes");
    let dry = scene
        .ferry(&format!("undo {job} --dry-run --json"))
        .exits(0)
        .json();
    assert_eq!(
        (&dry["deleted"], &dry["restored"]),
        (&json!(5), &json!(2)),
        "{dry}"
    );
    assert_eq!(scene.jobs().len(), 1, "a dry run leaves no job");
    let undone = scene
        .ferry(&format!("undo {job} --yes --json"))
        .exits(0)
        .json();
    assert_eq!(
        (&undone["deleted"], &undone["restored"], &undone["command"]),
        (&json!(5), &json!(2), &json!("undo")),
        "{undone}"
    );
    assert_eq!(content(&scene), before);
    // The ledger follows: what was taken back may be added again.
    let again = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0)
        .json();
    assert_eq!(
        (&again["added"], &again["updated"]),
        (&json!(5), &json!(2)),
        "{again}"
    );
}

#[test]
fn what_somebody_changed_since_is_left_alone_and_said() {
    let scene = Scene::new();
    let (ids, job) = imported(&scene);
    // One of two fields of an update; another field of the other update; a customer that was added.
    change(&scene, &ids[1], NUMBER, json!("colleague"));
    change(&scene, &ids[0], "customerName", json!("改名"));
    let added = scene.id_of("客户 0041");
    change(
        &scene,
        &added,
        "email",
        json!([{"value": "own@example.com"}]),
    );
    scene
        .ferry(&format!("undo {job} --yes -o result.csv"))
        .exits(4)
        .says("1 changed since, left alone")
        .says("E534");
    let result = Table::read(&scene.path("result.csv"));
    assert_eq!(result.rows.len(), 7, "only rows that wrote something");
    assert_eq!(find(&scene, &ids[0])[NUMBER], "00000001");
    assert_eq!(find(&scene, &ids[0])["customerName"], "改名");
    let second = find(&scene, &ids[1]);
    assert_eq!(second[NUMBER], "colleague");
    assert_eq!(second["email"], json!([{"value": "c2@example.com"}]));
    let row = result
        .column("_id")
        .iter()
        .position(|id| *id == ids[1])
        .unwrap();
    assert_eq!(result.cell(row, "_status"), "ok");
    assert_eq!(result.cell(row, "_action"), "restore");
    assert_eq!(result.cell(row, "_error_code"), "E533");
    assert_eq!(
        find(&scene, &added)["email"],
        json!([{"value": "own@example.com"}])
    );
    // Once more: what is left is still left; by force it goes.
    scene.ferry(&format!("undo {job} --yes")).exits(4);
    scene.ferry(&format!("undo {job} --yes --force")).exits(0);
    assert_eq!(find(&scene, &ids[1])[NUMBER], "00000002");
    assert_eq!(scene.stored().len(), 40);
}

#[test]
fn by_its_result_sheet_only_the_rows_in_it_are_taken_back() {
    let scene = Scene::new();
    fill(&scene, 1..=5);
    scene.save("customers.xlsx", &sheet(1..=8));
    let output = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0);
    let mut result = output.sheet();
    result.rows.remove(6);
    scene.save("some.xlsx", &result);
    let undone = scene.ferry("undo some.xlsx --yes --json").exits(0).json();
    assert_eq!(undone["deleted"], 2);
    assert!(scene.names().contains_key("客户 0007"));
    assert_eq!(scene.stored().len(), 6);
    scene.save("no-job.xlsx", &sheet(1..=2));
    scene.ferry("undo no-job.xlsx --yes").exits(3).says("E637");
}

#[test]
fn a_stopped_job_is_taken_back_and_over() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=9));
    scene
        .ferry("import customers.xlsx --key 手机 --limit 4")
        .exits(5);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    assert!(scene.stored().is_empty());
    scene.ferry(&format!("resume {job}")).exits(9);
    assert!(scene.stored().is_empty());
    let again = scene
        .ferry("import customers.xlsx --key 手机 --json")
        .exits(0)
        .json();
    assert_eq!(again["added"], 9);
}

/// Whoever wants the other state again imports the file again, and sees first what that would do.
#[test]
fn an_undo_is_not_undone() {
    let scene = Scene::new();
    let (_, job) = imported(&scene);
    let undo = scene
        .ferry(&format!("undo {job} --yes --json"))
        .exits(0)
        .json();
    let undo = undo["job"].as_str().unwrap();
    let before = scene.stored();
    scene
        .ferry(&format!("undo {undo} --yes"))
        .exits(2)
        .says("[E332]")
        .says(&job);
    assert_eq!(scene.stored(), before);
}

/// A customer that was found after its reply was lost may be somebody else's.
#[test]
fn an_adopted_customer_is_deleted_by_force_only() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=6));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::LostReply)
    });
    scene
        .ferry("import customers.xlsx --key 手机 --settle 0s --concurrency 1")
        .exits(0);
    let job = scene.job();
    scene
        .ferry(&format!("undo {job} --yes -o result.csv"))
        .exits(4)
        .says("E535");
    let result = Table::read(&scene.path("result.csv"));
    assert_eq!(result.count("invalid"), 1);
    assert_eq!(scene.stored().len(), 1);
    scene.ferry(&format!("undo {job} --yes --force")).exits(0);
    assert!(scene.stored().is_empty());
}

/// Two rows of one customer go back together, to what was there before the first.
#[test]
fn rows_of_one_customer_go_back_together() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let before = content(&scene);
    let mut table = Table::of(&["_id", "客户名称", "手机", "客户编号"], &[]);
    table.rows.push(vec![
        ids[0].clone(),
        "第一".into(),
        String::new(),
        "one".into(),
    ]);
    table
        .rows
        .push(vec![String::new(), "第二".into(), phone(1), "two".into()]);
    scene.save("both.xlsx", &table);
    scene.ferry("import both.xlsx --key 手机").exits(0);
    let job = scene.job();
    assert_eq!(scene.stored()[0][NUMBER], "two");
    scene.ferry(&format!("verify {job}")).exits(0);
    let output = scene.ferry(&format!("undo {job} --yes --json")).exits(0);
    assert_eq!(output.sheet().column("_status"), ["ok", "skipped"]);
    assert_eq!(content(&scene), before);
}

#[test]
fn killed_in_the_middle_it_ends_as_if_it_had_not_been() {
    for (endpoint, number) in [
        (Endpoint::Delete, 2),
        (Endpoint::Delete, 5),
        (Endpoint::Update, 1),
        (Endpoint::Update, 2),
    ] {
        let scene = Scene::new();
        fill(&scene, 1..=40);
        let before = content(&scene);
        let mut table = sheet(1..=45);
        table.set(0, "客户编号", "X-1");
        table.set(44, "客户名称", "新");
        table.rows.push(sheet([2]).rows.remove(0));
        table.set(1, "邮箱", "new2@example.com");
        table.rows.pop();
        scene.save("customers.xlsx", &table);
        scene.ferry("import customers.xlsx --key 手机").exits(0);
        let job = scene.job();
        scene.kill_at(
            &format!("undo {job} --yes --rate 50/s"),
            endpoint,
            number,
            None,
        );
        scene.ferry("resume --yes").exits(0);
        assert_eq!(content(&scene), before, "{endpoint:?} {number}");
    }
}

#[test]
fn nothing_is_taken_back_of_what_wrote_nothing() {
    let scene = Scene::new();
    fill(&scene, 1..=2);
    scene.save("customers.xlsx", &sheet(1..=2));
    scene.ferry("import customers.xlsx --key 手机").exits(0);
    let job = scene.job();
    scene
        .ferry(&format!("undo {job} --yes"))
        .exits(9)
        .says("E638");
    scene.ferry(&format!("verify {job}")).exits(9).says("E638");
    let mut new = customer(3);
    new.remove("createTime");
    scene.save("more.xlsx", &sheet(3..=3));
    scene.ferry("plan more.xlsx --key 手机").exits(0);
    scene.ferry("undo nobody --yes").exits(2);
    let plan = scene.jobs().into_iter().next_back().unwrap();
    scene
        .ferry(&format!("undo {plan} --yes"))
        .exits(9)
        .says("E634");
}

/// Deletes the customers of a file; the job.
fn deleted(scene: &Scene, file: &str) -> String {
    let said = scene.ferry(&format!("delete {file} --yes --json")).exits(0);
    said.json()["job"].as_str().unwrap().to_owned()
}

/// Imports nine customers, deletes the first three, and takes the delete back; the ids of those that came back.
fn readded(scene: &Scene) -> (String, Vec<String>) {
    scene.save("customers.xlsx", &sheet(1..=9));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let job = scene.job();
    let name = |number: usize| format!("客户 {number:04}");
    let ids: Vec<String> = (1..=3).map(|number| scene.id_of(&name(number))).collect();
    scene.save("gone.csv", &super::list(&ids));
    let delete = deleted(scene, "gone.csv");
    scene.ferry(&format!("undo {delete} --yes")).exits(0);
    let ids = (1..=3).map(|number| scene.id_of(&name(number)));
    (job, ids.collect())
}

#[test]
fn what_an_undo_of_a_delete_has_added_again_is_taken_back_with_the_import() {
    let scene = Scene::new();
    let (job, _) = readded(&scene);
    assert_eq!(scene.stored().len(), 9);
    let undone = scene
        .ferry(&format!("undo {job} --yes --json"))
        .exits(0)
        .json();
    assert_eq!(undone["deleted"], 9, "{undone}");
    // The list for the plan and for the guard, and nine deletions: nobody is asked for who is known to be gone.
    assert_eq!(undone["api_calls"], 11, "{undone}");
    assert!(scene.stored().is_empty());
    // The ledger follows.
    let again = scene
        .ferry("import customers.xlsx --mode add --json")
        .exits(0)
        .json();
    assert_eq!(again["added"], 9, "{again}");
}

/// One was edited since it came back, one twice deleted and brought back: they stay, and are named.
#[test]
fn what_was_added_again_and_edited_stays_and_is_named() {
    let scene = Scene::new();
    let (job, ids) = readded(&scene);
    change(&scene, &ids[0], NUMBER, json!("colleague"));
    scene.save("gone2.csv", &super::list(&ids[1..2]));
    let delete = deleted(&scene, "gone2.csv");
    scene.ferry(&format!("undo {delete} --yes")).exits(0);
    let third = scene.id_of("客户 0002");
    let output = scene
        .ferry(&format!("undo {job} --yes -o result.csv --json"))
        .exits(4);
    let result = output.sheet();
    assert_eq!(output.json()["deleted"], 7);
    assert_eq!(result.cell(0, "_error_code"), "E534");
    assert_eq!(result.cell(1, "_error_code"), "E556");
    assert!(result.cell(1, "_error").contains(&third), "{result:?}");
    assert_eq!(result.cell(1, "_id"), third);
    assert_eq!(scene.stored().len(), 2);
    scene.ferry(&format!("undo {job} --yes --force")).exits(0);
    assert!(scene.stored().is_empty());
}

/// A colleague had edited the customer before it was deleted, and the undo of the delete brought the edit back.
#[test]
fn an_edit_from_before_the_delete_is_kept() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=2));
    scene.ferry("import customers.xlsx --mode add").exits(0);
    let job = scene.job();
    let id = scene.id_of("客户 0001");
    change(&scene, &id, NUMBER, json!("colleague"));
    scene.save("gone.csv", &super::list(&[id]));
    let delete = deleted(&scene, "gone.csv");
    scene.ferry(&format!("undo {delete} --yes")).exits(0);
    scene
        .ferry(&format!("undo {job} --yes"))
        .exits(4)
        .says("E556");
    let left = scene.id_of("客户 0001");
    assert_eq!(find(&scene, &left)[NUMBER], "colleague");
    assert_eq!(scene.stored().len(), 1);
}
