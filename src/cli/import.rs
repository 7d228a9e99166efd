//! `ferry import`: checks and sends the rows of a spreadsheet.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::plan_flags::PlanFlags;
use super::report_flag::ReportFlag;
use super::work::Work;
use super::{Global, confirm, source_flags, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::report::Report;
use crate::model::{Code, Problem};
use crate::pipeline;

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
    let imported = import_file(args, global, &settings);
    finish::after(
        &Finish::of(&settings),
        "import",
        imported,
        global,
        |report| {
            let written = args.report.of_job(&settings.state, &report.job, global);
            summary::print_summary(report, &written, global)
        },
    )
}

fn import_file(args: &ImportArgs, global: &Global, settings: &Settings) -> Result<Report, Failure> {
    let output = args.output.as_deref();
    let request = args
        .plan
        .request(settings, output, args.limit, args.max_errors)?;
    let Work { progress, context } = Work::begin(settings, global, args.plan.no_wait)?;
    let report = pipeline::import(&request, &context, &mut |preview| {
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
