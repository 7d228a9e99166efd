//! Exit codes: what stops a run, what is left to do, and that stopping costs nothing.

use std::net::TcpListener;
use std::time::{Duration, Instant};

use crate::support::{Endpoint, Output, Scene, Table, named};

#[test]
fn a_wrong_secret_stops_after_a_handful_of_calls() {
    let scene = Scene::with_secret("another-secret");
    scene.save("list.csv", &named(500));
    let run = scene.ferry("import list.csv").exits(7);
    run.says("error: ").says("[E203]").says("hint: ");
    assert!(
        scene.crm.counters().calls <= 20,
        "{:?}",
        scene.crm.counters()
    );
    assert_eq!(scene.jobs(), [""; 0]);
}

#[test]
fn an_unknown_appid_is_refused_too() {
    let scene = Scene::new();
    scene.save("list.csv", &named(500));
    let mut command = scene.command("import list.csv");
    command.env("FERRY_APPID", "1090");
    Output::of(command).exits(7).says("[E204]");
    assert!(scene.crm.counters().calls <= 20);
}

/// A secret that is changed in the middle of a run: the job stops, and goes on when that is mended.
#[test]
fn a_secret_that_stops_working_stops_the_job_resumably() {
    let scene = Scene::new();
    scene.save("list.csv", &named(200));
    scene.ferry("import list.csv --limit 20").exits(5);
    let mut command = scene.command("resume");
    command.env("FERRY_SECRET", "old-secret");
    let before = scene.crm.counters().calls;
    Output::of(command).exits(7).says("ferry resume");
    assert!(scene.crm.counters().calls <= before + 20);
    let line = format!("jobs {} --result stopped.csv", scene.job());
    scene.ferry(&line).exits(0);
    let stopped = Table::read(&scene.path("stopped.csv"));
    assert_eq!(stopped.count("pending"), 180);
    assert_eq!(
        scene.ferry("resume --json").exits(0).sheet().count("ok"),
        200
    );
    assert_eq!(scene.crm.customer_count(), 200);
}

/// A port that was just free.
fn closed_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn nobody_listening_ends_in_time_and_leaves_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    let began = Instant::now();
    let profile = "appid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nmax_outage = \"2s\"";
    let base_url = format!("http://127.0.0.1:{}", closed_port());
    scene.write(
        "ferry.toml",
        format!("[profiles.main]\nbase_url = \"{base_url}\"\n{profile}\n"),
    );
    let run = scene.ferry("import list.csv").exits(5);
    run.says("error: ").says("[E201]").says("hint: ");
    assert!(began.elapsed() < Duration::from_secs(30));
    assert_eq!(scene.jobs(), [""; 0]);
}

#[test]
fn a_job_is_not_resumed_on_another_account() {
    let (scene, other) = (Scene::new(), Scene::new());
    scene.save("list.csv", &named(10));
    scene.ferry("import list.csv --limit 3").exits(5);
    let mut command = scene.command("resume");
    command.env("FERRY_BASE_URL", other.crm.base_url());
    Output::of(command).exits(2).says("belongs to");
    assert_eq!((scene.adds(), other.adds()), (3, 0));
    scene.ferry("resume").exits(0);
    assert_eq!(scene.crm.customer_count(), 10);
}

#[test]
fn no_account_is_a_configuration_error() {
    let scene = Scene::new();
    scene.save("list.csv", &named(1));
    for (missing, named) in [
        (
            vec!["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"],
            "ferry init",
        ),
        (vec!["FERRY_SECRET"], "FERRY_SECRET"),
    ] {
        let mut command = scene.command("import list.csv");
        for name in missing {
            command.env_remove(name);
        }
        Output::of(command).exits(2).says("[E101]").says(named);
    }
    assert_eq!(scene.jobs(), [""; 0]);
}

#[test]
fn a_second_process_on_the_job_is_turned_away() {
    let scene = Scene::new();
    scene.save("list.csv", &named(30));
    let held = scene.hold(Endpoint::Add, 5);
    let first = scene.start("import list.csv -o answers.csv");
    held.wait_for(1);
    let job = scene.job();
    scene
        .ferry(&format!("resume {job}"))
        .exits(8)
        .says("error: ")
        .says("[E612]")
        .says("hint: ");
    scene.ferry("resume").exits(8);
    scene.ferry("import list.csv").exits(8).says(&job);
    // Looking is allowed, also at the sheet of a job that runs.
    scene.ferry("jobs").exits(0).prints("running");
    scene
        .ferry(&format!("jobs {job} --result seen.csv"))
        .exits(0);
    let seen = Table::read(&scene.path("seen.csv"));
    assert_eq!(seen.rows.len(), 30);
    assert_eq!(seen.count("unknown"), 0);
    held.release();
    first.wait().exits(0);
    let answers = Table::read(&scene.path("answers.csv"));
    assert_eq!(answers.count("ok"), 30);
    assert_eq!(scene.jobs(), [job]);
    assert_eq!(scene.crm.customer_count(), 30);
}

#[test]
fn strict_sends_nothing_unless_all_is_valid() {
    let scene = Scene::new();
    let table = named(10).appended(&[vec![String::new(), "13800000000".to_owned()]]);
    scene.save("list.csv", &table);
    let run = scene.ferry("import list.csv --strict --json").exits(3);
    let sheet = run.sheet();
    assert_eq!((sheet.count("invalid"), sheet.count("pending")), (1, 10));
    assert_eq!(scene.crm.customer_count(), 0);
    // Mended, all of it goes.
    let mut sheet = sheet;
    sheet.set(10, "客户名称", "有名");
    scene.save("mended.csv", &sheet);
    scene.ferry("import mended.csv --strict").exits(0);
    assert_eq!(scene.crm.customer_count(), 11);
}

#[test]
fn a_file_that_strict_held_back_can_be_imported_without_it() {
    let scene = Scene::new();
    let table = named(3).appended(&[vec![String::new(), "13800000000".to_owned()]]);
    scene.save("list.csv", &table);
    scene.ferry("import list.csv --strict").exits(3);
    scene.ferry("import list.csv").exits(4);
    assert_eq!(scene.crm.customer_count(), 3);
}

#[test]
fn a_trial_run_sends_so_many_rows_and_resume_the_rest() {
    let scene = Scene::new();
    scene.save("list.csv", &named(25));
    let trial = scene
        .ferry("import list.csv --limit 5 -o trial.csv")
        .exits(5);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (5, 5));
    let sheet = Table::read(&scene.path("trial.csv"));
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (5, 20));

    // Typed instead of resume, also for a copy of the file.
    let job = scene.job();
    let named_resume = format!("ferry resume {job}");
    scene.ferry("import list.csv").exits(9).says(&named_resume);
    std::fs::copy(scene.path("list.csv"), scene.path("copy.csv")).unwrap();
    scene.ferry("import copy.csv").exits(9).says(&named_resume);
    // The file may be edited or gone meanwhile: the job has its own copy.
    std::fs::remove_file(scene.path("list.csv")).unwrap();

    scene.ferry("resume --limit 5").exits(5);
    assert_eq!(scene.adds(), 10);
    let line = format!("{} --json", trial.resume_line());
    let rest = scene.ferry(&line).exits(0).sheet();
    assert_eq!((rest.count("ok"), scene.adds()), (25, 25));
    scene.agrees_with(&rest);

    // A finished job shows its summary.
    scene
        .ferry(&format!("resume {job}"))
        .exits(9)
        .says("finished");
    scene.ferry("resume").exits(9);
    assert_eq!(scene.adds(), 25);
}

#[test]
fn a_limit_that_is_just_enough_finishes_the_job() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    scene.ferry("import list.csv --limit 5").exits(0);
    scene.save("more.csv", &Table::of(&["客户名称"], &[&["一"], &["二"]]));
    scene.ferry("import more.csv --limit 0").exits(5);
    assert_eq!(scene.adds(), 5);
    scene.ferry("resume").exits(0);
    assert_eq!(scene.adds(), 7);
}

#[test]
fn an_edited_file_of_an_unfinished_job_is_held_back_too() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.ferry("import list.csv --limit 5").exits(5);
    scene.save("list.csv", &named(12));
    scene.ferry("import list.csv").exits(9).says("ferry resume");
    scene.ferry("resume").exits(0);
    scene.ferry("import list.csv").exits(0);
    assert_eq!(scene.crm.customer_count(), 12);
}

#[test]
fn quiet_prints_only_errors() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    let run = scene.ferry("import list.csv -q").exits(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    let run = scene.ferry("import missing.csv -q").exits(3);
    run.says("error: ").says("hint: ");
}

#[test]
fn a_pace_is_kept() {
    let scene = Scene::new();
    scene.save("list.csv", &named(30));
    let began = Instant::now();
    scene.ferry("import list.csv --rate 20/s").exits(0);
    // Calls never come closer than a twentieth of a second on average, however fast or slow the machine is.
    let calls = scene.crm.counters().calls as u32;
    assert!(began.elapsed() >= Duration::from_millis(50) * (calls - 1));
}

/// The command that a refused import names is whole: it goes on with the job wherever its state is.
#[test]
fn an_unfinished_file_names_the_command_that_goes_on() {
    let scene = Scene::new();
    scene.save("list.csv", &named(4));
    scene.ferry("import list.csv --limit 1").exits(5);
    let refused = scene.ferry("import list.csv").exits(9);
    let line = refused
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix("hint: go on with it: `ferry "))
        .and_then(|line| line.strip_suffix('`'));
    let line = line.unwrap_or_else(|| panic!("{refused:?}"));
    let mut command = scene.command(&format!("{line} --json"));
    command.env_remove("FERRY_STATE_DIR");
    assert_eq!(Output::of(command).exits(0).sheet().count("ok"), 4);
}
