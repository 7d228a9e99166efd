//! `ferry dupes`: customers that an account, or an export, holds twice.

use std::path::{Path, PathBuf};

use clap::Args;

use super::finish;
use super::progress::Progress;
use super::work::Work;
use super::{Global, check, print, put_note, signals, source_flags, usage};
use crate::export::{DupesReport, DupesRequest, ListRequest, dupes_of_account, dupes_of_export};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::settings::{Settings, TIMEZONE};
use crate::job::error::JobError;
use crate::job::spec::stem_of;
use crate::lang;
use crate::lang::hint::quoted;
use crate::lang::say;
use crate::model::{Code, Problem};
use crate::results::place::{fresh_name, stamp_in};

/// What `ferry dupes` takes.
#[derive(Debug, Args)]
pub(super) struct DupesArgs {
    #[arg(value_name = "FILE")]
    file: Option<PathBuf>,
    #[arg(long, value_name = "FIELD")]
    by: Vec<String>,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "FILE.json")]
    fields: Option<PathBuf>,
    #[arg(long)]
    no_wait: bool,
}

/// Runs the command.
pub(super) fn run(args: &DupesArgs, global: &Global) -> CommandResult {
    let source = args.file.as_deref().unwrap_or_else(|| Path::new(""));
    source_flags::check_output(args.output.as_deref(), source)?;
    if let Some(file) = &args.file {
        let report = search_export(args, file, global)?;
        return Ok(print_dupes(&report, args, global));
    }
    if args.fields.is_some() {
        return Err(usage(say::dupes::fields_of_account()));
    }
    let settings = Settings::resolve(&global.choices(), None)?;
    let found = search_account(args, global, &settings);
    finish::after(&Finish::of(&settings), "dupes", found, global, |report| {
        let code = print_dupes(report, args, global);
        (json(report, code), code)
    })
}

/// Looks for duplicates in an export.
fn search_export(args: &DupesArgs, file: &Path, global: &Global) -> Result<DupesReport, Failure> {
    let schema = args
        .fields
        .as_deref()
        .map(check::saved_schema)
        .transpose()?;
    let stop = signals::stop_on_signals(global.lang())?;
    let folder = tempfile::tempdir().map_err(|error| {
        let folder = std::env::temp_dir().display().to_string();
        let words = say::usage::name_a_writable_file(&folder, &error.to_string());
        Failure::said(exit::LOCAL, words)
    })?;
    let name = fresh_name(
        &stem_of(file),
        "duplicates",
        &stamp_in(TIMEZONE),
        global.lang(),
    );
    let request = request(args, file.with_file_name(name), folder.path(), global);
    let progress = Progress::start(global);
    let monitor = progress.monitor();
    let report = dupes_of_export(&request, file, schema, monitor.as_ref(), &stop);
    progress.finish();
    Ok(report?)
}

/// Looks for duplicates in the list of the account.
fn search_account(
    args: &DupesArgs,
    global: &Global,
    settings: &Settings,
) -> Result<DupesReport, Failure> {
    let Work { progress, context } = Work::begin(settings, global, args.no_wait)?;
    let job = settings.job_request(None, args.no_wait);
    let root = context.state.root();
    let folder = tempfile::Builder::new().prefix("dupes-").tempdir_in(root);
    let folder = folder.map_err(|source| JobError::File {
        path: root.to_path_buf(),
        source,
    })?;
    let stem = job.account.name_in_files();
    let name = fresh_name(stem, "duplicates", &job.stamp, global.lang());
    let request = request(args, PathBuf::from(name), folder.path(), global);
    let list = ListRequest {
        job,
        page_size: settings.api().list.page_size,
        overrides: settings.overrides.clone(),
        owners: settings.owners.clone(),
    };
    let report = dupes_of_account(&request, &list, &context);
    progress.finish();
    Ok(report?)
}

fn request(args: &DupesArgs, fresh: PathBuf, folder: &Path, global: &Global) -> DupesRequest {
    DupesRequest {
        by: args.by.clone(),
        target: args.output.clone().unwrap_or(fresh),
        is_named: args.output.is_some(),
        folder: folder.to_path_buf(),
        lang: global.lang(),
    }
}

fn json(report: &DupesReport, code: u8) -> serde_json::Value {
    let by = report.by.iter().map(|by| {
        serde_json::json!({
            "key": by.key,
            "groups": by.groups,
            "customers": by.customers,
        })
    });
    serde_json::json!({
        "groups": report.groups,
        "customers": report.customers,
        "searched": report.searched,
        "by": by.collect::<Vec<_>>(),
        "complete": report.complete,
        "file": report.file,
        "api_calls": report.calls,
        "elapsed_s": (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "exit": code,
    })
}

/// Prints a report and returns its exit code. That customers may be missing is said also with `--quiet`.
fn print_dupes(report: &DupesReport, args: &DupesArgs, global: &Global) -> u8 {
    let (lang, code) = (global.lang(), report.exit_code());
    if global.json {
        print::json(&json(report, code));
    } else {
        for line in lines(report, args, global) {
            put_note(global, &line);
        }
    }
    if report.complete == Some(false) {
        let incomplete = Problem::new(Code::DupesIncomplete);
        let words = lang::words(&incomplete, lang);
        let number = incomplete.code.to_string();
        print::say_line(&say::error(lang, &words.message, Some(&number)));
        print::say_line(&say::hint(lang, &words.tip));
    }
    code
}

fn lines(report: &DupesReport, args: &DupesArgs, global: &Global) -> Vec<String> {
    let lang = global.lang();
    let mut lines = Vec::new();
    if args.by.is_empty() {
        let labels = report.by.iter().map(|by| by.label.as_str());
        let labels = say::amounts::list(lang, labels);
        lines.push(say::dupes::by_default(lang, &labels));
    }
    let searched = report.searched;
    lines.push(match report.groups {
        0 => say::dupes::none(lang, searched),
        groups => say::dupes::total(lang, groups, report.customers, searched),
    });
    if report.by.len() > 1 && report.groups > 0 {
        let by = report.by.iter();
        lines.extend(by.map(|by| say::dupes::by_key(lang, &by.label, by.groups, by.customers)));
    }
    if report.calls > 0 {
        let time = say::amounts::duration(lang, report.elapsed);
        lines.push(say::dupes::cost(lang, report.calls, &time));
    }
    if let Some(file) = &report.file {
        let path = file.display().to_string();
        lines.push(say::dupes::sheet(lang, &path));
        let delete = format!("`ferry delete {}`", quoted(&path));
        lines.push(say::hint(lang, &say::dupes::next(lang, &delete)));
    }
    lines
}
