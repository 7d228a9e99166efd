//! What `/proc` says about a process (Linux; elsewhere nothing).

use std::fs;
use std::time::Duration;

/// `USER_HZ`: what `/proc/<pid>/stat` counts in, 100 a second whatever the kernel's own clock.
const TICK: Duration = Duration::from_millis(10);

/// The letter of a process's state and the CPU it has used, user and system. A process that has ended (`Z`) keeps
/// it until it is waited for. `self` is this process.
pub fn times(pid: &str) -> Option<(String, Duration)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets, which may hold anything; the third is the state.
    let (_, stat) = stat.rsplit_once(')')?;
    let mut fields = stat.split_ascii_whitespace();
    let state = fields.next()?.to_owned();
    let user: u32 = fields.nth(10)?.parse().ok()?;
    let system: u32 = fields.next()?.parse().ok()?;
    Some((state, TICK * (user + system)))
}
