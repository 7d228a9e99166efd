//! The list of customers becomes a file, is compared with an older file, and is searched for customers that it holds
//! twice.

pub(crate) mod columns;
pub(crate) mod diff;
pub(crate) mod dupes;
pub(crate) mod facts;
pub(crate) mod fields;
pub(crate) mod keep;
pub(crate) mod names;
pub(crate) mod request;
pub(crate) mod rows;
pub(crate) mod run;
pub(crate) mod spec;
pub(crate) mod summary;
pub(crate) mod tally;
pub(crate) mod write;

pub use dupes::{
    DupesReport, DupesRequest, FoundGroups, ListRequest, ShownGroup, dupes_of_account,
    dupes_of_export,
};
pub use names::{UnknownPlaceholder, filled_in};
pub use request::{ExportRequest, Where};
pub use run::{ExportReport, ExportState, export, export_state, resume_export};
pub use spec::{ExportFormat, ExportOutcome, Filter, Headers};
