//! The flags that every command takes.

use std::path::{Path, PathBuf};

use clap::Args;

use super::print;
use crate::face::choices::Choices;
use crate::lang::Lang;
use crate::lang::hint::Hints;

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch on the command line"
)]
pub(super) struct Global {
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) config: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub(super) profile: Option<String>,
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) sandbox: bool,
    #[arg(
        long,
        global = true,
        value_name = "RATE",
        help_heading = "Global options"
    )]
    pub(super) rate: Option<String>,
    #[arg(long, global = true, value_name = "N", help_heading = "Global options")]
    pub(super) concurrency: Option<usize>,
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        help_heading = "Global options"
    )]
    pub(super) timeout: Option<String>,
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        help_heading = "Global options"
    )]
    pub(super) settle: Option<String>,
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) no_touch: bool,
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Global options"
    )]
    pub(super) state_dir: Option<PathBuf>,
    #[arg(
        long,
        global = true,
        value_name = "LANG",
        help_heading = "Global options"
    )]
    pub(super) lang: Option<Lang>,
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) log: Option<PathBuf>,
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) verbose: bool,
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) yes: bool,
    /// What these flags add to the commands that hints name.
    #[arg(skip)]
    pub(super) hints: Hints,
}

impl Global {
    /// Returns what these flags add to the commands that hints name, in a run about this file.
    pub(super) fn hints_about(&self, file: Option<&Path>) -> Hints {
        let text = |path: &Path| path.display().to_string();
        let state_dir = self.state_dir.as_deref().map(|path| {
            let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
            text(&whole)
        });
        let valued = [
            ("--profile", self.profile.clone()),
            ("--config", self.config.as_deref().map(text)),
            ("--state-dir", state_dir),
        ];
        let valued = valued.into_iter().filter(|(_, value)| value.is_some());
        let switch = self.sandbox.then_some(("--sandbox", None));
        Hints::new(switch.into_iter().chain(valued).collect(), file)
    }

    /// Returns the choices by which the settings of this run are resolved.
    pub(super) fn choices(&self) -> Choices {
        Choices {
            config: self.config.clone(),
            profile: self.profile.clone(),
            sandbox: self.sandbox,
            rate: self.rate.clone(),
            concurrency: self.concurrency,
            timeout: self.timeout.clone(),
            settle: self.settle.clone(),
            no_touch: self.no_touch,
            state_dir: self.state_dir.clone(),
            lang: self.lang(),
            hints: self.hints.clone(),
        }
    }

    /// Returns the language of this run.
    pub(super) fn lang(&self) -> Lang {
        self.lang.unwrap_or_default()
    }
}

/// Prints a line on stderr, unless `--quiet` was given.
pub(super) fn put_note(global: &Global, text: &str) {
    if !global.quiet {
        print::say_line(&global.hints.copyable(text));
    }
}
