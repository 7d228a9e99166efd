//! Files that others could have written or may read: a planted `ferry.toml`, an open state folder, a readable secret;
//! and the file that `init` writes, whatever a profile is called.

#[cfg(unix)]
use std::path::Path;

#[cfg(unix)]
use crate::support::named;
use crate::support::{Output, Scene};

/// A configuration whose command tells what it was given.
#[cfg(unix)]
fn telling(scene: &Scene) -> String {
    format!(
        "profile = \"a\"\n[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_env = \"FERRY_SECRET\"\non_finish = [\"sh\", \"-c\", \"env > told.env\"]\n\
         [profiles.b]\nsecret_env = \"OTHER_SECRET\"\n[profiles.c]\nsecret_env = \"THIRD_SECRET\"\n",
        scene.crm.base_url()
    )
}

#[cfg(unix)]
fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).expect("our own file");
}

#[cfg(unix)]
#[test]
fn on_finish_runs_only_from_a_file_that_nobody_else_may_write() {
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    let file = scene.write("ferry.toml", telling(&scene));
    let run = || {
        let mut command = scene.command("import list.csv --again --mode add");
        command
            .env("OTHER_SECRET", "s3cr3t-b")
            .env("THIRD_SECRET", "s3cr3t-c")
            .env("HARMLESS", "yes");
        Output::of(command).exits(0)
    };
    for mode in [0o666, 0o620, 0o602, 0o777] {
        set_mode(&file, mode);
        let said = run().says("[E109]").says("[E110]").stderr;
        assert_eq!(said.matches("[E110]").count(), 1, "{said}");
        assert!(!scene.path("told.env").exists(), "{mode:o}: it ran");
    }
    set_mode(&file, 0o644);
    let said = run().stderr;
    assert!(!said.contains("E109") && !said.contains("E110"), "{said}");
    let told = std::fs::read_to_string(scene.path("told.env")).expect("it ran");
    assert!(told.contains("HARMLESS=yes"), "{told}");
    for secret in ["sandbox-secret", "s3cr3t-b", "s3cr3t-c"] {
        assert!(!told.contains(secret), "{secret}: {told}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_of_another_user_is_named_and_runs_nothing() {
    // Only the administrator can give a file away.
    if !rustix::process::geteuid().is_root() {
        return;
    }
    let scene = Scene::new();
    scene.save("list.csv", &named(2));
    let file = scene.write("ferry.toml", telling(&scene));
    std::os::unix::fs::chown(&file, Some(12345), Some(12345)).expect("we may");
    let said = scene.ferry("import list.csv").exits(0).says("[E109]");
    assert!(
        said.says("[E110]")
            .stderr
            .contains("ferry.toml, a file that belongs to another user")
    );
    assert!(!scene.path("told.env").exists());
    // From below as well, and where nothing would run.
    std::fs::create_dir(scene.path("deep")).expect("a folder");
    let mut below = scene.command("fields");
    below.current_dir(scene.path("deep"));
    Output::of(below).exits(0).says("[E109]");
    // The embedded CRM is nobody's account.
    let sandbox = scene.ferry("fields --sandbox").exits(0).stderr;
    assert!(!sandbox.contains("E109"), "{sandbox}");
}

#[cfg(unix)]
fn open_paths(folder: &Path, open: &mut Vec<String>) {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(folder)
        .expect("it is there")
        .permissions()
        .mode();
    if mode & 0o077 != 0 {
        open.push(format!("{mode:o} {}", folder.display()));
    }
    if folder.is_dir() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            open_paths(&entry.expect("an entry").path(), open);
        }
    }
}

#[cfg(unix)]
#[test]
fn the_state_folder_is_private_whatever_was_there_before() {
    let scene = Scene::new();
    scene.save("list.csv", &named(12));
    let run = |line: &str| {
        let binary = scene.command(line);
        let mut command = std::process::Command::new("sh");
        command
            .args(["-c", "umask 000; exec \"$0\" \"$@\""])
            .arg(binary.get_program())
            .args(binary.get_args())
            .current_dir(scene.path(""))
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .env_clear();
        for (name, value) in binary.get_envs() {
            command.env(name, value.unwrap_or_default());
        }
        command.env("PATH", std::env::var_os("PATH").unwrap_or_default());
        Output::of(command)
    };
    let is_private = |when: &str| {
        let mut open = Vec::new();
        open_paths(&scene.state(), &mut open);
        assert!(open.is_empty(), "{when}: {open:#?}");
    };
    std::fs::create_dir_all(scene.state().join("jobs")).expect("a folder");
    set_mode(&scene.state(), 0o777);
    set_mode(&scene.state().join("jobs"), 0o777);
    run("import list.csv --mode add --rate 100000/day,2000/s").exits(0);
    is_private("import");
    run("export -o all.xlsx").exits(0);
    run("export -o all.xlsx --compare all.xlsx").exits(0);
    is_private("export");
    run("plan all.xlsx").exits(0);
    run("verify").exits(0);
    run("import list.csv --sandbox --mode add").exits(0);
    is_private("sandbox");
    let files = scene.state_files();
    assert!(files.len() > 12, "{files:?}");
    for file in &files {
        set_mode(file, 0o666);
        set_mode(file.parent().expect("a folder"), 0o777);
    }
    // What is not ferry's is left alone.
    let foreign = scene.state().join("notes.txt");
    std::fs::write(&foreign, "mine").expect("it is writable");
    set_mode(&foreign, 0o644);
    run("jobs").exits(0);
    let mode = std::os::unix::fs::PermissionsExt::mode(
        &std::fs::metadata(&foreign)
            .expect("it is there")
            .permissions(),
    );
    assert_eq!(mode & 0o777, 0o644);
    std::fs::remove_file(&foreign).expect("ours");
    is_private("mended");
    // What people are to read keeps the rights of any new file.
    let sheet = std::fs::metadata(scene.path("all.xlsx")).expect("an export");
    let mode = std::os::unix::fs::PermissionsExt::mode(&sheet.permissions());
    assert_eq!(mode & 0o777, 0o666);
}

#[test]
fn a_secret_file_that_others_may_read_is_said_and_its_mark_is_taken_off() {
    let scene = Scene::new();
    let secret = scene.write("secret.txt", "\u{feff}sandbox-secret\r\n");
    scene.write(
        "ferry.toml",
        format!(
            "\u{feff}[profiles.a]\nbase_url = \"{}\"\nappid = \"sandbox\"\nsecret_file = \"secret.txt\"\n",
            scene.crm.base_url()
        ),
    );
    #[cfg(unix)]
    {
        set_mode(&secret, 0o644);
        let said = scene.ferry("fields").exits(0).says("[E104]").stderr;
        assert!(said.contains("secret.txt"), "{said}");
        set_mode(&secret, 0o600);
    }
    assert!(secret.exists());
    let said = scene.ferry("fields").exits(0).stderr;
    assert!(!said.contains("[E104]"), "{said}");
}

#[test]
fn init_writes_a_file_that_is_read_back_whatever_the_profile_is_called() {
    let scene = Scene::new();
    for (number, name) in [
        "main",
        "a.b",
        "a\"b",
        "a'b\\",
        "客户 一",
        "a\nb",
        "tab\tcr\r",
        "\"\"\"",
        "<key>",
        "<appid>",
        "[x] # y",
        "\u{1b}[2J\u{7f}",
        " ",
        "",
    ]
    .into_iter()
    .enumerate()
    {
        for lang in ["en", "zh"] {
            let file = format!("{number}{lang}.toml");
            let mut init = scene.command(&format!("init {file} --lang {lang} --appid sandbox"));
            init.args(["--base-url", &scene.crm.base_url(), "--profile", name]);
            Output::of(init).exits(0);
            let mut fields = scene.command(&format!("fields --config {file} --json"));
            fields.args(["--profile", name]);
            Output::of(fields).exits(0);
            Output::of(scene.command(&format!("fields --config {file} --json"))).exits(0);
        }
    }
}
