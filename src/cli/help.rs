//! The help and the parser's own errors in Chinese.
//!
//! The command tree is built in English and then walked: every text that the table of `lang::help` has is put
//! in its place. So a flag is declared once, and a flag without a Chinese text fails a test, not a person.

use clap::builder::{Str, StyledStr};
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Arg, Command};

use crate::lang::help as words;
use crate::lang::say::parser as said;

/// The help page; what clap names in English is said here.
const TEMPLATE: &str = "{before-help}{about-with-newline}\n用法：{usage}\n\n{all-args}{after-help}";

/// A built command tree in Chinese.
pub(super) fn in_chinese(mut command: Command) -> Command {
    command.build();
    translated(command, "").after_help(words::AFTER)
}

fn translated(command: Command, name: &str) -> Command {
    let ids: Vec<String> = command
        .get_arguments()
        .map(|argument| argument.get_id().to_string())
        .collect();
    let mut command = ids.into_iter().fold(command, |command, id| {
        command.mut_arg(id, |argument| argument_in_chinese(argument, name))
    });
    if let Some(about) = words::about(name) {
        let long = words::more(name).map(|more| format!("{about}\n\n{more}"));
        command = command
            .about(about)
            .long_about(long.unwrap_or_else(|| about.to_owned()));
    }
    let usage = plain(&command.render_usage())
        .replace("[OPTIONS]", "[选项]")
        .replace("[COMMAND]", "[命令]")
        .replace("<COMMAND>", "<命令>");
    let command = command
        .override_usage(usage)
        .help_template(TEMPLATE)
        .subcommand_help_heading("命令")
        .subcommand_value_name("命令");
    let subcommands: Vec<String> = command
        .get_subcommands()
        .map(|command| command.get_name().to_owned())
        .collect();
    // The commands below `help` repeat the whole tree and have no page of their own.
    if name == "help" {
        return command;
    }
    subcommands.into_iter().fold(command, |command, name| {
        let inner = name.clone();
        command.mut_subcommand(name, |command| translated(command, &inner))
    })
}

fn argument_in_chinese(argument: Arg, command: &str) -> Arg {
    let id = argument.get_id().to_string();
    let heading = match argument.get_help_heading() {
        Some(_) => "通用选项",
        None if argument.is_positional() => "参数",
        None => "选项",
    };
    let mut text = words::argument(command, &id).unwrap_or_default().to_owned();
    if argument.get_action().takes_values() && !argument.is_hide_possible_values_set() {
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .map(|value| match words::value(&id, value.get_name()) {
                Some(meaning) => said::value(value.get_name(), meaning),
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
        .map(|name| words::value_name(name).map_or_else(|| name.clone(), Str::from))
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
    use super::*;
    use crate::cli::command;

    fn walk(command: &Command, path: &str, missing: &mut Vec<String>) {
        if words::about(path).is_none() {
            missing.push(format!("the command {path}"));
        }
        if command.get_long_about().is_some() && words::more(path).is_none() {
            missing.push(format!("more about {path}"));
        }
        for argument in command
            .get_arguments()
            .filter(|argument| !argument.is_hide_set())
        {
            let id = argument.get_id().as_str();
            if words::argument(path, id).is_none() {
                missing.push(format!("{path} {id}"));
            }
            for name in argument.get_value_names().unwrap_or_default() {
                let is_plain = matches!(name.as_str(), "N" | "ID" | "APPID");
                // A flag's value is named after it unless it is named otherwise.
                let takes = argument.get_action().takes_values();
                if takes && !is_plain && words::value_name(name).is_none() {
                    missing.push(format!("value {name} of {path} {id}"));
                }
            }
            if !argument.get_action().takes_values() {
                continue;
            }
            for value in argument.get_possible_values() {
                if value.get_help().is_some() && words::value(id, value.get_name()).is_none() {
                    missing.push(format!("{path} {id} {}", value.get_name()));
                }
            }
        }
        if path != "help" {
            for inner in command.get_subcommands() {
                walk(inner, inner.get_name(), missing);
            }
        }
    }

    #[test]
    fn every_command_and_argument_has_a_chinese_text() {
        let mut command = command();
        command.build();
        let mut missing = Vec::new();
        walk(&command, "", &mut missing);
        assert!(missing.is_empty(), "{missing:#?}");
    }

    #[test]
    fn the_chinese_tree_is_sound_and_parses_alike() {
        let line = ["ferry", "--rate", "5/s", "import", "x.csv", "--mode", "add"];
        let english = command().get_matches_from(line);
        let chinese = in_chinese(command()).get_matches_from(line);
        let file = |matches: &clap::ArgMatches| {
            let (name, import) = matches.subcommand().expect("a command");
            assert_eq!(name, "import");
            import.get_one::<std::path::PathBuf>("file").cloned()
        };
        assert_eq!(file(&english), file(&chinese));
    }
}
