//! Two languages: which one a run speaks, that everything contract stays, and that a sheet of one language
//! comes back in the other.

use std::path::PathBuf;
use std::process::Command;

use crate::support::{Output, Scene, Table};

/// The line that says in which language the run was: a file that is not there.
fn missing(scene: &Scene) -> Command {
    let mut command = scene.command("import nowhere.csv");
    for name in ["FERRY_LANG", "LC_ALL", "LC_MESSAGES", "LANG"] {
        command.env_remove(name);
    }
    command
}

fn speaks_chinese(command: Command) -> bool {
    let output = Output::of(command).exits(3);
    let chinese = output
        .stderr
        .starts_with("错误：nowhere.csv：文件不存在 [E601]\n提示：");
    let english = output
        .stderr
        .starts_with("error: nowhere.csv: there is no such file [E601]\nhint: ");
    assert!(chinese != english, "{}", output.stderr);
    chinese
}

#[test]
fn flag_before_environment_before_file_before_locale() {
    let scene = Scene::new();
    let account = format!(
        "base_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n",
        scene.crm.base_url()
    );
    let file = |top: &str, profile: &str| format!("{top}\n[profiles.main]\n{account}{profile}\n");
    let (none, zh, en) = ("", "lang = \"zh\"", "lang = \"en\"");
    // Locale, file, environment, flag, and whether that is Chinese.
    let cases = [
        (&[("LANG", "zh_CN.UTF-8")][..], None, "", "", true),
        (&[("LANG", "en_US.UTF-8")], None, "", "", false),
        (&[("LANG", "C")], None, "", "", false),
        (&[("LANG", "zh_CN"), ("LC_ALL", "C")], None, "", "", false),
        (
            &[("LANG", "C"), ("LC_MESSAGES", "zh_TW")],
            None,
            "",
            "",
            true,
        ),
        (&[("LANG", "zh_CN")], Some(file(en, none)), "", "", false),
        (&[("LANG", "C")], Some(file(zh, none)), "", "", true),
        (&[("LANG", "C")], Some(file(en, zh)), "", "", true),
        (&[("LANG", "C")], Some(file(zh, none)), "en", "", false),
        (&[("LANG", "C")], Some(file(en, none)), "zh", "", true),
        (
            &[("LANG", "zh_CN")],
            Some(file(zh, none)),
            "zh",
            "en",
            false,
        ),
        (&[("LANG", "C")], None, "en", "zh", true),
    ];
    for (locale, file, environment, flag, chinese) in cases {
        let mut command = missing(&scene);
        command.envs(locale.iter().copied());
        let path = scene.path("ferry.toml");
        match &file {
            Some(text) => std::fs::write(&path, text).unwrap(),
            None => drop(std::fs::remove_file(&path)),
        }
        if !environment.is_empty() {
            command.env("FERRY_LANG", environment);
        }
        if !flag.is_empty() {
            command.args(["--lang", flag]);
        }
        assert_eq!(
            speaks_chinese(command),
            chinese,
            "{locale:?} {file:?} {environment} {flag}"
        );
    }
}

#[test]
fn a_language_that_ferry_does_not_speak_is_said_once_and_stops_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &list());
    for (locale, note) in [
        ("en_US.UTF-8", "note: FERRY_LANG is “xx”"),
        ("zh_CN.UTF-8", "注意：FERRY_LANG 的值是“xx”"),
    ] {
        let run = |line: &str| {
            let mut command = scene.command(line);
            command.env("FERRY_LANG", "xx").env("LANG", locale);
            Output::of(command)
        };
        let checked = run("check list.csv --json").exits(3).says(note);
        assert_eq!(checked.stderr.matches("[E115]").count(), 1, "{locale}");
        assert_eq!(checked.json()["rows"], 4);
        let quiet = run("jobs -q").exits(0);
        assert_eq!(quiet.stderr, "", "{locale}");
        // What is typed is a mistake all the same.
        run("jobs --lang xx").exits(2);
    }
}

/// Four rows: two good, two wrong.
fn list() -> Table {
    Table::of(
        &["客户名称", "手机", "客户来源"],
        &[
            &["甲", "13800000001", "官网"],
            &["乙", "138O0000002", "官网"],
            &["丙", "13800000003", "百度推广"],
            &["丁", "13800000004", "百度"],
        ],
    )
}

/// The result sheet as the last line but one names it.
fn result_of(output: &Output, label: &str) -> PathBuf {
    let named = output
        .stderr
        .lines()
        .find_map(|line| line.strip_prefix(label));
    PathBuf::from(named.unwrap_or_else(|| panic!("{}", output.stderr)))
}

#[test]
fn a_chinese_import_is_chinese_all_through_but_the_contract() {
    let scene = Scene::new();
    scene.save("名单.xlsx", &list());
    let run = scene
        .ferry("import 名单.xlsx --lang zh")
        .exits(4)
        .says("新增 2，更新 0，校验未通过 2")
        .says("提示：请在结果表中修改有问题的行");
    for english in ["rows", "calls", "hint", "note", "error", "added", "result"] {
        assert!(!run.stderr.contains(english), "{english}: {}", run.stderr);
    }
    let path = result_of(&run, "结果表：");
    let name = path.file_name().unwrap().to_string_lossy().into_owned();
    assert!(name.starts_with("名单_导入结果_"), "{name}");

    let sheet = Table::read(&path);
    let contract = [
        "_结果",
        "_id",
        "_error",
        "_tip",
        "客户名称",
        "手机",
        "客户来源",
        "_row",
        "_status",
        "_action",
        "_error_code",
        "_job",
        "_sent_at",
    ];
    assert_eq!(sheet.headers, contract);
    let wrong = "校验未通过（未提交）";
    assert_eq!(
        sheet.column("_结果"),
        ["新增成功", wrong, wrong, "新增成功"]
    );
    assert_eq!(sheet.column("_status"), ["ok", "invalid", "invalid", "ok"]);
    assert_eq!(
        sheet.cell(2, "_error"),
        "客户来源：“百度推广”不在选项中，最接近：百度"
    );

    // The same facts in the same keys for scripts.
    let json = scene
        .ferry("import 名单.xlsx --lang zh --json")
        .exits(4)
        .json();
    assert_eq!((&json["skipped"], &json["invalid"]), (&2.into(), &2.into()));
}

#[test]
fn a_result_sheet_of_either_language_is_an_input_in_the_other() {
    for (first, second) in [("zh", "en"), ("en", "zh")] {
        for extension in ["xlsx", "csv"] {
            let scene = Scene::new();
            scene.save("list.csv", &list());
            let line = format!("import list.csv --lang {first} -o result.{extension}");
            scene.ferry(&line).exits(4);
            let path = scene.path(&format!("result.{extension}"));
            let mut sheet = Table::read(&path);
            sheet.set(1, "手机", "13800000002");
            sheet.set(2, "客户来源", "百度");
            scene.save("mended.xlsx", &sheet);
            let line = format!("import mended.xlsx --lang {second} -o again.csv");
            scene.ferry(&line).exits(0);
            let again = Table::read(&scene.path("again.csv"));
            assert_eq!((again.count("ok"), again.count("skipped")), (2, 2));
            assert_eq!(scene.adds(), 4, "{first} {second} {extension}");

            // Also the workbook itself, with its other sheets: nothing of them is taken for customers.
            if extension == "xlsx" {
                let line = format!("import result.xlsx --lang {second} -o third.csv");
                let third = scene.ferry(&line).exits(9);
                assert_eq!(
                    Table::read(&scene.path("third.csv")).rows.len(),
                    4,
                    "{third:?}"
                );
            }
        }
    }
}

#[test]
fn a_job_stopped_in_one_language_is_resumed_and_shown_in_the_other() {
    let scene = Scene::new();
    scene.save("list.csv", &list());
    scene
        .ferry("import list.csv --limit 1 --lang en -o result.xlsx")
        .exits(5);
    scene.ferry("jobs --lang zh").exits(0).prints("已停止");
    scene.ferry("resume --lang zh").exits(4).says("继续任务");
    let sheet = Table::read(&scene.path("result.xlsx"));
    // The reasons were written into the journal by the English run.
    assert_eq!(sheet.headers[0], "_结果");
    assert_eq!(sheet.cell(1, "_error"), "手机：“138O0000002”不是电话号码");
}

#[test]
fn explain_takes_a_number_in_any_form() {
    let scene = Scene::new();
    for text in ["E412", "e412", "412"] {
        let run = scene.ferry(&format!("explain {text} --lang zh")).exits(0);
        assert!(run.stdout.starts_with("E412："), "{}", run.stdout);
        for part in ["示例：", "怎么办：", "类别："] {
            assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
        }
    }
    let all = scene.ferry("explain").exits(0).stdout;
    for code in ["E101", "E209", "E319", "E433", "E508", "E621"] {
        assert!(all.contains(code), "{code}");
    }
    assert_eq!(scene.ferry("explain 999").exits(2).stdout, "");
}

#[test]
fn init_comments_its_file_in_the_language_and_the_file_keeps_it() {
    let scene = Scene::new();
    let line = "init --base-url https://crm.example.com --appid 1090 --lang zh";
    scene.ferry(line).exits(0).says("下一步：");
    let text = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
    assert!(text.starts_with("# ferry 使用的账号"), "{text}");
    assert!(speaks_chinese(missing(&scene)));
}

#[test]
fn names_that_the_sandbox_does_not_know_are_answered_with_those_it_knows() {
    let scene = Scene::new();
    for (flag, known) in [
        ("--fault lost=1", "lost-reply"),
        ("--fault busy-after:fog=1", "503ra"),
        ("--outage 6s:fog", "refused"),
    ] {
        for lang in ["en", "zh"] {
            let line = format!("sandbox --port 0 {flag} --lang {lang}");
            let output = scene.ferry(&line).exits(2);
            assert!(output.stderr.contains(known), "{line}: {}", output.stderr);
        }
    }
}
