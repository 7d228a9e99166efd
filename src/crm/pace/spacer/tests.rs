//! Processes that share the pace of an account, each as late as it may be, on a clock that the test moves.

use super::*;

/// When the clock of the test begins.
const BEGIN: Duration = Duration::from_secs(1000);
const UNIX: u64 = 1_700_000_000_000_000;

const fn ms(milliseconds: u64) -> Duration {
    Duration::from_millis(milliseconds)
}

/// Returns the moment that lies so long after the beginning.
fn at(after: Duration) -> Moment {
    Moment {
        now: BEGIN + after,
        unix: UNIX + after.as_micros() as u64,
    }
}

/// A process that calls as fast as it may.
struct Process {
    spacer: Spacer,
    /// When the process asks next.
    wakes: Duration,
    /// Calls that the process still has to make.
    left: usize,
    /// Whether the process tells the others when it ends. A killed one does not.
    says_so: bool,
    calls: Vec<Duration>,
}

/// Processes of one account.
struct Account {
    folder: tempfile::TempDir,
    rates: Vec<Rate>,
    /// How much too late a sender wakes at most.
    late: Duration,
    random: fastrand::Rng,
    processes: Vec<Process>,
}

impl Account {
    fn new(rates: &[Rate], late: Duration, seed: u64) -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            rates: rates.to_vec(),
            late,
            random: fastrand::Rng::with_seed(seed),
            processes: Vec::new(),
        }
    }

    /// Adds a process that begins at `begins` and makes so many calls. Returns its number.
    fn process(&mut self, begins: Duration, calls: usize) -> usize {
        let open = |longest| Processes::open(self.folder.path(), "here", longest).ok();
        self.processes.push(Process {
            spacer: Spacer::new(&self.rates, BEGIN + begins, open),
            wakes: begins,
            left: calls,
            says_so: true,
            calls: Vec::new(),
        });
        self.processes.len() - 1
    }

    /// Lets time pass until `end`, or until all calls are made.
    fn run_until(&mut self, end: Duration) {
        loop {
            let unfinished = self.processes.iter_mut().filter(|process| process.left > 0);
            let next = unfinished.min_by_key(|process| process.wakes);
            let Some(process) = next.filter(|process| process.wakes < end) else {
                return;
            };
            let now = process.wakes;
            match process.spacer.release(at(now)) {
                Release::Now => {
                    process.calls.push(now);
                    process.left -= 1;
                    if process.left == 0 && process.says_so {
                        process.spacer.leave(at(now));
                    }
                }
                Release::After(rest) => {
                    assert!(!rest.is_zero());
                    let late = self.random.u64(0..=self.late.as_micros() as u64);
                    process.wakes = now + rest + Duration::from_micros(late);
                }
            }
        }
    }

    fn run(&mut self) {
        self.run_until(Duration::MAX);
    }

    fn calls(&self) -> Vec<Duration> {
        let calls = self.processes.iter().flat_map(|process| &process.calls);
        let mut calls: Vec<Duration> = calls.copied().collect();
        calls.sort_unstable();
        calls
    }

    /// Returns the most calls in any sliding window of a period.
    fn most_within(&self, period: Duration) -> u64 {
        let calls = self.calls();
        let mut first = 0;
        let mut most = 0;
        for (position, call) in calls.iter().enumerate() {
            while calls[first] + period <= *call {
                first += 1;
            }
            most = most.max(position + 1 - first);
        }
        most as u64
    }

    #[track_caller]
    fn assert_kept(&self) {
        for rate in &self.rates {
            let most = self.most_within(rate.period);
            assert!(most <= rate.calls, "{most} calls at {rate}");
        }
    }
}

#[test]
fn calls_of_one_process_keep_their_distance_and_their_window() {
    for calls in [5, 50, 200] {
        let rate = Rate::new(calls, 1);
        let mut account = Account::new(&[rate], rate.spacing() / 2, calls);
        account.process(ms(0), calls as usize * 10);
        account.run();
        account.assert_kept();
        // However late the senders wake, little is lost.
        let last = *account.calls().last().unwrap();
        assert!(last < ms(10_300) + rate.spacing(), "{calls}/s: {last:?}");
    }
}

#[test]
fn no_second_holds_too_many_calls_when_processes_come_and_go() {
    for calls in [3, 5, 10, 50, 200, 500] {
        for seed in 0..8 {
            let rate = Rate::new(calls, 1);
            let mut account = Account::new(&[rate], rate.spacing() / 2, seed);
            let second = calls as usize;
            account.process(ms(0), second * 6);
            account.process(ms(1230 + seed * 97), second * 2);
            account.process(ms(1250 + seed * 131), second);
            account.process(ms(3600 + seed * 53), 2);
            account.run();
            account.assert_kept();
        }
    }
}

#[test]
fn little_of_the_pace_is_lost_when_a_process_joins() {
    for calls in [50, 200, 500] {
        let mut account = Account::new(&[Rate::new(calls, 1)], ms(0), 1);
        let second = calls as usize;
        account.process(ms(0), second * 6);
        account.process(ms(1500), second * 4);
        account.run();
        account.assert_kept();
        let last = *account.calls().last().unwrap();
        assert!(last < ms(10_500), "{calls}/s: {last:?}");
    }
}

#[test]
fn minutes_are_shared_as_well_and_nobody_pauses_for_them() {
    let rates = [Rate::new(20, 1), Rate::new(600, 60)];
    let mut account = Account::new(&rates, ms(5), 1);
    account.process(ms(0), 1500);
    account.process(Duration::from_secs(70), 500);
    account.run();
    account.assert_kept();
    let first = &account.processes[0].calls;
    let longest = first
        .windows(2)
        .map(|pair| pair[1].saturating_sub(pair[0]))
        .max();
    assert!(longest.unwrap() < ms(1000), "{longest:?}");
    assert!(*account.calls().last().unwrap() < Duration::from_secs(210));
}

#[test]
fn who_is_killed_leaves_the_pace_to_the_others() {
    let mut account = Account::new(&[Rate::new(100, 1)], ms(1), 1);
    account.process(ms(0), 2000);
    let killed = account.process(ms(1000), 2000);
    account.processes[killed].says_so = false;
    account.run_until(ms(5000));
    account.processes[killed].left = 0;
    account.run();
    account.assert_kept();
    let from = |begin: u64| {
        let calls = &account.processes[0].calls;
        let within = |call: &&Duration| **call >= ms(begin) && **call < ms(begin + 1000);
        calls.iter().filter(within).count()
    };
    assert!((48..=50).contains(&from(4000)), "{}", from(4000));
    assert!((97..=100).contains(&from(9500)), "{}", from(9500));
}

#[test]
fn who_is_idle_does_not_count_and_joins_again() {
    let mut account = Account::new(&[Rate::new(100, 1)], ms(1), 1);
    account.process(ms(0), 3000);
    let idle = account.process(ms(1000), 1000);
    account.run_until(ms(5000));
    // Ten seconds without a call: the process plans, or asks the person.
    account.processes[idle].wakes = ms(15_000);
    account.run();
    account.assert_kept();
    let calls = |process: usize, begin: u64| {
        let calls = &account.processes[process].calls;
        let within = |call: &&Duration| **call >= ms(begin) && **call < ms(begin + 1000);
        calls.iter().filter(within).count()
    };
    assert!((97..=100).contains(&calls(0, 12_000)));
    for process in [0, idle] {
        assert!((48..=50).contains(&calls(process, 18_000)));
    }
}

#[test]
fn where_there_are_fewer_calls_than_processes_they_take_turns() {
    let mut account = Account::new(&[Rate::new(1, 1)], ms(3), 1);
    for _ in 0..3 {
        account.process(ms(0), 100);
    }
    account.run_until(Duration::from_secs(60));
    account.assert_kept();
    let calls: Vec<usize> = account
        .processes
        .iter()
        .map(|process| process.calls.len())
        .collect();
    assert!(
        calls.iter().all(|calls| (13..=20).contains(calls)),
        "{calls:?}"
    );
}

#[test]
fn processes_that_follow_each_other_keep_the_pace() {
    let mut account = Account::new(&[Rate::new(10, 1)], ms(0), 1);
    let mut begins = ms(0);
    for _ in 0..30 {
        let number = account.process(begins, 1);
        account.run();
        begins = *account.processes[number].calls.last().unwrap() + ms(5);
    }
    account.assert_kept();
    assert_eq!(*account.calls().last().unwrap(), ms(29 * 101));
}

#[test]
fn a_gate_that_one_process_finds_closed_is_closed_for_the_others() {
    let mut account = Account::new(&[Rate::new(10, 1)], ms(0), 1);
    let one = account.process(ms(0), 100);
    let other = account.process(ms(0), 100);
    account.run_until(ms(2000));
    account.processes[one]
        .spacer
        .busy(Some(ms(7000)), at(ms(2000)));
    account.run_until(ms(20_000));
    for process in [one, other] {
        let calls = &account.processes[process].calls;
        let quiet = calls
            .iter()
            .filter(|call| **call > ms(2250) && **call < ms(9000));
        assert_eq!(quiet.count(), 0);
        assert!(calls.iter().any(|call| *call > ms(9000)));
    }
}

#[test]
fn the_narrowest_window_sets_the_spacing() {
    let rates = [Rate::new(10, 1), Rate::new(60, 60)];
    let mut spacer = Spacer::new(&rates, BEGIN, |_| None);
    assert_eq!(spacer.spacing(), ms(1010));
    spacer.throttle().slow_down(BEGIN);
    assert_eq!(spacer.spacing(), ms(2020));
    assert_eq!(spacer.full_spacing(), ms(1010));
}

#[test]
fn a_call_leaves_every_ten_seconds_however_busy_the_server() {
    let mut spacer = Spacer::new(&[Rate::new(100, 1)], BEGIN, |_| None);
    for second in 0..40 {
        spacer
            .throttle()
            .slow_down(BEGIN + Duration::from_secs(second));
    }
    let slowest = spacer.spacing().as_secs_f64();
    assert!((slowest - 10.0).abs() < 0.001, "{slowest}");
}

#[test]
fn a_changed_pace_begins_at_the_latest_call() {
    let mut spacer = Spacer::new(&[Rate::new(10, 1)], BEGIN, |_| None);
    assert_eq!(spacer.release(at(ms(0))), Release::Now);
    assert_eq!(spacer.release(at(ms(50))), Release::After(ms(51)));
    spacer.throttle().slow_down(BEGIN + ms(50));
    assert_eq!(spacer.release(at(ms(50))), Release::After(ms(152)));
    assert_eq!(spacer.release(at(ms(202))), Release::Now);
    assert_eq!(spacer.release(at(ms(202))), Release::After(ms(202)));
}

/// Rows are noted as being sent when the pace is open. A process that comes after a killed one waits for it as for one
/// that lives. A kill during that wait must find no row noted.
#[test]
fn a_process_that_joins_is_open_only_when_its_call_may_leave() {
    let mut account = Account::new(&["300/s".parse().unwrap()], Duration::ZERO, 1);
    let killed = account.process(Duration::ZERO, 5);
    account.processes[killed].says_so = false;
    account.run_until(ms(1000));
    let resumed = account.process(ms(1000), 1);
    let spacer = &mut account.processes[resumed].spacer;
    let mut now = ms(1000);
    let mut looks = 0;
    loop {
        let rest = spacer.opens_in(at(now));
        if rest.is_zero() {
            break;
        }
        looks += 1;
        assert!(rest <= LOOK && looks < 10, "{rest:?} after {looks} looks");
        now += rest;
    }
    assert!(now >= ms(1000) + JOIN, "{now:?}");
    assert!(matches!(spacer.release(at(now)), Release::Now));
}
