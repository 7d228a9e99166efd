//! Witnesses: adds that a search is seen to show, as they were sent and later than what is in doubt.
//!
//! That a search finds nobody proves an absence only if it shows what was written later. A witness is an add of this job, or of
//! the latest other jobs of the account if the clock of that run agrees with ours, that the same search finds, stored as it
//! was sent. It speaks only for values that hold nothing its own does not hold (`features.rs`).

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

/// Later adds that are searched for until one is found.
pub(crate) const WITNESSES: usize = 3;
/// How many of the latest adds are looked through for witnesses.
const LATEST: usize = 200;
/// How exact a `Date` is.
const DATE_SECONDS: i64 = 2;
/// Other jobs of the account whose adds are looked at for witnesses, the latest first.
const OTHER_JOBS: usize = 5;

/// What is known of the search by one field.
#[derive(Debug, Clone)]
pub(crate) struct Witness {
    /// When the latest add that was found had left at the earliest, in Unix milliseconds.
    pub sent_at: i64,
    /// How far the server's clock is ahead.
    pub ahead: ClockOffset,
    /// Who made the customers, by the server's account.
    pub made_by: Option<String>,
}

/// Bounds of the seconds by which the server's clock is ahead of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClockOffset {
    pub least: i64,
    pub most: i64,
}

impl ClockOffset {
    /// From a `Date`, which counts whole seconds and may come late.
    pub fn of_date(offset: i64) -> Self {
        Self {
            least: offset - DATE_SECONDS,
            most: offset + DATE_SECONDS,
        }
    }

    /// From a customer that was created (in whole seconds of the server's clock) while its call was on the way.
    fn of_call(created: i64, sent_at: i64, ended_at: i64) -> Self {
        Self {
            least: created - ended_at.div_euclid(1000) - 1,
            most: created + 1 - sent_at.div_euclid(1000),
        }
    }

    /// Whether both may be true, give or take what a second's rounding and a slow reply cost.
    fn agrees(self, other: Self) -> bool {
        self.least <= other.most + SLACK_SECONDS && other.least <= self.most + SLACK_SECONDS
    }

    /// What both say; the first where they contradict each other.
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
    /// How it was written since, to see whether the search shows it.
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

/// A customer as it was written again.
#[derive(Debug, Clone)]
pub(crate) struct Touched {
    /// When the write left, in Unix milliseconds.
    pub sent_at: i64,
    /// When its reply came.
    pub ended_at: i64,
    /// The update time that it brought.
    pub updated: String,
}

impl Touched {
    /// Whether a search shows the customer as it was written.
    pub fn is_shown_by(&self, hit: &Customer) -> bool {
        update_time(hit) == self.updated
    }
}

pub(crate) fn update_time(customer: &Customer) -> String {
    let updated = customer.fields.get("updateTime");
    updated.map(plain_text).unwrap_or_default()
}

/// The adds that are known to have happened, and what the search shows of them.
pub(crate) struct Witnesses<'a> {
    spec: &'a JobSpec,
    context: &'a Context,
    zone: TimeZone,
    /// Adds of this job and of the latest others, the last first.
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
        // A customer of others tells nothing of what we add.
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

    /// A customer was written again: what the search shows is looked at anew.
    pub fn forget(&mut self) {
        self.known.clear();
    }

    /// Whether the search by the field of a term shows late adds as they were sent; looked for once for values of a shape.
    pub fn of(&mut self, wanted: &SearchTerm) -> Result<Option<Witness>, LookError> {
        let shape = ValueFeatures::of(&wanted.value);
        let key = (wanted.field.clone(), shape);
        if let Some(known) = self.known.get(&key) {
            return Ok(known.clone());
        }
        let own = self.seen(wanted, true)?;
        let date = self.context.server_clock.server_clock_offset();
        let date = date.map(ClockOffset::of_date);
        // The clock by which the others are judged: that of our latest add, or the server's own word.
        let agreed = own
            .iter()
            .find(|seen| date.is_none_or(|date| seen.ahead.agrees(date)));
        let reference = agreed.or(own.first()).map(|seen| seen.ahead).or(date);
        let newest = own.first().map(|seen| seen.sent_at);
        let others = if self.added.iter().any(|added| added.row.sent_at > newest) {
            self.seen(wanted, false)?
        } else {
            Vec::new()
        };
        let mut seen: Vec<Witness> = own.into_iter().chain(others).collect();
        // Our clock was another when those were sent: which of two calls came first, it cannot tell.
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

    /// Adds of this job, or of others, that a search shows as they were sent, the last first.
    fn seen(&self, wanted: &SearchTerm, is_own: bool) -> Result<Vec<Witness>, LookError> {
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
                    // Somebody has edited it since.
                    continue;
                }
                // The server changes what it stores: nothing that is not found is proven.
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
                // What the search shows is the customer as it was before it was written again.
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

/// The latest adds of the account's latest other jobs: the search may be seen to work by them as well.
fn added_by_others(spec: &JobSpec, context: &Context) -> Result<Vec<Added>, JobError> {
    let mut added = Vec::new();
    let mut jobs = 0;
    for folder in context.state.jobs()?.iter().rev() {
        if jobs == OTHER_JOBS {
            break;
        }
        // A journal that cannot be read bears no witness.
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
