//! `ferry verify`: compares the stored customers of a job with what was sent.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::report_flag::{ReportFlag, WrittenReport};
use super::work::Work;
use super::{Global, print, put_note, resume, source_flags, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::report;
use crate::face::report_words;
use crate::face::settings::{Settings, state_folder_alone};
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::say;
use crate::pipeline::verify::{VerifyReport, VerifyRequest};
use crate::{job, pipeline};

/// How many differences are shown on the terminal.
const SHOWN: usize = 10;

/// How many differences a report holds.
const REPORTED: usize = 500;

/// What `ferry verify` takes.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[arg(value_name = "JOB")]
    job: Option<String>,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long)]
    no_wait: bool,
    #[command(flatten)]
    report: ReportFlag,
}

/// Runs the command.
pub(super) fn run(args: &VerifyArgs, global: &Global) -> CommandResult {
    args.report.check()?;
    let state = state_folder_alone(&global.choices())?;
    let folder = match &args.job {
        Some(name) => resume::find(&state, name)?,
        None => latest(&state)?,
    };
    if job::is_export(&folder) {
        return Err(JobError::NothingWritten(folder.id().clone()).into());
    }
    let spec = JobSpec::load(&folder)?;
    source_flags::check_output(args.output.as_deref(), &spec.source.path)?;
    let settings = Settings::resolve(&global.choices(), Some(&spec.account))?;
    let verified = verify_job(args, &folder, &spec, global, &settings);
    finish::after(
        &Finish::of(&settings),
        "verify",
        verified,
        global,
        |verified| {
            let html = || report::of_verification(verified, &spec, &global.hints, global.lang());
            let written = args.report.write((&spec.timezone, &spec.account), html);
            print_verification(verified, &written, global)
        },
    )
}

/// Returns the latest job that has written something.
fn latest(state: &StateFolder) -> Result<JobFolder, Failure> {
    let jobs = state.jobs()?.into_iter();
    let jobs = jobs.filter(|folder| !job::is_export(folder));
    // A job that cannot be read is passed over.
    let written = jobs.filter_map(|folder| {
        let last = job::last_written(&folder).ok().flatten()?;
        Some((last, folder))
    });
    let latest = written.max_by_key(|(last, _)| *last);
    latest.map_or_else(
        || Err(Failure::said(exit::NOTHING, say::plan::none_written())),
        |(_, folder)| Ok(folder),
    )
}

fn verify_job(
    args: &VerifyArgs,
    folder: &JobFolder,
    spec: &JobSpec,
    global: &Global,
    settings: &Settings,
) -> Result<VerifyReport, Failure> {
    let Work { progress, context } = Work::begin(settings, global, args.no_wait)?;
    let source = spec.source.path.display().to_string();
    progress.say(&say::plan::verifying(
        settings.lang,
        folder.id().as_str(),
        &source,
    ));
    let request = VerifyRequest {
        job: folder.clone(),
        concurrency: settings.endpoint.concurrency,
        output: args
            .output
            .clone()
            .map(|path| std::path::absolute(&path).unwrap_or(path)),
        shown: REPORTED,
    };
    let report = pipeline::verify(&request, &context);
    progress.finish();
    Ok(report?)
}

fn code_of(report: &VerifyReport) -> u8 {
    if report.unknown_rows > 0 {
        exit::UNKNOWN
    } else if report.different_rows > 0 {
        exit::PARTLY
    } else {
        exit::DONE
    }
}

fn json(report: &VerifyReport, code: u8) -> serde_json::Value {
    serde_json::json!({
        "job": report.job.as_str(),
        "command": "verify",
        "rows": report.rows + report.unknown_rows,
        "added": 0,
        "updated": 0,
        "deleted": 0,
        "restored": 0,
        "unchanged": report.rows - report.different_rows,
        "skipped": 0,
        "invalid": 0,
        "failed": report.different_rows,
        "unknown": report.unknown_rows,
        "pending": 0,
        "api_calls": report.calls,
        "elapsed_s": (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "result": report.result.to_string_lossy(),
        "exit": code,
    })
}

fn print_verification(
    report: &VerifyReport,
    file: &WrittenReport,
    global: &Global,
) -> (serde_json::Value, u8) {
    let (lang, code) = (global.lang(), file.code(code_of(report)));
    let mut json = json(report, code);
    file.name_in(&mut json);
    if global.json {
        print::json(&json);
        file.put(global);
        return (json, code);
    }
    put_note(global, &report_words::verified(report, lang));
    for example in report.examples.iter().take(SHOWN) {
        let line = report_words::example_line(example, crate::lang::words, lang);
        put_note(global, &format!("  {line}"));
    }
    if report.unknown_rows > 0 {
        let resume = summary::resume_command(&report.job, global);
        let (line, tip) = say::plan::verified_unknown(lang, report.unknown_rows, &resume);
        put_note(global, &line);
        put_note(global, &say::hint(lang, &tip));
    }
    let path = report.result.display().to_string();
    put_note(global, &say::plan::verify_sheet(lang, &path));
    file.put(global);
    (json, code)
}
