//! What a run does that nobody watches: names, old files, comparison, the command at the end.

use serde_json::Value;

use super::{fill, manifest, old};
use crate::support::{Endpoint, Fault, FaultKind, Scene, Table};

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

#[cfg(unix)]
#[test]
fn a_command_is_told_at_the_end_also_of_a_failure_and_without_the_secret() {
    let scene = Scene::new();
    fill(&scene, 3);
    std::fs::create_dir(scene.path("conf")).unwrap();
    scene.write("conf/tell.sh", "cat > told.json; env > told.env\n");
    scene.write(
        "conf/ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\non_finish = [\"sh\", \"tell.sh\"]\n",
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
    scene.write("conf/tell.sh", "exit 3\n");
    scene
        .ferry("export -o all.csv --config conf/ferry.toml -q")
        .exits(0)
        .says("[E633]");
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
