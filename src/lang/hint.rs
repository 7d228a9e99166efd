//! The commands that hints name, made whole: as they are printed they can be copied and run.
//!
//! A sentence names a command in backticks, such as `ferry resume JOB`, and knows nothing of the run that prints it.
//! Here the flags of the run that decide which account and which jobs are meant are added to it, and the file that the
//! run is about takes the place of FILE. Without them a hint of a rehearsal would write to the real account.
//!
//! A sheet is read when other jobs have run since. So in a sheet the commands name its job too, which a command without
//! a name would not find any more.

use std::path::Path;

use super::{Lang, Words, words, words_on_page};
use crate::model::{AskedFlag, Problem, ReadingFlag};

/// Commands that know neither accounts nor jobs.
const ALONE: &[&str] = &[
    "explain",
    "help",
    "init",
    "sandbox",
    "diff",
    "completions",
    "man",
];

/// The words that stand for a file in a sentence, in either language.
const FILE_WORDS: [&str; 2] = ["FILE", "文件"];

/// The words that stand in a sheet for the sheet itself.
const SHEET_WORDS: [&str; 2] = ["THIS", "本文件"];

/// What a run adds to the commands that it names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hints {
    /// The flags, each with its value.
    flags: Vec<(&'static str, Option<String>)>,
    /// The file that the run is about.
    file: Option<String>,
    /// The flags by which the run reads that file, and decides its rows.
    reading: Vec<AskedFlag>,
    /// In a sheet: the job for each command that would otherwise take the latest.
    jobs: Vec<(&'static str, String)>,
    /// In a sheet: its own path.
    sheet: Option<String>,
    /// Whether the reader has the page in the browser, and no terminal.
    is_on_page: bool,
}

impl Hints {
    /// Makes the hints of a run with these flags, about this file.
    pub fn new(flags: Vec<(&'static str, Option<String>)>, file: Option<&Path>) -> Self {
        Self {
            flags,
            file: file.map(|path| path.display().to_string()),
            ..Self::default()
        }
    }

    /// Returns the hints of a run that a person has begun on the page, who has no terminal: sheets name its buttons.
    pub fn of_page() -> Self {
        Self {
            is_on_page: true,
            ..Self::default()
        }
    }

    /// Returns the hints of a run about this file.
    #[must_use]
    pub fn about(&self, file: &Path) -> Self {
        Self {
            file: Some(file.display().to_string()),
            ..self.clone()
        }
    }

    /// Returns the hints of a run that reads its file by these flags.
    #[must_use]
    pub fn reading(&self, flags: &[AskedFlag]) -> Self {
        Self {
            reading: flags.to_vec(),
            ..self.clone()
        }
    }

    /// Returns the flags by which the run reads its file.
    pub fn asked(&self) -> &[AskedFlag] {
        &self.reading
    }

    /// Returns the line of a command about the file of the run.
    pub fn of_file(&self, command: &str) -> String {
        self.whole(&format!("ferry {command} FILE"))
    }

    /// Returns the hints of a sheet of a job with this source: `resume`, `verify` and `undo` mean the job. In the sheet
    /// of an undo, `undo` means the job that is taken back, and `resume` any job that left a row in doubt.
    #[must_use]
    pub fn in_sheet(&self, job: &str, undone: Option<&str>, source: &Path) -> Self {
        let jobs = match undone {
            Some(undone) => vec![("verify", job), ("undo", undone)],
            None => vec![("verify", job), ("undo", job), ("resume", job)],
        };
        let jobs = jobs.into_iter().map(|(name, job)| (name, job.to_owned()));
        Self {
            file: Some(source.display().to_string()),
            jobs: jobs.collect(),
            ..self.clone()
        }
    }

    /// Returns the hints of what is handed to somebody else: they hold no path of this machine. The flags that name the
    /// account stay, so that a hint of a rehearsal writes to no real account.
    #[must_use]
    pub fn without_paths(&self) -> Self {
        let is_kept = |flag: &str| ["--sandbox", "--profile"].contains(&flag);
        let flags = self.flags.iter().filter(|(flag, _)| is_kept(flag));
        let bare = |path: &String| {
            let name = Path::new(path).file_name();
            name.map_or_else(|| path.clone(), |name| name.to_string_lossy().into_owned())
        };
        Self {
            flags: flags.cloned().collect(),
            file: self.file.as_ref().map(bare),
            sheet: self.sheet.as_ref().map(bare),
            reading: Vec::new(),
            ..self.clone()
        }
    }

    /// Returns the hints of a sheet with this path, which `delete` and `--map` take.
    #[must_use]
    pub fn written_to(&self, sheet: &Path) -> Self {
        Self {
            sheet: Some(sheet.display().to_string()),
            ..self.clone()
        }
    }

    /// Returns a command line with the flags of the run behind it.
    pub fn command(&self, line: &str) -> String {
        let mut line = line.to_owned();
        for (flag, value) in &self.flags {
            if line.split(' ').any(|word| word == *flag) {
                continue;
            }
            line = match value {
                Some(value) => format!("{line} {flag} {}", quoted(value)),
                None => format!("{line} {flag}"),
            };
        }
        line
    }

    /// Returns a text whose commands in backticks are whole.
    pub fn copyable(&self, text: &str) -> String {
        let parts: Vec<&str> = text.split('`').collect();
        // A lone backtick is somebody's data.
        if parts.len().is_multiple_of(2) {
            return text.to_owned();
        }
        let whole = parts.iter().enumerate().map(|(place, part)| {
            let is_command = place % 2 == 1 && part.starts_with("ferry ");
            if is_command {
                self.whole(part)
            } else {
                (*part).to_owned()
            }
        });
        whole.collect::<Vec<_>>().join("`")
    }

    /// Returns the words of a problem for the reader of the run.
    pub fn said(&self, problem: &Problem, lang: Lang) -> Words {
        if self.is_on_page {
            words_on_page(problem, lang)
        } else {
            words(problem, lang)
        }
    }

    /// Returns the words of a problem, whose commands are whole.
    pub fn words(&self, problem: &Problem, lang: Lang) -> Words {
        let words = self.said(problem, lang);
        Words {
            message: self.copyable(&words.message),
            tip: self.copyable(&words.tip),
        }
    }

    fn whole(&self, command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let name = words.get(1).copied().unwrap_or_default();
        if ALONE.contains(&name) || name.starts_with('-') || words.contains(&"--help") {
            return command.to_owned();
        }
        let mut line = Vec::new();
        let mut is_about_file = false;
        let has_argument = words.iter().skip(2).any(|word| !word.starts_with('-'));
        let argument = match name {
            "delete" => self.sheet.as_deref().map(quoted),
            _ => self.job_of(name).map(str::to_owned),
        };
        for (place, word) in words.iter().enumerate() {
            // Behind a flag stands a file that is to be written.
            let is_free = place > 1 && !words[place - 1].starts_with('-');
            match (&self.file, &self.sheet) {
                (Some(file), _) if is_free && FILE_WORDS.contains(word) => {
                    is_about_file = true;
                    line.push(quoted(file));
                }
                (_, Some(sheet)) if SHEET_WORDS.contains(word) => line.push(quoted(sheet)),
                _ => line.push((*word).to_owned()),
            }
            if place == 1 && !has_argument {
                line.extend(argument.clone());
            }
        }
        if is_about_file {
            line.extend(self.flags_of_reading(name, &words));
        }
        self.command(&line.join(" "))
    }

    /// Returns the flags of the run's reading that a command takes and does not name itself.
    fn flags_of_reading(&self, command: &str, words: &[&str]) -> Vec<String> {
        let takes = |flag: &ReadingFlag| flag.commands.contains(&command);
        let asked = self.reading.iter().filter(|asked| {
            let flag = asked.flag.as_str();
            ReadingFlag::of(flag).is_some_and(takes) && !words.contains(&flag)
        });
        asked
            .flat_map(|asked| [Some(asked.flag.clone()), asked.value.as_deref().map(quoted)])
            .flatten()
            .collect()
    }

    fn job_of(&self, command: &str) -> Option<&str> {
        let mut jobs = self.jobs.iter();
        let found = jobs.find(|(name, _)| *name == command);
        found.map(|(_, job)| job.as_str())
    }
}

/// Returns a word of a command line as a shell takes it for one word.
pub fn quoted(text: &str) -> String {
    quoted_on(text, cfg!(windows))
}

fn quoted_on(text: &str, is_windows: bool) -> String {
    // PowerShell takes a comma for the end of a word, and `@` for the beginning of a list.
    let marks = if is_windows {
        "_-./:%+=\\"
    } else {
        "_-./:@%+=,\\"
    };
    let is_plain = |letter: char| letter.is_alphanumeric() || marks.contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else if is_windows {
        // A backslash before a quote would make it a letter of the word.
        let is_backslash = |letter: &char| *letter == '\\';
        let end: String = text.chars().rev().take_while(is_backslash).collect();
        format!("\"{text}{end}\"")
    } else if !text.contains(['"', '$', '`', '\\', '!']) {
        format!("\"{text}\"")
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_one_word_to_a_shell() {
        assert_eq!(quoted("/home/甲/ferry.toml"), "/home/甲/ferry.toml");
        assert_eq!(quoted("my files (1)/a;b.toml"), "\"my files (1)/a;b.toml\"");
        assert_eq!(quoted_on("it's $5", false), r"'it'\''s $5'");
        assert_eq!(quoted_on("10/s,1000/h", false), "10/s,1000/h");
        for (path, word) in [
            (r"C:\ferry\", r"C:\ferry\"),
            (r"C:\my state", r#""C:\my state""#),
            (r"C:\my state\", r#""C:\my state\\""#),
            ("10/s,1000/h", r#""10/s,1000/h""#),
            ("", r#""""#),
        ] {
            assert_eq!(quoted_on(path, true), word);
        }
    }

    #[test]
    fn commands_in_backticks_get_the_flags_and_the_file_of_the_run() {
        let hints = Hints {
            flags: vec![
                ("--sandbox", None),
                ("--config", Some("a b.toml".to_owned())),
            ],
            file: Some("客户 (1).xlsx".to_owned()),
            ..Hints::default()
        };
        for (said, whole) in [
            (
                "run `ferry resume x`, then `ferry jobs`",
                "run `ferry resume x --sandbox --config \"a b.toml\"`, then `ferry jobs --sandbox --config \"a b.toml\"`",
            ),
            (
                "先 `ferry check 文件 --map 字段对应.xlsx --sandbox`",
                "先 `ferry check \"客户 (1).xlsx\" --map 字段对应.xlsx --sandbox --config \"a b.toml\"`",
            ),
            (
                "`ferry fields --save FILE`",
                "`ferry fields --save FILE --sandbox --config \"a b.toml\"`",
            ),
            ("see `ferry import --help`", "see `ferry import --help`"),
            (
                "`ferry explain E401`, `_tip`",
                "`ferry explain E401`, `_tip`",
            ),
            ("a lone ` and `ferry jobs`", "a lone ` and `ferry jobs`"),
        ] {
            assert_eq!(hints.copyable(said), whole);
            assert_eq!(Hints::default().copyable(said), said);
        }
    }

    #[test]
    fn commands_about_the_file_read_it_as_the_run_did() {
        let asked = |flag: &str, value: Option<&str>| AskedFlag {
            flag: flag.to_owned(),
            value: value.map(str::to_owned),
        };
        let hints = Hints::new(vec![("--sandbox", None)], Some(Path::new("a.xlsx")));
        let hints = hints.reading(&[
            asked("--map", Some("my map.toml")),
            asked("--key", Some("手机")),
            asked("--key", Some("邮箱")),
            asked("--fields", Some("f.json")),
            asked("--strict", None),
        ]);
        for (said, whole) in [
            (
                "`ferry check FILE -o problems.xlsx`",
                "`ferry check a.xlsx -o problems.xlsx --map \"my map.toml\" --key 手机 --key 邮箱 --fields f.json --sandbox`",
            ),
            (
                "`ferry import 文件 --key 客户编号`",
                "`ferry import a.xlsx --key 客户编号 --map \"my map.toml\" --strict --sandbox`",
            ),
            (
                "`ferry map FILE`",
                "`ferry map a.xlsx --fields f.json --sandbox`",
            ),
            (
                "`ferry import other.xlsx`",
                "`ferry import other.xlsx --sandbox`",
            ),
            ("`ferry delete FILE`", "`ferry delete a.xlsx --sandbox`"),
        ] {
            assert_eq!(hints.copyable(said), whole);
        }
        assert_eq!(
            hints.of_file("plan"),
            "ferry plan a.xlsx --map \"my map.toml\" --key 手机 --key 邮箱 --strict --sandbox"
        );
    }

    #[test]
    fn what_is_handed_over_names_no_path() {
        let flags = vec![
            ("--sandbox", None),
            ("--config", Some("/home/a/ferry.toml".to_owned())),
            ("--state-dir", Some("/tmp/x".to_owned())),
        ];
        let map = AskedFlag {
            flag: "--map".to_owned(),
            value: Some("/home/a/map.xlsx".to_owned()),
        };
        let source = Path::new("/home/a/客户.xlsx");
        let hints = Hints::new(flags, None).reading(&[map]);
        let hints = hints.in_sheet("job-1", None, source).without_paths();
        for (said, whole) in [
            ("`ferry check FILE`", "`ferry check 客户.xlsx --sandbox`"),
            ("`ferry undo`", "`ferry undo job-1 --sandbox`"),
        ] {
            assert_eq!(hints.copyable(said), whole);
        }
    }

    #[test]
    fn commands_in_a_sheet_name_its_job_and_the_sheet() {
        let run = Hints::new(vec![("--sandbox", None)], None);
        let source = Path::new("客户.xlsx");
        let undo = run.in_sheet("undo-1", Some("job-1"), source);
        let undo = undo.written_to(Path::new("my result.xlsx"));
        for (said, whole) in [
            ("`ferry resume` asks", "`ferry resume --sandbox` asks"),
            (
                "`ferry undo --force`",
                "`ferry undo job-1 --force --sandbox`",
            ),
            ("`ferry verify`", "`ferry verify undo-1 --sandbox`"),
            ("`ferry resume other`", "`ferry resume other --sandbox`"),
            (
                "`ferry delete`",
                "`ferry delete \"my result.xlsx\" --sandbox`",
            ),
            ("`ferry map FILE`", "`ferry map 客户.xlsx --sandbox`"),
            ("`ferry jobs`", "`ferry jobs --sandbox`"),
        ] {
            assert_eq!(undo.copyable(said), whole);
        }
        let import = run.in_sheet("job-1", None, source);
        assert_eq!(
            import.copyable("`ferry undo`"),
            "`ferry undo job-1 --sandbox`"
        );
        assert_eq!(
            import.copyable("`ferry resume`"),
            "`ferry resume job-1 --sandbox`"
        );
    }
}
