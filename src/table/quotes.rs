//! CSV text on its way to the parser: blank lines marked, and every quote followed.
//!
//! The `csv` crate accepts any quotes. A quote that opens in one row and closes in another hides the rows between, in
//! silence. So [`Marked`] follows the same states over the same bytes and stops at a closing quote that ends no cell.
//! Quotes that pass may still make one cell of several lines; whether those lines look like rows is reported
//! ([`holds_rows`]) and judged later, where the fields and the writer of the file are known.
//!
//! Blanks before an opening quote are left out, because the parser would take the quote for text. Blanks behind a
//! closing quote are kept: the cell ends all the same.

use memchr::{memchr, memchr_iter, memchr3};

use super::csv_text::{CHUNK, MARK, TextFault};

const MARK_BYTE: u8 = MARK as u8;

/// The place in a record that the scan has reached.
#[derive(Clone, Copy, PartialEq, Eq)]
enum QuoteState {
    /// At the start of a cell, or behind blanks there.
    Before,
    /// In a cell without quotes, where a quote is a letter like any other.
    Bare,
    /// Inside the quotes of a cell.
    Quoted,
    /// Behind a quote that closes the cell, unless another quote follows at once.
    Closed,
    /// Behind blanks that follow the closing quote.
    Padded,
}

/// CSV text with marks in its blank lines; the text comes in pieces.
pub(super) struct Marked {
    pub(super) bytes: Vec<u8>,
    delimiter: u8,
    at_line_start: bool,
    after_cr: bool,
    place: QuoteState,
    /// Blanks before a cell that wait for what follows them.
    held: Vec<u8>,
    /// The current line, from 1.
    line: u64,
    /// The line in which the last quote opened.
    opened: u64,
}

impl Marked {
    pub(super) fn new(delimiter: u8) -> Self {
        Self {
            bytes: Vec::with_capacity(CHUNK),
            delimiter,
            at_line_start: true,
            after_cr: false,
            place: QuoteState::Before,
            held: Vec::new(),
            line: 1,
            opened: 1,
        }
    }

    /// Adds a piece; after an error, the text before the fault has been added.
    pub(super) fn add(&mut self, text: &[u8]) -> Result<(), TextFault> {
        match memchr(MARK_BYTE, text) {
            Some(at) => {
                self.scan(text.get(..at).unwrap_or_default())?;
                Err(TextFault::Nul)
            }
            None => self.scan(text),
        }
    }

    /// Ends the text with a mark in a line of its own.
    pub(super) fn end(&mut self) {
        self.release();
        if !self.at_line_start {
            self.bytes.push(b'\n');
        }
        self.bytes.push(MARK_BYTE);
    }

    fn scan(&mut self, text: &[u8]) -> Result<(), TextFault> {
        let mut rest = text;
        while let Some((&first, tail)) = rest.split_first() {
            if matches!(first, b'\n' | b'\r') {
                self.end_line(first);
                rest = tail;
                continue;
            }
            self.after_cr = false;
            rest = match self.place {
                QuoteState::Before | QuoteState::Bare => self.unquoted(rest),
                QuoteState::Quoted => {
                    let found = memchr3(b'"', b'\n', b'\r', rest);
                    let (inner, tail) = rest.split_at(found.unwrap_or(rest.len()));
                    self.push(inner);
                    match tail.split_first() {
                        Some((b'"', tail)) => {
                            self.push(b"\"");
                            self.place = QuoteState::Closed;
                            tail
                        }
                        _ => tail,
                    }
                }
                QuoteState::Closed | QuoteState::Padded => {
                    self.place = match first {
                        b'"' if self.place == QuoteState::Closed => QuoteState::Quoted,
                        first if first == self.delimiter => QuoteState::Before,
                        first if self.is_blank(first) => QuoteState::Padded,
                        _ => return Err(TextFault::StrayQuote(self.opened)),
                    };
                    self.push(&[first]);
                    tail
                }
            };
        }
        Ok(())
    }

    /// Takes text up to the next line break, or up to and with the next quote; returns the rest.
    fn unquoted<'a>(&mut self, text: &'a [u8]) -> &'a [u8] {
        let found = memchr3(b'"', b'\n', b'\r', text);
        let (before, tail) = text.split_at(found.unwrap_or(text.len()));
        let solid = before.iter().rposition(|byte| !self.is_blank(*byte));
        let (solid, blanks) = before.split_at(solid.map_or(0, |at| at + 1));
        if let Some(last) = solid.last() {
            self.release();
            self.push(solid);
            self.place = if *last == self.delimiter {
                QuoteState::Before
            } else {
                QuoteState::Bare
            };
        }
        let is_before = self.place == QuoteState::Before;
        match tail.split_first() {
            Some((b'"', tail)) if is_before => {
                self.held.clear();
                self.push(b"\"");
                self.place = QuoteState::Quoted;
                self.opened = self.line;
                tail
            }
            // Blanks longer than a piece are no padding, and are not held back.
            None if is_before && self.held.len() < CHUNK => {
                self.held.extend_from_slice(blanks);
                tail
            }
            Some((b'"', tail)) => {
                self.push(blanks);
                self.push(b"\"");
                tail
            }
            _ => {
                self.release();
                self.push(blanks);
                tail
            }
        }
    }

    fn end_line(&mut self, byte: u8) {
        self.release();
        let is_second = byte == b'\n' && self.after_cr;
        if !is_second {
            if self.at_line_start {
                self.bytes.push(MARK_BYTE);
            }
            self.line += 1;
        }
        self.bytes.push(byte);
        self.at_line_start = true;
        self.after_cr = byte == b'\r';
        if self.place != QuoteState::Quoted {
            self.place = QuoteState::Before;
        }
    }

    fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
        self.at_line_start &= bytes.is_empty();
    }

    /// Passes on the blanks that are held back.
    fn release(&mut self) {
        if !self.held.is_empty() {
            self.at_line_start = false;
            self.bytes.append(&mut self.held);
        }
    }

    fn is_blank(&self, byte: u8) -> bool {
        matches!(byte, b' ' | b'\t') && byte != self.delimiter
    }
}

/// Returns whether a cell of several lines looks like rows that a stray quote joined. Then the first line has the
/// delimiters of a record from the cell's column on, the last line those up to the cell's column, and every line
/// between those of a whole record. Unless `is_spaced` (blanks follow the delimiters of the file), a delimiter before a
/// blank counts as part of a sentence.
pub(super) fn holds_rows(
    text: &str,
    column: usize,
    width: usize,
    delimiter: u8,
    is_spaced: bool,
) -> bool {
    let count = |line: &str| {
        let bytes = line.as_bytes();
        memchr_iter(delimiter, bytes)
            .filter(|at| is_spaced || bytes.get(at + 1) != Some(&b' '))
            .count()
    };
    let mut lines = text.split(['\n', '\r']);
    let first = lines.next().map_or(0, count);
    let last = lines.next_back().map_or(0, count);
    let most = width.saturating_sub(1);
    // Without a delimiter, text and rows look alike.
    most > 0
        && first == most.saturating_sub(column)
        && last == column
        && lines
            .filter(|line| !line.trim_matches(MARK).trim().is_empty())
            .all(|line| count(line) == most)
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::super::decode::Decoded;
    use super::super::decode::tests::Drip;
    use super::*;

    fn decoded(text: &str, delimiter: u8) -> Vec<Result<String, TextFault>> {
        let whole: Box<dyn Read> = Box::new(text.as_bytes());
        let dripping: Box<dyn Read> = Box::new(Drip(text.as_bytes()));
        [whole, dripping]
            .map(|source| {
                let mut output = String::new();
                let mut decoded = Decoded::new(source, encoding_rs::UTF_8, delimiter);
                match decoded.read_to_string(&mut output) {
                    Ok(_) => Ok(output),
                    Err(error) => {
                        let fault = error.get_ref().and_then(|inner| inner.downcast_ref());
                        Err(*fault.unwrap())
                    }
                }
            })
            .to_vec()
    }

    #[test]
    fn a_closing_quote_ends_its_cell() {
        for (text, line) in [
            ("a,\"b\"c,d\n", 1),
            ("a,b\n\"x,1\ny,2\n\"z,3\n", 2),
            ("a,b\r\n1,2\r\n\"x\r\ny\"z,3\r\n", 3),
            ("a,b\r\r1,\"2\" x\r", 3),
            ("a\n\n\"b\" \"c\"\n", 3),
            ("a,12\",\"b\"c", 1),
            ("\"a\";\"b\"\n", 1),
        ] {
            for seen in decoded(text, b',') {
                assert_eq!(seen, Err(TextFault::StrayQuote(line)), "{text:?}");
            }
        }
    }

    #[test]
    fn quotes_that_may_stand_pass_and_padding_before_them_is_left_out() {
        for (text, delimiter, expected) in [
            ("a,\"b\"\"c\",d", b',', "a,\"b\"\"c\",d\n\0"),
            ("12\",5' 3\",x \"y\"", b',', "12\",5' 3\",x \"y\"\n\0"),
            ("\"a\", \"b,c\",  d", b',', "\"a\",\"b,c\",  d\n\0"),
            ("  \"a\" ,\t\"b\"\t\n", b',', "\"a\" ,\"b\"\t\n\0"),
            ("  \n \n", b',', "  \n \n\0"),
            ("a, ,  \n", b',', "a, ,  \n\0"),
            ("a\t \"b\tc\"\t\td", b'\t', "a\t\"b\tc\"\t\td\n\0"),
            ("a  \"b\" c", b' ', "a  \"b\" c\n\0"),
            ("\"a\n\nb\"\r\n\"c\"", b',', "\"a\n\0\nb\"\r\n\"c\"\n\0"),
            ("\"\",\"\"\"\"", b',', "\"\",\"\"\"\"\n\0"),
        ] {
            for seen in decoded(text, delimiter) {
                assert_eq!(seen.as_deref(), Ok(expected), "{text:?}");
            }
        }
    }

    #[test]
    fn whole_rows_in_a_cell_are_told_from_text() {
        for (text, (column, width), expected) in [
            ("b\n丙,139,c", (2, 3), true),
            ("b\n丙,139,c\r\n丁,137,d", (2, 3), true),
            ("x,b\n丙,y,c\n\0\n丁,z", (1, 3), true),
            ("乙,138,b\n丙", (0, 3), true),
            ("浙江省杭州市\n西湖区,1号", (2, 3), false),
            ("first\nsecond, third, fourth", (2, 3), false),
            ("12 Main St\nSpringfield, IL", (1, 2), false),
            ("一,二\n三,四\n五,六", (2, 3), false),
            ("一\n二", (0, 1), false),
        ] {
            assert_eq!(
                holds_rows(text, column, width, b',', false),
                expected,
                "{text:?}"
            );
        }
        assert!(holds_rows("b\n丙, 139, c", 2, 3, b',', true));
    }
}
