//! A table of text: written as CSV or XLSX to be imported, and read back from a result sheet.

use std::path::Path;

use calamine::{Data, Reader};

/// A header and its rows, all as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    /// The header.
    pub headers: Vec<String>,
    /// The rows, each as wide as the header.
    pub rows: Vec<Vec<String>>,
}

impl Table {
    /// A table from literals.
    pub fn of(headers: &[&str], rows: &[&[&str]]) -> Self {
        let owned = |cells: &[&str]| cells.iter().map(|cell| (*cell).to_owned()).collect();
        Self {
            headers: owned(headers),
            rows: rows.iter().map(|row| owned(row)).collect(),
        }
    }

    /// Reads a CSV file, or the first sheet of a workbook that is no summary.
    pub fn read(path: &Path) -> Self {
        let mut lines = if is_csv(path) {
            read_csv(path)
        } else {
            read_sheet(path, first_table(path))
        };
        assert!(!lines.is_empty(), "{} is empty", path.display());
        let mut headers = lines.remove(0);
        for header in &mut headers {
            *header = header.trim_end_matches('*').to_owned();
        }
        Self {
            headers,
            rows: lines,
        }
    }

    /// Reads a sheet of a workbook by its position.
    pub fn read_sheet(path: &Path, position: usize) -> Self {
        let mut lines = read_sheet(path, position);
        let headers = lines.remove(0);
        Self {
            headers,
            rows: lines,
        }
    }

    /// Writes the table; the extension decides the format.
    pub fn save(&self, path: &Path) {
        if is_csv(path) {
            let mut writer = csv::Writer::from_path(path).expect("the folder is writable");
            for line in self.lines() {
                writer.write_record(line).expect("as wide as the header");
            }
            writer.flush().expect("the disk has room");
        } else {
            let mut book = rust_xlsxwriter::Workbook::new();
            self.fill(book.add_worksheet());
            book.save(path).expect("the folder is writable");
        }
    }

    /// Writes the table into a worksheet as text cells; blank ones are left out.
    pub fn fill(&self, sheet: &mut rust_xlsxwriter::Worksheet) {
        for (row, line) in (0..).zip(self.lines()) {
            for (column, text) in (0..).zip(line) {
                if !text.is_empty() {
                    sheet
                        .write_string(row, column, text)
                        .expect("within the sheet");
                }
            }
        }
    }

    fn lines(&self) -> impl Iterator<Item = &Vec<String>> {
        std::iter::once(&self.headers).chain(&self.rows)
    }

    fn position(&self, header: &str) -> usize {
        let found = self.headers.iter().position(|name| name == header);
        found.unwrap_or_else(|| panic!("no column {header} in {:?}", self.headers))
    }

    /// One cell.
    #[track_caller]
    pub fn cell(&self, row: usize, header: &str) -> &str {
        &self.rows[row][self.position(header)]
    }

    /// The cell of one of its rows; blank where there is no such column.
    pub fn cell_of<'a>(&self, row: &'a [String], header: &str) -> &'a str {
        let position = self.headers.iter().position(|name| name == header);
        let cell = position.and_then(|position| row.get(position));
        cell.map_or("", String::as_str)
    }

    /// Changes one cell.
    #[track_caller]
    pub fn set(&mut self, row: usize, header: &str, text: &str) {
        let position = self.position(header);
        text.clone_into(&mut self.rows[row][position]);
    }

    /// One column.
    #[track_caller]
    pub fn column(&self, header: &str) -> Vec<&str> {
        let position = self.position(header);
        self.rows.iter().map(|row| row[position].as_str()).collect()
    }

    /// How many rows have this `_status`.
    #[track_caller]
    pub fn count(&self, status: &str) -> usize {
        let all = self.column("_status");
        all.iter().filter(|its| **its == status).count()
    }

    /// The same rows, the columns in the opposite order.
    pub fn mirrored(&self) -> Self {
        let mut mirrored = self.clone();
        mirrored.headers.reverse();
        mirrored.rows.iter_mut().for_each(|row| row.reverse());
        mirrored
    }

    /// The same with other rows below.
    pub fn appended(&self, more: &[Vec<String>]) -> Self {
        let mut longer = self.clone();
        longer.rows.extend_from_slice(more);
        longer
    }
}

fn is_csv(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "csv")
}

fn read_csv(path: &Path) -> Vec<Vec<String>> {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let text = text.trim_start_matches('\u{feff}');
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .from_reader(text.as_bytes());
    let records = reader.records().map(|record| record.expect("a CSV file"));
    records
        .map(|record| record.iter().map(unguarded).collect())
        .collect()
}

/// Takes off the guard that keeps a spreadsheet from running a text.
fn unguarded(text: &str) -> String {
    let inner = text.strip_prefix('\'');
    let guarded = inner.filter(|inner| inner.starts_with(['=', '+', '-', '@']));
    guarded.unwrap_or(text).to_owned()
}

/// Returns the position of the first sheet of a workbook that is no summary.
fn first_table(path: &Path) -> usize {
    let book = calamine::open_workbook_auto(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let names = book.sheet_names();
    let is_table = |name: &String| name != "Summary" && name != "汇总";
    names.iter().position(is_table).unwrap_or(0)
}

fn read_sheet(path: &Path, position: usize) -> Vec<Vec<String>> {
    let mut book = calamine::open_workbook_auto(path)
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let range = book
        .worksheet_range_at(position)
        .expect("a sheet")
        .expect("readable");
    let text = |cell: &Data| match cell {
        Data::DateTime(moment) => {
            let moment = moment.as_f64();
            format!("{moment}")
        }
        other => other.to_string(),
    };
    range
        .rows()
        .map(|row| row.iter().map(text).collect())
        .collect()
}
