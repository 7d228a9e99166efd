//! Ways in which rows were once doubled, lost or answered with a customer that was not theirs: one short test each, for
//! what must not come back. Two more need a clock that does not wait and are in `src/job/tests/regressions.rs`.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::support::{Endpoint, FaultKind, Options, Scene, Table, fixture, named, until};

/// A CRM none of whose fields can be searched: nothing that is in doubt can be settled by looking.
fn unsearchable() -> Scene {
    Scene::with(Options {
        fields: Some(fixture("unsearchable.json")),
        ..Options::default()
    })
}

/// Imports so many rows, of which one add meets a fault, and returns the result sheet `first.csv`.
fn import_with(scene: &Scene, rows: usize, add: u64, fault: FaultKind) -> Table {
    scene.save("list.csv", &named(rows));
    scene
        .crm
        .on_call(move |call| is_add(call.endpoint, call.number, add).then_some(fault));
    scene
        .ferry("import list.csv --concurrency 1 --mode add -o first.csv --no-touch")
        .exits(6);
    scene.crm.on_call(|_| None);
    Table::read(&scene.path("first.csv"))
}

fn is_add(endpoint: Endpoint, number: u64, wanted: u64) -> bool {
    endpoint == Endpoint::Add && number == wanted
}

/// Adds three customers whose adds can be witnesses.
fn import_others(scene: &Scene) {
    let mut others = named(13);
    others.rows.drain(..10);
    scene.save("others.csv", &others);
    scene.ferry("import others.csv").exits(0);
}

/// The last of ten rows was not stored, and no later add of its job can prove that.
fn last_row_in_doubt(scene: &Scene) -> Table {
    import_with(scene, 10, 10, FaultKind::Dropped)
}

fn position(sheet: &Table, header: &str) -> usize {
    let found = sheet.headers.iter().position(|name| name == header);
    found.expect("the column")
}

/// A profile `main` whose writes are asked about, also on this machine.
fn protect(scene: &Scene) {
    let profile = "appid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nprotected = true";
    let base_url = scene.crm.base_url();
    scene.write(
        "ferry.toml",
        format!("[profiles.main]\nbase_url = \"{base_url}\"\n{profile}\n"),
    );
}

/// The row's own cells again, as a new row without what ferry wrote.
fn bare(sheet: &Table, row: usize) -> Vec<String> {
    let cells = sheet.headers.iter().zip(&sheet.rows[row]);
    cells
        .map(|(header, cell)| {
            let ours = header.starts_with('_');
            if ours { String::new() } else { cell.clone() }
        })
        .collect()
}

/// Copies what stands in the folder of the only job.
fn keep_job(scene: &Scene) {
    let copy = scene.path("older");
    std::fs::create_dir_all(&copy).unwrap();
    for entry in std::fs::read_dir(scene.job_file("")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, copy.join(path.file_name().unwrap())).unwrap();
    }
}

/// Puts the journal and its side file back as they were kept.
fn put_journal_back(scene: &Scene) {
    for name in ["journal.db", "journal.db-wal", "journal.db-shm"] {
        let _ = std::fs::remove_file(scene.job_file(name));
    }
    for name in ["journal.db", "journal.db-wal", "journal.seq"] {
        let kept = scene.path("older").join(name);
        if kept.exists() {
            std::fs::copy(kept, scene.job_file(name)).unwrap();
        }
    }
}

/// Whatever stood in `_status` and was no status counted as a cleared cell, and the row in doubt was sent again.
#[test]
fn a_status_that_is_none_is_not_a_cleared_one() {
    for text in ["checking", "unknown?", "待核", "Unknown"] {
        let scene = unsearchable();
        let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
        sheet.set(2, "_status", text);
        scene.save("mended.csv", &sheet);
        scene.ferry("import mended.csv -o second.csv");
        let second = Table::read(&scene.path("second.csv"));
        assert_eq!(second.cell(2, "_error_code"), "E436", "{text}");
        assert_eq!((scene.adds(), scene.crm.customer_count()), (5, 5), "{text}");
    }
}

/// A sheet whose `_status` column was deleted counted as one whose cells were all cleared.
#[test]
fn a_sheet_without_its_status_column_settles_nothing() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    let at = position(&sheet, "_status");
    sheet.headers.remove(at);
    for row in &mut sheet.rows {
        row.remove(at);
    }
    scene.save("mended.csv", &sheet);
    scene
        .ferry("import mended.csv -o second.csv --no-touch")
        .exits(6);
    let second = Table::read(&scene.path("second.csv"));
    assert_eq!((second.count("skipped"), second.count("unknown")), (4, 1));
    assert_eq!(scene.crm.customer_count(), 5);
}

/// A person emptied `_status` of a row that waited on another job, whose add was still on its way: the claim was
/// released, and the customer stored twice.
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

/// Of twins, one was proven not to be stored. Where its row stood above the others in the result sheet, the first of
/// those was taken for it, and it was skipped: the customer was lost.
#[test]
fn a_twin_that_was_not_stored_is_sent() {
    let scene = Scene::new();
    let mut list = named(3);
    list.rows[1] = list.rows[0].clone();
    list.rows[2] = list.rows[0].clone();
    scene.save("list.csv", &list);
    scene
        .crm
        .on_call(|call| is_add(call.endpoint, call.number, 3).then_some(FaultKind::Dropped));
    scene
        .ferry("import list.csv --concurrency 1 --mode add -o first.csv --no-touch")
        .exits(6);
    scene.crm.on_call(|_| None);
    import_others(&scene);
    // Sorted, so that what is in doubt comes first.
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.rows.rotate_right(1);
    assert_eq!(sheet.column("_status"), ["unknown", "ok", "ok"]);
    scene.save("sorted.csv", &sheet);
    scene
        .ferry("import sorted.csv --mode add -o second.csv")
        .exits(0);
    let second = Table::read(&scene.path("second.csv"));
    assert_eq!((second.count("skipped"), second.count("ok")), (2, 1));
    assert_eq!(scene.crm.customer_count(), 6);
    // The three equal rows have three customers now, and no more come of the old sheet.
    scene.ferry("import sorted.csv --mode add").exits(9);
    assert_eq!(scene.crm.customer_count(), 6);
}

/// A person found the customer of a row in doubt and added an equal row below: the new row was taken for the old one.
#[test]
fn an_equal_row_below_one_that_was_found_is_a_new_one() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    let id = scene.id_of(sheet.cell(2, "客户名称"));
    sheet.set(2, "_id", &id);
    sheet.rows.push(bare(&sheet, 2));
    scene.save("mended.csv", &sheet);
    scene.ferry("import mended.csv -o second.csv").exits(0);
    let second = Table::read(&scene.path("second.csv"));
    assert_eq!(second.cell(2, "_id"), id);
    assert_eq!(second.cell(5, "_status"), "ok");
    assert_eq!(scene.crm.customer_count(), 6);
}

/// `--again` sent a row of a result sheet that was still in doubt.
#[test]
fn again_is_no_word_about_a_row_in_doubt() {
    let scene = unsearchable();
    let mut list = named(2);
    let phone = list.cell(1, "手机").to_owned();
    list.set(1, "手机", "abc");
    scene.save("list.csv", &list);
    scene.ferry("import list.csv -o first.csv").exits(4);
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.set(1, "手机", &phone);
    scene.save("mended.csv", &sheet);
    scene
        .crm
        .on_call(|call| is_add(call.endpoint, call.number, 2).then_some(FaultKind::ErrorAfter));
    scene
        .ferry("import mended.csv -o second.csv --no-touch")
        .exits(6);
    scene.crm.on_call(|_| None);
    scene
        .ferry("import second.csv --again -o third.csv")
        .exits(6);
    let third = Table::read(&scene.path("third.csv"));
    assert_eq!(third.column("_status"), ["skipped", "unknown"]);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (2, 2));
}

/// Rows that waited on another job counted as nothing to send: when that job had turned out not to have added them
/// they were sent, and nobody had been asked.
#[test]
fn rows_that_wait_are_sent_only_when_confirmed() {
    let scene = Scene::new();
    last_row_in_doubt(&scene);
    import_others(&scene);
    let mut list = named(10);
    list.rows.drain(..9);
    scene.save("again.csv", &list);
    protect(&scene);
    let before = scene.adds();
    // Nobody is there to type the profile's name.
    scene.ferry("import again.csv --profile main").exits(2);
    assert_eq!(scene.adds(), before);
}

/// A kill between the claim and the intent of a job's very first group leaves a claim of which the journal knows no
/// time. Any older customer with the same values was then taken for the row.
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
    let held = scene.hold(Endpoint::Add, 1);
    let run = scene.start("resume");
    held.wait_for(1);
    run.kill();
    held.release_as(FaultKind::Dropped);
    // The ledger has the claim, the journal has not committed the intent.
    put_journal_back(&scene);
    let sheet = scene.ferry("resume --no-touch").exits(6).sheet();
    assert_eq!(sheet.cell(0, "_status"), "unknown");
    assert_eq!(sheet.cell(0, "_error_code"), "E514");
    assert!(sheet.cell(0, "_error").contains(&old));
    assert_eq!(sheet.cell(0, "_id"), "");
}

/// A job in doubt adopted the customer that another job had just stored for an equal row, and whose reply was still
/// on its way: one customer for two rows.
#[test]
fn a_customer_that_may_be_another_jobs_is_not_adopted() {
    let scene = Scene::new();
    scene.save("one.csv", &named(1));
    let held = scene.hold(Endpoint::Add, 1);
    let one = scene.start("import one.csv --mode add");
    held.wait_for(1);
    one.kill();
    held.release_as(FaultKind::Dropped);
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
        .ferry(&format!("resume {job} --no-touch"))
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

/// An `_id` that somebody wrote beside a row in doubt was believed, also when it was another row's, stood beside two
/// rows, or was nobody's.
#[test]
fn an_id_that_was_typed_in_is_looked_at() {
    type Typed = fn(&Scene, &Table) -> [String; 2];
    let cases: [(Typed, [&str; 2]); 3] = [
        // One of a row that is done.
        (
            |scene, sheet| [sheet.cell(0, "_id").to_owned(), own(scene, sheet, 3)],
            ["E437", "E427"],
        ),
        // One beside both.
        (
            |scene, sheet| [own(scene, sheet, 2), own(scene, sheet, 2)],
            ["E427", "E437"],
        ),
        // One of nobody.
        (
            |scene, sheet| ["685775343058800999".to_owned(), own(scene, sheet, 3)],
            ["E502", "E427"],
        ),
    ];
    for (typed, codes) in cases {
        let scene = unsearchable();
        scene.save("list.csv", &named(5));
        scene.crm.on_call(|call| {
            let lost = call.endpoint == Endpoint::Add && (3..=4).contains(&call.number);
            lost.then_some(FaultKind::ErrorAfter)
        });
        scene
            .ferry("import list.csv --concurrency 1 -o first.csv")
            .exits(6);
        scene.crm.on_call(|_| None);
        let mut sheet = Table::read(&scene.path("first.csv"));
        let ids = typed(&scene, &sheet);
        for (row, id) in (2..).zip(&ids) {
            sheet.set(row, "_id", id);
        }
        scene.save("mended.csv", &sheet);
        scene.ferry("import mended.csv -o second.csv").exits(4);
        let second = Table::read(&scene.path("second.csv"));
        assert_eq!(second.column("_error_code")[2..4], codes, "{ids:?}");
        assert_eq!(scene.crm.customer_count(), 5);
    }
}

/// The `_id` of the customer that a row became.
fn own(scene: &Scene, sheet: &Table, row: usize) -> String {
    scene.id_of(sheet.cell(row, "客户名称"))
}

/// `--strict` sent nothing, and yet what the sheet said of a row in doubt took effect.
#[test]
fn strict_settles_nothing_when_it_holds_everything_back() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    sheet.set(2, "_status", "");
    let mut invalid = bare(&sheet, 1);
    invalid[position(&sheet, "客户名称")].clear();
    sheet.rows.push(invalid);
    scene.save("mended.csv", &sheet);
    scene.ferry("import mended.csv --strict").exits(3);
    let sheet = scene.ferry("import list.csv --no-touch").exits(6).sheet();
    assert_eq!(sheet.cell(2, "_status"), "unknown");
    assert_eq!(scene.crm.customer_count(), 5);
}

/// Ctrl-C while rows in doubt were waited for ended with exit 6 and a finished job, as if they had been looked up.
#[cfg(unix)]
#[test]
fn a_stop_while_rows_in_doubt_are_waited_for_is_a_stop() {
    let scene = Scene::new();
    scene.save("list.csv", &named(10));
    scene
        .crm
        .on_call(|call| is_add(call.endpoint, call.number, 10).then_some(FaultKind::Dropped));
    let run = scene.start("import list.csv --concurrency 1 --settle 3600s");
    until("it waits", || run.stderr().contains("[E508]"));
    let sent = std::process::Command::new("kill")
        .args(["-INT", &run.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
    let line = run.wait().exits(5).resume_line();
    // It goes on: the row is looked up now.
    let sheet = scene.ferry(&line).exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
}

/// A row that was invalid because of its key came back in the unchanged result sheet, and was added: its earlier half was
/// skipped there, and its key forgotten.
#[test]
fn a_result_sheet_that_comes_back_unchanged_adds_nothing() {
    let scene = Scene::new();
    let rows: &[&[&str]] = &[
        &["甲", "13800138000"],
        &["乙", "13900139000"],
        &["丙", "+86 138 0013 8000"],
    ];
    scene.save("list.csv", &Table::of(&["客户名称", "手机"], rows));
    scene
        .ferry("import list.csv --key 手机 -o result.csv")
        .exits(4);
    for (source, done) in [("result.csv", "skipped"), ("list.csv", "unchanged")] {
        let sheet = scene
            .ferry(&format!("import {source} --key 手机"))
            .exits(4)
            .sheet();
        assert_eq!(sheet.column("_status"), [done, done, "invalid"]);
        assert_eq!(scene.crm.customer_count(), 2);
    }
}

/// A job folder was put back from a copy that was made while it was planned: any later import deleted it, with all it
/// knew of rows in doubt.
#[test]
fn a_folder_that_was_put_back_is_not_taken_for_an_undecided_one() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv --limit 0").exits(5);
    keep_job(&scene);
    let job = scene.job();
    scene.ferry("resume").exits(0);
    put_journal_back(&scene);
    let journal = rusqlite::Connection::open(scene.job_file("journal.db")).unwrap();
    let planning = "UPDATE meta SET value = 'planning' WHERE key = 'state'";
    assert_eq!(journal.execute(planning, []).unwrap(), 1);
    drop(journal);
    scene.ferry("import list.csv").exits(1).says("[E611]");
    assert_eq!(scene.jobs(), [job]);
    assert_eq!(scene.crm.customer_count(), 3);
}

/// The folder of a job with a row in doubt was deleted: no way of mending its result sheet had any effect.
#[test]
fn a_row_of_a_job_that_is_gone_can_be_settled() {
    let scene = Scene::new();
    let sheet = last_row_in_doubt(&scene);
    std::fs::remove_dir_all(scene.job_file("")).unwrap();
    // As it is, nothing can look it up.
    scene.ferry("import first.csv --no-touch").exits(6);
    assert_eq!(scene.crm.customer_count(), 9);
    let mut cleared = sheet;
    cleared.set(9, "_status", "");
    scene.save("mended.csv", &cleared);
    let sheet = scene.ferry("import mended.csv").exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// `--limit 2` sent two rows, and then the one that had waited on another job.
#[test]
fn a_limit_holds_for_rows_that_waited() {
    let scene = Scene::new();
    last_row_in_doubt(&scene);
    scene.save("longer.csv", &named(12));
    let before = scene.adds();
    let sheet = scene.ferry("import longer.csv --limit 2").exits(5).sheet();
    assert_eq!(scene.adds(), before + 2);
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (2, 1));
    let sheet = scene.ferry("resume").exits(0).sheet();
    assert_eq!((sheet.count("ok"), scene.crm.customer_count()), (3, 12));
}

/// A colleague edited the customer of the latest add before rows in doubt were looked up: it was taken for a server that
/// changes what it stores, and no other add could bear witness.
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
    let sheet = scene.ferry("resume").exits(0).sheet();
    assert_eq!(sheet.count("ok"), 10);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (11, 10));
}

/// Of a row in doubt somebody wrote the `_id` in and emptied `_status` as well: the claim was released although the
/// customer was found, and importing the source again stored it twice.
#[test]
fn an_id_counts_also_where_the_status_was_emptied() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    let id = own(&scene, &sheet, 2);
    sheet.set(2, "_id", &id);
    sheet.set(2, "_status", "");
    scene.save("mended.csv", &sheet);
    let second = scene.ferry("import mended.csv").exits(9).sheet();
    assert_eq!(second.cell(2, "_id"), id);
    scene.ferry("import list.csv").exits(9);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (5, 5));
}

/// A result sheet was written while its job had stopped, and its unsent rows were edited; the job went on meanwhile and
/// added them as they were: the sheet added them once more.
#[test]
fn an_edited_row_of_an_older_sheet_is_not_added_beside_its_first_self() {
    let scene = Scene::new();
    scene.save("list.csv", &named(4));
    scene
        .ferry("import list.csv --limit 2 -o first.csv")
        .exits(5);
    let mut sheet = Table::read(&scene.path("first.csv"));
    assert_eq!(sheet.cell(3, "_status"), "pending");
    sheet.set(3, "手机", "13912345678");
    scene.save("mended.csv", &sheet);
    scene.ferry("resume").exits(0);
    let second = scene.ferry("import mended.csv").exits(9).sheet();
    assert_eq!(second.cell(3, "_error_code"), "E427");
    assert_eq!(second.cell(3, "_id"), own(&scene, &sheet, 3));
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}

/// The same, and the job's own call was lost: what may be stored was sent again with the edited cells.
#[test]
fn an_edited_row_of_an_older_sheet_waits_while_its_first_self_is_in_doubt() {
    let scene = unsearchable();
    scene.save("list.csv", &named(4));
    scene
        .ferry("import list.csv --limit 2 -o first.csv")
        .exits(5);
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.set(3, "手机", "13912345678");
    scene.save("mended.csv", &sheet);
    scene
        .crm
        .on_call(|call| is_add(call.endpoint, call.number, 4).then_some(FaultKind::ErrorAfter));
    scene.ferry("resume --concurrency 1 --no-touch").exits(6);
    scene.crm.on_call(|_| None);
    let second = scene.ferry("import mended.csv --no-touch").exits(6).sheet();
    assert_eq!(second.cell(3, "_status"), "unknown");
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}

/// A row in doubt was sent from a sheet whose `_status` somebody had emptied. In every older sheet it stayed in doubt
/// for good.
#[test]
fn an_older_sheet_learns_that_a_later_job_has_settled_its_row() {
    let scene = Scene::new();
    let mut sheet = last_row_in_doubt(&scene);
    sheet.set(9, "_status", "");
    scene.save("mended.csv", &sheet);
    let mended = scene.ferry("import mended.csv").exits(0).sheet();
    let second = scene.ferry("import first.csv").exits(9).sheet();
    assert_eq!(second.cell(9, "_error_code"), "E427");
    assert_eq!(second.cell(9, "_id"), mended.cell(9, "_id"));
    assert_eq!(scene.crm.customer_count(), 10);
}

/// `--limit 0` sends nothing and was not asked about; `resume` then sent everything, and does not ask.
#[test]
fn a_trial_of_no_rows_is_confirmed_as_well() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    protect(&scene);
    scene
        .ferry("import list.csv --limit 0 --profile main")
        .exits(2);
    assert_eq!(scene.jobs(), [""; 0]);
}

/// A job that `--strict` had held back, with a row that waited on another job, was the one that `resume` went on with
/// for ever: it held everything back again.
#[test]
fn a_job_that_was_held_back_has_nothing_to_go_on_with() {
    let scene = unsearchable();
    import_with(&scene, 3, 3, FaultKind::ErrorAfter);
    let job = scene.job();
    let mut longer = named(3);
    longer
        .rows
        .push(vec![String::new(), "13900000000".to_owned()]);
    scene.save("longer.csv", &longer);
    let held_back = scene.ferry("import longer.csv --strict").exits(3);
    assert_eq!(
        held_back.sheet().column("_status")[2..],
        ["unknown", "invalid"]
    );
    let resumed = scene.ferry("resume --no-touch").exits(6);
    assert!(
        resumed.stderr.contains(&format!("job {job}\n")),
        "{resumed:?}"
    );
}

/// The journal of a job with a row in doubt could no longer be read: what a person wrote into its result sheet was
/// refused as well, so that nothing could ever settle the row.
#[test]
fn a_row_of_a_job_that_cannot_be_read_can_be_settled() {
    let scene = Scene::new();
    let mut sheet = last_row_in_doubt(&scene);
    std::fs::write(scene.job_file("journal.db"), "客户名称,手机\n".repeat(1000)).unwrap();
    let _ = std::fs::remove_file(scene.job_file("journal.db-wal"));
    sheet.set(9, "_status", "");
    scene.save("mended.csv", &sheet);
    let sheet = scene.ferry("import mended.csv").exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// Of a row in doubt the `_status` was emptied and a cell edited. While the import of that sheet was still at rows
/// above, the row's own job proved that it was not stored and sent it: the import sent it as well.
#[test]
fn a_row_that_its_own_job_has_sent_since_is_not_sent_from_the_sheet() {
    let scene = Scene::new();
    let mut sheet = last_row_in_doubt(&scene);
    let job = scene.job();
    import_others(&scene);
    sheet.set(9, "手机", "13912345678");
    sheet.set(9, "_status", "");
    let new = |number: usize| {
        let mut row = bare(&sheet, 0);
        row[position(&sheet, "客户名称")] = format!("新 {number}");
        row
    };
    let mut mended = sheet.clone();
    mended.rows.splice(0..0, (1..=5).map(new));
    scene.save("mended.csv", &mended);
    let (first, released) = (scene.adds() + 1, Arc::new(AtomicBool::new(false)));
    let go = Arc::clone(&released);
    scene.crm.on_call(move |call| {
        if is_add(call.endpoint, call.number, first) {
            until("it is released", || go.load(Ordering::SeqCst));
        }
        None
    });
    // One row a group.
    let run = scene.start("import mended.csv --rate 4/s --concurrency 1 --mode add -o second.csv");
    until("its first add is held", || scene.adds() == first);
    scene.ferry(&format!("resume {job}")).exits(0);
    released.store(true, Ordering::SeqCst);
    run.wait().exits(0);
    let second = Table::read(&scene.path("second.csv"));
    assert_eq!(second.cell(14, "_error_code"), "E427");
    assert_eq!(scene.crm.customer_count(), 10 + 3 + 5);
}

/// A row that is done was copied within its result sheet, edited, and its `_id` and `_status` emptied: it is another one.
#[test]
fn a_copy_of_a_done_row_is_a_new_row() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv -o first.csv").exits(0);
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.rows.push(sheet.rows[1].clone());
    for (header, text) in [("_id", ""), ("_status", ""), ("客户名称", "分公司")] {
        sheet.set(3, header, text);
    }
    scene.save("longer.csv", &sheet);
    for code in [0, 9] {
        scene.ferry("import longer.csv").exits(code);
        assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
    }
}

/// A row in doubt got its `_id`, and an edited copy of it below an empty `_status`: the copy's empty cell outweighed the
/// `_id`, and importing the source again stored the first one twice.
#[test]
fn a_copy_of_a_row_in_doubt_says_nothing_about_that_row() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    sheet.rows.push(sheet.rows[2].clone());
    sheet.set(2, "_id", &own(&scene, &sheet, 2));
    for (header, text) in [("_status", ""), ("客户名称", "分公司")] {
        sheet.set(5, header, text);
    }
    scene.save("longer.csv", &sheet);
    let second = scene.ferry("import longer.csv").exits(0).sheet();
    assert_eq!(second.cell(2, "_error_code"), "E427");
    assert_eq!(second.cell(5, "_status"), "ok");
    scene.ferry("import list.csv").exits(9);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (6, 6));
}

/// A new row stood above an equal one that was done. It was taken for that one, and both were skipped: the customer was
/// lost.
#[test]
fn an_equal_row_above_one_that_is_done_is_a_new_one() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv -o first.csv").exits(0);
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.rows.insert(0, bare(&sheet, 1));
    scene.save("longer.csv", &sheet);
    for code in [0, 9] {
        scene.ferry("import longer.csv").exits(code);
        assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
    }
}

/// The same as with a row that was edited in an older sheet, and the folder of its job is gone: the ledger knows it still.
#[test]
fn an_edited_row_of_a_job_that_is_gone_is_not_added_beside_its_first_self() {
    let scene = Scene::new();
    scene.save("list.csv", &named(4));
    scene
        .ferry("import list.csv --limit 2 -o first.csv")
        .exits(5);
    let mut sheet = Table::read(&scene.path("first.csv"));
    sheet.set(3, "手机", "13912345678");
    scene.save("mended.csv", &sheet);
    scene.ferry("resume").exits(0);
    std::fs::remove_dir_all(scene.job_file("")).unwrap();
    let second = scene.ferry("import mended.csv").exits(9).sheet();
    assert_eq!(second.cell(3, "_id"), own(&scene, &sheet, 3));
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}
