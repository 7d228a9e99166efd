//! The layout of a sheet with one row for each row of the source: ferry's columns, then the source's own columns in
//! their order and wording. Result sheets, previews and the sheets of checks use it, with different columns in front.
//!
//! Such a sheet comes back as input, so nothing that was in a source cell is lost unsaid. A text that a workbook's cell
//! cannot hold has a note where it is cut. A cell that ferry's column leaves blank (an `_id` that is none, the `_job`
//! of a result sheet that is only checked) is filled from the source's column of that kind.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::job::error::JobError;
use crate::job::spec;
use crate::job::spec::SheetPlan;
use crate::lang;
use crate::lang::{Lang, sheets};
use crate::mapping::Target;
use crate::model::{
    Cell, Code, Kind, LONGEST_TEXT, Problem, Row, RowNumber, Schema, column_letters,
};
use crate::results::places::RowPlaces;
use crate::table::{
    CellStyle, Column, LAST_COLUMN, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
};

/// A column that ferry fills, in front of the source's own columns.
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
        Self::Row,
        Self::Status,
        Self::Action,
        Self::Id,
        Self::ErrorCode,
        Self::Error,
        Self::Tip,
        Self::Job,
        Self::SentAt,
    ];

    /// The columns of a plan's preview.
    pub(crate) const OF_PLAN: [Self; 10] = [
        Self::Result,
        Self::Row,
        Self::Status,
        Self::Action,
        Self::Id,
        Self::Changes,
        Self::ErrorCode,
        Self::Error,
        Self::Tip,
        Self::Job,
    ];

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
}

/// The columns of a sheet, and where each source cell goes.
pub(crate) struct SheetLayout<'a> {
    pub plans: &'a [SheetPlan],
    pub lang: Lang,
    leads: Vec<Lead>,
    /// Headers of the source's own columns, over all of its sheets.
    headers: Vec<String>,
    /// For each sheet of the source: the position that a source column has in the sheet that is written.
    positions: Vec<BTreeMap<u32, usize>>,
    /// For each sheet of the source: its columns of numbers.
    numbers: Vec<BTreeSet<u32>>,
}

impl<'a> SheetLayout<'a> {
    pub(crate) fn new(plans: &'a [SheetPlan], schema: &Schema, leads: &[Lead], lang: Lang) -> Self {
        let mut headers: Vec<String> = Vec::new();
        let mut positions = Vec::new();
        for sheet in plans {
            let mut taken = vec![false; headers.len()];
            let mut own = BTreeMap::new();
            for column in &sheet.columns.columns {
                if column.target.is_ferry() {
                    let lead = Lead::of(&column.target);
                    let lead =
                        lead.and_then(|lead| leads.iter().position(|candidate| *candidate == lead));
                    own.extend(lead.map(|position| (column.column, position)));
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
                own.insert(column.column, leads.len() + position);
            }
            positions.push(own);
        }
        Self {
            plans,
            lang,
            leads: leads.to_vec(),
            headers,
            positions,
            numbers: plans.iter().map(|plan| numbers_of(plan, schema)).collect(),
        }
    }

    /// Starts the sheet with its headers. The widths follow the content.
    pub(crate) fn start(&self, name: &str, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let leads = self
            .leads
            .iter()
            .map(|lead| lead.header(self.lang).to_owned());
        let columns = leads.chain(self.headers.iter().cloned());
        let columns = columns.map(|header| Column {
            header,
            ..Column::default()
        });
        Ok(writer.start_sheet(SheetSpec {
            name: name.to_owned(),
            columns: columns.collect(),
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

    /// Writes a row, with its problems as notes on their cells. Notes the row's place in `places`, if there are any.
    pub(crate) fn write(
        &self,
        writer: &mut dyn TableWriter,
        row: &Row,
        answer: &AnswerCells<'_>,
        places: Option<&mut RowPlaces>,
    ) -> Result<(), JobError> {
        if let (Some(places), Some(place)) = (places, writer.next_place()) {
            places.note(row.number, place);
        }
        let said: Vec<lang::Words> = answer
            .problems
            .iter()
            .map(|problem| lang::words(problem, self.lang))
            .collect();
        let codes = answer
            .problems
            .iter()
            .map(|problem| problem.code.to_string());
        let codes = joined_texts(codes, "; ");
        let errors = joined_texts(said.iter().map(|words| words.message.clone()), " · ");
        let tips = joined_texts(said.iter().map(|words| words.tip.clone()), " · ");
        let mut cells: Vec<StyledCell<'_>> = Vec::with_capacity(self.width());
        for lead in &self.leads {
            cells.push(StyledCell {
                style: match lead {
                    Lead::Result | Lead::Status => answer.style,
                    _ => CellStyle::Plain,
                },
                ..StyledCell::plain(match lead {
                    Lead::Result => text_cell(answer.result),
                    Lead::Row => answer.row,
                    Lead::Status => text_cell(answer.status),
                    Lead::Action => text_cell(answer.action),
                    Lead::Id => text_cell(answer.id),
                    Lead::ErrorCode => text_cell(&codes),
                    Lead::Error => text_cell(&errors),
                    Lead::Tip => text_cell(&tips),
                    Lead::Job => text_cell(answer.job),
                    Lead::SentAt if answer.sent_at.is_empty() => OutCell::Blank,
                    Lead::SentAt => OutCell::DateTime(answer.sent_at),
                    Lead::Changes => text_cell(answer.changes),
                })
            });
        }
        cells.resize(self.width(), StyledCell::plain(OutCell::Blank));
        let positions = self.positions.get(usize::from(row.number.sheet));
        let position_of = |column: &u32| positions.and_then(|own| own.get(column)).copied();
        // A field of numbers took what a cell stores, and takes it again when the sheet comes back.
        let numbers = self.numbers.get(usize::from(row.number.sheet));
        let own = row.with_numbers(|column| numbers.is_some_and(|own| own.contains(&column)));
        for Cell { column, text, .. } in own.iter() {
            if let Some(cell) = position_of(column).and_then(|position| cells.get_mut(position))
                && cell.cell == OutCell::Blank
            {
                cell.cell = OutCell::Text(text);
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
        let mut notes: BTreeMap<usize, String> = BTreeMap::new();
        for (problem, words) in answer.problems.iter().zip(&said) {
            let Some(column) = problem.column else {
                continue;
            };
            let Some(position) = position_of(&column) else {
                continue;
            };
            let place = format!(
                "{}{} {}",
                column_letters(column),
                row.number.row,
                problem.code
            );
            let note = notes.entry(position).or_default();
            if !note.is_empty() {
                note.push_str("\n\n");
            }
            note.push_str(&sheets::cell_note(self.lang, &place, words));
        }
        for position in notes.keys() {
            if let Some(cell) = cells.get_mut(*position) {
                cell.style = CellStyle::Bad;
            }
        }
        for (position, cell) in cells.iter().enumerate() {
            if is_too_long(&cell.cell) {
                let note = notes.entry(position).or_default();
                if !note.is_empty() {
                    note.push_str("\n\n");
                }
                note.push_str(sheets::cut_cell(self.lang));
            }
        }
        for (position, note) in &notes {
            if let Some(cell) = cells.get_mut(*position) {
                cell.note = Some(note);
            }
        }
        Ok(writer.write_row(&cells)?)
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
        self.leads.len() + self.headers.len()
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
