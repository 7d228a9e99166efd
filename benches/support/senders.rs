//! Senders that make calls as fast as a pace allows, in this process or in another one, and note when each call left.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crm_ferry::crm::{Pace, QuotaScope};
use crm_ferry::model::{Stop, VoidMonitor};

use crate::arguments::Outcome;

/// The first argument of a process that only makes calls.
const CALLER: &str = "caller";

/// The calls of a run, and their senders.
#[derive(Debug, Clone, Copy)]
pub struct Load {
    /// Calls a second.
    pub quota: u32,
    /// Senders, each of which waits for an answer before its next call.
    pub senders: u32,
    /// How long an answer takes.
    pub latency: Duration,
    /// Calls of all senders together.
    pub calls: u32,
}

impl Load {
    /// Makes the calls and returns when each left, in Unix microseconds and in order. Processes with the same `folder`
    /// share the quota.
    pub fn run(self, folder: &Path) -> Outcome<Vec<u64>> {
        let scope = QuotaScope {
            folder: folder.to_owned(),
            account: "bench".to_owned(),
            no_wait: false,
        };
        let rates = format!("{}/s", self.quota).parse()?;
        let pace = Pace::new(&rates, Some(&scope), Arc::new(VoidMonitor))?;
        let stop = Stop::new();
        let left = AtomicU32::new(self.calls);
        let moments = std::sync::Mutex::new(Vec::new());
        thread::scope(|threads| {
            for _ in 0..self.senders {
                threads.spawn(|| {
                    while take_one(&left) && pace.acquire(&stop).is_ok() {
                        let moment = unix_micros();
                        moments
                            .lock()
                            .unwrap_or_else(PoisonError::into_inner)
                            .push(moment);
                        thread::sleep(self.latency);
                    }
                });
            }
        });
        let mut moments = moments.into_inner().unwrap_or_else(PoisonError::into_inner);
        moments.sort_unstable();
        Ok(moments)
    }

    /// Starts a process that makes the calls from the moment `begins` on, in Unix microseconds.
    pub fn start(self, folder: &Path, begins: u64) -> Outcome<Caller> {
        let numbers = [
            u64::from(self.quota),
            u64::from(self.senders),
            self.latency.as_millis() as u64,
            u64::from(self.calls),
            begins,
        ];
        let child = Command::new(std::env::current_exe()?)
            .arg(CALLER)
            .args(numbers.map(|number| number.to_string()))
            .arg(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Caller(child))
    }
}

/// A process that makes calls.
#[derive(Debug)]
pub struct Caller(Child);

impl Caller {
    /// Waits until the process has ended, and returns when each call left, in Unix microseconds.
    pub fn finish(self) -> Outcome<Vec<u64>> {
        let output = self.0.wait_with_output()?;
        let text = String::from_utf8(output.stdout)?;
        Ok(text.lines().map(str::parse).collect::<Result<_, _>>()?)
    }
}

/// Makes the calls of a process that [`Load::start`] has started, and returns when each left; `None` in any other
/// process.
pub fn called() -> Outcome<Option<Vec<u64>>> {
    let mut arguments = std::env::args().skip(1);
    if arguments.next().as_deref() != Some(CALLER) {
        return Ok(None);
    }
    let mut number =
        || -> Outcome<u64> { Ok(arguments.next().ok_or("a number is missing")?.parse()?) };
    let load = Load {
        quota: number()? as u32,
        senders: number()? as u32,
        latency: Duration::from_millis(number()?),
        calls: number()? as u32,
    };
    let begins = number()?;
    let folder = PathBuf::from(arguments.next().ok_or("the folder is missing")?);
    thread::sleep(Duration::from_micros(begins.saturating_sub(unix_micros())));
    load.run(&folder).map(Some)
}

/// Returns the current time in Unix microseconds.
pub fn unix_micros() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| since.as_micros() as u64)
}

fn take_one(left: &AtomicU32) -> bool {
    let taken = left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
        left.checked_sub(1)
    });
    taken.is_ok()
}
