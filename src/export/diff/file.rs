//! An export that is read again: the fields of its columns, and its rows by `_id`.
//!
//! The hidden sheet of a workbook names the fields, and so does the manifest beside a CSV file. Without either the
//! headers are compared: two files of one account have the same.

use std::path::{Path, PathBuf};

use crate::job::error::JobError;
use crate::model::{Code, Problem, Row};
use crate::source::copy::hash_of;
use crate::source::ferry_sheet::{FerrySheet, FieldColumn, is_side};
use crate::source::manifest;
use crate::source::manifest::Manifest;
use crate::table::{ReadOptions, TableError, Workbook};

/// An export that can be read.
pub(crate) struct ExportFile {
    path: PathBuf,
    workbook: Workbook,
    /// The positions of the sheets that hold rows.
    sheets: Vec<usize>,
    /// The columns that hold fields.
    pub columns: Vec<FieldColumn>,
    /// Their positions in the rows of the file, from 0.
    pub positions: Vec<u32>,
    id: u32,
    /// The columns with the names of owners, whose ids stand in a column beside: position and header.
    pub owner_names: Vec<(u32, String)>,
    /// What its hidden sheet or its manifest says.
    pub said: FerrySheet,
}

impl ExportFile {
    /// Opens a file and finds its columns.
    pub fn open(path: &Path) -> Result<Self, JobError> {
        let workbook =
            Workbook::open(path, &manifest::read_options(path, &ReadOptions::default()))?;
        let hidden = FerrySheet::read(&workbook)?;
        let sheets: Vec<usize> = workbook
            .sheets()
            .iter()
            .enumerate()
            .filter(|(_, sheet)| !(sheet.hidden || hidden.is_some() && is_side(&sheet.name)))
            .map(|(position, _)| position)
            .collect();
        // In a workbook of another program only the first sheet can be meant.
        let sheets = match hidden {
            Some(_) => sheets,
            None => sheets.into_iter().take(1).collect(),
        };
        let mut said = hidden.unwrap_or_default();
        if let Ok(manifest) = Manifest::beside(path) {
            let is_whole = hash_of(path).is_ok_and(|(sha256, _)| sha256 == manifest.sha256);
            add_manifest(&mut said, manifest, is_whole);
        }
        let header = match sheets.first() {
            Some(first) => match workbook.rows(*first, 0)?.read_row() {
                // The file is probably JSON lines, and is reported as no export rather than for its quotes.
                Err(TableError::Quote { .. }) => None,
                row => row?,
            },
            None => None,
        };
        let not_an_export = || {
            let problem = Problem::new(Code::NotAnExport).with("path", path.to_string_lossy());
            JobError::Input(vec![problem])
        };
        let header = header.ok_or_else(not_an_export)?;
        let id = header.cells.iter().find(|cell| cell.text == "_id");
        let id = id.map(|cell| cell.column).ok_or_else(not_an_export)?;
        let is_header = |name: &str| header.cells.iter().any(|cell| cell.text == name);
        let owner_names = header.cells.iter().filter(|cell| {
            let label = cell.text.strip_prefix('_');
            cell.column != id && label.is_some_and(is_header)
        });
        let owner_names = owner_names.map(|cell| (cell.column, cell.text.clone()));
        let owner_names = owner_names.collect();
        let cells = header.cells.iter();
        let fields = cells.filter(|cell| !cell.text.starts_with('_'));
        let (positions, columns) = fields
            .map(|cell| (cell.column, column_of(&said, &cell.text)))
            .unzip();
        Ok(Self {
            path: path.to_path_buf(),
            workbook,
            sheets,
            columns,
            positions,
            id,
            owner_names,
            said,
        })
    }

    /// Hands every row to `take`: its id, and its cells in the order of the columns. Blank cells are empty.
    pub fn for_each_row(
        &self,
        mut take: impl FnMut(&str, Vec<String>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        self.for_each(|id, row| take(id, self.cells(row)))
    }

    /// Hands every row to `take`, as the file has it, with its id.
    pub fn for_each(
        &self,
        mut take: impl FnMut(&str, Row) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        for sheet in &self.sheets {
            let mut reader = self.workbook.rows(*sheet, 0)?;
            let mut is_header = true;
            while let Some(row) = reader.read_row()? {
                if std::mem::take(&mut is_header) {
                    continue;
                }
                let Some(id) = row.cell(self.id) else {
                    let problem = Problem::new(Code::RowWithoutId)
                        .with("path", self.path.to_string_lossy())
                        .with("row", row.number.row.to_string());
                    return Err(JobError::Input(vec![problem]));
                };
                let id = id.text.clone();
                take(&id, row)?;
            }
        }
        Ok(())
    }

    fn cells(&self, mut row: Row) -> Vec<String> {
        let positions = self.positions.iter();
        positions
            .map(|position| {
                let found = row.cells.iter_mut().find(|cell| cell.column == *position);
                found
                    .map(|cell| std::mem::take(&mut cell.text))
                    .unwrap_or_default()
            })
            .collect()
    }
}

/// Adds what a manifest says of a file, unless the file itself says it. Whether an export is complete it says only of
/// the very bytes that it was written for.
fn add_manifest(said: &mut FerrySheet, manifest: Manifest, is_whole: bool) {
    if is_whole {
        said.complete = Some(manifest.complete && said.complete != Some(false));
    }
    said.account.get_or_insert(manifest.account);
    said.filter
        .get_or_insert(manifest.filter.unwrap_or_default());
    if said.columns.is_empty() {
        said.columns = manifest.columns;
    }
}

/// The column of a header; where nothing says more, the header is the key.
fn column_of(said: &FerrySheet, header: &str) -> FieldColumn {
    let mut known = said.columns.iter();
    let known = known.find(|column| column.header == header);
    known.cloned().unwrap_or_else(|| FieldColumn {
        header: header.to_owned(),
        key: header.to_owned(),
        place: String::new(),
    })
}
