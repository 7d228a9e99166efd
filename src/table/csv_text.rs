//! The mark, the chunk size and the faults that `decode.rs`, `quotes.rs` and `csv_read.rs` share.

use std::fmt;

/// The mark that is put into blank lines and after the end; see `decode.rs`.
pub(super) const MARK: char = '\0';

/// How many bytes are read at a time.
pub(super) const CHUNK: usize = 64 * 1024;

/// Why the text stops before the end of the file. A fault passes through the `csv` crate inside an `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFault {
    /// Bytes that are not text in the encoding.
    Undecodable,
    /// A NUL in the data.
    Nul,
    /// A closing quote inside a cell; holds the line in which the quote opens, from 1.
    StrayQuote(u64),
    /// A record longer than `limits::RECORD_LIMIT_MIB`.
    TooLong,
}

impl fmt::Display for TextFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl std::error::Error for TextFault {}
