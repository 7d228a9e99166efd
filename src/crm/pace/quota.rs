//! Windows of hours and days, counted across runs and processes.
//!
//! Each account has one small file in the state folder. Every process takes calls from it in blocks, under the file's
//! lock, so the file is not touched for each call. It is not known how the server places its windows, so the count is
//! a sliding one: a window is cut into 24 buckets, and no stretch of its length holds more calls than the rate, whether
//! or not the server's day ends at midnight. A process that is killed leaves at most one block counted that was not
//! called, which errs on the safe side.
//!
//! The file's lines are `bucket-width-in-seconds bucket-number calls`; a line that cannot be read is ignored.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest as _, Sha256};

use super::rate::Rate;
use crate::model::{make_private_folder, private_options};

/// Buckets per window. One more is counted, because the current one has only begun.
const BUCKETS: u64 = 24;
/// The most calls in a block, which is also at most a hundredth of the smallest window.
const LARGEST_BLOCK: u64 = 50;

/// Where the processes of an account count and share their calls.
#[derive(Debug, Clone)]
pub struct QuotaScope {
    /// A folder that all processes of this user share.
    pub folder: PathBuf,
    /// Names the account: base URL and appid.
    pub account: String,
    /// Whether to fail instead of waiting when a window is spent.
    pub no_wait: bool,
}

/// How much of a counted window is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct WindowUse {
    /// The rate of the window.
    pub rate: Rate,
    /// Calls that lie in the window. A process that is at work counts some before it makes them.
    pub used: u64,
    /// When the first of them leave the window, in Unix seconds; `None` where none are used.
    pub frees_at: Option<u64>,
    /// How long it takes at least until the further calls that were asked about can all have been made.
    pub enough_in: Duration,
}

impl WindowUse {
    /// Returns how many calls are left.
    pub fn left(&self) -> u64 {
        self.rate.calls.saturating_sub(self.used)
    }
}

/// Why no call could be taken.
#[derive(Debug)]
pub(super) enum Spent {
    /// The window of `rate` is spent; calls come back at this Unix second.
    Until { rate: Rate, unix_seconds: u64 },
    /// The file cannot be used.
    Failed(io::Error),
}

/// The counted windows of one account.
#[derive(Debug)]
pub(super) struct Quota {
    path: PathBuf,
    rates: Vec<Rate>,
    block: u64,
    /// Calls that were taken from the file and not made yet.
    left: u64,
    /// When `left` was taken, in Unix seconds.
    taken_at: u64,
}

/// Calls by bucket width and bucket number.
type BucketCounts = BTreeMap<(u64, u64), u64>;

fn seconds_of(rate: Rate) -> u64 {
    rate.period.as_secs().div_ceil(BUCKETS)
}

/// Returns the name of a file that all processes of an account share.
pub(super) fn account_file(what: &str, account: &str, extension: &str) -> String {
    use std::fmt::Write as _;
    let digest = Sha256::digest(account.as_bytes());
    let mut name = format!("{what}-");
    for byte in digest.iter().take(8) {
        let _ = write!(name, "{byte:02x}");
    }
    format!("{name}.{extension}")
}

impl Quota {
    /// Opens the count of an account in a folder, and makes the folder where it is missing.
    pub(super) fn open(folder: &Path, account: &str, rates: Vec<Rate>) -> io::Result<Self> {
        make_private_folder(folder)?;
        let path = folder.join(account_file("quota", account, "txt"));
        let quota = Self {
            path,
            block: block_of(&rates),
            rates,
            left: 0,
            taken_at: 0,
        };
        // A file that cannot be used fails here rather than at the first call.
        quota.locked(|_| ((), false))?;
        Ok(quota)
    }

    /// Takes one call.
    pub(super) fn take_call(&mut self, now: u64) -> Result<(), Spent> {
        if self.left > 0 && !self.in_same_buckets(now) {
            self.give_back().map_err(Spent::Failed)?;
        }
        if self.left == 0 {
            self.left = self.take_block(now)?;
            self.taken_at = now;
        }
        self.left -= 1;
        Ok(())
    }

    /// Returns a call that was taken and not made.
    pub(super) fn untake(&mut self) {
        self.left += 1;
    }

    /// Looks how much of each window is used, without a pace: nothing is taken, and no file is made. `calls` further ones
    /// are asked about.
    pub(super) fn look(
        scope: &QuotaScope,
        rates: &[Rate],
        (now, calls): (u64, u64),
    ) -> io::Result<Vec<WindowUse>> {
        let path = scope
            .folder
            .join(account_file("quota", &scope.account, "txt"));
        let counts = match File::open(&path) {
            Ok(mut file) => {
                file.lock_shared()?;
                counts_in(&mut file)?
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => BucketCounts::new(),
            Err(error) => return Err(error),
        };
        let of = |rate: &Rate| {
            let used = used(&counts, *rate, now);
            WindowUse {
                rate: *rate,
                used,
                frees_at: (used > 0).then(|| freed(&counts, *rate, now)),
                enough_in: time_for(counts.clone(), *rate, (now, calls)),
            }
        };
        Ok(rates.iter().map(of).collect())
    }

    /// Returns how long it takes at least until so many further calls can all have been made.
    pub(super) fn time_for(&self, calls: u64, now: u64) -> io::Result<Duration> {
        let counts = self.locked(|counts| (counts.clone(), false))?;
        // Calls that were taken for this process are made first.
        let calls = calls.saturating_sub(self.left);
        let times = self
            .rates
            .iter()
            .map(|rate| time_for(counts.clone(), *rate, (now, calls)));
        Ok(times.max().unwrap_or_default())
    }

    fn in_same_buckets(&self, now: u64) -> bool {
        let same = |rate: &Rate| now / seconds_of(*rate) == self.taken_at / seconds_of(*rate);
        self.rates.iter().all(same)
    }

    fn take_block(&self, now: u64) -> Result<u64, Spent> {
        let taken = self.locked(|counts| {
            counts.retain(|(width, bucket), _| bucket + BUCKETS >= now / width);
            let mut block = self.block;
            let mut spent: Option<(u64, Rate)> = None;
            for rate in &self.rates {
                let left = rate.calls.saturating_sub(used(counts, *rate, now));
                block = block.min(left);
                if left == 0 {
                    let until = freed(counts, *rate, now);
                    if spent.is_none_or(|(latest, _)| until > latest) {
                        spent = Some((until, *rate));
                    }
                }
            }
            if let Some((unix_seconds, rate)) = spent {
                return (Err(Spent::Until { rate, unix_seconds }), false);
            }
            for width in self.widths() {
                *counts.entry((width, now / width)).or_default() += block;
            }
            (Ok(block), true)
        });
        taken.map_err(Spent::Failed)?
    }

    /// Returns the rest of the block to the buckets it was taken from.
    fn give_back(&mut self) -> io::Result<()> {
        let left = std::mem::take(&mut self.left);
        self.locked(|counts| {
            for width in self.widths() {
                if let Some(calls) = counts.get_mut(&(width, self.taken_at / width)) {
                    *calls = calls.saturating_sub(left);
                }
            }
            ((), true)
        })
    }

    fn widths(&self) -> Vec<u64> {
        let mut widths: Vec<u64> = self.rates.iter().map(|rate| seconds_of(*rate)).collect();
        widths.sort_unstable();
        widths.dedup();
        widths
    }

    /// Reads the counts under the lock. Writes them back when `work` returns true beside its result.
    fn locked<T>(&self, work: impl FnOnce(&mut BucketCounts) -> (T, bool)) -> io::Result<T> {
        let mut file = open(&self.path)?;
        file.lock()?;
        let mut counts = counts_in(&mut file)?;
        let (result, changed) = work(&mut counts);
        if changed {
            let lines = counts
                .iter()
                .map(|((width, bucket), calls)| format!("{width} {bucket} {calls}"));
            let text = lines.collect::<Vec<_>>().join("\n");
            file.rewind()?;
            file.write_all(text.as_bytes())?;
            file.set_len(text.len() as u64)?;
        }
        Ok(result)
    }
}

impl Drop for Quota {
    fn drop(&mut self) {
        if self.left > 0 {
            // Calls that cannot be returned are only counted too many.
            let _ = self.give_back();
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    private_options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Reads the counts of an open file. Bytes that are not text count as nothing, as do lines that are no counts.
fn counts_in(file: &mut File) -> io::Result<BucketCounts> {
    let mut text = String::new();
    match file.read_to_string(&mut text) {
        Err(error) if error.kind() != io::ErrorKind::InvalidData => Err(error),
        _ => Ok(text.lines().filter_map(parse_line).collect()),
    }
}

fn parse_line(line: &str) -> Option<((u64, u64), u64)> {
    let mut numbers = line.split(' ').map(str::parse::<u64>);
    let mut next = || numbers.next()?.ok();
    let (width, bucket, calls) = (next()?, next()?, next()?);
    (width > 0).then_some(((width, bucket), calls))
}

fn used(counts: &BucketCounts, rate: Rate, now: u64) -> u64 {
    let width = seconds_of(rate);
    let first = (now / width).saturating_sub(BUCKETS);
    let range = counts.range((width, first)..=(width, u64::MAX));
    range.map(|(_, calls)| calls).sum()
}

/// Returns the Unix second at which the oldest bucket that holds calls leaves the window.
fn freed(counts: &BucketCounts, rate: Rate, now: u64) -> u64 {
    let width = seconds_of(rate);
    let first = (now / width).saturating_sub(BUCKETS);
    let mut range = counts.range((width, first)..=(width, u64::MAX));
    let oldest = range.find(|(_, calls)| **calls > 0);
    oldest.map_or(now, |((_, bucket), _)| (bucket + BUCKETS + 1) * width)
}

/// Returns how many calls are counted at a time, before they are made.
pub(super) fn block_of(rates: &[Rate]) -> u64 {
    let smallest = rates.iter().map(|rate| rate.calls).min().unwrap_or(1);
    (smallest / 100).clamp(1, LARGEST_BLOCK)
}

/// Returns how long it takes until so many calls can all have been made within a window, if nobody else makes any.
fn time_for(mut counts: BucketCounts, rate: Rate, (now, calls): (u64, u64)) -> Duration {
    let width = seconds_of(rate);
    let Some(last) = calls.checked_sub(1) else {
        return Duration::ZERO;
    };
    // Each call comes back a window later, so they repeat themselves: the last round tells all.
    let rounds = last / rate.calls;
    let (mut left, mut moment) = (last % rate.calls + 1, now);
    loop {
        let free = rate.calls.saturating_sub(used(&counts, rate, moment));
        let made = free.min(left);
        *counts.entry((width, moment / width)).or_default() += made;
        left -= made;
        if left == 0 {
            break;
        }
        moment = freed(&counts, rate, moment).max(moment + 1);
    }
    Duration::from_secs(moment - now + rounds * (BUCKETS + 1) * width)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: u64 = 1_700_000_000;

    fn quota(folder: &Path, rates: &str) -> Quota {
        let rates: super::super::rate::Rates = rates.parse().unwrap();
        Quota::open(folder, "http://h|1090", rates.counted_windows()).unwrap()
    }

    fn take_all(quota: &mut Quota, now: u64) -> (u64, u64) {
        let mut taken = 0;
        loop {
            match quota.take_call(now) {
                Ok(()) => taken += 1,
                Err(Spent::Until { unix_seconds, .. }) => return (taken, unix_seconds),
                Err(Spent::Failed(error)) => panic!("{error}"),
            }
        }
    }

    #[test]
    fn runs_and_processes_share_the_count() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = quota(folder.path(), "1000/day");
        let mut second = quota(folder.path(), "1000/day");
        for _ in 0..300 {
            first.take_call(NOW).unwrap();
            second.take_call(NOW).unwrap();
        }
        first.take_call(NOW).unwrap();
        drop(first);
        drop(second);
        let mut third = quota(folder.path(), "1000/day");
        assert_eq!(third.time_for(399, NOW).unwrap(), Duration::ZERO);
        assert!(third.time_for(400, NOW).unwrap() > Duration::from_secs(86_400));
        let (taken, until) = take_all(&mut third, NOW);
        assert_eq!(taken, 399);
        // A bucket is an hour. It leaves when no 24 hours can hold both it and now.
        assert_eq!(until, (NOW / 3600 + 25) * 3600);
        assert!(third.take_call(until - 1).is_err());
        assert!(third.take_call(until).is_ok());
    }

    #[test]
    fn no_window_ever_holds_more_than_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let mut quota = quota(folder.path(), "100/h,1000/day");
        let mut calls: Vec<u64> = Vec::new();
        let mut now = NOW;
        while now < NOW + 3 * 86_400 {
            match quota.take_call(now) {
                Ok(()) => calls.push(now),
                Err(Spent::Until { unix_seconds, .. }) => now = unix_seconds - 20,
                Err(Spent::Failed(error)) => panic!("{error}"),
            }
            now += 20;
        }
        for (period, most) in [(3600, 100), (86_400, 1000)] {
            let crowded = calls
                .windows(most + 1)
                .any(|window| window[most] - window[0] < period);
            assert!(!crowded, "{period}");
        }
        assert!(calls.len() >= 2900, "{}", calls.len());
    }

    #[test]
    fn a_damaged_file_counts_as_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut quota = quota(folder.path(), "100/h");
        std::fs::write(&quota.path, b"\xff\xfe 1\n0 1 1\nx\n150 1").unwrap();
        assert_eq!(take_all(&mut quota, NOW).0, 100);
    }

    #[test]
    fn looking_takes_nothing_and_says_when_calls_come_back() {
        let folder = tempfile::tempdir().unwrap();
        let scope = QuotaScope {
            folder: folder.path().to_owned(),
            account: "http://h|1090".into(),
            no_wait: false,
        };
        let rates = [Rate::new(1000, 86_400), Rate::new(100, 3600)];
        let unused = Quota::look(&scope, &rates, (NOW, 100)).unwrap();
        assert!(
            unused
                .iter()
                .all(|its| its.used == 0 && its.frees_at.is_none() && its.enough_in.is_zero())
        );
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
        let mut quota = quota(folder.path(), "1000/day,100/h");
        let (taken, until) = take_all(&mut quota, NOW);
        drop(quota);
        for _ in 0..2 {
            let seen = Quota::look(&scope, &rates, (NOW, 1)).unwrap();
            assert_eq!((taken, seen[0].used, seen[0].left()), (100, 100, 900));
            assert_eq!((seen[1].left(), seen[1].frees_at), (0, Some(until)));
            let enough_in = [&seen[0], &seen[1]].map(|its| its.enough_in.as_secs());
            assert_eq!(enough_in, [0, until - NOW]);
        }
        let later = Quota::look(&scope, &rates, (until, 0)).unwrap();
        assert_eq!((later[0].used, later[1].used), (100, 0));
    }

    #[test]
    fn calls_in_hand_count_as_used_before_they_are_made() {
        let folder = tempfile::tempdir().unwrap();
        let scope = QuotaScope {
            folder: folder.path().to_owned(),
            account: "http://h|1090".into(),
            no_wait: false,
        };
        let rates = [Rate::new(1000, 3600)];
        let mut quota = quota(folder.path(), "1000/h");
        for _ in 0..995 {
            quota.take_call(NOW).unwrap();
        }
        let needs = |calls| Quota::look(&scope, &rates, (NOW, calls)).unwrap()[0].enough_in;
        assert!(!needs(5).is_zero());
        assert!(needs(5_u64.saturating_sub(block_of(&rates))).is_zero());
    }

    #[test]
    fn the_time_that_calls_need_is_the_time_that_they_take() {
        for used in [0, 40, 100] {
            for calls in [0, 1, 60, 61, 100, 101, 350] {
                let folder = tempfile::tempdir().unwrap();
                let mut quota = quota(folder.path(), "100/h");
                for second in 0..used {
                    quota.take_call(NOW + 10 * second).unwrap();
                }
                let begin = NOW + 1800;
                let foretold = quota.time_for(calls, begin).unwrap().as_secs();
                let mut now = begin;
                for _ in 0..calls {
                    while let Err(spent) = quota.take_call(now) {
                        let Spent::Until { unix_seconds, .. } = spent else {
                            panic!("{spent:?}");
                        };
                        now = unix_seconds;
                    }
                }
                // Each round after the first may be told a bucket too long.
                let most = now - begin + calls / 100 * 150;
                assert!((now - begin..=most).contains(&foretold), "{used} {calls}");
            }
        }
    }

    #[test]
    fn accounts_do_not_share() {
        let name = |account| account_file("quota", account, "txt");
        assert_ne!(name("http://h|1"), name("http://h|2"));
    }
}
