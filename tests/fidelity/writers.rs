//! The table of cells as the spreadsheet writers of this machine write it now.
//!
//! `cells.rs` reads files that such programs wrote once; their later versions may write otherwise. `fixtures/writers.py`
//! writes with those that are installed, and the test says in its output which it had to leave out: `.ci/run`
//! installs them all.

use std::io::Write;
use std::process::Command;

use super::cells::arrive_as_seen_or_are_refused;
use crate::support::fixture;

/// Writes past the test harness, which keeps the output of a test that passes to itself.
fn say(line: &str) {
    let line = format!("{line}\n");
    std::io::stderr().write_all(line.as_bytes()).unwrap();
}

#[test]
fn what_the_writers_of_this_machine_write_arrives_as_it_is_seen() {
    let folder = tempfile::tempdir().unwrap();
    let python = ["python3", "python"].into_iter().find_map(|name| {
        let mut command = Command::new(name);
        let command = command.arg(fixture("writers.py")).arg(folder.path());
        // Without tomllib a Python is too old for the script.
        let is_there = Command::new(name)
            .args(["-c", "import tomllib"])
            .output()
            .is_ok_and(|answer| answer.status.success());
        is_there.then(|| {
            command
                .env("PYTHONDONTWRITEBYTECODE", "1")
                .output()
                .unwrap()
        })
    });
    let Some(answer) = python else {
        say("SKIPPED: no Python 3.11 or later to write workbooks with");
        return;
    };
    let said = String::from_utf8_lossy(&answer.stdout);
    let wrong = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{said}{wrong}");

    let mut files = Vec::new();
    for line in said.lines() {
        match line.split_whitespace().collect::<Vec<_>>()[..] {
            ["wrote", name, file] => files.push((name, file)),
            ["skipped", name, ..] => say(&format!("SKIPPED: {name}: {line}")),
            _ => panic!("{line}"),
        }
    }
    if files.is_empty() {
        return;
    }
    let compared = arrive_as_seen_or_are_refused(folder.path(), files.iter().copied());
    assert!(
        compared >= 120 * files.len(),
        "{compared} cells of {files:?}"
    );
    let names: Vec<&str> = files.iter().map(|(name, _)| *name).collect();
    say(&format!("{compared} cells written by {}", names.join(", ")));
}
