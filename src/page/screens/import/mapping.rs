//! The mapping of a draft as a file: downloaded, or one from earlier uploaded and gone on from.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Multipart, Path};
use axum::http::HeaderMap;
use axum::routing::{get, post};

use super::step::{change_columns, columns_of, draft_of};
use crate::page::download::Download;
use crate::page::error::refused;
use crate::page::imports::{DraftStep, receive_into};
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
    let columns = columns_of(&visit, draft, DraftStep::Columns).await?;
    let path = visit
        .blocking(move |_| columns.write_as(&format!("download.{extension}")))
        .await?;
    Download::open(&path, &name)?.answer()
}

async fn upload(
    visit: Visit,
    Path(id): Path<String>,
    headers: HeaderMap,
    mut form: Multipart,
) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let uploaded = receive_into(&draft.path(""), &headers, &mut form).await?;
    let path = change_columns(&visit, id, DraftStep::Columns, move |visit, columns| {
        let read = source::read_draft(&uploaded);
        // The mapping is kept in the draft's own form. The file is not needed any more.
        let _ = std::fs::remove_file(&uploaded);
        let mapping = read?;
        let form = &mapping.form;
        let names_files =
            form.owners.is_some() || form.columns.values().any(|column| column.lookup.is_some());
        if names_files {
            return Err(refused("mapping-names-files", &[]));
        }
        let proposed = columns.proposed(Some(mapping))?;
        columns.write(&proposed)?;
        let mut draft = columns.draft;
        draft.forget_findings(&visit.shared)?;
        Ok(draft.screen(DraftStep::Columns))
    });
    Ok(see(&path.await?))
}
