//! The door through which `fuzz/` reads replies as [`Http`](super::Http) does, without a connection.

use std::time::Duration;

use super::call::Call;
use super::call_error::CallError;
use super::classify::Head;
use super::http::SuccessReply;
use super::query::{Page, Query};
use super::settings::ApiSettings;
use super::wire;
use crate::model::{Customer, CustomerId, FieldConfig};

/// What a reply that says yes brings.
#[derive(Debug, PartialEq)]
pub enum Brought {
    /// A customer, of an add, an update or a find.
    Customer(Customer),
    /// Nothing, of a delete.
    Nothing,
    /// A page, of a list.
    Page(Page),
    /// The fields.
    Fields(Vec<FieldConfig>),
}

/// Reads a reply to a call. `id` is the customer that the call names, if it names one.
pub fn reply(
    call: Call,
    status: u16,
    retry_after: Option<Duration>,
    body: &[u8],
    id: &CustomerId,
    query: &Query,
) -> Result<Brought, CallError> {
    let head = Head {
        status,
        retry_after,
    };
    let reply = SuccessReply::of(call, head, body, &ApiSettings::default())?;
    match call {
        Call::Add => reply
            .read(|data| wire::customer(data, None))
            .map(Brought::Customer),
        Call::Update => reply
            .read(|data| wire::customer(data, Some(id)))
            .map(Brought::Customer),
        Call::Find => reply.found(id).map(Brought::Customer),
        Call::Delete => Ok(Brought::Nothing),
        Call::List => reply
            .read(|data| wire::page(data, query))
            .map(Brought::Page),
        Call::Fields => reply.read(|data| wire::fields(&data)).map(Brought::Fields),
    }
}
