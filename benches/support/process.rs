//! The state, CPU and memory of a process, from `/proc` (Linux only).

use std::fs;
use std::time::Duration;

/// The unit of times in `/proc/<pid>/stat`, `USER_HZ`: 100 a second, whatever the kernel's own clock.
const TICK: Duration = Duration::from_millis(10);

/// Returns the letter of a process's state and its CPU time, user and system; `None` without `/proc`. A process that
/// has ended (`Z`) keeps both until it is waited for. `self` is this process.
pub fn times(pid: &str) -> Option<(String, Duration)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold any character; the third is the state.
    let (_, stat) = stat.rsplit_once(')')?;
    let mut fields = stat.split_ascii_whitespace();
    let state = fields.next()?.to_owned();
    let user: u32 = fields.nth(10)?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((state, TICK * (user + system)))
}

/// Returns the peak of a process's memory in KiB, `VmHWM`; `None` without `/proc`, and once the process has freed it.
pub fn peak_kib(pid: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let peak = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    peak.split_ascii_whitespace().next()?.parse().ok()
}
