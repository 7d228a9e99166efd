//! Rows to decided actions.
//!
//! Mapping and checking run in parallel over a batch; deciding goes row by row in source order, because it
//! depends on what earlier rows claimed: an `_id` may stand in a file once, and of equal rows only as many
//! are skipped as other jobs have added.

mod asking;
mod decide;
mod matching;
mod priors;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::lookup::{Found, Lookup, StoredCustomers};
use super::merge::{self, SeenKeys};
use super::reconcile::Timing;
use super::rows::SourceRows;
use super::stored_customer::Unreadable;
use super::way_back::{self, Stored};
use super::{Context, JobError, JobSpec, Mode, SheetPlan};
use crate::check::{Checked, Checker, Intent};
use crate::journal::{Journal, Ledger};
use crate::mapping::{Mapper, SourceColumn, Target};
use crate::model::{
    Code, Counter, Draft, Monitor, Problem, Row, RowNumber, Schema, Status, Task, is_cut_text,
};
use crate::table::Workbook;
use decide::Decider;
use matching::{Judged, Matching};
pub(super) use priors::Settling;

/// The journal's note on how many calls the updates cost that were decided.
pub(super) const UPDATE_CALLS: &str = "update_calls";

/// Rows to drafts to checked rows, for one job's sheets.
pub(super) struct Judge {
    sheets: Vec<SheetPlan>,
    mappers: Vec<Mapper>,
    checker: Checker,
    schema: Schema,
    mode: Mode,
    /// Whether an update must name the customer.
    requires_name: bool,
    /// How rows are written to customers that have their key; `None` where keys are not looked up.
    by_key: Option<Matching>,
    /// The customers that were seen; `None` where no rows are united.
    seen: Option<Mutex<SeenKeys>>,
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
            schema: schema.clone(),
            mode,
            requires_name: false,
            by_key: None,
            seen: sheets
                .iter()
                .any(|sheet| !sheet.columns.merge.is_empty())
                .then(Mutex::default),
        }
    }

    /// The same for rows that are only checked: their drafts have no fingerprint.
    pub(super) fn without_fingerprints(mut self) -> Self {
        let mappers = self.mappers.into_iter();
        self.mappers = mappers.map(Mapper::without_fingerprints).collect();
        self
    }

    /// The same for an API whose updates must name the customer.
    pub(super) fn requiring_name(mut self, requires_name: bool) -> Self {
        self.requires_name = requires_name;
        self
    }

    /// The same for a job whose rows may be recognised by a key.
    fn matching(mut self, spec: &JobSpec) -> Self {
        self.by_key = spec.matches_keys().then(|| Matching::new(spec));
        self
    }

    /// Judges a batch beside what is stored for its rows: cells that say the same are taken out.
    fn judge_beside(
        &self,
        rows: &[Row],
        stored: &StoredCustomers,
    ) -> Result<Vec<Judged>, Unreadable> {
        let line_of = |draft: &Draft| match stored.get(draft.id.as_ref()?)? {
            Found::Stored(line) => Some(line.clone()),
            Found::Gone | Found::Unread(_) => None,
        };
        if self.seen.is_some() {
            // Of several rows of one customer the united record is compared.
            let judged = self.judge(rows).into_iter();
            let compared = judged.map(|(mut draft, mut checked)| {
                if draft.merged_into.is_none() {
                    let stored = stored_of(&draft, stored)?;
                    self.compare(&mut draft, &mut checked, stored.as_ref());
                }
                let before = line_of(&draft);
                Ok(Judged::new(draft, checked, before))
            });
            return compared.collect();
        }
        rows.par_iter()
            .with_min_len(64)
            .filter_map(|row| self.draft(row))
            .map(|mut draft| {
                let customer = stored_of(&draft, stored)?;
                if let Some(Stored::Customer(customer)) = &customer {
                    way_back::drop_same_cells(&mut draft, customer, &self.schema);
                }
                let mut checked = self.check(&draft);
                self.compare(&mut draft, &mut checked, customer.as_ref());
                let before = line_of(&draft);
                // A row above may change the customer: then this one is sent whatever is stored.
                let before = before.filter(|_| !draft.is_unchanged || self.by_key.is_some());
                Ok(Judged::new(draft, checked, before))
            })
            .collect()
    }

    /// Ends the work on a file whose rows may not be where they seem to be.
    pub(super) fn require_whole(&self, rows: &[Row]) -> Result<(), JobError> {
        require_whole(&self.mappers, rows)
    }

    fn compare(&self, draft: &mut Draft, checked: &mut Checked, stored: Option<&Stored>) {
        match stored {
            Some(Stored::Gone) => {
                let mut gone = Problem::new(Code::CustomerGone);
                gone.column = self.id_column(draft.number.sheet);
                checked.problems.push(gone);
            }
            Some(Stored::Unread(why)) => {
                let mut unread = why.clone();
                unread.column = self.id_column(draft.number.sheet);
                checked.problems.push(unread);
            }
            Some(Stored::Customer(stored)) => {
                let how = (&self.schema, self.requires_name);
                way_back::reduce(draft, checked, stored, how);
            }
            None => {}
        }
    }

    /// Judges a batch on all cores; the order stays.
    pub(super) fn judge(&self, rows: &[Row]) -> Vec<(Draft, Checked)> {
        self.judge_into(rows, |draft, checked| (draft, checked))
    }

    /// The same, and `keep` says on the same core what of a row is wanted: texts are dropped fastest where they
    /// were made.
    pub(super) fn judge_into<T: Send>(
        &self,
        rows: &[Row],
        keep: impl Fn(Draft, Checked) -> T + Sync,
    ) -> Vec<T> {
        if let Some(seen) = &self.seen {
            let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
            let judged = self.judge_groups(rows, &mut seen).into_iter();
            return judged
                .map(|(draft, checked)| keep(draft, checked))
                .collect();
        }
        rows.par_iter()
            .with_min_len(64)
            .filter_map(|row| self.judge_row(row))
            .map(|(draft, checked)| keep(draft, checked))
            .collect()
    }

    /// The same where several rows may be one customer. A batch never ends inside a customer.
    fn judge_groups(&self, rows: &[Row], seen: &mut SeenKeys) -> Vec<(Draft, Checked)> {
        let drafts = rows.par_iter().with_min_len(64);
        let mut drafts: Vec<Draft> = drafts.filter_map(|row| self.draft(row)).collect();
        let groups = merge::groups(rows, &self.sheets, seen);
        for group in &groups {
            if let Some(drafts) = drafts.get_mut(group.rows.clone()) {
                merge::prepare(drafts);
            }
        }
        let drafts = drafts.into_par_iter().with_min_len(64);
        let mut judged: Vec<(Draft, Checked)> = drafts
            .map(|draft| {
                let checked = self.check(&draft);
                (draft, checked)
            })
            .collect();
        for group in groups {
            if let Some(rows) = judged.get_mut(group.rows) {
                merge::unite(rows, group.is_apart, &self.schema);
            }
        }
        judged
    }

    /// The column of the `_id`.
    fn id_column(&self, sheet: u16) -> Option<u32> {
        let columns = &self.sheets.get(usize::from(sheet))?.columns.columns;
        let column = columns.iter().find(|column| column.target == Target::Id);
        column.map(|column| column.column)
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
        let draft = self.draft(row)?;
        let checked = self.check(&draft);
        Some((draft, checked))
    }

    fn draft(&self, row: &Row) -> Option<Draft> {
        let mapper = self.mappers.get(usize::from(row.number.sheet))?;
        Some(mapper.draft(row))
    }

    fn check(&self, draft: &Draft) -> Checked {
        let intent = match (self.mode, &draft.id) {
            (Mode::Update, _) | (Mode::Auto, Some(_)) => Intent::Update,
            (Mode::Add, _) | (Mode::Auto, None) => Intent::Add,
        };
        let mut checked = self.checker.check(draft, intent);
        for problem in &mut checked.problems {
            if problem.code == Code::MissingRequired {
                problem.column = self.column_of(draft.number.sheet, problem.fact("key"));
            }
        }
        let place = |problem: &Problem| problem.column.unwrap_or(u32::MAX);
        checked.problems.sort_by_key(place);
        match (self.mode, &draft.id) {
            // Whether a key finds somebody is known later.
            (Mode::Update, None) if self.by_key.is_some() => {}
            (Mode::Update, None) => checked.problems.push(Problem::new(Code::UpdateWithoutId)),
            (Mode::Add, Some(_)) => checked.problems.push(Problem::new(Code::AddWithId)),
            _ => {}
        }
        checked
    }
}

/// Ends the work on a CSV file in which a quote may hide rows, before anything is sent of it.
pub(super) fn require_whole(mappers: &[Mapper], rows: &[Row]) -> Result<(), JobError> {
    let mapper = |row: &Row| mappers.get(usize::from(row.number.sheet));
    let doubt = rows.iter().find_map(|row| mapper(row)?.doubt(row));
    doubt.map_or(Ok(()), |problem| Err(JobError::Input(vec![problem])))
}

/// What is stored for a row.
fn stored_of(draft: &Draft, stored: &StoredCustomers) -> Result<Option<Stored>, Unreadable> {
    let found = draft.id.as_ref().and_then(|id| stored.get(id));
    found.map(Stored::of).transpose()
}

/// Decides every row of a job's source and writes the decisions into its journal.
pub(super) fn plan(
    spec: &JobSpec,
    workbook: &Workbook,
    journal: &mut Journal,
    ledger: &Ledger,
    (context, timing, mut lookup): (&Context, Timing, Option<&mut Lookup<'_>>),
) -> Result<Vec<Settling>, JobError> {
    let (monitor, stop) = (context.monitor.as_ref(), &context.stop);
    journal.clear()?;
    let judge = Judge::new(&spec.sheets, &spec.schema, spec.options.mode)
        .requiring_name(spec.api.update.requires_name)
        .matching(spec);
    let mut rows = SourceRows::new(workbook, &spec.sheets);
    let mut decider = Decider::new(spec, ledger, (context, timing));
    let (mut blank_words, mut cut_texts) = (0, 0);
    monitor.start_task(Task::Check, None);
    loop {
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        let batch = rows.read_batch()?;
        if batch.is_empty() {
            break;
        }
        judge.require_whole(&batch)?;
        let judged: Vec<Judged> = if let Some(lookup) = lookup.as_deref_mut() {
            let mut judged = judge.judge_beside(&batch, &lookup.find(&batch)?)?;
            judge.match_keys(&mut judged, lookup, &decider)?;
            judged
        } else {
            let judged = judge.judge(&batch).into_iter();
            let judged = judged.map(|(draft, checked)| Judged::new(draft, checked, None));
            judged.collect()
        };
        blank_words += judged
            .iter()
            .map(|judged| u64::from(judged.draft.blank_words))
            .sum::<u64>();
        // A call that a stop has ended is not why this ends.
        decider.ask(&judged).map_err(|error| match error {
            JobError::Call(_) if stop.is_requested() => JobError::StoppedInPlan,
            error => error,
        })?;
        journal.in_transaction(|journal| {
            let whole = |number: RowNumber, is_matched| {
                let at = batch.binary_search_by_key(&number, |row| row.number).ok()?;
                judge.whole_update(batch.get(at)?, is_matched)
            };
            for judged in judged {
                let row = decider.decide(judged, journal, &whole)?;
                journal.plan(&row)?;
            }
            Ok::<(), JobError>(())
        })?;
        if lookup.is_some() {
            let cells = batch.iter().flat_map(|row| &row.cells);
            cut_texts += cells.filter(|cell| is_cut_text(&cell.text)).count() as u64;
        }
        monitor.advance(Task::Check, batch.len() as u64);
    }
    monitor.finish_task(Task::Check);
    journal.set_meta(UPDATE_CALLS, &decider.calls.to_string())?;
    if let Some(notice) = rows.merged_notice() {
        monitor.notice(&notice);
    }
    let counted = |code, count: u64| Problem::new(code).with("count", count.to_string());
    if blank_words > 0 {
        monitor.notice(&counted(Code::BlankWords, blank_words));
    }
    if cut_texts > 0 {
        monitor.notice(&counted(Code::CutTextsLeft, cut_texts));
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
    Ok(decider.settled())
}
