//! The mapping of a draft as a file: downloaded, or one from earlier uploaded and gone on from.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path};
use axum::http::HeaderMap;
use axum::response::Response;
use axum::routing::{get, post};

use super::step::{account_of, draft_of};
use crate::face::failure::{Failure, exit};
use crate::lang::{Lang, Text, page};
use crate::page::download::Download;
use crate::page::imports::{DraftColumns, DraftStep, ImportDraft, receive_into};
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};
use crate::source;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/import/{id}/mapping.xlsx", get(as_workbook))
        .route("/import/{id}/mapping.toml", get(as_text))
        .route(
            "/import/{id}/mapping",
            post(upload).layer(DefaultBodyLimit::disable()),
        )
}

async fn as_workbook(visit: Visit, Path(id): Path<String>) -> PageResult {
    written(visit, id, "xlsx").await
}

async fn as_text(visit: Visit, Path(id): Path<String>) -> PageResult {
    written(visit, id, "toml").await
}

async fn written(visit: Visit, id: String, extension: &'static str) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let name = format!("{}.map.{extension}", draft.stem());
    let columns = match columns_of(&visit, draft).await? {
        Ok(columns) => columns,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let path = visit
        .blocking(move |_| columns.write_as(&format!("download.{extension}")))
        .await?;
    Download::open(&path, &name)?.answer()
}

/// Returns the columns of a draft, or leads to where they are read.
async fn columns_of(
    visit: &Visit,
    draft: ImportDraft,
) -> Result<Result<DraftColumns, Response>, crate::page::error::PageError> {
    let account = match account_of(visit, &draft, DraftStep::Columns).await? {
        Ok(account) => account,
        Err(elsewhere) => return Ok(Err(elsewhere)),
    };
    let first = draft.screen(DraftStep::File);
    let columns = visit.blocking(move |visit| {
        DraftColumns::open(draft, account.schema, &account.settings, visit.lang)
    });
    Ok(columns.await?.ok_or_else(|| see(&first)))
}

async fn upload(
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut form: Multipart,
) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let uploaded = receive_into(&draft.path(""), &headers, &mut form).await?;
    let columns = match columns_of(&visit, draft).await? {
        Ok(columns) => columns,
        Err(elsewhere) => return Ok(elsewhere),
    };
    let path = visit.blocking(move |visit| {
        let read = source::read_draft(&uploaded);
        // The mapping is kept in the draft's own form. The file is not needed any more.
        let _ = std::fs::remove_file(&uploaded);
        let mapping = read?;
        let form = &mapping.form;
        let names_files =
            form.owners.is_some() || form.columns.values().any(|column| column.lookup.is_some());
        if names_files {
            let text = |lang| page::say(lang, "mapping-names-files");
            let message = Text::new(text(Lang::En), text(Lang::Zh));
            return Err(Failure::said(exit::INPUT, (message, Text::default())));
        }
        let proposed = columns.proposed(Some(mapping))?;
        columns.write(&proposed)?;
        let mut draft = columns.draft;
        draft.forget_findings(&visit.shared.state)?;
        Ok(draft.screen(DraftStep::Columns))
    });
    Ok(see(&path.await?))
}
