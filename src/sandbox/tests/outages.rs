//! Outages seen by a client: its replies meanwhile, the customers that are stored, and a server that afterwards works
//! as before.
//!
//! Invariant: no test sleeps. A test ends an outage itself, or asks again until the outage is over.

use std::io;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::json;

use super::super::*;
use super::client::{ADD, Client, LIST, start};

const LONG: Duration = Duration::MAX;

fn outage(kind: &str, lasts: Duration, from_add: u64) -> Outage {
    Outage {
        lasts,
        kind: kind.parse().unwrap(),
        from_add,
    }
}

/// Connects until connections are refused. A connection that the closing listener had not accepted yet is reset
/// instead.
fn until_refused(port: u16) {
    let connect = || TcpStream::connect(("127.0.0.1", port)).err();
    while connect().is_none_or(|error| error.kind() != io::ErrorKind::ConnectionRefused) {}
}

#[test]
fn every_call_fails_from_the_add_on_and_is_counted() {
    for (kind, stored) in [("503ra", 1), ("503ra-after", 2)] {
        let sandbox = start();
        sandbox.set_outages(vec![outage(kind, LONG, 2)]);
        let mut client = Client::new(&sandbox);
        client.data(LIST, &json!({}));
        client.add("a");
        for path in [ADD, LIST, "/openapi/crm/12", "/elsewhere"] {
            let body = json!({"customerName": "b"});
            assert_eq!(client.post(path, &body).status, 503, "{path}");
        }
        assert_eq!(sandbox.customer_count(), stored, "{kind}");
        let counters = sandbox.counters();
        assert_eq!(counters.calls_in_outages(), 4);
        assert_eq!(counters.outages[&Endpoint::Add], 1);
        assert_eq!(counters.faults_injected(), 0);
        sandbox.set_outages(Vec::new());
        client.add("c");
    }
}

#[test]
fn a_call_that_nobody_signed_is_not_executed_in_an_outage_either() {
    let sandbox = start();
    sandbox.set_outages(vec![outage("login-after", LONG, 0)]);
    let mut client = Client::new(&sandbox);
    client.secret = "wrong".to_owned();
    let answer = client.post(ADD, &json!({"customerName": "a"}));
    assert_eq!((answer.status, &answer.body[..9]), (200, "<!DOCTYPE"));
    assert_eq!(sandbox.customer_count(), 0);
}

#[test]
fn connections_are_cut_before_or_after_storing() {
    for (kind, stored) in [("cut", 0), ("cut-after", 1)] {
        let sandbox = start();
        sandbox.set_outages(vec![outage(kind, LONG, 1)]);
        let error = Client::new(&sandbox).try_post(ADD, &json!({"customerName": "a"}));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert_eq!(sandbox.customer_count(), stored, "{kind}");
    }
}

#[test]
fn a_hanging_call_is_cut_when_the_outage_ends() {
    for (kind, stored) in [("hang", 0), ("hang-after", 1)] {
        let lasts = Duration::from_millis(200);
        let sandbox = start();
        let begun = Instant::now();
        sandbox.set_outages(vec![outage(kind, lasts, 1)]);
        let error = Client::new(&sandbox).try_post(ADD, &json!({"customerName": "a"}));
        assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        assert!(begun.elapsed() >= lasts, "{kind}");
        assert_eq!(sandbox.customer_count(), stored, "{kind}");
        Client::new(&sandbox).add("b");
    }
}

#[test]
fn an_outage_ends_by_itself() {
    let sandbox = Sandbox::start(Options {
        outages: vec!["200ms:502@1".parse().unwrap()],
        ..Options::default()
    })
    .unwrap();
    let mut client = Client::new(&sandbox);
    let begun = Instant::now();
    let mut failed = 0;
    while client.post(ADD, &json!({"customerName": "a"})).status == 502 {
        failed += 1;
    }
    assert!(failed > 0 && begun.elapsed() >= Duration::from_millis(200));
    assert_eq!(sandbox.counters().outages[&Endpoint::Add], failed);
    assert_eq!(sandbox.customer_count(), 1);
}

#[test]
fn outages_follow_one_another() {
    let sandbox = start();
    sandbox.set_outages(vec![outage("502", LONG, 2), outage("login", LONG, 1)]);
    let mut client = Client::new(&sandbox);
    let name = json!({"customerName": "a"});
    let statuses: Vec<u16> = (0..2).map(|_| client.post(ADD, &name).status).collect();
    assert_eq!(statuses, [200, 502]);
}

#[test]
fn nobody_listens_on_the_port_and_then_somebody_does_again() {
    let sandbox = start();
    let mut client = Client::new(&sandbox);
    client.add("a");
    sandbox.set_outages(vec![outage("refused", LONG, 1)]);
    let connect = || TcpStream::connect(("127.0.0.1", sandbox.port()));
    assert!(connect().is_ok());
    let error = client.try_post(ADD, &json!({"customerName": "b"}));
    assert_eq!(error.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
    until_refused(sandbox.port());
    assert_eq!(sandbox.counters().outages[&Endpoint::Add], 1);

    sandbox.set_outages(Vec::new());
    while connect().is_err() {
        std::thread::yield_now();
    }
    Client::new(&sandbox).add("c");
    assert_eq!(sandbox.customer_count(), 2);
}

#[test]
fn a_port_that_is_refused_from_the_start_is_known_and_opens_when_the_outage_ends() {
    let sandbox = Sandbox::start(Options {
        outages: vec![outage("refused", LONG, 0)],
        ..Options::default()
    })
    .unwrap();
    until_refused(sandbox.port());
    sandbox.set_outages(Vec::new());
    while TcpStream::connect(("127.0.0.1", sandbox.port())).is_err() {
        std::thread::yield_now();
    }
    Client::new(&sandbox).add("a");
}
