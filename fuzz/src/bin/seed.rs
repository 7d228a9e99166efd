//! Gathers the first inputs of every target: from the fixtures of the tests, taken apart, and from fuzz/seeds/.
//!
//! `seed FERRY CORPUS` reads the folder of the source and writes `CORPUS/<target>/`.

use std::fs;
use std::io::{Cursor, Read};
use std::path::{Path, PathBuf};

use cfb::CompoundFile;
use crm_ferry_fuzz::parts;
use zip::ZipArchive;

/// Larger inputs are slow and say no more than small ones.
const LONGEST: usize = 48 << 10;

/// Parts of workbooks that no reader of ferry's opens.
const UNREAD: &[&str] = &[
    "docProps/",
    "theme",
    "Thumbnails",
    "settings.xml",
    "calcChain",
    "drawing",
    "media/",
];

fn main() {
    let mut folders = std::env::args().skip(1).map(PathBuf::from);
    let (Some(ferry), Some(corpus)) = (folders.next(), folders.next()) else {
        panic!("usage: seed FERRY CORPUS");
    };
    let mut files = Vec::new();
    for folder in ["tests/fixtures", "samples", "templates"] {
        find_files(&ferry.join(folder), &mut files);
    }
    files.sort();
    for path in files {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let content = fs::read(&path).expect("a fixture is readable");
        let put = |target: &str, name: &str, input: &[u8]| put(&corpus, target, name, input);
        match path.extension().and_then(|extension| extension.to_str()) {
            Some(format @ ("xlsx" | "ods" | "xlsb")) if content.starts_with(b"PK") => {
                put("workbook", &name, &content);
                let of = |xml: &[u8]| xml.windows(6).any(|part| part == b"_ferry");
                if let Some(parts) = zip_parts(&content) {
                    put(format, &name, &parts);
                    if of(&parts) {
                        put("ferry_sheet", &name, &parts);
                    }
                }
            }
            Some("xlsx" | "xls") => {
                put("workbook", &name, &content);
                for (stream, content) in streams(&content) {
                    let target = if is_excel_95(&content) {
                        "excel95"
                    } else {
                        "xls"
                    };
                    put(
                        target,
                        &format!("{name}{}", stream.replace('/', "_")),
                        &content,
                    );
                }
                let streams = streams(&content);
                let streams = streams
                    .iter()
                    .map(|(name, content)| (&name[1..], content.as_slice()));
                put("compound", &name, &parts::joined(streams));
            }
            Some("csv" | "txt") => {
                put("workbook", &name, &content);
                // No encoding and no delimiter is given.
                put("csv", &name, &[&[0, 0][..], &content].concat());
            }
            Some("toml") => put("mapping_toml", &name, &content),
            _ => {}
        }
    }
    copy_seeds(&ferry.join("fuzz/seeds"), &corpus);
}

fn find_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder of the source") {
        let path = entry.expect("a folder of the source").path();
        if path.is_dir() {
            find_files(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Copies the inputs that are written by hand.
fn copy_seeds(seeds: &Path, corpus: &Path) {
    let mut files = Vec::new();
    find_files(seeds, &mut files);
    for path in files {
        let target = path
            .parent()
            .and_then(Path::file_name)
            .unwrap_or_default()
            .to_string_lossy();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        put(
            corpus,
            &target,
            &name,
            &fs::read(&path).expect("a seed is readable"),
        );
    }
}

fn put(corpus: &Path, target: &str, name: &str, input: &[u8]) {
    if input.is_empty() || input.len() > LONGEST {
        return;
    }
    let folder = corpus.join(target);
    fs::create_dir_all(&folder).expect("the corpus can be written");
    fs::write(folder.join(name), input).expect("the corpus can be written");
}

/// Returns the parts of a zip file that ferry reads; `None` if it is damaged.
fn zip_parts(content: &[u8]) -> Option<Vec<u8>> {
    let mut zip = ZipArchive::new(Cursor::new(content)).ok()?;
    let mut found = Vec::new();
    for position in 0..zip.len() {
        let mut part = zip.by_index(position).ok()?;
        let name = part.name().ok()?.into_owned();
        let mut bytes = Vec::new();
        part.read_to_end(&mut bytes).ok()?;
        let is_styles_of_ods = name == "styles.xml";
        if !is_styles_of_ods && !UNREAD.iter().any(|unread| name.contains(unread)) {
            found.push((name, bytes));
        }
    }
    let found = found
        .iter()
        .map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
    Some(parts::joined(found))
}

/// Returns the streams of a compound file by their paths; none if it is no such file.
fn streams(content: &[u8]) -> Vec<(String, Vec<u8>)> {
    let Ok(mut container) = CompoundFile::open(Cursor::new(content)) else {
        return Vec::new();
    };
    let entries = container.walk().filter(cfb::Entry::is_stream);
    let paths: Vec<String> = entries
        .map(|entry| entry.path().display().to_string())
        .collect();
    let mut streams = Vec::new();
    for path in paths {
        let mut bytes = Vec::new();
        let stream = container.open_stream(&path);
        if stream.is_ok_and(|mut stream| stream.read_to_end(&mut bytes).is_ok()) {
            streams.push((path, bytes));
        }
    }
    streams
}

fn is_excel_95(stream: &[u8]) -> bool {
    stream.starts_with(&[0x09, 0x08]) && stream.get(4..6) == Some(&[0x00, 0x05])
}
