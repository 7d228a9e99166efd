//! Writes the sheets beside the rows: every problem with a link to its cell, and the summary.

use std::collections::BTreeMap;

use crate::job::error::JobError;
use crate::job::spec::SheetPlan;
use crate::journal::{Journal, JournalRow, RowCursor, RowSet};
use crate::lang;
use crate::lang::sheets::SummaryLabel;
use crate::lang::{Lang, sheets};
use crate::model::{Code, Problem, RowNumber};
use crate::results::layout::{SheetLayout, doubt_of, text_cell};
use crate::results::places::{PlacedRow, RowPlaces};
use crate::table::{
    CellStyle, ChartKind, ChartSpec, Column, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
};

/// Writes the sheet of problems, with every problem of the rows that `is_wrong` picks.
pub(crate) fn write_problems(
    writer: &mut dyn TableWriter,
    journal: &Journal,
    layout: &SheetLayout<'_>,
    places: &RowPlaces,
    is_wrong: impl Fn(&JournalRow) -> bool,
) -> Result<(), JobError> {
    // Texts are wrapped at these widths. A column of width 0 is as wide as its content.
    let widths = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 56.0, 56.0];
    let columns = sheets::problem_columns(layout.lang).into_iter().zip(widths);
    let columns = columns.map(|(header, wrap_at)| Column {
        header: header.to_owned(),
        wrap_at,
        ..Column::default()
    });
    writer.start_sheet(SheetSpec {
        name: sheets::problems(layout.lang).to_owned(),
        columns: columns.collect(),
        hidden: false,
        role: SheetRole::Data,
    })?;
    let mut wrong = RowCursor::over(RowSet::WithProblems);
    while let Some(rows) = wrong.next_batch(journal)? {
        for row in rows.iter().filter(|row| is_wrong(row)) {
            for problem in &row.problems {
                write_problem(writer, row.number, problem, layout, places)?;
            }
        }
    }
    for (doubt, place) in places.doubts() {
        let problem = doubt_of(doubt.column).with("value", doubt.value.as_str());
        let place = Some(place);
        write_problem_at(writer, doubt.number, &problem, layout, places, place)?;
    }
    Ok(())
}

fn write_problem(
    writer: &mut dyn TableWriter,
    number: RowNumber,
    problem: &Problem,
    layout: &SheetLayout<'_>,
    places: &RowPlaces,
) -> Result<(), JobError> {
    write_problem_at(writer, number, problem, layout, places, places.of(number))
}

fn write_problem_at(
    writer: &mut dyn TableWriter,
    number: RowNumber,
    problem: &Problem,
    layout: &SheetLayout<'_>,
    places: &RowPlaces,
    place: Option<PlacedRow<'_>>,
) -> Result<(), JobError> {
    let plan = layout.plans.get(usize::from(number.sheet));
    let header = problem
        .column
        .and_then(|column| header_of(plan?, column))
        .unwrap_or_default();
    let words = layout.words(problem);
    let (label, code) = (layout.label(number), problem.code.to_string());
    let cell = place.map(|place| layout.cell(number, problem.column, place.row));
    let address = place.zip(cell.as_deref());
    let address = address.map(|(place, cell)| places.address(place, cell));
    let link = match (place, &cell, &address) {
        (Some(place), Some(cell), Some(address)) => OutCell::Link {
            text: address,
            sheet: place.sheet,
            cell,
        },
        _ => OutCell::Blank,
    };
    let wrapped = |cell| StyledCell {
        style: CellStyle::Wrapped,
        ..StyledCell::plain(cell)
    };
    writer.write_row(&[
        wrapped(text_cell(place.map_or("", |place| place.name))),
        wrapped(link),
        wrapped(layout.number(number, &label)),
        wrapped(text_cell(header)),
        wrapped(text_cell(problem.fact("value"))),
        wrapped(text_cell(&code)),
        wrapped(text_cell(&words.message)),
        wrapped(text_cell(&words.tip)),
    ])?;
    Ok(())
}

/// The content of the summary.
#[derive(Debug)]
pub(crate) struct Summary {
    /// The heading of the facts.
    pub heading: SummaryLabel,
    /// What was done, when and where, each with its label.
    pub facts: Vec<(SummaryLabel, String)>,
    /// How many calls were made.
    pub calls: u64,
    /// How many seconds it took.
    pub seconds: f64,
    /// How many rows have each outcome, with its label.
    pub outcomes: Vec<(String, u64)>,
    /// How many rows there are.
    pub rows: u64,
    /// How often each problem occurs.
    pub codes: BTreeMap<Code, u64>,
}

impl Summary {
    /// Counts the cells in doubt among the problems.
    pub(crate) fn with_doubts(mut self, places: &RowPlaces) -> Self {
        if places.doubt_count() > 0 {
            self.codes.insert(Code::QuestionMarks, places.doubt_count());
        }
        self
    }

    pub(crate) fn write(&self, writer: &mut dyn TableWriter, lang: Lang) -> Result<(), JobError> {
        start_summary(writer, lang)?;
        let said = |label: SummaryLabel| label.words(lang);
        let (plain, heading) = (CellStyle::Plain, CellStyle::Header);
        summary_line(writer, said(self.heading), OutCell::Text(""), heading)?;
        for (label, fact) in &self.facts {
            summary_line(writer, said(*label), text_cell(fact), plain)?;
        }
        let spent = sheets::seconds(lang, self.seconds);
        summary_line(
            writer,
            said(SummaryLabel::TimeSpent),
            OutCell::Text(&spent),
            plain,
        )?;
        summary_line(
            writer,
            said(SummaryLabel::Calls),
            OutCell::Count(self.calls),
            plain,
        )?;
        if self.seconds > 0.0 && self.calls > 0 {
            let pace = sheets::pace(lang, self.calls as f64 / self.seconds);
            summary_line(
                writer,
                said(SummaryLabel::Pace),
                OutCell::Text(&pace),
                plain,
            )?;
        }
        summary_line(writer, "", OutCell::Blank, plain)?;
        let by_status = said(SummaryLabel::RowsByStatus);
        summary_line(
            writer,
            by_status,
            OutCell::Text(said(SummaryLabel::Rows)),
            heading,
        )?;
        let next_row = |writer: &dyn TableWriter| writer.next_place().map_or(1, |place| place.row);
        let first_row = next_row(writer);
        for (label, count) in &self.outcomes {
            summary_line(writer, label, OutCell::Count(*count), plain)?;
        }
        let last_row = next_row(writer) - 1;
        summary_line(
            writer,
            said(SummaryLabel::AllRows),
            OutCell::Count(self.rows),
            plain,
        )?;
        summary_line(writer, "", OutCell::Blank, plain)?;
        let by_code = said(SummaryLabel::ProblemsByCode);
        summary_line(
            writer,
            by_code,
            OutCell::Text(said(SummaryLabel::Times)),
            heading,
        )?;
        for (code, times) in &self.codes {
            let label = format!("{code} {}", lang::title(*code, lang));
            summary_line(writer, &label, OutCell::Count(*times), plain)?;
        }
        writer.add_chart(&ChartSpec {
            title: by_status.to_owned(),
            kind: ChartKind::Bar,
            label_column: 0,
            count_column: 1,
            first_row,
            last_row,
            at: (1, 3),
        })?;
        Ok(())
    }
}

/// Starts the summary sheet, which has a column of labels and one of values.
pub(crate) fn start_summary(writer: &mut dyn TableWriter, lang: Lang) -> Result<(), JobError> {
    let columns = [40.0, 56.0].map(|width| Column {
        width,
        ..Column::default()
    });
    Ok(writer.start_sheet(SheetSpec {
        name: sheets::summary(lang).to_owned(),
        columns: columns.to_vec(),
        hidden: false,
        role: SheetRole::Side,
    })?)
}

/// Writes a line of the summary: a label and its value.
pub(crate) fn summary_line(
    writer: &mut dyn TableWriter,
    label: &str,
    cell: OutCell<'_>,
    style: CellStyle,
) -> Result<(), JobError> {
    let cells = [text_cell(label), cell].map(|cell| StyledCell {
        style,
        ..StyledCell::plain(cell)
    });
    Ok(writer.write_row(&cells)?)
}

fn header_of(sheet: &SheetPlan, column: u32) -> Option<&str> {
    let found = sheet
        .columns
        .columns
        .iter()
        .find(|candidate| candidate.column == column);
    found.map(|column| column.header.as_str())
}
