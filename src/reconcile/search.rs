//! Searches for customers by a value that was sent: the terms to search by, and the hits of a search.
//!
//! A search is trusted only if every hit holds the value, and if the count did not change while its pages were read.

use crate::crm::{Class, Condition, Query};
use crate::job::context::Context;
use crate::job::spec::JobSpec;
use crate::model::{Customer, CustomerId, Fact, Field, FieldKey, FieldStatus, Kind, Record, Value};
use crate::reconcile::error::LookError;
use crate::reconcile::features::ValueFeatures;
use crate::stored::value;

/// Customers that are asked for in one page.
const PAGE: u32 = 100;
/// Pages of hits that are read for one value at most. If more customers share the value, the search proves nothing.
const MOST_PAGES: u32 = 20;

/// A field and the value in it that is searched for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct SearchTerm {
    pub field: String,
    pub value: String,
    /// Whether the value is a stamp: the customer that has it is the row's, whatever the server made of the rest.
    pub is_stamp: bool,
}

impl SearchTerm {
    /// Whether a search by this term shows how a search by the other works: both are of one field, and this value has
    /// every feature of the other. Stamps all have the same shape.
    pub fn speaks_for(&self, other: &Self) -> bool {
        let covers = || ValueFeatures::of(&self.value).covers(ValueFeatures::of(&other.value));
        self.field == other.field && (self.is_stamp || covers())
    }
}

/// What a search came to.
pub(crate) enum Hits {
    /// Every customer that has the value.
    All(Vec<Customer>),
    /// Too many customers have the value to read them all, or the count changed while pages were read.
    TooMany,
    /// The search brought these customers, which do not have the value, so it cannot be trusted.
    Untrusted(Vec<CustomerId>),
    /// The CRM did not answer the search: it refuses this field, or its reply says nothing.
    Refused(Fact),
}

/// Searches for every customer that has the value. Fails when the CRM cannot be asked now.
pub(crate) fn search(term: &SearchTerm, context: &Context) -> Result<Hits, LookError> {
    let mut hits: Vec<Customer> = Vec::new();
    let mut first_count = None;
    for page in 1..=MOST_PAGES {
        let condition = Condition::Equals {
            field: term.field.clone(),
            value: term.value.clone(),
        };
        let query = Query {
            page,
            limit: PAGE,
            condition: Some(condition),
        };
        let answer = match context.crm.list(&query) {
            Ok(answer) => answer,
            Err(error) if matches!(error.class, Class::Refused | Class::Gone | Class::Unknown) => {
                return Ok(Hits::Refused(error.message));
            }
            Err(error) => return Err(error.into()),
        };
        let empty = answer.customers.is_empty();
        for customer in answer.customers {
            if !hits.iter().any(|hit| hit.id == customer.id) {
                hits.push(customer);
            }
        }
        // A set that changes while it is paged can hide a customer although the last count is reached.
        if *first_count.get_or_insert(answer.count) != answer.count {
            return Ok(Hits::TooMany);
        }
        if hits.len() as u64 >= answer.count {
            let foreign: Vec<CustomerId> = hits
                .iter()
                .filter(|hit| !value::has(&hit.fields, &term.field, &term.value))
                .map(|hit| hit.id.clone())
                .collect();
            return Ok(if foreign.is_empty() {
                Hits::All(hits)
            } else {
                Hits::Untrusted(foreign)
            });
        }
        if empty {
            break;
        }
    }
    Ok(Hits::TooMany)
}

/// Returns the terms that a record can be searched by, the most telling first: the stamp alone, or the keys, the first
/// phone, address and account that were sent, and the name. Fields that cannot be searched are left out.
pub(crate) fn search_terms(record: &Record, spec: &JobSpec) -> Vec<SearchTerm> {
    if let Some(field) = &spec.options.stamp
        && let Some(Value::Text(value)) = record.get(field)
    {
        return vec![SearchTerm {
            field: field.clone(),
            value: value.clone(),
            is_stamp: true,
        }];
    }
    let schema = &spec.schema;
    let keys: Vec<&FieldKey> = spec.keys.iter().flat_map(|key| &key.fields).collect();
    let rank = |field: &Field| {
        if let Some(place) = keys.iter().position(|key| **key == field.key) {
            return Some(place);
        }
        let kind = match field.kind {
            Kind::PhoneList => 0,
            Kind::EmailList => 1,
            Kind::TextList => 2,
            Kind::Text if field.required => 3,
            _ => return None,
        };
        Some(keys.len() + kind)
    };
    let mut ranked: Vec<(usize, SearchTerm)> = record
        .fields
        .iter()
        .filter_map(|(key, value)| {
            let field = schema.field(key.as_str())?;
            if field.searchable == Some(false) || field.status != FieldStatus::Enabled {
                return None;
            }
            let text = match value {
                Value::Entries(entries) => entries.first()?.value.clone(),
                Value::Text(text) => text.clone(),
                _ => return None,
            };
            let field_key = key.as_str().to_owned();
            let term = SearchTerm {
                field: field_key,
                value: text,
                is_stamp: false,
            };
            Some((rank(field)?, term))
        })
        .filter(|(_, term)| !term.value.is_empty())
        .collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, term)| term).collect()
}
