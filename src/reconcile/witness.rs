//! Finds witnesses: customers that ferry wrote later than the attempt in doubt, and that the search shows as they were
//! sent.
//!
//! What would go wrong without them, in order:
//!
//! 1. An add is stored, and its reply is lost.
//! 2. The search does not show the customer yet, or not under this value.
//! 3. *Not found* is taken for *not stored*, and the row is sent again: the customer is stored twice.
//!
//! A witness is an add of this job, or of the account's latest other jobs if the clock of that run agrees with today's.
//! It speaks only for values that have no feature that its own lacks (`features.rs`). An add of this job that was
//! stored otherwise than it was sent, and that nobody has edited, ends the matter: nothing that is not found is proven
//! absent.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{Journal, JournalRow};
use crate::model::{Customer, JobId};
use crate::reconcile::error::LookError;
use crate::reconcile::features::ValueFeatures;
use crate::reconcile::search::{Hits, SearchTerm, search, search_terms};
use crate::stored::birth::{SLACK_SECONDS, created_at, unix_seconds};
use crate::stored::value;
use crate::stored::value::plain_text;

/// Adds that are searched for at most, to find witnesses for one term.
pub(crate) const WITNESSES: usize = 3;
/// How many of this job's latest adds may become witnesses.
const LATEST: usize = 200;
/// How many seconds a `Date` header may be off.
const DATE_SECONDS: i64 = 2;
/// How many of the account's latest other jobs may give witnesses.
const OTHER_JOBS: usize = 5;

/// What witnesses have shown of the search by one field.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    /// When the latest write that the search shows left at the earliest, in Unix milliseconds.
    pub sent_at: i64,
    /// How far the server's clock is ahead of ours.
    pub ahead: ClockOffset,
    /// The account that made the customers, as the server names it; `None` where witnesses differ.
    pub made_by: Option<String>,
}

/// The least and the most seconds by which the server's clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockOffset {
    pub least: i64,
    pub most: i64,
}

impl ClockOffset {
    /// Bounds the offset by a `Date` header, which counts whole seconds and may come late.
    pub fn of_date(offset: i64) -> Self {
        Self {
            least: offset - DATE_SECONDS,
            most: offset + DATE_SECONDS,
        }
    }

    /// Bounds the offset by a customer that was created, in whole seconds of the server's clock, while its call was on
    /// the way. The other times are in Unix milliseconds.
    fn of_call(created: i64, sent_at: i64, ended_at: i64) -> Self {
        Self {
            least: created - ended_at.div_euclid(1000) - 1,
            most: created + 1 - sent_at.div_euclid(1000),
        }
    }

    /// Whether both bounds may be true, give or take [`SLACK_SECONDS`].
    fn agrees(self, other: Self) -> bool {
        self.least <= other.most + SLACK_SECONDS && other.least <= self.most + SLACK_SECONDS
    }

    /// Returns the bounds that hold for both; `self` where they contradict each other.
    pub fn and(self, other: Self) -> Self {
        let both = Self {
            least: self.least.max(other.least),
            most: self.most.min(other.most),
        };
        if both.least <= both.most { both } else { self }
    }
}

/// An add that is known to have happened.
#[derive(Debug, Clone)]
pub(crate) struct Added {
    /// The job that added it.
    pub job: JobId,
    pub row: JournalRow,
    pub is_own: bool,
    /// The last time it was written again as a witness, if it was.
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

/// The write of a customer that was written again as a witness.
#[derive(Debug, Clone)]
pub(crate) struct Touched {
    /// When the write left, in Unix milliseconds.
    pub sent_at: i64,
    /// When the write's reply came, in Unix milliseconds.
    pub ended_at: i64,
    /// The customer's update time after the write, as the server writes it.
    pub updated: String,
}

impl Touched {
    /// Whether a hit shows the customer as it is after the write.
    pub fn is_shown_by(&self, hit: &Customer) -> bool {
        update_time(hit) == self.updated
    }
}

pub(crate) fn update_time(customer: &Customer) -> String {
    let updated = customer.fields.get("updateTime");
    updated.map(plain_text).unwrap_or_default()
}

/// The adds that may become witnesses, and what the search has shown of them.
pub(crate) struct Witnesses<'a> {
    spec: &'a JobSpec,
    context: &'a Context,
    zone: TimeZone,
    /// Adds of this job and of the latest other jobs, the latest first.
    pub(crate) added: Vec<Added>,
    known: HashMap<(String, ValueFeatures), Option<Witness>>,
}

impl<'a> Witnesses<'a> {
    pub fn new(
        spec: &'a JobSpec,
        journal: &Journal,
        context: &'a Context,
    ) -> Result<Self, JobError> {
        let own = journal.latest_added(LATEST)?.into_iter();
        let mut added: Vec<Added> = own.map(|row| Added::new(&spec.id, row, true)).collect();
        added.extend(added_by_others(spec, context)?);
        // A customer that the CRM has merged an add into was not stored as it was sent.
        added.retain(|added| !added.row.is_merged());
        added.sort_by_key(|added| std::cmp::Reverse(added.row.sent_at));
        Ok(Self {
            spec,
            context,
            zone: TimeZone::get(&spec.timezone).unwrap_or(TimeZone::UTC),
            added,
            known: HashMap::new(),
        })
    }

    /// Forgets what the search has shown, because a customer was written again since.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Returns the witness for searches by a term's field; `None` if the search shows no add as it was sent. The answer
    /// is kept for all values with the same features.
    pub fn of(&mut self, wanted: &SearchTerm) -> Result<Option<Witness>, LookError> {
        let shape = ValueFeatures::of(&wanted.value);
        let key = (wanted.field.clone(), shape);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let own = self.adds_seen(wanted, true)?;
        let date = self.context.server_clock.server_clock_offset();
        let date = date.map(ClockOffset::of_date);
        // Adds of other jobs are judged by the clock of this job's latest add, or by the server's `Date`.
        let agreed = own
            .iter()
            .find(|seen| date.is_none_or(|date| seen.ahead.agrees(date)));
        let reference = agreed.or(own.first()).map(|seen| seen.ahead).or(date);
        let newest = own.first().map(|seen| seen.sent_at);
        let others = if self.added.iter().any(|added| added.row.sent_at > newest) {
            self.adds_seen(wanted, false)?
        } else {
            Vec::new()
        };
        let mut seen: Vec<Witness> = own.into_iter().chain(others).collect();
        // Where our clock was another when an add was sent, it cannot be told whether that add came after the attempt.
        seen.retain(|seen| reference.is_some_and(|reference| seen.ahead.agrees(reference)));
        seen.sort_by_key(|seen| std::cmp::Reverse(seen.sent_at));
        let found = seen.into_iter().reduce(|latest, older| Witness {
            ahead: latest.ahead.and(older.ahead),
            made_by: latest
                .made_by
                .filter(|agent| Some(agent) == older.made_by.as_ref()),
            ..latest
        });
        self.known.insert(key, found.clone());
        Ok(found)
    }

    /// Returns the adds of this job, or of other jobs, that a search shows as they were sent.
    fn adds_seen(&self, wanted: &SearchTerm, is_own: bool) -> Result<Vec<Witness>, LookError> {
        let added = self.added.iter().filter(|added| added.is_own == is_own);
        let usable = added.filter_map(|added| {
            let mut terms = search_terms(added.row.record.as_ref()?, self.spec).into_iter();
            let term = terms.find(|term| term.speaks_for(wanted))?;
            Some((term, &added.row, added.touched.as_ref()))
        });
        let mut seen = Vec::new();
        for (term, row, touched) in usable.take(WITNESSES) {
            let (Hits::All(hits), Some(record), Some(sent_at)) =
                (search(&term, self.context)?, &row.record, row.sent_at)
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
            if !value::equals(record, &hit.fields, &self.spec.schema) {
                if !is_own || hit.edited {
                    // A colleague has edited the customer since.
                    continue;
                }
                // The server changes what it stores, so nothing that is not found is proven absent.
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
                // The search still shows the customer as it was before the write.
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
}

/// Returns the latest adds of the account's latest other jobs.
fn added_by_others(spec: &JobSpec, context: &Context) -> Result<Vec<Added>, JobError> {
    let mut added = Vec::new();
    let mut jobs = 0;
    for folder in context.state.jobs()?.iter().rev() {
        if jobs == OTHER_JOBS {
            break;
        }
        // A journal that cannot be read gives no witnesses.
        let Ok(journal) = Journal::read(folder) else {
            continue;
        };
        let ours = journal.account().ok().flatten().as_ref() == Some(&spec.account.key);
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
