//! The parts that all sheets of an XLSX workbook share: their list, shared texts, number formats, the date system.
//!
//! Source: ECMA-376 part 1, 18.2 (workbook), 18.4.9 (shared texts), 18.8 (styles); part 2, 6.5 (relations).

use std::collections::HashMap;
use std::io::Read;
use std::path::Path;

use zip::result::ZipError;

use super::TableError;
use super::archive::{self, Archive};
use super::limits::{Bounded, LONGEST_RAW, MOST_STYLES};
use super::shared_texts::{SharedTexts, TooManyTexts};
use super::sheet_info::SheetInfo;
use super::xlsx_formats::BookFormats;
use super::xml_scan::{ScanError, Scanner, Token, attribute, unescape, unescape_units};
use crate::model::Saying;

/// The shared parts of a workbook.
#[derive(Default)]
pub(super) struct Book {
    /// The worksheets in the order of their tabs, each with the part that holds it.
    pub(super) sheets: Vec<(SheetInfo, String)>,
    pub(super) strings: SharedTexts,
    pub(super) formats: BookFormats,
    pub(super) is_1904: bool,
    /// Whether the workbook asks to be recalculated when it is opened; programs that do not calculate write this.
    pub(super) is_outdated: bool,
}

/// Why a workbook cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(super) enum OpenError {
    #[error("{0}")]
    Zip(#[from] ZipError),
    #[error("{0}")]
    Scan(#[from] ScanError),
    #[error("a zip file without a workbook in it")]
    NoWorkbook,
    #[error("the workbook has too many cell styles")]
    Styles,
    #[error("{0}")]
    Texts(#[from] TooManyTexts),
    #[error("shared text {0} is too long")]
    LongText(usize),
}

impl Book {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let mut archive = archive::open(path)?;
        let path = path.to_path_buf();
        Self::read(&mut archive).map_err(|error| match error {
            OpenError::Texts(TooManyTexts { limit_mib }) => {
                TableError::TooManyTexts { path, limit_mib }
            }
            OpenError::LongText(number) => TableError::long_shared_text(&path, number),
            OpenError::NoWorkbook => TableError::NotAWorkbook {
                path,
                detail: Saying::ZipWithoutWorkbook.into(),
            },
            error => TableError::NotAWorkbook {
                path,
                detail: match &error {
                    OpenError::Zip(error) => archive::why(error),
                    other => other.to_string().into(),
                },
            },
        })
    }

    fn read(archive: &mut Archive) -> Result<Self, OpenError> {
        let mut book = Self::default();
        let main = match relations(archive, "_rels/.rels", "")? {
            Some(relations) => relations.into_values().find(|one| one.is("officeDocument")),
            None => None,
        };
        let main = main.map_or_else(|| "xl/workbook.xml".to_owned(), |relation| relation.part);
        let (folder, name) = main.rsplit_once('/').unwrap_or(("", &main));
        let path = format!("{folder}/_rels/{name}.rels");
        let relations =
            relations(archive, path.trim_start_matches('/'), folder)?.unwrap_or_default();
        if !each(archive, &main, |name, attributes| {
            match name {
                b"workbookPr" => {
                    let flag = attribute(attributes, "date1904")?;
                    book.is_1904 = matches!(flag.as_deref(), Some("1" | "true"));
                }
                b"calcPr" => {
                    let flag = attribute(attributes, "fullCalcOnLoad")?;
                    book.is_outdated = matches!(flag.as_deref(), Some("1" | "true"));
                }
                b"sheet" => {
                    let id = match attribute(attributes, "r:id")? {
                        Some(id) => Some(id),
                        None => prefixed_id(attributes)?,
                    };
                    let relation = id.and_then(|id| relations.get(&id));
                    if let Some(relation) = relation.filter(|one| one.is("worksheet")) {
                        let info = SheetInfo {
                            name: attribute(attributes, "name")?.unwrap_or_default(),
                            hidden: attribute(attributes, "state")?
                                .is_some_and(|state| state != "visible"),
                        };
                        book.sheets.push((info, relation.part.clone()));
                    }
                }
                _ => {}
            }
            Ok(())
        })? {
            return Err(OpenError::NoWorkbook);
        }
        let part = |kind: &str| relations.values().find(|relation| relation.is(kind));
        if let Some(styles) = part("styles") {
            book.formats = formats(archive, &styles.part)?;
        }
        if let Some(strings) = part("sharedStrings") {
            book.strings = shared_texts(archive, &strings.part)?;
        }
        Ok(book)
    }
}

/// What a part of a workbook says of another part.
pub(super) struct Relation {
    kind: String,
    pub(super) part: String,
}

impl Relation {
    /// Returns whether the relation is of a kind, by the last word of its type: transitional and strict workbooks share
    /// that word.
    fn is(&self, kind: &str) -> bool {
        self.kind.rsplit('/').next() == Some(kind)
    }
}

/// Reads the relations in the part at `path`, by their ids, with their parts relative to `folder`; `None` if there is
/// no such part. XML that cannot be read is an error, because a sheet that is named behind it would be lost.
pub(super) fn relations(
    archive: &mut Archive,
    path: &str,
    folder: &str,
) -> Result<Option<HashMap<String, Relation>>, OpenError> {
    let mut relations = HashMap::new();
    let is_there = each(archive, path, |name, attributes| {
        if name == b"Relationship"
            && let (Some(id), Some(target)) = (
                attribute(attributes, "Id")?,
                attribute(attributes, "Target")?,
            )
        {
            let kind = attribute(attributes, "Type")?.unwrap_or_default();
            let part = resolved(folder, &target);
            relations.insert(id, Relation { kind, part });
        }
        Ok(())
    })?;
    Ok(is_there.then_some(relations))
}

/// Returns a relation's target as the name of a part. A target is relative to `folder`, unless it begins with `/`.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    let whole = match target.strip_prefix('/') {
        Some(target) => target.to_owned(),
        None => format!("{folder}/{target}"),
    };
    let mut steps: Vec<&str> = Vec::new();
    for step in whole.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop();
            }
            step => steps.push(step),
        }
    }
    steps.join("/")
}

/// Returns the id of a relation under any prefix of its namespace.
fn prefixed_id(attributes: &[u8]) -> Result<Option<String>, ScanError> {
    let prefixed = super::xml_scan::attributes(attributes)
        .find(|(name, _)| name.ends_with(b":id"))
        .and_then(|(name, _)| std::str::from_utf8(name).ok());
    match prefixed {
        Some(name) => attribute(attributes, name),
        None => Ok(None),
    }
}

/// Returns the position of a part in the zip file. Some programs write its name in another case, or with backslashes.
pub(super) fn position(archive: &Archive, part: &str) -> Option<usize> {
    archive.index_for_name(part).or_else(|| {
        let same = |name: &str| name.replace('\\', "/").eq_ignore_ascii_case(part);
        let mut names = archive.file_names().filter_map(Result::ok);
        let name = names.find(|name| same(name))?;
        archive.index_for_name(&name)
    })
}

/// Calls `take` for every opening tag of a part; `false` if there is no such part.
fn each(
    archive: &mut Archive,
    part: &str,
    mut take: impl FnMut(&[u8], &[u8]) -> Result<(), ScanError>,
) -> Result<bool, OpenError> {
    let Some(position) = position(archive, part) else {
        return Ok(false);
    };
    let mut scanner = Scanner::new(Bounded::new(archive.by_index(position)?));
    loop {
        match scanner.next()? {
            Token::Open {
                name, attributes, ..
            } => take(name, attributes)?,
            Token::End => return Ok(true),
            _ => {}
        }
    }
}

fn formats(archive: &mut Archive, part: &str) -> Result<BookFormats, OpenError> {
    let mut formats = BookFormats::default();
    let Some(position) = position(archive, part) else {
        return Ok(formats);
    };
    let mut scanner = Scanner::new(Bounded::new(archive.by_index(position)?));
    let mut in_cells = false;
    loop {
        match scanner.next()? {
            Token::Open {
                name, attributes, ..
            } => {
                let number = attribute(attributes, "numFmtId")?.and_then(|text| text.parse().ok());
                match name {
                    b"cellXfs" => in_cells = true,
                    b"numFmt" => {
                        let code = attribute(attributes, "formatCode")?.unwrap_or_default();
                        if let Some(number) = number {
                            formats.define(number, code);
                        }
                    }
                    b"xf" if formats.len() >= MOST_STYLES => return Err(OpenError::Styles),
                    b"xf" if in_cells => formats.push(number.unwrap_or(0)),
                    _ => {}
                }
            }
            Token::Close { name: b"cellXfs" } => in_cells = false,
            Token::End => return Ok(formats),
            _ => {}
        }
    }
}

fn shared_texts(archive: &mut Archive, part: &str) -> Result<SharedTexts, OpenError> {
    let Some(position) = position(archive, part) else {
        return Ok(SharedTexts::default());
    };
    let part = archive.by_index(position)?;
    let mut texts = SharedTexts::packed_in(part.compressed_size());
    let mut scanner = Scanner::new(part);
    let mut buffer = Vec::new();
    loop {
        match scanner.next()? {
            Token::Open {
                name: b"si",
                is_empty,
                ..
            } => {
                buffer.clear();
                if !is_empty {
                    rich_text(&mut scanner, b"si", &mut buffer).map_err(|error| match error {
                        ScanError::LongText | ScanError::TooLong => {
                            OpenError::LongText(texts.len() + 1)
                        }
                        other => OpenError::Scan(other),
                    })?;
                }
                let text = std::str::from_utf8(&buffer).map_err(|_| ScanError::Encoding)?;
                match unescape_units(text) {
                    Some(text) => texts.push(&text)?,
                    None => texts.push(text)?,
                }
            }
            Token::End => return Ok(texts),
            _ => {}
        }
    }
}

/// Appends the text of an element up to its end: the text of its runs, without phonetic readings.
pub(super) fn rich_text<R: Read>(
    scanner: &mut Scanner<R>,
    end: &[u8],
    text: &mut Vec<u8>,
) -> Result<(), ScanError> {
    let mut in_text = false;
    let mut keeps_space = false;
    let mut in_reading = false;
    let mut start = text.len();
    loop {
        match scanner.next()? {
            Token::Open {
                name,
                attributes,
                is_empty: false,
            } => match name {
                b"t" if !in_reading => {
                    in_text = true;
                    keeps_space = memchr::memmem::find(attributes, b"preserve").is_some();
                    start = text.len();
                }
                b"rPh" => in_reading = true,
                _ => {}
            },
            Token::Close { name } => match name {
                b"t" if in_text => {
                    in_text = false;
                    if !keeps_space {
                        trim_run(text, start);
                    }
                }
                b"rPh" => in_reading = false,
                name if name == end => return Ok(()),
                _ => {}
            },
            Token::Text(raw) if in_text => unescape(raw, text)?,
            Token::Literal(raw) if in_text => text.extend_from_slice(raw),
            Token::End => return Err(ScanError::Cut),
            _ => {}
        }
        if text.len() > LONGEST_RAW {
            return Err(ScanError::LongText);
        }
    }
}

/// Takes the white space off both ends of a run that begins at `start`. XML does not promise to keep it.
pub(super) fn trim_run(text: &mut Vec<u8>, start: usize) {
    let run = text.get(start..).unwrap_or_default();
    let kept = run.trim_ascii_end().len();
    let lead = run.len() - run.trim_ascii_start().len();
    text.truncate(start + kept);
    if lead > 0 && lead < kept {
        text.drain(start..start + lead);
    }
}
