//! Decides what becomes of each row of a job that is taken back.
//!
//! The decision is three-way: what was stored before the job, what the job left, and what is stored now. The invariant:
//! a value that somebody has changed since the job is left alone, and said, unless `--force` is given. A customer that
//! the CRM had before an add, and answered the add with, is never deleted, not even with `--force`: ferry never made
//! it.

use std::cell::RefCell;
use std::collections::HashMap;
use std::collections::hash_map::Entry;

use serde_json::{Map, Value as Json};

use crate::job::error::JobError;
use crate::journal::{Images, JournalRow, Ledger, PlannedRow};
use crate::model::{
    Action, Code, CustomerId, Field, FieldKey, FieldStatus, JobId, Problem, Record, RowNumber,
    RowOrigin, Status, Value,
};
use crate::pipeline::undo::original::{Original, has_written, is_in_doubt};
use crate::pipeline::undo::successor::Successor;
use crate::plan::removal::remember_source;
use crate::stored::birth::{Births, has_other_name};
use crate::stored::cell::text_of;
use crate::stored::change::{changed_since, is_same, is_stored};
use crate::stored::customer::StoredCustomer;
use crate::stored::found::{Found, StoredCustomers};
use crate::stored::value::{SERVER_SET, digest, is_blank, to_json, to_value};
use crate::stored::{OwnerNames, change, list};

/// Decides the rows of an undo.
pub(crate) struct UndoJudge<'a> {
    pub original: &'a Original,
    pub force: bool,
    pub ledger: &'a Ledger,
    pub births: Births,
    pub owners: &'a OwnerNames,
    /// By fingerprint: how many deleted rows are still to be held back, because imports have added equal rows since.
    pub added_since: RefCell<HashMap<[u8; 16], i64>>,
}

/// What the rows of one customer wrote into one field: its value before the first and after the last of them.
struct WrittenField {
    key: FieldKey,
    before: Json,
    after: Json,
    /// What was sent last: the CRM may keep it in another form.
    sent: Value,
}

impl UndoJudge<'_> {
    pub fn decide(
        &self,
        row: &JournalRow,
        images: &Images,
        stored: &StoredCustomers,
    ) -> Result<PlannedRow, JobError> {
        let mut planned = PlannedRow {
            customer: row.customer.clone(),
            fingerprint: row.fingerprint,
            ..PlannedRow::new(row.number, Status::Unchanged)
        };
        if is_in_doubt(row) {
            planned.status = Status::Unknown;
            planned.action = Action::Add;
            planned.problems.clone_from(&row.problems);
            return Ok(planned);
        }
        if row.action == Action::Delete {
            let found = row.customer.as_ref().and_then(|id| stored.get(id));
            match found {
                // The delete was on its way when the process died, and did not happen.
                Some(Found::Stored(_)) => {}
                Some(Found::Unread(problem)) => {
                    planned.status = Status::Invalid;
                    planned.problems = vec![problem.clone()];
                }
                Some(Found::Gone) | None => self.add_again(&mut planned, row, images)?,
            }
            return Ok(planned);
        }
        let Some(id) = &row.customer else {
            return Ok(planned);
        };
        if let Some(with) = self.told_by(row)? {
            planned.status = Status::Skipped;
            planned.problems = vec![with];
            return Ok(planned);
        }
        let now = match stored.get(id) {
            Some(Found::Stored(line)) => StoredCustomer::parse(line)?,
            Some(Found::Unread(problem)) => {
                planned.status = Status::Invalid;
                planned.problems = vec![problem.clone()];
                return Ok(planned);
            }
            // An added customer that is gone was taken back already. A changed customer that is gone cannot be given
            // back.
            Some(Found::Gone) | None => {
                let code = match row.action {
                    Action::Add => Code::AlreadyGone,
                    _ => Code::CustomerGone,
                };
                if row.action != Action::Add {
                    planned.status = Status::Invalid;
                }
                planned.problems = vec![Problem::new(code).with("id", id.as_str())];
                // When the undo is sent, the ledger forgets the customer as if the undo had deleted it.
                remember_source(&mut planned, id, self.ledger)?;
                return Ok(planned);
            }
        };
        if row.action == Action::Add {
            self.delete_added(&mut planned, row, images, &now)?;
        } else {
            self.restore(&mut planned, row, images, &now)?;
        }
        if planned.status == Status::Pending {
            // The guard compares with this image, and the preview shows it.
            planned.before = Some(StoredCustomer::line_of(&now));
            if planned.action == Action::Delete {
                remember_source(&mut planned, id, self.ledger)?;
            }
        }
        Ok(planned)
    }

    /// Decides a row whose customer is gone, and in whose place an undo of a delete has added another. That one is
    /// deleted if nobody has worked on either: on the first until it was deleted, on the second until now.
    pub fn decide_successor(
        &self,
        row: &JournalRow,
        images: &Images,
        successor: &Successor,
        stored: &StoredCustomers,
    ) -> Result<PlannedRow, JobError> {
        let mut planned = PlannedRow {
            fingerprint: row.fingerprint,
            ..PlannedRow::new(row.number, Status::Unchanged)
        };
        if let Some(with) = self.told_by(row)? {
            planned.customer.clone_from(&row.customer);
            planned.status = Status::Skipped;
            planned.problems = vec![with];
            return Ok(planned);
        }
        let left = |ids: &[CustomerId], job: &JobId| {
            let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
            Problem::new(Code::SuccessorLeft)
                .with("ids", ids.join(", "))
                .with("job", job.as_str())
        };
        let known = match successor {
            Successor::Known(known) => known,
            Successor::Unproven { ids, job } => {
                planned.status = Status::Invalid;
                planned.problems = vec![left(ids, job)];
                return Ok(planned);
            }
        };
        planned.customer = Some(known.id.clone());
        let now = match stored.get(&known.id) {
            Some(Found::Stored(line)) => StoredCustomer::parse(line)?,
            Some(Found::Unread(problem)) => {
                planned.status = Status::Invalid;
                planned.problems = vec![problem.clone()];
                return Ok(planned);
            }
            Some(Found::Gone) | None => {
                let gone = Problem::new(Code::AlreadyGone).with("id", known.id.as_str());
                planned.problems = vec![gone];
                remember_source(&mut planned, &known.id, self.ledger)?;
                return Ok(planned);
            }
        };
        if let Some(deleted) = StoredCustomer::of_image(known.deleted.as_ref())? {
            self.delete_added(&mut planned, row, images, &deleted)?;
        } else if !self.force {
            planned.status = Status::Invalid;
        }
        if planned.status == Status::Invalid {
            planned.problems = vec![left(std::slice::from_ref(&known.id), &known.job)];
            return Ok(planned);
        }
        self.delete_added(&mut planned, &known.row, &known.images, &now)?;
        if planned.status == Status::Pending {
            planned.before = Some(StoredCustomer::line_of(&now));
            remember_source(&mut planned, &known.id, self.ledger)?;
        } else {
            planned.action = Action::None;
        }
        Ok(planned)
    }

    /// Returns the rows that wrote the customer of a row, in source order, with their images.
    fn rows_of(
        &self,
        row: &JournalRow,
        images: &Images,
    ) -> Result<Vec<(JournalRow, Images)>, JobError> {
        let own = || vec![(row.clone(), images.clone())];
        let Some(rows) = row
            .customer
            .as_ref()
            .and_then(|id| self.original.shared.get(id))
        else {
            return Ok(own());
        };
        let mut all = Vec::new();
        for number in rows {
            let images = self.original.job.journal.images(*number)?;
            if let Some(row) = self.original.job.journal.row(*number)?
                && has_written(&row, &images)
            {
                all.push((row, images));
            }
        }
        Ok(if all.is_empty() { own() } else { all })
    }

    /// Decides to delete a customer that the job added, unless somebody has worked on it since.
    fn delete_added(
        &self,
        planned: &mut PlannedRow,
        row: &JournalRow,
        images: &Images,
        now: &Map<String, Json>,
    ) -> Result<(), JobError> {
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        let rows = self.rows_of(row, images)?;
        let after = rows.last().and_then(|(_, images)| images.after.as_ref());
        let is_adopted = row
            .problems
            .iter()
            .any(|problem| problem.code == Code::Adopted);
        let held = if row.is_merged() {
            // Ferry never made this customer, so not even `--force` deletes it.
            let mut problems = row.problems.iter();
            problems.find(|problem| problem.code.is_merge()).cloned()
        } else if let Some(older) = self.older(row, now) {
            Some(older)
        } else if self.force {
            None
        } else if is_adopted {
            Some(Problem::new(Code::AdoptedLeft).with("id", id))
        } else {
            let schema = &self.original.job.spec.schema;
            let digest_then = rows.last().and_then(|(row, _)| row.digest);
            match (StoredCustomer::of_image(after)?, digest_then) {
                (Some(after), _) => changed_since(&after, now, id, (schema, self.owners)),
                (None, Some(then)) if then == digest(now) => None,
                (None, then) => {
                    let is_ours = self.is_as_created(row, now)?;
                    self.changed_since_sent(&rows, now, id, is_ours)
                        // The digest differs, and nothing shows that the reply only lacked fields: somebody has changed
                        // the customer.
                        .or_else(|| {
                            let changed = then.filter(|_| !is_ours);
                            changed.map(|_| Problem::new(Code::ChangedSinceAdd).with("id", id))
                        })
                }
            }
        };
        if let Some(problem) = held {
            planned.status = Status::Invalid;
            planned.problems = vec![problem];
        } else {
            planned.status = Status::Pending;
            planned.action = Action::Delete;
        }
        Ok(())
    }

    /// Returns the problem of the first field that is not as the job left it, where the job's reply is not known. What
    /// was sent must be stored, and the update time must not say that the customer was edited.
    fn changed_since_sent(
        &self,
        rows: &[(JournalRow, Images)],
        now: &Map<String, Json>,
        id: &str,
        is_as_created: bool,
    ) -> Option<Problem> {
        let schema = &self.original.job.spec.schema;
        let changed = |field: Option<&Field>, key: &str, sent: &str, now: &Json| {
            Problem::new(Code::ChangedSinceAdd)
                .with("id", id)
                .with("field", field.map_or(key, |field| field.label.as_str()))
                .with("written", self.owners.said(field, sent.to_owned()))
                .with("now", self.owners.said(field, text_of(field, now)))
        };
        let null = Json::Null;
        let sent = rows.iter().filter_map(|(row, _)| row.record.as_ref());
        let differs = sent
            .flat_map(|record| &record.fields)
            .find_map(|(key, value)| {
                let field = schema.field(key.as_str());
                let now = now.get(key.as_str()).unwrap_or(&null);
                (!is_stored(value, now, field))
                    .then(|| changed(field, key.as_str(), &text_of(field, &to_json(value)), now))
            });
        let time = |key: &str| now.get(key).and_then(Json::as_str).unwrap_or_default();
        let was_edited = !time("updateTime").is_empty() && !is_as_created;
        differs.or_else(|| {
            was_edited.then(|| {
                let updated = now.get("updateTime").unwrap_or(&null);
                changed(
                    schema.field("updateTime"),
                    "updateTime",
                    time("createTime"),
                    updated,
                )
            })
        })
    }

    /// Returns what is said of a row for whose customer another row answers; `None` for any other.
    fn told_by(&self, row: &JournalRow) -> Result<Option<Problem>, JobError> {
        let Some(id) = &row.customer else {
            return Ok(None);
        };
        let first = self.leading_row(id)?;
        let other = first.filter(|first| *first != row.number);
        Ok(other.map(|first| {
            let with = self.original.job.spec.row_label(first);
            Problem::new(Code::UndoneWith).with("row", with)
        }))
    }

    /// Returns the row that answers for a customer that several rows wrote: the first that was not merged.
    fn leading_row(&self, id: &CustomerId) -> Result<Option<RowNumber>, JobError> {
        let Some(rows) = self.original.shared.get(id) else {
            return Ok(None);
        };
        for number in rows {
            let row = self.original.job.journal.row(*number)?;
            if row.is_some_and(|row| !row.is_merged()) {
                return Ok(Some(*number));
            }
        }
        Ok(rows.first().copied())
    }

    /// Returns the problem of a customer that was stored before its row's call left, or that has another name than was
    /// sent; `None` for any other. A reply need not have said so.
    fn older(&self, row: &JournalRow, now: &Map<String, Json>) -> Option<Problem> {
        let created = now.get("createTime").and_then(Json::as_str);
        let (sent_at, id) = (row.sent_at?, row.customer.as_ref()?);
        let ended_at = row.ended_at.unwrap_or(sent_at);
        let is_older = self.births.is_older(created, sent_at, ended_at);
        // The name counts only while the customer is as the reply had it: later, somebody may have renamed it.
        let is_as_answered = row.digest == Some(digest(now));
        let sent = row.record.as_ref().filter(|_| is_as_answered);
        let is_other = sent.is_some_and(|sent| has_other_name(sent, now));
        (is_older || is_other).then(|| {
            Problem::new(Code::MergedByServer)
                .with("id", id.as_str())
                .with("created", created.unwrap_or_default())
        })
    }

    /// Whether, by its update time, nobody has written a customer since it was created. Writes by which ferry made a
    /// witness (`reconcile/touch.rs`) do not count.
    fn is_as_created(&self, row: &JournalRow, now: &Map<String, Json>) -> Result<bool, JobError> {
        let time = |key: &str| now.get(key).and_then(Json::as_str).unwrap_or_default();
        if time("updateTime").is_empty() {
            return Ok(false);
        }
        if time("updateTime") == time("createTime") {
            return Ok(true);
        }
        let Some(id) = &row.customer else {
            return Ok(false);
        };
        let touch = self.ledger.touch_of(id)?;
        Ok(touch.is_some_and(|touch| touch.updated.as_deref() == Some(time("updateTime"))))
    }

    /// Decides to give a customer back what the job has changed, field by field. Fields that somebody has changed since
    /// are left alone.
    fn restore(
        &self,
        planned: &mut PlannedRow,
        row: &JournalRow,
        images: &Images,
        now: &Map<String, Json>,
    ) -> Result<(), JobError> {
        let id = row.customer.as_ref().map_or("", CustomerId::as_str);
        let Some(written) = self.written(&self.rows_of(row, images)?)? else {
            planned.status = Status::Invalid;
            planned.problems = vec![Problem::new(Code::NoImage)];
            return Ok(());
        };
        let schema = &self.original.job.spec.schema;
        let mut record = Record::default();
        for field in written {
            let config = schema.field(field.key.as_str());
            let stored = now.get(field.key.as_str()).cloned().unwrap_or_default();
            if is_same(&stored, &field.before) {
                continue;
            }
            let is_ours = is_same(&stored, &field.after) || is_stored(&field.sent, &stored, config);
            if is_ours || self.force {
                record.push(field.key.clone(), to_value(&field.before, config));
            } else {
                let label = config.map_or(field.key.as_str(), |config| config.label.as_str());
                planned.problems.push(
                    Problem::new(Code::LeftAlone)
                        .with("id", id)
                        .with("field", label)
                        .with(
                            "written",
                            self.owners.said(config, text_of(config, &field.after)),
                        )
                        .with("now", self.owners.said(config, text_of(config, &stored))),
                );
            }
        }
        if !record.is_empty() {
            if self.original.job.spec.api.update.requires_name {
                change::complete_name(&mut record, now);
            }
            planned.status = Status::Pending;
            planned.action = Action::Restore;
            planned.record = Some(record);
        } else if !planned.problems.is_empty() {
            planned.status = Status::Invalid;
        }
        Ok(())
    }

    /// Returns the fields that rows of one customer have written; `None` when it is not known what was stored before.
    fn written(
        &self,
        rows: &[(JournalRow, Images)],
    ) -> Result<Option<Vec<WrittenField>>, JobError> {
        let mut fields: Vec<WrittenField> = Vec::new();
        for (row, images) in rows {
            let before = StoredCustomer::of_image(images.before.as_ref())?;
            let after = StoredCustomer::of_image(images.after.as_ref())?.unwrap_or_default();
            let (Some(before), Some(record)) = (before, &row.record) else {
                return Ok(None);
            };
            let whole = match row.action {
                Action::Restore => record.clone(),
                _ => change::new_in(record, &before, self.original.schema_of(row)),
            };
            for (key, sent) in whole.fields {
                let of = |stored: &Map<String, Json>| stored.get(key.as_str()).cloned();
                let answered = of(&after).unwrap_or_else(|| {
                    if after.is_empty() {
                        to_json(&sent)
                    } else {
                        Json::Null
                    }
                });
                match fields.iter_mut().find(|known| known.key == key) {
                    Some(known) => {
                        known.after = answered;
                        known.sent = sent;
                    }
                    None => fields.push(WrittenField {
                        before: of(&before).unwrap_or_default(),
                        after: answered,
                        sent,
                        key,
                    }),
                }
            }
        }
        Ok(Some(fields))
    }

    /// Whether imports have added a row of this content since the job deleted it. If the job deleted several equal
    /// rows, as many are held back as were imported again.
    fn is_added_since(&self, row: &JournalRow) -> Result<bool, JobError> {
        let Some(known) = row.known else {
            return Ok(false);
        };
        let mut added_since = self.added_since.borrow_mut();
        let left = match added_since.entry(row.fingerprint) {
            Entry::Occupied(left) => left.into_mut(),
            Entry::Vacant(left) => {
                let deleted = self.original.deleted.get(&row.fingerprint);
                let stayed = known.imported - deleted.copied().unwrap_or(0);
                let this = &self.original.job.spec.id;
                let now = self.ledger.count_since(&row.fingerprint, this)?;
                left.insert((now - stayed).max(0))
            }
        };
        let is_added = *left > 0;
        *left -= i64::from(is_added);
        Ok(is_added)
    }

    /// Decides to add a customer again that the job deleted, with every field that can be written.
    fn add_again(
        &self,
        planned: &mut PlannedRow,
        row: &JournalRow,
        images: &Images,
    ) -> Result<(), JobError> {
        let Some(stored) = StoredCustomer::of_image(images.before.as_ref())? else {
            planned.status = Status::Invalid;
            planned.problems = vec![Problem::new(Code::NoImage)];
            return Ok(());
        };
        if !self.force && self.is_added_since(row)? {
            planned.status = Status::Invalid;
            planned.problems = vec![Problem::new(Code::AddedSince)];
            return Ok(());
        }
        let schema = &self.original.job.spec.schema;
        let mut record = Record::default();
        for (key, value) in stored.iter() {
            let field = schema.field(key);
            let is_writable =
                field.is_some_and(|field| !field.read_only && field.status == FieldStatus::Enabled);
            if is_writable && !SERVER_SET.contains(&key.as_str()) && !is_blank(value) {
                record.push(FieldKey::new(key), to_value(value, field));
            }
        }
        planned.customer = None;
        planned.status = Status::Pending;
        planned.action = Action::Add;
        planned.record = Some(list::alone(&record));
        planned.before.clone_from(&images.before);
        // By its origin the row is added once, however often the job is taken back.
        let own = || RowOrigin {
            job: self.original.job.spec.id.clone(),
            row: planned.number,
        };
        planned.origin = Some(row.origin.clone().unwrap_or_else(own));
        Ok(())
    }
}
