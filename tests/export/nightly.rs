//! What a run does that nobody watches: names, old files, comparison, the command at the end.

use serde_json::Value;

use super::{fill, manifest, old};
use crate::support::{Canned, Endpoint, Fault, FaultKind, Scene, Table, sample};

/// Files of the scene's folder that begin so, by name.
fn files(scene: &Scene, start: &str) -> Vec<String> {
    let entries = std::fs::read_dir(scene.path("")).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .filter(|name| name.starts_with(start) && !name.contains(".manifest."))
        .collect();
    names.sort();
    names
}

/// Makes an export older than it is.
fn age(file: &std::path::Path, started: &str) {
    let mut said = manifest(file);
    said["started"] = started.into();
    let mut path = file.as_os_str().to_owned();
    path.push(".manifest.json");
    std::fs::write(path, said.to_string()).unwrap();
}

#[test]
fn old_exports_go_and_nothing_else() {
    let scene = Scene::new();
    fill(&scene, 5);
    for (name, started) in [
        ("a1", "2026-08-30 02:00:00"),
        ("a2", "2026-08-31 02:00:00"),
        ("a3", "2026-09-30 02:00:00"),
        ("a4", "2026-10-30 02:00:00"),
        ("a5", "2026-10-31 02:00:00"),
    ] {
        let output = scene.ferry("export -o all_{time}.csv --json").exits(0);
        let file = scene.path(&format!("{name}.csv"));
        let named = output.result();
        let said = manifest(&named);
        std::fs::rename(&named, &file).unwrap();
        let mut beside = named.as_os_str().to_owned();
        beside.push(".manifest.json");
        std::fs::remove_file(beside).unwrap();
        let mut said = said;
        said["file"] = format!("{name}.csv").into();
        let mut beside = file.as_os_str().to_owned();
        beside.push(".manifest.json");
        std::fs::write(beside, said.to_string()).unwrap();
        age(&file, started);
    }
    // Somebody has worked in one of them; another file only looks like an export.
    let edited = scene.path("a1.csv");
    let text = std::fs::read_to_string(&edited).unwrap();
    std::fs::write(&edited, text + "mine\n").unwrap();
    scene.write("all_000000.csv", "not ours");
    let output = scene
        .ferry("export -o all_{time}.csv --keep 2 --keep-monthly 3 --json")
        .exits(0);
    let newest = output
        .result()
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    output.says("[E632]");
    // Two newest: this one and a5. The newest of three months: this one's, a5 of October, a3 of September.
    assert_eq!(
        files(&scene, "a"),
        ["a1.csv", "a3.csv", "a5.csv", "all_000000.csv", &newest]
    );
    // A partial view deletes nothing.
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::PageShort, 1.0)]);
    fill(&scene, 300);
    scene
        .ferry("export -o all_{time}.csv --keep 1 --max-passes 1")
        .exits(4);
    assert!(scene.path("a5.csv").is_file());
}

#[test]
fn changes_since_the_last_one_are_listed() {
    let scene = Scene::new();
    let stored = fill(&scene, 250);
    scene
        .ferry("export -o all_{date}.xlsx --compare last")
        .exits(0)
        .says("[E629]");
    let mut changed = old(7);
    changed.insert("_id".to_owned(), stored[6].clone().into());
    changed.insert("customerName".to_owned(), "改了名".into());
    changed.insert("updateTime".to_owned(), "2026-01-01 00:00:00".into());
    changed.insert(
        "mobile".to_owned(),
        serde_json::json!([{"value": "13800000007", "memo": "本人"}, {"value": "13900000000"}]),
    );
    scene.crm.insert(changed);
    scene.crm.remove(&stored[9]);
    scene.crm.insert(old(900));
    let output = scene
        .ferry("export -o all_{date}.xlsx --compare last --json")
        .exits(0);
    let json = output.json();
    assert_eq!(json["changes"]["added"], 1);
    assert_eq!(json["changes"]["changed"], 1);
    assert_eq!(json["changes"]["gone"], 1);
    assert_eq!(json["changes"]["unchanged"], 248);
    assert_eq!(
        (&json["customers"], &json["complete"]),
        (&250.into(), &true.into())
    );
    let file = json["result"].as_str().unwrap();
    let sheet = Table::read_sheet(std::path::Path::new(file), 1);
    assert_eq!(
        sheet.headers,
        ["change", "_id", "customer", "field", "old", "new"]
    );
    let line = |row: &[&str]| {
        row.iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    assert!(sheet.rows.contains(&line(&[
        "changed",
        &stored[6],
        "改了名",
        "客户名称",
        "客户 00007",
        "改了名"
    ])));
    assert!(sheet.rows.contains(&line(&[
        "changed",
        &stored[6],
        "改了名",
        "手机2",
        "",
        "13900000000"
    ])));
    assert!(
        sheet
            .rows
            .contains(&line(&["gone", &stored[9], "客户 00010", "", "", ""]))
    );
    assert_eq!(sheet.rows.len(), 4, "{:?}", sheet.rows);
    // Another filter is another scope.
    scene
        .ferry(&format!(
            "export -o x.csv --where-empty 客户级别 --compare {file}"
        ))
        .exits(3)
        .says("[E630]");
    // A CSV file has its changes beside it.
    scene.crm.remove(&stored[20]);
    scene
        .ferry(&format!("export -o next.csv --compare {file}"))
        .exits(0);
    let beside = Table::read(&scene.path("next_changes.csv"));
    assert_eq!(beside.column("change"), ["gone"]);
}

/// How `on_finish` names a script beside `ferry.toml`; a script that keeps what it is given, and one that fails.
#[cfg(unix)]
const SCRIPT: (&str, &str, &str) = (
    "./tell.sh",
    "#!/bin/sh\ncat > told.json\nenv > told.env\n",
    "#!/bin/sh\nexit 3\n",
);
/// The `findstr` of Wine 8 finds nothing.
#[cfg(windows)]
const SCRIPT: (&str, &str, &str) = (
    r".\tell.cmd",
    "@%SystemRoot%\\System32\\findstr.exe \"^^\" > told.json || more > told.json\r\n@set > told.env\r\n",
    "@exit /b 3\r\n",
);

/// Makes a script. Another process writes it, because a program that is open for writing cannot be run, and a process
/// that a test beside this one starts may have inherited the open file.
fn write_script(scene: &Scene, name: &str, text: &str) {
    let draft = scene.write("draft", text);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        std::fs::set_permissions(&draft, PermissionsExt::from_mode(0o755)).unwrap();
        let copied = std::process::Command::new("cp")
            .arg("-p")
            .args([&draft, &scene.path(name)])
            .status();
        assert!(copied.unwrap().success());
    }
    #[cfg(not(unix))]
    std::fs::copy(&draft, scene.path(name)).unwrap();
}

#[test]
fn a_command_is_told_at_the_end_also_of_a_failure_and_without_the_secret() {
    let scene = Scene::new();
    fill(&scene, 3);
    std::fs::create_dir(scene.path("conf")).unwrap();
    let (program, telling, failing) = SCRIPT;
    let script = format!("conf/{}", &program[2..]);
    write_script(&scene, &script, telling);
    scene.write(
        "conf/ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\non_finish = ['{program}']\n",
            scene.crm.base_url()
        ),
    );
    let told = || -> Value {
        serde_json::from_str(&std::fs::read_to_string(scene.path("conf/told.json")).unwrap())
            .unwrap()
    };
    let quiet = scene
        .ferry("export -o all.csv --config conf/ferry.toml -q")
        .exits(0);
    assert_eq!(quiet.stderr, "", "quiet success");
    assert_eq!(
        (&told()["customers"], &told()["exit"]),
        (&3.into(), &0.into())
    );
    let environment = std::fs::read_to_string(scene.path("conf/told.env")).unwrap();
    assert!(environment.contains("FERRY_LANG=en"), "{environment}");
    assert!(!environment.contains("sandbox-secret"), "{environment}");
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::Busy403, 0.0).at(Endpoint::List)]);
    scene
        .ferry("export -o nowhere/all.csv --config conf/ferry.toml -q")
        .exits(1);
    assert_eq!(told()["errors"][0]["code"], "E625");
    assert_eq!(told()["command"], "export");
    scene.save("more.csv", &Table::of(&["客户名称"], &[&["甲"]]));
    scene
        .ferry("import more.csv --config conf/ferry.toml -q")
        .exits(0);
    assert_eq!(
        (&told()["command"], &told()["added"]),
        (&"import".into(), &1.into())
    );
    // From elsewhere, as a scheduler starts it.
    std::fs::remove_file(scene.path("conf/told.json")).unwrap();
    std::fs::create_dir(scene.path("elsewhere")).unwrap();
    let config = scene.path("conf/ferry.toml");
    let mut elsewhere = scene.command("export -o all.csv -q --config");
    elsewhere.arg(config).current_dir(scene.path("elsewhere"));
    let quiet = crate::support::Output::of(elsewhere).exits(0);
    assert_eq!((quiet.stderr.as_str(), &told()["exit"]), ("", &0.into()));
    write_script(&scene, &script, failing);
    scene
        .ferry("export -o all.csv --config conf/ferry.toml -q")
        .exits(0)
        .says("[E633]");
}

/// A console of Windows in China speaks GBK, and ferry's JSON is UTF-8.
#[test]
fn the_robot_reads_utf_8_whatever_the_console_speaks() {
    use std::io::Write;
    use std::process::{Command, Stdio};
    let python = ["python3", "python", "py"].into_iter().find(|name| {
        let asked = Command::new(name).args(["-c", "import json"]).output();
        asked.is_ok_and(|answer| answer.status.success())
    });
    let Some(python) = python else {
        let mut line = std::io::stderr();
        line.write_all(b"SKIPPED: no Python to run robot.py with\n")
            .unwrap();
        return;
    };
    let robot = Canned::start(|_| br#"{"errcode": 0}"#.to_vec());
    let script = sample("../templates/notify/robot.py");
    let mut child = Command::new(python)
        .arg(script)
        .args([&robot.base_url(), "all"])
        .env("PYTHONIOENCODING", "gbk")
        .env("no_proxy", "127.0.0.1")
        .stdin(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let summary = serde_json::json!({
        "command": "export", "exit": 1,
        "errors": [{"code": "E624", "message": "无法写入客户名单", "hint": "请关闭该文件"}],
    });
    let mut input = child.stdin.take().unwrap();
    input.write_all(summary.to_string().as_bytes()).unwrap();
    drop(input);
    let answer = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{said}");
    let body: Value = serde_json::from_slice(&robot.last_body()).unwrap();
    let text = body["text"]["content"].as_str().unwrap();
    assert!(text.contains("无法写入客户名单"), "{text}");
}

#[test]
fn jobs_list_exports_and_say_what_they_hold() {
    let scene = Scene::new();
    fill(&scene, 12);
    scene.ferry("export -o all.csv").exits(0);
    let job = scene.job();
    scene.ferry("jobs").exits(0).prints("12 customers");
    let one = scene.ferry(&format!("jobs {job}")).exits(0);
    assert!(
        one.stdout.contains("all.csv") && one.stdout.contains("12 customers"),
        "{}",
        one.stdout
    );
    let list = scene.ferry("jobs --json").exits(0).json();
    assert_eq!(
        (&list[0]["customers"], &list[0]["state"]),
        (&12.into(), &"finished".into())
    );
    scene.ferry(&format!("jobs {job} --result x.xlsx")).exits(2);
    // The pages are gone as soon as nobody needs them.
    assert!(!scene.job_file("spool.db").exists());
    scene.ferry("jobs --prune 1d").exits(0);
    assert_eq!(scene.jobs().len(), 1);
}
