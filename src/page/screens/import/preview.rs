//! The last step: what the import would do, before anything is sent.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path, Query};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::step::{
    ListEntry, Posted, StepLink, change, change_columns, draft_of, facts_of, look_of,
    require_account, saved, steps,
};
use crate::face::failure::{ErrorWords, Failure};
use crate::face::outcome_bar::OutcomeBar;
use crate::face::seen_job::SeenJob;
use crate::face::{plan_words, report_words, unmatched};
use crate::job::end::End;
use crate::job::report::report_of;
use crate::job::spec::{BlankKey, ImportOptions, JobSpec, Mode, OnMatch};
use crate::journal::{JobStatus, Journal};
use crate::lang::{page, say, words_on_page};
use crate::mapping::{ColumnForm, OfferedField, offered_fields};
use crate::model::{Action, Code, JobId, Problem, Schema, Slot, visible};
use crate::page::error::PageError;
use crate::page::imports::{DraftColumns, DraftStep, ImportDraft, PREVIEW, throw_away};
use crate::page::job_run::{JobOwner, JobRun};
use crate::page::links;
use crate::page::look::Look;
use crate::page::notices;
use crate::page::said;
use crate::page::screens::job::{MainStep, RowsQuery, RowsReader, RowsView, next_step};
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::{PlanReport, plan_file, preview_of, since_plan};
use crate::plan::import::ImportRequest;
use crate::source;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/import/{id}/preview", get(show))
        .route("/import/{id}/plan", post(plan))
        .route("/import/{id}/preview.xlsx", get(sheet))
}

/// What a plan shows beside its journal.
#[derive(Debug, Default, Serialize, Deserialize)]
struct KeptPlan {
    /// The sheet of the preview within the folder of the draft.
    sheet: String,
    changes: Vec<KeptChange>,
    owner_changes: u64,
    /// How many customers the account has, where rows are compared with none of them.
    stored: Option<u64>,
}

/// A field that an update would change.
#[derive(Debug, Serialize, Deserialize)]
struct KeptChange {
    row: u32,
    customer: String,
    field: String,
    old: String,
    new: String,
}

impl KeptPlan {
    fn of(plan: &PlanReport, sheet: String, stored: Option<u64>) -> Self {
        let shown = |text: &str| visible(text).into_owned();
        let changes = plan.changes.iter().map(|change| KeptChange {
            row: change.row.row,
            customer: change.id.as_str().to_owned(),
            field: shown(&change.field),
            old: shown(&change.old),
            new: shown(&change.new),
        });
        Self {
            sheet,
            changes: changes.collect(),
            owner_changes: plan.owner_changes,
            stored,
        }
    }
}

/// A plan on the screen.
struct PlanView {
    lines: Vec<String>,
    bar: OutcomeBar,
    /// The path of the screen, at which its rows are.
    path: String,
    /// The rows that are asked for.
    rows: RowsView,
    /// The path to which a yes is sent, and what it says was shown.
    action: String,
    shown: String,
    changes: Vec<KeptChange>,
    owner_changes: String,
    problems: Vec<String>,
    notes: Vec<ErrorWords>,
    has_sheet: bool,
    to_send: u64,
    /// The name that has to be typed; empty where none.
    protected: String,
    /// A job that has written rows of the file since the plan was made; empty where none.
    outdated: String,
}

/// The job of a plan that was carried out, or is being.
struct BegunJob {
    path: String,
    /// What is to be done next with it; `None` while it is at work.
    next: Option<MainStep>,
}

#[derive(Template)]
#[template(path = "page/import/preview.html")]
struct PreviewScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    plan: Option<PlanView>,
    /// The job that was begun.
    begun: Option<BegunJob>,
    modes: Vec<ListEntry>,
    keys: Vec<ListEntry>,
    matches: Vec<ListEntry>,
    blanks: Vec<ListEntry>,
    /// What the plan has said besides.
    notices: Vec<ErrorWords>,
    /// Whether the box is ticked that has rows which are done sent again; `None` where there are none.
    include_done: Option<bool>,
}

async fn show(visit: Visit, Path(id): Path<String>, Query(query): Query<RowsQuery>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    if let Some(question) = draft.open_question()? {
        return Ok(see(&question));
    }
    let account = facts_of(&visit, &draft, DraftStep::Preview).await?;
    let shown = visit.blocking(move |visit| screen(visit, &draft, &account.schema, query));
    html(&shown.await?)
}

fn screen(
    visit: &Visit,
    draft: &ImportDraft,
    schema: &Schema,
    query: RowsQuery,
) -> Result<PreviewScreen, Failure> {
    let look = look_of(visit, draft);
    let status = draft.job_status(&visit.shared.state);
    let is_begun = draft.is_begun(&visit.shared);
    let job = draft.facts.job.as_ref().filter(|_| is_begun);
    let begun = job.map(|job| begun(visit, job)).transpose()?;
    let plan = match status {
        Some(JobStatus::Planned) if !is_begun => Some(view(visit, draft, query)?),
        _ => None,
    };
    let folder = draft.facts.job.as_ref().filter(|_| plan.is_some());
    let folder = folder.map(|job| visit.shared.state.job(job)).transpose()?;
    let notices = folder.as_ref().map(notices::of_job).unwrap_or_default();
    let is_about_done =
        |notice: &Problem| matches!(notice.code, Code::DoneInResult | Code::EditedDoneRows);
    let options = &draft.facts.options;
    let asks_for_done = options.include_done || notices.iter().any(is_about_done);
    let lang = visit.lang;
    let word = |key| page::say(lang, key);
    let on_match = options.on_match;
    Ok(PreviewScreen {
        steps: steps(draft, DraftStep::Preview, &look),
        id: draft.id.clone(),
        begun,
        plan,
        modes: vec![
            ListEntry::new("auto", word("mode-auto"), options.mode == Mode::Auto),
            ListEntry::new("add", word("mode-add"), options.mode == Mode::Add),
            ListEntry::new("update", word("mode-update"), options.mode == Mode::Update),
        ],
        keys: keys(draft, schema)?,
        matches: vec![
            ListEntry::new(
                "",
                word("match-update"),
                on_match.is_none_or(|its| its == OnMatch::Update),
            ),
            ListEntry::new("fill", word("match-fill"), on_match == Some(OnMatch::Fill)),
            ListEntry::new("skip", word("match-skip"), on_match == Some(OnMatch::Skip)),
            ListEntry::new("fail", word("match-fail"), on_match == Some(OnMatch::Fail)),
        ],
        blanks: vec![
            ListEntry::new(
                "",
                word("blank-invalid"),
                options.blank_key == BlankKey::Invalid,
            ),
            ListEntry::new("add", word("blank-add"), options.blank_key == BlankKey::Add),
        ],
        include_done: asks_for_done.then_some(options.include_done),
        notices: notices::in_words(&notices, lang),
        look,
    })
}

fn begun(visit: &Visit, job: &JobId) -> Result<BegunJob, Failure> {
    let seen = SeenJob::of(visit.shared.state.job(job)?);
    Ok(BegunJob {
        path: links::job(job),
        next: next_step(visit, &seen),
    })
}

/// Returns the fields by which rows may be recognised: those that a column feeds as a whole.
fn keys(draft: &ImportDraft, schema: &Schema) -> Result<Vec<ListEntry>, Failure> {
    let Some(mapping) = draft.mapping()? else {
        return Ok(Vec::new());
    };
    let chosen = &draft.facts.options.key;
    let entry = |field: OfferedField| {
        let columns = mapping.form.columns.iter();
        let mut its = columns.filter(|(name, column)| feeds(name, column) == Some(&field.name));
        let first = its.next()?;
        let is_ticked = first.1.key || its.any(|(_, column)| column.key);
        let is_chosen = chosen.iter().any(|key| key == field.key.as_str());
        // A draft of an earlier version keeps its choice beside the mapping.
        let is_key = is_chosen || (chosen.is_empty() && is_ticked);
        Some(ListEntry::new(field.name.clone(), field.name, is_key))
    };
    Ok(whole_fields(schema).filter_map(entry).collect())
}

/// Returns the fields that a column may feed as a whole.
fn whole_fields(schema: &Schema) -> impl Iterator<Item = OfferedField> {
    let offered = offered_fields(schema).into_iter();
    offered.filter(|field| field.slot == Slot::Whole)
}

/// Returns the name of the field that a column of the mapping feeds; `None` where it is left out.
fn feeds<'a>(name: &'a String, column: &'a ColumnForm) -> Option<&'a String> {
    (!column.ignore).then(|| column.field.as_ref().unwrap_or(name))
}

fn view(visit: &Visit, draft: &ImportDraft, query: RowsQuery) -> Result<PlanView, Failure> {
    let lang = visit.lang;
    let job = draft.facts.job.as_ref();
    let folder = match job {
        Some(job) => visit.shared.state.job(job)?,
        None => return Err(crate::job::JobError::Declined.into()),
    };
    let (spec, journal) = (JobSpec::load(&folder)?, Journal::read(&folder)?);
    let JobRun { settings, context } = JobRun::to_look(&visit.shared, lang, JobOwner::of(&spec))?;
    let preview = preview_of(&folder, &settings.send_options(None, None), &context)?;
    let report =
        report_of(&folder, &journal, &spec.kind, End::Finished)?.with_examples(&journal)?;
    let kept: KeptPlan = draft.kept("plan.json").unwrap_or_default();
    let mut notes = Vec::new();
    if preview.unmatched && kept.stored != Some(0) {
        notes.push(said::error(&unmatched::problem(kept.stored), lang));
    }
    let lines = plan_words::in_lines(&preview, &settings, lang);
    let since = since_plan(&folder, &spec, &visit.shared.state)?;
    let owners = settings.owner_names();
    let reader = RowsReader {
        spec: &spec,
        journal: &journal,
        is_plan: true,
        is_running: false,
        owners: &owners,
        lang,
    };
    let rows = RowsView::of(&reader, query)?;
    let profile = settings.account.profile.clone();
    let (adds, updates) = (preview.rows(Action::Add), preview.rows(Action::Update));
    Ok(PlanView {
        lines: lines.lines().map(str::to_owned).collect(),
        bar: OutcomeBar::of(&report, true, lang).leading_to(draft.screen(DraftStep::Preview)),
        path: draft.screen(DraftStep::Preview),
        rows: RowsView {
            has_files: false,
            ..rows
        },
        action: format!("{}/apply", links::job(&report.job)),
        shown: plan_words::in_short(&preview),
        changes: kept.changes,
        owner_changes: if kept.owner_changes > 0 {
            say::plan::owner_changes(lang, kept.owner_changes)
        } else {
            String::new()
        },
        problems: report_words::example_lines(&report, words_on_page, lang),
        notes,
        has_sheet: draft.path(&kept.sheet).is_file(),
        to_send: adds + updates,
        protected: profile.filter(|_| settings.protected).unwrap_or_default(),
        outdated: since.of_file.map(|job| job.to_string()).unwrap_or_default(),
    })
}

async fn plan(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let chosen = pairs.iter().filter(|(name, _)| name == "key");
    let keys: Vec<String> = chosen.map(|(_, key)| key.clone()).collect();
    let posted = Posted::of(pairs);
    tick(&visit, &id, keys).await?;
    let draft = change(&visit, id, move |visit, mut draft| {
        if let Some(question) = draft.open_question()? {
            return Err(PageError::Elsewhere(question));
        }
        let before = draft.facts.options.clone();
        take_options(&mut draft.facts.options, &posted);
        if draft.facts.options != before {
            draft.forget_plan(&visit.shared)?;
        }
        Ok(draft)
    });
    let draft = draft.await?;
    let back = draft.screen(DraftStep::Preview);
    let order = WorkOrder::reading("planning", &back, draft.version());
    let planned = move |visit: &Visit, work: &PageWork| run(visit, &draft, work);
    Ok(visit.begin(order, planned).await)
}

/// Has rows recognised by these fields. That is a part of the mapping: the step of the columns shows it too, and so does
/// the mapping that is downloaded.
async fn tick(visit: &Visit, id: &str, keys: Vec<String>) -> Result<(), PageError> {
    let draft = draft_of(visit, id)?;
    let Some(mapping) = draft.mapping()? else {
        return Ok(());
    };
    let columns = mapping.form.columns.iter();
    let ticked = columns.filter(|(_, column)| column.key);
    let ticked: BTreeSet<_> = ticked.filter_map(|(name, its)| feeds(name, its)).collect();
    if ticked == keys.iter().collect() {
        return Ok(());
    }
    let ticked = move |visit: &Visit, columns: DraftColumns| {
        let before = columns.form()?;
        let mut form = before.clone();
        for field in whole_fields(&columns.schema) {
            let is_key = keys.contains(&field.name);
            let its = form.columns.iter_mut();
            its.filter(|(name, column)| feeds(name, column) == Some(&field.name))
                .for_each(|(_, column)| column.key = is_key);
        }
        if form != before {
            columns.save(form)?;
            columns.draft.clone().forget_findings(&visit.shared)?;
        }
        Ok(())
    };
    change_columns(visit, id.to_owned(), DraftStep::Preview, ticked).await
}

/// Takes how rows become calls.
fn take_options(options: &mut ImportOptions, posted: &Posted) {
    // Earlier versions kept here what the mapping says now.
    options.key.clear();
    options.include_done = posted.has("include_done");
    options.mode = match posted.get("mode") {
        Some("add") => Mode::Add,
        Some("update") => Mode::Update,
        _ => Mode::Auto,
    };
    options.on_match = match posted.get("match") {
        Some("fill") => Some(OnMatch::Fill),
        Some("skip") => Some(OnMatch::Skip),
        Some("fail") => Some(OnMatch::Fail),
        _ => None,
    };
    options.blank_key = match posted.get("blank") {
        Some("add") => BlankKey::Add,
        _ => BlankKey::Invalid,
    };
}

fn run(visit: &Visit, draft: &ImportDraft, work: &PageWork) -> Result<String, Failure> {
    let account = require_account(visit, draft)?;
    let settings = visit.shared.accounts.settings_of(&account)?;
    let mapping = draft.as_it_was(&visit.shared, |draft| draft.whole_mapping())?;
    let mut sheets = draft.sheet_options(mapping);
    source::add_owners(&mut sheets, &settings.owner_sources())?;
    let name = ImportDraft::new_name(PREVIEW, ".xlsx")?;
    let output = draft.path(&name);
    let request = ImportRequest {
        job: settings.job_request(Some(&output), false),
        source: draft.source(),
        corrections: draft.facts.corrections.clone(),
        read: draft.read_options(),
        sheets,
        options: draft.facts.options.clone(),
        send: settings.send_options(None, None),
        overrides: settings.overrides.clone(),
    };
    let mut context = settings.context(false, work.monitor.clone(), &work.stop)?;
    context.lang = visit.lang;
    let plan = plan_file(&request, &context).map_err(|error| draft.named(error));
    let asks = plan.as_ref().is_ok_and(|plan| plan.preview.unmatched);
    let stored = asks
        .then(|| unmatched::stored_customers(&context))
        .flatten();
    let job = plan.as_ref().ok().map(|plan| plan.report.job.clone());
    if let Some(Ok(folder)) = job.as_ref().map(|job| visit.shared.state.job(job)) {
        notices::keep_with(&folder, work);
    }
    let kept = draft.as_it_was(&visit.shared, |draft| {
        let plan = plan?;
        draft.replace_plan(&visit.shared, Some(plan.report.job.clone()))?;
        draft.keep("plan.json", &KeptPlan::of(&plan, name.clone(), stored))?;
        draft.remove_all(PREVIEW, Some(&name));
        Ok(draft.screen(DraftStep::Preview))
    });
    if let (Err(_), Some(job)) = (&kept, job) {
        // Nobody has seen this plan, and what cannot be thrown away now is a plan among the jobs.
        let _ = (
            throw_away(&visit.shared, &job),
            std::fs::remove_file(&output),
        );
    }
    kept
}

async fn sheet(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let what = crate::lang::sheets::kind_of_sheet("plan", visit.lang);
    let name = format!("{}_{what}.xlsx", draft.stem());
    let kept: KeptPlan = draft.kept("plan.json").unwrap_or_default();
    saved(&draft.path(&kept.sheet), &name)
}
