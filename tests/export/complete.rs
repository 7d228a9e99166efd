//! What is called complete is complete, although customers come and go.

use std::collections::BTreeSet;
use std::time::Duration;

use crm_ferry::sandbox::FaultTarget;

use super::{fill, ids, manifest, old};
use crate::support::{Endpoint, Fault, FaultKind, Options, Scene};

/// A colleague acts on certain pages, so that it does not depend on the machine's speed who came and went.
#[test]
fn everybody_is_there_once_although_customers_come_and_go_all_the_while() {
    let scene = Scene::new();
    let stored = fill(&scene, 25_000);
    // Pages take a while, so that several are on their way.
    let slow = FaultKind::Slow(Duration::from_millis(4));
    scene
        .crm
        .set_faults(vec![Fault::new(slow, 1.0).at(Endpoint::List)]);
    let (to_colleague, orders) = crossbeam_channel::bounded(0);
    let (to_server, reports) = crossbeam_channel::bounded(0);
    scene.crm.on_call(move |call| {
        if call.endpoint != Endpoint::List {
            return None;
        }
        // Nobody takes an order any more once the export is over.
        if call.number % 25 == 7 && to_colleague.send(()).is_ok() {
            let _ = reports.recv();
        }
        // Somebody comes on every fifth page of the first two passes. Later ones meet only those who go: a pass that finds
        // somebody new never agrees with those before it.
        (call.number % 5 == 0 && call.number < 500).then_some(FaultKind::ListInsert)
    });
    // The oldest goes first, before the last page is read, then the newest, which stood on the first page; then anybody.
    let mut going = stored.clone();
    fastrand::Rng::with_seed(4).shuffle(&mut going[1..24_999]);
    going.swap(1, 24_999);
    let mut going = going.into_iter();
    let mut deleted = BTreeSet::new();
    let mut running = scene.start("export -o all.csv --max-passes 12");
    while !running.has_ended() {
        if orders.recv_timeout(Duration::from_millis(5)).is_ok() {
            let id = going.next().expect("there are more customers than pages");
            assert!(scene.crm.remove(&id));
            deleted.insert(id);
            to_server.send(()).expect("the call waits");
        }
    }
    drop(orders);
    let output = running.wait().exits(0);
    assert!(output.stderr.contains("went"), "{}", output.stderr);
    let exported = ids(&scene.path("all.csv"));
    let missing: Vec<&String> = stored
        .iter()
        .filter(|id| !deleted.contains(*id) && !exported.contains(*id))
        .collect();
    assert!(missing.is_empty(), "{} are missing", missing.len());
    let said = manifest(&scene.path("all.csv"));
    assert_eq!(said["complete"], true);
    assert_eq!(said["list"]["count_at_start"], 25_000);
    assert!(
        said["list"]["created_meanwhile"].as_u64() > Some(0),
        "{said}"
    );
    assert!(said["list"]["gone_meanwhile"].as_u64() > Some(0), "{said}");
    assert!(said["list"]["repeats"].as_u64() > Some(0), "{said}");
    assert_eq!(said["customers"], exported.len());
    assert!(scene.crm.counters().peak_in_flight > 1);
}

/// A customer that was read is deleted, which hides another behind it; a new one makes up for both numbers.
#[test]
fn rows_and_count_that_agree_prove_nothing() {
    let scene = Scene::new();
    let stored = fill(&scene, 300);
    // The newest customer is on the first page; with it gone, page 2 begins one customer later.
    let hold = scene.hold(Endpoint::List, 2);
    let running = scene.start("export -o all.csv --concurrency 1 --rate 2000/s");
    hold.wait_for(1);
    assert!(scene.crm.remove(&stored[299]));
    // The one that makes up for it stands at the end of the list, where it is seen: it has the smallest id.
    let mut newcomer = old(301);
    for time in ["createTime", "updateTime"] {
        newcomer.remove(time);
    }
    newcomer.insert("_id".to_owned(), "1000".into());
    scene.crm.insert(newcomer);
    hold.release();
    running.wait().exits(0);
    let exported = ids(&scene.path("all.csv"));
    assert!(
        stored[..299].iter().all(|id| exported.contains(id)),
        "somebody is hidden"
    );
    assert!(
        !exported.contains(&stored[299]),
        "the one that is gone is not there"
    );
    let said = manifest(&scene.path("all.csv"));
    assert_eq!(
        (&said["complete"], &said["list"]["gone_meanwhile"]),
        (&true.into(), &1.into())
    );
    assert!(said["list"]["passes"].as_u64() > Some(1));
}

#[test]
fn a_cap_of_the_server_is_found_and_kept_to() {
    let scene = Scene::with(Options {
        page_cap: Some(50),
        ..Options::default()
    });
    let stored = fill(&scene, 1_234);
    scene.ferry("export -o all.csv").exits(0);
    assert_eq!(ids(&scene.path("all.csv")).len(), stored.len());
    let said = manifest(&scene.path("all.csv"));
    assert_eq!(said["list"]["page_size"], 50);
    // One call found the cap; the pages are read once.
    assert_eq!(scene.crm.counters().calls_to(Endpoint::List), 26);
}

#[test]
fn pages_that_stay_short_make_it_incomplete_and_it_shows_everywhere() {
    let scene = Scene::new();
    fill(&scene, 500);
    scene.write("all.csv", "the file of yesterday");
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::PageShort, 1.0)]);
    let output = scene.ferry("export -o all.csv --max-passes 2 -q").exits(4);
    // Quiet success, loud failure.
    output.says("[E520]");
    assert_eq!(
        std::fs::read_to_string(scene.path("all.csv")).unwrap(),
        "the file of yesterday"
    );
    let file = scene.path("all_incomplete.csv");
    assert_eq!(manifest(&file)["complete"], false);
    assert!(manifest(&file)["list"]["short_pages"].as_u64() > Some(0));
    let chinese = scene
        .ferry("export -o all.xlsx --max-passes 1 --lang zh")
        .exits(4);
    assert!(chinese.stderr.contains("不完整"), "{}", chinese.stderr);
    assert!(scene.path("all_不完整.xlsx").is_file());
    // It is no baseline for anybody.
    let refused = scene.ferry("export -o next.csv --compare all_incomplete.csv");
    refused.exits(3).says("[E628]");
}

#[test]
fn faults_of_the_server_cost_repetitions_and_nobody() {
    let scene = Scene::new();
    let stored = fill(&scene, 2_000);
    scene.crm.set_faults(vec![
        Fault::new(FaultKind::Dropped, 0.05).at(Endpoint::List),
        Fault::new(FaultKind::Busy200, 0.05).at(Endpoint::List),
        Fault {
            target: FaultTarget::Only(Endpoint::List),
            ..Fault::new(FaultKind::Truncated, 0.03)
        },
        Fault::new(FaultKind::PageShort, 0.1),
    ]);
    scene.ferry("export -o all.csv").exits(0);
    assert_eq!(ids(&scene.path("all.csv")).len(), stored.len());
}

#[test]
fn an_account_without_customers_is_exported_as_well() {
    let scene = Scene::new();
    scene.ferry("export -o all.xlsx").exits(0);
    let file = scene.path("all.xlsx");
    assert_eq!(manifest(&file)["customers"], 0);
    assert_eq!(manifest(&file)["complete"], true);
}

#[test]
fn a_wrong_zone_is_said_and_costs_a_pass() {
    let scene = Scene::new();
    fill(&scene, 250);
    let mut recent = old(251);
    recent.remove("createTime");
    recent.remove("updateTime");
    scene.crm.insert(recent);
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\ntimezone = \"America/New_York\"\n",
            scene.crm.base_url()
        ),
    );
    scene
        .ferry("export -o all.csv --config ferry.toml")
        .exits(0);
    assert_eq!(ids(&scene.path("all.csv")).len(), 251);
    assert_eq!(manifest(&scene.path("all.csv"))["list"]["passes"], 2);
}
