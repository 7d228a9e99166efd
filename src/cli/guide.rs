//! `ferry` alone, and `ferry FILE`: what can be done next.
//!
//! Both are what a person does who has not read anything yet, and a file that is dropped on the program is the second. So they never fail for want of a command, need no network, and make no folder.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use clap::Command;

use super::put_failure::put_failure;
use super::screen::{padded, width};
use super::{Global, ask, explorer, print, resume, summary};
use crate::crm::Endpoint;
use crate::face::config::Config;
use crate::face::environment::EnvironmentAccount;
use crate::face::failure::{Failure, exit};
use crate::face::result_json;
use crate::face::{job_line, settings};
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::hint::quoted;
use crate::lang::say::guide::{NextStep, OwnFile};
use crate::lang::{Lang, say};
use crate::pipeline;
use crate::pipeline::nature::{FileNature, SeenFile};

/// The extensions of files that ferry reads, also where the file is not there.
const EXTENSIONS: &[&str] = &["xlsx", "xls", "xlsb", "xlsm", "ods", "csv", "tsv", "jsonl"];

/// Returns the files of a command line that has a file in the place of a command, and the rest of the line. `word` is
/// what stands in that place. `None` where it is no file. What a flag takes as its value is no file to look at, whatever
/// it names.
pub(super) fn files_in(
    arguments: &[OsString],
    word: &str,
    tree: &Command,
) -> Option<(Vec<PathBuf>, Vec<OsString>)> {
    let is_file = |word: &OsStr| {
        let path = Path::new(word);
        let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
        let is_known = EXTENSIONS.contains(&extension.to_str().unwrap_or_default());
        !word.to_string_lossy().starts_with('-') && (is_known || path.exists())
    };
    let (mut files, mut rest) = (Vec::new(), Vec::new());
    let mut is_value = true;
    for argument in arguments {
        let is_begun = !files.is_empty() || (argument == word && !is_value);
        if is_begun && !is_value && is_file(argument) {
            files.push(PathBuf::from(argument));
        } else {
            rest.push(argument.clone());
        }
        is_value = !is_value && takes_next(argument, tree);
    }
    (!files.is_empty()).then_some((files, rest))
}

/// Returns whether an argument is a flag whose value is the next one: `--config`, `-r`, and not `--config=c.toml`.
fn takes_next(argument: &OsStr, tree: &Command) -> bool {
    let Some(argument) = argument.to_str() else {
        return false;
    };
    let mut flags = tree.get_arguments();
    if let Some(name) = argument.strip_prefix("--") {
        let found = flags.find(|flag| flag.get_long() == Some(name));
        return found.is_some_and(|flag| flag.get_action().takes_values());
    }
    let Some(letters) = argument.strip_prefix('-') else {
        return false;
    };
    // Of several letters the first that takes a value has the others for it.
    let mut letters = letters.chars();
    let takes = |letter: char| {
        let mut flags = tree.get_arguments();
        let found = flags.find(|flag| flag.get_short() == Some(letter));
        found.is_some_and(|flag| flag.get_action().takes_values())
    };
    letters.any(takes) && letters.next().is_none()
}

/// Says what can be done next. Returns the exit code.
pub(super) fn run(global: &Global) -> u8 {
    let lang = global.lang();
    let account = account(global, lang);
    let state = state_that_is_there(global);
    let stopped = state
        .as_ref()
        .and_then(|state| resume::latest_stopped(state).ok());
    let planned = state
        .as_ref()
        .and_then(|state| pipeline::planned_job(state).ok()?);
    let has_jobs = state.is_some_and(|state| state.jobs().is_ok_and(|jobs| !jobs.is_empty()));
    let mut steps = match &account {
        AccountInUse::Of(_) => vec![
            NextStep::Doctor,
            NextStep::Plan,
            NextStep::Import,
            NextStep::Export,
        ],
        AccountInUse::Missing(_) => vec![NextStep::Rehearse, NextStep::Init],
    };
    if has_jobs {
        steps.push(NextStep::Jobs);
    }
    steps.push(NextStep::Help);
    let file = lang.pick("FILE", "文件");
    let next = commands(&steps, (file, ""), global);
    if global.json {
        let name = |job: &Option<JobFolder>| job.as_ref().map(|job| job.id().to_string());
        let whose = match &account {
            AccountInUse::Of(whose) => Some(whose.clone()),
            AccountInUse::Missing(_) => None,
        };
        let next: Vec<&String> = next.iter().map(|(command, _)| command).collect();
        print::json(&serde_json::json!({
            "account": whose,
            "stopped": name(&stopped),
            "planned": name(&planned),
            "next": next,
            "exit": exit::DONE,
        }));
        return exit::DONE;
    }
    out!("{}", say::guide::purpose(lang));
    match account {
        AccountInUse::Of(whose) => out!("{}", say::guide::account(lang, &whose)),
        AccountInUse::Missing(missing) => out!("{}", say::guide::no_account(lang, &missing)),
    }
    if let Some(job) = stopped {
        let command = summary::resume_command(job.id(), global);
        out!(
            "{}",
            say::guide::stopped(lang, &in_words(&job, false, lang), &command)
        );
    }
    if let Some(job) = planned {
        let command = summary::command_of("apply", job.id(), global);
        let command = if is_outdated(&job, global) {
            format!("{command} --refresh")
        } else {
            command
        };
        out!(
            "{}",
            say::guide::planned(lang, &in_words(&job, true, lang), &command)
        );
    }
    put_commands(&next, lang);
    exit::DONE
}

/// Returns whether rows of a plan's file were written since it was made, so that it is decided anew before it is carried out.
fn is_outdated(plan: &JobFolder, global: &Global) -> bool {
    let state = state_that_is_there(global);
    let since = state.and_then(|state| {
        let spec = JobSpec::load(plan).ok()?;
        pipeline::since_plan(plan, &spec, &state).ok()
    });
    since.is_some_and(|since| since.of_file.is_some())
}

/// Says what files are, and which command takes them. Returns the exit code.
pub(super) fn about_files(files: &[PathBuf], global: &Global) -> u8 {
    let lang = global.lang();
    let mut objects = Vec::new();
    let mut code = exit::DONE;
    for file in files {
        match pipeline::look_at_file(file) {
            Ok(seen) => objects.push(about(file, &seen.nature, &global_for(&seen, global))),
            Err(error) => {
                let failure = Failure::from(error);
                code = failure.exit;
                if global.json {
                    objects.push(result_json::of_failure(&failure, lang, &global.hints));
                } else {
                    put_failure(&failure, false, lang, &global.hints);
                }
            }
        }
    }
    if global.json {
        print::json(&serde_json::json!({"files": objects, "exit": code}));
    } else {
        wait_in_own_window(lang);
    }
    code
}

/// Returns the flags for the commands that take a file: what a rehearsal wrote belongs to the embedded CRM, and would
/// else be imported into the real account.
fn global_for(seen: &SeenFile, global: &Global) -> Global {
    let is_rehearsed = seen.account.as_deref() == Some(settings::SANDBOX_ACCOUNT);
    let mut global = global.clone();
    global.sandbox |= is_rehearsed;
    global.hints = global.hints_about(None);
    global
}

/// Says what one file is. Returns the same as an object.
fn about(file: &Path, nature: &FileNature, global: &Global) -> serde_json::Value {
    let lang = global.lang();
    let path = file.display().to_string();
    let word = quoted(&path);
    let own = |what| say::guide::own_file(lang, &path, what);
    let mut job = String::new();
    let mut usage = None;
    let (line, steps): (String, &[NextStep]) = match nature {
        FileNature::Table(sheets, columns) => {
            let steps: &[NextStep] = match account(global, lang) {
                AccountInUse::Of(_) => &[
                    NextStep::Check,
                    NextStep::Map,
                    NextStep::Plan,
                    NextStep::Import,
                ],
                AccountInUse::Missing(_) => &[NextStep::Rehearse, NextStep::Init],
            };
            (say::guide::table(lang, &path, sheets, columns), steps)
        }
        FileNature::Result(its) => {
            job = its.clone().unwrap_or_default();
            (
                own(OwnFile::Result),
                &[NextStep::ImportResult, NextStep::Undo],
            )
        }
        FileNature::Removal => (own(OwnFile::Removal), &[NextStep::Jobs]),
        FileNature::Preview(its) => {
            job.clone_from(its);
            (own(OwnFile::Preview), &[NextStep::Apply])
        }
        FileNature::Rehearsal => (own(OwnFile::Rehearsal), &[NextStep::Jobs]),
        FileNature::Diff => (own(OwnFile::Diff), &[]),
        FileNature::Verification(its) => {
            job.clone_from(its);
            (own(OwnFile::Verification), &[NextStep::OneJob])
        }
        FileNature::Check => (
            own(OwnFile::Check),
            &[NextStep::Check, NextStep::ImportChecked],
        ),
        FileNature::Export => (
            own(OwnFile::Export),
            &[NextStep::ImportExport, NextStep::Diff, NextStep::Dupes],
        ),
        FileNature::Duplicates => (own(OwnFile::Duplicates), &[NextStep::Delete]),
        FileNature::Mapping => {
            usage = Some(say::guide::mapping_use(lang, &word));
            (own(OwnFile::Mapping), &[])
        }
        FileNature::Configuration => {
            usage = Some(say::guide::configuration_use(lang, &word));
            (own(OwnFile::Configuration), &[])
        }
        FileNature::FieldList => {
            usage = Some(say::guide::field_list_use(lang, &word));
            (own(OwnFile::FieldList), &[])
        }
        FileNature::Manifest => (own(OwnFile::Manifest), &[]),
    };
    let next = commands(steps, (&word, &job), global);
    if !global.json {
        out!("{line}");
        if let Some(usage) = usage {
            out!("{}", global.hints.copyable(&usage));
        }
        put_commands(&next, lang);
    }
    let next: Vec<&String> = next.iter().map(|(command, _)| command).collect();
    serde_json::json!({"file": path, "what": line, "next": next})
}

/// Returns the commands of steps, whole, with what each is good for.
fn commands(
    steps: &[NextStep],
    (file, job): (&str, &str),
    global: &Global,
) -> Vec<(String, &'static str)> {
    let lang = global.lang();
    let command = |step: &NextStep| {
        let line = step.command(lang, file, job);
        match step {
            NextStep::Init | NextStep::Help | NextStep::Diff => line,
            _ => global.hints.command(&line),
        }
    };
    let purpose = |step: &NextStep| match step {
        // Nobody is asked before a write into the embedded CRM.
        NextStep::Import if global.sandbox => NextStep::ImportUnasked.purpose(lang),
        step => step.purpose(lang),
    };
    let steps = steps.iter().map(|step| (command(step), purpose(step)));
    steps.collect()
}

fn put_commands(next: &[(String, &'static str)], lang: Lang) {
    if next.is_empty() {
        return;
    }
    out!("{}", say::guide::next(lang));
    let widest = next.iter().map(|(command, _)| width(command)).max();
    for (command, purpose) in next {
        out!("  {}  {purpose}", padded(command, widest.unwrap_or(0)));
    }
}

fn in_words(job: &JobFolder, is_plan: bool, lang: Lang) -> String {
    let when = job_line::moment(job.id());
    match JobSpec::load(job) {
        Ok(spec) => say::jobs::with_remark(lang, &job_line::act(&spec, is_plan, lang), &when),
        Err(_) => job.id().to_string(),
    }
}

/// The account that a command without further flags would work with.
enum AccountInUse {
    /// In words.
    Of(String),
    /// None. The variables that are missing, where others are set.
    Missing(Vec<&'static str>),
}

fn account(global: &Global, lang: Lang) -> AccountInUse {
    if global.sandbox {
        return AccountInUse::Of(say::embedded_crm(lang).to_owned());
    }
    let named = |base_url: &str, appid: &str, place: &str| {
        let endpoint = Endpoint::new(base_url, appid, secrecy::SecretString::default());
        let host = endpoint.host();
        let host = if host.is_empty() { base_url } else { &host };
        let account = say::account(lang, appid, host);
        AccountInUse::Of(say::guide::found_in(lang, &account, place))
    };
    match Config::find(global.config.as_deref()) {
        Ok(Some(config)) => {
            let path = config.path.display().to_string();
            let Ok((_, profile)) = config.profile(global.profile.as_deref()) else {
                return AccountInUse::Of(path);
            };
            let base_url = profile.base_url.unwrap_or_default();
            let appid = profile.appid.unwrap_or_default();
            named(&base_url, &appid, &path)
        }
        Ok(None) => {
            let environment = EnvironmentAccount::read();
            let missing = environment.missing();
            match (&environment.base_url, &environment.appid) {
                (Some(base_url), Some(appid)) if missing.is_empty() => {
                    named(base_url, appid, say::guide::environment(lang))
                }
                _ if missing.len() == EnvironmentAccount::NAMES.len() => {
                    AccountInUse::Missing(Vec::new())
                }
                _ => AccountInUse::Missing(missing),
            }
        }
        Err(failure) => {
            put_failure(&failure, false, lang, &global.hints);
            AccountInUse::Missing(Vec::new())
        }
    }
}

/// Opens the state folder where it is there already.
fn state_that_is_there(global: &Global) -> Option<StateFolder> {
    let config = Config::find(global.config.as_deref()).ok().flatten();
    let root = settings::state_root(&global.choices(), config.as_ref()).ok()?;
    let is_there = root.join("jobs").is_dir();
    is_there.then(|| StateFolder::open(&root).ok()).flatten()
}

/// Returns whether an account is set up, be it with mistakes.
pub(super) fn has_account(global: &Global) -> bool {
    let has_file = !matches!(Config::find(global.config.as_deref()), Ok(None));
    has_file || EnvironmentAccount::read().missing().is_empty()
}

/// Waits for Enter where a double click has opened a window for this program alone: it would close before anybody could
/// read it.
pub(super) fn wait_in_own_window(lang: Lang) {
    if explorer::has_started_us() && ask::is_possible() {
        let _ = ask::line(say::guide::before_closing(lang));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::tree;

    #[test]
    fn files_in_the_place_of_a_command_are_told_from_commands() {
        let split = |line: &str, word: &str| {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            files_in(&words, word, &tree()).map(|(files, rest)| (files.len(), rest.len()))
        };
        for (line, word, found) in [
            ("ferry a.xlsx", "a.xlsx", Some((1, 1))),
            ("ferry --sandbox a.XLSX b.csv", "a.XLSX", Some((2, 2))),
            ("ferry --config x.csv a.xlsx -q", "a.xlsx", Some((1, 4))),
            ("ferry Cargo.toml -q", "Cargo.toml", Some((1, 2))),
            // Paths that are there, behind flags that take a value and behind flags that take none.
            (
                "ferry a.xlsx --state-dir src --sandbox",
                "a.xlsx",
                Some((1, 4)),
            ),
            ("ferry a.xlsx --sandbox src", "a.xlsx", Some((2, 2))),
            (
                "ferry a.xlsx --config Cargo.toml b.csv",
                "a.xlsx",
                Some((2, 3)),
            ),
            ("ferry a.xlsx --config=Cargo.toml", "a.xlsx", Some((1, 2))),
            ("ferry --log a.xlsx a.xlsx", "a.xlsx", Some((1, 3))),
            ("ferry --log a.xlsx", "a.xlsx", None),
            ("ferry a.xlsx -qv src", "a.xlsx", Some((2, 2))),
            ("ferry imprt a.xlsx", "imprt", None),
            ("ferry imprt", "imprt", None),
        ] {
            assert_eq!(split(line, word), found, "{line}");
        }
    }
}
