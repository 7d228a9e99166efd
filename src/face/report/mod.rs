//! Reports: one HTML file about a job, an export or a verification, for whoever is to be told how it went. Nothing in it
//! leads or loads anywhere, and it is made to be printed.
//!
//! The report of a job is read from the job's folder and nothing else. So it can be made at any time, by any process,
//! also while the job runs, and says the same.

mod file;
mod frame;
mod moments;
mod of_export;
mod of_job;
mod of_verify;
mod problems;

pub(crate) use file::{of_job, of_verification, write_whole};
