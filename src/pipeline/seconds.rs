//! Looks for second customers: whether what a row has added is stored once more.
//!
//! What would go wrong without it, in order:
//!
//! 1. An add is sent, and a gateway between here and the CRM repeats it.
//! 2. Both adds are stored. One reply comes, and the row knows one of the customers.
//! 3. The other customer is in no journal and no ledger, and nobody is told.
//!
//! A second customer has the stamp of the row, else one of its keys, else its first phone, address or account, else its
//! name with everything else that was sent. It was created since the job began, by the clock of the job's own
//! customers, and the ledger knows it for no row. So a twin of the job is no second customer, and neither is an older
//! customer.
//!
//! A customer that holds something else by now, or that may be that of a row in doubt, is shown but not called a second
//! one: a person who deletes what the sheet names must not delete a colleague's work.

use std::path::Path;

use jiff::tz::TimeZone;
use serde_json::{Map, Value as Json};

use crate::crm::{CallError, Class, Condition, Query};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{JournalRow, KeyIndex, Ledger};
use crate::lookup::customers::Lookup;
use crate::lookup::find_all::each;
use crate::model::{Action, Customer, CustomerId, Field, Kind, Record, Schema};
use crate::reconcile::search::{SearchTerm, search_terms};
use crate::stored::birth::seconds_of;
use crate::stored::customer::StoredCustomer;
use crate::stored::{key_form, value};

/// The file that indexes the list by the values that rows are recognised by.
const INDEX: &str = "seconds.db";
/// Customers in a page, and pages of one search that are read at most. A row whose value more customers share is
/// answered with `E547`.
const PAGE: u32 = 100;
const MOST_PAGES: u32 = 20;
/// How many seconds before the job, by the server's clock, a customer of it may seem to be created.
const SLACK_SECONDS: i64 = 5;
/// How many seconds the server's clock may be off ours, as long as no customer has shown where it stands.
const CLOCK_SECONDS: i64 = 2 * 86_400;

/// What was found for a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Lookalikes {
    pub seconds: Vec<Second>,
    /// The value that more customers hold than are read, so that it is not known whether one of them is a second one.
    pub too_many: Option<String>,
}

/// A row that has added a customer, and the customer as it is stored.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AddedRow<'r> {
    pub row: &'r JournalRow,
    pub ours: Option<&'r StoredCustomer>,
}

/// Another customer that holds what a row sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Second {
    pub id: CustomerId,
    pub name: String,
    /// The label of the field whose value it shares with the row.
    pub field: String,
    pub value: String,
    /// Whether it is beyond doubt a second copy of what the row sent. Only then the sheet offers it for deletion.
    pub is_sure: bool,
}

/// Looks for second customers.
pub(crate) struct Seconds<'a> {
    spec: &'a JobSpec,
    /// The spec with every field searchable, for looking in the list.
    of_list: JobSpec,
    context: &'a Context,
    ledger: Ledger,
    concurrency: usize,
    zone: TimeZone,
    /// By how many seconds the server's clock is ahead; `None` until customers of the job have shown it.
    ahead: Option<i64>,
    index: Option<KeyIndex>,
    /// For how many rows second customers were looked for.
    pub looked_for: u64,
}

impl<'a> Seconds<'a> {
    pub fn new(
        spec: &'a JobSpec,
        concurrency: usize,
        context: &'a Context,
    ) -> Result<Self, JobError> {
        let path = context.state.ledger_path();
        let mut of_list = spec.clone();
        for field in &mut of_list.schema.fields {
            field.searchable = None;
        }
        Ok(Self {
            spec,
            of_list,
            context,
            ledger: Ledger::open(&path, &spec.account.key, &spec.id)?,
            concurrency,
            zone: TimeZone::get(&spec.timezone).unwrap_or(TimeZone::UTC),
            ahead: None,
            index: None,
            looked_for: 0,
        })
    }

    /// Returns the second customers of these rows, in the rows' order. Looks in the list if `lookup` has it or the
    /// server refuses a search, else searches once for each row.
    pub fn find(
        &mut self,
        rows: &[AddedRow<'_>],
        lookup: &mut Lookup<'_>,
        scratch: &Path,
    ) -> Result<Vec<Lookalikes>, JobError> {
        self.ahead = self.ahead.or_else(|| self.clock_of(rows));
        if !lookup.has_list() {
            let wanted: Vec<_> = rows.iter().map(|row| wanted(row.row, self.spec)).collect();
            if let Some(found) = self.search(rows, &wanted)? {
                return Ok(found);
            }
            // The server refuses to search, so the list is read.
            lookup.read_on()?;
        }
        let wanted: Vec<_> = rows
            .iter()
            .map(|row| wanted(row.row, &self.of_list))
            .collect();
        self.in_list(rows, &wanted, lookup, scratch)
    }

    /// Whether some of the fields by which rows of a job are recognised can be searched.
    pub fn can_search(spec: &JobSpec) -> bool {
        let mut fields = recognising(spec).into_iter();
        fields.any(|field| field.searchable != Some(false))
    }

    /// Returns by how many seconds the server's clock is ahead of ours, from when customers of the job were created. It
    /// is the median of all rows, because a reply may be late, and a customer may be older than its row.
    fn clock_of(&self, rows: &[AddedRow<'_>]) -> Option<i64> {
        let said = rows.iter().filter_map(|row| {
            let created = self.created(row.ours?)?;
            // `sent_at` is when the row's turn came. Its call may have left much later.
            let ended_at = row.row.ended_at.or(row.row.sent_at)?;
            Some(created - ended_at.div_euclid(1000))
        });
        let mut said: Vec<i64> = said.collect();
        said.sort_unstable();
        said.get(said.len() / 2).copied()
    }

    fn created(&self, customer: &Map<String, Json>) -> Option<i64> {
        seconds_of(customer.get("createTime")?.as_str()?, &self.zone)
    }

    fn in_list(
        &mut self,
        rows: &[AddedRow<'_>],
        wanted: &[Option<(SearchTerm, &Record)>],
        lookup: &mut Lookup<'_>,
        scratch: &Path,
    ) -> Result<Vec<Lookalikes>, JobError> {
        if self.index.is_none() {
            lookup.complete()?;
            let fields = recognising(self.spec);
            let earliest = self.spec.created - CLOCK_SECONDS;
            let zone = self.zone.clone();
            let values = |customer: &StoredCustomer| {
                let created = customer.get("createTime").and_then(Json::as_str);
                let created = created.and_then(|text| seconds_of(text, &zone));
                if created.is_some_and(|created| created < earliest) {
                    return Vec::new();
                }
                let values = fields.iter().flat_map(|field| {
                    let stored = customer.get(field.key.as_str()).unwrap_or(&Json::Null);
                    let texts = value::value_texts(stored);
                    texts.map(|text| indexed_value(field.key.as_str(), &text, field.kind))
                });
                values.collect()
            };
            self.index = Some(lookup.index_by(&scratch.join(INDEX), values)?);
        }
        let mut found = Vec::with_capacity(rows.len());
        for (row, wanted) in rows.iter().zip(wanted) {
            let mut seconds = Vec::new();
            if let (Some((term, record)), Some(index)) = (wanted, &self.index) {
                let kind = kind_of(term, &self.spec.schema);
                for id in index.find(&indexed_value(&term.field, &term.value, kind))? {
                    let line = if Some(&id) == row.row.customer.as_ref() {
                        None
                    } else {
                        lookup.in_list(&id)?
                    };
                    if let Some(line) = line {
                        let customer = StoredCustomer::parse(&line)?;
                        seconds.extend(self.judge(row, term, record, &id, &customer)?);
                    }
                }
                self.looked_for += 1;
            }
            found.push(Lookalikes {
                seconds,
                too_many: None,
            });
        }
        Ok(found)
    }

    /// Searches once for each row. Returns `None` if the server refuses a search.
    fn search(
        &mut self,
        rows: &[AddedRow<'_>],
        wanted: &[Option<(SearchTerm, &Record)>],
    ) -> Result<Option<Vec<Lookalikes>>, JobError> {
        let places: Vec<usize> = (0..rows.len()).collect();
        let context = self.context;
        let ask = |at: &usize| match wanted.get(*at).and_then(Option::as_ref) {
            None => Ok((*at, Some(SearchHits::default()))),
            Some((term, _)) => match hits(term, context) {
                Ok(hits) => Ok((*at, Some(hits))),
                Err(error) if error.class == Class::Refused => Ok((*at, None)),
                Err(error) => Err(error),
            },
        };
        let (answers, failure) = each(&places, self.concurrency, context, ask);
        if self.context.stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
        if let Some(error) = failure {
            return Err(error.into());
        }
        if answers.iter().any(|(_, hits)| hits.is_none()) {
            return Ok(None);
        }
        let mut found: Vec<Lookalikes> = vec![Lookalikes::default(); rows.len()];
        for (at, hits) in answers {
            let (Some(row), Some(Some(wanted)), Some(found)) =
                (rows.get(at), wanted.get(at), found.get_mut(at))
            else {
                continue;
            };
            let hits = hits.unwrap_or_default();
            if hits.is_cut {
                found.too_many = Some(wanted.0.value.clone());
            } else {
                self.looked_for += 1;
            }
            for other in hits.customers {
                if Some(&other.id) != row.row.customer.as_ref() {
                    let (term, record) = (&wanted.0, wanted.1);
                    let seconds = self.judge(row, term, record, &other.id, &other.fields)?;
                    found.seconds.extend(seconds);
                }
            }
        }
        Ok(Some(found))
    }

    /// Returns another customer if it is a second one of a row, or may be.
    fn judge(
        &self,
        added: &AddedRow<'_>,
        term: &SearchTerm,
        record: &Record,
        id: &CustomerId,
        other: &Map<String, Json>,
    ) -> Result<Option<Second>, JobError> {
        let (spec, schema) = (self.spec, &self.spec.schema);
        let earliest = spec.created + self.ahead.unwrap_or(0) - SLACK_SECONDS;
        let created = self.created(other);
        if created.is_some_and(|created| created < earliest) || self.ledger.knows(id)? {
            return Ok(None);
        }
        let own = key_form::values(record, &spec.keys, schema);
        let shares = if own.is_empty() || term.is_stamp {
            let kind = kind_of(term, schema);
            let stored = other.get(&term.field).unwrap_or(&Json::Null);
            let wanted = key_form::normal(&term.value, kind);
            value::value_texts(stored).any(|text| key_form::normal(&text, kind) == wanted)
        } else {
            let its = key_form::stored_values(other, &spec.keys, schema);
            its.iter().any(|value| own.contains(value))
        };
        if !shares {
            return Ok(None);
        }
        let is_same = term.is_stamp
            || (value::equals(record, other, schema) && value::adds_nothing(record, other, schema))
            || added
                .ours
                .is_some_and(|ours| value::digest(ours) == value::digest(other));
        let field = schema.field(&term.field);
        if !is_same && !is_telling(term, field, spec) {
            return Ok(None);
        }
        let name = other.get(crate::model::CUSTOMER_NAME);
        Ok(Some(Second {
            id: id.clone(),
            name: name.map(value::plain_text).unwrap_or_default(),
            field: field.map_or_else(|| term.field.clone(), |field| field.label.clone()),
            value: term.value.clone(),
            is_sure: is_same
                && created.is_some()
                && is_of_our_hand(added.ours, other)
                && !self.ledger.is_in_doubt(record)?,
        }))
    }
}

/// Whether another customer was made by the account that made the row's own, and was not edited since. Fields that the
/// server sets by itself, such as the time of an assignment, are not compared: they differ between two adds of one row.
fn is_of_our_hand(ours: Option<&StoredCustomer>, other: &Map<String, Json>) -> bool {
    let Some(ours) = ours else { return false };
    let updated = other.get("updateTime");
    let is_edited = updated.is_some_and(|updated| Some(updated) != other.get("createTime"));
    !is_edited && ours.get("createAgent") == other.get("createAgent")
}

/// Returns the term by which the customer of an added row is recognised, and the row's record.
fn wanted<'r>(row: &'r JournalRow, spec: &JobSpec) -> Option<(SearchTerm, &'r Record)> {
    let record = row.record.as_ref().filter(|_| row.action == Action::Add)?;
    let term = search_terms(record, spec).into_iter().next()?;
    Some((term, record))
}

/// The customers that a search brought.
#[derive(Debug, Default)]
struct SearchHits {
    customers: Vec<Customer>,
    /// Whether there are more customers than were read.
    is_cut: bool,
}

/// Reads the hits of a search, at most [`MOST_PAGES`] pages.
fn hits(term: &SearchTerm, context: &Context) -> Result<SearchHits, CallError> {
    let mut hits = SearchHits {
        customers: Vec::new(),
        is_cut: true,
    };
    let mut read = 0;
    for page in 1..=MOST_PAGES {
        let answer = context.crm.list(&Query {
            page,
            limit: PAGE,
            condition: Some(Condition::Equals {
                field: term.field.clone(),
                value: term.value.clone(),
            }),
        })?;
        read += answer.customers.len() as u64;
        let is_last = answer.customers.is_empty() || read >= answer.count;
        for customer in answer.customers {
            if !hits.customers.iter().any(|known| known.id == customer.id) {
                hits.customers.push(customer);
            }
        }
        if is_last {
            hits.is_cut = false;
            break;
        }
    }
    Ok(hits)
}

/// Whether a value alone identifies a customer. A name does not.
fn is_telling(term: &SearchTerm, field: Option<&Field>, spec: &JobSpec) -> bool {
    let is_key = || {
        let mut keys = spec.keys.iter().flat_map(|key| &key.fields);
        keys.any(|key| key.as_str() == term.field)
    };
    term.is_stamp || field.is_some_and(|field| field.kind.is_value_list()) || is_key()
}

/// Returns the fields by which rows of a job are recognised.
fn recognising(spec: &JobSpec) -> Vec<&Field> {
    let is_key = |field: &Field| {
        let mut keys = spec.keys.iter().flat_map(|key| &key.fields);
        keys.any(|key| *key == field.key)
    };
    let is_stamp = |field: &Field| spec.options.stamp.as_deref() == Some(field.key.as_str());
    let fields = spec.schema.fields.iter();
    fields
        .filter(|field| {
            let is_name = field.kind == Kind::Text && field.required;
            field.kind.is_value_list() || is_name || is_key(field) || is_stamp(field)
        })
        .collect()
}

fn kind_of(term: &SearchTerm, schema: &Schema) -> Kind {
    let field = schema.field(&term.field);
    field.map_or(Kind::Text, |field| field.kind)
}

/// Returns the entry of a field's value in the index.
fn indexed_value(field: &str, text: &str, kind: Kind) -> String {
    format!("{field}\u{1f}{}", key_form::normal(text, kind))
}
