//! `ferry plan` and `ferry apply`: what is shown is what is done, and nothing else.

use serde_json::json;

use super::{all, content, customer, fill, sheet, without_ids};
use crate::support::{Endpoint, Scene, Table};

/// 400 stored customers, and a sheet of 450 of which 50 are new and 2 changed.
fn upsert(scene: &Scene) -> Vec<String> {
    let ids = fill(scene, 1..=400);
    let mut table = sheet(1..=450);
    table.set(9, "邮箱", "new10@example.com");
    table.set(19, "客户编号", "X-20");
    scene.save("customers.xlsx", &table);
    ids
}

#[test]
fn an_upsert_is_shown_at_the_price_of_the_list_and_done_as_shown() {
    let scene = Scene::new();
    let ids = upsert(&scene);
    let before = content(&scene);
    scene.crm.reset_counters();
    let plan = scene
        .ferry("plan customers.xlsx --key 手机 --json")
        .exits(0);
    let said = plan.json();
    assert_eq!(
        (&said["added"], &said["updated"], &said["unchanged"]),
        (&json!(50), &json!(2), &json!(398)),
        "{said}"
    );
    assert_eq!(
        (&said["command"], &said["pending"]),
        (&json!("plan"), &json!(0))
    );
    let counters = scene.crm.counters();
    assert!(counters.calls <= 25, "{} calls", counters.calls);
    assert_eq!((counters.stored, counters.updated), (0, 0));
    assert_eq!(content(&scene), before);

    scene.crm.reset_counters();
    let applied = scene.ferry("apply --json").exits(0).json();
    assert_eq!(
        (
            &applied["added"],
            &applied["updated"],
            &applied["unchanged"],
            &applied["command"]
        ),
        (&json!(50), &json!(2), &json!(398), &json!("apply")),
        "{applied}"
    );
    let counters = scene.crm.counters();
    let writes = counters.calls_to(Endpoint::Add) + counters.calls_to(Endpoint::Update);
    assert_eq!(writes, 52);
    assert_eq!(scene.stored().len(), 450);
    let tenth = all(&scene)
        .into_iter()
        .find(|one| one["_id"] == ids[9].as_str());
    // A key match never takes a value away.
    let emails = &tenth.unwrap()["email"];
    assert_eq!(
        emails,
        &json!([{"value": "c10@example.com"}, {"value": "new10@example.com"}])
    );

    let job = scene.job();
    let verified = scene.ferry(&format!("verify {job} --json")).exits(0).json();
    assert_eq!(
        (&verified["rows"], &verified["failed"]),
        (&json!(52), &json!(0))
    );
    let undone = scene
        .ferry(&format!("undo {job} --yes --json"))
        .exits(0)
        .json();
    assert_eq!(
        (&undone["deleted"], &undone["restored"]),
        (&json!(50), &json!(2))
    );
    assert_eq!(content(&scene), before, "field for field");
}

/// How many columns of a workbook's first sheet stay in view.
fn columns_in_view(path: &std::path::Path) -> usize {
    let file = std::fs::File::open(path).expect("a file");
    let mut book = zip::ZipArchive::new(file).expect("a workbook");
    let mut part = book.by_name("xl/worksheets/sheet1.xml").expect("a sheet");
    let mut text = String::new();
    std::io::Read::read_to_string(&mut part, &mut text).expect("XML");
    let split = text.split("xSplit=\"").nth(1);
    let split = split.and_then(|rest| rest.split('"').next());
    split.map_or(0, |number| number.parse().expect("a number"))
}

/// Of a preview of updates and of a result sheet with long tips the customer's name stays in view.
#[test]
fn the_name_stays_in_view_beside_changes_and_tips() {
    let scene = Scene::new();
    let table = |phone: &str, source: &str| {
        let name = "杭州某某信息技术有限公司";
        let header = ["客户名称", "手机", "客户来源"];
        Table::of(
            &header,
            &[&[name, phone, ""], &["第二家公司", "13800138002", source]],
        )
    };
    scene.save("a.csv", &table("13800138001", ""));
    scene.ferry("import a.csv").exits(0);
    scene.save("b.csv", &table("13900139001", "百度推广"));
    scene.ferry("plan b.csv --key 客户名称 -o p.xlsx").exits(4);
    assert_eq!(columns_in_view(&scene.path("p.xlsx")), 6);
    scene
        .ferry("import b.csv --key 客户名称 -o r.xlsx")
        .exits(4);
    assert_eq!(columns_in_view(&scene.path("r.xlsx")), 5);
}

/// A sheet of ids alone names its customers as they are stored.
#[test]
fn changes_of_a_sheet_without_names_name_the_customers() {
    let scene = Scene::new();
    let first = Table::of(&["客户名称", "手机"], &[&["甲公司", "13800138001"]]);
    scene.save("a.csv", &first);
    scene.ferry("import a.csv").exits(0);
    let id = scene.id_of("甲公司");
    let second = Table::of(&["_id", "手机"], &[&[&id, "13900139001"]]);
    scene.save("b.csv", &second);
    scene
        .ferry("plan b.csv")
        .exits(0)
        .says("source row 2, 甲公司: ");
}

/// A long text is cut on the terminal where it differs, of a plan and of a comparison; the sheets have it whole.
#[test]
fn long_values_are_cut_on_the_terminal_alone() {
    let scene = Scene::new();
    let memo = |end: &str| "备".repeat(3_000) + end;
    let table = |end: &str| Table::of(&["客户名称", "备注"], &[&["甲", &memo(end)]]);
    scene.save("a.csv", &table("一"));
    scene.ferry("import a.csv").exits(0);
    scene.ferry("export -o old.xlsx").exits(0);
    scene.save("b.csv", &table("二"));
    let plan = scene
        .ferry("plan b.csv --key 客户名称 -o p.xlsx")
        .exits(0)
        .says("…备备备备备备备备备备一 → …备备备备备备备备备备二");
    assert!(plan.stderr.chars().count() < 1_500, "{}", plan.stderr);
    let preview = Table::read(&scene.path("p.xlsx"));
    assert_eq!(
        preview.cell(0, "备注"),
        format!("{} → {}", memo("一"), memo("二"))
    );
    scene.ferry("import b.csv --key 客户名称").exits(0);
    scene.ferry("export -o new.xlsx").exits(0);
    let diff = scene.ferry("diff old.xlsx new.xlsx").exits(4);
    let said = format!("{}{}", diff.stdout, diff.stderr);
    assert!(said.contains("…备备备备备备备备备备一 → …"), "{said}");
    assert!(said.chars().count() < 1_500, "{said}");
}

/// A list that changes behind its first value has changed: the cell shows the whole list, old and new, in the preview of
/// an import and in that of its undo.
#[test]
fn the_previews_mark_what_changes_at_any_position_of_a_list() {
    let scene = Scene::new();
    let first = Table::of(
        &["客户编号", "客户名称", "手机", "手机.备注"],
        &[
            &["1", "甲", "13800138001", ""],
            &["2", "乙", "13800138002", ""],
            &["3", "丙", "13800138003", ""],
        ],
    );
    scene.save("a.xlsx", &first);
    scene.ferry("import a.xlsx").exits(0);
    // Two numbers in one cell; and cells of their own for a further number and a memo.
    let one_cell = Table::of(
        &["客户编号", "客户名称", "手机"],
        &[&["1", "甲", "13800138001；13900139001"]],
    );
    scene.save("b.xlsx", &one_cell);
    let line = "b.xlsx --key 客户编号";
    scene.ferry(&format!("plan {line} -o p.xlsx")).exits(0);
    let preview = Table::read(&scene.path("p.xlsx"));
    let whole = "13800138001 → 13800138001；13900139001";
    assert_eq!(preview.column("手机"), [whole]);
    let id = scene.id_of("乙");
    let cells = Table::of(
        &["_id", "手机", "手机2", "手机.备注"],
        &[&[&id, "13800138002", "13900139002", "张三"]],
    );
    scene.save("c.xlsx", &cells);
    scene.ferry("plan c.xlsx -o q.xlsx").exits(0);
    let preview = Table::read(&scene.path("q.xlsx"));
    assert_eq!(
        ["手机", "手机2", "手机.备注"].map(|header| preview.cell(0, header)),
        ["13800138002", "(blank) → 13900139002", "(blank) → 张三"]
    );
    let job = scene
        .ferry(&format!("import {line} --json"))
        .exits(0)
        .json();
    let job = job["job"].as_str().expect("a job");
    scene
        .ferry(&format!("undo {job} --dry-run -o u.xlsx"))
        .exits(0);
    let undo = Table::read(&scene.path("u.xlsx"));
    let back = "13800138001；13900139001 → 13800138001";
    assert_eq!(undo.column("手机"), [back]);
}

#[test]
fn the_preview_shows_old_and_new_and_is_no_source() {
    let scene = Scene::new();
    upsert(&scene);
    let plan = scene
        .ferry("plan customers.xlsx --key 手机 -o preview.xlsx")
        .exits(0);
    let plan = plan
        .says("row 11")
        .says("邮箱: c10@example.com → c10@example.com；new10@example.com")
        .says("客户编号: 00000020 → X-20")
        .says("50 to add, 2 to update, 398 unchanged");
    let job = scene.job();
    plan.says(&format!("ferry apply {job}"));
    let preview = Table::read(&scene.path("preview.xlsx"));
    assert_eq!(preview.rows.len(), 450);
    // Changes come first, then what is added; what stays as it is comes last.
    assert_eq!(
        (preview.cell(0, "_row"), preview.cell(1, "_row")),
        ("11", "21")
    );
    assert_eq!(preview.cell(1, "客户编号"), "00000020 → X-20");
    assert_eq!(preview.cell(1, "_changes"), "客户编号: 00000020 → X-20");
    assert_eq!(
        (preview.cell(1, "_status"), preview.cell(1, "_action")),
        ("pending", "update")
    );
    let actions = preview.column("_action");
    assert!(actions[2..52].iter().all(|action| *action == "add"));
    assert!(actions[52..].iter().all(|action| *action == "none"));
    assert_eq!(
        (preview.cell(52, "_status"), preview.cell(52, "_row")),
        ("unchanged", "2")
    );
    scene
        .ferry("import preview.xlsx")
        .exits(3)
        .says("E327")
        .says(&job);
}

#[test]
fn what_changed_since_the_plan_is_said_and_left_alone() {
    // By one look each, and by the list.
    for more in [0, 30] {
        let scene = Scene::new();
        let ids = fill(&scene, 1..=900);
        let mut table = sheet((1..=3).chain([1900, 1901]).chain(2001..=2000 + more));
        for row in 0..3 {
            table.set(row, "客户编号", "X");
        }
        scene.save("customers.xlsx", &table);
        scene.ferry("plan customers.xlsx --key 邮箱").exits(0);
        // Somebody changes a planned field of one, another field of the next, and adds one of the new.
        let mut changed = customer(1);
        changed.insert("_id".into(), json!(ids[0]));
        changed.insert("text_k2ad_1687316401122".into(), json!("Y"));
        scene.crm.insert(changed);
        let mut other = customer(2);
        other.insert("_id".into(), json!(ids[1]));
        other.insert("customerName".into(), json!("改名"));
        scene.crm.insert(other);
        scene.crm.insert(customer(1900));
        let stored = scene.stored().len();
        scene.crm.reset_counters();
        scene
            .ferry("apply -o result.csv")
            .exits(4)
            .says("E530")
            .says("E531");
        let result = Table::read(&scene.path("result.csv"));
        assert_eq!(result.cell(0, "_status"), "invalid");
        assert_eq!(result.cell(0, "_error_code"), "E530");
        // The cells say the same of the second, but for its name, which the plan did not change.
        let statuses = result.column("_status");
        assert_eq!(statuses[1..5], ["ok", "ok", "invalid", "ok"]);
        let finds = scene.crm.counters().calls_to(Endpoint::Find);
        assert_eq!(finds, if more == 0 { 3 } else { 0 });
        let of = |id: &str| {
            all(&scene)
                .into_iter()
                .find(|one| one["_id"] == id)
                .unwrap()
        };
        assert_eq!(of(&ids[0])["text_k2ad_1687316401122"], "Y");
        assert_eq!(of(&ids[1])["text_k2ad_1687316401122"], "X");
        assert_eq!(of(&ids[1])["customerName"], "改名");
        assert_eq!(scene.stored().len() - stored, more + 1);
        assert_eq!(scene.names()["客户 1900"], 1, "not doubled");
    }
}

#[test]
fn a_plan_waits_is_listed_and_is_applied_once() {
    let scene = Scene::new();
    upsert(&scene);
    scene.ferry("apply").exits(9).says("no plan");
    scene.ferry("plan customers.xlsx --key 手机").exits(0);
    let job = scene.job();
    scene.ferry("jobs").exits(0).prints("planned");
    scene
        .ferry(&format!("jobs {job}"))
        .exits(0)
        .prints(&format!("ferry apply {job}"));
    scene.ferry("resume").exits(9);
    scene.ferry(&format!("resume {job}")).exits(9).says("E634");
    // A plan sends nothing, so a second one may be made.
    scene
        .ferry(&format!("apply {job} --limit 5 --json"))
        .exits(5);
    scene
        .ferry(&format!("apply {job}"))
        .exits(9)
        .says("ferry resume");
    scene.ferry("resume --json").exits(0);
    scene.ferry(&format!("apply {job}")).exits(9);
    assert_eq!(scene.stored().len(), 450);
}

#[test]
fn refresh_decides_anew() {
    let scene = Scene::new();
    upsert(&scene);
    scene.ferry("plan customers.xlsx --key 手机").exits(0);
    fill(&scene, 401..=420);
    let applied = scene.ferry("apply --refresh --json").exits(0).json();
    assert_eq!(
        (
            &applied["added"],
            &applied["updated"],
            &applied["unchanged"]
        ),
        (&json!(30), &json!(2), &json!(418)),
        "{applied}"
    );
}

/// Nothing was written yet: the folder goes, and the plan starts afresh.
#[test]
fn killed_while_it_is_planned_it_leaves_nothing() {
    for (endpoint, number) in [
        (Endpoint::Fields, 1),
        (Endpoint::List, 1),
        (Endpoint::List, 3),
    ] {
        let scene = Scene::new();
        upsert(&scene);
        let before = content(&scene);
        scene.kill_at("plan customers.xlsx --key 手机", endpoint, number, None);
        scene.ferry("apply").exits(9);
        scene.ferry("resume").exits(9);
        assert_eq!(content(&scene), before);
        scene.ferry("plan customers.xlsx --key 手机").exits(0);
        assert_eq!(scene.jobs().len(), 1, "killed at {endpoint:?} {number}");
        scene.ferry("apply").exits(0);
        assert_eq!(scene.stored().len(), 450);
    }
}

#[test]
fn killed_while_it_is_applied_it_ends_as_if_it_had_not_been() {
    let undisturbed = Scene::new();
    upsert(&undisturbed);
    undisturbed
        .ferry("import customers.xlsx --key 手机")
        .exits(0);
    let wanted = without_ids(&undisturbed);
    // Few rows leave at a time, so later ones prove what became of those that were in doubt.
    for (endpoint, number) in [
        (Endpoint::Update, 2),
        (Endpoint::Add, 1),
        (Endpoint::Add, 15),
    ] {
        let scene = Scene::new();
        upsert(&scene);
        scene.ferry("plan customers.xlsx --key 手机").exits(0);
        scene.kill_at("apply --rate 40/s", endpoint, number, None);
        scene.ferry("resume --settle 1s").exits(0);
        assert_eq!(
            without_ids(&scene),
            wanted,
            "killed at {endpoint:?} {number}"
        );
    }
}
