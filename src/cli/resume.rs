//! `ferry resume`: goes on with a stopped job.

use clap::Args;

use super::finish;
use super::plan_flags::NoWait;
use super::progress::Progress;
use super::report_flag::ReportFlag;
use super::{Global, confirm, export, print, put_note, signals, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::face::settings::{Settings, state_folder_alone};
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JobStatus, Journal, StateFolder};
use crate::lang::say;
use crate::model::{Code, JobId, Problem};
use crate::{job, pipeline};

/// What `ferry resume` takes.
#[derive(Debug, Args)]
pub(super) struct ResumeArgs {
    #[arg(value_name = "JOB")]
    job: Option<String>,
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[arg(long, value_name = "N")]
    max_errors: Option<MaxErrors>,
    #[command(flatten)]
    no_wait: NoWait,
    #[command(flatten)]
    report: ReportFlag,
}

/// Runs the command.
pub(super) fn run(args: &ResumeArgs, global: &Global) -> CommandResult {
    args.report.check()?;
    let state = state_folder_alone(&global.choices())?;
    let folder = match &args.job {
        Some(name) => find(&state, name)?,
        None => latest_stopped(&state)?,
    };
    if job::is_export(&folder) {
        return resume_export(args, &state, &folder, global);
    }
    let spec = JobSpec::load(&folder)?;
    if is_finished(&folder)? {
        return finished(&state, (&folder, &spec), &args.report, global);
    }
    let (settings, otherwise) =
        Settings::going_on(&global.choices(), &spec.account, spec.run.as_ref())?;
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    progress.show_pace(settings.outlook());
    progress.say(&say::jobs::going_on(settings.lang, folder.id().as_str()));
    if let Some(line) = &otherwise {
        progress.say(line);
    }
    let no_wait = args.no_wait.of(spec.run.as_ref());
    let context = settings.context(no_wait, progress.monitor(), &stop)?;
    let options = settings.send_options(args.limit, args.max_errors);
    if let Some(preview) = pipeline::unconfirmed(&folder, &options, &context)? {
        confirm::before_sending(&preview, &settings, global, &context, &progress)?;
    } else if args.job.is_none() && spec.kind.takes_away() {
        // The latest stopped job may not be the one that the person means, and this one deletes customers.
        let preview = pipeline::preview_of(&folder, &options, &context)?;
        confirm::before_undoing(&preview, &settings, global, &context, &progress)?;
    }
    let report = pipeline::resume(&folder, &options, &context);
    progress.finish();
    let report = match report {
        Err(JobError::Finished(_)) => {
            return finished(&state, (&folder, &spec), &args.report, global);
        }
        report => report.map_err(Failure::from),
    };
    finish::after(
        &Finish::of(&settings),
        spec.kind.command(),
        report,
        global,
        |report| {
            summary::print_summary(
                report,
                &args.report.of_job(&state, &report.job, global),
                global,
            )
        },
    )
}

/// Resumes an export: reads the missing pages, or only writes the file.
fn resume_export(
    args: &ResumeArgs,
    state: &StateFolder,
    folder: &JobFolder,
    global: &Global,
) -> CommandResult {
    let export = crate::export::export_state(folder)?;
    let lang = global.lang();
    if let Some(outcome) = &export.outcome {
        let written = args.report.of_job(state, folder.id(), global);
        let code = written.code(exit::NOTHING);
        put_note(global, &say::export::finished(lang, folder.id().as_str()));
        if let Some(file) = &outcome.file {
            put_note(
                global,
                &say::export::file(lang, &file.display().to_string()),
            );
        }
        if global.json {
            let mut json = export::state_json(folder, &export, code);
            written.name_in(&mut json);
            print::json(&json);
        }
        written.put(global);
        return Ok(code);
    }
    if global.json && export.target.is_none() {
        return Err(super::usage(say::export::json_and_stdout()));
    }
    let (settings, otherwise) =
        Settings::going_on(&global.choices(), &export.account, export.run.as_ref())?;
    let finish = Finish::of(&settings);
    let resumed = || -> Result<crate::export::ExportReport, Failure> {
        let stop = signals::stop_on_signals(lang)?;
        let progress = Progress::start(global);
        summary::notices(&progress, &settings.notices);
        progress.show_pace(settings.outlook());
        progress.say(&say::jobs::going_on(settings.lang, folder.id().as_str()));
        if let Some(line) = &otherwise {
            progress.say(line);
        }
        let no_wait = args.no_wait.of(export.run.as_ref());
        let context = settings.context(no_wait, progress.monitor(), &stop)?;
        let report = crate::export::resume_export(folder, settings.endpoint.concurrency, &context);
        progress.finish();
        report.map_err(|error| export::failure_of(error, global))
    };
    finish::after(&finish, "export", resumed(), global, |report| {
        let written = args.report.of_job(state, &report.job, global);
        export::print_export(report, &written, global)
    })
}

/// Finds the job of a typed name.
pub(super) fn find(state: &StateFolder, name: &str) -> Result<JobFolder, Failure> {
    let missing = || {
        Failure::of(
            exit::USAGE,
            &Problem::new(Code::NoSuchJob).with("job", name),
        )
    };
    let id = JobId::parse(name.trim()).map_err(|_| missing())?;
    state.job(&id).map_err(|_| missing())
}

/// Returns the job that `ferry resume` without a name goes on with.
pub(super) fn latest_stopped(state: &StateFolder) -> Result<JobFolder, Failure> {
    let jobs = state.jobs()?;
    let mut busy = None;
    for job in jobs.iter().rev() {
        if job::is_unfinished(job)? {
            if !job.is_locked() {
                return Ok(job.clone());
            }
            busy.get_or_insert(job);
        }
    }
    // No rows wait to be sent. The outcome of rows in doubt may be known by now.
    if busy.is_none()
        && let Some(job) = jobs.iter().rev().find(|job| has_doubts(job))
    {
        return Ok(job.clone());
    }
    Err(match busy {
        Some(job) => Failure::of(
            exit::BUSY,
            &Problem::new(Code::JobBusy).with("job", job.id().as_str()),
        ),
        None => Failure::said(exit::NOTHING, say::jobs::none_stopped()),
    })
}

fn has_doubts(folder: &JobFolder) -> bool {
    Journal::read(folder).is_ok_and(|journal| {
        let finished = matches!(journal.status(), Ok(JobStatus::Finished));
        finished && journal.has_doubts().unwrap_or_default()
    })
}

fn is_finished(folder: &JobFolder) -> Result<bool, Failure> {
    let journal = Journal::read(folder)?;
    Ok(journal.status()? == JobStatus::Finished && !journal.has_doubts()?)
}

/// Prints the summary of a finished job, of which nothing is left to do. Returns exit code 9.
fn finished(
    state: &StateFolder,
    (folder, spec): (&JobFolder, &JobSpec),
    wanted: &ReportFlag,
    global: &Global,
) -> CommandResult {
    let journal = Journal::read(folder)?;
    let report =
        job::report_of(folder, &journal, &spec.kind, End::Finished)?.with_examples(&journal)?;
    put_note(
        global,
        &say::jobs::finished(global.lang(), folder.id().as_str()),
    );
    let written = wanted.of_job(state, folder.id(), global);
    let code = written.code(exit::NOTHING);
    if global.json {
        let mut json = result_json::of_report(&report, code);
        written.name_in(&mut json);
        print::json(&json);
        written.put(global);
    } else {
        summary::print_summary(&report, &written, global);
    }
    Ok(code)
}
