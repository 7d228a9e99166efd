//! What reaches a terminal: every line that ferry prints, on either stream, goes through here.
//!
//! Two invariants. *Nothing that prints fails*: a closed window, a reader that has gone (`ferry jobs | head`), a full
//! disk behind `>` are nobody's error, and must neither end a run nor change its exit code; a panic in the thread that
//! listens for signals would leave ferry deaf (`println!` panics where it cannot write). *Foreign text is shown and
//! not obeyed*: escapes in cells, labels, replies and names are made visible here and not where they come from,
//! so no caller can forget it. What is data (`export -o -`) is no text of ours and is written elsewhere.

use std::io::Write;

use crate::model::{visible, visible_json};

/// Prints a line on standard output.
macro_rules! out {
    () => { $crate::cli::print::line("") };
    ($($part:tt)*) => { $crate::cli::print::line(&format!($($part)*)) };
}

/// What `out!` does.
pub(super) fn line(text: &str) {
    write(&mut std::io::stdout().lock(), &visible(text), "\n");
}

/// Prints one JSON value on standard output, as a line.
pub(super) fn json(value: &serde_json::Value) {
    let text = value.to_string();
    write(&mut std::io::stdout().lock(), &visible_json(&text), "\n");
}

/// Says a line on standard error.
pub(super) fn note(text: &str) {
    write(&mut std::io::stderr().lock(), &visible(text), "\n");
}

/// Asks on standard error: the answer is typed on the same line.
pub(super) fn question(text: &str) {
    write(&mut std::io::stderr().lock(), &visible(text), "");
}

fn write(stream: &mut impl Write, text: &str, end: &str) {
    // Nobody is left to be told that nobody reads. One call, so that lines of threads do not mix.
    let _ = stream.write_all(format!("{text}{end}").as_bytes());
    let _ = stream.flush();
}

/// A log file: the same two invariants hold for it, since people look at it with `tail`.
pub(super) struct Log(std::fs::File);

impl Log {
    /// Writes to this file.
    pub fn new(file: std::fs::File) -> Self {
        Self(file)
    }
}

impl Write for Log {
    /// Takes a whole event, as the subscriber writes it.
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let text = String::from_utf8_lossy(bytes);
        // A log that cannot be written must not end what it is about.
        let _ = self.0.write_all(visible(&text).as_bytes());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
