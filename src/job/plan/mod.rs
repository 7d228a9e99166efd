//! Rows to decided actions.
//!
//! Mapping and checking run in parallel over a batch; deciding goes row by row in source order, because it
//! depends on what earlier rows claimed: an `_id` may stand in a file once, and of equal rows only as many
//! are skipped as other jobs have added.

mod decide;
mod priors;

use std::sync::{Mutex, PoisonError};

use rayon::prelude::*;

use super::merge::{self, SeenKeys};
use super::reconcile::Timing;
use super::rows::SourceRows;
use super::{Context, JobError, JobSpec, Mode, SheetPlan};
use crate::check::{Checked, Checker, Intent};
use crate::journal::{Journal, Ledger};
use crate::mapping::{Mapper, SourceColumn};
use crate::model::{Code, Counter, Draft, Monitor, Problem, Row, Schema, Status, Task};
use crate::table::Workbook;
use decide::Decider;
pub(super) use priors::Settling;

/// Rows to drafts to checked rows, for one job's sheets.
pub(super) struct Judge {
    sheets: Vec<SheetPlan>,
    mappers: Vec<Mapper>,
    checker: Checker,
    schema: Schema,
    mode: Mode,
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
            (Mode::Update, None) => checked.problems.push(Problem::new(Code::UpdateWithoutId)),
            (Mode::Add, Some(_)) => checked.problems.push(Problem::new(Code::AddWithId)),
            _ => {}
        }
        checked
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
    let mut decider = Decider::new(spec, ledger, (context, timing));
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
        journal
            .in_transaction(|journal| {
                for (draft, checked) in judged {
                    let row = decider.decide(&draft, checked, journal)?;
                    journal.plan(&row)?;
                }
                Ok(())
            })
            .map_err(|error| match error {
                // A call that a stop has ended is not why this ends.
                JobError::Call(_) if stop.is_requested() => JobError::StoppedInPlan,
                error => error,
            })?;
        monitor.advance(Task::Check, batch.len() as u64);
    }
    monitor.finish_task(Task::Check);
    if let Some(notice) = rows.merged_notice() {
        monitor.notice(&notice);
    }
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
    Ok(decider.settled())
}
