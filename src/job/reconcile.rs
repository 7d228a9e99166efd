//! Adds whose outcome is not known: looked for in the CRM, and settled where that is proof.
//!
//! An add may be repeated only when its absence is proven, and a customer is taken for a row only when it
//! can be no other: equal in every field that was sent, created after the intent, claimed by no row of any
//! job. Everything else stays `unknown`, with what was seen.
//!
//! 1. Wait until `settle` has passed since the attempt ended.
//! 2. See that the search works: it finds an add of this job that left no earlier than the row in doubt.
//!    The creation time of what it finds also tells how the server's clock stands.
//! 3. Search each row by one condition, compare all hits here, and settle equal rows as a group.

use std::collections::HashMap;
use std::time::Duration;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::{Context, JobError, JobSpec, stored};
use crate::crm::{CallError, Condition, Query};
use crate::journal::{Journal, JournalError, JournalRow, Ledger, RowOutcome};
use crate::model::{
    Action, Code, Customer, CustomerId, FieldStatus, Kind, Monitor, Problem, Record, RowNumber,
    Schema, Status, Task, Value,
};

/// Rows looked at in one go; equal rows further apart are not seen as a group.
const BATCH_ROWS: usize = 5000;
/// Customers a page.
const PAGE: u32 = 100;
/// Pages of hits that are read for one value: more customers than that share it, and none is proof.
const MOST_PAGES: u32 = 20;
/// Later adds that are searched for until one is found.
const WITNESSES: usize = 5;
/// How many of the latest adds are looked through for witnesses.
const LATEST: usize = 200;
/// How much earlier than the intent, by the server's clock, a customer may seem to be created.
const SLACK_SECONDS: i64 = 5;

/// What looking came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Reconciled {
    /// Rows whose customer was found.
    pub adopted: u64,
    /// Rows that were proven not to have been added: pending again.
    pub absent: u64,
    /// Rows that stay in doubt.
    pub left: u64,
}

/// Settles what can be settled of a job's rows in doubt. A stop ends it early and changes nothing more.
pub(super) fn reconcile(
    spec: &JobSpec,
    journal: &mut Journal,
    ledger: &mut Ledger,
    settle: Duration,
    context: &Context,
) -> Result<Reconciled, JobError> {
    let mut total = Reconciled::default();
    let mut after = -1;
    loop {
        let rows = journal.doubtful_after(after, BATCH_ROWS)?;
        let Some(last) = rows.last() else {
            return Ok(total);
        };
        after = last.number.to_key();
        if !wait(&rows, settle, context) {
            return Ok(total);
        }
        context
            .monitor
            .start_task(Task::Reconcile, Some(rows.len() as u64));
        let looked =
            Look::new(spec, journal, ledger, context).and_then(|mut look| look.settle(rows));
        context.monitor.finish_task(Task::Reconcile);
        let verdicts = match looked {
            Ok(verdicts) => verdicts,
            // The CRM cannot be asked now: what is in doubt stays so.
            Err(LookError::Call(error)) => {
                tracing::warn!("rows in doubt could not be looked up: {}", error.message);
                return Ok(total);
            }
            Err(LookError::Job(error)) => return Err(error),
        };
        total.adopted += verdicts
            .outcomes
            .iter()
            .filter(|outcome| outcome.customer.is_some())
            .count() as u64;
        total.left += verdicts
            .outcomes
            .iter()
            .filter(|outcome| outcome.customer.is_none())
            .count() as u64;
        total.absent += verdicts.absent.len() as u64;
        journal.settle_doubts(ledger, &verdicts.outcomes, &verdicts.absent)?;
    }
}

/// Waits until every row may be judged; false when a stop was asked for.
fn wait(rows: &[JournalRow], settle: Duration, context: &Context) -> bool {
    let ended = rows
        .iter()
        .filter_map(|row| row.ended_at.or(row.sent_at))
        .max()
        .unwrap_or(0);
    let due = ended + settle.as_millis() as i64;
    let rest = due - context.clock.unix_seconds() as i64 * 1000;
    // A clock that was set back must not make this longer than the whole of it.
    let rest = Duration::from_millis(rest.clamp(0, settle.as_millis() as i64) as u64);
    if rest >= Duration::from_secs(1) {
        let problem = Problem::new(Code::WaitingToSettle).with("count", rows.len().to_string());
        context
            .monitor
            .notice(&problem.with("seconds", rest.as_secs().to_string()));
    }
    context.clock.sleep(rest, &context.stop) && !context.stop.is_requested()
}

enum LookError {
    Call(CallError),
    Job(JobError),
}

impl From<CallError> for LookError {
    fn from(error: CallError) -> Self {
        Self::Call(error)
    }
}

impl From<JournalError> for LookError {
    fn from(error: JournalError) -> Self {
        Self::Job(error.into())
    }
}

#[derive(Default)]
struct Verdicts {
    outcomes: Vec<RowOutcome>,
    absent: Vec<RowNumber>,
}

/// By what a row is searched.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Probe {
    field: String,
    value: String,
    /// Whether the value is a stamp: whoever has it is the row, whatever the server made of the rest.
    is_stamp: bool,
}

/// What is known of the search by one field.
#[derive(Debug, Clone, Copy)]
struct Witness {
    /// When the add that was found had left, in Unix milliseconds.
    sent_at: i64,
    /// By how many seconds the server's clock is ahead, at the most.
    ahead: i64,
}

struct Look<'a> {
    spec: &'a JobSpec,
    ledger: &'a Ledger,
    context: &'a Context,
    zone: TimeZone,
    added: Vec<JournalRow>,
    witnesses: HashMap<String, Option<Witness>>,
}

impl<'a> Look<'a> {
    fn new(
        spec: &'a JobSpec,
        journal: &Journal,
        ledger: &'a Ledger,
        context: &'a Context,
    ) -> Result<Self, LookError> {
        Ok(Self {
            spec,
            ledger,
            context,
            zone: TimeZone::get(&spec.timezone).unwrap_or(TimeZone::UTC),
            added: journal.latest_added(LATEST)?,
            witnesses: HashMap::new(),
        })
    }

    fn settle(&mut self, rows: Vec<JournalRow>) -> Result<Verdicts, LookError> {
        let mut verdicts = Verdicts::default();
        let mut groups: Vec<(Record, Vec<JournalRow>)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        for row in rows {
            let record = row.record.clone().unwrap_or_default();
            let key = serde_json::to_string(&record).unwrap_or_default();
            let place = *places.entry(key).or_insert_with(|| {
                groups.push((record, Vec::new()));
                groups.len() - 1
            });
            if let Some((_, twins)) = groups.get_mut(place) {
                twins.push(row);
            }
        }
        for (record, twins) in groups {
            self.context
                .monitor
                .advance(Task::Reconcile, twins.len() as u64);
            self.settle_group(&record, &twins, &mut verdicts)?;
        }
        Ok(verdicts)
    }

    /// Settles rows that were sent with equal content.
    fn settle_group(
        &mut self,
        record: &Record,
        rows: &[JournalRow],
        verdicts: &mut Verdicts,
    ) -> Result<(), LookError> {
        let doubt = |finding: &str, ids: &[CustomerId], verdicts: &mut Verdicts| {
            verdicts
                .outcomes
                .extend(rows.iter().map(|row| in_doubt(row, finding, ids)));
        };
        let Some(probe) = probe(record, self.spec) else {
            doubt("no field that was sent can be searched", &[], verdicts);
            return Ok(());
        };
        let Some(hits) = self.search(&probe)? else {
            doubt("too many customers share its value", &[], verdicts);
            return Ok(());
        };
        let witness = self.witness(&probe.field)?;
        let ahead = witness.map_or(
            self.context.server_clock.server_clock_offset().unwrap_or(0),
            |witness| witness.ahead,
        );
        let first_sent = rows.iter().filter_map(|row| row.sent_at).min().unwrap_or(0);
        let earliest = first_sent.div_euclid(1000) + ahead - SLACK_SECONDS;
        let mut candidates = Vec::new();
        let mut others = Vec::new();
        for hit in hits {
            if self.ledger.knows(&hit.id)? {
                continue;
            }
            let in_time = self
                .created(&hit)
                .is_some_and(|created| created >= earliest);
            if probe.is_stamp || (in_time && stored::equals(record, &hit.fields, &self.spec.schema))
            {
                candidates.push(hit.id);
            } else {
                others.push(hit.id);
            }
        }
        if !candidates.is_empty() && candidates.len() == rows.len() {
            candidates.sort();
            let pairs = rows.iter().zip(candidates);
            verdicts
                .outcomes
                .extend(pairs.map(|(row, id)| adopted(row, id, &probe, &self.spec.schema)));
        } else if candidates.len() > rows.len() {
            doubt("several customers fit", &candidates, verdicts);
        } else if !others.is_empty() {
            doubt(
                "a customer with the same value is there, but it is not equal or older",
                &others,
                verdicts,
            );
        } else if !rows.iter().all(|row| {
            witness.is_some_and(|witness| witness.sent_at >= row.sent_at.unwrap_or(i64::MAX))
        }) {
            doubt(
                "the CRM's search was not seen to show later rows",
                &candidates,
                verdicts,
            );
        } else {
            // As many rows as there are candidates are stored; the absence of the others is proven.
            candidates.sort();
            let (found, absent) = rows.split_at(candidates.len());
            let pairs = found.iter().zip(candidates);
            verdicts
                .outcomes
                .extend(pairs.map(|(row, id)| adopted(row, id, &probe, &self.spec.schema)));
            verdicts.absent.extend(absent.iter().map(|row| row.number));
        }
        Ok(())
    }

    /// Whether the search by a field shows a late add of this job; looked for once a field.
    fn witness(&mut self, field: &str) -> Result<Option<Witness>, LookError> {
        if let Some(known) = self.witnesses.get(field) {
            return Ok(*known);
        }
        let mut found = None;
        let probes: Vec<(Probe, CustomerId, i64)> = self
            .added
            .iter()
            .filter_map(|row| {
                let probe =
                    probe(row.record.as_ref()?, self.spec).filter(|probe| probe.field == field)?;
                Some((probe, row.customer.clone()?, row.sent_at?))
            })
            .take(WITNESSES)
            .collect();
        for (probe, id, sent_at) in probes {
            let hits = self.search(&probe)?.unwrap_or_default();
            if let Some(hit) = hits.iter().find(|hit| hit.id == id) {
                let created = self.created(hit);
                let ahead = created.map_or(0, |created| created - sent_at.div_euclid(1000));
                found = Some(Witness { sent_at, ahead });
                break;
            }
        }
        self.witnesses.insert(field.to_owned(), found);
        Ok(found)
    }

    /// Every customer that has the value; `None` when there are too many to read.
    fn search(&self, probe: &Probe) -> Result<Option<Vec<Customer>>, LookError> {
        let mut hits: Vec<Customer> = Vec::new();
        for page in 1..=MOST_PAGES {
            let condition = Condition::Equals {
                field: probe.field.clone(),
                value: probe.value.clone(),
            };
            let answer = self.context.crm.list(&Query {
                page,
                limit: PAGE,
                condition: Some(condition),
            })?;
            let empty = answer.customers.is_empty();
            for customer in answer.customers {
                if !hits.iter().any(|hit| hit.id == customer.id) {
                    hits.push(customer);
                }
            }
            if hits.len() as u64 >= answer.count {
                return Ok(Some(hits));
            }
            if empty {
                break;
            }
        }
        Ok(None)
    }

    /// When a customer was created by the server's clock, in Unix seconds.
    fn created(&self, customer: &Customer) -> Option<i64> {
        let text = customer.created.as_deref()?;
        let moment = DateTime::strptime("%Y-%m-%d %H:%M:%S", text).ok()?;
        let zoned = self.zone.to_ambiguous_timestamp(moment).compatible().ok()?;
        Some(zoned.as_second())
    }
}

/// The stamp, else the first phone, address or account that was sent, else the name.
fn probe(record: &Record, spec: &JobSpec) -> Option<Probe> {
    if let Some(field) = &spec.options.stamp
        && let Some(Value::Text(value)) = record.get(field)
    {
        return Some(Probe {
            field: field.clone(),
            value: value.clone(),
            is_stamp: true,
        });
    }
    let schema = &spec.schema;
    let rank = |kind: Kind, required: bool| match kind {
        Kind::PhoneList => Some(0),
        Kind::EmailList => Some(1),
        Kind::TextList => Some(2),
        Kind::Text if required => Some(3),
        _ => None,
    };
    let probes = record.fields.iter().filter_map(|(key, value)| {
        let field = schema.field(key.as_str())?;
        if field.searchable == Some(false) || field.status != FieldStatus::Enabled {
            return None;
        }
        let value = match value {
            Value::Entries(entries) => entries.first()?.value.clone(),
            Value::Text(text) => text.clone(),
            _ => return None,
        };
        let probe = Probe {
            field: key.as_str().to_owned(),
            value,
            is_stamp: false,
        };
        Some((rank(field.kind, field.required)?, probe))
    });
    probes
        .filter(|(_, probe)| !probe.value.is_empty())
        .min_by_key(|(rank, _)| *rank)
        .map(|(_, probe)| probe)
}

fn adopted(row: &JournalRow, customer: CustomerId, probe: &Probe, schema: &Schema) -> RowOutcome {
    let label = schema
        .field(&probe.field)
        .map_or(probe.field.as_str(), |field| field.label.as_str());
    RowOutcome {
        number: row.number,
        action: Action::Add,
        status: Status::Ok,
        customer: Some(customer),
        problem: Some(Problem::new(Code::Adopted).with("field", label)),
        origin: None,
        ended_at: None,
    }
}

fn in_doubt(row: &JournalRow, finding: &str, ids: &[CustomerId]) -> RowOutcome {
    let before = row
        .problems
        .first()
        .map_or("", |problem| problem.fact("detail"));
    let ids: Vec<&str> = ids.iter().take(5).map(CustomerId::as_str).collect();
    RowOutcome {
        number: row.number,
        action: Action::Add,
        status: Status::Unknown,
        customer: None,
        problem: Some(
            Problem::new(Code::OutcomeUnknown)
                .with("detail", before)
                .with("finding", finding)
                .with("ids", ids.join(", ")),
        ),
        origin: None,
        ended_at: None,
    }
}
