//! The layout of a sheet with one row for each row of the source: what became of it, then the source's own columns in
//! their order, wording, kinds and formats, then ferry's technical columns, folded away. Result sheets, previews and
//! the sheets of checks use it, with different columns of ferry's.
//!
//! Such a sheet comes back as input, so nothing that was in a source cell is lost unsaid. A text that a workbook's cell
//! cannot hold has a note where it is cut. A cell that ferry's column leaves blank (an `_id` that is none, the `_job`
//! of a result sheet that is only checked) is filled from the source's column of that kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::job::error::JobError;
use crate::job::examples::Example;
use crate::job::spec;
use crate::job::spec::SheetPlan;
use crate::lang;
use crate::lang::hint::Hints;
use crate::lang::{Lang, sheets};
use crate::mapping::{Target, is_doubtful};
use crate::model::{
    CUSTOMER_NAME, Code, Kind, LONGEST_TEXT, Problem, Row, RowNumber, Schema, Slot, column_letters,
    shortened,
};
use crate::results::places::RowPlaces;
use crate::table::{
    CellFormat, CellStyle, Column, ColumnFormat, LAST_COLUMN, OutCell, SheetFormats, SheetRole,
    SheetSpec, StyledCell, TableWriter, Workbook, kept,
};

/// The greatest widths, in characters, of ferry's columns of texts, and of the customer's name behind them. With an
/// `_id` of 19 digits in front of the name, all of them take three fifths of a laptop's window and stay in view. Beside
/// the changes of a preview there is less room for messages.
const RESULT_WIDTH: f64 = 12.0;
const MESSAGE_WIDTH: f64 = 25.0;
const MESSAGE_WIDTH_BESIDE_CHANGES: f64 = 16.0;
const CHANGES_WIDTH: f64 = 24.0;
const NAME_WIDTH: f64 = 20.0;

/// A column that ferry fills, in front of the source's own columns or behind them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// The outcome in words of the sheet's language.
    Result,
    /// The row's number in the source.
    Row,
    /// The status.
    Status,
    /// The action that was taken.
    Action,
    /// The customer's `_id`.
    Id,
    /// The codes of the problems.
    ErrorCode,
    /// The messages of the problems.
    Error,
    /// The tips of the problems: what to do about them.
    Tip,
    /// The id of the job.
    Job,
    /// When the row was sent, in the account's time zone.
    SentAt,
    /// The fields that would change.
    Changes,
}

impl Lead {
    /// The columns of a job's result sheet.
    pub(crate) const OF_JOB: [Self; 10] = [
        Self::Result,
        Self::Id,
        Self::Error,
        Self::Tip,
        Self::Row,
        Self::Status,
        Self::Action,
        Self::ErrorCode,
        Self::Job,
        Self::SentAt,
    ];

    /// The columns of a plan's preview.
    pub(crate) const OF_PLAN: [Self; 10] = [
        Self::Result,
        Self::Id,
        Self::Changes,
        Self::Error,
        Self::Tip,
        Self::Row,
        Self::Status,
        Self::Action,
        Self::ErrorCode,
        Self::Job,
    ];

    /// Whether the column serves programs and the way back more than people. Such columns stand behind the source's.
    fn is_technical(self) -> bool {
        match self {
            Self::Result | Self::Id | Self::Error | Self::Tip | Self::Changes => false,
            Self::Row
            | Self::Status
            | Self::Action
            | Self::ErrorCode
            | Self::Job
            | Self::SentAt => true,
        }
    }

    fn column(self, lang: Lang, message_width: f64) -> Column {
        Column {
            header: self.header(lang).to_owned(),
            wrap_at: match self {
                Self::Result => RESULT_WIDTH,
                Self::Error | Self::Tip => message_width,
                Self::Changes => CHANGES_WIDTH,
                _ => 0.0,
            },
            folded: self.is_technical(),
            ..Column::default()
        }
    }

    fn header(self, lang: Lang) -> &'static str {
        match self {
            Self::Result => sheets::result_column(lang),
            Self::Row => "_row",
            Self::Status => "_status",
            Self::Action => "_action",
            Self::Id => "_id",
            Self::ErrorCode => "_error_code",
            Self::Error => "_error",
            Self::Tip => "_tip",
            Self::Job => "_job",
            Self::SentAt => "_sent_at",
            Self::Changes => "_changes",
        }
    }

    /// Returns the column of ferry's that a source column comes back in.
    fn of(target: &Target) -> Option<Self> {
        Some(match target {
            Target::Id => Self::Id,
            Target::Status => Self::Status,
            Target::Job => Self::Job,
            Target::Row => Self::Row,
            _ => return None,
        })
    }
}

/// What ferry's columns say of a row; empty where there is nothing to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AnswerCells<'a> {
    /// The outcome in words of the sheet's language.
    pub result: &'a str,
    /// The look of the outcome.
    pub style: CellStyle,
    /// What is wrong with the row.
    pub problems: &'a [Problem],
    /// The number of the row in the source; blank where the source's own `_row` is to stay.
    pub row: OutCell<'a>,
    /// The status.
    pub status: &'a str,
    /// The action that was taken.
    pub action: &'a str,
    /// The customer's `_id`.
    pub id: &'a str,
    /// The id of the job.
    pub job: &'a str,
    /// When the row was sent, in the account's time zone.
    pub sent_at: &'a str,
    /// The fields that would change, in words.
    pub changes: &'a str,
    /// The cells that would change: source column, and old and new value as one text.
    pub changed_cells: &'a [(u32, String)],
    /// Whether a filter hides the row.
    pub is_filtered: bool,
    /// Whether the row's problems stand in the list of problems.
    pub is_listed: bool,
}

/// The columns of a sheet, and where each source cell goes.
pub(crate) struct SheetLayout<'a> {
    pub plans: &'a [SheetPlan],
    pub lang: Lang,
    /// What the commands in the sheet need so that they can be copied.
    pub hints: Hints,
    /// ferry's columns in front of the source's own.
    front: Vec<Lead>,
    /// ferry's columns behind the source's own.
    back: Vec<Lead>,
    /// Headers of the source's own columns, over all of its sheets.
    headers: Vec<String>,
    /// The number formats of the source's own columns, as far as they are known.
    formats: BTreeMap<usize, ColumnFormat>,
    /// For each sheet of the source: the formats of its numbers.
    source_formats: Vec<SheetFormats>,
    /// For each sheet of the source: the position that a source column has in the sheet that is written.
    positions: Vec<BTreeMap<u32, usize>>,
    /// For each sheet of the source: its columns of numbers.
    numbers: Vec<BTreeSet<u32>>,
    /// For each sheet of the source: its columns of fields, and whether they hold prose. None where cells in doubt are
    /// not marked.
    doubted: Vec<BTreeMap<u32, bool>>,
}

impl<'a> SheetLayout<'a> {
    pub(crate) fn new(plans: &'a [SheetPlan], schema: &Schema, leads: &[Lead], lang: Lang) -> Self {
        let (back, front): (Vec<Lead>, Vec<Lead>) =
            leads.iter().partition(|lead| lead.is_technical());
        let mut headers: Vec<String> = Vec::new();
        let mut positions = Vec::new();
        for sheet in plans {
            let mut taken = vec![false; headers.len()];
            let mut own = BTreeMap::new();
            for column in &sheet.columns.columns {
                if column.target.is_ferry() {
                    continue;
                }
                // Columns of the first sheet have no earlier sheet to share a position with.
                let mut free = headers.iter().enumerate().filter(|_| !positions.is_empty());
                let known = free.find(|(position, header)| {
                    **header == column.header && !taken.get(*position).copied().unwrap_or(true)
                });
                let known = known.map(|(position, _)| position);
                let position = known.unwrap_or_else(|| {
                    headers.push(column.header.clone());
                    taken.push(false);
                    headers.len() - 1
                });
                if let Some(mark) = taken.get_mut(position) {
                    *mark = true;
                }
                own.insert(column.column, front.len() + position);
            }
            positions.push(own);
        }
        let mut layout = Self {
            plans,
            lang,
            hints: Hints::default(),
            front,
            back,
            headers,
            formats: BTreeMap::new(),
            source_formats: Vec::new(),
            positions,
            numbers: plans.iter().map(|plan| numbers_of(plan, schema)).collect(),
            doubted: Vec::new(),
        };
        layout.place_ferry_columns();
        layout
    }

    /// Sets what the commands in the sheet need so that they can be copied.
    pub(crate) fn with_hints(mut self, hints: Hints) -> Self {
        self.hints = hints;
        self
    }

    /// Marks cells that are in doubt although their row is in order.
    pub(crate) fn with_doubts(mut self, schema: &Schema) -> Self {
        let plans = self.plans.iter();
        self.doubted = plans.map(|plan| doubted_of(plan, schema)).collect();
        self
    }

    /// Returns the columns of a row whose cells look as if letters had been lost, and are in order else.
    fn doubtful(&self, row: &Row, problems: &[Problem]) -> Vec<(u32, String)> {
        let Some(doubted) = self.doubted.get(usize::from(row.number.sheet)) else {
            return Vec::new();
        };
        let cells = row.cells.iter().filter(|cell| {
            let is_prose = doubted.get(&cell.column);
            is_prose.is_some_and(|is_prose| is_doubtful(&cell.text, *is_prose))
                && problems
                    .iter()
                    .all(|problem| problem.column != Some(cell.column))
        });
        cells.map(|cell| (cell.column, cell.text.clone())).collect()
    }

    /// Places the source's columns that ferry's come back in. Those behind the source's own are known last.
    fn place_ferry_columns(&mut self) {
        let mut found = Vec::new();
        for (sheet, plan) in self.plans.iter().enumerate() {
            for column in &plan.columns.columns {
                let lead = Lead::of(&column.target);
                let position = lead.and_then(|lead| self.position_of(lead));
                found.extend(position.map(|position| (sheet, column.column, position)));
            }
        }
        for (sheet, column, position) in found {
            if let Some(own) = self.positions.get_mut(sheet) {
                own.insert(column, position);
            }
        }
    }

    fn position_of(&self, lead: Lead) -> Option<usize> {
        let at = |leads: &[Lead]| leads.iter().position(|candidate| *candidate == lead);
        let behind = self.front.len() + self.headers.len();
        at(&self.front).or_else(|| at(&self.back).map(|position| behind + position))
    }

    /// Takes over the number formats of the source. Where several sheets share a column, the first that has a format
    /// decides on that of the column.
    pub(crate) fn dress_as(&mut self, source: &Workbook) {
        for (plan, positions) in self.plans.iter().zip(&self.positions) {
            let formats = source.formats(plan.index, plan.header_row);
            for (column, format) in formats.of_columns() {
                if let Some(position) = positions.get(&column) {
                    let own = self.formats.entry(*position);
                    own.or_insert_with(|| format.clone());
                }
            }
            self.source_formats.push(formats);
        }
    }

    /// Returns what a problem says, with commands that can be copied.
    pub(crate) fn words(&self, problem: &Problem) -> lang::Words {
        self.hints.words(problem, self.lang)
    }

    /// Returns the name of a row's customer, as its source says it; empty where it says none.
    pub(crate) fn name<'b>(&self, row: &'b Row) -> &'b str {
        let column = self.name_column(usize::from(row.number.sheet));
        let cell = column.and_then(|column| row.cell(column));
        cell.map_or("", |cell| cell.text.as_str())
    }

    /// Returns the column of a sheet of the source that holds the customers' names.
    fn name_column(&self, sheet: usize) -> Option<u32> {
        let plan = self.plans.get(sheet)?;
        let mut columns = plan.columns.columns.iter();
        let is_name = |target: &Target| {
            let place = target.place();
            place.is_some_and(|(key, slot)| key.as_str() == CUSTOMER_NAME && slot == Slot::Whole)
        };
        let found = columns.find(|column| is_name(&column.target));
        found.map(|column| column.column)
    }

    /// Returns the columns of the sheet. The name's stays in view, and all before it.
    fn columns(&self) -> Vec<Column> {
        let width = if self.front.contains(&Lead::Changes) {
            MESSAGE_WIDTH_BESIDE_CHANGES
        } else {
            MESSAGE_WIDTH
        };
        let front = self.front.iter().map(|lead| lead.column(self.lang, width));
        let own = self.headers.iter().enumerate().map(|(position, header)| {
            let format = self.formats.get(&(self.front.len() + position));
            Column {
                header: header.clone(),
                number_format: format.map(ColumnFormat::code),
                ..Column::default()
            }
        });
        let back = self.back.iter().map(|lead| Column {
            // Of several sheets a row is named by a text.
            cells: if *lead == Lead::Row && self.plans.len() == 1 {
                CellFormat::Count
            } else {
                CellFormat::Text
            },
            ..lead.column(self.lang, width)
        });
        let mut columns: Vec<Column> = front.chain(own).chain(back).collect();
        let name = self.name_position(0);
        for column in columns.iter_mut().take(name.map_or(1, |name| name + 1)) {
            column.frozen = true;
        }
        if let Some(column) = name.and_then(|name| columns.get_mut(name)) {
            column.wrap_at = NAME_WIDTH;
            column.usual = CellStyle::Wrapped;
        }
        columns
    }

    /// Returns the position of the customers' names, in the sheet that is written, of a sheet of the source.
    fn name_position(&self, sheet: usize) -> Option<usize> {
        let column = self.name_column(sheet)?;
        self.positions.get(sheet)?.get(&column).copied()
    }

    /// Starts the sheet with its headers. The widths follow the content.
    pub(crate) fn start(&self, name: &str, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        Ok(writer.start_sheet(SheetSpec {
            name: name.to_owned(),
            columns: self.columns(),
            hidden: false,
            role: SheetRole::Data,
        })?)
    }

    /// Returns a row's number as the sheet shows it: a number, or the `label` if the source has several sheets.
    pub(crate) fn number<'b>(&self, number: RowNumber, label: &'b str) -> OutCell<'b> {
        if self.plans.len() > 1 {
            OutCell::Text(label)
        } else {
            OutCell::Count(u64::from(number.row))
        }
    }

    /// Fills in where examples stand in the sheet that was written, and whose rows they are.
    pub(crate) fn locate(&self, places: &RowPlaces, examples: &mut [Example]) {
        for example in examples {
            if let Some(place) = places.of(example.row) {
                place.name.clone_into(&mut example.name);
                example.source = self.label(example.row);
                let cell = self.cell(example.row, example.problem.column, place.row);
                example.cell = Some(places.address(place, &cell));
            }
        }
    }

    /// Returns the name of a row for people: `17`, or `name!17` if the source has several sheets.
    pub(crate) fn label(&self, number: RowNumber) -> String {
        spec::row_label(self.plans, number)
    }

    /// Returns the cell of a problem in the sheet that is written, such as `P7`. A problem without a column stands in
    /// the first one.
    pub(crate) fn cell(&self, number: RowNumber, column: Option<u32>, row: u32) -> String {
        let positions = self.positions.get(usize::from(number.sheet));
        let position = column.and_then(|column| positions?.get(&column));
        let position = position.and_then(|position| u32::try_from(*position).ok());
        format!("{}{row}", column_letters(position.unwrap_or(0)))
    }

    /// Writes a row, with its problems as notes on their cells. Notes in `places` where the row stands, if its problems
    /// are listed, and where cells in doubt stand.
    pub(crate) fn write(
        &self,
        writer: &mut dyn TableWriter,
        row: &Row,
        answer: &AnswerCells<'_>,
        places: &mut RowPlaces,
    ) -> Result<(), JobError> {
        if let Some(place) = writer.next_place().filter(|_| answer.is_listed) {
            places.note(row.number, place, self.name(row));
        }
        let doubts = self.doubtful(row, answer.problems);
        for (column, text) in &doubts {
            let place = writer.next_place();
            places.doubt((row.number, *column), text, place, self.name(row));
        }
        let said: Vec<lang::Words> = answer
            .problems
            .iter()
            .map(|problem| self.words(problem))
            .collect();
        let texts = AnswerTexts::of(answer, &said);
        let mut cells: Vec<StyledCell<'_>> = Vec::with_capacity(self.width());
        let front = self.front.iter();
        cells.extend(front.map(|lead| lead_cell(*lead, answer, &texts)));
        let behind = self.front.len() + self.headers.len();
        cells.resize(behind, StyledCell::plain(OutCell::Blank));
        let back = self.back.iter();
        cells.extend(back.map(|lead| lead_cell(*lead, answer, &texts)));
        let positions = self.positions.get(usize::from(row.number.sheet));
        let position_of = |column: &u32| positions.and_then(|own| own.get(column)).copied();
        let id = self.position_of(Lead::Id);
        let name = self.name_position(0);
        // A field of numbers took what a cell stores, and takes it again when the sheet comes back.
        let numbers = self.numbers.get(usize::from(row.number.sheet));
        let own = row.with_numbers(|column| numbers.is_some_and(|own| own.contains(&column)));
        let formats = self.source_formats.get(usize::from(row.number.sheet));
        for source in own.iter() {
            let position = position_of(&source.column);
            if let Some(cell) = position.and_then(|position| cells.get_mut(position))
                && cell.cell == OutCell::Blank
            {
                cell.cell = if position == id {
                    OutCell::Text(&source.text)
                } else {
                    let format = formats.and_then(|own| own.of(source));
                    kept(source, row.cell(source.column), format)
                };
                let is_wrapped = position == name || has_lines(&cell.cell);
                if is_wrapped && matches!(cell.cell, OutCell::Text(_)) {
                    cell.style = CellStyle::Wrapped;
                }
            }
        }
        for (column, change) in answer.changed_cells {
            if let Some(cell) = position_of(column).and_then(|position| cells.get_mut(position)) {
                *cell = StyledCell {
                    style: CellStyle::Warn,
                    ..StyledCell::plain(OutCell::Text(change))
                };
            }
        }
        let notes = self.notes(row, answer, &said, &doubts, &mut cells);
        for (position, note) in &notes {
            if let Some(cell) = cells.get_mut(*position) {
                cell.note = Some(note);
            }
        }
        if answer.is_filtered {
            return Ok(writer.write_filtered_row(&cells)?);
        }
        Ok(writer.write_row(&cells)?)
    }

    /// Colours the cells with problems. Returns the notes of these cells, of corrected cells, and of cells that a
    /// workbook cuts, by their positions.
    fn notes(
        &self,
        row: &Row,
        answer: &AnswerCells<'_>,
        said: &[lang::Words],
        doubts: &[(u32, String)],
        cells: &mut [StyledCell<'_>],
    ) -> BTreeMap<usize, String> {
        let positions = self.positions.get(usize::from(row.number.sheet));
        let position_of = |column: &u32| positions.and_then(|own| own.get(column)).copied();
        let mut notes: BTreeMap<usize, String> = BTreeMap::new();
        for (problem, words) in answer.problems.iter().zip(said) {
            let Some(column) = problem.column else {
                continue;
            };
            let Some(position) = position_of(&column) else {
                continue;
            };
            let source = format!("{}{}", column_letters(column), row.number.row);
            let place = sheets::place_of_note(self.lang, &problem.code.to_string(), &source);
            add_note(
                &mut notes,
                position,
                &sheets::cell_note(self.lang, &place, words),
            );
        }
        for position in notes.keys() {
            if let Some(cell) = cells.get_mut(*position) {
                cell.style = CellStyle::Bad;
            }
        }
        for (column, _) in doubts {
            let Some(position) = position_of(column) else {
                continue;
            };
            let doubt = doubt_of(*column);
            let source = format!("{}{}", column_letters(*column), row.number.row);
            let place = sheets::place_of_note(self.lang, &doubt.code.to_string(), &source);
            let said = sheets::cell_note(self.lang, &place, &self.words(&doubt));
            add_note(&mut notes, position, &said);
            if let Some(cell) = cells.get_mut(position) {
                cell.style = CellStyle::Warn;
            }
        }
        for was in &row.corrected {
            if let Some(position) = position_of(&was.column) {
                let said = sheets::corrected_cell(self.lang, &shortened(&was.text));
                add_note(&mut notes, position, &said);
            }
        }
        for (position, cell) in cells.iter().enumerate() {
            if is_too_long(&cell.cell) {
                add_note(&mut notes, position, sheets::cut_cell(self.lang));
            }
        }
        notes
    }

    /// Fails if the sheet has more columns than a workbook can hold. A CSV file can hold any number.
    pub(crate) fn require_fitting(&self, path: Option<&Path>) -> Result<(), JobError> {
        let extension = path.and_then(Path::extension);
        let is_csv = extension.is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        if is_csv || self.width() <= LAST_COLUMN as usize {
            return Ok(());
        }
        let problem = Problem::new(Code::TooManyColumns)
            .with("count", self.width().to_string())
            .with("limit", LAST_COLUMN.to_string());
        Err(JobError::Input(vec![problem]))
    }

    fn width(&self) -> usize {
        self.front.len() + self.headers.len() + self.back.len()
    }
}

/// The texts of a row's problems, joined for one cell each.
struct AnswerTexts {
    codes: String,
    errors: String,
    tips: String,
}

impl AnswerTexts {
    fn of(answer: &AnswerCells<'_>, said: &[lang::Words]) -> Self {
        let problems = answer.problems.iter();
        let codes = problems.map(|problem| problem.code.to_string());
        let messages = said.iter().map(|words| words.message.clone());
        Self {
            codes: joined_texts(codes, "; "),
            errors: joined_texts(messages, " · "),
            tips: joined_texts(said.iter().map(|words| words.tip.clone()), " · "),
        }
    }
}

fn lead_cell<'a>(lead: Lead, answer: &AnswerCells<'a>, texts: &'a AnswerTexts) -> StyledCell<'a> {
    let cell = match lead {
        Lead::Result => text_cell(answer.result),
        Lead::Row => answer.row,
        Lead::Status => text_cell(answer.status),
        Lead::Action => text_cell(answer.action),
        Lead::Id => text_cell(answer.id),
        Lead::ErrorCode => text_cell(&texts.codes),
        Lead::Error => text_cell(&texts.errors),
        Lead::Tip => text_cell(&texts.tips),
        Lead::Job => text_cell(answer.job),
        Lead::SentAt if answer.sent_at.is_empty() => OutCell::Blank,
        Lead::SentAt => OutCell::DateTime(answer.sent_at),
        Lead::Changes => text_cell(answer.changes),
    };
    let style = match lead {
        Lead::Result | Lead::Status => answer.style,
        _ if cell == OutCell::Blank => CellStyle::Plain,
        Lead::Error | Lead::Tip | Lead::Changes => CellStyle::Wrapped,
        _ => CellStyle::Plain,
    };
    StyledCell {
        style,
        ..StyledCell::plain(cell)
    }
}

/// Returns the columns of a sheet that feed fields of numbers.
fn numbers_of(plan: &SheetPlan, schema: &Schema) -> BTreeSet<u32> {
    let is_number = |target: &Target| {
        let field = target
            .place()
            .and_then(|(key, _)| schema.field(key.as_str()));
        field.is_some_and(|field| field.kind == Kind::Number)
    };
    let columns = plan.columns.columns.iter();
    let numbers = columns.filter(|column| is_number(&column.target));
    numbers.map(|column| column.column).collect()
}

/// Returns the columns of a sheet that feed fields, and whether each holds prose, in which question marks are meant.
fn doubted_of(plan: &SheetPlan, schema: &Schema) -> BTreeMap<u32, bool> {
    let columns = plan.columns.columns.iter();
    let doubted = columns.filter_map(|column| {
        let (key, slot) = column.target.place()?;
        let kind = schema.field(key.as_str())?.kind;
        let is_prose = matches!(kind, Kind::Textarea | Kind::Url) || matches!(slot, Slot::Memo(_));
        Some((column.column, is_prose))
    });
    doubted.collect()
}

/// Returns the doubt of one cell that looks as if letters had been lost.
pub(crate) fn doubt_of(column: u32) -> Problem {
    Problem::new(Code::QuestionMarks)
        .with("count", "1")
        .at(column)
}

/// Adds to the note of a cell.
fn add_note(notes: &mut BTreeMap<usize, String>, position: usize, said: &str) {
    let note = notes.entry(position).or_default();
    if !note.is_empty() {
        note.push_str("\n\n");
    }
    note.push_str(said);
}

/// Whether a text has several lines, which a cell shows only where it is wrapped.
fn has_lines(cell: &OutCell<'_>) -> bool {
    matches!(cell, OutCell::Text(text) if text.contains('\n'))
}

/// Whether a text is too long for a cell of a workbook.
fn is_too_long(cell: &OutCell<'_>) -> bool {
    match cell {
        OutCell::Text(text) => {
            text.len() > LONGEST_TEXT && text.encode_utf16().count() > LONGEST_TEXT
        }
        _ => false,
    }
}

pub(crate) fn text_cell(text: &str) -> OutCell<'_> {
    if text.is_empty() {
        OutCell::Blank
    } else {
        OutCell::Text(text)
    }
}

/// Joins distinct texts in their order.
fn joined_texts(texts: impl Iterator<Item = String>, between: &str) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct.join(between)
}
