//! The command line: flags, prompts and everything that is printed. One file per command.
//!
//! This is the only room that knows flags, and the only one that prints. The command line becomes one resolved
//! `Settings`, and no room below looks at a flag again.

#[macro_use]
mod print;

mod apply;
mod ask;
mod check;
mod completions;
mod confirm;
mod delete;
mod diff;
mod doctor;
mod dupes;
mod explain;
mod explorer;
mod export;
mod fields;
mod finish;
mod get;
mod global;
mod guide;
mod help;
mod import;
mod init;
mod jobs;
mod key_flags;
mod language;
mod logging;
mod man;
mod map;
mod page;
mod panic;
mod plan;
mod plan_flags;
mod progress;
mod put_failure;
mod reading;
mod report_flag;
mod resume;
mod sandbox;
mod screen;
mod signals;
mod source_flags;
mod summary;
mod template;
mod undo;
mod verify;
mod work;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::builder::FalseyValueParser;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{ArgAction, Command, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::face::failure::{CommandResult, usage};
use crate::face::names;
use crate::lang::Lang;
use global::{Global, put_note};
use put_failure::put_failure;

/// What can be typed. What each command and flag is for stands in `lang/help.toml`; `help` puts it into the tree.
#[derive(Debug, Parser)]
#[command(name = "ferry", version, max_term_width = 100)]
struct Cli {
    #[command(flatten)]
    global: Global,
    /// Without one `ferry` says what can be done next.
    #[command(subcommand)]
    command: Option<Commands>,
}

#[derive(Debug, Subcommand)]
enum Commands {
    Init(init::InitArgs),
    Doctor(doctor::DoctorArgs),
    Fields(fields::FieldsArgs),
    Template(template::TemplateArgs),
    Map(map::MapArgs),
    Check(check::CheckArgs),
    Plan(plan::PlanArgs),
    Apply(apply::ApplyArgs),
    Import(import::ImportArgs),
    Resume(resume::ResumeArgs),
    Verify(verify::VerifyArgs),
    Undo(undo::UndoArgs),
    Delete(delete::DeleteArgs),
    Export(export::ExportArgs),
    Diff(diff::DiffArgs),
    Dupes(dupes::DupesArgs),
    Get(get::GetArgs),
    Jobs(jobs::JobsArgs),
    Explain(explain::ExplainArgs),
    Sandbox(sandbox::SandboxArgs),
    Page(page::PageArgs),
    Completions(completions::CompletionsArgs),
    Man(man::ManArgs),
}

/// Flags that disarm a safety. They must be typed each time and are never read from the environment.
const NO_ENVIRONMENT: &[&str] = &["yes", "again", "force", "max-delete", "all-ids"];

/// Commands whose flags say what is to be done, and not how. A variable of such a name was set for another command, or
/// would have jobs deleted by who only lists them.
const TYPED: &[&str] = &["jobs"];

/// Runs the program and returns its exit code (see `failure::exit`).
pub fn run(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments: Vec<OsString> = arguments.into_iter().collect();
    let lang = language::find(&arguments);
    panic::guarded(lang, || run_in(&arguments, lang))
}

fn run_in(arguments: &[OsString], lang: Lang) -> ExitCode {
    let names = names::require_text(arguments.iter().map(OsString::as_os_str));
    let parsed = parse_arguments(arguments, lang);
    let Parsed {
        mut cli,
        task,
        written,
    } = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return put_refusal(error, arguments, lang),
    };
    let json = cli.global.json;
    cli.global.lang = Some(lang);
    if let Some(notice) = language::notice() {
        put_note(&cli.global, &confirm::notice_line(&notice, lang));
    }
    let hints = cli.global.hints.clone();
    let names = names.and_then(|()| names::require_possible(&written));
    let done = names.and_then(|()| match task {
        Wish::Command => dispatch(cli),
        Wish::AboutFiles(files) => Ok(guide::about_files(&files, &cli.global)),
    });
    match done {
        Ok(exit) => ExitCode::from(exit),
        Err(failure) => {
            put_failure(&failure, json, lang, &hints);
            ExitCode::from(failure.exit)
        }
    }
}

/// A command line that was read.
struct Parsed {
    cli: Cli,
    task: Wish,
    /// The files that are to be written.
    written: Vec<PathBuf>,
}

/// The flags that name a file to be written.
const WRITTEN: [&str; 3] = ["output", "result", "save"];

/// What a command line asks for.
enum Wish {
    /// A command, or none.
    Command,
    /// To say what these files are: they stand in the place of a command.
    AboutFiles(Vec<PathBuf>),
}

/// Reads the command line.
fn parse_arguments(arguments: &[OsString], lang: Lang) -> Result<Parsed, clap::Error> {
    let read = |arguments: &[OsString], task: Wish| {
        let matches = tree().try_get_matches_from(arguments)?;
        let mut cli = Cli::from_arg_matches(&matches)?;
        let path_of = |name: &str| {
            let (_, matches) = matches.subcommand()?;
            // A command that has no such flag is no error here.
            matches.try_get_one::<PathBuf>(name).ok().flatten().cloned()
        };
        let file = path_of("file");
        let written = WRITTEN.into_iter().filter_map(path_of).collect();
        cli.global.lang = Some(lang);
        let asked = matches
            .subcommand()
            .map(|(name, its)| reading::asked(name, its));
        let hints = cli.global.hints_about(file.as_deref());
        cli.global.hints = hints.reading(&asked.unwrap_or_default());
        Ok(Parsed { cli, task, written })
    };
    read(arguments, Wish::Command).or_else(|error: clap::Error| {
        let word = match error.get(ContextKind::InvalidSubcommand) {
            Some(ContextValue::String(word)) if error.kind() == ErrorKind::InvalidSubcommand => {
                word.clone()
            }
            _ => return Err(error),
        };
        match guide::files_in(arguments, &word, &tree()) {
            Some((files, rest)) => read(&rest, Wish::AboutFiles(files)).map_err(|_| error),
            None => Err(error),
        }
    })
}

/// Prints help, the version, or what is wrong with the command line.
fn put_refusal(error: clap::Error, arguments: &[OsString], lang: Lang) -> ExitCode {
    let error = match error.kind() {
        ErrorKind::DisplayVersion => error,
        // The same again, from a tree with texts.
        _ => help::localised(tree(), lang)
            .try_get_matches_from(arguments)
            .err()
            .unwrap_or(error),
    };
    let said = match lang {
        Lang::En => None,
        Lang::Zh => help::error_in_chinese(&error),
    };
    match said {
        Some(said) => print::say_line(&said),
        // It quotes what was typed; without the colours that it would have there is one way to show it.
        None if error.use_stderr() => print::say_line(error.render().to_string().trim_end()),
        // Help and version are wishes, not mistakes. A closed pipe is nobody's error.
        None => drop(error.print()),
    }
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn dispatch(cli: Cli) -> CommandResult {
    logging::start(cli.global.log.as_deref())?;
    let global = cli.global;
    let Some(command) = cli.command else {
        return Ok(if explorer::has_started_us() {
            page::run_in_own_window(global)
        } else {
            guide::run(&global)
        });
    };
    match command {
        Commands::Init(args) => init::run(&args, &global),
        Commands::Doctor(args) => doctor::run(&args, &global),
        Commands::Fields(args) => fields::run(&args, &global),
        Commands::Template(args) => template::run(&args, &global),
        Commands::Map(args) => map::run(&args, &global),
        Commands::Check(args) => check::run(&args, &global),
        Commands::Plan(args) => plan::run(&args, &global),
        Commands::Apply(args) => apply::run(&args, &global),
        Commands::Import(args) => import::run(&args, &global),
        Commands::Verify(args) => verify::run(&args, &global),
        Commands::Undo(args) => undo::run(&args, &global),
        Commands::Delete(args) => delete::run(&args, &global),
        Commands::Resume(args) => resume::run(&args, &global),
        Commands::Export(args) => export::run(&args, &global),
        Commands::Diff(args) => diff::run(&args, &global),
        Commands::Dupes(args) => dupes::run(&args, &global),
        Commands::Get(args) => get::run(&args, &global),
        Commands::Jobs(args) => jobs::run(&args, &global),
        Commands::Explain(args) => explain::run(&args, &global),
        Commands::Sandbox(args) => sandbox::run(&args, &global),
        Commands::Page(args) => page::run(&args, &global),
        Commands::Completions(args) => Ok(completions::run(&args, tree(), &global)),
        Commands::Man(args) => man::run(&args, tree(), &global),
    }
}

/// Returns the command tree, each flag with its environment variable.
fn tree() -> Command {
    fn with_environment(command: Command) -> Command {
        let of = command.get_name().to_owned();
        let command = command.mut_args(|argument| {
            let Some(name) = argument.get_long().map(str::to_owned) else {
                return argument;
            };
            // `language` has read that variable: a language that ferry does not speak is no mistake of the command line.
            let is_read = name == "lang";
            let is_typed = NO_ENVIRONMENT.contains(&name.as_str()) || TYPED.contains(&of.as_str());
            if is_read || is_typed || argument.is_positional() {
                return argument;
            }
            let variable: &'static str = Box::leak(
                format!("FERRY_{}", name.to_uppercase().replace('-', "_")).into_boxed_str(),
            );
            let is_switch = matches!(argument.get_action(), ArgAction::SetTrue);
            let argument = argument.env(variable).hide_env(true);
            if is_switch {
                argument.value_parser(FalseyValueParser::new())
            } else {
                argument
            }
        });
        let names: Vec<String> = command
            .get_subcommands()
            .map(|sub| sub.get_name().to_owned())
            .collect();
        names.into_iter().fold(command, |command, name| {
            command.mut_subcommand(name, with_environment)
        })
    }
    with_environment(Cli::command())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_tree_is_sound() {
        tree().debug_assert();
    }

    #[test]
    fn flags_come_from_the_environment_unless_they_disarm_a_safety() {
        let command = tree();
        let import = command.find_subcommand("import").expect("import");
        let variable = |name: &str| {
            let argument = import
                .get_arguments()
                .find(|argument| argument.get_long() == Some(name))
                .expect(name);
            argument
                .get_env()
                .map(|name| name.to_string_lossy().into_owned())
        };
        assert_eq!(variable("again"), None);
        assert_eq!(
            variable("ignore-unmapped").as_deref(),
            Some("FERRY_IGNORE_UNMAPPED")
        );
        let yes = command
            .get_arguments()
            .find(|argument| argument.get_long() == Some("yes"))
            .expect("yes");
        assert!(yes.get_env().is_none());
    }
}
