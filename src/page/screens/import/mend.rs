//! Mends a cell beside the untouched file, and takes a correction back.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::post;
use serde::Deserialize;

use super::check::is_above_rows;
use super::mended::FILE;
use super::step::change;
use crate::face::failure::{Failure, exit};
use crate::page::error::refused;
use crate::page::imports::DraftStep;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, see};

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/import/{id}/mend", post(mend))
}

/// A cell, and what is to stand there.
#[derive(Debug, Deserialize)]
struct Mend {
    /// The position of the sheet in the workbook.
    sheet: usize,
    row: u32,
    column: u32,
    #[serde(default)]
    text: String,
    /// Present where the correction is taken back.
    take_back: Option<String>,
    /// The step whose screen is shown.
    #[serde(default)]
    step: String,
    /// The query of that screen.
    #[serde(default)]
    query: String,
}

async fn mend(visit: Visit, Path(id): Path<String>, Form(mend): Form<Mend>) -> PageResult {
    let to = change(&visit, id, move |visit, mut draft| {
        let to = if mend.step == FILE {
            draft.screen(DraftStep::File)
        } else {
            format!("{}?{}", draft.screen(DraftStep::Check), mend.query)
        };
        if mend.take_back.is_none() && is_above_rows(&draft, mend.sheet, mend.row) {
            return Err(refused("header-unmended", &[]).into());
        }
        // What was planned knew nothing of this cell.
        draft.forget_plan(&visit.shared)?;
        let corrections = &mut draft.facts.corrections;
        if mend.take_back.is_some() {
            corrections.take_back(mend.sheet, mend.row, mend.column);
        } else {
            let corrected = corrections.correct(mend.sheet, mend.row, mend.column, &mend.text);
            corrected.map_err(|problem| Failure::of(exit::INPUT, &problem))?;
        }
        draft.save()?;
        Ok(to)
    });
    Ok(see(&to.await?))
}
