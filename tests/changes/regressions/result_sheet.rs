//! Result sheets that come back, and what they once forgot.

use serde_json::json;

use super::{NUMBER, numbered};
use crate::changes::{content, customer, fill, sheet};
use crate::support::{Endpoint, FaultKind, Scene};

/// The result sheet of a run with a key forgot the key: imported as its tip says, it doubled everybody.
/// Guards ed4f7aa, 2026-11-25.
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
        scene.ferry(&format!("import {name}")).exits(0);
        assert_eq!(scene.stored().len(), 3, "{name}");
    }
}

/// The sheet of an undo, imported, did again what was taken back.
/// Guards ed4f7aa, 2026-11-25.
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
    for name in ["verified.xlsx", "undone.xlsx"] {
        scene.ferry(&format!("import {name}")).exits(3).says("E327");
    }
    scene
        .ferry("delete verified.xlsx --yes")
        .exits(3)
        .says("E327");
}

/// The result sheet remembered the key and not what was to become of those that have it.
/// Guards cb49e9a, 2026-11-25.
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

/// What a sheet says of rows in doubt was dropped by an apply that had nothing to send.
/// Guards cb49e9a, 2026-11-25.
#[test]
fn an_apply_without_work_takes_a_persons_word_all_the_same() {
    let scene = Scene::new();
    scene.save("customers.xlsx", &sheet(1..=2));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::Dropped)
    });
    let output = scene
        .ferry("import customers.xlsx --mode add --concurrency 1 --settle 0s --no-touch --json")
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

/// The first row decided by what all others were recognised.
/// Guards 443989e, 2026-11-25.
#[test]
fn rows_of_jobs_with_different_keys_are_not_guessed_at() {
    let scene = Scene::new();
    fill(&scene, 1..=3);
    let mut table = sheet(1..=3);
    table.set(1, "邮箱", "no-address");
    scene.save("customers.xlsx", &table);
    let mut result = scene
        .ferry("import customers.xlsx --key 手机 --json")
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
