//! An export on the page: the file, and what changed since the one before.

use crate::support::{PageClient, Scene, Table, people};

#[test]
fn an_export_is_downloaded_and_the_next_one_says_what_changed() {
    let scene = Scene::new();
    scene.save("people.csv", &people(30).0);
    scene.ferry("import people.csv").exits(0);
    let page = PageClient::open(&scene, "");
    let form = [
        ("name", "夜间/../备份"),
        ("format", "xlsx"),
        ("compare", "1"),
    ];
    let screen = page.wait(page.post("/export", &form));
    let screen = screen.shows("夜间备份_").shows(">30<").shows("complete");
    let link = screen
        .text
        .split("href=\"/export/file/")
        .nth(1)
        .expect("a link");
    let job = link.split('"').next().expect("a job");
    let (name, bytes) = page.download(&format!("/export/file/{job}"));
    assert!(name.contains("filename*=UTF-8''%E5%A4%9C"), "{name}");
    let path = scene.write("downloaded.xlsx", bytes);
    assert_eq!(Table::read(&path).rows.len(), 30);
    // A file of chosen columns, in their order.
    let form = [
        ("name", "列"),
        ("format", "csv"),
        ("field", "客户级别"),
        ("field", "客户名称"),
        ("headers", "label"),
    ];
    page.wait(page.post("/export", &form)).shows("列_");
    scene.write("one.csv", "客户名称\n新来的公司\n");
    scene.ferry("import one.csv").exits(0);
    let form = [("name", "夜间备份"), ("format", "xlsx"), ("compare", "1")];
    let screen = page.wait(page.post("/export", &form));
    screen.shows("1 added, 0 changed, 0 gone, 30 unchanged");
    page.get("/export/file/20260101-000000-export")
        .has_status(422);
    page.get("/export/file/..%2F..%2Fsession.json")
        .has_status(422);
}

#[test]
fn a_filter_that_fits_nobody_and_one_that_is_wrong() {
    let scene = Scene::new();
    scene.save("people.csv", &people(3).0);
    scene.ferry("import people.csv").exits(0);
    let page = PageClient::open(&scene, "");
    let form = [
        ("format", "csv"),
        ("where_field", "客户名称"),
        ("where_value", "没有这家"),
    ];
    page.wait(page.post("/export", &form)).shows(">0<");
    let form = [
        ("format", "csv"),
        ("where_field", "客户级别"),
        ("where_value", "Z类"),
    ];
    let screen = page.wait(page.post("/export", &form));
    let screen = screen.shows("role=\"alert\"");
    // Back leads to the form as it was filled in.
    let back = screen
        .text
        .split("href=\"/export?")
        .nth(1)
        .expect("a way back");
    let back = back.split('"').next().expect("an address");
    let back = back.replace("&#38;", "&");
    page.get(&format!("/export?{back}"))
        .shows("value=\"Z类\"")
        .shows("value=\"csv\" checked")
        .shows("<option value=\"A类\" data-of=")
        .lacks("value=\"xlsx\" checked");
}

#[test]
fn exports_stand_by_their_names_with_their_account() {
    let scene = Scene::new();
    scene.save("people.csv", &people(3).0);
    scene.ferry("import people.csv").exits(0);
    let page = PageClient::open(&scene, "");
    for name in ["甲", "乙", "甲"] {
        page.wait(page.post("/export", &[("name", name), ("format", "csv")]))
            .has_status(200);
    }
    let screen = page
        .get("/export")
        .shows("<h3>甲</h3>")
        .shows("<h3>乙</h3>");
    assert_eq!(screen.text.matches("<h3>").count(), 2, "{}", screen.text);
    screen.shows(&scene.crm.base_url());
}

#[test]
fn two_exports_of_one_name_and_one_second_are_two_files() {
    let scene = Scene::new();
    scene.save("people.csv", &people(3).0);
    scene.ferry("import people.csv").exits(0);
    let page = PageClient::open(&scene, "");
    for headers in ["label", "key", "both"] {
        let form = [("name", "all"), ("format", "csv"), ("headers", headers)];
        page.wait(page.post("/export", &form)).shows(">3<");
    }
    let folder = scene.state().join("page/exports");
    let entries = std::fs::read_dir(folder).expect("the exports");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let files = names.filter(|name| name.to_string_lossy().ends_with(".csv"));
    assert_eq!(files.count(), 3);
}
