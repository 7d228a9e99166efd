//! Columns to fields: the header grammar, the choice of the header row, and rows to drafts.
//!
//! Pure: nothing here opens a file or knows how a value must look. What a header means is decided once
//! per sheet ([`Columns`]), stored with the job, and compiled to a [`Mapper`] that turns rows into drafts.

mod book;
mod columns;
mod date_format;
mod file;
mod fingerprint;
mod form;
mod header;
mod lookup;
mod mapper;
mod places;
mod propose;
mod resolve;
mod rule;
mod stats;
mod synonyms;
mod to_toml;
mod toml_file;
mod two_rows;
mod words;

pub use book::{BookSheet, ColumnNote, WordNotes, parse_book, to_book};
pub use columns::{Columns, Constant, SourceColumn, Target};
pub use file::{Mapping, OWNERS, is_owner_id};
pub use fingerprint::canonical;
pub use form::{ColumnForm, HeaderRows, MappingForm, Transform, UNDECIDED};
pub use header::{Match, match_header, nearest_labels};
pub use lookup::{Found, Lookup};
pub use mapper::{Mapper, is_blank_word};
pub use places::{Place, Places};
pub use propose::{Proposal, ProposedColumn, SeenColumn, propose};
pub use resolve::{HeaderOptions, Resolved, names_target, resolve};
pub use rule::ColumnRule;
pub use stats::ColumnStats;
pub use to_toml::{quoted, to_toml};
pub use toml_file::parse_toml;
pub use two_rows::join_header;

use crate::model::{Row, Schema, Slot};

/// How many rows at the top of a sheet may stand above its header.
pub const HEADER_SEARCH_ROWS: usize = 60;

/// Finds the header among the first rows of a sheet: the position in `rows` of the first row in which at
/// least two cells match a field, or every cell does, or one matches `_id` or a required field.
///
/// A cell also matches where the mapping names it. Merged titles above the header match nothing, so they are passed over.
pub fn find_header(rows: &[Row], schema: &Schema, mapping: Option<&Mapping>) -> Option<usize> {
    rows.iter().take(HEADER_SEARCH_ROWS).position(|row| {
        let named = mapping.map_or(0, |mapping| mapping.named_cells(row));
        let matched = matched_cells(row, schema).max(named);
        matched >= 2
            || (matched > 0 && matched == row.cells.len())
            || row.cells.iter().any(|cell| is_telling(&cell.text, schema))
    })
}

/// Whether a header cell can hardly be anything else.
fn is_telling(text: &str, schema: &Schema) -> bool {
    match match_header(text, schema) {
        Some(Match::Id) => true,
        Some(Match::Field(field, Slot::Whole)) => {
            schema.fields.get(field).is_some_and(|field| field.required)
        }
        _ => false,
    }
}

/// How many cells of a row read like headers.
pub fn matched_cells(row: &Row, schema: &Schema) -> usize {
    row.cells
        .iter()
        .filter(|cell| match_header(&cell.text, schema).is_some())
        .count()
}
