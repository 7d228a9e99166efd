//! What gateways and frameworks say in the place of the CRM, before and after it has stored: each row once, whoever said
//! what. The replies are those of `src/sandbox/dress.rs`, taken from real programs.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crm_ferry::sandbox::{Dress, Outage, OutageKind, RetryAfter, Sandbox};

use crate::support::{Endpoint, FaultKind, Options, Scene, Table, named};

/// Replies that only a limiter gives, before the CRM has the call.
const LIMITERS: [&str; 4] = ["429", "200limit", "403limit", "sentinel"];

fn is_limiter(dress: Dress) -> bool {
    LIMITERS.contains(&dress.name())
}

/// Ten rows whose adds with these numbers meet a fault, one call at a time.
fn adds_meet(scene: &Scene, numbers: std::ops::RangeInclusive<u64>, fault: FaultKind) {
    scene.crm.on_call(move |call| {
        (call.endpoint == Endpoint::Add && numbers.contains(&call.number)).then_some(fault)
    });
}

fn list() -> Table {
    named(10)
}

const IMPORT: &str = "import list.csv --timeout 5s --concurrency 1";

#[track_caller]
fn each_once(scene: &Scene, sheet: &Table, what: &str) {
    assert_eq!(sheet.count("ok"), sheet.rows.len(), "{what}");
    assert_eq!(scene.crm.customer_count(), sheet.rows.len(), "{what}");
    scene.agrees_with(sheet);
}

/// From the add of a number on, every call to these endpoints meets a fault.
fn from_add(scene: &Scene, number: u64, endpoints: &'static [Endpoint], fault: FaultKind) {
    let adds = AtomicU64::new(0);
    scene.crm.on_call(move |call| {
        if call.endpoint == Endpoint::Add {
            adds.fetch_max(call.number, Ordering::Relaxed);
        }
        let is_hit = endpoints.contains(&call.endpoint) && adds.load(Ordering::Relaxed) >= number;
        is_hit.then_some(fault)
    });
}

/// A reply before and after the call is executed.
fn worn(dress: Dress) -> Vec<FaultKind> {
    let before = FaultKind::Before(dress);
    // What a limiter says after storing would be a lie that nothing can find out.
    if is_limiter(dress) {
        vec![before]
    } else {
        vec![before, FaultKind::After(dress)]
    }
}

#[test]
fn an_add_answered_by_somebody_else_is_stored_once() {
    for dress in Dress::all() {
        for fault in worn(dress) {
            let scene = Scene::new();
            scene.save("list.csv", &list());
            adds_meet(&scene, 3..=3, fault);
            let sheet = scene.ferry(IMPORT).exits(0).sheet();
            each_once(&scene, &sheet, &format!("{fault:?}"));
            scene.ferry("resume").exits(9);
        }
    }
}

/// The kinds of reply that lead to a row in doubt, each on its own way through the code.
const DOUBTS: [&str; 4] = ["503ra", "200busy", "500concurrency", "401html"];

fn dress(name: &str) -> Dress {
    name.parse().expect("a dress")
}

/// The last add has no later one: a customer of the job is written again to be the witness.
#[test]
fn the_last_row_is_settled_by_a_customer_that_is_written_again() {
    for name in DOUBTS {
        for fault in worn(dress(name)) {
            let scene = Scene::new();
            scene.save("list.csv", &list());
            adds_meet(&scene, 10..=10, fault);
            let run = scene.ferry(IMPORT).exits(0);
            each_once(&scene, &run.sheet(), &format!("{fault:?}"));
            let updates = scene.crm.counters().calls_to(Endpoint::Update);
            let is_absent = matches!(fault, FaultKind::Before(_));
            assert_eq!(updates, u64::from(is_absent), "{fault:?}");
            assert_eq!(run.stderr.contains("[E550]"), is_absent, "{fault:?}");
            // The undo does not mind what ferry itself has written. Whoever was found after a lost reply stays.
            let left = usize::from(!is_absent);
            let code = if is_absent { 0 } else { 4 };
            let undo = format!("undo {} --yes", scene.job());
            scene.ferry(&undo).exits(code);
            assert_eq!(scene.crm.customer_count(), left, "{fault:?}");
        }
    }
}

#[test]
fn the_first_row_and_a_stamped_one_are_settled() {
    for (numbers, flags) in [
        (1..=1, ""),
        (10..=10, "--stamp 客户编号"),
        (1..=2, "--stamp 客户编号"),
    ] {
        for fault in worn(Dress::GATEWAY) {
            let scene = Scene::new();
            scene.save("list.csv", &list());
            adds_meet(&scene, numbers.clone(), fault);
            let run = scene.ferry(&format!("{IMPORT} {flags}"));
            each_once(
                &scene,
                &run.exits(0).sheet(),
                &format!("{numbers:?} {fault:?} {flags}"),
            );
        }
    }
}

/// Nobody of this job was added for sure; the job before it has added somebody.
#[test]
fn when_every_row_is_in_doubt_the_job_before_gives_a_witness() {
    for fault in worn(Dress::GATEWAY) {
        let scene = Scene::new();
        let (older, newer) = (named(12), named(14));
        scene.save("older.csv", &older);
        scene.ferry("import older.csv").exits(0);
        let mut table = newer.clone();
        table.rows.drain(..12);
        scene.save("list.csv", &table);
        adds_meet(&scene, 13..=14, fault);
        let sheet = scene.ferry(IMPORT).exits(0).sheet();
        assert_eq!(sheet.count("ok"), 2, "{fault:?}");
        assert_eq!(scene.crm.customer_count(), 14, "{fault:?}");
        scene.agrees_with(&sheet);
    }
}

/// What docs/design/doubt.md names as not provable: nobody was ever added, or the server shows nothing of a write, or it is
/// forbidden. The row is stored at most once, and says so.
#[test]
fn without_a_witness_a_row_stays_unknown_and_is_not_sent_again() {
    let keeps = Options {
        keep_update_time: true,
        ..Options::default()
    };
    for (options, numbers, flags) in [
        (Options::default(), 1..=10, ""),
        (keeps, 10..=10, ""),
        (Options::default(), 10..=10, "--no-touch"),
    ] {
        let scene = Scene::with(options);
        scene.save("list.csv", &list());
        let lost = numbers.end() - numbers.start() + 1;
        let what = format!("{numbers:?} {flags}");
        adds_meet(&scene, numbers, FaultKind::Before(Dress::GATEWAY));
        // Three in a row open the breaker; the read that asks is answered, and so one more is sent each time.
        let run = scene.ferry(&format!("{IMPORT} {flags}")).exits(6);
        let sheet = run.sheet();
        assert_eq!(sheet.count("unknown"), lost as usize, "{what}");
        assert_eq!(scene.crm.customer_count() as u64, 10 - lost, "{what}");
        assert_eq!(scene.adds(), 10, "{what}");
        let row = sheet.rows.len() - 1;
        assert_eq!(sheet.cell(row, "_error_code"), "E517", "{what}");
        // A later add of the account settles it.
        scene.crm.on_call(|_| None);
        let mut more = named(11);
        more.rows.drain(..10);
        scene.save("more.csv", &more);
        scene.ferry("import more.csv").exits(0);
        scene.ferry(&format!("resume {}", scene.jobs()[0])).exits(0);
        assert_eq!(scene.crm.customer_count(), 11, "{what}");
    }
}

#[test]
fn a_search_that_is_late_is_waited_for() {
    for fault in worn(Dress::GATEWAY) {
        let scene = Scene::with(Options {
            search_lag: Duration::from_millis(1500),
            ..Options::default()
        });
        scene.save("list.csv", &list());
        adds_meet(&scene, 10..=10, fault);
        let run = scene.ferry(&format!("{IMPORT} --settle 3s"));
        each_once(&scene, &run.exits(0).sheet(), &format!("{fault:?}"));
    }
}

/// Twins: of rows of equal content some were stored and some were not.
#[test]
fn twins_in_doubt_are_counted() {
    let scene = Scene::new();
    let row = ["云帆", "13800000001"];
    let rows: Vec<&[&str]> = vec![&row; 5];
    scene.save("list.csv", &Table::of(&["客户名称", "手机"], &rows));
    scene.crm.on_call(|call| {
        let fault = match (call.endpoint, call.number) {
            (Endpoint::Add, 2) => FaultKind::After(Dress::GATEWAY),
            (Endpoint::Add, 5) => FaultKind::Before(Dress::GATEWAY),
            _ => return None,
        };
        Some(fault)
    });
    let sheet = scene.ferry(IMPORT).exits(0).sheet();
    assert_eq!(sheet.count("ok"), 5);
    assert_eq!(scene.crm.customer_count(), 5);
    let mut ids = sheet.column("_id");
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 5);
}

/// Every dress of an outage: few rows in doubt, and all of them settled.
#[test]
fn an_outage_costs_its_length_and_few_rows_in_doubt() {
    let dresses = [
        "cut",
        "cut-after",
        "502",
        "503",
        "503ra",
        "504-after",
        "login",
        "garbage-after",
        "hang",
        "refused",
        "200busy-after",
        "500timestamp",
    ];
    for name in dresses {
        let kind: OutageKind = name.parse().expect("an outage");
        let scene = Scene::with(Options {
            outages: vec![Outage {
                lasts: Duration::from_secs(2),
                kind,
                from_add: 30,
            }],
            ..Options::default()
        });
        let rows = 80;
        scene.save("list.csv", &named(rows));
        let run = scene.ferry("import list.csv --concurrency 4 --settle 1s --timeout 1s");
        each_once(&scene, &run.exits(0).sheet(), name);
        let counters = scene.crm.counters();
        let adds = counters.outages.get(&Endpoint::Add).copied().unwrap_or(0);
        assert!(adds <= 4 + 3, "{name}: {adds} adds were sent into it");
    }
}

/// A profile that gives up after a second.
fn impatient(scene: &Scene) {
    let profile = "appid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nmax_outage = \"1s\"";
    let base_url = scene.crm.base_url();
    scene.write(
        "ferry.toml",
        format!("[profiles.main]\nbase_url = \"{base_url}\"\n{profile}\n"),
    );
}

#[test]
fn an_outage_that_does_not_end_is_given_up_resumably() {
    for name in [
        "503",
        "login",
        "503ra",
        "200busy",
        "hystrix",
        "500concurrency",
        "401html",
    ] {
        let scene = Scene::new();
        scene.save("list.csv", &named(40));
        impatient(&scene);
        let out = FaultKind::Before(dress(name));
        from_add(&scene, 20, &[Endpoint::Add, Endpoint::List], out);
        let run = scene
            .ferry("import list.csv --concurrency 2")
            .exits(5)
            .says("[E208]");
        let sheet = run.sheet();
        assert!(sheet.count("unknown") <= 2 + 3, "{name}");
        assert!(sheet.count("pending") >= 40 - 20 - 5, "{name}");
        assert_eq!(
            sheet.count("ok") + sheet.count("unknown") + sheet.count("pending"),
            40
        );
        assert!(
            run.stderr.contains("no sensible answer for 1 s"),
            "{}",
            run.stderr
        );
        scene.crm.on_call(|_| None);
        let sheet = scene.ferry(&run.resume_line()).exits(0).sheet();
        each_once(&scene, &sheet, name);
    }
}

/// An hour, a date next year: waited for no longer than `max_outage`, and said.
#[test]
fn a_pause_of_absurd_length_ends_resumably() {
    for after in [RetryAfter::Seconds(3600), RetryAfter::HttpDate(31_536_000)] {
        let scene = Scene::new();
        scene.save("list.csv", &list());
        impatient(&scene);
        let fault = FaultKind::busy_429_retry_after(after);
        scene.crm.on_call(move |call| {
            (call.endpoint == Endpoint::Add && call.number >= 5).then_some(fault)
        });
        let run = scene.ferry(IMPORT).exits(5).says("[E206]");
        assert!(
            run.stderr.contains("longer than max_outage"),
            "{}",
            run.stderr
        );
        let sheet = run.sheet();
        assert_eq!((sheet.count("ok"), sheet.count("pending")), (4, 6));
        scene.crm.on_call(|_| None);
        each_once(&scene, &scene.ferry("resume").exits(0).sheet(), "resumed");
    }
}

/// A gateway asks for a login that the account has: an outage like any other.
#[test]
fn a_gateway_that_refuses_an_accepted_account_is_waited_for() {
    for fault in [
        FaultKind::Before(dress("401html")),
        FaultKind::After(dress("401html")),
    ] {
        let scene = Scene::new();
        scene.save("list.csv", &list());
        impatient(&scene);
        // The read that asks after three of them is refused as well.
        from_add(&scene, 3, &[Endpoint::Add, Endpoint::List], fault);
        let run = scene.ferry(IMPORT).exits(5);
        let sheet = run.sheet();
        assert_eq!(
            (sheet.count("ok"), sheet.count("unknown")),
            (2, 3),
            "{fault:?}"
        );
        scene.crm.on_call(|_| None);
        let sheet = scene.ferry("resume").exits(0).sheet();
        each_once(&scene, &sheet, &format!("{fault:?}"));
    }
}

/// A CRM that answers an add with a customer that was there before: named, and never deleted by an undo.
#[test]
fn a_customer_that_was_there_before_is_not_taken_back() {
    let folder = tempfile::tempdir().unwrap();
    let options = |clock_offset_seconds| Options {
        db: Some(folder.path().join("crm.db")),
        merge_by: Some("mobile".to_owned()),
        clock_offset_seconds,
        ..Options::default()
    };
    let older = serde_json::json!({
        "customerName": "老客户", "mobile": [{"value": "13800000001"}],
    });
    let yesterday = Sandbox::start(options(-86_400)).unwrap();
    let older = yesterday.insert(older.as_object().cloned().unwrap());
    drop(yesterday);
    let scene = Scene::with(options(0));
    let rows: [&[&str]; 4] = [
        &["甲", "13800000002"],
        &["乙", "13800000001"],
        &["丙", "13800000003"],
        &["丁", "13800000003"],
    ];
    scene.save("list.csv", &Table::of(&["客户名称", "手机"], &rows));
    let sheet = scene.ferry(IMPORT).exits(0).sheet();
    let codes = sheet.column("_error_code");
    assert_eq!(codes, ["", "E551", "", "E552"]);
    assert_eq!(sheet.cell(1, "_id"), older);
    assert_eq!(sheet.cell(2, "_id"), sheet.cell(3, "_id"));
    assert!(
        sheet.cell(3, "_error").contains("row 4"),
        "{}",
        sheet.cell(3, "_error")
    );
    let verified = scene.ferry("verify").exits(4);
    for code in ["E551", "E552"] {
        assert!(
            verified.stderr.contains(code) || verified.stdout.contains(code),
            "{verified:?}"
        );
    }
    // Neither flag of an undo, nor a delete of the sheet, takes who was there before.
    scene.save("result.csv", &sheet);
    scene
        .ferry(&format!("undo {} --yes --force", scene.job()))
        .exits(4);
    assert_eq!(scene.names().into_keys().collect::<Vec<_>>(), ["老客户"]);
    scene.ferry("delete result.csv --yes");
    assert_eq!(scene.names().into_keys().collect::<Vec<_>>(), ["老客户"]);
}
