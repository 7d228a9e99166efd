//! The flags by which a run reads its file, as they were typed: a hint that names the file once more repeats them.
//!
//! Flags that disarm a safety are not among them, and neither is what the environment says: it is still there when the
//! hint is followed.

use clap::ArgMatches;
use clap::parser::ValueSource;

use crate::model::{AskedFlag, FlagValue, ReadingFlag};

/// Returns the flags of a command's reading that were typed, in a fixed order.
pub(super) fn asked(command: &str, matches: &ArgMatches) -> Vec<AskedFlag> {
    if !ReadingFlag::COMMANDS.contains(&command) {
        return Vec::new();
    }
    let mut asked = Vec::new();
    for ReadingFlag { flag, value, .. } in ReadingFlag::ALL {
        let name = flag.trim_start_matches('-').replace('-', "_");
        // A command that has no such flag is no error here.
        let is_typed = matches.try_contains_id(&name).is_ok()
            && matches.value_source(&name) == Some(ValueSource::CommandLine);
        let mut add = |value| {
            let flag = (*flag).to_owned();
            asked.push(AskedFlag { flag, value });
        };
        match value {
            _ if !is_typed => {}
            FlagValue::Nothing => add(None),
            FlagValue::File | FlagValue::Word => {
                let values = matches.get_raw(&name).into_iter().flatten();
                values.for_each(|value| add(Some(value.to_string_lossy().into_owned())));
            }
        }
    }
    asked
}
