//! The flags that name the fields by which a row is recognised, shared by the commands that decide rows.

use clap::Args;

use crate::job::spec::BlankKey;

/// By what a row is recognised.
#[derive(Debug, Clone, Args)]
pub(super) struct KeyFlags {
    #[arg(long, value_name = "FIELD")]
    pub key: Vec<String>,
    #[arg(long, value_enum, default_value_t = BlankKeyFlag::Invalid, value_name = "WHAT")]
    blank_key: BlankKeyFlag,
}

/// `--blank-key`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum BlankKeyFlag {
    Invalid,
    Add,
}

impl KeyFlags {
    /// Returns the treatment of a row whose keys are all blank.
    pub fn blank_key(&self) -> BlankKey {
        match self.blank_key {
            BlankKeyFlag::Invalid => BlankKey::Invalid,
            BlankKeyFlag::Add => BlankKey::Add,
        }
    }
}
