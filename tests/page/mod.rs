//! ferry in the browser, as its forms and links speak to it.

mod account;
mod accounts;
#[cfg(unix)]
mod browser;
mod decide;
mod dupes;
mod export;
mod finish;
mod guard;
mod import;
mod job;
mod jobs;
mod mend;
mod quota;
mod upload;
mod waiting;
mod windows;
mod wizard;
