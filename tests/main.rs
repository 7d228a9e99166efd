//! The real binary against a sandbox in this process: what the parts do together, as a person meets it.
//!
//! Every test has its own folder, state folder and sandbox, and waits for what it needs instead of sleeping.

#![expect(
    clippy::unwrap_used,
    reason = "helpers of tests: what cannot go on fails the test"
)]

mod changes;
mod cli;
mod crash;
mod docs;
mod export;
mod fidelity;
mod page;
mod support;
