//! `ferry diff`: compares two exports without a network.

use std::path::PathBuf;

use clap::Args;

use super::{Global, print, put_note, usage};
use crate::export::diff::changes::{Change, ChangeKind};
use crate::export::diff::compare::{DiffReport, DiffRequest};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::lang;
use crate::lang::{Lang, say};
use crate::model::{is_same_file, shortened_pair};

/// What `ferry diff` takes.
#[derive(Debug, Args)]
pub(super) struct DiffArgs {
    #[arg(value_name = "OLD")]
    old: PathBuf,
    #[arg(value_name = "NEW")]
    new: PathBuf,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// The number of changes that are printed.
const EXAMPLES: usize = 20;

/// Runs the command.
pub(super) fn run(args: &DiffArgs, global: &Global) -> CommandResult {
    let lang = global.lang();
    if let Some(output) = &args.output {
        let ends_well = output.extension().is_some_and(|extension| {
            ["xlsx", "csv"]
                .iter()
                .any(|known| extension.eq_ignore_ascii_case(known))
        });
        if !ends_well {
            return Err(usage(say::diff::no_format(&output.display().to_string())));
        }
        for input in [&args.old, &args.new] {
            if is_same_file(output, input) {
                return Err(usage(say::diff::writes_over(&output.display().to_string())));
            }
        }
    }
    let folder = tempfile::tempdir().map_err(|error| {
        let folder = std::env::temp_dir().display().to_string();
        let words = say::usage::name_a_writable_file(&folder, &error.to_string());
        Failure::said(exit::LOCAL, words)
    })?;
    let report = crate::export::diff::diff(&DiffRequest {
        old: args.old.clone(),
        new: args.new.clone(),
        output: args.output.clone(),
        examples: EXAMPLES,
        folder: folder.path().to_path_buf(),
        lang,
    })?;
    let counts = &report.counts;
    let code = if counts.added + counts.changed + counts.gone > 0 {
        exit::PARTLY
    } else {
        exit::DONE
    };
    if global.json {
        let mut json = serde_json::json!(counts);
        json["file"] = serde_json::json!(args.output);
        json["exit"] = code.into();
        print::json(&json);
        return Ok(code);
    }
    for notice in &report.notices {
        let words = lang::words(notice, lang);
        put_note(
            global,
            &say::notice_mark(lang, &words.message, &notice.code.to_string()),
        );
    }
    for line in lines(&report, lang) {
        out!("{line}");
    }
    if let Some(output) = &args.output {
        put_note(
            global,
            &say::diff::sheet_written(lang, &output.display().to_string()),
        );
    }
    Ok(code)
}

fn lines(report: &DiffReport, lang: Lang) -> Vec<String> {
    let counts = &report.counts;
    let said = say::diff::counts(lang, counts.added, counts.changed, counts.gone);
    let mut lines = vec![say::diff::total(lang, &said, counts.unchanged)];
    for (is_old, columns) in [(true, &counts.only_old), (false, &counts.only_new)] {
        if !columns.is_empty() {
            let columns = say::amounts::list(lang, columns.iter().map(String::as_str));
            lines.push(say::diff::missing_columns(lang, is_old, &columns));
        }
    }
    lines.extend(
        report
            .examples
            .iter()
            .map(|change| changed_field(change, lang)),
    );
    let all = counts.added + counts.fields + counts.gone;
    let shown = report.examples.len() as u64;
    if all > shown {
        lines.push(say::diff::more(lang, all - shown));
    }
    lines
}

fn changed_field(change: &Change, lang: Lang) -> String {
    match change.kind {
        ChangeKind::Changed => {
            let (old, new) = shortened_pair(&change.old, &change.new);
            let whose = (change.name.as_str(), change.id.as_str());
            say::diff::field(lang, whose.0, whose.1, &change.field, (&old, &new))
        }
        kind => say::diff::customer(lang, kind.as_str(), &change.name, &change.id),
    }
}
