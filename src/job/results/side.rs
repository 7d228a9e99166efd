//! The sheets beside the results: every problem, the summary, and the hidden one for programs.

use std::collections::BTreeMap;

use super::{BATCH_ROWS, ResultSheet, text_cell};
use crate::job::{FERRY_SHEET, JobError, Report, SheetPlan};
use crate::journal::JournalRow;
use crate::lang::sheets::{self, Label};
use crate::lang::{self, say};
use crate::model::{Code, Problem, Slot, Status, column_letters};
use crate::table::{
    CellStyle, ChartKind, ChartSpec, Column, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
};

impl ResultSheet<'_> {
    pub(super) fn write_problems(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let widths = [8.0, 8.0, 18.0, 28.0, 8.0, 60.0, 60.0];
        let columns = sheets::problem_columns(self.lang)
            .into_iter()
            .zip(widths)
            .map(|(header, width)| Column {
                header: header.to_owned(),
                width,
                ..Column::default()
            })
            .collect();
        writer.start_sheet(SheetSpec {
            name: sheets::problems(self.lang).to_owned(),
            columns,
            hidden: false,
            role: SheetRole::Data,
        })?;
        let mut after = -1;
        loop {
            let rows = self.journal.problem_rows_after(after, BATCH_ROWS)?;
            let Some(last) = rows.last() else {
                return Ok(());
            };
            after = last.number.to_key();
            for row in &rows {
                let status = self.status(row);
                let wrong = matches!(status, Status::Invalid | Status::Failed | Status::Unknown);
                if !wrong || self.only.is_some_and(|only| only != status) {
                    continue;
                }
                for problem in &row.problems {
                    self.write_problem(writer, row, problem)?;
                }
            }
        }
    }

    fn write_problem(
        &self,
        writer: &mut dyn TableWriter,
        row: &JournalRow,
        problem: &Problem,
    ) -> Result<(), JobError> {
        let sheet = self.spec.sheets.get(usize::from(row.number.sheet));
        let header = problem
            .column
            .and_then(|column| header_of(sheet?, column))
            .unwrap_or_default();
        let address = problem
            .column
            .map(|column| format!("{}{}", column_letters(column), row.number.row))
            .unwrap_or_default();
        let words = lang::words(problem, self.lang);
        let (number, code) = (self.spec.row_label(row.number), problem.code.to_string());
        let plain = StyledCell::plain;
        let first = if self.spec.sheets.len() > 1 {
            text_cell(&number)
        } else {
            OutCell::Count(u64::from(row.number.row))
        };
        writer.write_row(&[
            plain(first),
            plain(text_cell(&address)),
            plain(text_cell(header)),
            plain(text_cell(problem.fact("value"))),
            plain(text_cell(&code)),
            plain(text_cell(&words.message)),
            plain(text_cell(&words.tip)),
        ])?;
        Ok(())
    }

    pub(super) fn write_summary(
        &self,
        writer: &mut dyn TableWriter,
        report: &Report,
    ) -> Result<(), JobError> {
        let columns = [34.0, 46.0]
            .map(|width| Column {
                width,
                ..Column::default()
            })
            .to_vec();
        writer.start_sheet(SheetSpec {
            name: sheets::summary(self.lang).to_owned(),
            columns,
            hidden: false,
            role: SheetRole::Side,
        })?;
        let heading = |text| StyledCell {
            cell: OutCell::Text(text),
            style: CellStyle::Header,
            note: None,
        };
        let plain = |cell| StyledCell {
            cell,
            style: CellStyle::Plain,
            note: None,
        };
        let created = self.local(self.spec.created * 1000);
        let seconds = report.elapsed.as_secs_f64();
        let said = |label: Label| label.words(self.lang);
        let account = &self.spec.account;
        let whose = if account.sandbox {
            say::embedded_crm(self.lang).to_owned()
        } else {
            say::account(self.lang, &account.appid, &account.host)
        };
        let facts = [
            (said(Label::Job), self.spec.id.to_string()),
            (said(Label::Account), whose),
            (
                said(Label::Source),
                self.spec.source.path.display().to_string(),
            ),
            (said(Label::Began), created),
            (said(Label::TimeSpent), sheets::seconds(self.lang, seconds)),
        ];
        writer.write_row(&[heading(said(Label::JobHeading)), heading("")])?;
        for (label, fact) in &facts {
            writer.write_row(&[plain(OutCell::Text(label)), plain(text_cell(fact))])?;
        }
        writer.write_row(&[
            plain(OutCell::Text(said(Label::Calls))),
            plain(OutCell::Count(report.calls)),
        ])?;
        if seconds > 0.0 && report.calls > 0 {
            let pace = sheets::pace(self.lang, report.calls as f64 / seconds);
            writer.write_row(&[
                StyledCell::plain(OutCell::Text(said(Label::Pace))),
                StyledCell::plain(OutCell::Text(&pace)),
            ])?;
        }
        writer.write_row(&[plain(OutCell::Blank)])?;
        writer.write_row(&[
            heading(said(Label::RowsByStatus)),
            heading(said(Label::Rows)),
        ])?;
        let first = writer.next_place().map_or(1, |place| place.row);
        for status in Status::ALL {
            let count = OutCell::Count(report.status(*status));
            let label = sheets::status(self.lang, *status);
            writer.write_row(&[
                StyledCell::plain(OutCell::Text(&label)),
                StyledCell::plain(count),
            ])?;
        }
        let last = writer.next_place().map_or(first, |place| place.row - 1);
        writer.write_row(&[
            plain(OutCell::Text(said(Label::AllRows))),
            plain(OutCell::Count(report.counts.total())),
        ])?;
        writer.write_row(&[plain(OutCell::Blank)])?;
        writer.write_row(&[
            heading(said(Label::ProblemsByCode)),
            heading(said(Label::Times)),
        ])?;
        for (code, times) in self.problem_counts()? {
            let label = format!("{code} {}", lang::title(code, self.lang));
            writer.write_row(&[
                StyledCell::plain(OutCell::Text(&label)),
                StyledCell::plain(OutCell::Count(times)),
            ])?;
        }
        writer.add_chart(&ChartSpec {
            title: said(Label::RowsByStatus).to_owned(),
            kind: ChartKind::Bar,
            label_column: 0,
            count_column: 1,
            first_row: first,
            last_row: last,
            at: (1, 3),
        })?;
        Ok(())
    }

    /// The hidden sheet: which column feeds which field, for programs and for the way back.
    pub(super) fn write_keys(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let columns = ["column", "key", "place"];
        let columns = columns
            .map(|header| Column {
                header: header.to_owned(),
                ..Column::default()
            })
            .to_vec();
        writer.start_sheet(SheetSpec {
            name: FERRY_SHEET.to_owned(),
            columns,
            hidden: true,
            role: SheetRole::Side,
        })?;
        let mut write = |cells: [&str; 3]| {
            writer.write_row(&cells.map(|text| StyledCell::plain(text_cell(text))))
        };
        write(["_kind", "result", ""])?;
        write(["_job", self.spec.id.as_str(), ""])?;
        write(["_account", &self.spec.account.key, ""])?;
        let mut written: Vec<&str> = Vec::new();
        for column in self
            .spec
            .sheets
            .iter()
            .flat_map(|sheet| &sheet.columns.columns)
        {
            let Some((key, slot)) = column.target.place() else {
                continue;
            };
            if !written.contains(&column.header.as_str()) {
                written.push(&column.header);
                let place = match slot {
                    Slot::Whole => String::new(),
                    Slot::Value(position) => position.to_string(),
                    Slot::Memo(position) => format!("{position}.memo"),
                    Slot::Level(level) => format!(".{level}"),
                };
                write([&column.header, key.as_str(), &place])?;
            }
        }
        Ok(())
    }

    fn problem_counts(&self) -> Result<BTreeMap<Code, u64>, JobError> {
        let mut counts = BTreeMap::new();
        let mut after = -1;
        loop {
            let rows = self.journal.problem_rows_after(after, BATCH_ROWS)?;
            let Some(last) = rows.last() else {
                return Ok(counts);
            };
            after = last.number.to_key();
            for problem in rows.iter().flat_map(|row| &row.problems) {
                *counts.entry(problem.code).or_default() += 1;
            }
        }
    }
}

fn header_of(sheet: &SheetPlan, column: u32) -> Option<&str> {
    let found = sheet
        .columns
        .columns
        .iter()
        .find(|candidate| candidate.column == column);
    found.map(|column| column.header.as_str())
}
