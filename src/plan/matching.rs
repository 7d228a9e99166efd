//! Recognises rows by a key: a row changes the one stored customer that has its key.
//!
//! A row is first judged as a new customer, because its keys are known only after that. Once a customer is found, the
//! row is judged anew as a change of that customer: nothing is required, defaults are left out, and cells that show
//! what is stored change nothing. The positions in a sheet's lists are not those of the customer's lists, so their
//! values are appended.

use crate::check::Intent;
use crate::job::error::JobError;
use crate::job::spec::OnMatch;
use crate::lookup::by_key::{KeyMatch, WantedKeys};
use crate::lookup::customers::Lookup;
use crate::mapping::Target;
use crate::model::{
    Code, CustomerId, EntryRole, Origin, PriorStatus, Problem, Record, Row, Slot, Status, Value,
};
use crate::plan::decide::Decider;
use crate::plan::judged::Judged;
use crate::stored::customer::{StoredCustomer, Unreadable};
use crate::stored::{change, key_form};

pub(crate) use crate::plan::judge::{Judge, Matching};

impl Judge {
    /// Finds the customers that have the keys of a batch's rows, and turns those rows into changes of them. A row whose
    /// key several customers have, or whose key could not be looked up, gets a problem.
    pub(crate) fn match_keys(
        &self,
        rows: &mut [Judged],
        lookup: &mut Lookup<'_>,
        decider: &Decider<'_>,
    ) -> Result<(), JobError> {
        let Some(matching) = &self.by_key else {
            return Ok(());
        };
        let has_key = |row: &Judged| {
            let values = key_form::values(&row.checked.record, &matching.keys, &self.schema);
            !values.is_empty()
        };
        let mut wanted = Vec::new();
        for (at, row) in rows.iter().enumerate() {
            if is_open(row) && has_key(row) && !decider.is_added_before(&row.draft)? {
                wanted.push(at);
            }
        }
        let records: Vec<WantedKeys<'_>> = wanted
            .iter()
            .filter_map(|at| rows.get(*at))
            .map(|row| WantedKeys {
                record: &row.checked.record,
            })
            .collect();
        let found = lookup.find_by_keys(&records)?;
        for (at, found) in wanted.into_iter().zip(found) {
            if let Some(row) = rows.get_mut(at) {
                self.take_match(row, found, matching)?;
            }
        }
        for row in rows.iter_mut().filter(|row| is_open(row)) {
            if matching.must_match && row.matched.is_none() && row.checked.problems.is_empty() {
                let unmatched = matching.problem(Code::KeyNotStored);
                row.checked
                    .problems
                    .push(self.at_key(unmatched, row, matching));
            }
        }
        Ok(())
    }

    fn take_match(
        &self,
        row: &mut Judged,
        found: KeyMatch,
        matching: &Matching,
    ) -> Result<(), Unreadable> {
        let problem = match found {
            KeyMatch::None => return Ok(()),
            KeyMatch::Several(ids) => {
                let ids: Vec<&str> = ids.iter().map(CustomerId::as_str).collect();
                matching
                    .problem(Code::AmbiguousKey)
                    .with("ids", ids.join(", "))
            }
            KeyMatch::Unread(problem) => problem,
            KeyMatch::One(id, _) if matching.on_match == OnMatch::Fail => {
                matching.problem(Code::KeyIsStored).with("id", id.as_str())
            }
            KeyMatch::One(id, _) if matching.on_match == OnMatch::Skip => {
                row.checked.problems.clear();
                row.matched = Some(id);
                return Ok(());
            }
            KeyMatch::One(id, line) => return self.judge_match(row, id, line, matching),
        };
        row.checked
            .problems
            .push(self.at_key(problem, row, matching));
        Ok(())
    }

    /// Judges a row anew, as a change of the customer that has its key.
    fn judge_match(
        &self,
        row: &mut Judged,
        id: CustomerId,
        line: String,
        matching: &Matching,
    ) -> Result<(), Unreadable> {
        let stored = StoredCustomer::parse(&line)?;
        row.whole = Some(row.checked.record.clone());
        let is_united = self.seen.is_some();
        if is_united {
            // The record comes from several rows, so it is mended here in place of being checked anew.
            row.checked
                .problems
                .retain(|problem| problem.code != Code::MissingRequired);
            let defaults = row.draft.parts.iter();
            let defaults = defaults.filter(|part| part.origin == Origin::Default);
            for part in defaults {
                if let Some(field) = self.schema.fields.get(part.field) {
                    row.checked
                        .record
                        .fields
                        .retain(|(key, _)| *key != field.key);
                }
            }
        } else {
            row.draft
                .parts
                .retain(|part| part.origin != Origin::Default);
            row.blank_cells = self.blank_cells(&row.draft, &stored);
            change::drop_same_cells(&mut row.draft, &stored, &matching.schema);
            row.checked = self.checker.check(&row.draft, Intent::Update);
        }
        append_lists(&mut row.checked.record);
        row.keeps_owner = matching.on_match != OnMatch::Fill
            && change::keeps_owner(&row.checked.record, &stored, &self.schema);
        change::reduce(
            &mut row.draft,
            &mut row.checked,
            &stored,
            &matching.schema,
            self.requires_name,
        );
        row.before = Some(line);
        row.matched = Some(id);
        Ok(())
    }

    /// Returns the whole update of a row, compared with nothing. It is needed where a row above writes the same
    /// customer. `None` where rows are united.
    pub(crate) fn whole_update(&self, row: &Row, is_matched: bool) -> Option<Record> {
        if self.seen.is_some() {
            return None;
        }
        let mut draft = self.draft(row)?;
        draft.parts.retain(|part| part.origin != Origin::Default);
        let mut record = self.checker.check(&draft, Intent::Update).record;
        if is_matched {
            append_lists(&mut record);
        }
        Some(record)
    }

    /// Returns the problem, placed at the column of the first key.
    fn at_key(&self, problem: Problem, row: &Judged, matching: &Matching) -> Problem {
        let field = matching.keys.first().and_then(|key| key.fields.first());
        let sheet = self.sheets.get(usize::from(row.draft.number.sheet));
        let mut columns = sheet.into_iter().flat_map(|sheet| &sheet.columns.columns);
        let column = columns.find(|column| {
            let place = column.target.place();
            place.is_some_and(|(key, slot)| {
                Some(key) == field && matches!(slot, Slot::Whole | Slot::Value(_))
            }) && column.target != Target::Id
        });
        match column {
            Some(column) => problem.at(column.column),
            None => problem,
        }
    }
}

/// Whether a row may become a change of the customer that has its key. It may if it has no other problem than one that
/// only a new customer would have, and if no result sheet says that it is done or in doubt.
fn is_open(row: &Judged) -> bool {
    let is_answered = row.draft.prior.as_ref().is_some_and(|prior| {
        let status = match &prior.status {
            PriorStatus::Said(status) => Some(*status),
            PriorStatus::Cleared => None,
            PriorStatus::Missing | PriorStatus::Unreadable(..) => Some(Status::Unknown),
        };
        matches!(
            status,
            Some(Status::Ok | Status::Unchanged | Status::Skipped | Status::Unknown)
        )
    });
    let is_right = row
        .checked
        .problems
        .iter()
        .all(|problem| matches!(problem.code, Code::MissingRequired | Code::NothingToUpdate));
    row.draft.id.is_none() && row.draft.merged_into.is_none() && !is_answered && is_right
}

/// Makes the list values of a record further ones: positions of the sheet are not positions of the stored customer.
fn append_lists(record: &mut Record) {
    for (_, value) in &mut record.fields {
        if let Value::Entries(entries) = value {
            for entry in entries {
                if entry.role == EntryRole::Place {
                    entry.role = EntryRole::Append;
                }
            }
        }
    }
}
