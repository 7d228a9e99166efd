//! What has changed between a plan and its apply: found before anything is written, and never written over.
//!
//! A planned change is compared, field by field, with what the plan saw; for a planned add somebody may have added the
//! customer meanwhile, so its keys are looked up once more. One look or search just before each call, or one pass over the
//! list before all of them, whichever takes fewer calls.

use serde_json::{Map, Value as Json};

use super::lookup::{Found, KeyMatch, Lookup, RowCounts, Searcher, Wanted};
use super::shown::shown;
use super::{Context, JobError, JobSpec, way_back};
use crate::crm::{CallError, Class};
use crate::journal::{JobFolder, Journal, JournalRow};
use crate::model::{
    Action, Code, CustomerId, Field, Monitor, Problem, Record, Schema, Slot, Status, Task,
};

/// Rows that are compared at a time.
const BATCH_ROWS: usize = 1000;

/// Compares each row just before its call.
pub(super) struct Guard<'a> {
    context: &'a Context,
    searcher: Searcher<'a>,
    judge: Judge<'a>,
}

/// What makes a planned row one that must not be sent.
struct Judge<'a> {
    spec: &'a JobSpec,
    match_schema: Schema,
}

impl<'a> Guard<'a> {
    /// Compares all pending rows with the list, where that takes fewer calls than a look at each; those that have changed
    /// are held. Else the guard that looks before each call.
    pub(super) fn begin(
        folder: &'a JobFolder,
        spec: &'a JobSpec,
        journal: &mut Journal,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Option<Self>, JobError> {
        let judge = Judge {
            spec,
            match_schema: spec.match_schema(),
        };
        let counts = journal.counts()?;
        let pending = |action| {
            counts.sum(|state, its| {
                state == crate::journal::RowState::At(Status::Pending) && its == action
            })
        };
        let rows = RowCounts {
            with_id: pending(Action::Update),
            with_key: if spec.matches_keys() {
                pending(Action::Add)
            } else {
                0
            },
        };
        let Some(mut lookup) = Lookup::for_rows(spec, rows, folder, concurrency, context)? else {
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

    /// Why a row must not be sent. `before` is its customer as the plan saw it.
    pub(super) fn check(
        &self,
        row: &JournalRow,
        before: Option<&str>,
    ) -> Result<Option<Problem>, CallError> {
        match (row.action, &row.customer, &row.record) {
            (Action::Update, Some(id), Some(record)) => {
                let now = self.context.crm.find(id)?;
                Ok(self.judge.changed(row, record, before, &now.fields))
            }
            (Action::Add, _, Some(record)) if self.judge.spec.matches_keys() => {
                match self.searcher.search(Wanted { record }) {
                    Ok(found) => Ok(added(&found)),
                    Err(error) if matches!(error.class, Class::Refused | Class::Unknown) => {
                        Ok(Some(super::apply::problem_of(Code::NotRead, &error)))
                    }
                    Err(error) => Err(error),
                }
            }
            _ => Ok(None),
        }
    }
}

impl Judge<'_> {
    fn hold_changed(
        &self,
        journal: &mut Journal,
        lookup: &mut Lookup<'_>,
        context: &Context,
    ) -> Result<(), JobError> {
        let pending = journal.counts()?.status(Status::Pending);
        context.monitor.start_task(Task::Check, Some(pending));
        let mut after = -1;
        loop {
            let rows = journal.pending_after(after, BATCH_ROWS)?;
            let Some(last) = rows.last() else { break };
            after = last.number.to_key();
            let mut held = Vec::new();
            let updates = rows.iter().filter(|row| row.action == Action::Update);
            let ids: Vec<CustomerId> = updates.filter_map(|row| row.customer.clone()).collect();
            let stored = lookup.find_ids(ids)?;
            for row in rows.iter().filter(|row| row.action == Action::Update) {
                let (Some(record), Some(id)) = (&row.record, &row.customer) else {
                    continue;
                };
                let before = journal.images(row.number)?.before;
                let problem = match stored.get(id) {
                    Some(Found::Stored(line)) => {
                        let now: Map<String, Json> = serde_json::from_str(line).unwrap_or_default();
                        self.changed(row, record, before.as_deref(), &now)
                    }
                    Some(Found::Gone) => Some(Problem::new(Code::CustomerGone)),
                    Some(Found::Unread(problem)) => Some(problem.clone()),
                    None => None,
                };
                held.extend(problem.map(|problem| (row.number, problem)));
            }
            if self.spec.matches_keys() {
                let adds = rows.iter().filter(|row| row.action == Action::Add);
                let adds: Vec<(&JournalRow, Wanted<'_>)> = adds
                    .filter_map(|row| {
                        Some((
                            row,
                            Wanted {
                                record: row.record.as_ref()?,
                            },
                        ))
                    })
                    .collect();
                let wanted: Vec<Wanted<'_>> = adds.iter().map(|(_, wanted)| *wanted).collect();
                for ((row, _), found) in adds.iter().zip(lookup.find_by_keys(&wanted)?) {
                    held.extend(added(&found).map(|problem| (row.number, problem)));
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

    /// The first planned field that is not as the plan saw it.
    fn changed(
        &self,
        row: &JournalRow,
        record: &Record,
        before: Option<&str>,
        now: &Map<String, Json>,
    ) -> Option<Problem> {
        let before: Map<String, Json> = before
            .and_then(|line| serde_json::from_str(line).ok())
            .unwrap_or_default();
        let schema = if row.is_matched {
            &self.match_schema
        } else {
            &self.spec.schema
        };
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        record.fields.iter().find_map(|(key, value)| {
            let field = schema.field(key.as_str());
            let of = |stored: &Map<String, Json>| {
                text_of(field, stored.get(key.as_str()).unwrap_or(&Json::Null))
            };
            let (planned, stored) = (of(&before), of(now));
            let single = Record {
                fields: vec![(key.clone(), value.clone())],
            };
            // What is stored as planned by now needs no write, and is nobody's loss.
            if planned == stored || way_back::new_in(&single, now, schema).is_empty() {
                return None;
            }
            let label = field.map_or(key.as_str(), |field| field.label.as_str());
            Some(
                Problem::new(Code::ChangedSincePlan)
                    .with("field", label)
                    .with("id", id)
                    .with("planned", planned)
                    .with("now", stored),
            )
        })
    }
}

/// A stored field in one text, with memos: what is compared, and what a person is told.
pub(super) fn text_of(field: Option<&Field>, stored: &Json) -> String {
    let is_list = field.is_some_and(|field| field.kind.is_value_list());
    if !is_list {
        return super::shown::text(&shown(field, Slot::Whole, stored));
    }
    let parts = super::stored::items(stored).map(|item| match item {
        Json::Object(entry) => {
            let text = |name| entry.get(name).map(super::stored::plain_text);
            let value = text("value").unwrap_or_default();
            match text("memo").filter(|memo| !memo.is_empty()) {
                Some(memo) => format!("{value} ({memo})"),
                None => value,
            }
        }
        other => super::stored::plain_text(other),
    });
    parts.collect::<Vec<_>>().join("；")
}

fn added(found: &KeyMatch) -> Option<Problem> {
    let ids = match found {
        KeyMatch::None => return None,
        KeyMatch::Unread(problem) => return Some(problem.clone()),
        KeyMatch::One(id, _) => id.to_string(),
        KeyMatch::Several(ids) => {
            let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
            ids.join(", ")
        }
    };
    Some(Problem::new(Code::AddedSincePlan).with("ids", ids))
}
