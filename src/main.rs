//! The `ferry` program: hands its arguments to the library and returns the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    crm_ferry::cli::run(std::env::args_os())
}
