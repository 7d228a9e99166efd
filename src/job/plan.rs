//! Rows to decided actions.
//!
//! Mapping and checking run in parallel over a batch; deciding goes row by row in source order, because it
//! depends on what earlier rows claimed: an `_id` may stand in a file once, and of equal rows only as many
//! are skipped as other jobs have added.

use std::collections::{HashMap, HashSet};

use rayon::prelude::*;

use super::reconcile::{Timing, look_up_finished};
use super::rows::SourceRows;
use super::{Account, BlankKey, Context, ImportOptions, JobError, JobSpec, Mode, SheetPlan, keys};
use crate::check::{Checked, Checker, Intent};
use crate::journal::{Journal, Ledger, LedgerEntry, PlannedRow};
use crate::mapping::{Mapper, SourceColumn};
use crate::model::{
    Action, Code, Counter, CustomerId, Draft, FieldKey, JobId, Monitor, Prior, Problem, Record,
    Row, RowNumber, RowOrigin, Schema, Status, Task, Value,
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
    (context, timing): (&Context, Timing),
) -> Result<Vec<Settling>, JobError> {
    let (monitor, stop) = (context.monitor.as_ref(), &context.stop);
    journal.clear()?;
    let judge = Judge::new(&spec.sheets, &spec.schema, spec.options.mode);
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    let mut decider = Decider {
        spec,
        options: &spec.options,
        ledger,
        priors: Priors::new(context, timing, &spec.account),
        settled: HashMap::new(),
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
    let settled = decider.settled.into_iter();
    Ok(settled
        .map(|((job, row), customer)| Settling { job, row, customer })
        .collect())
}

/// What a person has found out about a row in doubt, and written into its result sheet. It takes effect when the
/// import is confirmed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Settling {
    job: JobId,
    row: RowNumber,
    /// The customer it became; `None` when it is not in the CRM.
    customer: Option<CustomerId>,
}

impl Settling {
    /// Lets the ledger know.
    pub(super) fn apply(&self, ledger: &Ledger) -> Result<(), JobError> {
        match &self.customer {
            Some(customer) => ledger.resolve(&self.job, self.row, customer)?,
            None => ledger.release(&self.job, self.row)?,
        }
        Ok(())
    }
}

struct Decider<'a> {
    spec: &'a JobSpec,
    options: &'a ImportOptions,
    ledger: &'a Ledger,
    priors: Priors<'a>,
    /// What the sheet says of rows in doubt.
    settled: HashMap<(JobId, RowNumber), Option<CustomerId>>,
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
            if row.status == Status::Unknown && checked.problems.is_empty() {
                // It is sent once the row it waits on is known not to have been added.
                row.record = Some(self.stamped(checked.record, draft.number));
            }
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
            if let Some(earlier) = journal.see(id.as_str(), draft.number)? {
                row.status = Status::Invalid;
                let twice = Problem::new(Code::DuplicateId).with("value", id.as_str());
                row.problems = vec![twice.with("row", earlier.row.to_string())];
            }
            return Ok(row);
        }
        row.action = Action::Add;
        if let Some(problem) = self.judge_keys(&row, journal)? {
            row.status = Status::Invalid;
            row.problems = vec![problem];
            return Ok(row);
        }
        let record = row.record.take();
        row.record = record.map(|record| self.stamped(record, draft.number));
        if !self.options.again {
            let twins = journal.skipped_twins(&draft.fingerprint)?;
            if let Some(entry) = self.other(&draft.fingerprint, twins)? {
                row.is_twin = true;
                take_over(&mut row, &entry);
            }
        }
        Ok(row)
    }

    fn stamped(&self, mut record: Record, number: RowNumber) -> Record {
        if let Some(stamp) = &self.options.stamp {
            let text = Value::Text(self.spec.stamp_of(number));
            record.push(FieldKey::new(stamp), text);
        }
        record
    }

    /// What another job did with an equal row, leaving out the `twins` oldest, as the sheet has settled it.
    fn other(&self, fingerprint: &[u8; 16], twins: u64) -> Result<Option<LedgerEntry>, JobError> {
        if self.settled.is_empty() {
            return Ok(self.ledger.other(fingerprint, twins)?);
        }
        let (mut skip, mut left) = (0, twins);
        while let Some(mut entry) = self.ledger.other(fingerprint, skip)? {
            skip += 1;
            if entry.customer.is_none()
                && let Some(settled) = self.settled.get(&(entry.job.clone(), entry.row))
            {
                let Some(customer) = settled else { continue };
                entry.customer = Some(customer.clone());
            }
            if left == 0 {
                return Ok(Some(entry));
            }
            left -= 1;
        }
        Ok(None)
    }

    /// What is wrong with the keys of a row: none has a value, or a row above has the same.
    fn judge_keys(
        &self,
        row: &PlannedRow,
        journal: &mut Journal,
    ) -> Result<Option<Problem>, JobError> {
        let (keys, schema) = (&self.spec.keys, &self.spec.schema);
        let Some(record) = row.record.as_ref().filter(|_| !keys.is_empty()) else {
            return Ok(None);
        };
        let values = keys::values(record, keys, schema);
        if values.is_empty() {
            let typed = self.options.key.join(", ");
            let blank = Problem::new(Code::BlankKey).with("field", typed);
            return Ok(Some(blank).filter(|_| self.options.blank_key == BlankKey::Invalid));
        }
        for value in values {
            let earlier = journal.see(&value, row.number)?;
            if let Some(earlier) = earlier.filter(|earlier| *earlier != row.number) {
                let shown = value
                    .split('\u{1f}')
                    .skip(1)
                    .collect::<Vec<_>>()
                    .join(" + ");
                let twice = Problem::new(Code::DuplicateKey)
                    .with("value", shown)
                    .with("row", self.spec.row_label(earlier));
                return Ok(Some(twice));
            }
        }
        Ok(None)
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
                self.settle(prior, known.as_ref(), None);
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
                if draft.id.is_some() {
                    // Somebody has looked, and found it.
                    self.settle(prior, known.as_ref(), draft.id.as_ref());
                } else if let Some(known) = &known {
                    self.priors.look_up(&prior.job, known)?;
                }
                if let Some(customer) = draft
                    .id
                    .clone()
                    .or(self.settled_since(prior, known.as_ref())?)
                {
                    row.status = Status::Skipped;
                    row.customer = Some(customer);
                    row.problems = vec![about(Code::SettledLater)];
                } else if self.is_proven_absent(prior, known.as_ref())? {
                    return Ok(false);
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

    /// Whether a job that was in doubt about the row has found that the CRM does not have it.
    fn is_proven_absent(
        &mut self,
        prior: &Prior,
        known: Option<&KnownPrior>,
    ) -> Result<bool, JobError> {
        let mut proven = false;
        for (job, number) in known.iter().flat_map(|known| known.places(&prior.job)) {
            if self.ledger.entry_of(job, number)?.is_some() {
                return Ok(false);
            }
            proven = proven || self.priors.is_not_stored(job, number)?;
        }
        Ok(proven)
    }

    fn settle(&mut self, prior: &Prior, known: Option<&KnownPrior>, customer: Option<&CustomerId>) {
        for (job, number) in known.iter().flat_map(|known| known.places(&prior.job)) {
            let place = (job.clone(), number);
            self.settled.insert(place, customer.cloned());
        }
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
    if known {
        row.record = None;
    }
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
    context: &'a Context,
    timing: Timing,
    account: &'a Account,
    jobs: HashMap<JobId, Option<PriorJob>>,
    looked_up: HashSet<JobId>,
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
    fn new(context: &'a Context, timing: Timing, account: &'a Account) -> Self {
        Self {
            context,
            timing,
            account,
            jobs: HashMap::new(),
            looked_up: HashSet::new(),
        }
    }

    /// Asks the CRM, once a job, what became of the rows in doubt of a row's job and of the one it first stood in.
    fn look_up(&mut self, job: &JobId, known: &KnownPrior) -> Result<(), JobError> {
        for (job, _) in known.places(job) {
            if self.looked_up.insert(job.clone())
                && self.job(job)?.is_some()
                && let Ok(folder) = self.context.state.job(job)
            {
                look_up_finished(&folder, self.timing, self.context)?;
            }
        }
        Ok(())
    }

    /// Whether a job has proven that its row was not added.
    fn is_not_stored(&mut self, job: &JobId, number: RowNumber) -> Result<bool, JobError> {
        let Some(job) = self.job(job)? else {
            return Ok(false);
        };
        let row = job.journal.row(number)?;
        Ok(row.is_some_and(|row| {
            row.problems
                .iter()
                .any(|problem| problem.code == Code::NotStored)
        }))
    }

    fn job(&mut self, id: &JobId) -> Result<Option<&PriorJob>, JobError> {
        if !self.jobs.contains_key(id) {
            let opened = self.open(id)?;
            self.jobs.insert(id.clone(), opened);
        }
        Ok(self.jobs.get(id).and_then(Option::as_ref))
    }

    /// The row as its own job has it; `None` when that job is not on this machine.
    fn find(&mut self, prior: &Prior) -> Result<Option<KnownPrior>, JobError> {
        let Some(job) = self.job(&prior.job)? else {
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
        let Ok(folder) = self.context.state.job(id) else {
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
