//! A draft in two windows: what one of them does while the other waits is neither lost nor taken back.

use super::wizard::{apply_of, draft_of, go_on, send, upload};
use crate::support::{Endpoint, Held, PageClient, Scene, Screen, Table, form_values, named};

/// Takes a file with one wrong row to its check. Returns the base of the draft's paths.
fn checked(scene: &Scene, page: &PageClient, name: &str) -> String {
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[&["甲公司", "官网"], &["乙公司", "网官"]],
    );
    let bytes = std::fs::read(scene.save(name, &table)).expect("the workbook");
    let file = upload(page, name, &bytes);
    let draft = draft_of(&file);
    let columns = go_on(page, &file, "", &[]);
    let action = format!("{draft}/columns");
    let columns = send(page, &columns, &action, &[("go", "all")]);
    go_on(page, &columns, "/values", &[]).shows("1 row is wrong");
    draft
}

/// Holds every further call for the fields of the account.
fn held_fields(scene: &Scene) -> Held {
    let next = scene.crm.counters().calls_to(Endpoint::Fields) + 1;
    scene.hold(Endpoint::Fields, next)
}

fn mend(page: &PageClient, draft: &str, text: &str) -> Screen {
    let cell = [
        ("sheet", "0"),
        ("row", "3"),
        ("column", "1"),
        ("text", text),
        ("query", "code=&text="),
    ];
    page.post(&format!("{draft}/mend"), &cell)
}

#[test]
fn a_cell_that_is_mended_while_rows_are_checked_or_planned_stays_mended() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let draft = checked(&scene, &page, "list.xlsx");
    for step in ["check", "plan"] {
        let held = held_fields(&scene);
        let work = page
            .post(&format!("{draft}/{step}"), &[])
            .shows("data-live=");
        held.wait_for(1);
        let text = if step == "check" { "百度" } else { "官网" };
        mend(&page, &draft, text).shows("1 cell is mended");
        held.release();
        // What was found out without the cell is not kept, and says so.
        page.wait(work).shows("was changed meanwhile");
        page.get(&format!("{draft}/check"))
            .shows("1 cell is mended")
            .shows(text);
        page.get(&format!("{draft}/preview")).lacks("to add");
        assert!(scene.jobs().is_empty());
    }
    page.wait(page.post(&format!("{draft}/check"), &[]))
        .shows("2 rows are right");
    page.wait(page.post(&format!("{draft}/plan"), &[]))
        .shows("2 to add");
}

#[test]
fn columns_that_are_changed_while_rows_are_checked_leave_no_check_of_the_old_ones() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let draft = checked(&scene, &page, "list.xlsx");
    let columns = page.get(&format!("{draft}/columns"));
    let held = held_fields(&scene);
    let work = page.post(&format!("{draft}/check"), &[]);
    held.wait_for(1);
    let action = format!("{draft}/columns");
    send(&page, &columns, &action, &[("go", "save"), ("field.1", "")]);
    held.release();
    page.wait(work).shows("was changed meanwhile");
    page.get(&format!("{draft}/check")).shows("not checked yet");
}

#[test]
fn a_button_that_is_pressed_three_times_makes_one_plan_and_one_export() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let draft = checked(&scene, &page, "list.xlsx");
    page.get("/export");
    let export = [("name", "all"), ("format", "csv")];
    for (action, fields) in [
        (format!("{draft}/plan"), &[][..]),
        ("/export".to_owned(), &export),
    ] {
        let held = held_fields(&scene);
        let before = scene.jobs().len();
        let works: Vec<String> = std::thread::scope(|threads| {
            let press = || threads.spawn(|| page.post(&action, fields).path);
            let presses = [press(), press(), press()];
            let ended = presses.map(|press| press.join().expect("an answer"));
            ended.into()
        });
        assert!(works.iter().all(|path| *path == works[0]), "{works:?}");
        held.release();
        page.wait(page.get(&works[0]));
        assert_eq!(scene.jobs().len(), before + 1, "{action}");
    }
}

#[test]
fn an_import_that_waits_for_its_turn_is_neither_changed_nor_thrown_away() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let draft = checked(&scene, &page, "list.xlsx");
    let preview = page.wait(page.post(&format!("{draft}/plan"), &[]));
    scene.save("other.csv", &named(12));
    scene.kill_at("import other.csv", Endpoint::Add, 3, None);
    let other = scene.jobs().into_iter().find(|job| job.contains("other"));
    let other = format!("/job/{}", other.expect("a job"));
    let held = scene.hold(Endpoint::Add, scene.adds() + 1);
    page.post(&format!("{other}/resume"), &[]);
    held.wait_for(1);
    let apply = apply_of(&preview);
    let shown = form_values(&preview.text, &apply)["shown"].clone();
    page.post(&apply, &[("shown", &shown)]).shows("Waits until");
    for action in ["mend", "discard", "plan", "check"] {
        let fields = [("sheet", "0"), ("row", "3"), ("column", "1"), ("text", "x")];
        let late = page.post(&format!("{draft}/{action}"), &fields);
        assert_eq!(late.path, format!("{draft}/preview"), "{action}");
        late.shows("was begun");
    }
    page.get("/import").lacks("list.xlsx");
    held.release();
    page.wait(page.get(apply.trim_end_matches("/apply")))
        .shows("1 added");
    page.wait(page.get(&other)).shows("Everything is done.");
    assert_eq!(scene.names().len(), 13);
}
