//! What a file is that is no table: named by its first bytes, whatever its name ends in.
//!
//! Systems hand out web pages, XML and records without a container under the names `.xls` and `.csv`, and a download
//! that has expired gives a login page. Read as text, such a file would be a table without a header. So it is refused
//! as what it is. A table that begins like one of these is read where `--delimiter` says that it is a table.

use std::borrow::Cow;

use cfb::CompoundFile;
use encoding_rs::{UTF_16BE, UTF_16LE};

use crate::model::Saying;

/// The tags with which web pages begin. Some programs write only the table.
const PAGE_TAGS: &[&str] = &[
    "!doctype html",
    "html",
    "head",
    "body",
    "table",
    "meta",
    "title",
    "script",
    "style",
    "link",
    "div",
    "form",
    "center",
];
/// How much of a text is searched for words.
const HEAD: usize = 4096;

/// The first bytes of files that are not text.
const SIGNATURES: &[(&[u8], Saying)] = &[
    (b"%PDF-", Saying::PdfDocument),
    (b"{\\rtf", Saying::TextDocument),
    (b"\x89PNG\r\n", Saying::Picture),
    (b"\xFF\xD8\xFF", Saying::Picture),
    (b"GIF8", Saying::Picture),
    (b"Rar!\x1A\x07", Saying::PackedFile),
    (b"7z\xBC\xAF\x27\x1C", Saying::PackedFile),
    (b"\x1F\x8B\x08", Saying::PackedFile),
    (b"\xFD7zXZ\0", Saying::PackedFile),
    (b"SQLite format 3\0", Saying::Database),
    // The record that begins a workbook: of Excel 2, 3 and 4, and of 5 and later, which belongs into a container.
    (b"\x09\x00\x04\x00", Saying::OldXls),
    (b"\x09\x02\x06\x00", Saying::OldXls),
    (b"\x09\x04\x06\x00", Saying::OldXls),
    (b"\x09\x08\x08\x00", Saying::BareRecords),
    (b"\x09\x08\x10\x00", Saying::BareRecords),
];

/// The parts by which a zip file is known that is no workbook.
const ZIP_PARTS: &[(&[u8], Saying)] = &[
    (b"word/document.xml", Saying::TextDocument),
    (b"ppt/presentation.xml", Saying::SlideDocument),
    (b"Index/Document.iwa", Saying::NumbersDocument),
];

/// The streams by which a compound file is known that is no workbook.
const STREAMS: &[(&str, Saying)] = &[
    ("/WordDocument", Saying::TextDocument),
    ("/PowerPoint Document", Saying::SlideDocument),
];

/// Returns what a file is by its first bytes, if it is no table; `None` for delimited text and for what is not known.
pub(super) fn kind_of(start: &[u8]) -> Option<Saying> {
    let by_signature = SIGNATURES
        .iter()
        .find(|(signature, _)| start.starts_with(signature));
    if let Some((_, kind)) = by_signature {
        return Some(*kind);
    }
    let text = text_of(start);
    let text =
        text.trim_start_matches(|letter: char| letter == '\u{FEFF}' || letter.is_whitespace());
    if text.starts_with('<') {
        markup_kind(text)
    } else if is_json(text) {
        Some(Saying::JsonText)
    } else {
        is_web_archive(text).then_some(Saying::WebArchive)
    }
}

/// Returns what a zip file is by its first and last bytes, if it is no workbook. The names of its parts stand at the
/// end.
pub(super) fn zip_kind(head: &[u8], tail: &[u8]) -> Option<Saying> {
    let contains = |bytes: &[u8], part: &[u8]| memchr::memmem::find(bytes, part).is_some();
    if contains(head, b"application/vnd.oasis.opendocument.text") {
        return Some(Saying::TextDocument);
    }
    if contains(head, b"application/vnd.oasis.opendocument.presentation") {
        return Some(Saying::SlideDocument);
    }
    let mut parts = ZIP_PARTS.iter();
    let found = parts.find(|(part, _)| contains(tail, part));
    found.map(|(_, kind)| *kind)
}

/// Returns what a compound file is, if it is no workbook.
pub(super) fn compound_kind<F>(container: &CompoundFile<F>) -> Option<Saying> {
    let is_workbook = ["/Workbook", "/Book"]
        .iter()
        .any(|name| container.exists(name));
    let mut streams = STREAMS.iter();
    let found = streams.find(|(name, _)| !is_workbook && container.exists(name));
    found.map(|(_, kind)| *kind)
}

/// Returns the beginning of a file as text: UTF-16 is recognised by its mark or by a `<` of two bytes.
fn text_of(start: &[u8]) -> Cow<'_, str> {
    match start {
        [0xFF, 0xFE, ..] | [b'<', 0, ..] => UTF_16LE.decode_with_bom_removal(start).0,
        [0xFE, 0xFF, ..] | [0, b'<', ..] => UTF_16BE.decode_with_bom_removal(start).0,
        _ => String::from_utf8_lossy(start),
    }
}

/// Returns what XML or HTML is.
fn markup_kind(text: &str) -> Option<Saying> {
    let head = lower_head(text);
    let is_spreadsheet = [
        "urn:schemas-microsoft-com:office:spreadsheet",
        "progid=\"excel.sheet\"",
    ];
    if is_spreadsheet.iter().any(|word| head.contains(word)) && !head.contains("<html") {
        return Some(Saying::XmlSpreadsheet);
    }
    let mut rest = head.as_str();
    // Declarations and comments may stand before the first tag.
    loop {
        rest = rest.trim_start();
        let end = if rest.starts_with("<?") {
            "?>"
        } else if rest.starts_with("<!--") {
            "-->"
        } else {
            break;
        };
        match rest.split_once(end) {
            Some((_, behind)) => rest = behind,
            None => break,
        }
    }
    let tag = rest.strip_prefix('<').unwrap_or_default();
    let is_page = PAGE_TAGS.iter().any(|name| {
        tag.strip_prefix(name).is_some_and(|behind| {
            behind.starts_with(|next: char| next.is_whitespace() || matches!(next, '>' | '/'))
        })
    });
    if is_page {
        Some(Saying::WebPage)
    } else {
        head.starts_with("<?xml").then_some(Saying::OtherXml)
    }
}

/// Returns whether a text is an object of JSON or a list of objects, perhaps cut off, or several lines of them.
fn is_json(text: &str) -> bool {
    if !text.starts_with(['{', '[']) {
        return false;
    }
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    match values.next() {
        Some(Ok(serde_json::Value::Object(_))) => true,
        Some(Ok(serde_json::Value::Array(items))) => {
            items.is_empty() || items.iter().any(|item| item.is_object() || item.is_array())
        }
        Some(Err(error)) => error.is_eof() && text.contains("\":"),
        _ => false,
    }
}

/// Returns whether a text is a web page with its pictures in one file (MHTML): the header of a message, then parts.
fn is_web_archive(text: &str) -> bool {
    let head = lower_head(text);
    let first = head.lines().next().unwrap_or_default();
    let name = first.split(':').next().unwrap_or_default();
    let is_header = name.len() < first.len()
        && !name.is_empty()
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'-');
    is_header && head.contains("mime-version:") && head.contains("multipart/related")
}

fn lower_head(text: &str) -> String {
    text.chars()
        .take(HEAD)
        .collect::<String>()
        .to_ascii_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_table_is_named() {
        for (start, kind) in [
            ("<html><body>", Saying::WebPage),
            ("\u{FEFF}\r\n <!DOCTYPE HTML>\n<html>", Saying::WebPage),
            (
                "<?xml version=\"1.0\"?><!-- a --><html xmlns=\"x\">",
                Saying::WebPage,
            ),
            ("<table border=1><tr>", Saying::WebPage),
            (
                "<?xml version=\"1.0\"?><?mso-application progid=\"Excel.Sheet\"?><Workbook>",
                Saying::XmlSpreadsheet,
            ),
            (
                "<Workbook xmlns=\"urn:schemas-microsoft-com:office:spreadsheet\">",
                Saying::XmlSpreadsheet,
            ),
            ("<?xml version=\"1.0\"?><customers/>", Saying::OtherXml),
            (
                "MIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x",
                Saying::WebArchive,
            ),
            (
                "{\"code\": 401, \"message\": \"登录已过期\"}",
                Saying::JsonText,
            ),
            ("[{\"name\": \"甲\"}, {\"name", Saying::JsonText),
            ("{\"a\":1}\n{\"a\":2}\n", Saying::JsonText),
            ("%PDF-1.7", Saying::PdfDocument),
        ] {
            assert_eq!(kind_of(start.as_bytes()), Some(kind), "{start}");
        }
        let wide: Vec<u8> = "<html>".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(kind_of(&wide), Some(Saying::WebPage));
    }

    #[test]
    fn a_table_that_looks_a_little_like_it_is_a_table() {
        for start in [
            "<客户>,手机\n",
            "<tables>,b\n",
            "[1] 客户名称,手机\n甲,1",
            "[1,2],3\n",
            "{客户},手机\n",
            "客户名称,备注\n甲,<html>\n",
            "Content: a,MIME-Version: 1.0\n",
            "BM,客户名称\n",
            "",
        ] {
            assert_eq!(kind_of(start.as_bytes()), None, "{start}");
        }
    }
}
