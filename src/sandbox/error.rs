//! Why a sandbox does not start; every variant is something that a person can mend.

use std::io;
use std::path::PathBuf;

/// Why a sandbox does not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    /// The port cannot be listened on.
    #[error("cannot listen on 127.0.0.1:{port}: {source}; hint: another program may use the port")]
    Listen {
        /// The port.
        port: u16,
        /// The cause.
        source: io::Error,
    },
    /// The runtime's threads cannot be started.
    #[error("cannot start the sandbox's threads: {0}")]
    Runtime(#[source] io::Error),
    /// The file with the customers cannot be used.
    #[error("cannot use {} as the sandbox's customers: {source}; hint: another ferry may be using it", path.display())]
    Store {
        /// The file.
        path: PathBuf,
        /// The cause.
        source: rusqlite::Error,
    },
    /// The file with the fields cannot be used.
    #[error("cannot read the fields in {}: {reason}", path.display())]
    Fields {
        /// The file.
        path: PathBuf,
        /// The cause.
        reason: String,
    },
    /// Adds cannot be merged by this field.
    #[error("cannot merge by `{field}`; hint: one of {known}")]
    MergeBy {
        /// The field that was given.
        field: String,
        /// The fields that customers are found by.
        known: String,
    },
}
