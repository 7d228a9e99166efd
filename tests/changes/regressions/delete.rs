//! Customers that were deleted, and once came back twice, not at all, or as somebody else.

use serde_json::json;

use super::NUMBER;
use crate::changes::{all, change, fill, find, list, sheet};
use crate::support::{Endpoint, Scene};

/// Each undo of a delete added everybody again.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_delete_taken_back_twice_brings_everybody_back_once() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=3);
    scene.save("ids.csv", &list(&ids));
    scene.ferry("delete ids.csv --yes").exits(0);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    scene.ferry(&format!("undo {job} --yes")).exits(9);
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
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn a_stopped_undo_or_delete_is_gone_on_with_and_not_begun_again() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=20);
    scene.save("ids.csv", &list(&ids));
    scene.kill_at(
        "delete ids.csv --yes --concurrency 1 --rate 20/s",
        Endpoint::Delete,
        3,
        None,
    );
    scene
        .ferry("delete ids.csv --yes")
        .exits(9)
        .says("ferry resume");
    let job = scene.job();
    scene.ferry(&format!("resume {job}")).exits(0);
    scene.kill_at(
        &format!("undo {job} --yes --concurrency 1 --rate 20/s"),
        Endpoint::Add,
        4,
        None,
    );
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

/// A customer that could not be read was deleted without a copy.
/// Guards ed4f7aa, 2026-11-25.
#[test]
fn nobody_is_deleted_without_a_copy() {
    let scene = Scene::new();
    let ids = fill(&scene, 1..=1);
    let kept = find(&scene, &ids[0]);
    scene.save("ids.csv", &list(&ids));
    scene.crm.remove(&ids[0]);
    // Gone when it is looked at, and there again afterwards.
    let output = scene.ferry("delete ids.csv --yes --json").exits(0);
    assert_eq!(output.sheet().cell(0, "_error_code"), "E539");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Delete), 0);
    scene.crm.insert(kept);
    assert_eq!(scene.stored().len(), 1);
}

/// The copy of a customer that was edited before a stopped delete went on was the old one.
/// Guards ed4f7aa, 2026-11-25.
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

/// After a delete and its undo the same workbook was added once more.
/// Guards ed4f7aa, 2026-11-25.
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

/// A second delete made the first forget that it had been taken back.
/// Guards cb49e9a, 2026-11-25.
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
    scene.ferry(&format!("undo {first} --yes")).exits(9);
    assert_eq!(scene.stored().len(), 2);
}

/// Imported again after a delete, everybody was doubled by the undo of the delete.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn what_was_imported_again_after_a_delete_does_not_come_back_as_well() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=3));
    let result = scene
        .ferry("import customers.xlsx --mode add --json")
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

/// Of what was deleted in several goes, each comes back once, in whatever order it is taken back.
/// Guards 443989e, 2026-11-25.
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
/// Guards 443989e, 2026-11-25.
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
/// Guards 443989e, 2026-11-25.
#[test]
fn rows_made_of_one_row_of_a_sheet_are_two_customers() {
    let scene = Scene::new();
    let mut table = sheet([1, 2]);
    table.set(1, "邮箱", "no-address");
    scene.save("customers.xlsx", &table);
    let mut result = scene
        .ferry("import customers.xlsx --mode add --json")
        .exits(4)
        .sheet();
    result.set(1, "邮箱", "c2@example.com");
    let mut copy = result.rows[1].clone();
    for cell in &mut copy {
        *cell = cell.replace("0002", "0003").replace("c2@", "c3@");
    }
    result.rows.push(copy);
    scene.save("anew.xlsx", &result);
    scene.ferry("import anew.xlsx --mode add").exits(0);
    assert_eq!(scene.names().get("客户 0003"), Some(&1));
    let id = scene.id_of("客户 0002");
    scene.save("ids.csv", &list(&[id]));
    let said = scene.ferry("delete ids.csv --yes --json").exits(0).json();
    let job = said["job"].as_str().unwrap();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    assert_eq!(scene.names().get("客户 0002"), Some(&1));
}

/// What was imported again, deleted and brought back was not counted as imported again.
/// Guards a68c65b, 2026-11-25.
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
