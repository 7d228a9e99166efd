//! A record of a CSV file as text.
//!
//! The `csv` crate would validate each field by itself. What it reads is UTF-8 already (`decode.rs`), and delimiters are
//! ASCII, so that a record is validated as a whole.

use std::borrow::Cow;

use csv::ByteRecord;
use encoding_rs::UTF_8;

use super::csv_text::MARK;

/// A record and its text, in which all fields stand one after the other.
#[derive(Clone, Copy)]
pub(super) struct CsvRecord<'r> {
    bytes: &'r ByteRecord,
    text: &'r str,
}

impl<'r> CsvRecord<'r> {
    /// Returns a record as text; `None` if it is not UTF-8.
    pub fn of(bytes: &'r ByteRecord) -> Option<Self> {
        match UTF_8.decode_without_bom_handling_and_without_replacement(bytes.as_slice())? {
            Cow::Borrowed(text) => Some(Self { bytes, text }),
            Cow::Owned(_) => None,
        }
    }

    /// Returns all fields as one text.
    pub fn text(self) -> &'r str {
        self.text
    }

    /// Returns how many fields there are.
    pub fn len(self) -> usize {
        self.bytes.len()
    }

    /// Returns the fields from left to right.
    pub fn fields(self) -> impl ExactSizeIterator<Item = &'r str> {
        (0..self.len()).map(move |at| {
            let range = self.bytes.range(at).unwrap_or_default();
            self.text.get(range).unwrap_or_default()
        })
    }

    /// Returns whether an open quote took in the mark of the last line. Every other mark inside a cell stands before a
    /// line break.
    pub fn swallowed_the_end(self) -> bool {
        let last = self.fields().last().unwrap_or_default();
        last.ends_with(MARK) && !(self.len() == 1 && last.len() == 1)
    }
}
