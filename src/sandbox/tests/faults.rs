//! The effect of each fault and each busy refusal on the wire, and whether the customer is stored.
//!
//! Invariant: every kind's effect is asserted together with the store's content, because a client cannot see whether a
//! reply was lost before or after storing.

use std::io::{self, Read, Write};
use std::sync::{Arc, Barrier, mpsc};
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::*;
use super::client::{ADD, Answer, Client, LIST, start};

/// Makes an add with a fault; returns the client's answer or error, and how many customers are stored.
fn fault_on_add(kind: FaultKind) -> (Result<Answer, io::ErrorKind>, usize) {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    sandbox.on_call(move |_| Some(kind));
    let answer = client.try_post(ADD, &json!({"customerName": "a"}));
    let counters = sandbox.counters();
    assert_eq!(counters.faults[&kind.name()], 1);
    assert_eq!(counters.stored as usize, sandbox.customer_count());
    (
        answer.map_err(|error| error.kind()),
        sandbox.customer_count(),
    )
}

#[test]
fn connections_close_before_or_after_storing() {
    for (kind, error, stored) in [
        (FaultKind::Dropped, io::ErrorKind::UnexpectedEof, 0),
        (FaultKind::LostReply, io::ErrorKind::UnexpectedEof, 1),
        (FaultKind::Truncated, io::ErrorKind::UnexpectedEof, 1),
        (FaultKind::Reset, io::ErrorKind::ConnectionReset, 1),
    ] {
        let (answer, count) = fault_on_add(kind);
        assert_eq!((answer.unwrap_err(), count), (error, stored), "{kind:?}");
    }
}

#[test]
fn a_truncated_reply_has_its_head_and_half_its_body() {
    let sandbox = start();
    sandbox.on_call(|_| Some(FaultKind::Truncated));
    let mut client = Client::new(&sandbox);
    let headers = client.signed_headers("truncated") + "connection: close\r\n";
    let error = client.send("POST", ADD, &headers, r#"{"customerName": "a"}"#);
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);

    let mut client = Client::new(&sandbox);
    let body = r#"{"customerName": "a"}"#;
    let headers = client.signed_headers("truncated-too");
    write!(
        client.stream,
        "POST {ADD} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {}\r\n{headers}\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut bytes = String::new();
    client.stream.read_to_string(&mut bytes).unwrap();
    let (head, body) = bytes.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200 OK"));
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    assert_eq!(body.len(), length.unwrap().parse::<usize>().unwrap() / 2);
    assert!(body.starts_with(r#"{"success":true"#));
}

#[test]
fn failures_are_told_before_or_after_storing() {
    for (kind, status, start, stored) in [
        (FaultKind::ErrorBefore, 500, "<html>", 0),
        (FaultKind::ErrorAfter, 500, "<html>", 1),
        (FaultKind::GarbageBefore, 200, "<html>", 0),
        (FaultKind::GarbageAfter, 200, "<html>", 1),
        (FaultKind::Busy429, 429, r#"{"success":false"#, 0),
        (FaultKind::Busy200, 200, r#"{"success":false"#, 0),
        (FaultKind::Busy403, 403, r#"{"success":false"#, 0),
        (FaultKind::Busy503, 503, "<html>", 0),
        (FaultKind::NoId, 200, r#"{"success":true"#, 1),
        (
            FaultKind::Slow(Duration::from_millis(30)),
            200,
            r#"{"success":true"#,
            1,
        ),
    ] {
        let begun = Instant::now();
        let (answer, count) = fault_on_add(kind);
        let answer = answer.unwrap();
        assert_eq!((answer.status, count), (status, stored), "{kind:?}");
        assert!(answer.body.starts_with(start), "{kind:?}: {}", answer.body);
        assert!(answer.header("retry-after").is_none());
        if kind == FaultKind::NoId {
            assert!(answer.json()["data"].get("_id").is_none());
        }
        if let FaultKind::Slow(delay) = kind {
            assert!(begun.elapsed() >= delay);
        }
    }
    let (answer, _) = fault_on_add(FaultKind::busy_429_retry_after(RetryAfter::Seconds(7)));
    assert_eq!(answer.unwrap().header("retry-after"), Some("7"));
    let (answer, _) = fault_on_add(FaultKind::busy_429_retry_after(RetryAfter::HttpDate(60)));
    let answer = answer.unwrap();
    let at = |name| httpdate::parse_http_date(answer.header(name).unwrap()).unwrap();
    let apart = at("retry-after").duration_since(at("date")).unwrap();
    assert!((60..=61).contains(&apart.as_secs()), "{apart:?}");
}

#[test]
fn scripted_faults_hit_as_often_as_they_say() {
    let sandbox = Sandbox::start(Options {
        faults: vec!["error-before@add=0.5".parse().unwrap()],
        seed: 7,
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&sandbox);
    for _ in 0..200 {
        client.post(ADD, &json!({"customerName": "a"}));
        client.data(LIST, &json!({"limit": 1}));
    }
    let failed = sandbox.counters().faults["error-before"];
    assert!((70..=130).contains(&failed), "{failed}");
    assert_eq!(sandbox.counters().stored, 200 - failed);
}

#[test]
fn a_hook_scripts_the_exact_call() {
    let sandbox = start();
    sandbox.on_call(|call| {
        (call.endpoint == Endpoint::Add && call.number == 2).then_some(FaultKind::ErrorAfter)
    });
    let mut client = Client::new(&sandbox);
    let name = json!({"customerName": "a"});
    let statuses: Vec<u16> = (0..3).map(|_| client.post(ADD, &name).status).collect();
    assert_eq!(statuses, [200, 500, 200]);
    assert_eq!(sandbox.customer_count(), 3);
}

#[test]
fn a_hook_may_hold_calls_and_the_peak_counts_them() {
    let sandbox = start();
    let (arrived, arrivals) = mpsc::channel();
    let gate = Arc::new(Barrier::new(4));
    let hook_gate = Arc::clone(&gate);
    sandbox.on_call(move |_| {
        arrived.send(()).unwrap();
        hook_gate.wait();
        None
    });
    std::thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| Client::new(&sandbox).add("a"));
        }
        for _ in 0..3 {
            arrivals.recv().unwrap();
        }
        assert_eq!(sandbox.customer_count(), 0);
        gate.wait();
    });
    assert_eq!(sandbox.customer_count(), 3);
    assert_eq!(sandbox.counters().peak_in_flight, 3);
    assert_eq!(sandbox.counters().peak_calls_per_second, 3);
}

#[test]
fn the_rate_limit_refuses_in_its_dress() {
    let limit = |dress| {
        Some(RateLimit {
            calls: 2,
            per: Duration::from_secs(60),
            dress,
        })
    };
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    for (dress, status, code) in [
        (
            Dress::LIMIT.retrying(RetryAfter::Seconds(3)),
            429,
            Some("429"),
        ),
        (Dress::UNAVAILABLE, 503, None),
        (Dress::LIMIT_IN_200, 200, Some("429")),
        (Dress::LIMIT_IN_403, 403, Some("403")),
    ] {
        sandbox.set_rate(limit(dress));
        client.add("a");
        client.add("b");
        let answer = client.post(ADD, &json!({"customerName": "c"}));
        assert_eq!(answer.status, status);
        if let Some(code) = code {
            assert_eq!(answer.json()["code"], code);
        }
        assert_eq!(
            answer.header("retry-after").is_some(),
            status == 429,
            "{dress:?}"
        );
    }
    assert_eq!(sandbox.customer_count(), 8);
    assert_eq!(sandbox.counters().busy, 4);
    assert_eq!(sandbox.counters().refused, 0);
}
