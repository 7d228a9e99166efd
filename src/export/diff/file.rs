//! An export that is read again: the fields of its columns, and its rows by `_id`.
//!
//! The hidden sheet of a workbook names the fields, and so does the manifest beside a CSV file. Without either the
//! headers are compared: two files of one account have the same.

use std::path::{Path, PathBuf};

use crate::job::error::JobError;
use crate::model::{Code, Problem, Row};
use crate::source::copy::hash_of;
use crate::source::manifest;
use crate::source::manifest::Manifest;
use crate::source::sheets::{FERRY_SHEET, is_side};
use crate::table::{ReadOptions, RowReader, TableError, Workbook};

/// A column that holds a field, or a place in one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FileColumn {
    /// The column's position in the file, from 0.
    pub position: u32,
    /// Its header.
    pub header: String,
    /// The key of the field; the header where nothing names the field.
    pub key: String,
    /// The place in the field, as the hidden sheet writes it: `2`, `1.memo`; empty for the whole.
    pub place: String,
}

/// An export that can be read.
pub(crate) struct ExportFile {
    path: PathBuf,
    workbook: Workbook,
    /// The positions of the sheets that hold rows.
    sheets: Vec<usize>,
    /// The columns that hold fields.
    pub columns: Vec<FileColumn>,
    id: u32,
    /// The facts in the manifest or the hidden sheet.
    pub said: Said,
}

/// The facts that a file states about itself.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Said {
    /// Whether the export is complete; `None` when nothing says so.
    pub complete: Option<bool>,
    /// The account of the customers.
    pub account: Option<String>,
    /// The filter in words; empty for all customers.
    pub filter: Option<String>,
}

impl ExportFile {
    /// Opens a file and finds its columns.
    pub fn open(path: &Path) -> Result<Self, JobError> {
        let workbook =
            Workbook::open(path, &manifest::read_options(path, &ReadOptions::default()))?;
        let hidden = workbook
            .sheets()
            .iter()
            .position(|sheet| sheet.name == FERRY_SHEET);
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
        let mut known = Known::default();
        if let Some(hidden) = hidden {
            known.read_sheet(workbook.rows(hidden, 0)?)?;
        }
        if let Ok(manifest) = Manifest::beside(path) {
            let is_whole = hash_of(path).is_ok_and(|(sha256, _)| sha256 == manifest.sha256);
            known.take(manifest, is_whole);
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
        let columns = header
            .cells
            .iter()
            .filter(|cell| !cell.text.starts_with('_'))
            .map(|cell| known.column(cell.column, &cell.text))
            .collect();
        Ok(Self {
            path: path.to_path_buf(),
            workbook,
            sheets,
            columns,
            id,
            said: known.said,
        })
    }

    /// Hands every row to `take`: its id, and its cells in the order of the columns. Blank cells are empty.
    pub fn for_each_row(
        &self,
        mut take: impl FnMut(&str, Vec<String>) -> Result<(), JobError>,
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
                take(&id, self.cells(row))?;
            }
        }
        Ok(())
    }

    fn cells(&self, mut row: Row) -> Vec<String> {
        let columns = self.columns.iter();
        columns
            .map(|column| {
                let found = row
                    .cells
                    .iter_mut()
                    .find(|cell| cell.column == column.position);
                found
                    .map(|cell| std::mem::take(&mut cell.text))
                    .unwrap_or_default()
            })
            .collect()
    }
}

/// The columns and facts that a file states about itself.
#[derive(Default)]
struct Known {
    columns: Vec<(String, String, String)>,
    said: Said,
}

impl Known {
    fn read_sheet(&mut self, mut reader: Box<dyn RowReader>) -> Result<(), JobError> {
        while let Some(row) = reader.read_row()? {
            let text = |column| row.cell(column).map_or("", |cell| cell.text.as_str());
            match text(0) {
                "_complete" => self.said.complete = Some(text(1) == "true"),
                "_account" => self.said.account = Some(text(1).to_owned()),
                "_filter" => self.said.filter = Some(text(1).to_owned()),
                name if name.starts_with('_') => {}
                header => {
                    let column = (header, text(1), text(2));
                    self.columns.push((
                        column.0.to_owned(),
                        column.1.to_owned(),
                        column.2.to_owned(),
                    ));
                }
            }
        }
        Ok(())
    }

    /// Takes the facts of a manifest that the file itself does not state. The manifest's word on completeness counts
    /// only for the very bytes for which it was written.
    fn take(&mut self, manifest: Manifest, is_whole: bool) {
        let said = &mut self.said;
        if is_whole {
            said.complete = Some(manifest.complete && said.complete != Some(false));
        }
        said.account.get_or_insert(manifest.account);
        said.filter
            .get_or_insert(manifest.filter.unwrap_or_default());
        if self.columns.is_empty() {
            let columns = manifest.columns.into_iter();
            self.columns = columns
                .map(|column| (column.header, column.key, column.place))
                .collect();
        }
    }

    fn column(&self, position: u32, header: &str) -> FileColumn {
        let known = self.columns.iter().find(|(known, ..)| known == header);
        let (key, place) = known.map_or((header, ""), |(_, key, place)| (key, place));
        FileColumn {
            position,
            header: header.to_owned(),
            key: key.to_owned(),
            place: place.to_owned(),
        }
    }
}
