//! Which sheets are read, where their headers are, and what their columns mean.

use crate::job::error::JobError;
use crate::job::spec::{SheetOptions, SheetPlan};
use crate::lang::{Lang, say};
use crate::mapping;
use crate::mapping::{HEADER_SEARCH_ROWS, HeaderOptions, HeaderRows};
use crate::model::{Code, Fact, FieldStatus, Monitor, Problem, Row, Saying, Schema};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind, is_side};
use crate::source::mapping as map;
use crate::table::{SheetInfo, Workbook};

/// Title of the hidden sheet that holds the choices of a template's drop-downs. A workbook with it is a template.
pub(crate) const LISTS_SHEET: &str = "_lists";

/// Returns whether a sheet belongs to a template and holds no data: its choices or its explanations.
fn is_beside_template(sheets: &[SheetInfo], name: &str) -> bool {
    let explains = || {
        Lang::ALL
            .iter()
            .any(|lang| say::template::fields_sheet(*lang) == name)
    };
    let is_template = || sheets.iter().any(|sheet| sheet.name == LISTS_SHEET);
    name == LISTS_SHEET || (explains() && is_template())
}

/// Finds the sheets to read, their headers and their columns (product.md, *Spreadsheets in*). Notices go to the
/// monitor. A workbook that ferry wrote for another account than `account` is refused; an export of one only if it has
/// an `_id` column.
pub(crate) fn resolve(
    workbook: &Workbook,
    schema: &Schema,
    options: &SheetOptions,
    account: Option<&str>,
    monitor: &dyn Monitor,
    lang: Lang,
) -> Result<Vec<SheetPlan>, JobError> {
    let options = &map::options(options);
    let mapping = options.mapping.as_deref();
    let sheets = workbook.sheets();
    let hidden = FerrySheet::read(workbook)?;
    let is_ours = hidden.is_some();
    let hidden = hidden.unwrap_or_default();
    let not_a_source = [
        WorkbookKind::Plan,
        WorkbookKind::Verify,
        WorkbookKind::Undo,
        WorkbookKind::Delete,
    ];
    refuse_kinds(&hidden, &not_a_source)?;
    if !workbook.keeps_number_formats() {
        monitor.notice(&Problem::new(Code::FormatsNotKept));
    }
    let is_export = options.is_export || hidden.kind == Some(WorkbookKind::Export);
    let is_foreign = hidden
        .account
        .as_deref()
        .zip(account)
        .filter(|(its, ours)| its != ours);
    let mut foreign = is_foreign.map(|(its, _)| {
        let problem = Problem::new(Code::ForeignResult).with("account", its);
        JobError::Input(vec![problem])
    });
    if let Some(foreign) = foreign.take_if(|_| !is_export) {
        return Err(foreign);
    }
    let names = || Fact::list(sheets.iter().map(|sheet| sheet.name.as_str()));
    let wanted = |name: &str| {
        options
            .sheets
            .iter()
            .any(|wanted| wanted == "*" || wanted == name)
    };
    if let Some(missing) = options
        .sheets
        .iter()
        .find(|wanted| *wanted != "*" && !sheets.iter().any(|sheet| sheet.name == **wanted))
    {
        let problem = Problem::new(Code::NoSuchSheet)
            .with("sheet", missing.as_str())
            .with("sheets", names());
        return Err(JobError::Input(vec![problem]));
    }
    let mut found: Vec<(usize, Vec<Row>, usize)> = Vec::new();
    let mut nearest: Option<(usize, Problem)> = None;
    for (index, sheet) in sheets.iter().enumerate() {
        let explicit = options.sheets.contains(&sheet.name);
        if (is_ours && is_side(&sheet.name))
            || (is_beside_template(sheets, &sheet.name) && !explicit)
            || (sheet.hidden && !explicit)
            || (!options.sheets.is_empty() && !wanted(&sheet.name))
        {
            continue;
        }
        let top = top_rows(workbook, index, options.header_row)?;
        let position = match options.header_row {
            Some(rows) => top.iter().position(|row| row.number.row == rows.last),
            None => mapping::find_header(&top, schema, mapping),
        };
        match position {
            Some(position) => found.push((index, top, position)),
            None if explicit || options.sheets.is_empty() || sheets.len() == 1 => {
                let best = best_guess(&top, schema, &sheet.name);
                if nearest
                    .as_ref()
                    .is_none_or(|(matched, _)| best.0 > *matched)
                {
                    nearest = Some(best);
                }
            }
            None => {}
        }
    }
    if found.is_empty() {
        let problem = nearest.map_or_else(|| Problem::new(Code::NoHeader), |(_, problem)| problem);
        return Err(JobError::Input(vec![problem]));
    }
    if found.len() > 1 && options.sheets.is_empty() && !is_ours {
        let matching: Vec<&str> = found
            .iter()
            .filter_map(|(index, ..)| sheets.get(*index))
            .map(|sheet| sheet.name.as_str())
            .collect();
        let problem = Problem::new(Code::SeveralSheets).with("sheets", Fact::list(matching));
        return Err(JobError::Input(vec![problem]));
    }
    let several = found.len() > 1;
    let mut headers = Vec::new();
    let mut plans = Vec::new();
    let mut errors = Vec::new();
    for (index, top, position) in found {
        let name = sheets.get(index).map_or("", |sheet| sheet.name.as_str());
        let Some(lower) = top.get(position) else {
            continue;
        };
        let joined = joined_rows(&top, lower, options.header_row, schema);
        let header = joined.as_ref().unwrap_or(lower);
        if position > 0 && options.header_row.is_none() {
            let said = Problem::new(Code::HeaderFound).with("row", header.number.row.to_string());
            monitor.notice(&said.with("sheet", if several { name } else { "" }));
        }
        headers.extend(header.cells.iter().map(|cell| cell.text.clone()));
        let reading = HeaderOptions {
            ignore_unmapped: options.ignore_unmapped,
            mapping,
            sheet: name,
            is_export,
        };
        match mapping::resolve(header, schema, reading) {
            Ok(resolved) => {
                for notice in &resolved.notices {
                    monitor.notice(notice);
                }
                let columns = resolved.columns;
                plans.push(SheetPlan {
                    index,
                    name: name.to_owned(),
                    header_row: header.number.row,
                    columns,
                });
            }
            Err(problems) => errors.extend(problems),
        }
    }
    if let Some(mapping) = mapping {
        let mut of_mapping = mapping.unused(&headers);
        of_mapping.extend(map::wrong_values(mapping, &plans, schema, lang));
        errors.splice(0..0, of_mapping);
    }
    if !errors.is_empty() {
        return Err(JobError::Input(errors));
    }
    // An export of another account may be added here, but its ids mean nothing in this account.
    let goes_by_id = plans.iter().any(|plan| plan.columns.has_id());
    if let Some(foreign) = foreign.filter(|_| goes_by_id) {
        return Err(foreign);
    }
    require_columns(&plans, schema)?;
    Ok(plans)
}

/// The header of the one sheet that a mapping is proposed for.
#[derive(Debug, Clone)]
pub(crate) struct HeaderRow {
    /// The sheet's position in the workbook.
    pub index: usize,
    /// The sheet's name; empty for CSV.
    pub sheet: String,
    /// The header.
    pub row: Row,
}

/// Finds the header that a mapping is proposed for. The row that the options name need not match any field. Where no
/// row of any sheet matches fields, the row with most text cells is taken, at least two.
pub(crate) fn find_header_row(
    workbook: &Workbook,
    schema: &Schema,
    options: &SheetOptions,
    monitor: &dyn Monitor,
) -> Result<HeaderRow, JobError> {
    let sheets = workbook.sheets();
    let mut found: Vec<(bool, HeaderRow)> = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let is_wanted = options.sheets.is_empty() || options.sheets.contains(&sheet.name);
        let is_beside = sheet.hidden || is_beside_template(sheets, &sheet.name);
        if !is_wanted || (is_beside && options.sheets.is_empty()) {
            continue;
        }
        let top = top_rows(workbook, index, options.header_row)?;
        let position = match options.header_row {
            Some(rows) => top.iter().position(|row| row.number.row == rows.last),
            None => mapping::find_header(&top, schema, None),
        };
        let matches = position.is_some();
        let widest = || {
            let text_cells = |row: &Row| {
                let texts = row.cells.iter();
                texts
                    .filter(|cell| cell.kind == crate::model::CellKind::Text)
                    .count()
            };
            let best = top
                .iter()
                .map(text_cells)
                .max()
                .filter(|count| *count > 1)?;
            top.iter().position(|row| text_cells(row) == best)
        };
        if let Some(row) = position
            .or_else(widest)
            .and_then(|position| top.get(position))
        {
            let row =
                joined_rows(&top, row, options.header_row, schema).unwrap_or_else(|| row.clone());
            let sheet = sheet.name.clone();
            found.push((matches, HeaderRow { index, sheet, row }));
        }
    }
    if found.iter().any(|(matches, _)| *matches) {
        found.retain(|(matches, _)| *matches);
    }
    if found.len() > 1 {
        let names: Vec<&str> = found
            .iter()
            .map(|(_, header)| header.sheet.as_str())
            .collect();
        let problem = Problem::new(Code::SeveralSheets).with("sheets", names.join(", "));
        return Err(JobError::Input(vec![problem]));
    }
    let Some((_, header)) = found.pop() else {
        return Err(JobError::Input(vec![Problem::new(Code::NoHeader)]));
    };
    if header.row.number.row > 1 && options.header_row.is_none() {
        let said = Problem::new(Code::HeaderFound);
        monitor.notice(&said.with("row", header.row.number.row.to_string()));
    }
    Ok(header)
}

/// Fails if a workbook is of one of these kinds. Previews and verifications are for reading only; the sheet of an undo
/// would repeat the changes that were undone.
fn refuse_kinds(sheet: &FerrySheet, kinds: &[WorkbookKind]) -> Result<(), JobError> {
    let Some(kind) = sheet.kind.filter(|kind| kinds.contains(kind)) else {
        return Ok(());
    };
    let what = match kind {
        WorkbookKind::Undo => Saying::SheetOfAnUndo,
        WorkbookKind::Delete => Saying::SheetOfADelete,
        WorkbookKind::Verify => Saying::SheetOfAVerification,
        _ => Saying::SheetOfAPlan,
    };
    let problem = Problem::new(Code::IsAPreview)
        .with("detail", what)
        .with("job", sheet.job.as_str());
    Err(JobError::Input(vec![problem]))
}

/// Fails if ids must not be taken from a workbook: it is of one of these kinds, or ferry wrote it for another account.
/// Returns whether it is the sheet of a verification.
pub(crate) fn refuse_unfit(
    workbook: &Workbook,
    account: Option<&str>,
    kinds: &[WorkbookKind],
) -> Result<bool, JobError> {
    let sheet = FerrySheet::read(workbook)?.unwrap_or_default();
    refuse_kinds(&sheet, kinds)?;
    match (&sheet.account, account) {
        (Some(its), Some(ours)) if its != ours => {
            let problem = Problem::new(Code::ForeignResult).with("account", its.as_str());
            Err(JobError::Input(vec![problem]))
        }
        _ => Ok(sheet.kind == Some(WorkbookKind::Verify)),
    }
}

/// Fails if a sheet without `_id` has no column for a required field. Every row that adds would be a problem; one error
/// is clearer.
fn require_columns(plans: &[SheetPlan], schema: &Schema) -> Result<(), JobError> {
    let missing = |plan: &SheetPlan| {
        let has = |key: &str| plan.columns.feeds(key);
        let required = schema.fields.iter().filter(|field| {
            field.required
                && field.status == FieldStatus::Enabled
                && !field.read_only
                && !has(field.key.as_str())
        });
        required
            .map(|field| Problem::new(Code::RequiredWithoutColumn).with("field", &field.label))
            .collect::<Vec<_>>()
    };
    let problems: Vec<Problem> = plans
        .iter()
        .filter(|plan| !plan.columns.has_id())
        .flat_map(missing)
        .collect();
    if problems.is_empty() {
        Ok(())
    } else {
        Err(JobError::Input(problems))
    }
}

/// Returns the first rows of a sheet, in which its header is looked for.
fn top_rows(
    workbook: &Workbook,
    index: usize,
    header_row: Option<HeaderRows>,
) -> Result<Vec<Row>, JobError> {
    let mut reader = workbook.rows(index, 0)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.read_row()? {
        let past = header_row.is_some_and(|named| row.number.row >= named.last);
        if header_row.is_none_or(|named| row.number.row >= named.first) {
            rows.push(row);
        }
        if past || rows.len() >= HEADER_SEARCH_ROWS {
            break;
        }
    }
    Ok(rows)
}

/// Returns a header of two rows as one row; `None` if the header has one row.
fn joined_rows(
    top: &[Row],
    lower: &Row,
    header_row: Option<HeaderRows>,
    schema: &Schema,
) -> Option<Row> {
    let rows = header_row.filter(|rows| rows.first < rows.last)?;
    let upper = top.iter().find(|row| row.number.row == rows.first)?;
    Some(mapping::join_header(upper, lower, schema))
}

fn best_guess(rows: &[Row], schema: &Schema, sheet: &str) -> (usize, Problem) {
    let problem = Problem::new(Code::NoHeader).with("sheet", sheet);
    let scored = rows
        .iter()
        .map(|row| (mapping::matched_cells(row, schema), row));
    match scored.max_by_key(|(matched, row)| (*matched, std::cmp::Reverse(row.number.row))) {
        Some((matched, row)) if matched > 0 => (
            matched,
            problem
                .with("row", row.number.row.to_string())
                .with("matched", matched.to_string())
                .with("cells", row.cells.len().to_string()),
        ),
        _ => (0, problem),
    }
}
