//! `ferry import`: checks and sends the rows of a spreadsheet.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::plan_flags::PlanFlags;
use super::report_flag::{ReportFlag, newest};
use super::work::Work;
use super::{Global, confirm, source_flags, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::report::Report;
use crate::job::spec::stem_of;
use crate::journal::JobFolder;
use crate::model::{Code, Problem};
use crate::pipeline;
use crate::plan::import::ImportRequest;

/// What `ferry import` takes.
#[derive(Debug, Args)]
pub(super) struct ImportArgs {
    #[command(flatten)]
    plan: PlanFlags,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[arg(long, value_name = "N")]
    max_errors: Option<MaxErrors>,
    #[command(flatten)]
    report: ReportFlag,
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs, global: &Global) -> CommandResult {
    source_flags::check_output(args.output.as_deref(), &args.plan.file)?;
    args.report.check()?;
    let settings = Settings::resolve(&global.choices(), None)?;
    let output = args.output.as_deref();
    let request = args
        .plan
        .request(&settings, output, args.limit, args.max_errors)?;
    let wanted = args
        .report
        .wanted_at(&request.job.stamp, &settings.account)?;
    let imported = import_file(&request, args.plan.no_wait, global, &settings);
    let file = wanted.of_outcome(&imported, |done| job_of(done, &request, &settings), global);
    if imported.is_err() {
        file.put(global);
    }
    finish::after(
        &Finish::of(&settings),
        "import",
        (imported, global),
        |report| summary::print_summary(report, &file, global),
    )
}

/// Returns the job of a run, also of one that has failed after its job was kept.
fn job_of(
    done: Option<&Report>,
    request: &ImportRequest,
    settings: &Settings,
) -> Option<JobFolder> {
    match done {
        Some(report) => settings.state.job(&report.job).ok(),
        None => newest(
            &settings.state,
            &request.job.job_id(&stem_of(&request.source)),
        ),
    }
}

fn import_file(
    request: &ImportRequest,
    no_wait: bool,
    global: &Global,
    settings: &Settings,
) -> Result<Report, Failure> {
    let Work { progress, context } = Work::begin(settings, global, no_wait)?;
    let report = pipeline::import(request, &context, &mut |preview| {
        confirm::before_sending(preview, settings, global, &context, &progress)
    });
    progress.finish();
    report.map_err(|error| unfinished(error, global))
}

/// Adds to the error of an unfinished job the whole command that resumes it, with state folder and configuration.
pub(super) fn unfinished(error: JobError, global: &Global) -> Failure {
    match error {
        JobError::Unfinished { job } => Failure::of(
            exit::NOTHING,
            &Problem::new(Code::JobUnfinished)
                .with("job", job.as_str())
                .with("resume", summary::resume_command(&job, global)),
        ),
        other => other.into(),
    }
}
