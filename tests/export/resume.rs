//! A run that is stopped or killed goes on from what is on the disk.

use super::{fill, ids, manifest};
use crate::support::{Endpoint, Options, Scene};

fn content(scene: &Scene, name: &str) -> String {
    std::fs::read_to_string(scene.path(name)).unwrap()
}

#[test]
fn killed_at_ten_moments_it_has_the_content_of_an_undisturbed_run() {
    let scene = Scene::with(Options {
        latency: Some((
            std::time::Duration::from_millis(1),
            std::time::Duration::from_millis(4),
        )),
        ..Options::default()
    });
    fill(&scene, 6_000);
    scene.ferry("export -o whole.csv").exits(0);
    let undisturbed = scene.crm.counters().calls_to(Endpoint::List);
    scene.crm.reset_counters();
    let mut random = fastrand::Rng::with_seed(11);
    let mut running = scene.start("export -o killed.csv");
    let mut kills = 0;
    for _ in 0..10 {
        // Each kill some pages after the last.
        let seen = scene.crm.counters().calls_to(Endpoint::List);
        let until = seen + random.u64(2..7);
        crate::support::until("pages arrive, or it ends", || {
            running.has_ended() || scene.crm.counters().calls_to(Endpoint::List) >= until
        });
        if running.has_ended() {
            break;
        }
        running.kill();
        kills += 1;
        assert!(!scene.path("killed.csv").exists(), "nothing under the name");
        running = scene.start("resume");
    }
    running.wait().exits(0);
    assert!(kills >= 5, "{kills} kills");
    assert_eq!(content(&scene, "killed.csv"), content(&scene, "whole.csv"));
    // Pages in flight at a kill are read again, and no others: 8 workers, and the channel behind them.
    let calls = scene.crm.counters().calls_to(Endpoint::List);
    assert!(
        calls <= undisturbed + kills * 24,
        "{calls} calls after {kills} kills, {undisturbed} undisturbed"
    );
    let folder = std::fs::read_dir(scene.path("")).unwrap();
    let left: Vec<_> = folder
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(".ferry-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[cfg(unix)]
#[test]
fn a_stop_keeps_the_pages_and_says_how_to_go_on() {
    let scene = Scene::new();
    let stored = fill(&scene, 2_000);
    let hold = scene.hold(Endpoint::List, 6);
    let running = scene.start("export -o all.csv --concurrency 2");
    hold.wait_for(1);
    let kill = std::process::Command::new("kill")
        .args(["-INT", &running.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    crate::support::until("it says that it stops", || {
        running.stderr().contains("stopping")
    });
    hold.release();
    let output = running.wait().exits(5).says("stopped, as asked");
    assert!(!scene.path("all.csv").exists());
    let line = output.resume_line();
    let listed = scene.ferry("jobs").exits(0);
    assert!(listed.stdout.contains("stopped"), "{}", listed.stdout);
    let before = scene.crm.counters().calls_to(Endpoint::List);
    let output = scene.ferry(&format!("{line} --json")).exits(0);
    assert_eq!(output.result(), scene.path("all.csv"));
    assert_eq!(ids(&scene.path("all.csv")).len(), stored.len());
    assert!(before + scene.crm.counters().calls_to(Endpoint::List) <= 2 * 20 + 2);
    // A finished export has nothing left to do.
    scene.ferry("resume").exits(9);
}

#[test]
fn a_quota_that_is_spent_leaves_a_job_to_go_on_with() {
    let scene = Scene::new();
    fill(&scene, 1_000);
    let output = scene
        .ferry("export -o all.csv --rate 6/h --no-wait")
        .exits(5);
    assert!(output.stderr.contains("[E209]"), "{}", output.stderr);
    assert!(!scene.path("all.csv").exists());
    let line = output.resume_line();
    scene.ferry(&line).exits(0);
    assert_eq!(manifest(&scene.path("all.csv"))["customers"], 1_000);
    assert!(scene.crm.counters().calls_to(Endpoint::List) <= 11);
}

#[test]
fn a_target_that_cannot_be_written_costs_no_call_again() {
    let scene = Scene::new();
    fill(&scene, 300);
    // A folder stands in the way only when everything has been read.
    let hold = scene.hold(Endpoint::List, 3);
    let running = scene.start("export -o all.csv --concurrency 1");
    hold.wait_for(1);
    std::fs::create_dir(scene.path("all.csv")).unwrap();
    hold.release();
    let output = running.wait().exits(1).says("[E624]");
    assert!(output.stderr.contains("ferry resume"), "{}", output.stderr);
    scene.ferry("resume").exits(1).says("[E626]");
    std::fs::remove_dir(scene.path("all.csv")).unwrap();
    let before = scene.crm.counters().calls;
    scene.ferry("resume").exits(0);
    assert_eq!(scene.crm.counters().calls, before, "no call");
    assert_eq!(ids(&scene.path("all.csv")).len(), 300);
}

/// Windows replaces no such file; elsewhere the folder's rights decide.
#[cfg(windows)]
#[test]
fn a_read_only_target_is_refused_before_the_first_call() {
    let scene = Scene::new();
    scene.write("all.csv", "is mine");
    let path = scene.path("all.csv");
    let mut rights = std::fs::metadata(&path).unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&path, rights).unwrap();
    let output = scene.ferry("export -o all.csv").exits(1).says("[E626]");
    assert!(output.stderr.contains("read-only"), "{}", output.stderr);
    assert_eq!(scene.crm.counters().calls, 0);
    assert_eq!(std::fs::read(&path).unwrap(), b"is mine");
}

#[test]
fn a_manifest_that_cannot_be_written_is_named_as_the_manifest() {
    let scene = Scene::new();
    fill(&scene, 300);
    let manifest = "all.csv.manifest.json";
    std::fs::create_dir(scene.path(manifest)).unwrap();
    let output = scene.ferry("export -o all.csv").exits(1).says("[E624]");
    let first = output.stderr.lines().find(|line| line.contains("[E624]"));
    assert!(first.unwrap_or_default().contains(manifest), "{first:?}");
    std::fs::remove_dir(scene.path(manifest)).unwrap();
    scene.ferry("resume").exits(0);
    assert_eq!(ids(&scene.path("all.csv")).len(), 300);
    assert!(scene.path(manifest).is_file());
}

#[test]
fn a_folder_that_is_missing_is_said_before_the_first_call() {
    let scene = Scene::new();
    let output = scene
        .ferry("export -o nowhere/all.csv")
        .exits(1)
        .says("[E625]");
    assert!(
        output.stderr.contains(r"\\server\share"),
        "{}",
        output.stderr
    );
    assert_eq!(scene.crm.counters().calls, 0);
    assert!(scene.jobs().is_empty());
}

#[test]
fn two_runs_of_one_export_do_not_overlap() {
    let scene = Scene::new();
    fill(&scene, 500);
    let hold = scene.hold(Endpoint::List, 2);
    let running = scene.start("export -o all_{date}.csv");
    hold.wait_for(1);
    scene
        .ferry("export -o all_{date}.csv")
        .exits(8)
        .says("[E623]");
    // Another export of the account goes its way.
    let other = scene.start("export -o other.csv --where-empty openSeaIds");
    hold.release();
    running.wait().exits(0);
    other.wait().exits(0);
}

#[test]
fn what_a_killed_run_left_goes_and_what_is_being_written_stays() {
    let scene = Scene::new();
    fill(&scene, 3);
    for name in ["all.csv", "all.xlsx", "all.jsonl"] {
        let dead = scene.write(".ferry-a1b2c3.tmp", "half a file");
        let alive = scene.write(".ferry-d4e5f6.tmp", "half another");
        let writer = std::fs::File::options().write(true).open(&alive).unwrap();
        writer.lock().unwrap();
        let mine = scene.write(".ferry-notes.txt", "mine");
        scene.ferry(&format!("export -o {name}")).exits(0);
        assert!(!dead.exists(), "{name}");
        assert!(alive.exists() && mine.exists(), "{name}");
    }
    // A result sheet cleans up as well.
    let dead = scene.write(".ferry-a1b2c3.tmp", "half a file");
    scene.write("list.csv", "客户名称\n甲\n");
    scene.ferry("import list.csv").exits(0);
    assert!(!dead.exists());
}
