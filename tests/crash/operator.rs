//! What an operator meets: a server that goes away in the middle, names that lead nowhere, several stopped jobs, a server
//! whose clock is off, a system that lets few files be open.

use crm_ferry::sandbox::Sandbox;

use crate::support::{Endpoint, Options, Scene, Table, named, until};

/// A profile that gives up after a second.
fn impatient(scene: &Scene, base_url: &str) {
    let profile = "appid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nmax_outage = \"1s\"";
    scene.write(
        "ferry.toml",
        format!("[profiles.main]\nbase_url = \"{base_url}\"\n{profile}\n"),
    );
}

/// The server dies while calls are on their way: what it had stored is found once it is back, the rest is sent.
#[test]
fn a_server_pulled_away_in_the_middle_loses_and_doubles_nobody() {
    let scene = Scene::new();
    let rows = 80;
    scene.save("list.csv", &named(rows));
    let options = |port| Options {
        port,
        db: Some(scene.path("crm.db")),
        latency: Some((
            std::time::Duration::from_millis(5),
            std::time::Duration::from_millis(15),
        )),
        ..Options::default()
    };
    let server = Sandbox::start(options(0)).unwrap();
    let port = server.port();
    impatient(&scene, &server.base_url());
    let run = scene.start("import list.csv -o stopped.csv --rate 100/s");
    until("some rows are stored", || server.customer_count() >= 20);
    drop(server);
    let stopped = run.wait().exits(5).says("[E201]");
    let sheet = Table::read(&scene.path("stopped.csv"));
    assert_eq!(sheet.rows.len(), rows);
    assert_eq!((sheet.count("failed"), sheet.count("invalid")), (0, 0));
    assert!(sheet.count("ok") >= 10 && sheet.count("pending") > 0);
    // The network is still down: nothing changes.
    let down = scene.ferry("resume --json").exits(5).sheet();
    assert_eq!(
        (down.count("ok"), down.count("pending")),
        (sheet.count("ok"), sheet.count("pending"))
    );
    let server = Sandbox::start(options(port)).unwrap();
    let line = format!("{} --json", stopped.resume_line());
    let done = scene.ferry(&line).exits(0).sheet();
    assert_eq!((done.count("ok"), server.customer_count()), (rows, rows));
    for row in 0..rows {
        let customer = server.customer(done.cell(row, "_id")).expect("stored");
        assert_eq!(customer["customerName"], done.cell(row, "客户名称"));
    }
}

/// `.invalid` names nobody, by RFC 2606.
#[test]
fn a_name_that_nobody_has_ends_in_time_and_leaves_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    impatient(&scene, "http://crm.invalid:8080");
    let mut command = scene.command("import list.csv --yes");
    command.env_remove("FERRY_BASE_URL");
    let run = crate::support::Output::of(command).exits(5);
    run.says("[E201]").says("crm.invalid").says("hint: ");
    assert_eq!(scene.jobs(), [""; 0]);
}

/// Two jobs are stopped: `resume` takes the latest, a job that is named is taken, one that does not exist is not
/// replaced by a guess.
#[test]
fn of_several_stopped_jobs_the_right_one_goes_on() {
    let scene = Scene::new();
    let list = named(30);
    for (name, rows) in [
        ("one.csv", 0..10),
        ("two.csv", 10..20),
        ("three.csv", 20..30),
    ] {
        let mut part = list.clone();
        part.rows = list.rows[rows].to_vec();
        scene.save(name, &part);
        scene.ferry(&format!("import {name} --limit 4")).exits(5);
    }
    let mut jobs = scene.jobs();
    // By name within one second, by time else: the stem tells them apart.
    let position =
        |jobs: &[String], stem: &str| jobs.iter().position(|job| job.ends_with(stem)).unwrap();
    let one = jobs.remove(position(&jobs, "-one"));
    for wrong in ["20200101-000000-one", "one", "../one", ""] {
        let run = scene.ferry(&format!("resume {wrong}x"));
        assert_eq!((run.code, scene.adds()), (2, 12), "{wrong}: {run:?}");
        assert!(run.stderr.contains("hint: "), "{wrong}: {run:?}");
    }
    scene.ferry(&format!("resume {one}")).exits(0);
    assert_eq!(scene.adds(), 18);
    scene.ferry(&format!("resume {one}")).exits(9);
    assert_eq!(scene.adds(), 18);
    scene.ferry("resume").exits(0);
    scene.ferry("resume").exits(0);
    scene.ferry("resume").exits(9);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (30, 30));
}

/// A clock that is an hour off costs the one call that shows it.
#[test]
fn a_server_clock_an_hour_off_costs_one_call() {
    let calls = |offset: i64| {
        let scene = Scene::with(Options {
            clock_offset_seconds: offset,
            ..Options::default()
        });
        scene.save("list.csv", &named(20));
        let sheet = scene.ferry("import list.csv --json").exits(0).sheet();
        assert_eq!((sheet.count("ok"), scene.adds()), (20, 20));
        let counters = scene.crm.counters();
        assert_eq!(counters.stored, 20);
        (counters.calls, counters.calls_to(Endpoint::Fields))
    };
    let (right, _) = calls(0);
    for offset in [3600, -3600] {
        // The first call of all is the one that is repeated.
        assert_eq!(calls(offset), (right + 1, 2), "{offset}");
    }
}

/// macOS lets a process have 256 files open, unless it asks for more.
#[cfg(unix)]
#[test]
fn many_calls_in_flight_find_room_for_their_connections() {
    use crate::support::Running;

    let scene = Scene::new();
    let mut list = Table::of(&["客户名称"], &[]);
    list.rows = (0..40).map(|row| vec![format!("客户 {row}")]).collect();
    scene.save("list.csv", &list);
    let ferry = scene.command("import list.csv --concurrency 40 --rate 1000/s");
    let mut limited = std::process::Command::new("/bin/sh");
    limited
        .args(["-c", "ulimit -S -n 64 && exec \"$0\" \"$@\""])
        .arg(ferry.get_program())
        .args(ferry.get_args())
        .current_dir(scene.path("."))
        .stdin(std::process::Stdio::null())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .env_clear();
    for (name, value) in ferry.get_envs() {
        limited.env(name, value.unwrap_or_default());
    }
    let held = scene.hold(Endpoint::Add, 1);
    let running = Running::start(limited);
    held.wait_for(40);
    held.release();
    let done = running.wait().exits(0);
    assert!(!done.stderr.contains("E201"), "{}", done.stderr);
    assert_eq!(scene.adds(), 40);
}
