//! `ferry check`: checks every row of a spreadsheet and sends nothing.

use std::path::{Path, PathBuf};

use clap::Args;

use super::key_flags::KeyFlags;
use super::progress::Progress;
use super::source_flags::SourceFlags;
use super::{Global, fields, print, put_note, signals, source_flags, summary, usage};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::report_words;
use crate::face::settings::Settings;
use crate::job::error_limit::MaxErrors;
use crate::lang::{Lang, say};
use crate::model::{Corrections, Schema};
use crate::pipeline::check::{CheckReport, CheckRequest};
use crate::{job, lang, pipeline, source};

/// What `ferry check` takes.
#[derive(Debug, Args)]
pub(super) struct CheckArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    source: SourceFlags,
    #[command(flatten)]
    keys: KeyFlags,
    #[arg(long, value_name = "N")]
    max_errors: Option<MaxErrors>,
    #[arg(long, value_name = "FILE.json")]
    fields: Option<PathBuf>,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, requires = "output")]
    all: bool,
}

/// Runs the command.
pub(super) fn run(args: &CheckArgs, global: &Global) -> CommandResult {
    source_flags::check_output(args.output.as_deref(), &args.file)?;
    let read = args.source.read()?;
    let stop = signals::stop_on_signals(global.lang())?;
    let mut sheets = args.source.sheets()?;
    let progress = Progress::start(global);
    let mut calls = 0;
    let (mut state, mut account) = (None, None);
    let schema = if let Some(path) = &args.fields {
        saved_schema(path)?
    } else {
        let settings = Settings::resolve(&global.choices(), None)?;
        summary::notices(&progress, &settings.notices);
        source::add_owners(&mut sheets, &settings.owner_sources())?;
        let context = settings.context(false, progress.monitor(), &stop)?;
        let fields = context.crm.fields().map_err(job::JobError::Call)?;
        state = Some(settings.state.clone());
        account = Some(settings.account.key.clone());
        calls = context.monitor.calls();
        Schema::new(&fields, &settings.overrides)
    };
    let request = CheckRequest {
        corrections: Corrections::default(),
        source: args.file.clone(),
        read,
        sheets,
        mode: args.source.mode(),
        key: args.keys.key.clone(),
        blank_key: args.keys.blank_key(),
        max_errors: args.max_errors,
        schema,
        state,
        account,
        output: args.output.clone(),
        keep: None,
        calls,
        all: args.all,
        lang: global.lang(),
        hints: global.hints.clone(),
    };
    let report = pipeline::check_file(&request, progress.monitor().as_ref(), &stop);
    progress.finish();
    let report = report?;
    let code = if report.invalid > 0 {
        exit::INPUT
    } else {
        exit::DONE
    };
    if global.json {
        print::json(&json(&report, code));
    } else {
        for line in lines(&report, global.lang()) {
            put_note(global, &line);
        }
    }
    Ok(code)
}

/// Reads a field list from a file, in the form of `ferry fields --save` or of the API's reply.
pub(super) fn saved_schema(path: &Path) -> Result<Schema, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        usage(say::fields::unreadable(
            &path.display().to_string(),
            &error.to_string(),
        ))
    })?;
    Ok(Schema::new(
        &fields::parse_saved(&text, path)?,
        &std::collections::BTreeMap::new(),
    ))
}

fn json(report: &CheckReport, code: u8) -> serde_json::Value {
    serde_json::json!({
        "job": null,
        "command": "check",
        "rows": report.rows,
        "added": report.adds,
        "updated": report.updates,
        "deleted": 0,
        "restored": 0,
        "unchanged": 0,
        "skipped": report.skipped,
        "invalid": report.invalid,
        "failed": 0,
        "unknown": report.unknown,
        "pending": 0,
        "api_calls": report.calls,
        "elapsed_s": (report.elapsed.as_secs_f64() * 1000.0).round() / 1000.0,
        "result": report.output,
        "exit": code,
    })
}

fn lines(report: &CheckReport, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    for example in &report.examples.shown {
        lines.push(report_words::example_line(
            example,
            crate::lang::words,
            lang,
        ));
    }
    if report.examples.more > 0 {
        lines.push(say::check::more_problems(lang, report.examples.more));
        for (code, count) in &report.codes {
            lines.push(format!(
                "  {count:>6} × {code} {}",
                lang::title(*code, lang)
            ));
        }
    }
    let counts = report.counts();
    let time = say::amounts::duration(lang, report.elapsed);
    lines.push(say::check::total(lang, &counts, &time));
    if report.is_cut_short {
        lines.push(say::check::cut_short(lang, report.rows));
    }
    match &report.output {
        Some(path) => lines.push(say::check::problems(lang, &path.display().to_string())),
        None if report.invalid > 0 => {
            lines.push(say::hint(lang, say::check::output_hint(lang)));
        }
        None => {}
    }
    lines
}
