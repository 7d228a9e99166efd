//! The commands that hints name, made whole: as they are printed they can be copied and run.
//!
//! A sentence names a command in backticks, such as `ferry resume JOB`, and knows nothing of the run that prints it.
//! Here the flags of the run that decide which account and which jobs are meant are added to it, and the file that the
//! run is about takes the place of FILE. Without them a hint of a rehearsal would write to the real account.

use std::path::Path;

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

/// What a run adds to the commands that it names.
#[derive(Debug, Clone, Default)]
pub(super) struct Hints {
    /// The flags, each with its value.
    flags: Vec<(&'static str, Option<String>)>,
    /// The file that the run is about.
    file: Option<String>,
}

impl Hints {
    /// Makes the hints of a run with these flags, about this file.
    pub fn new(flags: Vec<(&'static str, Option<String>)>, file: Option<&Path>) -> Self {
        Self {
            flags,
            file: file.map(|path| path.display().to_string()),
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

    fn whole(&self, command: &str) -> String {
        let words: Vec<&str> = command.split(' ').collect();
        let name = words.get(1).copied().unwrap_or_default();
        if ALONE.contains(&name) || name.starts_with('-') || words.contains(&"--help") {
            return command.to_owned();
        }
        let mut line = Vec::new();
        for (place, word) in words.iter().enumerate() {
            // Behind a flag stands a file that is to be written.
            let is_free = place > 1 && !words[place - 1].starts_with('-');
            match &self.file {
                Some(file) if is_free && FILE_WORDS.contains(word) => line.push(quoted(file)),
                _ => line.push((*word).to_owned()),
            }
        }
        self.command(&line.join(" "))
    }
}

/// Returns a word of a command line as a shell takes it for one word.
pub(super) fn quoted(text: &str) -> String {
    let is_plain = |letter: char| letter.is_alphanumeric() || "_-./:@%+=,\\".contains(letter);
    if !text.is_empty() && text.chars().all(is_plain) {
        text.to_owned()
    } else if cfg!(windows) || !text.contains(['"', '$', '`', '\\', '!']) {
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
        if cfg!(unix) {
            assert_eq!(quoted("it's $5"), r"'it'\''s $5'");
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
}
