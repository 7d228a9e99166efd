//! Rows to decided actions.
//!
//! Mapping and checking run in parallel over a batch; deciding goes row by row in source order, because it
//! depends on what earlier rows claimed: an `_id` may stand in a file once, and of equal rows only as many
//! are skipped as other jobs have added.

use std::collections::HashMap;

use rayon::prelude::*;

use super::rows::SourceRows;
use super::{Account, ImportOptions, JobError, JobSpec, Mode, SheetPlan};
use crate::check::{Checked, Checker, Intent};
use crate::journal::{Journal, Ledger, LedgerEntry, PlannedRow, StateFolder};
use crate::mapping::{Mapper, SourceColumn};
use crate::model::{
    Action, Code, Counter, CustomerId, Draft, FieldKey, JobId, Monitor, Prior, Problem, Row,
    RowNumber, RowOrigin, Schema, Status, Stop, Task, Value,
};
use crate::table::Workbook;

/// Rows to drafts to checked rows, for one job's sheets.
pub(super) struct Judge {
    sheets: Vec<SheetPlan>,
    mappers: Vec<Mapper>,
    checker: Checker,
    mode: Mode,
}

impl Judge {
    pub(super) fn new(sheets: &[SheetPlan], schema: &Schema, mode: Mode) -> Self {
        let mappers = sheets
            .iter()
            .map(|sheet| Mapper::new(&sheet.columns, schema))
            .collect();
        Self {
            sheets: sheets.to_vec(),
            mappers,
            checker: Checker::new(schema),
            mode,
        }
    }

    /// Judges a batch on all cores; the order stays.
    pub(super) fn judge(&self, rows: &[Row]) -> Vec<(Draft, Checked)> {
        rows.par_iter()
            .with_min_len(64)
            .filter_map(|row| self.judge_row(row))
            .collect()
    }

    /// The column in which a field that a row lacks would stand.
    fn column_of(&self, sheet: u16, key: &str) -> Option<u32> {
        let columns = &self.sheets.get(usize::from(sheet))?.columns.columns;
        let feeds = |column: &&SourceColumn| {
            column
                .target
                .place()
                .is_some_and(|(field, _)| field.as_str() == key)
        };
        columns.iter().find(feeds).map(|column| column.column)
    }

    fn judge_row(&self, row: &Row) -> Option<(Draft, Checked)> {
        let draft = self.mappers.get(usize::from(row.number.sheet))?.draft(row);
        let intent = match (self.mode, &draft.id) {
            (Mode::Update, _) | (Mode::Auto, Some(_)) => Intent::Update,
            (Mode::Add, _) | (Mode::Auto, None) => Intent::Add,
        };
        let mut checked = self.checker.check(&draft, intent);
        for problem in &mut checked.problems {
            if problem.code == Code::MissingRequired {
                problem.column = self.column_of(row.number.sheet, problem.fact("key"));
            }
        }
        match (self.mode, &draft.id) {
            (Mode::Update, None) => checked.problems.push(Problem::new(Code::UpdateWithoutId)),
            (Mode::Add, Some(_)) => checked.problems.push(Problem::new(Code::AddWithId)),
            _ => {}
        }
        Some((draft, checked))
    }
}

/// Decides every row of a job's source and writes the decisions into its journal.
pub(super) fn plan(
    spec: &JobSpec,
    workbook: &Workbook,
    journal: &mut Journal,
    ledger: &Ledger,
    state: &StateFolder,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<(), JobError> {
    journal.clear()?;
    let judge = Judge::new(&spec.sheets, &spec.schema, spec.options.mode);
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    let mut decider = Decider {
        spec,
        options: &spec.options,
        ledger,
        priors: Priors::new(state, &spec.account),
        edited: 0,
    };
    let mut blank_words = 0;
    monitor.start_task(Task::Check, None);
    loop {
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let batch = rows.read_batch()?;
        if batch.is_empty() {
            break;
        }
        let judged = judge.judge(&batch);
        blank_words += judged
            .iter()
            .map(|(draft, _)| u64::from(draft.blank_words))
            .sum::<u64>();
        journal.in_transaction(|journal| {
            for (draft, checked) in judged {
                let row = decider.decide(&draft, checked, journal)?;
                journal.plan(&row)?;
            }
            Ok::<_, JobError>(())
        })?;
        monitor.advance(Task::Check, batch.len() as u64);
    }
    monitor.finish_task(Task::Check);
    let counted = |code, count: u64| Problem::new(code).with("count", count.to_string());
    if blank_words > 0 {
        monitor.notice(&counted(Code::BlankWords, blank_words));
    }
    if decider.edited > 0 {
        monitor.notice(&counted(Code::EditedDoneRows, decider.edited));
    }
    let counts = journal.counts()?;
    monitor.count(Counter::Skipped, counts.status(Status::Skipped));
    monitor.count(Counter::Failed, counts.status(Status::Invalid));
    if counts.total() == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    Ok(())
}

struct Decider<'a> {
    spec: &'a JobSpec,
    options: &'a ImportOptions,
    ledger: &'a Ledger,
    priors: Priors<'a>,
    edited: u64,
}

impl Decider<'_> {
    fn decide(
        &mut self,
        draft: &Draft,
        checked: Checked,
        journal: &mut Journal,
    ) -> Result<PlannedRow, JobError> {
        let mut row = PlannedRow {
            number: draft.number,
            status: Status::Pending,
            action: Action::None,
            customer: draft.id.clone(),
            fingerprint: draft.fingerprint,
            record: None,
            problems: Vec::new(),
            origin: None,
            is_twin: false,
        };
        if let Some(prior) = &draft.prior
            && self.decide_prior(prior, draft, &mut row)?
        {
            return Ok(row);
        }
        if !checked.problems.is_empty() {
            row.status = Status::Invalid;
            row.problems = checked.problems;
            return Ok(row);
        }
        row.record = Some(checked.record);
        if let (Some(id), Mode::Auto | Mode::Update) = (&draft.id, self.options.mode) {
            row.action = Action::Update;
            if let Some(earlier) = journal.see_id(id, draft.number)? {
                row.status = Status::Invalid;
                let twice = Problem::new(Code::DuplicateId).with("value", id.as_str());
                row.problems = vec![twice.with("row", earlier.row.to_string())];
            }
            return Ok(row);
        }
        row.action = Action::Add;
        if let (Some(stamp), Some(record)) = (&self.options.stamp, &mut row.record) {
            let text = Value::Text(self.spec.stamp_of(draft.number));
            record.push(FieldKey::new(stamp), text);
        }
        if !self.options.again {
            let twins = journal.skipped_twins(&draft.fingerprint)?;
            if let Some(entry) = self.ledger.other(&draft.fingerprint, twins)? {
                row.is_twin = true;
                take_over(&mut row, &entry);
            }
        }
        Ok(row)
    }

    /// Decides a row that a result sheet brings back; false when it is to be treated like any other.
    fn decide_prior(
        &mut self,
        prior: &Prior,
        draft: &Draft,
        row: &mut PlannedRow,
    ) -> Result<bool, JobError> {
        let known = self.priors.find(prior)?;
        let origin = known.as_ref().map(|known| known.origin.clone());
        row.origin.clone_from(&origin);
        let about = |code| {
            Problem::new(code)
                .with("row", prior.row.as_str())
                .with("job", prior.job.as_str())
        };
        match prior.status {
            None => {
                // Somebody has looked: the customer is not there, so nothing is in doubt any more.
                self.release(prior, known.as_ref())?;
                Ok(false)
            }
            Some(Status::Ok | Status::Unchanged | Status::Skipped) => {
                let as_it_was = known
                    .as_ref()
                    .is_some_and(|known| known.fingerprint == Some(draft.fingerprint));
                self.edited += u64::from(known.is_some() && !as_it_was);
                if self.options.include_done && draft.id.is_some() {
                    return Ok(false);
                }
                row.status = Status::Skipped;
                // It stands for what that job added, so an equal row below it is another one.
                row.is_twin = as_it_was && !self.options.again;
                row.problems = vec![about(Code::DoneInResult)];
                Ok(true)
            }
            // An update may be repeated.
            Some(Status::Unknown)
                if known
                    .as_ref()
                    .is_some_and(|known| known.action == Action::Update) =>
            {
                Ok(false)
            }
            Some(Status::Unknown) => {
                if let (Some(id), Some(known)) = (&draft.id, &known) {
                    // Somebody has looked, and found it.
                    for (job, number) in known.places(&prior.job) {
                        self.ledger.resolve(job, number, id)?;
                    }
                }
                if let Some(customer) = draft
                    .id
                    .clone()
                    .or(self.settled_since(prior, known.as_ref())?)
                {
                    row.status = Status::Skipped;
                    row.customer = Some(customer);
                    row.problems = vec![about(Code::SettledLater)];
                } else {
                    row.status = Status::Unknown;
                    row.action = Action::Add;
                    row.problems = vec![about(Code::UnknownInResult)];
                }
                Ok(true)
            }
            Some(Status::Invalid | Status::Failed | Status::Pending) => {
                let Some(origin) = origin.filter(|_| !self.options.again) else {
                    return Ok(false);
                };
                let Some(entry) = self.ledger.settled_origin(&origin)? else {
                    return Ok(false);
                };
                take_over(row, &entry);
                if entry.customer.is_some() {
                    row.problems =
                        vec![Problem::new(Code::SettledLater).with("job", entry.job.as_str())];
                }
                Ok(true)
            }
        }
    }

    /// The customer of a row that was in doubt, if the ledger has learnt it since.
    fn settled_since(
        &self,
        prior: &Prior,
        known: Option<&KnownPrior>,
    ) -> Result<Option<CustomerId>, JobError> {
        for (job, number) in known.iter().flat_map(|known| known.places(&prior.job)) {
            let entry = self.ledger.entry_of(job, number)?;
            if let Some(customer) = entry.and_then(|entry| entry.customer) {
                return Ok(Some(customer));
            }
        }
        Ok(None)
    }

    fn release(&self, prior: &Prior, known: Option<&KnownPrior>) -> Result<(), JobError> {
        for (job, number) in known.iter().flat_map(|known| known.places(&prior.job)) {
            self.ledger.release(job, number)?;
        }
        Ok(())
    }
}

/// What another job did, or may have done, with the cells of a row becomes the answer of this row.
fn take_over(row: &mut PlannedRow, entry: &LedgerEntry) {
    let known = entry.customer.is_some();
    let code = if known {
        Code::AlreadyAdded
    } else {
        Code::InDoubtElsewhere
    };
    let row_there = entry.row.row.to_string();
    row.status = if known {
        Status::Skipped
    } else {
        Status::Unknown
    };
    row.action = if known { Action::None } else { Action::Add };
    row.customer.clone_from(&entry.customer);
    row.record = None;
    row.problems = vec![
        Problem::new(code)
            .with("job", entry.job.as_str())
            .with("row", row_there),
    ];
    if !known {
        // Whoever settles that row settles this one.
        row.origin = Some(RowOrigin {
            job: entry.job.clone(),
            row: entry.row,
        });
    }
}

/// The jobs that result sheets come from, opened once each.
struct Priors<'a> {
    state: &'a StateFolder,
    account: &'a Account,
    jobs: HashMap<JobId, Option<PriorJob>>,
}

struct PriorJob {
    journal: Journal,
    sheets: Vec<String>,
}

struct KnownPrior {
    number: RowNumber,
    action: Action,
    fingerprint: Option<[u8; 16]>,
    origin: RowOrigin,
}

impl KnownPrior {
    /// Where the ledger may know the row: in its own job, and where it first stood.
    fn places<'a>(&'a self, job: &'a JobId) -> [(&'a JobId, RowNumber); 2] {
        [(job, self.number), (&self.origin.job, self.origin.row)]
    }
}

impl<'a> Priors<'a> {
    fn new(state: &'a StateFolder, account: &'a Account) -> Self {
        Self {
            state,
            account,
            jobs: HashMap::new(),
        }
    }

    /// The row as its own job has it; `None` when that job is not on this machine.
    fn find(&mut self, prior: &Prior) -> Result<Option<KnownPrior>, JobError> {
        if !self.jobs.contains_key(&prior.job) {
            let opened = self.open(&prior.job)?;
            self.jobs.insert(prior.job.clone(), opened);
        }
        let Some(Some(job)) = self.jobs.get(&prior.job) else {
            return Ok(None);
        };
        let Some(number) = row_number(&prior.row, &job.sheets) else {
            return Ok(None);
        };
        let row = job.journal.row(number)?;
        let direct = RowOrigin {
            job: prior.job.clone(),
            row: number,
        };
        Ok(Some(KnownPrior {
            number,
            action: row.as_ref().map_or(Action::None, |row| row.action),
            fingerprint: row.as_ref().map(|row| row.fingerprint),
            origin: row.and_then(|row| row.origin).unwrap_or(direct),
        }))
    }

    fn open(&self, id: &JobId) -> Result<Option<PriorJob>, JobError> {
        let Ok(folder) = self.state.job(id) else {
            return Ok(None);
        };
        let (Ok(journal), Ok(spec)) = (Journal::read(&folder), JobSpec::load(&folder)) else {
            return Ok(None);
        };
        if spec.account.key != self.account.key {
            return Err(JobError::Input(vec![foreign_result(&spec.account, id)]));
        }
        if super::is_unfinished(&folder)? {
            return Err(JobError::Unfinished { job: id.clone() });
        }
        Ok(Some(PriorJob {
            journal,
            sheets: spec.sheets.into_iter().map(|sheet| sheet.name).collect(),
        }))
    }
}

/// A result sheet of another account: its ids and statuses mean nothing here.
fn foreign_result(account: &Account, job: &JobId) -> Problem {
    let whose = format!("{} at {}", account.appid, account.host);
    Problem::new(Code::ForeignResult)
        .with("account", whose)
        .with("job", job.as_str())
}

/// Reads `17` or `Sheet2!17`.
fn row_number(text: &str, sheets: &[String]) -> Option<RowNumber> {
    match text.rsplit_once('!') {
        None => text.parse().ok().map(RowNumber::new),
        Some((sheet, row)) => {
            let sheet = sheets.iter().position(|name| name == sheet)?;
            Some(RowNumber {
                sheet: u16::try_from(sheet).ok()?,
                row: row.parse().ok()?,
            })
        }
    }
}
