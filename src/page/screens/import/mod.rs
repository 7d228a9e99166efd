//! The import, in five steps: file, columns, values, check, preview.

mod check;
mod columns;
mod file;
mod mapping;
mod mend;
mod mended;
mod offered;
mod preview;
mod start;
mod step;
mod values;

use std::sync::Arc;

use axum::Router;

use crate::page::shared::Shared;

/// Returns the paths of the import.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .merge(start::routes())
        .merge(file::routes())
        .merge(columns::routes())
        .merge(mapping::routes())
        .merge(mend::routes())
        .merge(values::routes())
        .merge(check::routes())
        .merge(preview::routes())
}
