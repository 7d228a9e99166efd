//! Finds values that stand in a file twice although they may stand there once only: an `_id`, and the values of
//! `--key`.
//!
//! The later row is the wrong one, even where the earlier row is wrong for another reason: which of the two is meant is
//! for a person to say. The values seen so far are in a journal, so memory does not grow with rows. Rows that are
//! united into one customer (`source/merge.rs`) share their values on purpose; only the row that carries the record is
//! checked.

use crate::check::Checked;
use crate::job::error::JobError;
use crate::job::spec;
use crate::job::spec::{BlankKey, Mode, SheetPlan};
use crate::journal::Journal;
use crate::mapping::Target;
use crate::model::{Code, CustomerId, Draft, Key, Problem, Record, RowNumber, Schema, Slot};
use crate::source::keys;
use crate::stored::key_form;

/// The rules of one file about what may stand in it once only.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Once<'a> {
    pub sheets: &'a [SheetPlan],
    pub schema: &'a Schema,
    pub keys: &'a [Key],
    pub blank_key: BlankKey,
    pub mode: Mode,
}

impl Once<'_> {
    /// Returns the problems of a row whose `_id` or keys a row above has as well, or whose keys are blank, and notes
    /// the row's values. A row that is united with one above has none.
    pub(crate) fn problems(
        &self,
        draft: &Draft,
        checked: &Checked,
        journal: &mut Journal,
    ) -> Result<Vec<Problem>, JobError> {
        let unites = self
            .sheets
            .get(usize::from(draft.number.sheet))
            .is_some_and(|sheet| !sheet.columns.merge.is_empty());
        if draft.merged_into.is_some() || (unites && !checked.problems.is_empty()) {
            return Ok(Vec::new());
        }
        let by_key = self.of_key(&checked.record, draft.number, journal)?;
        let is_update = self.mode != Mode::Add;
        if let Some(id) = draft.id.as_ref().filter(|_| is_update) {
            return Ok(self.of_id(id, draft.number, journal)?.into_iter().collect());
        }
        // A key whose own cell is wrong has a problem already and is not blank.
        let is_said = |problem: &Problem| {
            let same = |other: &Problem| other.column.is_some() && other.column == problem.column;
            problem.code == Code::BlankKey && checked.problems.iter().any(same)
        };
        Ok(by_key
            .into_iter()
            .filter(|problem| !is_said(problem))
            .collect())
    }

    /// Notes the `_id` of a row. Returns a problem if a row above has it.
    pub(crate) fn of_id(
        &self,
        id: &CustomerId,
        number: RowNumber,
        journal: &mut Journal,
    ) -> Result<Option<Problem>, JobError> {
        let earlier = journal.see(&format!("_id {id}"), number)?;
        Ok(earlier.map(|earlier| {
            let twice = Problem::new(Code::DuplicateId)
                .with("value", id.as_str())
                .with("row", spec::row_label(self.sheets, earlier));
            self.problem_at(twice, number, |target| *target == Target::Id)
        }))
    }

    /// Returns a problem if all keys of a row are blank (unless blank keys are allowed), or if a row above has the same
    /// value. Otherwise notes the row's values, whatever becomes of the row.
    pub(crate) fn of_key(
        &self,
        record: &Record,
        number: RowNumber,
        journal: &mut Journal,
    ) -> Result<Option<Problem>, JobError> {
        let Some(field) = self.keys.first().and_then(|key| key.fields.first()) else {
            return Ok(None);
        };
        let at_key = |problem| {
            self.problem_at(problem, number, |target| {
                let is_value = |slot| matches!(slot, Slot::Whole | Slot::Value(_));
                target
                    .place()
                    .is_some_and(|(key, slot)| key == field && is_value(slot))
            })
        };
        let values = key_form::values(record, self.keys, self.schema);
        if values.is_empty() {
            let blank =
                Problem::new(Code::BlankKey).with("field", keys::labels(self.keys, self.schema));
            return Ok(Some(at_key(blank)).filter(|_| self.blank_key == BlankKey::Invalid));
        }
        for value in &values {
            if let Some(earlier) = journal.seen(value)? {
                let mut parts = value.split('\u{1f}');
                let position = parts.next().and_then(|text| text.parse::<usize>().ok());
                let key = position.and_then(|position| self.keys.get(position));
                let label = keys::labels(key.map_or(&[], std::slice::from_ref), self.schema);
                let twice = Problem::new(Code::DuplicateKey)
                    .with("field", label)
                    .with("value", parts.collect::<Vec<_>>().join(" + "))
                    .with("row", spec::row_label(self.sheets, earlier));
                return Ok(Some(at_key(twice)));
            }
        }
        for value in &values {
            journal.see(value, number)?;
        }
        Ok(None)
    }

    /// Returns the problem, placed at the first column that `is_meant` picks.
    fn problem_at(
        &self,
        problem: Problem,
        number: RowNumber,
        is_meant: impl Fn(&Target) -> bool,
    ) -> Problem {
        let sheet = self.sheets.get(usize::from(number.sheet));
        let mut columns = sheet.into_iter().flat_map(|sheet| &sheet.columns.columns);
        match columns.find(|column| is_meant(&column.target)) {
            Some(column) => problem.at(column.column),
            None => problem,
        }
    }
}
