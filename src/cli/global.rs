//! The flags that every command takes.

use std::path::PathBuf;

use clap::Args;

use super::print;
use crate::lang::Lang;

/// Flags that every command takes.
#[derive(Debug, Clone, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch on the command line"
)]
pub(super) struct Global {
    /// The configuration file [default: ferry.toml here or above, else in the user's config folder]
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) config: Option<PathBuf>,
    /// The profile of the configuration file
    #[arg(
        long,
        global = true,
        value_name = "NAME",
        help_heading = "Global options"
    )]
    pub(super) profile: Option<String>,
    /// Use an embedded CRM server instead of an account; its customers are kept in the state folder
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) sandbox: bool,
    /// Calls allowed, such as 5/s or 10/s,600/min,100000/day [default: 5/s; with --sandbox 50/s]
    #[arg(
        long,
        global = true,
        value_name = "RATE",
        help_heading = "Global options"
    )]
    pub(super) rate: Option<String>,
    /// Calls in flight at most [default: 4]
    #[arg(long, global = true, value_name = "N", help_heading = "Global options")]
    pub(super) concurrency: Option<usize>,
    /// How long one request may take, such as 30s [default: 30s]
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        help_heading = "Global options"
    )]
    pub(super) timeout: Option<String>,
    /// How long after a lost reply the CRM is asked what became of the row [default: 60s]
    #[arg(
        long,
        global = true,
        value_name = "TIME",
        help_heading = "Global options"
    )]
    pub(super) settle: Option<String>,
    /// To settle rows in doubt, write no customer again with the values it has
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) no_touch: bool,
    /// Where jobs are kept [default: the user's state folder]
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Global options"
    )]
    pub(super) state_dir: Option<PathBuf>,
    /// The language of everything that is said and written: zh or en [default: that of the system]
    #[arg(
        long,
        global = true,
        value_name = "LANG",
        help_heading = "Global options"
    )]
    pub(super) lang: Option<Lang>,
    /// Write what happens into a file, a line per call, without secrets or customers
    #[arg(
        long,
        global = true,
        value_name = "FILE",
        help_heading = "Global options"
    )]
    pub(super) log: Option<PathBuf>,
    /// Print one JSON object instead of text
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) json: bool,
    /// Print nothing but errors
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) quiet: bool,
    /// Say more
    #[arg(short, long, global = true, help_heading = "Global options")]
    pub(super) verbose: bool,
    /// Do not ask before writing
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) yes: bool,
}

impl Global {
    /// Returns the language of this run.
    pub(super) fn lang(&self) -> Lang {
        self.lang.unwrap_or_default()
    }
}

/// Prints a line on stderr, unless `--quiet` was given.
pub(super) fn put_note(global: &Global, text: &str) {
    if !global.quiet {
        print::note(text);
    }
}
