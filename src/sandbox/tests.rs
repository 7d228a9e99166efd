//! The server seen from outside, over raw sockets: the bytes on the wire, and the customers in the store.
//!
//! Invariant: each test has its own sandbox on its own port, and none sleeps. Tests wait for a reply, a lock or a
//! channel.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::*;
use client::{ADD, Client, DELETE, FIELDS, LIST, UPDATE, start};

mod client;
mod dresses;
mod faults;
mod habits;
mod outages;

fn names(list: &Value) -> Vec<&str> {
    let customers = list["list"].as_array().unwrap();
    customers
        .iter()
        .map(|customer| customer["customerName"].as_str().unwrap())
        .collect()
}

#[test]
fn a_request_that_means_another_host_is_refused() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    let headers = client.signed_headers("1");
    for (host, status) in [
        ("evil.example:80", 403),
        ("localhost", 200),
        ("[::1]:8081", 200),
    ] {
        let answer = client
            .send_to(host, "POST", FIELDS, &client.signed_headers(host), "{}")
            .unwrap();
        assert_eq!(answer.status, status, "{host}");
    }
    let elsewhere = format!("http://evil.example{FIELDS}");
    assert_eq!(
        client
            .send("POST", &elsewhere, &headers, "{}")
            .unwrap()
            .status,
        403
    );
    assert_eq!(sandbox.counters().calls, 2);
}

#[test]
fn a_customer_lives_through_all_calls() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    let added = client.data(
        ADD,
        &json!({
            "customerName": "test", "mobile": [{"value": "333222111", "memo": "王哈"}],
            "customerSource": ["试用申请"], "owner": "8310", "assignTime": "2024-11-14 09:46:17"
        }),
    );
    let id = added["_id"].as_str().unwrap();
    assert!((18..=19).contains(&id.len()));
    assert_eq!(added["accountId"], "1090");
    assert_eq!(added["createMethod"], "API");
    assert_eq!(added["createAgent"], "openApi");
    assert_eq!(added["firstOwner"], "8310");
    assert_eq!(added["firstAssignTime"], "2024-11-14 09:46:17");
    assert_eq!(added["createTime"].as_str().unwrap().len(), 19);

    for path in [
        format!("/openapi/crm/findById/{id}"),
        format!("/openapi/crm/{id}"),
    ] {
        assert_eq!(client.get(&path).json()["data"], added);
    }
    let path = format!("/openapi/crm/findById/{id}");
    assert_eq!(client.data(&path, &json!({})), added);

    let changed = client.data(
        UPDATE,
        &json!({"_id": id, "customerName": "new", "owner": "", "mobile": [{"value": "1"}]}),
    );
    assert_eq!(changed["customerName"], "new");
    assert_eq!(changed["customerSource"], json!(["试用申请"]));
    assert_eq!(changed["mobile"], json!([{"value": "1"}]));
    assert!(changed.get("owner").is_none());
    assert_eq!(Value::Object(sandbox.customer(id).unwrap()), changed);

    let found = client.data(
        LIST,
        &json!({"search": [{"field": "mobile", "operator": "eq", "value": ["1"]}]}),
    );
    assert_eq!(found, json!({"list": [changed], "count": 1}));
    assert_eq!(client.data(DELETE, &json!({"id": id})), Value::Null);
    assert_eq!(client.code(DELETE, &json!({"id": id})), "404");
    assert_eq!(client.code(UPDATE, &json!({"_id": id})), "404");
    assert_eq!(client.get(&path).json()["message"], "客户不存在");
    assert!(sandbox.customers().is_empty());
    let counters = sandbox.counters();
    assert_eq!(
        (counters.stored, counters.updated, counters.deleted),
        (1, 1, 1)
    );
    assert_eq!(counters.refused, 3);
    assert_eq!(counters.calls_to(Endpoint::Find), 4);
    assert_eq!(counters.calls, 10);
    assert_eq!(counters.peak_in_flight, 1);
    sandbox.reset_counters();
    assert_eq!(sandbox.counters(), Counters::default());
}

#[test]
fn pages_are_newest_first_and_shift_with_every_change() {
    let sandbox = Sandbox::start(Options {
        page_cap: Some(2),
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&sandbox);
    for name in ["a", "b", "c", "d", "e"] {
        client.add(name);
    }
    let page =
        |client: &mut Client, page: u32| client.data(LIST, &json!({"page": page, "limit": 100}));
    let first = page(&mut client, 1);
    assert_eq!(
        (names(&first), &first["count"]),
        (vec!["e", "d"], &json!(5))
    );
    assert_eq!(names(&page(&mut client, 3)), ["a"]);
    assert!(names(&page(&mut client, 4)).is_empty());

    let once = |kind| vec![Fault::new(kind, 1.0)];
    sandbox.set_faults(once(FaultKind::PageShort));
    assert_eq!(names(&page(&mut client, 1)), ["e", "d"]);
    assert_eq!(names(&page(&mut client, 2)), ["c"]);
    sandbox.set_faults(once(FaultKind::ListInsert));
    assert_eq!(names(&page(&mut client, 2)), ["d", "c"]);
    sandbox.set_faults(once(FaultKind::ListDelete));
    assert_eq!(names(&page(&mut client, 2)), ["c", "b"]);
    assert_eq!(sandbox.counters().faults_injected(), 3);
    assert_eq!(sandbox.counters().stored, 5);
    assert_eq!(sandbox.customer_count(), 5);
}

#[test]
fn searches_match_entries_levels_and_emptiness() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    let area = "cascade_r2lb_1687316902233";
    client.data(
        ADD,
        &json!({"customerName": "a", area: ["浙江", "杭州"], "owner": "1"}),
    );
    client.data(
        ADD,
        &json!({"customerName": "b", area: ["浙江", "宁波"], "qq": [{"value": "9"}]}),
    );
    let mut search = |field: &str, operator: &str, value: Value| {
        let condition = json!({"field": field, "operator": operator, "value": value});
        let found = client.data(LIST, &json!({"search": [condition]}));
        names(&found).join("")
    };
    assert_eq!(search(area, "eq", json!(["浙江"])), "ba");
    assert_eq!(search(area, "eq", json!(["杭州"])), "a");
    assert_eq!(search("customerName", "eq", json!(["a", "b"])), "ba");
    assert_eq!(search("qq", "eq", json!(["9"])), "b");
    assert_eq!(search("qq", "empty", json!([])), "a");
    assert_eq!(search("openSeaIds", "empty", json!([])), "a");
}

#[test]
fn signatures_timestamps_and_nonces_are_checked() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    let name = json!({"customerName": "a"});
    let headers = client.signed_headers("fixed");
    let body = name.to_string();
    let mut send = |headers: &str| {
        let answer = client.send("POST", ADD, headers, &body).unwrap();
        assert_eq!(answer.status, 200);
        answer.json()["code"].as_str().unwrap().to_owned()
    };
    assert_eq!(send(&headers), "200");
    assert_eq!(send(&headers), "408");
    assert_eq!(send("content-type: application/json\r\n"), "406");
    assert_eq!(
        send(&headers.replace("nonce: fixed", "nonce: other")),
        "401"
    );
    assert_eq!(sandbox.customer_count(), 1);

    client.secret = "wrong".to_owned();
    assert_eq!(client.code(ADD, &name), "401");
    client.secret = "sandbox-secret".to_owned();
    client.appid = "1091".to_owned();
    assert_eq!(client.code(ADD, &name), "402");
    client.appid = "sandbox".to_owned();
    client.clock_offset_seconds = -310;
    assert_eq!(client.code(ADD, &name), "407");
    client.clock_offset_seconds = 290;
    client.add("b");
    sandbox.set_clock_offset(3600);
    let answer = client.post(ADD, &name);
    assert_eq!(answer.json()["code"], "407");
    let date = httpdate::parse_http_date(answer.header("date").unwrap()).unwrap();
    let ahead = date.duration_since(std::time::SystemTime::now()).unwrap();
    assert!((3590..=3600).contains(&ahead.as_secs()), "{ahead:?}");
    client.clock_offset_seconds = 3600;
    client.add("c");
}

#[test]
fn requests_that_are_none_are_refused() {
    let sandbox = Sandbox::start(Options {
        auth: Auth::None,
        update_requires_name: true,
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&sandbox);
    let json_type = "content-type: application/json\r\n";
    let answer = client.send("GET", "/favicon.ico", "", "").unwrap();
    assert_eq!((answer.status, &answer.body[..6]), (404, "<html>"));
    assert!(answer.header("date").is_some());
    let answer = client.send("GET", ADD, json_type, "").unwrap();
    assert_eq!(
        (answer.status, answer.json()["code"].clone()),
        (405, json!("405"))
    );
    let answer = client
        .send("POST", ADD, "content-type: text/plain\r\n", "{}")
        .unwrap();
    assert_eq!(answer.status, 415);
    for body in ["", "[]", "{", "\"x\""] {
        let answer = client.send("POST", ADD, json_type, body).unwrap();
        assert_eq!(answer.json()["code"], "40000", "{body}");
    }
    let id = client.add("a");
    for (path, body, code) in [
        (ADD, json!({}), "40001"),
        (ADD, json!({"customerName": "a", "_id": id}), "40004"),
        (ADD, json!({"customerName": "a", "nick": "b"}), "40002"),
        (UPDATE, json!({"_id": id, "owner": "1"}), "40001"),
        (UPDATE, json!({"_id": 1, "customerName": "a"}), "40007"),
        (UPDATE, json!({"_id": "1", "customerName": "a"}), "404"),
        (DELETE, json!({"_id": id}), "40001"),
        (DELETE, json!({"id": id, "force": true}), "40002"),
        (DELETE, json!({"id": 1}), "40007"),
        (LIST, json!({"page": "1"}), "40007"),
        (FIELDS, json!({"enabled": 1}), "40007"),
    ] {
        assert_eq!(client.code(path, &body), code, "{path} {body}");
    }
    assert_eq!(client.get("/openapi/crm/abc").json()["code"], "404");
    assert_eq!(sandbox.customer_count(), 1);
}

#[test]
fn fields_are_listed_and_filtered() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    let all = client.data(FIELDS, &json!({}));
    let numbers = client.data(FIELDS, &json!({"type": ["number"], "enabled": true}));
    assert_eq!(numbers[0]["name"], "注册资本");
    assert!(all.as_array().unwrap().contains(&numbers[0]));
}

#[test]
fn a_file_keeps_customers_and_admits_one_sandbox() {
    let folder = tempfile::tempdir().unwrap();
    let options = Options {
        db: Some(folder.path().join("crm.db")),
        ..Options::default()
    };
    let sandbox = Sandbox::start(options.clone()).unwrap();
    let id = Client::new(&sandbox).add("a");
    let customers = sandbox.customers();
    drop(sandbox);
    let sandbox = Sandbox::start(options.clone()).unwrap();
    assert_eq!(sandbox.customers(), customers);
    let second = Sandbox::start(options).err().unwrap().to_string();
    assert!(
        second.contains("crm.db") && second.contains("hint:"),
        "{second}"
    );
    let mut client = Client::new(&sandbox);
    assert!(client.add("b") > id);
    assert!(sandbox.remove(&id) && !sandbox.remove(&id));
    assert_eq!(sandbox.customer_count(), 1);
}

#[test]
fn dropping_frees_the_port_and_closes_connections() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    client.add("a");
    let port = sandbox.port();
    drop(sandbox);
    assert!(client.try_post(ADD, &json!({"customerName": "b"})).is_err());
    let sandbox = Sandbox::start(Options {
        port,
        ..Options::default()
    })
    .unwrap();
    assert_eq!(sandbox.base_url(), format!("http://127.0.0.1:{port}"));
    let error = Sandbox::start(Options {
        port,
        ..Options::default()
    });
    assert!(error.err().unwrap().to_string().contains("hint:"));
}

#[test]
fn customers_can_be_put_in_directly() {
    let sandbox = start();
    let customer = |json: Value| json.as_object().unwrap().clone();
    let id = sandbox.insert(customer(json!({"customerName": "a", "_id": "12"})));
    assert_eq!(id, "12");
    let other = sandbox.insert(customer(json!({"customerName": "b", "old": 1})));
    assert_eq!(sandbox.customer(&other).unwrap()["old"], 1);
    assert_eq!(sandbox.customers()[0]["_id"], "12");
    assert_eq!(sandbox.counters().stored, 0);
    assert_eq!(
        Client::new(&sandbox).get("/openapi/crm/12").json()["data"]["customerName"],
        "a"
    );
}

#[test]
fn waiting_ends_when_asked() {
    let sandbox = start();
    let stopper = sandbox.stopper();
    std::thread::scope(|scope| {
        scope.spawn(|| sandbox.wait());
        stopper.stop();
    });
    sandbox.wait();
}

#[test]
fn latency_delays_every_reply() {
    let sandbox = Sandbox::start(Options {
        latency: Some((Duration::from_millis(20), Duration::from_millis(25))),
        ..Options::default()
    })
    .unwrap();
    let begun = Instant::now();
    Client::new(&sandbox).add("a");
    assert!(begun.elapsed() >= Duration::from_millis(20));
}
