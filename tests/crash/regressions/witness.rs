//! Claims and witnesses: what may be taken for a row in doubt, and what proves that it is not there.

use super::{import_others, import_with, is_add, keep_job, put_journal_back};
use crate::support::{Endpoint, FaultKind, Scene, Table, named, until};

/// A person emptied `_status` of a row that waited on another job, whose add was still on its way: the claim was
/// released, and the customer stored twice.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_claim_is_not_released_while_its_owners_call_is_on_its_way() {
    let scene = Scene::new();
    scene.save("one.csv", &named(1));
    scene.save("two.csv", &named(1).mirrored());
    let held = scene.hold(Endpoint::Add, 1);
    let one = scene.start("import one.csv -o one-result.csv --timeout 60s");
    held.wait_for(1);
    scene
        .ferry("import two.csv -o two-result.csv --no-touch")
        .exits(6);
    let mut sheet = Table::read(&scene.path("two-result.csv"));
    assert_eq!(sheet.cell(0, "_error_code"), "E425");
    sheet.set(0, "_status", "");
    scene.save("mended.csv", &sheet);
    let mended = scene.ferry("import mended.csv").exits(9);
    mended.says("[E614]");
    held.release();
    one.wait().exits(0);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (1, 1));
}

/// A kill between the claim and the intent of a job's very first group leaves a claim of which the journal knows no
/// time. Any older customer with the same values was then taken for the row.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_claim_without_an_intent_adopts_no_older_customer() {
    let scene = Scene::new();
    let list = named(1);
    let old = serde_json::json!({
        "customerName": list.cell(0, "客户名称"),
        "mobile": [{"value": list.cell(0, "手机"), "memo": ""}],
        "createTime": "2020-01-01 00:00:00",
    });
    let old = scene.crm.insert(old.as_object().cloned().unwrap());
    scene.save("list.csv", &list);
    scene.ferry("import list.csv --limit 0 --mode add").exits(5);
    keep_job(&scene);
    scene.kill_at("resume", Endpoint::Add, 1, Some(FaultKind::Dropped));
    // The ledger has the claim, the journal has not committed the intent.
    put_journal_back(&scene);
    let sheet = scene.ferry("resume --no-touch --json").exits(6).sheet();
    assert_eq!(sheet.cell(0, "_status"), "unknown");
    assert_eq!(sheet.cell(0, "_error_code"), "E514");
    assert!(sheet.cell(0, "_error").contains(&old));
    assert_eq!(sheet.cell(0, "_id"), "");
}

/// A job in doubt adopted the customer that another job had just stored for an equal row, and whose reply was still
/// on its way: one customer for two rows.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_customer_that_may_be_another_jobs_is_not_adopted() {
    let scene = Scene::new();
    scene.save("one.csv", &named(1));
    scene.kill_at(
        "import one.csv --mode add",
        Endpoint::Add,
        1,
        Some(FaultKind::Dropped),
    );
    let job = scene.job();
    // A column that is left out makes it another row with the same content.
    let mut two = named(1);
    two.headers.push("来处".to_owned());
    two.rows[0].push("展会".to_owned());
    scene.save("two.csv", &two);
    let late = FaultKind::Slow(std::time::Duration::from_secs(3600));
    scene
        .crm
        .on_call(move |call| (call.endpoint == Endpoint::Add).then_some(late));
    let other = scene.start("import two.csv --ignore-unmapped --mode add --timeout 3600s");
    until("it is stored", || scene.crm.customer_count() == 1);
    let sheet = scene
        .ferry(&format!("resume {job} --no-touch --json"))
        .exits(6)
        .sheet();
    assert_eq!(
        (sheet.cell(0, "_status"), sheet.cell(0, "_id")),
        ("unknown", "")
    );
    assert_eq!(sheet.cell(0, "_error_code"), "E515");
    other.kill();
}

/// The machine's clock was an hour ahead when another job added its rows: these adds seemed to be later than the one
/// in doubt, and bore witness that it was not there.
/// Guards d7efb28, 2026-11-23.
#[test]
fn an_add_of_a_clock_that_was_ahead_is_no_later_one() {
    let scene = Scene::new();
    import_others(&scene);
    let journal = rusqlite::Connection::open(scene.job_file("journal.db")).unwrap();
    let ahead = "UPDATE rows SET sent_at = sent_at + 3600000, ended_at = ended_at + 3600000";
    assert_eq!(journal.execute(ahead, []).unwrap(), 3);
    drop(journal);
    let before = scene.adds();
    let sheet = import_with(&scene, 1, before + 1, FaultKind::Dropped);
    assert_eq!(sheet.cell(0, "_error_code"), "E517");
    assert_eq!(scene.adds(), before + 1);
}

/// A colleague edited the customer of the latest add before rows in doubt were looked up: it was taken for a server that
/// changes what it stores, and no other add could bear witness.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_witness_that_was_edited_does_not_silence_the_others() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene
        .crm
        .on_call(|call| is_add(call.endpoint, call.number, 3).then_some(FaultKind::Dropped));
    let run = scene.start("import list.csv --concurrency 1 --mode add --settle 3600s");
    until("it waits", || run.stderr().contains("[E508]"));
    run.kill();
    let customer = scene.crm.customers().into_iter().find(|customer| {
        let name = customer["customerName"].as_str();
        name == Some(named(10).cell(9, "客户名称"))
    });
    let mut customer = customer.expect("the latest");
    assert!(scene.crm.remove(customer["_id"].as_str().unwrap()));
    customer.insert("mobile".to_owned(), serde_json::json!([]));
    customer.insert("updateTime".to_owned(), "2099-01-01 00:00:00".into());
    scene.crm.insert(customer);
    let sheet = scene.ferry("resume --json").exits(0).sheet();
    assert_eq!(sheet.count("ok"), 10);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (11, 10));
}
