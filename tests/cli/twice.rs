//! Nothing is added twice: appended, re-saved, reordered and repeated files.

use crate::support::{Scene, Table, named};

fn equal_rows(count: usize) -> Table {
    let mut table = Table::of(&["客户名称", "手机"], &[]);
    table.rows = vec![vec!["双胞胎".to_owned(), "13800000000".to_owned()]; count];
    table
}

#[test]
fn an_appended_workbook_adds_only_its_new_rows() {
    for name in ["list.xlsx", "list.csv"] {
        let scene = Scene::new();
        let (first, longer) = (named(40), named(45));
        scene.save(name, &first);
        scene.ferry(&format!("import {name}")).exits(0);
        scene.save(name, &longer);
        let sheet = scene
            .ferry(&format!("import {name} --json"))
            .exits(0)
            .sheet();
        assert_eq!((sheet.count("ok"), sheet.count("skipped")), (5, 40));
        assert_eq!((scene.adds(), scene.crm.customer_count()), (45, 45));
        assert!(sheet.column("_id").iter().all(|id| !id.is_empty()));
    }
}

#[test]
fn copies_in_another_dress_add_nothing() {
    let scene = Scene::new();
    let (table, _) = crate::support::people(20);
    scene.save("list.csv", &table);
    scene.ferry("import list.csv").exits(0);
    scene.save("copy.csv", &table);
    scene.save("mirrored.csv", &table.mirrored());
    scene.save("list.xlsx", &table);
    let mut renamed = table.clone();
    "customerName".clone_into(&mut renamed.headers[0]);
    scene.save("renamed.xlsx", &renamed);
    for name in [
        "list.csv",
        "copy.csv",
        "mirrored.csv",
        "list.xlsx",
        "renamed.xlsx",
    ] {
        let sheet = scene
            .ferry(&format!("import {name} --json"))
            .exits(9)
            .sheet();
        assert_eq!(sheet.count("skipped"), 20, "{name}");
    }
    assert_eq!(scene.adds(), 20);
}

#[test]
fn again_adds_again() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv").exits(0);
    scene.ferry("import list.csv --again").exits(0);
    assert_eq!(scene.crm.customer_count(), 6);
}

#[test]
fn twins_are_counted() {
    let scene = Scene::new();
    scene.save("list.csv", &equal_rows(2));
    scene.ferry("import list.csv").exits(0);
    assert_eq!(scene.crm.customer_count(), 2);

    let sheet = scene.ferry("import list.csv --json").exits(9).sheet();
    let ids = sheet.column("_id");
    assert_ne!(ids[0], ids[1]);

    scene.save("list.csv", &equal_rows(3));
    let sheet = scene.ferry("import list.csv --json").exits(0).sheet();
    assert_eq!(sheet.column("_status"), ["skipped", "skipped", "ok"]);
    assert_eq!(scene.crm.customer_count(), 3);
}

#[test]
fn another_account_adds_its_own() {
    let (one, other) = (Scene::new(), Scene::new());
    one.save("list.csv", &named(3));
    one.ferry("import list.csv").exits(0);
    let mut command = one.command("import list.csv");
    command.env("FERRY_BASE_URL", other.crm.base_url());
    crate::support::Output::of(command).exits(0);
    assert_eq!(other.crm.customer_count(), 3);
}

#[test]
fn two_imports_of_copies_at_once_add_each_row_once() {
    let scene = Scene::new();
    scene.save("one.csv", &named(60));
    scene.save("two.csv", &named(60).mirrored());
    let one = scene.start("import one.csv -o r1.csv --rate 200/s");
    let two = scene.start("import two.csv -o r2.csv --rate 200/s");
    let (one, two) = (one.wait(), two.wait());
    assert!(scene.names().values().all(|count| *count == 1));
    assert_eq!(scene.crm.customer_count(), 60);
    let mut added = 0;
    for (run, name) in [(one, "r1.csv"), (two, "r2.csv")] {
        let sheet = Table::read(&scene.path(name));
        let (ok, unknown) = (sheet.count("ok"), sheet.count("unknown"));
        assert_eq!(ok + unknown + sheet.count("skipped"), 60, "{run:?}");
        added += ok;
        // A row that the other has on its way when this one ends is in doubt for this one. Who came second with every row
        // had nothing to do.
        let code = match (ok, unknown) {
            (_, 1..) => 6,
            (0, 0) => 9,
            _ => 0,
        };
        run.exits(code);
    }
    assert_eq!(added, 60);
    scene.ferry("import one.csv").exits(9);
    scene.ferry("import two.csv").exits(9);
    assert_eq!(scene.crm.customer_count(), 60);
}
