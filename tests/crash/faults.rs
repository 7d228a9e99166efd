//! A server that loses replies, fails, is busy or goes away: in doubt means unknown, and never sent again.

use std::time::Duration;

use crm_ferry::sandbox::{RetryAfter, Sandbox};

use crate::support::{Endpoint, Fault, FaultKind, Options, Output, Scene, Table, named};

/// Ten rows of which the third add meets a fault; returns the scene and the run.
fn third_add_meets(fault: FaultKind) -> (Scene, Output) {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene
        .crm
        .on_call(move |call| (call.endpoint == Endpoint::Add && call.number == 3).then_some(fault));
    let run = scene.ferry("import list.csv --timeout 5s");
    (scene, run)
}

#[test]
fn an_add_in_doubt_is_unknown_and_never_sent_again() {
    for (fault, stored) in [
        (FaultKind::LostReply, 10),
        (FaultKind::Dropped, 9),
        (FaultKind::ErrorBefore, 9),
        (FaultKind::ErrorAfter, 10),
        // A 503 that does not say when to come again may come from anywhere on the way.
        (FaultKind::Busy503, 9),
        (FaultKind::GarbageBefore, 9),
        (FaultKind::GarbageAfter, 10),
        (FaultKind::Truncated, 10),
        (FaultKind::Reset, 10),
        (FaultKind::NoId, 10),
    ] {
        let (scene, run) = third_add_meets(fault);
        let sheet = run.exits(6).sheet();
        assert_eq!(
            (sheet.count("ok"), sheet.count("unknown")),
            (9, 1),
            "{fault:?}"
        );
        assert_eq!(scene.crm.customer_count(), stored, "{fault:?}");
        assert_eq!(scene.adds(), 10, "{fault:?}");
        let row = in_doubt(&sheet);
        assert_eq!(sheet.cell(row, "_error_code"), "E503");
        assert!(!sheet.cell(row, "_tip").is_empty());
        // Neither resume nor a second import sends it.
        scene.ferry("resume").exits(9);
        let again = scene.ferry("import list.csv");
        assert_eq!(scene.adds(), 10, "{fault:?}: {again:?}");
    }
}

#[test]
fn busy_in_every_dress_is_waited_out() {
    for fault in [
        FaultKind::Busy429,
        FaultKind::Busy429RetryAfter(RetryAfter::Seconds(1)),
        FaultKind::Busy200,
        FaultKind::Busy403,
    ] {
        let (scene, run) = third_add_meets(fault);
        let sheet = run.exits(0).sheet();
        assert_eq!(sheet.count("ok"), 10, "{fault:?}");
        assert_eq!(scene.crm.counters().busy, 1, "{fault:?}");
        scene.agrees_with(&sheet);
    }
}

#[test]
fn a_slow_reply_beyond_the_timeout_is_in_doubt() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 3)
            .then_some(FaultKind::Slow(Duration::from_secs(30)))
    });
    let run = scene.ferry("import list.csv --timeout 1s").exits(6);
    assert_eq!(run.sheet().count("unknown"), 1);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
}

#[test]
fn the_field_list_may_be_asked_for_again() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Fields && call.number == 1).then_some(FaultKind::ErrorBefore)
    });
    scene.ferry("import list.csv").exits(0);
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Fields), 2);
}

#[test]
fn an_update_may_be_sent_again_after_a_lost_reply() {
    let scene = Scene::new();
    let customer = serde_json::json!({"customerName": "老客户"});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    scene.write("list.csv", format!("_id,备注\n{id},新\n"));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Update && call.number == 1).then_some(FaultKind::LostReply)
    });
    let sheet = scene.ferry("import list.csv").exits(0).sheet();
    assert_eq!(sheet.column("_status"), ["ok"]);
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Update), 2);
}

/// Every tenth reply is lost: each row is stored once, and told as it is.
#[test]
fn many_lost_replies() {
    let scene = Scene::with(Options {
        faults: vec![Fault::new(FaultKind::LostReply, 0.1)],
        seed: 7,
        ..Options::default()
    });
    scene.save("list.csv", &named(150));
    let sheet = scene.ferry("import list.csv").exits(6).sheet();
    let lost = scene.crm.counters().faults_injected();
    assert_eq!(sheet.count("unknown") as u64, lost);
    assert_eq!(sheet.count("ok") as u64, 150 - lost);
    assert_eq!((scene.crm.customer_count(), scene.adds()), (150, 150));
    scene.agrees_with(&sheet);
}

/// The server goes away and comes back at its address, with what it had stored.
#[test]
fn a_server_that_went_away_is_gone_on_with_later() {
    let scene = Scene::new();
    scene.save("list.csv", &named(60));
    let options = |port| Options {
        port,
        db: Some(scene.path("crm.db")),
        ..Options::default()
    };
    let server = Sandbox::start(options(0)).unwrap();
    let port = server.port();
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nmax_outage = \"1s\"\n",
            server.base_url()
        ),
    );
    scene.ferry("import list.csv --limit 20").exits(5);
    assert_eq!(server.customer_count(), 20);
    drop(server);
    let run = scene.ferry("resume").exits(5).says("[E201]");
    let sheet = run.sheet();
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (20, 40));
    let server = Sandbox::start(options(port)).unwrap();
    scene.ferry(&run.resume_line()).exits(0);
    assert_eq!(server.customer_count(), 60);
}

/// What the tip of a row in doubt says: the customer is not there, so `_status` and `_id` are cleared.
#[test]
fn a_row_in_doubt_that_is_cleared_by_hand_is_sent() {
    let (scene, run) = third_add_meets(FaultKind::Dropped);
    let mut sheet = run.exits(6).sheet();
    let row = in_doubt(&sheet);
    sheet.set(row, "_status", "");
    sheet.set(row, "_id", "");
    scene.save("cleared.csv", &sheet);
    let answer = scene.ferry("import cleared.csv").exits(0).sheet();
    assert_eq!(answer.cell(row, "_status"), "ok");
    assert_eq!((scene.adds(), scene.crm.customer_count()), (11, 10));
    // Once settled, the first sheet sends it no more.
    scene.ferry("import cleared.csv").exits(9);
    assert_eq!(scene.crm.customer_count(), 10);
}

/// What the tip of a row in doubt says: the customer is there, so its `_id` is put in.
#[test]
fn a_row_in_doubt_whose_id_is_put_in_is_settled() {
    let (scene, run) = third_add_meets(FaultKind::LostReply);
    let mut sheet = run.exits(6).sheet();
    let row = in_doubt(&sheet);
    let name = sheet.cell(row, "客户名称").to_owned();
    sheet.set(row, "_id", &scene.id_of(&name));
    scene.save("found.csv", &sheet);
    let run = scene.ferry("import found.csv");
    assert!([0, 9].contains(&run.code), "{run:?}");
    assert_eq!(run.sheet().count("unknown"), 0);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
}

fn in_doubt(sheet: &Table) -> usize {
    let statuses = sheet.column("_status");
    let row = statuses.iter().position(|status| *status == "unknown");
    row.expect("a row in doubt")
}
