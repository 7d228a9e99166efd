//! `ferry completions`: writes what makes a shell complete ferry's commands, flags and words.

use clap::{Args, Command};
use clap_complete::Shell;

use super::{Global, help};
use crate::face::failure::exit;

/// What `ferry completions` takes.
#[derive(Debug, Args)]
pub(super) struct CompletionsArgs {
    #[arg(value_name = "SHELL")]
    shell: Shell,
}

/// Runs the command, and returns its exit code. What each word is for is said in the language of the run, by the shells that show it.
pub(super) fn run(args: &CompletionsArgs, tree: Command, global: &Global) -> u8 {
    let mut tree = help::with_texts(tree, global.lang());
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut tree, "ferry", &mut script);
    out!("{}", String::from_utf8_lossy(&script).trim_end());
    exit::DONE
}
