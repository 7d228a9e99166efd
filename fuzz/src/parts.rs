//! An input as the parts of a workbook, which the target packs itself.
//!
//! A mutated zip or compound file seldom opens: its checksums and directories break first. So an input holds the parts
//! in the open, each as [`MARK`], the part's name, a line break and its bytes.

use std::io::{Cursor, Write};

use cfb::CompoundFile;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// What stands before each part. No XML holds it.
pub const MARK: &[u8] = b"\xFFPK\xFF";

/// Returns the parts of an input, each with its name.
pub fn parts(input: &[u8]) -> Vec<(String, &[u8])> {
    let mut starts = Vec::new();
    let mut at = 0;
    while at < input.len() {
        let is_mark = input[at..].starts_with(MARK);
        starts.extend(is_mark.then_some(at));
        at += if is_mark { MARK.len() } else { 1 };
    }
    let ends = starts.iter().skip(1).copied().chain([input.len()]);
    let parts = starts.iter().zip(ends).map(|(start, end)| {
        let part = &input[start + MARK.len()..end];
        let line = part.iter().position(|byte| *byte == b'\n');
        let (name, content) = part.split_at(line.unwrap_or(part.len()));
        let name = String::from_utf8_lossy(name).into_owned();
        (name, content.get(1..).unwrap_or_default())
    });
    parts.collect()
}

/// Returns the input of these parts.
pub fn joined<'a>(parts: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let parts = parts.into_iter();
    let parts = parts.map(|(name, content)| [MARK, name.as_bytes(), b"\n", content].concat());
    parts.collect::<Vec<_>>().concat()
}

/// Packs the parts of an input into a zip file without compression. Of parts of one name the first is packed.
pub fn zip_file(input: &[u8]) -> Vec<u8> {
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in parts(input) {
        if zip.start_file(name, options).is_ok() {
            zip.write_all(content).expect("memory can be written");
        }
    }
    zip.finish().expect("memory can be written").into_inner()
}

/// Packs streams into a compound file. Streams whose name cannot stand in one are left out.
pub fn compound_file<'a>(streams: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> Vec<u8> {
    let memory = Cursor::new(Vec::new());
    let mut container = CompoundFile::create(memory).expect("memory can be written");
    let fits =
        |name: &str| name.encode_utf16().count() < 32 && !name.contains(['/', '\\', ':', '!']);
    for (name, content) in streams.into_iter().filter(|(name, _)| fits(name)) {
        if let Ok(mut stream) = container.create_new_stream(format!("/{name}")) {
            stream.write_all(content).expect("memory can be written");
        }
    }
    container.flush().expect("memory can be written");
    container.into_inner().into_inner()
}
