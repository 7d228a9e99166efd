//! The release binary, without the settings of the person who runs the benchmark.

use std::path::Path;
use std::process::{Command, Stdio};

/// Returns a command of ferry in `folder`, which is its home and holds its state, with the account of the sandbox at
/// `base_url`.
pub fn ferry(folder: &Path, base_url: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_ferry"));
    for (name, _) in
        std::env::vars_os().filter(|(name, _)| name.as_encoded_bytes().starts_with(b"FERRY_"))
    {
        command.env_remove(name);
    }
    command
        .args(["--yes", "--state-dir", "state"])
        .env("FERRY_BASE_URL", base_url)
        .env("FERRY_APPID", "sandbox")
        .env("FERRY_SECRET", "sandbox-secret")
        .env("HOME", folder)
        .env("XDG_CONFIG_HOME", folder)
        .current_dir(folder)
        .stdin(Stdio::null());
    command
}
