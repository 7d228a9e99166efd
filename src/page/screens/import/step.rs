//! What the steps of an import share: the draft of a path, the fields of the account, and how a work is begun.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;

use crate::face::failure::Failure;
use crate::face::settings::Settings;
use crate::job::error::JobError;
use crate::lang::{Lang, Text, page};
use crate::model::Schema;
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::imports::{DraftStep, ImportDraft};
use crate::page::look::Look;
use crate::page::shared::IMPORTS;
use crate::page::visit::{PageResult, Visit, see};
use crate::page::works::{PageWork, WorkOrder, WorkStanding};

/// How long a reader waits for a work before its own screen is shown, as a number of looks.
const LOOKS: u32 = 40;
const LOOK: Duration = Duration::from_millis(20);

/// A step as the top of a screen shows it.
pub(super) struct StepLink {
    pub name: &'static str,
    pub path: String,
    pub is_current: bool,
    /// Whether it can be gone to.
    pub is_open: bool,
}

/// Returns the steps for the top of a screen.
pub(super) fn steps(draft: &ImportDraft, current: DraftStep, look: &Look) -> Vec<StepLink> {
    let reached = draft.step().max(current);
    let is_mapped = draft.facts.is_ours || draft.path("mapping.toml").is_file();
    let link = |step| StepLink {
        name: look.say(match step {
            DraftStep::File => "step-file",
            DraftStep::Columns => "step-columns",
            DraftStep::Values => "step-values",
            DraftStep::Check => "step-check",
            DraftStep::Preview => "step-preview",
        }),
        path: draft.screen(step),
        is_current: step == current,
        is_open: step <= reached || is_mapped,
    };
    DraftStep::ALL.into_iter().map(link).collect()
}

/// Returns the draft of an id.
pub(super) fn draft_of(visit: &Visit, id: &str) -> Result<ImportDraft, PageError> {
    let found = ImportDraft::open(&visit.shared.file(IMPORTS), id);
    found.ok_or_else(PageError::not_found)
}

/// Answers with a file of a draft, to be saved under a name.
pub(super) fn saved(draft: &ImportDraft, file: &str, name: &str) -> PageResult {
    let path = draft.path(file);
    if !path.is_file() {
        return Err(PageError::not_found());
    }
    Download::open(&path, name)?.answer()
}

/// What a screen needs of the account.
pub(super) struct AccountFacts {
    pub settings: Arc<Settings>,
    pub schema: Schema,
}

/// Returns what a screen needs of the account, or leads to where the account's fields are read first.
pub(super) async fn account_of(
    visit: &Visit,
    draft: &ImportDraft,
    step: DraftStep,
) -> Result<Result<AccountFacts, Response>, PageError> {
    let settings = visit.blocking(|visit| visit.shared.settings()).await?;
    if let Some(schema) = draft.schema(&settings.account.key) {
        return Ok(Ok(AccountFacts { settings, schema }));
    }
    Ok(Err(read_fields(visit, draft.clone(), step).await))
}

/// Begins to read the account's fields, and leads to a step.
pub(super) async fn read_fields(visit: &Visit, draft: ImportDraft, step: DraftStep) -> Response {
    let back = draft.screen(DraftStep::File);
    begin(visit, "reading-fields", &back, move |visit, work| {
        let settings = visit.shared.settings()?;
        fields(&draft, &settings, work)?;
        Ok(draft.screen(step))
    })
    .await
}

/// Reads the account's fields and keeps them with the draft.
pub(super) fn fields(
    draft: &ImportDraft,
    settings: &Settings,
    work: &PageWork,
) -> Result<Schema, Failure> {
    let context = settings.context(false, work.monitor.clone(), &work.stop)?;
    let fields = context.crm.fields().map_err(JobError::Call)?;
    let schema = Schema::new(&fields, &settings.overrides);
    draft.keep_schema(&settings.account.key, &schema)?;
    Ok(schema)
}

/// Begins a work that writes nothing to the CRM. One that is soon done leads straight to what has come of it.
pub(super) async fn begin(
    visit: &Visit,
    title: &str,
    back: &str,
    run: impl FnOnce(&Visit, &PageWork) -> Result<String, Failure> + Send + 'static,
) -> Response {
    let order = WorkOrder {
        title: Text::new(page::say(Lang::En, title), page::say(Lang::Zh, title)),
        back: back.to_owned(),
        writes: false,
        job: None,
    };
    let its = visit.clone();
    let work = visit.shared.works.begin(order, move |work| run(&its, work));
    for _ in 0..LOOKS {
        if !work.is_going_on() {
            break;
        }
        tokio::time::sleep(LOOK).await;
    }
    match work.standing() {
        WorkStanding::Done(path) => see(&path),
        _ => see(&format!("/work/{}", work.number)),
    }
}

/// The fields of a form, the last of each name.
pub(super) struct Posted(BTreeMap<String, String>);

impl Posted {
    pub fn of(pairs: Vec<(String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// Returns a field; `None` where the form does not have it.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Returns a field that is filled in, without outer spaces.
    pub fn filled(&self, name: &str) -> Option<String> {
        let text = self.get(name)?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// Returns whether the form has a field: a box that is ticked.
    pub fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

/// An entry of a list.
pub(super) struct ListEntry {
    pub value: String,
    pub label: String,
    pub is_chosen: bool,
}

impl ListEntry {
    pub fn new(value: impl Into<String>, label: impl Into<String>, is_chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            is_chosen,
        }
    }
}
