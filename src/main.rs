//! The `ferry` program: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

/// The allocator of musl takes a lock for each allocation: checking a file took almost twice the time.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    crm_ferry::cli::run(std::env::args_os())
}
