//! `ferry delete`: deletes customers by their `_id`.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::work::Work;
use super::{Global, confirm, import, source_flags, undo};
use crate::face::failure::{CommandResult, Failure};
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::face::settings::Settings;
use crate::job::spec::SheetOptions;
use crate::mapping::HeaderRows;
use crate::pipeline;
use crate::pipeline::delete::DeleteRequest;
use crate::pipeline::rehearsal::RemovalReport;
use crate::table::ReadOptions;

/// What `ferry delete` takes.
#[derive(Debug, Args)]
pub(super) struct DeleteArgs {
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[arg(long, value_name = "NAME")]
    sheet: Vec<String>,
    #[arg(long, value_name = "N", value_parser = source_flags::header_rows)]
    header_row: Option<HeaderRows>,
    #[arg(long, value_name = "NAME")]
    encoding: Option<String>,
    #[arg(long)]
    all_ids: bool,
    #[arg(long)]
    dry_run: bool,
    #[arg(long, value_name = "N", default_value_t = pipeline::MOST_DELETED)]
    max_delete: u64,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    #[arg(long)]
    no_wait: bool,
}

/// Runs the command.
pub(super) fn run(args: &DeleteArgs, global: &Global) -> CommandResult {
    source_flags::check_output(args.output.as_deref(), &args.file)?;
    let settings = Settings::resolve(&global.choices(), None)?;
    let deleted = delete_customers(args, global, &settings);
    finish::after(
        &Finish::of(&settings),
        "delete",
        deleted,
        global,
        |deleted| {
            let code = undo::print_undo(deleted, global, &settings);
            (result_json::of_report(&deleted.report, code), code)
        },
    )
}

fn delete_customers(
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
    report.map_err(|error| import::unfinished(error, global))
}
