//! Retries and outages, on scripted attempts and a clock that only sleeping moves.

use super::*;
use crate::crm::clock::FakeClock;
use crate::crm::testing::{Collector, Scripted, busy_error, error, id, record};
use crate::model::Fact;

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
            RetryPolicy::default(),
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
    // The CRM answers lists, but not this read, which is given up in the end.
    let crm = Scripted::new(times(Class::Unknown, 99)).with_good_lists();
    let start = bench.clock.now();
    assert!(bench.retry(&crm).find(&id()).is_err());
    assert_eq!(crm.calls() - crm.lists(), 7);
    assert!(bench.clock.now().saturating_sub(start) > Duration::from_secs(10));
}

#[test]
fn a_yes_that_cannot_be_read_is_repeated_once() {
    let odd = CallError {
        code: Some("200".to_owned()),
        http_status: Some(200),
        ..error(Class::Unknown)
    };
    let crm = Scripted::new(vec![Some(odd); 9]);
    let bench = Bench::new();
    let query = Query {
        page: 1,
        limit: 1,
        condition: None,
    };
    assert!(bench.retry(&crm).list(&query).is_err());
    assert_eq!(crm.calls(), 2);
}

#[test]
fn an_add_is_repeated_when_it_surely_did_not_happen() {
    let mut script = times(Class::NotSent, 8);
    script.extend([
        None,
        Some(busy_error(30)),
        Some(busy_error(0)),
        Some(error(Class::Busy)),
    ]);
    let crm = Scripted::new(script);
    let bench = Bench::new();
    let start = bench.clock.now();
    // The CRM has answered before, so a long outage is waited out.
    let retry = bench.retry(&crm);
    retry.breaker.answered(Call::Fields, Duration::ZERO);
    retry.add(&record()).unwrap();
    // Five adds: three not sent, one busy, and the last. Nine lists: six until one was answered, and three more after
    // the busy add.
    assert_eq!((crm.adds(), crm.lists()), (5, 9));
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
    retry.breaker.answered(Call::Fields, Duration::ZERO);
    let start = bench.clock.now();
    retry.add(&record()).unwrap_err();
    let waited = bench.clock.now().saturating_sub(start);
    assert!(
        waited >= Duration::from_secs(600) && waited < Duration::from_secs(620),
        "{waited:?}"
    );
    // A later call tries once.
    let before = crm.calls();
    bench.clock.advance(Duration::from_secs(20));
    retry.add(&record()).unwrap_err();
    assert_eq!(crm.calls(), before + 1);
}

#[test]
fn a_stop_ends_every_wait() {
    let stop = Stop::new();
    let asked = stop.clone();
    let bench = Bench::with_clock(FakeClock::with_hook(move |_| asked.request()), stop);
    let crm = Scripted::new([Some(busy_error(60)), None]);
    let result = bench.retry(&crm).add(&record());
    assert_eq!(result.unwrap_err().class, Class::NotSent);
    assert_eq!(crm.calls(), 1);
}

#[test]
fn after_three_adds_in_doubt_a_read_asks_first() {
    let mut script = times(Class::Unknown, 3);
    // Two lists that are not answered, one that is.
    script.extend(times(Class::NotSent, 1));
    script.extend(times(Class::Unknown, 1));
    let crm = Scripted::new(script);
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    for _ in 0..3 {
        assert_eq!(retry.add(&record()).unwrap_err().class, Class::Unknown);
    }
    assert_eq!((crm.adds(), crm.lists()), (3, 0));
    retry.add(&record()).unwrap();
    assert_eq!((crm.adds(), crm.lists()), (4, 3));
    let told: Vec<Code> = bench.monitor.notices().iter().map(|it| it.code).collect();
    assert_eq!(told, [Code::OutageWait]);
    retry.add(&record()).unwrap();
    assert_eq!((crm.adds(), crm.lists()), (5, 3));
}

#[test]
fn an_outage_in_any_dress_ends_as_not_sent() {
    let crm = Scripted::new(times(Class::Unknown, 10_000));
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    retry.breaker.answered(Call::Fields, Duration::ZERO);
    for _ in 0..3 {
        retry.add(&record()).unwrap_err();
    }
    let start = bench.clock.now();
    let end = retry.add(&record()).unwrap_err();
    assert_eq!((end.class, crm.adds()), (Class::NotSent, 3));
    let waited = bench.clock.now().saturating_sub(start);
    assert!(
        waited >= Duration::from_secs(590) && waited < Duration::from_secs(640),
        "{waited:?}"
    );
}

/// A gateway may say busy to reads as well. That is no answer of the CRM, and lists are not repeated at full speed.
#[test]
fn an_outage_that_says_busy_ends_as_not_sent() {
    for busy in [error(Class::Busy), busy_error(1)] {
        let mut script = times(Class::Unknown, 3);
        script.extend(vec![Some(busy); 10_000]);
        let crm = Scripted::new(script);
        let bench = Bench::new();
        let retry = bench.retry(&crm);
        retry.breaker.answered(Call::Fields, Duration::ZERO);
        for _ in 0..3 {
            retry.add(&record()).unwrap_err();
        }
        let end = retry.add(&record()).unwrap_err();
        assert_eq!((end.class, crm.adds()), (Class::NotSent, 3));
        assert!(crm.lists() < 120, "{}", crm.lists());
    }
}

/// A stop comes while a list asks whether the CRM answers. The add that waits for it was not sent, whatever the
/// list is answered.
#[test]
fn a_stop_while_the_crm_is_asked_leaves_the_add_unsent() {
    for answer in [Class::Unknown, Class::Refused] {
        let mut script = times(Class::Unknown, 3);
        script.extend(times(answer, 99));
        let crm = Scripted::new(script);
        let stop = Stop::new();
        let (asked, sleeps) = (stop.clone(), std::sync::atomic::AtomicU32::new(0));
        let clock = FakeClock::with_hook(move |_| {
            // The ninth sleep: the wait before the second list, or the wait for the pace before the first.
            if sleeps.fetch_add(1, Ordering::Relaxed) == 8 {
                asked.request();
            }
        });
        let bench = Bench::with_clock(clock, stop);
        let retry = bench.retry(&crm);
        for _ in 0..3 {
            assert_eq!(retry.add(&record()).unwrap_err().class, Class::Unknown);
        }
        for _ in 0..9 {
            let class = retry.add(&record()).unwrap_err().class;
            if bench.stop.is_requested() {
                assert_eq!(class, Class::NotSent);
            }
        }
    }
}

#[test]
fn an_update_waits_for_the_end_of_an_outage() {
    // Three attempts open the breaker, then forty lists fail: far more than an update has attempts.
    let crm = Scripted::new(times(Class::Unknown, 43));
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    retry.breaker.answered(Call::Fields, Duration::ZERO);
    retry.update(&id(), &record()).unwrap();
    assert_eq!(crm.calls(), 45);
}

#[test]
fn a_refused_account_is_no_proof_where_it_was_accepted_before() {
    for class in [
        Class::BadSignature,
        Class::UnknownAppid,
        Class::NoPermission,
    ] {
        let refusal = CallError {
            code: Some("401".to_owned()),
            ..error(class)
        };
        let crm = Scripted::new([None, None, Some(refusal)]);
        let bench = Bench::new();
        let retry = bench.retry(&crm);
        retry.fields().unwrap();
        retry.add(&record()).unwrap();
        let end = retry.add(&record()).unwrap_err();
        assert_eq!((end.class, end.sounds_like), (Class::Unknown, Some(class)));
    }
    // An account that may read need not be allowed to add.
    let crm = Scripted::new([None, Some(error(Class::NoPermission))]);
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    retry.fields().unwrap();
    let end = retry.add(&record()).unwrap_err();
    assert_eq!(end.class, Class::NoPermission);
}

#[test]
fn a_pause_of_absurd_length_is_waited_for_no_longer_than_max_outage() {
    let crm = Scripted::new(vec![Some(busy_error(86_400 * 365)); 9]);
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    retry.fields().unwrap_err();
    let start = bench.clock.now();
    let end = retry.add(&record()).unwrap_err();
    let waited = bench.clock.now().saturating_sub(start);
    assert!(waited <= Duration::from_secs(1300), "{waited:?}");
    assert_eq!(end.class, Class::Busy);
    let Fact::Phrase(phrase) = &end.message else {
        panic!("{:?}", end.message);
    };
    assert_eq!(phrase.saying, Saying::AsksToWait);
    assert_eq!(phrase.facts.get("seconds"), Some(&"31536000".into()));
    assert!(crm.calls() <= 5, "{}", crm.calls());
}

#[test]
fn repetitions_have_a_budget() {
    let crm = Scripted::new(times(Class::Unknown, 10_000)).with_good_lists();
    let bench = Bench::new();
    let retry = bench.retry(&crm);
    for _ in 0..100 {
        retry.find(&id()).unwrap_err();
    }
    // 100 calls, the floor of 32, and a fifth of the calls; one list per three of them.
    let finds = crm.calls() - crm.lists();
    assert!(finds <= 100 + 32 + 20, "{finds}");
    assert!(crm.lists() <= finds / 3, "{}", crm.lists());
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
