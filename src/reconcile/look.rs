//! Looks up rows in doubt: which hits of a search may be the rows, and when finding nobody is proof of absence.
//!
//! The order of the calls matters. Each witness is looked for before the search that it speaks for. The other way
//! round, a search that misses the row could catch up before it shows the witness, and would seem to have worked.

use std::collections::{HashMap, HashSet};

use jiff::tz::TimeZone;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::options::Timing;
use crate::job::spec::JobSpec;
use crate::journal::{Journal, JournalRow, Ledger, RowOutcome};
use crate::model::{
    Action, Code, CustomerId, Monitor, Problem, Record, RowNumber, RowOrigin, Status, Task,
};
use crate::reconcile::error::LookError;
use crate::reconcile::search::{Hits, SearchTerm, search, search_terms};
use crate::reconcile::touch::Toucher;
use crate::reconcile::verdict::{Finding, TwinGroup, Verdicts, judge};
use crate::reconcile::witness::{ClockOffset, WITNESSES, Witness, Witnesses};
use crate::stored::birth::{SLACK_SECONDS, created_at};
use crate::stored::value;

/// Looks up the rows in doubt of one job.
pub(crate) struct DoubtResolver<'a> {
    spec: &'a JobSpec,
    ledger: &'a Ledger,
    context: &'a Context,
    timing: Timing,
    zone: TimeZone,
    witnesses: Witnesses<'a>,
    toucher: Toucher<'a>,
}

impl<'a> DoubtResolver<'a> {
    pub fn new(
        spec: &'a JobSpec,
        journal: &Journal,
        ledger: &'a Ledger,
        context: &'a Context,
        timing: Timing,
    ) -> Result<Self, JobError> {
        Ok(Self {
            spec,
            ledger,
            context,
            timing,
            zone: TimeZone::get(&spec.timezone).unwrap_or(TimeZone::UTC),
            witnesses: Witnesses::new(spec, journal, context)?,
            toucher: Toucher::new(spec, ledger, context, timing),
        })
    }

    /// Settles what can be settled of these rows. Rows that were looked up before an error have their verdicts as well.
    pub fn resolve_rows(
        &mut self,
        rows: Vec<JournalRow>,
        verdicts: &mut Verdicts,
    ) -> Result<(), LookError> {
        let mut groups: Vec<TwinGroup> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut unclaimed: HashSet<RowNumber> = HashSet::new();
        for row in rows {
            let known = self.ledger.entry_of(&self.spec.id, row.number)?;
            let this = RowOrigin {
                job: self.spec.id.clone(),
                row: row.number,
            };
            let later = self.ledger.settled_origin(&this)?;
            if known.is_none() {
                unclaimed.insert(row.number);
            }
            // The ledger knows the row's customer by now: it was settled by its `_id`, or from another sheet.
            if let Some(customer) = known.and_then(|entry| entry.customer) {
                verdicts.outcomes.push(RowOutcome {
                    customer: Some(customer),
                    ..RowOutcome::new(row.number, Action::Add, Status::Ok)
                });
                continue;
            }
            if let Some(entry) = later {
                let settled = Problem::new(Code::SettledLater).with("job", entry.job.as_str());
                verdicts.outcomes.push(RowOutcome {
                    customer: entry.customer,
                    problem: Some(settled),
                    ..RowOutcome::new(row.number, Action::Add, Status::Skipped)
                });
                continue;
            }
            let mut record = row.record.clone().unwrap_or_default();
            record.fields.sort_by(|(one, _), (other, _)| one.cmp(other));
            // Rows that cannot be compared stay alone.
            let key =
                serde_json::to_string(&record).unwrap_or_else(|_| row.number.to_key().to_string());
            let place = *places.entry(key).or_insert_with(|| {
                let finding = Finding::Doubt(Problem::new(Code::OutcomeUnknown), Vec::new());
                groups.push(TwinGroup {
                    record,
                    rows: Vec::new(),
                    finding,
                });
                groups.len() - 1
            });
            if let Some(group) = groups.get_mut(place) {
                group.rows.push(row);
            }
        }
        // A row without a claim was proven absent before a crash kept that from the journal. So what is found belongs to
        // its twins, and the ledger would not give it a customer.
        for group in &mut groups {
            group
                .rows
                .sort_by_key(|row| unclaimed.contains(&row.number));
        }
        let mut looked = Ok(());
        let mut done = 0;
        for group in &mut groups {
            match self.look(&group.record, &group.rows) {
                Ok(finding) => group.finding = finding,
                Err(error) => {
                    looked = Err(error);
                    break;
                }
            }
            done += 1;
            self.context
                .monitor
                .advance(Task::Reconcile, group.rows.len() as u64);
        }
        groups.truncate(done);
        judge(groups, verdicts);
        looked
    }

    /// Looks for rows that were sent with equal content. Where only a witness is lacking, makes one and looks again.
    fn look(&mut self, record: &Record, rows: &[JournalRow]) -> Result<Finding, LookError> {
        let mut finding = self.look_once(record, rows)?;
        let lacks_witness = |finding: &Finding| match finding {
            Finding::Candidates { ids, proven, .. } => ids.len() < rows.len() && !proven,
            Finding::Doubt(..) => false,
        };
        let terms = search_terms(record, self.spec);
        while lacks_witness(&finding)
            && self.toucher.touch_for(&terms, &mut self.witnesses.added)?
        {
            self.witnesses.forget();
            finding = self.look_once(record, rows)?;
        }
        Ok(finding)
    }

    fn look_once(&mut self, record: &Record, rows: &[JournalRow]) -> Result<Finding, LookError> {
        let doubt = |why: Code| Ok(Finding::Doubt(Problem::new(why), Vec::new()));
        let terms = search_terms(record, self.spec);
        let Some(first) = terms.first() else {
            return doubt(Code::Unsearchable);
        };
        // The witness comes before the search, for the reason in the header.
        let ended = rows
            .iter()
            .map(|row| row.ended_at.unwrap_or(i64::MAX))
            .max()
            .unwrap_or(i64::MAX);
        let witness = self.witnesses.of(first)?;
        let hits = match search(first, self.context)? {
            Hits::All(hits) => hits,
            Hits::TooMany => return doubt(Code::ManyShareValue),
            Hits::Untrusted(ids) => {
                return Ok(Finding::Doubt(Problem::new(Code::SearchAstray), ids));
            }
            Hits::Refused(message) => {
                let refused = Problem::new(Code::SearchRefused).with("answer", message);
                return Ok(Finding::Doubt(refused, Vec::new()));
            }
        };
        let (earliest, latest) = self.time_of(rows, witness.as_ref());
        let (mut ids, mut others) = (Vec::new(), Vec::new());
        for hit in hits {
            if self.ledger.knows(&hit.id)? {
                continue;
            }
            let in_time = created_at(&hit, &self.zone)
                .is_some_and(|created| (earliest..=latest).contains(&created));
            let by_us = match (&hit.created_by, &witness) {
                (Some(agent), Some(witness)) => {
                    witness.made_by.as_ref().is_none_or(|ours| ours == agent)
                }
                _ => true,
            };
            let schema = &self.spec.schema;
            let fits = first.is_stamp
                || (in_time
                    && by_us
                    && value::equals(record, &hit.fields, schema)
                    && value::adds_nothing(record, &hit.fields, schema));
            if fits {
                ids.push(hit.id);
            } else {
                others.push(hit.id);
            }
        }
        if !others.is_empty() {
            return Ok(Finding::Doubt(Problem::new(Code::OtherHasValue), others));
        }
        ids.sort();
        let label = self
            .spec
            .schema
            .field(&first.field)
            .map_or_else(|| first.field.clone(), |field| field.label.clone());
        let seen = witness.is_some_and(|witness| witness.sent_at > ended);
        let proven =
            seen && ids.len() < rows.len() && self.absent_by_others(&terms, &ids, ended)?;
        Ok(Finding::Candidates { ids, label, proven })
    }

    /// Returns the first and the last second of the server's clock at which rows of equal content may have been stored.
    fn time_of(&self, rows: &[JournalRow], witness: Option<&Witness>) -> (i64, i64) {
        let date = self.context.server_clock.server_clock_offset();
        let ahead = match (
            witness.map(|witness| witness.ahead),
            date.map(ClockOffset::of_date),
        ) {
            (Some(seen), Some(date)) => seen.and(date),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => ClockOffset { least: 0, most: 0 },
        };
        let sent = rows.iter().filter_map(|row| row.sent_at).min().unwrap_or(0);
        let ended = rows.iter().filter_map(|row| {
            let latest = || Some(row.sent_at? + self.timing.timeout.as_millis() as i64);
            row.ended_at.or_else(latest)
        });
        let ended = ended.max().unwrap_or(sent) + self.timing.settle.as_millis() as i64;
        (
            sent.div_euclid(1000) + ahead.least - SLACK_SECONDS,
            ended.div_euclid(1000) + ahead.most + SLACK_SECONDS,
        )
    }

    /// Whether searches by every further field that was sent bring no customer but `ids` and those that the ledger
    /// knows. False where one of these searches lacks a witness that was sent after `ended`.
    fn absent_by_others(
        &mut self,
        terms: &[SearchTerm],
        ids: &[CustomerId],
        ended: i64,
    ) -> Result<bool, LookError> {
        if terms.first().is_some_and(|term| term.is_stamp) {
            return Ok(true);
        }
        for term in terms.iter().skip(1) {
            let witness = self.witnesses.of(term)?;
            if witness.is_none_or(|witness| witness.sent_at <= ended) {
                return Ok(false);
            }
            let Hits::All(hits) = search(term, self.context)? else {
                return Ok(false);
            };
            for hit in hits {
                if !ids.contains(&hit.id) && !self.ledger.knows(&hit.id)? {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

/// Estimates how many calls it takes to look rows up: a search for each field of each row, and for each field the
/// searches for its witnesses, with three calls for a customer that is written again.
pub(crate) fn calls_for(rows: &[JournalRow], spec: &JobSpec) -> u64 {
    let searches = |row: &JournalRow| {
        row.record
            .as_ref()
            .map_or(0, |row| search_terms(row, spec).len())
    };
    let rows_calls: usize = rows.iter().map(searches).sum();
    let most = rows.iter().map(searches).max().unwrap_or(0);
    (rows_calls + most * WITNESSES + 3) as u64
}
