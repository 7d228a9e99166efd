//! The last step: what the import would do, before anything is sent.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::step::{ListEntry, Posted, StepLink, draft_of, open_draft, saved, steps};
use crate::face::failure::{ErrorWords, Failure};
use crate::face::outcome_bar::OutcomeBar;
use crate::face::{plan_words, report_words, unmatched};
use crate::job::end::End;
use crate::job::report::report_of;
use crate::job::spec::{BlankKey, JobSpec, Mode, OnMatch};
use crate::journal::{JobStatus, Journal};
use crate::lang::{page, say};
use crate::mapping::offered_fields;
use crate::model::{Action, Schema, Slot, Stop, visible};
use crate::page::account::AccountFacts;
use crate::page::imports::{DraftStep, ImportDraft};
use crate::page::links;
use crate::page::look::Look;
use crate::page::monitor::LiveMonitor;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html};
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
    fn of(plan: &PlanReport, stored: Option<u64>) -> Self {
        let shown = |text: &str| visible(text).into_owned();
        let changes = plan.changes.iter().map(|change| KeptChange {
            row: change.row.row,
            customer: change.id.as_str().to_owned(),
            field: shown(&change.field),
            old: shown(&change.old),
            new: shown(&change.new),
        });
        Self {
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

#[derive(Template)]
#[template(path = "page/import/preview.html")]
struct PreviewScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    plan: Option<PlanView>,
    /// The path of the job that was begun; empty until then.
    job: String,
    modes: Vec<ListEntry>,
    keys: Vec<ListEntry>,
    matches: Vec<ListEntry>,
    blanks: Vec<ListEntry>,
}

async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let account = AccountFacts::of(&visit, &draft.screen(DraftStep::Preview)).await?;
    let shown = visit.blocking(move |visit| screen(visit, &draft, &account.schema));
    html(&shown.await?)
}

fn screen(visit: &Visit, draft: &ImportDraft, schema: &Schema) -> Result<PreviewScreen, Failure> {
    let look = Look::of(visit, "import");
    let status = draft.job_status(&visit.shared.state);
    let is_begun = draft.is_begun(&visit.shared.state);
    let job = draft.facts.job.as_ref().filter(|_| is_begun);
    let plan = match status {
        Some(JobStatus::Planned) => Some(view(visit, draft)?),
        _ => None,
    };
    let options = &draft.facts.options;
    let lang = visit.lang;
    let word = |key| page::say(lang, key);
    let on_match = options.on_match;
    Ok(PreviewScreen {
        steps: steps(draft, DraftStep::Preview, &look),
        id: draft.id.clone(),
        job: job.map(links::job).unwrap_or_default(),
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
        look,
    })
}

/// Returns the fields by which rows may be recognised: those that a column feeds as a whole.
fn keys(draft: &ImportDraft, schema: &Schema) -> Result<Vec<ListEntry>, Failure> {
    let Some(mapping) = draft.mapping()? else {
        return Ok(Vec::new());
    };
    let fed: Vec<&str> = mapping
        .form
        .columns
        .iter()
        .filter(|(_, column)| !column.ignore)
        .map(|(name, column)| column.field.as_deref().unwrap_or(name))
        .collect();
    let chosen = &draft.facts.options.key;
    let offered = offered_fields(schema).into_iter();
    Ok(offered
        .filter(|field| field.slot == Slot::Whole && fed.contains(&field.name.as_str()))
        .map(|field| {
            let is_chosen = chosen.iter().any(|key| key == field.key.as_str());
            ListEntry::new(field.key.as_str(), field.name, is_chosen)
        })
        .collect())
}

fn view(visit: &Visit, draft: &ImportDraft) -> Result<PlanView, Failure> {
    let lang = visit.lang;
    let settings = visit.shared.settings()?;
    let job = draft.facts.job.as_ref();
    let folder = match job {
        Some(job) => visit.shared.state.job(job)?,
        None => return Err(crate::job::JobError::Declined.into()),
    };
    let context = settings.context(false, LiveMonitor::new(), &Stop::new())?;
    let preview = preview_of(&folder, &settings.send_options(None, None), &context)?;
    let (spec, journal) = (JobSpec::load(&folder)?, Journal::read(&folder)?);
    let report =
        report_of(&folder, &journal, &spec.kind, End::Finished)?.with_examples(&journal)?;
    let kept: KeptPlan = draft.kept("plan.json").unwrap_or_default();
    let mut notes = Vec::new();
    if preview.unmatched && kept.stored != Some(0) {
        notes.push(said::error(&unmatched::problem(kept.stored), lang));
    }
    let lines = plan_words::in_lines(&preview, &settings.rates, lang);
    let since = since_plan(&folder, &spec, &visit.shared.state)?;
    let profile = settings.account.profile.clone();
    let (adds, updates) = (preview.rows(Action::Add), preview.rows(Action::Update));
    Ok(PlanView {
        lines: lines.lines().map(str::to_owned).collect(),
        bar: OutcomeBar::of(&report, true, lang).leading_to(links::job(&report.job)),
        action: format!("{}/apply", links::job(&report.job)),
        shown: plan_words::in_short(&preview),
        changes: kept.changes,
        owner_changes: if kept.owner_changes > 0 {
            say::plan::owner_changes(lang, kept.owner_changes)
        } else {
            String::new()
        },
        problems: report_words::example_lines(&report, lang),
        notes,
        has_sheet: draft.path("preview.xlsx").is_file(),
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
    let mut draft = open_draft(&visit, &id)?;
    let chosen = pairs.iter().filter(|(name, _)| name == "key");
    let keys: Vec<String> = chosen.map(|(_, key)| key.clone()).collect();
    let posted = Posted::of(pairs);
    let options = &mut draft.facts.options;
    options.key = keys;
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
    let order = WorkOrder::reading("planning", &draft.screen(DraftStep::Preview));
    let planned = move |visit: &Visit, work: &PageWork| run(visit, draft, work);
    Ok(visit.begin(order, planned).await)
}

fn run(visit: &Visit, mut draft: ImportDraft, work: &PageWork) -> Result<String, Failure> {
    let settings = visit.shared.settings()?;
    draft.forget_plan(&visit.shared.state)?;
    let mut sheets = draft.sheet_options(draft.whole_mapping()?);
    source::add_owners(&mut sheets, &settings.owner_sources())?;
    let output = draft.path("preview.xlsx");
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
    let plan = plan_file(&request, &context).map_err(|error| draft.named(error))?;
    let asks = plan.preview.unmatched;
    let stored = asks
        .then(|| unmatched::stored_customers(&context))
        .flatten();
    draft.keep("plan.json", &KeptPlan::of(&plan, stored))?;
    draft.facts.job = Some(plan.report.job.clone());
    draft.save()?;
    Ok(draft.screen(DraftStep::Preview))
}

async fn sheet(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let what = crate::lang::sheets::kind_of_sheet("plan", visit.lang);
    let name = format!("{}_{what}.xlsx", draft.stem());
    saved(&draft, "preview.xlsx", &name)
}
