//! The request of `ferry map`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::job::spec::SheetOptions;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::model::{Corrections, Schema};
use crate::table::ReadOptions;

/// What to propose a mapping for: the request of `ferry map`.
#[derive(Debug, Clone)]
pub struct ProposeRequest {
    /// The file.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// The cells of the file that a person has corrected.
    pub corrections: Corrections,
    /// Which sheet, and where its header is. The mapping is an earlier one to go on from: what it says stands.
    pub sheets: SheetOptions,
    /// The names of the owners that are known, by id.
    pub owners: BTreeMap<String, String>,
    /// The ids of further owners that are known, without a name, most customers first.
    pub owner_ids: Vec<String>,
    /// The fields of the account.
    pub schema: Schema,
    /// Where the mapping goes: a workbook if the extension is `.xlsx`, else TOML.
    pub output: PathBuf,
    /// The language of the mapping's notes.
    pub lang: Lang,
    /// What the run adds to the commands in the mapping, with the source and the mapping as the files they name.
    pub hints: Hints,
}
