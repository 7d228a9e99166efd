//! Writes the result sheet: every source row with its answer, from the journal and the copy of the source.
//!
//! The sheet has the same form while a job runs, after it stopped and after it ended. It is an input itself: its `_`
//! columns tell the next run what is done. The invariant: it holds every source row once, in order. Two kinds of sheets
//! hold fewer: one that was asked for a single status, and that of an undo, which leaves out rows that it did not take
//! back.

use std::path::PathBuf;

use jiff::tz::TimeZone;

use crate::job::context::Context;
use crate::job::end::{End, Ended};
use crate::job::error::JobError;
use crate::job::report::{Report, report_of};
use crate::job::spec::JobSpec;
use crate::journal::{JobFolder, Journal, JournalRow, Note, RowSet, RowState};
use crate::lang;
use crate::lang::hint::Hints;
use crate::lang::sheets::SummaryLabel;
use crate::lang::{Lang, say, sheets};
use crate::model::{Action, Code, JobId, JobKind, Key, Monitor, Problem, Row, Status, Task};
use crate::results::ahead::{AheadRows, AnsweredSource};
use crate::results::answers::{AnsweredRow, united_with};
use crate::results::layout::{AnswerCells, Lead, SheetLayout};
use crate::results::place::{folder_of, usable_path, zone};
use crate::results::places::RowPlaces;
use crate::results::side;
use crate::results::side::Summary;
use crate::source::copy;
use crate::source::ferry_sheet::{self, FerrySheet, FieldColumn, WorkbookKind};
use crate::stored::OwnerNames;
use crate::stored::customer::StoredCustomer;
use crate::table::{CellStyle, Format, TableWriter, Workbook, create_writer};

pub(crate) use crate::results::place::wanted_path;

/// Where the result sheet goes and what it holds.
#[derive(Debug, Clone, Default)]
pub struct ResultOptions {
    /// The path that was asked for; `None` for a fresh one beside the source.
    pub output: Option<PathBuf>,
    /// The only status whose rows are written; `None` for all rows.
    pub only: Option<Status>,
    /// Whether another process works on the job. Rows on the way are then `pending`, else `unknown`.
    pub running: bool,
    /// The language of the sheet, which need not be that of the job's earlier runs.
    pub lang: Lang,
    /// What the run that writes the sheet adds to the commands in it.
    pub hints: Hints,
    /// The names of the account's owners.
    pub owners: OwnerNames,
}

impl ResultOptions {
    /// Takes the path that the job was asked for.
    pub fn of(spec: &JobSpec, context: &Context) -> Self {
        Self {
            output: spec.output.clone(),
            lang: context.lang,
            hints: context.hints.clone(),
            owners: context.owners.clone(),
            ..Self::default()
        }
    }
}

/// Fails if no workbook can hold the job's result and it is not to be a CSV file. Called before anything is sent.
pub(crate) fn require_fitting(spec: &JobSpec) -> Result<(), JobError> {
    let layout = SheetLayout::new(&spec.sheets, &spec.schema, &Lead::OF_JOB, Lang::default());
    layout.require_fitting(spec.output.as_deref())
}

/// Writes the result sheet of a job whose run has ended, and returns what the job came to. A sheet that cannot be
/// written is no error: the monitor is told, and everything that it would show is in the journal.
pub(crate) fn answer(ended: Ended, context: &Context) -> Result<Report, JobError> {
    let Ended { mut job, end } = ended;
    let monitor = context.monitor.as_ref();
    let options = ResultOptions::of(&job.spec, context);
    let folder = job.folder().clone();
    let written = write_sheets(&folder, &job.spec, &job.journal, &options, monitor);
    match &written {
        Ok(sheet) => job.journal.note(Note::Result(&sheet.path))?,
        Err(error) => monitor.notice(
            &Problem::new(Code::ResultUnwritable)
                .with(
                    "path",
                    wanted_path(&job.spec, context.lang).to_string_lossy(),
                )
                .with("detail", error.detail())
                .with("job", folder.id().as_str()),
        ),
    }
    let report = report_of(&folder, &job.journal, &job.spec.kind, end)?;
    let mut report = report.with_examples(&job.journal)?;
    let sheet = written.ok();
    if let Some(sheet) = &sheet {
        let layout = SheetLayout::new(
            &job.spec.sheets,
            &job.spec.schema,
            &Lead::OF_JOB,
            context.lang,
        );
        layout.locate(&sheet.places, &mut report.examples.shown);
    }
    Ok(Report {
        result: sheet.map(|sheet| sheet.path),
        ..report
    })
}

/// A result sheet that was written.
struct WrittenResult {
    path: PathBuf,
    /// The places of the rows that are not done.
    places: RowPlaces,
}

/// Writes the result sheet of a job as it stands, and returns its path. A file that cannot be replaced is left alone:
/// the sheet goes under a numbered name, and the monitor is told.
pub fn write_result(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &Journal,
    options: &ResultOptions,
    monitor: &dyn Monitor,
) -> Result<PathBuf, JobError> {
    Ok(write_sheets(folder, spec, journal, options, monitor)?.path)
}

fn write_sheets(
    folder: &JobFolder,
    spec: &JobSpec,
    journal: &Journal,
    options: &ResultOptions,
    monitor: &dyn Monitor,
) -> Result<WrittenResult, JobError> {
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
    let mut sheet = ResultSheet::new(folder, spec, journal, options);
    sheet.layout.hints = sheet.layout.hints.written_to(&target);
    let places = sheet.write(writer.as_mut(), format, monitor)?;
    let cut = writer.cut_cells();
    writer.finish(&target)?;
    monitor.finish_task(Task::Write);
    if cut > 0 {
        monitor.notice(&Problem::new(Code::TextsCut).with("count", cut.to_string()));
    }
    Ok(WrittenResult {
        path: target,
        places,
    })
}

/// Writes the result sheet of a job into a workbook whose sheets end after so many rows.
#[cfg(test)]
pub(crate) fn write_short_result(
    folder: &JobFolder,
    target: &std::path::Path,
    rows: u32,
) -> Result<(), JobError> {
    let (spec, journal) = (JobSpec::load(folder)?, Journal::read(folder)?);
    let mut writer = crate::table::create_short_writer(folder_of(target), rows)?;
    let sheet = ResultSheet::new(folder, &spec, &journal, &ResultOptions::default());
    sheet.write(writer.as_mut(), Format::Xlsx, &crate::model::VoidMonitor)?;
    Ok(writer.finish(target)?)
}

pub(crate) struct ResultSheet<'a> {
    pub(crate) folder: &'a JobFolder,
    pub(crate) spec: &'a JobSpec,
    pub(crate) journal: &'a Journal,
    pub(crate) only: Option<Status>,
    pub(crate) zone: TimeZone,
    pub(crate) layout: SheetLayout<'a>,
    /// Whether a process works on the job: rows on the way are then `pending`, else `unknown`.
    pub(crate) running: bool,
    /// Whether the sheet shows what would become of rows, and not what has.
    pub(crate) is_preview: bool,
    pub(crate) lang: Lang,
}

impl<'a> ResultSheet<'a> {
    pub(crate) fn new(
        folder: &'a JobFolder,
        spec: &'a JobSpec,
        journal: &'a Journal,
        options: &ResultOptions,
    ) -> Self {
        Self {
            folder,
            spec,
            journal,
            only: options.only,
            zone: zone(&spec.timezone),
            layout: layout_of(spec, &Lead::OF_JOB, options),
            running: options.running,
            is_preview: false,
            lang: options.lang,
        }
    }

    /// Writes all sheets; a CSV file holds the rows alone. Returns the places of the rows that are not done.
    fn write(
        mut self,
        writer: &mut dyn TableWriter,
        format: Format,
        monitor: &dyn Monitor,
    ) -> Result<RowPlaces, JobError> {
        monitor.start_task(Task::Write, Some(self.journal.kept_counts()?.total()));
        let workbook = copy::open(self.folder, &self.spec.source)?;
        if format != Format::Csv {
            self.layout.dress_as(&workbook);
        }
        let places = self.write_rows(&workbook, writer, monitor)?;
        if format == Format::Csv {
            return Ok(places);
        }
        side::write_problems(writer, self.journal, &self.layout, &places, |row| {
            self.is_listed(self.status(row))
        })?;
        let summary = self.summary()?.with_doubts(&places);
        summary.write(writer, self.lang)?;
        let sheet = FerrySheet {
            keys: self.spec.keys.iter().map(Key::to_text).collect(),
            has_rules: ferry_sheet::has_rules(&self.spec.sheets),
            columns: FieldColumn::of_source(&self.spec.sheets),
            ..FerrySheet::of_job(workbook_kind(&self.spec.kind), self.spec)
        };
        sheet.write(writer)?;
        Ok(places)
    }

    /// Writes the rows. Returns the places of the rows whose problems are listed.
    fn write_rows(
        &self,
        workbook: &Workbook,
        writer: &mut dyn TableWriter,
        monitor: &dyn Monitor,
    ) -> Result<RowPlaces, JobError> {
        let name = sheets::results(self.lang, &self.spec.kind);
        self.layout.start(name, writer)?;
        let source = AnsweredSource {
            workbook,
            sheets: &self.spec.sheets,
            folder: self.folder,
            set: RowSet::Answers,
        };
        source.read_ahead(|rows| self.write_answers(rows, writer, monitor))
    }

    fn write_answers(
        &self,
        rows: &mut AheadRows,
        writer: &mut dyn TableWriter,
        monitor: &dyn Monitor,
    ) -> Result<RowPlaces, JobError> {
        let mut places = RowPlaces::default();
        while let Some(AnsweredRow { row, mut answer }) = rows.read_row()? {
            if answer.is_none() && self.spec.kind.is_undo() {
                continue;
            }
            if let Some(answer) = &mut answer {
                self.name_old_id(answer)?;
            }
            let status = answer
                .as_ref()
                .map_or(Status::Pending, |answer| self.status(answer));
            if self.only.is_none_or(|only| only == status) {
                self.write_row(writer, &row, answer.as_ref(), status, &mut places)?;
            }
            monitor.advance(Task::Write, 1);
        }
        Ok(places)
    }

    /// Adds the problem that names the old `_id` of a customer that an undo has added again.
    fn name_old_id(&self, answer: &mut JournalRow) -> Result<(), JobError> {
        let is_again = self.spec.kind.is_undo() && answer.action == Action::Add;
        if !is_again || answer.state != RowState::At(Status::Ok) {
            return Ok(());
        }
        let before = self.journal.images(answer.number)?.before;
        let before = StoredCustomer::of_image(before.as_ref())?;
        if let Some(old) = before.and_then(|stored| stored.id()) {
            let readded = Problem::new(Code::Readded).with("old", old.as_str());
            answer.problems.insert(0, readded);
        }
        Ok(())
    }

    pub(crate) fn status(&self, answer: &JournalRow) -> Status {
        answer.state.status(self.running)
    }

    /// Whether the problems of rows with a status stand in the list of problems.
    pub(crate) fn is_listed(&self, status: Status) -> bool {
        let is_wrong = matches!(status, Status::Invalid | Status::Failed | Status::Unknown);
        is_wrong && self.only.is_none_or(|only| only == status)
    }

    fn write_row(
        &self,
        writer: &mut dyn TableWriter,
        row: &Row,
        answer: Option<&JournalRow>,
        status: Status,
        places: &mut RowPlaces,
    ) -> Result<(), JobError> {
        let action = match (status, answer) {
            (Status::Ok | Status::Failed | Status::Unknown | Status::Pending, Some(answer)) => {
                answer.action
            }
            _ => Action::None,
        };
        let sent_at = answer
            .and_then(|answer| answer.sent_at)
            .map(|moment| self.local(moment))
            .unwrap_or_default();
        let label = self.layout.label(row.number);
        let customer = answer.and_then(|answer| answer.customer.as_ref());
        let said = AnswerCells {
            result: &self.words(status, action, answer),
            style: style_of(status),
            problems: answer.map_or(&[][..], |answer| answer.problems.as_slice()),
            row: self.layout.number(row.number, &label),
            status: status.as_str(),
            action: action.as_str(),
            id: customer.map_or("", |id| id.as_str()),
            job: self.spec.id.as_str(),
            sent_at: &sent_at,
            changes: "",
            changed_cells: &[],
            is_filtered: false,
            is_listed: self.is_listed(status),
        };
        self.layout.write(writer, row, &said, places)
    }

    /// Returns the outcome in words. A row that was left alone because a colleague has changed its customer is not
    /// called invalid.
    fn words(&self, status: Status, action: Action, answer: Option<&JournalRow>) -> String {
        let problems = answer.map_or(&[][..], |answer| answer.problems.as_slice());
        let is_left = status == Status::Invalid
            && problems
                .iter()
                .any(|problem| sheets::is_left_alone(problem.code));
        let outcome = if is_left {
            sheets::left_alone(self.lang)
        } else {
            lang::outcome(status, action, self.lang)
        };
        match answer.and_then(united_with) {
            Some(row) => sheets::united_with(self.lang, row, outcome),
            None => outcome.to_owned(),
        }
    }

    /// Returns how many rows have each outcome, or would have it, with a label for each.
    fn outcomes(&self, report: &Report) -> Vec<(String, u64)> {
        let is_split = self.spec.kind.takes_away() || self.is_preview;
        let mut outcomes = Vec::new();
        for status in Status::ALL.iter().copied() {
            let is_done = status == Status::Ok || (status == Status::Pending && self.is_preview);
            if is_split && is_done {
                for action in Action::ALL.iter().copied() {
                    let at = RowState::At(status);
                    let count = report.counts.sum(|state, its| state == at && its == action);
                    if count > 0 {
                        let label = sheets::planned(status, action, self.lang);
                        outcomes.push((label.to_owned(), count));
                    }
                }
            } else {
                let apart = match status {
                    Status::Skipped => report.united,
                    Status::Invalid => report.kept,
                    _ => 0,
                };
                let count = report.status(status).saturating_sub(apart);
                if !is_split || count > 0 {
                    outcomes.push((sheets::status(self.lang, status), count));
                }
            }
            if status == Status::Invalid && report.kept > 0 {
                outcomes.push((sheets::left_alone(self.lang).to_owned(), report.kept));
            }
            if status == Status::Skipped && report.united > 0 {
                outcomes.push((sheets::united(self.lang).to_owned(), report.united));
            }
        }
        outcomes
    }

    pub(crate) fn summary(&self) -> Result<Summary, JobError> {
        let report = report_of(self.folder, self.journal, &self.spec.kind, End::Finished)?;
        let account = &self.spec.account;
        let whose = if account.sandbox {
            say::embedded_crm(self.lang).to_owned()
        } else {
            say::account(self.lang, &account.appid, &account.host)
        };
        Ok(Summary {
            heading: SummaryLabel::JobHeading,
            facts: vec![
                (SummaryLabel::Job, self.spec.id.to_string()),
                (SummaryLabel::Account, whose),
                (
                    SummaryLabel::Source,
                    self.spec.source.path.display().to_string(),
                ),
                (SummaryLabel::Began, self.local(self.spec.created * 1000)),
                (SummaryLabel::Timezone, self.spec.timezone.clone()),
            ],
            calls: report.calls,
            seconds: report.elapsed.as_secs_f64(),
            outcomes: self.outcomes(&report),
            rows: report.counts.total(),
            codes: self.journal.problem_counts()?,
        })
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

/// Returns the layout of a job's sheet. Cells in doubt are those that an import sends.
pub(crate) fn layout_of<'a>(
    spec: &'a JobSpec,
    leads: &[Lead],
    options: &ResultOptions,
) -> SheetLayout<'a> {
    let layout = SheetLayout::new(&spec.sheets, &spec.schema, leads, options.lang)
        .with_hints(sheet_hints(spec, &options.hints));
    match spec.kind {
        JobKind::Import => layout.with_doubts(&spec.schema),
        JobKind::Delete | JobKind::Undo { .. } | JobKind::Export => layout,
    }
}

/// Returns what the commands in a job's sheet need so that they can be copied.
pub(crate) fn sheet_hints(spec: &JobSpec, hints: &Hints) -> Hints {
    let undone = spec.kind.undoes().map(JobId::as_str);
    let hints = hints.reading(&spec.asked);
    hints.in_sheet(spec.id.as_str(), undone, &spec.source.path)
}

/// Returns the kind of a result sheet as its hidden sheet names it.
fn workbook_kind(kind: &JobKind) -> WorkbookKind {
    match kind {
        JobKind::Delete => WorkbookKind::Delete,
        JobKind::Undo { .. } => WorkbookKind::Undo,
        JobKind::Import | JobKind::Export => WorkbookKind::Result,
    }
}

/// Returns the look of an outcome. Its words and `_status` say the same without colours.
pub(crate) fn style_of(status: Status) -> CellStyle {
    match status {
        Status::Ok | Status::Unchanged => CellStyle::Good,
        Status::Invalid | Status::Failed => CellStyle::Bad,
        Status::Unknown => CellStyle::Warn,
        Status::Skipped | Status::Pending => CellStyle::Muted,
    }
}
