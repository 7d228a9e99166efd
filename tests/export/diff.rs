//! `ferry diff`: two files, no network.

use super::{fill, old};
use crate::support::{Scene, Table};

#[test]
fn two_exports_are_compared_whatever_their_format_and_columns() {
    let scene = Scene::new();
    let stored = fill(&scene, 30);
    scene.ferry("export -o old.xlsx").exits(0);
    scene.ferry("export -o same.csv").exits(0);
    let calls = scene.crm.counters().calls;
    let same = scene.ferry("diff old.xlsx same.csv").exits(0);
    same.prints("0 added, 0 changed, 0 gone, 30 unchanged");
    let mut changed = old(3);
    changed.insert("_id".to_owned(), stored[2].clone().into());
    changed.insert("text_k2ad_1687316401122".to_owned(), "NEU".into());
    scene.crm.insert(changed);
    scene.crm.remove(&stored[5]);
    scene.crm.insert(old(31));
    scene.ferry("export -o new.csv --headers key").exits(0);
    // Headers are other words for the same fields.
    let output = scene
        .ferry("diff old.xlsx new.csv -o changes.xlsx")
        .exits(4);
    output
        .prints("1 added, 1 changed, 1 gone, 28 unchanged")
        .prints("text_k2ad_1687316401122: 00000003 → NEU");
    let sheet = Table::read(&scene.path("changes.xlsx"));
    let mut kinds = sheet.column("change");
    kinds.sort_unstable();
    assert_eq!(kinds, ["added", "changed", "gone"]);
    let json = scene.ferry("diff old.xlsx new.csv --json").exits(4).json();
    assert_eq!(
        (&json["added"], &json["gone"], &json["exit"]),
        (&1.into(), &1.into(), &4.into())
    );
    // A field that only one file has is said, and is no change.
    scene.ferry("export -o few.csv --fields 客户名称").exits(0);
    let output = scene.ferry("diff new.csv few.csv").exits(0);
    output.prints("only the older file has these columns");
    assert!(scene.crm.counters().calls > calls);
    let before = scene.crm.counters().calls;
    scene
        .ferry("diff old.xlsx new.csv --lang zh")
        .exits(4)
        .prints("本次未查到");
    assert_eq!(scene.crm.counters().calls, before, "no network");
}

#[test]
fn files_that_are_no_exports_are_refused() {
    let scene = Scene::new();
    scene.save("list.csv", &Table::of(&["客户名称"], &[&["甲"]]));
    scene.write("empty.xlsx", "");
    scene
        .ferry("diff list.csv list.csv")
        .exits(3)
        .says("[E631]");
    scene.ferry("diff empty.xlsx list.csv").exits(3);
    scene
        .ferry("diff nowhere.csv list.csv")
        .exits(3)
        .says("[E601]");
}
