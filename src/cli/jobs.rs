//! `ferry jobs`: lists jobs, shows one, writes its result sheet, or deletes old ones.

use std::path::PathBuf;

use clap::Args;

use super::failure::{CommandResult, Failure, exit};
use super::progress::Progress;
use super::screen::{padded, width};
use super::settings::state_folder_alone;
use super::{Global, duration, export, job_line, print, put_note, resume, summary, usage};
use crate::export::run::ExportState;
use crate::job;
use crate::job::end::End;
use crate::job::report::Report;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JobStatus, Journal, StateFolder};
use crate::lang::say::jobs::{JobAct, JobLabel, JobStanding};
use crate::lang::{Lang, say};
use crate::model::{JobKind, Saying, Status};
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
    #[arg(long, value_name = "AGE", conflicts_with = "job")]
    prune: Option<String>,
}

/// Runs the command.
pub(super) fn run(args: &JobsArgs, global: &Global) -> CommandResult {
    let state = state_folder_alone(global)?;
    match (&args.job, &args.prune) {
        (Some(name), _) => one(&resume::find(&state, name)?, args, global),
        (None, Some(age)) => prune(age, global, &state),
        (None, None) => list(global, &state),
    }
}

/// A job as it is shown. A damaged job has no report.
struct SeenJob {
    folder: JobFolder,
    spec: Option<JobSpec>,
    report: Option<Report>,
    export: Option<ExportState>,
    state: JobStanding,
}

impl SeenJob {
    /// Returns when the job was made, in Unix seconds; `None` where its folder cannot be read.
    fn created(&self) -> Option<i64> {
        let of_spec = self.spec.as_ref().map(|spec| spec.created);
        of_spec.or_else(|| self.export.as_ref().map(|export| export.created))
    }
}

/// Returns a time as `2026-11-23T09:30:15Z`.
fn as_time(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| String::new(), |time| time.to_string())
}

fn see_export(folder: JobFolder) -> SeenJob {
    let export = crate::export::export_state(&folder).ok();
    let state = match &export {
        _ if folder.is_locked() => JobStanding::Running,
        Some(ExportState { outcome, .. }) if outcome.is_some() => JobStanding::Finished,
        Some(_) => JobStanding::Stopped,
        None => JobStanding::Damaged,
    };
    SeenJob {
        folder,
        spec: None,
        report: None,
        export,
        state,
    }
}

fn see(folder: JobFolder) -> SeenJob {
    if job::is_export(&folder) {
        return see_export(folder);
    }
    let spec = JobSpec::load(&folder).ok();
    let journal = Journal::read(&folder).ok();
    let kind = spec.as_ref().map_or(&JobKind::Import, |spec| &spec.kind);
    let report = journal
        .as_ref()
        .and_then(|journal| job::report_of(&folder, journal, kind, End::Finished).ok());
    let running = folder.is_locked();
    let report = report.map(|report| Report {
        counts: if running {
            report.counts.running()
        } else {
            report.counts
        },
        ..report
    });
    let decided = journal.as_ref().and_then(|journal| journal.status().ok());
    let state = match decided {
        _ if running => JobStanding::Running,
        Some(JobStatus::Finished) => JobStanding::Finished,
        Some(JobStatus::Open) => JobStanding::Stopped,
        Some(JobStatus::Planned) => JobStanding::Planned,
        Some(JobStatus::Planning) => JobStanding::Undecided,
        None => JobStanding::Damaged,
    };
    SeenJob {
        folder,
        spec,
        report,
        export: None,
        state,
    }
}

fn list(global: &Global, state: &StateFolder) -> CommandResult {
    let lang = global.lang();
    let jobs: Vec<SeenJob> = state.jobs()?.into_iter().map(see).collect();
    if global.json {
        let list: Vec<_> = jobs
            .iter()
            .map(|job| {
                let mut object = match (&job.report, &job.export) {
                    (Some(report), _) => summary::json(report, exit_of(job)),
                    (None, Some(state)) => export::state_json(&job.folder, state, exit_of(job)),
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
    let lines: Vec<[String; 3]> = jobs
        .iter()
        .map(|job| {
            let id = job.folder.id();
            let state = job.state.name(lang).to_owned();
            [job_line::moment(id), state, in_words(job, lang)]
        })
        .collect();
    let widest = |column: usize| {
        let cells = lines.iter().map(|line| width(&line[column]));
        cells.max().unwrap_or(0)
    };
    let columns = [widest(0), widest(1), widest(2).min(WIDEST_WORDS)];
    for (job, line) in jobs.iter().zip(&lines) {
        let cells = line.iter().zip(columns);
        let cells = cells.map(|(cell, column)| padded(cell, column));
        let cells = cells.collect::<Vec<_>>().join("  ");
        out!("{cells}  {}", job.folder.id());
    }
    Ok(exit::DONE)
}

/// The width from which on the words about a job push its id out of line.
const WIDEST_WORDS: usize = 60;

/// Returns what a job does with which file, and what has come of it; only its name where it cannot be read.
fn in_words(job: &SeenJob, lang: Lang) -> String {
    let is_plan = job.state == JobStanding::Planned;
    match (&job.spec, &job.report, &job.export) {
        (Some(spec), Some(report), _) => job_line::in_words(spec, report, is_plan, lang),
        (Some(spec), None, _) => job_line::act(spec, is_plan, lang),
        (None, _, Some(export)) => export_in_words(export, lang),
        (None, _, None) => String::new(),
    }
}

fn export_in_words(export: &ExportState, lang: Lang) -> String {
    let act = match &export.target {
        Some(target) => {
            let written = export.outcome.as_ref();
            let written = written.and_then(|outcome| outcome.file.as_ref());
            let file = job_line::file_name(written.unwrap_or(target));
            say::jobs::act(lang, JobAct::Export, &file)
        }
        None => say::jobs::export_to_stdout(lang).to_owned(),
    };
    let act = if export.account.sandbox {
        say::jobs::with_remark(lang, &act, say::embedded_crm(lang))
    } else {
        act
    };
    say::jobs::act_and_counts(lang, &act, &customers_of(export, lang))
}

fn exit_of(job: &SeenJob) -> u8 {
    let outcome = job
        .export
        .as_ref()
        .and_then(|export| export.outcome.as_ref());
    match (job.state, &job.report, outcome) {
        (JobStanding::Finished | JobStanding::Planned, Some(report), _) => report.exit_code(),
        (JobStanding::Finished, None, Some(outcome)) if outcome.complete => exit::DONE,
        (JobStanding::Finished, None, Some(_)) => exit::PARTLY,
        _ => exit::STOPPED,
    }
}

/// Returns the number of an export's customers, with a remark when customers may be missing.
fn customers_of(state: &ExportState, lang: Lang) -> String {
    let outcome = state.outcome.as_ref();
    let customers = outcome.map_or(state.spooled, |outcome| outcome.customers);
    let customers = say::export::customers(lang, customers);
    if outcome.is_some_and(|outcome| !outcome.complete) {
        say::jobs::with_remark(lang, &customers, say::export::is_incomplete(lang))
    } else {
        customers
    }
}

/// Prints a job that is an export.
fn one_export(seen: &SeenJob, export: &ExportState, global: &Global) -> u8 {
    let lang = global.lang();
    let folder = &seen.folder;
    if global.json {
        print::json(&export::state_json(folder, export, exit_of(seen)));
        return exit::DONE;
    }
    let account = if export.account.sandbox {
        say::embedded_crm(lang).to_owned()
    } else {
        say::account(lang, &export.account.appid, &export.account.host)
    };
    let next = match seen.state {
        JobStanding::Running => say::jobs::wait(lang).to_owned(),
        JobStanding::Stopped => summary::resume_command(folder.id(), global),
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
    if job::is_export(folder) {
        let seen = see_export(folder.clone());
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
    let seen = see(folder.clone());
    let (Some(spec), Some(report)) = (&seen.spec, &seen.report) else {
        let detail = Journal::read(folder)
            .err()
            .map_or_else(|| Saying::JobFileUnreadable.into(), |error| error.detail());
        let words = say::jobs::damaged(folder.id().as_str(), &say::usage::in_both(&detail));
        return Err(Failure::said(exit::LOCAL, words));
    };
    let code = exit_of(&seen);
    let lang = global.lang();
    if global.json {
        print::json(&summary::json(report, code));
        return Ok(exit::DONE);
    }
    let account = if spec.account.sandbox {
        say::embedded_crm(lang).to_owned()
    } else {
        say::account(lang, &spec.account.appid, &spec.account.host)
    };
    let next = match seen.state {
        JobStanding::Running => say::jobs::wait(lang).to_owned(),
        JobStanding::Stopped => summary::resume_command(folder.id(), global),
        JobStanding::Undecided => say::jobs::import_again(lang).to_owned(),
        JobStanding::Planned => summary::command_of("apply", folder.id(), global),
        // Rows in doubt are looked up before wrong rows are corrected.
        _ if report.status(Status::Unknown) > 0 => summary::resume_command(folder.id(), global),
        _ if report.status(Status::Invalid) + report.status(Status::Failed) > 0 => {
            say::jobs::mend(lang).to_owned()
        }
        _ => say::jobs::nothing(lang).to_owned(),
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
    line(
        JobLabel::Rows,
        &remarked(&total, &summary::counts(report, lang)),
    );
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
            &serde_json::json!({"job": folder.id().as_str(), "result": written, "exit": 0}),
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
    for job in state.jobs()?.into_iter().map(see) {
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
