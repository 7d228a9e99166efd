//! Duplicates on the page: chosen keys, groups side by side, the sheet.

use crate::support::{PageClient, Scene, Table, form_values};

/// Stores pairs of customers that share a number, each written in another way.
fn pairs(scene: &Scene, count: usize) {
    let mut table = Table::of(&["客户名称", "手机", "邮箱"], &[]);
    for number in 0..count {
        let phone = format!("138{number:08}");
        let row = |name: &str, phone: String, email: String| vec![name.to_owned(), phone, email];
        table.rows.push(row(
            &format!("<b>甲{number}</b>"),
            phone.clone(),
            String::new(),
        ));
        table.rows.push(row(
            &format!("乙{number}"),
            format!("+86 {phone}"),
            format!("b{number}@x.cn"),
        ));
    }
    table
        .rows
        .push(vec!["独行".to_owned(), String::new(), String::new()]);
    scene.save("pairs.csv", &table);
    scene.ferry("import pairs.csv").exits(0);
}

#[test]
fn groups_stand_side_by_side_and_the_sheet_is_downloaded() {
    let scene = Scene::new();
    pairs(&scene, 25);
    let mut page = PageClient::open(&scene, "");
    page.get("/").shows("href=\"/dupes\"");
    // The fields of the account are read first.
    let screen = page.wait(page.get("/dupes"));
    screen.shows("value=\"mobile\" checked").shows("客户名称");
    let form = [("export", ""), ("field", "mobile"), ("together", "")];
    let found = page.wait(page.post("/dupes", &form));
    let found = found
        .shows("25 groups of duplicates with 50 customers, among 51 customers")
        .shows("Group 1")
        .shows("Group 20")
        .lacks("Group 21")
        .shows("&#60;b&#62;甲")
        .lacks("<b>甲")
        .shows("class=\"differs\"");
    let path = found.path.clone();
    page.get(&format!("{path}?from=21"))
        .shows("Group 25")
        .shows("from=1\"");
    let (name, bytes) = page.download(&format!("{path}/sheet"));
    assert!(name.contains("_duplicates_"), "{name}");
    let sheet = scene.write("downloaded.xlsx", bytes);
    assert_eq!(Table::read(&sheet).rows.len(), 50);
    scene.ferry("delete downloaded.xlsx --yes --json").exits(0);
    assert_eq!(scene.crm.customers().len(), 26);
    // Both together is nobody now; the search before is still there.
    page.speak("zh");
    let form = [
        ("field", "mobile"),
        ("field", "customerName"),
        ("together", "1"),
    ];
    let none = page.wait(page.post("/dupes", &form));
    none.shows("26 个客户中没有重复");
    page.get("/dupes").shows("25 组重复").shows("没有重复");
    page.get(&path).shows("第 1 组").shows("建议保留");
    for path in ["/dupes/20260101-000000", "/dupes/..%2F..%2Fsession.json"] {
        page.get(path).has_status(404);
        page.get(&format!("{path}/sheet")).has_status(404);
    }
}

#[test]
fn an_export_of_the_page_is_searched() {
    let scene = Scene::new();
    pairs(&scene, 2);
    let page = PageClient::open(&scene, "");
    let form = [("name", "全部"), ("format", "xlsx")];
    let screen = page.wait(page.post("/export", &form));
    let job = screen.text.split("/export/file/").nth(1).expect("a link");
    let job = job.split('"').next().expect("a job").to_owned();
    page.wait(page.get("/dupes")).shows("全部_");
    let calls = scene.crm.counters().calls;
    let form = [("export", job.as_str()), ("field", "mobile")];
    let found = page.wait(page.post("/dupes", &form));
    found.shows("2 groups of duplicates with 4 customers, among 5 customers");
    assert_eq!(scene.crm.counters().calls, calls);
    // A field that nobody could have in common is refused in words.
    let form = [("field", "customerSource")];
    page.wait(page.post("/dupes", &form))
        .shows("role=\"alert\"");
}

#[test]
fn an_export_that_is_gone_is_not_searched() {
    let scene = Scene::new();
    pairs(&scene, 1);
    let page = PageClient::open(&scene, "");
    page.wait(page.get("/dupes"));
    let lists = || {
        scene
            .crm
            .counters()
            .calls_to(crate::support::Endpoint::List)
    };
    let before = lists();
    let form = [("export", "20260101-000000-export"), ("field", "mobile")];
    page.wait(page.post("/dupes", &form))
        .shows("is not there any more");
    assert_eq!(lists(), before);
}

#[test]
fn a_sheet_that_was_looked_through_deletes_the_others_after_a_preview() {
    let scene = Scene::new();
    pairs(&scene, 3);
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    page.wait(page.get("/dupes")).shows("按表格删除");
    let form = [("export", ""), ("field", "mobile"), ("together", "")];
    let found = page.wait(page.post("/dupes", &form));
    let found = found.lacks("ferry delete").shows("href=\"/delete\"");
    let (_, bytes) = page.download(&format!("{}/sheet", found.path));
    // Chosen for an import, the sheet leads here too; nothing is imported by it.
    for way in ["/delete", "/import"] {
        let screen = page.wait(page.upload(way, ("file", "pairs.xlsx", &bytes), &[]));
        assert!(screen.path.starts_with("/delete/"), "{}", screen.text);
        let screen = screen.has_status(200).shows("将删除 3 个客户");
        // One of each pair, by name and id.
        assert_eq!(screen.text.matches("<td class=\"id\">").count(), 3);
        for number in 0..3 {
            let names = [format!("甲{number}&#60;"), format!(">乙{number}<")];
            let is_named = names.map(|name| screen.text.contains(&name));
            assert!(is_named[0] ^ is_named[1], "{}", screen.text);
        }
        let _ = screen.lacks("<b>甲").lacks("独行");
        assert_eq!(scene.crm.customers().len(), 7, "a preview deletes nobody");
    }
    let screen = page.wait(page.upload("/delete", ("file", "pairs.xlsx", &bytes), &[]));
    let (name, sheet) = page.download(&format!("{}/file", screen.path));
    assert!(name.contains(".xlsx") && &sheet[..2] == b"PK", "{name}");
    let values = form_values(&screen.text, &screen.path);
    let consent = [("shown", values["shown"].as_str())];
    let done = page.wait(page.post(&screen.path, &consent));
    assert!(done.path.starts_with("/job/"), "{}", done.text);
    assert_eq!(scene.crm.customers().len(), 4);
    // A second press finds the job, and the job can be taken back.
    let again = page.wait(page.post(&screen.path, &consent));
    assert_eq!(again.path, done.path);
    let undo = page.post(&format!("{}/undo/preview", done.path), &[]);
    let undo = page.wait(undo).has_status(200);
    assert!(undo.path.ends_with("/undo"), "{}", undo.text);
    // What was shown before somebody else has deleted is not done.
    let other = page.wait(page.upload("/delete", ("file", "pairs.xlsx", &bytes), &[]));
    other.shows("没有需要处理的内容");
    page.get("/delete/00000000000000000000000000000000")
        .has_status(404);
}
