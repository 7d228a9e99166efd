//! Patience, on scripted attempts and a clock that sleeping moves.

use super::*;
use crate::crm::clock::FakeClock;
use crate::crm::testing::{Collector, Scripted, busy, error, id, record};

struct Bench {
    clock: FakeClock,
    stop: Stop,
    monitor: Arc<Collector>,
}

impl Bench {
    fn new() -> Self {
        Self::with_clock(FakeClock::new(), Stop::new())
    }

    fn with_clock(clock: FakeClock, stop: Stop) -> Self {
        Self {
            clock,
            stop,
            monitor: Arc::default(),
        }
    }

    fn pace(&self) -> Arc<Pace> {
        let rates = "1000/s".parse().unwrap();
        let clock = Arc::new(self.clock.clone());
        let pace = Pace::with_clock(&rates, None, self.monitor.clone(), clock);
        Arc::new(pace.unwrap())
    }

    fn retry<'a>(&self, crm: &'a Scripted) -> Retry<crate::crm::Paced<&'a Scripted>> {
        let (pace, stop) = (self.pace(), self.stop.clone());
        let paced = crate::crm::Paced::new(crm, pace.clone(), self.monitor.clone(), stop.clone());
        Retry::new(
            paced,
            "h",
            Patience::default(),
            pace,
            self.monitor.clone(),
            stop,
        )
    }
}

fn times(class: Class, times: usize) -> Vec<Option<CallError>> {
    vec![Some(error(class)); times]
}

#[test]
fn only_an_add_is_not_repeated_in_doubt() {
    let crm = Scripted::new(times(Class::Unknown, 1));
    let bench = Bench::new();
    assert_eq!(
        bench.retry(&crm).add(&record()).unwrap_err().class,
        Class::Unknown
    );
    assert_eq!(crm.calls(), 1);
    let crm = Scripted::new(times(Class::Unknown, 6));
    let start = bench.clock.now();
    bench.retry(&crm).fields().unwrap();
    assert_eq!(crm.calls(), 7);
    // A server that fails for 20 s fails no call.
    assert!(bench.clock.now().saturating_sub(start) > Duration::from_secs(20));
    let crm = Scripted::new(times(Class::Unknown, 99));
    assert!(bench.retry(&crm).find(&id()).is_err());
    assert_eq!(crm.calls(), 7);
}

#[test]
fn an_add_is_repeated_when_it_surely_did_not_happen() {
    let mut script = times(Class::NotSent, 8);
    script.extend([Some(busy(30)), Some(busy(0)), Some(error(Class::Busy))]);
    let crm = Scripted::new(script);
    let bench = Bench::new();
    let start = bench.clock.now();
    // Reached once, so that the outage may be long.
    let retry = bench.retry(&crm);
    retry.reached();
    retry.add(&record()).unwrap();
    assert_eq!(crm.calls(), 12);
    assert!(bench.clock.now().saturating_sub(start) >= Duration::from_secs(30));
}

#[test]
fn refusals_are_final() {
    for class in [
        Class::Refused,
        Class::Gone,
        Class::BadSignature,
        Class::UnknownAppid,
        Class::NoPermission,
    ] {
        let crm = Scripted::new(times(class, 1));
        let result = Bench::new().retry(&crm).update(&id(), &record());
        assert_eq!(result.unwrap_err().class, class);
        assert_eq!(crm.calls(), 1);
    }
}

#[test]
fn doubt_outweighs_what_comes_after() {
    let bench = Bench::new();
    let stop = bench.stop.clone();
    let clock = FakeClock::with_hook(move |_| stop.request());
    let bench = Bench::with_clock(clock, bench.stop);
    let crm = Scripted::new(times(Class::Unknown, 2));
    let result = bench.retry(&crm).update(&id(), &record());
    assert_eq!(result.unwrap_err().class, Class::Unknown);
    assert_eq!(crm.calls(), 1);

    let mut script = times(Class::Unknown, 1);
    script.extend(times(Class::Gone, 1));
    let crm = Scripted::new(script);
    assert_eq!(Bench::new().retry(&crm).delete(&id()), Ok(()));
    assert_eq!(crm.calls(), 2);
}

#[test]
fn an_outage_ends_resumably() {
    let crm = Scripted::new(times(Class::NotSent, 10_000));
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    let start = bench.clock.now();
    assert_eq!(retry.add(&record()).unwrap_err().class, Class::NotSent);
    let waited = bench.clock.now().saturating_sub(start);
    assert!(
        waited >= Duration::from_secs(15) && waited < Duration::from_secs(40),
        "{waited:?}"
    );

    let retry = bench.retry(&crm);
    retry.reached();
    let start = bench.clock.now();
    retry.add(&record()).unwrap_err();
    let waited = bench.clock.now().saturating_sub(start);
    assert!(
        waited >= Duration::from_secs(600) && waited < Duration::from_secs(620),
        "{waited:?}"
    );
    // Whoever comes next tries once.
    let before = crm.calls();
    retry.add(&record()).unwrap_err();
    assert_eq!(crm.calls(), before + 1);
}

#[test]
fn a_stop_ends_every_wait() {
    let stop = Stop::new();
    let asked = stop.clone();
    let bench = Bench::with_clock(FakeClock::with_hook(move |_| asked.request()), stop);
    let crm = Scripted::new([Some(busy(60)), None]);
    let result = bench.retry(&crm).add(&record());
    assert_eq!(result.unwrap_err().class, Class::NotSent);
    assert_eq!(crm.calls(), 1);
}

#[test]
fn one_sender_probes_while_the_server_is_away() {
    let crm = Scripted::new(times(Class::NotSent, 3));
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    for _ in 0..BREAKER {
        retry.after_not_sent(&error(Class::NotSent), &mut Run::default());
    }
    let mut probe = None;
    retry.pass_breaker(&mut probe).unwrap();
    assert!(probe.is_some());
    // A second sender waits until the outage is too long.
    let mut other = None;
    assert!(retry.pass_breaker(&mut other).is_err());
    drop(probe);
    retry.reached();
    let mut third = None;
    retry.pass_breaker(&mut third).unwrap();
    assert!(third.is_none());
}

#[test]
fn repetitions_have_a_budget() {
    let crm = Scripted::new(times(Class::Unknown, 10_000));
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    for _ in 0..100 {
        retry.find(&id()).unwrap_err();
    }
    // 100 calls, the floor of 32, and a fifth of the calls.
    assert!(crm.calls() <= 100 + 32 + 20, "{}", crm.calls());
}

#[test]
fn a_corrected_clock_is_worth_one_repetition() {
    let corrected = CallError {
        retry_after: Some(Duration::ZERO),
        ..error(Class::BadSignature)
    };
    let crm = Scripted::new([Some(corrected.clone()), None]);
    Bench::new().retry(&crm).add(&record()).unwrap();
    let crm = Scripted::new(vec![Some(corrected); 9]);
    Bench::new().retry(&crm).add(&record()).unwrap_err();
    assert_eq!(crm.calls(), 2);
}
