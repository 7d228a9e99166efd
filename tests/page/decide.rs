//! What is to be decided before rows are checked: it is said where it stands, in words of the page, and decided there.

use super::wizard::{draft_of, filled, go_on, send, upload};
use crate::support::{PageClient, Scene, Screen, Table};

/// The step of the columns of a sheet.
fn columns_of(page: &PageClient, scene: &Scene, table: &Table) -> Screen {
    let path = scene.save("decide.xlsx", table);
    let bytes = std::fs::read(path).expect("the workbook");
    let file = upload(page, "decide.xlsx", &bytes).has_status(200);
    go_on(page, &file, "", &[("header", "1")])
}

/// The name of the field in which the meaning of a word is chosen.
fn value_of(screen: &Screen, word: &str) -> String {
    let fields = filled(screen, &format!("{}/values", draft_of(screen)));
    let mut words = fields.iter();
    let found = words.find(|(name, value)| name.starts_with("k.") && *value == word);
    found.expect(word).0.replacen('k', "v", 1)
}

#[test]
fn rows_of_one_customer_are_a_question_that_is_counted_and_decided_with_the_others() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    let table = Table::of(
        &["客户名称", "手机"],
        &[
            &["甲公司", "13800000001"],
            &["甲公司", "13800000002"],
            &["乙公司", "13800000003"],
        ],
    );
    let columns = columns_of(&page, &scene, &table);
    let draft = draft_of(&columns);
    let columns = columns
        .shows("待确认：1 处")
        .shows("href=\"#contacts\"")
        .lacks("role=\"alert\"");
    // The next step leads to the question, and so do the later steps.
    let again = go_on(&page, &columns, "/columns", &[]);
    assert_eq!(
        (again.path.as_str(), again.anchor.as_str()),
        (format!("{draft}/columns").as_str(), "contacts")
    );
    let _ = again.lacks("role=\"alert\"").lacks("mapping.toml:");
    for step in ["check", "preview"] {
        let screen = page.get(&format!("{draft}/{step}"));
        assert_eq!(screen.path, format!("{draft}/columns"), "{step}");
    }
    let action = format!("{draft}/columns");
    let values = send(&page, &columns, &action, &[("go", "all")]);
    assert_eq!(values.path, format!("{draft}/values"), "{}", values.text);
    page.get(&action)
        .shows("<option value=\"yes\" selected>")
        .lacks("待确认：");
}

#[test]
fn a_column_in_doubt_is_jumped_to_and_a_step_beside_loses_nothing() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    let table = Table::of(
        &["客户名称", "签约日期"],
        &[&["甲公司", "03/04/2026"], &["乙公司", "05/06/2026"]],
    );
    let columns = columns_of(&page, &scene, &table);
    let draft = draft_of(&columns);
    let action = format!("{draft}/columns");
    // What is in doubt is named, and its setting is in view.
    let columns = columns
        .shows("href=\"#column-1\">B 签约日期")
        .shows("<details open>");
    let again = go_on(&page, &columns, "/columns", &[]);
    assert_eq!(again.anchor, "doubt");
    // Another step, or back, keeps what was filled in.
    let typed = [("format.1", "dd/MM/yyyy"), ("go", "to-file")];
    let file = send(&page, &columns, &action, &typed);
    assert_eq!(file.path, draft);
    page.get(&action).shows("value=\"dd/MM/yyyy\"");
    // A form that nobody can read is told by its column, not by a place in a file that nobody sees.
    let columns = page.get(&action);
    let wrong = [("format.1", "乱写"), ("sure.1", "on")];
    let wrong = go_on(&page, &columns, "/columns", &wrong);
    assert_eq!(wrong.path, action);
    let wrong = wrong
        .shows("“签约日期”列：不能填“乱写”")
        .lacks("mapping.toml:")
        .lacks("decided");
    let values = go_on(&page, &wrong, "/columns", &[("format.1", "dd/MM/yyyy")]);
    assert_eq!(values.path, format!("{draft}/values"), "{}", values.text);
}

#[test]
fn a_path_is_decided_as_a_whole() {
    let scene = Scene::new();
    let page = PageClient::open(&scene, "");
    let table = Table::of(
        &["客户名称", "所在地区"],
        &[
            &["甲公司", "浙江/杭州/不存在"],
            &["乙公司", "浙江/杭州/西湖"],
        ],
    );
    let columns = columns_of(&page, &scene, &table);
    let values = go_on(&page, &columns, "/columns", &[]);
    let values = values
        .shows("浙江/杭州/不存在<input")
        // Two levels must be filled, so a path may end there.
        .shows("<option value=\"浙江/杭州\">")
        .shows("<option value=\"浙江/杭州/西湖\">")
        .lacks("<option value=\"浙江\">");
    // What begins as the cell does comes before the rest.
    let place = |path: &str| values.text.find(&format!("<option value=\"{path}\">"));
    assert!(
        place("浙江/杭州/西湖") < place("浙江/宁波"),
        "{}",
        values.text
    );
    let word = value_of(&values, "浙江/杭州/不存在");
    let check = go_on(&page, &values, "/values", &[(&word, "浙江/杭州")]);
    check
        .shows("2 rows are right")
        .shows("0 rows are wrong")
        .lacks("E411");
}

#[test]
fn an_owner_that_is_none_is_refused_where_it_is_typed() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    let table = Table::of(
        &["客户名称", "负责人"],
        &[&["甲公司", "张三"], &["乙公司", "李四"]],
    );
    let columns = columns_of(&page, &scene, &table);
    let draft = draft_of(&columns);
    let values = go_on(&page, &columns, "/columns", &[]);
    let word = value_of(&values, "张三");
    let wrong = go_on(&page, &values, "/values", &[(&word, "不是编号")]);
    assert_eq!(wrong.path, format!("{draft}/values"));
    let wrong = wrong
        .has_status(200)
        .shows("负责人“张三”：不能填“不是编号”")
        .shows("value=\"不是编号\"")
        .lacks("mapping.toml:");
    // Who is not decided is a problem of the rows that says where to decide it.
    let check = go_on(&page, &wrong, "/values", &[(&word, "8310")]);
    assert_eq!(check.path, format!("{draft}/check"), "{}", check.text);
    check
        .shows("“李四”还没有确定对应哪一项")
        .shows("“导入 › 选项”")
        .lacks("decided.toml");
    let (_, bytes) = page.download(&format!("{draft}/problems.xlsx"));
    let path = scene.write("problems.xlsx", bytes);
    let sheet = Table::read(&path);
    let said: String = sheet.rows.concat().concat();
    assert!(said.contains("“导入 › 选项”"), "{said}");
    assert!(
        !said.contains(".toml") && !said.contains("ferry "),
        "{said}"
    );
}

#[test]
fn no_remedy_on_the_screens_of_an_import_is_a_flag() {
    let scene = Scene::new();
    let mut page = PageClient::open(&scene, "");
    page.speak("zh");
    let file = upload(&page, "odd.csv", b"1\n2\n3\n");
    file.shows("E301")
        .shows("请点选列名所在的行")
        .lacks("--header-row")
        .lacks("ferry fields");
    scene.write("stored.csv", "客户名称,手机\n甲公司,13800000001\n");
    scene.ferry("import stored.csv --yes").exits(0);
    let file = upload(
        &page,
        "new.csv",
        "客户名称,手机\n乙公司,13800000002\n".as_bytes(),
    );
    let draft = draft_of(&file);
    let columns = go_on(&page, &file, "", &[]);
    let values = go_on(&page, &columns, "/columns", &[]);
    let _ = go_on(&page, &values, "/values", &[]);
    let preview = page.get(&format!("{draft}/preview"));
    let preview = send(&page, &preview, &format!("{draft}/plan"), &[]);
    preview
        .shows("E312")
        .shows("请在 “按哪些字段识别已有客户” 中勾选字段")
        .lacks("--key")
        .lacks("--mode");
}
