//! The flags of an import, shared by `plan` and `import`.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::FalseyValueParser;

use super::key_flags::KeyFlags;
use super::source_flags::SourceFlags;
use crate::face::failure::Failure;
use crate::face::settings::Settings;
use crate::job::error_limit::MaxErrors;
use crate::job::run_settings::RunSettings;
use crate::job::spec::{ImportOptions, OnMatch};
use crate::model::Corrections;
use crate::plan::import::ImportRequest;
use crate::source;

/// What an import does.
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch on the command line"
)]
pub(super) struct PlanFlags {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    #[command(flatten)]
    source: SourceFlags,
    #[arg(long)]
    strict: bool,
    #[arg(long)]
    again: bool,
    #[arg(long)]
    include_done: bool,
    #[arg(long, value_name = "FIELD")]
    stamp: Option<String>,
    #[command(flatten)]
    keys: KeyFlags,
    #[arg(long, value_enum, value_name = "WHAT")]
    on_match: Option<OnMatchFlag>,
    #[arg(long)]
    pub no_wait: bool,
}

/// Whether a spent quota is waited for, of a command that goes on with a job.
#[derive(Debug, Clone, Copy, Args)]
pub(super) struct NoWait {
    #[arg(
        long = "no-wait",
        value_name = "BOOL",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "true",
        hide_possible_values = true,
        value_parser = FalseyValueParser::new()
    )]
    no_wait_of_job: Option<bool>,
}

impl NoWait {
    /// Returns the flag's value, else the value with which the job was begun.
    pub fn of(self, run: Option<&RunSettings>) -> bool {
        self.no_wait_of_job
            .unwrap_or_else(|| run.is_some_and(|run| run.no_wait))
    }
}

/// `--on-match`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum OnMatchFlag {
    Update,
    Fill,
    Skip,
    Fail,
}

impl OnMatchFlag {
    fn to_model(self) -> OnMatch {
        match self {
            Self::Update => OnMatch::Update,
            Self::Fill => OnMatch::Fill,
            Self::Skip => OnMatch::Skip,
            Self::Fail => OnMatch::Fail,
        }
    }
}

impl PlanFlags {
    /// Returns the request for an import, with everything that was typed resolved.
    pub fn request(
        &self,
        settings: &Settings,
        output: Option<&Path>,
        limit: Option<u64>,
        max_errors: Option<MaxErrors>,
    ) -> Result<ImportRequest, Failure> {
        let read = self.source.read()?;
        let mut sheets = self.source.sheets()?;
        source::add_owners(&mut sheets, &settings.owner_sources())?;
        Ok(ImportRequest {
            corrections: Corrections::default(),
            job: settings.job_request(output, self.no_wait),
            source: self.file.clone(),
            read,
            sheets,
            options: ImportOptions {
                mode: self.source.mode(),
                again: self.again,
                include_done: self.include_done,
                strict: self.strict,
                stamp: self.stamp.clone(),
                key: self.keys.key.clone(),
                blank_key: self.keys.blank_key(),
                on_match: self.on_match.map(OnMatchFlag::to_model),
            },
            send: settings.send_options(limit, max_errors),
            overrides: settings.overrides.clone(),
        })
    }
}
