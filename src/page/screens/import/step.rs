//! What the steps of an import share: the draft of a path, its columns, and the fields of a form.

use std::collections::BTreeMap;

use crate::page::account::AccountFacts;
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::imports::{DraftColumns, DraftStep, ImportDraft};
use crate::page::look::Look;
use crate::page::shared::IMPORTS;
use crate::page::visit::{PageResult, Visit};

/// A step as the top of a screen shows it.
pub(super) struct StepLink {
    pub name: &'static str,
    pub path: String,
    pub is_current: bool,
    /// Whether it can be gone to.
    pub is_open: bool,
    /// What a form with unsaved decisions sends along to go there; empty where a link leads there.
    pub go: &'static str,
}

/// Returns the steps for the top of a screen.
pub(super) fn steps(draft: &ImportDraft, current: DraftStep, look: &Look) -> Vec<StepLink> {
    let reached = draft.step().max(current);
    let is_mapped = draft.facts.is_ours || draft.path("mapping.toml").is_file();
    // A mapping that cannot be read is told by its own screen.
    let is_decided = matches!(draft.open_question(), Ok(None));
    let has_form = matches!(current, DraftStep::Columns | DraftStep::Values);
    let link = |step| StepLink {
        go: if has_form && !draft.facts.is_ours {
            go_to(step)
        } else {
            ""
        },
        name: look.say(match step {
            DraftStep::File => "step-file",
            DraftStep::Columns => "step-columns",
            DraftStep::Values => "step-values",
            DraftStep::Check => "step-check",
            DraftStep::Preview => "step-preview",
        }),
        path: draft.screen(step),
        is_current: step == current,
        is_open: (step <= reached || is_mapped) && (step <= DraftStep::Values || is_decided),
    };
    DraftStep::ALL.into_iter().map(link).collect()
}

fn go_to(step: DraftStep) -> &'static str {
    match step {
        DraftStep::File => "to-file",
        DraftStep::Columns => "to-columns",
        DraftStep::Values => "to-values",
        DraftStep::Check => "to-check",
        DraftStep::Preview => "to-preview",
    }
}

/// Returns the step to which a form wants to go without what comes next: another one at the top of the screen, or back.
pub(super) fn wanted(posted: &Posted) -> Option<DraftStep> {
    let go = posted.get("go")?;
    DraftStep::ALL.into_iter().find(|step| go_to(*step) == go)
}

/// Returns the draft of an id.
pub(super) fn draft_of(visit: &Visit, id: &str) -> Result<ImportDraft, PageError> {
    let found = ImportDraft::open(&visit.shared.file(IMPORTS), id);
    found.ok_or(PageError::NotFound)
}

/// Returns the draft of an id, to be changed. One that was carried out leads to its job.
pub(super) fn open_draft(visit: &Visit, id: &str) -> Result<ImportDraft, PageError> {
    let draft = draft_of(visit, id)?;
    if draft.is_begun(&visit.shared.state) {
        return Err(PageError::Elsewhere(draft.screen(DraftStep::Preview)));
    }
    Ok(draft)
}

/// Answers with a file of a draft, to be saved under a name.
pub(super) fn saved(draft: &ImportDraft, file: &str, name: &str) -> PageResult {
    let path = draft.path(file);
    if !path.is_file() {
        return Err(PageError::NotFound);
    }
    Download::open(&path, name)?.answer()
}

/// Returns the columns of a draft; leads to where the account's fields or the columns are read first.
pub(super) async fn columns_of(
    visit: &Visit,
    draft: ImportDraft,
    step: DraftStep,
) -> Result<DraftColumns, PageError> {
    let account = AccountFacts::of(visit, &draft.screen(step)).await?;
    let first = draft.screen(DraftStep::File);
    let columns = visit.blocking(move |visit| DraftColumns::open(draft, &account, visit.lang));
    columns.await?.ok_or(PageError::Elsewhere(first))
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
