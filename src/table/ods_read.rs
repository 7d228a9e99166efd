//! ODS → cells, streamed.
//!
//! A cell of this format holds both its value and the text that a person sees, so this reader keeps what calamine
//! drops: leading zeros of a number format, error values, merged ranges. It walks `content.xml` once for the
//! names of the sheets and once for each reading of a sheet; memory does not grow with rows.
//!
//! A repeated row or column is one element with a count. Blank ones only move the position, and others are fed
//! one by one, up to the last row and column that a sheet can have: a file that claims more is refused.
//!
//! Source: ODF 1.3 part 3, 9.1 (tables), 19.387 ff. (values), 6.1 (white space).

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::DataRef;
use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::name::QName;
use zip::ZipArchive;
use zip::result::ZipError;

use super::cell::Content;
use super::feed::{self, FedRows, Feed, Halt};
use super::limits::{LAST_COLUMN, LAST_ROW, MergedRange};
use super::number_format::NumberFormat;
use super::ods_styles::{Styles, Xml, attribute, count};
use super::workbook::SheetInfo;
use super::{TableError, cell};
use crate::model::{CellKind, Saying};

const CONTENT: &str = "content.xml";
/// LibreOffice puts number formats here, or before the tables, as it likes.
const STYLES: &str = "styles.xml";
const MANIFEST: &str = "META-INF/manifest.xml";
/// No manifest is longer.
const MANIFEST_BYTES: u64 = 4 * 1024 * 1024;

type Archive = ZipArchive<BufReader<File>>;

/// The sheets of a workbook.
pub(super) struct OdsSource {
    sheets: Vec<SheetInfo>,
}

impl OdsSource {
    pub(super) fn open(path: &Path) -> Result<Self, TableError> {
        let mut archive = archive(path)?;
        if is_encrypted(&mut archive) {
            return Err(TableError::OldFormat {
                path: path.to_path_buf(),
                kind: Saying::PasswordProtected,
            });
        }
        let broken = |detail: String| TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail: detail.into(),
        };
        let mut xml = part(&mut archive, CONTENT).map_err(|error| broken(error.to_string()))?;
        let sheets = sheets(&mut xml).map_err(|error| broken(error.to_string()))?;
        Ok(Self { sheets })
    }

    pub(super) fn sheets(&self) -> Vec<SheetInfo> {
        self.sheets.clone()
    }

    pub(super) fn rows(
        path: &Path,
        position: usize,
        sheet: &str,
        number_as: u16,
    ) -> Result<FedRows, TableError> {
        let owned_path = path.to_path_buf();
        feed::stream(path, sheet, number_as, move |feed| {
            let mut archive = archive(&owned_path).map_err(Halt::Failed)?;
            let mut table = Table::default();
            if let Ok(mut xml) = part(&mut archive, STYLES) {
                table
                    .styles
                    .read_all(&mut xml)
                    .map_err(|error| feed.damaged(&error))?;
            }
            let mut xml = part(&mut archive, CONTENT).map_err(|error| feed.damaged(&error))?;
            let mut found = Vec::new();
            table.walk(&mut xml, position, feed, &mut found)?;
            feed.note_merged(found);
            Ok(())
        })
    }
}

fn archive(path: &Path) -> Result<Archive, TableError> {
    let file = File::open(path).map_err(|source| TableError::reading(path, source))?;
    ZipArchive::new(BufReader::new(file)).map_err(|error| match error {
        ZipError::Io(source) => TableError::reading(path, source),
        other => TableError::NotAWorkbook {
            path: path.to_path_buf(),
            detail: other.to_string().into(),
        },
    })
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
    let mut xml =
        quick_xml::Reader::from_reader(BufReader::with_capacity(64 * 1024, archive.by_name(name)?));
    let config = xml.config_mut();
    config.expand_empty_elements = true;
    config.check_end_names = false;
    Ok(xml)
}

/// Names and visibility, in the order of the tabs.
fn sheets(xml: &mut Xml<'_>) -> Result<Vec<SheetInfo>, quick_xml::Error> {
    let mut hidden_styles: Vec<String> = Vec::new();
    let mut style = String::new();
    let mut sheets = Vec::new();
    let mut depth = 0_u32;
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.name().0 {
                "style:style" => style = attribute(&element, "style:name").unwrap_or_default(),
                "style:table-properties"
                    if attribute(&element, "table:display").as_deref() == Some("false") =>
                {
                    hidden_styles.push(style.clone());
                }
                "table:table" => {
                    if depth == 0 {
                        let style = attribute(&element, "table:style-name").unwrap_or_default();
                        sheets.push(SheetInfo {
                            name: attribute(&element, "table:name").unwrap_or_default(),
                            hidden: hidden_styles.contains(&style),
                        });
                    }
                    depth += 1;
                }
                _ => {}
            },
            Event::End(element) if element.name() == QName("table:table") => {
                depth = depth.saturating_sub(1);
            }
            Event::Eof => return Ok(sheets),
            _ => {}
        }
    }
}

/// A cell's element, before its text is known.
#[derive(Default)]
struct Opened {
    kind: String,
    is_error: bool,
    is_formula: bool,
    value: Option<String>,
    /// Its own style; without one, that of its column holds.
    style: Option<String>,
    times: u32,
    rows_spanned: u32,
    columns_spanned: u32,
}

/// The place that a walk has reached.
#[derive(Default)]
struct Table {
    row: u32,
    column: u32,
    styles: Styles,
    /// The cells of the current row, which may have to be fed more than once.
    cells: Vec<(u32, u32, Content)>,
}

impl Table {
    fn walk(
        &mut self,
        xml: &mut Xml<'_>,
        position: usize,
        feed: &mut Feed,
        merges: &mut Vec<MergedRange>,
    ) -> Result<(), Halt> {
        let mut seen = 0;
        let mut depth = 0_u32;
        let mut rows = 1;
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml
                .read_event_into(&mut buffer)
                .map_err(|error| feed.damaged(&error))?
            {
                Event::Start(element) => match element.name().0 {
                    "table:table" => {
                        seen += usize::from(depth == 0);
                        depth += 1;
                    }
                    _ if depth == 0 => self.styles.read(&element),
                    _ if seen != position + 1 || depth != 1 => {}
                    "table:table-column" => self.styles.read_column(&element),
                    "table:table-row" => {
                        rows = count(&element, "table:number-rows-repeated");
                        self.column = 0;
                        self.cells.clear();
                    }
                    name @ ("table:table-cell" | "table:covered-table-cell") => {
                        let is_covered = name == "table:covered-table-cell";
                        let opened = open_cell(&element);
                        let text = cell_text(xml, name).map_err(|error| feed.damaged(&error))?;
                        if !is_covered {
                            self.note_merge(&opened, merges);
                        }
                        // What is covered by a merged cell is kept in the file, and nobody sees it.
                        let is_id = self.styles.is_id(opened.style.as_ref(), self.column);
                        let content = if is_covered {
                            None
                        } else {
                            content_of(&opened, &text, is_id)
                        };
                        self.add(&opened, content, feed)?;
                    }
                    _ => {}
                },
                Event::End(element) => match element.name().0 {
                    "table:table" => {
                        depth = depth.saturating_sub(1);
                        if depth == 0 && seen == position + 1 {
                            return Ok(());
                        }
                    }
                    "table:table-row" if seen == position + 1 && depth == 1 => {
                        self.end_row(rows, feed)?;
                    }
                    _ => {}
                },
                Event::Eof => return Err(feed.said(Saying::SheetWithoutEnd)),
                _ => {}
            }
        }
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

    fn end_row(&mut self, rows: u32, feed: &mut Feed) -> Result<(), Halt> {
        let next = self.row.saturating_add(rows);
        if !self.cells.is_empty() {
            if next > LAST_ROW {
                return Err(feed.said(Saying::BeyondLastRow));
            }
            for row in self.row..next {
                for (column, times, content) in &self.cells {
                    for repeat in 0..*times {
                        feed.add((row, column + repeat), content.clone())?;
                    }
                }
            }
        }
        self.row = next;
        Ok(())
    }
}

fn open_cell(element: &BytesStart<'_>) -> Opened {
    let mut opened = Opened {
        times: count(element, "table:number-columns-repeated"),
        rows_spanned: count(element, "table:number-rows-spanned").max(1),
        columns_spanned: count(element, "table:number-columns-spanned").max(1),
        ..Opened::default()
    };
    opened.kind = attribute(element, "office:value-type").unwrap_or_default();
    opened.style = attribute(element, "table:style-name");
    opened.is_formula = attribute(element, "table:formula").is_some();
    opened.is_error = attribute(element, "calcext:value-type").as_deref() == Some("error");
    let holder = match opened.kind.as_str() {
        "string" => "office:string-value",
        "date" => "office:date-value",
        "time" => "office:time-value",
        "boolean" => "office:boolean-value",
        _ => "office:value",
    };
    opened.value = attribute(element, holder);
    opened
}

/// The text that a person sees in a cell: its paragraphs, without notes, and with white space as ODF counts it.
fn cell_text(xml: &mut Xml<'_>, end: &str) -> Result<String, quick_xml::Error> {
    let mut text = String::new();
    let mut paragraphs = 0;
    let mut in_paragraph = 0_u32;
    let mut buffer = Vec::new();
    let mut skipped = Vec::new();
    loop {
        buffer.clear();
        match xml.read_event_into(&mut buffer)? {
            Event::Start(element) => match element.name().0 {
                "office:annotation" | "draw:frame" | "draw:object" | "table:table"
                | "text:ruby-text" => {
                    let name = element.name().0.to_owned();
                    xml.read_to_end_into(QName(&name), &mut skipped)?;
                }
                "text:p" | "text:h" => {
                    if paragraphs > 0 {
                        text.push('\n');
                    }
                    paragraphs += 1;
                    in_paragraph += 1;
                }
                "text:s" => {
                    let spaces = count(&element, "text:c").min(32_767);
                    text.extend(std::iter::repeat_n(' ', spaces as usize));
                }
                "text:tab" => text.push('\t'),
                "text:line-break" => text.push('\n'),
                _ => {}
            },
            Event::End(element) => match element.name().0 {
                "text:p" | "text:h" => in_paragraph = in_paragraph.saturating_sub(1),
                name if name == end => return Ok(text),
                _ => {}
            },
            Event::Text(piece) if in_paragraph > 0 => {
                push_collapsed(&mut text, &piece.xml10_content());
            }
            Event::CData(piece) if in_paragraph > 0 => {
                push_collapsed(&mut text, &piece.xml10_content());
            }
            Event::GeneralRef(entity) if in_paragraph > 0 => push_entity(&mut text, &entity)?,
            Event::Eof => {
                return Err(quick_xml::Error::Io(
                    std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into(),
                ));
            }
            _ => {}
        }
    }
}

/// Runs of plain white space are one space; more are written as `text:s` (ODF 6.1.2).
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

fn push_entity(text: &mut String, entity: &BytesRef<'_>) -> Result<(), quick_xml::Error> {
    if let Some(character) = entity.resolve_char_ref()? {
        text.push(character);
    } else if let Some(known) = quick_xml::escape::resolve_xml_entity(entity) {
        text.push_str(known);
    }
    Ok(())
}

/// `is_id`: the style shows a whole number with leading zeros, and perhaps with letters and dashes.
fn content_of(opened: &Opened, shown: &str, is_id: bool) -> Content {
    if opened.is_error {
        return Some((cell::trim(shown).to_owned(), CellKind::Error));
    }
    let value = opened.value.as_deref();
    // A text may be empty; all else has a value once it was calculated.
    if opened.is_formula && value.is_none() && opened.kind != "string" && shown.is_empty() {
        return Some(cell::uncalculated());
    }
    match (opened.kind.as_str(), value) {
        ("date", Some(value)) => cell::from_data(&DataRef::DateTimeIso(value.to_owned())),
        ("time", Some(value)) => cell::from_data(&DataRef::DurationIso(value.to_owned())),
        ("boolean", Some(value)) => cell::from_data(&DataRef::Bool(value == "true")),
        ("float" | "percentage" | "currency", Some(value)) => {
            let number = value.parse::<f64>().unwrap_or(f64::NAN);
            // LibreOffice writes the formula TRUE() as the number 1.
            if matches!(shown, "TRUE" | "FALSE") {
                return cell::from_data(&DataRef::Bool(shown == "TRUE"));
            }
            if opened.kind == "percentage" {
                return Some(NumberFormat::Percent.show(number, false));
            }
            let (text, kind) = cell::number(number);
            let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
            let is_same = digits.trim_start_matches('0') == text.trim_start_matches('0');
            if is_id && kind == CellKind::Number && is_same {
                return Some((cell::trim(shown).to_owned(), kind));
            }
            Some((text, kind))
        }
        ("string", Some(value)) if shown.is_empty() => {
            cell::from_data(&DataRef::String(value.to_owned()))
        }
        _ => cell::from_data(&DataRef::String(shown.to_owned())),
    }
}
