//! The execution of each call on the store.
//!
//! Invariant: a call is checked completely before it changes anything, and changes everything or nothing.
//! Every reply carries the stored customer, not the one that was sent.

use axum::http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::clock::crm_time;
use super::endpoint::{Endpoint, Route};
use super::fault::FaultKind;
use super::refusal::Refusal;
use super::search::{Query, first_text};
use super::server::{Server, locked};
use super::store::{Customer, Store, parse, parse_id};
use super::validate::{check_add, check_delete, check_update};

const ACCOUNT: &str = "1090";
const AGENT: &str = "openApi";
const CREATE_METHOD: &str = "API";

/// A call that succeeded: its `data` as JSON, and whether a paging fault took effect.
pub(super) struct Done {
    pub(super) data: String,
    pub(super) fault_took_effect: bool,
}

impl From<String> for Done {
    fn from(data: String) -> Self {
        Self {
            data,
            fault_took_effect: false,
        }
    }
}

impl Server {
    /// Executes a call.
    pub(super) fn execute(
        &self,
        route: &Route<'_>,
        body: &[u8],
        fault: Option<FaultKind>,
    ) -> Result<Done, Refusal> {
        match route.endpoint {
            Endpoint::Add => self.add(object(body)?),
            Endpoint::Update => self.update(object(body)?),
            Endpoint::List => self.list(&object(body)?, fault),
            Endpoint::Delete => self.delete(object(body)?),
            Endpoint::Fields => {
                let fields = self.fields.list(&object(body)?)?;
                Ok(serde_json::json!(fields).to_string().into())
            }
            // `Server::serve` answers a path of no endpoint before; if one came here, it would name no customer either.
            Endpoint::Find | Endpoint::Unknown => {
                let id = parse_id(route.id).ok_or_else(Refusal::unknown_customer)?;
                let found = locked(&self.store).get(id)?;
                found.map(Done::from).ok_or_else(Refusal::unknown_customer)
            }
        }
    }

    fn add(&self, body: Map<String, Value>) -> Result<Done, Refusal> {
        let sent = check_add(&self.fields, body)?;
        let mut store = locked(&self.store);
        if let Some(field) = &self.merge_by
            && let Some(text) = sent.get(field).and_then(first_text)
            && let Some(older) = store.oldest_with(field, &text)?
        {
            locked(&self.meter).counters.merged += 1;
            return Ok(older.into());
        }
        let stored = self.store_new(&mut store, sent)?;
        locked(&self.meter).counters.stored += 1;
        Ok(stored.1.into())
    }

    /// Stores a customer with the fields that the server sets, under a fresh id or under the `_id` it comes with;
    /// returns the id and the JSON.
    pub(super) fn store_new(
        &self,
        store: &mut Store,
        sent: Customer,
    ) -> rusqlite::Result<(i64, String)> {
        let now_ms = self.clock.now_ms();
        let id = match sent.get("_id").and_then(Value::as_str).and_then(parse_id) {
            Some(id) => id,
            None => store.issue_id(now_ms),
        };
        let now = crm_time(now_ms);
        let mut customer = Customer::new();
        for (key, value) in [
            ("_id", id.to_string().as_str()),
            ("accountId", ACCOUNT),
            ("createTime", &now),
            ("createMethod", CREATE_METHOD),
            ("createAgent", AGENT),
            ("updateTime", &now),
            ("updateAgent", AGENT),
        ] {
            customer.insert(key.to_owned(), value.into());
        }
        if sent.contains_key("owner") {
            customer.insert("assignTime".to_owned(), now.as_str().into());
        }
        customer.extend(sent.into_iter().filter(|(key, _)| key != "_id"));
        remember_first_owner(&mut customer, &now);
        let body = store.put(id, &customer)?;
        Ok((id, body))
    }

    fn update(&self, body: Map<String, Value>) -> Result<Done, Refusal> {
        let (id, changes) = check_update(&self.fields, body, self.update_requires_name)?;
        let id = parse_id(&id).ok_or_else(Refusal::unknown_customer)?;
        let mut store = locked(&self.store);
        let before = store.get(id)?.ok_or_else(Refusal::unknown_customer)?;
        let old = parse(&before)?;
        let mut customer = old.clone();
        for (key, value) in changes {
            match value {
                Some(value) => customer.insert(key, value),
                None => customer.shift_remove(&key),
            };
        }
        if self.keep_update_time && customer == old {
            locked(&self.meter).counters.updated += 1;
            return Ok(before.into());
        }
        let now = crm_time(self.clock.now_ms());
        remember_first_owner(&mut customer, &now);
        customer.insert("updateTime".to_owned(), now.into());
        customer.insert("updateAgent".to_owned(), AGENT.into());
        let body = store.put(id, &customer)?;
        locked(&self.meter).counters.updated += 1;
        Ok(body.into())
    }

    fn delete(&self, body: Map<String, Value>) -> Result<Done, Refusal> {
        let id = check_delete(body)?;
        let id = parse_id(&id).ok_or_else(Refusal::unknown_customer)?;
        if !locked(&self.store).delete(id)? {
            return Err(Refusal::unknown_customer());
        }
        locked(&self.meter).counters.deleted += 1;
        Ok("null".to_owned().into())
    }

    fn list(&self, body: &Map<String, Value>, fault: Option<FaultKind>) -> Result<Done, Refusal> {
        let query = Query::parse(&self.fields, body, self.page_cap)?;
        let mut store = locked(&self.store);
        let fault = fault.filter(|_| query.page > 1);
        let mut fault_took_effect = false;
        match fault {
            Some(FaultKind::ListInsert) => {
                let mut newcomer = Customer::new();
                newcomer.insert("customerName".to_owned(), "翻页时新增的客户".into());
                self.store_new(&mut store, newcomer)?;
                fault_took_effect = true;
            }
            Some(FaultKind::ListDelete) => {
                if let Some(newest) = store.newest() {
                    fault_took_effect = store.delete(newest)?;
                }
            }
            _ => {}
        }
        let skip = (query.page - 1).saturating_mul(u64::from(query.limit));
        let (mut bodies, count) = store.page(&query.conditions, skip, query.limit)?;
        if fault == Some(FaultKind::PageShort) && !bodies.is_empty() {
            bodies.truncate(bodies.len() / 2);
            fault_took_effect = true;
        }
        Ok(Done {
            data: format!(r#"{{"list":[{}],"count":{count}}}"#, bodies.join(",")),
            fault_took_effect,
        })
    }
}

/// Fails if a `POST` has another content type than JSON.
pub(super) fn check_content_type(method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
    let is_json = headers
        .get("content-type")
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.split(';').next())
        .is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"));
    if method == Method::POST && !is_json {
        return Err(Refusal::wrong_content_type());
    }
    Ok(())
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(map)) => Ok(map),
        Ok(_) => Err(Refusal::malformed_body("应为JSON对象")),
        Err(error) => Err(Refusal::malformed_body(&error.to_string())),
    }
}

fn remember_first_owner(customer: &mut Customer, now: &str) {
    if customer.contains_key("firstOwner") {
        return;
    }
    if let Some(owner) = customer.get("owner").cloned() {
        let since = customer.get("assignTime").cloned();
        customer.insert("firstOwner".to_owned(), owner);
        customer.insert(
            "firstAssignTime".to_owned(),
            since.unwrap_or_else(|| now.into()),
        );
    }
}
