//! A page of documentation, taken apart: its fences, the commands in them, and what stands in code spans.
//!
//! The first word behind a fence says what it holds; the words after it are conventions of these tests:
//!
//! ```text
//! sh                   commands, one a line; `# exit 4` behind one is its exit code, else 0
//! console              a command behind `$ `, and lines that it prints, in their order; `…` stands for others
//! sh no-run REASON     commands that cannot be run here, and why
//! toml file=NAME       a file that the commands below find in their folder
//!   exit=4             the exit code of the fence's commands that name none
//!   fresh              the commands begin with an empty CRM
//! ```

use std::fs;
use std::path::{Path, PathBuf};

/// One page.
pub struct Page {
    /// Its path from the root of the repository, with `/`.
    pub name: String,
    pub text: String,
}

/// One fenced block.
pub struct Fence<'p> {
    /// The line of the page at which it opens, from 1.
    pub line: usize,
    /// What it holds: `sh`, `toml` …
    pub kind: &'p str,
    words: Vec<&'p str>,
    pub lines: Vec<&'p str>,
}

/// A command as it is typed, and what is said of it.
pub struct Command<'p> {
    /// The line of the page, from 1.
    pub line: usize,
    /// Behind `ferry`, without comment.
    pub typed: &'p str,
    pub exit: i32,
    /// Lines that it prints, as the page shows them.
    pub prints: Vec<&'p str>,
}

impl Page {
    /// The README of both languages and everything below `docs/`.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut files = vec![root.join("README.md"), root.join("README.zh-CN.md")];
        below(&root.join("docs"), &mut files);
        files.sort();
        let page = |file: PathBuf| {
            let name = file.strip_prefix(root).unwrap().to_string_lossy();
            Self {
                name: name.replace('\\', "/"),
                text: fs::read_to_string(&file).unwrap().replace("\r\n", "\n"),
            }
        };
        files.into_iter().map(page).collect()
    }

    /// Whether it is written in Chinese.
    pub fn is_chinese(&self) -> bool {
        self.name.contains("zh")
    }

    /// Its fenced blocks, in order.
    pub fn fences(&self) -> Vec<Fence<'_>> {
        let mut fences = Vec::new();
        let mut open: Option<Fence> = None;
        for (number, line) in (1..).zip(self.text.lines()) {
            match (line.strip_prefix("```"), open.take()) {
                (Some(info), None) => {
                    let mut words = info.split_whitespace();
                    open = Some(Fence {
                        line: number,
                        kind: words.next().unwrap_or_default(),
                        words: words.collect(),
                        lines: Vec::new(),
                    });
                }
                (Some(_), Some(fence)) => fences.push(fence),
                (None, Some(mut fence)) => {
                    fence.lines.push(line);
                    open = Some(fence);
                }
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a fence is not closed", self.name);
        fences
    }

    /// What stands between backticks outside of fences.
    pub fn spans(&self) -> Vec<&str> {
        let outside = self.text.split("```").step_by(2);
        outside
            .flat_map(|text| text.split('`').skip(1).step_by(2))
            .collect()
    }

    /// Where its links lead, as far as they stay in the repository.
    pub fn links(&self) -> Vec<&str> {
        let behind = self.text.split("](").skip(1);
        let links = behind.filter_map(|text| text.split_once(')').map(|(link, _)| link));
        links
            .map(|link| link.split('#').next().unwrap_or_default())
            .filter(|link| !link.is_empty() && !link.contains("://"))
            .collect()
    }

    /// Its headings outside of fences, with their marks.
    pub fn headings(&self) -> Vec<&str> {
        let outside = self.text.split("```").step_by(2);
        let lines = outside.flat_map(str::lines);
        lines.filter(|line| line.starts_with('#')).collect()
    }
}

impl<'p> Fence<'p> {
    /// Why its commands are not run.
    pub fn no_run(&self) -> Option<String> {
        let (first, reason) = self.words.split_first()?;
        (*first == "no-run").then(|| reason.join(" "))
    }

    /// Whether its commands begin with an empty CRM.
    pub fn is_fresh(&self) -> bool {
        self.words.contains(&"fresh")
    }

    /// The file that it is.
    pub fn file(&self) -> Option<&'p str> {
        self.words
            .iter()
            .find_map(|word| word.strip_prefix("file="))
    }

    /// The whole text.
    pub fn body(&self) -> String {
        self.lines.join("\n") + "\n"
    }

    /// Its commands in order, or what is wrong with a line.
    pub fn commands(&self) -> Result<Vec<Command<'p>>, String> {
        let exit = self
            .words
            .iter()
            .find_map(|word| word.strip_prefix("exit="));
        let exit: i32 = exit.map_or(0, |code| code.parse().unwrap());
        let mut commands: Vec<Command> = Vec::new();
        for (number, line) in (self.line + 1..).zip(&self.lines) {
            let typed = if self.kind == "console" {
                let Some(typed) = line.strip_prefix("$ ") else {
                    let command = commands.last_mut();
                    command
                        .ok_or_else(|| format!("line {number}: no command stands above"))?
                        .prints
                        .push(line);
                    continue;
                };
                typed
            } else {
                line
            };
            let (typed, comment) = typed.split_once(" #").unwrap_or((typed, ""));
            let typed = typed.trim();
            if typed.is_empty() || typed.starts_with('#') {
                continue;
            }
            let ferry = ["cargo run --release -- ", "ferry "];
            let ferry = ferry.iter().find_map(|start| typed.strip_prefix(start));
            commands.push(Command {
                line: number,
                typed: ferry.ok_or_else(|| format!("line {number}: “{typed}” is not run"))?,
                exit: exit_of(comment).unwrap_or(exit),
                prints: Vec::new(),
            });
        }
        Ok(commands)
    }
}

/// The exit code that a comment names.
fn exit_of(comment: &str) -> Option<i32> {
    let behind = ["exit ", "退出码 "];
    let behind = behind.iter().find_map(|word| comment.split_once(word))?.1;
    let digits = behind
        .split(|letter: char| !letter.is_ascii_digit())
        .next()?;
    digits.parse().ok()
}

fn below(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            below(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "md") {
            files.push(path);
        }
    }
}
