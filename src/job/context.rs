//! What every job that talks to the CRM works with.

use std::sync::Arc;

use super::call_counter::CallCounter;
use crate::crm::{Clock, Crm, Pace, ServerClock};
use crate::journal::StateFolder;
use crate::lang::Lang;
use crate::model::Stop;

/// What every job that talks to the CRM works with.
pub struct Context {
    /// Where jobs are kept.
    pub state: StateFolder,
    /// The CRM, with pace and retries around it.
    pub crm: Arc<dyn Crm>,
    /// The pace that the CRM's calls keep.
    pub pace: Arc<Pace>,
    /// Who watches, and counts the calls.
    pub monitor: Arc<CallCounter>,
    /// Asks the job to stop.
    pub stop: Stop,
    /// How far the CRM's clock is from ours.
    pub server_clock: Arc<ServerClock>,
    /// Tells the time and sleeps.
    pub clock: Arc<dyn Clock>,
    /// The language of what this run writes.
    pub lang: Lang,
}
