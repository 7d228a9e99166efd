//! `--json`: exactly one value on stdout, with exactly the documented keys.

use serde_json::Value;

use crate::support::{Output, Scene, named, sample};

const KEYS: &[&str] = &[
    "job",
    "command",
    "rows",
    "added",
    "updated",
    "deleted",
    "restored",
    "unchanged",
    "skipped",
    "invalid",
    "failed",
    "unknown",
    "pending",
    "api_calls",
    "elapsed_s",
    "result",
    "exit",
];

fn keys(value: &Value) -> Vec<&str> {
    let object = value.as_object().expect("an object");
    object.keys().map(String::as_str).collect()
}

#[track_caller]
fn summary(output: &Output, counts: &[(&str, i64)]) -> Value {
    let value = output.json();
    assert_eq!(keys(&value), KEYS);
    assert_eq!(value["exit"], output.code);
    for (key, count) in counts {
        assert_eq!(value[*key], *count, "{key} in {value}");
    }
    value
}

#[test]
fn import_and_resume_print_one_object() {
    let scene = Scene::new();
    scene.save("list.csv", &named(12));
    let trial = scene.ferry("import list.csv --limit 5 --json").exits(5);
    let value = summary(&trial, &[("rows", 12), ("added", 5), ("pending", 7)]);
    assert_eq!(value["job"], scene.job());
    assert_eq!(value["command"], "import");
    assert!(value["elapsed_s"].is_number());
    // The field list, the count of stored customers, and the adds.
    assert_eq!(value["api_calls"], scene.crm.counters().calls);
    let result = value["result"].as_str().expect("a path");
    assert!(std::path::Path::new(result).is_file());

    let rest = scene.ferry("resume --json").exits(0);
    let value = summary(&rest, &[("rows", 12), ("added", 12), ("pending", 0)]);
    assert_eq!(value["api_calls"], scene.crm.counters().calls);

    let again = scene
        .ferry(&format!("resume {} --json", scene.job()))
        .exits(9);
    summary(&again, &[("added", 12)]);
    let nothing = scene.ferry("import list.csv --json").exits(9);
    summary(&nothing, &[("added", 0), ("skipped", 12)]);
}

#[test]
fn check_prints_one_object() {
    let scene = Scene::new();
    let line = format!(
        "check {} --fields {} --json",
        sample("customers.xlsx").display(),
        sample("fields.json").display()
    );
    let run = scene.ferry(&line).exits(3);
    let value = summary(&run, &[("rows", 40), ("invalid", 4), ("added", 36)]);
    assert_eq!(
        (&value["job"], &value["command"]),
        (&Value::Null, &"check".into())
    );
}

#[test]
fn jobs_prints_a_list() {
    let scene = Scene::new();
    assert_eq!(
        scene.ferry("jobs --json").exits(0).json(),
        Value::Array(vec![])
    );
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv").exits(0);
    let list = scene.ferry("jobs --json").exits(0).json();
    let jobs = list.as_array().expect("a list");
    assert_eq!(jobs.len(), 1);
    assert!(KEYS.iter().all(|key| jobs[0].get(*key).is_some()), "{list}");
    assert_eq!(jobs[0]["state"], "finished");
    let one = scene
        .ferry(&format!("jobs {} --json", scene.job()))
        .exits(0);
    assert_eq!(keys(&one.json()), KEYS);
}

#[test]
fn errors_are_one_object_too() {
    let scene = Scene::new();
    let run = scene.ferry("import missing.csv --json").exits(3);
    let value = run.json();
    assert_eq!(value["exit"], 3);
    assert_eq!(value["errors"][0]["code"], "E601");
    assert!(value["errors"][0]["hint"].is_string());
}

#[test]
fn the_result_cannot_go_to_stdout() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv --json -o -").exits(2);
    assert_eq!(scene.crm.counters().calls, 0);
}
