//! The number formats of an XLSX sheet's columns, so that a sheet which is written after it looks like it.
//!
//! The first rows below the header say which format a column has: the one that most of its numbers have. What is not
//! found costs nothing but the look, so a part that is missing or cannot be read means: no format.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use super::archive::{self, Archive};
use super::kept::ColumnFormat;
use super::number_format::NumberFormat;
use super::write::NumberCode;
use super::xlsx_book;
use super::xml_scan::{ScanError, Scanner, Token, attribute, attributes};

/// The part that holds the formats, by the name that every program gives it.
const STYLES: &str = "xl/styles.xml";
/// How many rows below the header are looked at.
const LOOKED_AT_ROWS: u32 = 500;
/// The most cell styles that are read.
const MOST_STYLES: usize = 65_536;
/// Format numbers that show numbers and texts as they are.
const GENERAL: u32 = 0;
const TEXT: u32 = 49;

/// Returns the format of each column of a sheet in a workbook, by the 0-based column.
pub(super) fn column_formats(
    path: &Path,
    part: &str,
    header_row: u32,
) -> BTreeMap<u32, ColumnFormat> {
    let found = || -> Option<BTreeMap<u32, ColumnFormat>> {
        let mut archive = archive::open(path).ok()?;
        let styles = styles(&mut archive).ok()?;
        let index = xlsx_book::position(&archive, part)?;
        let used = used_styles(archive.by_index(index).ok()?, header_row).ok()?;
        let formats = used.into_iter().filter_map(|(column, styles_of_cells)| {
            let most = styles_of_cells.into_iter().max_by_key(|(_, count)| *count);
            let format = most.and_then(|(style, _)| styles.get(style).cloned().flatten());
            format.map(|format| (column, format))
        });
        Some(formats.collect())
    };
    found().unwrap_or_default()
}

/// Returns the format of each cell style; `None` for one that shows numbers as they are.
fn styles(archive: &mut Archive) -> Result<Vec<Option<ColumnFormat>>, ScanError> {
    let mut styles = Vec::new();
    let source = xlsx_book::position(archive, STYLES).and_then(|at| archive.by_index(at).ok());
    let Some(source) = source else {
        return Ok(styles);
    };
    let mut codes: BTreeMap<u32, String> = BTreeMap::new();
    let mut scanner = Scanner::new(source);
    let mut in_cells = false;
    loop {
        match scanner.next()? {
            Token::Open {
                name, attributes, ..
            } => match name {
                b"cellXfs" => in_cells = true,
                b"numFmt" => {
                    let number = format_number(attributes)?;
                    let code = attribute(attributes, "formatCode")?.unwrap_or_default();
                    codes.extend(number.map(|number| (number, code)));
                }
                b"xf" if in_cells && styles.len() < MOST_STYLES => {
                    let number = format_number(attributes)?.unwrap_or(GENERAL);
                    styles.push(format_of(number, codes.get(&number)));
                }
                _ => {}
            },
            Token::Close { name: b"cellXfs" } | Token::End => return Ok(styles),
            _ => {}
        }
    }
}

fn format_number(attributes: &[u8]) -> Result<Option<u32>, ScanError> {
    Ok(attribute(attributes, "numFmtId")?.and_then(|text| text.parse().ok()))
}

fn format_of(number: u32, code: Option<&String>) -> Option<ColumnFormat> {
    match code {
        Some(code) if code == "General" || code == "@" => None,
        Some(code) => Some(ColumnFormat::new(
            NumberCode::Code(code.clone()),
            NumberFormat::of(code),
        )),
        None if number == GENERAL || number == TEXT => None,
        None => {
            let reads_as = NumberFormat::built_in(number)?;
            let number = u8::try_from(number).ok()?;
            Some(ColumnFormat::new(NumberCode::BuiltIn(number), reads_as))
        }
    }
}

/// Counts, for each column, how many numbers below the header have each cell style.
fn used_styles(
    source: impl Read,
    header_row: u32,
) -> Result<BTreeMap<u32, BTreeMap<usize, u32>>, ScanError> {
    let mut used: BTreeMap<u32, BTreeMap<usize, u32>> = BTreeMap::new();
    let mut scanner = Scanner::new(source);
    loop {
        let Token::Open {
            name,
            attributes: all,
            is_empty,
        } = (match scanner.next()? {
            Token::End => return Ok(used),
            token => token,
        })
        else {
            continue;
        };
        if name != b"c" || is_empty {
            continue;
        }
        let (mut place, mut style, mut is_number) = (None, 0, true);
        for (name, value) in attributes(all) {
            match name {
                b"r" => place = super::xlsx_read::place(value),
                b"s" => style = super::xlsx_read::whole_number(value).unwrap_or(0) as usize,
                b"t" => is_number = value == b"n",
                _ => {}
            }
        }
        // Cells without an address are rare, and their columns would have to be counted.
        let Some((row, column)) = place else { continue };
        if row >= header_row.saturating_add(LOOKED_AT_ROWS) {
            return Ok(used);
        }
        if is_number && row >= header_row {
            *used.entry(column).or_default().entry(style).or_default() += 1;
        }
    }
}
