//! Columns to fields: the header grammar, the choice of the header row, and rows to drafts.
//!
//! The room is pure: it opens no file and does not know how a value must look. The meaning of a header is decided once
//! per sheet ([`Columns`]), stored with the job, and compiled to a [`Mapper`] that turns rows into drafts.

mod aside_rows;
mod book;
mod columns;
mod date_format;
mod file;
mod fingerprint;
mod form;
mod header;
mod header_row;
mod lookup;
mod mapper;
mod merged_down;
mod offers;
mod part_route;
mod places;
mod propose;
mod resolve;
mod rule;
mod stats;
mod synonyms;
mod to_book;
mod to_toml;
mod toml_file;
mod two_rows;
mod words;
mod workaround;

pub use aside_rows::AsideRows;
pub use book::{blank_meaning, column_words, is_expert, is_mapping_book, parse_book, sheet_title};
pub use columns::{Columns, Constant, SourceColumn, Target};
pub use file::{Mapping, OWNERS};
pub use fingerprint::canonical;
pub use form::{
    ColumnForm, HeaderRows, MappingForm, Transform, UNDECIDED, is_undecided, suggested,
    suggestion_of,
};
pub use header::{Match, is_left_out, match_header, nearest_labels};
pub use header_row::{HEADER_SEARCH_ROWS, find_header, matched_cells};
pub use lookup::{LookedUp, LookupTable, SEEN_OWNERS, is_owner_id};
pub use mapper::Mapper;
pub use merged_down::MergedDown;
pub use offers::{OfferedField, offered_fields};
pub use part_route::is_blank_word;
pub use places::{KeyPlaces, Place};
pub use propose::{Proposal, ProposedColumn, SeenColumn, propose};
pub use resolve::{HeaderOptions, Resolved, names_target, resolve};
pub use rule::ColumnRule;
pub use stats::ColumnStats;
pub use to_book::{BookSheet, ColumnNote, WordNotes, to_book};
pub use to_toml::{quoted, to_toml};
pub use toml_file::parse_toml;
pub use two_rows::join_header;
pub use words::Wording;
pub use workaround::is_doubtful;
