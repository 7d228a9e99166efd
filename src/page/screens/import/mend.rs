//! Mends a cell beside the untouched file, and takes a correction back.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::post;
use serde::Deserialize;

use super::check::{is_above_rows, shown_again};
use super::mended::FILE;
use super::step::change;
use crate::face::failure::{Failure, exit};
use crate::page::error::refused;
use crate::page::imports::{DraftStep, ImportDraft};
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
    /// The name of the cell's place on that screen.
    #[serde(default)]
    place: String,
}

impl Mend {
    /// Returns the path of the screen that is shown, at the place of the cell.
    fn way_back(&self, draft: &ImportDraft) -> String {
        let screen = if self.step == FILE {
            draft.screen(DraftStep::File)
        } else {
            shown_again(draft, &self.query)
        };
        let is_name = self.place.bytes().all(|byte| byte.is_ascii_alphanumeric());
        match self.place.as_str() {
            place if is_name && !place.is_empty() => format!("{screen}#{place}"),
            _ => screen,
        }
    }
}

async fn mend(visit: Visit, Path(id): Path<String>, Form(mend): Form<Mend>) -> PageResult {
    let to = change(&visit, id, move |visit, mut draft| {
        let to = mend.way_back(&draft);
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
