//! `ferry.toml`, environment and flags: where settings and the secret come from, and where it never goes.

#[cfg(unix)]
use std::path::Path;
use std::sync::{Arc, Mutex};

use crate::support::{Canned, Output, Scene, Table, named, sample};

/// A file with one profile; `more` are lines of it.
fn profile(scene: &Scene, more: &str) {
    let text = format!(
        "[profiles.main]\nbase_url = \"{}\"\nappid = \"sandbox\"\n{more}\n",
        scene.crm.base_url()
    );
    scene.write("ferry.toml", text);
}

/// Runs without the account in the environment.
fn bare(scene: &Scene, line: &str) -> Output {
    let mut command = scene.command(line);
    for name in [
        "FERRY_BASE_URL",
        "FERRY_APPID",
        "FERRY_SECRET",
        "FERRY_RATE",
        "FERRY_CONCURRENCY",
    ] {
        command.env_remove(name);
    }
    Output::of(command)
}

#[cfg(unix)]
fn make_private(path: &Path) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).unwrap();
}

#[test]
fn the_secret_comes_from_a_variable() {
    let scene = Scene::new();
    profile(&scene, "secret_env = \"CRM_SECRET\"\nrate = \"2000/s\"");
    scene.save("list.csv", &named(3));
    bare(&scene, "import list.csv").exits(2).says("CRM_SECRET");
    let mut command = scene.command("import list.csv");
    command
        .env_remove("FERRY_SECRET")
        .env("CRM_SECRET", "sandbox-secret");
    Output::of(command).exits(0);
}

#[test]
fn the_secret_comes_from_a_file_beside_the_configuration() {
    let scene = Scene::new();
    profile(
        &scene,
        "secret_file = \"keys/secret.txt\"\nrate = \"2000/s\"",
    );
    std::fs::create_dir_all(scene.path("keys")).unwrap();
    std::fs::create_dir_all(scene.path("below/deeper")).unwrap();
    scene.write("keys/secret.txt", "sandbox-secret\n");
    scene.save("below/deeper/list.csv", &named(3));
    // From a folder below: the file above is found, and its paths start at its own folder.
    let mut command = scene.command("import list.csv --json");
    command.current_dir(scene.path("below/deeper"));
    for name in ["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"] {
        command.env_remove(name);
    }
    let run = Output::of(command).exits(0);
    assert_eq!(run.sheet().count("ok"), 3);
    std::fs::remove_file(scene.path("keys/secret.txt")).unwrap();
    bare(&scene, "fields").exits(2).says("secret.txt");
}

#[cfg(unix)]
#[test]
fn a_literal_secret_is_warned_of_when_others_may_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let scene = Scene::new();
    profile(&scene, "secret = \"sandbox-secret\"");
    let path = scene.path("ferry.toml");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    let run = bare(&scene, "fields").exits(0).says("[E104]");
    assert!(!run.stderr.contains("sandbox-secret"));
    make_private(&path);
    let run = bare(&scene, "fields").exits(0);
    assert!(!run.stderr.contains("[E104]"), "{}", run.stderr);
}

#[cfg(target_os = "linux")]
#[test]
fn a_secret_command_is_run_only_from_the_users_folder() {
    let scene = Scene::new();
    profile(&scene, "secret_command = [\"echo\", \"sandbox-secret\"]");
    bare(&scene, "fields").exits(2).says("secret_command");
    std::fs::create_dir_all(scene.path("home/.config/ferry")).unwrap();
    std::fs::rename(
        scene.path("ferry.toml"),
        scene.path("home/.config/ferry/ferry.toml"),
    )
    .unwrap();
    let run = |line: &str| {
        let mut command = scene.command(line);
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        for name in ["FERRY_BASE_URL", "FERRY_APPID", "FERRY_SECRET"] {
            command.env_remove(name);
        }
        Output::of(command)
    };
    run("fields").exits(0);
}

#[test]
fn mistakes_in_the_file_are_named_without_quoting_the_secret() {
    let scene = Scene::new();
    for line in [
        "secret = \"sandbox-secret\"\nno_such_setting = 1",
        "secret = \"sandbox-secret",
        "secret = [\"sandbox-secret\"]",
        "secret = \"sandbox-secret\" x",
    ] {
        profile(&scene, line);
        let run = bare(&scene, "fields").exits(2).says("[E102]").says("line ");
        assert!(!run.stderr.contains("sandbox-secret"), "{}", run.stderr);
    }
}

#[test]
fn profiles_are_chosen_by_name() {
    let (one, other) = (Scene::new(), Scene::new());
    let text = format!(
        "profile = \"one\"\n[profiles.one]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n\
         [profiles.two]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\n",
        one.crm.base_url(),
        other.crm.base_url()
    );
    one.write("ferry.toml", &text);
    one.save("list.csv", &named(2));
    one.ferry("import list.csv").exits(0);
    assert_eq!((one.adds(), other.adds()), (2, 0));
    one.ferry("import list.csv --profile two --limit 1")
        .exits(5);
    assert_eq!((one.adds(), other.adds()), (2, 1));
    // The job knows its profile.
    one.ferry("resume").exits(0);
    assert_eq!((one.adds(), other.adds()), (2, 2));
    one.ferry("fields --profile three")
        .exits(2)
        .says("one, two");
    one.write("ferry.toml", text.replace("profile = \"one\"\n", ""));
    one.ferry("fields").exits(2).says("--profile");
}

/// The rate in the line that says what will be sent: flag, then environment, then file, then default.
#[test]
fn a_flag_beats_the_environment_and_the_environment_the_file() {
    let scene = Scene::new();
    scene.save("list.csv", &named(1));
    let rate_said = |environment: Option<&str>, line: &str, said: &str| {
        let mut command = scene.command(line);
        command.env_remove("FERRY_RATE");
        if let Some(rate) = environment {
            command.env("FERRY_RATE", rate);
        }
        Output::of(command).exits(0).says(&format!(" at {said}"));
    };
    rate_said(None, "import list.csv --again", "5/s");
    profile(&scene, "secret_env = \"FERRY_SECRET\"\nrate = \"901/s\"");
    rate_said(None, "import list.csv --again", "901/s");
    rate_said(Some("902/s"), "import list.csv --again", "902/s");
    rate_said(
        Some("902/s"),
        "import list.csv --again --rate 903/s",
        "903/s",
    );
    rate_said(
        Some("902/s"),
        "--rate 904/s import list.csv --again",
        "904/s",
    );
}

#[test]
fn switches_come_from_the_environment_but_those_that_disarm_do_not() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    scene.ferry("import list.csv").exits(0);
    let mut command = scene.command("import list.csv");
    command.env("FERRY_AGAIN", "1").env("FERRY_JSON", "true");
    assert_eq!(Output::of(command).exits(9).json()["skipped"], 2);
    let mut command = scene.command("import list.csv");
    command.env("FERRY_JSON", "0");
    assert_eq!(Output::of(command).exits(9).stdout, "");
}

#[test]
fn a_protected_profile_needs_a_person_or_yes() {
    let scene = Scene::new();
    profile(&scene, "secret_env = \"FERRY_SECRET\"\nprotected = true");
    scene.save("list.csv", &named(2));
    let mut command = scene.command("import list.csv");
    command.env("FERRY_YES", "1");
    Output::of(command).exits(2).says("--yes").says("[E107]");
    assert_eq!((scene.adds(), scene.jobs().len()), (0, 0));
    scene.ferry("import list.csv --yes").exits(0);
    assert_eq!(scene.adds(), 2);
}

/// A name that nobody has (RFC 2606), behind a proxy that answers in its place.
#[test]
fn a_host_that_is_not_loopback_is_not_written_to_without_yes() {
    let scene = Scene::new();
    scene.save("list.csv", &named(1));
    let fields = std::fs::read_to_string(sample("fields.json")).unwrap();
    let paths: Arc<Mutex<Vec<String>>> = Arc::default();
    let asked = Arc::clone(&paths);
    let proxy = Canned::start(move |path| {
        asked.lock().unwrap().push(path.to_owned());
        let data = match path.rsplit('/').next() {
            Some("add") => r#"{"_id":"685775343058800640"}"#,
            Some("list") if path.ends_with("/field/list") => &fields,
            _ => r#"{"count":0,"list":[]}"#,
        };
        format!(r#"{{"success":true,"code":"200","data":{data}}}"#).into_bytes()
    });
    let import = |flags: &str| {
        let mut command = scene.command(&format!("import list.csv {flags}"));
        command
            .env("FERRY_BASE_URL", "http://crm.invalid")
            .env("http_proxy", proxy.base_url());
        Output::of(command)
    };
    let added = || {
        let paths = paths.lock().unwrap();
        paths.iter().filter(|path| path.ends_with("/add")).count()
    };
    import("").exits(2).says("[E107]").says("--yes");
    // What it has was read before anybody was asked.
    assert!(proxy.calls() > 0);
    assert_eq!((added(), scene.jobs().len()), (0, 0));
    import("--yes").exits(0);
    assert_eq!(added(), 1);
}

#[test]
fn the_state_folder_is_private_and_may_stand_in_the_file() {
    let scene = Scene::new();
    profile(&scene, "secret_env = \"FERRY_SECRET\"");
    let text = std::fs::read_to_string(scene.path("ferry.toml")).unwrap();
    scene.write("ferry.toml", format!("state_dir = \"kept/here\"\n{text}"));
    scene.save("list.csv", &named(2));
    let mut command = scene.command("import list.csv");
    command.env_remove("FERRY_STATE_DIR");
    Output::of(command).exits(0);
    assert!(scene.path("kept/here/ledger.db").is_file());
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = std::fs::metadata(scene.path("kept/here")).unwrap();
        assert_eq!(mode.permissions().mode() & 0o777, 0o700);
    }
}

#[test]
fn the_secret_is_nowhere_to_be_found() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    let mut outputs = Vec::new();
    for (line, code) in [
        (
            "import list.csv --log ferry.log -v -o answers.csv --limit 2",
            5,
        ),
        ("resume --log ferry.log -v --json", 0),
        ("fields --json --log ferry.log", 0),
        ("jobs --json", 0),
        ("doctor -v --log ferry.log", 0),
        ("get 1 --log ferry.log", 4),
    ] {
        let run = scene.ferry(line).exits(code);
        outputs.push(format!("{line}\n{}{}", run.stdout, run.stderr).into_bytes());
    }
    let mut wrong = scene.command("import list.csv --again -v --log ferry.log");
    wrong.env("FERRY_SECRET", "sandbox-secret-but-wrong");
    let run = Output::of(wrong).exits(7);
    outputs.push(format!("{}{}", run.stdout, run.stderr).into_bytes());
    let log = std::fs::read(scene.path("ferry.log")).unwrap();
    assert!(!log.is_empty());
    outputs.push(log);
    outputs.push(std::fs::read(scene.path("answers.csv")).unwrap());
    outputs.extend(
        scene
            .state_files()
            .iter()
            .map(|path| std::fs::read(path).unwrap()),
    );
    for bytes in &outputs {
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("sandbox-secret"), "{text}");
    }
}

/// `--log` says a line per call, and no customers.
#[test]
fn the_log_holds_no_customers() {
    let scene = Scene::new();
    scene.save("list.csv", &named(5));
    scene.ferry("import list.csv --log ferry.log -v").exits(0);
    let log = std::fs::read_to_string(scene.path("ferry.log")).unwrap();
    assert!(log.lines().count() >= 5, "{log}");
    assert!(
        !log.contains("客户 0001") && !log.contains("13800000001"),
        "{log}"
    );
}

/// `owners` of a profile gives owners their ids, also without a mapping.
#[test]
fn owners_are_looked_up_in_the_file_of_the_profile() {
    let scene = Scene::new();
    profile(
        &scene,
        "secret_env = \"FERRY_SECRET\"\nowners = \"people/owners.csv\"",
    );
    std::fs::create_dir(scene.path("people")).unwrap();
    scene.write("people/owners.csv", "姓名,ID\n王芳,8310\n李雷,8311\n");
    let rows: &[&[&str]] = &[&["甲", "王芳"], &["乙", "8311"], &["丙", "韩梅梅"]];
    scene.save("list.csv", &Table::of(&["客户名称", "负责人"], rows));
    let sheet = scene.ferry("import list.csv --json").exits(4).sheet();
    assert_eq!(sheet.column("_status"), ["ok", "ok", "invalid"]);
    let mut owners: Vec<String> = scene
        .stored()
        .iter()
        .map(|customer| customer["owner"].to_string())
        .collect();
    owners.sort();
    assert_eq!(owners, ["\"8310\"", "\"8311\""]);
    scene.ferry("check list.csv").exits(3);
}

#[test]
fn a_path_of_windows_between_double_quotes_is_explained() {
    let scene = Scene::new();
    for (more, says) in [
        (
            r#"owners = "C:\temp\new.csv""#,
            r#"owners: the path "C:\temp\new.csv" stands"#,
        ),
        (
            r#"on_finish = ["py", "C:\new\robot.py"]"#,
            "on_finish: the path",
        ),
        (
            r#"secret_file = "C:\Users\me\secret.txt""#,
            "line 4: between double quotes",
        ),
    ] {
        profile(&scene, more);
        let run = bare(&scene, "fields").exits(2).says("[E102]").says(says);
        assert!(run.stderr.contains("single quotes"), "{}", run.stderr);
    }
    // A line break in a script is no path: the file is read, and only the secret is missing.
    profile(
        &scene,
        "secret_env = \"FERRY_SECRET\"\non_finish = [\"sh\", \"-c\", \"exit 0\\nexit 1\"]",
    );
    bare(&scene, "fields").exits(2).says("[E103]");
    scene.write(
        "map.toml",
        "[columns.\"名称\"]\nfield = \"customerName\"\nlookup = \"C:\\temp\\new.csv\"\n",
    );
    scene.write("list.csv", "名称\n甲\n");
    bare(&scene, "check list.csv --map map.toml")
        .exits(3)
        .says("single quotes");
    scene.write(
        "map.toml",
        "[columns.\"名称\"]\nfield = \"customerName\"\nlookup = \"C:\\data\\words.csv\"\n",
    );
    bare(&scene, "check list.csv --map map.toml")
        .exits(3)
        .says("single quote");
}
