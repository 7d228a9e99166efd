//! What gateways and frameworks say in the place of the CRM, before and after it has stored: each row once, whoever said
//! what. The replies are those of `src/sandbox/dress.rs`, taken from real programs.
//!
//! The cross product of replies, moments, rows and what else is special is in `cells.rs`. Here a part of it runs, the same
//! one every time ([`part`]): every reply before and after storing at every position, each time in another variant of
//! those that need not wait; and every variant, the late search too, before and after storing at every position.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crm_ferry::sandbox::{Dress, Outage, OutageKind, RetryAfter, Sandbox};

use super::cells::{Cell, Ending, Position, Variant, When, is_limiter, replies, run_all};
use crate::support::{Endpoint, FaultKind, Options, Scene, Table, named};

/// Cells at a time: most of a cell's time it waits, for pauses that a reply asks for or for a late search.
const THREADS: usize = 12;

/// Ten rows whose adds with these numbers meet a fault, one call at a time.
fn adds_meet(scene: &Scene, numbers: std::ops::RangeInclusive<u64>, fault: FaultKind) {
    scene.crm.on_call(move |call| {
        (call.endpoint == Endpoint::Add && numbers.contains(&call.number)).then_some(fault)
    });
}

fn list() -> Table {
    named(10)
}

const IMPORT: &str = "import list.csv --timeout 5s --concurrency 1 --json";

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

fn dress(name: &str) -> Dress {
    name.parse().expect("a dress")
}

/// A part of the product in which each pair that the header names is met. Accounts with and without an earlier job take
/// turns where every row meets the reply.
fn part() -> Vec<Cell> {
    let at_once: Vec<Variant> = Variant::ALL
        .into_iter()
        .filter(|variant| *variant != Variant::LateSearch)
        .collect();
    let mut cells = Vec::new();
    for (number, (dress, when)) in replies().enumerate() {
        let all = Position::ALL[3 + number / 2 % 2];
        let positions = [Position::First, Position::Middle, Position::Last, all];
        for (place, position) in positions.into_iter().enumerate() {
            cells.push(Cell {
                dress,
                when,
                position,
                variant: at_once[(number / 4 + place) % at_once.len()],
            });
        }
    }
    let doubtful: Vec<Dress> = Dress::all().filter(|dress| !is_limiter(*dress)).collect();
    for (place, position) in Position::ALL.into_iter().enumerate() {
        for (number, when) in When::ALL.into_iter().enumerate() {
            cells.push(Cell {
                dress: doubtful[(2 * place + number) % doubtful.len()],
                when,
                position,
                variant: Variant::LateSearch,
            });
        }
    }
    cells
}

/// That the part is what the header says of it.
#[test]
fn the_part_of_the_product_meets_every_pair() {
    let part = part();
    for (dress, when) in replies() {
        let positions: BTreeSet<&[usize]> = part
            .iter()
            .filter(|cell| (cell.dress, cell.when) == (dress, when))
            .map(|cell| match cell.position {
                Position::First => [0].as_slice(),
                Position::Middle => &[1],
                Position::Last => &[2],
                Position::AllOfFirstJob | Position::AllOfLaterJob => &[3],
            })
            .collect();
        assert_eq!(positions.len(), 4, "{dress} {when:?}");
    }
    let special: BTreeSet<_> = part
        .iter()
        .map(|cell| (cell.variant, cell.position, cell.when))
        .collect();
    let all = Variant::ALL.len() * Position::ALL.len() * When::ALL.len();
    assert_eq!(special.len(), all);
    let product = Cell::all();
    assert!(part.iter().all(|cell| product.contains(cell)));
}

#[test]
fn each_row_is_stored_once_whoever_says_what_in_the_place_of_the_crm() {
    let part = part();
    let ended = run_all(&part, THREADS);
    let breaches: Vec<String> = ended
        .iter()
        .filter_map(|(cell, result)| Some(format!("{cell}: {}", result.as_ref().err()?)))
        .collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
    assert_eq!(ended.len(), part.len());
    let unknown = ended
        .iter()
        .filter(|(_, result)| *result == Ok(Ending::Unknown));
    let expected = part.iter().filter(|cell| cell.may_stay_unknown());
    assert_eq!(unknown.count(), expected.count());
}

/// The undo does not mind what ferry itself has written. Whoever was found after a lost reply stays.
#[test]
fn an_undo_takes_back_a_customer_that_was_written_again() {
    for (fault, left, code) in [
        (FaultKind::Before(Dress::GATEWAY), 0, 0),
        (FaultKind::After(Dress::GATEWAY), 1, 4),
    ] {
        let scene = Scene::new();
        scene.save("list.csv", &list());
        adds_meet(&scene, 10..=10, fault);
        let run = scene.ferry(IMPORT).exits(0);
        let is_written = scene.crm.counters().calls_to(Endpoint::Update) == 1;
        assert_eq!(
            (is_written, run.stderr.contains("[E550]")),
            (left == 0, left == 0),
            "{fault:?}"
        );
        let undo = format!("undo {} --yes", scene.job());
        scene.ferry(&undo).exits(code);
        assert_eq!(scene.crm.customer_count(), left, "{fault:?}");
    }
}

/// What docs/design/doubt.md names as not provable: nobody was ever added, or the server shows nothing of a write, or it is
/// forbidden. The rows are sent once, say so, and are settled by the next customer that ferry adds to the account.
#[test]
fn a_later_add_settles_what_nothing_could_prove() {
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
        let run = scene.ferry("import list.csv --concurrency 4 --settle 1s --timeout 1s --json");
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
            .ferry("import list.csv --concurrency 2 -o given-up.csv")
            .exits(5)
            .says("[E208]");
        let sheet = Table::read(&scene.path("given-up.csv"));
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
        let line = format!("{} --json", run.resume_line());
        let sheet = scene.ferry(&line).exits(0).sheet();
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
        let line = "import list.csv --concurrency 1 -o stopped.csv";
        let run = scene.ferry(line).exits(5).says("[E206]");
        assert!(
            run.stderr.contains("longer than max_outage"),
            "{}",
            run.stderr
        );
        let sheet = Table::read(&scene.path("stopped.csv"));
        assert_eq!((sheet.count("ok"), sheet.count("pending")), (4, 6));
        scene.crm.on_call(|_| None);
        each_once(
            &scene,
            &scene.ferry("resume --json").exits(0).sheet(),
            "resumed",
        );
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
        let sheet = scene.ferry("resume --json").exits(0).sheet();
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
    scene.ferry("delete result.csv --yes").exits(0);
    assert_eq!(scene.names().into_keys().collect::<Vec<_>>(), ["老客户"]);
}
