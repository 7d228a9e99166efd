//! The language of a run: from the flag, else the environment, else `ferry.toml`, else the locale.
//!
//! The language is found before the command line is parsed, because help and the parser's own errors are in it too. So
//! this file reads the raw arguments and reports no error: the errors in them are reported later, in the language found
//! here. A variable of the environment may be older than the program and meant for others, so a language there that
//! ferry does not speak stops no command.

use std::ffi::OsString;
use std::path::PathBuf;

use crate::face::config::Config;
use crate::lang::Lang;
use crate::model::{Code, Problem};

const VARIABLE: &str = "FERRY_LANG";

/// Returns the notice that the environment names a language that ferry does not speak; `None` if it does not.
pub(super) fn notice() -> Option<Problem> {
    let value = variable(VARIABLE)?;
    let is_unknown = value.parse::<Lang>().is_err();
    let notice = Problem::new(Code::UnknownLanguage).with("name", VARIABLE);
    is_unknown.then(|| notice.with("value", value))
}

/// Returns a variable of the environment that is set to something.
fn variable(name: &str) -> Option<String> {
    let value = std::env::var(name).ok();
    value.filter(|value| !value.trim().is_empty())
}

/// Returns the language for these arguments, of which the first is the program.
pub(super) fn find(arguments: &[OsString]) -> Lang {
    let said = |flag: &str, name: &str| flag_value(arguments, flag).or_else(|| variable(name));
    let asked = said("--lang", VARIABLE).and_then(|text| text.parse().ok());
    let configured = || {
        let path = said("--config", "FERRY_CONFIG").map(PathBuf::from);
        let profile = said("--profile", "FERRY_PROFILE");
        Config::find(path.as_deref())
            .ok()
            .flatten()?
            .lang(profile.as_deref())
    };
    asked.or_else(configured).unwrap_or_else(of_locale)
}

/// Returns the value of a flag, as `--flag value` or `--flag=value`. Arguments behind `--` are no flags.
fn flag_value(arguments: &[OsString], flag: &str) -> Option<String> {
    let texts: Vec<&str> = arguments
        .iter()
        .skip(1)
        .map(|argument| argument.to_str().unwrap_or_default())
        .take_while(|argument| *argument != "--")
        .collect();
    let with_equals = |text: &&str| {
        let rest = text.strip_prefix(flag)?.strip_prefix('=')?;
        Some(rest.to_owned())
    };
    texts.iter().enumerate().find_map(|(position, text)| {
        if *text == flag {
            texts.get(position + 1).map(|next| (*next).to_owned())
        } else {
            with_equals(text)
        }
    })
}

/// Returns the user's language: from the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that is set, else from the system.
fn of_locale() -> Lang {
    let set = ["LC_ALL", "LC_MESSAGES", "LANG"]
        .into_iter()
        .find_map(variable);
    let locale = set.or_else(sys_locale::get_locale);
    locale.map_or_else(Lang::default, |locale| Lang::of_locale(&locale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flag_is_found_in_either_form_and_not_behind_the_end_of_flags() {
        for (line, value) in [
            ("ferry --lang zh jobs", Some("zh")),
            ("ferry jobs --lang=en", Some("en")),
            ("ferry jobs --language zh", None),
            ("ferry get -- --lang zh", None),
            ("--lang zh", None),
            ("ferry --lang", None),
        ] {
            let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(flag_value(&arguments, "--lang").as_deref(), value, "{line}");
        }
    }
}
