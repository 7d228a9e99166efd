//! The cells that were mended here, each to be taken back.

use crate::model::{Corrections, column_letters};
use crate::page::imports::DraftStep;

/// How many cells are shown; the later ones come when earlier ones are taken back.
const SHOWN: usize = 100;

/// How a form names the step of the file.
pub(super) const FILE: &str = "file";

/// The cells that were mended here.
pub(super) struct MendedCells {
    pub cells: Vec<TakenCell>,
    pub count: usize,
    /// The step whose screen shows them, and to which taking one back leads again.
    pub step: &'static str,
    /// What that screen shows, as a part of an address.
    pub query: String,
    /// Whether they are shown at once, and not on a click.
    pub is_open: bool,
}

/// A cell that was mended.
pub(super) struct TakenCell {
    pub sheet: usize,
    pub row: u32,
    pub column: u32,
    /// Its address, for people.
    pub place: String,
    /// What was typed here.
    pub text: String,
}

impl MendedCells {
    /// Returns the first cells, for the screen of a step.
    pub fn of(corrections: &Corrections, step: DraftStep, is_open: bool) -> Self {
        let cells = corrections.iter().take(SHOWN);
        let cells = cells.map(|(sheet, row, column, text)| TakenCell {
            sheet,
            row,
            column,
            place: format!("{}{row}", column_letters(column)),
            text: text.to_owned(),
        });
        Self {
            cells: cells.collect(),
            count: corrections.len(),
            step: match step {
                DraftStep::File => FILE,
                _ => "check",
            },
            query: String::new(),
            is_open,
        }
    }

    /// Has the screen show the same again when a cell is taken back.
    pub fn shown_by(self, query: &str) -> Self {
        Self {
            query: query.to_owned(),
            ..self
        }
    }
}
