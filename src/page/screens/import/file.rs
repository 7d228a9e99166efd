//! The first step: which sheet, and in which row its header stands.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::get;

use super::mended::MendedCells;
use super::step::{Posted, StepLink, change, draft_of, facts_of, look_of, require_account, steps};
use crate::face::failure::Failure;
use crate::lang::hint::Hints;
use crate::mapping::HeaderRows;
use crate::model::Schema;
use crate::page::account::AccountFacts;
use crate::page::imports::{DraftColumns, DraftStep, ImportDraft, SheetTop, top_of};
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::{ProposeRequest, see_sheet};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/import/{id}", get(show).post(choose))
}

#[derive(Template)]
#[template(path = "page/import/file.html")]
struct FileScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    name: String,
    top: SheetTop,
    /// Whether the sheet was chosen by a person.
    is_chosen: bool,
    /// The header that was found, where no person has chosen one; 0 else.
    found: u32,
    has_two_rows: bool,
    encoding: String,
    delimiter: String,
    mended: MendedCells,
}

async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let account = facts_of(&visit, &draft, DraftStep::File).await?;
    let its = draft.clone();
    let top = visit.blocking(move |visit| top_of(&its, &account.schema, visit.lang));
    let top = top.await?;
    let look = look_of(&visit, &draft);
    let facts = &draft.facts;
    html(&FileScreen {
        steps: steps(&draft, DraftStep::File, &look),
        id,
        name: crate::model::visible(&facts.name).into_owned(),
        is_chosen: facts.sheet.is_some() || top.errors.is_empty(),
        found: facts.header_row.map_or(top.header, |_| 0),
        has_two_rows: facts.header_row.is_some_and(|rows| rows.first < rows.last),
        encoding: facts.encoding.clone().unwrap_or_default(),
        delimiter: facts.delimiter.map(String::from).unwrap_or_default(),
        mended: MendedCells::of(&facts.corrections, DraftStep::File, false),
        look,
        top,
    })
}

async fn choose(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let posted = Posted::of(pairs);
    let goes_on = posted.get("go") == Some("on");
    let draft = change(&visit, id, move |visit, mut draft| {
        let before = draft.facts.clone();
        take_header(&mut draft, &posted, before.sheet.as_deref());
        let facts = &draft.facts;
        let is_same = (
            &facts.sheet,
            facts.header_row,
            &facts.encoding,
            facts.delimiter,
        ) == (
            &before.sheet,
            before.header_row,
            &before.encoding,
            before.delimiter,
        );
        if !is_same {
            draft.forget_columns(&visit.shared)?;
        }
        draft.save()?;
        Ok(draft)
    });
    let draft = draft.await?;
    if !goes_on {
        return Ok(see(&draft.screen(DraftStep::File)));
    }
    let is_read = draft.seen().is_some() && draft.path("mapping.toml").is_file();
    if draft.facts.is_ours || is_read {
        return Ok(see(&draft.screen(DraftStep::Columns)));
    }
    let order = WorkOrder::reading(
        "reading-columns",
        &draft.screen(DraftStep::File),
        draft.version(),
    );
    let read = move |visit: &Visit, work: &PageWork| read_columns(visit, &draft, work);
    Ok(visit.begin(order, read).await)
}

/// Takes what was chosen. Another sheet has another header.
fn take_header(draft: &mut ImportDraft, posted: &Posted, before: Option<&str>) {
    let facts = &mut draft.facts;
    if posted.has("sheet") {
        facts.sheet = posted.filled("sheet");
    }
    let row = |name| {
        posted
            .filled(name)
            .and_then(|text| text.parse::<u32>().ok())
    };
    let two = posted.has("two");
    let chosen = row("header").and_then(|last| match (two, last) {
        (true, 2..) => HeaderRows::parse(&format!("{}-{last}", last - 1)),
        _ => HeaderRows::parse(&last.to_string()),
    });
    let is_found = !two && row("header") == row("found");
    facts.header_row = match chosen {
        Some(_) if before.is_some() && facts.sheet.as_deref() != before => None,
        Some(_) if is_found => None,
        chosen => chosen,
    };
    if posted.has("encoding") {
        facts.encoding = posted.filled("encoding");
    }
    if posted.has("delimiter") {
        let typed = posted.get("delimiter").unwrap_or_default();
        facts.delimiter = match typed.trim() {
            "tab" | "\\t" => Some('\t'),
            text => text.chars().next().or(typed.contains('\t').then_some('\t')),
        };
    }
}

/// Reads the columns of the whole file, and proposes what they are.
fn read_columns(visit: &Visit, draft: &ImportDraft, work: &PageWork) -> Result<String, Failure> {
    let account = AccountFacts::read(visit, &require_account(visit, draft)?, work)?;
    let request = ProposeRequest {
        source: draft.source(),
        corrections: draft.facts.corrections.clone(),
        read: draft.read_options(),
        sheets: draft.sheet_options(None),
        owners: std::collections::BTreeMap::new(),
        owner_ids: Vec::new(),
        schema: Schema::clone(&account.schema),
        output: draft.path("mapping.toml"),
        lang: visit.lang,
        hints: Hints::of_page(),
    };
    let seen = see_sheet(&request, work.monitor.as_ref(), &work.stop);
    draft.as_it_was(&visit.shared, |draft| {
        let seen = seen.map_err(|error| draft.named(error))?;
        draft.keep("seen.json", &seen)?;
        let columns = DraftColumns::of(draft.clone(), seen, &account, visit.lang)?;
        columns.write(&columns.proposed(None)?)?;
        Ok(columns.draft.screen(DraftStep::Columns))
    })
}
