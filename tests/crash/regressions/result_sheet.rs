//! Result sheets that come back, and what was once read into their cells.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{
    bare, import_others, import_with, is_add, last_row_in_doubt, own, position, unsearchable,
};
use crate::support::{Endpoint, FaultKind, Scene, Table, named, until};

/// Whatever stood in `_status` and was no status counted as a cleared cell, and the row in doubt was sent again.
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_status_that_is_none_is_not_a_cleared_one() {
    for text in ["checking", "unknown?", "待核", "Unknown"] {
        let scene = unsearchable();
        let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
        sheet.set(2, "_status", text);
        scene.save("mended.csv", &sheet);
        scene.ferry("import mended.csv -o second.csv").exits(4);
        let second = Table::read(&scene.path("second.csv"));
        assert_eq!(second.cell(2, "_error_code"), "E436", "{text}");
        assert_eq!((scene.adds(), scene.crm.customer_count()), (5, 5), "{text}");
    }
}

/// A sheet whose `_status` column was deleted counted as one whose cells were all cleared.
/// Guards d7efb28, 2026-11-23.
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

/// An `_id` that somebody wrote beside a row in doubt was believed, also when it was another row's, stood beside two
/// rows, or was nobody's.
/// Guards d7efb28, 2026-11-23.
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

/// Of a row in doubt somebody wrote the `_id` in and emptied `_status` as well: the claim was released although the
/// customer was found, and importing the source again stored it twice.
/// Guards 95b3407, 2026-11-23.
#[test]
fn an_id_counts_also_where_the_status_was_emptied() {
    let scene = unsearchable();
    let mut sheet = import_with(&scene, 5, 3, FaultKind::ErrorAfter);
    let id = own(&scene, &sheet, 2);
    sheet.set(2, "_id", &id);
    sheet.set(2, "_status", "");
    scene.save("mended.csv", &sheet);
    let second = scene.ferry("import mended.csv --json").exits(9).sheet();
    assert_eq!(second.cell(2, "_id"), id);
    scene.ferry("import list.csv").exits(9);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (5, 5));
}

/// `--again` sent a row of a result sheet that was still in doubt.
/// Guards d7efb28, 2026-11-23.
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

/// `--strict` sent nothing, and yet what the sheet said of a row in doubt took effect.
/// Guards d7efb28, 2026-11-23.
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
    let sheet = scene
        .ferry("import list.csv --no-touch --json")
        .exits(6)
        .sheet();
    assert_eq!(sheet.cell(2, "_status"), "unknown");
    assert_eq!(scene.crm.customer_count(), 5);
}

/// A row that was invalid because of its key came back in the unchanged result sheet, and was added: its earlier half was
/// skipped there, and its key forgotten.
/// Guards d7efb28, 2026-11-23.
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
            .ferry(&format!("import {source} --key 手机 --json"))
            .exits(4)
            .sheet();
        assert_eq!(sheet.column("_status"), [done, done, "invalid"]);
        assert_eq!(scene.crm.customer_count(), 2);
    }
}

/// A result sheet was written while its job had stopped, and its unsent rows were edited; the job went on meanwhile and
/// added them as they were: the sheet added them once more.
/// Guards 95b3407, 2026-11-23.
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
    let second = scene.ferry("import mended.csv --json").exits(9).sheet();
    assert_eq!(second.cell(3, "_error_code"), "E427");
    assert_eq!(second.cell(3, "_id"), own(&scene, &sheet, 3));
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}

/// The same, and the job's own call was lost: what may be stored was sent again with the edited cells.
/// Guards 95b3407, 2026-11-23.
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
    let second = scene
        .ferry("import mended.csv --no-touch --json")
        .exits(6)
        .sheet();
    assert_eq!(second.cell(3, "_status"), "unknown");
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}

/// The same as with a row that was edited in an older sheet, and the folder of its job is gone: the ledger knows it still.
/// Guards 21b2dc8, 2026-11-23.
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
    let second = scene.ferry("import mended.csv --json").exits(9).sheet();
    assert_eq!(second.cell(3, "_id"), own(&scene, &sheet, 3));
    assert_eq!((scene.adds(), scene.crm.customer_count()), (4, 4));
}

/// A row in doubt was sent from a sheet whose `_status` somebody had emptied. In every older sheet it stayed in doubt
/// for good.
/// Guards 95b3407, 2026-11-23.
#[test]
fn an_older_sheet_learns_that_a_later_job_has_settled_its_row() {
    let scene = Scene::new();
    let mut sheet = last_row_in_doubt(&scene);
    sheet.set(9, "_status", "");
    scene.save("mended.csv", &sheet);
    let mended = scene.ferry("import mended.csv --json").exits(0).sheet();
    let second = scene.ferry("import first.csv --json").exits(9).sheet();
    assert_eq!(second.cell(9, "_error_code"), "E427");
    assert_eq!(second.cell(9, "_id"), mended.cell(9, "_id"));
    assert_eq!(scene.crm.customer_count(), 10);
}

/// Of a row in doubt the `_status` was emptied and a cell edited. While the import of that sheet was still at rows
/// above, the row's own job proved that it was not stored and sent it: the import sent it as well.
/// Guards 9e22d2d, 2026-11-23.
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
