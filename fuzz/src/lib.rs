//! What the fuzz targets share: inputs that reach past the container of a workbook, and what must hold of any row.
//!
//! ```text
//! fields.rs    the fields of an account
//! parts.rs     an input as the parts of a zip or compound file
//! records.rs   mutations that keep the records of a stream whole
//! rows.rs      a file read twice, and what must hold of its rows
//! sheets.rs    an input as the cells of sheets, and cells as a file of ferry's
//! ```

pub mod fields;
pub mod parts;
pub mod records;
pub mod rows;
pub mod sheets;

use std::alloc::System;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use cap::Cap;
use tempfile::TempDir;

/// No input may make ferry hold more memory than this, whatever it claims. An allocation beyond it ends the run, which
/// libFuzzer reports; its own limit looks only once a second.
const MOST_MEMORY: usize = 448 << 20;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, MOST_MEMORY);

/// Returns a folder of this process. It stays when the process is aborted; `.ci/fuzz` clears away what it holds.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<TempDir> = OnceLock::new();
    FOLDER
        .get_or_init(|| tempfile::tempdir().expect("the temporary folder can be written"))
        .path()
}

/// Writes a file of this process and returns its path. The next file of that name takes its place.
pub fn file(name: &str, content: &[u8]) -> PathBuf {
    let path = folder().join(name);
    fs::write(&path, content).expect("the temporary folder can be written");
    path
}
