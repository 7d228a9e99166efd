//! `ferry map`: proposes a mapping for a spreadsheet.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;

use super::check::saved_schema;
use super::progress::Progress;
use super::source_flags::SourceFlags;
use super::{Global, print, signals, summary, usage};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::hint::quoted;
use crate::lang::{Lang, say};
use crate::model::{Code, Corrections, Problem, Schema, is_same_file};
use crate::pipeline::propose::{ProposeReport, ProposeRequest};
use crate::{job, pipeline, source};

/// What `ferry map` takes.
#[derive(Debug, Args)]
pub(super) struct MapArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    source: SourceFlags,
    #[arg(long, value_name = "FILE.json")]
    fields: Option<PathBuf>,
    #[arg(short, long, value_name = "MAPPING")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &MapArgs, global: &Global) -> CommandResult {
    let output = output_of(args, global)?;
    let read = args.source.read()?;
    let sheets = args.source.sheets_of_draft()?;
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    let mut owners = BTreeMap::new();
    let mut owner_ids = Vec::new();
    let schema = if let Some(path) = &args.fields {
        saved_schema(path)?
    } else {
        let settings = Settings::resolve(&global.choices(), None)?;
        summary::notices(&progress, &settings.notices);
        owners = source::named_owners(&settings.owner_sources())?;
        owner_ids = source::nameless_owners(&settings.owner_sources())?;
        let context = settings.context(false, progress.monitor(), &stop)?;
        Schema::new(
            &context.crm.fields().map_err(JobError::Call)?,
            &settings.overrides,
        )
    };
    let request = ProposeRequest {
        corrections: Corrections::default(),
        source: args.file.clone(),
        read,
        sheets,
        owners,
        owner_ids,
        schema,
        hints: global.hints.about(&args.file).written_to(&output),
        output,
        lang: global.lang(),
    };
    let report = pipeline::propose(&request, progress.monitor().as_ref(), &stop);
    progress.finish();
    let report = report?;
    if global.json {
        print::json(&json(&report));
    } else {
        for line in lines(&report, global.lang()) {
            super::put_note(global, &line);
        }
    }
    Ok(exit::DONE)
}

/// The most bytes of the source's name in the name of its mapping: file systems take 255 in all.
const LONGEST_STEM: usize = 230;

/// Returns the path of the mapping: a workbook unless the typed name is that of a TOML file. An existing file is
/// replaced only with `--yes`, because somebody may have filled it in.
fn output_of(args: &MapArgs, global: &Global) -> Result<PathBuf, Failure> {
    let default = || {
        let stem = job::stem_within(&job::stem_of(&args.file), LONGEST_STEM);
        args.file.with_file_name(format!("{stem}.map.xlsx"))
    };
    let output = args.output.clone().unwrap_or_else(default);
    let is_known = output.extension().is_some_and(|extension| {
        extension.eq_ignore_ascii_case("toml") || extension.eq_ignore_ascii_case("xlsx")
    });
    if !is_known {
        let path = output.display().to_string();
        return Err(usage(say::map::unknown_extension(&path)));
    }
    if is_same_file(&output, Path::new(&args.file)) {
        return Err(usage(say::usage::output_is_source()));
    }
    if output.exists() && !global.yes {
        let path = output.display().to_string();
        let problem = Problem::new(Code::MapExists).with("path", path);
        return Err(Failure::of(exit::USAGE, &problem));
    }
    Ok(output)
}

fn lines(report: &ProposeReport, lang: Lang) -> Vec<String> {
    let mut lines: Vec<String> = report
        .doubts
        .iter()
        .map(|(column, header, doubt)| say::map::doubt(lang, column, header, doubt))
        .collect();
    let counts = say::map::ProposalCounts {
        rows: report.rows,
        certain: report.certain,
        ignored: report.ignored,
        doubts: report.doubts.len(),
        words: report.words,
        owners: report.owners,
    };
    lines.push(say::map::counts(lang, &counts));
    let output = report.output.display().to_string();
    lines.push(say::map::mapping_written(lang, &output));
    let is_open =
        !report.doubts.is_empty() || report.words + report.owners > 0 || report.contact_rows > 0;
    let next = say::map::what_next(lang, &quoted(&output), is_open);
    lines.push(say::hint(lang, &next));
    lines
}

fn json(report: &ProposeReport) -> serde_json::Value {
    let doubts: Vec<_> = report
        .doubts
        .iter()
        .map(|(column, header, doubt)| {
            serde_json::json!({"column": column, "header": header, "doubt": doubt})
        })
        .collect();
    serde_json::json!({
        "file": report.output,
        "rows": report.rows,
        "certain": report.certain,
        "ignored": report.ignored,
        "doubts": doubts,
        "words": report.words,
        "owners": report.owners,
        "contact_rows": report.contact_rows,
        "exit": exit::DONE,
    })
}
