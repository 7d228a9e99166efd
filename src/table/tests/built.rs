//! Workbooks that tests build in code: zip files part by part, records byte by byte.

use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// Writes a zip file of these parts.
pub(super) fn zip_file(path: &Path, parts: &[(&str, &[u8])]) -> PathBuf {
    let mut zip = zip::ZipWriter::new(std::fs::File::create(path).unwrap());
    for (name, bytes) in parts {
        // An ODS file is recognised by its media type, which must stand uncompressed in its first bytes.
        let method = match *name {
            "mimetype" => zip::CompressionMethod::Stored,
            // Compressing takes most of the time of a test with so large a part.
            _ if bytes.len() > 16 << 20 => zip::CompressionMethod::Stored,
            _ => zip::CompressionMethod::Deflated,
        };
        let options = zip::write::SimpleFileOptions::default().compression_method(method);
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap();
    path.to_path_buf()
}

/// Writes a zip file anew with one part added or replaced.
pub(super) fn with_part(path: &Path, name: &str, bytes: &[u8]) {
    let mut zip = zip::ZipArchive::new(std::fs::File::open(path).unwrap()).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for index in 0..zip.len() {
        let mut part = zip.by_index(index).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        parts.push((part.name().unwrap().into_owned(), content));
    }
    parts.retain(|(other, _)| other != name);
    let mut parts: Vec<(&str, &[u8])> = parts
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_slice()))
        .collect();
    parts.push((name, bytes));
    zip_file(path, &parts);
}

/// Writes an XLSX workbook of one sheet. `book` is XML behind the list of sheets, `texts` the shared texts, `rows` the
/// rows.
pub(super) fn xlsx(path: &Path, (book, texts, rows): (&str, &str, &str)) -> PathBuf {
    let book =
        format!("<workbook><sheets><sheet name=\"S\" r:id=\"r1\"/></sheets>{book}</workbook>");
    let relations = "<Relationships><Relationship Id=\"r1\" Type=\"x/worksheet\" Target=\"s.xml\"/>\
        <Relationship Id=\"r2\" Type=\"x/sharedStrings\" Target=\"t.xml\"/></Relationships>";
    let sheet = format!("<worksheet><sheetData>{rows}</sheetData></worksheet>");
    let texts = format!("<sst>{texts}</sst>");
    zip_file(
        path,
        &[
            ("xl/workbook.xml", book.as_bytes()),
            ("xl/_rels/workbook.xml.rels", relations.as_bytes()),
            ("xl/s.xml", sheet.as_bytes()),
            ("xl/t.xml", texts.as_bytes()),
        ],
    )
}

/// Writes an ODS workbook of one sheet.
pub(super) fn ods(path: &Path, rows: &str) -> PathBuf {
    let content = format!(
        "<office:document-content><office:body><office:spreadsheet><table:table table:name=\"S\">{rows}\
        </table:table></office:spreadsheet></office:body></office:document-content>"
    );
    zip_file(
        path,
        &[
            (
                "mimetype",
                b"application/vnd.oasis.opendocument.spreadsheet",
            ),
            ("content.xml", content.as_bytes()),
        ],
    )
}

/// Records, each with its number.
pub(super) type Records<'a> = &'a [(u16, Vec<u8>)];

/// Writes an XLSB workbook of one sheet with a calculation record, shared texts, and the records of its first row.
pub(super) fn xlsb(
    path: &Path,
    (calculation, texts, cells): (&[u8], &[&str], Records<'_>),
) -> PathBuf {
    let mut book = record(0x9C, &[&[0; 8][..], &wide("r1"), &wide("S")].concat());
    book.extend(record(0x9D, calculation));
    let relations =
        "<Relationships><Relationship Id=\"r1\" Target=\"worksheets/s.bin\"/></Relationships>";
    let mut sheet = record(0x91, &[]);
    sheet.extend(record(0x00, &[0; 8]));
    for (number, data) in cells {
        sheet.extend(record(*number, data));
    }
    sheet.extend(record(0x92, &[]));
    let shared: Vec<u8> = texts
        .iter()
        .flat_map(|text| record(0x13, &[&[0][..], &wide(text)].concat()))
        .collect();
    zip_file(
        path,
        &[
            ("xl/workbook.bin", &book),
            ("xl/_rels/workbook.bin.rels", relations.as_bytes()),
            ("xl/worksheets/s.bin", &sheet),
            ("xl/sharedStrings.bin", &shared),
        ],
    )
}

/// Returns the bytes of an XLSB cell: its head with the column, then `rest`.
pub(super) fn xlsb_cell(column: u32, rest: &[u8]) -> Vec<u8> {
    [&column.to_le_bytes()[..], &[0; 4], rest].concat()
}

/// Returns the bytes of an XLSB record.
pub(super) fn record(number: u16, data: &[u8]) -> Vec<u8> {
    let mut bytes = if number < 0x80 {
        vec![number as u8]
    } else {
        vec![(number & 0x7F) as u8 | 0x80, (number >> 7) as u8]
    };
    let mut length = data.len();
    while length >= 0x80 {
        bytes.push((length & 0x7F) as u8 | 0x80);
        length >>= 7;
    }
    bytes.push(length as u8);
    bytes.extend_from_slice(data);
    bytes
}

pub(super) fn wide(text: &str) -> Vec<u8> {
    let units: Vec<u16> = text.encode_utf16().collect();
    let mut bytes = (units.len() as u32).to_le_bytes().to_vec();
    bytes.extend(units.iter().flat_map(|unit| unit.to_le_bytes()));
    bytes
}

/// Writes an XLS workbook of one sheet: records of the whole workbook, then those of the sheet.
pub(super) fn xls(path: &Path, globals: &[(u16, &[u8])], cells: &[(u16, &[u8])]) -> PathBuf {
    let put = |stream: &mut Vec<u8>, number: u16, data: &[u8]| {
        stream.extend(number.to_le_bytes());
        stream.extend((data.len() as u16).to_le_bytes());
        stream.extend(data);
    };
    let begin = [0x00, 0x06, 0x05, 0x00];
    let build = |start: u32| {
        let mut stream = Vec::new();
        put(&mut stream, 0x809, &begin);
        let sheet = [&start.to_le_bytes()[..], &[0, 0, 1, 0, b'S']].concat();
        put(&mut stream, 0x85, &sheet);
        for (number, data) in globals {
            put(&mut stream, *number, data);
        }
        put(&mut stream, 0x0A, &[]);
        stream
    };
    let start = build(0).len() as u32;
    let mut stream = build(start);
    put(&mut stream, 0x809, &begin);
    for (number, data) in cells {
        put(&mut stream, *number, data);
    }
    put(&mut stream, 0x0A, &[]);
    let mut file = cfb::create(path).unwrap();
    file.create_stream("/Workbook")
        .unwrap()
        .write_all(&stream)
        .unwrap();
    file.flush().unwrap();
    path.to_path_buf()
}
