//! `ferry export`: exports customers into a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};

use super::finish;
use super::progress::Progress;
use super::report_flag::{ReportFlag, WrittenReport};
use super::{Global, print, put_note, signals, summary, usage};
use crate::export::names::filled_in;
use crate::export::request::{ExportRequest, MAX_PASSES, Where};
use crate::export::run::{ExportReport, ExportState};
use crate::export::spec::{ExportFormat, Headers};
use crate::face::config::ExportDefaults;
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::face::settings::Settings;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::journal::JobFolder;
use crate::lang;
use crate::lang::say;
use crate::model::{Code, Problem};
use crate::source::manifest::{ListFacts, Manifest};

/// What `ferry export` takes.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "FORMAT")]
    format: Option<String>,
    #[arg(long = "where", value_name = "FIELD=VALUE")]
    condition: Option<String>,
    #[arg(long, value_name = "FIELD", conflicts_with = "condition")]
    where_empty: Option<String>,
    #[arg(long, value_name = "A,B", value_delimiter = ',')]
    fields: Vec<String>,
    #[arg(long, value_name = "KIND", value_enum)]
    headers: Option<HeaderKind>,
    #[arg(long)]
    no_excel: bool,
    #[arg(long, value_name = "FILE|last")]
    compare: Option<String>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep: Option<u32>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    keep_monthly: Option<u32>,
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=32))]
    max_passes: Option<u32>,
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    report: ReportFlag,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum HeaderKind {
    Label,
    Key,
    Both,
}

/// The request for an export, from flags and profile together.
struct ExportChoices {
    output: PathBuf,
    format: ExportFormat,
    condition: Option<Where>,
    compare: Option<String>,
    keep: Option<u32>,
    keep_monthly: Option<u32>,
}

impl ExportChoices {
    fn of(args: &ExportArgs, defaults: &ExportDefaults, json: bool) -> Result<Self, Failure> {
        let output = args.output.clone().or_else(|| defaults.output.clone());
        let output = output.ok_or_else(|| usage(say::export::no_output()))?;
        let is_stdout = is_stdout(&output);
        if is_stdout && json {
            return Err(usage(say::export::json_and_stdout()));
        }
        for (flag, is_given) in [
            ("--compare", args.compare.is_some()),
            ("--keep", args.keep.is_some()),
            ("--keep-monthly", args.keep_monthly.is_some()),
        ] {
            if is_stdout && is_given {
                return Err(usage(say::export::needs_a_file(flag)));
            }
        }
        let format = format_of(args, &output)?;
        // JSON lines have no columns that could be compared.
        let is_comparable = !is_stdout && format != ExportFormat::Jsonl;
        if !is_comparable && args.compare.is_some() {
            return Err(usage(say::export::no_comparison_of_lines()));
        }
        let for_file = |value: Option<u32>| value.filter(|_| !is_stdout);
        Ok(Self {
            format,
            condition: condition_of(args)?,
            compare: args
                .compare
                .clone()
                .or_else(|| defaults.compare.clone().filter(|_| is_comparable)),
            keep: args.keep.or(for_file(defaults.keep)),
            keep_monthly: args.keep_monthly.or(for_file(defaults.keep_monthly)),
            output,
        })
    }
}

fn is_stdout(output: &Path) -> bool {
    output.as_os_str() == "-"
}

/// Runs the command.
pub(super) fn run(args: &ExportArgs, global: &Global) -> CommandResult {
    if let Some(output) = &args.output {
        // An error of the command line is reported before anything is read.
        format_of(args, output)?;
    }
    args.report.check()?;
    let settings = Settings::resolve(&global.choices(), None)?;
    let wanted = ExportChoices::of(args, &settings.export, global.json)?;
    let exported = export_customers(args, global, &settings, wanted);
    finish::after(
        &Finish::of(&settings),
        "export",
        exported,
        global,
        |report| {
            let written = args.report.of_job(&settings.state, &report.job, global);
            print_export(report, &written, global)
        },
    )
}

fn export_customers(
    args: &ExportArgs,
    global: &Global,
    settings: &Settings,
    wanted: ExportChoices,
) -> Result<ExportReport, Failure> {
    let mut job = settings.job_request(None, args.no_wait);
    let absolute = std::path::absolute(&wanted.output).unwrap_or_else(|_| wanted.output.clone());
    let pattern = absolute.to_string_lossy().into_owned();
    job.output = if is_stdout(&wanted.output) {
        None
    } else {
        let profile = settings.account.name_in_files();
        // Placeholders are filled into the name as typed, because the folder around it may have braces of its own.
        let name = filled_in(&wanted.output.to_string_lossy(), &job.stamp, profile)
            .map_err(|error| usage(say::export::no_placeholder(&error.0)))?;
        let name = PathBuf::from(name);
        Some(std::path::absolute(&name).unwrap_or(name))
    };
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    progress.show_pace(settings.outlook());
    let context = settings.context(args.no_wait, progress.monitor(), &stop)?;
    let request = ExportRequest {
        job,
        pattern,
        format: wanted.format,
        headers: match args.headers {
            None | Some(HeaderKind::Label) => Headers::Label,
            Some(HeaderKind::Key) => Headers::Key,
            Some(HeaderKind::Both) => Headers::Both,
        },
        for_excel: !args.no_excel,
        fields: args.fields.clone(),
        condition: wanted.condition,
        compare: wanted.compare,
        keep: wanted.keep,
        keep_monthly: wanted.keep_monthly,
        max_passes: args.max_passes.unwrap_or(MAX_PASSES),
        page_size: settings.api().list.page_size,
        overrides: settings.overrides.clone(),
        owners: settings.owners.clone(),
    };
    let report = crate::export::export(&request, &context, |_| ());
    progress.finish();
    report.map_err(|error| failure_of(error, global))
}

/// Adds to an unwritten export's error the whole command that resumes it.
pub(super) fn failure_of(error: JobError, global: &Global) -> Failure {
    match error {
        JobError::ExportUnwritten { path, detail, job } => Failure::of(
            exit::LOCAL,
            &Problem::new(Code::ExportUnwritten)
                .with("path", path.to_string_lossy())
                .with("detail", detail)
                .with("resume", summary::resume_command(&job, global)),
        ),
        other => other.into(),
    }
}

fn format_of(args: &ExportArgs, output: &Path) -> Result<ExportFormat, Failure> {
    let path = output.display().to_string();
    let is_stdout = is_stdout(output);
    let named = ExportFormat::of_name(output).filter(|_| !is_stdout);
    let asked = args.format.as_deref().map(|format| {
        let known = ExportFormat::parse(&format.to_ascii_lowercase());
        known.ok_or_else(|| usage(say::export::other_format(format, &path)))
    });
    let asked = asked.transpose()?;
    match (asked, named) {
        (Some(ExportFormat::Xlsx), _) if is_stdout => {
            Err(usage(say::export::other_format("xlsx", "-")))
        }
        (Some(asked), Some(named)) if asked != named => {
            let format = args.format.as_deref().unwrap_or_default();
            Err(usage(say::export::other_format(format, &path)))
        }
        (Some(_), None) if !is_stdout && is_other_spreadsheet(output) => {
            let format = args.format.as_deref().unwrap_or_default();
            Err(usage(say::export::other_format(format, &path)))
        }
        (Some(format), _) | (None, Some(format)) => Ok(format),
        (None, None) if output.is_dir() => Err(usage(say::export::is_a_folder(&path))),
        (None, None) if is_stdout => Ok(ExportFormat::Csv),
        (None, None) => Err(usage(say::export::no_format(&path))),
    }
}

/// Returns whether the extension of a name promises a form that ferry does not write.
fn is_other_spreadsheet(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    ["xls", "xlsb", "xlsm", "ods", "tsv"].contains(&extension.to_ascii_lowercase().as_str())
}

fn condition_of(args: &ExportArgs) -> Result<Option<Where>, Failure> {
    if let Some(field) = &args.where_empty {
        return Ok(Some(Where::Empty(field.clone())));
    }
    let Some(text) = &args.condition else {
        return Ok(None);
    };
    match text.split_once('=') {
        Some((field, value)) if !field.trim().is_empty() && !value.trim().is_empty() => Ok(Some(
            Where::Equals(field.trim().to_owned(), value.trim().to_owned()),
        )),
        _ => Err(usage(say::export::no_condition(text))),
    }
}

/// Returns the object of `--json` for an export of the list of jobs.
pub(super) fn state_json(folder: &JobFolder, state: &ExportState, code: u8) -> serde_json::Value {
    let outcome = state.outcome.as_ref();
    let report = ExportReport {
        job: folder.id().clone(),
        customers: outcome.map_or(state.spooled, |outcome| outcome.customers),
        complete: outcome.map(|outcome| outcome.complete),
        file: outcome.and_then(|outcome| outcome.file.clone()),
        manifest: outcome
            .and_then(|outcome| outcome.file.as_deref())
            .map(Manifest::path_of),
        list: ListFacts::default(),
        changes: None,
        deleted: 0,
        calls: outcome.map_or(0, |outcome| outcome.calls),
        elapsed: std::time::Duration::from_millis(outcome.map_or(0, |outcome| outcome.elapsed_ms)),
        end: End::Finished,
    };
    result_json::of_export(&report, code)
}

/// Prints a report, and returns its object and its exit code. With `--quiet` an incomplete or stopped export is still
/// reported. `file` is what was written about the run besides.
pub(super) fn print_export(
    report: &ExportReport,
    file: &WrittenReport,
    global: &Global,
) -> (serde_json::Value, u8) {
    let code = file.code(report.exit_code());
    let mut json = result_json::of_export(report, code);
    file.name_in(&mut json);
    if global.json {
        print::json(&json);
    } else {
        for line in lines(report, global) {
            if report.exit_code() == exit::DONE {
                put_note(global, &line);
            } else {
                print::say_line(&global.hints.copyable(&line));
            }
        }
    }
    file.put(global);
    (json, code)
}

fn lines(report: &ExportReport, global: &Global) -> Vec<String> {
    let lang = global.lang();
    let time = say::amounts::duration(lang, report.elapsed);
    let mut lines = vec![say::export::total(
        lang,
        report.customers,
        report.calls,
        &time,
    )];
    let list = &report.list;
    if list.created_meanwhile + list.gone_meanwhile > 0 {
        let (created, gone) = (list.created_meanwhile, list.gone_meanwhile);
        lines.push(say::export::moved(lang, created, gone));
    }
    if list.passes > 1 && report.complete == Some(true) {
        lines.push(say::export::passes(lang, list.passes));
    }
    if let Some(changes) = &report.changes {
        let counts = say::diff::counts(lang, changes.added, changes.changed, changes.gone);
        lines.push(say::diff::total(lang, &counts, changes.unchanged));
    }
    if report.deleted > 0 {
        lines.push(say::export::deleted(lang, report.deleted));
    }
    let shown = report.file.as_ref().map(|path| path.display().to_string());
    let numbered = |problem: &Problem| {
        let words = lang::words(problem, lang);
        [
            say::error(lang, &words.message, Some(&problem.code.to_string())),
            say::hint(lang, &words.tip),
        ]
    };
    match (&report.end, report.complete) {
        (End::Finished, Some(true)) => {
            lines.extend(shown.map(|path| say::export::file(lang, &path)));
        }
        (End::Finished, _) => {
            lines.extend(shown.map(|path| say::export::incomplete_file(lang, &path)));
            let passes = list.passes.to_string();
            lines.extend(numbered(
                &Problem::new(Code::ExportIncomplete).with("passes", passes),
            ));
        }
        (end, _) => {
            lines.push(say::export::so_far(lang, report.customers, list.pages));
            let resume = summary::resume_command(&report.job, global);
            if let End::Unreachable(error) | End::Refused(error) = end {
                let problem = crate::face::failure::call_problem(error).with("resume", &resume);
                let words = lang::words(&problem, lang);
                let code = problem.code.to_string();
                lines.push(say::summary::stopped(lang, &words.message, &code));
                lines.push(say::hint(lang, &words.tip));
            } else {
                lines.push(say::summary::stopped_as_asked(lang).to_owned());
            }
            lines.push(say::summary::go_on_with(lang, &resume));
        }
    }
    lines
}
