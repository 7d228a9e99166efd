//! Finds stored customers by the values of keys: in the list that is on the disk, or by searches.
//!
//! Both ways give the same answer. A search compares exactly, so a phone number is searched in all the forms in which
//! it may be written, and every hit is compared here, in its normal form. The first key under which a customer is found
//! decides.

use std::path::Path;

use crate::crm::{CallError, Class, Condition, Query, problem_of};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::KeyIndex;
use crate::lookup::customers::{INDEX, Lookup};
use crate::lookup::find_all::each;
use crate::lookup::spooled::for_each_line;
use crate::model::{Code, CustomerId, Problem, Record};
use crate::stored::customer::{StoredCustomer, Unreadable};
use crate::stored::key_form;

/// Pages of hits of one search that are read at most. A value that more customers share is no key.
const MOST_PAGES: u32 = 20;

/// A row that is looked up by its keys.
#[derive(Debug, Clone, Copy)]
pub(crate) struct WantedKeys<'r> {
    /// The row's values as they would be sent.
    pub record: &'r Record,
}

/// Which customers have a row's key.
#[derive(Debug, Clone)]
pub(crate) enum KeyMatch {
    /// No customer has it.
    None,
    /// One customer has it: its `_id` and its JSON.
    One(CustomerId, String),
    /// Several customers have it, so it is not known which is meant.
    Several(Vec<CustomerId>),
    /// The look-up failed for this row alone, or found too many customers.
    Unread(Problem),
}

impl Lookup<'_> {
    /// Returns which customers have the keys of these rows, in their order. Where the list on the disk lacks many of
    /// them and is not proven complete, it is read further if that takes fewer calls than searches.
    pub(crate) fn find_by_keys(
        &mut self,
        wanted: &[WantedKeys<'_>],
    ) -> Result<Vec<KeyMatch>, JobError> {
        let mut answers: Vec<Option<KeyMatch>> = Vec::new();
        answers.resize_with(wanted.len(), || None);
        if self.index.is_some() {
            self.find_in_list(wanted, &mut answers)?;
            let missing = answers.iter().filter(|answer| answer.is_none()).count() as u64;
            // The share of rows that are missing in this batch is expected of the rows to come.
            let expected = missing * self.keyed_rows / (wanted.len() as u64).max(1);
            if missing > 0 && !self.is_complete && expected * self.searches() > self.pages {
                self.read_on()?;
                self.find_in_list(wanted, &mut answers)?;
            }
        }
        self.keyed_rows = self.keyed_rows.saturating_sub(wanted.len() as u64);
        if !self.is_complete {
            self.search_missing(wanted, &mut answers)?;
        }
        Ok(answers
            .into_iter()
            .map(|answer| answer.unwrap_or(KeyMatch::None))
            .collect())
    }

    /// Answers the rows whose customer the list on the disk has.
    fn find_in_list(
        &mut self,
        wanted: &[WantedKeys<'_>],
        answers: &mut [Option<KeyMatch>],
    ) -> Result<(), JobError> {
        for (row, answer) in wanted.iter().zip(answers) {
            if answer.is_none() {
                *answer = self.one_in_list(*row)?;
            }
        }
        Ok(())
    }

    fn one_in_list(&mut self, wanted: WantedKeys<'_>) -> Result<Option<KeyMatch>, JobError> {
        let Some(index) = &self.index else {
            return Ok(None);
        };
        let by_key = key_form::values_by_key(wanted.record, &self.spec.keys, &self.spec.schema);
        for (_, values) in by_key {
            let mut ids: Vec<CustomerId> = Vec::new();
            for value in values {
                ids.extend(index.find(&value)?);
            }
            ids.sort();
            ids.dedup();
            match ids.as_slice() {
                [] => {}
                [id] => {
                    let id = id.clone();
                    let line = self.in_list(&id)?;
                    return Ok(line.map(|line| KeyMatch::One(id, line)));
                }
                _ => return Ok(Some(KeyMatch::Several(ids))),
            }
        }
        Ok(None)
    }

    /// Searches for the rows that have no answer yet. Where the server refuses to search a field, the whole list is
    /// read.
    fn search_missing(
        &mut self,
        wanted: &[WantedKeys<'_>],
        answers: &mut [Option<KeyMatch>],
    ) -> Result<(), JobError> {
        let missing: Vec<usize> = answers
            .iter()
            .enumerate()
            .filter(|(_, answer)| answer.is_none())
            .map(|(at, _)| at)
            .collect();
        let searcher = Searcher::new(self.spec, self.context);
        let search = |at: &usize| {
            let Some(row) = wanted.get(*at) else {
                return Ok((*at, KeyMatch::None));
            };
            match searcher.search(*row) {
                Ok(found) => Ok((*at, found)),
                Err(error) if error.class == Class::Refused => Ok((
                    *at,
                    KeyMatch::Unread(problem_of(Code::SearchRefused, &error)),
                )),
                Err(error) if error.class == Class::Unknown => {
                    Ok((*at, KeyMatch::Unread(problem_of(Code::NotRead, &error))))
                }
                Err(error) => Err(error),
            }
        };
        let (found, failure) = each(&missing, self.concurrency, self.context, search);
        if self.context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
        let is_refused = |found: &KeyMatch| matches!(found, KeyMatch::Unread(why) if why.code == Code::SearchRefused);
        let refused = found.iter().any(|(_, found)| is_refused(found));
        self.search_refused |= refused;
        if refused && self.index.is_none() {
            self.read_on()?;
        }
        for (at, mut found) in found {
            let (Some(answer), Some(row)) = (answers.get_mut(at), wanted.get(at)) else {
                continue;
            };
            if is_refused(&found) {
                found = match self.one_in_list(*row)? {
                    Some(listed) => listed,
                    None if self.is_complete => KeyMatch::None,
                    None => found,
                };
            }
            *answer = Some(found);
        }
        Ok(())
    }

    /// Indexes all customers of the list by their keys, on the disk.
    pub(crate) fn fill_index(&mut self) -> Result<(), JobError> {
        // The old index is closed first: both are the same file.
        self.index = None;
        let (keys, schema) = (&self.spec.keys, &self.spec.schema);
        let values = |stored: &StoredCustomer| key_form::stored_values(stored, keys, schema);
        self.index = Some(self.index_by(&self.scratch.join(INDEX), values)?);
        Ok(())
    }

    /// Makes an index file of all customers of the list, by the `values` of each. Fails when a page cannot be read
    /// back.
    pub(crate) fn index_by(
        &self,
        path: &Path,
        values: impl Fn(&StoredCustomer) -> Vec<String> + Sync,
    ) -> Result<KeyIndex, JobError> {
        let mut index = KeyIndex::create(path)?;
        let Some(spool) = &self.spool else {
            return Ok(index);
        };
        let keyed = |line: &str| {
            let stored = StoredCustomer::parse(line)?;
            let id = stored.id().ok_or_else(Unreadable::without_id)?;
            Ok((id, values(&stored)))
        };
        for_each_line(spool, &self.context.stop, keyed, |customers| {
            Ok(index.add(&customers)?)
        })?;
        Ok(index)
    }
}

/// Searches for the customers that have a row's keys, from any thread.
#[derive(Clone, Copy)]
pub(crate) struct Searcher<'a> {
    spec: &'a JobSpec,
    context: &'a Context,
    page_size: u32,
}

impl<'a> Searcher<'a> {
    /// Makes a searcher for the rows of a job.
    pub(crate) fn new(spec: &'a JobSpec, context: &'a Context) -> Self {
        Self {
            spec,
            context,
            page_size: spec.api.list.page_size,
        }
    }

    /// Searches for the customers that have a row's keys, one search for each form of each value.
    pub(crate) fn search(&self, wanted: WantedKeys<'_>) -> Result<KeyMatch, CallError> {
        let (spec, record) = (self.spec, wanted.record);
        for (position, values) in key_form::values_by_key(record, &spec.keys, &spec.schema) {
            let Some(key) = spec.keys.get(position) else {
                continue;
            };
            let Some(field) = key_form::searched(key, &spec.schema) else {
                let unsearchable = Problem::new(Code::Unsearchable);
                return Ok(KeyMatch::Unread(unsearchable));
            };
            let mut found: Vec<(CustomerId, String)> = Vec::new();
            for text in key_form::key_texts(record.get(field.key.as_str())) {
                for form in key_form::forms(text, field.kind) {
                    let condition = Condition::Equals {
                        field: field.key.as_str().to_owned(),
                        value: form,
                    };
                    if !self.hits(&condition, &values, &mut found)? {
                        let many = Problem::new(Code::ManyShareValue).with("field", &field.label);
                        return Ok(KeyMatch::Unread(many.with("value", text)));
                    }
                }
            }
            match found.len() {
                0 => {}
                1 => {
                    let one = found.pop().map(|(id, line)| KeyMatch::One(id, line));
                    return Ok(one.unwrap_or(KeyMatch::None));
                }
                _ => {
                    let mut ids: Vec<CustomerId> = found.into_iter().map(|(id, _)| id).collect();
                    ids.sort();
                    return Ok(KeyMatch::Several(ids));
                }
            }
        }
        Ok(KeyMatch::None)
    }

    /// Adds to `found` the hits of a search that have one of the values. Returns false when there are too many hits to
    /// read.
    fn hits(
        &self,
        condition: &Condition,
        values: &[String],
        found: &mut Vec<(CustomerId, String)>,
    ) -> Result<bool, CallError> {
        let mut read = 0;
        for page in 1..=MOST_PAGES {
            let hits = self.context.crm.list(&Query {
                page,
                limit: self.page_size,
                condition: Some(condition.clone()),
            })?;
            read += hits.customers.len() as u64;
            let is_last = hits.customers.is_empty() || read >= hits.count;
            for hit in hits.customers {
                let its = key_form::stored_values(&hit.fields, &self.spec.keys, &self.spec.schema);
                let is_meant = its.iter().any(|value| values.contains(value));
                if is_meant && !found.iter().any(|(id, _)| *id == hit.id) {
                    let line = StoredCustomer::line_of(&hit.fields);
                    found.push((hit.id, line));
                }
            }
            if is_last {
                return Ok(true);
            }
        }
        Ok(false)
    }
}
