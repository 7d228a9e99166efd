//! The nouns of a job: its account, request, spec, settings, the opened job, its report and errors.

pub(crate) mod account;
pub(crate) mod call_counter;
pub(crate) mod context;
pub(crate) mod end;
pub(crate) mod error;
pub(crate) mod error_limit;
pub(crate) mod examples;
pub(crate) mod open_job;
pub(crate) mod options;
pub(crate) mod report;
pub(crate) mod request;
pub(crate) mod run_settings;
pub(crate) mod spec;
pub(crate) mod unfinished;

pub use account::Account;
pub use call_counter::CallCounter;
pub use context::Context;
pub use end::End;
pub use error::JobError;
pub use error_limit::{ErrorLimit, MaxErrors};
pub use examples::{Example, Examples};
pub use options::SendOptions;
pub use report::{Report, glance_at, is_unfinished, last_written, report_of};
pub use request::JobRequest;
pub use run_settings::RunSettings;
pub use spec::{
    BlankKey, CorrectionsFile, ImportOptions, JobSpec, Mode, OnMatch, SPEC_VERSION, SheetOptions,
    SheetPlan, SourceSpec, is_export, stem_of, stem_within,
};
