//! `ferry map`: proposes a mapping from a sheet's header and from all of its cells, in one pass.
//!
//! Memory is bounded by the number of columns: of each column, only counts and a bounded number of distinct words are
//! kept.

use std::path::{Path, PathBuf};

use crate::check::{Checker, Intent};
use crate::job::error::JobError;
use crate::job::spec::SheetOptions;
use crate::lang::Lang;
use crate::mapping::{
    ColumnNote, ColumnStats, MappingForm, Proposal, SeenColumn, UNDECIDED, WordNotes,
};
use crate::model::{
    CellKind, CellNotes, Code, Draft, Monitor, Origin, Part, Problem, RowNumber, Schema, Slot,
    Stop, Task,
};
use crate::source::incoming::AtHand;
use crate::source::rows::BATCH_ROWS;
use crate::source::{manifest, sheets};
use crate::table::{
    Column, Format, OutCell, ReadOptions, SheetRole, SheetSpec, StyledCell, Workbook,
    create_writer, write_file,
};
use crate::{lang, mapping};

/// What to propose a mapping for: the request of `ferry map`.
#[derive(Debug, Clone)]
pub struct ProposeRequest {
    /// The file.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// Which sheet, and where its header is.
    pub sheets: SheetOptions,
    /// The fields of the account.
    pub schema: Schema,
    /// Where the mapping goes: a workbook if the extension is `.xlsx`, else TOML.
    pub output: PathBuf,
    /// The language of the mapping's notes.
    pub lang: Lang,
}

/// What was proposed.
#[derive(Debug, Clone, Default)]
pub struct ProposeReport {
    /// How many rows were read.
    pub rows: u64,
    /// How many columns have a field beyond doubt.
    pub certain: usize,
    /// How many columns are left out beyond doubt.
    pub ignored: usize,
    /// The columns with a doubt: their letters, their header, and what is to be decided.
    pub doubts: Vec<(String, String, String)>,
    /// How many words match none of a field's choices.
    pub words: usize,
    /// How many owners lack an id.
    pub owners: usize,
    /// The path of the mapping.
    pub output: PathBuf,
}

/// Reads the whole file and writes a mapping for it. Fails when the file has no rows. Errors name the file as it was
/// typed.
pub fn propose(
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<ProposeReport, JobError> {
    let here = AtHand::of(&request.source, monitor, stop)?;
    propose_from(&here.path, request, monitor, stop).map_err(|error| match error {
        // Errors name the file that a person knows, not a copy.
        JobError::Table(error) => JobError::Table(error.about(&request.source)),
        other => other,
    })
}

fn propose_from(
    path: &Path,
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<ProposeReport, JobError> {
    let workbook = Workbook::open(
        path,
        &manifest::read_options(&request.source, &request.read),
    )?;
    let header = sheets::find_header_row(&workbook, &request.schema, &request.sheets, monitor)?;
    let (columns, rows) = count_columns(&workbook, &header, monitor, stop)?;
    if rows == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    let checker = Checker::new(&request.schema);
    let recognise = |field: usize, text: &str| unknown_words(&checker, field, text);
    let proposal = mapping::propose(&columns, &request.schema, &recognise);
    let mut form = form_of(&proposal, request.lang);
    if workbook.sheets().len() > 1 {
        form.sheet = Some(header.sheet.clone());
    }
    let report = ProposeReport {
        rows,
        certain: proposal
            .columns
            .iter()
            .filter(|column| column.doubt.is_none() && !column.form.ignore)
            .count(),
        ignored: proposal
            .columns
            .iter()
            .filter(|column| column.doubt.is_none() && column.form.ignore)
            .count(),
        doubts: proposal
            .columns
            .iter()
            .filter_map(|column| {
                let words = lang::words(column.doubt.as_ref()?, request.lang);
                Some((column.letters.clone(), column.header.clone(), words.message))
            })
            .collect(),
        words: proposal
            .columns
            .iter()
            .map(|column| column.words.len())
            .sum(),
        owners: proposal.owners.len(),
        output: request.output.clone(),
    };
    write(&proposal, &form, &report, request)?;
    Ok(report)
}

/// Counts what every column holds, and the rows below the header.
fn count_columns(
    workbook: &Workbook,
    header: &sheets::HeaderRow,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<(Vec<SeenColumn>, u64), JobError> {
    let mut columns: Vec<SeenColumn> = Vec::new();
    let column_of = |columns: &mut Vec<SeenColumn>, column: u32| match columns
        .binary_search_by_key(&column, |seen| seen.column)
    {
        Ok(position) => position,
        Err(position) => {
            let seen = SeenColumn {
                column,
                header: String::new(),
                stats: ColumnStats::default(),
            };
            columns.insert(position, seen);
            position
        }
    };
    for cell in &header.row.cells {
        let position = column_of(&mut columns, cell.column);
        if let Some(seen) = columns.get_mut(position) {
            seen.header.clone_from(&cell.text);
        }
    }
    let mut reader = workbook.rows(header.index, 0)?;
    let mut rows = 0;
    monitor.start_task(Task::Check, None);
    while let Some(row) = reader.read_row()? {
        if row.number.row <= header.row.number.row {
            continue;
        }
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        rows += 1;
        for cell in &row.cells {
            let position = column_of(&mut columns, cell.column);
            if let Some(seen) = columns.get_mut(position) {
                seen.stats.count(cell, mapping::is_blank_word(&cell.text));
            }
        }
        if rows % BATCH_ROWS as u64 == 0 {
            monitor.advance(Task::Check, BATCH_ROWS as u64);
        }
    }
    monitor.finish_task(Task::Check);
    Ok((columns, rows))
}

/// Returns the words of a cell that are no choices of a field, each with the nearest choices, as a check finds them.
fn unknown_words(checker: &Checker, field: usize, text: &str) -> Vec<(String, String)> {
    let draft = Draft {
        number: RowNumber::new(1),
        id: None,
        prior: None,
        parts: vec![Part {
            field,
            slot: Slot::Whole,
            column: 0,
            text: text.to_owned(),
            kind: CellKind::Text,
            origin: Origin::Cell,
            rule: None,
        }],
        problems: Vec::new(),
        fingerprint: [0; 16],
        merged_into: None,
        notes: CellNotes::default(),
        is_unchanged: false,
    };
    let problems = checker.check(&draft, Intent::Update).problems;
    problems
        .into_iter()
        .filter(|problem| matches!(problem.code, Code::NotAChoice | Code::NotAPath))
        .map(|problem| {
            (
                problem.fact("value").to_owned(),
                problem.fact("nearest").to_owned(),
            )
        })
        .collect()
}

fn form_of(proposal: &Proposal, lang: Lang) -> MappingForm {
    let columns = proposal.columns.iter().map(|column| {
        let mut form = column.form.clone();
        form.doubt = column
            .doubt
            .as_ref()
            .map(|doubt| lang::words(doubt, lang).message);
        (column.name.clone(), form)
    });
    let owners = proposal.owners.keys();
    MappingForm {
        columns: columns.collect(),
        owner_ids: owners
            .map(|name| (name.clone(), UNDECIDED.to_owned()))
            .collect(),
        ..MappingForm::default()
    }
}

fn notes_of(proposal: &Proposal, lang: Lang) -> (Vec<ColumnNote>, WordNotes) {
    let mut words = WordNotes::new();
    for column in &proposal.columns {
        for (word, (rows, near)) in &column.words {
            let why = if near.is_empty() {
                String::new()
            } else {
                format!("≈ {near}")
            };
            words.insert((column.name.clone(), word.clone()), (*rows, why));
        }
    }
    for (name, rows) in &proposal.owners {
        words.insert((String::new(), name.clone()), (*rows, String::new()));
    }
    let note = |column: &mapping::ProposedColumn| {
        let reasons = column.reasons.iter();
        let mut said: Vec<String> = reasons
            .filter(|reason| Some(*reason) != column.doubt.as_ref())
            .map(|reason| lang::words(reason, lang).message)
            .collect();
        // The doubt itself stands in a column of its own. The note says what to do about it.
        said.extend(
            column
                .doubt
                .as_ref()
                .map(|doubt| lang::words(doubt, lang).tip),
        );
        if column.more_words > 0 {
            let more =
                Problem::new(Code::MapMoreWords).with("count", column.more_words.to_string());
            said.push(lang::words(&more, lang).message);
        }
        ColumnNote {
            name: column.name.clone(),
            letters: column.letters.clone(),
            header: column.header.clone(),
            confidence: format!("{}%", column.confidence),
            note: said.join(lang.pick("; ", "；")),
        }
    };
    (proposal.columns.iter().map(note).collect(), words)
}

fn write(
    proposal: &Proposal,
    form: &MappingForm,
    report: &ProposeReport,
    request: &ProposeRequest,
) -> Result<(), JobError> {
    let (output, lang) = (request.output.as_path(), request.lang);
    let (notes, words) = notes_of(proposal, lang);
    if output
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
    {
        return write_book(&mapping::to_book(form, &notes, &words), output);
    }
    let head = Problem::new(Code::MapHead)
        .with("columns", report.certain.to_string())
        .with("doubts", report.doubts.len().to_string());
    let said = lang::words(&head, lang);
    let mut head = vec![said.message, said.tip];
    if proposal.more_owners > 0 {
        let more = Problem::new(Code::MapMoreWords).with("count", proposal.more_owners.to_string());
        head.push(format!("owner_ids: {}", lang::words(&more, lang).message));
    }
    let text = mapping::to_toml(form, &head, &notes, &words);
    Ok(write_file(output, text.as_bytes())?)
}

fn write_book(sheets: &[mapping::BookSheet], output: &Path) -> Result<(), JobError> {
    let folder = output
        .parent()
        .filter(|parent| !parent.as_os_str().is_empty());
    let mut writer = create_writer(Format::Xlsx, folder.unwrap_or_else(|| Path::new(".")))?;
    for sheet in sheets {
        let columns = sheet.headers.iter().map(|header| Column {
            header: (*header).to_owned(),
            width: match *header {
                "说明" | "疑问" => 44.0,
                "表头" | "字段" | "表中写法" | "CRM选项" | "姓名" | "设置" | "值" => {
                    20.0
                }
                "负责人ID" => 24.0,
                _ => 9.0,
            },
            ..Column::default()
        });
        writer.start_sheet(SheetSpec {
            name: sheet.title.to_owned(),
            columns: columns.collect(),
            hidden: false,
            role: SheetRole::Data,
        })?;
        let doubt = sheet.headers.iter().position(|header| *header == "疑问");
        for row in &sheet.rows {
            let is_open = doubt
                .and_then(|doubt| row.get(doubt))
                .is_some_and(|text| !text.is_empty())
                || row.iter().any(|text| text == UNDECIDED);
            let cells: Vec<StyledCell<'_>> = row
                .iter()
                .map(|text| StyledCell {
                    cell: if text.is_empty() {
                        OutCell::Blank
                    } else {
                        OutCell::Text(text)
                    },
                    style: if is_open {
                        crate::table::CellStyle::Warn
                    } else {
                        crate::table::CellStyle::Plain
                    },
                    note: None,
                })
                .collect();
            writer.write_row(&cells)?;
        }
    }
    Ok(writer.finish(output)?)
}
