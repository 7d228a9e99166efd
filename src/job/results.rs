//! The result sheet: every source row with its answer, written from the journal and the copy of the source.
//!
//! It is written while a job runs, after it stopped and after it ended, always in the same form, and it is
//! an input itself: its `_` columns tell the next run what is done. It holds every source row once, in
//! order.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;

use super::report::{Report, report_of};
use super::rows::SourceRows;
use super::{End, FERRY_SHEET, JobError, JobSpec, SheetPlan, source};
use crate::journal::{JobFolder, Journal, JournalRow, RowState};
use crate::lang;
use crate::model::{
    Action, Cell, Code, Monitor, Problem, Row, RowNumber, Status, Task, column_letters,
};
use crate::table::{
    CellStyle, ChartKind, ChartSpec, Column, Format, OutCell, SheetRole, SheetSpec, StyledCell,
    TableWriter, create_writer,
};

/// The columns before the source's own.
const COLUMNS: &[(&str, f64)] = &[
    ("_result", 24.0),
    ("_row", 7.0),
    ("_status", 10.0),
    ("_action", 9.0),
    ("_id", 21.0),
    ("_error_code", 12.0),
    ("_error", 44.0),
    ("_tip", 44.0),
    ("_job", 27.0),
    ("_sent_at", 20.0),
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
}

impl ResultOptions {
    /// What the job was asked for.
    pub fn of(spec: &JobSpec) -> Self {
        Self {
            output: spec.output.clone(),
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
        None => wanted_path(spec),
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

/// The name a job's sheet has unless another is asked for: `<stem>_import_<yyyymmdd-hhmmss>.xlsx` beside
/// the source, by the time of writing, so that a sheet somebody mends is never overwritten by a resume.
pub(super) fn wanted_path(spec: &JobSpec) -> PathBuf {
    if let Some(path) = &spec.output {
        return path.clone();
    }
    let zone = zone(&spec.timezone);
    let stamp = jiff::ZonedDateTime::new(jiff::Timestamp::now(), zone)
        .strftime("%Y%m%d-%H%M%S")
        .to_string();
    let name = format!("{}_{}_{stamp}.xlsx", spec.stem(), spec.command);
    match spec.source.path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.join(name),
        _ => PathBuf::from(name),
    }
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(8)))
}

fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// The wanted path if it can be written (a `fresh` one only if nothing is there yet), else a numbered one beside it, else one in the working folder,
/// else one in the job's folder.
fn usable_path(wanted: &Path, fresh: bool, folder: &JobFolder) -> PathBuf {
    if !(fresh && wanted.exists()) && is_usable(wanted) {
        return wanted.to_path_buf();
    }
    let stem = wanted
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let extension = wanted.extension().map_or_else(
        || "xlsx".to_owned(),
        |extension| extension.to_string_lossy().into_owned(),
    );
    let name = |number: u32| match number {
        1 => format!("{stem}.{extension}"),
        number => format!("{stem} ({number}).{extension}"),
    };
    let beside = (2..100).map(|number| folder_of(wanted).join(name(number)));
    let here = (1..100).map(|number| PathBuf::from(name(number)));
    let fresh = |path: &PathBuf| !path.exists() && is_usable(path);
    beside
        .chain(here)
        .find(fresh)
        .unwrap_or_else(|| folder.file(&name(1)))
}

/// Whether a file can be made or replaced here. A workbook that is open in Excel cannot be opened for writing.
fn is_usable(path: &Path) -> bool {
    if path.is_dir() || (path.exists() && std::fs::File::options().write(true).open(path).is_err())
    {
        return false;
    }
    tempfile::Builder::new()
        .prefix(".ferry-")
        .tempfile_in(folder_of(path))
        .is_ok()
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
            .map(|(header, width)| column(header, *width))
            .collect();
        columns.extend(self.headers.iter().map(|header| column(header, 16.0)));
        writer.start_sheet(SheetSpec {
            name: "Results".to_owned(),
            columns,
            hidden: false,
            role: SheetRole::Data,
        })?;

        let workbook = source::open(self.folder, &self.spec.source)?;
        let mut rows = SourceRows::new(&workbook, &self.spec.sheets);
        let mut answers = Answers::new(self.journal);
        while let Some(row) = rows.read_row()? {
            let answer = answers.of(row.number)?;
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
        let said: Vec<lang::Words> = problems.iter().map(lang::words).collect();
        let codes = joined(
            problems.iter().map(|problem| problem.code.to_string()),
            "; ",
        );
        let errors = joined(said.iter().map(|words| words.message.clone()), "; ");
        let tips = joined(said.iter().map(|words| words.tip.clone()), "; ");
        let sent_at = answer
            .and_then(|answer| answer.sent_at)
            .map(|moment| self.local(moment))
            .unwrap_or_default();
        let number = self.row_label(row.number);
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
            styled(OutCell::Text(lang::outcome(status, action)), style),
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

    fn write_problems(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
        let columns = [
            ("row", 8.0),
            ("cell", 8.0),
            ("column", 18.0),
            ("value", 28.0),
            ("code", 8.0),
            ("message", 60.0),
            ("tip", 60.0),
        ];
        let columns = columns
            .map(|(header, width)| Column {
                header: header.to_owned(),
                width,
                ..Column::default()
            })
            .to_vec();
        writer.start_sheet(SheetSpec {
            name: "Problems".to_owned(),
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
        let words = lang::words(problem);
        let (number, code) = (self.row_label(row.number), problem.code.to_string());
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

    fn write_summary(&self, writer: &mut dyn TableWriter, report: &Report) -> Result<(), JobError> {
        let columns = [34.0, 46.0]
            .map(|width| Column {
                width,
                ..Column::default()
            })
            .to_vec();
        writer.start_sheet(SheetSpec {
            name: "Summary".to_owned(),
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
        let facts = [
            ("job", self.spec.id.to_string()),
            (
                "account",
                format!("{} at {}", self.spec.account.appid, self.spec.account.host),
            ),
            ("source", self.spec.source.path.display().to_string()),
            ("began", created),
            ("time spent", format!("{seconds:.1} s")),
        ];
        writer.write_row(&[heading("Job"), heading("")])?;
        for (label, fact) in &facts {
            writer.write_row(&[plain(OutCell::Text(label)), plain(text_cell(fact))])?;
        }
        writer.write_row(&[
            plain(OutCell::Text("calls")),
            plain(OutCell::Count(report.calls)),
        ])?;
        if seconds > 0.0 && report.calls > 0 {
            let pace = format!("{:.1} calls/s", report.calls as f64 / seconds);
            writer.write_row(&[
                StyledCell::plain(OutCell::Text("pace")),
                StyledCell::plain(OutCell::Text(&pace)),
            ])?;
        }
        writer.write_row(&[plain(OutCell::Blank)])?;
        writer.write_row(&[heading("Rows by status"), heading("rows")])?;
        let first = writer.next_place().map_or(1, |place| place.row);
        for status in Status::ALL {
            let count = OutCell::Count(report.status(*status));
            writer.write_row(&[plain(OutCell::Text(status.as_str())), plain(count)])?;
        }
        let last = writer.next_place().map_or(first, |place| place.row - 1);
        writer.write_row(&[
            plain(OutCell::Text("all rows")),
            plain(OutCell::Count(report.counts.total())),
        ])?;
        writer.write_row(&[plain(OutCell::Blank)])?;
        writer.write_row(&[heading("Problems by code"), heading("times")])?;
        for (code, times) in self.problem_counts()? {
            let label = format!("{code} {}", lang::title(code));
            writer.write_row(&[
                StyledCell::plain(OutCell::Text(&label)),
                StyledCell::plain(OutCell::Count(times)),
            ])?;
        }
        writer.add_chart(&ChartSpec {
            title: "Rows by status".to_owned(),
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
    fn write_keys(&self, writer: &mut dyn TableWriter) -> Result<(), JobError> {
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
                    crate::model::Slot::Whole => String::new(),
                    crate::model::Slot::Value(position) => position.to_string(),
                    crate::model::Slot::Memo(position) => format!("{position}.memo"),
                    crate::model::Slot::Level(level) => format!(".{level}"),
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

    /// `17`; with several sheets `name!17`.
    fn row_label(&self, number: RowNumber) -> String {
        match self.spec.sheets.get(usize::from(number.sheet)) {
            Some(sheet) if self.spec.sheets.len() > 1 => format!("{}!{}", sheet.name, number.row),
            _ => number.row.to_string(),
        }
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

/// The journal's rows in step with the source's.
struct Answers<'a> {
    journal: &'a Journal,
    batch: std::vec::IntoIter<JournalRow>,
    next: Option<JournalRow>,
    after: i64,
    ended: bool,
}

impl<'a> Answers<'a> {
    fn new(journal: &'a Journal) -> Self {
        Self {
            journal,
            batch: Vec::new().into_iter(),
            next: None,
            after: -1,
            ended: false,
        }
    }

    /// The answer of a row; rows must be asked for in order.
    fn of(&mut self, number: RowNumber) -> Result<Option<JournalRow>, JobError> {
        loop {
            if self.next.is_none() && !self.advance()? {
                return Ok(None);
            }
            match &self.next {
                Some(row) if row.number == number => return Ok(self.next.take()),
                Some(row) if row.number > number => return Ok(None),
                _ => self.next = None,
            }
        }
    }

    fn advance(&mut self) -> Result<bool, JobError> {
        if let Some(row) = self.batch.next() {
            self.next = Some(row);
            return Ok(true);
        }
        if self.ended {
            return Ok(false);
        }
        let rows = self.journal.answers_after(self.after, BATCH_ROWS)?;
        self.ended = rows.len() < BATCH_ROWS;
        if let Some(last) = rows.last() {
            self.after = last.number.to_key();
        }
        self.batch = rows.into_iter();
        self.next = self.batch.next();
        Ok(self.next.is_some())
    }
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

fn header_of(sheet: &SheetPlan, column: u32) -> Option<&str> {
    let found = sheet
        .columns
        .columns
        .iter()
        .find(|candidate| candidate.column == column);
    found.map(|column| column.header.as_str())
}
