//! Each dress on the wire, as a reply before and after storing.
//!
//! Invariant: the same reply is asserted for both, because a client cannot see the difference. The store shows which of
//! the two happened.

use serde_json::{Value, json};

use super::super::*;
use super::client::{ADD, Answer, Client, LIST, start};

fn dress(name: &str) -> Dress {
    name.parse().unwrap()
}

fn add_in(kind: FaultKind) -> (Answer, usize) {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    sandbox.on_call(move |_| Some(kind));
    let answer = client.post(ADD, &json!({"customerName": "a"}));
    assert_eq!(sandbox.counters().faults[&kind.name()], 1);
    (answer, sandbox.customer_count())
}

fn is_page(body: &str) -> bool {
    body.contains("<html") && body.trim_end().ends_with("</html>")
}

#[test]
fn every_dress_is_worn_before_and_after_storing() {
    for dress in Dress::all() {
        let (before, none) = add_in(FaultKind::Before(dress));
        let (after, stored) = add_in(FaultKind::After(dress));
        assert_eq!((none, stored), (0, 1), "{dress}");
        assert_eq!(before.status, after.status, "{dress}");
        assert!(before.header("date").is_some(), "{dress}");
        let parsed: Option<Value> = serde_json::from_str(&before.body).ok();
        assert!(parsed.is_none_or(|json| json["success"] != true), "{dress}");
        assert!(!before.head.contains('{') && !before.body.contains("{id}"));
    }
}

#[test]
fn pages_are_those_of_the_gateways() {
    for (name, status, server, part) in [
        ("503ra", 503, "Varnish", "Backend fetch failed"),
        ("503", 503, "nginx", "503 Service Temporarily Unavailable"),
        ("502", 502, "nginx", "502 Bad Gateway"),
        ("504", 504, "nginx", "504 Gateway Time-out"),
        ("504alb", 504, "awselb/2.0", "504 Gateway Time-out"),
        ("404", 404, "nginx", "404 Not Found"),
        ("500", 500, "nginx", "500 Internal Server Error"),
        ("401html", 401, "nginx", "401 Authorization Required"),
        ("302login", 302, "nginx", "302 Found"),
        ("403waf", 403, "cloudflare", "Cloudflare Ray ID"),
        ("apisix", 502, "APISIX/3.8.0", "openresty"),
        ("garbage", 200, "nginx", "系统维护中"),
    ] {
        let (answer, _) = add_in(FaultKind::Before(dress(name)));
        assert_eq!(answer.status, status, "{name}");
        assert_eq!(answer.header("server"), Some(server), "{name}");
        assert!(
            answer
                .header("content-type")
                .unwrap()
                .starts_with("text/html")
        );
        assert!(
            is_page(&answer.body) && answer.body.contains(part),
            "{name}"
        );
    }
    let (answer, _) = add_in(FaultKind::Before(dress("login")));
    assert_eq!(answer.status, 200);
    assert!(is_page(&answer.body) && answer.header("set-cookie").is_some());
    let (answer, _) = add_in(FaultKind::Before(dress("302login")));
    assert_eq!(answer.header("location"), Some("/login?expired=1"));
}

#[test]
fn envelopes_and_other_json_are_those_of_the_frameworks() {
    for (name, status, code, part) in [
        ("200busy", 200, json!("500"), "系统繁忙"),
        ("503busy", 503, json!("503"), "server busy"),
        ("500files", 500, json!("500"), "Too many open files"),
        ("500timestamp", 500, json!("500"), "java.sql.Timestamp"),
        ("500conflict", 500, json!("500"), "并发修改异常"),
        ("500concurrency", 500, json!("500"), "并发数超过限制"),
        ("hystrix", 200, json!("500"), "服务降级"),
        ("429", 429, json!("429"), "Too Many Requests"),
        ("200limit", 200, json!("429"), "频繁"),
        ("403limit", 403, json!("403"), "frequency"),
        ("kong", 502, Value::Null, "invalid response"),
    ] {
        let (answer, _) = add_in(FaultKind::Before(dress(name)));
        assert_eq!(answer.status, status, "{name}");
        let json = answer.json();
        assert_eq!(json["code"], code, "{name}");
        assert!(json["message"].as_str().unwrap().contains(part), "{name}");
    }
    let (answer, _) = add_in(FaultKind::Before(dress("spring")));
    let json = answer.json();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["timestamp", "status", "error", "path"]);
    assert_eq!((&json["path"], &json["status"]), (&json!(ADD), &json!(500)));
    assert_eq!(json["timestamp"].as_str().unwrap().len(), 29);
}

#[test]
fn some_gateways_say_it_in_headers_or_plain_text() {
    for (name, status, message) in [
        ("aliyun", 504, "Async Service"),
        ("aliyun-throttled", 403, "Throttled by API Flow Control"),
    ] {
        let (answer, _) = add_in(FaultKind::Before(dress(name)));
        assert_eq!((answer.status, answer.body.as_str()), (status, ""));
        assert_eq!(answer.header("x-ca-error-message"), Some(message));
        assert_eq!(answer.header("x-ca-request-id").unwrap().len(), 32);
    }
    let (answer, _) = add_in(FaultKind::Before(dress("sentinel")));
    assert_eq!(answer.status, 429);
    assert_eq!(answer.body, "Blocked by Sentinel (flow limiting)");
    assert!(answer.header("content-type").is_none());
    let (answer, _) = add_in(FaultKind::Before(dress("apisix")));
    assert_eq!(answer.header("x-apisix-upstream-status"), Some("502"));
}

#[test]
fn retry_after_is_the_tables_or_the_tests() {
    let (answer, _) = add_in(FaultKind::After(dress("503ra")));
    assert_eq!(answer.header("retry-after"), Some("1"));
    let year = 31_536_000;
    let absurd = dress("503ra").retrying(RetryAfter::HttpDate(year));
    let (answer, _) = add_in(FaultKind::After(absurd));
    let at = |name| httpdate::parse_http_date(answer.header(name).unwrap()).unwrap();
    let apart = at("retry-after").duration_since(at("date")).unwrap();
    assert!((year - 1..=year + 1).contains(&(apart.as_secs() as u32)));
    assert_eq!(answer.head.matches("retry-after").count(), 1);
}

#[test]
fn a_stored_then_busy_add_is_in_the_list() {
    let sandbox = Sandbox::start(Options {
        faults: vec!["busy-after:200busy@add=1".parse().unwrap()],
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&sandbox);
    assert_eq!(client.code(ADD, &json!({"customerName": "a"})), "500");
    let list = client.data(LIST, &json!({}));
    assert_eq!(list["list"][0]["customerName"], "a");
    let counters = sandbox.counters();
    assert_eq!((counters.stored, counters.busy), (1, 1));
    assert_eq!(counters.faults["busy-after:200busy"], 1);
}
