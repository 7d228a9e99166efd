//! A reply to a call: its envelope, what the failure means, and the customers that it brings.
//!
//! What an `add` may be said to be is written here a second time, from docs/design/replies.md: any class but `Unknown`
//! lets ferry send a row again, or say that it is not in the CRM.
//!
//! The first byte of an input chooses the call, the next two are the status, the fourth tells `Retry-After`.

#![no_main]

use std::time::Duration;

use crm_ferry::crm::fuzz::{Brought, reply};
use crm_ferry::crm::{Call, CallError, Class, Query, fields_from_json, fields_to_json};
use crm_ferry::model::CustomerId;
use libfuzzer_sys::{Corpus, fuzz_target};
use serde_json::{Map, Value};

const CALLS: [Call; 6] = [
    Call::Add,
    Call::Update,
    Call::Delete,
    Call::Find,
    Call::List,
    Call::Fields,
];

fuzz_target!(|input: &[u8]| -> Corpus {
    let [call, low, high, wait, body @ ..] = input else {
        return Corpus::Reject;
    };
    let call = CALLS[usize::from(*call) % CALLS.len()];
    let status = 100 + u16::from_le_bytes([*low, *high]) % 500;
    let retry_after = (*wait > 0).then(|| Duration::from_secs(u64::from(*wait)));
    let id = CustomerId::parse("685775343058800640").expect("an id");
    let query = Query {
        page: 2,
        limit: 10,
        condition: None,
    };
    let read = || reply(call, status, retry_after, body, &id, &query);
    let said = read();
    assert_eq!(said, read());
    let envelope = envelope(body);
    match &said {
        Ok(brought) => {
            let envelope = envelope.expect("a yes is an envelope");
            assert!((200..300).contains(&status), "yes beside {status}");
            assert!(is(&envelope, "success", "true", "1") && is(&envelope, "code", "200", "200"));
            check_brought(call, brought, &envelope, &id);
        }
        Err(error) => {
            check_error(error, status, retry_after);
            if call == Call::Add {
                check_add(error.class, status, retry_after, envelope.as_ref());
            } else {
                assert_eq!(error.sounds_like, None);
            }
            if error.class == Class::Gone {
                assert!(
                    matches!(call, Call::Update | Call::Delete | Call::Find),
                    "{call:?} is gone"
                );
            }
        }
    }
    Corpus::Keep
});

/// Reads an envelope: an object with a `success` or a `code` that can be read.
fn envelope(body: &[u8]) -> Option<Map<String, Value>> {
    let body = body.strip_prefix("\u{feff}".as_bytes()).unwrap_or(body);
    let Ok(Value::Object(object)) = serde_json::from_slice(body) else {
        return None;
    };
    let has = |key: &str| object.get(key).is_some_and(|value| !value.is_null());
    (has("success") || has("code")).then_some(object)
}

/// Returns whether a value of an envelope is this text, or this number.
fn is(envelope: &Map<String, Value>, key: &str, text: &str, number: &str) -> bool {
    match envelope.get(key) {
        Some(Value::Bool(yes)) => yes.to_string() == text,
        Some(Value::String(said)) => said.trim().eq_ignore_ascii_case(text),
        Some(Value::Number(said)) => said.to_string() == number,
        _ => false,
    }
}

fn check_error(error: &CallError, status: u16, retry_after: Option<Duration>) {
    assert_ne!(error.class, Class::NotSent, "a reply came");
    assert_eq!(error.http_status, Some(status));
    assert!(error.sounds_like.is_none() || error.class == Class::Unknown);
    assert!(error.retry_after.is_none() || error.retry_after == retry_after);
}

/// Checks the class of a failed add against docs/design/replies.md, *The tables*.
fn check_add(
    class: Class,
    status: u16,
    retry_after: Option<Duration>,
    envelope: Option<&Map<String, Value>>,
) {
    if status == 429 {
        assert_eq!(class, Class::Busy);
        return;
    }
    if class == Class::Unknown {
        return;
    }
    let Some(envelope) = envelope else {
        panic!("{class:?} without an envelope beside {status}");
    };
    assert!(status < 500, "{class:?} beside {status}");
    assert!(!(300..400).contains(&status), "{class:?} beside {status}");
    assert!(retry_after.is_none() || status != 503);
    let is_yes = is(envelope, "success", "true", "1");
    let is_good = is(envelope, "code", "200", "200");
    assert!(!(is_yes && is_good), "{class:?} beside a yes");
    match class {
        Class::Refused => {
            assert!(
                is(envelope, "success", "false", "0"),
                "refused, and success is not false"
            );
            assert!(
                !is_good && !is(envelope, "code", "0", "0"),
                "refused with a code that says yes"
            );
            let id = envelope.get("data").and_then(|data| data.get("_id"));
            assert!(
                id.is_none_or(Value::is_null),
                "refused, and a customer is named"
            );
        }
        Class::Busy | Class::BadSignature | Class::UnknownAppid | Class::NoPermission => {}
        Class::NotSent | Class::Gone | Class::Unknown => panic!("an add is {class:?}"),
    }
}

/// Checks what a yes brings: no id is made up, and none is rounded.
fn check_brought(call: Call, brought: &Brought, envelope: &Map<String, Value>, asked: &CustomerId) {
    let data = envelope.get("data");
    let check_id = |id: &CustomerId, data: Option<&Value>, asked: Option<&CustomerId>| {
        let text = match data.and_then(|data| data.get("_id")) {
            Some(Value::String(text)) => text.trim().to_owned(),
            Some(Value::Number(number)) => number.to_string(),
            _ => {
                assert_eq!(Some(id), asked, "an id from nowhere");
                return;
            }
        };
        assert_eq!(id.as_str(), text);
    };
    match (call, brought) {
        (Call::Add, Brought::Customer(customer)) => check_id(&customer.id, data, None),
        (Call::Update | Call::Find, Brought::Customer(customer)) => {
            check_id(&customer.id, data, Some(asked))
        }
        (Call::Delete, Brought::Nothing) => {}
        (Call::List, Brought::Page(page)) => {
            let list = data
                .and_then(|data| data.get("list"))
                .and_then(Value::as_array);
            let list = list.map_or(&[][..], Vec::as_slice);
            assert_eq!(page.customers.len(), list.len());
            for (customer, data) in page.customers.iter().zip(list) {
                check_id(&customer.id, Some(data), None);
            }
        }
        (Call::Fields, Brought::Fields(fields)) => {
            let written = fields_to_json(fields);
            assert_eq!(fields_from_json(&written).as_ref(), Ok(fields), "{written}");
        }
        _ => panic!("{call:?} brought {brought:?}"),
    }
}
