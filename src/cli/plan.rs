//! `ferry plan`: decides the rows of a spreadsheet and shows what would change.

use std::path::PathBuf;

use clap::Args;

use super::finish;
use super::plan_flags::PlanFlags;
use super::work::Work;
use super::{Global, confirm, import, print, put_note, source_flags, summary, usage};
use crate::face::failure::{CommandResult, Failure, exit};
use crate::face::finish::Finish;
use crate::face::result_json;
use crate::face::settings::Settings;
use crate::face::{plan_words, report_words, unmatched};
use crate::lang::say;
use crate::model::shortened_pair;
use crate::pipeline;
use crate::pipeline::plan::PlanReport;
use crate::results::changes::ShownChange;

/// What `ferry plan` takes.
#[derive(Debug, Args)]
pub(super) struct PlanArgs {
    #[command(flatten)]
    plan: PlanFlags,
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Runs the command.
pub(super) fn run(args: &PlanArgs, global: &Global) -> CommandResult {
    source_flags::check_output(args.output.as_deref(), &args.plan.file)?;
    let is_xlsx = |path: &PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        extension.is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
    };
    if let Some(path) = args.output.as_ref().filter(|path| !is_xlsx(path)) {
        return Err(usage(say::usage::preview_format(
            &path.display().to_string(),
        )));
    }
    let settings = Settings::resolve(&global.choices(), None)?;
    let planned = plan_file(args, global, &settings);
    finish::after(&Finish::of(&settings), "plan", planned, global, |plan| {
        let code = print_plan(plan, &settings, global);
        (json(plan, code), code)
    })
}

fn plan_file(args: &PlanArgs, global: &Global, settings: &Settings) -> Result<PlanReport, Failure> {
    let request = args
        .plan
        .request(settings, args.output.as_deref(), None, None)?;
    let Work { progress, context } = Work::begin(settings, global, args.plan.no_wait)?;
    let planned = pipeline::plan_file(&request, &context);
    progress.finish();
    planned.map_err(|error| import::unfinished(error, global))
}

fn json(plan: &PlanReport, code: u8) -> serde_json::Value {
    result_json::of_report(&plan.report.clone().as_if_done(), code)
}

fn print_plan(plan: &PlanReport, settings: &Settings, global: &Global) -> u8 {
    let lang = settings.lang;
    let report = &plan.report;
    let code = match report.clone().as_if_done().exit_code() {
        _ if report.result.is_none() => exit::LOCAL,
        code => code,
    };
    if global.json {
        print::json(&json(plan, code));
        return code;
    }
    let say = |line: &str| put_note(global, line);
    if plan.preview.unmatched {
        say(&confirm::notice_line(&unmatched::problem(None), lang));
    }
    say(&plan_words::in_lines(&plan.preview, settings, lang));
    if plan.owner_changes > 0 {
        say(&say::plan::owner_changes(lang, plan.owner_changes));
    }
    let updates = plan.preview.rows(crate::model::Action::Update);
    show_changes(&plan.changes, updates, global);
    for line in report_words::example_lines(report, crate::lang::words, lang) {
        say(&line);
    }
    say(&match &report.result {
        Some(path) => say::plan::sheet(lang, &path.display().to_string()),
        None => say::plan::no_sheet(lang).to_owned(),
    });
    if plan.preview.calls > 0 && !report.held_back {
        let apply = summary::command_of("apply", &report.job, global);
        say(&say::plan::apply_with(lang, &apply));
    } else if report.held_back {
        say(say::summary::held_back(lang));
    } else {
        say(say::plan::nothing_to_apply(lang));
    }
    code
}

/// Shows the first fields that would change. `rows` is how many rows have such fields.
pub(super) fn show_changes(changes: &[ShownChange], rows: u64, global: &Global) {
    let lang = global.lang();
    for change in changes {
        let customer = if change.name.is_empty() {
            change.id.as_str()
        } else {
            change.name.as_str()
        };
        let place = (change.row.row, customer);
        // The sheet has the whole values.
        let (old, new) = shortened_pair(&change.old, &change.new);
        let text = say::plan::change(lang, place, &change.field, (&old, &new));
        put_note(global, &format!("  {text}"));
    }
    if rows > 0 && !changes.is_empty() {
        put_note(global, &format!("  {}", say::plan::all_in_sheet(lang)));
    }
}
