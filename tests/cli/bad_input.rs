//! Bad input gets a clear error and a hint, and loses nothing: a table of files and what is said of them.

use std::path::Path;

use crate::support::{Output, Scene, Table, fixture, named};

/// What every refusal has in common: the code, message and hint, nothing stored, no job, the source as it was.
#[track_caller]
fn is_refused(scene: &Scene, line: &str, code: i32, says: &[&str]) {
    let source = scene.path(line.split_whitespace().nth(1).unwrap_or_default());
    let before = bytes(&source);
    let output = scene.ferry(line).exits(code);
    for text in ["error: ", "hint: "].iter().chain(says) {
        assert!(
            output.stderr.contains(text),
            "{line}: “{text}” is not in: {}",
            output.stderr
        );
    }
    assert_eq!(output.stdout, "", "{line}");
    assert_eq!(scene.crm.customer_count(), 0, "{line}");
    assert_eq!(scene.jobs(), [""; 0], "{line}");
    assert_eq!(bytes(&source), before, "{line}");
}

fn bytes(path: &Path) -> Option<Vec<u8>> {
    std::fs::read(path).ok()
}

fn copied(scene: &Scene, name: &str) {
    std::fs::copy(fixture(name), scene.path(name)).unwrap();
}

#[test]
fn files_that_cannot_be_read() {
    let scene = Scene::new();
    scene.write("empty.csv", "");
    scene.write("empty.xlsx", "");
    scene.write("blank.csv", "\u{feff}\r\n\r\n");
    scene.write("text.xlsx", "客户名称\n甲\n");
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.write(
        "page.xls",
        "<html><table><tr><td>客户名称</td></tr></table></html>",
    );
    for name in ["no_workbook.xlsx", "truncated.xlsx"] {
        copied(&scene, name);
    }
    let cases: &[(&str, &[&str])] = &[
        ("missing.csv", &["missing.csv", "[E601]"]),
        ("*.csv", &["*.csv", "[E601]"]),
        ("folder", &["folder", "[E602]"]),
        ("empty.csv", &["empty.csv", "[E604]"]),
        ("empty.xlsx", &["empty.xlsx", "[E604]"]),
        ("no_workbook.xlsx", &["no_workbook.xlsx", "[E605]"]),
        ("truncated.xlsx", &["truncated.xlsx", "[E605]", "not whole"]),
        ("text.xlsx", &["text.xlsx", "[E605]", ".csv"]),
        ("page.xls", &["page.xls", "[E606]"]),
    ];
    for (name, says) in cases {
        is_refused(&scene, &format!("import {name}"), 3, says);
    }
    is_refused(&scene, "import blank.csv", 3, &[]);
}

#[test]
fn what_to_do_with_a_file_that_is_no_table_fits_the_file() {
    let scene = Scene::new();
    let cases: &[(&str, &[u8], &str)] = &[
        ("page.xls", b"<html><body>Login</body></html>", "login page"),
        (
            "picture.xlsx",
            b"\x89PNG\r\n\x1a\n",
            "give the spreadsheet itself",
        ),
        ("data.csv", b"{\"data\": []}", "export the data"),
        ("list.pdf", b"%PDF-1.7 ...", "copy its table"),
        ("list.7z", b"7z\xBC\xAF\x27\x1C...", "unpack it"),
        (
            "old.xls",
            b"\x09\x04\x06\x00\x00\x00\x10\x00",
            "save it as .xlsx",
        ),
    ];
    for (name, bytes, remedy) in cases {
        scene.write(name, bytes);
        let run = scene
            .ferry(&format!("check {name}"))
            .exits(3)
            .says("[E606]");
        let is_page = *name == "page.xls";
        assert_eq!(run.stderr.contains("login page"), is_page, "{}", run.stderr);
        run.says(remedy);
    }
}

#[test]
fn headers_that_cannot_be_used() {
    let scene = Scene::new();
    let cases: &[(&str, &str, &[&str])] = &[
        ("only.csv", "客户名称,手机\n", &["[E314]"]),
        (
            "twice.csv",
            "客户名称,手机,手机\n甲,1,2\n",
            &["[E303]", "手机"],
        ),
        (
            "same.csv",
            "客户名称,customerName\n甲,乙\n",
            &["[E303]", "customerName"],
        ),
        (
            "unknown.csv",
            "客户名称,手机,客户级\n甲,13800000000,特级\n",
            &["[E302]", "客户级", "客户级别", "--ignore-unmapped"],
        ),
        (
            "disabled.csv",
            "客户名称,旧编号\n甲,1\n",
            &["[E304]", "旧编号"],
        ),
        ("deleted.csv", "客户名称,传真\n甲,1\n", &["[E305]", "传真"]),
        ("nothing.csv", "a,b\n1,2\n", &["ferry fields"]),
        (
            "nameless.csv",
            "手机,邮箱\n13800000000,a@b.cn\n",
            &["[E312]"; 0],
        ),
    ];
    for (name, text, says) in cases {
        scene.write(name, text);
        is_refused(&scene, &format!("import {name}"), 3, says);
    }
    is_refused(&scene, "import nameless.csv", 3, &["[E313]", "客户名称"]);
}

#[test]
fn unmapped_columns_are_left_out_when_asked_and_it_is_said() {
    let scene = Scene::new();
    scene.write("extra.csv", "客户名称,QQ,等级\n甲,1,一\n");
    is_refused(&scene, "import extra.csv", 3, &["[E302]", "等级"]);
    let run = scene
        .ferry("import extra.csv --ignore-unmapped --json")
        .exits(0);
    assert_eq!(run.says("等级").sheet().column("等级"), ["一"]);
    assert_eq!(scene.crm.customer_count(), 1);
}

#[test]
fn a_sheet_that_claims_to_be_huge_is_read_as_it_is() {
    let scene = Scene::new();
    copied(&scene, "dimension.xlsx");
    scene.write("map.toml", "[columns.\"左上\"]\nfield = \"客户名称\"\n");
    let sheet = scene
        .ferry("import dimension.xlsx --map map.toml --json")
        .exits(4)
        .sheet();
    // It has two cells: the first of the sheet and the last that a sheet can have.
    assert_eq!(sheet.column("_row"), ["1048576"]);
    assert!(sheet.cell(0, "_error").contains("column XFD"), "{sheet:?}");
}

#[test]
fn two_hundred_columns() {
    let scene = Scene::new();
    let mut table = Table::of(&["客户名称", "QQ"], &[&["甲", "1"]]);
    for number in 2..200 {
        table.headers.push(format!("栏目{number}"));
        table.rows[0].push(format!("值{number}"));
    }
    scene.save("wide.xlsx", &table);
    let said = ["[E302]", "栏目11", "188 more columns"];
    is_refused(&scene, "import wide.xlsx", 3, &said);
    let refused = scene.ferry("import wide.xlsx");
    assert!(!refused.stderr.contains("栏目12"), "{}", refused.stderr);
    let run = scene
        .ferry("import wide.xlsx --ignore-unmapped --json")
        .exits(0);
    assert_eq!(run.sheet().cell(0, "栏目199"), "值199");
}

#[test]
fn several_matching_sheets_are_listed() {
    let scene = Scene::new();
    let mut book = rust_xlsxwriter::Workbook::new();
    for (title, name) in [("华东", "甲"), ("华南", "乙")] {
        let sheet = book.add_worksheet().set_name(title).unwrap();
        Table::of(&["客户名称"], &[&[name]]).fill(sheet);
    }
    book.save(scene.path("regions.xlsx")).unwrap();
    let says = &["[E306]", "华东", "华南", "--sheet"];
    is_refused(&scene, "import regions.xlsx", 3, says);
    is_refused(
        &scene,
        "import regions.xlsx --sheet 华北",
        3,
        &["[E307]", "华东"],
    );
    scene.ferry("import regions.xlsx --sheet 华南").exits(0);
    assert_eq!(scene.names().into_keys().collect::<Vec<_>>(), ["乙"]);
    let sheet = scene
        .ferry("import regions.xlsx --sheet * --json")
        .exits(0)
        .sheet();
    assert_eq!(sheet.column("_row"), ["华东!2", "华南!2"]);
    assert_eq!(sheet.column("_status"), ["ok", "skipped"]);
}

#[test]
fn a_header_below_titles_is_found_and_said() {
    let scene = Scene::new();
    scene.write(
        "titled.csv",
        "客户资料表,,\n制表：张三,,\n\n客户名称,手机,邮箱\n甲,13800000000,a@b.cn\n",
    );
    let run = scene
        .ferry("import titled.csv --json")
        .exits(0)
        .says("[E311]");
    assert_eq!(run.sheet().column("_row"), ["5"]);
    assert_eq!(scene.crm.customer_count(), 1);
}

#[test]
fn ragged_rows_are_problems_of_their_own() {
    let scene = Scene::new();
    scene.write(
        "ragged.csv",
        "客户名称,手机\n甲,13800000001\n乙,13800000002,多\n丙,13800000003\n",
    );
    let sheet = scene.ferry("import ragged.csv --json").exits(4).sheet();
    assert_eq!(sheet.column("_status"), ["ok", "invalid", "ok"]);
    assert!(sheet.cell(1, "_error_code").contains("E417"));
    assert_eq!(sheet.cell(1, "_row"), "3");
}

#[test]
fn nul_bytes_are_refused() {
    let scene = Scene::new();
    // `nul.csv` is a device on Windows.
    scene.write("zero.csv", "客户名称,QQ\nA\0B,1\n");
    is_refused(&scene, "import zero.csv", 3, &["[E608]"]);
}

#[test]
fn an_unclosed_quote_is_refused() {
    let scene = Scene::new();
    scene.write("quote.csv", "客户名称,QQ\n甲,1\n\"乙,2\n丙,3\n丁,4\n");
    is_refused(&scene, "import quote.csv", 3, &["[E608]"]);
}

#[test]
fn the_result_never_replaces_the_source() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    is_refused(&scene, "import list.csv -o list.csv", 2, &["-o"]);
    is_refused(&scene, "import list.csv -o ./list.csv", 2, &["-o"]);
    is_refused(
        &scene,
        "import list.csv -o answers.pdf",
        2,
        &["answers.pdf"],
    );
    is_refused(&scene, "import list.csv -o answers", 2, &["answers"]);
    is_refused(&scene, "import list.csv -o -", 2, &["-o FILE"]);
    assert_eq!(scene.crm.counters().calls, 0);
}

#[test]
fn an_unwritable_place_for_the_result_loses_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    let run = scene
        .ferry("import list.csv -o no/such/folder/answers.csv --json")
        .exits(0)
        .says("[E619]");
    assert_eq!(scene.crm.customer_count(), 2);
    // It stands under another name.
    assert_eq!(run.sheet().count("ok"), 2);
}

#[test]
fn a_result_that_is_there_already_is_not_lost() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    let first = scene.ferry("import list.csv --json").exits(0).result();
    let kept = bytes(&first);
    let second = scene.ferry("import list.csv --json").exits(9).result();
    assert_ne!(first, second);
    assert_eq!(bytes(&first), kept);
}

#[test]
fn flags_that_make_no_sense_are_usage_errors() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    for line in [
        "import",
        "import list.csv --no-such-flag",
        "import list.csv --mode sometimes",
        "import list.csv --rate fast",
        "import list.csv --concurrency 0",
        "import list.csv --timeout soon",
        "import list.csv --delimiter ab",
        "import list.csv --encoding klingon",
        "import list.csv --limit -1",
        "import list.csv --config nowhere.toml",
        "import list.csv --profile nobody",
        "resume no-such-job",
        "jobs no-such-job",
        "jobs --prune soon",
    ] {
        let run = scene.ferry(line);
        assert_eq!(run.code, 2, "{line}: {run:?}");
        assert!(run.stderr.contains("error: "), "{line}: {run:?}");
    }
    assert_eq!((scene.crm.customer_count(), scene.jobs().len()), (0, 0));
}

#[test]
fn standard_input_is_a_source_too() {
    let scene = Scene::new();
    let path = scene.save("list.csv", &named(3));
    let mut command = scene.command("import - -o answers.csv");
    command.stdin(std::fs::File::open(path).unwrap());
    Output::of(command).exits(0);
    let sheet = Table::read(&scene.path("answers.csv"));
    assert_eq!(sheet.count("ok"), 3);
}

#[cfg(target_os = "linux")]
#[test]
fn names_that_are_no_text_are_refused_before_anything_is_made() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::new();
    let name = OsStr::from_bytes(b"\xbf\xcd\xbb\xa7.csv");
    std::fs::write(scene.path("").join(name), "客户名称\n甲\n").expect("Linux takes any name");
    let folder = scene.path("").join(OsStr::from_bytes(b"\xbf\xcd"));
    std::fs::create_dir(&folder).expect("a folder");
    std::fs::write(folder.join("list.csv"), "客户名称\n甲\n").expect("a file");
    for line in [
        "import",
        "plan",
        "check",
        "map",
        "delete",
        "export -o",
        "import list.csv -o",
    ] {
        let mut command = scene.command(line);
        command.arg(name);
        Output::of(command).exits(2).says("[E111]");
    }
    let mut variable = scene.command("fields");
    variable.env("FERRY_STATE_DIR", &folder);
    Output::of(variable).exits(2).says("[E111]");
    let mut within = scene.command("import list.csv --json");
    within.current_dir(&folder);
    let said = Output::of(within).exits(2).json();
    assert_eq!(said["errors"][0]["code"], "E111");
    assert!(!scene.state().exists() && scene.adds() == 0);
}
