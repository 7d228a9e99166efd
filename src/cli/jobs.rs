//! `ferry jobs`: lists jobs, shows one, writes its result sheet, or deletes old ones.

use std::path::PathBuf;

use clap::Args;

use super::progress::Progress;
use super::screen::{padded, width};
use super::{Global, export, print, put_note, report_flag, resume, summary, usage};
use crate::export::run::ExportState;
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::report_words;
use crate::face::result_json;
use crate::face::seen_job::{NextAct, SeenJob, as_time, customers_of};
use crate::face::settings::state_folder_alone;
use crate::face::{duration, job_line};
use crate::job;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, StateFolder};
use crate::lang::say;
use crate::lang::say::jobs::{JobLabel, JobStanding};
use crate::model::{Saying, Status};
use crate::results::result::{ResultOptions, write_result};

/// What `ferry jobs` takes.
#[derive(Debug, Args)]
pub(super) struct JobsArgs {
    #[arg(value_name = "JOB")]
    job: Option<String>,
    #[arg(long, value_name = "FILE", requires = "job")]
    result: Option<PathBuf>,
    #[arg(long, value_name = "STATUS", requires = "result")]
    only: Option<String>,
    #[arg(long, value_name = "FILE", requires = "job", conflicts_with = "result")]
    report: Option<PathBuf>,
    #[arg(long, value_name = "AGE", conflicts_with = "job")]
    prune: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &JobsArgs, global: &Global) -> CommandResult {
    let state = state_folder_alone(&global.choices())?;
    match (&args.job, &args.prune) {
        (Some(name), _) => one(&resume::find(&state, name)?, args, global),
        (None, Some(age)) => prune(age, global, &state),
        (None, None) => list(global, &state),
    }
}

fn list(global: &Global, state: &StateFolder) -> CommandResult {
    let lang = global.lang();
    let jobs: Vec<SeenJob> = state.jobs()?.into_iter().map(SeenJob::of).collect();
    if global.json {
        let list: Vec<_> = jobs
            .iter()
            .map(|job| {
                let mut object = match (&job.report, &job.export) {
                    (Some(report), _) => result_json::of_report(report, job.exit_code()),
                    (None, Some(state)) => export::state_json(&job.folder, state, job.exit_code()),
                    (None, None) => serde_json::json!({}),
                };
                if let Some(fields) = object.as_object_mut() {
                    fields.insert("job".to_owned(), job.folder.id().as_str().into());
                    fields.insert("state".to_owned(), job.state.as_str().into());
                    let source = job.spec.as_ref().map(|spec| &spec.source.path);
                    let source = source.map(|path| path.to_string_lossy().into_owned());
                    fields.insert("source".to_owned(), source.into());
                    let created = job.created();
                    fields.insert("created".to_owned(), created.map(as_time).into());
                }
                object
            })
            .collect();
        print::json(&serde_json::Value::Array(list));
        return Ok(exit::DONE);
    }
    if jobs.is_empty() {
        put_note(
            global,
            &say::jobs::none(lang, &state.root().display().to_string()),
        );
        return Ok(exit::DONE);
    }
    // What varies most stands last, so that all columns are in line.
    let lines: Vec<[String; 3]> = jobs
        .iter()
        .map(|job| {
            let id = job.folder.id();
            let state = job.state.name(lang).to_owned();
            [job_line::moment(id), state, id.to_string()]
        })
        .collect();
    let widest = |column: usize| {
        let cells = lines.iter().map(|line| width(&line[column]));
        cells.max().unwrap_or(0)
    };
    let columns = [widest(0), widest(1), widest(2)];
    for (job, line) in jobs.iter().zip(&lines) {
        let cells = line.iter().zip(columns);
        let cells = cells.map(|(cell, column)| padded(cell, column));
        let cells = cells.collect::<Vec<_>>().join("  ");
        out!("{cells}  {}", job.in_words(lang));
    }
    Ok(exit::DONE)
}

/// Prints a job that is an export.
fn one_export(seen: &SeenJob, export: &ExportState, global: &Global) -> u8 {
    let lang = global.lang();
    let folder = &seen.folder;
    if global.json {
        print::json(&export::state_json(folder, export, seen.exit_code()));
        return exit::DONE;
    }
    let account = if export.account.sandbox {
        say::embedded_crm(lang).to_owned()
    } else {
        say::account(lang, &export.account.appid, &export.account.host)
    };
    let next = match seen.next_step() {
        NextAct::Wait => say::jobs::wait(lang).to_owned(),
        NextAct::Resume => summary::resume_command(folder.id(), global),
        _ => say::jobs::nothing(lang).to_owned(),
    };
    let id = say::jobs::with_remark(lang, folder.id().as_str(), seen.state.name(lang));
    let file = export
        .outcome
        .as_ref()
        .and_then(|outcome| outcome.file.as_ref());
    let file = file.or(export.target.as_ref());
    let mut facts = vec![
        (JobLabel::Job, id),
        (JobLabel::Account, account),
        (JobLabel::Rows, customers_of(export, lang)),
    ];
    facts.extend(file.map(|file| (JobLabel::Result, file.display().to_string())));
    facts.push((JobLabel::Folder, folder.path().display().to_string()));
    facts.push((JobLabel::Next, next));
    let width = JobLabel::ALL
        .iter()
        .map(|label| width(label.name(lang)))
        .max();
    for (label, text) in facts {
        out!("{} {text}", padded(label.name(lang), width.unwrap_or(0)));
    }
    exit::DONE
}

fn one(folder: &JobFolder, args: &JobsArgs, global: &Global) -> CommandResult {
    if let Some(path) = &args.report {
        return write_report(folder, path, global);
    }
    if job::is_export(folder) {
        let seen = SeenJob::of(folder.clone());
        if let (Some(export), None) = (&seen.export, &args.result) {
            return Ok(one_export(&seen, export, global));
        }
        if args.result.is_some() {
            return Err(usage(say::jobs::no_result_sheet(folder.id().as_str())));
        }
    }
    if let Some(path) = &args.result {
        return result(folder, path, args.only.as_deref(), global);
    }
    let seen = SeenJob::of(folder.clone());
    let (Some(spec), Some(report)) = (&seen.spec, &seen.report) else {
        let detail = Journal::read(folder)
            .err()
            .map_or_else(|| Saying::JobFileUnreadable.into(), |error| error.detail());
        let words = say::jobs::damaged(folder.id().as_str(), &say::usage::in_both(&detail));
        return Err(Failure::said(exit::LOCAL, words));
    };
    let code = seen.exit_code();
    let lang = global.lang();
    if global.json {
        print::json(&result_json::of_report(report, code));
        return Ok(exit::DONE);
    }
    let account = if spec.account.sandbox {
        say::embedded_crm(lang).to_owned()
    } else {
        say::account(lang, &spec.account.appid, &spec.account.host)
    };
    let next = match seen.next_step() {
        NextAct::Wait => say::jobs::wait(lang).to_owned(),
        NextAct::Resume => summary::resume_command(folder.id(), global),
        NextAct::ImportAgain => say::jobs::import_again(lang).to_owned(),
        NextAct::Apply => summary::command_of("apply", folder.id(), global),
        NextAct::Mend => say::jobs::mend(lang).to_owned(),
        NextAct::Nothing => say::jobs::nothing(lang).to_owned(),
    };
    let width = JobLabel::ALL
        .iter()
        .map(|label| width(label.name(lang)))
        .max();
    let line = |label: JobLabel, text: &str| {
        out!("{} {text}", padded(label.name(lang), width.unwrap_or(0)));
    };
    let remarked = |name: &str, remark: &str| say::jobs::with_remark(lang, name, remark);
    line(
        JobLabel::Job,
        &remarked(folder.id().as_str(), seen.state.name(lang)),
    );
    line(JobLabel::Account, &account);
    line(JobLabel::Source, &spec.source.path.display().to_string());
    let total = report.counts.total().to_string();
    let counts = match seen.state {
        JobStanding::Planned => report_words::counts_of_plan(report, lang),
        _ => report_words::counts(report, lang),
    };
    line(JobLabel::Rows, &remarked(&total, &counts));
    let time = say::amounts::duration(lang, report.elapsed);
    line(
        JobLabel::Calls,
        &say::summary::cost(lang, report.calls, &time),
    );
    if let Some(path) = &report.result {
        let shown = path.display().to_string();
        if path.is_file() {
            line(JobLabel::Result, &shown);
        } else {
            let gone = say::jobs::no_longer_there(lang);
            line(JobLabel::Result, &remarked(&shown, gone));
        }
    }
    line(JobLabel::Folder, &folder.path().display().to_string());
    line(JobLabel::Next, &next);
    Ok(exit::DONE)
}

/// Writes the report of a job.
fn write_report(folder: &JobFolder, path: &std::path::Path, global: &Global) -> CommandResult {
    report_flag::check(path)?;
    let written = report_flag::write_of_job(path, folder, global)?;
    put_note(
        global,
        &say::report::written(global.lang(), &written.display().to_string()),
    );
    if global.json {
        print::json(
            &serde_json::json!({"job": folder.id().as_str(), "report": written.to_string_lossy(), "exit": 0}),
        );
    }
    Ok(exit::DONE)
}

fn result(
    folder: &JobFolder,
    path: &std::path::Path,
    only: Option<&str>,
    global: &Global,
) -> CommandResult {
    let statuses = || {
        Status::ALL
            .iter()
            .map(|status| status.as_str())
            .collect::<Vec<_>>()
            .join(", ")
    };
    let only = only
        .map(|text| {
            Status::parse(text).ok_or_else(|| usage(say::jobs::no_status(text, &statuses())))
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
        hints: global.hints.clone(),
        ..ResultOptions::default()
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
    put_note(
        global,
        &say::summary::result(global.lang(), &written.display().to_string()),
    );
    if global.json {
        print::json(
            &serde_json::json!({"job": folder.id().as_str(), "result": written.to_string_lossy(), "exit": 0}),
        );
    }
    Ok(exit::DONE)
}

/// Deletes finished jobs and plans that are old and have no row in doubt. The ledger keeps what they added.
fn prune(age: &str, global: &Global, state: &StateFolder) -> CommandResult {
    let age = duration::parse(age)
        .map_err(|why| usage(say::usage::bad_value("--prune", &why.into(), "--prune 90d")))?;
    let before =
        jiff::Timestamp::now().as_second() - i64::try_from(age.as_secs()).unwrap_or(i64::MAX);
    let mut pruned = 0;
    for job in state.jobs()?.into_iter().map(SeenJob::of) {
        let old = job.created().is_some_and(|created| created < before);
        let settled = job.export.is_some()
            || job
                .report
                .as_ref()
                .is_some_and(|report| report.status(Status::Unknown) == 0);
        if matches!(job.state, JobStanding::Finished | JobStanding::Planned) && old && settled {
            let lock = job.folder.lock()?;
            let name = job.folder.id().clone();
            job.folder.discard(lock)?;
            put_note(global, &say::jobs::deleted(global.lang(), name.as_str()));
            pruned += 1;
        }
    }
    put_note(global, &say::jobs::pruned(global.lang(), pruned));
    if global.json {
        print::json(&serde_json::json!({"pruned": pruned, "exit": 0}));
    }
    Ok(exit::DONE)
}
