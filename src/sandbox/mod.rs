//! The embedded CRM server that plays the real CRM in tests and demonstrations.
//!
//! Invariant: the sandbox imports nothing of ferry's. It is a second, independent reading of the API (`contract.md`),
//! so that a misreading in the client shows instead of cancelling out. Where the contract is silent, the sandbox is
//! strict. It listens on 127.0.0.1 only, on a runtime of its own, so that blocking callers can hold it.
//!
//! Refusals carry `success: false` inside HTTP 200, unless an HTTP status is given:
//!
//! | code | meaning |
//! |---|---|
//! | 401 | wrong signature (签名错误) |
//! | 402 | unknown appid |
//! | 404 | unknown customer (客户不存在): find, update, delete |
//! | 405, 413, 415 | wrong method, body over 8 MiB, `Content-Type` not JSON (HTTP status of the same number) |
//! | 406 | a header is missing |
//! | 407 | timestamp more than 300 s from the server's clock |
//! | 408 | nonce used within the last 15 minutes |
//! | 429 | busy, in the dress `200limit` (访问过于频繁，请稍后再试) |
//! | 500 | the store failed (HTTP 500) |
//! | 40000 | the body is not a JSON object |
//! | 40001 | a required field or the id is missing, or an update would clear a required field |
//! | 40002 | unknown key in a customer |
//! | 40003 | the field is disabled (已停用) or deleted (已删除) |
//! | 40004 | the server sets the field itself |
//! | 40005 | the value does not fit the field |
//! | 40006 | no such choice |
//! | 40007 | wrong parameter: an id that is no string of digits, page, limit, filter, search |
//! | 40008 | the field cannot be searched so |
//!
//! An unknown path is answered by HTTP 404 with an HTML page, as a proxy would, and a `Host` that is not this machine
//! by HTTP 403. The replies of gateways and frameworks in the CRM's place are dresses (table in `dress`). A [`Fault`]
//! or an [`Outage`] answers in a dress, before or after the call was executed.

mod auth;
mod calls;
mod clock;
mod counters;
mod dress;
mod endpoint;
mod error;
mod fault;
mod fields;
mod host;
mod lag;
mod limit;
mod options;
mod outage;
mod refusal;
mod reply;
mod request;
mod running;
mod search;
mod server;
mod store;
#[cfg(test)]
mod tests;
mod validate;
mod wire;

pub use auth::Auth;
pub use counters::Counters;
pub use dress::{Dress, RetryAfter, UnknownDress};
pub use endpoint::Endpoint;
pub use error::SandboxError;
pub use fault::{Fault, FaultError, FaultKind, FaultTarget};
pub use limit::RateLimit;
pub use options::Options;
pub use outage::{Outage, OutageError, OutageKind};
pub use running::{Sandbox, Stopper};
pub use server::Call;
