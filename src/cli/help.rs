//! The help and the parser's own errors, in the language of the run.
//!
//! The command tree is declared without help: flags and values have no doc comments, for these would be help in one
//! language. Here the texts of `lang::help` are put into the tree, for both languages alike. For Chinese the tree is
//! walked once more: what clap names in English is said there. A flag without its text fails a test, not a person.
//!
//! A run parses with the tree as it is declared and pays for no text. This tree is made when help or an error is shown.

use clap::builder::{PossibleValue, PossibleValuesParser, Str, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::lang::say::parser as said;
use crate::lang::{Lang, help as texts};

/// The help page; what clap names in English is said here.
const TEMPLATE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// The command tree in a language, to show help and errors. Its matches are of no use: values that have a meaning come
/// out of it as text.
pub(super) fn localised(command: Command, lang: Lang) -> Command {
    let command = with_texts(command, lang);
    match lang {
        Lang::En => command,
        Lang::Zh => in_chinese(command),
    }
}

/// A command and those below it, with what each of them and each of their arguments is for.
pub(super) fn with_texts(command: Command, lang: Lang) -> Command {
    let name = command.get_name().to_owned();
    let command = command
        .mut_args(|argument| argument_with_text(argument, &name, lang))
        .mut_subcommands(|inner| with_texts(inner, lang));
    let Some(block) = texts::command(&name) else {
        return command;
    };
    let about = block.about(lang);
    let command = command.about(about);
    let command = match block.more(lang) {
        Some(more) => command.long_about(format!("{about}\n\n{more}")),
        None => command.long_about(None::<&str>),
    };
    match block.after(lang) {
        Some(after) => command.after_help(after),
        None => command,
    }
}

fn argument_with_text(argument: Arg, command: &str, lang: Lang) -> Arg {
    let Some(block) = texts::flag(command, &typed_name(&argument)) else {
        return argument;
    };
    let argument = argument.help(block.text(lang));
    if !block.has_values() {
        return argument;
    }
    let values = argument.get_possible_values().into_iter();
    let values = values.map(|value| match block.value(value.get_name(), lang) {
        Some(meaning) => value.help(meaning),
        None => value,
    });
    let values: Vec<PossibleValue> = values.collect();
    argument.value_parser(PossibleValuesParser::new(values))
}

/// As people type it: `--flag`, or what stands for an argument that has no flag.
fn typed_name(argument: &Arg) -> String {
    let placeholder = || argument.get_value_names().unwrap_or_default().first();
    match argument.get_long() {
        Some(name) => format!("--{name}"),
        None => placeholder().map(Str::to_string).unwrap_or_default(),
    }
}

/// A command tree that has its Chinese texts, with everything else in Chinese too.
fn in_chinese(mut command: Command) -> Command {
    command.build();
    translated(command)
}

fn translated(command: Command) -> Command {
    let ids: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    let mut command = ids.into_iter().fold(command, |command, id| {
        command.mut_arg(id, argument_in_chinese)
    });
    let usage = plain(&command.render_usage())
        .replace("[OPTIONS]", "[选项]")
        .replace("[COMMAND]", "[命令]")
        .replace("<COMMAND>", "<命令>");
    let command = command
        .override_usage(usage)
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令");
    // The commands below `help` repeat the whole tree and have no page of their own.
    if command.get_name() == "help" {
        return command.about(said::help_command());
    }
    let names: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    names.into_iter().fold(command, |command, name| {
        command.mut_subcommand(name, translated)
    })
}

fn argument_in_chinese(argument: Arg) -> Arg {
    let heading = match argument.get_help_heading() {
        Some(_) => "通用选项",
        None if argument.is_positional() => "参数",
        None => "选项",
    };
    let mut text = match argument.get_id().as_str() {
        "help" => said::help_flag().to_owned(),
        "version" => said::version_flag().to_owned(),
        _ => argument.get_help().map(plain).unwrap_or_default(),
    };
    if argument.get_action().takes_values() && !argument.is_hide_possible_values_set() {
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .map(|value| match value.get_help() {
                Some(meaning) => said::value(value.get_name(), &plain(meaning)),
                None => value.get_name().to_owned(),
            })
            .collect();
        if !values.is_empty() {
            text.push_str(&said::possible(&values));
        }
    }
    let defaults: Vec<&str> = argument
        .get_default_values()
        .iter()
        .filter_map(|value| value.to_str())
        .collect();
    if argument.get_action().takes_values() && !defaults.is_empty() {
        text.push_str(&said::default(&defaults));
    }
    let names: Vec<Str> = argument
        .get_value_names()
        .unwrap_or_default()
        .iter()
        .map(|name| texts::placeholder(name).map_or_else(|| name.clone(), Str::from))
        .collect();
    let argument = if names.is_empty() {
        argument
    } else {
        argument.value_names(names)
    };
    argument
        .help(text)
        .long_help(None::<&str>)
        .help_heading(heading)
        .hide_default_value(true)
        .hide_possible_values(true)
}

/// A mistake on the command line in Chinese; nothing for what is no mistake, such as `--help`.
pub(super) fn error_in_chinese(error: &clap::Error) -> Option<String> {
    let text = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(" "),
        Some(ContextValue::StyledStr(text)) => plain(text),
        Some(ContextValue::Number(number)) => number.to_string(),
        _ => String::new(),
    };
    let list = |kind: ContextKind| match error.get(kind) {
        Some(ContextValue::Strings(texts)) => texts.join("、"),
        _ => text(kind),
    };
    let argument = text(ContextKind::InvalidArg);
    let value = text(ContextKind::InvalidValue);
    let message = match error.kind() {
        ErrorKind::DisplayHelp
        | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        | ErrorKind::DisplayVersion => return None,
        ErrorKind::UnknownArgument => said::unknown_argument(&argument),
        ErrorKind::InvalidSubcommand => {
            said::unknown_command(&text(ContextKind::InvalidSubcommand))
        }
        ErrorKind::InvalidValue if value.is_empty() => said::value_missing(&argument),
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => {
            said::bad_value(&argument, &value, &list(ContextKind::ValidValue))
        }
        ErrorKind::NoEquals => said::no_equals(&argument),
        ErrorKind::TooManyValues => said::too_many_values(&argument, &value),
        ErrorKind::TooFewValues | ErrorKind::WrongNumberOfValues => said::value_missing(&argument),
        ErrorKind::ArgumentConflict => {
            let prior = list(ContextKind::PriorArg);
            if prior.is_empty() || prior == argument {
                said::given_twice(&argument)
            } else {
                said::conflict(&argument, &prior)
            }
        }
        ErrorKind::MissingRequiredArgument => {
            said::missing_argument(&list(ContextKind::InvalidArg))
        }
        ErrorKind::MissingSubcommand => said::missing_command(&list(ContextKind::ValidSubcommand)),
        ErrorKind::InvalidUtf8 => said::not_unicode().to_owned(),
        _ => error.to_string(),
    };
    let suggestions = [
        ContextKind::SuggestedArg,
        ContextKind::SuggestedSubcommand,
        ContextKind::SuggestedValue,
    ];
    let suggestion = suggestions
        .into_iter()
        .map(list)
        .find(|text| !text.is_empty());
    let usage = text(ContextKind::Usage);
    let usage = usage.trim().trim_start_matches("Usage:").trim();
    Some(said::whole(&message, suggestion.as_deref(), usage))
}

/// A text without colours.
fn plain(text: &StyledStr) -> String {
    text.to_string()
        .trim_start_matches("Usage: ")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::cli::tree;

    /// Placeholders that both languages use.
    const PLAIN: [&str; 3] = ["N", "ID", "APPID"];

    /// Flags whose values are names of the sandbox and have no meanings of their own here.
    const NAMES_ONLY: [&str; 2] = ["sandbox.--fault", "sandbox.--outage"];

    fn file() -> toml::Table {
        toml::from_str(include_str!("../lang/help.toml")).expect("TOML")
    }

    fn keys(table: Option<&toml::Value>) -> impl Iterator<Item = &String> {
        table
            .and_then(toml::Value::as_table)
            .into_iter()
            .flat_map(|table| table.keys())
    }

    /// The blocks of the file: `import`, `import.--output`, `shared.--mode`, `shared.--mode.add`.
    fn blocks() -> BTreeSet<String> {
        let mut blocks = BTreeSet::new();
        for (section, block) in &file() {
            if section == "placeholder" {
                continue;
            }
            if section != "shared" {
                blocks.insert(section.clone());
            }
            for flag in keys(Some(block)) {
                // What is said of the command itself.
                if section != "shared" && ["about", "more", "after"].contains(&flag.as_str()) {
                    continue;
                }
                let place = format!("{section}.{flag}");
                for value in keys(block[flag].get("value")) {
                    blocks.insert(format!("{place}.{value}"));
                }
                blocks.insert(place);
            }
        }
        blocks
    }

    /// Calls with each command of the tree as it is declared, and each of its arguments.
    fn walk(command: &Command, see: &mut impl FnMut(&Command, Option<&Arg>)) {
        see(command, None);
        for argument in command.get_arguments() {
            see(command, Some(argument));
        }
        for inner in command.get_subcommands() {
            walk(inner, see);
        }
    }

    #[test]
    fn every_command_flag_and_value_has_a_block_and_every_block_its_flag() {
        let blocks = blocks();
        let mut asked = Vec::new();
        walk(&tree(), &mut |command, argument| {
            let Some(argument) = argument else {
                asked.push(command.get_name().to_owned());
                return;
            };
            let (section, flag) = (command.get_name(), typed_name(argument));
            let own = format!("{section}.{flag}");
            let shared = format!("shared.{flag}");
            let is_shared = !blocks.contains(&own) && blocks.contains(&shared);
            let place = if is_shared { shared } else { own };
            let takes = argument.get_action().takes_values();
            if takes && !argument.is_hide_possible_values_set() {
                let values = argument.get_possible_values().into_iter();
                let values = values.filter(|_| !NAMES_ONLY.contains(&place.as_str()));
                asked.extend(values.map(|value| format!("{place}.{}", value.get_name())));
            }
            asked.push(place);
        });
        let places: BTreeSet<String> = asked.iter().cloned().collect();
        let missing: Vec<_> = places.difference(&blocks).collect();
        let left: Vec<_> = blocks.difference(&places).collect();
        assert!(
            missing.is_empty() && left.is_empty(),
            "missing: {missing:?}, left over: {left:?}"
        );
        for place in blocks.iter().filter(|place| place.starts_with("shared.")) {
            let users = asked.iter().filter(|asked| *asked == place).count();
            assert_ne!(users, 1, "{place} is a flag of one command");
        }
    }

    #[test]
    fn no_help_stands_beside_a_flag_or_a_value() {
        walk(&tree(), &mut |command, argument| {
            let Some(argument) = argument else { return };
            let name = format!("{} {}", command.get_name(), typed_name(argument));
            assert!(argument.get_help().is_none(), "{name}");
            assert!(argument.get_long_help().is_none(), "{name}");
            for value in argument.get_possible_values() {
                assert!(value.get_help().is_none(), "{name} {}", value.get_name());
            }
        });
    }

    #[test]
    fn every_placeholder_has_its_chinese_word() {
        let mut used = BTreeSet::new();
        walk(&tree(), &mut |_, argument| {
            let takes = argument.filter(|argument| argument.get_action().takes_values());
            let names = takes.and_then(Arg::get_value_names).unwrap_or_default();
            let names = names.iter().map(Str::to_string);
            used.extend(names.filter(|name| !PLAIN.contains(&name.as_str())));
        });
        let file = file();
        let known: BTreeSet<String> = keys(file.get("placeholder")).cloned().collect();
        let differing: Vec<_> = used.symmetric_difference(&known).collect();
        assert!(!used.is_empty() && differing.is_empty(), "{differing:?}");
    }

    #[test]
    fn the_trees_that_are_shown_are_sound_and_refuse_what_is_refused() {
        for lang in Lang::ALL.iter().copied() {
            localised(tree(), lang).debug_assert();
            for line in [
                "ferry",
                "ferry --version",
                "ferry --help",
                "ferry help import",
                "ferry imprt",
                "ferry import",
                "ferry import -h",
                "ferry import x.csv --lmit 3",
                "ferry import x.csv --limit many",
                "ferry import x.csv --mode upsert",
                "ferry export --where a=b --where-empty c",
                "ferry sandbox --fault nothing=1",
                "ferry resume --no-wait",
                "ferry import x.csv --mode add --rate 5/s",
            ] {
                let kind = |command: Command| {
                    let error = command.try_get_matches_from(line.split(' ')).err();
                    error.map(|error| error.kind())
                };
                assert_eq!(kind(tree()), kind(localised(tree(), lang)), "{line}");
            }
        }
    }
}
