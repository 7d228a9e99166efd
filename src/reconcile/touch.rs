//! Makes a witness where none is left: writes a customer that ferry added once more, with the value that it has.
//!
//! What would go wrong without it, in order:
//!
//! 1. Every row of a job is in doubt, or the last one is.
//! 2. No add comes after the attempt in doubt, so the search is not seen to show what was written later than it.
//! 3. Finding nobody proves nothing. The row stays `unknown` for ever, although the CRM is well.
//!
//! So a later write is made, in these steps:
//!
//! 1. Choose a customer that this job added, else one of the latest other jobs of the account. Its search must speak
//!    for the row's: the same field, and every feature of the value. A customer that was adopted comes last; one that
//!    the CRM has merged is never taken.
//! 2. Read the customer. It must be as its add left it: a colleague's work is not touched.
//! 3. Note the write in the ledger before it leaves, so that an undo knows the new update time as ferry's own.
//! 4. Send one plain text field that was sent before, with the value that was just read.
//! 5. Read the customer again. Nothing but the update time may differ, and the update time must be a new one.
//! 6. Wait until the search shows the new update time, at most `settle`.
//!
//! From then on the search is known to show what was written after the attempt in doubt. A server that keeps the update
//! time of an unchanged customer, or whose search never shows the new one, gives no witness: the row stays `unknown`.

use std::time::Duration;

use crate::crm::{CallError, Class};
use crate::job::context::Context;
use crate::job::options::Timing;
use crate::job::spec::JobSpec;
use crate::journal::{JournalRow, Ledger};
use crate::model::{
    Code, Customer, CustomerId, Field, JobId, Kind, Monitor, Problem, Record, Value,
};
use crate::reconcile::error::LookError;
use crate::reconcile::search::{Hits, SearchTerm, search, search_terms};
use crate::reconcile::witness::{Added, Touched, update_time};
use crate::stored::value;
use crate::stored::value::plain_text;

/// Customers that are written at most.
const TOUCHES: usize = 3;
/// Customers that are read at most, until one is as ferry left it.
const CANDIDATES: usize = 10;
/// How long to wait before a customer is written, so that its update time, which counts seconds, becomes a new one.
const APART: Duration = Duration::from_millis(1100);
/// The first pause between two searches for a write; doubled each time.
const FIRST_LOOK: Duration = Duration::from_millis(250);

/// Writes customers again that ferry has added, at most [`TOUCHES`] of them.
pub(crate) struct Toucher<'a> {
    pub(crate) spec: &'a JobSpec,
    pub(crate) ledger: &'a Ledger,
    pub(crate) context: &'a Context,
    pub(crate) timing: Timing,
    /// How many customers may still be written.
    touches_left: usize,
    candidates_left: usize,
}

impl<'a> Toucher<'a> {
    pub fn new(
        spec: &'a JobSpec,
        ledger: &'a Ledger,
        context: &'a Context,
        timing: Timing,
    ) -> Self {
        Self {
            spec,
            ledger,
            context,
            timing,
            touches_left: if timing.may_touch { TOUCHES } else { 0 },
            candidates_left: CANDIDATES,
        }
    }

    /// Writes a customer again whose search speaks for some of the `wanted` terms. Returns true when the search shows
    /// the write; the customer then stands first in `added`, as a witness.
    pub(crate) fn touch_for(
        &mut self,
        wanted: &[SearchTerm],
        added: &mut [Added],
    ) -> Result<bool, LookError> {
        let wanted: Vec<SearchTerm> = wanted
            .iter()
            .filter(|term| !self.is_touched_for(term, added))
            .cloned()
            .collect();
        for place in self.places_for(&wanted, added) {
            if self.touches_left == 0 || self.candidates_left == 0 {
                break;
            }
            let Some(candidate) = added.get(place) else {
                continue;
            };
            let Added { job, row, .. } = candidate.clone();
            let (Some(id), Some(field)) = (&row.customer, writable(&row, self.spec)) else {
                continue;
            };
            self.candidates_left -= 1;
            let Some(touched) = self.write_again(&job, id, &row, field)? else {
                continue;
            };
            if self.is_shown(&row, &wanted, &touched)? {
                if let Some(witness) = added.get_mut(place) {
                    witness.touched = Some(touched);
                    // The write is one of this run, whichever job added the customer.
                    witness.is_own = true;
                }
                // Witnesses are looked for from the latest write on.
                if let Some(newer) = added.get_mut(..=place) {
                    newer.rotate_right(1);
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a customer that was written again already speaks for a search.
    fn is_touched_for(&self, wanted: &SearchTerm, added: &[Added]) -> bool {
        let mut touched = added.iter().filter(|added| added.touched.is_some());
        touched.any(|added| {
            let record = added.row.record.as_ref();
            let own = record.map(|record| search_terms(record, self.spec));
            own.is_some_and(|own| own.iter().any(|term| term.speaks_for(wanted)))
        })
    }

    /// Returns the places in `added` of customers whose search speaks for some of the `wanted` terms, those that speak
    /// for most terms first.
    fn places_for(&self, wanted: &[SearchTerm], added: &[Added]) -> Vec<usize> {
        let mut ranked: Vec<(bool, usize, usize)> = Vec::new();
        for (place, added) in added.iter().enumerate() {
            let record = added.row.record.as_ref();
            let Some(record) = record.filter(|_| added.touched.is_none()) else {
                continue;
            };
            // A customer that was adopted comes last: that ferry has added it rests on such a search.
            let is_adopted = |problem: &Problem| problem.code == Code::Adopted;
            let is_adopted = added.row.problems.iter().any(is_adopted);
            let own = search_terms(record, self.spec);
            let speaks = |wanted: &SearchTerm| own.iter().any(|term| term.speaks_for(wanted));
            let spoken_for = wanted.iter().filter(|wanted| speaks(wanted)).count();
            if spoken_for > 0 {
                ranked.push((is_adopted, wanted.len() - spoken_for, place));
            }
        }
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, _, place)| place).collect()
    }

    /// Reads the customer of a row. `None` unless it is as the row's add left it and has an update time.
    fn untouched(
        &mut self,
        id: &CustomerId,
        row: &JournalRow,
    ) -> Result<Option<Customer>, LookError> {
        let found = self.context.crm.find(id);
        let Some(customer) = self.outcome_of(found)? else {
            return Ok(None);
        };
        let updated = update_time(&customer);
        if updated.is_empty() {
            return Ok(None);
        }
        if row.digest == Some(value::digest(&customer.fields)) {
            return Ok(Some(customer));
        }
        // The reply to an add may lack fields that a later read has. Then what was sent is compared.
        let ours = self.ledger.touch_of(id)?.and_then(|touch| touch.updated);
        let is_as_created = !customer.edited || ours.as_ref() == Some(&updated);
        let record = row.record.clone().unwrap_or_default();
        let schema = &self.spec.schema;
        let is_ours = is_as_created
            && value::equals(&record, &customer.fields, schema)
            && value::adds_nothing(&record, &customer.fields, schema);
        Ok(Some(customer).filter(|_| is_ours))
    }

    /// Reads a customer, writes one field with the value that it has, and reads it again. `None` where a call is
    /// refused, the customer is not as ferry left it, or the update time is not a new one.
    fn write_again(
        &mut self,
        job: &JobId,
        id: &CustomerId,
        row: &JournalRow,
        field: &Field,
    ) -> Result<Option<Touched>, LookError> {
        // The wait comes before the read, so that nobody has time for a change between the read and the write.
        if !self.context.clock.sleep(APART, &self.context.stop) {
            return Ok(None);
        }
        let Some(before) = self.untouched(id, row)? else {
            return Ok(None);
        };
        let value = before.fields.get(field.key.as_str()).map(plain_text);
        let Some(value) = value.filter(|value| !value.is_empty()) else {
            return Ok(None);
        };
        self.touches_left -= 1;
        let touching = Problem::new(Code::Touching)
            .with("id", id.as_str())
            .with("job", job.as_str())
            .with("field", &field.label);
        self.context.monitor.notice(&touching);
        let sent_at = jiff::Timestamp::now().as_millisecond();
        self.ledger.touch(id, sent_at)?;
        let mut record = Record::default();
        record.push(field.key.clone(), Value::Text(value));
        let written = self.context.crm.update(id, &record);
        if self.outcome_of(written)?.is_none() {
            return Ok(None);
        }
        let ended_at = jiff::Timestamp::now().as_millisecond();
        let found = self.context.crm.find(id);
        let Some(after) = self.outcome_of(found)? else {
            return Ok(None);
        };
        if value::digest(&after.fields) != value::digest(&before.fields) {
            self.touches_left = 0;
            let changed = Problem::new(Code::TouchChanged).with("id", id.as_str());
            self.context.monitor.notice(&changed);
            return Ok(None);
        }
        let updated = update_time(&after);
        self.ledger.touched(id, &updated)?;
        let touched = Touched {
            sent_at,
            ended_at,
            updated,
        };
        Ok(Some(touched).filter(|touched| touched.updated != update_time(&before)))
    }

    /// Returns the customer that a call brought. `None` for an error that another customer may not have; where the
    /// account lacks the permission, no other customer is tried.
    fn outcome_of(
        &mut self,
        answer: Result<Customer, CallError>,
    ) -> Result<Option<Customer>, LookError> {
        match answer {
            Ok(customer) => Ok(Some(customer)),
            Err(error) if error.class == Class::NoPermission => {
                self.touches_left = 0;
                Ok(None)
            }
            Err(error) if matches!(error.class, Class::Refused | Class::Gone | Class::Unknown) => {
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Searches until the write is shown, for at most `settle`. Returns whether it is.
    fn is_shown(
        &self,
        row: &JournalRow,
        wanted: &[SearchTerm],
        touched: &Touched,
    ) -> Result<bool, LookError> {
        let Some(record) = &row.record else {
            return Ok(false);
        };
        let own = search_terms(record, self.spec);
        let speaks = |term: &&SearchTerm| wanted.iter().any(|wanted| term.speaks_for(wanted));
        let Some(term) = own.iter().find(speaks) else {
            return Ok(false);
        };
        let clock = &self.context.clock;
        let ends = clock.now() + self.timing.settle;
        let mut pause = FIRST_LOOK;
        loop {
            if let Hits::All(hits) = search(term, self.context)?
                && hits
                    .iter()
                    .any(|hit| Some(&hit.id) == row.customer.as_ref() && touched.is_shown_by(hit))
            {
                return Ok(true);
            }
            if clock.now() >= ends || !clock.sleep(pause, &self.context.stop) {
                return Ok(false);
            }
            pause *= 2;
        }
    }
}

/// Returns the field to write again: a plain text that the row sent, because servers keep lists and choices in other
/// forms than they are sent. The name is preferred, because some servers require it in every update.
fn writable<'s>(row: &JournalRow, spec: &'s JobSpec) -> Option<&'s Field> {
    let fields = row.record.as_ref()?.fields.iter();
    let texts: Vec<&Field> = fields
        .filter(|(_, value)| matches!(value, Value::Text(_)))
        .filter_map(|(key, _)| spec.schema.field(key.as_str()))
        .filter(|field| field.kind == Kind::Text)
        .collect();
    let name = texts.iter().find(|field| field.required);
    name.or(texts.first()).copied()
}
