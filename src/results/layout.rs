//! The sheet with a row for each row of the source: ferry's columns, then the source's own in their order and
//! wording. A result sheet and the sheet of a check are this one, with other columns in front.
//!
//! It comes back as input, so nothing that was in a source cell is lost unsaid: a text that a workbook's cell cannot hold
//! has a note where it is cut; what ferry's columns leave blank (an `_id`
//! that is none, `_job` of a result sheet that is only checked) is filled from the source's column of that kind.

use std::collections::BTreeMap;
use std::path::Path;

use crate::job::error::JobError;
use crate::job::spec;
use crate::job::spec::SheetPlan;
use crate::lang;
use crate::lang::{Lang, sheets};
use crate::mapping::Target;
use crate::model::{Cell, Code, LONGEST_TEXT, Problem, Row, RowNumber, column_letters};
use crate::results::places::Places;
use crate::table::{
    CellStyle, Column, LAST_COLUMN, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
};

/// A column that ferry fills.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lead {
    /// The outcome in words.
    Result,
    /// The row's number in the source.
    Row,
    /// The status.
    Status,
    /// What was done.
    Action,
    /// The customer.
    Id,
    /// The numbers of what is wrong.
    ErrorCode,
    /// What is wrong.
    Error,
    /// What to do about it.
    Tip,
    /// The job.
    Job,
    /// When it was sent.
    SentAt,
    /// What would change.
    Changes,
}

impl Lead {
    /// Those of a job's result sheet.
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

    /// Those of a plan's preview.
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

    /// The column of a source that is the same.
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

/// What is to be said of a row; blank where there is nothing to say.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Answer<'a> {
    /// The outcome in words.
    pub result: &'a str,
    /// How the outcome is meant.
    pub style: CellStyle,
    /// What is wrong.
    pub problems: &'a [Problem],
    /// The number of the row, if it is ours to say.
    pub row: OutCell<'a>,
    /// The status.
    pub status: &'a str,
    /// What was done.
    pub action: &'a str,
    /// The customer.
    pub id: &'a str,
    /// The job.
    pub job: &'a str,
    /// When it was sent.
    pub sent_at: &'a str,
    /// What would change, in words.
    pub changes: &'a str,
    /// By source column: old and new value.
    pub changed_cells: &'a [(u32, String)],
}

/// The columns of the sheet.
pub(crate) struct Layout<'a> {
    pub plans: &'a [SheetPlan],
    pub lang: Lang,
    leads: Vec<Lead>,
    /// Headers of the source's own columns, over all sheets.
    headers: Vec<String>,
    /// By sheet: source column to position in the sheet that is written.
    positions: Vec<BTreeMap<u32, usize>>,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(plans: &'a [SheetPlan], leads: &[Lead], lang: Lang) -> Self {
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
                // All headers of the first sheet are its own.
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
        }
    }

    /// Starts the sheet. The widths follow the content.
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

    /// A row's number as the sheet shows it: a number, or with several sheets of the source the `label`.
    pub(crate) fn number<'b>(&self, number: RowNumber, label: &'b str) -> OutCell<'b> {
        if self.plans.len() > 1 {
            OutCell::Text(label)
        } else {
            OutCell::Count(u64::from(number.row))
        }
    }

    /// A row as people name it.
    pub(crate) fn label(&self, number: RowNumber) -> String {
        spec::row_label(self.plans, number)
    }

    /// Where a problem stands in the sheet that is written: `P7`, in the first column if it has none of its own.
    pub(crate) fn cell(&self, number: RowNumber, column: Option<u32>, row: u32) -> String {
        let positions = self.positions.get(usize::from(number.sheet));
        let position = column.and_then(|column| positions?.get(&column));
        let position = position.and_then(|position| u32::try_from(*position).ok());
        format!("{}{row}", column_letters(position.unwrap_or(0)))
    }

    /// Writes a row. Where it stands goes to `places` if its problems are listed elsewhere.
    pub(crate) fn write(
        &self,
        writer: &mut dyn TableWriter,
        row: &Row,
        answer: &Answer<'_>,
        places: Option<&mut Places>,
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
        let codes = joined(codes, "; ");
        let errors = joined(said.iter().map(|words| words.message.clone()), " · ");
        let tips = joined(said.iter().map(|words| words.tip.clone()), " · ");
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
        for Cell { column, text, .. } in &row.cells {
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
            note.push_str(&sheets::note(self.lang, &place, words));
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

    /// Refuses a sheet that no workbook can hold; a CSV file can.
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

/// Whether a workbook cuts a text.
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

/// Distinct texts in order, joined.
fn joined(texts: impl Iterator<Item = String>, between: &str) -> String {
    let mut distinct: Vec<String> = Vec::new();
    for text in texts {
        if !distinct.contains(&text) {
            distinct.push(text);
        }
    }
    distinct.join(between)
}
