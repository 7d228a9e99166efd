//! The flags by which a run reads its file, kept as they were typed so that a later hint can repeat them.

use serde::{Deserialize, Serialize};

/// A flag of a command line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedFlag {
    /// Its name, such as `--map`.
    pub flag: String,
    /// Its value; `None` for a switch.
    pub value: Option<String>,
}

/// What stands behind a flag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FlagValue {
    /// The path of a file.
    File,
    /// Any other word.
    Word,
    /// Nothing.
    Nothing,
}

/// A flag that says how a file is read and its rows are decided.
#[derive(Debug)]
pub struct ReadingFlag {
    /// Its name, such as `--map`.
    pub flag: &'static str,
    /// What stands behind it.
    pub value: FlagValue,
    /// The commands that take it.
    pub commands: &'static [&'static str],
}

const ALL: &[&str] = &["check", "plan", "import", "map"];
const ROWS: &[&str] = &["check", "plan", "import"];
const JOBS: &[&str] = &["plan", "import"];

impl ReadingFlag {
    /// The commands that read a person's file.
    pub const COMMANDS: &[&str] = ALL;

    /// Every such flag, in the order in which hints repeat them. Flags that disarm a safety are not among them.
    pub const ALL: &[Self] = &[
        Self::new("--map", FlagValue::File, ROWS),
        Self::new("--fields", FlagValue::File, &["check", "map"]),
        Self::new("--sheet", FlagValue::Word, ALL),
        Self::new("--header-row", FlagValue::Word, ALL),
        Self::new("--encoding", FlagValue::Word, ALL),
        Self::new("--delimiter", FlagValue::Word, ALL),
        Self::new("--mode", FlagValue::Word, ROWS),
        Self::new("--key", FlagValue::Word, ROWS),
        Self::new("--blank-key", FlagValue::Word, ROWS),
        Self::new("--on-match", FlagValue::Word, JOBS),
        Self::new("--stamp", FlagValue::Word, JOBS),
        Self::new("--ignore-unmapped", FlagValue::Nothing, ROWS),
        Self::new("--strict", FlagValue::Nothing, JOBS),
        Self::new("--include-done", FlagValue::Nothing, JOBS),
    ];

    const fn new(flag: &'static str, value: FlagValue, commands: &'static [&'static str]) -> Self {
        Self {
            flag,
            value,
            commands,
        }
    }

    /// Returns the flag of a name.
    pub fn of(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|flag| flag.flag == name)
    }
}
