//! Customers that an account holds twice: looked for in its list or in an export, and written into a sheet that
//! `ferry delete` takes.
//!
//! ```text
//! customers ─► values of keys, on disk, sorted ─► groups (union-find) ─► members, on disk ─► sheet, screen
//!     └──────────────── read a second time, for those that are in a group ──────┘
//! ```
//!
//! Only the ids of customers that are in a group are in memory, in about 40 bytes each.

pub(crate) mod customers;
pub(crate) mod exported;
pub(crate) mod find;
pub(crate) mod groups;
pub(crate) mod listed;
pub(crate) mod member;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod sheet;
pub(crate) mod shown;

pub use find::{dupes_of_account, dupes_of_export};
pub use report::DupesReport;
pub use request::{DupesRequest, ListRequest};
pub use shown::{FoundGroups, ShownGroup};
