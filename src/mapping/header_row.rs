//! The search for the header row of a sheet.

use super::file::Mapping;
use super::header::{Match, match_header, normalise};
use super::synonyms::hint_of;
use crate::model::{Row, Schema, Slot};

/// The number of rows at the top of a sheet that are searched.
pub const HEADER_SEARCH_ROWS: usize = 60;

/// Finds the header among the first rows of a sheet. Returns the position in `rows` of the first row in which at least
/// two cells match a field, or every cell does, or one matches `_id` or a required field.
///
/// A cell also matches where the mapping names it. Merged titles above the header match nothing, so they are passed
/// over.
///
/// Where no row matches so, the first is taken of whose cells at least two, and at least half, are headers that people
/// use every day.
pub fn find_header(rows: &[Row], schema: &Schema, mapping: Option<&Mapping>) -> Option<usize> {
    let matching = find_matching(rows, schema, mapping);
    matching.or_else(|| {
        rows.iter()
            .take(HEADER_SEARCH_ROWS)
            .position(|row| is_everyday(row, schema))
    })
}

/// Returns whether at least two cells of a row, and at least half, are everyday headers.
fn is_everyday(row: &Row, schema: &Schema) -> bool {
    let known = row.cells.iter();
    let known = known
        .filter(|cell| {
            hint_of(&normalise(&cell.text)).is_some() || match_header(&cell.text, schema).is_some()
        })
        .count();
    known >= 2 && known * 2 >= row.cells.len()
}

fn find_matching(rows: &[Row], schema: &Schema, mapping: Option<&Mapping>) -> Option<usize> {
    rows.iter().take(HEADER_SEARCH_ROWS).position(|row| {
        let named = mapping.map_or(0, |mapping| mapping.named_cells(row));
        let matched = matched_cells(row, schema).max(named);
        matched >= 2
            || (matched > 0 && matched == row.cells.len())
            || row.cells.iter().any(|cell| is_telling(&cell.text, schema))
    })
}

/// Returns whether a cell can hardly be anything but a header.
fn is_telling(text: &str, schema: &Schema) -> bool {
    match match_header(text, schema) {
        Some(Match::Id) => true,
        Some(Match::Field(field, Slot::Whole)) => {
            schema.fields.get(field).is_some_and(|field| field.required)
        }
        _ => false,
    }
}

/// Returns how many cells of a row match like headers.
pub fn matched_cells(row: &Row, schema: &Schema) -> usize {
    row.cells
        .iter()
        .filter(|cell| match_header(&cell.text, schema).is_some())
        .count()
}
