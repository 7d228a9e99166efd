//! A witness that can always be had: a customer that ferry added is written again with the values it has.
//!
//! Nobody found proves an absence only if the search is seen to show what was written later than the attempt in doubt. A
//! later add shows that. When every row of a job is in doubt, or the last one is, none comes. Then:
//!
//! 1. A customer is chosen that this job added, else the latest other job of the account, and whose search speaks for the
//!    row's: the same fields, values as rich. One that was adopted comes last, one that the CRM has merged never.
//! 2. It is read. It must be just as the reply to its add had it; somebody else's work is not touched.
//! 3. The ledger notes the write before it leaves, so that an undo knows the update time as ours.
//! 4. One plain text field that was sent is sent once more, with the value that was just read.
//! 5. It is read again: nothing but the update time may differ, and that must be a new one. The search must come to show
//!    the customer with it, within `settle`.
//!
//! From then on the search shows what was written after the attempt. A server that keeps the update time of an unchanged
//! customer, or whose search never shows the new one, is no witness, and the row stays `unknown`.

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

/// Customers that are written at most, to see whether the search shows it.
const TOUCHES: usize = 3;
/// Customers that are read at most until one is as ferry left it.
const CANDIDATES: usize = 10;
/// Between the last write of a customer and the next, so that its update time, which counts seconds, is a new one.
const APART: Duration = Duration::from_millis(1100);
/// Between two looks whether the search shows a write; doubled each time.
const FIRST_LOOK: Duration = Duration::from_millis(250);

/// Writes customers again that ferry has added.
pub(crate) struct Toucher<'a> {
    pub(crate) spec: &'a JobSpec,
    pub(crate) ledger: &'a Ledger,
    pub(crate) context: &'a Context,
    pub(crate) timing: Timing,
    /// How many customers may still be written, and read to see whether they may be.
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

    /// Writes a customer again whose search speaks for some of these; true when the search shows the write.
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
                    // It was sent in this run, whoever added it.
                    witness.is_own = true;
                }
                // Witnesses are looked for from the last on.
                if let Some(newer) = added.get_mut(..=place) {
                    newer.rotate_right(1);
                }
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a customer that was written again speaks for a search already.
    fn is_touched_for(&self, wanted: &SearchTerm, added: &[Added]) -> bool {
        let mut touched = added.iter().filter(|added| added.touched.is_some());
        touched.any(|added| {
            let record = added.row.record.as_ref();
            let own = record.map(|record| search_terms(record, self.spec));
            own.is_some_and(|own| own.iter().any(|term| term.speaks_for(wanted)))
        })
    }

    /// Adds whose search speaks for some of these, those that speak for most first.
    fn places_for(&self, wanted: &[SearchTerm], added: &[Added]) -> Vec<usize> {
        let mut ranked: Vec<(bool, usize, usize)> = Vec::new();
        for (place, added) in added.iter().enumerate() {
            let record = added.row.record.as_ref();
            let Some(record) = record.filter(|_| added.touched.is_none()) else {
                continue;
            };
            // Whoever was found after a lost reply comes last: that ferry has added it rests on a proof of this kind.
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

    /// A customer that is as the add of this row has left it, and says when it was written.
    fn untouched(
        &mut self,
        id: &CustomerId,
        row: &JournalRow,
    ) -> Result<Option<Customer>, LookError> {
        let found = self.context.crm.find(id);
        let Some(customer) = self.answered(found)? else {
            return Ok(None);
        };
        let updated = update_time(&customer);
        if updated.is_empty() {
            return Ok(None);
        }
        if row.digest == Some(value::digest(&customer.fields)) {
            return Ok(Some(customer));
        }
        // A reply may lack fields that a look has.
        let ours = self.ledger.touch_of(id)?.and_then(|touch| touch.updated);
        let is_as_created = !customer.edited || ours.as_ref() == Some(&updated);
        let record = row.record.clone().unwrap_or_default();
        let schema = &self.spec.schema;
        let is_ours = is_as_created
            && value::equals(&record, &customer.fields, schema)
            && value::adds_nothing(&record, &customer.fields, schema);
        Ok(Some(customer).filter(|_| is_ours))
    }

    /// Reads a customer, writes it with a value that it has, and reads it again; `None` where that cannot be, or brings no
    /// new update time.
    fn write_again(
        &mut self,
        job: &JobId,
        id: &CustomerId,
        row: &JournalRow,
        field: &Field,
    ) -> Result<Option<Touched>, LookError> {
        // Before it is read: between the look and the write nobody is to have time for a change.
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
        if self.answered(written)?.is_none() {
            return Ok(None);
        }
        let ended_at = jiff::Timestamp::now().as_millisecond();
        let found = self.context.crm.find(id);
        let Some(after) = self.answered(found)? else {
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

    /// What a call has brought; `None` where another customer may fare better, or where the account may not do this.
    fn answered(
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

    /// Waits until the search shows a write, at most `settle`.
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

/// A plain text that was sent: writing it again changes nothing, in whatever form a server keeps lists and choices. The
/// name before others, since some servers demand it of every update.
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
