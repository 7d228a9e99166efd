//! `ferry delete`: deletes customers by their `_id`.

use std::path::PathBuf;

use clap::Args;

use super::failure::{Failure, Outcome};
use super::finish::Finish;
use super::settings::Settings;
use super::work::Work;
use super::{Global, confirm, import, source_flags, summary, undo};
use crate::job::spec::SheetOptions;
use crate::mapping::HeaderRows;
use crate::pipeline;
use crate::pipeline::delete::DeleteRequest;
use crate::pipeline::rehearsal::RemovalReport;
use crate::table::ReadOptions;

/// Delete customers by their _id, after keeping a copy of each; of a result sheet, those that its rows added
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    /// A result sheet, an export, or a list with the header _id; .xlsx or .csv, '-' for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The sheet to read; repeatable, '*' for all [default: those with a column _id]
    #[arg(long, value_name = "NAME")]
    sheet: Vec<String>,
    /// The row number of the header [default: found]
    #[arg(long, value_name = "N", value_parser = source_flags::header_rows)]
    header_row: Option<HeaderRows>,
    /// The encoding of a CSV file, such as gb18030 [default: found]
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    /// Of a result sheet, also customers that its rows did not add
    #[arg(long)]
    all_ids: bool,
    /// Say who would be deleted, with a preview, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Delete at most so many customers
    #[arg(long, value_name = "N", default_value_t = 1000)]
    max_delete: u64,
    /// The result sheet, .xlsx or .csv [default: <name>_delete_<time>.xlsx beside the file]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Delete only so many as a trial; `ferry resume` does the rest
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// When an hourly or daily quota is spent, stop instead of waiting
    #[arg(long)]
    no_wait: bool,
}

/// Runs the command.
pub(super) fn run(args: &DeleteArgs, global: &Global) -> Outcome {
    source_flags::check_output(args.output.as_deref(), &args.file)?;
    let settings = Settings::resolve(global, None)?;
    let deleted = carry_out(args, global, &settings);
    Finish::of(&settings).after("delete", deleted, global, |deleted| {
        let code = undo::print(deleted, global, &settings, &settings.state);
        (summary::json(&deleted.report, code), code)
    })
}

fn carry_out(
    args: &DeleteArgs,
    global: &Global,
    settings: &Settings,
) -> Result<RemovalReport, Failure> {
    let Work { progress, context } = Work::begin(settings, global, args.no_wait)?;
    let request = DeleteRequest {
        job: settings.job_request(args.output.as_deref(), args.no_wait),
        source: args.file.clone(),
        read: ReadOptions {
            encoding: args.encoding.clone(),
            ..ReadOptions::default()
        },
        sheets: SheetOptions {
            sheets: args.sheet.clone(),
            header_row: args.header_row,
            ..SheetOptions::default()
        },
        all_ids: args.all_ids,
        most: args.max_delete,
        dry_run: args.dry_run,
        send: settings.send_options(args.limit, None),
    };
    let report = pipeline::delete(&request, &context, &mut |preview| {
        confirm::before_undoing(preview, settings, global, &context, &progress)
    });
    progress.finish();
    report.map_err(|error| import::unfinished(error, global, &context.state))
}
