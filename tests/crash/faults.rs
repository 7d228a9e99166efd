//! A server that loses replies, fails, is busy or goes away: what is in doubt is looked up, and sent again only when
//! it is proven not to be there.

use std::time::Duration;

use crm_ferry::sandbox::{RetryAfter, Sandbox};

use crate::support::{Endpoint, Fault, FaultKind, Options, Output, Scene, Table, fixture, named};

/// Ten rows of which the third add meets a fault; returns the scene and the run.
fn third_add_meets(fault: FaultKind) -> (Scene, Output) {
    third_add_of(Scene::new(), fault)
}

/// The same against a server on which nothing can be searched.
fn third_add_unsearchable(fault: FaultKind) -> (Scene, Output) {
    let fields = Some(fixture("unsearchable.json"));
    third_add_of(
        Scene::with(Options {
            fields,
            ..Options::default()
        }),
        fault,
    )
}

fn third_add_of(scene: Scene, fault: FaultKind) -> (Scene, Output) {
    scene.save("list.csv", &named(10));
    scene
        .crm
        .on_call(move |call| (call.endpoint == Endpoint::Add && call.number == 3).then_some(fault));
    // One at a time, so that the third call is the third row.
    let run = scene.ferry("import list.csv --timeout 5s --concurrency 1");
    (scene, run)
}

/// Faults that leave an add in doubt, and whether it was stored.
const DOUBTS: [(FaultKind, bool); 10] = [
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

#[test]
fn an_add_in_doubt_that_cannot_be_looked_up_is_unknown_and_never_sent_again() {
    for (fault, stored) in DOUBTS {
        let (scene, run) = third_add_unsearchable(fault);
        let sheet = run.exits(6).sheet();
        assert_eq!(
            (sheet.count("ok"), sheet.count("unknown")),
            (9, 1),
            "{fault:?}"
        );
        assert_eq!(
            scene.crm.customer_count(),
            if stored { 10 } else { 9 },
            "{fault:?}"
        );
        assert_eq!(scene.adds(), 10, "{fault:?}");
        let row = in_doubt(&sheet);
        assert_eq!(sheet.cell(row, "_error_code"), "E510");
        assert!(
            sheet
                .cell(row, "_error")
                .contains("no field that was sent can be searched")
        );
        assert!(!sheet.cell(row, "_tip").is_empty());
        // Neither resume nor a second import sends it.
        let job = scene.jobs().pop().unwrap();
        scene.ferry(&format!("resume {job}")).exits(6);
        let again = scene.ferry("import list.csv");
        assert_eq!(scene.adds(), 10, "{fault:?}: {again:?}");
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
    let run = scene.ferry("import list.csv --timeout 1s").exits(0);
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
    let sheet = scene.ferry("import list.csv").exits(0).sheet();
    assert_eq!(sheet.column("_status"), ["ok"]);
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Update), 2);
}

/// How often each fault of a mix strikes.
type Mix = &'static [(FaultKind, f64)];

/// Everything at once.
const ALL_AT_ONCE: Mix = &[
    (FaultKind::LostReply, 0.05),
    (FaultKind::ErrorAfter, 0.03),
    (FaultKind::ErrorBefore, 0.03),
    (FaultKind::Dropped, 0.03),
    (FaultKind::GarbageBefore, 0.01),
    (FaultKind::GarbageAfter, 0.01),
];

/// Replies that are lost, and calls.
const LOST_AND_DROPPED: Mix = &[(FaultKind::LostReply, 0.1), (FaultKind::Dropped, 0.1)];

/// Imports rows while adds meet a mix of faults.
fn imported_under(mix: Mix, seed: u64, list: &Table, flags: &str) -> (Scene, Output) {
    let scene = Scene::with(Options {
        faults: mix
            .iter()
            .map(|(kind, probability)| Fault::new(*kind, *probability).at(Endpoint::Add))
            .collect(),
        seed,
        ..Options::default()
    });
    scene.save("list.csv", list);
    let run = scene.ferry(&format!("import list.csv {flags}"));
    (scene, run)
}

/// The sheet with every row settled, and how many customers were added beside its own. Only the very last add may
/// have stayed in doubt, for want of a later one; then a later job's add settles it.
#[track_caller]
fn settled(scene: &Scene, run: Output) -> (Table, usize) {
    if run.code == 0 {
        return (run.sheet(), 0);
    }
    assert_eq!(run.exits(6).sheet().count("unknown"), 1);
    scene.crm.set_faults(Vec::new());
    let later = Table::of(&["客户名称", "手机"], &[&["客户 9999", "13899999999"]]);
    scene.save("later.csv", &later);
    scene.ferry("import later.csv --stamp 客户编号").exits(0);
    let mut jobs = scene.jobs();
    jobs.retain(|job| job.ends_with("-list"));
    let sheet = scene.ferry(&format!("resume {}", jobs[0])).exits(0).sheet();
    (sheet, 1)
}

/// Each row is `ok` and stored once, whatever the mix.
#[track_caller]
fn each_row_once(mix: Mix, seed: u64, rows: usize, flags: &str) {
    let (scene, run) = imported_under(mix, seed, &named(rows), flags);
    assert!(scene.crm.counters().faults_injected() as usize > rows / 20);
    let (sheet, others) = settled(&scene, run);
    assert_eq!(
        (sheet.count("ok"), scene.crm.customer_count()),
        (rows, rows + others)
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
        let (scene, run) = imported_under(mix, 3, &named(60), "");
        let sheet = run.sheet();
        scene.agrees_with(&sheet);
        // What was stored is found. What was not is proven by a later add, and the very last may have none.
        let most = usize::from(!stored);
        assert!(sheet.count("unknown") <= most, "{fault:?}: {run:?}");
        assert_eq!(sheet.count("ok"), scene.crm.customer_count(), "{fault:?}");
        assert_eq!(sheet.count("ok") + sheet.count("unknown"), 60, "{fault:?}");
    }
}

/// With every reply lost there is no later add to see the search work by: what is stored is found, nothing is sent twice.
/// Few rows, since a CRM that can be read and does not answer adds gets one at a time, with growing pauses.
#[test]
fn every_reply_lost() {
    for flags in ["", "--stamp 客户编号"] {
        let (scene, run) = imported_under(&[(FaultKind::LostReply, 1.0)], 0, &named(12), flags);
        let sheet = run.exits(0).sheet();
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
        let (scene, run) = imported_under(mix, seed, &twins(100), "");
        assert!([0, 6].contains(&run.code), "{run:?}");
        assert!(scene.names().values().all(|count| *count <= 2));
        let answered = ids_of_one_row_each(&run.sheet());
        assert!(answered <= scene.crm.customer_count() && scene.crm.customer_count() <= 200);
    }
}

/// A stamp tells equal rows apart: all are settled, also twins.
#[test]
fn twins_with_a_stamp_are_all_settled() {
    let stamp = "--stamp 客户编号";
    for (mix, seed) in [(LOST_AND_DROPPED, 5), (ALL_AT_ONCE, 6)] {
        let (scene, run) = imported_under(mix, seed, &twins(60), stamp);
        let (sheet, others) = settled(&scene, run);
        let stored = scene.crm.customer_count() - others;
        assert_eq!((sheet.count("ok"), stored), (120, 120));
        assert_eq!(ids_of_one_row_each(&sheet), 120);
        let stamps: std::collections::BTreeSet<String> = scene
            .crm
            .customers()
            .iter()
            .map(|customer| customer["text_k2ad_1687316401122"].to_string())
            .collect();
        assert_eq!(stamps.len(), 120 + others);
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

/// Nothing can be searched: what is in doubt stays so, and each such row says why and what to do.
#[test]
fn a_server_that_cannot_search_doubles_nobody() {
    let scene = Scene::with(Options {
        fields: Some(fixture("unsearchable.json")),
        faults: ALL_AT_ONCE
            .iter()
            .map(|(kind, probability)| Fault::new(*kind, *probability).at(Endpoint::Add))
            .collect(),
        seed: 14,
        ..Options::default()
    });
    scene.save("list.csv", &named(300));
    let run = scene.ferry("import list.csv").exits(6);
    let sheet = run.sheet();
    scene.agrees_with(&sheet);
    assert_eq!(sheet.count("ok") + sheet.count("unknown"), 300);
    assert_eq!(scene.adds(), 300, "nothing was sent again");
    for row in 0..300 {
        if sheet.cell(row, "_status") == "unknown" {
            let why = sheet.cell(row, "_error");
            assert!(why.contains("can be searched"), "row {row}: {why}");
            assert!(!sheet.cell(row, "_tip").is_empty(), "row {row}");
        }
    }
}

/// A row that somebody settled by its `_id` is not sent again by a later resume of the job that doubted it.
#[test]
fn a_row_settled_by_hand_is_not_sent_by_a_late_resume() {
    let (scene, run) = third_add_unsearchable(FaultKind::LostReply);
    let mut sheet = run.exits(6).sheet();
    let job = scene.jobs().pop().unwrap();
    let row = in_doubt(&sheet);
    let name = sheet.cell(row, "客户名称").to_owned();
    sheet.set(row, "_id", &scene.id_of(&name));
    scene.save("found.csv", &sheet);
    scene.ferry("import found.csv");
    let run = scene.ferry(&format!("resume {job}"));
    assert_eq!(run.sheet().count("unknown"), 0, "{run:?}");
    assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
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
    let run = scene.ferry("import list.csv --concurrency 1");
    let sheet = run.sheet();
    let (one, other) = (sheet.cell(1, "_id"), sheet.cell(2, "_id"));
    assert!(one.is_empty() || one != other, "{run:?}");
    let doubled = scene
        .crm
        .customers()
        .iter()
        .filter(|customer| customer["customerName"] == "张三")
        .count();
    assert!(doubled <= 2, "{run:?}");
    if sheet.cell(1, "_status") == "ok" {
        assert_eq!(doubled, 2, "a row was lost: {run:?}");
    }
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
    scene.ferry("import list.csv --concurrency 1 --limit 8");
    let job = scene.jobs().pop().unwrap();
    for _ in 0..20 {
        let run = scene.ferry(&format!("resume {job} --limit 1"));
        if run.code == 9 {
            break;
        }
    }
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
    let sheet = run.sheet();
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (20, 40));
    let server = Sandbox::start(options(port)).unwrap();
    scene.ferry(&run.resume_line()).exits(0);
    assert_eq!(server.customer_count(), 60);
}

/// What the tip of a row in doubt says: the customer is not there, so `_status` and `_id` are cleared.
#[test]
fn a_row_in_doubt_that_is_cleared_by_hand_is_sent() {
    let (scene, run) = third_add_unsearchable(FaultKind::Dropped);
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
    let (scene, run) = third_add_unsearchable(FaultKind::LostReply);
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
