//! Looking rows in doubt up: searches, witnesses, and which hits may be the rows.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::shape::Shape;
use super::touch::Touched;
use super::verdict::{Finding, Group, Verdicts, judge};
use super::{LookError, Timing};
use crate::crm::{Class, Condition, Query};
use crate::job::births::{SLACK_SECONDS, created_at, unix_seconds};
use crate::job::{Context, JobError, JobSpec, stored};
use crate::journal::{Journal, JournalRow, Ledger, RowOutcome};
use crate::model::{
    Action, Code, Customer, CustomerId, Fact, Field, FieldKey, FieldStatus, JobId, Kind, Monitor,
    Problem, Record, RowOrigin, Status, Task, Value,
};

/// Customers a page.
const PAGE: u32 = 100;
/// Pages of hits that are read for one value: more customers than that share it, and none is proof.
const MOST_PAGES: u32 = 20;
/// Later adds that are searched for until one is found.
const WITNESSES: usize = 3;
/// How many of the latest adds are looked through for witnesses.
const LATEST: usize = 200;
/// How exact a `Date` is.
const DATE_SECONDS: i64 = 2;
/// Customers that are written at most, to see whether the search shows it.
const TOUCHES: usize = 3;
/// Customers that are read at most until one is as ferry left it.
const CANDIDATES: usize = 10;
/// Other jobs of the account whose adds are looked at for witnesses, the latest first.
const OTHER_JOBS: usize = 5;

/// By what a row is searched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(in crate::job) struct Probe {
    pub field: String,
    pub value: String,
    /// Whether the value is a stamp: whoever has it is the row, whatever the server made of the rest.
    pub is_stamp: bool,
}

impl Probe {
    /// Whether a search by this one tells how a search by another works: a stamp is ours, and of one shape.
    pub fn speaks_for(&self, other: &Self) -> bool {
        let covers = || Shape::of(&self.value).covers(Shape::of(&other.value));
        self.field == other.field && (self.is_stamp || covers())
    }
}

/// What is known of the search by one field.
#[derive(Debug, Clone)]
struct Witness {
    /// When the latest add that was found had left at the earliest, in Unix milliseconds.
    sent_at: i64,
    /// How far the server's clock is ahead.
    ahead: ClockOffset,
    /// Who made the customers, by the server's account.
    made_by: Option<String>,
}

/// Bounds of the seconds by which the server's clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct ClockOffset {
    least: i64,
    most: i64,
}

impl ClockOffset {
    /// From a `Date`, which counts whole seconds and may come late.
    fn of_date(offset: i64) -> Self {
        Self {
            least: offset - DATE_SECONDS,
            most: offset + DATE_SECONDS,
        }
    }

    /// From a customer that was created (in whole seconds of the server's clock) while its call was on the way.
    fn of_call(created: i64, sent_at: i64, ended_at: i64) -> Self {
        Self {
            least: created - ended_at.div_euclid(1000) - 1,
            most: created + 1 - sent_at.div_euclid(1000),
        }
    }

    /// Whether both may be true, give or take what a second's rounding and a slow reply cost.
    fn agrees(self, other: Self) -> bool {
        self.least <= other.most + SLACK_SECONDS && other.least <= self.most + SLACK_SECONDS
    }

    /// What both say; the first where they contradict each other.
    fn and(self, other: Self) -> Self {
        let both = Self {
            least: self.least.max(other.least),
            most: self.most.min(other.most),
        };
        if both.least <= both.most { both } else { self }
    }
}

/// An add that is known to have happened.
#[derive(Debug, Clone)]
pub(super) struct Added {
    /// The job that added it.
    pub job: JobId,
    pub row: JournalRow,
    pub is_own: bool,
    /// How it was written since, to see whether the search shows it.
    pub touched: Option<Touched>,
}

impl Added {
    fn new(job: &JobId, row: JournalRow, is_own: bool) -> Self {
        Self {
            job: job.clone(),
            row,
            is_own,
            touched: None,
        }
    }
}

/// What a search brought.
pub(super) enum Hits {
    /// Every customer that has the value.
    All(Vec<Customer>),
    /// Too many to read, or the pages moved while they were read.
    TooMany,
    /// Customers that do not have the value: the search cannot be trusted.
    Untrusted(Vec<CustomerId>),
    /// The CRM refuses to search by this field.
    Refused(Fact),
}

/// Looks the rows of one job up.
pub(super) struct Look<'a> {
    pub spec: &'a JobSpec,
    pub ledger: &'a Ledger,
    pub context: &'a Context,
    pub timing: Timing,
    zone: TimeZone,
    /// Adds that are known to have happened, of this job and of the latest others, the last first.
    pub added: Vec<Added>,
    /// How many customers may still be written, and read to see whether they may be.
    pub touches_left: usize,
    pub candidates_left: usize,
    witnesses: HashMap<(String, Shape), Option<Witness>>,
}

impl<'a> Look<'a> {
    pub fn new(
        spec: &'a JobSpec,
        journal: &Journal,
        ledger: &'a Ledger,
        context: &'a Context,
        timing: Timing,
    ) -> Result<Self, JobError> {
        let own = journal.latest_added(LATEST)?.into_iter();
        let mut added: Vec<Added> = own.map(|row| Added::new(&spec.id, row, true)).collect();
        added.extend(added_by_others(spec, context)?);
        // A customer of others tells nothing of what we add.
        added.retain(|added| !added.row.is_merged());
        added.sort_by_key(|added| std::cmp::Reverse(added.row.sent_at));
        Ok(Self {
            spec,
            ledger,
            context,
            timing,
            zone: TimeZone::get(&spec.timezone).unwrap_or(TimeZone::UTC),
            added,
            touches_left: if timing.may_touch { TOUCHES } else { 0 },
            candidates_left: CANDIDATES,
            witnesses: HashMap::new(),
        })
    }

    /// Settles what can be settled of these rows; also what was found before an error.
    pub fn settle(
        &mut self,
        rows: Vec<JournalRow>,
        verdicts: &mut Verdicts,
    ) -> Result<(), LookError> {
        let mut groups: Vec<Group> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for row in rows {
            let known = self.ledger.entry_of(&self.spec.id, row.number)?;
            let this = RowOrigin {
                job: self.spec.id.clone(),
                row: row.number,
            };
            let later = self.ledger.settled_origin(&this)?;
            // Somebody has settled it since, by its `_id` or from another sheet.
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
            let key = serde_json::to_string(&record).unwrap_or_default();
            let place = *places.entry(key).or_insert_with(|| {
                let finding = Finding::Doubt(Problem::new(Code::OutcomeUnknown), Vec::new());
                groups.push(Group {
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

    /// Looks for rows that were sent with equal content; where only a witness is lacking, makes one and looks again.
    fn look(&mut self, record: &Record, rows: &[JournalRow]) -> Result<Finding, LookError> {
        let mut finding = self.look_once(record, rows)?;
        let lacks_witness = |finding: &Finding| match finding {
            Finding::Candidates { ids, proven, .. } => ids.len() < rows.len() && !proven,
            Finding::Doubt(..) => false,
        };
        while lacks_witness(&finding) && self.touch_for(&probes(record, self.spec))? {
            self.witnesses.clear();
            finding = self.look_once(record, rows)?;
        }
        Ok(finding)
    }

    fn look_once(&mut self, record: &Record, rows: &[JournalRow]) -> Result<Finding, LookError> {
        let doubt = |why: Code| Ok(Finding::Doubt(Problem::new(why), Vec::new()));
        let probes = probes(record, self.spec);
        let Some(first) = probes.first() else {
            return doubt(Code::Unsearchable);
        };
        // The witness before the search: a search that catches up in between must not seem to have worked.
        let ended = rows
            .iter()
            .map(|row| row.ended_at.unwrap_or(i64::MAX))
            .max()
            .unwrap_or(i64::MAX);
        let witness = self.witness(first)?;
        let hits = match self.search(first)? {
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
                    && stored::equals(record, &hit.fields, schema)
                    && stored::adds_nothing(record, &hit.fields, schema));
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
            seen && ids.len() < rows.len() && self.absent_by_others(&probes, &ids, ended)?;
        Ok(Finding::Candidates { ids, label, proven })
    }

    /// Between which seconds of the server's clock rows that were sent with equal content were stored, if they were.
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

    /// Whether every further field that was sent brings no customer but these and those the ledger knows.
    fn absent_by_others(
        &mut self,
        probes: &[Probe],
        ids: &[CustomerId],
        ended: i64,
    ) -> Result<bool, LookError> {
        if probes.first().is_some_and(|probe| probe.is_stamp) {
            return Ok(true);
        }
        for probe in probes.iter().skip(1) {
            let witness = self.witness(probe)?;
            if witness.is_none_or(|witness| witness.sent_at <= ended) {
                return Ok(false);
            }
            let Hits::All(hits) = self.search(probe)? else {
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

    /// Whether the search by a probe's field shows late adds as they were sent; looked for once for values of a shape.
    fn witness(&mut self, wanted: &Probe) -> Result<Option<Witness>, LookError> {
        let shape = Shape::of(&wanted.value);
        let key = (wanted.field.clone(), shape);
        if let Some(known) = self.witnesses.get(&key) {
            return Ok(known.clone());
        }
        let own = self.seen(wanted, true)?;
        let date = self.context.server_clock.server_clock_offset();
        let date = date.map(ClockOffset::of_date);
        // The clock by which the others are judged: that of our latest add, or the server's own word.
        let agreed = own
            .iter()
            .find(|seen| date.is_none_or(|date| seen.ahead.agrees(date)));
        let reference = agreed.or(own.first()).map(|seen| seen.ahead).or(date);
        let newest = own.first().map(|seen| seen.sent_at);
        let others = if self.added.iter().any(|added| added.row.sent_at > newest) {
            self.seen(wanted, false)?
        } else {
            Vec::new()
        };
        let mut seen: Vec<Witness> = own.into_iter().chain(others).collect();
        // Our clock was another when those were sent: which of two calls came first, it cannot tell.
        seen.retain(|seen| reference.is_some_and(|reference| seen.ahead.agrees(reference)));
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.sent_at));
        let found = seen.into_iter().reduce(|latest, older| Witness {
            ahead: latest.ahead.and(older.ahead),
            made_by: latest
                .made_by
                .filter(|agent| Some(agent) == older.made_by.as_ref()),
            ..latest
        });
        self.witnesses.insert(key, found.clone());
        Ok(found)
    }

    /// Adds of this job, or of others, that a search shows as they were sent, the last first.
    fn seen(&self, wanted: &Probe, is_own: bool) -> Result<Vec<Witness>, LookError> {
        let added = self.added.iter().filter(|added| added.is_own == is_own);
        let usable = added.filter_map(|added| {
            let probes = probes(added.row.record.as_ref()?, self.spec);
            let mut probes = probes.into_iter();
            let probe = probes.find(|probe| probe.speaks_for(wanted))?;
            Some((probe, &added.row, added.touched.as_ref()))
        });
        let mut seen = Vec::new();
        for (probe, row, touched) in usable.take(WITNESSES) {
            let (Hits::All(hits), Some(record), Some(sent_at)) =
                (self.search(&probe)?, &row.record, row.sent_at)
            else {
                continue;
            };
            let hit = hits
                .iter()
                .find(|hit| Some(&hit.id) == row.customer.as_ref());
            let Some((hit, created)) =
                hit.and_then(|hit| Some((hit, created_at(hit, &self.zone)?)))
            else {
                continue;
            };
            if !stored::equals(record, &hit.fields, &self.spec.schema) {
                if !is_own || hit.edited {
                    // Somebody has edited it since.
                    continue;
                }
                // The server changes what it stores: nothing that is not found is proven.
                return Ok(Vec::new());
            }
            let ended_at = row.ended_at.unwrap_or(sent_at).max(sent_at);
            let witness = Witness {
                sent_at,
                ahead: ClockOffset::of_call(created, sent_at, ended_at),
                made_by: hit.created_by.clone(),
            };
            seen.push(match touched {
                None => witness,
                // What the search shows is the customer as it was before it was written again.
                Some(touched) if !touched.is_shown_by(hit) => continue,
                Some(touched) => Witness {
                    sent_at: touched.sent_at,
                    ahead: unix_seconds(&touched.updated, &self.zone)
                        .map_or(witness.ahead, |updated| {
                            ClockOffset::of_call(updated, touched.sent_at, touched.ended_at)
                        }),
                    ..witness
                },
            });
        }
        Ok(seen)
    }

    /// Every customer that has the value.
    pub fn search(&self, probe: &Probe) -> Result<Hits, LookError> {
        let mut hits: Vec<Customer> = Vec::new();
        let mut first_count = None;
        for page in 1..=MOST_PAGES {
            let condition = Condition::Equals {
                field: probe.field.clone(),
                value: probe.value.clone(),
            };
            let query = Query {
                page,
                limit: PAGE,
                condition: Some(condition),
            };
            let answer = match self.context.crm.list(&query) {
                Ok(answer) => answer,
                Err(error)
                    if matches!(error.class, Class::Refused | Class::Gone | Class::Unknown) =>
                {
                    return Ok(Hits::Refused(error.message));
                }
                Err(error) => return Err(error.into()),
            };
            let empty = answer.customers.is_empty();
            for customer in answer.customers {
                if !hits.iter().any(|hit| hit.id == customer.id) {
                    hits.push(customer);
                }
            }
            // A set that moves while it is paged can hide a customer although the numbers agree.
            if *first_count.get_or_insert(answer.count) != answer.count {
                return Ok(Hits::TooMany);
            }
            if hits.len() as u64 >= answer.count {
                let foreign: Vec<CustomerId> = hits
                    .iter()
                    .filter(|hit| !stored::has(&hit.fields, &probe.field, &probe.value))
                    .map(|hit| hit.id.clone())
                    .collect();
                return Ok(if foreign.is_empty() {
                    Hits::All(hits)
                } else {
                    Hits::Untrusted(foreign)
                });
            }
            if empty {
                break;
            }
        }
        Ok(Hits::TooMany)
    }
}

/// About how many calls it takes to look rows up: a search for each field of each, and a witness for each field, which is
/// read, written and searched for where no later add is one.
pub(super) fn calls_for(rows: &[JournalRow], spec: &JobSpec) -> u64 {
    let searches = |row: &JournalRow| row.record.as_ref().map_or(0, |row| probes(row, spec).len());
    let rows_calls: usize = rows.iter().map(searches).sum();
    let most = rows.iter().map(searches).max().unwrap_or(0);
    (rows_calls + most * WITNESSES + 3) as u64
}

/// The latest adds of the account's latest other jobs: the search may be seen to work by them as well.
fn added_by_others(spec: &JobSpec, context: &Context) -> Result<Vec<Added>, JobError> {
    let mut added = Vec::new();
    let mut jobs = 0;
    for folder in context.state.jobs()?.iter().rev() {
        if jobs == OTHER_JOBS {
            break;
        }
        // A journal that cannot be read bears no witness.
        let Ok(journal) = Journal::read(folder) else {
            continue;
        };
        let ours = journal.meta("account").ok().flatten().as_ref() == Some(&spec.account.key);
        if ours && *folder.id() != spec.id {
            jobs += 1;
            let latest = journal.latest_added(WITNESSES).unwrap_or_default();
            added.extend(
                latest
                    .into_iter()
                    .map(|row| Added::new(folder.id(), row, false)),
            );
        }
    }
    Ok(added)
}

/// By what a record can be searched, the most telling first: the stamp alone, or the keys, the first phone,
/// address and account that were sent, and the name.
pub(in crate::job) fn probes(record: &Record, spec: &JobSpec) -> Vec<Probe> {
    if let Some(field) = &spec.options.stamp
        && let Some(Value::Text(value)) = record.get(field)
    {
        return vec![Probe {
            field: field.clone(),
            value: value.clone(),
            is_stamp: true,
        }];
    }
    let schema = &spec.schema;
    let keys: Vec<&FieldKey> = spec.keys.iter().flat_map(|key| &key.fields).collect();
    let rank = |field: &Field| {
        if let Some(place) = keys.iter().position(|key| **key == field.key) {
            return Some(place);
        }
        let kind = match field.kind {
            Kind::PhoneList => 0,
            Kind::EmailList => 1,
            Kind::TextList => 2,
            Kind::Text if field.required => 3,
            _ => return None,
        };
        Some(keys.len() + kind)
    };
    let mut ranked: Vec<(usize, Probe)> = record
        .fields
        .iter()
        .filter_map(|(key, value)| {
            let field = schema.field(key.as_str())?;
            if field.searchable == Some(false) || field.status != FieldStatus::Enabled {
                return None;
            }
            let value = match value {
                Value::Entries(entries) => entries.first()?.value.clone(),
                Value::Text(text) => text.clone(),
                _ => return None,
            };
            let field_key = key.as_str().to_owned();
            let probe = Probe {
                field: field_key,
                value,
                is_stamp: false,
            };
            Some((rank(field)?, probe))
        })
        .filter(|(_, probe)| !probe.value.is_empty())
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, probe)| probe).collect()
}
