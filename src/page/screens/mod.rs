//! The screens, one file each: which paths it answers to, and what it shows.

mod account;
mod dupes;
mod export;
mod import;
mod job;
mod jobs;
mod start;
mod template;
mod work;

use std::sync::Arc;

use axum::Router;

use super::shared::Shared;

/// Returns the paths of all screens.
pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .merge(account::routes())
        .merge(export::routes())
        .merge(dupes::routes())
        .merge(job::routes())
        .merge(jobs::routes())
        .merge(start::routes())
        .merge(work::routes())
        .merge(import::routes())
        .merge(template::routes())
}
