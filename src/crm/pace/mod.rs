//! How fast calls may leave, shared by all senders of a process and all processes of an account.
//!
//! ```text
//! acquire (account.rs): gate open? ─► counted windows (quota.rs) ─► spacing (spacer.rs) ─► call
//! ```
//!
//! The invariants: no sliding window of the setting ever sees more calls released than its limit, and the allowed pace
//! never exceeds the setting, however it recovers. Every sleep ends at once on a stop.

mod account;
mod counted;
mod denied;
mod limiter;
mod paced;
mod processes;
mod quota;
mod rate;
mod spacer;
mod throttle;
mod window;

pub use account::Pace;
pub use counted::CountedQuota;
pub use denied::Denied;
pub use paced::Paced;
pub use quota::{QuotaScope, WindowUse};
pub use rate::{NotARate, Rate, Rates};
