//! Rows of equal content: twins, and copies that somebody made in a result sheet.

use super::{bare, import_others, import_with, is_add, own, unsearchable};
use crate::support::{FaultKind, Scene, Table, named};

/// Of twins, one was proven not to be stored. Where its row stood above the others in the result sheet, the first of
/// those was taken for it, and it was skipped: the customer was lost.
/// Guards d7efb28, 2026-11-23.
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
/// Guards d7efb28, 2026-11-23.
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

/// A new row stood above an equal one that was done. It was taken for that one, and both were skipped: the customer was
/// lost.
/// Guards 47c9e94, 2026-11-23.
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

/// A row that is done was copied within its result sheet, edited, and its `_id` and `_status` emptied: it is another one.
/// Guards 9e22d2d, 2026-11-23.
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
/// Guards 9103da1, 2026-11-23.
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
    let second = scene.ferry("import longer.csv --json").exits(0).sheet();
    assert_eq!(second.cell(2, "_error_code"), "E427");
    assert_eq!(second.cell(5, "_status"), "ok");
    scene.ferry("import list.csv").exits(9);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (6, 6));
}
