//! Writes the workbook of a verification: a summary that can be handed over and begins with the conclusion, and a sheet
//! of every difference. The summary is known last and stands first.

use std::path::PathBuf;
use std::time::Duration;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec;
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, JournalRow};
use crate::lang::hint::Hints;
use crate::lang::sheets::SummaryLabel;
use crate::lang::{Lang, say, sheets};
use crate::model::{Code, CustomerId, Problem, Record, RowNumber, Status};
use crate::results::layout::text_cell;
use crate::results::place::{folder_of, fresh_path, usable_path};
use crate::results::result::sheet_hints;
use crate::results::side;
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::table::{
    CellStyle, Column, Format, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
    create_writer,
};

/// How many columns the sheet has, and the 0-based position of the one that says what is wrong.
const COLUMNS: usize = 10;
const PROBLEM: usize = 8;

/// The facts in the summary of a verification.
#[derive(Debug)]
pub(crate) struct VerifyFacts {
    /// How many rows were compared.
    pub rows: u64,
    /// How many fields were compared.
    pub fields: u64,
    /// How many rows differ.
    pub different_rows: u64,
    /// How many rows have an outcome that is not known, so that nothing could be compared.
    pub unknown_rows: u64,
    /// For how many adds second customers were looked for.
    pub looked_for: u64,
    /// How many calls the verification cost.
    pub calls: u64,
    /// How long the verification took.
    pub elapsed: Duration,
    /// How many rows of the job have each status.
    pub outcomes: Vec<(Status, u64)>,
    /// How many of the skipped rows are united with a row above.
    pub united: u64,
}

/// The sheet of a verification while it is written.
pub(crate) struct VerifySheet<'a> {
    path: PathBuf,
    writer: Box<dyn TableWriter>,
    format: Format,
    spec: &'a JobSpec,
    lang: Lang,
    hints: Hints,
}

impl<'a> VerifySheet<'a> {
    /// Starts the file at `output`, else at a fresh path beside the source: CSV if its extension is `.csv`, else a
    /// workbook.
    pub(crate) fn create(
        folder: &JobFolder,
        spec: &'a JobSpec,
        output: Option<PathBuf>,
        context: &Context,
    ) -> Result<Self, JobError> {
        let lang = context.lang;
        let fresh = output.is_none();
        let wanted = output.unwrap_or_else(|| fresh_path(spec, "verify", lang));
        let path = usable_path(&wanted, fresh, folder);
        let is_csv = path
            .extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("csv"));
        let format = if is_csv { Format::Csv } else { Format::Xlsx };
        let mut writer = create_writer(format, folder_of(&path))?;
        // Texts are wrapped at these widths. A column of width 0 is as wide as its content.
        let widths = [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 56.0, 44.0];
        let columns = sheets::verify_columns(lang).into_iter().zip(widths);
        let columns = columns.map(|(header, wrap_at)| Column {
            header: header.to_owned(),
            wrap_at,
            ..Column::default()
        });
        writer.start_sheet(SheetSpec {
            name: sheets::verified(lang).to_owned(),
            columns: columns.collect(),
            hidden: false,
            role: SheetRole::Data,
        })?;
        let hints = sheet_hints(spec, &context.hints).written_to(&path);
        Ok(Self {
            path,
            writer,
            format,
            spec,
            lang,
            hints,
        })
    }

    /// Writes a difference.
    pub(crate) fn write(&mut self, difference: &Difference) -> Result<(), JobError> {
        let words = self.hints.words(&difference.problem, self.lang);
        let row = spec::row_label(&self.spec.sheets, difference.row);
        let number = if self.spec.sheets.len() > 1 {
            OutCell::Text(&row)
        } else {
            OutCell::Count(u64::from(difference.row.row))
        };
        let code = difference.problem.code.to_string();
        let id = difference.id.as_ref().map_or("", |id| id.as_str());
        let second = difference.second.as_ref().map_or("", |id| id.as_str());
        let wrapped = |text| StyledCell {
            style: CellStyle::Wrapped,
            ..StyledCell::plain(text_cell(text))
        };
        let cells = [
            StyledCell::plain(number),
            StyledCell::plain(text_cell(id)),
            bad_cell(second),
            StyledCell::plain(text_cell(&difference.name)),
            StyledCell::plain(text_cell(&difference.field)),
            StyledCell::plain(text_cell(&difference.sent)),
            bad_cell(&difference.stored),
            StyledCell::plain(text_cell(&code)),
            wrapped(&words.message),
            wrapped(&words.tip),
        ];
        Ok(self.writer.write_row(&cells)?)
    }

    /// Writes the summary, and puts the file in its place.
    pub(crate) fn finish(mut self, facts: &VerifyFacts) -> Result<PathBuf, JobError> {
        if facts.different_rows + facts.unknown_rows == 0 {
            let clean = SummaryLabel::VerifiedClean.words(self.lang);
            let mut cells = [StyledCell::plain(OutCell::Blank); COLUMNS];
            if let Some(cell) = cells.get_mut(PROBLEM) {
                *cell = StyledCell {
                    style: CellStyle::Good,
                    ..StyledCell::plain(OutCell::Text(clean))
                };
            }
            self.writer.write_row(&cells)?;
        }
        if self.format != Format::Csv {
            self.summary(facts)?;
            let sheet = FerrySheet::of_job(WorkbookKind::Verify, self.spec);
            sheet.write(self.writer.as_mut())?;
        }
        self.writer.finish(&self.path)?;
        Ok(self.path)
    }

    fn summary(&mut self, facts: &VerifyFacts) -> Result<(), JobError> {
        let (lang, spec) = (self.lang, self.spec);
        let writer = self.writer.as_mut();
        side::start_summary(writer, lang)?;
        writer.put_in_front();
        let account = &spec.account;
        let whose = if account.sandbox {
            say::embedded_crm(lang).to_owned()
        } else {
            say::account(lang, &account.appid, &account.host)
        };
        let zone = crate::results::place::zone(&spec.timezone);
        let now = jiff::ZonedDateTime::new(jiff::Timestamp::now(), zone)
            .strftime("%Y-%m-%d %H:%M:%S")
            .to_string();
        let said = |label: SummaryLabel| label.words(lang);
        let (plain, heading) = (CellStyle::Plain, CellStyle::Header);
        side::summary_line(
            writer,
            said(SummaryLabel::VerifyHeading),
            OutCell::Text(""),
            heading,
        )?;
        let (text, style) = if facts.different_rows > 0 {
            (SummaryLabel::VerifiedDifferent, CellStyle::Bad)
        } else if facts.unknown_rows > 0 {
            (SummaryLabel::VerifiedButUnknown, CellStyle::Bad)
        } else {
            (SummaryLabel::VerifiedClean, CellStyle::Good)
        };
        side::summary_line(
            writer,
            said(SummaryLabel::Verdict),
            OutCell::Text(said(text)),
            style,
        )?;
        let source = spec.source.path.display().to_string();
        for (label, fact) in [
            (SummaryLabel::Job, spec.id.as_str()),
            (SummaryLabel::Account, &whose),
            (SummaryLabel::Source, &source),
            (SummaryLabel::VerifiedAt, &now),
            (SummaryLabel::Timezone, &spec.timezone),
        ] {
            side::summary_line(writer, said(label), text_cell(fact), plain)?;
        }
        for (label, count) in [
            (SummaryLabel::ComparedRows, facts.rows),
            (SummaryLabel::ComparedFields, facts.fields),
            (SummaryLabel::DifferentRows, facts.different_rows),
            (SummaryLabel::NotComparedRows, facts.unknown_rows),
            (SummaryLabel::LookedForTwice, facts.looked_for),
            (SummaryLabel::Calls, facts.calls),
        ] {
            side::summary_line(writer, said(label), OutCell::Count(count), plain)?;
        }
        let spent = sheets::seconds(lang, facts.elapsed.as_secs_f64());
        side::summary_line(
            writer,
            said(SummaryLabel::TimeSpent),
            OutCell::Text(&spent),
            plain,
        )?;
        side::summary_line(writer, "", OutCell::Blank, plain)?;
        let by_status = said(SummaryLabel::RowsByStatus);
        side::summary_line(
            writer,
            by_status,
            OutCell::Text(said(SummaryLabel::Rows)),
            heading,
        )?;
        for (status, count) in &facts.outcomes {
            let label = sheets::status(lang, *status);
            let united = facts.united * u64::from(*status == Status::Skipped);
            let count = count.saturating_sub(united);
            side::summary_line(writer, &label, OutCell::Count(count), plain)?;
            if united > 0 {
                let label = sheets::united(lang);
                side::summary_line(writer, label, OutCell::Count(united), plain)?;
            }
        }
        Ok(())
    }
}

/// A difference between what was sent and what is stored.
#[derive(Debug, Clone)]
pub(crate) struct Difference {
    /// The row that sent it.
    pub row: RowNumber,
    /// The row's customer; `None` for a row whose outcome is not known.
    pub id: Option<CustomerId>,
    /// The second customer that is stored besides the row's own, and that may be deleted.
    pub second: Option<CustomerId>,
    /// The name of the customer with the difference; empty where it is not known.
    pub name: String,
    /// The field's label; empty for a difference of the customer as a whole.
    pub field: String,
    /// What was sent.
    pub sent: String,
    /// What is stored.
    pub stored: String,
    /// The problem that the sheet reports.
    pub problem: Problem,
}

impl Difference {
    pub(crate) fn of(row: &JournalRow, id: &CustomerId, problem: Problem) -> Self {
        Self {
            row: row.number,
            id: Some(id.clone()),
            second: None,
            name: String::new(),
            field: String::new(),
            sent: String::new(),
            stored: String::new(),
            problem,
        }
    }

    /// Makes the line of a row whose outcome is not known, with what its look-up came to.
    pub(crate) fn unknown(row: &JournalRow) -> Self {
        let name = row.record.as_ref().and_then(Record::name);
        let problem = row.problems.first().cloned();
        Self {
            row: row.number,
            id: None,
            second: None,
            name: name.unwrap_or_default().to_owned(),
            field: String::new(),
            sent: String::new(),
            stored: String::new(),
            problem: problem.unwrap_or_else(|| Problem::new(Code::OutcomeUnknown)),
        }
    }
}

/// Returns a cell that asks for somebody's eyes; a blank one does not.
fn bad_cell(text: &str) -> StyledCell<'_> {
    let cell = StyledCell::plain(text_cell(text));
    if text.is_empty() {
        return cell;
    }
    StyledCell {
        style: CellStyle::Bad,
        ..cell
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cell_that_says_something_is_red() {
        assert_eq!(bad_cell("").style, CellStyle::Plain);
        assert_eq!(bad_cell("685775343058800641").style, CellStyle::Bad);
    }
}
