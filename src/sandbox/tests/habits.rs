//! Habits of some servers: searches that lag, updates that change nothing, adds that merge, lists and replies of an odd
//! form.
//!
//! Invariant: a test compares the server's reply with the store's content.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::super::*;
use super::client::{ADD, Client, DELETE, LIST, UPDATE, start};

fn with(options: Options) -> (Sandbox, Client) {
    let sandbox = Sandbox::start(options).unwrap();
    let client = Client::new(&sandbox);
    (sandbox, client)
}

fn search(client: &mut Client, field: &str, value: &str) -> Value {
    let condition = json!({"field": field, "operator": "eq", "value": [value]});
    client.data(LIST, &json!({"search": [condition]}))
}

#[test]
fn a_search_lags_behind_adds_updates_and_deletes() {
    let (sandbox, mut client) = with(Options {
        search_lag: Duration::from_secs(3600),
        ..Options::default()
    });
    let old = json!({"customerName": "old", "mobile": [{"value": "1"}], "updateTime": "earlier"});
    let id = sandbox.insert(old.as_object().unwrap().clone());
    let shown = search(&mut client, "mobile", "1");
    assert_eq!(shown["count"], 1);

    client.data(UPDATE, &json!({"_id": id, "mobile": [{"value": "2"}]}));
    client.data(
        ADD,
        &json!({"customerName": "new", "mobile": [{"value": "1"}]}),
    );
    assert_eq!(search(&mut client, "mobile", "1"), shown);
    assert_eq!(shown["list"][0]["updateTime"], "earlier");
    assert_eq!(search(&mut client, "mobile", "2")["count"], 0);
    assert_eq!(search(&mut client, "customerName", "new")["count"], 0);
    client.data(DELETE, &json!({"id": id}));
    assert_eq!(search(&mut client, "_id", &id), shown);
    let unowned = json!({"search": [{"field": "owner", "operator": "empty", "value": []}]});
    assert_eq!(client.data(LIST, &unowned), shown);

    // The list and find are up to date.
    assert_eq!(client.code(DELETE, &json!({"id": id})), "404");
    let list = client.data(LIST, &json!({}));
    assert_eq!(
        (&list["count"], &list["list"][0]["customerName"]),
        (&json!(1), &json!("new"))
    );
}

#[test]
fn a_search_catches_up() {
    let lag = Duration::from_millis(200);
    let (_sandbox, mut client) = with(Options {
        search_lag: lag,
        ..Options::default()
    });
    let begun = Instant::now();
    let id = client.add("a");
    while search(&mut client, "customerName", "a")["count"] == 0 {}
    assert!(begun.elapsed() >= lag);
    client.data(UPDATE, &json!({"_id": id, "customerName": "b"}));
    while search(&mut client, "customerName", "b")["count"] == 0 {}
    assert_eq!(search(&mut client, "customerName", "a")["count"], 0);
}

#[test]
fn an_update_that_changes_nothing_keeps_its_time_only_where_it_is_asked_to() {
    for keep_update_time in [true, false] {
        let (sandbox, mut client) = with(Options {
            keep_update_time,
            ..Options::default()
        });
        let stored = json!({"customerName": "a", "updateTime": "earlier", "updateAgent": "web"});
        let id = sandbox.insert(stored.as_object().unwrap().clone());
        let answer = client.data(UPDATE, &json!({"_id": id, "customerName": "a"}));
        assert_eq!(answer["updateTime"] == "earlier", keep_update_time);
        assert_eq!(answer["updateAgent"] == "web", keep_update_time);
        assert_eq!(Value::Object(sandbox.customer(&id).unwrap()), answer);
        let answer = client.data(UPDATE, &json!({"_id": id, "customerName": "b"}));
        assert_ne!(answer["updateTime"], "earlier");
        assert_eq!(sandbox.counters().updated, 2);
    }
}

#[test]
fn an_add_is_merged_into_the_oldest_customer_with_that_value() {
    let (sandbox, mut client) = with(Options {
        merge_by: Some("mobile".to_owned()),
        ..Options::default()
    });
    let phones =
        |list: &[&str]| -> Value { list.iter().map(|phone| json!({"value": phone})).collect() };
    let older = json!({"customerName": "older", "mobile": phones(&["7", "1"])});
    let older = client.data(ADD, &older);
    let merged = client.data(ADD, &json!({"customerName": "b", "mobile": phones(&["1"])}));
    assert_eq!(merged, older);
    // Only the first value counts. A customer without a value is always new.
    client.data(
        ADD,
        &json!({"customerName": "c", "mobile": phones(&["2", "1"])}),
    );
    client.add("d");
    client.add("e");
    let counters = sandbox.counters();
    assert_eq!((counters.stored, counters.merged), (4, 1));
    assert_eq!(sandbox.customer_count(), 4);

    let error = Sandbox::start(Options {
        merge_by: Some("phone".to_owned()),
        ..Options::default()
    });
    let error = error.err().unwrap().to_string();
    assert!(
        error.contains("`phone`") && error.contains("mobile"),
        "{error}"
    );
}

#[test]
fn a_list_may_say_how_many_there_are_and_show_none() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    client.add("a");
    sandbox.set_faults(vec!["null-data=1".parse().unwrap()]);
    let answer = client.post(LIST, &json!({})).json();
    assert_eq!(answer["success"], true);
    assert_eq!(
        (&answer["data"], &answer["count"]),
        (&Value::Null, &json!(1))
    );
    sandbox.set_faults(vec!["null-list=1".parse().unwrap()]);
    let data = client.data(LIST, &json!({}));
    assert_eq!(data, json!({"list": null, "count": 1}));
    // The fault does not change a refusal.
    assert_eq!(client.code(LIST, &json!({"page": 0})), "40007");
    client.add("b");
    let counters = sandbox.counters();
    assert_eq!(
        (counters.faults["null-data"], counters.faults["null-list"]),
        (1, 1)
    );
}

#[test]
fn a_byte_order_mark_stands_before_the_json() {
    let sandbox = start();
    sandbox.on_call(|_| Some(FaultKind::Bom));
    let mut client = Client::new(&sandbox);
    for body in [json!({"customerName": "a"}), json!({})] {
        let answer = client.post(ADD, &body);
        let json = answer.body.strip_prefix('\u{feff}').unwrap();
        serde_json::from_str::<Value>(json).unwrap();
    }
    assert_eq!(sandbox.customer_count(), 1);
    assert_eq!(sandbox.counters().faults["bom"], 2);
}
