//! The report of an export: whether it is complete, and what is in the file.

use serde_json::json;

use super::{fill, manifest, old};
use crate::support::{Endpoint, Fault, FaultKind, ReportPage, Scene};

/// The lines of the table below a heading, each as `label count`.
fn bars(report: &ReportPage, heading: &str) -> Vec<String> {
    let table = report.table(heading);
    let line = |row: &Vec<String>| format!("{} {}", row[0], row[1]);
    table.iter().map(line).collect()
}

#[test]
fn a_complete_export_names_its_file_and_its_customers() {
    let scene = Scene::new();
    fill(&scene, 250);
    for source in ["百度", "百度", "官网", "<b>"] {
        let mut customer = old(1000);
        customer.insert("customerSource".into(), json!([source]));
        scene.crm.insert(customer);
    }
    let said = scene
        .ferry(
            "export -o all_{date}.xlsx --report {profile}_report.html --fields 客户名称,客户来源 --json",
        )
        .exits(0)
        .json();
    let file = std::path::PathBuf::from(said["result"].as_str().unwrap());
    let written = scene.path("default_report.html");
    assert_eq!(said["report"], json!(written.to_string_lossy()));
    let report = ReportPage::read(&written);
    let name = file.file_name().unwrap().to_string_lossy();
    assert_eq!(report.title(), format!("Export to {name}"));
    assert_eq!(
        report.verdict(),
        "Complete: 254 customers. Everybody who was there throughout is in the file."
    );
    let told = manifest(&file);
    for (label, text) in [
        ("file", name.to_string()),
        ("SHA-256", told["sha256"].as_str().unwrap().to_owned()),
        ("began", told["started"].as_str().unwrap().to_owned()),
        ("calls", told["api_calls"].to_string()),
        ("pages", told["list"]["pages"].to_string()),
        (
            "repeats that were dropped",
            told["list"]["repeats"].to_string(),
        ),
        ("fields", "客户名称, 客户来源".to_owned()),
        ("filter", "all customers".to_owned()),
    ] {
        assert_eq!(report.fact(label), text, "{label}");
    }
    assert_eq!(
        bars(&report, "Customers by 客户来源"),
        ["(blank) 250", "百度 2", "<b> 1", "官网 1"]
    );
    assert!(!report.html.contains("<b>"));
    let months = bars(&report, "Customers by month of creation");
    assert_eq!(months.len(), 12, "{months:?}");
    // The same from the job alone, and in another language.
    let job = said["job"].as_str().unwrap();
    std::fs::remove_file(&file).unwrap();
    scene
        .ferry(&format!("jobs {job} --report later.html"))
        .exits(0);
    let without_time = |html: &str| html.split("<footer>").next().unwrap().to_owned();
    let later = ReportPage::read(&scene.path("later.html"));
    assert_eq!(without_time(&later.html), without_time(&report.html));
    scene
        .ferry(&format!("jobs {job} --report 报告.html --lang zh"))
        .exits(0);
    let chinese = ReportPage::read(&scene.path("报告.html"));
    assert_eq!(
        chinese.verdict(),
        "完整：客户 254 个。导出期间一直存在的客户全部在文件中。"
    );
    assert_eq!(
        bars(&chinese, "按客户来源统计的客户数"),
        ["（空） 250", "百度 2", "<b> 1", "官网 1"]
    );
}

#[test]
fn what_has_changed_since_the_older_export_is_counted() {
    let scene = Scene::new();
    let ids = fill(&scene, 5);
    scene.ferry("export -o a.csv").exits(0);
    scene.crm.remove(&ids[0]);
    scene.crm.insert(old(77));
    scene
        .ferry("export -o b.csv --compare a.csv --report b.html")
        .exits(0);
    let report = ReportPage::read(&scene.path("b.html"));
    assert_eq!(report.fact("compared with"), "a.csv");
    assert_eq!(
        bars(&report, "What has changed since the older export"),
        ["added 1", "changed 0", "gone 1", "unchanged 4"]
    );
    scene.ferry("export -o - --report out.html").exits(0);
    let report = ReportPage::read(&scene.path("out.html"));
    assert_eq!(report.title(), "Export to standard output");
    assert_eq!(report.fact("SHA-256"), "");
}

#[test]
fn an_incomplete_export_and_one_that_was_killed_are_told() {
    let scene = Scene::new();
    fill(&scene, 2_000);
    scene
        .crm
        .set_faults(vec![Fault::new(FaultKind::PageShort, 0.5)]);
    let output = scene.ferry("export -o all.csv --max-passes 1 --report all.html");
    output.exits(4);
    let report = ReportPage::read(&scene.path("all.html"));
    let verdict = report.verdict();
    assert!(
        verdict.starts_with("Incomplete: customers may be missing. ") && verdict.contains("[E5"),
        "{verdict}"
    );
    assert_eq!(report.fact("file"), "all_incomplete.csv");
    scene.crm.set_faults(Vec::new());
    scene.kill_at(
        "export -o late.csv --report late.html",
        Endpoint::List,
        6,
        None,
    );
    assert!(!scene.path("late.html").exists());
    let job = scene
        .jobs()
        .into_iter()
        .find(|job| {
            scene
                .state()
                .join("jobs")
                .join(job)
                .join("spool.db")
                .is_file()
        })
        .unwrap();
    scene
        .ferry(&format!("jobs {job} --report late.html"))
        .exits(0);
    let verdict = ReportPage::read(&scene.path("late.html")).verdict();
    assert!(
        verdict.starts_with("Not finished yet: ") && verdict.ends_with("there is no file."),
        "{verdict}"
    );
    scene.ferry("resume --report late.html").exits(0);
    let verdict = ReportPage::read(&scene.path("late.html")).verdict();
    assert!(
        verdict.starts_with("Complete: 2000 customers. "),
        "{verdict}"
    );
}
