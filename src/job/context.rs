//! The surroundings of a job that talks to the CRM: state folder, CRM, pace, monitor, clocks, language.

use std::sync::Arc;

use super::call_counter::CallCounter;
use crate::crm::{Clock, Crm, Pace, ServerClock};
use crate::journal::StateFolder;
use crate::lang::Lang;
use crate::lang::hint::Hints;
use crate::model::Stop;
use crate::stored::OwnerNames;

/// The surroundings of a job that talks to the CRM.
pub struct Context {
    /// The folder in which jobs are kept.
    pub state: StateFolder,
    /// The CRM, with pace and retries around it.
    pub crm: Arc<dyn Crm>,
    /// The pace that the CRM's calls keep.
    pub pace: Arc<Pace>,
    /// The watcher of the run. It also counts the calls.
    pub monitor: Arc<CallCounter>,
    /// Asks the job to stop.
    pub stop: Stop,
    /// The difference between the CRM's clock and the local one.
    pub server_clock: Arc<ServerClock>,
    /// The local clock, which also sleeps.
    pub clock: Arc<dyn Clock>,
    /// The language of what this run writes.
    pub lang: Lang,
    /// What this run adds to the commands that its sheets name.
    pub hints: Hints,
    /// The names of the account's owners, for people.
    pub owners: OwnerNames,
}
