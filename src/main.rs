//! The `ferry` program: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// Texts are made in one thread and dropped in another, millions of them, which is slow with most systems' own.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    crm_ferry::cli::run(std::env::args_os())
}
