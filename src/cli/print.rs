//! Everything that ferry prints on a terminal, on either stream.
//!
//! Two invariants. *Nothing that prints fails*: a closed window, a reader that has gone (`ferry jobs | head`) or a full
//! disk behind `>` must neither end a run nor change its exit code. `println!` panics where it cannot write, and a
//! panic in the thread that listens for signals would leave ferry deaf. *Foreign text is shown and not obeyed*: escapes
//! in cells, labels, replies and names are made visible here and not at their sources, so that no caller can forget it.
//! Exported data (`export -o -`) is no text of ferry's and is written elsewhere.

use std::io::Write;

use crate::model::{visible, visible_json};

/// Prints a line on standard output.
macro_rules! out {
    () => { $crate::cli::print::line("") };
    ($($part:tt)*) => { $crate::cli::print::line(&format!($($part)*)) };
}

/// Prints a line on standard output, for `out!`.
pub(super) fn line(text: &str) {
    put_text(&mut std::io::stdout().lock(), &visible(text), "\n");
}

/// Prints one JSON value on standard output, as a line.
pub(super) fn json(value: &serde_json::Value) {
    let text = value.to_string();
    put_text(&mut std::io::stdout().lock(), &visible_json(&text), "\n");
}

/// Prints a line on standard error.
pub(super) fn say_line(text: &str) {
    put_text(&mut std::io::stderr().lock(), &visible(text), "\n");
}

/// Prints a question on standard error. The answer is typed on the same line.
pub(super) fn question(text: &str) {
    put_text(&mut std::io::stderr().lock(), &visible(text), "");
}

fn put_text(stream: &mut impl Write, text: &str, end: &str) {
    // An error here means that nobody reads, so nobody could be told. The text is one write, so that lines of threads
    // do not mix.
    let _ = stream.write_all(format!("{text}{end}").as_bytes());
    let _ = stream.flush();
}

/// A log file. Both invariants hold for it too, because people look at it with `tail`.
pub(super) struct Log(std::fs::File);

impl Log {
    /// Makes a log of an open file.
    pub fn new(file: std::fs::File) -> Self {
        Self(file)
    }
}

impl Write for Log {
    /// Writes a whole event, as the subscriber hands it over.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // A log that cannot be written must not end the run that it logs.
        let _ = self.0.write_all(visible(&text).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
