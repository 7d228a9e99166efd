//! A server that loses replies, fails, is busy or goes away: what is in doubt is looked up, and sent again only when
//! it is proven not to be there.

use std::time::Duration;

use crm_ferry::sandbox::{RetryAfter, Sandbox};

use crate::support::{Endpoint, Fault, FaultKind, Options, Output, Scene, Table, named};

/// Ten rows of which the third add meets a fault; returns the scene and the run.
fn third_add_meets(fault: FaultKind) -> (Scene, Output) {
    third_add_of(Scene::new(), fault)
}

pub(super) fn third_add_of(scene: Scene, fault: FaultKind) -> (Scene, Output) {
    scene.save("list.csv", &named(10));
    scene
        .crm
        .on_call(move |call| (call.endpoint == Endpoint::Add && call.number == 3).then_some(fault));
    // One at a time, so that the third call is the third row.
    let run = scene.ferry("import list.csv --timeout 5s --concurrency 1 --json");
    (scene, run)
}

/// Faults that leave an add in doubt, and whether it was stored.
pub(super) const DOUBTS: [(FaultKind, bool); 10] = [
    (FaultKind::LostReply, true),
    (FaultKind::Dropped, false),
    (FaultKind::ErrorBefore, false),
    (FaultKind::ErrorAfter, true),
    // A 503 that does not say when to come again may come from anywhere on the way.
    (FaultKind::Busy503, false),
    (FaultKind::GarbageBefore, false),
    (FaultKind::GarbageAfter, true),
    (FaultKind::Truncated, true),
    (FaultKind::Reset, true),
    (FaultKind::NoId, true),
];

#[test]
fn an_add_in_doubt_is_looked_up_and_settled() {
    for (fault, stored) in DOUBTS {
        let (scene, run) = third_add_meets(fault);
        let sheet = run.exits(0).sheet();
        assert_eq!(sheet.count("ok"), 10, "{fault:?}");
        scene.agrees_with(&sheet);
        assert_eq!(scene.crm.customer_count(), 10, "{fault:?}");
        // Found where it was stored, sent again where its absence was proven.
        assert_eq!(scene.adds(), if stored { 10 } else { 11 }, "{fault:?}");
        let adopted = sheet
            .column("_error_code")
            .iter()
            .filter(|code| **code == "E507")
            .count();
        assert_eq!(adopted, usize::from(stored), "{fault:?}");
        scene.ferry("resume").exits(9);
        scene.ferry("import list.csv").exits(9);
    }
}

/// A customer that was there before, with the same phone and another name, is no proof of anything.
#[test]
fn an_unequal_hit_leaves_the_row_in_doubt() {
    let scene = Scene::new();
    let list = named(10);
    let phone = list.cell(2, "手机");
    let older = serde_json::json!({"customerName": "前任", "mobile": [{"value": phone}]});
    let older = scene.crm.insert(older.as_object().cloned().unwrap());
    let (scene, run) = third_add_of(scene, FaultKind::Dropped);
    let sheet = run.exits(6).sheet();
    let row = in_doubt(&sheet);
    assert!(
        sheet.cell(row, "_error").contains(&older),
        "{}",
        sheet.cell(row, "_error")
    );
    assert_eq!(scene.adds(), 10);
}

#[test]
fn busy_in_every_dress_is_waited_out() {
    for fault in [
        FaultKind::Busy429,
        FaultKind::busy_429_retry_after(RetryAfter::Seconds(1)),
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
fn a_slow_reply_beyond_the_timeout_is_found() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene.crm.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 3)
            .then_some(FaultKind::Slow(Duration::from_secs(30)))
    });
    let run = scene.ferry("import list.csv --timeout 1s --json").exits(0);
    scene.agrees_with(&run.sheet());
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
    let sheet = scene.ferry("import list.csv --json").exits(0).sheet();
    assert_eq!(sheet.column("_status"), ["ok"]);
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Update), 2);
}

/// How often each fault of a mix strikes.
pub(super) type Mix = &'static [(FaultKind, f64)];

/// Everything at once.
pub(super) const ALL_AT_ONCE: Mix = &[
    (FaultKind::LostReply, 0.05),
    (FaultKind::ErrorAfter, 0.03),
    (FaultKind::ErrorBefore, 0.03),
    (FaultKind::Dropped, 0.03),
    (FaultKind::GarbageBefore, 0.01),
    (FaultKind::GarbageAfter, 0.01),
];

/// Replies that are lost, and calls.
const LOST_AND_DROPPED: Mix = &[(FaultKind::LostReply, 0.1), (FaultKind::Dropped, 0.1)];

/// Imports rows while adds meet a mix of faults. Whatever was in doubt is settled in the same run: by later adds, and what
/// the last ones left by a customer that is written again.
#[track_caller]
fn imported_under(mix: Mix, seed: u64, list: &Table, flags: &str) -> (Scene, Table) {
    let scene = Scene::with(Options {
        faults: mix
            .iter()
            .map(|(kind, probability)| Fault::new(*kind, *probability).at(Endpoint::Add))
            .collect(),
        seed,
        ..Options::default()
    });
    scene.save("list.csv", list);
    let line = format!("import list.csv {flags} --json");
    let sheet = scene.ferry(&line).exits(0).sheet();
    (scene, sheet)
}

/// Each row is `ok` and stored once, whatever the mix.
#[track_caller]
fn each_row_once(mix: Mix, seed: u64, rows: usize, flags: &str) {
    let (scene, sheet) = imported_under(mix, seed, &named(rows), flags);
    assert!(scene.crm.counters().faults_injected() as usize > rows / 20);
    assert_eq!(
        (sheet.count("ok"), scene.crm.customer_count()),
        (rows, rows)
    );
    scene.agrees_with(&sheet);
}

/// Pairs of equal rows, each followed by its copy at the end.
fn twins(pairs: usize) -> Table {
    let mut list = named(pairs);
    list.rows.extend(list.rows.clone());
    list
}

/// The ids of a sheet, none of which answers two rows.
#[track_caller]
fn ids_of_one_row_each(sheet: &Table) -> usize {
    let ids = sheet.column("_id");
    let known: Vec<&str> = ids.into_iter().filter(|id| !id.is_empty()).collect();
    let different: std::collections::BTreeSet<&str> = known.iter().copied().collect();
    assert_eq!(different.len(), known.len(), "one customer for two rows");
    known.len()
}

#[test]
fn many_lost_replies() {
    each_row_once(&[(FaultKind::LostReply, 0.1)], 7, 150, "");
}

#[test]
fn every_fault_at_once() {
    each_row_once(ALL_AT_ONCE, 11, 600, "");
}

#[test]
fn every_fault_at_once_with_a_stamp() {
    each_row_once(ALL_AT_ONCE, 12, 600, "--stamp 客户编号");
}

#[test]
fn every_fault_at_once_with_a_key() {
    each_row_once(ALL_AT_ONCE, 13, 600, "--key 手机");
}

/// Every fault alone, more often than any server would.
#[test]
fn each_fault_alone() {
    for (fault, stored) in DOUBTS {
        let mix: Mix = match fault {
            FaultKind::LostReply => &[(FaultKind::LostReply, 0.2)],
            FaultKind::Dropped => &[(FaultKind::Dropped, 0.2)],
            FaultKind::ErrorBefore => &[(FaultKind::ErrorBefore, 0.2)],
            FaultKind::ErrorAfter => &[(FaultKind::ErrorAfter, 0.2)],
            FaultKind::Busy503 => &[(FaultKind::Busy503, 0.2)],
            FaultKind::GarbageBefore => &[(FaultKind::GarbageBefore, 0.2)],
            FaultKind::GarbageAfter => &[(FaultKind::GarbageAfter, 0.2)],
            FaultKind::Truncated => &[(FaultKind::Truncated, 0.2)],
            FaultKind::Reset => &[(FaultKind::Reset, 0.2)],
            _ => &[(FaultKind::NoId, 0.2)],
        };
        let (scene, sheet) = imported_under(mix, 3, &named(60), "");
        scene.agrees_with(&sheet);
        // What was stored is found, and sent again only where it was not.
        let again = scene.adds() - 60;
        let injected = scene.crm.counters().faults_injected();
        assert_eq!(again, if stored { 0 } else { injected }, "{fault:?}");
        assert_eq!(
            (sheet.count("ok"), scene.crm.customer_count()),
            (60, 60),
            "{fault:?}"
        );
    }
}

/// With every reply lost there is no later add to see the search work by: what is stored is found, nothing is sent twice.
/// Few rows, since a CRM that can be read and does not answer adds gets one at a time, with growing pauses.
#[test]
fn every_reply_lost() {
    for flags in ["", "--stamp 客户编号"] {
        let (scene, sheet) = imported_under(&[(FaultKind::LostReply, 1.0)], 0, &named(12), flags);
        assert_eq!(
            (sheet.count("ok"), scene.crm.customer_count(), scene.adds()),
            (12, 12, 12)
        );
        scene.agrees_with(&sheet);
    }
}

/// Pairs of equal rows: each is stored as often as the sheet has it, and no customer answers two rows.
#[test]
fn twins_under_faults() {
    for (mix, seed) in [(LOST_AND_DROPPED, 5), (ALL_AT_ONCE, 6)] {
        let (scene, sheet) = imported_under(mix, seed, &twins(100), "");
        assert!(scene.names().values().all(|count| *count == 2));
        assert_eq!(ids_of_one_row_each(&sheet), 200);
        assert_eq!(scene.crm.customer_count(), 200);
    }
}

/// A stamp tells equal rows apart: all are settled, also twins.
#[test]
fn twins_with_a_stamp_are_all_settled() {
    let stamp = "--stamp 客户编号";
    for (mix, seed) in [(LOST_AND_DROPPED, 5), (ALL_AT_ONCE, 6)] {
        let (scene, sheet) = imported_under(mix, seed, &twins(60), stamp);
        let stored = scene.crm.customer_count();
        assert_eq!((sheet.count("ok"), stored), (120, 120));
        assert_eq!(ids_of_one_row_each(&sheet), 120);
        let stamps: std::collections::BTreeSet<String> = scene
            .crm
            .customers()
            .iter()
            .map(|customer| customer["text_k2ad_1687316401122"].to_string())
            .collect();
        assert_eq!(stamps.len(), 120);
    }
}

#[test]
fn a_field_that_cannot_hold_the_stamp_is_refused() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    for field in ["手机", "备注", "旧编号", "没有"] {
        scene
            .ferry(&format!("import list.csv --stamp {field}"))
            .exits(3)
            .says("[E319]");
    }
    assert_eq!(scene.adds(), 0);
}

/// Two rows of one phone, one with an e-mail more: what is stored for the one answers not the other.
#[test]
fn one_customer_answers_one_row() {
    let scene = Scene::new();
    let mut list = Table::of(&["客户名称", "手机", "邮箱"], &[]);
    list.rows = named(8)
        .rows
        .into_iter()
        .map(|mut row| {
            row.push(String::new());
            row
        })
        .collect();
    list.rows[1] = vec!["张三".into(), "13800000099".into(), String::new()];
    list.rows[2] = vec!["张三".into(), "13800000099".into(), "zs@example.com".into()];
    scene.save("list.csv", &list);
    scene
        .crm
        .on_call(|call| match (call.endpoint, call.number) {
            (Endpoint::Add, 2) => Some(FaultKind::Dropped),
            (Endpoint::Add, 3) => Some(FaultKind::LostReply),
            _ => None,
        });
    let run = scene.ferry("import list.csv --concurrency 1 --json");
    let sheet = run.exits(0).sheet();
    assert_eq!(sheet.count("ok"), 8);
    assert_ne!(sheet.cell(1, "_id"), sheet.cell(2, "_id"));
    assert_eq!(scene.names()["张三"], 2);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (9, 8));
}

/// Rows that were proven absent on a resume are still there for the next one.
#[test]
fn a_resume_that_is_cut_short_can_be_resumed() {
    let scene = Scene::new();
    scene.save("list.csv", &named(12));
    scene
        .crm
        .on_call(|call| match (call.endpoint, call.number) {
            (Endpoint::Add, 2 | 3) => Some(FaultKind::Dropped),
            // The search is refused until the resume.
            (Endpoint::List, 2..=3) => Some(FaultKind::Busy403),
            _ => None,
        });
    scene
        .ferry("import list.csv --concurrency 1 --limit 8")
        .exits(5);
    let job = scene.job();
    let one_more = || scene.ferry(&format!("resume {job} --limit 1"));
    let mut runs = 0;
    while scene.crm.customer_count() < 12 {
        runs += 1;
        assert!(runs <= 6, "four rows were left, and two that were dropped");
        let code = if scene.crm.customer_count() < 11 {
            5
        } else {
            0
        };
        one_more().exits(code);
    }
    one_more().exits(9);
    let names = scene.names();
    assert_eq!(names.len(), 12);
    assert!(names.values().all(|count| *count == 1));
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
    let line = format!("jobs {} --result stopped.csv", scene.job());
    scene.ferry(&line).exits(0);
    let sheet = Table::read(&scene.path("stopped.csv"));
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (20, 40));
    let server = Sandbox::start(options(port)).unwrap();
    scene.ferry(&run.resume_line()).exits(0);
    assert_eq!(server.customer_count(), 60);
}

pub(super) fn in_doubt(sheet: &Table) -> usize {
    let statuses = sheet.column("_status");
    let row = statuses.iter().position(|status| *status == "unknown");
    row.expect("a row in doubt")
}
