//! `ferry diff`: two exports compared without a network.
//!
//! 1. Open both and match their columns.
//! 2. Keep the rows of the older one on disk, by `_id`.
//! 3. Go through the newer one; the rows of the older one that were not met are gone.
//! 4. Write the changes into a sheet, if one was asked for.

use std::path::{Path, PathBuf};

use crate::export::diff::changes::{Change, ChangeKind, Comparison};
use crate::export::diff::file::ExportFile;
use crate::job::error::JobError;
use crate::journal::Baseline;
use crate::lang::{Lang, sheets};
use crate::model::{Code, Problem};
use crate::results::layout::text_cell;
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::manifest::ChangeCounts;
use crate::table::{
    CellStyle, Column, Format, SheetRole, SheetSpec, StyledCell, TableWriter, create_writer,
};

/// The files that are compared, and how.
#[derive(Debug, Clone)]
pub struct DiffRequest {
    /// The older export.
    pub old: PathBuf,
    /// The newer export.
    pub new: PathBuf,
    /// The file into which the changes are written, if any.
    pub output: Option<PathBuf>,
    /// How many changes are returned.
    pub examples: usize,
    /// A folder for the rows of the older export, which may not fit into memory.
    pub folder: PathBuf,
    /// The language of the sheet.
    pub lang: Lang,
}

/// The result of a comparison.
#[derive(Debug, Clone)]
pub struct DiffReport {
    /// The numbers of customers that differ.
    pub counts: ChangeCounts,
    /// The first changes.
    pub examples: Vec<Change>,
    /// Doubts about the files.
    pub notices: Vec<Problem>,
}

/// Compares two exports.
pub fn diff(request: &DiffRequest) -> Result<DiffReport, JobError> {
    let old = ExportFile::open(&request.old)?;
    let new = ExportFile::open(&request.new)?;
    let notices = doubts(&old, &new, request);
    let baseline = Baseline::create(&request.folder.join("baseline.db"))?;
    let mut comparison = Comparison::with(&old, &new.columns, baseline)?;
    new.for_each_row(|id, cells| comparison.add(id, &cells))?;
    comparison.finish()?;
    let mut examples = Vec::new();
    comparison.for_each(|change| {
        if examples.len() < request.examples {
            examples.push(change.clone());
        }
        Ok(())
    })?;
    if let Some(path) = &request.output {
        write_changes(&comparison, path, request.lang)?;
    }
    Ok(DiffReport {
        counts: comparison.counts().clone(),
        examples,
        notices,
    })
}

/// Returns the reasons why a customer that is missing may not be gone.
fn doubts(old: &ExportFile, new: &ExportFile, request: &DiffRequest) -> Vec<Problem> {
    let mut doubts = Vec::new();
    for (file, path) in [(old, &request.old), (new, &request.new)] {
        if file.said.complete == Some(false) {
            doubts.push(Problem::new(Code::NotABaseline).with("path", path.to_string_lossy()));
        }
    }
    let differ = |one: &Option<String>, other: &Option<String>| {
        one.as_ref()
            .zip(other.as_ref())
            .is_some_and(|(one, other)| one != other)
    };
    if differ(&old.said.account, &new.said.account) || differ(&old.said.filter, &new.said.filter) {
        doubts.push(Problem::new(Code::OtherScope).with("path", request.old.to_string_lossy()));
    }
    doubts
}

/// Writes the changes into a file of their own.
pub(crate) fn write_changes(
    comparison: &Comparison,
    path: &Path,
    lang: Lang,
) -> Result<(), JobError> {
    let is_csv = path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
    let format = if is_csv { Format::Csv } else { Format::Xlsx };
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."));
    let mut writer = create_writer(format, folder)?;
    write_sheet(comparison, writer.as_mut(), lang)?;
    if format == Format::Xlsx {
        let hidden = FerrySheet {
            kind: Some(WorkbookKind::Diff),
            ..FerrySheet::default()
        };
        hidden.write(writer.as_mut())?;
    }
    Ok(writer.finish(path)?)
}

/// Writes the sheet of changes.
pub(crate) fn write_sheet(
    comparison: &Comparison,
    writer: &mut dyn TableWriter,
    lang: Lang,
) -> Result<(), JobError> {
    // Texts are wrapped at these widths. A column of width 0 is as wide as its content.
    let widths = [0.0, 0.0, 30.0, 20.0, 48.0, 48.0];
    let columns = sheets::change_columns(lang).into_iter().zip(widths);
    let columns = columns.map(|(header, wrap_at)| Column {
        header: header.to_owned(),
        wrap_at,
        ..Column::default()
    });
    writer.start_sheet(SheetSpec {
        name: sheets::changes(lang).to_owned(),
        columns: columns.collect(),
        hidden: false,
        role: SheetRole::Data,
    })?;
    comparison.for_each(|change| {
        let style = match change.kind {
            ChangeKind::Added => CellStyle::Good,
            ChangeKind::Changed => CellStyle::Warn,
            ChangeKind::Gone => CellStyle::Muted,
        };
        let kind = StyledCell {
            style,
            ..StyledCell::plain(text_cell(sheets::change(lang, change.kind.as_str())))
        };
        let id = StyledCell::plain(text_cell(&change.id));
        let texts = [&change.name, &change.field, &change.old, &change.new];
        let texts = texts.map(|text| StyledCell {
            style: CellStyle::Wrapped,
            ..StyledCell::plain(text_cell(text))
        });
        let cells: Vec<StyledCell<'_>> = [kind, id].into_iter().chain(texts).collect();
        Ok(writer.write_row(&cells)?)
    })
}

impl ChangeKind {
    /// Returns the name in `--json`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Changed => "changed",
            Self::Gone => "gone",
        }
    }
}
