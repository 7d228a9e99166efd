//! A person's file: its copy in the job's folder, its sheets, headers, columns and rows, and the manifest beside it.

pub(crate) mod contacts;
pub(crate) mod copy;
pub(crate) mod corrected;
pub(crate) mod decimals;
pub(crate) mod ferry_sheet;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
pub(crate) mod incoming;
pub(crate) mod kept_mapping;
pub(crate) mod keys;
pub(crate) mod manifest;
pub(crate) mod mapping;
pub(crate) mod merge;
pub(crate) mod merged_down;
pub(crate) mod noted;
pub(crate) mod owners;
pub(crate) mod recalled;
pub(crate) mod recalled_keys;
pub(crate) mod rows;
pub(crate) mod seen_columns;
pub(crate) mod sheets;
pub(crate) mod stamp;

pub use ferry_sheet::FieldColumn;
pub use manifest::{ChangeCounts, ListFacts, Manifest};
pub use mapping::{load_mapping, made_mapping, read_draft};
pub use owners::{
    KnownOwner, OwnerSources, add_owners, known_owners, named_owners, nameless_owners,
};
