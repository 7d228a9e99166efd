//! ferry in a browser: the same jobs as in a terminal, for people without one.
//!
//! The way of a request: [`guard`] lets in who has the token and comes from this page; a screen ([`screens`]) reads the
//! form, has a pipeline do the work, and fills a template of `templates/page/`. What takes longer than a reader waits is a
//! [`works::PageWork`] in a thread of its own, whose progress the browser follows ([`live`]).
//!
//! Invariants. No path that a browser sends is ever opened: files are named here. Whatever a file or a server says is a
//! text, which the templates escape. A secret never comes back out.

mod account;
mod accounts;
mod download;
mod error;
mod error_screen;
mod findings;
mod finished;
mod guard;
mod imports;
mod job_run;
mod links;
mod live;
mod look;
mod monitor;
mod notices;
mod quota_line;
mod said;
mod screens;
mod server;
mod session;
mod shared;
mod visit;
mod work_places;
mod works;

pub(crate) use server::{PageOptions, serve};
