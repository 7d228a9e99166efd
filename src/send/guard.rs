//! The guard: compares planned rows with the CRM once more, so that nobody's later work is written over.
//!
//! The race, in order:
//!
//! 1. A row is decided beside the customer as it is stored then.
//! 2. Minutes or days pass, until somebody applies the plan or resumes the job.
//! 3. A colleague changes a planned field, or adds the customer that a row is to add.
//! 4. The row is sent. The colleague's value is lost, or the customer is stored twice.
//!
//! So each update, and each deletion of an undo, is compared field by field with what the plan saw, and the keys of
//! each add are looked up once more. A row whose customer has changed, or was added meanwhile, is held: it is not sent,
//! and says why. The guard reads by one call just before each row's call, or by one pass over the list before all of
//! them, whichever takes fewer calls. A change that comes between the guard's look and the write is not seen: the API
//! has no conditional write.

use std::collections::HashMap;

use serde_json::{Map, Value as Json};

use crate::crm::{CallError, Class};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{HeldRow, JobFolder, Journal, JournalRow, RowCursor, RowSet, RowState};
use crate::lookup::by_key::{KeyMatch, Searcher, WantedKeys};
use crate::lookup::customers::{Lookup, RowCounts};
use crate::model::{
    Action, Code, CustomerId, Monitor, Problem, Record, RowNumber, Schema, Status, Task,
};
use crate::stored::OwnerNames;
use crate::stored::cell::text_of;
use crate::stored::change;
use crate::stored::customer::StoredCustomer;
use crate::stored::found::Found;

/// The guard that looks at the CRM just before each call.
pub(crate) struct Guard<'a> {
    context: &'a Context,
    searcher: Searcher<'a>,
    judge: GuardJudge<'a>,
}

/// What comparing a planned row with the CRM came to.
pub(crate) enum GuardVerdict {
    /// The row may be sent. Holds the customer's JSON as it is now, where it was read.
    Free(Option<String>),
    /// The row must not be sent: why, and the one customer that is there instead, if there is one.
    Held(Problem, Option<CustomerId>),
    /// The CRM holds everything that the row would write already.
    AsItWas,
}

impl GuardVerdict {
    /// Returns the row as the journal keeps it when it is not sent; `None` if it may be sent.
    fn held(self, number: RowNumber) -> Option<HeldRow> {
        let (status, problem, customer) = match self {
            Self::Free(_) => return None,
            Self::Held(problem, customer) => (Status::Invalid, Some(problem), customer),
            Self::AsItWas => (Status::Unchanged, None, None),
        };
        Some(HeldRow {
            number,
            status,
            problem,
            customer,
        })
    }
}

/// The rules by which a planned row is held.
struct GuardJudge<'a> {
    spec: &'a JobSpec,
    owners: &'a OwnerNames,
    match_schema: Schema,
    /// By row: what earlier rows of the job write to the same customer. Rows without such earlier rows are left out.
    earlier: HashMap<RowNumber, Vec<Record>>,
}

impl<'a> Guard<'a> {
    /// Begins guarding the pending rows of a job.
    ///
    /// Where one pass over the list takes fewer calls than a look at each row, all rows are compared here, those that
    /// must not be sent are held in the journal, and `None` is returned. `None` is also returned when no row needs
    /// comparing. Otherwise returns the guard that looks before each call.
    pub(crate) fn begin(
        folder: &'a JobFolder,
        spec: &'a JobSpec,
        journal: &mut Journal,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Option<Self>, JobError> {
        let judge = GuardJudge {
            spec,
            owners: &context.owners,
            match_schema: spec.match_schema(),
            earlier: earlier_records(journal)?,
        };
        let counts = journal.counts()?;
        let pending = |action| {
            counts.sum(|state, its| state == RowState::At(Status::Pending) && its == action)
        };
        // A person named the customers of `ferry delete`. The deletions of an undo are ferry's own conclusion.
        let undone = if spec.kind.is_undo() {
            pending(Action::Delete)
        } else {
            0
        };
        let rows = RowCounts {
            must_list: journal.notes()?.search_refused,
            with_id: pending(Action::Update) + pending(Action::Restore) + undone,
            with_key: if spec.matches_keys() {
                pending(Action::Add)
            } else {
                0
            },
            ..RowCounts::default()
        };
        let Some(mut lookup) = Lookup::for_rows(spec, rows, folder.path(), concurrency, context)?
        else {
            return Ok(None);
        };
        if !lookup.has_list() {
            return Ok(Some(Self {
                context,
                searcher: Searcher::new(spec, context),
                judge,
            }));
        }
        judge.hold_changed(journal, &mut lookup, context)?;
        Ok(None)
    }

    /// Reads what the CRM holds for a row, and decides whether the row may be sent. `before` is its customer as the
    /// plan saw it. Fails with the error of the read, if the row alone is not to blame.
    pub(crate) fn check(
        &self,
        row: &JournalRow,
        before: Option<&StoredCustomer>,
    ) -> Result<GuardVerdict, CallError> {
        match (row.action, &row.customer, &row.record) {
            (Action::Update | Action::Restore, Some(id), Some(_)) => {
                let now = self.context.crm.find(id)?;
                Ok(match self.judge.compare(row, before, &now.fields) {
                    GuardVerdict::Free(_) => {
                        GuardVerdict::Free(Some(StoredCustomer::line_of(&now.fields)))
                    }
                    other => other,
                })
            }
            (Action::Delete, Some(id), _) if self.judge.spec.kind.is_undo() => {
                match self.context.crm.find(id) {
                    Ok(now) => Ok(self.judge.compare(row, before, &now.fields)),
                    Err(error) if error.class == Class::Gone => Ok(GuardVerdict::Free(None)),
                    Err(error) => Err(error),
                }
            }
            (Action::Add, _, Some(record)) if self.judge.spec.matches_keys() => {
                match self.searcher.search(WantedKeys { record }) {
                    Ok(found) => Ok(added(found)),
                    Err(error) if matches!(error.class, Class::Refused | Class::Unknown) => {
                        let problem = crate::crm::problem_of(Code::NotRead, &error);
                        Ok(GuardVerdict::Held(problem, None))
                    }
                    Err(error) => Err(error),
                }
            }
            _ => Ok(GuardVerdict::Free(None)),
        }
    }
}

/// By row: what earlier rows of the job write to the same customer. Rows without such earlier rows are left out.
fn earlier_records(journal: &Journal) -> Result<HashMap<RowNumber, Vec<Record>>, JobError> {
    let mut earlier = HashMap::new();
    for rows in journal.shared_customers()?.into_values() {
        let mut records: Vec<Record> = Vec::new();
        for number in rows {
            if !records.is_empty() {
                earlier.insert(number, records.clone());
            }
            let row = journal.row(number)?;
            let row = row.filter(|row| row.state != RowState::At(Status::Failed));
            records.extend(row.and_then(|row| row.record));
        }
    }
    Ok(earlier)
}

impl GuardJudge<'_> {
    fn hold_changed(
        &self,
        journal: &mut Journal,
        lookup: &mut Lookup<'_>,
        context: &Context,
    ) -> Result<(), JobError> {
        let pending = journal.counts()?.status(Status::Pending);
        context.monitor.start_task(Task::Check, Some(pending));
        let mut pending = RowCursor::over(RowSet::Pending);
        while let Some(rows) = pending.next_batch(journal)? {
            let mut held = Vec::new();
            let is_compared = |row: &&JournalRow| {
                matches!(row.action, Action::Update | Action::Restore)
                    || (row.action == Action::Delete && self.spec.kind.is_undo())
            };
            let compared = rows.iter().filter(is_compared);
            let ids: Vec<CustomerId> = compared.filter_map(|row| row.customer.clone()).collect();
            let stored = lookup.find_ids(ids)?;
            for row in rows.iter().filter(is_compared) {
                let Some(id) = &row.customer else { continue };
                let before = journal.images(row.number)?.before;
                let checked = match stored.get(id) {
                    Some(Found::Stored(line)) => {
                        let before = StoredCustomer::of_image(before.as_ref())?;
                        let now = StoredCustomer::parse(line)?;
                        self.compare(row, before.as_ref(), &now)
                    }
                    Some(Found::Unread(problem)) => GuardVerdict::Held(problem.clone(), None),
                    // The call itself reports that the customer is gone.
                    Some(Found::Gone) | None => GuardVerdict::Free(None),
                };
                held.extend(checked.held(row.number));
            }
            if self.spec.matches_keys() {
                let adds = rows.iter().filter(|row| row.action == Action::Add);
                let adds: Vec<(&JournalRow, WantedKeys<'_>)> = adds
                    .filter_map(|row| {
                        Some((
                            row,
                            WantedKeys {
                                record: row.record.as_ref()?,
                            },
                        ))
                    })
                    .collect();
                let wanted: Vec<WantedKeys<'_>> = adds.iter().map(|(_, wanted)| *wanted).collect();
                for ((row, _), found) in adds.iter().zip(lookup.find_by_keys(&wanted)?) {
                    held.extend(added(found).held(row.number));
                }
            }
            journal.hold(&held)?;
            context.monitor.advance(Task::Check, rows.len() as u64);
            if context.stop.is_requested() {
                return Err(JobError::StoppedInPlan);
            }
        }
        context.monitor.finish_task(Task::Check);
        Ok(())
    }

    /// Compares the planned fields of a row with the customer as it is `now`: held at the first field that is neither
    /// as the plan saw it, nor as planned, nor written by an earlier row of the job.
    fn compare(
        &self,
        row: &JournalRow,
        before: Option<&StoredCustomer>,
        now: &Map<String, Json>,
    ) -> GuardVerdict {
        let nothing = StoredCustomer::default();
        let before = before.unwrap_or(&nothing);
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        if row.action == Action::Delete {
            let changed = change::changed_since(before, now, id, (&self.spec.schema, self.owners));
            return changed.map_or(GuardVerdict::Free(None), |problem| {
                GuardVerdict::Held(problem, None)
            });
        }
        let schema = if row.is_matched {
            &self.match_schema
        } else {
            &self.spec.schema
        };
        let mut is_all_there = true;
        for (key, value) in row.record.iter().flat_map(|record| &record.fields) {
            let field = schema.field(key.as_str());
            let of = |stored: &Map<String, Json>| {
                text_of(field, stored.get(key.as_str()).unwrap_or(&Json::Null))
            };
            let single = Record {
                fields: vec![(key.clone(), value.clone())],
            };
            // A field that holds the planned value by now loses nothing by the write.
            let is_there = match row.action {
                Action::Restore => {
                    let stored = now.get(key.as_str()).unwrap_or(&Json::Null);
                    change::is_stored(value, stored, field)
                }
                _ => change::new_in(&single, now, schema).is_empty(),
            };
            // A value that an earlier row of this job has written is not a colleague's change.
            let is_ours = || {
                let earlier = self.earlier.get(&row.number).into_iter().flatten();
                let mut values = earlier.filter_map(|record| record.get(key.as_str()));
                values.any(|value| {
                    let single = Record {
                        fields: vec![(key.clone(), value.clone())],
                    };
                    change::new_in(&single, now, schema).is_empty()
                })
            };
            is_all_there &= is_there && !self.earlier.contains_key(&row.number);
            let (planned, stored) = (of(before), of(now));
            if planned == stored || is_there || is_ours() {
                continue;
            }
            let label = field.map_or(key.as_str(), |field| field.label.as_str());
            let (code, fact) = match row.action {
                Action::Restore => (Code::LeftAlone, "written"),
                _ => (Code::ChangedSincePlan, "planned"),
            };
            let problem = Problem::new(code)
                .with("field", label)
                .with("id", id)
                .with(fact, self.owners.said(field, planned))
                .with("now", self.owners.said(field, stored));
            return GuardVerdict::Held(problem, None);
        }
        if is_all_there {
            GuardVerdict::AsItWas
        } else {
            GuardVerdict::Free(None)
        }
    }
}

fn added(found: KeyMatch) -> GuardVerdict {
    let (ids, one) = match found {
        KeyMatch::None => return GuardVerdict::Free(None),
        KeyMatch::Unread(problem) => return GuardVerdict::Held(problem, None),
        KeyMatch::One(id, _) => (id.to_string(), Some(id)),
        KeyMatch::Several(ids) => {
            let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
            (ids.join(", "), None)
        }
    };
    let problem = Problem::new(Code::AddedSincePlan).with("ids", ids);
    // The result sheet names the customer, so that the row can become its update.
    GuardVerdict::Held(problem, one)
}
