//! The import, from the upload to the customers in the CRM.

use super::wizard::{apply_of, draft_of, filled, go_on, send, upload};
use crate::support::{PageClient, Scene, Table, named, sample};

#[test]
fn the_sample_goes_the_default_way_and_is_sent_once() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let bytes = std::fs::read(sample("customers.xlsx")).expect("the sample");
    let file = upload(&page, "customers.xlsx", &bytes)
        .has_status(200)
        .shows("In which row do the headers stand?")
        .shows("客户名称");
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[])
        .has_status(200)
        .shows("40 rows were read")
        .lacks("role=\"alert\"");
    assert_eq!(columns.path, format!("{draft}/columns"));
    // A date that can be read in two ways is to be looked at.
    let columns = go_on(&page, &columns, "/columns", &[]);
    assert_eq!(columns.path, format!("{draft}/columns"));
    let values = send(
        &page,
        &columns,
        &format!("{draft}/columns"),
        &[("go", "all")],
    );
    assert_eq!(values.path, format!("{draft}/values"), "{}", values.text);
    // The words of the sample that match nothing stay problems of their rows.
    let check = go_on(&page, &values, "/values", &[]);
    assert_eq!(check.path, format!("{draft}/check"), "{}", check.text);
    let check = check.shows("36 rows are right").shows("4 rows are wrong");
    page.get(&format!("{draft}/check?code=E402"))
        .shows("E402")
        .lacks("E411");
    let (name, _) = page.download(&format!("{draft}/problems.xlsx"));
    assert!(name.contains("customers_problems.xlsx"), "{name}");
    assert_eq!(scene.adds(), 0);
    let _ = check;
    let preview = page
        .get(&format!("{draft}/preview"))
        .shows("Make the preview");
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]).has_status(200);
    assert_eq!(scene.adds(), 0, "a preview sends nothing");
    let (name, sheet) = page.download(&format!("{draft}/preview.xlsx"));
    assert!(name.contains("customers_plan.xlsx"), "{name}");
    assert_eq!(&sheet[..2], b"PK");
    let preview = preview.shows("36 to add").shows("4 invalid");
    let apply = apply_of(&preview);
    let done = send(&page, &preview, &apply, &[]);
    assert_eq!(done.path, format!("/job/{}", scene.job()));
    assert_eq!(scene.stored().len(), 36);
    // A second press, in another tab, finds the job.
    let again = send(&page, &preview, &apply, &[]);
    assert_eq!(again.path, done.path);
    assert_eq!((scene.adds(), scene.stored().len()), (36, 36));
    page.get(&format!("{draft}/preview")).shows("was begun");
    page.get("/import").lacks("Begun and not finished");
}

#[test]
fn a_workbook_that_matches_badly_is_mapped_by_hand() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["单位全称", "从哪来", "等第", "无关"],
        &[
            &["甲公司", "官往", "甲等", "x"],
            &["乙公司", "百度", "甲等", "y"],
            &["丙公司", "官往", "B类", "z"],
        ],
    );
    let path = scene.save("odd.xlsx", &table);
    let bytes = std::fs::read(path).expect("the workbook");
    let file = upload(&page, "odd.xlsx", &bytes).has_status(200);
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[("header", "1")]);
    let columns = go_on(&page, &columns, "/columns", &[]);
    assert_eq!(columns.path, format!("{draft}/columns"), "doubts hold it");
    let chosen = [
        ("field.0", "客户名称"),
        ("sure.0", "on"),
        ("field.1", "客户来源"),
        ("sure.1", "on"),
        ("field.2", "客户级别"),
        ("sure.2", "on"),
        ("field.3", ""),
        ("sure.3", "on"),
    ];
    let values = go_on(&page, &columns, "/columns", &chosen);
    assert_eq!(values.path, format!("{draft}/values"), "{}", values.text);
    let values = values.shows("官往").shows("甲等");
    let fields = filled(&values, &format!("{draft}/values"));
    let value_of = |word: &str| {
        let (name, _) = fields
            .iter()
            .find(|(name, value)| name.starts_with("k.") && *value == word)
            .expect(word);
        name.replacen('k', "v", 1)
    };
    // A word that is not decided is a problem of its rows.
    let check = go_on(&page, &values, "/values", &[(&value_of("官往"), "官网")]);
    check.shows("1 row is right").shows("2 rows are wrong");
    let values = page.get(&format!("{draft}/values"));
    let check = go_on(&page, &values, "/values", &[(&value_of("甲等"), "A类")]);
    assert_eq!(check.path, format!("{draft}/check"), "{}", check.text);
    let check = check.shows("3 rows are right").shows("0 rows are wrong");
    // Back and forth loses nothing.
    page.get(&format!("{draft}/columns"))
        .shows("<option value=\"客户来源\" selected>");
    page.get(&format!("{draft}/values"))
        .shows("<option value=\"官网\" selected>");
    page.get("/import").shows("odd.xlsx").shows("Go on");
    let _ = check;
    let (name, text) = page.download(&format!("{draft}/mapping.toml"));
    assert!(name.contains("odd.map.toml"), "{name}");
    let text = String::from_utf8(text).expect("text");
    assert!(text.contains("\"官往\" = \"官网\""), "{text}");
    let (_, book) = page.download(&format!("{draft}/mapping.xlsx"));
    // The terminal takes it.
    scene.write("odd.map.toml", &text);
    scene.write("odd.map.xlsx", &book);
    scene.ferry("check odd.xlsx --map odd.map.toml").exits(0);
    scene.ferry("check odd.xlsx --map odd.map.xlsx").exits(0);
    // A new draft goes on from it.
    let file = upload(&page, "odd.xlsx", &bytes);
    let second = draft_of(&file);
    go_on(&page, &file, "", &[("header", "1")]);
    let columns = page.upload(
        &format!("{second}/mapping"),
        ("mapping", "odd.map.xlsx", &book),
        &[],
    );
    let columns = columns.shows("<option value=\"客户来源\" selected>");
    let values = go_on(&page, &columns, "/columns", &[]);
    let check = go_on(&page, &values, "/values", &[]);
    assert_eq!(check.path, format!("{second}/check"), "{}", check.text);
    let preview = page.get(&format!("{second}/preview"));
    let preview = send(&page, &preview, &format!("{second}/plan"), &[]);
    let preview = preview.shows("3 to add");
    send(&page, &preview, &apply_of(&preview), &[]);
    let stored = scene.stored();
    assert_eq!(stored.len(), 3, "{stored:?}");
    let sources = serde_json::to_string(&stored).expect("JSON");
    assert_eq!(sources.matches("官网").count(), 2, "{sources}");
}

#[test]
fn a_hostile_name_and_a_hostile_workbook_are_texts() {
    const SCRIPT: &str = "<script>alert(1)</script>";
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let cell = "\"><img src=x onerror=alert(1)>";
    let table = Table::of(
        &["客户名称", SCRIPT, "客户来源"],
        &[
            &[SCRIPT, "javascript:alert(1)", cell],
            &[cell, SCRIPT, SCRIPT],
        ],
    );
    let path = scene.save("hostile.xlsx", &table);
    let bytes = std::fs::read(path).expect("the workbook");
    let name = "..%2F..\\..\\CON<script>alert(1)<\\script>.xlsx";
    let file = upload(&page, name, &bytes).has_status(200);
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[("header", "1")]).has_status(200);
    let action = format!("{draft}/columns");
    let fields = [("go", "all"), ("field.1", "备注"), ("field.2", "客户来源")];
    let values = send(&page, &columns, &action, &fields);
    let check = send(
        &page,
        &values,
        &format!("{draft}/values"),
        &[("go", "blank")],
    );
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]);
    let list = page.get("/import");
    for screen in [file, columns, values, check, preview, list] {
        let screen = screen.has_status(200).lacks("<script>alert").lacks("<img");
        assert!(
            !screen.text.contains("href=\"javascript:"),
            "{}",
            screen.path
        );
    }
    // Everything that was written is in the state folder, under names of ferry's own.
    let outside = scene.path("..").join("boot.ini");
    assert!(!outside.exists());
    let folder = scene.state().join("page").join("imports");
    let kept = std::fs::read_dir(folder).expect("drafts").flatten();
    for entry in kept {
        let files = std::fs::read_dir(entry.path().join("file")).expect("a file");
        for file in files.flatten() {
            let name = file.file_name().into_string().expect("text");
            assert!(!name.contains(['/', '\\', '<', '%', ':']), "{name}");
        }
    }
}

#[test]
fn what_is_no_table_is_named_and_not_kept() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let drafts = || {
        let folder = scene.state().join("page").join("imports");
        std::fs::read_dir(folder).map_or(0, |found| found.flatten().count())
    };
    for (name, bytes, code) in [
        ("empty.xlsx", &b""[..], "E6"),
        (
            "page.xlsx",
            b"<!doctype html><html><body>Log in</body></html>",
            "E606",
        ),
        ("list.pdf", b"%PDF-1.7 ...", "E606"),
    ] {
        let screen = upload(&page, name, bytes).has_status(422).shows(code);
        screen.shows(name).lacks("page/imports");
        assert_eq!(drafts(), 0, "{name}");
    }
    let none = page.upload("/import", ("file", "", b""), &[]);
    none.has_status(422).shows("No file was chosen");
    for path in ["/import/../nowhere", "/import/00", "/import/zz/check"] {
        page.get(path).has_status(404);
    }
    let unknown = "0".repeat(32);
    page.get(&format!("/import/{unknown}")).has_status(404);
}

#[test]
fn a_draft_is_thrown_away_with_its_plan() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(&["客户名称"], &[&["甲"], &["乙"]]);
    let bytes = std::fs::read(scene.save("two.xlsx", &table)).expect("the workbook");
    let file = upload(&page, "two.xlsx", &bytes);
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let values = go_on(&page, &columns, "/columns", &[]);
    go_on(&page, &values, "/values", &[]).shows("2 rows are right");
    let preview = page.get(&format!("{draft}/preview"));
    send(&page, &preview, &format!("{draft}/plan"), &[]).shows("2 to add");
    assert_eq!(scene.jobs().len(), 1);
    // A decision that changes throws the plan away.
    let columns = page.get(&format!("{draft}/columns"));
    let action = format!("{draft}/columns");
    send(
        &page,
        &columns,
        &action,
        &[("default.0", "丙"), ("go", "save")],
    );
    assert_eq!(scene.jobs().len(), 0);
    send(
        &page,
        &page.get(&format!("{draft}/preview")),
        &format!("{draft}/plan"),
        &[],
    );
    assert_eq!(scene.jobs().len(), 1);
    page.post(&format!("{draft}/discard"), &[])
        .lacks("two.xlsx");
    assert_eq!(scene.jobs().len(), 0);
    assert_eq!(scene.adds(), 0);
}

#[test]
fn a_template_is_made_and_downloaded() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    page.get("/template").has_status(200).lacks("template.xlsx");
    let made = page.wait(page.post("/template/make", &[]));
    assert_eq!(made.path, "/template");
    let (_, bytes) = page.download("/template/template.xlsx");
    std::fs::write(scene.path("template.xlsx"), bytes).expect("written");
    let table = Table::read(&scene.path("template.xlsx"));
    assert!(
        table
            .headers
            .iter()
            .any(|header| header.starts_with("客户名称"))
    );
}

/// Takes a small table to its preview.
fn previewed(page: &PageClient, scene: &Scene, table: &Table) -> crate::support::Screen {
    let bytes = std::fs::read(scene.save("list.xlsx", table)).expect("the workbook");
    let file = upload(page, "list.xlsx", &bytes).has_status(200);
    let draft = draft_of(&file);
    let columns = go_on(page, &file, "", &[]);
    let action = format!("{draft}/columns");
    let columns = send(page, &columns, &action, &[("go", "all")]);
    go_on(page, &columns, "/values", &[]);
    let preview = page.get(&format!("{draft}/preview"));
    send(page, &preview, &format!("{draft}/plan"), &[])
}

#[test]
fn presses_at_one_moment_from_several_windows_carry_out_one_job() {
    const WINDOWS: usize = 6;
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let preview = previewed(&page, &scene, &named(30)).shows("30 to add");
    let apply = apply_of(&preview);
    let shown = filled(&preview, &apply)["shown"].clone();
    let together = std::sync::Barrier::new(WINDOWS);
    let press = || {
        together.wait();
        let screen = page.post(&apply, &[("shown", &shown)]);
        page.wait(screen)
    };
    let paths: Vec<String> = std::thread::scope(|scope| {
        let windows: Vec<_> = (0..WINDOWS).map(|_| scope.spawn(press)).collect();
        let screens = windows
            .into_iter()
            .map(|window| window.join().expect("a screen"));
        screens.map(|screen| screen.has_status(200).path).collect()
    });
    let job = format!("/job/{}", scene.job());
    assert!(paths.iter().all(|path| *path == job), "{paths:?}");
    page.get(&job)
        .shows("30 added")
        .shows("Everything is done.")
        .lacks("role=\"alert\"");
    assert_eq!(scene.adds(), 30);
    let names = scene.names();
    assert_eq!(names.len(), 30);
    assert!(names.values().all(|count| *count == 1), "{names:?}");
}

#[test]
fn a_protected_account_is_imported_into_only_by_its_name() {
    let scene = Scene::new();
    let url = scene.crm.base_url();
    let profile = format!(
        "[profiles.main]\nbase_url = \"{url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nrate = \"2000/s\"\nprotected = true\n"
    );
    scene.write("ferry.toml", profile);
    let mut command = scene.command("page --no-open --json");
    command
        .env_remove("FERRY_BASE_URL")
        .env_remove("FERRY_APPID");
    let page = PageClient::of(command);
    let preview = previewed(&page, &scene, &named(3)).shows("name=\"profile\"");
    let apply = apply_of(&preview);
    for typed in ["", "mian"] {
        send(&page, &preview, &apply, &[("profile", typed)])
            .has_status(422)
            .shows("main")
            .shows("Nothing was sent");
    }
    assert_eq!(scene.adds(), 0);
    send(&page, &preview, &apply, &[("profile", "main")]).shows("3 added");
    assert_eq!(scene.adds(), 3);
}

#[test]
fn a_form_of_other_columns_is_refused() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "客户来源", "备注"],
        &[
            &["备注", "客户名称", "客户来源"],
            &["其他", "甲公司", "官网"],
        ],
    );
    let bytes = std::fs::read(scene.save("list.xlsx", &table)).expect("the workbook");
    let file = upload(&page, "list.xlsx", &bytes);
    let draft = draft_of(&file);
    let stale = go_on(&page, &file, "", &[]);
    // In another window the row below becomes the header. Its columns stand in another order.
    let other = go_on(&page, &page.get(&draft), "", &[("header", "2")]);
    let action = format!("{draft}/columns");
    send(&page, &stale, &action, &[("go", "save")])
        .has_status(422)
        .shows("This form is of other columns");
    let after = filled(&page.get(&action), &action);
    assert_eq!(after, filled(&other, &action));
    send(&page, &other, &action, &[("go", "save")]).has_status(200);
}

#[test]
fn a_result_sheet_is_greeted_with_its_data_and_done_rows_are_sent_again_where_a_box_says_so() {
    let scene = Scene::new();
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[&["甲公司", "官网"], &["乙公司", "网官"]],
    );
    scene.save("list.xlsx", &table);
    scene
        .ferry("import list.xlsx --yes -o result.xlsx")
        .exits(4);
    let page = PageClient::open(&scene, "");
    let bytes = std::fs::read(scene.path("result.xlsx")).expect("the result");
    let file = upload(&page, "result.xlsx", &bytes);
    let file = file.shows("甲公司").lacks("E306").lacks("role=\"alert\"");
    let draft = draft_of(&file);
    let mend = |row: &str, column: &str, text: &str| {
        let cell = [
            ("sheet", "0"),
            ("row", row),
            ("column", column),
            ("text", text),
        ];
        page.post(&format!("{draft}/mend"), &cell);
    };
    let result = Table::read(&scene.path("result.xlsx"));
    let source = result.headers.iter().position(|its| its == "客户来源");
    let source = source.expect("a column").to_string();
    mend("2", &source, "百度");
    mend("3", &source, "官网");
    page.wait(page.post(&format!("{draft}/check"), &[]));
    let preview = page.wait(page.post(&format!("{draft}/plan"), &[]));
    let preview = preview.shows("1 to add").shows("E430").shows("1 skipped");
    let again = [("include_done", "on")];
    let preview = send(&page, &preview, &format!("{draft}/plan"), &again);
    let preview = preview.shows("1 to add").shows("1 to update");
    let done = send(&page, &preview, &apply_of(&preview), &[]);
    done.shows("1 updated");
}

#[test]
fn what_a_check_and_a_preview_have_said_besides_stays_on_their_screens_and_on_the_jobs() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let bytes = "某某公司名单,\n客户名称,客户来源\n甲公司,官网\n乙公司,无\n";
    let file = upload(&page, "list.csv", bytes.as_bytes());
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let columns = send(
        &page,
        &columns,
        &format!("{draft}/columns"),
        &[("go", "all")],
    );
    let check = go_on(&page, &columns, "/values", &[]);
    let is_said = |text: &str| text.contains("<h2>Remarks</h2>") && text.contains("E311");
    assert!(is_said(&check.text), "{}", check.text);
    let preview = page.wait(page.post(&format!("{draft}/plan"), &[]));
    assert!(is_said(&preview.text), "{}", preview.text);
    let done = send(&page, &preview, &apply_of(&preview), &[]);
    assert!(is_said(&done.text), "{}", done.text);
    // A restart forgets none of it.
    page.running.kill();
    let page = PageClient::open(&scene, "");
    assert!(is_said(&page.get(&done.path).text));
}

#[test]
fn a_trial_that_is_over_says_so_and_goes_on() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let file = upload(
        &page,
        "list.csv",
        "客户名称\n甲公司\n乙公司\n丙公司\n".as_bytes(),
    );
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let values = go_on(&page, &columns, "/columns", &[]);
    let _ = go_on(&page, &values, "/values", &[]);
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]);
    let done = send(&page, &preview, &apply_of(&preview), &[("limit", "1")]);
    assert_eq!(scene.adds(), 1);
    let done = page.get(&done.path).shows("The trial is over");
    let path = done.path.clone();
    // A restart forgets nothing of it, and every screen that shows the job leads on.
    page.running.kill();
    let page = PageClient::open(&scene, "");
    for screen in ["/", &path, &format!("{draft}/preview")] {
        let rest = format!("action=\"{path}/resume\"><button");
        page.get(screen).shows(&rest).shows("Send the rest");
    }
    page.get(&path).shows("The trial is over");
    let done = page.wait(page.post(&format!("{path}/resume"), &[]));
    done.lacks("The trial is over").shows("Everything is done.");
    assert_eq!(scene.adds(), 3);
}

#[test]
fn a_key_is_ticked_and_unticked_at_either_step() {
    let scene = Scene::new();
    scene.save(
        "old.csv",
        &Table::of(&["客户名称", "手机"], &[&["甲公司", "13800000001"]]),
    );
    scene.ferry("import old.csv --mode add").exits(0);
    let page = PageClient::open(&scene, "");
    let list = "客户名称,手机\n甲集团,13800000001\n乙公司,13800000002\n";
    let file = upload(&page, "list.csv", list.as_bytes());
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let values = go_on(&page, &columns, "/columns", &[("key.1", "on")]);
    let _ = go_on(&page, &values, "/values", &[]);
    let (shown, plan) = (format!("{draft}/preview"), format!("{draft}/plan"));
    let is_ticked = |path: &str, name: &str| {
        let screen = page.get(path);
        screen.text.contains(&format!("{name} checked"))
    };
    let on_preview = "name=\"key\" value=\"手机\"";
    let preview = page.get(&shown);
    assert!(is_ticked(&shown, on_preview), "{}", preview.text);
    send(&page, &preview, &plan, &[])
        .shows("1 to add")
        .shows("1 to update");
    let check = format!("{draft}/check");
    page.wait(page.post(&check, &[])).lacks("not checked yet");
    // Unticked on the preview, nobody is recognised, and the steps of the columns and of the check know it.
    page.wait(page.post(&plan, &[])).shows("2 to add");
    page.get(&check).shows("something was changed since");
    assert!(!is_ticked(&shown, on_preview));
    assert!(!is_ticked(&format!("{draft}/columns"), "name=\"key.1\""));
    page.wait(page.post(&plan, &[("key", "手机")]))
        .shows("1 to update");
    assert!(is_ticked(&format!("{draft}/columns"), "name=\"key.1\""));
}

#[test]
fn the_rows_of_a_preview_are_filtered_without_leaving_it() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[
            &["甲公司", "官网"],
            &["乙公司", "网官"],
            &["丙公司", "官网"],
        ],
    );
    let preview = previewed(&page, &scene, &table)
        .shows("甲公司")
        .shows("乙公司");
    let links = preview.text.split("href=\"").skip(1);
    let mut links = links.filter_map(|rest| rest.split('"').next());
    let invalid = links
        .find(|link| link.contains("status=invalid"))
        .expect("a link");
    assert_eq!(invalid, format!("{}?status=invalid#rows", preview.path));
    let wrong = page.get(invalid.trim_end_matches("#rows"));
    let wrong = wrong.shows("乙公司").lacks("甲公司");
    // The wizard goes on from there.
    send(&page, &wrong, &apply_of(&wrong), &[]).shows("2 added");
}
