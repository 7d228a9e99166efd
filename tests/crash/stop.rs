//! Ctrl-C and SIGTERM: what is in flight is finished and recorded, and the exact resume line is printed.

#![cfg(unix)]

use std::process::Command;

use crate::support::{Endpoint, Running, Scene, Table, named, until};

fn signal(run: &Running, name: &str) {
    let sent = Command::new("kill")
        .args([name, &run.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

fn stopped_and_resumed(name: &str) {
    let scene = Scene::new();
    scene.save("list.csv", &named(80));
    let held = scene.hold(Endpoint::Add, 20);
    let run = scene.start("import list.csv -o stopped.csv");
    held.wait_for(1);
    signal(&run, name);
    until("the stop is acknowledged", || {
        run.stderr().contains("stopping")
    });
    held.release();
    let stopped = run.wait().exits(5);
    let sheet = Table::read(&scene.path("stopped.csv"));
    let (ok, pending) = (sheet.count("ok"), sheet.count("pending"));
    assert_eq!((ok + pending, sheet.rows.len()), (80, 80));
    assert_eq!((ok, ok as u64), (scene.crm.customer_count(), scene.adds()));
    assert!(ok < 80);

    let line = format!("{} --json", stopped.resume_line());
    let last = scene.ferry(&line).exits(0).sheet();
    assert_eq!(last.count("ok"), 80);
    assert_eq!((scene.crm.customer_count(), scene.adds()), (80, 80));
    scene.agrees_with(&last);
}

#[test]
fn ctrl_c_finishes_what_is_on_its_way() {
    stopped_and_resumed("-INT");
}

#[test]
fn sigterm_does_the_same() {
    stopped_and_resumed("-TERM");
}

#[test]
fn a_second_ctrl_c_leaves_at_once_and_is_as_safe() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    let held = scene.hold(Endpoint::Add, 10);
    let run = scene.start("import list.csv");
    held.wait_for(1);
    signal(&run, "-INT");
    until("the stop is acknowledged", || {
        run.stderr().contains("stopping")
    });
    // The very next one may be the same wish, handed on by a shell.
    let mut run = run;
    until("a later signal ends it", || {
        let ended = run.has_ended();
        if !ended {
            signal(&run, "-INT");
        }
        ended
    });
    run.wait().exits(5);
    held.release();
    let sheet = scene.ferry("resume --json").exits(0).sheet();
    assert_eq!((sheet.count("ok"), scene.crm.customer_count()), (40, 40));
    scene.agrees_with(&sheet);
}

#[test]
fn a_stop_while_waiting_for_the_pace_is_prompt() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    // The first add would be due half a minute after the field list.
    let run = scene.start("import list.csv --rate 2/min --mode add --json");
    until("the pace is waited for", || {
        run.stderr().contains("40 to add")
    });
    signal(&run, "-INT");
    let began = std::time::Instant::now();
    let stopped = run.wait().exits(5);
    assert!(began.elapsed().as_secs() < 20, "{:?}", began.elapsed());
    assert_eq!(stopped.sheet().count("unknown"), 0);
    let resumed = scene.ferry("resume --json").exits(0);
    assert_eq!(resumed.sheet().count("ok"), 40);
    assert_eq!(scene.crm.customer_count(), 40);
}

#[test]
fn a_stop_before_anything_was_sent_leaves_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    let held = scene.hold(Endpoint::Fields, 1);
    let run = scene.start("import list.csv");
    held.wait_for(1);
    signal(&run, "-INT");
    until("the stop is acknowledged", || {
        run.stderr().contains("stopping")
    });
    held.release();
    run.wait().exits(5);
    assert_eq!((scene.adds(), scene.jobs().len()), (0, 0));
}
