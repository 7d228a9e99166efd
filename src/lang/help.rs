//! The help: what each command, each flag and each value is for, both languages in one block of `help.toml`.
//!
//! Beside the flags in `cli` no help stands: in a doc comment it would have one language, and a translator would need
//! Rust. The file is parsed when a page of help or a mistake on the command line is shown, so a run with neither
//! parses nothing. Tests in `cli` hold it against the command tree: no flag lacks its block, and no block its flag.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Lang, Text, catalogue};

/// The whole file.
#[derive(Debug, Deserialize)]
struct Help {
    /// Flags of several commands.
    shared: BTreeMap<String, FlagHelp>,
    /// Chinese words for English ones.
    placeholder: BTreeMap<String, String>,
    /// The program, as `ferry`, and each command.
    #[serde(flatten)]
    commands: BTreeMap<String, CommandHelp>,
}

/// What a command is for.
#[derive(Debug, Deserialize)]
pub struct CommandHelp {
    about: Text,
    more: Option<Text>,
    after: Option<Text>,
    #[serde(flatten)]
    flags: BTreeMap<String, FlagHelp>,
}

impl CommandHelp {
    /// One line.
    pub fn about(&self, lang: Lang) -> &str {
        self.about.pick(lang)
    }

    /// What follows that line in `--help`.
    pub fn more(&self, lang: Lang) -> Option<&str> {
        self.more.as_ref().map(|text| text.pick(lang))
    }

    /// What ends the help.
    pub fn after(&self, lang: Lang) -> Option<&str> {
        self.after.as_ref().map(|text| text.pick(lang))
    }
}

/// What a flag, or an argument without one, is for.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlagHelp {
    #[serde(rename = "en")]
    english: String,
    #[serde(rename = "zh")]
    chinese: String,
    #[serde(default, rename = "value")]
    values: BTreeMap<String, Text>,
}

impl FlagHelp {
    /// One line.
    pub fn text(&self, lang: Lang) -> &str {
        lang.pick(&self.english, &self.chinese)
    }

    /// What one of its values means.
    pub fn value(&self, value: &str, lang: Lang) -> Option<&str> {
        self.values.get(value).map(|text| text.pick(lang))
    }

    /// Whether its values have meanings.
    pub fn has_values(&self) -> bool {
        !self.values.is_empty()
    }
}

static HELP: LazyLock<Help> = LazyLock::new(|| catalogue::parse(include_str!("help.toml")));

/// The block of a command; `ferry` is the program.
pub fn command(name: &str) -> Option<&'static CommandHelp> {
    HELP.commands.get(name)
}

/// The block of a command's flag, named as people type it (`--output`), or of an argument, named by its placeholder
/// (`FILE`). The command's own goes before the one that several commands share.
pub fn flag(command: &str, name: &str) -> Option<&'static FlagHelp> {
    let own = HELP.commands.get(command);
    own.and_then(|command| command.flags.get(name))
        .or_else(|| HELP.shared.get(name))
}

/// The Chinese word that stands for a value, where it differs from the English one.
pub fn placeholder(word: &str) -> Option<&'static str> {
    HELP.placeholder.get(word).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Each text with its place and whether it is a line: one without a full stop.
    fn texts() -> Vec<(String, Text, bool)> {
        let mut texts = Vec::new();
        let mut add_flags = |section: &str, flags: &BTreeMap<String, FlagHelp>| {
            for (name, flag) in flags {
                let place = format!("{section}.{name}");
                let text = Text::new(flag.english.as_str(), flag.chinese.as_str());
                texts.push((place.clone(), text, true));
                for (value, meaning) in &flag.values {
                    texts.push((format!("{place}.{value}"), meaning.clone(), true));
                }
            }
        };
        add_flags("shared", &HELP.shared);
        for (name, command) in &HELP.commands {
            add_flags(name, &command.flags);
        }
        for (name, command) in &HELP.commands {
            texts.push((name.clone(), command.about.clone(), true));
            for text in command.more.iter().chain(&command.after) {
                texts.push((format!("more of {name}"), text.clone(), false));
            }
        }
        texts
    }

    /// The flags and the commands in backticks that a text names.
    fn named(text: &str) -> BTreeSet<&str> {
        let is_of_flag = |letter: char| letter == '-' || letter.is_ascii_alphanumeric();
        let flags = text.match_indices("--").map(|(start, _)| {
            let rest = &text[start..];
            &rest[..rest
                .find(|letter| !is_of_flag(letter))
                .unwrap_or(rest.len())]
        });
        let commands = text.split('`').skip(1).step_by(2);
        let commands = commands.filter(|span| span.starts_with("ferry "));
        flags.chain(commands).collect()
    }

    #[test]
    fn both_languages_name_the_same_flags_and_commands() {
        assert_eq!(
            named("`ferry map`, see --no-auth, or `a`"),
            BTreeSet::from(["ferry map", "--no-auth"])
        );
        for (place, text, _) in texts() {
            let (english, chinese) = (text.pick(Lang::En), text.pick(Lang::Zh));
            // The sandbox is named in Chinese, and its flag in English.
            if place != "ferry.--rate" {
                assert_eq!(named(english), named(chinese), "{place}");
            }
        }
    }

    #[test]
    fn every_line_is_whole_in_both_languages() {
        let texts = texts();
        assert!(texts.len() > 100, "{}", texts.len());
        for (place, text, is_line) in texts {
            for lang in Lang::ALL.iter().copied() {
                let text = text.pick(lang);
                assert!(!text.is_empty() && !text.contains("  "), "{place}");
                assert_eq!(text.trim(), text, "{place}");
                if is_line {
                    assert!(!text.ends_with(['.', '。']), "{place}");
                    assert!(!text.contains('\n'), "{place}");
                }
            }
        }
        for (english, chinese) in &HELP.placeholder {
            assert!(
                !chinese.is_empty() && chinese != english,
                "{english}: a word that both languages use is left out"
            );
        }
    }
}
