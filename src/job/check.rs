//! `ferry check`: validates everything without sending, and without a journal.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::plan::Judge;
use super::rows::SourceRows;
use super::twice::Once;
use super::{BlankKey, JobError, MaxErrors, Mode, SheetOptions, SheetPlan, keys, sheets};
use crate::journal::{Journal, StateFolder};
use crate::lang::{self, Lang};
use crate::model::{
    Cell, Code, JobId, Monitor, Problem, RowNumber, Schema, Stop, Task, column_letters,
};
use crate::table::{
    CellStyle, Column, Format, OutCell, ReadOptions, SheetRole, SheetSpec, StyledCell, Workbook,
    create_writer,
};

/// What to check.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The file.
    pub source: PathBuf,
    /// How its bytes are read.
    pub read: ReadOptions,
    /// Which sheets.
    pub sheets: SheetOptions,
    /// How rows would become calls.
    pub mode: Mode,
    /// The fields by which a row is recognised, as typed.
    pub key: Vec<String>,
    /// What becomes of rows whose keys are all blank.
    pub blank_key: BlankKey,
    /// Stop when more rows than this are wrong.
    pub max_errors: Option<MaxErrors>,
    /// The fields of the account.
    pub schema: Schema,
    /// Where the sheet of problems goes; none is written when absent.
    pub output: Option<PathBuf>,
    /// Every row in the sheet, and not only those with problems.
    pub all: bool,
    /// The language the sheet is written in.
    pub lang: Lang,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// Rows read.
    pub rows: u64,
    /// Rows with problems.
    pub invalid: u64,
    /// Rows that would be added.
    pub adds: u64,
    /// Rows that would be updated.
    pub updates: u64,
    /// Whether `max_errors` ended it before the last row.
    pub is_cut_short: bool,
    /// Problems by code.
    pub codes: BTreeMap<Code, u64>,
    /// The first problems, with their rows, for the terminal.
    pub first: Vec<(RowNumber, Problem)>,
    /// The sheet, if one was written.
    pub output: Option<PathBuf>,
    /// Calls that reading the field list cost.
    pub calls: u64,
    /// How long it took.
    pub elapsed: Duration,
}

/// How many problems a report keeps for the terminal.
const FIRST_PROBLEMS: usize = 10;

/// Checks a file against the fields of an account.
pub fn check_file(
    request: &CheckRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<CheckReport, JobError> {
    let began = Instant::now();
    let workbook = Workbook::open(&request.source, &request.read)?;
    let schema = super::map::schema_for(&request.sheets, request.schema.clone())?;
    let plans = sheets::resolve(
        &workbook,
        &schema,
        &request.sheets,
        None,
        (monitor, request.lang),
    )?;
    for field in schema.unknown_types() {
        monitor.notice(
            &Problem::new(Code::UnknownType)
                .with("field", &field.label)
                .with("type", &field.type_name),
        );
    }
    let keys = keys::resolve(&request.key, &schema, &plans)?;
    let once = Once {
        sheets: &plans,
        schema: &schema,
        keys: &keys,
        blank_key: request.blank_key,
        mode: request.mode,
    };
    let judge = Judge::new(&plans, &schema, request.mode);
    let mut writer = request
        .output
        .as_ref()
        .map(|path| ProblemSheet::create(path, &plans, request.lang))
        .transpose()?;
    let mut rows = SourceRows::new(&workbook, &plans);
    let mut report = CheckReport::default();
    let has_id = plans.iter().any(|plan| plan.columns.has_id());
    let mut scratch = (has_id || !keys.is_empty())
        .then(Scratch::create)
        .transpose()?;
    let mut blank_words = 0;
    monitor.start_task(Task::Check, None);
    while !report.is_cut_short {
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let batch = rows.read_batch()?;
        if batch.is_empty() {
            break;
        }
        let mut judged = judge.judge(&batch);
        if let Some(scratch) = &mut scratch {
            scratch.journal.in_transaction(|journal| {
                for (draft, checked) in &mut judged {
                    let twice = once.problems(draft, checked, journal)?;
                    checked.problems.extend(twice);
                }
                Ok::<_, JobError>(())
            })?;
        }
        for (row, (draft, checked)) in batch.iter().zip(judged) {
            let most = request.max_errors;
            if most.is_some_and(|most| most.is_exceeded(report.invalid, report.rows)) {
                report.is_cut_short = true;
                break;
            }
            report.rows += 1;
            blank_words += u64::from(draft.blank_words);
            if checked.problems.is_empty() && draft.merged_into.is_none() {
                *(if draft.id.is_some() {
                    &mut report.updates
                } else {
                    &mut report.adds
                }) += 1;
            }
            report.invalid += u64::from(!checked.problems.is_empty());
            for problem in &checked.problems {
                *report.codes.entry(problem.code).or_default() += 1;
                if report.first.len() < FIRST_PROBLEMS {
                    report.first.push((row.number, problem.clone()));
                }
            }
            if let Some(writer) = &mut writer
                && (request.all || !checked.problems.is_empty())
            {
                writer.write(row, &checked.problems)?;
            }
        }
        monitor.advance(Task::Check, batch.len() as u64);
    }
    monitor.finish_task(Task::Check);
    if let Some(notice) = rows.merged_notice() {
        monitor.notice(&notice);
    }
    if report.rows == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    if blank_words > 0 {
        monitor.notice(&Problem::new(Code::BlankWords).with("count", blank_words.to_string()));
    }
    if let (Some(writer), Some(path)) = (writer, &request.output) {
        writer.finish(path)?;
        report.output = Some(path.clone());
    }
    report.elapsed = began.elapsed();
    Ok(report)
}

/// A throw-away journal on disk, so that memory does not grow with rows.
struct Scratch {
    journal: Journal,
    _folder: tempfile::TempDir,
}

impl Scratch {
    fn create() -> Result<Self, JobError> {
        let path = std::env::temp_dir();
        let folder = tempfile::tempdir().map_err(|source| JobError::File { path, source })?;
        let state = StateFolder::open(folder.path())?;
        let (job, _lock) = state.create_job(&JobId::from_parts("check", "rows"))?;
        Ok(Self {
            journal: Journal::create(&job, "")?,
            _folder: folder,
        })
    }
}

/// The rows with problems, each with what is wrong and what to do.
struct ProblemSheet<'a> {
    writer: Box<dyn crate::table::TableWriter>,
    plans: &'a [SheetPlan],
    columns: Vec<(u16, u32)>,
    lang: Lang,
}

impl<'a> ProblemSheet<'a> {
    fn create(
        path: &std::path::Path,
        plans: &'a [SheetPlan],
        lang: Lang,
    ) -> Result<Self, JobError> {
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let format = if is_csv { Format::Csv } else { Format::Xlsx };
        let folder = path
            .parent()
            .filter(|parent| !parent.as_os_str().is_empty());
        let mut writer =
            create_writer(format, folder.unwrap_or_else(|| std::path::Path::new(".")))?;
        let mut columns = Vec::new();
        let mut headers: Vec<Column> = [
            ("_row", 7.0),
            ("_error_code", 12.0),
            ("_error", 50.0),
            ("_tip", 50.0),
        ]
        .map(|(header, width)| Column {
            header: header.to_owned(),
            width,
            ..Column::default()
        })
        .to_vec();
        for (sheet, plan) in plans.iter().enumerate() {
            for column in plan
                .columns
                .columns
                .iter()
                .filter(|column| !column.target.is_ferry())
            {
                columns.push((sheet as u16, column.column));
                headers.push(Column {
                    header: column.header.clone(),
                    width: 16.0,
                    ..Column::default()
                });
            }
        }
        writer.start_sheet(SheetSpec {
            name: lang::sheets::problems(lang).to_owned(),
            columns: headers,
            hidden: false,
            role: SheetRole::Data,
        })?;
        Ok(Self {
            writer,
            plans,
            columns,
            lang,
        })
    }

    fn write(&mut self, row: &crate::model::Row, problems: &[Problem]) -> Result<(), JobError> {
        let label = match self.plans.get(usize::from(row.number.sheet)) {
            Some(plan) if self.plans.len() > 1 => format!("{}!{}", plan.name, row.number.row),
            _ => row.number.row.to_string(),
        };
        let words: Vec<lang::Words> = problems
            .iter()
            .map(|problem| lang::words(problem, self.lang))
            .collect();
        let list = |texts: Vec<String>| texts.join(lang::sheets::between(self.lang));
        let codes = list(
            problems
                .iter()
                .map(|problem| problem.code.to_string())
                .collect(),
        );
        let messages = list(words.iter().map(|words| words.message.clone()).collect());
        let tips = list(words.iter().map(|words| words.tip.clone()).collect());
        let notes: Vec<(u32, String)> = problems
            .iter()
            .zip(&words)
            .filter_map(|(problem, words)| {
                let column = problem.column?;
                Some((
                    column,
                    lang::sheets::note(
                        self.lang,
                        &format!("{}{}", column_letters(column), row.number.row),
                        words,
                    ),
                ))
            })
            .collect();
        let mut cells: Vec<StyledCell<'_>> = [label.as_str(), &codes, &messages, &tips]
            .map(|text| StyledCell::plain(OutCell::Text(text)))
            .to_vec();
        for (sheet, column) in &self.columns {
            let text = row
                .cell(*column)
                .filter(|_| *sheet == row.number.sheet)
                .map_or("", |Cell { text, .. }| text);
            let note = notes
                .iter()
                .find(|(noted, _)| noted == column && *sheet == row.number.sheet);
            cells.push(StyledCell {
                cell: if text.is_empty() {
                    OutCell::Blank
                } else {
                    OutCell::Text(text)
                },
                style: if note.is_some() {
                    CellStyle::Bad
                } else {
                    CellStyle::Plain
                },
                note: note.map(|(_, note)| note.as_str()),
            });
        }
        Ok(self.writer.write_row(&cells)?)
    }

    fn finish(self, path: &std::path::Path) -> Result<(), JobError> {
        Ok(self.writer.finish(path)?)
    }
}
