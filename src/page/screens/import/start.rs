//! The way in: a file is uploaded, or an earlier draft is gone on with.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path};
use axum::http::HeaderMap;
use axum::routing::{get, post};

use super::step::{StepLink, change, steps};
use crate::face::failure::Failure;
use crate::page::error::refused;
use crate::page::imports::{self, DraftStep, ImportDraft};
use crate::page::look::Look;
use crate::page::screens::job;
use crate::page::shared::{IMPORTS, Shared};
use crate::page::visit::{PageResult, Visit, html, see};
use crate::pipeline::{FileNature, look_at_file};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route(
            "/import",
            get(show)
                .post(upload)
                // A file of any size is streamed; the disk bounds it.
                .layer(DefaultBodyLimit::disable()),
        )
        .route("/import/{id}/discard", post(discard))
}

/// A draft in a line.
struct DraftLine {
    id: String,
    name: String,
    when: String,
    step: &'static str,
    path: String,
}

#[derive(Template)]
#[template(path = "page/import/start.html")]
struct ImportScreen {
    look: Look,
    drafts: Vec<DraftLine>,
    /// The size of the largest file that fits on the disk; 0 where that is not known.
    room: u64,
}

async fn show(visit: Visit) -> PageResult {
    visit.require_account().await?;
    let screen = visit.blocking(|visit| {
        let look = Look::of(visit, "import");
        let drafts = imports::all(&visit.shared.file(IMPORTS));
        let drafts = drafts.iter().filter(|draft| !draft.is_begun(&visit.shared));
        let drafts = drafts.map(|draft| draft_line(draft, &look)).collect();
        let free = imports::free_bytes(visit.shared.state.root());
        let room = free.map_or(0, |free| free.saturating_sub(imports::MARGIN) / 2);
        Ok(ImportScreen { look, drafts, room })
    });
    html(&screen.await?)
}

fn draft_line(draft: &ImportDraft, look: &Look) -> DraftLine {
    let step = draft.step();
    let current = steps(draft, step, look).into_iter();
    let current = current.filter(|link: &StepLink| link.is_current);
    let when = jiff::Timestamp::from_second(draft.facts.begun).unwrap_or_default();
    DraftLine {
        id: draft.id.clone(),
        name: shown_name(draft),
        when: jiff::ZonedDateTime::new(when, look.zone())
            .strftime("%Y-%m-%d %H:%M")
            .to_string(),
        step: current.map(|link| link.name).next().unwrap_or_default(),
        path: draft.screen(step),
    }
}

/// Returns the file's name, harmless to look at.
fn shown_name(draft: &ImportDraft) -> String {
    crate::model::visible(&draft.facts.name).into_owned()
}

async fn upload(visit: Visit, headers: HeaderMap, mut form: Multipart) -> PageResult {
    // Before a large file is sent.
    visit.require_account().await?;
    let folder = visit.shared.file(IMPORTS);
    let account = visit.shared.accounts.named();
    let draft = imports::receive(&folder, account, &headers, &mut form).await?;
    let looked_at = visit.blocking(move |visit| match look(&draft) {
        Ok(Upload::Duplicates) => Ok((job::take(&visit.shared, draft)?, true)),
        Ok(upload) => {
            let mut draft = draft;
            draft.facts.is_ours = upload == Upload::Ours;
            draft.save()?;
            Ok((draft, false))
        }
        Err(failure) => {
            // A file that cannot be imported is not kept.
            draft.discard(&visit.shared)?;
            Err(failure)
        }
    });
    let (draft, is_of_duplicates) = looked_at.await?;
    if is_of_duplicates {
        return Ok(job::begin_preview(&visit, draft).await);
    }
    // A new import asks the account anew what its fields are.
    visit.shared.accounts.forget_schemas();
    Ok(see(&draft.screen(DraftStep::File)))
}

/// What was uploaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Upload {
    Table,
    /// A sheet that ferry has written, and whose columns it knows.
    Ours,
    /// A sheet of duplicates, by which customers are deleted.
    Duplicates,
}

/// Looks at a file that was uploaded.
fn look(draft: &ImportDraft) -> Result<Upload, Failure> {
    let seen = look_at_file(&draft.source()).map_err(|error| draft.named(error))?;
    match seen.nature {
        FileNature::Table(..) => Ok(Upload::Table),
        FileNature::Result(_) | FileNature::Check | FileNature::Export => Ok(Upload::Ours),
        FileNature::Duplicates => Ok(Upload::Duplicates),
        FileNature::Mapping => Err(refused("is-a-mapping", &[])),
        FileNature::Removal
        | FileNature::Preview(_)
        | FileNature::Rehearsal
        | FileNature::Diff
        | FileNature::Verification(_) => Err(refused("is-for-reading", &[])),
        FileNature::Configuration | FileNature::FieldList | FileNature::Manifest => {
            Err(refused("is-no-table", &[]))
        }
    }
}

async fn discard(visit: Visit, Path(id): Path<String>) -> PageResult {
    let discarded = change(&visit, id, |visit, draft| Ok(draft.discard(&visit.shared)?));
    discarded.await?;
    Ok(see("/import"))
}
