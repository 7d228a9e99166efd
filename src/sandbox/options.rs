//! The options with which a sandbox starts.

use std::path::PathBuf;
use std::time::Duration;

use super::auth::Auth;
use super::fault::Fault;
use super::limit::RateLimit;
use super::outage::Outage;

/// How a sandbox behaves. The default: any free port, customers in memory, the built-in fields, calls signed
/// by appid `sandbox` with secret `sandbox-secret`, no limits and no faults.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The port on 127.0.0.1; 0 takes any free one.
    pub port: u16,
    /// The SQLite file that keeps the customers; `None` keeps them in memory.
    pub db: Option<PathBuf>,
    /// A JSON file with the fields: an array as the field list answers, or that whole reply.
    pub fields: Option<PathBuf>,
    /// How callers are told apart.
    pub auth: Auth,
    /// The server's maximum for `limit`; a larger `limit` is lowered silently.
    pub page_cap: Option<u32>,
    /// The rate limit.
    pub rate: Option<RateLimit>,
    /// The shortest and the longest delay of a reply.
    pub latency: Option<(Duration, Duration)>,
    /// Faults; of those that hit a call, the first takes effect.
    pub faults: Vec<Fault>,
    /// Outages; of those that are under way, the first takes effect, before any fault.
    pub outages: Vec<Outage>,
    /// The seed of faults and delays.
    pub seed: u64,
    /// How many seconds the server's clock is ahead.
    pub clock_offset_seconds: i64,
    /// Whether an update without `customerName` is refused.
    pub update_requires_name: bool,
    /// How long after a change a search shows it. The list without conditions, and find, show it at once.
    pub search_lag: Duration,
    /// Whether an update that changes nothing leaves `updateTime` and `updateAgent` alone.
    pub keep_update_time: bool,
    /// The field by which adds are merged. An add whose first value of that field is stored already stores nothing, and
    /// is answered with the oldest customer that has the value.
    pub merge_by: Option<String>,
}
