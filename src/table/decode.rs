//! Bytes of a CSV file → UTF-8 text in which every row can be counted.
//!
//! The `csv` crate hides two things, which a NUL makes visible. No text of a spreadsheet holds a NUL; one in the data
//! is refused.
//!
//! * The crate skips blank lines, but Excel numbers them. So a NUL is put into every blank line. Outside quotes the
//!   line is then a record, and the number of records is the number of rows, whatever ends the lines. Inside quotes the
//!   reader takes the NUL out again.
//! * The crate ends an unterminated quote at the end of the file in silence. So a last line with only a NUL is added.
//!   If that line does not arrive as a record of its own, a quote swallowed it.
//!
//! `quotes.rs` follows every quote on the way, because the crate accepts quotes that hide rows. Bytes that are not text
//! in the encoding are an error at their row, never U+FFFD.

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, Encoding};

use super::csv_text::{CHUNK, TextFault};
use super::limits::RECORD_LIMIT_MIB;
use super::quotes::Marked;

/// A reader of decoded text with marked blank lines.
pub(super) struct Decoded<R> {
    source: R,
    source_ended: bool,
    decoder: Decoder,
    raw: Vec<u8>,
    raw_at: usize,
    raw_end: usize,
    text: Vec<u8>,
    marked: Marked,
    marked_at: usize,
    ended: bool,
    fault: Option<TextFault>,
    allowance: usize,
}

impl<R: Read> Decoded<R> {
    pub(super) fn new(source: R, encoding: &'static Encoding, delimiter: u8) -> Self {
        Self {
            source,
            source_ended: false,
            decoder: encoding.new_decoder_with_bom_removal(),
            raw: vec![0; CHUNK],
            raw_at: 0,
            raw_end: 0,
            // The longest character, four bytes, must always fit.
            text: vec![0; CHUNK + 4],
            marked: Marked::new(delimiter),
            marked_at: 0,
            ended: false,
            fault: None,
            allowance: usize::MAX,
        }
    }

    /// Begins a record, which may be as long as `RECORD_LIMIT_MIB`.
    pub(super) fn start_record(&mut self) {
        self.allowance = RECORD_LIMIT_MIB as usize * 1024 * 1024;
    }

    /// Decodes the next piece, leaving it in `marked`, or sets `ended` or `fault`.
    fn fill(&mut self) -> io::Result<()> {
        self.marked.bytes.clear();
        self.marked_at = 0;
        if self.raw_at == self.raw_end && !self.source_ended {
            self.raw_at = 0;
            self.raw_end = read_some(&mut self.source, &mut self.raw)?;
            self.source_ended = self.raw_end == 0;
        }
        let raw = self.raw.get(self.raw_at..self.raw_end).unwrap_or_default();
        let (result, read, written) =
            self.decoder
                .decode_to_utf8_without_replacement(raw, &mut self.text, self.source_ended);
        self.raw_at += read;
        let text = self.text.get(..written).unwrap_or_default();
        self.fault = match (self.marked.add(text), result) {
            (Err(fault), _) => Some(fault),
            (Ok(()), DecoderResult::Malformed(..)) => Some(TextFault::Undecodable),
            (Ok(()), DecoderResult::InputEmpty) if self.source_ended => {
                self.marked.end();
                self.ended = true;
                None
            }
            (Ok(()), DecoderResult::InputEmpty | DecoderResult::OutputFull) => None,
        };
        Ok(())
    }
}

impl<R: Read> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.allowance == 0 {
            return Err(io::Error::other(TextFault::TooLong));
        }
        while self.marked_at == self.marked.bytes.len() {
            if let Some(fault) = self.fault {
                return Err(io::Error::other(fault));
            }
            if self.ended {
                return Ok(0);
            }
            self.fill()?;
        }
        let mut available = self.marked.bytes.get(self.marked_at..).unwrap_or_default();
        let length = available.read(buffer)?;
        self.marked_at += length;
        self.allowance = self.allowance.saturating_sub(length);
        Ok(length)
    }
}

/// Reads at least one byte and returns how many; 0 at the end of the source.
pub(super) fn read_some(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    loop {
        match source.read(buffer) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            other => return other,
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A reader that gives one byte at a time, so that a piece ends in every state.
    pub(in crate::table) struct Drip<'a>(pub(in crate::table) &'a [u8]);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let Some((first, rest)) = self.0.split_first() else {
                return Ok(0);
            };
            buffer[0] = *first;
            self.0 = rest;
            Ok(1)
        }
    }

    #[test]
    fn blank_lines_are_marked_whatever_ends_them() {
        let cases = [
            ("", "\0"),
            ("a", "a\n\0"),
            ("a\n", "a\n\0"),
            ("a\r\n", "a\r\n\0"),
            ("a\r", "a\r\0"),
            ("\n\na", "\0\n\0\na\n\0"),
            ("\r\n\r\na", "\0\r\n\0\r\na\n\0"),
            ("a\r\rb", "a\r\0\rb\n\0"),
            ("a\r\n\nb", "a\r\n\0\nb\n\0"),
            ("a\n\rb", "a\n\0\rb\n\0"),
            ("\u{FEFF}a", "a\n\0"),
        ];
        for (input, expected) in cases {
            for dripping in [false, true] {
                let mut output = String::new();
                let source: Box<dyn Read> = if dripping {
                    Box::new(Drip(input.as_bytes()))
                } else {
                    Box::new(input.as_bytes())
                };
                Decoded::new(source, encoding_rs::UTF_8, b',')
                    .read_to_string(&mut output)
                    .unwrap();
                assert_eq!(output, expected, "{input:?}");
            }
        }
    }

    #[test]
    fn a_fault_comes_after_the_text_before_it() {
        for (input, fault) in [
            (&b"ab\xFFc"[..], TextFault::Undecodable),
            (b"ab\0c", TextFault::Nul),
            (b"ab\xE5\xBC", TextFault::Undecodable),
        ] {
            let mut decoded = Decoded::new(input, encoding_rs::UTF_8, b',');
            let mut buffer = [0; 16];
            assert_eq!(decoded.read(&mut buffer).unwrap(), 2);
            let error = decoded.read(&mut buffer).unwrap_err();
            assert_eq!(
                error.get_ref().and_then(|inner| inner.downcast_ref()),
                Some(&fault)
            );
        }
    }

    #[test]
    fn one_record_is_bounded() {
        let endless = io::repeat(b'a');
        let mut decoded = Decoded::new(endless, encoding_rs::UTF_8, b',');
        decoded.start_record();
        let read = io::copy(&mut decoded, &mut io::sink());
        assert_eq!(
            read.unwrap_err()
                .get_ref()
                .and_then(|inner| inner.downcast_ref()),
            Some(&TextFault::TooLong)
        );
    }
}
