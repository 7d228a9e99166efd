//! Commands, flags, inputs and exit codes as they are typed and met.

mod bad_input;
mod begun;
mod check;
mod commands;
mod config;
mod exits;
mod first_steps;
mod formulas;
mod json;
mod key;
mod lang;
mod mapping;
mod max_errors;
mod merge_rows;
mod quotes;
mod rerun;
mod sample;
mod snapshots;
mod template;
mod terminal;
mod tls;
mod trust;
mod twice;
mod update;
mod wide;
