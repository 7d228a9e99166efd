//! What people do first and by themselves: the program alone, a file dropped on it, set-up, and commands that name no
//! job.

use std::process::Command;

use serde_json::json;
use unicode_width::UnicodeWidthStr as _;

use crate::support::{Endpoint, FaultKind, Output, Scene, Table, named, sample};

const ACCOUNT: [&str; 3] = ["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"];

/// Without the account in the environment.
fn without_account(scene: &Scene, line: &str) -> Command {
    let mut command = scene.command(line);
    for name in ACCOUNT {
        command.env_remove(name);
    }
    command
}

/// Writes a profile of the scene's account; `more` are lines of it.
fn profile(scene: &Scene, more: &str) {
    let base_url = scene.crm.base_url();
    let text = format!(
        "# mine\n[profiles.main]\nbase_url = \"{base_url}\"\nappid = \"sandbox\"\nsecret_env = \"CRM_SECRET\"\n{more}"
    );
    scene.write("ferry.toml", text);
}

#[test]
fn alone_it_says_what_can_be_done_next() {
    let scene = Scene::new();
    let run = Output::of(without_account(&scene, "")).exits(0);
    run.prints("account: none yet")
        .prints("ferry init")
        .prints("ferry import FILE --sandbox");
    assert!(!scene.state().exists(), "nothing is made");
    let run = scene.ferry("").exits(0);
    run.prints("account: sandbox at 127.0.0.1")
        .prints("ferry plan FILE");
    scene.write(
        "ferry.toml",
        "[profiles.main]\nbase_url = \"https://crm.example.com\"\nappid = \"1090\"\n",
    );
    let run = scene.ferry("").exits(0);
    run.prints("account: 1090 at crm.example.com, from ");
    std::fs::remove_file(scene.path("ferry.toml")).unwrap();
    let mut command = without_account(&scene, "--lang zh");
    command.env("FERRY_APPID", "1090");
    Output::of(command)
        .exits(0)
        .prints("缺少：FERRY_BASE_URL、FERRY_SECRET");
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv --limit 1").exits(5);
    scene.save("other.csv", &named(2));
    scene.ferry("plan other.csv --again").exits(0);
    let (stopped, planned) = (&scene.jobs()[0], &scene.jobs()[1]);
    let run = scene.ferry("--json").exits(0).json();
    assert_eq!(run["stopped"], **stopped);
    assert_eq!(run["planned"], **planned);
    scene
        .ferry("")
        .exits(0)
        .prints(&format!("ferry resume {stopped}"))
        .prints(&format!("ferry apply {planned}"))
        .prints("import of list.csv");
    // A plan that `apply` would refuse is decided anew.
    scene.ferry("import other.csv --again").exits(0);
    scene
        .ferry("")
        .exits(0)
        .prints(&format!("ferry apply {planned}"))
        .prints(" --refresh");
}

#[test]
fn a_dropped_file_is_named_as_what_it_is() {
    let scene = Scene::new();
    let bytes = std::fs::read(sample("customers.xlsx")).unwrap();
    scene.write("客户.xlsx", bytes);
    let state = scene.state().display().to_string();
    scene
        .ferry("客户.xlsx")
        .exits(0)
        .prints("客户.xlsx: a spreadsheet")
        .prints("客户名称")
        .prints(&format!("ferry check 客户.xlsx --state-dir {state}"));
    Output::of(without_account(&scene, "客户.xlsx --lang zh"))
        .exits(0)
        .prints("ferry import 客户.xlsx --sandbox");
    // Nobody is asked before a write into the embedded CRM.
    let run = scene.ferry("客户.xlsx --sandbox").exits(0);
    assert!(!run.stdout.contains("after a question"), "{}", run.stdout);
    scene.ferry("import 客户.xlsx -o result.xlsx").exits(4);
    let run = scene.ferry("result.xlsx").exits(0);
    run.prints("the result sheet of an import")
        .prints("ferry import result.xlsx");
    scene.ferry("plan 客户.xlsx --again -o plan.xlsx").exits(4);
    let plan = scene.jobs().pop().unwrap();
    scene
        .ferry("plan.xlsx")
        .exits(0)
        .prints("the preview of a plan")
        .prints(&format!("ferry apply {plan}"));
    // The job of a dry run is gone: there is nothing to apply.
    let job = scene.jobs().remove(0);
    scene
        .ferry(&format!("undo {job} --dry-run -o undo.xlsx"))
        .exits(0);
    let run = scene.ferry("undo.xlsx").exits(0);
    let run = run.prints("the preview of an undo or a delete");
    assert!(!run.stdout.contains("ferry apply"), "{}", run.stdout);
    let refused = scene.ferry("import undo.xlsx").exits(3);
    refused.says("this is the preview of an undo or a delete");
    scene.ferry("export -o all.xlsx").exits(0);
    scene.ferry("diff all.xlsx all.xlsx -o diff.xlsx").exits(0);
    let run = scene.ferry("diff.xlsx").exits(0);
    let run = run.prints("what `ferry diff` found");
    assert!(!run.stdout.contains("ferry import"), "{}", run.stdout);
    scene
        .ferry("import diff.xlsx")
        .exits(3)
        .says("this is what `ferry diff` found");
    scene.ferry("export -o all.csv").exits(0);
    scene.ferry("map 客户.xlsx -o map.xlsx").exits(0);
    scene
        .ferry("all.csv")
        .exits(0)
        .prints("ferry diff all.csv NEW");
    scene.ferry("map.xlsx").exits(0).prints("a mapping");
    scene.write("other.json", "{\"a\": 1}");
    scene.ferry("other.json").exits(3).says("[E60");
    // What a rehearsal wrote stays a rehearsal.
    scene.ferry("export -o rehearsed.csv --sandbox").exits(0);
    scene
        .ferry("import 客户.xlsx -o rehearsed.xlsx --sandbox")
        .exits(4);
    for name in ["rehearsed.csv", "rehearsed.xlsx"] {
        let line = format!("ferry import {name} --sandbox");
        scene.ferry(name).exits(0).prints(&line);
    }
    let both = scene.ferry("客户.xlsx map.xlsx --json").exits(0).json();
    assert_eq!(both["files"].as_array().map(Vec::len), Some(2));
    // A file that is not there, or that nobody can read, is an error of that file.
    scene.ferry("nowhere.xlsx").exits(3).says("[E601]");
    scene.write("empty.xlsx", "");
    scene.ferry("empty.xlsx").exits(3).says("[E604]");
    scene
        .ferry("imprt")
        .exits(2)
        .says("unrecognized subcommand");
}

#[test]
fn doctor_saves_what_it_found_and_is_content_then() {
    let scene = Scene::with(crate::support::Options {
        page_cap: Some(2),
        ..crate::support::Options::default()
    });
    scene.save("list.csv", &named(4));
    scene.ferry("import list.csv --mode add").exits(0);
    profile(
        &scene,
        "[profiles.main.sign]\nstring = \"{nonce}{appid}{timestamp}\" # as I was told\n\n[profiles.main.find]\npath = \"/openapi/crm/get/{id}\"\n",
    );
    let run = |line: &str| {
        let mut command = without_account(&scene, line);
        command.env("CRM_SECRET", "sandbox-secret");
        Output::of(command)
    };
    run("doctor").exits(2).says("`ferry doctor --save");
    let before = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
    let saved = run("doctor --save --json").exits(0).json();
    assert_eq!(saved["saved"], json!(["sign", "find", "list.page_size"]));
    let after = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
    assert_ne!(before, after);
    for kept in ["# mine\n", "# as I was told\n", "page_size = 2"] {
        assert!(after.contains(kept), "{kept}: {after}");
    }
    let again = run("doctor --save").exits(0).says("nothing to save");
    assert!(!again.stdout.contains("NO  "), "{}", again.stdout);
    assert_eq!(
        std::fs::read_to_string(scene.path("ferry.toml")).unwrap(),
        after
    );
    // Where no signature is accepted, it says where appid and secret stand.
    let mut wrong = without_account(&scene, "doctor");
    wrong.env("CRM_SECRET", "wrong");
    Output::of(wrong)
        .exits(7)
        .prints("the secret in CRM_SECRET");
    // Without a profile there is nowhere to write.
    std::fs::remove_file(scene.path("ferry.toml")).unwrap();
    scene.ferry("doctor --save").exits(2).says("ferry init");
}

#[test]
fn a_rehearsal_takes_exports_and_owners_of_the_profile() {
    let scene = Scene::new();
    profile(
        &scene,
        "owners = \"owners.csv\"\n[profiles.main.export]\noutput = \"out/all.csv\"\n",
    );
    std::fs::create_dir(scene.path("out")).unwrap();
    scene.write("owners.csv", "姓名,ID\n王芳,8310\n");
    let rows: &[&[&str]] = &[&["甲", "王芳"]];
    scene.save("list.csv", &Table::of(&["客户名称", "负责人"], rows));
    scene.ferry("import list.csv --sandbox --mode add").exits(0);
    scene.ferry("export --sandbox").exits(0);
    assert!(scene.path("out/all.csv").is_file());
}

#[test]
fn a_reset_empties_the_embedded_crm_and_what_is_known_of_it() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("sandbox --reset").exits(0);
    for _ in 0..2 {
        scene.ferry("import list.csv --sandbox").exits(0);
        scene.ferry("import list.csv --sandbox").exits(9);
        scene
            .ferry("sandbox --reset")
            .exits(0)
            .says("3 customers deleted");
        scene
            .ferry("export --sandbox -o all.csv")
            .exits(0)
            .says("0 customers");
    }
    // The real account's memory stays.
    scene.ferry("import list.csv").exits(0);
    let said = scene.ferry("sandbox --reset --json").exits(0).json();
    assert_eq!(said["deleted"], 0);
    scene.ferry("import list.csv").exits(9);
}

#[test]
fn hints_carry_the_flags_and_the_file_of_the_run() {
    let scene = Scene::new();
    profile(&scene, "");
    std::fs::rename(scene.path("ferry.toml"), scene.path("my ferry.toml")).unwrap();
    scene.write("客户 1.csv", "客户名称,手机\n甲,138001380001\n");
    let run = |arguments: &[&str]| {
        let mut command = scene.command("");
        command.env_remove("FERRY_STATE_DIR");
        command.args(arguments).args(["--state-dir", "state"]);
        Output::of(command)
    };
    let state = scene.state().display().to_string();
    run(&["check", "客户 1.csv", "--sandbox"])
        .exits(3)
        .says(&format!(
            "`ferry check \"客户 1.csv\" -o problems.xlsx --sandbox --state-dir {state}`"
        ));
    // What is pasted reads the file as this run did.
    scene.write(
        "my map.toml",
        "[columns.\"客户名称\"]\nfield = \"客户名称\"\n",
    );
    run(&["fields", "--sandbox", "--save", "f.json"]).exits(0);
    let reading = [
        "--map",
        "my map.toml",
        "--key",
        "手机",
        "--fields",
        "f.json",
    ];
    let line: Vec<&str> = ["check", "客户 1.csv"].into_iter().chain(reading).collect();
    run(&line).exits(3).says(&format!(
        "`ferry check \"客户 1.csv\" -o problems.xlsx --map \"my map.toml\" --fields f.json --key 手机 --state-dir {state}`"
    ));
    let flags = ["--config", "my ferry.toml", "--profile", "main"];
    let line: Vec<&str> = ["import", "客户 1.csv", "--mode", "add"]
        .into_iter()
        .chain(flags)
        .collect();
    let mut command = scene.command("");
    command.args(&line).env("CRM_SECRET", "wrong");
    Output::of(command)
        .exits(7)
        .says("`ferry doctor --profile main --config \"my ferry.toml\"");
}

#[test]
fn skipped_is_one_number_everywhere() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("import list.csv").exits(0);
    scene.save("list.csv", &named(4));
    let run = scene.ferry("import list.csv -o result.csv --json").exits(0);
    let (job, sheet) = (run.json(), run.sheet());
    assert_eq!((&job["skipped"], &job["added"]), (&json!(3), &json!(1)));
    assert_eq!((sheet.count("skipped"), sheet.count("ok")), (3, 1));
    // The sheet of that import comes back: its own row is done as well.
    let checked = scene.ferry("check result.csv --json").exits(0).json();
    assert_eq!(checked["skipped"], 4);
    let planned = scene.ferry("plan result.csv --json");
    assert_eq!(planned.json()["skipped"], 4);
    let again = scene.ferry("import result.csv --json");
    assert_eq!(again.json()["skipped"], 4);
    let jobs = scene.ferry("jobs --json").exits(0).json();
    let jobs = jobs.as_array().unwrap().iter();
    let seen = jobs
        .filter(|its| its["job"] == job["job"])
        .map(|its| &its["skipped"]);
    assert_eq!(seen.collect::<Vec<_>>(), [3]);
    scene.ferry("jobs").exits(0).prints("1 added, 3 skipped");
}

#[test]
fn commands_in_a_result_sheet_can_be_copied() {
    let scene = Scene::new();
    scene.save(
        "客户 1.csv",
        &Table::of(&["客户名称", "负责人"], &[&["甲", "张三"]]),
    );
    let flags = format!("--sandbox --state-dir {}", scene.state().display());
    let whole = format!("`ferry fields {flags}`");
    for line in ["import", "check", "plan"] {
        let mut command = scene.command("");
        command.env_remove("FERRY_STATE_DIR");
        command.args([line, "客户 1.csv", "-o"]);
        command.arg(format!("{line}.xlsx")).args(flags.split(' '));
        Output::of(command);
        let path = scene.path(&format!("{line}.xlsx"));
        let (rows, problems) = (Table::read(&path), Table::read_sheet(&path, 1));
        assert!(rows.cell(0, "_tip").contains(&whole), "{line}: {rows:?}");
        assert_eq!(rows.cell(0, "_error_code"), "E413");
        let tip = problems.rows[0].last().unwrap();
        assert!(tip.contains(&whole), "{line}: {tip}");
    }
}

#[test]
fn commands_in_a_mapping_can_be_copied() {
    let scene = Scene::new();
    let file = "客户 1.csv";
    scene.save(file, &Table::of(&["客户名称", "哪一列"], &[&["甲", "x"]]));
    let flags = format!("--sandbox --state-dir {}", scene.state().display());
    let map = |lang: &str, mapping: &str| {
        let mut command = scene.command("");
        command.env_remove("FERRY_STATE_DIR");
        command.args(["map", file, "--lang", lang, "-o", mapping]);
        command.args(flags.split(' '));
        Output::of(command).exits(0);
        scene.path(mapping)
    };
    let whole = |mapping: &str| format!("`ferry check \"{file}\" --map {mapping} {flags}");
    for (lang, mapping, named) in [
        ("en", "a b.xlsx", "\"a b.xlsx\""),
        ("zh", "字段.xlsx", "字段.xlsx"),
    ] {
        let guide = Table::read_sheet(&map(lang, mapping), 0).rows.concat();
        let guide = guide.join("\n");
        for command in [whole(named), format!("`ferry export {flags}")] {
            assert!(guide.contains(&command), "{guide}");
        }
    }
    let text = std::fs::read_to_string(map("zh", "字段.toml")).unwrap();
    assert!(text.contains(&whole("字段.toml")), "{text}");
}

/// `ferry resume` alone would mean another job by the time at which the sheet is read.
#[test]
fn a_result_sheet_names_its_own_job_in_commands() {
    let scene = Scene::new();
    let base_url = scene.crm.base_url();
    scene.write(
        "my ferry.toml",
        format!(
            "[profiles.main]\nbase_url = \"{base_url}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n"
        ),
    );
    scene.save("list.csv", &named(10));
    scene.crm.on_call(|call| {
        let last = call.endpoint == Endpoint::Add && call.number == 10;
        last.then_some(FaultKind::Dropped)
    });
    let mut command = scene.command("import list.csv --concurrency 1 -o first.csv --no-touch");
    command.args(["--profile", "main", "--config", "my ferry.toml"]);
    Output::of(command).exits(6);
    let sheet = Table::read(&scene.path("first.csv"));
    let flags = "--profile main --config \"my ferry.toml\"";
    let state = format!("--state-dir {}", scene.state().display());
    let whole = format!("`ferry resume {} {flags} {state}`", scene.job());
    assert!(
        sheet.cell(9, "_tip").contains(&whole),
        "{}",
        sheet.cell(9, "_tip")
    );
    // Written again, it carries the flags of that run.
    let line = format!("jobs {} --result again.csv", scene.job());
    scene.ferry(&line).exits(0);
    let again = Table::read(&scene.path("again.csv"));
    let whole = format!("`ferry resume {} {state}`", scene.job());
    assert!(
        again.cell(9, "_tip").contains(&whole),
        "{}",
        again.cell(9, "_tip")
    );
}

#[test]
fn fields_are_filtered() {
    let scene = Scene::new();
    let count = |flags: &str| {
        let run = scene
            .ferry(&format!("fields --json {flags}"))
            .exits(0)
            .json();
        run["fields"].as_array().map_or(0, Vec::len)
    };
    let all = count("");
    assert!(count("--name 客户") > 0 && count("--name 客户") < all);
    assert_eq!(count("--name customername"), 1);
    assert!(count("--type date,number") > 0);
    assert_eq!(count("--type 日期"), count("--type date"));
    assert_eq!(count("--enabled") + count("--enabled=no"), all);
    assert!(count("--enabled=no") > 0);
    assert!(count("--category system") > 0 && count("--category system") < all);
    assert_eq!(count("--category nothing"), 0);
    assert!(count("--editable") > 0);
    let run = scene.ferry("fields").exits(0);
    run.prints("an id, or a name of the owners file")
        .says("ferry export -o");
    scene.ferry("explain E413").exits(0).prints("owner column");
}

#[test]
fn jobs_are_listed_in_words() {
    let scene = Scene::new();
    scene.save("客户.csv", &named(3));
    scene.ferry("import 客户.csv").exits(0);
    let job = scene.job();
    let when = format!("{}-{}-{}", &job[..4], &job[4..6], &job[6..8]);
    scene.ferry("export -o all.csv").exits(0);
    let listed = scene.ferry("jobs").exits(0);
    listed
        .prints(&when)
        .prints("import of 客户.csv: 3 added")
        .prints("export to all.csv: 3 customers");
    scene
        .ferry("jobs --lang zh")
        .exits(0)
        .prints("导入 客户.csv：新增成功 3");
    // A plan is said as its preview says it, and long names push nothing out of line.
    let name = format!("{}.csv", "很长的文件名".repeat(8));
    scene.save(&name, &named(2));
    scene.ferry(&format!("plan {name} --again")).exits(0);
    let plan = scene.jobs().pop().unwrap();
    scene
        .ferry(&format!("jobs {plan}"))
        .exits(0)
        .prints("2 to add");
    let listed = scene.ferry("jobs").exits(0).prints("2 to add");
    let begins = |line: &str| {
        let words = ["import of", "export to", "plan for"];
        words
            .iter()
            .find_map(|word| line.find(word))
            .map(|at| line[..at].width())
    };
    let begins: Vec<_> = listed.stdout.lines().map(begins).collect();
    assert_eq!(begins.len(), 3, "{}", listed.stdout);
    assert!(
        begins.iter().all(|at| *at == begins[0]),
        "{}",
        listed.stdout
    );
    let list = scene.ferry("jobs --json").exits(0).json();
    let list = list.as_array().unwrap();
    let import = list
        .iter()
        .find(|entry| entry["job"] == job.as_str())
        .unwrap();
    assert!(import["source"].as_str().unwrap().ends_with("客户.csv"));
    assert!(import["created"].as_str().unwrap().ends_with('Z'));
}

#[test]
fn a_plan_of_a_file_that_was_written_since_is_refused() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.save("other.csv", &named(4));
    scene.ferry("import other.csv").exits(0);
    let import = scene.job();
    scene.ferry("plan list.csv --again").exits(0);
    let plan = scene.jobs().into_iter().find(|job| *job != import).unwrap();
    scene.ferry("import list.csv --again").exits(0);
    for line in ["apply".to_owned(), format!("apply {plan} --yes")] {
        scene
            .ferry(&line)
            .exits(2)
            .says("[E333]")
            .says(&format!("ferry apply {plan}"))
            .says("ferry plan ");
    }
    let adds = scene.adds();
    // Decided anew, and named, it goes.
    scene.ferry(&format!("apply {plan} --refresh")).exits(0);
    assert_eq!(scene.adds(), adds + 3);
}

#[test]
fn a_plan_that_is_refused_names_the_command_that_makes_it_anew_as_it_was() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.write("map.toml", "[columns.\"客户名称\"]\nfield = \"客户名称\"\n");
    let planned = scene
        .ferry("plan list.csv --map map.toml --key 客户名称 --strict --json")
        .exits(0)
        .json();
    let plan = planned["job"].as_str().unwrap();
    scene.ferry("import list.csv --key 客户名称").exits(0);
    let path = |name: &str| scene.path(name).display().to_string();
    let (list, map) = (path("list.csv"), path("map.toml"));
    scene
        .ferry(&format!("apply {plan} --yes"))
        .exits(2)
        .says("[E333]")
        .says(&format!(
            "`ferry plan {list} --map {map} --key 客户名称 --strict --state-dir "
        ));
}

#[test]
fn a_plan_that_is_not_the_latest_event_wants_its_name() {
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.ferry("plan list.csv").exits(0);
    let plan = scene.job();
    scene.write("other.csv", "客户名称\n乙\n");
    scene.ferry("import other.csv").exits(0);
    let said = format!("`ferry apply {plan}");
    scene
        .ferry("apply --yes")
        .exits(2)
        .says("[E113]")
        .says(&said);
    assert_eq!(scene.adds(), 1);
    scene
        .ferry(&format!("apply {plan}"))
        .exits(0)
        .says("list.csv");
    assert_eq!(scene.adds(), 4);
}

#[test]
fn an_undo_without_a_name_finds_the_latest_job() {
    let scene = Scene::new();
    scene.ferry("undo").exits(9).says("ferry jobs");
    scene.save("list.csv", &named(3));
    scene.write("other.csv", "客户名称\n乙\n");
    scene.ferry("import list.csv").exits(0);
    let first = scene.job();
    scene.ferry("import other.csv").exits(0);
    let second = scene.jobs().into_iter().find(|job| *job != first).unwrap();
    for line in ["undo", "undo --yes"] {
        let run = scene.ferry(line).exits(2).says("[E114]");
        run.says(&format!("`ferry undo {second}"))
            .says("import of other.csv: 1 added");
    }
    scene.ferry("undo --dry-run").exits(0).says(&second);
    assert_eq!(scene.crm.customer_count(), 4);
    scene.ferry(&format!("undo {second} --yes")).exits(0);
    // What was taken back is passed over, and so is the undo itself.
    scene
        .ferry("undo")
        .exits(2)
        .says(&format!("`ferry undo {first}"));
}

#[cfg(unix)]
mod on_a_terminal {
    use super::*;
    use crate::support::on_terminal;

    #[test]
    fn init_asks_for_what_it_needs_and_keeps_the_secret() {
        let scene = Scene::new();
        let base_url = scene.crm.base_url();
        let (code, shown) = on_terminal(
            without_account(&scene, "init"),
            &[
                ("Address of the CRM", "crm.example.com", false),
                ("Address of the CRM", "http://127.0.0.1:9", false),
                ("Keep this address", "n", false),
                ("Address of the CRM", &base_url, false),
                ("appid: ", "", false),
                ("appid: ", "sandbox", false),
                ("Secret", crate::support::SECRET, true),
                ("ferry doctor", "y", false),
            ],
        );
        assert_eq!(code, 0, "{shown}");
        assert!(shown.contains("does not begin with http://"), "{shown}");
        assert!(shown.contains("ok  signature"), "{shown}");
        assert!(!shown.contains(crate::support::SECRET), "{shown}");
        let text = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
        assert!(
            text.contains("secret_file = \"ferry-main.secret\""),
            "{text}"
        );
        assert!(!text.contains(crate::support::SECRET));
        Output::of(without_account(&scene, "fields")).exits(0);
    }

    #[test]
    fn doctor_offers_to_save() {
        let scene = Scene::new();
        profile(
            &scene,
            "[profiles.main.sign]\nstring = \"{nonce}{appid}{timestamp}\"\n",
        );
        let mut command = without_account(&scene, "doctor");
        command.env("CRM_SECRET", crate::support::SECRET);
        let (code, shown) = on_terminal(command, &[("Write what was found", "", false)]);
        assert_eq!(code, 0, "{shown}");
        let text = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
        assert!(text.contains("\"{appid}{nonce}{timestamp}\""), "{text}");
    }

    #[test]
    fn an_undo_and_a_plan_without_a_name_are_asked_about() {
        let scene = Scene::new();
        scene.save("list.csv", &named(2));
        scene.ferry("plan list.csv --mode add").exits(0);
        scene.write("other.csv", "客户名称\n乙\n");
        scene.ferry("import other.csv").exits(0);
        let no = [("Is this the plan", "n", false)];
        let (code, shown) = on_terminal(scene.command("apply"), &no);
        assert_eq!((code, scene.adds()), (2, 1), "{shown}");
        assert!(shown.contains("list.csv"), "{shown}");
        assert!(shown.contains("`ferry apply JOB"), "{shown}");
        assert!(
            shown.contains("`ferry plan ") && !shown.contains("run it again"),
            "{shown}"
        );
        let yes = [("Is this the plan", "y", false)];
        let (code, shown) = on_terminal(scene.command("apply"), &yes);
        assert_eq!((code, scene.adds()), (0, 3), "{shown}");
        let answers = [("Go on?", "y", false)];
        let (code, shown) = on_terminal(scene.command("undo"), &answers);
        assert_eq!((code, scene.crm.customer_count()), (0, 1), "{shown}");
        assert!(
            shown.contains("the latest job that can be undone"),
            "{shown}"
        );
    }
}

/// A path that was typed from another folder is said as a person would.
#[cfg(unix)]
#[test]
fn paths_are_said_without_the_way_back() {
    let scene = Scene::new();
    scene.save("a.csv", &named(1));
    std::fs::create_dir(scene.path("w")).unwrap();
    let mut command = scene.command("import ../a.csv --json");
    command.current_dir(scene.path("w"));
    let result = Output::of(command).exits(0).result();
    assert!(!result.display().to_string().contains(".."), "{result:?}");
    assert_eq!(
        result.parent().unwrap().canonicalize().unwrap(),
        scene
            .path("a.csv")
            .parent()
            .unwrap()
            .canonicalize()
            .unwrap()
    );
}
