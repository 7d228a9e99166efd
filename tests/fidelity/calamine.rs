//! calamine as a second reader: what it reads of a workbook, as text.
//!
//! It shares nothing with `src/table` but the XML: numbers, dates and blanks are put into words here anew, by
//! product.md (*Spreadsheets in*), so that a mistake of ours is not repeated.

use std::collections::BTreeMap;
use std::path::Path;

use calamine::{Data, Reader, Xlsx, XlsxError, open_workbook, open_workbook_auto};
use jiff::civil::{DateTime, Time};
use jiff::{SignedDuration, Unit};

use crm_ferry::model::{Cell, CellKind, Row, RowNumber};

/// 0-based row and column.
pub type Place = (u32, u32);
/// The cells of a sheet that are not blank.
pub type Cells = BTreeMap<Place, (String, CellKind)>;

/// The cells of a sheet of an XLSX file, as far as they can be read, and whether they are all. The sheet is streamed,
/// because calamine otherwise allocates what it claims.
pub fn xlsx_cells(path: &Path, sheet: &str) -> (Cells, bool) {
    let mut cells = Cells::new();
    let mut read = || -> Result<(), XlsxError> {
        let mut book: Xlsx<_> = open_workbook(path)?;
        let mut reader = book.worksheet_cells_reader(sheet)?;
        while let Some(cell) = reader.next_cell()? {
            let value = Data::from(cell.get_value().clone());
            cells.extend(seen(&value).map(|seen| (cell.get_position(), seen)));
        }
        Ok(())
    };
    let is_whole = read().is_ok();
    (cells, is_whole)
}

/// The rows of the first sheet of a workbook in any format.
pub fn first_rows(path: &Path) -> Vec<Row> {
    let mut book = open_workbook_auto(path).unwrap();
    let range = book.worksheet_range_at(0).unwrap().unwrap();
    let (top, left) = range.start().unwrap();
    (top..)
        .zip(range.rows())
        .map(|(row, cells)| {
            let cells = (left..).zip(cells).filter_map(|(column, data)| {
                let (text, kind) = seen(data)?;
                Some(Cell {
                    column,
                    text,
                    kind,
                    format: None,
                })
            });
            Row {
                number: RowNumber::new(row + 1),
                cells: cells.collect(),
                ragged: None,
                spans: Vec::new(),
                hidden_zeros: Vec::new(),
                corrected: Vec::new(),
            }
        })
        .filter(|row| !row.cells.is_empty())
        .collect()
}

/// What a person sees of a value, as far as calamine lets it be known; `None` for a blank cell.
fn seen(data: &Data) -> Option<(String, CellKind)> {
    Some(match data {
        Data::Empty => return None,
        Data::DateTimeIso(text) => match text.trim_end_matches('Z').parse() {
            Ok(moment) => date(moment),
            Err(_) => (text.clone(), CellKind::Text),
        },
        Data::DurationIso(text) => match text.parse::<SignedDuration>() {
            Ok(duration) => (clock(duration.as_secs() as f64), CellKind::Time),
            Err(_) => (text.clone(), CellKind::Text),
        },
        Data::String(text) => {
            let text = text.replace("\r\n", "\n").replace('\r', "\n");
            let is_padding = |letter: char| {
                letter.is_whitespace()
                    || letter.is_control()
                    || matches!(
                        letter,
                        '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{FE00}' | '\u{FEFF}'
                    )
            };
            let text = text.trim_matches(is_padding);
            if text.is_empty() {
                return None;
            }
            (text.to_owned(), CellKind::Text)
        }
        Data::Int(value) => number(*value as f64),
        Data::Float(value) => number(*value),
        Data::Bool(value) => (value.to_string().to_uppercase(), CellKind::Bool),
        Data::Error(error) => (error.to_string(), CellKind::Error),
        Data::DateTime(moment) => {
            let seconds = (moment.as_f64() * 86_400.0).round();
            if moment.is_duration() || moment.as_f64() < 1.0 {
                return Some((clock(seconds), CellKind::Time));
            }
            let (year, month, day, hour, minute, second, thousandth) = moment.to_ymd_hms_milli();
            let (year, month, day) = (year as i16, month as i8, day as i8);
            let (hour, minute, second) = (hour as i8, minute as i8, second as i8);
            let nanosecond = i32::from(thousandth) * 1_000_000;
            let moment = DateTime::new(year, month, day, hour, minute, second, nanosecond);
            match moment {
                Ok(moment) => date(moment),
                // Excel's 29 February 1900.
                Err(_) => (format!("{year}-{month:02}-{day:02}"), CellKind::Date),
            }
        }
    })
}

fn clock(seconds: f64) -> String {
    let (hours, minutes) = ((seconds / 3600.0).floor(), (seconds / 60.0).floor());
    format!("{hours:02}:{:02}:{:02}", minutes % 60.0, seconds % 60.0)
}

fn date(moment: DateTime) -> (String, CellKind) {
    let moment = moment.round(Unit::Second).expect("no year 10000");
    let is_midnight = moment.time() == Time::midnight();
    let form = if is_midnight { "%F" } else { "%F %T" };
    (moment.strftime(form).to_string(), CellKind::Date)
}

/// Fifteen digits, as Excel keeps; more are marked.
fn number(value: f64) -> (String, CellKind) {
    if value.abs() >= 1e15 {
        return (value.to_string(), CellKind::Imprecise);
    }
    let digits = format!("{value:.14e}");
    let value: f64 = digits.parse().expect("a number reads back");
    (value.to_string(), CellKind::Number)
}
