//! The first rows of a file, as a person chooses its sheet and its header by them.

use super::draft::ImportDraft;
use crate::face::failure::{ErrorWords, Failure};
use crate::job::error::JobError;
use crate::lang::Lang;
use crate::model::{Code, Row, Schema, VoidMonitor, column_letters, shortened, visible};
use crate::page::said;
use crate::source::sheets;
use crate::table::Workbook;

/// How many rows are shown; more where the header is further down.
const SHOWN_ROWS: usize = 20;

/// The most columns that are shown.
const SHOWN_COLUMNS: u32 = 40;

/// The beginning of a sheet.
pub(in crate::page) struct SheetTop {
    /// The names of the sheets that a person may choose; empty where there is no choice.
    pub sheets: Vec<String>,
    /// The sheet that is shown.
    pub sheet: String,
    /// The row of the header, from 1; 0 where none was found.
    pub header: u32,
    pub letters: Vec<String>,
    pub rows: Vec<TopRow>,
    /// How many columns are not shown.
    pub more_columns: u32,
    /// Whether the file is text, whose encoding may have to be told.
    pub is_text: bool,
    /// What has to be decided first.
    pub errors: Vec<ErrorWords>,
}

/// A row with its cells, blank ones included.
pub(in crate::page) struct TopRow {
    pub number: u32,
    pub cells: Vec<String>,
}

/// Reads the beginning of a draft's file. Fails where the file cannot be read.
pub(in crate::page) fn top_of(
    draft: &ImportDraft,
    schema: &Schema,
    lang: Lang,
) -> Result<SheetTop, Failure> {
    let about = |error: JobError| draft.named(error);
    let workbook = Workbook::open(&draft.source(), &draft.read_options())
        .map_err(|error| about(error.into()))?;
    let options = draft.sheet_options(None);
    let found = sheets::find_header_row(&workbook, schema, &options, &VoidMonitor);
    let all = workbook.sheets();
    let visible_sheets: Vec<usize> = (0..all.len())
        .filter(|index| all.get(*index).is_some_and(|sheet| !sheet.hidden))
        .collect();
    let wanted = options.sheets.first();
    let chosen = wanted.and_then(|name| all.iter().position(|sheet| sheet.name == *name));
    let (index, header, errors) = match found {
        Ok(header) => (header.index, header.row.number.row, Vec::new()),
        Err(error) => {
            let index = chosen.or_else(|| first_matching(&workbook, &visible_sheets, schema));
            let failure = about(error);
            let words = said::failure(&failure, lang);
            (index.unwrap_or(0), 0, words)
        }
    };
    let rows = first_rows(&workbook, index, header).map_err(about)?;
    let width = rows
        .iter()
        .filter_map(|row| row.cells.last())
        .map(|cell| cell.column + 1);
    let width = width.max().unwrap_or(0);
    let shown = width.min(SHOWN_COLUMNS);
    let names = visible_sheets.iter().filter_map(|index| all.get(*index));
    let names: Vec<String> = names.map(|sheet| sheet.name.clone()).collect();
    Ok(SheetTop {
        sheet: all
            .get(index)
            .map_or_else(String::new, |sheet| sheet.name.clone()),
        sheets: if names.len() > 1 { names } else { Vec::new() },
        header,
        letters: (0..shown).map(column_letters).collect(),
        rows: rows.iter().map(|row| shown_row(row, shown)).collect(),
        more_columns: width - shown,
        is_text: workbook.dialect().is_some(),
        errors,
    })
}

/// Returns the first sheet that has a header, where several have one.
fn first_matching(workbook: &Workbook, visible: &[usize], schema: &Schema) -> Option<usize> {
    let has_header = |index: &usize| {
        let name = workbook
            .sheets()
            .get(*index)
            .map(|sheet| sheet.name.clone());
        let options = crate::job::spec::SheetOptions {
            sheets: name.into_iter().collect(),
            ..crate::job::spec::SheetOptions::default()
        };
        let found = sheets::find_header_row(workbook, schema, &options, &VoidMonitor);
        !matches!(found, Err(JobError::Input(ref problems))
            if problems.iter().any(|problem| problem.code == Code::NoHeader))
    };
    let mut matching = visible.iter().copied().filter(|index| has_header(index));
    matching.next().or_else(|| visible.first().copied())
}

fn first_rows(workbook: &Workbook, index: usize, header: u32) -> Result<Vec<Row>, JobError> {
    let mut reader = workbook.rows(index, 0)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(row) = reader.read_row()? {
        let is_enough = rows.len() >= SHOWN_ROWS && row.number.row > header + 3;
        if is_enough || rows.len() >= SHOWN_ROWS * 5 {
            break;
        }
        rows.push(row);
    }
    Ok(rows)
}

fn shown_row(row: &Row, columns: u32) -> TopRow {
    let text = |column| {
        let cell = row.cell(column);
        cell.map_or_else(String::new, |cell| {
            visible(&shortened(&cell.text)).into_owned()
        })
    };
    TopRow {
        number: row.number.row,
        cells: (0..columns).map(text).collect(),
    }
}
