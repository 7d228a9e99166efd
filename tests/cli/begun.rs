//! A job goes on as it was begun, whatever the configuration says by then.

use std::process::Command;

use crm_ferry::sandbox::Dress;
use serde_json::json;

use crate::support::{Endpoint, FaultKind, Output, Scene, named};

/// The binary without the settings that a scene gives in its environment.
fn plain(scene: &Scene, line: &str) -> Command {
    let mut command = scene.command(line);
    for name in ["FERRY_RATE", "FERRY_CONCURRENCY", "FERRY_SETTLE"] {
        command.env_remove(name);
    }
    command
}

fn run(scene: &Scene, line: &str) -> Output {
    Output::of(plain(scene, line))
}

/// A profile with a pace.
fn profile(scene: &Scene, rate: &str) {
    let text = format!(
        "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n{rate}\n",
        scene.crm.base_url()
    );
    scene.write("ferry.toml", text);
}

#[test]
fn resume_keeps_the_pace_and_the_way_with_a_spent_quota() {
    let scene = Scene::new();
    scene.save("list.csv", &named(20));
    let begun = "import list.csv --mode add --rate 2000/s,9/h --no-wait";
    run(&scene, begun).exits(5).says("go on with");
    let sent = scene.adds();
    assert!(sent < 20, "{sent}");
    // With another pace it would send the rest; if it waited, it would wait for an hour.
    run(&scene, "resume").exits(5).says("9/h");
    // Senders that stopped at once may have left a call or two of the quota.
    assert!(scene.adds() <= 9, "{} after {sent}", scene.adds());
    let resumed = run(&scene, "resume --rate 2000/s").exits(0);
    let line = "as a flag or the environment says: --rate 2000/s instead of 2000/s, 9/h";
    resumed.says(line);
    assert_eq!(scene.adds(), 20);
}

#[test]
fn a_touch_that_is_forbidden_from_now_on_is_said() {
    let scene = Scene::new();
    scene.save("list.csv", &named(4));
    scene.ferry("import list.csv --mode add --limit 2").exits(5);
    scene
        .ferry("resume --no-touch")
        .exits(0)
        .says("--no-touch forbidden instead of allowed");
}

/// An unattended run that comes to no end says why, whatever else it keeps back.
#[test]
fn why_a_job_was_stopped_is_said_also_to_scripts() {
    for flag in ["--json", "--quiet"] {
        let scene = Scene::new();
        scene.save("list.csv", &named(4));
        profile(&scene, "max_outage = \"1s\"");
        scene.crm.on_call(|call| {
            let is_out = matches!(call.endpoint, Endpoint::Add | Endpoint::List);
            is_out.then_some(FaultKind::Before(Dress::GATEWAY))
        });
        let run = scene.ferry(&format!("import list.csv --mode add {flag}"));
        let run = run.exits(5);
        assert!(
            run.stderr.contains("no sensible answer for 1 s"),
            "{flag}: {}",
            run.stderr
        );
        assert_eq!(run.stdout.lines().count(), usize::from(flag == "--json"));
    }
}

#[test]
fn a_plan_is_applied_at_the_pace_that_it_announced() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    profile(&scene, "rate = \"700/s\"\nconcurrency = 3");
    let planned = run(&scene, "plan list.csv").exits(0).says("at 700/s");
    profile(&scene, "rate = \"1/min\"");
    let applied = run(&scene, "apply").exits(0).says("at 700/s");
    let announced = |output: &Output| {
        let mut lines = output.stderr.lines();
        let line = lines.find(|line| line.contains("at 700/s"));
        line.expect("the cost is announced").to_owned()
    };
    assert_eq!(announced(&planned), announced(&applied));
    assert!(!applied.stderr.contains("as a flag"), "{}", applied.stderr);
}

#[test]
fn what_apply_was_told_is_what_resume_goes_on_with() {
    let scene = Scene::new();
    scene.save("list.csv", &named(6));
    run(&scene, "plan list.csv --rate 1/min").exits(0);
    let line = "--rate 800/s instead of 1/min";
    run(&scene, "apply --rate 800/s --limit 2")
        .exits(5)
        .says(line);
    // At a call a minute this would take too long for any test.
    let resumed = run(&scene, "resume").exits(0);
    assert!(!resumed.stderr.contains("instead of"), "{}", resumed.stderr);
    assert_eq!(scene.adds(), 6);
}

#[test]
fn an_export_goes_on_as_it_was_begun() {
    let scene = Scene::new();
    for number in 1..=1000 {
        let customer = json!({"customerName": format!("客户 {number}")});
        scene.crm.insert(customer.as_object().cloned().unwrap());
    }
    run(&scene, "export -o all.csv --rate 2000/s,6/h --no-wait").exits(5);
    run(&scene, "resume").exits(5).says("6/h");
    run(&scene, "resume --no-wait=false --rate 2000/s").exits(0);
}
