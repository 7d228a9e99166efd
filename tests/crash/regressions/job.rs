//! Jobs that stop, wait, are held back or lose their folder.

#[cfg(unix)]
use super::is_add;
use super::{
    import_others, import_with, keep_job, last_row_in_doubt, protect, put_journal_back,
    unsearchable,
};
#[cfg(unix)]
use crate::support::until;
use crate::support::{FaultKind, Scene, named};

/// Rows that waited on another job counted as nothing to send: when that job had turned out not to have added them
/// they were sent, and nobody had been asked.
/// Guards d7efb28, 2026-11-23.
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

/// Ctrl-C while rows in doubt were waited for ended with exit 6 and a finished job, as if they had been looked up.
/// Guards d7efb28, 2026-11-23.
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
    let line = format!("{} --json", run.wait().exits(5).resume_line());
    // It goes on: the row is looked up now.
    let sheet = scene.ferry(&line).exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
}

/// A job folder was put back from a copy that was made while it was planned: any later import deleted it, with all it
/// knew of rows in doubt.
/// Guards d7efb28, 2026-11-23.
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
/// Guards d7efb28, 2026-11-23.
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
    let sheet = scene.ferry("import mended.csv --json").exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// The journal of a job with a row in doubt could no longer be read: what a person wrote into its result sheet was
/// refused as well, so that nothing could ever settle the row.
/// Guards 95b3407, 2026-11-23.
#[test]
fn a_row_of_a_job_that_cannot_be_read_can_be_settled() {
    let scene = Scene::new();
    let mut sheet = last_row_in_doubt(&scene);
    std::fs::write(scene.job_file("journal.db"), "客户名称,手机\n".repeat(1000)).unwrap();
    let _ = std::fs::remove_file(scene.job_file("journal.db-wal"));
    sheet.set(9, "_status", "");
    scene.save("mended.csv", &sheet);
    let sheet = scene.ferry("import mended.csv --json").exits(0).sheet();
    assert_eq!(sheet.cell(9, "_status"), "ok");
    assert_eq!(scene.crm.customer_count(), 10);
}

/// `--limit 2` sent two rows, and then the one that had waited on another job.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_limit_holds_for_rows_that_waited() {
    let scene = Scene::new();
    last_row_in_doubt(&scene);
    scene.save("longer.csv", &named(12));
    let before = scene.adds();
    let sheet = scene
        .ferry("import longer.csv --limit 2 --json")
        .exits(5)
        .sheet();
    assert_eq!(scene.adds(), before + 2);
    assert_eq!((sheet.count("ok"), sheet.count("pending")), (2, 1));
    let sheet = scene.ferry("resume --json").exits(0).sheet();
    assert_eq!((sheet.count("ok"), scene.crm.customer_count()), (3, 12));
}

/// `--limit 0` sends nothing and was not asked about; `resume` then sent everything, and does not ask.
/// Guards 95b3407, 2026-11-23.
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
/// Guards 95b3407, 2026-11-23.
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
    let held_back = scene.ferry("import longer.csv --strict --json").exits(3);
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
