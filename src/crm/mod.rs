//! The CRM's API behind one trait, and the decorators that pace and retry it.
//!
//! ```text
//! caller ─► Retry ─► Paced ─► Http (sign, send, classify) ─► server
//! ```
//!
//! [`connect`] stacks them, and is the only place that does. `wire.rs` alone knows the JSON keys of the
//! API; `classify.rs` alone decides what a failure means; `settings.rs` holds what only the vendor knows.
//! Nothing is defined in this file, so that no file of the room has to import it.

mod api;
mod bad_setting;
mod breaker;
mod call;
mod call_error;
mod cause;
mod classify;
mod clock;
mod connection;
mod descriptors;
mod dialer;
mod endpoint;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
mod http;
mod lanes;
mod link;
mod pace;
mod probe;
mod proxy;
mod query;
mod retry;
mod retry_policy;
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

pub use api::Crm;
pub use bad_setting::BadSetting;
pub use call::{Call, problem_of};
pub use call_error::{CallError, Class};
pub use clock::{Clock, SystemClock, wall_time};
pub use connection::{Connection, connect};
pub use endpoint::Endpoint;
pub use http::Http;
pub use pace::{CountedQuota, Denied, NotARate, Pace, Paced, QuotaScope, Rate, Rates, WindowUse};
pub use probe::{Attempt, Prober};
pub use query::{Condition, FieldQuery, Page, Query};
pub use retry::Retry;
pub use retry_policy::RetryPolicy;
pub use server_clock::ServerClock;
pub use settings::{
    ApiSettings, BusyRule, ClearRule, ClearSend, Empty, FindForm, FindMethod, GoneRule, ListRule,
    ListUpdate, UpdateRule,
};
pub use sign::{DigestAlgorithm, Encoding, SignHeaders, Signing};
pub use wire::{fields_from_json, fields_to_json};
