//! Cells that are mended beside the untouched file.

use super::wizard::{apply_of, draft_of, go_on, send, upload};
use crate::support::{PageClient, Scene, Screen, Table, form_values};

/// Takes a file to its check. Returns the base of the draft's paths, and the check screen.
fn checked(page: &PageClient, name: &str, bytes: &[u8]) -> (String, Screen) {
    let file = upload(page, name, bytes).has_status(200);
    let draft = draft_of(&file);
    let columns = go_on(page, &file, "", &[]);
    let action = format!("{draft}/columns");
    let columns = send(page, &columns, &action, &[("go", "all")]);
    let check = go_on(page, &columns, "/values", &[]);
    assert_eq!(check.path, format!("{draft}/check"), "{}", check.text);
    (draft, check)
}

/// Mends a cell of the first sheet.
fn mend(page: &PageClient, draft: &str, (row, column): (&str, &str), text: &str) -> Screen {
    let cell = [
        ("sheet", "0"),
        ("row", row),
        ("column", column),
        ("text", text),
        ("query", "code=&text="),
    ];
    page.post(&format!("{draft}/mend"), &cell)
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
    mend("3", "1", "官网").shows("1 cell is mended");
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

#[test]
fn what_was_mended_is_verified_undone_and_imported_again_like_any_other_row() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[&["甲公司", "官网"], &["乙公司", "网官"], &["", "百度"]],
    );
    let bytes = std::fs::read(scene.save("list.xlsx", &table)).expect("the workbook");
    let (draft, check) = checked(&page, "list.xlsx", &bytes);
    check.shows("2 rows are wrong");
    mend(&page, &draft, ("3", "1"), "官网").shows("1 cell is mended");
    page.wait(page.post(&format!("{draft}/check"), &[]));
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]).shows("2 to add");
    let done = send(&page, &preview, &apply_of(&preview), &[]);
    let job = done.path.clone();
    let stored = scene.stored();
    assert_eq!(stored.len(), 2);
    page.wait(page.post(&format!("{job}/verify"), &[]))
        .shows("everything is as it was sent");
    // The result sheet says what stood in the cell, and is the input of the next import.
    let (_, sheet) = page.download(&format!("{job}/file"));
    let result = Table::read(&scene.write("result.xlsx", &sheet));
    assert_eq!(result.column("客户来源"), ["官网", "官网", "百度"]);
    assert_eq!(result.column("_status"), ["ok", "ok", "invalid"]);
    let (again, check) = {
        let file = upload(&page, "result.xlsx", &sheet).has_status(200);
        let again = draft_of(&file);
        (
            again.clone(),
            page.wait(page.post(&format!("{again}/check"), &[])),
        )
    };
    drop(check);
    // The row that is left is mended in the sheet that came out.
    mend(
        &page,
        &again,
        ("4", &column_of(&result, "客户名称")),
        "丙公司",
    );
    page.wait(page.post(&format!("{again}/check"), &[]));
    let preview = page.get(&format!("{again}/preview"));
    let preview = send(&page, &preview, &format!("{again}/plan"), &[]).shows("1 to add");
    send(&page, &preview, &apply_of(&preview), &[]).shows("1 added");
    assert_eq!(scene.stored().len(), 3);
    // The first job is taken back, and leaves the row of the second.
    let undo = format!("{job}/undo");
    let asks = page.wait(page.post(&format!("{undo}/preview"), &[]));
    let asks = asks.shows("2 to delete");
    let shown = form_values(&asks.text, &undo)["shown"].clone();
    page.wait(page.post(&undo, &[("shown", &shown)]))
        .shows("2 deleted");
    assert_eq!(scene.names().into_keys().collect::<Vec<_>>(), ["丙公司"]);
}

/// The position of a column of a result sheet in its workbook, as a form names it.
fn column_of(table: &Table, header: &str) -> String {
    let place = table.headers.iter().position(|its| its == header);
    place.expect(header).to_string()
}

#[test]
fn a_header_is_not_mended_and_a_later_header_row_does_not_trap_what_was_mended_above_it() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "客户来源"],
        &[
            &["甲公司", "网官"],
            &["客户名称", "客户来源"],
            &["乙公司", "官网"],
        ],
    );
    let bytes = std::fs::read(scene.save("list.xlsx", &table)).expect("the workbook");
    let (draft, check) = checked(&page, "list.xlsx", &bytes);
    // No cell of the header is offered, and whoever sends one all the same is told where its field is chosen.
    check.lacks("name=\"row\" value=\"1\"");
    mend(&page, &draft, ("1", "0"), "名称")
        .has_status(422)
        .shows("The header is not mended here");
    mend(&page, &draft, ("2", "1"), "官网").shows("1 cell is mended");
    // Another row becomes the header: the mended cell stands above it now.
    let file = page.get(&draft).shows("Cells mended here: 1");
    let columns = go_on(&page, &file, "", &[("header", "3")]);
    let stuck = if columns.path.ends_with("/columns") {
        let action = format!("{draft}/columns");
        let values = send(&page, &columns, &action, &[("go", "all")]);
        go_on(&page, &values, "/values", &[])
    } else {
        columns
    };
    stuck.shows("E490");
    // It is taken back on the screen on which the header was chosen.
    let back = [
        ("sheet", "0"),
        ("row", "2"),
        ("column", "1"),
        ("take_back", "1"),
        ("step", "file"),
    ];
    let file = page.post(&format!("{draft}/mend"), &back);
    assert_eq!(file.path, draft);
    let file = file.lacks("Cells mended here");
    let columns = go_on(&page, &file, "", &[]);
    let action = format!("{draft}/columns");
    let values = send(&page, &columns, &action, &[("go", "all")]);
    let check = go_on(&page, &values, "/values", &[]);
    check.shows("1 row is right").lacks("E490");
}

#[test]
fn a_cell_that_holds_several_values_is_offered_whole() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "手机", "邮箱", "客户来源", "地区"],
        &[&[
            "甲公司",
            "138O0138000；13900000000",
            "a.example.com; b@example.com",
            "百度、网官",
            "浙江/杭洲/西湖",
        ]],
    );
    let bytes = std::fs::read(scene.save("list.xlsx", &table)).expect("the workbook");
    let (draft, check) = checked(&page, "list.xlsx", &bytes);
    let action = format!("{draft}/mend");
    let mut offered = Vec::new();
    for form in check.text.split(&format!("action=\"{action}\"")).skip(1) {
        let form = form_values(&format!("action=\"{action}\"{form}"), &action);
        offered.push((form["column"].clone(), form["text"].clone()));
    }
    let expected = [
        ("1", "138O0138000；13900000000"),
        ("2", "a.example.com; b@example.com"),
        ("3", "百度、官网"),
        ("4", "浙江/杭州/西湖"),
    ];
    assert_eq!(
        offered,
        expected.map(|(column, text)| (column.to_owned(), text.to_owned()))
    );
    for (column, text) in offered {
        let text = text
            .replace("138O", "1380")
            .replace("a.example", "a@example");
        mend(&page, &draft, ("2", &column), &text);
    }
    page.wait(page.post(&format!("{draft}/check"), &[]))
        .shows("1 row is right");
}

#[test]
fn who_mends_a_cell_comes_back_to_its_place_in_the_list() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let rows: Vec<[String; 2]> = (1..=150)
        .map(|number| [format!("客户 {number:03}"), "网官".to_owned()])
        .collect();
    let table = Table {
        headers: vec!["客户名称".to_owned(), "客户来源".to_owned()],
        rows: rows.into_iter().map(Vec::from).collect(),
    };
    let bytes = std::fs::read(scene.save("list.xlsx", &table)).expect("the workbook");
    let (draft, check) = checked(&page, "list.xlsx", &bytes);
    let link = |screen: &Screen, part: &str| {
        let links = screen.text.split("href=\"").skip(1);
        let mut links = links.filter_map(|rest| rest.split('"').next());
        let found =
            links.find(|link| link.starts_with(&format!("{draft}/check?")) && link.contains(part));
        let found = found.unwrap_or_else(|| panic!("{part}: {}", screen.text));
        found.replace("&#38;", "&").replace("&amp;", "&")
    };
    let of_code = page.get(&link(&check, "code=E"));
    let second = page.get(&link(&of_code, "after="));
    let of_text = page.get(&format!("{draft}/check?text=%E5%AE%A2%E6%88%B7%201"));
    for (screen, cell) in [(second, "B102"), (of_text, "B101")] {
        let first = format!("<tr id=\"p1\"><td class=\"line\">{cell}</td>");
        let screen = screen.shows(&first);
        let action = format!("{draft}/mend");
        let mended = send(&page, &screen, &action, &[("text", "官网")]);
        assert_eq!(mended.anchor, "p1");
        let mended = mended.shows(&first).shows("check again");
        // The same part of the list is shown when the rows are checked once more.
        let again = send(&page, &mended, &format!("{draft}/check"), &[]);
        let begin = format!("{draft}/check?");
        assert!(again.path.starts_with(&begin), "{}", again.path);
        again.lacks(&first).shows("<tr id=\"p1\">");
    }
    // No query leads elsewhere.
    let back = [
        ("sheet", "0"),
        ("row", "2"),
        ("column", "1"),
        ("text", "官网"),
    ];
    for query in ["\r\nX: y", "a\\b", "客"] {
        let cell = [&back[..], &[("query", query), ("place", "a b")]].concat();
        let mended = page.post(&format!("{draft}/mend"), &cell).has_status(200);
        assert_eq!(
            (mended.path.as_str(), mended.anchor.as_str()),
            (format!("{draft}/check").as_str(), "")
        );
    }
}
