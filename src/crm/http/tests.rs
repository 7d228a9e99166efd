//! The client against a scripted server: single attempts, and the whole stack of [`connect`].

use std::net::TcpListener;
use std::sync::Mutex;

use super::*;
use crate::crm::clock::Clock;
use crate::crm::clock::FakeClock;
use crate::crm::connection::connect;
use crate::crm::pace::Pace;
use crate::crm::query::Condition;
use crate::crm::retry_policy::RetryPolicy;
use crate::crm::settings::FindForm;
use crate::crm::testing::{Collector, id, record};
use crate::crm::testserver::{Answer, TestServer, json, no, yes};
use crate::model::{Counter, Stop};

const SECRET: &str = "s3cr3t-value";

fn endpoint(url: &str) -> Endpoint {
    let mut endpoint = Endpoint::new(url, "1090", SECRET.into());
    endpoint.timeout = Duration::from_secs(5);
    endpoint
}

fn http(endpoint: &Endpoint) -> Http {
    Http::new(endpoint, Arc::default(), Arc::new(Collector::default())).unwrap()
}

/// Returns the whole stack, on a clock that only sleeping moves.
fn stack(endpoint: &Endpoint, clock: &FakeClock) -> (Arc<dyn Crm>, Arc<Collector>) {
    let monitor = Arc::new(Collector::default());
    let watching: Arc<dyn Monitor> = monitor.clone();
    let rates = "1000/s".parse().unwrap();
    let clock = Arc::new(clock.clone());
    let pace = Pace::with_clock(&rates, None, watching.clone(), clock).unwrap();
    let policy = RetryPolicy::default();
    let connection = connect(endpoint, policy, &Arc::new(pace), &watching, &Stop::new());
    (connection.unwrap().crm, monitor)
}

const CUSTOMER: &str = r#"{"_id":"685775343058800640","customerName":"甲"}"#;

#[test]
fn every_attempt_is_signed_afresh() {
    let server = TestServer::start([yes(CUSTOMER), yes(CUSTOMER)]);
    let http = http(&endpoint(&server.url()));
    let customer = http.add(&record()).unwrap();
    assert_eq!(customer.id, id());
    http.add(&record()).unwrap();
    let requests = server.requests();
    let signer = Signer::new(&ApiSettings::default().sign, "1090", &SECRET.into()).unwrap();
    for request in &requests {
        assert_eq!(
            (request.method.as_str(), request.path.as_str()),
            ("POST", wire::ADD)
        );
        assert_eq!(request.header("appid"), "1090");
        assert_eq!(request.header("content-type"), "application/json");
        assert!(request.header("user-agent").starts_with("ferry/"));
        let signature = signer.sign(request.header("nonce"), request.header("timestamp"));
        assert_eq!(request.header("signature"), signature);
        assert_eq!(request.body, r#"{"customerName":"甲"}"#);
    }
    assert_ne!(requests[0].header("nonce"), requests[1].header("nonce"));
}

#[test]
fn each_call_has_its_path_and_reads_its_reply() {
    let page = format!(r#"{{"list":[{CUSTOMER}],"count":7}}"#);
    let field = r#"[{"param":"text_1","name":"详细地址","type":"text","status":1}]"#;
    let server = TestServer::start([
        yes("null"),
        yes("null"),
        yes(CUSTOMER),
        yes("null"),
        yes(&page),
        yes(field),
        yes(CUSTOMER),
    ]);
    let mut endpoint = endpoint(&format!("{}/gate/", server.url()));
    let crm = http(&endpoint);
    assert_eq!(crm.update(&id(), &record()).unwrap().id, id());
    crm.delete(&id()).unwrap();
    assert_eq!(crm.find(&id()).unwrap().fields["customerName"], "甲");
    assert_eq!(crm.find(&id()).unwrap_err().class, Class::Gone);
    let query = Query {
        page: 1,
        limit: 1,
        condition: Some(Condition::Empty { field: "qq".into() }),
    };
    let page = crm.list(&query).unwrap();
    assert_eq!((page.customers.len(), page.count), (1, 7));
    assert_eq!(crm.fields().unwrap()[0].key, "text_1");
    endpoint.api.find = FindForm::candidates().remove(2);
    http(&endpoint).find(&id()).unwrap();

    let seen: Vec<String> = server
        .requests()
        .iter()
        .map(|request| format!("{} {} {}", request.method, request.path, request.body))
        .collect();
    let find = "/gate/openapi/crm/findById/685775343058800640";
    assert_eq!(seen[0].split(' ').nth(1), Some("/gate/openapi/crm/update"));
    assert_eq!(
        seen[1],
        r#"POST /gate/openapi/crm/delete {"id":"685775343058800640"}"#
    );
    assert_eq!(seen[2], format!("GET {find} "));
    assert_eq!(seen[5], "POST /gate/openapi/crm/config/field/list {}");
    assert_eq!(seen[6], format!("POST {find} {{}}"));
}

#[test]
fn an_add_in_doubt_is_never_repeated() {
    let html = |status| Answer::Reply(status, vec![], "<html>busy</html>".into());
    let moved = vec![("location", "/elsewhere".to_owned())];
    let cases = [
        ("dropped", Answer::Drop),
        ("silent", Answer::Silence),
        (
            "truncated body",
            Answer::Truncated(r#"{"success":true"#.into()),
        ),
        (
            "truncated JSON",
            json(200, r#"{"success":true,"code":"200","da"#),
        ),
        ("HTML", html(200)),
        ("404 page", html(404)),
        ("500", html(500)),
        ("503", html(503)),
        (
            "500 with an envelope",
            json(
                500,
                r#"{"success":false,"code":"500","message":"系统繁忙"}"#,
            ),
        ),
        ("redirect", Answer::Reply(302, moved.clone(), String::new())),
        (
            "redirect that keeps the method",
            Answer::Reply(307, moved, String::new()),
        ),
        ("no _id", yes(r#"{"customerName":"x"}"#)),
        ("rounded _id", yes(r#"{"_id":6.8577534305880064e17}"#)),
        ("null", yes("null")),
    ];
    for (name, answer) in cases {
        let server = TestServer::start([answer, yes(CUSTOMER)]);
        let mut endpoint = endpoint(&server.url());
        if name == "silent" {
            endpoint.timeout = Duration::from_millis(200);
        }
        let (crm, monitor) = stack(&endpoint, &FakeClock::new());
        let error = crm.add(&record()).unwrap_err();
        assert_eq!(error.class, Class::Unknown, "{name}: {error:?}");
        assert_eq!(server.requests().len(), 1, "{name}");
        assert_eq!(monitor.counted(Counter::Calls), 1, "{name}");
        assert!(!format!("{error:?} {error}").contains(SECRET));
    }
}

#[test]
fn what_may_be_repeated_is() {
    let server = TestServer::start([Answer::Drop, json(500, "x"), yes(CUSTOMER)]);
    let (crm, _) = stack(&endpoint(&server.url()), &FakeClock::new());
    crm.update(&id(), &record()).unwrap();
    assert_eq!(server.requests().len(), 3);

    let gone = no("404", "客户不存在");
    let server = TestServer::start([Answer::Drop, gone.clone(), gone]);
    let (crm, _) = stack(&endpoint(&server.url()), &FakeClock::new());
    assert_eq!(crm.delete(&id()), Ok(()));
    assert_eq!(crm.delete(&id()).unwrap_err().class, Class::Gone);
}

#[test]
fn busy_adds_wait_and_leave_again() {
    let clock = FakeClock::new();
    let wait = |value: &str| vec![("retry-after", value.to_owned())];
    let date = |seconds: u64| {
        let time = SystemTime::now() + Duration::from_secs(seconds);
        httpdate::fmt_http_date(time)
    };
    let dated = vec![("date", date(3600)), ("retry-after", date(3607))];
    let server = TestServer::start([
        Answer::Reply(429, wait("7"), "<html>".into()),
        Answer::Reply(429, dated, String::new()),
        no("500", "操作过于频繁"),
        Answer::Reply(429, vec![], String::new()),
        yes(CUSTOMER),
    ]);
    let (crm, monitor) = stack(&endpoint(&server.url()), &clock);
    let start = Clock::now(&clock);
    crm.add(&record()).unwrap();
    assert_eq!(monitor.counted(Counter::Busy), 4);
    assert_eq!(monitor.counted(Counter::Calls), 5);
    let waited = Clock::now(&clock).saturating_sub(start);
    assert!(
        waited >= Duration::from_secs(13) && waited < Duration::from_secs(20),
        "{waited:?}"
    );
}

#[test]
fn a_refused_connection_is_tried_again() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let single = http(&endpoint(&format!("http://{address}")));
    let error = single.add(&record()).unwrap_err();
    assert_eq!(error.class, Class::NotSent, "{error:?}");
    assert!(!error.to_string().contains("openapi"), "{error}");

    // The server comes up during the third wait.
    let server = Arc::new(Mutex::new(None));
    let (starting, mut sleeps) = (server.clone(), 0);
    let clock = FakeClock::with_hook(move |_| {
        sleeps += 1;
        if sleeps == 3 {
            let listener = TcpListener::bind(address).unwrap();
            let page = yes(r#"{"list":[],"count":0}"#);
            *starting.lock().unwrap() = Some(TestServer::on(&listener, [page, yes(CUSTOMER)]));
        }
    });
    let (crm, monitor) = stack(&endpoint(&format!("http://{address}")), &clock);
    crm.add(&record()).unwrap();
    assert_eq!(monitor.notices()[0].code, Code::Unreachable);
    // The breaker has asked with a list before the add.
    let requests = server.lock().unwrap().as_ref().unwrap().requests();
    assert!(requests.len() == 2 && requests[0].body.contains(r#""limit":1"#));
}

#[test]
fn a_clock_an_hour_off_costs_one_call() {
    let strict = Answer::Decide(Arc::new(|request| {
        let time = SystemTime::now() + Duration::from_secs(3600);
        let seconds = time
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap()
            .as_secs() as i64;
        let sent: i64 = request.header("timestamp").parse().unwrap();
        let answer = if (seconds - sent).abs() < 300 {
            yes(CUSTOMER)
        } else {
            no("401", "timestamp expired")
        };
        let Answer::Reply(status, mut headers, body) = answer else {
            return Answer::Drop;
        };
        headers.push(("date", httpdate::fmt_http_date(time)));
        Answer::Reply(status, headers, body)
    }));
    let server = TestServer::start(vec![strict; 9]);
    let (crm, monitor) = stack(&endpoint(&server.url()), &FakeClock::new());
    for _ in 0..3 {
        crm.add(&record()).unwrap();
    }
    assert_eq!(server.requests().len(), 4);
    assert_eq!(monitor.counted(Counter::Calls), 4);
    assert_eq!(monitor.notices().len(), 1);
    assert_eq!(monitor.notices()[0].code, Code::ClockOff);
}

#[test]
fn a_bad_signature_with_a_good_clock_is_not_repeated() {
    let date = vec![("date", httpdate::fmt_http_date(SystemTime::now()))];
    let body = r#"{"success":false,"code":"401","message":"签名错误","traceId":"t-9"}"#;
    let server = TestServer::start([Answer::Reply(200, date, body.into())]);
    let (crm, _) = stack(&endpoint(&server.url()), &FakeClock::new());
    let error = crm.fields().unwrap_err();
    assert!(error.class.is_fatal());
    assert_eq!(error.trace_id.as_deref(), Some("t-9"));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_bad_setting_fails_before_any_call() {
    let monitor: Arc<dyn Monitor> = Arc::new(Collector::default());
    let mut endpoint = endpoint("http://127.0.0.1:1");
    endpoint.api.sign.string = "{salt}".into();
    let error = Http::new(&endpoint, Arc::default(), monitor).err().unwrap();
    assert!(error.name == "sign.string");
}
