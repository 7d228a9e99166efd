//! The result sheet as the next input: what is done is left alone, what was mended is sent, once.

use crate::support::{Endpoint, Scene, Table};

/// Imports ten rows of which two are wrong; returns the result sheet.
fn first_run(scene: &Scene, result: &str) -> Table {
    let mut table = Table::of(&["客户名称", "手机", "客户级别"], &[]);
    for number in 1..=10 {
        let level = match number {
            3 => "E类",
            7 => "特级",
            _ => "A类",
        };
        table.rows.push(vec![
            format!("客户 {number}"),
            format!("1380000{number:04}"),
            level.to_owned(),
        ]);
    }
    scene.save("list.csv", &table);
    let run = scene
        .ferry(&format!("import list.csv -o {result} --json"))
        .exits(4);
    let sheet = run.sheet();
    assert_eq!((sheet.count("ok"), sheet.count("invalid")), (8, 2));
    assert_eq!(scene.adds(), 8);
    sheet
}

fn mended(sheet: &Table) -> Table {
    let mut mended = sheet.clone();
    mended.set(2, "客户级别", "B类");
    mended.set(6, "客户级别", "C类");
    mended
}

#[test]
fn only_mended_rows_are_sent_and_the_chain_ends() {
    for (first, second, third) in [
        ("r1.csv", "mended.csv", "r2.csv"),
        ("r1.xlsx", "mended.xlsx", "r2.xlsx"),
    ] {
        let scene = Scene::new();
        let sheet = first_run(&scene, first);
        scene.save(second, &mended(&sheet));
        let run = scene
            .ferry(&format!("import {second} -o {third} --json"))
            .exits(0);
        let answer = run.sheet();
        assert_eq!((answer.count("ok"), answer.count("skipped")), (2, 8));
        assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
        // Skipped rows keep the id of the customer they are about.
        let ids = answer.column("_id");
        assert!(ids.iter().all(|id| id.len() == 19), "{ids:?}");
        assert_eq!(
            scene.crm.customer(ids[2]).unwrap()["customerName"],
            "客户 3"
        );

        // The second job's sheet again: nothing is left.
        let last = scene
            .ferry(&format!("import {third} -o r3.csv --json"))
            .exits(9);
        assert_eq!(last.sheet().count("skipped"), 10);
        // The first job's own sheet, after the second settled its rows.
        let run = scene
            .ferry(&format!("import {second} -o r4.csv --json"))
            .exits(9);
        assert_eq!(run.sheet().count("skipped"), 10);
        assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
    }
}

#[test]
fn rows_mended_differently_later_are_not_added_twice() {
    let scene = Scene::new();
    let sheet = first_run(&scene, "r1.csv");
    scene.save("mended.csv", &mended(&sheet));
    scene.ferry("import mended.csv -o r2.csv").exits(0);
    // Somebody mends the same rows of the first sheet in another way.
    let mut other = mended(&sheet);
    other.set(2, "客户级别", "D类");
    scene.save("other.csv", &other);
    let answer = scene
        .ferry("import other.csv -o r3.csv --json")
        .exits(9)
        .sheet();
    assert_eq!(answer.cell(2, "_error_code"), "E427");
    assert_eq!(scene.crm.customer_count(), 10);
}

#[test]
fn the_real_result_workbook_is_an_input_as_it_is() {
    let scene = Scene::new();
    first_run(&scene, "r1.xlsx");
    let answer = scene
        .ferry("import r1.xlsx -o r2.xlsx --json")
        .exits(4)
        .sheet();
    assert_eq!((answer.count("skipped"), answer.count("invalid")), (8, 2));
    assert_eq!(scene.adds(), 8);
}

#[test]
fn a_failed_row_of_a_result_sheet_is_sent_again() {
    let scene = Scene::new();
    let stored = serde_json::json!({"customerName": "旧"});
    let id = scene.crm.insert(stored.as_object().cloned().unwrap());
    scene.save(
        "list.csv",
        &Table::of(&["_id", "客户名称"], &[&[&id, "谁"]]),
    );
    // It goes between the plan and the call, which is refused.
    let hold = scene.hold(Endpoint::Update, 1);
    let running = scene.start("import list.csv -o r1.csv");
    hold.wait_for(1);
    scene.crm.remove(&id);
    hold.release();
    running.wait().exits(4);
    let mut sheet = Table::read(&scene.path("r1.csv"));
    assert_eq!(sheet.cell(0, "_status"), "failed");
    sheet.set(0, "_id", "");
    scene.save("mended.csv", &sheet);
    scene.ferry("import mended.csv -o r2.csv").exits(0);
    assert_eq!(scene.names()["谁"], 1);
    // The first sheet once more: its row was settled by the second job.
    scene.ferry("import mended.csv -o r3.csv").exits(9);
    assert_eq!(scene.crm.customer_count(), 1);
}

#[test]
fn edited_done_rows_are_skipped_with_a_word_unless_asked_for() {
    let scene = Scene::new();
    let mut sheet = first_run(&scene, "r1.csv");
    sheet.set(0, "手机", "13999999999");
    scene.save("edited.csv", &sheet);
    scene
        .ferry("import edited.csv -o r2.csv")
        .exits(4)
        .says("[E430]")
        .says("is skipped (row 2) [E430]");
    assert_eq!(scene.crm.counters().updated, 0);

    let run = scene.ferry("import edited.csv --include-done -o r3.csv --json");
    let run = run.exits(4);
    assert!(!run.stderr.contains("E430"), "{}", run.stderr);
    let answer = run.sheet();
    assert_eq!(answer.cell(0, "_action"), "update");
    let id = scene.id_of("客户 1");
    assert_eq!(answer.cell(0, "_id"), id);
    let mobile = &scene.crm.customer(&id).unwrap()["mobile"];
    assert_eq!(mobile[0]["value"], "13999999999");
    assert_eq!(scene.adds(), 8);
}

/// The names of results do not pile up.
#[test]
fn the_result_of_a_result_is_named_after_the_first_file() {
    let scene = Scene::new();
    scene.save("list.csv", &crate::support::named(2));
    let first = scene.ferry("import list.csv --json").exits(0).result();
    let first = first.file_name().unwrap().to_string_lossy().into_owned();
    let again = scene
        .ferry(&format!("import {first} --include-done --json"))
        .result();
    let again = again.file_name().unwrap().to_string_lossy().into_owned();
    assert!(first.starts_with("list_import_"), "{first}");
    assert!(again.starts_with("list_import_"), "{again}");
    assert_eq!(again.matches("_import_").count(), 1, "{again}");
    assert_ne!(first, again);
}

#[test]
fn the_sheet_of_an_unfinished_job_names_resume() {
    let scene = Scene::new();
    scene.save("list.csv", &crate::support::named(10));
    let run = scene
        .ferry("import list.csv -o r1.csv --limit 4 --json")
        .exits(5);
    assert_eq!(run.sheet().count("pending"), 6);
    scene
        .ferry("import r1.csv -o r2.csv")
        .exits(9)
        .says("ferry resume");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Add), 4);
}

#[test]
fn equal_rows_mended_into_twins_are_both_added_once() {
    let scene = Scene::new();
    let row = ["双胞胎", "13800000000", "E类"].as_slice();
    scene.save(
        "list.csv",
        &Table::of(&["客户名称", "手机", "客户级别"], &[row, row]),
    );
    let mut sheet = scene
        .ferry("import list.csv -o r1.csv --json")
        .exits(4)
        .sheet();
    sheet.set(0, "客户级别", "A类");
    sheet.set(1, "客户级别", "A类");
    scene.save("mended.csv", &sheet);
    scene.ferry("import mended.csv -o r2.csv").exits(0);
    scene.ferry("import mended.csv -o r3.csv").exits(9);
    assert_eq!((scene.adds(), scene.names()["双胞胎"]), (2, 2));
}

#[test]
fn an_update_that_was_refused_is_sent_again_from_its_sheet() {
    let scene = Scene::new();
    let customer = serde_json::json!({"customerName": "老客户"});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    scene.write("list.csv", format!("_id,客户级别\n{id},E类\n"));
    let mut sheet = scene
        .ferry("import list.csv -o r1.csv --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.cell(0, "_id"), id);
    sheet.set(0, "客户级别", "A类");
    scene.save("mended.csv", &sheet);
    let answer = scene
        .ferry("import mended.csv -o r2.csv --json")
        .exits(0)
        .sheet();
    assert_eq!(answer.cell(0, "_action"), "update");
    scene.ferry("import r2.csv -o r3.csv").exits(9);
    assert_eq!((scene.adds(), scene.crm.counters().updated), (0, 1));
}

/// Sheets of several sources carry their sheet's name in `_row`.
#[test]
fn the_sheet_of_a_job_over_several_sheets_comes_back() {
    let scene = Scene::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for title in ["华东", "华南"] {
        let sheet = book.add_worksheet().set_name(title).unwrap();
        Table::of(
            &["客户名称", "客户级别"],
            &[
                &[&format!("{title}甲"), "A类"],
                &[&format!("{title}乙"), "E类"],
            ],
        )
        .fill(sheet);
    }
    book.save(scene.path("regions.xlsx")).unwrap();
    let mut sheet = scene
        .ferry("import regions.xlsx --sheet * -o r1.csv --json")
        .exits(4)
        .sheet();
    assert_eq!(
        sheet.column("_row"),
        ["华东!2", "华东!3", "华南!2", "华南!3"]
    );
    sheet.set(1, "客户级别", "B类");
    sheet.set(3, "客户级别", "B类");
    scene.save("mended.csv", &sheet);
    let answer = scene
        .ferry("import mended.csv -o r2.csv --json")
        .exits(0)
        .sheet();
    assert_eq!((answer.count("ok"), answer.count("skipped")), (2, 2));
    scene.ferry("import mended.csv -o r3.csv").exits(9);
    assert_eq!(scene.crm.customer_count(), 4);
}

/// The sheet says that its rows were added, and an undo has deleted them since: skipping them would lose them.
#[test]
fn rows_that_an_undo_took_away_are_added_again_from_their_sheet() {
    for form in ["csv", "xlsx"] {
        let scene = Scene::new();
        first_run(&scene, &format!("r1.{form}"));
        let job = scene.job();
        scene.ferry(&format!("undo {job} --yes")).exits(0);
        assert_eq!(scene.crm.customer_count(), 0);
        let check = scene.ferry(&format!("check r1.{form} --json")).exits(3);
        assert_eq!(check.json()["added"], 8, "{}", check.stdout);
        let run = scene
            .ferry(&format!("import r1.{form} -o r2.{form} --json"))
            .exits(4)
            .says("8 rows are added again")
            .says("-undo-list) [E438]");
        let sheet = run.sheet();
        assert_eq!((sheet.count("ok"), sheet.count("invalid")), (8, 2));
        assert_eq!(scene.crm.customer_count(), 8);
        let ids = sheet.column("_id");
        let known = |id: &&str| id.is_empty() || scene.crm.customer(id).is_some();
        assert!(ids.iter().all(known), "{ids:?}");
        // Now they are there again, by whichever sheet they come back.
        for again in [format!("import r1.{form}"), format!("import r2.{form}")] {
            let run = scene
                .ferry(&format!("{again} -o r3.{form} --json"))
                .exits(4);
            assert_eq!(run.sheet().count("skipped"), 8, "{again}");
        }
        let run = scene.ferry(&format!("import r1.{form} --again -o r3.{form} --json"));
        assert_eq!(run.exits(4).sheet().count("ok"), 0);
        assert_eq!(scene.crm.customer_count(), 8);
    }
}

/// All rows were done, so that none had to be looked up; what is added again has to be.
#[test]
fn rows_that_an_undo_took_away_are_found_by_their_keys_before_they_are_added_again() {
    let scene = Scene::new();
    scene.write(
        "list.csv",
        "客户名称,手机\n甲,13800000001\n乙,13800000002\n",
    );
    scene.ferry("import list.csv --key 手机 -o r1.csv").exits(0);
    let job = scene.job();
    scene.ferry(&format!("undo {job} --yes")).exits(0);
    scene.write("other.csv", "客户名称,手机\n甲公司,138 0000 0001\n");
    scene.ferry("import other.csv --mode add").exits(0);
    let json = scene.ferry("import r1.csv --json").exits(0).json();
    let counts = ["added", "updated"].map(|name| json[name].as_u64());
    assert_eq!(counts, [Some(1), Some(1)], "{json}");
    assert_eq!(scene.crm.customer_count(), 2);
}

/// Of ten rows two lose their customers to a delete; one of them was mended in the sheet, one has a twin.
#[test]
fn only_the_rows_that_a_delete_took_away_are_added_again() {
    let scene = Scene::new();
    let mut table = Table::of(&["客户名称", "手机"], &[]);
    for name in ["甲", "乙", "乙", "丙"] {
        table
            .rows
            .push(vec![name.to_owned(), "13800000001".to_owned()]);
    }
    scene.save("list.csv", &table);
    let sheet = scene
        .ferry("import list.csv -o r1.csv --json")
        .exits(0)
        .sheet();
    let ids = sheet.column("_id");
    let mut gone = Table::of(&["_id"], &[]);
    gone.rows = vec![vec![ids[0].to_owned()], vec![ids[1].to_owned()]];
    scene.save("gone.csv", &gone);
    let deleted = scene.ferry("delete gone.csv --yes --json").exits(0).json();
    let delete = deleted["job"].as_str().unwrap().to_owned();
    let mut edited = sheet.clone();
    edited.set(0, "手机", "13900000000");
    scene.save("edited.csv", &edited);
    let answer = scene
        .ferry("import edited.csv -o r2.csv --json")
        .exits(0)
        .says("2 rows are added again")
        .sheet();
    assert_eq!(answer.column("_status"), ["ok", "ok", "skipped", "skipped"]);
    assert_eq!(scene.crm.customer_count(), 4);
    // What the delete took away is there again, so its undo adds none of the equal rows.
    let stored = scene.crm.customer_count();
    scene.ferry(&format!("undo {delete} --yes --json")).exits(4);
    assert!(scene.crm.customer_count() <= stored + 1);
}

/// An undo of the delete has brought the customers back under other ids: the sheet adds none of them, edited or not.
#[test]
fn rows_whose_customers_an_undo_brought_back_are_not_added_from_their_sheet() {
    let scene = Scene::new();
    let mut sheet = first_run(&scene, "r1.csv");
    let whole = sheet.clone();
    let ids = whole.column("_id");
    let mut gone = Table::of(&["_id"], &[]);
    gone.rows = ids[..2].iter().map(|id| vec![(*id).to_owned()]).collect();
    scene.save("gone.csv", &gone);
    let deleted = scene.ferry("delete gone.csv --yes --json").exits(0).json();
    let delete = deleted["job"].as_str().unwrap().to_owned();
    scene.ferry(&format!("undo {delete} --yes")).exits(0);
    assert_eq!(scene.crm.customer_count(), 8);
    sheet.set(1, "手机", "13999999999");
    scene.save("edited.csv", &sheet);
    for flags in ["", "--again", "--include-done --mode add"] {
        scene
            .ferry(&format!("import edited.csv {flags} -o r2.csv --json"))
            .exits(4);
        assert_eq!(scene.crm.customer_count(), 8, "{flags}");
    }
}

#[test]
fn what_a_check_set_aside_is_no_customer_when_its_sheet_is_imported() {
    for name in ["c.xlsx", "c.csv"] {
        for all in ["", " --all"] {
            let scene = Scene::new();
            scene.write(
                "list.csv",
                "客户名称,备注\n甲公司,一\n客户名称,备注\n合计,2\n",
            );
            scene
                .ferry(&format!("check list.csv -o {name}{all} --ignore-unmapped"))
                .exits(3);
            scene.ferry(&format!(
                "import {name} --mode add --ignore-unmapped -o r.xlsx"
            ));
            let names = scene.names();
            assert!(names.keys().all(|name| name == "甲公司"), "{names:?}");
        }
    }
}

#[test]
fn a_file_is_the_same_by_every_path_to_it() {
    let scene = Scene::new();
    scene.save("list.csv", &crate::support::named(10));
    scene.ferry("import list.csv --limit 4").exits(5);
    // Appended since, so that its content does not tell.
    scene.save("list.csv", &crate::support::named(12));
    let mut paths = vec!["../{folder}/list.csv"];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(scene.path("list.csv"), scene.path("link.csv")).unwrap();
        paths.push("link.csv");
    }
    if scene.path("LIST.CSV").exists() {
        paths.push("LIST.CSV");
    }
    let folder = scene.path("");
    let folder = folder.file_name().unwrap().to_string_lossy();
    for path in paths {
        let path = path.replace("{folder}", &folder);
        scene
            .ferry(&format!("import {path}"))
            .exits(9)
            .says("ferry resume");
    }
    assert_eq!(scene.adds(), 4);
    scene.save("other.csv", &crate::support::named(2));
    scene.ferry("import other.csv --again").exits(0);
}
