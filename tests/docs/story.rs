//! A page's commands, run one after the other as a reader would: in one folder, against one CRM.
//!
//! The folder holds `samples/`, `templates/`, and the sample as `customers.xlsx` and `客户.xlsx`. The account is an
//! embedded CRM with three customers; `--sandbox` is the reader's own, and empty at first. Times differ from run to run,
//! so a time in a command stands for the latest job or file of that name, and times, durations and the pace are not
//! compared in what is printed.

use std::fs;
use std::path::Path;
use std::process::Command as Process;

use serde_json::json;

use super::page::{Command, Page};
use crate::support::{Output, Scene, sample};

/// Letters of a time in a name: `20261126-035648`.
const STAMP_LETTERS: usize = 15;

/// Runs a page; what was not as it says.
pub fn run(page: &Page) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut scene = scene();
    for fence in page.fences() {
        let at = |line: usize, what: &str| format!("{}:{line}: {what}", page.name);
        if fence.is_fresh() {
            scene = self::scene();
        }
        if let Some(file) = fence.file() {
            // The page's account is the one of the tests.
            let text = fence
                .body()
                .replace("https://crm.example.com", &scene.crm.base_url());
            scene.write(file, text.replace("\"1090\"", "\"sandbox\""));
            let command = process(&scene, &format!("jobs --config {file}"), page.is_chinese());
            let run = Output::of(command);
            if run.code != 0 {
                wrong.push(at(fence.line, &run.stderr));
            }
        }
        if !matches!(fence.kind, "sh" | "console") || fence.no_run().is_some() {
            continue;
        }
        match fence.commands() {
            Err(what) => wrong.push(format!("{}: {what}", page.name)),
            Ok(commands) if commands.is_empty() => wrong.push(at(fence.line, "no command")),
            Ok(commands) => {
                for command in &commands {
                    if let Err(what) = run_one(&scene, command, page.is_chinese()) {
                        wrong.push(at(command.line, &what));
                    }
                }
            }
        }
    }
    wrong
}

fn scene() -> Scene {
    let scene = Scene::new();
    for folder in ["samples", "templates"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy(&from, &scene.path(folder));
    }
    for name in ["customers.xlsx", "客户.xlsx"] {
        scene.write(name, fs::read(sample("customers.xlsx")).unwrap());
    }
    for (name, phone) in [("甲", "1"), ("乙", "2"), ("丙", "3")] {
        let phone = format!("1590000000{phone}");
        let customer =
            json!({"customerName": name, "mobile": [{"value": phone}], "customerSource": ["百度"]});
        scene.crm.insert(customer.as_object().cloned().unwrap());
    }
    scene
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).unwrap();
        }
    }
}

fn process(scene: &Scene, line: &str, is_chinese: bool) -> Process {
    let mut process = scene.command(line);
    process.env("FERRY_LANG", if is_chinese { "zh" } else { "en" });
    process
}

fn run_one(scene: &Scene, command: &Command, is_chinese: bool) -> Result<(), String> {
    let mut words: Vec<String> = Vec::new();
    for word in command.typed.split_whitespace() {
        words.push(latest(scene, word)?);
    }
    // The reader answers the question; here nobody does.
    let asks = ["undo", "delete"].contains(&words[0].as_str());
    if asks && !words.iter().any(|word| word == "--dry-run") {
        words.push("--yes".to_owned());
    }
    let line = words.join(" ");
    let run = Output::of(process(scene, &line, is_chinese));
    let said = format!("{}{}", run.stdout, run.stderr);
    if run.code != command.exit {
        let (code, exit) = (run.code, command.exit);
        return Err(format!(
            "`ferry {line}` ends with {code} instead of {exit}: {said}"
        ));
    }
    let said: Vec<String> = said.lines().map(comparable).collect();
    let mut rest = said.iter();
    for shown in &command.prints {
        let wanted = comparable(shown);
        let is_left_out = shown.trim() == "…" || shown.contains("[y/N]");
        if !is_left_out && !rest.any(|line| *line == wanted) {
            let said = said.join("\n");
            return Err(format!(
                "`ferry {line}` does not print, in this order, “{wanted}”: {said}"
            ));
        }
    }
    Ok(())
}

/// The latest job, or file, of the name that a word of a command has with another time.
fn latest(scene: &Scene, word: &str) -> Result<String, String> {
    let Some(place) = stamp_in(word) else {
        return Ok(word.to_owned());
    };
    let (before, after) = (&word[..place], &word[place + STAMP_LETTERS..]);
    let (folder, before) = before.rsplit_once('/').unwrap_or((".", before));
    let files = fs::read_dir(scene.path(folder)).unwrap();
    let files = files.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = files.chain(scene.jobs()).collect();
    names.retain(|name| {
        let inner = name.strip_prefix(before);
        let inner = inner.and_then(|name| name.strip_suffix(after));
        inner.is_some_and(|inner| inner.len() == STAMP_LETTERS && stamp_in(inner) == Some(0))
    });
    let name = names.into_iter().max();
    let name = name.ok_or_else(|| format!("nothing is there that is called like {word}"))?;
    Ok(if folder == "." {
        name
    } else {
        format!("{folder}/{name}")
    })
}

/// Where a time stands in a name.
fn stamp_in(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let is_stamp = |letters: &[u8]| {
        let mut places = letters.iter().enumerate();
        places.all(|(place, letter)| match place {
            8 => *letter == b'-',
            _ => letter.is_ascii_digit(),
        })
    };
    bytes.windows(STAMP_LETTERS).position(is_stamp)
}

/// A printed line without what differs from run to run.
fn comparable(line: &str) -> String {
    let line = line.replace('\\', "/");
    let words = line.split_whitespace().map(|word| {
        let word = word.find("samples/").map_or(word, |place| &word[place..]);
        plain(word)
    });
    let mut words: Vec<String> = words.collect();
    // The tests keep their jobs elsewhere, and hints say so.
    if let Some(place) = words.iter().position(|word| word == "--state-dir") {
        words.drain(place..(place + 2).min(words.len()));
    }
    words.join(" ")
}

/// A word with its time, its decimals and its pace taken out.
fn plain(word: &str) -> String {
    if let Some(place) = stamp_in(word) {
        let (before, after) = (&word[..place], &word[place + STAMP_LETTERS..]);
        return format!("{before}TIME{after}");
    }
    let is_number = |letter: char| letter.is_ascii_digit() || letter == '.';
    let measured = word.contains("/s") || word.parse::<f64>().is_ok() && word.contains('.');
    if measured {
        word.replace(is_number, "")
    } else {
        word.to_owned()
    }
}
