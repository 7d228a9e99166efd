//! `--max-errors`: a run that goes badly stops before it has gone wholly wrong, and can be gone on with.

use crate::support::{Endpoint, Output, Scene, Table};

/// Rows of which those that `is_wrong` picks have an impossible date.
fn list(rows: usize, is_wrong: impl Fn(usize) -> bool) -> Table {
    let mut list = Table::of(&["客户名称", "签约日期"], &[]);
    let date = |number| if is_wrong(number) { "下周三" } else { "" };
    list.rows = (0..rows)
        .map(|number| vec![format!("客户 {number}"), date(number).to_owned()])
        .collect();
    list
}

/// Updates of stored customers, and the ids of those behind the first `kept`.
fn updates(scene: &Scene, rows: usize, kept: usize) -> (Table, Vec<String>) {
    let mut list = Table::of(&["_id", "备注"], &[]);
    let ids: Vec<String> = (0..rows)
        .map(|number| {
            let customer = serde_json::json!({"customerName": format!("客户 {number}")});
            scene.crm.insert(customer.as_object().cloned().unwrap())
        })
        .collect();
    let row = |id: &String| vec![id.clone(), "新".to_owned()];
    list.rows = ids.iter().map(row).collect();
    (list, ids[kept..].to_vec())
}

/// Imports updates of customers of whom some go between the plan and the first call: those are refused.
fn refused(scene: &Scene, (list, gone): &(Table, Vec<String>), line: &str) -> Output {
    scene.save("list.csv", list);
    let hold = scene.hold(Endpoint::Update, 1);
    let running = scene.start(line);
    hold.wait_for(1);
    for id in gone {
        scene.crm.remove(id);
    }
    hold.release();
    running.wait()
}

#[test]
fn nothing_is_sent_when_too_many_rows_are_invalid_and_resume_sends_the_rest() {
    for limit in ["3", "5%"] {
        let scene = Scene::new();
        scene.save("list.csv", &list(40, |number| number % 10 == 0));
        let stopped = scene
            .ferry(&format!(
                "import list.csv --max-errors {limit} -o stopped.csv"
            ))
            .exits(5)
            .says("[E460]")
            .says("4 rows are invalid or refused");
        assert_eq!(scene.adds(), 0);
        let sheet = Table::read(&scene.path("stopped.csv"));
        assert_eq!((sheet.count("invalid"), sheet.count("pending")), (4, 36));
        scene.ferry("import list.csv").exits(9);
        let line = format!("{} --json", stopped.resume_line());
        let done = scene.ferry(&line).exits(4).sheet();
        assert_eq!((done.count("invalid"), done.count("ok")), (4, 36));
        assert_eq!(scene.crm.customer_count(), 36);
    }
}

#[test]
fn as_many_as_allowed_are_no_reason_to_stop() {
    for limit in ["4", "10%"] {
        let scene = Scene::new();
        scene.save("list.csv", &list(40, |number| number % 10 == 0));
        scene
            .ferry(&format!("import list.csv --max-errors {limit}"))
            .exits(4);
        assert_eq!(scene.crm.customer_count(), 36);
    }
}

#[test]
fn refused_rows_stop_the_sending_and_what_was_sent_has_its_answer() {
    let scene = Scene::new();
    let list = updates(&scene, 60, 10);
    let line = "import list.csv --max-errors 5 --concurrency 1 --json";
    let stopped = refused(&scene, &list, line).exits(5);
    let said = stopped.json();
    let count = |name: &str| said[name].as_u64().unwrap();
    // One at a time: the sixth refusal is the last call.
    assert_eq!(
        (count("updated"), count("failed"), count("pending")),
        (10, 6, 44)
    );
    assert_eq!(count("exit"), 5);
    // `resume` counts anew.
    let again = scene
        .ferry("resume --max-errors 2 --concurrency 1 --json")
        .exits(5)
        .json();
    assert_eq!(again["failed"], 9);
    let rest = scene.ferry("resume --json").exits(4).json();
    assert_eq!(
        (rest["failed"].as_u64(), rest["pending"].as_u64()),
        (Some(50), Some(0))
    );
}

#[test]
fn a_percentage_of_the_rows_sent_waits_for_twenty() {
    let scene = Scene::new();
    let list = updates(&scene, 60, 0);
    let line = "import list.csv --max-errors 50% --concurrency 1 --json";
    let said = refused(&scene, &list, line).exits(5).json();
    assert_eq!(
        (said["failed"].as_u64(), said["pending"].as_u64()),
        (Some(20), Some(40))
    );
}

/// The question that an import asks before it writes is asked by whoever writes first.
#[test]
fn a_job_that_nobody_has_confirmed_is_confirmed_when_it_is_resumed() {
    let scene = Scene::new();
    scene.save("list.csv", &list(10, |number| number == 0));
    scene.write(
        "ferry.toml",
        format!(
            "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\nprotected = true\n",
            scene.crm.base_url()
        ),
    );
    let run = |line: &str| {
        let mut command = scene.command(line);
        command
            .env_remove("FERRY_BASE_URL")
            .env_remove("FERRY_APPID");
        crate::support::Output::of(command)
    };
    run("import list.csv --max-errors 0").exits(5);
    run("resume").exits(2).says("[E107]");
    assert_eq!(scene.adds(), 0);
    run("resume --yes").exits(4);
    assert_eq!(scene.adds(), 9);
}

/// The rows behind are read while those before them are checked: what is wrong with reading them is said after what is
/// wrong with these.
#[test]
fn rows_that_cannot_be_read_hide_no_problems_of_those_before() {
    let scene = Scene::new();
    let wrong = "甲,下周三\n".repeat(700);
    let text = format!("客户名称,签约日期\n{wrong}乙,\"2026\" 年\"\n{wrong}");
    scene.write("list.csv", text);
    scene.ferry("check list.csv").exits(3).says("[E640]");
    for (limit, counted) in [("5", "6 rows"), ("510", "511 rows")] {
        let cut = scene.ferry(&format!("check list.csv --max-errors {limit}"));
        let cut = cut.exits(3).says("[E403]").says(counted);
        assert!(!cut.stderr.contains("E640"), "{limit}: {}", cut.stderr);
    }
}
