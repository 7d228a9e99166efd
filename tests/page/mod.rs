//! ferry in the browser, as its forms and links speak to it.

mod account;
#[cfg(unix)]
mod browser;
mod dupes;
mod export;
mod finish;
mod guard;
mod import;
mod job;
mod mend;
mod quota;
mod upload;
mod waiting;
mod wizard;
