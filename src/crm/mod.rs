//! The CRM's API behind one trait, and the decorators that pace and retry it.
//!
//! ```text
//! caller ─► Retry ─► Paced ─► Http (sign, send, classify) ─► server
//! ```
//!
//! [`connect`] stacks them, and is the only place that does. `wire.rs` alone knows the JSON keys of the
//! API; `classify.rs` alone decides what a failure means; `settings.rs` holds what nobody outside the
//! vendor knows.

mod bad_setting;
mod breaker;
mod call;
mod classify;
mod clock;
mod endpoint;
mod http;
mod pace;
mod patience;
mod probe;
mod retry;
mod server_clock;
mod settings;
mod sign;
mod tls;
mod wire;

#[cfg(test)]
mod pressure;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod testserver;

use std::sync::Arc;
use std::time::Duration;

use crate::model::{Code, Customer, CustomerId, Fact, FieldConfig, Monitor, Record, Stop};

pub use bad_setting::BadSetting;
pub use call::Call;
pub use clock::{Clock, SystemClock, wall_time};
pub use endpoint::Endpoint;
pub use http::Http;
pub use pace::{Denied, NotARate, Pace, Paced, QuotaScope, Rate, Rates};
pub use patience::Patience;
pub use probe::{Attempt, Prober};
pub use retry::Retry;
pub use server_clock::ServerClock;
pub use settings::{
    ApiSettings, BusyRule, ClearRule, ClearSend, Empty, FindForm, FindMethod, GoneRule, ListRule,
    ListUpdate, UpdateRule,
};
pub use sign::{Digest, Encoding, SignHeaders, Signing};
pub use wire::{fields_from_json, fields_to_json};

/// A server, ready to be called.
#[derive(Clone)]
pub struct Connection {
    /// The six calls, signed, paced and retried.
    pub crm: Arc<dyn Crm>,
    /// How far the server's clock is from ours.
    pub clock: Arc<ServerClock>,
}

/// Stacks the decorators. Calls nothing yet; the error names the bad setting.
pub fn connect(
    endpoint: &Endpoint,
    patience: Patience,
    pace: &Arc<Pace>,
    monitor: &Arc<dyn Monitor>,
    stop: &Stop,
) -> Result<Connection, BadSetting> {
    let clock = Arc::new(ServerClock::default());
    let http = Http::new(endpoint, clock.clone(), monitor.clone())?;
    let paced = Paced::new(http, pace.clone(), monitor.clone(), stop.clone())
        .with_longest_pause(patience.max_outage);
    let host = endpoint.host();
    let retry = Retry::new(
        paced,
        &host,
        patience,
        pace.clone(),
        monitor.clone(),
        stop.clone(),
    );
    Ok(Connection {
        crm: Arc::new(retry),
        clock,
    })
}

/// The six calls of contract.md.
///
/// Each method makes the call once from the caller's view. Whether a call may be repeated after a
/// [`Class::Unknown`] failure is a property of the call, stated per method; decorators obey it.
pub trait Crm: Send + Sync {
    /// Stores a new customer. **May not be repeated** after [`Class::Unknown`]: it may have happened.
    fn add(&self, record: &Record) -> Result<Customer, CallError>;

    /// Changes the fields in `record` of a stored customer. May be repeated: the same fields get the
    /// same values.
    fn update(&self, id: &CustomerId, record: &Record) -> Result<Customer, CallError>;

    /// Deletes a customer. May be repeated: a second delete answers [`Class::Gone`].
    fn delete(&self, id: &CustomerId) -> Result<(), CallError>;

    /// Reads one customer. May be repeated.
    fn find(&self, id: &CustomerId) -> Result<Customer, CallError>;

    /// Reads one page of customers. May be repeated, but the set moves while it is paged.
    fn list(&self, query: &Query) -> Result<Page, CallError>;

    /// Reads the field configuration. May be repeated.
    fn fields(&self) -> Result<Vec<FieldConfig>, CallError>;
}

/// What to list: one page, of all customers or of those that meet one condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// From 1.
    pub page: u32,
    /// Customers a page; the server may have a lower cap.
    pub limit: u32,
    /// At most one condition: whether several mean *and* or *or* is not known (contract.md).
    pub condition: Option<Condition>,
}

/// The documented search operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// `eq`: the field holds the value.
    Equals {
        /// Key of the field.
        field: String,
        /// The value looked for.
        value: String,
    },
    /// `empty`: the field holds nothing.
    Empty {
        /// Key of the field.
        field: String,
    },
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq)]
pub struct Page {
    /// The customers of this page, in the server's order.
    pub customers: Vec<Customer>,
    /// How many customers match in total, as the server counts them.
    pub count: u64,
}

/// What a failed call means for the row and for the job (architecture.md, *A row's way*).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Class {
    /// The connection could not be made, or a stop was asked for before the request left: nothing happened.
    NotSent,
    /// The server said no, and a repetition would be refused as well: the row's problem.
    Refused,
    /// The server said that the customer does not exist: the row's problem.
    Gone,
    /// The server said that it is too busy, and did nothing: slow down and try again.
    Busy,
    /// The server refuses the signature.
    BadSignature,
    /// The server does not know the appid.
    UnknownAppid,
    /// The account may not do this.
    NoPermission,
    /// Everything else after the request was handed to the client: it may have happened.
    Unknown,
}

impl Class {
    /// Whether no further call of this job can succeed.
    pub fn is_fatal(self) -> bool {
        matches!(
            self,
            Self::BadSignature | Self::UnknownAppid | Self::NoPermission
        )
    }
}

/// A call that failed, with everything that helps a person to see why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct CallError {
    /// What it means.
    pub class: Class,
    /// What is wrong, for a person: the server's own message where there is one.
    pub message: Fact,
    /// The envelope's `code`, as text; [`CallError::QUOTA`] when a counted quota kept the call back.
    pub code: Option<String>,
    /// The HTTP status, where a reply came.
    pub http_status: Option<u16>,
    /// The envelope's `traceId`.
    pub trace_id: Option<String>,
    /// How long the server asked to wait.
    pub retry_after: Option<Duration>,
    /// Of [`Class::Unknown`]: what the reply says where that is no proof. [`Class::Busy`] slows down; a fatal
    /// class ends the job, with this row in doubt.
    pub sounds_like: Option<Class>,
}

impl CallError {
    /// The `code` of a call that was not made because a quota of hours or days is spent.
    pub const QUOTA: &'static str = "quota";

    /// Whether the server said yes and its reply lacks what belongs to that: it will say the same next time.
    pub fn is_unreadable_yes(&self) -> bool {
        let is_ok = self
            .http_status
            .is_some_and(|status| (200..300).contains(&status));
        self.class == Class::Unknown && is_ok && self.code.as_deref() == Some(wire::YES)
    }

    /// The number of a failure that TLS explains: a certificate, or one side that does not speak it.
    pub fn tls_code(&self) -> Option<Code> {
        tls::code_of(&self.message)
    }
}
