//! `ferry template`: writes an import workbook made from the account's fields.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check::saved_schema;
use super::progress::Progress;
use super::{Global, print, put_note, signals, summary, usage};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{Lang, say};
use crate::model::{Schema, is_same_file};
use crate::pipeline;
use crate::pipeline::template::workbook::{TemplateReport, TemplateRequest};

/// What `ferry template` takes.
#[derive(Debug, Args)]
pub(super) struct TemplateArgs {
    #[arg(short, long, value_name = "FILE.xlsx")]
    output: PathBuf,
    #[arg(long, value_name = "FILE.json")]
    fields: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &TemplateArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    let is_workbook = args
        .output
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"));
    if !is_workbook {
        let path = args.output.display().to_string();
        return Err(usage(say::template::no_workbook(&path)));
    }
    need_folder(&args.output)?;
    let schema = schema(args.fields.as_deref(), &args.output, global)?;
    let report = pipeline::template(&TemplateRequest {
        schema,
        output: args.output.clone(),
        lang,
    })?;
    if global.json {
        print::json(&json(&report));
    } else {
        for line in lines(&report, lang) {
            put_note(global, &line);
        }
    }
    Ok(exit::DONE)
}

/// Fails, before the first call, where the folder of the template does not exist.
fn need_folder(output: &Path) -> Result<(), Failure> {
    let Some(folder) = output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty())
    else {
        return Ok(());
    };
    std::fs::metadata(folder).map(drop).map_err(|error| {
        let folder = folder.display().to_string();
        let words = say::usage::name_a_writable_file(&folder, &error.to_string());
        Failure::said(exit::LOCAL, words)
    })
}

fn schema(saved: Option<&Path>, output: &Path, global: &Global) -> Result<Schema, Failure> {
    if let Some(path) = saved {
        if is_same_file(output, path) {
            return Err(usage(say::usage::output_is_source()));
        }
        return saved_schema(path);
    }
    let settings = Settings::resolve(&global.choices(), None)?;
    let stop = signals::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    let context = settings.context(false, progress.monitor(), &stop)?;
    let fields = context.crm.fields().map_err(JobError::Call)?;
    progress.finish();
    Ok(Schema::new(&fields, &settings.overrides))
}

fn lines(report: &TemplateReport, lang: Lang) -> Vec<String> {
    let mut lines = Vec::new();
    if !report.nameless.is_empty() {
        let labels = report.nameless.iter().map(String::as_str);
        let labels = say::amounts::list(lang, labels);
        lines.push(say::template::nameless(lang, &labels));
    }
    let path = report.output.display().to_string();
    lines.push(say::template::template_written(
        lang,
        &path,
        report.fields,
        report.required,
    ));
    lines.push(say::hint(lang, &say::template::what_next(lang, &path)));
    lines
}

fn json(report: &TemplateReport) -> serde_json::Value {
    serde_json::json!({
        "file": report.output,
        "fields": report.fields,
        "required": report.required,
        "exit": exit::DONE,
    })
}
