//! Stacks the decorators into a connection that is ready for calls. No other file stacks them.

use std::sync::Arc;

use super::api::Crm;
use super::bad_setting::BadSetting;
use super::endpoint::Endpoint;
use super::http::Http;
use super::pace::{Pace, Paced};
use super::retry::Retry;
use super::retry_policy::RetryPolicy;
use super::server_clock::ServerClock;
use crate::model::{Monitor, Stop};

/// A CRM server, ready for calls.
#[derive(Clone)]
pub struct Connection {
    /// The six calls, signed, paced and retried.
    pub crm: Arc<dyn Crm>,
    /// How far the server's clock is from this computer's.
    pub clock: Arc<ServerClock>,
}

/// Stacks the decorators and makes no call. The error names the bad setting.
pub fn connect(
    endpoint: &Endpoint,
    policy: RetryPolicy,
    pace: &Arc<Pace>,
    monitor: &Arc<dyn Monitor>,
    stop: &Stop,
) -> Result<Connection, BadSetting> {
    let clock = Arc::new(ServerClock::default());
    let http = Http::new(endpoint, clock.clone(), monitor.clone())?;
    let paced = Paced::new(http, pace.clone(), monitor.clone(), stop.clone())
        .with_longest_pause(policy.max_outage);
    let host = endpoint.host();
    let retry = Retry::new(
        paced,
        &host,
        policy,
        pace.clone(),
        monitor.clone(),
        stop.clone(),
    );
    Ok(Connection {
        crm: Arc::new(retry),
        clock,
    })
}
