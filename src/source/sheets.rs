//! Which sheets are read, where their headers are, and what their columns mean.

use crate::job::error::JobError;
use crate::job::spec::{SheetOptions, SheetPlan};
use crate::lang::{Lang, say};
use crate::mapping;
use crate::mapping::{HEADER_SEARCH_ROWS, HeaderOptions, HeaderRows};
use crate::model::{Code, Fact, FieldStatus, Monitor, Problem, Row, Saying, Schema};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind, is_side};
use crate::source::mapping as map;
use crate::source::merged_down::merged_down;
use crate::source::{corrected, seen_columns};
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

/// Fails if the options name a sheet that the workbook does not have.
fn require_named(sheets: &[SheetInfo], options: &SheetOptions) -> Result<(), JobError> {
    let is_there = |name: &str| sheets.iter().any(|sheet| sheet.name == name);
    let mut asked = options.sheets.iter();
    let Some(missing) = asked.find(|name| *name != "*" && !is_there(name)) else {
        return Ok(());
    };
    let names = Fact::list(sheets.iter().map(|sheet| sheet.name.as_str()));
    let problem = Problem::new(Code::NoSuchSheet)
        .with("sheet", missing.as_str())
        .with("sheets", names);
    Err(JobError::Input(vec![problem]))
}

/// Returns whether the options let a sheet be read: they name it, or `*`, or none.
fn is_wanted(name: &str, options: &SheetOptions) -> bool {
    let mut named = options.sheets.iter();
    options.sheets.is_empty() || named.any(|wanted| wanted == "*" || wanted == name)
}

fn several_sheets<'a>(names: impl IntoIterator<Item = &'a str>) -> JobError {
    let problem = Problem::new(Code::SeveralSheets).with("sheets", Fact::list(names));
    JobError::Input(vec![problem])
}

/// A sheet in which a header was found.
struct FoundHeader {
    /// The sheet's position in the workbook.
    index: usize,
    /// Its first rows.
    top: Vec<Row>,
    /// The position of the header among them.
    position: usize,
}

/// Finds the header of each sheet that is wanted. Fails where there is none, or more than one and none was named.
fn found_headers(
    workbook: &Workbook,
    schema: &Schema,
    options: &SheetOptions,
    is_ours: bool,
) -> Result<Vec<FoundHeader>, JobError> {
    let sheets = workbook.sheets();
    let mapping = options.mapping.as_deref();
    let mut found: Vec<FoundHeader> = Vec::new();
    let mut nearest: Option<(usize, Problem)> = None;
    for (index, sheet) in sheets.iter().enumerate() {
        let explicit = options.sheets.contains(&sheet.name);
        if (is_ours && is_side(&sheet.name))
            || (is_beside_template(sheets, &sheet.name) && !explicit)
            || (sheet.hidden && !explicit)
            || !is_wanted(&sheet.name, options)
        {
            continue;
        }
        let top = top_rows(workbook, index, options.header_row)?;
        let position = match options.header_row {
            Some(rows) => top.iter().position(|row| row.number.row == rows.last),
            None => mapping::find_header(&top, schema, mapping),
        };
        match position {
            Some(position) => found.push(FoundHeader {
                index,
                top,
                position,
            }),
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
        let matching = found
            .iter()
            .filter_map(|found| sheets.get(found.index))
            .map(|sheet| sheet.name.as_str());
        return Err(several_sheets(matching));
    }
    Ok(found)
}

/// What ferry writes for people to read, and nobody to import.
const NO_SOURCES: &[WorkbookKind] = &[
    WorkbookKind::Plan,
    WorkbookKind::Verify,
    WorkbookKind::Diff,
    WorkbookKind::Undo,
    WorkbookKind::Delete,
];

/// Tells the monitor of each field whose type ferry does not know.
fn name_unknown_types(schema: &Schema, monitor: &dyn Monitor) {
    for field in schema.unknown_types() {
        monitor.notice(
            &Problem::new(Code::UnknownType)
                .with("field", &field.label)
                .with("type", &field.type_name),
        );
    }
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
    name_unknown_types(schema, monitor);
    let sheets = workbook.sheets();
    let hidden = FerrySheet::read(workbook)?;
    let is_ours = hidden.is_some();
    let hidden = hidden.unwrap_or_default();
    let options = &match hidden.kind {
        Some(WorkbookKind::Result | WorkbookKind::Check) => map::options_beside(options),
        _ => map::options(options),
    };
    let mapping = options.mapping.as_deref();
    refuse_kinds(&hidden, NO_SOURCES)?;
    if !workbook.keeps_number_formats() {
        monitor.notice(&Problem::new(Code::FormatsNotKept));
    }
    let is_export = options.is_export || hidden.has_columns_of_export();
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
    require_named(sheets, options)?;
    refuse_mapping(sheets, options)?;
    let found = found_headers(workbook, schema, options, is_ours)?;
    let reading = SheetReading {
        workbook,
        schema,
        options,
        is_export,
        says_sheet: found.len() > 1,
    };
    let mut headers = Vec::new();
    let mut plans = Vec::new();
    let mut errors = Vec::new();
    for found in &found {
        match reading.plan(found, &mut headers, monitor)? {
            Ok(plan) => plans.extend(plan),
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
    require_columns(&plans, schema, options)?;
    corrected::refuse_lost(workbook, |sheet, row| {
        let mut plans = plans.iter();
        !plans.any(|plan| plan.index == sheet && row > plan.header_row)
    })?;
    Ok(plans)
}

/// How the sheets of a workbook are read.
struct SheetReading<'a> {
    workbook: &'a Workbook,
    schema: &'a Schema,
    options: &'a SheetOptions,
    is_export: bool,
    /// Whether notices name the sheet.
    says_sheet: bool,
}

impl SheetReading<'_> {
    /// Returns what the columns of a sheet mean, and adds its headers to `headers`.
    fn plan(
        &self,
        found: &FoundHeader,
        headers: &mut Vec<String>,
        monitor: &dyn Monitor,
    ) -> Result<Result<Option<SheetPlan>, Vec<Problem>>, JobError> {
        let Self {
            workbook,
            schema,
            options,
            ..
        } = *self;
        let sheet = workbook.sheets().get(found.index);
        let name = sheet.map_or("", |sheet| sheet.name.as_str());
        let Some(lower) = found.top.get(found.position) else {
            return Ok(Ok(None));
        };
        let joined = joined_rows(&found.top, lower, options.header_row, schema);
        let header = joined.as_ref().unwrap_or(lower);
        let header_row = header.number.row;
        if found.position > 0 && options.header_row.is_none() {
            let said = Problem::new(Code::HeaderFound).with("row", header_row.to_string());
            monitor.notice(&said.with("sheet", if self.says_sheet { name } else { "" }));
        }
        headers.extend(header.cells.iter().map(|cell| cell.text.clone()));
        let resolved = match self.header(found.index, name, header)? {
            Ok(resolved) => resolved,
            Err(problems) => return Ok(Err(problems)),
        };
        for notice in &resolved.notices {
            monitor.notice(notice);
        }
        let mut columns = resolved.columns;
        columns.merged_down = merged_down(workbook, found.index, header_row, &columns)?;
        Ok(Ok(Some(SheetPlan {
            index: found.index,
            name: name.to_owned(),
            header_row,
            columns,
        })))
    }

    /// Reads a header. Without a mapping, headers that match no field are read by the cells of the first rows where
    /// these leave no doubt.
    fn header(
        &self,
        index: usize,
        name: &str,
        header: &Row,
    ) -> Result<Result<mapping::Resolved, Vec<Problem>>, JobError> {
        let reading = HeaderOptions {
            ignore_unmapped: self.options.ignore_unmapped,
            mapping: self.options.mapping.as_deref(),
            sheet: name,
            is_export: self.is_export,
            certain: &[],
        };
        let read = mapping::resolve(header, self.schema, reading);
        let is_unknown = |problem: &Problem| problem.code == Code::UnknownColumns;
        let has_unknown = matches!(&read, Err(problems) if problems.iter().any(is_unknown));
        if !has_unknown || reading.mapping.is_some() {
            return Ok(read);
        }
        let certain = seen_columns::certain_fields(self.workbook, index, header, self.schema)?;
        let reading = HeaderOptions {
            certain: &certain,
            ..reading
        };
        Ok(mapping::resolve(header, self.schema, reading))
    }
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
    let is_ours = FerrySheet::read(workbook)?.is_some();
    require_named(sheets, options)?;
    let mut found: Vec<(bool, HeaderRow)> = Vec::new();
    for (index, sheet) in sheets.iter().enumerate() {
        let is_beside = sheet.hidden
            || is_beside_template(sheets, &sheet.name)
            || (is_ours && is_side(&sheet.name));
        let is_named = options.sheets.contains(&sheet.name);
        if !is_wanted(&sheet.name, options) || (is_beside && !is_named) {
            continue;
        }
        let top = top_rows(workbook, index, options.header_row)?;
        let position = match options.header_row {
            Some(rows) => top.iter().position(|row| row.number.row == rows.last),
            None => mapping::find_header(&top, schema, options.mapping.as_deref()),
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
        let names = found.iter().map(|(_, header)| header.sheet.as_str());
        return Err(several_sheets(names));
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
    // A rehearsal is a preview as well.
    let is_one = |kind: &WorkbookKind| {
        let is_preview = *kind == WorkbookKind::Rehearsal && kinds.contains(&WorkbookKind::Plan);
        is_preview || kinds.contains(kind)
    };
    let Some(kind) = sheet.kind.filter(is_one) else {
        return Ok(());
    };
    let what = match kind {
        WorkbookKind::Undo => Saying::SheetOfAnUndo,
        WorkbookKind::Delete => Saying::SheetOfADelete,
        WorkbookKind::Verify => Saying::SheetOfAVerification,
        WorkbookKind::Diff => Saying::SheetOfADiff,
        WorkbookKind::Rehearsal => Saying::SheetOfARehearsal,
        _ => Saying::SheetOfAPlan,
    };
    let problem = Problem::new(Code::IsAPreview).with("detail", what);
    // The job of a rehearsal is gone.
    let problem = match kind {
        WorkbookKind::Rehearsal => problem,
        _ => problem.with("job", sheet.job.as_str()),
    };
    Err(JobError::Input(vec![problem]))
}

/// Fails if a workbook is a mapping, and none of its sheets was named.
fn refuse_mapping(sheets: &[SheetInfo], options: &SheetOptions) -> Result<(), JobError> {
    let titles: Vec<&str> = sheets.iter().map(|sheet| sheet.name.as_str()).collect();
    if options.sheets.is_empty() && mapping::is_mapping_book(&titles) {
        let problem = Problem::new(Code::IsAPreview).with("detail", Saying::MappingWorkbook);
        return Err(JobError::Input(vec![problem]));
    }
    Ok(())
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
/// is clearer. Where rows are only updated, no field need have a column.
fn require_columns(
    plans: &[SheetPlan],
    schema: &Schema,
    options: &SheetOptions,
) -> Result<(), JobError> {
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
        .filter(|plan| !options.only_updates && !plan.columns.has_id())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::VoidMonitor;
    use crate::source::mapping::tests::sample_schema;
    use crate::table::ReadOptions;

    /// Returns what is found in a workbook of these visible sheets and a hidden one, with these sheets named.
    fn header_sheet(named: &[&str], visible: &[&str]) -> Result<String, Problem> {
        let file = tempfile::Builder::new().suffix(".xlsx").tempfile();
        let file = file.expect("a temporary file");
        let mut book = rust_xlsxwriter::Workbook::new();
        for (name, is_hidden) in visible
            .iter()
            .map(|name| (*name, false))
            .chain([("旧", true)])
        {
            let sheet = book.add_worksheet();
            sheet.set_name(name).expect("a name of a sheet");
            sheet.set_hidden(is_hidden);
            sheet.write(0, 0, "客户名称").expect("a cell");
        }
        book.save(file.path()).expect("a workbook");
        let workbook = Workbook::open(file.path(), &ReadOptions::default()).expect("a workbook");
        let options = SheetOptions {
            sheets: named.iter().map(|name| (*name).to_owned()).collect(),
            ..SheetOptions::default()
        };
        match find_header_row(&workbook, &sample_schema(), &options, &VoidMonitor) {
            Ok(header) => Ok(header.sheet),
            Err(JobError::Input(mut problems)) => Err(problems.remove(0)),
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn a_mapping_is_proposed_for_the_sheet_that_an_import_would_read() {
        let both = Fact::list(["甲", "乙"]);
        assert_eq!(header_sheet(&["*"], &["甲"]), Ok("甲".to_owned()));
        assert_eq!(header_sheet(&["乙"], &["甲", "乙"]), Ok("乙".to_owned()));
        assert_eq!(header_sheet(&["旧"], &["甲", "乙"]), Ok("旧".to_owned()));
        for named in [&[][..], &["*"]] {
            let several = Problem::new(Code::SeveralSheets).with("sheets", both.clone());
            assert_eq!(header_sheet(named, &["甲", "乙"]), Err(several));
        }
        let missing = Problem::new(Code::NoSuchSheet)
            .with("sheet", "丙")
            .with("sheets", Fact::list(["甲", "乙", "旧"]));
        assert_eq!(header_sheet(&["丙"], &["甲", "乙"]), Err(missing));
    }
}
