//! The `ferry` program: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

/// Cells are short texts that one thread makes and another frees: the allocators of musl and Windows take a lock for each,
/// and that of glibc spent a tenth of an import's CPU on them.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    crm_ferry::cli::run(std::env::args_os())
}
