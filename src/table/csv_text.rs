//! What the steps between the bytes of a CSV file and its records share: the mark, the chunk, the fault.

use std::fmt;

/// What is put into blank lines and after the end.
pub(super) const MARK: char = '\0';

/// So many bytes are read at a time.
pub(super) const CHUNK: usize = 64 * 1024;

/// Why the text stops before the end of the file. Travels through the `csv` crate as an `io::Error`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextFault {
    /// Bytes that are not text in the encoding.
    Undecodable,
    /// A NUL in the data.
    Nul,
    /// A closing quote inside a cell; the line in which the quote opens.
    StrayQuote(u64),
    /// More than `limits::RECORD_LIMIT_MIB` since a record began.
    TooLong,
}

impl fmt::Display for TextFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, formatter)
    }
}

impl std::error::Error for TextFault {}
