//! The state folder, or a file of it, is taken away while a job is at work: no further call, and it is said.

#![cfg(unix)]

use std::fs;
use std::path::PathBuf;

use crate::support::{Endpoint, Output, Scene, named};

const ROWS: usize = 80;

/// Starts an import, does something to its state folder in the middle, and lets it end.
fn import_meanwhile(scene: &Scene, act: impl FnOnce(&Scene)) -> Output {
    scene.save("list.csv", &named(ROWS));
    let held = scene.hold(Endpoint::Add, 10);
    // A group of intents is at most five rows here.
    let run = scene.start("import list.csv --mode add --rate 20/s --concurrency 2");
    held.wait_for(1);
    act(scene);
    held.release();
    run.wait()
}

fn ends_at_once(scene: &Scene, run: Output) -> Output {
    let run = run.exits(1).says("[E650]").says("--state-dir");
    // What was committed before may go; the next group does not.
    assert!(scene.adds() <= 10 + 2 + 5 + 5, "{}", scene.adds());
    run
}

#[test]
fn a_folder_that_was_moved_holds_all_that_was_sent() {
    let scene = Scene::new();
    let moved = scene.path("moved");
    let run = import_meanwhile(&scene, |scene| fs::rename(scene.state(), &moved).unwrap());
    ends_at_once(&scene, run);
    let sent = scene.adds();
    let line = format!("resume --state-dir {} --json", moved.display());
    let sheet = scene.ferry(&line).exits(0).sheet();
    assert_eq!(sheet.count("ok"), ROWS);
    assert_eq!(
        (scene.crm.customer_count(), scene.adds()),
        (ROWS, ROWS as u64)
    );
    assert!(sent < ROWS as u64);
    scene.agrees_with(&sheet);
}

#[test]
fn a_folder_that_was_deleted_or_replaced_ends_the_job() {
    let deleted = |scene: &Scene| fs::remove_dir_all(scene.state()).unwrap();
    let replaced = |scene: &Scene| {
        let aside = scene.path("aside");
        fs::rename(scene.state(), &aside).unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-r")
            .args([aside, scene.state()])
            .status();
        assert!(copied.unwrap().success());
    };
    let acts: [&dyn Fn(&Scene); 2] = [&deleted, &replaced];
    for act in acts {
        let scene = Scene::new();
        let run = import_meanwhile(&scene, act);
        ends_at_once(&scene, run);
    }
}

#[test]
fn each_of_the_files_is_missed() {
    let files: [fn(&Scene) -> PathBuf; 5] = [
        |scene| scene.job_file("journal.db"),
        |scene| scene.job_file("journal.db-wal"),
        |scene| scene.job_file("journal.seq"),
        |scene| scene.state().join("ledger.db"),
        |scene| scene.state().join("ledger.db-wal"),
    ];
    for file in files {
        let scene = Scene::new();
        let run = import_meanwhile(&scene, |scene| fs::remove_file(file(scene)).unwrap());
        let path = file(&scene);
        let run = ends_at_once(&scene, run);
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        assert!(run.stderr.contains(&name), "{name}: {}", run.stderr);
    }
}
