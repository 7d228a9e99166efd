//! A scanner for the XML of XLSX and ODS parts: tags and texts as slices of one buffer, nothing copied.
//!
//! A sheet of a million rows is 700 MB of XML, nearly all of it tags of three kinds. A parser of all XML takes several
//! times as long, so this scanner knows only the XML of spreadsheets: UTF-8 (to which UTF-16 is turned before), the five
//! entities of XML, and characters by number. Nesting is not checked; each reader looks for the ends that it needs.

use std::io::{self, ErrorKind, Read};

use super::utf16_part::Utf8Part;

const CHUNK: usize = 256 * 1024;
/// The longest tag or text, in bytes; longer than any cell.
const LONGEST: usize = 4 * 1024 * 1024;

/// Why XML cannot be scanned on.
#[derive(Debug, thiserror::Error)]
pub(super) enum ScanError {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("the XML breaks off inside a tag")]
    Cut,
    #[error("the XML is neither UTF-8 nor UTF-16")]
    Encoding,
    #[error("the XML has an unknown entity")]
    Entity,
    #[error("a tag or text of the XML has no end")]
    TooLong,
    #[error("a text is longer than any cell holds")]
    LongText,
}

/// A piece of XML. Names come without the prefix of their namespace.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Token<'a> {
    Open {
        name: &'a [u8],
        attributes: &'a [u8],
        /// `<name/>`: no [`Token::Close`] follows.
        is_empty: bool,
    },
    Close {
        name: &'a [u8],
    },
    /// Text whose entities are not resolved yet.
    Text(&'a [u8]),
    /// Text of a CDATA section, which has no entities.
    Literal(&'a [u8]),
    End,
}

/// A scanner of one stream.
pub(super) struct Scanner<R> {
    source: Utf8Part<R>,
    buffer: Vec<u8>,
    at: usize,
    end: usize,
    source_ended: bool,
}

impl<R: Read> Scanner<R> {
    pub(super) fn new(source: R) -> Self {
        Self {
            source: Utf8Part::new(source),
            buffer: vec![0; CHUNK],
            at: 0,
            end: 0,
            source_ended: false,
        }
    }

    /// Passes over the rest of an element, from behind its opening tag.
    pub(super) fn skip(&mut self, element: &[u8]) -> Result<(), ScanError> {
        let mut depth = 1_u32;
        while depth > 0 {
            match self.next()? {
                Token::Open {
                    name,
                    is_empty: false,
                    ..
                } if name == element => depth = depth.saturating_add(1),
                Token::Close { name } if name == element => depth -= 1,
                Token::End => return Err(ScanError::Cut),
                _ => {}
            }
        }
        Ok(())
    }

    /// Returns the next token; comments, instructions and the document type are passed over.
    pub(super) fn next(&mut self) -> Result<Token<'_>, ScanError> {
        loop {
            if self.at == self.end && !self.more()? {
                return Ok(Token::End);
            }
            if self.buffer.get(self.at) != Some(&b'<') {
                let length = match self.find(0, b"<", true) {
                    // A text that is too long is given in part: its reader refuses it with the place of the cell.
                    Err(ScanError::TooLong) => self.end - self.at,
                    found => found?,
                };
                let text = self.take(length);
                return Ok(Token::Text(text));
            }
            while self.end - self.at < 9 && self.more()? {}
            let rest = self.rest();
            if !matches!(rest.get(1), Some(b'!' | b'?')) {
                let length = self.tag_length()?;
                return Ok(tag(self.take(length)));
            }
            if rest.starts_with(b"<!--") {
                let length = self.find(4, b"-->", false)?;
                self.at += length + 3;
            } else if rest.starts_with(b"<![CDATA[") {
                let length = self.find(9, b"]]>", false)?;
                let start = self.at + 9;
                let end = self.at + length;
                self.at = end + 3;
                return Ok(Token::Literal(
                    self.buffer.get(start..end).unwrap_or_default(),
                ));
            } else if rest.starts_with(b"<?") {
                let length = self.find(2, b"?>", false)?;
                let is_utf16 = self.source.is_utf16();
                let declaration = self.take(length + 2).to_ascii_lowercase();
                let is_as_named =
                    is_utf16 && memchr::memmem::find(&declaration, b"utf-16").is_some();
                let names_other = !is_as_named
                    && memchr::memmem::find(&declaration, b"encoding=").is_some()
                    && memchr::memmem::find(&declaration, b"utf-8").is_none()
                    && memchr::memmem::find(&declaration, b"ascii").is_none();
                if declaration.starts_with(b"<?xml") && names_other {
                    return Err(ScanError::Encoding);
                }
            } else {
                let length = self.find(2, b">", false)?;
                self.at += length + 1;
            }
        }
    }

    fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> &[u8] {
        let start = self.at;
        self.at += length;
        self.buffer.get(start..self.at).unwrap_or_default()
    }

    /// Takes the text between `open` and `close`, if exactly these pieces stand next in the buffer. Else nothing is
    /// taken, and [`Scanner::next`] reads on.
    pub(super) fn between(&mut self, open: &[u8], close: &[u8]) -> Option<&[u8]> {
        let inner = self.rest().strip_prefix(open)?;
        let length = memchr::memchr(b'<', inner)?;
        if !inner.get(length..)?.starts_with(close) {
            return None;
        }
        let start = self.at + open.len();
        self.at = start + length + close.len();
        self.buffer.get(start..start + length)
    }

    /// Returns the distance to the next `wanted` bytes, looking from `skipped` on. With `or_end` the end of the stream
    /// counts as found.
    fn find(&mut self, skipped: usize, wanted: &[u8], or_end: bool) -> Result<usize, ScanError> {
        let mut from = skipped;
        loop {
            let rest = self.rest();
            let tail = rest.get(from..).unwrap_or_default();
            let found = match wanted {
                [byte] => memchr::memchr(*byte, tail),
                _ => memchr::memmem::find(tail, wanted),
            };
            if let Some(found) = found {
                return Ok(from + found);
            }
            from = rest.len().saturating_sub(wanted.len() - 1).max(skipped);
            if !self.more()? {
                return if or_end {
                    Ok(self.end - self.at)
                } else {
                    Err(ScanError::Cut)
                };
            }
        }
    }

    /// Returns the length of a tag; `>` may stand inside quotes.
    fn tag_length(&mut self) -> Result<usize, ScanError> {
        let mut from = 1;
        let mut quote = None;
        loop {
            let rest = self.rest();
            let mut tail = rest.get(from..).unwrap_or_default().iter();
            loop {
                let found = match quote {
                    Some(quote) => tail.find(|byte| **byte == quote),
                    None => tail.find(|byte| matches!(byte, b'>' | b'"' | b'\'')),
                };
                quote = match (quote, found) {
                    (_, None) => break,
                    (None, Some(b'>')) => return Ok(rest.len() - tail.len()),
                    (None, opened) => opened.copied(),
                    (Some(_), Some(_)) => None,
                };
            }
            from = rest.len();
            if !self.more()? {
                return Err(ScanError::Cut);
            }
        }
    }

    /// Reads more bytes into the buffer; returns `false` at the end of the stream.
    fn more(&mut self) -> Result<bool, ScanError> {
        if self.source_ended {
            return Ok(false);
        }
        if self.at > 0 {
            self.buffer.copy_within(self.at..self.end, 0);
            self.end -= self.at;
            self.at = 0;
        }
        if self.end == self.buffer.len() {
            if self.end >= LONGEST {
                return Err(ScanError::TooLong);
            }
            self.buffer.resize(self.end * 2, 0);
        }
        loop {
            let room = self.buffer.get_mut(self.end..).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => {
                    self.source_ended = true;
                    return Ok(false);
                }
                Ok(length) => {
                    self.end += length;
                    return Ok(true);
                }
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(ScanError::Io(error)),
            }
        }
    }
}

/// Returns the token of a whole tag: `<name attributes>`, `<name attributes/>` or `</name>`.
fn tag(whole: &[u8]) -> Token<'_> {
    let inner = whole.get(1..whole.len() - 1).unwrap_or_default();
    if let Some(name) = inner.strip_prefix(b"/") {
        return Token::Close {
            name: local(name.trim_ascii_end()),
        };
    }
    let (inner, is_empty) = match inner.strip_suffix(b"/") {
        Some(inner) => (inner, true),
        None => (inner, false),
    };
    let end = inner
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(inner.len());
    let (name, attributes) = inner.split_at(end);
    Token::Open {
        name: local(name),
        attributes,
        is_empty,
    }
}

fn local(name: &[u8]) -> &[u8] {
    match name.iter().position(|byte| *byte == b':') {
        Some(colon) => name.get(colon + 1..).unwrap_or_default(),
        None => name,
    }
}

/// Returns the names and raw values of attributes; names keep their prefixes.
pub(super) fn attributes(mut rest: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    std::iter::from_fn(move || {
        rest = rest.trim_ascii_start();
        let equals = rest.iter().position(|byte| *byte == b'=')?;
        let (name, value) = rest.split_at(equals);
        let value = value.get(1..)?.trim_ascii_start();
        let (quote, value) = value.split_first()?;
        let end = value.iter().position(|byte| byte == quote)?;
        let (value, tail) = value.split_at(end);
        rest = tail.get(1..).unwrap_or_default();
        Some((name.trim_ascii_end(), value))
    })
}

/// Returns the value of an attribute as text; `None` if there is no such attribute.
pub(super) fn attribute(all: &[u8], wanted: &str) -> Result<Option<String>, ScanError> {
    let found = attributes(all).find(|(name, _)| *name == wanted.as_bytes());
    found
        .map(|(_, raw)| {
            let mut text = Vec::new();
            unescape(raw, &mut text)?;
            String::from_utf8(text).map_err(|_| ScanError::Encoding)
        })
        .transpose()
}

/// Appends text, entities resolved.
pub(super) fn unescape(raw: &[u8], text: &mut Vec<u8>) -> Result<(), ScanError> {
    let mut rest = raw;
    while let Some(start) = memchr::memchr(b'&', rest) {
        let (plain, entity) = rest.split_at(start);
        text.extend_from_slice(plain);
        let end = memchr::memchr(b';', entity).ok_or(ScanError::Entity)?;
        let (entity, tail) = entity.split_at(end);
        match entity {
            b"&amp" => text.push(b'&'),
            b"&lt" => text.push(b'<'),
            b"&gt" => text.push(b'>'),
            b"&quot" => text.push(b'"'),
            b"&apos" => text.push(b'\''),
            _ => {
                let character = numbered(entity).ok_or(ScanError::Entity)?;
                text.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
        }
        rest = tail.get(1..).unwrap_or_default();
    }
    text.extend_from_slice(rest);
    Ok(())
}

fn numbered(entity: &[u8]) -> Option<char> {
    let digits = std::str::from_utf8(entity.strip_prefix(b"&#")?).ok()?;
    let number = match digits.strip_prefix(['x', 'X']) {
        Some(digits) => u32::from_str_radix(digits, 16).ok()?,
        None => digits.parse().ok()?,
    };
    char::from_u32(number)
}

/// Resolves `_x000D_`, a UTF-16 unit, as Excel writes characters that XML cannot hold; `_x005F_` is `_`. Returns `None`
/// for text without an escape.
pub(super) fn unescape_units(text: &str) -> Option<String> {
    // One byte is found faster than two, and most texts have neither.
    let has_escape = memchr::memchr(b'_', text.as_bytes()).is_some() && text.contains("_x");
    has_escape.then(|| {
        let mut units: Vec<u16> = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("_x") {
            let (plain, escape) = rest.split_at(at);
            units.extend(plain.encode_utf16());
            let digits = escape.get(2..6).filter(|digits| {
                escape.as_bytes().get(6) == Some(&b'_')
                    && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
            });
            let unit = digits.and_then(|digits| u16::from_str_radix(digits, 16).ok());
            let length = if unit.is_some() { 7 } else { 2 };
            match unit {
                Some(unit) => units.push(unit),
                None => units.extend("_x".encode_utf16()),
            }
            rest = escape.get(length..).unwrap_or_default();
        }
        units.extend(rest.encode_utf16());
        String::from_utf16_lossy(&units)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A reader that gives a few bytes at a time, so that a piece ends inside every token.
    struct Drip<'a>(&'a [u8], usize);

    impl Read for Drip<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.1.min(self.0.len()).min(buffer.len());
            let (piece, rest) = self.0.split_at(length);
            buffer[..length].copy_from_slice(piece);
            self.0 = rest;
            Ok(length)
        }
    }

    fn tokens(xml: &str, step: usize) -> Result<Vec<String>, ScanError> {
        let mut scanner = Scanner::new(Drip(xml.as_bytes(), step));
        let mut seen = Vec::new();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        loop {
            seen.push(match scanner.next()? {
                Token::Open {
                    name,
                    attributes,
                    is_empty,
                } => format!(
                    "<{}{}{}",
                    text(name),
                    text(attributes),
                    if is_empty { "/" } else { "" }
                ),
                Token::Close { name } => format!("/{}", text(name)),
                Token::Text(raw) => format!("'{}", text(raw)),
                Token::Literal(raw) => format!("!{}", text(raw)),
                Token::End => return Ok(seen),
            });
        }
    }

    #[test]
    fn tokens_are_the_same_wherever_a_piece_ends() {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><!-- <c> --><x:row r=\"1\"><c t='a>b' /><v>1 &lt; 2</v>\
            <![CDATA[<张>]]></x:row ><e/>";
        let expected = [
            "<row r=\"1\"",
            "<c t='a>b' /",
            "<v",
            "'1 &lt; 2",
            "/v",
            "!<张>",
            "/row",
            "<e/",
        ];
        for step in [1, 2, 7, 1000] {
            let seen = tokens(xml, step).unwrap();
            assert_eq!(seen, expected, "{step} bytes at a time");
        }
        for broken in ["<row", "<row r=\"1>", "<!-- x", "<![CDATA[x", "<?xml"] {
            assert!(matches!(tokens(broken, 3), Err(ScanError::Cut)), "{broken}");
        }
        assert!(matches!(
            tokens("<?xml version='1.0' encoding='GBK'?><a/>", 9),
            Err(ScanError::Encoding)
        ));
    }

    #[test]
    fn a_text_between_known_pieces_is_taken_whole_or_not_at_all() {
        let xml = b"<c><v>12</v></c><c><v>3</v><x/></c><c><v>4<!-- --></v></c>";
        for step in [1, 7, 1000] {
            let mut scanner = Scanner::new(Drip(xml, step));
            let mut seen = String::new();
            loop {
                match scanner.next().unwrap() {
                    Token::Open { name: b"c", .. } => match scanner.between(b"<v>", b"</v></c>") {
                        Some(raw) => seen.push_str(std::str::from_utf8(raw).unwrap()),
                        None => seen.push('-'),
                    },
                    Token::Text(raw) => seen.push_str(std::str::from_utf8(raw).unwrap()),
                    Token::End => break,
                    _ => {}
                }
            }
            // A text that is not whole in the buffer is read token by token.
            let expected = if step == 1000 { "12-3-4" } else { "-12-3-4" };
            assert_eq!(seen, expected, "{step} bytes at a time");
        }
    }

    #[test]
    fn entities_and_escapes() {
        let plain = |raw: &str| {
            let mut text = Vec::new();
            unescape(raw.as_bytes(), &mut text).map(|()| String::from_utf8(text).unwrap())
        };
        for (raw, expected) in [
            ("a&amp;&lt;&gt;&quot;&apos;b", "a&<>\"'b"),
            ("&#24352;&#x5F20;&#10;", "张张\n"),
            ("张三", "张三"),
        ] {
            assert_eq!(plain(raw).unwrap(), expected);
        }
        for raw in ["&nbsp;", "&amp", "&#xD800;", "&#;"] {
            assert!(plain(raw).is_err(), "{raw}");
        }
        for (raw, expected) in [
            ("_x000D_", Some("\r")),
            ("_x005F_x0041_", Some("_x0041_")),
            ("a_x0041_b_x", Some("aAb_x")),
            ("_xD83D__xDE00_", Some("😀")),
            ("_x00g1_", Some("_x00g1_")),
            ("张三", None),
        ] {
            assert_eq!(unescape_units(raw).as_deref(), expected, "{raw}");
        }
        assert_eq!(
            attribute(b" a='1' x:b = \"&lt;\"", "x:b")
                .unwrap()
                .as_deref(),
            Some("<")
        );
        assert_eq!(attribute(b" a='1'", "b").unwrap(), None);
    }
}
