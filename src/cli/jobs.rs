//! `ferry jobs`.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Failure, Outcome, exit};
use super::progress::Progress;
use super::settings::state_folder_alone;
use super::{Global, duration, resume, say, summary, usage};
use crate::job::{self, End, JobSpec, JobState, Report, ResultOptions, write_result};
use crate::journal::{JobFolder, Journal, StateFolder};
use crate::model::Status;

/// List jobs, or show one
#[derive(Debug, Args)]
pub(super) struct JobsArgs {
    /// Show this job: its counts, files and next step
    #[arg(value_name = "JOB")]
    job: Option<String>,
    /// Write the job's result sheet, .xlsx or .csv, also while it runs
    #[arg(long, value_name = "FILE", requires = "job")]
    result: Option<PathBuf>,
    /// Only rows of this status in the sheet
    #[arg(long, value_name = "STATUS", requires = "result")]
    only: Option<String>,
    /// Delete finished jobs older than this, such as 90d, with their journals and copies
    #[arg(long, value_name = "AGE", conflicts_with = "job")]
    prune: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &JobsArgs, global: &Global) -> Outcome {
    let state = state_folder_alone(global)?;
    match (&args.job, &args.prune) {
        (Some(name), _) => one(&resume::find(&state, name)?, args, global, &state),
        (None, Some(age)) => prune(age, global, &state),
        (None, None) => list(global, &state),
    }
}

/// A job as it can be shown: damaged ones have no report.
struct Seen {
    folder: JobFolder,
    spec: Option<JobSpec>,
    report: Option<Report>,
    state: &'static str,
}

fn see(folder: JobFolder) -> Seen {
    let spec = JobSpec::load(&folder).ok();
    let journal = Journal::read(&folder).ok();
    let command = spec.as_ref().map_or("import", |spec| spec.command.as_str());
    let report = journal
        .as_ref()
        .and_then(|journal| job::report_of(&folder, journal, command, End::Finished).ok());
    let running = folder.is_locked();
    let report = report.map(|report| Report {
        counts: if running {
            report.counts.running()
        } else {
            report.counts
        },
        ..report
    });
    let decided = journal
        .as_ref()
        .and_then(|journal| job::job_state(journal).ok());
    let state = match decided {
        _ if running => "running",
        Some(JobState::Finished) => "finished",
        Some(JobState::Open) => "stopped",
        Some(JobState::Planning) => "undecided",
        None => "damaged",
    };
    Seen {
        folder,
        spec,
        report,
        state,
    }
}

fn list(global: &Global, state: &StateFolder) -> Outcome {
    let jobs: Vec<Seen> = state.jobs()?.into_iter().map(see).collect();
    if global.json {
        let list: Vec<_> = jobs
            .iter()
            .map(|job| {
                let mut object = job.report.as_ref().map_or_else(
                    || serde_json::json!({}),
                    |report| summary::json(report, exit_of(job)),
                );
                if let Some(fields) = object.as_object_mut() {
                    fields.insert("job".to_owned(), job.folder.id().as_str().into());
                    fields.insert("state".to_owned(), job.state.into());
                }
                object
            })
            .collect();
        out!("{}", serde_json::Value::Array(list));
        return Ok(exit::DONE);
    }
    if jobs.is_empty() {
        say(global, &format!("no jobs in {}", state.root().display()));
        return Ok(exit::DONE);
    }
    for job in &jobs {
        let counts = job.report.as_ref().map(summary::counts).unwrap_or_default();
        out!(
            "{:<10} {:<44} {counts}",
            job.state,
            job.folder.id().as_str()
        );
    }
    Ok(exit::DONE)
}

fn exit_of(job: &Seen) -> u8 {
    match (job.state, &job.report) {
        ("finished", Some(report)) => report.exit_code(),
        _ => exit::STOPPED,
    }
}

fn one(folder: &JobFolder, args: &JobsArgs, global: &Global, state: &StateFolder) -> Outcome {
    if let Some(path) = &args.result {
        return result(folder, path, args.only.as_deref(), global);
    }
    let seen = see(folder.clone());
    let (Some(spec), Some(report)) = (&seen.spec, &seen.report) else {
        let detail = Journal::read(folder).err().map_or_else(
            || "job.json cannot be read".to_owned(),
            |error| error.to_string(),
        );
        return Err(Failure::new(
            exit::LOCAL,
            format!("job {} is damaged: {detail}", folder.id()),
            "restore its folder as it was",
        ));
    };
    let code = exit_of(&seen);
    if global.json {
        out!("{}", summary::json(report, code));
        return Ok(exit::DONE);
    }
    out!("job:      {} ({})", folder.id(), seen.state);
    out!("account:  {} at {}", spec.account.appid, spec.account.host);
    out!("source:   {}", spec.source.path.display());
    out!(
        "rows:     {} ({})",
        report.counts.total(),
        summary::counts(report)
    );
    out!(
        "calls:    {} in {}",
        report.calls,
        duration::show(report.elapsed)
    );
    if let Some(path) = &report.result {
        out!(
            "result:   {}{}",
            path.display(),
            if path.is_file() {
                ""
            } else {
                " (no longer there)"
            }
        );
    }
    out!("folder:   {}", folder.path().display());
    let next = match seen.state {
        "running" => "wait, or stop it with Ctrl-C where it runs".to_owned(),
        "stopped" => summary::resume_command(folder.id(), global, state),
        "undecided" => "import the file again".to_owned(),
        _ if report.status(Status::Invalid) + report.status(Status::Failed) > 0 => {
            "mend the rows in the result sheet and import it".to_owned()
        }
        _ => "nothing".to_owned(),
    };
    out!("next:     {next}");
    Ok(exit::DONE)
}

fn result(
    folder: &JobFolder,
    path: &std::path::Path,
    only: Option<&str>,
    global: &Global,
) -> Outcome {
    let statuses = || {
        Status::ALL
            .iter()
            .map(|status| status.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let only = only
        .map(|text| {
            Status::parse(text).ok_or_else(|| {
                usage(
                    format!("--only “{text}” is no status"),
                    format!("one of: {}", statuses()),
                )
            })
        })
        .transpose()?;
    let spec = JobSpec::load(folder)?;
    let journal = Journal::read(folder)?;
    let progress = Progress::start(global);
    let options = ResultOptions {
        output: Some(path.to_path_buf()),
        only,
        running: folder.is_locked(),
        lang: global.lang(),
    };
    let written = write_result(
        folder,
        &spec,
        &journal,
        &options,
        progress.monitor().as_ref(),
    );
    progress.finish();
    let written = written?;
    say(global, &format!("result sheet: {}", written.display()));
    if global.json {
        out!(
            "{}",
            serde_json::json!({"job": folder.id().as_str(), "result": written, "exit": 0})
        );
    }
    Ok(exit::DONE)
}

/// Deletes finished jobs of which nothing is in doubt. The ledger keeps what they added.
fn prune(age: &str, global: &Global, state: &StateFolder) -> Outcome {
    let age = duration::parse(age).map_err(|error| usage(error, "such as --prune 90d"))?;
    let before =
        jiff::Timestamp::now().as_second() - i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let mut pruned = 0;
    for job in state.jobs()?.into_iter().map(see) {
        let old = job.spec.as_ref().is_some_and(|spec| spec.created < before);
        let settled = job
            .report
            .as_ref()
            .is_some_and(|report| report.status(Status::Unknown) == 0);
        if job.state == "finished" && old && settled {
            let lock = job.folder.lock()?;
            let name = job.folder.id().clone();
            job.folder.discard(lock)?;
            say(global, &format!("deleted {name}"));
            pruned += 1;
        }
    }
    say(global, &format!("{pruned} jobs deleted"));
    if global.json {
        out!("{}", serde_json::json!({"pruned": pruned, "exit": 0}));
    }
    Ok(exit::DONE)
}
