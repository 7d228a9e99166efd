//! What a file is, told without an account and without a network: for `ferry FILE`.
//!
//! Only the beginning of a table is read. What ferry wrote says itself what it is; of other files their form decides.

use std::path::Path;

use crate::crm::fields_from_json;
use crate::job::error::JobError;
use crate::lang::sheets::{GROUP, KEEP};
use crate::mapping::{HEADER_SEARCH_ROWS, is_mapping_book};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::manifest::Manifest;
use crate::source::mapping::read_draft;
use crate::table::{ReadOptions, TableError, Workbook};

/// What a file is, with what there is to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FileNature {
    /// A spreadsheet of somebody: its sheets, and the cells of the first row that may be its header.
    Table(Vec<String>, Vec<String>),
    /// The result sheet of an import, with its job; without one where the file does not name it.
    Result(Option<String>),
    /// The answers of an undo or a delete.
    Removal,
    /// The preview of a plan, with its job.
    Preview(String),
    /// The preview of an undo or a delete.
    Rehearsal,
    /// What differs between two exports.
    Diff,
    /// The differences that `ferry verify` found, with the job.
    Verification(String),
    /// The problems that `ferry check` found.
    Check,
    /// Customers that `ferry export` wrote.
    Export,
    /// Customers that `ferry dupes` found twice.
    Duplicates,
    /// A mapping.
    Mapping,
    /// A configuration, `ferry.toml`.
    Configuration,
    /// A field list.
    FieldList,
    /// The manifest of an export.
    Manifest,
}

/// A file as far as it was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenFile {
    /// What it is.
    pub nature: FileNature,
    /// The key of the account that it belongs to; `None` where it names none.
    pub account: Option<String>,
}

impl From<FileNature> for SeenFile {
    fn from(nature: FileNature) -> Self {
        let account = None;
        Self { nature, account }
    }
}

/// Looks at a file. Fails for one that cannot be read or that ferry cannot use.
pub fn look_at_file(path: &Path) -> Result<SeenFile, JobError> {
    let extension = path.extension().unwrap_or_default().to_ascii_lowercase();
    match extension.to_str().unwrap_or_default() {
        "toml" => {
            let text = read(path)?;
            let is_configuration = text
                .parse::<toml::Table>()
                .is_ok_and(|table| table.contains_key("profiles"));
            if is_configuration {
                return Ok(FileNature::Configuration.into());
            }
            read_draft(path)?;
            Ok(FileNature::Mapping.into())
        }
        "json" => of_json(path),
        "jsonl" => {
            std::fs::metadata(path).map_err(|error| TableError::from_io(path, error))?;
            Ok(exported(path).unwrap_or(FileNature::Export.into()))
        }
        _ => of_table(path),
    }
}

fn of_json(path: &Path) -> Result<SeenFile, JobError> {
    if Manifest::read(path).is_ok() {
        return Ok(FileNature::Manifest.into());
    }
    if fields_from_json(&read(path)?).is_ok() {
        return Ok(FileNature::FieldList.into());
    }
    // The error says what else it is.
    of_table(path)
}

/// Returns an export beside which its manifest stands.
fn exported(path: &Path) -> Option<SeenFile> {
    let manifest = Manifest::beside(path).ok()?;
    Some(SeenFile {
        nature: FileNature::Export,
        account: Some(manifest.account),
    })
}

fn read(path: &Path) -> Result<String, TableError> {
    std::fs::read_to_string(path).map_err(|error| TableError::from_io(path, error))
}

fn of_table(path: &Path) -> Result<SeenFile, JobError> {
    if let Some(export) = exported(path) {
        return Ok(export);
    }
    let workbook = Workbook::open(path, &ReadOptions::default())?;
    if let Some(sheet) = FerrySheet::read(&workbook)? {
        let nature = match sheet.kind {
            Some(WorkbookKind::Undo | WorkbookKind::Delete) => FileNature::Removal,
            Some(WorkbookKind::Plan) => FileNature::Preview(sheet.job),
            Some(WorkbookKind::Rehearsal) => FileNature::Rehearsal,
            Some(WorkbookKind::Diff) => FileNature::Diff,
            Some(WorkbookKind::Verify) => FileNature::Verification(sheet.job),
            Some(WorkbookKind::Check) => FileNature::Check,
            Some(WorkbookKind::Export) => FileNature::Export,
            Some(WorkbookKind::Duplicates) => FileNature::Duplicates,
            Some(WorkbookKind::Result) | None => FileNature::Result(Some(sheet.job)),
        };
        return Ok(SeenFile {
            nature,
            account: sheet.account,
        });
    }
    let shown = workbook.sheets().iter().enumerate();
    let shown: Vec<(usize, String)> = shown
        .filter(|(_, sheet)| !sheet.hidden)
        .map(|(index, sheet)| (index, sheet.name.clone()))
        .collect();
    let titles: Vec<&str> = shown.iter().map(|(_, name)| name.as_str()).collect();
    if is_mapping_book(&titles) {
        return Ok(FileNature::Mapping.into());
    }
    let header = match shown.first() {
        Some((index, _)) => header_of(&workbook, *index)?,
        None => Vec::new(),
    };
    let has = |name: &str| header.iter().any(|cell| cell == name);
    if has("_job") && has("_status") {
        return Ok(FileNature::Result(None).into());
    }
    if has(GROUP) && has(KEEP) {
        return Ok(FileNature::Duplicates.into());
    }
    let names = shown.into_iter().map(|(_, name)| name);
    let names = names.filter(|name| !name.is_empty());
    Ok(FileNature::Table(names.collect(), header).into())
}

/// Returns the cells of the widest of the first rows: titles above a header fill fewer.
fn header_of(workbook: &Workbook, sheet: usize) -> Result<Vec<String>, JobError> {
    let mut reader = workbook.rows(sheet, 0)?;
    let mut widest: Vec<String> = Vec::new();
    for _ in 0..HEADER_SEARCH_ROWS {
        let Some(row) = reader.read_row()? else { break };
        if row.cells.len() > widest.len() {
            widest = row.cells.iter().map(|cell| cell.text.clone()).collect();
        }
    }
    Ok(widest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_told_by_what_is_in_it() {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text, nature) in [
            (
                "a.csv",
                "客户\n客户名称,手机\n甲,1\n",
                FileNature::Table(vec![], vec!["客户名称".to_owned(), "手机".to_owned()]),
            ),
            (
                "r.csv",
                "_id,_status,_job,客户名称\n",
                FileNature::Result(None),
            ),
            (
                "d.csv",
                "_group,_keep,_id,客户名称\n",
                FileNature::Duplicates,
            ),
            ("m.toml", "[columns]\n", FileNature::Mapping),
            ("ferry.toml", "[profiles.main]\n", FileNature::Configuration),
            ("f.json", "[]", FileNature::FieldList),
        ] {
            let path = folder.path().join(name);
            std::fs::write(&path, text).expect("written");
            assert_eq!(look_at_file(&path).expect(name).nature, nature, "{name}");
        }
        for (name, text) in [("x.json", "{}"), ("x.toml", "[package]\nname = 1\n")] {
            std::fs::write(folder.path().join(name), text).expect("written");
        }
        for name in ["none.xlsx", "", "x.json", "x.toml"] {
            assert!(look_at_file(&folder.path().join(name)).is_err(), "{name}");
        }
    }
}
