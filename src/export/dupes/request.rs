//! What is asked for.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::job::request::JobRequest;
use crate::lang::Lang;
use crate::model::FieldOverride;

/// By which keys duplicates are looked for, and where the sheet goes.
#[derive(Debug, Clone)]
pub struct DupesRequest {
    /// The keys as they are typed: a field by label, key or system name, `A+B` for both together. Several are
    /// alternatives. Empty: mobile and e-mail.
    pub by: Vec<String>,
    /// The path of the sheet.
    pub target: PathBuf,
    /// Whether a person has named that path. A file of any other name is never replaced.
    pub is_named: bool,
    /// The folder for what does not fit into memory. The groups stay there.
    pub folder: PathBuf,
    /// The language of the sheet.
    pub lang: Lang,
}

/// How the list of an account is read.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// The account, and how calls are made.
    pub job: JobRequest,
    /// The number of customers to ask for in a page.
    pub page_size: u32,
    /// Settings of single fields, by key.
    pub overrides: BTreeMap<String, FieldOverride>,
    /// The look-up file of owners.
    pub owners: Option<PathBuf>,
}
