//! ODS → cells, streamed.
//!
//! An ODS cell holds both its value and the text that a person sees. So this reader keeps what calamine drops: what a
//! number format shows, which cells are errors, merged ranges. `content.xml` is walked once for the names of the
//! sheets and once for each reading of a sheet; memory does not grow with rows.
//!
//! A repeated row or cell is one element with a count. Blank ones only move the position. Others are fed one by one, up
//! to the columns of the header and once beyond. A file that claims more rows or columns than a sheet can have is
//! refused. So is an entity that XML does not know, because its character would be lost.
//!
//! Source: ODF 1.3 part 3, 9.1 (tables), 19.387 ff. (values), 6.1 (white space).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::Data;
use zip::read::ZipFile;
use zip::result::ZipError;

use super::archive::{self, Archive};
use super::cell::Content;
use super::feed::{self, FedRows, Feed, Halt};
use super::limits::{LAST_COLUMN, LAST_ROW, LONGEST_RAW, MOST_MERGED, MergedRange};
use super::number_format::NumberFormat;
use super::ods_shown;
use super::sheet_info::{SheetInfo, sheet_at};
use super::xml_scan::{ScanError, Scanner, Token, attribute, unescape};
use super::{TableError, cell};
use crate::model::{CellKind, Fact, Saying};

const CONTENT: &str = "content.xml";
/// The part that says which program wrote the workbook.
const META: &str = "meta.xml";
/// Words in the names of programs that calculate. LibreOffice stores a formula whose value is an empty text without a
/// value, and libraries that do not calculate store every formula so; the program's name tells which it is.
const CALCULATING: [&str; 6] = [
    "Office",
    "Collabora",
    "gnumeric",
    "Calligra",
    "WPS",
    "Kingsoft",
];
const MANIFEST: &str = "META-INF/manifest.xml";
/// How much of the manifest is read; no real manifest is longer.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;
/// The most sheets of a workbook, and the most styles that hide a sheet.
const MOST_SHEETS: usize = 65_536;

type Xml<'a> = Scanner<ZipFile<'a, BufReader<File>>>;

/// The sheets of a workbook.
#[derive(Default)]
pub(super) struct OdsSource {
    sheets: Vec<SheetInfo>,
    /// Whether a formula without a value stands for an empty text: a program that calculates wrote the workbook, or
    /// some formula has a value.
    is_calculated: bool,
}

impl OdsSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let mut archive = archive::open(path)?;
        if is_encrypted(&mut archive) {
            return Err(TableError::OldFormat {
                path: path.to_path_buf(),
                kind: Saying::PasswordProtected,
            });
        }
        let broken = |detail: Fact| TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail,
        };
        let mut source = Self {
            is_calculated: calculates(&mut archive)
                .map_err(|error| broken(error.to_string().into()))?,
            ..Self::default()
        };
        let mut xml = part(&mut archive, CONTENT).map_err(|error| broken(archive::why(&error)))?;
        source
            .read(&mut xml)
            .map_err(|error| broken(error.to_string().into()))?;
        Ok(source)
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.clone()
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        position: usize,
        columns: u32,
        number_as: u16,
    ) -> Result<FedRows, TableError> {
        let info = sheet_at(&self.sheets, path, position)?;
        let owned_path = path.to_path_buf();
        let is_calculated = self.is_calculated;
        feed::stream(path, &info.name, number_as, move |feed| {
            let mut archive = archive::open(&owned_path).map_err(Halt::Failed)?;
            let mut table = Table {
                // One more, so that a cell beyond the header is noticed.
                columns: columns.saturating_add(1),
                is_calculated,
                ..Table::default()
            };
            let mut xml = part(&mut archive, CONTENT).map_err(|error| feed.damaged(&error))?;
            let mut found = Vec::new();
            table.walk_table(&mut xml, position, feed, &mut found)?;
            feed.note_merged(found);
            Ok(())
        })
    }
}

fn is_encrypted(archive: &mut Archive) -> bool {
    use std::io::Read;
    let mut text = String::new();
    archive
        .by_name(MANIFEST)
        .is_ok_and(|part| part.take(MANIFEST_BYTES).read_to_string(&mut text).is_ok())
        && text.contains("encryption-data")
}

fn part<'a>(archive: &'a mut Archive, name: &str) -> Result<Xml<'a>, ZipError> {
    Ok(Scanner::new(archive.by_name(name)?))
}

/// Returns a part that a workbook may lack; `None` if it does. A damaged part is an error.
fn part_if_any<'a>(archive: &'a mut Archive, name: &str) -> Result<Option<Xml<'a>>, ZipError> {
    match part(archive, name) {
        Err(ZipError::FileNotFound) => Ok(None),
        found => found.map(Some),
    }
}

/// Returns whether the workbook was written by a program that calculates; `false` if no program is named.
fn calculates(archive: &mut Archive) -> Result<bool, ScanError> {
    let part = part_if_any(archive, META).map_err(std::io::Error::from)?;
    let Some(mut xml) = part else {
        return Ok(false);
    };
    let mut is_name = false;
    loop {
        match xml.next()? {
            Token::Open { name, .. } => is_name = name == b"generator",
            Token::Text(raw) if is_name => {
                let has = |name: &str| memchr::memmem::find(raw, name.as_bytes()).is_some();
                return Ok(CALCULATING.iter().any(|name| has(name)));
            }
            Token::End => return Ok(false),
            _ => {}
        }
    }
}

impl OdsSource {
    /// Reads the sheets in the order of their tabs, and whether some formula has a value.
    fn read(&mut self, xml: &mut Xml<'_>) -> Result<(), ScanError> {
        let mut hidden_styles: Vec<String> = Vec::new();
        let mut style = String::new();
        let mut depth = 0_u32;
        loop {
            match xml.next()? {
                Token::Open {
                    name,
                    attributes,
                    is_empty,
                } => match name {
                    b"style" => style = attribute(attributes, "style:name")?.unwrap_or_default(),
                    b"table-properties" => {
                        let shown = attribute(attributes, "table:display")?;
                        let is_hidden = shown.as_deref() == Some("false");
                        hidden_styles.extend(is_hidden.then(|| style.clone()));
                    }
                    b"table-cell" => {
                        let has = |name: &str| {
                            memchr::memmem::find(attributes, name.as_bytes()).is_some()
                        };
                        self.is_calculated |= has("table:formula=") && has("office:value-type=");
                    }
                    b"table" => {
                        if depth == 0 {
                            let style =
                                attribute(attributes, "table:style-name")?.unwrap_or_default();
                            self.sheets.push(SheetInfo {
                                name: attribute(attributes, "table:name")?.unwrap_or_default(),
                                hidden: hidden_styles.contains(&style),
                            });
                        }
                        depth += u32::from(!is_empty);
                    }
                    _ => {}
                },
                Token::Close { name: b"table" } => depth = depth.saturating_sub(1),
                Token::End => return Ok(()),
                _ => {}
            }
            if self.sheets.len().max(hidden_styles.len()) > MOST_SHEETS {
                return Err(ScanError::TooLong);
            }
        }
    }
}

/// The attributes of a cell's element.
#[derive(Default)]
struct Opened {
    kind: String,
    is_error: bool,
    is_formula: bool,
    value: Option<String>,
    times: u32,
    rows_spanned: u32,
    columns_spanned: u32,
}

/// One walk over one sheet: the place that it has reached, and the row being read.
#[derive(Default)]
struct Table {
    row: u32,
    column: u32,
    /// The number of columns up to which repeated cells are fed.
    columns: u32,
    is_calculated: bool,
    /// How many times the current row is repeated.
    rows: u32,
    /// The cells of the current row, each with its column and its repeats; a repeated row feeds them again.
    cells: Vec<(u32, u32, Content)>,
}

impl Table {
    fn walk_table(
        &mut self,
        xml: &mut Xml<'_>,
        position: usize,
        feed: &mut Feed,
        merges: &mut Vec<MergedRange>,
    ) -> Result<(), Halt> {
        let mut seen = 0;
        let mut depth = 0_u32;
        loop {
            let is_here = seen == position + 1 && depth == 1;
            match xml.next().map_err(|error| feed.damaged(&error))? {
                Token::Open {
                    name: b"table",
                    is_empty,
                    ..
                } => {
                    seen += usize::from(depth == 0);
                    if is_empty && depth == 0 && seen == position + 1 {
                        return Ok(());
                    }
                    depth += u32::from(!is_empty);
                }
                Token::Open {
                    name: b"table-row",
                    attributes,
                    is_empty,
                } if is_here => {
                    self.rows = count(attributes, "table:number-rows-repeated")
                        .map_err(|error| feed.damaged(&error))?
                        .max(1);
                    self.column = 0;
                    self.cells.clear();
                    let shown = attribute(attributes, "table:visibility")
                        .map_err(|error| feed.damaged(&error))?;
                    if matches!(shown.as_deref(), Some("filter" | "collapse")) {
                        let last = self.row.saturating_add(self.rows).min(LAST_ROW);
                        (self.row..last).for_each(|row| feed.hide(row));
                    }
                    if is_empty {
                        self.end_row(feed)?;
                    }
                }
                Token::Open {
                    name: name @ (b"table-cell" | b"covered-table-cell"),
                    attributes,
                    is_empty,
                } if is_here => {
                    let is_covered = name == b"covered-table-cell";
                    let opened = open_cell(attributes).map_err(|error| feed.damaged(&error))?;
                    let shown = if is_empty {
                        None
                    } else {
                        self.text(xml, is_covered, feed)?
                    };
                    if !is_covered && merges.len() < MOST_MERGED {
                        self.note_merge(&opened, merges);
                    }
                    // A cell covered by a merged range keeps its content in the file, but nobody sees it.
                    let content = if is_covered {
                        None
                    } else {
                        self.content_of(&opened, shown.as_deref())
                    };
                    self.add(&opened, content, feed)?;
                }
                Token::Close { name: b"table" } => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 && seen == position + 1 {
                        return Ok(());
                    }
                }
                Token::Close { name: b"table-row" } if is_here => self.end_row(feed)?,
                Token::End => return Err(feed.said(Saying::SheetWithoutEnd)),
                _ => {}
            }
        }
    }

    fn content_of(&self, opened: &Opened, paragraphs: Option<&str>) -> Content {
        let shown = paragraphs.unwrap_or_default();
        // A text may be empty; a formula of any other type has a value once it was calculated.
        let is_open = match opened.kind.as_str() {
            "string" => false,
            "" => !self.is_calculated,
            _ => true,
        };
        if opened.is_formula && is_open && opened.value.is_none() && shown.is_empty() {
            return Some(cell::uncalculated());
        }
        content_of(opened, paragraphs)
    }

    /// Returns the text of the current cell; `None` if the cell has no paragraph, as libraries write numbers.
    fn text(
        &self,
        xml: &mut Xml<'_>,
        is_covered: bool,
        feed: &Feed,
    ) -> Result<Option<String>, Halt> {
        let end: &[u8] = if is_covered {
            b"covered-table-cell"
        } else {
            b"table-cell"
        };
        cell_text(xml, end).map_err(|error| match error {
            ScanError::LongText | ScanError::TooLong => feed.too_long((self.row, self.column)),
            error => feed.damaged(&error),
        })
    }

    fn note_merge(&self, opened: &Opened, merges: &mut Vec<MergedRange>) {
        if opened.rows_spanned > 1 || opened.columns_spanned > 1 {
            merges.push(MergedRange {
                first_row: self.row.saturating_add(1),
                last_row: self.row.saturating_add(opened.rows_spanned),
                first_column: self.column,
                last_column: self.column.saturating_add(opened.columns_spanned - 1),
            });
        }
    }

    fn add(&mut self, opened: &Opened, content: Content, feed: &Feed) -> Result<(), Halt> {
        let next = self.column.saturating_add(opened.times);
        if content.is_some() {
            if next > LAST_COLUMN {
                return Err(feed.said(Saying::BeyondLastColumn));
            }
            self.cells.push((self.column, opened.times, content));
        }
        self.column = next;
        Ok(())
    }

    fn end_row(&mut self, feed: &mut Feed) -> Result<(), Halt> {
        let next = self.row.saturating_add(self.rows);
        if !self.cells.is_empty() {
            if next > LAST_ROW {
                return Err(feed.said(Saying::BeyondLastRow));
            }
            for row in self.row..next {
                for (column, times, content) in &self.cells {
                    let end = (column + times).min(self.columns.max(column + 1));
                    for column in *column..end {
                        feed.add((row, column), content.clone())?;
                    }
                }
            }
        }
        self.row = next;
        Ok(())
    }
}

fn open_cell(attributes: &[u8]) -> Result<Opened, ScanError> {
    let text = |name| attribute(attributes, name);
    let mut opened = Opened {
        times: count(attributes, "table:number-columns-repeated")?.max(1),
        rows_spanned: count(attributes, "table:number-rows-spanned")?.max(1),
        columns_spanned: count(attributes, "table:number-columns-spanned")?.max(1),
        ..Opened::default()
    };
    opened.kind = text("office:value-type")?.unwrap_or_default();
    opened.is_formula = text("table:formula")?.is_some();
    opened.is_error = text("calcext:value-type")?.as_deref() == Some("error");
    let holder = match opened.kind.as_str() {
        "string" => "office:string-value",
        "date" => "office:date-value",
        "time" => "office:time-value",
        "boolean" => "office:boolean-value",
        _ => "office:value",
    };
    opened.value = text(holder)?;
    Ok(opened)
}

/// Reads the text that a person sees in a cell: its paragraphs, without notes, and with white space as ODF counts it.
/// `None` if the cell has no paragraph.
fn cell_text(xml: &mut Xml<'_>, end: &[u8]) -> Result<Option<String>, ScanError> {
    const ASIDE: [&[u8]; 5] = [b"annotation", b"frame", b"object", b"table", b"ruby-text"];
    let mut text = String::new();
    let mut paragraphs = 0_u32;
    let mut in_paragraph = 0_u32;
    loop {
        match xml.next()? {
            Token::Open {
                name,
                attributes,
                is_empty,
            } => {
                let aside = ASIDE.iter().find(|aside| **aside == name);
                match name {
                    b"p" | b"h" => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs = paragraphs.saturating_add(1);
                        in_paragraph += u32::from(!is_empty);
                    }
                    b"s" => {
                        let spaces = count(attributes, "text:c")? as usize;
                        // One above the limit is enough to be refused below.
                        let spaces = spaces.min(LONGEST_RAW + 1);
                        text.extend(std::iter::repeat_n(' ', spaces));
                    }
                    b"tab" => text.push('\t'),
                    b"line-break" => text.push('\n'),
                    _ => {}
                }
                if let Some(aside) = aside.filter(|_| !is_empty) {
                    xml.skip(aside)?;
                }
            }
            Token::Close { name } => match name {
                b"p" | b"h" => in_paragraph = in_paragraph.saturating_sub(1),
                name if name == end => return Ok((paragraphs > 0).then_some(text)),
                _ => {}
            },
            Token::Text(raw) if in_paragraph > 0 => push_text(&mut text, raw)?,
            Token::Literal(raw) if in_paragraph > 0 => push_collapsed(&mut text, utf8(raw)?),
            Token::End => return Err(ScanError::Cut),
            _ => {}
        }
        if text.len() > LONGEST_RAW {
            return Err(ScanError::LongText);
        }
    }
}

fn utf8(raw: &[u8]) -> Result<&str, ScanError> {
    std::str::from_utf8(raw).map_err(|_| ScanError::Encoding)
}

/// Appends text. White space is collapsed, except where an entity stands for it.
fn push_text(text: &mut String, raw: &[u8]) -> Result<(), ScanError> {
    let mut rest = raw;
    while let Some(start) = memchr::memchr(b'&', rest) {
        let (plain, entity) = rest.split_at(start);
        push_collapsed(text, utf8(plain)?);
        let end = memchr::memchr(b';', entity).ok_or(ScanError::Entity)?;
        let (entity, tail) = entity.split_at(end + 1);
        let mut letter = Vec::new();
        unescape(entity, &mut letter)?;
        text.push_str(utf8(&letter)?);
        rest = tail;
    }
    push_collapsed(text, utf8(rest)?);
    Ok(())
}

/// Appends text with runs of white space as one space; ODF writes further spaces as `text:s` (ODF 6.1.2).
fn push_collapsed(text: &mut String, piece: &str) {
    for character in piece.chars() {
        if matches!(character, ' ' | '\t' | '\n' | '\r') {
            if !text.ends_with([' ', '\n']) && !text.is_empty() {
                text.push(' ');
            }
        } else {
            text.push(character);
        }
    }
}

/// Returns the content of a cell with its value and its shown text; no text where the cell has no paragraph.
fn content_of(opened: &Opened, paragraphs: Option<&str>) -> Content {
    let shown = paragraphs.unwrap_or_default();
    if opened.is_error {
        return Some(cell::error(shown));
    }
    let value = opened.value.as_deref();
    match (opened.kind.as_str(), value) {
        ("date", Some(value)) => {
            let (text, kind) = cell::from_data(&Data::DateTimeIso(value.to_owned()))?;
            let is_date = !ods_shown::is_weekday(shown);
            Some((text, if is_date { kind } else { CellKind::Obscured }))
        }
        ("time", Some(value)) => cell::from_data(&Data::DurationIso(value.to_owned())),
        ("boolean", Some(value)) => cell::from_data(&Data::Bool(value == "true")),
        ("float" | "percentage" | "currency", Some(value)) => {
            let number = value.parse::<f64>().unwrap_or(f64::NAN);
            // LibreOffice writes the formula TRUE() as the number 1.
            if matches!(shown, "TRUE" | "FALSE") {
                return cell::from_data(&Data::Bool(shown == "TRUE"));
            }
            Some(match opened.kind.as_str() {
                "percentage" => NumberFormat::Percent.show(number, false),
                "currency" => cell::number(number),
                _ => ods_shown::number(number, paragraphs),
            })
        }
        ("string", value) => ods_shown::shown_text(value, paragraphs),
        _ => ods_shown::shown_text(None, paragraphs),
    }
}

/// Returns the number in an attribute: 1 if the attribute is absent, `u32::MAX` if its text is no number.
fn count(attributes: &[u8], name: &str) -> Result<u32, ScanError> {
    let text = attribute(attributes, name)?;
    Ok(text.map_or(1, |text| text.parse().unwrap_or(u32::MAX)))
}
