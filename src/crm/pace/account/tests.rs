//! The pace as senders see it, on a clock that only sleeping moves.

use super::*;
use crate::crm::clock::FakeClock;
use crate::crm::testing::Collector;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

fn pace(rates: &str, clock: &FakeClock) -> Pace {
    counted(rates, clock, None, &Arc::default())
}

fn counted(
    rates: &str,
    clock: &FakeClock,
    scope: Option<&QuotaScope>,
    monitor: &Arc<Collector>,
) -> Pace {
    let rates = rates.parse().unwrap();
    let clock = Arc::new(clock.clone());
    Pace::with_clock(&rates, scope, monitor.clone(), clock).unwrap()
}

#[test]
fn calls_keep_their_distance() {
    let clock = FakeClock::new();
    let pace = pace("10/s, 300/min", &clock);
    let start = clock.now();
    let stop = Stop::new();
    for _ in 0..100 {
        pace.acquire(&stop).unwrap();
    }
    // The narrower window is that of minutes: 200 ms a call, and 1 % more.
    assert_eq!(clock.now().saturating_sub(start), ms(99 * 202));
    assert_eq!(pace.estimate(100), ms(100 * 202));
}

#[test]
fn a_stop_wakes_the_sleepers() {
    let stop = Stop::new();
    let asked = stop.clone();
    let clock = FakeClock::with_hook(move |_| asked.request());
    let pace = pace("1/min", &clock);
    pace.acquire(&stop).unwrap();
    assert_eq!(pace.acquire(&stop), Err(Denied::Stopped));
    assert_eq!(pace.acquire(&stop), Err(Denied::Stopped));

    // The same on the computer's clock, with a stop from another thread.
    let real = Pace::new(
        &"1/min".parse().unwrap(),
        None,
        Arc::new(Collector::default()),
    )
    .unwrap();
    let stop = Stop::new();
    real.acquire(&stop).unwrap();
    std::thread::scope(|scope| {
        let sleeper = scope.spawn(|| real.acquire(&stop));
        stop.request();
        assert_eq!(sleeper.join().unwrap(), Err(Denied::Stopped));
    });
}

#[test]
fn the_gate_holds_everyone() {
    let clock = FakeClock::new();
    let pace = pace("10/s", &clock);
    let stop = Stop::new();
    let start = clock.now();
    assert_eq!(pace.calls_within(ms(250)), 2);
    pace.busy(Some(ms(3000)));
    assert_eq!(pace.calls_within(ms(250)), 0);
    pace.acquire(&stop).unwrap();
    assert_eq!(clock.now().saturating_sub(start), ms(3000));
    // The gate is open again at half the pace. The pace halves once more when the server goes on failing.
    assert_eq!(pace.calls_within(ms(1000)), 4);
    pace.slow_down();
    assert_eq!(pace.calls_within(ms(1000)), 2);
    assert_eq!(pace.calls_within(ms(1)), 1);
}

#[test]
fn a_spent_day_waits_or_fails() {
    let folder = tempfile::tempdir().unwrap();
    let mut counting = QuotaScope {
        folder: folder.path().join("state"),
        account: "http://h|1090".into(),
        no_wait: true,
    };
    let clock = FakeClock::new();
    let stop = Stop::new();
    let monitor = Arc::new(Collector::default());
    let hasty = counted("10/s, 20/day", &clock, Some(&counting), &monitor);
    for _ in 0..20 {
        hasty.acquire(&stop).unwrap();
    }
    assert!(!hasty.refuses());
    let denied = hasty.acquire(&stop).unwrap_err();
    assert!(
        denied
            .to_string()
            .starts_with("the quota of 20/day is spent until 20")
    );
    assert!(hasty.refuses());

    counting.no_wait = false;
    let patient = counted("10/s, 20/day", &clock, Some(&counting), &monitor);
    assert!(patient.estimate(21) >= Duration::from_secs(2 * 86_400));
    assert_eq!(monitor.notices().len(), 0);
    let before = clock.now();
    patient.acquire(&stop).unwrap();
    let waited = clock.now().saturating_sub(before);
    assert!(waited > Duration::from_secs(86_000) && waited <= Duration::from_secs(90_000));
    assert_eq!(monitor.notices().len(), 1);
    assert_eq!(monitor.notices()[0].code, Code::QuotaSpent);
}

#[test]
fn threads_together_keep_the_window() {
    let pace = Pace::new(
        &"200/s".parse().unwrap(),
        None,
        Arc::new(Collector::default()),
    )
    .unwrap();
    let stop = Stop::new();
    let released = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..20 {
                    pace.acquire(&stop).unwrap();
                    let now = pace.clock().now();
                    lock(&released).push(now);
                }
            });
        }
    });
    let mut released = lock(&released).clone();
    released.sort_unstable();
    // 80 calls, 5.05 ms apart.
    assert!(
        released[79].saturating_sub(released[0]) >= ms(395),
        "{:?}",
        released[79].saturating_sub(released[0])
    );
}

#[test]
fn two_jobs_of_one_account_share_its_pace() {
    let folder = tempfile::tempdir().unwrap();
    let counting = |account: &str| QuotaScope {
        folder: folder.path().to_owned(),
        account: account.to_owned(),
        no_wait: false,
    };
    let clock = FakeClock::new();
    let monitor = Arc::default();
    let one = counted("10/s", &clock, Some(&counting("here")), &monitor);
    let other = counted("10/s", &clock, Some(&counting("here")), &monitor);
    let stop = Stop::new();
    one.acquire(&stop).unwrap();
    other.acquire(&stop).unwrap();
    // The process that joins gives the others time to see it. Then each has half the pace.
    let mut released = Vec::new();
    for _ in 0..10 {
        one.acquire(&stop).unwrap();
        released.push(clock.now());
    }
    // `one` has waited while `other` joined, so its first two calls may leave together.
    let took = released[9].saturating_sub(released[0]);
    assert!(took >= ms(8 * 202) && took < ms(10 * 202), "{took:?}");
    drop(one);
    let before = clock.now();
    for _ in 0..20 {
        other.acquire(&stop).unwrap();
    }
    assert!(clock.now().saturating_sub(before) < ms(20 * 101 + 1000));
    // Another account has a pace of its own.
    let before = clock.now();
    counted("10/s", &clock, Some(&counting("there")), &monitor)
        .acquire(&stop)
        .unwrap();
    assert_eq!(clock.now(), before);
}
