//! `--report`: one HTML file about a run, whatever it has come to.

use serde_json::json;

use crate::support::{Endpoint, Output, ReportPage, SECRET, Scene, Table, named, people, sample};

/// The lines of a table, each as one text.
fn lines(table: &[Vec<String>]) -> Vec<String> {
    table.iter().map(|row| row.join(" | ")).collect()
}

#[test]
fn an_import_with_wrong_rows_is_told_as_it_went() {
    let scene = Scene::new();
    let source = sample("customers.xlsx");
    std::fs::copy(source, scene.path("customers.xlsx")).unwrap();
    let said = scene
        .ferry("import customers.xlsx --report report.html --json")
        .exits(4)
        .json();
    let path = scene.path("report.html");
    assert_eq!(said["report"], json!(path.to_string_lossy()), "{said}");
    let report = ReportPage::read(&path);
    assert_eq!(report.title(), "Import of customers.xlsx");
    assert_eq!(
        report.verdict(),
        "Done, except for 4 rows, which are to be mended."
    );
    assert_eq!(report.fact("job"), scene.job());
    assert_eq!(report.fact("source"), "customers.xlsx");
    assert_eq!(report.fact("calls"), said["api_calls"].to_string());
    let account = report.fact("account");
    assert!(account.starts_with("sandbox at 127.0.0.1:"), "{account}");
    let result = said["result"].as_str().unwrap();
    assert!(result.ends_with(&report.fact("result sheet")), "{result}");
    assert_eq!(
        lines(&report.table("Rows by outcome")),
        [
            "outcome | rows | share",
            "added | 36 | 90.0 %",
            "invalid | 4 | 10.0 %",
            "all rows | 40 | ",
        ]
    );
    // Every problem that the result sheet has, with its cell there.
    let sheet = Table::read_sheet(result.as_ref(), 1);
    let wrong = report.table("Rows that are not done");
    let groups = report.table("Problems, equal ones together");
    assert_eq!(wrong.len() - 1, sheet.rows.len());
    assert_eq!(groups.len() - 1, sheet.rows.len());
    for row in 0..sheet.rows.len() {
        let [cell, message, tip] = ["cell", "message", "tip"].map(|name| sheet.cell(row, name));
        let is_it = |line: &&Vec<String>| line[0].split(' ').next() == Some(cell);
        let line = wrong.iter().find(is_it).unwrap_or_else(|| panic!("{cell}"));
        assert_eq!(line[1], sheet.cell(row, "customer"));
        assert!(line[3].contains(message), "{line:?}");
        let is_it = |group: &&Vec<String>| group[2].split(' ').next() == Some(cell);
        let group = groups
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{cell}"));
        assert_eq!(group[0], "1");
        assert!([tip, "as above"].contains(&group[3].as_str()), "{group:?}");
        assert!(groups.iter().any(|group| group[3] == tip), "{tip}");
    }
    // No secret, and no path of this machine.
    assert!(!report.html.contains(SECRET));
    assert!(!report.html.contains(&*scene.path("").to_string_lossy()));
}

#[test]
fn no_path_of_this_machine_is_in_a_report() {
    let scene = Scene::new();
    std::fs::create_dir(scene.path("lists")).unwrap();
    let owned = Table::of(&["客户名称", "负责人"], &[&["甲", "王芳"], &["乙", "8310"]]);
    scene.save("lists/list.csv", &owned);
    scene.write(
        "lists/map.toml",
        "[columns.\"客户名称\"]\nfield = \"客户名称\"\n",
    );
    let flags = "--state-dir lists/state --map lists/map.toml";
    let line = format!("import lists/list.csv {flags} --report report.html");
    scene.ferry(&line).exits(4).says("lists");
    let report = ReportPage::read(&scene.path("report.html"));
    // What to do is a command, as for any other reader.
    let groups = report.table("Problems, equal ones together");
    assert!(
        groups[1][1].contains("E413") && groups[1][3].contains("`ferry fields` lists"),
        "{groups:?}"
    );
    for word in ["lists/", "--state-dir", "--map"] {
        assert!(!report.html.contains(word), "{word}");
    }
    assert!(!report.html.contains(&*scene.path("").to_string_lossy()));
}

#[test]
fn a_report_speaks_chinese() {
    let scene = Scene::new();
    std::fs::copy(sample("customers.xlsx"), scene.path("客户.xlsx")).unwrap();
    scene
        .ferry("import 客户.xlsx --report 报告_{date}_{profile}.htm --lang zh")
        .exits(4)
        .says("报告：");
    let folder = std::fs::read_dir(scene.path("")).unwrap();
    let mut names = folder.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.find(|name| name.starts_with("报告_")).unwrap();
    assert!(
        name.starts_with("报告_20") && name.ends_with("_default.htm"),
        "{name}"
    );
    let report = ReportPage::read(&scene.path(&name));
    assert!(report.html.contains("<html lang=\"zh-CN\">"));
    assert_eq!(report.title(), "导入 客户.xlsx");
    assert_eq!(report.verdict(), "已完成，其中 4 行需要修改后再导入。");
    let counts = lines(&report.table("各结果的行数"));
    assert_eq!(
        counts[1..3],
        ["新增成功 | 36 | 90.0 %", "校验未通过 | 4 | 10.0 %"]
    );
    assert_eq!(report.table("未完成的行").len(), 5);
}

#[test]
fn a_trial_says_that_it_goes_on_and_the_rest_that_it_is_done() {
    let scene = Scene::new();
    scene.save("list.csv", &named(30));
    scene
        .ferry("import list.csv --limit 10 --report report.html")
        .exits(5)
        .says("report: ");
    let report = ReportPage::read(&scene.path("report.html"));
    let job = scene.job();
    assert_eq!(
        report.verdict(),
        "Not finished yet: 10 of 30 rows have their answer."
    );
    let counts = lines(&report.table("Rows by outcome"));
    assert_eq!(
        counts[1..3],
        ["added | 10 | 33.3 %", "not sent yet | 20 | 66.7 %"]
    );
    assert!(!report.has("Rows that are not done"));
    scene.ferry("resume --report report.html -q").exits(0);
    let report = ReportPage::read(&scene.path("report.html"));
    assert_eq!(report.verdict(), "Done: all 30 rows are dealt with.");
    // A job of which nothing is left to do is told about as well.
    let line = format!("resume {job} --report later.html --json");
    let said = scene.ferry(&line).exits(9).json();
    assert_eq!(
        said["report"],
        json!(scene.path("later.html").to_string_lossy())
    );
    let later = ReportPage::read(&scene.path("later.html"));
    assert_eq!(later.verdict(), report.verdict());
}

#[test]
fn a_job_that_was_killed_is_told_about_and_one_that_runs() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.kill_at("import list.csv", Endpoint::Add, 9, None);
    let job = scene.job();
    let line = format!("jobs {job} --report report.html");
    scene.ferry(&line).exits(0);
    let report = ReportPage::read(&scene.path("report.html"));
    let verdict = report.verdict();
    assert!(verdict.starts_with("Not finished yet: "), "{verdict}");
    assert!(
        verdict.contains("not known whether the CRM has stored them"),
        "{verdict}"
    );
    // Each of them is named.
    let counts = lines(&report.table("Rows by outcome"));
    let unknown = counts.iter().find(|line| line.starts_with("unknown"));
    let unknown = unknown.unwrap_or_else(|| panic!("{counts:?}"));
    let wrong = report.table("Rows that are not done");
    assert_eq!(
        unknown.split(" | ").nth(1),
        Some((wrong.len() - 1).to_string().as_str()),
        "{wrong:?}"
    );
    for line in &wrong[1..] {
        assert!(
            line[1].starts_with("客户 ") && line[2].starts_with("unknown"),
            "{line:?}"
        );
    }
    let held = scene.hold(Endpoint::Add, 20);
    let running = scene.start("resume");
    held.wait_for(1);
    scene.ferry(&line).exits(0);
    let report = ReportPage::read(&scene.path("report.html"));
    assert!(
        report.verdict().starts_with("Still at work: "),
        "{}",
        report.verdict()
    );
    assert!(!report.has("Rows that are not done"));
    held.release();
    running.wait().exits(0);
    scene.ferry(&line).exits(0);
    let report = ReportPage::read(&scene.path("report.html"));
    assert_eq!(report.verdict(), "Done: all 40 rows are dealt with.");
    assert!(!report.fact("last row at").is_empty());
}

#[test]
fn what_was_not_sent_is_not_said_to_be_done() {
    let scene = Scene::with_secret("another");
    scene.save("list.csv", &named(3));
    // No job, and nothing to tell: the fields could not be read.
    scene.ferry("import list.csv --report report.html").exits(7);
    assert!(!scene.path("report.html").exists());
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("plan list.csv --mode add").exits(0);
    scene
        .ferry(&format!("jobs {} --report plan.html", scene.job()))
        .exits(0);
    let plan = ReportPage::read(&scene.path("plan.html"));
    assert_eq!(plan.verdict(), "A plan: nothing was written to the CRM.");
    assert_eq!(
        lines(&plan.table("Rows by outcome"))[1],
        "would be added | 3 | 100.0 %"
    );
    let mut command = scene.command("apply --report report.html");
    command.env("FERRY_SECRET", "another");
    Output::of(command).exits(7).says("report: ");
    let verdict = ReportPage::read(&scene.path("report.html")).verdict();
    assert_eq!(verdict, "Not finished yet: 0 of 3 rows have their answer.");
}

#[test]
fn what_stands_in_cells_stays_text() {
    let scene = Scene::new();
    let hostile = "<script>alert(1)</script>";
    let mut table = Table::of(&["客户名称", "手机", "客户来源"], &[]);
    table.rows = vec![
        vec![
            hostile.to_owned(),
            "13800138000".into(),
            "\"><img src=x onerror=alert(1)>".into(),
        ],
        vec![
            "</td></table><a href=\"javascript:alert(1)\">x</a>".to_owned(),
            "1".into(),
            String::new(),
        ],
        vec![
            "{{ frame.title }}\u{202e}甲".to_owned(),
            "2".into(),
            String::new(),
        ],
        vec!["甲".repeat(5000), "3".into(), "乙".repeat(20_000)],
    ];
    scene.save("a&b.csv", &table);
    scene.ferry("import a&b.csv --report report.html").exits(4);
    let html = std::fs::read_to_string(scene.path("report.html")).unwrap();
    for tag in ["<script", "<img", "<a ", "</table><a"] {
        assert!(!html.contains(tag), "{tag}");
    }
    assert!(html.contains("&#60;script&#62;alert(1)&#60;/script&#62;"));
    assert!(html.contains("{{ frame.title }}\\u{202e}") && html.contains("a&#38;b.csv"));
    assert!(html.len() < 30_000, "{}", html.len());
}

#[test]
fn many_problems_are_counted_and_the_first_ones_listed() {
    let scene = Scene::new();
    let mut table = named(3000);
    table.headers.push("客户来源".to_owned());
    for (number, row) in table.rows.iter_mut().enumerate() {
        // The same word in a third of the rows, a word of its own in another third.
        row.push(match number % 3 {
            0 => "百度推广".to_owned(),
            1 => format!("渠道 {number}"),
            _ => String::new(),
        });
    }
    scene.save("list.csv", &table);
    scene.ferry("import list.csv --report report.html").exits(4);
    let report = ReportPage::read(&scene.path("report.html"));
    assert_eq!(
        report.verdict(),
        "Done, except for 2000 rows, which are to be mended."
    );
    let groups = report.table("Problems, equal ones together");
    assert_eq!(groups.len() - 1, 50);
    assert_eq!(groups[1][0], "1000");
    assert!(groups[1][1].contains("百度推广"), "{:?}", groups[1]);
    let sheet = report.fact("result sheet");
    let section = report.section("Problems, equal ones together");
    assert!(
        section.ends_with(&format!("… and 951 more: see {sheet}.")),
        "{section}"
    );
    assert_eq!(report.table("Rows that are not done").len() - 1, 100);
    let section = report.section("Rows that are not done");
    assert!(
        section.ends_with(&format!("… and 1900 more: see {sheet}.")),
        "{section}"
    );
    assert!(report.html.len() < 100_000, "{}", report.html.len());
}

#[test]
fn the_run_stands_when_its_report_cannot_be_written() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    // A folder of that name: no file takes its place.
    std::fs::create_dir(scene.path("taken.html")).unwrap();
    let output = scene.ferry("import list.csv --report taken.html --json");
    let said = output.exits(1);
    let json = said.json();
    assert_eq!(
        (&json["added"], &json["report"]),
        (&json!(3), &json!(null)),
        "{json}"
    );
    assert_eq!(json["exit"], json!(1));
    assert!(scene.path(json["result"].as_str().unwrap()).is_file());
    let job = scene.job();
    said.says(&format!(
        "hint: the report is not written: ferry jobs {job} "
    ))
    .says(" --report report.html")
    .says("taken.html");
    // As the hint says.
    scene
        .ferry(&format!("jobs {job} --report report.html"))
        .exits(0)
        .says("report: ");
    let report = ReportPage::read(&scene.path("report.html"));
    assert_eq!(report.verdict(), "Done: all 3 rows are dealt with.");
    scene
        .ferry(&format!("jobs {job} --report taken.html"))
        .exits(1);
}

#[test]
fn rows_in_doubt_are_told_by_the_exit_code_without_a_report_too() {
    let scene = Scene::new();
    scene.save("list.csv", &named(40));
    scene.kill_at("import list.csv", Endpoint::Add, 9, None);
    std::fs::create_dir(scene.path("taken.html")).unwrap();
    let line = "resume --no-touch --report taken.html --json";
    let said = scene.ferry(line).exits(6).json();
    assert_eq!(
        (&said["report"], &said["exit"]),
        (&json!(null), &json!(6)),
        "{said}"
    );
}

#[test]
fn a_name_that_is_none_of_a_report_is_refused_before_anything_is_sent() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    for (name, why) in [
        ("report.pdf", ".html"),
        ("report", ".html"),
        ("-", ".html"),
        ("{day}.html", "{day}"),
        ("nowhere/report.html", "[E625]"),
    ] {
        for command in [
            "import list.csv",
            "apply",
            "resume",
            "verify",
            "export -o all.csv",
        ] {
            let line = format!("{command} --report {name}");
            scene.ferry(&line).exits(2).says(why);
        }
    }
    assert_eq!((scene.adds(), scene.jobs().len()), (0, 0));
    scene.ferry("jobs --report report.html").exits(2);
    // A folder that is named by the day is known only when it is written.
    scene
        .ferry("import list.csv --report reports_{date}/report.html")
        .exits(1);
    assert_eq!(scene.adds(), 3);
    scene
        .ferry(&format!(
            "jobs {} --report nowhere/report.html",
            scene.job()
        ))
        .exits(2)
        .says("[E625]");
}

/// The variable names the report of a run; `ferry jobs` lists, shows and writes sheets as without it.
#[test]
fn jobs_has_no_variables() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    scene.ferry("import list.csv").exits(0);
    let job = scene.job();
    for (line, shown) in [
        ("jobs".to_owned(), job.as_str()),
        (format!("jobs {job}"), "list.csv"),
        (format!("jobs {job} --result sheet.csv"), ""),
    ] {
        let mut command = scene.command(&line);
        command.env("FERRY_REPORT", "report.html");
        command.env("FERRY_RESULT", "result.xlsx");
        command.env("FERRY_ONLY", "failed").env("FERRY_PRUNE", "0s");
        let output = Output::of(command).exits(0);
        assert!(output.stdout.contains(shown), "{line}: {}", output.stdout);
    }
    assert!(scene.path("sheet.csv").exists());
    assert!(!scene.path("report.html").exists() && !scene.path("result.xlsx").exists());
}

#[cfg(target_os = "linux")]
#[test]
fn a_working_folder_that_is_no_text_is_told_as_well_as_can_be() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    scene.ferry("import list.csv").exits(0);
    let folder = scene.path("").join(OsStr::from_bytes(b"\xbf\xcd"));
    std::fs::create_dir(&folder).expect("Linux takes any name");
    let job = scene.job();
    for (line, file, name) in [
        (format!("jobs {job} --report q.html"), "q.html", "report"),
        (format!("jobs {job} --result q.csv"), "q.csv", "result"),
    ] {
        let mut command = scene.command(&format!("{line} --json"));
        command.current_dir(&folder);
        let said = Output::of(command).exits(0).json();
        let path = said[name].as_str().unwrap_or_default();
        assert!(path.ends_with(file), "{line}: {said}");
        assert!(folder.join(file).is_file(), "{line}");
    }
}

#[test]
fn the_environment_names_a_report_and_an_older_one_is_replaced() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    scene.write("report.html", "an older one");
    let mut command = scene.command("import list.csv -q");
    command.env("FERRY_REPORT", "report.html");
    let output = Output::of(command).exits(0);
    assert_eq!((output.stdout.as_str(), output.stderr.as_str()), ("", ""));
    let report = ReportPage::read(&scene.path("report.html"));
    assert_eq!(report.verdict(), "Done: all 2 rows are dealt with.");
}

#[test]
fn a_verification_says_its_conclusion_first() {
    let scene = Scene::new();
    scene.save("list.xlsx", &people(20).0);
    scene.ferry("import list.xlsx --mode add").exits(0);
    scene
        .ferry("verify --report clean.html")
        .exits(0)
        .says("report: ");
    let report = ReportPage::read(&scene.path("clean.html"));
    assert!(report.verdict().contains(": everything is as it was sent"));
    assert!(!report.has("Differences"));
    let id = scene.id_of("客户 0003");
    let mut stored = scene.crm.customer(&id).unwrap();
    stored.insert("textarea_p8xw_1687316455310".into(), json!("<b>他人</b>"));
    scene.crm.insert(stored);
    let gone = scene.id_of("客户 0004");
    scene.crm.remove(&gone);
    let mut second = scene.crm.customer(&scene.id_of("客户 0005")).unwrap();
    for key in ["_id", "createTime", "updateTime"] {
        second.remove(key);
    }
    let second = scene.crm.insert(second);
    scene.ferry("verify --report verified.html --json").exits(4);
    let report = ReportPage::read(&scene.path("verified.html"));
    assert_eq!(report.title(), "Verification: import of list.xlsx");
    let verdict = report.verdict();
    assert!(
        verdict.starts_with("20 rows, ") && verdict.contains(": differences in 3 "),
        "{verdict}"
    );
    let lines = lines(&report.table("Differences"));
    assert_eq!(lines.len(), 4, "{lines:?}");
    assert_eq!(
        lines[1],
        format!(
            "4 | 客户 0003 | 备注 of customer {id}: sent “@someone”, stored “<b>他人</b>” E540"
        )
    );
    assert!(
        lines[2].contains(&gone) && lines[2].contains("E541"),
        "{lines:?}"
    );
    assert!(
        lines[3].contains(&second) && lines[3].contains("E545"),
        "{lines:?}"
    );
    assert_eq!(report.fact("rows compared"), "20");
    // A report that cannot be written leaves the sheet, and the exit code says so.
    std::fs::create_dir(scene.path("taken.html")).unwrap();
    let said = scene
        .ferry("verify --report taken.html --json")
        .exits(1)
        .json();
    assert!(scene.path(said["result"].as_str().unwrap()).is_file());
}

#[test]
fn what_an_undo_left_alone_is_told() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    scene.ferry("import list.csv --mode add").exits(0);
    let id = scene.id_of("客户 0002");
    let mut stored = scene.crm.customer(&id).unwrap();
    stored.insert("textarea_p8xw_1687316455310".into(), json!("谈过"));
    stored.insert("updateTime".into(), json!("2030-01-01 08:00:00"));
    scene.crm.insert(stored);
    let import = scene.job();
    scene.ferry(&format!("undo {import} --yes")).exits(4);
    let undo = scene.jobs().into_iter().find(|job| *job != import).unwrap();
    scene
        .ferry(&format!("jobs {undo} --report undo.html"))
        .exits(0);
    let report = ReportPage::read(&scene.path("undo.html"));
    assert_eq!(report.title(), "Undo of list.csv");
    assert_eq!(report.fact("takes back"), import);
    assert_eq!(
        report.verdict(),
        "Done, except for 1 row that was left alone, as a whole or in part."
    );
    let wrong = report.table("Rows that are not done");
    assert_eq!((wrong.len(), wrong[1][1].as_str()), (2, "客户 0002"));
    assert_eq!(wrong[1][2], "changed since, left alone");
    scene
        .ferry(&format!("jobs {import} --report import.html"))
        .exits(0);
    let report = ReportPage::read(&scene.path("import.html"));
    assert_eq!(report.fact("taken back by"), undo);
}

/// A row of which one field was left alone, and the rest was refused.
#[test]
fn a_row_is_counted_once() {
    let scene = Scene::new();
    let stored = json!({
        "customerName": "甲",
        "createTime": "2024-05-05 08:00:00",
        "updateTime": "2024-05-05 08:00:00",
        "mobile": [{"value": "13800000001", "memo": "本人"}],
        "text_k2ad_1687316401122": "1",
        "email": [{"value": "old@example.com"}],
    });
    let id = scene.crm.insert(stored.as_object().cloned().unwrap());
    let headers = ["客户名称", "手机", "客户编号", "邮箱"];
    let rows: [&[&str]; 1] = [&["甲", "13800000001", "2", "new@example.com"]];
    scene.save("list.csv", &Table::of(&headers, &rows));
    scene.ferry("import list.csv --key 手机").exits(0);
    let import = scene.job();
    let mut stored = scene.crm.customer(&id).unwrap();
    stored.insert("text_k2ad_1687316401122".into(), json!("3"));
    scene.crm.insert(stored);
    let updates = scene.crm.counters().calls_to(Endpoint::Update);
    let held = scene.hold(Endpoint::Update, updates + 1);
    let running = scene.start(&format!("undo {import} --yes"));
    held.wait_for(1);
    scene.crm.remove(&id);
    held.release();
    running.wait().exits(4);
    let undo = scene.jobs().into_iter().find(|job| *job != import).unwrap();
    scene
        .ferry(&format!("jobs {undo} --report undo.html"))
        .exits(0);
    let report = ReportPage::read(&scene.path("undo.html"));
    assert_eq!(
        report.verdict(),
        "Done, except for 1 row that was left alone, as a whole or in part."
    );
    assert_eq!(report.table("Rows that are not done").len(), 2);
    let section = report.section("Rows that are not done");
    assert!(!section.contains("more"), "{section}");
}

#[test]
fn the_time_of_sending_is_read_from_the_job() {
    let scene = Scene::new();
    scene.save("list.csv", &named(30));
    scene.ferry("import list.csv --report report.html").exits(0);
    let report = ReportPage::read(&scene.path("report.html"));
    let pace = report.section("Rows sent over time");
    assert!(pace.starts_with("30 rows from 20"), "{pace}");
    // Another process tells the same.
    scene
        .ferry(&format!("jobs {} --report later.html", scene.job()))
        .exits(0);
    let later = ReportPage::read(&scene.path("later.html"));
    assert_eq!(later.section("Rows sent over time"), pace);
}
