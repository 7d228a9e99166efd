//! `ferry undo`: takes a job back.

use std::path::{Path, PathBuf};

use clap::Args;

use super::finish;
use super::report_flag::WrittenReport;
use super::work::Work;
use super::{Global, ask, confirm, import, plan, print, put_note, resume, source_flags, summary};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::job_line;
use crate::face::result_json;
use crate::face::settings::{Settings, state_folder_alone};
use crate::face::{plan_words, report_words};
use crate::job::JobRequest;
use crate::job::end::End;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, StateFolder};
use crate::lang::say;
use crate::model::{Action, Code, Problem};
use crate::pipeline::undo::sheet::RowsOfSheet;
use crate::{job, pipeline};

pub(crate) use crate::pipeline::undo::take_back::{RemovalReport, UndoRequest};

/// What `ferry undo` takes.
#[derive(Debug, Args)]
pub(super) struct UndoArgs {
    #[arg(value_name = "JOB|RESULT")]
    job: Option<String>,
    #[arg(long)]
    dry_run: bool,
    #[arg(long)]
    force: bool,
    #[arg(long, value_name = "N", default_value_t = pipeline::MOST_DELETED)]
    max_delete: u64,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long)]
    no_wait: bool,
}

/// Runs the command.
pub(super) fn run(args: &UndoArgs, global: &Global) -> CommandResult {
    let state = state_folder_alone(&global.choices())?;
    let (folder, rows) = match &args.job {
        Some(text) => meant(text, &state)?,
        None => (latest(args, global, &state)?, None),
    };
    if job::is_export(&folder) {
        return Err(JobError::NothingWritten(folder.id().clone()).into());
    }
    let spec = JobSpec::load(&folder)?;
    source_flags::check_output(args.output.as_deref(), &spec.source.path)?;
    let settings = Settings::resolve(&global.choices(), Some(&spec.account))?;
    let undone = undo_job(args, &folder, rows, &spec, global, &settings);
    finish::after(&Finish::of(&settings), "undo", undone, global, |undone| {
        let code = print_undo(undone, global, &settings);
        (result_json::of_report(&undone.report, code), code)
    })
}

/// Returns the job of a name, or the job of a result sheet with the rows that stand in the sheet.
fn meant(text: &str, state: &StateFolder) -> Result<(JobFolder, Option<RowsOfSheet>), Failure> {
    let path = Path::new(text);
    if !path.is_file() {
        return Ok((resume::find(state, text)?, None));
    }
    let (job, rows) = pipeline::rows_of_result(path)?;
    let folder = state.job(&job).map_err(|_| {
        Failure::of(
            exit::USAGE,
            &Problem::new(Code::NoSuchJob).with("job", job.as_str()),
        )
    })?;
    Ok((folder, Some(rows)))
}

/// Returns the latest job that can be taken back, and names it. The question before the undo is then about this job;
/// where nobody would be asked, the job must be named.
fn latest(args: &UndoArgs, global: &Global, state: &StateFolder) -> Result<JobFolder, Failure> {
    let lang = global.lang();
    let mut latest: Option<(i64, JobFolder, JobSpec)> = None;
    for folder in state.jobs()? {
        // A job that cannot be read is passed over.
        let Ok(spec) = JobSpec::load(&folder) else {
            continue;
        };
        let Some(last) = job::last_written(&folder).ok().flatten() else {
            continue;
        };
        let is_wanted = !global.sandbox || spec.account.sandbox;
        let is_later = latest.as_ref().is_none_or(|(other, ..)| last >= *other);
        if is_wanted && is_later && pipeline::can_be_undone(&folder, &spec)? {
            latest = Some((last, folder, spec));
        }
    }
    let Some((_, folder, spec)) = latest else {
        return Err(Failure::said(exit::NOTHING, say::jobs::none_to_undo()));
    };
    let journal = Journal::read(&folder)?;
    let report = job::report_of(&folder, &journal, &spec.kind, End::Finished)?;
    let what = job_line::in_words(&spec, &report, false, lang);
    let is_asked = ask::is_possible() && !global.yes;
    if !is_asked && !args.dry_run {
        let problem = Problem::new(Code::WhichUndo)
            .with("job", spec.id.as_str())
            .with("what", what)
            .with("undo", summary::command_of("undo", &spec.id, global));
        return Err(Failure::of(exit::USAGE, &problem));
    }
    let when = job_line::moment(&spec.id);
    print::say_line(&say::jobs::latest_to_undo(
        lang,
        (spec.id.as_str(), &when),
        &what,
    ));
    Ok(folder)
}

fn undo_job(
    args: &UndoArgs,
    folder: &JobFolder,
    rows: Option<RowsOfSheet>,
    spec: &JobSpec,
    global: &Global,
    settings: &Settings,
) -> Result<RemovalReport, Failure> {
    let Work { progress, context } = Work::begin(settings, global, args.no_wait)?;
    let request = UndoRequest {
        job: JobRequest {
            // The original job's settings are those of the account that it wrote to.
            api: spec.api.clone(),
            ..settings.job_request(args.output.as_deref(), args.no_wait)
        },
        original: folder.clone(),
        rows,
        force: args.force,
        dry_run: args.dry_run,
        most: args.max_delete,
        send: settings.send_options(None, None),
    };
    let undone = pipeline::undo(&request, &context, &mut |preview| {
        confirm::before_undoing(preview, settings, global, &context, &progress)
    });
    progress.finish();
    undone.map_err(|error| import::unfinished(error, global))
}

/// Prints the result of an undo or a delete, or of its rehearsal. Returns the exit code.
pub(super) fn print_undo(undone: &RemovalReport, global: &Global, settings: &Settings) -> u8 {
    let Some(preview) = &undone.preview else {
        return summary::print_summary(&undone.report, &WrittenReport::NotAsked, global).1;
    };
    let (lang, report) = (settings.lang, &undone.report);
    let code = report.exit_code();
    if global.json {
        print::json(&result_json::of_report(report, code));
        return code;
    }
    put_note(
        global,
        &plan_words::in_lines(preview, settings, settings.lang),
    );
    if preview.adds_again() {
        put_note(global, say::confirm::new_customers(lang));
    }
    plan::show_changes(&undone.changes, preview.rows(Action::Restore), global);
    for line in report_words::example_lines(report, crate::lang::words, lang) {
        put_note(global, &line);
    }
    if let Some(path) = &report.result {
        put_note(global, &say::plan::sheet(lang, &path.display().to_string()));
    }
    put_note(global, say::plan::dry_run(lang));
    code
}
