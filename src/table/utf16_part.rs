//! XML parts as UTF-8, whatever their encoding: XML may also be UTF-16, and some programs write that into workbooks.
//!
//! A part is UTF-16 if it begins with the mark of that encoding, or with a `<` of two bytes (XML 1.0, appendix F).

use std::io::{self, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_16BE, UTF_16LE};

const CHUNK: usize = 16 * 1024;

/// A reader of a part.
pub(super) struct Utf8Part<R> {
    source: R,
    has_begun: bool,
    /// The bytes that were read to find out the encoding.
    head: Vec<u8>,
    utf16: Option<Box<Utf16>>,
}

/// What decoding UTF-16 needs.
struct Utf16 {
    decoder: Decoder,
    raw: Vec<u8>,
    text: Vec<u8>,
    /// How much of `text` was handed on.
    at: usize,
    has_ended: bool,
}

impl<R: Read> Utf8Part<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source,
            has_begun: false,
            head: Vec::new(),
            utf16: None,
        }
    }

    /// Returns whether the part is UTF-16; known once something was read.
    pub(super) fn is_utf16(&self) -> bool {
        self.utf16.is_some()
    }

    fn begin(&mut self) -> io::Result<()> {
        self.has_begun = true;
        self.source.by_ref().take(2).read_to_end(&mut self.head)?;
        let (encoding, mark) = match self.head.as_slice() {
            [0xFF, 0xFE] => (UTF_16LE, 2),
            [0xFE, 0xFF] => (UTF_16BE, 2),
            [b'<', 0] => (UTF_16LE, 0),
            [0, b'<'] => (UTF_16BE, 0),
            _ => return Ok(()),
        };
        let mut raw = std::mem::take(&mut self.head);
        raw.drain(..mark);
        self.utf16 = Some(Box::new(Utf16 {
            decoder: encoding.new_decoder_without_bom_handling(),
            raw,
            text: Vec::new(),
            at: 0,
            has_ended: false,
        }));
        Ok(())
    }
}

impl<R: Read> Read for Utf8Part<R> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if !self.has_begun {
            self.begin()?;
        }
        if let Some(utf16) = &mut self.utf16 {
            return utf16.read(&mut self.source, room);
        }
        if self.head.is_empty() {
            return self.source.read(room);
        }
        let length = self.head.as_slice().read(room)?;
        self.head.drain(..length);
        Ok(length)
    }
}

impl Utf16 {
    fn read(&mut self, source: &mut impl Read, room: &mut [u8]) -> io::Result<usize> {
        while self.at == self.text.len() && !self.has_ended {
            self.decode(source)?;
        }
        let length = self.text.get(self.at..).unwrap_or_default().read(room)?;
        self.at += length;
        Ok(length)
    }

    fn decode(&mut self, source: &mut impl Read) -> io::Result<()> {
        let before = self.raw.len();
        source.take(CHUNK as u64).read_to_end(&mut self.raw)?;
        self.has_ended = self.raw.len() == before;
        // Two bytes of UTF-16 are at most three of UTF-8.
        self.text.resize(2 * self.raw.len() + 16, 0);
        let decoded = self.decoder.decode_to_utf8_without_replacement(
            &self.raw,
            &mut self.text,
            self.has_ended,
        );
        let (result, _, written) = decoded;
        if result != DecoderResult::InputEmpty {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "a part of the workbook is no UTF-16",
            ));
        }
        self.text.truncate(written);
        self.at = 0;
        self.raw.clear();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(bytes: &[u8]) -> io::Result<String> {
        let mut text = String::new();
        Utf8Part::new(bytes).read_to_string(&mut text).map(|_| text)
    }

    #[test]
    fn utf16_of_either_order_and_utf8() {
        let xml = format!("<a>{}</a>", "甲𠮷a".repeat(9000));
        let little: Vec<u8> = xml.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = xml.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let marked: Vec<u8> = [&[0xFE, 0xFF], big.as_slice()].concat();
        for bytes in [xml.as_bytes(), &little, &big, &marked] {
            assert_eq!(read(bytes).unwrap(), xml);
        }
        for short in ["", "<", "ab"] {
            assert_eq!(read(short.as_bytes()).unwrap(), short);
        }
    }

    #[test]
    fn half_a_character_is_an_error() {
        let mut bytes: Vec<u8> = "<a>甲".encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.pop();
        assert!(read(&bytes).is_err());
    }
}
