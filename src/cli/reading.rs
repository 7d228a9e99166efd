//! The flags by which a run reads its file, as they were typed: a hint that names the file once more repeats them.
//!
//! Flags that disarm a safety are not among them, and neither is what the environment says: it is still there when the
//! hint is followed.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::model::AskedFlag;

/// The commands whose flags say how a file is read.
const COMMANDS: [&str; 4] = ["check", "plan", "import", "map"];

/// The flags with a value, by their name in the tree of commands.
const VALUED: [&str; 11] = [
    "map",
    "fields",
    "sheet",
    "header_row",
    "encoding",
    "delimiter",
    "mode",
    "key",
    "blank_key",
    "on_match",
    "stamp",
];

/// The flags without a value.
const SWITCHES: [&str; 3] = ["ignore_unmapped", "strict", "include_done"];

/// Returns the flags of a command's reading that were typed, in a fixed order.
pub(super) fn asked(command: &str, matches: &ArgMatches) -> Vec<AskedFlag> {
    if !COMMANDS.contains(&command) {
        return Vec::new();
    }
    let is_typed = |name: &str| {
        // A command that has no such flag is no error here.
        matches.try_contains_id(name).is_ok()
            && matches.value_source(name) == Some(ValueSource::CommandLine)
    };
    let asked = |name: &str, value| AskedFlag {
        flag: format!("--{}", name.replace('_', "-")),
        value,
    };
    let mut flags = Vec::new();
    for name in VALUED.into_iter().filter(|name| is_typed(name)) {
        let values = matches.get_raw(name).into_iter().flatten();
        flags.extend(values.map(|value| asked(name, Some(value.to_string_lossy().into_owned()))));
    }
    let switches = SWITCHES.into_iter().filter(|name| is_typed(name));
    flags.extend(switches.map(|name| asked(name, None)));
    flags
}
