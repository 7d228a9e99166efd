//! Decides every row of a source, batch by batch: look up, judge, ask, decide, write the decision.
//!
//! Mapping and checking run in parallel over a batch. Deciding goes row by row in source order, because it depends on
//! earlier rows: an `_id` may stand in a file once, and of equal rows only as many are skipped as other jobs have
//! added.

use std::path::Path;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::options::Timing;
use crate::job::spec::JobSpec;
use crate::journal::{Journal, Ledger, Note};
use crate::lookup::customers::{Lookup, RowCounts};
use crate::model::{Code, Counter, Monitor, Problem, Row, RowNumber, Status, Task, is_cut_text};
use crate::plan::decide::Decider;
use crate::plan::earlier::DoubtResolution;
use crate::plan::judge::Judge;
use crate::plan::judged::Judged;
use crate::plan::taken_away::TakenAway;
use crate::source::contacts::{ContactKey, ContactRows};
use crate::source::noted::NotedCells;
use crate::source::rows::{SourceRows, beside};
use crate::table::Workbook;

/// Decides every row of a job's source.
pub(crate) struct RowPlanner<'a> {
    pub(crate) spec: &'a JobSpec,
    pub(crate) ledger: &'a Ledger,
    pub(crate) timing: Timing,
    pub(crate) context: &'a Context,
    /// Where a look-up that turns out to be needed keeps its files, and how many calls it has in flight.
    pub(crate) scratch: &'a Path,
    pub(crate) concurrency: usize,
}

impl<'a> RowPlanner<'a> {
    /// Writes the decision of every row into the journal, in place of any that are there. Returns what a person has
    /// written about rows in doubt. Fails when the source has no row, or a stop is asked for. A look-up is begun where
    /// there is none yet and rows are to be added again.
    pub(crate) fn plan(
        &self,
        workbook: &Workbook,
        journal: &mut Journal,
        lookup: &mut Option<Lookup<'a>>,
    ) -> Result<Vec<DoubtResolution>, JobError> {
        let Self { spec, ledger, .. } = *self;
        let (monitor, stop) = (self.context.monitor.as_ref(), &self.context.stop);
        journal.clear()?;
        let mut judge = Judge::new(&spec.sheets, &spec.schema, spec.options.mode)
            .requiring_name(spec.api.update.requires_name)
            .matching(spec);
        let mut rows = SourceRows::new(workbook, &spec.sheets);
        let mut decider = Decider::new(spec, ledger, self.timing, self.context);
        let mut seen = SeenRows::new(spec);
        let mut taken_away = TakenAway::new(&spec.sheets, spec.options.mode, spec.options.again);
        monitor.start_task(Task::Check, None);
        let stopped = || {
            if stop.is_requested() {
                return Err(JobError::StoppedInPlan);
            }
            Ok(())
        };
        stopped()?;
        let mut rows_to_write = Vec::new();
        let mut batch = rows.read_batch()?;
        while !batch.is_empty() {
            // While a batch is judged, the decisions of the one before are written, and the one behind is read.
            let judge_batch = || {
                judge.prepare(&batch, workbook, stop)?;
                judge.taken_away = taken_away.find(&batch, &judge, ledger, &mut decider.priors)?;
                if lookup.is_none() && spec.matches_keys() {
                    // The look-up was chosen by the rows that the sheet calls open.
                    *lookup = self.look_up_keys(judge.taken_away.len())?;
                }
                judged_rows(&judge, &batch, lookup.as_mut(), &decider)
            };
            let ((written, judged), next) =
                rows.read_beside(|| beside(|| journal.plan(&rows_to_write), judge_batch));
            written?;
            let judged = judged?;
            for judged in &judged {
                seen.see(judged);
            }
            // A call that fails because of a stop is reported as the stop.
            decider.ask(&judged).map_err(|error| match error {
                JobError::Call(_) if stop.is_requested() => JobError::StoppedInPlan,
                error => error,
            })?;
            let whole = |number: RowNumber, is_matched| {
                let at = batch.binary_search_by_key(&number, |row| row.number).ok()?;
                judge.whole_update(batch.get(at)?, is_matched)
            };
            rows_to_write = decider.decide_batch(judged, journal, &whole)?;
            if lookup.is_some() {
                seen.see_texts(&batch);
            }
            monitor.advance(Task::Check, batch.len() as u64);
            stopped()?;
            batch = next?;
        }
        journal.plan(&rows_to_write)?;
        monitor.finish_task(Task::Check);
        journal.note(Note::UpdateCalls(decider.calls))?;
        rows.notices().for_each(|notice| monitor.notice(&notice));
        seen.tell(monitor);
        let others = [
            decider.emptied.notice(&self.context.state),
            taken_away.notice(),
            decider.edited.notice(&spec.sheets),
        ];
        others
            .iter()
            .flatten()
            .for_each(|notice| monitor.notice(notice));
        let counts = journal.counts()?;
        monitor.count(Counter::Skipped, counts.status(Status::Skipped));
        monitor.count(Counter::Failed, counts.status(Status::Invalid));
        if counts.total() == 0 {
            return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
        }
        Ok(decider.settled())
    }

    fn look_up_keys(&self, rows: usize) -> Result<Option<Lookup<'a>>, JobError> {
        let counts = RowCounts {
            with_key: rows as u64,
            ..RowCounts::default()
        };
        let (spec, context) = (self.spec, self.context);
        Lookup::for_rows(spec, counts, self.scratch, self.concurrency, context)
    }
}

/// Maps and checks a batch, beside what is stored where there is a look-up.
fn judged_rows(
    judge: &Judge,
    batch: &[Row],
    lookup: Option<&mut Lookup<'_>>,
    decider: &Decider<'_>,
) -> Result<Vec<Judged>, JobError> {
    let Some(lookup) = lookup else {
        let judged = judge.judge(batch).into_iter();
        let judged = judged.map(|(draft, checked)| Judged::new(draft, checked, None));
        return Ok(judged.collect());
    };
    let mut judged = judge.judge_beside(batch, &lookup.find(batch)?)?;
    judge.match_keys(&mut judged, lookup, decider)?;
    Ok(judged)
}

/// What is said once about the rows of a source.
struct SeenRows<'a> {
    spec: &'a JobSpec,
    noted: NotedCells,
    contacts: ContactRows,
    cut_texts: u64,
}

impl<'a> SeenRows<'a> {
    fn new(spec: &'a JobSpec) -> Self {
        Self {
            spec,
            noted: NotedCells::default(),
            contacts: ContactRows::new(&spec.sheets),
            cut_texts: 0,
        }
    }

    fn see(&mut self, judged: &Judged) {
        let number = judged.draft.number;
        self.noted.add(number, judged.draft.notes);
        let key = ContactKey::of(&judged.draft, &self.spec.schema);
        self.contacts.see(number.sheet, key);
    }

    /// Counts the texts that an export has cut.
    fn see_texts(&mut self, batch: &[Row]) {
        let cells = batch.iter().flat_map(|row| &row.cells);
        self.cut_texts += cells.filter(|cell| is_cut_text(&cell.text)).count() as u64;
    }

    fn tell(self, monitor: &dyn Monitor) {
        let sheets = &self.spec.sheets;
        self.noted.tell(sheets, monitor);
        if let Some(notice) = self.contacts.notice(sheets) {
            monitor.notice(&notice);
        }
        if self.cut_texts > 0 {
            let notice = Problem::new(Code::CutTextsLeft).with("count", self.cut_texts.to_string());
            monitor.notice(&notice);
        }
    }
}
