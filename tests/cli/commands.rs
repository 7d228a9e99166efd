//! The commands beside import: check, fields, get, jobs, init, doctor, and help.

use serde_json::json;

use crate::support::{Canned, Output, Scene, Table, named, sample};

#[test]
fn check_works_without_a_network() {
    let scene = Scene::new();
    for name in ["customers.xlsx", "customers.csv"] {
        let file = sample(name);
        let line = format!(
            "check {} --fields {} -o problems.xlsx",
            file.display(),
            sample("fields.json").display()
        );
        let mut command = scene.command(&line);
        for name in ["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"] {
            command.env_remove(name);
        }
        Output::of(command).exits(3).says("4 invalid");
        let sheet = Table::read(&scene.path("problems.xlsx"));
        assert_eq!(sheet.rows.len(), 4);
        let told = sheet.column("_error_code");
        assert!(told.iter().all(|code| code.starts_with("E4")), "{told:?}");
    }
    assert_eq!(scene.crm.counters().calls, 0);
}

#[test]
fn check_answers_every_row_when_asked_and_sends_nothing() {
    let scene = Scene::new();
    scene.save("list.csv", &named(6));
    scene.ferry("check list.csv -o all.csv --all").exits(0);
    assert_eq!(Table::read(&scene.path("all.csv")).rows.len(), 6);
    assert_eq!((scene.adds(), scene.jobs().len()), (0, 0));
}

#[test]
fn the_field_list_is_shown_and_saved_for_check() {
    let scene = Scene::new();
    let run = scene.ferry("fields").exits(0);
    for text in ["客户名称", "customerName", "required", "旧编号", "disabled"] {
        assert!(run.stdout.contains(text), "{text}: {}", run.stdout);
    }
    scene
        .ferry("fields --save fields.json -o fields.xlsx")
        .exits(0);
    assert!(Table::read(&scene.path("fields.xlsx")).rows.len() > 15);
    let listed = scene.ferry("fields --json").exits(0).json();
    assert_eq!(listed["exit"], 0);
    assert!(listed["fields"].as_array().unwrap().len() > 15);
    scene.save("list.csv", &named(2));
    scene.ferry("check list.csv --fields fields.json").exits(0);
}

#[test]
fn get_prints_customers_and_says_who_is_gone() {
    let scene = Scene::new();
    let customer =
        json!({"customerName": "甲", "mobile": [{"value": "13800000001", "memo": "家"}]});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    scene
        .ferry(&format!("get {id}"))
        .exits(0)
        .prints("客户名称: 甲")
        .prints("13800000001 (家)");
    let run = scene
        .ferry(&format!("get {id} 1000000000000000001 --json"))
        .exits(4);
    let value = run.json();
    assert_eq!(value["customers"][0]["_id"], id);
    assert_eq!(value["gone"], json!(["1000000000000000001"]));
    scene.ferry("get abc").exits(2).says("hint: ");
}

#[test]
fn jobs_lists_shows_and_writes_sheets() {
    let scene = Scene::new();
    scene.ferry("jobs").exits(0);
    let table = named(4).appended(&[vec![String::new(), "13800000000".to_owned()]]);
    scene.save("list.csv", &table);
    scene.ferry("import list.csv").exits(4);
    let job = scene.job();
    scene.ferry("jobs").exits(0).prints(&job).prints("4 added");
    scene
        .ferry(&format!("jobs {job}"))
        .exits(0)
        .prints("5 (4 added, 1 invalid)")
        .prints("next:");
    for name in ["only.csv", "only.xlsx"] {
        let line = format!("jobs {job} --result {name} --only invalid");
        scene.ferry(&line).exits(0);
        let sheet = Table::read(&scene.path(name));
        assert_eq!(sheet.column("_status"), ["invalid"]);
        assert_eq!(sheet.column("_row"), ["6"]);
    }
    scene
        .ferry(&format!("jobs {job} --result x.csv --only broken"))
        .exits(2)
        .says("invalid");
}

#[test]
fn prune_deletes_old_jobs_and_the_ledger_still_knows() {
    let scene = Scene::new();
    scene.save("list.csv", &named(4));
    scene.ferry("import list.csv").exits(0);
    scene.ferry("jobs --prune 90d").exits(0);
    assert_eq!(scene.jobs().len(), 1);
    crate::support::until("the job is a second old", || {
        scene.ferry("jobs --prune 0s").exits(0);
        scene.jobs().is_empty()
    });
    scene.ferry("import list.csv").exits(9);
    assert_eq!(scene.adds(), 4);
}

#[test]
fn init_writes_a_file_that_works() {
    let scene = Scene::new();
    let line = format!("init --base-url {} --appid sandbox", scene.crm.base_url());
    scene.ferry(&line).exits(0);
    let before = std::fs::read(scene.path("ferry.toml")).unwrap();
    scene.ferry(&line).exits(2).says("hint: ");
    assert_eq!(std::fs::read(scene.path("ferry.toml")).unwrap(), before);
    let run = scene.ferry("doctor").exits(0);
    run.prints("ok  signature").prints("ok  list");
    let mut command = scene.command("init other.toml");
    command.env_remove("FERRY_BASE_URL");
    Output::of(command).exits(2).says("--base-url");
    assert!(!scene.path("other.toml").exists());
}

#[test]
fn doctor_says_what_works() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv").exits(0);
    let run = scene.ferry("doctor --json").exits(0).json();
    let steps = run["steps"].as_array().unwrap();
    for name in [
        "connection",
        "signature",
        "clock",
        "fields",
        "list",
        "find by id",
    ] {
        let step = steps.iter().find(|step| step["step"] == name);
        assert_eq!(
            step.map(|step| &step["ok"]),
            Some(&json!(true)),
            "{name}: {run}"
        );
    }
    assert_eq!(scene.adds(), 3);
}

fn with_settings(scene: &Scene, settings: &str) {
    let text = format!(
        "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n{settings}",
        scene.crm.base_url()
    );
    scene.write("ferry.toml", text);
}

#[test]
fn doctor_finds_the_signature_that_answers() {
    let scene = Scene::new();
    with_settings(
        &scene,
        "[profiles.main.sign]\nstring = \"{nonce}{appid}{timestamp}\"\n",
    );
    scene.save("list.csv", &named(1));
    scene.ferry("import list.csv").exits(7).says("ferry doctor");
    let run = scene.ferry("doctor").exits(2);
    run.prints("NO  signature")
        .prints("[profiles.main.sign]")
        .prints("string = \"{appid}{nonce}{timestamp}\"");
}

#[test]
fn doctor_finds_the_form_that_finds() {
    let scene = Scene::new();
    with_settings(
        &scene,
        "[profiles.main.find]\nmethod = \"GET\"\npath = \"/openapi/crm/get/{id}\"\n",
    );
    scene.save("list.csv", &named(1));
    scene.ferry("import list.csv").exits(0);
    let run = scene.ferry("doctor").exits(2);
    run.prints("NO  find by id")
        .prints("/openapi/crm/findById/{id}");
}

#[test]
fn doctor_refused_ends_with_seven_and_a_remedy() {
    let scene = Scene::with_secret("another-secret");
    scene
        .ferry("doctor")
        .exits(7)
        .prints("NO  signature")
        .prints("hint: ");
    assert!(scene.crm.counters().calls <= 40);
}

#[test]
fn a_clock_that_is_an_hour_off_is_corrected_and_said() {
    for offset in [3600, -3600] {
        let scene = Scene::new();
        scene.crm.set_clock_offset(offset);
        scene.save("list.csv", &named(3));
        scene.ferry("import list.csv").exits(0);
        assert_eq!(scene.crm.customer_count(), 3);
        scene.ferry("doctor").exits(0).prints("NO  clock");
    }
}

#[test]
fn help_and_version_are_no_errors() {
    let scene = Scene::new();
    let help = scene.ferry("--help").exits(0);
    for command in [
        "import", "resume", "check", "fields", "get", "jobs", "init", "doctor", "sandbox",
    ] {
        assert!(help.stdout.contains(command), "{command}");
        let own = scene.ferry(&format!("{command} --help")).exits(0);
        assert!(own.stdout.contains("Usage: ferry"), "{}", own.stdout);
    }
    scene.ferry("--version").exits(0).prints("ferry ");
    scene.ferry("").exits(0);
}

#[test]
fn a_list_of_nothing_beside_a_count_ends_the_wait() {
    let scene = Scene::new();
    scene.ferry("fields --save fields.json").exits(0);
    let fields = std::fs::read_to_string(scene.path("fields.json")).expect("fields");
    let server = Canned::start(move |path| {
        let data = if path.ends_with("/field/list") {
            fields.clone()
        } else if path.ends_with("/list") {
            r#"{"count":5,"list":null}"#.to_owned()
        } else {
            "null".to_owned()
        };
        // As some frameworks do, with a byte order mark.
        format!("\u{feff}{{\"success\":true,\"code\":\"200\",\"data\":{data}}}").into_bytes()
    });
    scene.save("list.csv", &named(5));
    let run = |line: &str| {
        let mut command = scene.command(line);
        command.env("FERRY_BASE_URL", server.base_url());
        Output::of(command)
    };
    // Each add is in doubt, and so is each look.
    run("import list.csv --mode add").exits(6).says("[E513]");
    run("import list.csv --key 客户名称 --again")
        .exits(5)
        .says("[E202]");
    run("export -o all.csv").exits(5).says("[E202]");
}

#[test]
fn check_plan_and_map_read_standard_input() {
    let scene = Scene::new();
    let text = "客户名称,手机\n甲,13800001111\n乙,12\n";
    let run = |line: &str| {
        let mut command = scene.command(line);
        let input = scene.write("input.csv", text);
        command.stdin(std::fs::File::open(input).expect("a file"));
        Output::of(command)
    };
    run("check -").exits(3).says("B3");
    let sheet = scene.path("checked.csv");
    run("check - -o checked.csv --all").exits(3);
    assert_eq!(Table::read(&sheet).rows.len(), 2);
    run("map -").exits(0);
    assert!(scene.path("customers.map.xlsx").exists());
    run("map - -o other.toml --json").exits(0);
    let planned = run("plan -").exits(4);
    assert!(
        planned.stderr.contains("customers_plan_"),
        "{}",
        planned.stderr
    );
    scene.ferry("apply").exits(4);
    assert_eq!(scene.crm.customer_count(), 1);
    // A workbook as well, told by its content.
    scene.save("book.xlsx", &named(3));
    let mut command = scene.command("check -");
    command.stdin(std::fs::File::open(scene.path("book.xlsx")).expect("a file"));
    Output::of(command).exits(0);
}
