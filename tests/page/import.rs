//! The import, from the upload to the customers in the CRM.

use std::collections::BTreeMap;

use crate::support::{PageClient, Scene, Screen, Table, sample};

/// Uploads a file, and waits until it is looked at.
fn upload(page: &PageClient, name: &str, bytes: &[u8]) -> Screen {
    page.wait(page.upload("/import", ("file", name, bytes), &[]))
}

fn unescaped(text: &str) -> String {
    let mut plain = text.to_owned();
    for (entity, letter) in [
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#38;", "&"),
    ] {
        plain = plain.replace(entity, letter);
    }
    plain
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let begin = tag.find(&format!(" {name}=\""))? + name.len() + 3;
    tag[begin..].split('"').next().map(unescaped)
}

/// What the form with this action would send as it stands.
fn filled(screen: &Screen, action: &str) -> BTreeMap<String, String> {
    let begin = screen.text.find(&format!("action=\"{action}\""));
    let begin = begin.unwrap_or_else(|| panic!("{action}: {}", screen.text));
    let form = screen.text[begin..]
        .split("</form>")
        .next()
        .expect("a form");
    let mut fields = BTreeMap::new();
    for tag in form.split('<').filter(|tag| tag.starts_with("input")) {
        let tag = tag.split('>').next().expect("a tag");
        let kind = attribute(tag, "type").expect("a type");
        let is_box = matches!(kind.as_str(), "checkbox" | "radio");
        if let (Some(name), false) = (attribute(tag, "name"), is_box && !tag.contains(" checked")) {
            let value = attribute(tag, "value");
            fields.insert(
                name,
                value.unwrap_or_else(|| if is_box { "on" } else { "" }.to_owned()),
            );
        }
    }
    for list in form.split("<select").skip(1) {
        let list = list.split("</select>").next().expect("a list");
        let name = attribute(list.split('>').next().expect("a tag"), "name").expect("a name");
        let mut options = list.split("<option").skip(1);
        let chosen = options
            .clone()
            .find(|option| {
                option
                    .split('>')
                    .next()
                    .is_some_and(|tag| tag.contains(" selected"))
            })
            .or_else(|| options.next());
        let value = chosen.map(|option| {
            let (tag, text) = option.split_once('>').expect("a tag");
            let text = text.split('<').next().unwrap_or_default();
            attribute(tag, "value").unwrap_or_else(|| unescaped(text))
        });
        fields.insert(name, value.unwrap_or_default());
    }
    fields
}

/// Sends the form of a screen with some fields changed, and waits until what it begins is done.
fn send(page: &PageClient, screen: &Screen, action: &str, changed: &[(&str, &str)]) -> Screen {
    let mut fields = filled(screen, action);
    for (name, value) in changed {
        fields.insert((*name).to_owned(), (*value).to_owned());
    }
    let pairs: Vec<(&str, &str)> = fields
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .collect();
    page.wait(page.post(action, &pairs))
}

/// Where the preview sends a yes.
fn apply_of(screen: &Screen) -> String {
    let tags = screen.text.split('<').filter(|tag| tag.starts_with("form"));
    let mut actions = tags.filter_map(|tag| attribute(tag, "action"));
    let apply = actions.find(|action| action.ends_with("/apply"));
    apply.unwrap_or_else(|| panic!("{}", screen.text))
}

/// The base of a draft's paths.
fn draft_of(screen: &Screen) -> String {
    let parts: Vec<&str> = screen.path.split('/').take(3).collect();
    parts.join("/")
}

/// Goes on from a screen of a draft by its main button.
fn go_on(page: &PageClient, screen: &Screen, step: &str, changed: &[(&str, &str)]) -> Screen {
    let action = format!("{}{step}", draft_of(screen));
    let mut fields = changed.to_vec();
    fields.push(("go", "on"));
    send(page, screen, &action, &fields)
}

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
    check.shows("1 rows are right").shows("2 rows are wrong");
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
    for path in ["/import/../jobs", "/import/00", "/import/zz/check"] {
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

#[test]
fn cells_are_mended_beside_the_untouched_file() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[&["甲公司", "官网"], &["乙公司", "网官"], &["", "百度"]],
    );
    let path = scene.save("list.xlsx", &table);
    let bytes = std::fs::read(path).expect("the workbook");
    let file = upload(&page, "list.xlsx", &bytes).has_status(200);
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let columns = send(
        &page,
        &columns,
        &format!("{draft}/columns"),
        &[("go", "all")],
    );
    let check = go_on(&page, &columns, "/values", &[]).shows("2 rows are wrong");
    assert_eq!(check.path, format!("{draft}/check"));
    let mend = |row: &str, column: &str, text: &str| {
        let cell = [
            ("sheet", "0"),
            ("row", row),
            ("column", column),
            ("text", text),
            ("query", "code=&text="),
        ];
        page.post(&format!("{draft}/mend"), &cell)
    };
    mend("3", "1", "官网").shows("1 cells are mended");
    mend("4", "0", "<b>丙</b>").shows("&#60;b&#62;丙");
    mend("2", "1", "百度");
    let back = [
        ("sheet", "0"),
        ("row", "2"),
        ("column", "1"),
        ("take_back", "1"),
    ];
    page.post(&format!("{draft}/mend"), &back)
        .shows("Cells mended here: 2");
    page.wait(page.post(&format!("{draft}/check"), &[]))
        .shows("3 rows are right")
        .lacks("are mended; check again");
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]).shows("3 to add");
    send(&page, &preview, &apply_of(&preview), &[]);
    // What was begun stays as it was decided, whatever an old tab still sends.
    let late = mend("3", "1", "百度");
    assert_eq!(late.path, format!("{draft}/preview"));
    late.shows("was begun");
    page.get(&format!("{draft}/check"))
        .shows("Cells mended here: 2");
    assert_eq!(
        scene.names().into_keys().collect::<Vec<_>>(),
        ["<b>丙</b>", "乙公司", "甲公司"]
    );
    // The file that was uploaded is as it was.
    let uploads: Vec<_> = scene
        .state_files()
        .into_iter()
        .filter(|path| path.ends_with("list.xlsx"))
        .map(|path| std::fs::read(path).expect("readable"))
        .collect();
    assert!(uploads.contains(&bytes));
}
