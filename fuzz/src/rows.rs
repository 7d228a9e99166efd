//! A file read twice, and what must hold of its rows.
//!
//! * Row numbers ascend and columns ascend in a row; both are within the limits of a sheet.
//! * No cell is blank or longer than a cell can be; text is trimmed and its line breaks are LF.
//! * The second reading of a file gives what the first one gave, its error included.
//! * Hidden rows ascend, and each of them was given.

use std::ops::RangeInclusive;
use std::path::Path;

use crm_ferry::model::{Cell, CellKind, LONGEST_TEXT, Row};
use crm_ferry::table::{Format, LAST_COLUMN, MergedRange, ReadOptions, Workbook, trim};

/// Rows of a sheet in Excel.
const LAST_ROW: u32 = 1_048_576;
/// A few bytes can repeat a row to the end of a sheet, so reading stops here.
const MOST_ROWS: usize = 1500;
const MOST_BYTES: usize = 2 << 20;
const MOST_SHEETS: usize = 3;

/// What was read of a sheet.
#[derive(Debug, PartialEq)]
pub struct SheetReading {
    /// Its rows.
    pub rows: Vec<Row>,
    /// Why it could not be read on.
    pub error: Option<String>,
    /// Its merged ranges, if its end was read.
    pub merged: Vec<MergedRange>,
    /// Its hidden rows, if its end was read.
    pub hidden: Vec<RangeInclusive<u32>>,
    /// Whether reading went on to the end.
    pub is_whole: bool,
}

/// Reads a file twice and returns its format; `None` if it is not opened.
pub fn check_file(path: &Path, options: &ReadOptions) -> Option<Format> {
    let first = Workbook::open(path, options);
    let second = Workbook::open(path, options);
    let (first, second) = match (first, second) {
        (Ok(first), Ok(second)) => (first, second),
        (Err(first), Err(second)) => {
            assert_eq!(
                words(path, &first.to_string()),
                words(path, &second.to_string())
            );
            return None;
        }
        (first, second) => panic!("opened once only: {:?} {:?}", first.err(), second.err()),
    };
    assert_eq!(first.format(), second.format());
    assert_eq!(first.dialect(), second.dialect());
    assert_eq!(first.sheets(), second.sheets());
    let is_text = first.format() == Format::Csv;
    for sheet in 0..first.sheets().len().min(MOST_SHEETS) {
        let reading = read(&first, sheet);
        check(&reading, is_text);
        assert_eq!(reading, read(&second, sheet));
        first.formats(sheet, 1);
    }
    Some(first.format())
}

/// Reads a sheet, up to a bound.
pub fn read(workbook: &Workbook, sheet: usize) -> SheetReading {
    let mut reading = SheetReading {
        rows: Vec::new(),
        error: None,
        merged: Vec::new(),
        hidden: Vec::new(),
        is_whole: false,
    };
    let mut reader = match workbook.rows(sheet, 0) {
        Ok(reader) => reader,
        Err(error) => {
            reading.error = Some(error.to_string());
            return reading;
        }
    };
    let mut bytes = 0;
    loop {
        match reader.read_row() {
            Ok(None) => break,
            Ok(Some(row)) => {
                bytes += row
                    .cells
                    .iter()
                    .map(|cell| 64 + cell.text.len())
                    .sum::<usize>();
                reading.rows.push(row);
                if reading.rows.len() >= MOST_ROWS || bytes > MOST_BYTES {
                    return reading;
                }
            }
            Err(error) => {
                reading.error = Some(error.to_string());
                let after = reader.read_row();
                assert!(matches!(after, Ok(None)), "after an error: {after:?}");
                return reading;
            }
        }
    }
    reading.merged = reader.merged();
    reading.hidden = reader.hidden_rows();
    reading.is_whole = true;
    reading
}

/// Checks what must hold of the rows of any sheet.
fn check(reading: &SheetReading, is_text: bool) {
    let mut last_row = 0;
    for row in &reading.rows {
        let number = row.number.row;
        assert!(number > last_row, "row {number} after {last_row}");
        assert!(is_text || number <= LAST_ROW, "row {number}");
        last_row = number;
        assert!(
            !row.cells.is_empty() || !row.hidden_zeros.is_empty(),
            "row {number} is blank"
        );
        let mut next_column = 0;
        for cell in &row.cells {
            assert!(cell.column >= next_column, "columns of row {number}");
            assert!(
                is_text || cell.column < LAST_COLUMN,
                "column {}",
                cell.column
            );
            next_column = cell.column + 1;
            check_cell(&cell.text, cell.kind, is_text);
        }
        for Cell { column, .. } in &row.hidden_zeros {
            assert!(*column < LAST_COLUMN, "column {column}");
            assert!(row.cell(*column).is_none(), "column {column} twice");
        }
    }
    for range in &reading.merged {
        assert!(
            range.last_row <= LAST_ROW && range.last_column < LAST_COLUMN,
            "{range:?}"
        );
    }
    let mut last = 0;
    for range in &reading.hidden {
        assert!(*range.start() > last, "hidden {range:?} after {last}");
        assert!(range.start() <= range.end(), "hidden {range:?}");
        last = *range.end();
    }
    if reading.is_whole {
        for row in reading.hidden.iter().cloned().flatten() {
            let found = reading
                .rows
                .binary_search_by_key(&row, |row| row.number.row);
            assert!(found.is_ok(), "hidden row {row} was not given");
        }
    }
}

fn check_cell(text: &str, kind: CellKind, is_text: bool) {
    assert!(!text.is_empty(), "a blank cell of kind {kind:?}");
    assert!(
        is_text || text.encode_utf16().count() <= LONGEST_TEXT,
        "a cell of {} bytes",
        text.len()
    );
    if kind == CellKind::Text {
        assert_eq!(text, trim(text));
        assert!(!text.contains('\r'), "{text:?}");
    }
}

/// Returns an error without the names of temporary files.
fn words(path: &Path, error: &str) -> String {
    error.replace(&path.display().to_string(), "")
}
