//! `ferry import`.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;

use super::failure::{Failure, Outcome, exit};
use super::finish::Finish;
use super::key_flags::KeyFlags;
use super::progress::Progress;
use super::settings::Settings;
use super::source_flags::SourceFlags;
use super::{Global, confirm, logging, source_flags, summary};
use crate::job::{
    self, ApplyOptions, ErrorLimit, ImportOptions, ImportRequest, JobError, MaxErrors, Report,
    SheetOptions,
};
use crate::model::{Code, Problem};
use crate::table::ReadOptions;

/// Import a spreadsheet: check every row, send what is valid, answer every row in a result sheet
#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a switch on the command line"
)]
pub(super) struct ImportArgs {
    /// The file, .xlsx or .csv; '-' reads CSV or XLSX from standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    source: SourceFlags,
    /// The result sheet, .xlsx or .csv [default: <name>_import_<time>.xlsx beside the file]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Send only so many rows as a trial; `ferry resume` does the rest
    #[arg(long, value_name = "N")]
    limit: Option<u64>,
    /// Send nothing unless every row is valid
    #[arg(long)]
    strict: bool,
    /// Add rows that were added before once more
    #[arg(long)]
    again: bool,
    /// Of a result sheet, update the rows that are done by their _id
    #[arg(long)]
    include_done: bool,
    /// Write <job>/<row> into this searchable custom text field, so that a row whose reply was lost is found exactly
    #[arg(long, value_name = "FIELD")]
    stamp: Option<String>,
    #[command(flatten)]
    keys: KeyFlags,
    /// Stop when more rows than this are invalid or refused: a number, or a percentage such as 5% of all rows, then of those sent (from the 20th on); `ferry resume` goes on
    #[arg(long, value_name = "N")]
    max_errors: Option<MaxErrors>,
    /// When an hourly or daily quota is spent, stop instead of waiting
    #[arg(long)]
    no_wait: bool,
}

/// Runs the command.
pub(super) fn run(args: &ImportArgs, global: &Global) -> Outcome {
    source_flags::check_output(args.output.as_deref(), &args.file)?;
    let read = args.source.read()?;
    let sheets = args.source.sheets()?;
    let settings = Settings::resolve(global, None)?;
    let imported = carry_out(args, global, &settings, (read, sheets));
    Finish::of(&settings).after("import", imported, global, |report| {
        let code = summary::print(report, global, &settings.state);
        (summary::json(report, code), code)
    })
}

fn carry_out(
    args: &ImportArgs,
    global: &Global,
    settings: &Settings,
    (read, mut sheets): (ReadOptions, SheetOptions),
) -> Result<Report, Failure> {
    if let Some(owners) = &settings.owners {
        job::add_owners(&mut sheets, owners)?;
    }
    let stop = logging::stop_on_signals(global.lang())?;
    let progress = Progress::start(global);
    summary::notices(&progress, &settings.notices);
    progress.show_pace(&settings.rates.to_string());
    let context = settings.context(args.no_wait, progress.monitor(), &stop)?;
    let now = jiff::Timestamp::now();
    let zone = jiff::tz::TimeZone::get(&settings.timezone).unwrap_or(jiff::tz::TimeZone::UTC);
    let request = ImportRequest {
        source: args.file.clone(),
        read,
        sheets,
        options: ImportOptions {
            mode: args.source.mode(),
            again: args.again,
            include_done: args.include_done,
            strict: args.strict,
            stamp: args.stamp.clone(),
            key: args.keys.key.clone(),
            blank_key: args.keys.blank_key(),
        },
        apply: ApplyOptions {
            concurrency: settings.endpoint.concurrency,
            settle: settings.settle,
            timeout: settings.endpoint.timeout,
            again: args.again,
            limit: args.limit,
            errors: Arc::new(ErrorLimit::new(args.max_errors)),
        },
        account: settings.account.clone(),
        api: settings.api().clone(),
        overrides: settings.overrides.clone(),
        output: args
            .output
            .clone()
            .map(|path| std::path::absolute(&path).unwrap_or(path)),
        timezone: settings.timezone.clone(),
        stamp: jiff::ZonedDateTime::new(now, zone)
            .strftime("%Y%m%d-%H%M%S")
            .to_string(),
        created: now.as_second(),
    };
    let report = job::import(&request, &context, &mut |preview| {
        confirm::before_sending(preview, settings, global, &context, &progress)
    });
    progress.finish();
    report.map_err(|error| match error {
        // The whole command: which state folder, and which configuration.
        JobError::Unfinished { job } => Failure::of(
            exit::NOTHING,
            &Problem::new(Code::JobUnfinished)
                .with("job", job.as_str())
                .with(
                    "resume",
                    summary::resume_command(&job, global, &context.state),
                ),
        ),
        other => other.into(),
    })
}
