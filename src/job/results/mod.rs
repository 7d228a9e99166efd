//! The result sheet: every source row with its answer, written from the journal and the copy of the source.
//!
//! It is written while a job runs, after it stopped and after it ended, always in the same form, and it is
//! an input itself: its `_` columns tell the next run what is done. It holds every source row once, in
//! order.

mod answers;
mod place;
mod side;

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::tz::TimeZone;

use answers::Answers;
use place::{folder_of, usable_path};

use super::report::report_of;
use super::rows::SourceRows;
use super::{End, JobError, JobSpec, source};
use crate::journal::{JobFolder, Journal, JournalRow, RowState};
use crate::lang::{self, Lang, sheets};
use crate::model::{Action, Cell, Code, Monitor, Problem, Row, Status, Task};
use crate::table::{
    CellStyle, Column, Format, OutCell, SheetRole, SheetSpec, StyledCell, TableWriter,
    create_writer,
};

pub(super) use place::wanted_path;

/// The columns before the source's own; the first is [`sheets::result_column`].
const COLUMNS: &[(&str, f64)] = &[
    ("", 24.0),
    ("_row", 7.0),
    ("_status", 10.0),
    ("_action", 9.0),
    ("_id", 21.0),
    ("_error_code", 12.0),
    ("_error", 44.0),
    ("_tip", 44.0),
    ("_job", 30.0),
    ("_sent_at", 22.0),
];

/// How many journal rows are read at a time.
const BATCH_ROWS: usize = 1000;

/// Where the sheet goes and what it holds.
#[derive(Debug, Clone, Default)]
pub struct ResultOptions {
    /// The file as asked for; `None` names one beside the source.
    pub output: Option<PathBuf>,
    /// Only rows of this status.
    pub only: Option<Status>,
    /// Whether another process works on the job, so that rows on the way are no cause for worry.
    pub running: bool,
    /// The language it is written in, whatever that of the job's earlier runs was.
    pub lang: Lang,
}

impl ResultOptions {
    /// What the job was asked for.
    pub fn of(spec: &JobSpec, lang: Lang) -> Self {
        Self {
            output: spec.output.clone(),
            lang,
            ..Self::default()
        }
    }
}

/// Writes the sheet of a job as it stands, and returns where it is. A file that cannot be replaced is left
/// alone: the sheet goes under a numbered name, and the monitor is told.
pub fn write_result(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &Journal,
    options: &ResultOptions,
    monitor: &dyn Monitor,
) -> Result<PathBuf, JobError> {
    let wanted = match &options.output {
        Some(path) => path.clone(),
        None => wanted_path(spec, options.lang),
    };
    let fresh = options.output.is_none();
    let target = usable_path(&wanted, fresh, folder);
    if target != wanted && !(fresh && wanted.exists()) {
        monitor.notice(
            &Problem::new(Code::ResultRenamed)
                .with("wanted", wanted.to_string_lossy())
                .with("path", target.to_string_lossy()),
        );
    }
    let format = match target.extension().and_then(|extension| extension.to_str()) {
        Some(extension) if extension.eq_ignore_ascii_case("csv") => Format::Csv,
        _ => Format::Xlsx,
    };
    let mut writer = create_writer(format, folder_of(&target))?;
    let sheet = ResultSheet::new(folder, spec, journal, options);
    monitor.start_task(Task::Write, Some(journal.counts()?.total()));
    sheet.write_rows(writer.as_mut(), monitor)?;
    if format == Format::Xlsx {
        sheet.write_problems(writer.as_mut())?;
        let report = report_of(folder, journal, &spec.command, End::Finished)?;
        sheet.write_summary(writer.as_mut(), &report)?;
        sheet.write_keys(writer.as_mut())?;
    }
    writer.finish(&target)?;
    monitor.finish_task(Task::Write);
    Ok(target)
}

struct ResultSheet<'a> {
    folder: &'a JobFolder,
    spec: &'a JobSpec,
    journal: &'a Journal,
    only: Option<Status>,
    zone: TimeZone,
    /// Headers of the source's own columns, over all sheets.
    headers: Vec<String>,
    /// By sheet: source column to position in `headers`.
    places: Vec<BTreeMap<u32, usize>>,
    /// Whether a process is at work on the job: its rows on the way are then pending, else unknown.
    running: bool,
    lang: Lang,
}

impl<'a> ResultSheet<'a> {
    fn new(
        folder: &'a JobFolder,
        spec: &'a JobSpec,
        journal: &'a Journal,
        options: &ResultOptions,
    ) -> Self {
        let mut headers: Vec<String> = Vec::new();
        let mut places = Vec::new();
        for sheet in &spec.sheets {
            let mut taken = vec![false; headers.len()];
            let mut place = BTreeMap::new();
            for column in sheet
                .columns
                .columns
                .iter()
                .filter(|column| !column.target.is_ferry())
            {
                let known = headers.iter().enumerate().position(|(position, header)| {
                    *header == column.header && !taken.get(position).copied().unwrap_or(true)
                });
                let position = known.unwrap_or_else(|| {
                    headers.push(column.header.clone());
                    taken.push(false);
                    headers.len() - 1
                });
                if let Some(mark) = taken.get_mut(position) {
                    *mark = true;
                }
                place.insert(column.column, position);
            }
            places.push(place);
        }
        Self {
            folder,
            spec,
            journal,
            only: options.only,
            zone: zone(&spec.timezone),
            headers,
            places,
            running: options.running,
            lang: options.lang,
        }
    }

    fn write_rows(
        &self,
        writer: &mut dyn TableWriter,
        monitor: &dyn Monitor,
    ) -> Result<(), JobError> {
        let column = |header: &str, width: f64| Column {
            header: header.to_owned(),
            width,
            ..Column::default()
        };
        let mut columns: Vec<Column> = COLUMNS
            .iter()
            .map(|(header, width)| match *header {
                "" => column(sheets::result_column(self.lang), *width),
                header => column(header, *width),
            })
            .collect();
        columns.extend(self.headers.iter().map(|header| column(header, 16.0)));
        writer.start_sheet(SheetSpec {
            name: sheets::results(self.lang).to_owned(),
            columns,
            hidden: false,
            role: SheetRole::Data,
        })?;

        let workbook = source::open(self.folder, &self.spec.source)?;
        let mut rows = SourceRows::new(&workbook, &self.spec.sheets);
        let mut answers = Answers::new(self.journal);
        let mut leader: Option<JournalRow> = None;
        while let Some(row) = rows.read_row()? {
            let mut answer = answers.of(row.number)?;
            match (&mut answer, &leader) {
                // Rows of one customer share its answer; the first of them stands just above.
                (Some(answer), Some(leader)) if is_merged(answer) => share(answer, leader),
                _ => leader.clone_from(&answer),
            }
            let status = answer
                .as_ref()
                .map_or(Status::Pending, |answer| self.status(answer));
            if self.only.is_none_or(|only| only == status) {
                self.write_row(writer, &row, answer.as_ref(), status)?;
            }
            monitor.advance(Task::Write, 1);
        }
        Ok(())
    }

    fn status(&self, answer: &JournalRow) -> Status {
        match answer.state {
            RowState::At(status) => status,
            RowState::Sending if self.running => Status::Pending,
            RowState::Sending => Status::Unknown,
        }
    }

    fn write_row(
        &self,
        writer: &mut dyn TableWriter,
        row: &Row,
        answer: Option<&JournalRow>,
        status: Status,
    ) -> Result<(), JobError> {
        let problems = answer.map_or(&[][..], |answer| answer.problems.as_slice());
        let action = match (status, answer) {
            (Status::Ok | Status::Failed | Status::Unknown | Status::Pending, Some(answer)) => {
                answer.action
            }
            _ => Action::None,
        };
        let style = match status {
            Status::Ok | Status::Unchanged => CellStyle::Good,
            Status::Invalid | Status::Failed => CellStyle::Bad,
            Status::Unknown => CellStyle::Warn,
            Status::Skipped | Status::Pending => CellStyle::Muted,
        };
        let said: Vec<lang::Words> = problems
            .iter()
            .map(|problem| lang::words(problem, self.lang))
            .collect();
        let codes = joined(
            problems.iter().map(|problem| problem.code.to_string()),
            "; ",
        );
        let errors = joined(said.iter().map(|words| words.message.clone()), " · ");
        let tips = joined(said.iter().map(|words| words.tip.clone()), " · ");
        let sent_at = answer
            .and_then(|answer| answer.sent_at)
            .map(|moment| self.local(moment))
            .unwrap_or_default();
        let number = self.spec.row_label(row.number);
        let styled = |cell, style| StyledCell {
            cell,
            style,
            note: None,
        };
        let text = |text| styled(text_cell(text), CellStyle::Plain);
        let numbered = if self.spec.sheets.len() > 1 {
            OutCell::Text(&number)
        } else {
            OutCell::Count(u64::from(row.number.row))
        };
        let mut cells = Vec::with_capacity(COLUMNS.len() + self.headers.len());
        cells.extend([
            styled(
                OutCell::Text(lang::outcome(status, action, self.lang)),
                style,
            ),
            styled(numbered, CellStyle::Plain),
            styled(OutCell::Text(status.as_str()), style),
            text(action.as_str()),
            text(
                answer
                    .and_then(|answer| answer.customer.as_ref())
                    .map_or("", |id| id.as_str()),
            ),
            text(&codes),
            text(&errors),
            text(&tips),
            text(self.spec.id.as_str()),
            styled(
                if sent_at.is_empty() {
                    OutCell::Blank
                } else {
                    OutCell::DateTime(&sent_at)
                },
                CellStyle::Plain,
            ),
        ]);
        let first = cells.len();
        cells.resize(
            first + self.headers.len(),
            StyledCell::plain(OutCell::Blank),
        );
        let places = self.places.get(usize::from(row.number.sheet));
        for Cell { column, text, .. } in &row.cells {
            let position = places.and_then(|places| places.get(column));
            if let Some(cell) = position.and_then(|position| cells.get_mut(first + position)) {
                cell.cell = OutCell::Text(text);
            }
        }
        let notes: Vec<(usize, String)> = problems
            .iter()
            .zip(&said)
            .filter_map(|(problem, words)| {
                let position = places?.get(&problem.column?)?;
                Some((
                    first + position,
                    format!("{} {}\n{}", problem.code, words.message, words.tip),
                ))
            })
            .collect();
        for (position, note) in &notes {
            if let Some(cell) = cells.get_mut(*position) {
                cell.style = CellStyle::Bad;
                cell.note = Some(note);
            }
        }
        Ok(writer.write_row(&cells)?)
    }

    fn local(&self, milliseconds: i64) -> String {
        jiff::Timestamp::from_millisecond(milliseconds).map_or_else(
            |_| String::new(),
            |moment| {
                jiff::ZonedDateTime::new(moment, self.zone.clone())
                    .strftime("%Y-%m-%d %H:%M:%S")
                    .to_string()
            },
        )
    }
}

/// Whether a row's values are in the record of one above it.
fn is_merged(answer: &JournalRow) -> bool {
    answer
        .problems
        .iter()
        .any(|problem| problem.code == Code::MergedInto)
}

/// Gives a row the answer of the one that carries its values.
fn share(answer: &mut JournalRow, leader: &JournalRow) {
    answer.state = leader.state;
    answer.action = leader.action;
    answer.customer.clone_from(&leader.customer);
    answer.sent_at = leader.sent_at;
    answer.problems.extend(leader.problems.iter().cloned());
}

fn text_cell(text: &str) -> OutCell<'_> {
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

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}
