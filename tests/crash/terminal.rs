//! A terminal that has gone: a closed window, the end of `| tee`, a full disk behind `>`. What is printed is lost;
//! a wish to stop is not, and neither is the exit code.

#![cfg(unix)]

use std::fs::File;
use std::process::{Child, Command, Stdio};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::support::{Endpoint, Scene, named, until};

fn signal(child: &Child, name: &str) {
    let sent = Command::new("kill")
        .args([name, &child.id().to_string()])
        .status();
    assert!(sent.expect("kill is there").success());
}

/// The exit code, 128 and more for a signal as a shell has it.
fn end_of(mut child: Child) -> i32 {
    use std::os::unix::process::ExitStatusExt;
    until("the process ends", || {
        child.try_wait().expect("a child can be asked").is_some()
    });
    let status = child.wait().expect("it has ended");
    status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or_default())
}

/// Stops an import of 80 rows in the middle, whose output goes nowhere any more. One that is deaf sends the rest
/// in a second and a half.
fn stopped_unheard(
    name: &str,
    spawn: impl FnOnce(&mut Command) -> Child,
    hang_up: impl FnOnce(&mut Child),
) {
    let scene = Scene::new();
    scene.save("list.csv", &named(80));
    let held = scene.hold(Endpoint::Add, 20);
    let mut child = spawn(&mut scene.command("import list.csv --rate 40/s"));
    held.wait_for(1);
    hang_up(&mut child);
    signal(&child, name);
    held.release();
    assert_eq!(end_of(child), 5, "{name}");
    assert!(
        scene.crm.customer_count() < 80,
        "{name}: it went on sending"
    );
    scene.ferry("resume").exits(0);
    assert_eq!((scene.crm.customer_count(), scene.adds()), (80, 80));
}

#[test]
fn a_stop_is_heard_when_nobody_reads_any_more() {
    for name in ["-HUP", "-INT", "-TERM"] {
        let close = |child: &mut Child| drop((child.stdout.take(), child.stderr.take()));
        stopped_unheard(name, |command| command.spawn().expect("it starts"), close);
    }
}

#[test]
fn a_stop_is_heard_when_the_window_has_gone() {
    let mut window = Some(openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal"));
    let master = window.as_ref().expect("it is open");
    grantpt(master).expect("ours");
    unlockpt(master).expect("ours");
    let name = ptsname(master, Vec::new()).expect("a name");
    let name = name.to_str().expect("ASCII").to_owned();
    let open = || {
        File::options()
            .read(true)
            .write(true)
            .open(&name)
            .expect("the other side")
    };
    let spawn = |command: &mut Command| {
        command.stdin(open()).stdout(open()).stderr(open());
        let child = command.arg("--yes").spawn();
        // Else the test itself holds the terminal open.
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        child.expect("it starts")
    };
    stopped_unheard("-HUP", spawn, |_| drop(window.take()));
}

#[test]
fn what_cannot_be_printed_does_not_change_the_exit_code() {
    let full = || {
        File::options()
            .write(true)
            .open("/dev/full")
            .expect("Linux has it")
    };
    // Linux has it; elsewhere a disk cannot be filled so easily.
    if !std::path::Path::new("/dev/full").exists() {
        return;
    }
    let scene = Scene::new();
    scene.save("list.csv", &named(3));
    scene.write("wrong.csv", "客户名称,手机\n甲,12\n乙,13800001111\n");
    for (line, code) in [
        ("import list.csv --log /dev/full", 0),
        ("import list.csv", 9),
        ("import wrong.csv", 4),
        ("check wrong.csv", 3),
        ("check wrong.csv --json", 3),
        ("plan wrong.csv --again -v", 4),
        ("jobs", 0),
        ("jobs nobody", 2),
        ("fields", 0),
        ("export -o all.csv", 0),
        ("import --no-such-flag", 2),
        ("--help", 0),
        ("explain", 0),
        ("doctor", 0),
    ] {
        let mut gone = scene.command(line);
        let mut child = gone
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        drop((child.stdout.take(), child.stderr.take()));
        assert_eq!(end_of(child), code, "closed: {line}");
        if line.starts_with("import wrong") || line.starts_with("import list") {
            continue;
        }
        let child = scene.command(line).stdout(full()).stderr(full()).spawn();
        assert_eq!(end_of(child.expect("it starts")), code, "full: {line}");
    }
    assert_eq!(scene.crm.customer_count(), 4);
}

/// Whether SIGQUIT is ignored here, which every program inherits: a shell has it so for what it runs in the background.
fn is_sigquit_ignored() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    ignored.is_some_and(|mask| mask & (1 << 2) != 0)
}

#[test]
fn sigquit_is_the_systems() {
    if is_sigquit_ignored() {
        eprintln!("SKIPPED: SIGQUIT is ignored here, as in a job of the background");
        return;
    }
    let scene = Scene::new();
    scene.save("list.csv", &named(8));
    let held = scene.hold(Endpoint::Add, 2);
    let child = scene.command("import list.csv").spawn().expect("it starts");
    held.wait_for(1);
    signal(&child, "-QUIT");
    assert_eq!(end_of(child), 128 + 3);
}

#[test]
fn one_signal_ends_the_wait_for_a_source_that_never_comes() {
    let scene = Scene::new();
    let made = Command::new("mkfifo").arg(scene.path("pipe.csv")).status();
    assert!(made.expect("mkfifo is there").success());
    let mut calls = 0;
    for (line, name, calls_first) in [
        ("import -", "-INT", false),
        ("plan -", "-HUP", false),
        ("import pipe.csv", "-TERM", false),
        ("import /dev/zero", "-INT", false),
        ("check -", "-TERM", true),
        ("check pipe.csv", "-INT", true),
        ("map pipe.csv -o map.toml", "-INT", true),
        ("map -", "-HUP", true),
    ] {
        let mut command = scene.command(line);
        let child = command.stdin(Stdio::piped()).spawn().expect("it starts");
        if calls_first {
            // It listens to signals before its first call, and waits for rows after it.
            calls += 1;
            until("it waits for rows", || {
                scene.crm.counters().calls_to(Endpoint::Fields) >= calls
            });
        } else {
            until("it waits for rows", || scene.jobs().len() == 1);
        }
        signal(&child, name);
        assert_eq!(end_of(child), 5, "{line}");
        assert!(scene.jobs().is_empty(), "{line}: {:?}", scene.jobs());
    }
    assert_eq!(scene.adds(), 0);
    assert!(!scene.path("map.toml").exists() && !scene.path("customers.map.xlsx").exists());
}
