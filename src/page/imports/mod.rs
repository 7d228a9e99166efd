//! Drafts of imports: a file that was uploaded, and what a person has decided about it so far.

mod columns;
mod draft;
mod drafts;
mod file_name;
mod room;
mod sheet_top;
mod upload;

pub(super) use columns::{DraftColumns, is_of_values};
pub(super) use draft::{CHECK, Changed, DraftStep, ImportDraft, PREVIEW, throw_away};
pub(super) use drafts::{all, tidy};
pub(super) use room::{MARGIN, free_bytes};
pub(super) use sheet_top::{SheetTop, top_of};
pub(super) use upload::{receive, receive_into};
