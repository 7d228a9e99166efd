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
            let words = ["jobs", "--config", file].map(str::to_owned);
            let run = Output::of(process(&scene, &words, page.is_chinese()));
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

fn process(scene: &Scene, words: &[String], is_chinese: bool) -> Process {
    let mut process = scene.command("");
    process.args(words);
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
    let run = Output::of(process(scene, &words, is_chinese));
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
    let names = files.chain(scene.jobs()).filter_map(|name| {
        let inner = name.strip_prefix(before)?;
        let stamp = inner.get(..STAMP_LETTERS)?.to_owned();
        let (number, rest) = number_in(&inner[STAMP_LETTERS..]);
        let is_one = stamp_in(&stamp).is_some() && rest == after;
        is_one.then_some((stamp, number, name))
    });
    let Some((_, _, name)) = names.max() else {
        return Err(format!("nothing is there that is called like {word}"));
    };
    Ok(if folder == "." {
        name
    } else {
        format!("{folder}/{name}")
    })
}

/// The number that tells names of one second apart, ` (2).xlsx` of files and `-2` of jobs, and the name without it.
fn number_in(name: &str) -> (u32, String) {
    for number in 2..10 {
        let of_file = format!(" ({number})");
        if name.contains(&of_file) {
            return (number, name.replace(&of_file, ""));
        }
        if let Some(job) = name.strip_suffix(&format!("-{number}")) {
            return (number, job.to_owned());
        }
    }
    (1, name.to_owned())
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
    let line = if line.contains(".xlsx") {
        number_in(&line).1
    } else {
        line
    };
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut plain: Vec<String> = Vec::new();
    let mut words = words.iter().peekable();
    while let Some(word) = words.next() {
        // The tests keep their jobs elsewhere, and hints say so.
        if *word == "--state-dir" {
            let path = words.next().map_or("", |path| *path);
            // What closes the command stays: a backtick, and what comes behind it.
            if let (Some((_, rest)), Some(last)) = (path.split_once('`'), plain.last_mut()) {
                last.push('`');
                last.push_str(rest);
            }
            continue;
        }
        let next = words.peek().copied().copied().unwrap_or_default();
        plain.push(if is_measured(word, next) {
            word.replace(|letter: char| letter.is_ascii_digit() || letter == '.', "")
        } else {
            without_stamp(word.find("samples/").map_or(*word, |place| &word[place..]))
        });
    }
    plain.join(" ")
}

/// Whether a word is a pace, or a time whose unit comes next.
fn is_measured(word: &str, next: &str) -> bool {
    let ends_in_digit = |text: &str| text.ends_with(|letter: char| letter.is_ascii_digit());
    let unit = next.trim_end_matches(|letter: char| !letter.is_alphanumeric());
    let is_time = ends_in_digit(word) && (unit == "s" || unit.starts_with('秒'));
    let is_rate = word.split_once("/s").is_some_and(|(number, rest)| {
        ends_in_digit(number) && !rest.starts_with(char::is_alphanumeric)
    });
    is_time || is_rate
}

/// A word whose time is taken out.
fn without_stamp(word: &str) -> String {
    let Some(place) = stamp_in(word) else {
        return word.to_owned();
    };
    let (before, after) = (&word[..place], &word[place + STAMP_LETTERS..]);
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '-';
    let end = after.find(|letter| !is_name(letter)).unwrap_or(after.len());
    let (_, name) = number_in(&after[..end]);
    format!("{before}TIME{name}{}", &after[end..])
}

#[test]
fn what_differs_from_run_to_run_is_not_compared_and_all_else_is() {
    for (shown, printed) in [
        (
            "36 calls, about 0.7 s at 50/s",
            "36 calls, about 12 s at 2000/s",
        ),
        (
            "共 3 次调用，速率 50/s，约需 0.7 秒",
            "共 3 次调用，速率 9/s，约需 12 秒",
        ),
        (
            "sheet: samples/a_20261126-035648.xlsx",
            "sheet: C:\\x7\\samples\\a_20301126-035648 (2).xlsx",
        ),
        (
            "Do it with: ferry apply 20261126-035647-a",
            "Do it with: ferry apply 20301126-035647-a-2 --state-dir /tmp/x",
        ),
    ] {
        assert_eq!(comparable(shown), comparable(printed));
    }
    assert_ne!(comparable("36 calls in 1 s"), comparable("37 calls in 1 s"));
    assert_ne!(comparable("a_20261126-035648.xlsx"), comparable("a.xlsx"));
}
