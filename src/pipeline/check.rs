//! `ferry check`: validates every row of a file, without sending anything and without making a job.
//!
//! What must be kept until the end (values that may stand in the file once only, the problems of the sheet) is kept in
//! a journal on the disk (`kept_check.rs`), so that memory does not grow with rows. Where nothing must be kept, there is
//! none.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::check::Checked;
use crate::job::error::JobError;
use crate::job::error_limit::MaxErrors;
use crate::job::examples::{ExampleCounts, Examples};
use crate::job::spec::{BlankKey, Mode, SheetOptions, SheetPlan};
use crate::journal::{Journal, PlannedRow, StateFolder};
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::lang::say::check::CheckedCounts;
use crate::lang::sheets::CheckedOutcome;
use crate::model::{
    CellNotes, Code, Corrections, CustomerId, Draft, Key, Monitor, Prior, Problem, Row, RowNumber,
    Schema, Status, Stop, Task,
};
use crate::pipeline::kept_check::CheckJournal;
use crate::plan::duplicates::Once;
use crate::plan::foreseen::{Foreseen, Foresight};
use crate::plan::judge::Judge;
use crate::plan::taken_away::TakenAway;
use crate::results::checked::{CheckFacts, CheckedSheet};
use crate::results::layout::SheetLayout;
use crate::source::contacts::{ContactKey, ContactRows};
use crate::source::incoming::AtHand;
use crate::source::kept_mapping::KeptMapping;
use crate::source::noted::NotedCells;
use crate::source::recalled_keys::RecalledKeys;
use crate::source::rows::SourceRows;
use crate::source::{keys, manifest, recalled, sheets};
use crate::table::{ReadOptions, Workbook};

/// What to check: the request of `ferry check`.
#[derive(Debug, Clone)]
pub struct CheckRequest {
    /// The file.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// The cells of the file that a person has corrected.
    pub corrections: Corrections,
    /// Which sheets, and how their columns are mapped.
    pub sheets: SheetOptions,
    /// How rows would become calls.
    pub mode: Mode,
    /// The fields of `--key` by which a row is recognised, as typed.
    pub key: Vec<String>,
    /// What becomes of rows whose keys are all blank.
    pub blank_key: BlankKey,
    /// How many rows may be wrong before the check stops; `None` for any number.
    pub max_errors: Option<MaxErrors>,
    /// The fields of the account.
    pub schema: Schema,
    /// The state folder, in which the job of a result sheet is looked up; `None` without an account.
    pub state: Option<StateFolder>,
    /// The key of the account.
    pub account: Option<String>,
    /// Where the sheet of problems goes; `None` to write none.
    pub output: Option<PathBuf>,
    /// The folder in which the rows with problems are kept, for [`KeptCheck`]; `None` to keep none. It is made where it
    /// is missing, and an earlier check in it is replaced.
    ///
    /// [`KeptCheck`]: crate::pipeline::KeptCheck
    pub keep: Option<PathBuf>,
    /// How many calls reading the field list cost.
    pub calls: u64,
    /// Whether the sheet holds every row, and not only those with problems.
    pub all: bool,
    /// The language of the sheet.
    pub lang: Lang,
    /// What the run adds to the commands in the sheet.
    pub hints: Hints,
}

/// What a check found.
#[derive(Debug, Clone, Default)]
pub struct CheckReport {
    /// The sheets that were checked, in the order by which rows name them, with their columns.
    pub sheets: Vec<SheetPlan>,
    /// How many rows were checked.
    pub rows: u64,
    /// How many rows have problems.
    pub invalid: u64,
    /// How many valid rows would be added: those without an `_id`, whatever their keys would find.
    pub adds: u64,
    /// How many valid rows would be updated: those with an `_id`.
    pub updates: u64,
    /// How many rows an import would skip: those that are done, that a job has added before, and that are one customer
    /// with a row above.
    pub skipped: u64,
    /// How many of the skipped rows are one customer with a row above.
    pub united: u64,
    /// How many rows are in doubt: an import would look for them, and not add them.
    pub unknown: u64,
    /// Whether `max_errors` ended the check before the last row.
    pub is_cut_short: bool,
    /// How often each problem occurs.
    pub codes: BTreeMap<Code, u64>,
    /// The problems of most rows, for the terminal.
    pub examples: Examples,
    different: ExampleCounts,
    /// The path of the sheet, if one was written.
    pub output: Option<PathBuf>,
    /// How many calls reading the field list cost.
    pub calls: u64,
    /// How long the check took.
    pub elapsed: Duration,
}

/// Checks a file against the fields of an account. Wrong rows are counted and are no error. Fails when the file cannot
/// be read or its columns are in doubt, when it has no rows, or when a stop is asked for. Errors name the file as it
/// was typed.
pub fn check_file(
    request: &CheckRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<CheckReport, JobError> {
    let here = AtHand::of(&request.source, monitor, stop)?;
    check_rows(&here.path, request, monitor, stop).map_err(|error| match error {
        // Errors name the file that a person knows, not a copy.
        JobError::Table(error) => JobError::Table(error.about(&request.source)),
        other => other,
    })
}

/// Judges the rows of a batch, also against the rows above them where a throw-away journal keeps those.
fn judged_rows(
    judge: &Judge,
    once: &Once<'_>,
    batch: &[Row],
    scratch: Option<&mut CheckJournal>,
) -> Result<Vec<CheckedRow>, JobError> {
    let Some(scratch) = scratch else {
        let keep = |draft, checked| CheckedRow::new(draft, checked, &judge.schema);
        return Ok(judge.judge_into(batch, keep));
    };
    let judged = judge.judge(batch).into_iter();
    scratch.journal.in_transaction(|journal| {
        judged
            .map(|(draft, mut checked)| {
                let twice = once.problems(&draft, &checked, journal)?;
                checked.problems.extend(twice);
                Ok(CheckedRow::new(draft, checked, &judge.schema))
            })
            .collect()
    })
}

impl CheckRequest {
    /// Returns whether so many rows are wrong that the check ends.
    fn is_enough(&self, report: &CheckReport) -> bool {
        let most = self.max_errors;
        most.is_some_and(|most| most.is_exceeded(report.invalid, report.rows))
    }
}

impl CheckReport {
    /// Returns the counts, as they are said.
    pub fn counts(&self) -> CheckedCounts {
        CheckedCounts {
            rows: self.rows,
            adds: self.adds,
            updates: self.updates,
            skipped: self.skipped,
            united: self.united,
            unknown: self.unknown,
            invalid: self.invalid,
        }
    }

    /// Counts a row, and its problems with the name of its customer.
    fn count(&mut self, number: RowNumber, row: &CheckedRow, name: &str) {
        self.rows += 1;
        match row.outcome() {
            CheckedOutcome::Wrong => self.invalid += 1,
            CheckedOutcome::Skipped => self.skipped += 1,
            CheckedOutcome::United => {
                self.skipped += 1;
                self.united += 1;
            }
            CheckedOutcome::Unknown => self.unknown += 1,
            CheckedOutcome::Valid if row.id.is_some() => self.updates += 1,
            CheckedOutcome::Valid => self.adds += 1,
        }
        for problem in &row.problems {
            *self.codes.entry(problem.code).or_default() += 1;
            self.different.add(number, problem, name);
        }
    }
}

/// Returns the fields of the account as the mapping has them, and the sheets with their columns.
fn resolved(
    workbook: &Workbook,
    request: &CheckRequest,
    monitor: &dyn Monitor,
) -> Result<(Schema, Vec<SheetPlan>), JobError> {
    let recalled = recalled::with_mapping(
        &request.sheets,
        workbook,
        request.state.as_ref(),
        request.account.as_deref(),
        &request.schema,
        monitor,
    )?;
    let schema = crate::source::mapping::schema_for(&recalled, request.schema.clone())?;
    let options = SheetOptions {
        is_export: manifest::has_manifest(&request.source),
        only_updates: request.mode == Mode::Update,
        ..recalled
    };
    let plans = sheets::resolve(workbook, &schema, &options, None, monitor, request.lang)?;
    Ok((schema, plans))
}

/// Returns the keys, and what becomes of rows in which they are blank: those that were typed, else those that a result
/// sheet remembers, as an import takes them.
fn resolved_keys(
    workbook: &Workbook,
    request: &CheckRequest,
    schema: &Schema,
    plans: &[SheetPlan],
    monitor: &dyn Monitor,
) -> Result<(Vec<Key>, BlankKey), JobError> {
    if request.key.is_empty()
        && request.mode != Mode::Add
        && let Some(recalled) = RecalledKeys::of(workbook, plans, request.state.as_ref())?
    {
        let keys = keys::resolve(&recalled.key, schema, plans)?;
        monitor.notice(&RecalledKeys::notice(&keys, schema));
        return Ok((keys, recalled.blank_key.unwrap_or(request.blank_key)));
    }
    Ok((
        keys::resolve(&request.key, schema, plans)?,
        request.blank_key,
    ))
}

/// Opens the sheet of the problems, if one is asked for.
fn sheet_of<'a>(
    request: &CheckRequest,
    workbook: &Workbook,
    plans: &'a [SheetPlan],
    schema: &Schema,
) -> Result<Option<CheckedSheet<'a>>, JobError> {
    let hints = request.hints.about(&request.source);
    let path = request.output.as_ref();
    path.map(|path| CheckedSheet::create(path, workbook, plans, schema, request.lang, &hints))
        .transpose()
}

fn check_rows(
    path: &Path,
    request: &CheckRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<CheckReport, JobError> {
    let began = Instant::now();
    let read = manifest::read_options(&request.source, &request.read);
    let workbook = Workbook::open(path, &read)?.corrected(&request.corrections);
    let (schema, plans) = resolved(&workbook, request, monitor)?;
    let (keys, blank_key) = resolved_keys(&workbook, request, &schema, &plans, monitor)?;
    let once = Once {
        sheets: &plans,
        schema: &schema,
        keys: &keys,
        blank_key,
        mode: request.mode,
    };
    let mut foresight = Foresight::new(request.state.as_ref(), request.account.as_deref())?;
    // With keys, what is stored decides on a row first.
    let may_be_added_before = foresight.knows_adds() && keys.is_empty();
    let mut judge = Judge::new(&plans, &schema, request.mode).with_keys(!keys.is_empty());
    let mut taken_away = TakenAway::new(&plans, request.mode, false);
    if !may_be_added_before && !taken_away.may_be() {
        judge = judge.without_fingerprints();
    }
    let keep = request.keep.as_deref();
    // The sheet may stand in the folder that is made here.
    let kept = keep.map(|folder| CheckJournal::create(Some(folder)));
    let kept = kept.transpose()?;
    let writer = sheet_of(request, &workbook, &plans, &schema)?;
    let lists_problems = writer.as_ref().is_some_and(CheckedSheet::lists_problems);
    let keeps_rows = lists_problems || keep.is_some();
    let has_id = plans.iter().any(|plan| plan.columns.has_id());
    let needs_scratch = has_id || !keys.is_empty() || keeps_rows || may_be_added_before;
    let mut found = FoundInRows {
        request,
        report: CheckReport {
            calls: request.calls,
            sheets: plans.clone(),
            ..CheckReport::default()
        },
        writer,
        scratch: match kept {
            None if needs_scratch => Some(CheckJournal::create(None)?),
            kept => kept,
        },
        keeps_rows,
        noted: NotedCells::default(),
        contacts: ContactRows::new(&plans),
        names: SheetLayout::new(&plans, &schema, &[], request.lang),
    };
    let mut rows = SourceRows::new(&workbook, &plans);
    monitor.start_task(Task::Check, None);
    let mut batch = rows.read_batch()?;
    while !batch.is_empty() {
        let (checked, next) = rows.read_beside(|| {
            judge.prepare(&batch, &workbook, stop)?;
            judge.taken_away = foresight.taken_away(&mut taken_away, &batch, &judge);
            let mut verdicts = judged_rows(&judge, &once, &batch, found.scratch.as_mut())?;
            let adds = found.scratch.as_mut().filter(|_| may_be_added_before);
            foresee(&mut verdicts, &mut foresight, request.mode, adds)?;
            found.take(&batch, verdicts)
        });
        checked?;
        monitor.advance(Task::Check, batch.len() as u64);
        if found.report.is_cut_short {
            break;
        }
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        batch = next?;
    }
    monitor.finish_task(Task::Check);
    let notices = rows.notices().chain(found.contacts.notice(&plans));
    let notices = notices.chain(taken_away.notice());
    notices.for_each(|notice| monitor.notice(&notice));
    found.noted.tell(&plans, monitor);
    let mapping = recalled::of_check(&plans, &schema, &request.schema);
    found.finish(began, &keys, mapping)
}

/// What a check has found so far, and where it keeps that.
struct FoundInRows<'a> {
    request: &'a CheckRequest,
    report: CheckReport,
    writer: Option<CheckedSheet<'a>>,
    scratch: Option<CheckJournal>,
    /// Whether the rows with problems are kept in `scratch`.
    keeps_rows: bool,
    noted: NotedCells,
    contacts: ContactRows,
    names: SheetLayout<'a>,
}

impl FoundInRows<'_> {
    /// Counts, writes and keeps the rows of a batch, until so many are wrong that the check ends.
    fn take(&mut self, batch: &[Row], verdicts: Vec<CheckedRow>) -> Result<(), JobError> {
        let mut wrong = Vec::new();
        for (row, mut verdict) in batch.iter().zip(verdicts) {
            self.report.is_cut_short = self.request.is_enough(&self.report);
            if self.report.is_cut_short {
                break;
            }
            let name = self.names.name(row);
            self.noted.add(row.number, verdict.notes);
            self.report.count(row.number, &verdict, name);
            let contact = verdict.contact.take();
            self.contacts.see(row.number.sheet, contact);
            let is_wrong = !verdict.problems.is_empty();
            let is_shown = self.request.all || is_wrong || verdict.notes.question_marks > 0;
            if let Some(writer) = self.writer.as_mut().filter(|_| is_shown) {
                writer.write(row, verdict.outcome(), &verdict.problems)?;
            }
            if let Some(scratch) = self
                .scratch
                .as_ref()
                .filter(|_| self.keeps_rows && is_wrong)
            {
                wrong.push(scratch.wrong_row(row, name, verdict.problems));
            }
        }
        let Some(scratch) = &mut self.scratch else {
            return Ok(());
        };
        let keep = |journal: &mut Journal| journal.plan(&wrong);
        Ok(scratch.journal.in_transaction(keep)?)
    }

    /// Writes the rest of the sheet, and says where its problems stand. Fails where there was no row.
    fn finish(
        self,
        began: Instant,
        keys: &[Key],
        mapping: Option<KeptMapping>,
    ) -> Result<CheckReport, JobError> {
        let Self {
            request,
            mut report,
            writer,
            scratch,
            ..
        } = self;
        if report.rows == 0 {
            return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
        }
        report.elapsed = began.elapsed();
        report.examples = std::mem::take(&mut report.different).finish();
        if let Some(writer) = writer {
            writer.locate(&mut report.examples.shown);
            let facts = CheckFacts {
                source: &request.source,
                keys,
                mapping,
                counts: report.counts(),
                codes: &report.codes,
                calls: report.calls,
                elapsed: report.elapsed,
            };
            let journal = scratch.as_ref().map(|scratch| &scratch.journal);
            report.output = Some(writer.finish(journal, facts)?);
            report.elapsed = began.elapsed();
        }
        Ok(report)
    }
}

/// Notes what an import would do with the rows of a batch. `adds` keeps which rows above stand for rows that were added
/// before; `None` where none were.
fn foresee(
    rows: &mut [CheckedRow],
    foresight: &mut Foresight<'_>,
    mode: Mode,
    adds: Option<&mut CheckJournal>,
) -> Result<(), JobError> {
    for row in rows.iter_mut() {
        if row.is_merged {
            row.foreseen = Foreseen::Skipped;
        } else if let Some(prior) = &row.prior {
            row.foreseen = foresight.of_prior(prior, row.id.as_ref())?;
            match &row.foreseen {
                Foreseen::Skipped | Foreseen::Unknown => row.problems.clear(),
                Foreseen::Wrong(problem) => row.problems = vec![problem.as_ref().clone()],
                Foreseen::Open => {}
            }
        }
    }
    let Some(adds) = adds else { return Ok(()) };
    adds.journal.in_transaction(|journal| {
        let is_add = |row: &&mut CheckedRow| {
            let is_update = match mode {
                Mode::Auto => row.id.is_some(),
                Mode::Add => false,
                Mode::Update => true,
            };
            !is_update && !row.is_merged && row.prior.is_none() && row.problems.is_empty()
        };
        for row in rows.iter_mut().filter(is_add) {
            let twins = journal.skipped_twins(&row.fingerprint)?;
            row.foreseen = foresight.of_add(&row.fingerprint, &row.merged, twins)?;
            if let Foreseen::Wrong(problem) = &row.foreseen {
                row.problems = vec![problem.as_ref().clone()];
            }
            if row.foreseen != Foreseen::Open {
                journal.plan(&[PlannedRow {
                    fingerprint: row.fingerprint,
                    is_twin: true,
                    ..PlannedRow::new(row.number, Status::Skipped)
                }])?;
            }
        }
        Ok(())
    })
}

/// What a check keeps of a row: everything but its record.
struct CheckedRow {
    number: RowNumber,
    id: Option<CustomerId>,
    is_merged: bool,
    merged: Vec<[u8; 16]>,
    prior: Option<Prior>,
    fingerprint: [u8; 16],
    foreseen: Foreseen,
    contact: Option<ContactKey>,
    notes: CellNotes,
    problems: Vec<Problem>,
}

impl CheckedRow {
    fn outcome(&self) -> CheckedOutcome {
        match self.foreseen {
            _ if !self.problems.is_empty() => CheckedOutcome::Wrong,
            _ if self.is_merged => CheckedOutcome::United,
            Foreseen::Skipped => CheckedOutcome::Skipped,
            Foreseen::Unknown => CheckedOutcome::Unknown,
            Foreseen::Open | Foreseen::Wrong(_) => CheckedOutcome::Valid,
        }
    }

    fn new(draft: Draft, checked: Checked, schema: &Schema) -> Self {
        Self {
            contact: ContactKey::of(&draft, schema),
            number: draft.number,
            id: draft.id,
            prior: draft.prior,
            fingerprint: draft.fingerprint,
            foreseen: Foreseen::Open,
            is_merged: draft.merged_into.is_some(),
            merged: draft.merged,
            notes: draft.notes,
            problems: checked.problems,
        }
    }
}
