//! The template: an empty workbook with the account's fields, to be filled in.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::Path;
use axum::routing::{get, post};

use crate::lang::page;
use crate::model::Schema;
use crate::page::account::AccountFacts;
use crate::page::download::Download;
use crate::page::error::PageError;
use crate::page::look::Look;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html};
use crate::page::works::{PageWork, WorkOrder};
use crate::pipeline::{self, TemplateRequest};

/// The name of the latest template among the page's own files.
const FILE: &str = "template.xlsx";

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new()
        .route("/template", get(show))
        .route("/template/make", post(make))
        .route("/template/{name}", get(download_template))
}

#[derive(Template)]
#[template(path = "page/template.html")]
struct TemplateScreen {
    look: Look,
    is_made: bool,
    name: String,
}

async fn show(visit: Visit) -> PageResult {
    visit.require_account().await?;
    html(&TemplateScreen {
        look: Look::of(&visit, "template"),
        is_made: visit.shared.file(FILE).is_file(),
        name: format!("{}.xlsx", page::say(visit.lang, "template-name")),
    })
}

async fn make(visit: Visit) -> PageResult {
    let order = WorkOrder::reading("making-template", "/template", visit.lang.to_string());
    let made = |visit: &Visit, work: &PageWork| {
        let account = visit.shared.accounts.settings()?.account.clone();
        let account = AccountFacts::read(visit, &account, work)?;
        pipeline::template(&TemplateRequest {
            schema: Schema::clone(&account.schema),
            output: visit.shared.file(FILE),
            lang: visit.lang,
        })?;
        Ok("/template".to_owned())
    };
    Ok(visit.begin(order, made).await)
}

async fn download_template(visit: Visit, Path(name): Path<String>) -> PageResult {
    let known = format!("{}.xlsx", page::say(visit.lang, "template-name"));
    if name != known {
        return Err(PageError::NotFound);
    }
    let path = visit.shared.file(FILE);
    if !path.is_file() {
        return Err(PageError::NotFound);
    }
    Download::open(&path, &known)?.answer()
}
