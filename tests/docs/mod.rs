//! The documentation is true: its commands run, its flags exist, its links lead somewhere, both languages say the same.
//!
//! A command in a fence is run as it stands (`story.rs`), or the fence says why it cannot be. Flags in code spans, in
//! recipes of schedulers and in commands that are not run are looked up in `--help`.

mod page;
mod story;

use std::collections::HashMap;
use std::path::Path;

use crate::support::Scene;
use page::{Fence, Page};

/// Kinds of fences that hold no command of ferry, or one that a scheduler runs.
const OTHER_KINDS: &[&str] = &["text", "toml", "cron", "ini", "bat", "python"];

#[test]
fn the_commands_of_english_pages_run() {
    let pages = Page::all().into_iter().filter(|page| !page.is_chinese());
    let wrong: Vec<String> = pages.flat_map(|page| story::run(&page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn the_commands_of_chinese_pages_run() {
    let pages = Page::all().into_iter().filter(Page::is_chinese);
    let wrong: Vec<String> = pages.flat_map(|page| story::run(&page)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn a_fence_is_run_or_says_why_not() {
    let mut wrong = Vec::new();
    for page in Page::all() {
        for fence in page.fences() {
            let at = format!("{}:{}", page.name, fence.line);
            let is_command = |line: &&str| line.starts_with("ferry ") || line.starts_with("$ ");
            match fence.kind {
                "sh" | "console" if fence.no_run().is_some_and(|why| why.is_empty()) => {
                    wrong.push(format!("{at}: no reason stands beside no-run"));
                }
                "sh" | "console" => {}
                kind if !OTHER_KINDS.contains(&kind) => {
                    wrong.push(format!("{at}: “{kind}” is no kind that is known"));
                }
                kind if fence.lines.iter().any(is_command) => {
                    wrong.push(format!("{at}: a command that nobody runs in {kind}"));
                }
                _ => {}
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn every_flag_that_is_named_exists() {
    let helps = Helps::read();
    let mut wrong = Vec::new();
    for page in Page::all() {
        for span in page.spans() {
            let is_ferrys = span.starts_with("ferry ") || span.starts_with("--");
            if is_ferrys {
                wrong.extend(
                    helps
                        .lacks(span)
                        .map(|flag| format!("{}: {flag}", page.name)),
                );
            }
        }
        for fence in page.fences() {
            let is_run = matches!(fence.kind, "sh" | "console") && fence.no_run().is_none();
            if !is_run {
                let lacking = recipe_lines(&fence).flat_map(|line| helps.lacks(line));
                let at = |flag| format!("{}:{}: {flag}", page.name, fence.line);
                wrong.extend(lacking.map(at));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Lines in which ferry is called by something else.
fn recipe_lines<'p>(fence: &Fence<'p>) -> impl Iterator<Item = &'p str> {
    let lines = fence.lines.clone().into_iter();
    let others = ["cargo", "docker"];
    let is_others = move |line: &str| others.iter().any(|program| line.starts_with(program));
    lines.filter(move |line| line.contains("ferry") && !is_others(line))
}

#[test]
fn a_flag_that_does_not_exist_is_seen() {
    let helps = Helps::read();
    let lacks = |line: &'static str| helps.lacks(line).collect::<Vec<_>>();
    assert_eq!(lacks("ferry export -q --kepp 3 --config f"), ["--kepp"]);
    assert_eq!(lacks("--no-tuch"), ["--no-tuch"]);
    // A flag of another command is none of this one.
    assert_eq!(lacks("ferry check FILE --limit 5"), ["--limit"]);
    assert!(lacks("ferry import FILE --limit 5 --yes").is_empty());
    let page = Page {
        name: "a page".to_owned(),
        text: "```sh\nferry jobs --kepp\n```\n```sh\nferry jobs # exit 3\n```\n".to_owned(),
    };
    assert_eq!(story::run(&page).len(), 2);
}

#[test]
fn links_lead_to_files() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut wrong = Vec::new();
    for page in Page::all() {
        let path = root.join(&page.name);
        let folder = path.parent().unwrap();
        let broken = page.links().into_iter();
        let broken = broken.filter(|link| !folder.join(link).exists());
        wrong.extend(broken.map(|link| format!("{}: {link}", page.name)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn both_languages_have_the_same_pages_and_a_question_for_a_title() {
    let pages: HashMap<String, Page> = Page::all()
        .into_iter()
        .map(|page| (page.name.clone(), page))
        .collect();
    let mut wrong = Vec::new();
    for (name, page) in &pages {
        let other = match name.as_str() {
            "README.md" => "README.zh-CN.md".to_owned(),
            name if name.starts_with("docs/en/") => name.replace("docs/en/", "docs/zh/"),
            name if name.starts_with("docs/zh/") => name.replace("docs/zh/", "docs/en/"),
            _ => continue,
        };
        let Some(other) = pages.get(&other) else {
            wrong.push(format!("{name}: {other} is not there"));
            continue;
        };
        let shape = |page: &Page| {
            let marks = |line: &str| line.chars().take_while(|letter| *letter == '#').count();
            let headings: Vec<usize> = page.headings().into_iter().map(marks).collect();
            let fences = page.fences().into_iter();
            let fences: Vec<_> = fences
                .map(|fence| {
                    let commands = fence.commands().map_or(0, |commands| commands.len());
                    (fence.kind.to_owned(), fence.no_run().is_some(), commands)
                })
                .collect();
            (headings, fences)
        };
        if shape(page) != shape(other) {
            wrong.push(format!("{name} is built otherwise than {}", other.name));
        }
        let title = page.headings().first().copied().unwrap_or_default();
        if name.starts_with("docs/") && !title.ends_with(['?', '？']) {
            wrong.push(format!("{name}: “{title}” is no question"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_readme_is_short_and_begins_with_the_two_commands() {
    for page in Page::all() {
        if page.name.starts_with("README") {
            let lines: Vec<&str> = page.text.lines().collect();
            assert!(lines.len() <= 200, "{}: {}", page.name, lines.len());
            for command in [
                "cargo run --release -- import samples/customers.xlsx --sandbox",
                "cargo test",
            ] {
                let place = lines.iter().position(|line| *line == command);
                assert!(place.is_some_and(|place| place < 30), "{command}");
            }
        }
    }
}

/// The help of every command.
struct Helps {
    of: HashMap<String, String>,
}

impl Helps {
    fn read() -> Self {
        let scene = Scene::new();
        let all = scene.ferry("help").exits(0).stdout;
        let commands = all.split_once("Commands:").unwrap().1;
        let commands = commands.split_once("Options:").unwrap().0;
        let names = commands
            .lines()
            .filter_map(|line| line.strip_prefix("  ")?.split(' ').next())
            .filter(|name| !name.is_empty() && *name != "help");
        let of = names
            .map(|name| {
                let help = scene.ferry(&format!("{name} --help")).exits(0).stdout;
                (name.to_owned(), help)
            })
            .collect();
        Self { of }
    }

    /// Flags in a line that the command named in it does not have; without a command, that none has.
    fn lacks<'l>(&self, line: &'l str) -> impl Iterator<Item = &'l str> {
        let mut words = line.split(|letter: char| letter.is_whitespace() || letter == '"');
        let named = words.find_map(|word| self.of.get(word));
        let helps: Vec<&str> = match named {
            Some(help) => vec![help],
            None => self.of.values().map(String::as_str).collect(),
        };
        flags(line)
            .filter(move |flag| !helps.iter().any(|help| flags(help).any(|its| its == *flag)))
    }
}

/// The long flags in a text.
fn flags(text: &str) -> impl Iterator<Item = &str> {
    let is_flags = |letter: char| letter.is_ascii_lowercase() || letter == '-';
    let words = text.split(move |letter| !is_flags(letter));
    words.filter(|word| word.len() > 3 && word.starts_with("--"))
}
