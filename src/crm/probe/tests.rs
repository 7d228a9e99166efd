//! The prober against a scripted server.

use super::*;
use crate::crm::sign::Signer;
use crate::crm::testing::{Collector, id};
use crate::crm::testserver::{Answer, TestServer, json, no, yes};

fn prober(server: &TestServer) -> Prober {
    let endpoint = Endpoint::new(&server.url(), "1090", "s".into());
    let monitor = Arc::new(Collector::default());
    let pace = Pace::new(&"1000/s".parse().unwrap(), None, monitor.clone()).unwrap();
    Prober::new(endpoint, Arc::new(pace), monitor, Stop::new())
}

#[test]
fn the_scheme_that_answers_is_found() {
    let wanted = Signing::candidates().remove(5);
    let signer = Signer::new(&wanted, "1090", &"s".into()).unwrap();
    let strict = Answer::Decide(Arc::new(move |request| {
        let signature = signer.sign(request.header("nonce"), request.header("timestamp"));
        if request.header("signature") == signature {
            yes("[]")
        } else {
            no("401", "签名错误")
        }
    }));
    let server = TestServer::start(vec![strict; 20]);
    let attempts = prober(&server).signing(&Signing::candidates()).unwrap();
    assert_eq!(attempts.len(), 6);
    let last = attempts.last().unwrap();
    assert_eq!(last.setting, wanted);
    assert!(last.result.is_ok() && !last.latency.is_zero());
}

#[test]
fn other_failures_end_the_search() {
    let server = TestServer::start([json(502, "<html>")]);
    let attempts = prober(&server).signing(&Signing::candidates()).unwrap();
    assert_eq!(attempts.len(), 1);
    assert_eq!(
        attempts[0].result.as_ref().unwrap_err().class,
        Class::Unknown
    );
}

#[test]
fn each_find_form_is_asked() {
    let found = yes(r#"{"_id":"685775343058800640"}"#);
    let server = TestServer::start([json(404, "<html>"), found, json(405, "")]);
    let attempts = prober(&server)
        .find_forms(&FindForm::candidates(), &id())
        .unwrap();
    let works: Vec<bool> = attempts
        .iter()
        .map(|attempt| attempt.result.is_ok())
        .collect();
    assert_eq!(works, [false, true, false]);
}
