//! What the steps of an import share: the draft of a path, its columns, and the fields of a form.

use std::collections::BTreeMap;
use std::path::Path;

use crate::face::failure::Failure;
use crate::job::account::Account;
use crate::page::account::AccountFacts;
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::imports::{Changed, DraftColumns, DraftStep, ImportDraft};
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

/// Returns the account of a draft: its own, or the chosen one where it has none yet. Where the same profile has other
/// credentials by now, it is theirs.
pub(super) fn account_of(visit: &Visit, draft: &ImportDraft) -> Option<Account> {
    let chosen = visit.shared.accounts.named();
    let is_same = |own: &Account, chosen: &Account| {
        own.profile == chosen.profile && !own.sandbox && !chosen.sandbox
    };
    match (&draft.facts.account, chosen) {
        (Some(own), Some(chosen)) if is_same(own, &chosen) => Some(chosen),
        (Some(own), _) => Some(own.clone()),
        (None, chosen) => chosen,
    }
}

/// The same, to be worked with. Fails where there is none.
pub(super) fn require_account(visit: &Visit, draft: &ImportDraft) -> Result<Account, Failure> {
    match account_of(visit, draft) {
        Some(account) => Ok(account),
        // It says what is missing.
        None => Ok(visit.shared.accounts.settings()?.account.clone()),
    }
}

/// Returns what a screen of a draft needs of the draft's account.
pub(super) async fn facts_of(
    visit: &Visit,
    draft: &ImportDraft,
    step: DraftStep,
) -> Result<AccountFacts, PageError> {
    let (its, to) = (draft.clone(), draft.screen(step));
    let account = visit
        .blocking(move |visit| require_account(visit, &its))
        .await?;
    AccountFacts::of_account(visit, account, &to).await
}

/// Returns the surroundings of a screen of a draft.
pub(super) fn look_of(visit: &Visit, draft: &ImportDraft) -> Look {
    let look = Look::of(visit, "import");
    match account_of(visit, draft) {
        Some(account) => look.of_account(visit, &account),
        None => look,
    }
}

/// Changes the draft of an id, while nobody else does. One that was carried out, or waits for that, leads to its job.
pub(super) async fn change<T: Send + 'static>(
    visit: &Visit,
    id: String,
    act: impl FnOnce(&Visit, ImportDraft) -> Result<T, PageError> + Send + 'static,
) -> Result<T, PageError> {
    let changed = visit.blocking(move |visit| {
        let act = |draft| act(visit, draft);
        Ok(ImportDraft::change(&visit.shared, &id, act))
    });
    match changed.await?? {
        Some(Changed::Done(done)) => Ok(done),
        Some(Changed::Begun(draft)) => Err(PageError::Elsewhere(draft.screen(DraftStep::Preview))),
        None => Err(PageError::NotFound),
    }
}

/// Changes the columns of a draft, while nobody else does. Leads to where the account's fields or the columns are read
/// first.
pub(super) async fn change_columns<T: Send + 'static>(
    visit: &Visit,
    id: String,
    step: DraftStep,
    act: impl FnOnce(&Visit, DraftColumns) -> Result<T, Failure> + Send + 'static,
) -> Result<T, PageError> {
    let draft = draft_of(visit, &id)?;
    if draft.facts.is_ours {
        return Err(PageError::Elsewhere(draft.screen(DraftStep::Check)));
    }
    let account = facts_of(visit, &draft, step).await?;
    let act = move |visit: &Visit, draft: ImportDraft| {
        let first = draft.screen(DraftStep::File);
        let columns = DraftColumns::open(draft, &account, visit.lang)?;
        let columns = columns.ok_or(PageError::Elsewhere(first))?;
        Ok(act(visit, columns)?)
    };
    change(visit, id, act).await
}

/// Answers with a file of a draft, to be saved under a name.
pub(super) fn saved(path: &Path, name: &str) -> PageResult {
    if !path.is_file() {
        return Err(PageError::NotFound);
    }
    Download::open(path, name)?.answer()
}

/// Returns the columns of a draft; leads to where the account's fields or the columns are read first.
pub(super) async fn columns_of(
    visit: &Visit,
    draft: ImportDraft,
    step: DraftStep,
) -> Result<DraftColumns, PageError> {
    let account = facts_of(visit, &draft, step).await?;
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
