//! What must not go wrong beside the main road: comparisons, names, places, rows that nobody can compare.

use serde_json::{Value, json};

use super::{fill, ids, manifest, old};
use crate::support::{Endpoint, Fault, FaultKind, Scene, Table};

#[test]
fn a_comparison_survives_a_target_that_replaces_what_it_is_compared_with() {
    let scene = Scene::new();
    let stored = fill(&scene, 30);
    scene.ferry("export -o all.csv --compare last").exits(0);
    let before = std::fs::read(scene.path("all.csv")).unwrap();
    scene.crm.remove(&stored[3]);
    // The file of the changes cannot be written: yesterday's export stays.
    std::fs::create_dir(scene.path("all_changes.csv")).unwrap();
    scene.ferry("export -o all.csv --compare last").exits(1);
    assert_eq!(std::fs::read(scene.path("all.csv")).unwrap(), before);
    std::fs::remove_dir(scene.path("all_changes.csv")).unwrap();
    // Nor does it matter any more what becomes of the older file.
    std::fs::remove_file(scene.path("all.csv")).unwrap();
    scene.ferry("resume").exits(0);
    let changes = Table::read(&scene.path("all_changes.csv"));
    assert_eq!(changes.column("_id"), [&stored[3]]);
    assert_eq!(ids(&scene.path("all.csv")).len(), 29);
    let kept = std::fs::read_dir(scene.path("state/jobs")).unwrap();
    for job in kept {
        let folder = job.unwrap().path();
        assert!(!folder.join("baseline.csv").exists(), "{folder:?}");
    }
}

#[test]
fn a_manifest_speaks_for_the_bytes_that_it_was_written_for_and_no_others() {
    let scene = Scene::new();
    fill(&scene, 250);
    scene.ferry("export -o all.xlsx").exits(0);
    scene.ferry("export -o all.xlsx --compare last").exits(0);
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::PageShort, 1.0)]);
    scene.ferry("export -o part.xlsx --max-passes 1").exits(4);
    scene.crm.set_faults(Vec::new());
    let (part, all) = (scene.path("part_incomplete.xlsx"), scene.path("all.xlsx"));
    std::fs::rename(part, all).unwrap();
    scene
        .ferry("export -o all.xlsx --compare last")
        .exits(0)
        .says("[E629]");
}

#[test]
fn lines_are_not_compared_and_it_is_said_before_anything_is_read() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene.ferry("export -o all.jsonl --compare last").exits(2);
    assert_eq!(scene.crm.counters().calls, 0);
    scene.ferry("export -o all.jsonl").exits(0);
    scene
        .ferry("diff all.jsonl all.jsonl")
        .exits(3)
        .says("[E606]");
}

#[test]
fn columns_are_matched_by_their_fields_and_not_by_their_names() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene.ferry("export -o a.csv").exits(0);
    // Two labels change places; the data stays.
    let text = std::fs::read_to_string(scene.path("a.csv")).unwrap();
    let (head, rows) = text.split_once('\n').unwrap();
    let swap = |text: &str| {
        text.replace("客户编号", "\u{1}")
            .replace("详细地址", "客户编号")
            .replace('\u{1}', "详细地址")
    };
    assert!(head.contains("客户编号") && head.contains("详细地址"));
    scene.write("b.csv", format!("{}\n{rows}", swap(head)));
    let mut said = manifest(&scene.path("a.csv"));
    for column in said["columns"].as_array_mut().unwrap() {
        let header = swap(column["header"].as_str().unwrap());
        column["header"] = header.into();
    }
    said["file"] = "b.csv".into();
    scene.write("b.csv.manifest.json", said.to_string());
    scene
        .ferry("diff a.csv b.csv")
        .exits(0)
        .prints("0 added, 0 changed, 0 gone, 3 unchanged");
}

#[test]
fn a_sheet_of_changes_does_not_replace_what_it_is_about() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene.ferry("export -o a.csv").exits(0);
    let before = std::fs::read(scene.path("a.csv")).unwrap();
    scene.ferry("diff a.csv a.csv -o ./a.csv").exits(2);
    assert_eq!(std::fs::read(scene.path("a.csv")).unwrap(), before);
}

#[test]
fn one_file_is_written_by_one_run_however_it_is_named() {
    let scene = Scene::new();
    fill(&scene, 300);
    std::fs::create_dir(scene.path("sub")).unwrap();
    let hold = scene.hold(Endpoint::List, 2);
    let running = scene.start("export -o all.csv");
    hold.wait_for(1);
    scene
        .ferry("export -o sub/../all.csv")
        .exits(8)
        .says("[E623]");
    hold.release();
    running.wait().exits(0);
}

#[test]
fn changes_go_with_the_export_that_they_belong_to() {
    let scene = Scene::new();
    fill(&scene, 3);
    for (number, name) in (1..).zip(["one", "two", "three"]) {
        let output = scene
            .ferry("export -o all_{time}.csv --compare last --keep 1 --json")
            .exits(0);
        // A second may hold several of these runs; their names differ all the same.
        let file = output.result();
        let new = scene.path(&format!("all_{name}.csv"));
        std::fs::rename(&file, &new).unwrap();
        let beside = |file: &std::path::Path, end: &str| {
            let stem = file.with_extension("");
            std::path::PathBuf::from(format!("{}{end}", stem.display()))
        };
        let mut said = manifest(&file);
        said["file"] = format!("all_{name}.csv").into();
        said["started"] = format!("2026-08-0{number} 02:00:00").into();
        std::fs::remove_file(beside(&file, ".csv.manifest.json")).unwrap();
        std::fs::write(beside(&new, ".csv.manifest.json"), said.to_string()).unwrap();
        let changes = beside(&file, "_changes.csv");
        if changes.exists() {
            std::fs::rename(changes, beside(&new, "_changes.csv")).unwrap();
        }
    }
    assert!(!scene.path("all_two.csv").exists());
    assert!(!scene.path("all_two_changes.csv").exists());
    assert!(scene.path("all_three_changes.csv").exists());
}

#[test]
fn a_filter_names_a_field_and_a_cascade_its_path() {
    let scene = Scene::new();
    for (number, area) in [
        json!(["浙江", "杭州", "西湖"]),
        json!(["浙江", "杭州", "其他"]),
        json!(["浙江", "其他"]),
        json!(["area_1", "area_2", "area_7"]),
    ]
    .into_iter()
    .enumerate()
    {
        let mut customer = old(number);
        customer.insert("cascade_r2lb_1687316902233".to_owned(), area);
        scene.crm.insert(customer);
    }
    for (value, found) in [("浙江/杭州/西湖", 1), ("杭州/其他", 1), ("西湖", 1)] {
        scene
            .ferry(&format!("export -o x.csv --where 所在地区={value}"))
            .exits(0);
        let table = Table::read(&scene.path("x.csv"));
        assert_eq!(table.rows.len(), found, "{value}");
        assert_eq!(
            manifest(&scene.path("x.csv"))["filter"],
            format!("所在地区={value}")
        );
    }
    for condition in [
        "--where 手机.备注=前台",
        "--where-empty 手机2",
        "--where 所在地区.1=浙江",
    ] {
        scene
            .ferry(&format!("export -o x.csv {condition}"))
            .exits(3)
            .says("[E324]");
    }
    // What the server alone knows not to be searchable, it says.
    scene
        .ferry("export -o x.csv --where 创建时间=2024-01-01")
        .exits(3)
        .says("[E324]");
}

#[test]
fn names_are_taken_as_people_type_them() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene
        .ferry("export -o few.csv --fields 客户名称，手机")
        .exits(0);
    let table = Table::read(&scene.path("few.csv"));
    assert_eq!(table.headers, ["_id", "客户名称", "手机", "手机.备注"]);
    std::fs::create_dir(scene.path("folder")).unwrap();
    scene.ferry("export -o folder").exits(2).says("is a folder");
    scene.ferry("export -o x.xls --format xlsx").exits(2);
    // Braces in the name of the folder are no placeholders.
    std::fs::create_dir(scene.path("{proj}")).unwrap();
    let mut command = scene.command("export -o a.csv");
    command.current_dir(scene.path("{proj}"));
    assert!(command.status().unwrap().success());
    assert!(scene.path("{proj}/a.csv").is_file());
}

#[test]
fn a_row_that_cannot_be_compared_is_not_sent() {
    let scene = Scene::new();
    let stored = fill(&scene, 500);
    // To an account whose refusals are not understood, nobody is gone: the customer just cannot be read.
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\ngone = {{ codes = [\"99999\"], messages = [\"nobody says so\"] }}\n",
            scene.crm.base_url()
        ),
    );
    let table = Table::of(
        &["_id", "客户名称"],
        &[&["1000000000000000001", "谁"], &[&stored[1], "改名"]],
    );
    scene.save("few.csv", &table);
    let sheet = scene
        .ferry("import few.csv --config ferry.toml --json")
        .exits(4)
        .sheet();
    assert_eq!(sheet.column("_status"), ["invalid", "ok"]);
    assert_eq!(sheet.cell(0, "_error_code"), "E506");
    assert_eq!(scene.crm.counters().calls_to(Endpoint::Update), 1);
}

#[test]
fn rows_of_which_nothing_can_be_written_are_unchanged() {
    let scene = Scene::new();
    fill(&scene, 30);
    for fields in ["备注", "创建时间"] {
        scene
            .ferry(&format!("export -o few.csv --fields {fields}"))
            .exits(0);
        let sheet = scene.ferry("import few.csv --json").exits(0).sheet();
        let statuses = sheet.column("_status");
        assert!(
            statuses.iter().all(|status| *status == "unchanged"),
            "{fields}: {statuses:?}"
        );
    }
}

#[test]
fn a_choice_is_added_once_however_the_stored_ones_are_kept() {
    let scene = Scene::new();
    let customer = json!({"customerName": "甲", "customerSource": ["source_3"]});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    let table = Table::of(&["_id", "客户来源"], &[&[&id, "展会；官网"]]);
    scene.save("a.csv", &table);
    scene.ferry("import a.csv").exits(0);
    let stored = scene.stored();
    let sources = stored[0]["customerSource"].as_array().unwrap();
    let mut sources: Vec<&str> = sources.iter().filter_map(Value::as_str).collect();
    sources.sort_unstable();
    sources.dedup();
    assert_eq!(
        sources.len(),
        stored[0]["customerSource"].as_array().unwrap().len()
    );
    assert!(!sources.contains(&"source_3"), "{sources:?}");
}

#[cfg(unix)]
#[test]
fn the_command_at_the_end_runs_beside_a_configuration_of_a_bare_name() {
    let scene = Scene::new();
    fill(&scene, 3);
    scene.write("tell.sh", "cat > told.json\n");
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\non_finish = [\"sh\", \"tell.sh\"]\n",
            scene.crm.base_url()
        ),
    );
    scene
        .ferry("export -o all.csv --config ferry.toml -q")
        .exits(0);
    assert!(scene.path("told.json").is_file());
}
