//! `ferry apply`: carries out a plan that `ferry plan` has made.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::plan_flags::NoWait;
use super::report_flag::ReportFlag;
use super::work::Work;
use super::{Global, ask, confirm, import, print, resume, source_flags, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::job_line;
use crate::face::settings::{Settings, state_folder_alone};
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, StateFolder};
use crate::lang::say;
use crate::model::{Code, Problem};
use crate::pipeline::plan::{ApplyRequest, SincePlan};
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
    #[command(flatten)]
    report: ReportFlag,
}

/// Runs the command.
pub(super) fn run(args: &ApplyArgs, global: &Global) -> CommandResult {
    args.report.check()?;
    let state = state_folder_alone(&global.choices())?;
    let folder = match &args.job {
        Some(name) => resume::find(&state, name)?,
        None => latest(&state, global)?,
    };
    let is_named = args.job.is_some();
    if job::is_export(&folder) {
        return Err(JobError::NotAPlan(folder.id().clone()).into());
    }
    let spec = JobSpec::load(&folder)?;
    source_flags::check_output(args.output.as_deref(), &spec.source.path)?;
    let since = pipeline::since_plan(&folder, &spec, &state)?;
    if !args.refresh {
        refuse_outdated(&spec, &since, global)?;
    }
    if !is_named {
        ask_whether_meant(&spec, &since, global)?;
    }
    let (settings, otherwise) =
        Settings::going_on(&global.choices(), &spec.account, spec.run.as_ref())?;
    let applied = apply_plan(
        args,
        &folder,
        &spec,
        otherwise.as_deref(),
        global,
        &settings,
    );
    finish::after(&Finish::of(&settings), "apply", applied, global, |report| {
        summary::print_summary(
            report,
            &args.report.of_job(&state, &report.job, global),
            global,
        )
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
            return Err(import::unfinished(JobError::Unfinished { job }, global));
        }
    }
    Err(Failure::said(exit::NOTHING, say::plan::none_planned()))
}

/// Fails for a plan of whose file rows were written since it was made: its decisions may be wrong by now.
fn refuse_outdated(spec: &JobSpec, since: &SincePlan, global: &Global) -> Result<(), Failure> {
    let Some(since) = &since.of_file else {
        return Ok(());
    };
    let source = spec.source.path.display().to_string();
    let refresh = summary::command_of("apply", &spec.id, global);
    let plan = plan_anew(spec, global);
    let problem = Problem::new(Code::PlanOutdated)
        .with("job", spec.id.as_str())
        .with("since", since.as_str())
        .with("source", source)
        .with("refresh", format!("{refresh} --refresh"))
        .with("plan", plan);
    Err(Failure::of(exit::USAGE, &problem))
}

/// Returns the command that plans a file anew, as it was planned.
fn plan_anew(spec: &JobSpec, global: &Global) -> String {
    let hints = global.hints.about(&spec.source.path);
    hints.reading(&spec.asked).of_file("plan")
}

/// Asks whether the latest plan is meant, where other jobs have run since it was made. `--yes` does not say so.
fn ask_whether_meant(spec: &JobSpec, since: &SincePlan, global: &Global) -> Result<(), Failure> {
    let Some(since) = &since.latest else {
        return Ok(());
    };
    let lang = global.lang();
    let source = spec.source.path.display().to_string();
    if !ask::is_possible() {
        let problem = Problem::new(Code::WhichPlan)
            .with("job", spec.id.as_str())
            .with("source", source)
            .with("since", since.as_str())
            .with("apply", summary::command_of("apply", &spec.id, global));
        return Err(Failure::of(exit::USAGE, &problem));
    }
    let (job, when) = (spec.id.as_str(), job_line::moment(&spec.id));
    print::say_line(&say::plan::not_the_latest(
        lang,
        (job, &when),
        &source,
        since.as_str(),
    ));
    if ask::is_yes(say::plan::ask_whether_meant(lang), false) {
        Ok(())
    } else {
        let words = say::plan::not_this_plan(&plan_anew(spec, global));
        Err(Failure::said(exit::USAGE, words))
    }
}

fn apply_plan(
    args: &ApplyArgs,
    folder: &JobFolder,
    spec: &JobSpec,
    otherwise: Option<&str>,
    global: &Global,
    settings: &Settings,
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
    report.map_err(|error| import::unfinished(error, global))
}
