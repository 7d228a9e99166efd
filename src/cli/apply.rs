//! `ferry apply`: carries out a plan that `ferry plan` has made.

use std::path::PathBuf;

use clap::Args;

use super::failure::{CommandResult, Failure, exit};
use super::finish::Finish;
use super::plan_flags::NoWait;
use super::settings::{Settings, state_folder_alone};
use super::work::Work;
use super::{Global, confirm, import, resume, source_flags, summary};
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::say;
use crate::pipeline::plan::ApplyRequest;
use crate::{job, pipeline};

/// What `ferry apply` takes.
#[derive(Debug, Args)]
pub(super) struct ApplyArgs {
    #[arg(value_name = "JOB")]
    job: Option<String>,
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[arg(long)]
    refresh: bool,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "N")]
    max_errors: Option<MaxErrors>,
    #[command(flatten)]
    no_wait: NoWait,
}

/// Runs the command.
pub(super) fn run(args: &ApplyArgs, global: &Global) -> CommandResult {
    let state = state_folder_alone(global)?;
    let folder = match &args.job {
        Some(name) => resume::find(&state, name)?,
        None => latest(&state, global)?,
    };
    if job::is_export(&folder) {
        return Err(JobError::NotAPlan(folder.id().clone()).into());
    }
    let spec = JobSpec::load(&folder)?;
    source_flags::check_output(args.output.as_deref(), &spec.source.path)?;
    let (settings, otherwise) = Settings::going_on(global, &spec.account, spec.run.as_ref())?;
    let parts = (&folder, &spec, otherwise.as_deref());
    let applied = apply_plan(args, parts, global, &settings, &state);
    Finish::of(&settings).after("apply", applied, global, |report| {
        let code = summary::print_summary(report, global, &state);
        (summary::json(report, code), code)
    })
}

/// Returns the latest plan. Where there is no plan, a stopped job is probably meant, and the error names it.
fn latest(state: &StateFolder, global: &Global) -> Result<JobFolder, Failure> {
    if let Some(folder) = pipeline::planned_job(state)? {
        return Ok(folder);
    }
    for folder in state.jobs()?.into_iter().rev() {
        if !job::is_export(&folder) && job::is_unfinished(&folder).unwrap_or(false) {
            let job = folder.id().clone();
            return Err(import::unfinished(
                JobError::Unfinished { job },
                global,
                state,
            ));
        }
    }
    Err(Failure::said(exit::NOTHING, say::plan::none_planned()))
}

fn apply_plan(
    args: &ApplyArgs,
    (folder, spec, otherwise): (&JobFolder, &JobSpec, Option<&str>),
    global: &Global,
    settings: &Settings,
    state: &StateFolder,
) -> Result<Report, Failure> {
    let no_wait = args.no_wait.of(spec.run.as_ref());
    let Work { progress, context } = Work::begin(settings, global, no_wait)?;
    let source = spec.source.path.display().to_string();
    progress.say(&say::plan::applying(
        settings.lang,
        folder.id().as_str(),
        &source,
    ));
    if let Some(line) = otherwise {
        progress.say(line);
    }
    let options = settings.send_options(args.limit, args.max_errors);
    let request = ApplyRequest {
        refresh: args.refresh,
        output: args
            .output
            .clone()
            .map(|path| std::path::absolute(&path).unwrap_or(path)),
        run: settings.run_settings(no_wait),
    };
    let report = pipeline::apply_plan(folder, &options, &request, &context, &mut |preview| {
        confirm::before_sending(preview, settings, global, &context, &progress)
    });
    progress.finish();
    report.map_err(|error| import::unfinished(error, global, state))
}
