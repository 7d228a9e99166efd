//! Tests of the room through its public interface: files of other programs, ferry's own, and damaged ones.

mod bounds;
mod built;
mod excel95;
mod formulas;
mod fuzzed;
mod looks;
mod read_csv;
mod read_foreign;
mod read_others;
mod read_xlsx;
mod round_trip;
mod write;

use std::path::{Path, PathBuf};

use super::*;
use crate::model::{CellKind, Row};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

fn open(path: &Path) -> Workbook {
    Workbook::open(path, &ReadOptions::default()).unwrap()
}

fn open_error(path: &Path) -> TableError {
    match Workbook::open(path, &ReadOptions::default()) {
        Ok(_) => panic!("{} opened", path.display()),
        Err(error) => error,
    }
}

fn read_all(workbook: &Workbook, sheet: usize) -> Result<Vec<Row>, TableError> {
    let mut reader = workbook.rows(sheet, 0)?;
    let mut rows = Vec::new();
    while let Some(row) = reader.read_row()? {
        rows.push(row);
    }
    assert_eq!(reader.read_row()?, None, "a reader stays at its end");
    Ok(rows)
}

/// Returns rows as `1: A=text B=text`, for comparing.
fn shown(rows: &[Row]) -> Vec<String> {
    rows.iter()
        .map(|row| {
            let cells: Vec<String> = row
                .cells
                .iter()
                .map(|cell| {
                    format!(
                        "{}={}",
                        crate::model::column_letters(cell.column),
                        cell.text
                    )
                })
                .collect();
            format!("{}: {}", row.number.row, cells.join(" "))
        })
        .collect()
}

fn shown_fixture(name: &str) -> Vec<String> {
    shown(&read_all(&open(&fixture(name)), 0).unwrap())
}

fn kinds(row: &Row) -> Vec<CellKind> {
    row.cells.iter().map(|cell| cell.kind).collect()
}
