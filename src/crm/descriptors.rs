//! Room for connections: each takes a few of the files that the system lets a process have open, and macOS lets it have
//! 256.

#[cfg(unix)]
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// A connection, and the runtime that drives it.
#[cfg(unix)]
const FOR_CONNECTION: u64 = 6;
/// Source, journal, ledger, sheets, and a page in the browser.
#[cfg(unix)]
const FOR_ALL_ELSE: u64 = 128;

/// Raises the limit of this process, if it is too low for so many connections, as far as the system allows.
#[cfg(unix)]
pub(super) fn make_room(connections: usize) {
    let limit = getrlimit(Resource::Nofile);
    let wanted = FOR_ALL_ELSE + FOR_CONNECTION * connections as u64;
    let wanted = limit.maximum.map_or(wanted, |most| most.min(wanted));
    if limit.current.is_some_and(|current| current < wanted) {
        let more = Rlimit {
            current: Some(wanted),
            maximum: limit.maximum,
        };
        // A call that finds no room fails before it leaves, and says why.
        let _ = setrlimit(Resource::Nofile, more);
    }
}

/// Does nothing: Windows has no such limit.
#[cfg(not(unix))]
pub(super) fn make_room(_connections: usize) {}
