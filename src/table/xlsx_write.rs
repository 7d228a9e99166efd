//! Rows → XLSX in flat memory, by `rust_xlsxwriter`'s constant-memory worksheets.
//!
//! * Every text is a string cell in text format: ids never become numbers, `=1+1` never runs. Plain text
//!   takes the format from its column, because looking a format up for every cell costs as much as
//!   writing the cell.
//! * Text beyond 32 767 UTF-16 units is cut with a marker, and counted. Rows beyond Excel's last go on in a sheet
//!   `<name> 2` with the same heading.
//! * `rust_xlsxwriter` panics when one of its temporary files cannot be written (a full disk). That is a failure of the
//!   machine and not of the program, so the panic is caught and becomes an error. Every later call then fails.

use std::cell::Cell;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartType, Format, Formula, Note, Workbook, Worksheet, XlsxError,
};

use super::limits::{LAST_ROW, NOTE_UNITS};
use super::styles::Formats;
use super::write::{
    CellFormat, CellStyle, ChartKind, ChartSpec, Column, OutCell, RowPlace, SheetRole, SheetSpec,
    StyledCell, TableWriter,
};
use super::{TableError, cell, fit, whole, xlsx_form};
use crate::model::{LONGEST_TEXT, visible};

thread_local! {
    /// Whether a panic of this thread is caught and becomes an error.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Runs `run`, which catches its own panics, without their message on the terminal. The panic hook is replaced once for
/// the process, and still prints the panics of all other code.
fn quietly<T>(run: impl FnOnce() -> T) -> T {
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        let shown = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !IS_GUARDED.get() {
                shown(panic);
            }
        }));
    });
    let before = IS_GUARDED.replace(true);
    let result = run();
    IS_GUARDED.set(before);
    result
}

/// The longest text inside a formula, in UTF-16 units; Excel's limit.
const FORMULA_TEXT_UNITS: usize = 255;
/// The most notes of a workbook; notes stay in memory.
const NOTES: u32 = 10_000;
/// The most rows that are made higher; the library keeps their heights in memory.
const TALL_ROWS: u32 = 10_000;
/// How many rows of a sheet are measured for the widths of its columns. Measuring all rows costs time.
const MEASURED_ROWS: u32 = 10_000;
/// The height of a line, in points.
const LINE_POINTS: f64 = 15.0;
/// The size of a workbook's content, in bytes, from which the file is written as zip64. Zip parts of 4 GiB need zip64,
/// which not every program reads. The content's XML is larger than the content, hence the distance.
const LARGE_BYTES: u64 = 1 << 30;
/// About how many bytes of XML a cell takes beside its text.
const CELL_BYTES: u64 = 48;

/// A writer of one XLSX file.
pub(super) struct XlsxWriter {
    folder: PathBuf,
    workbook: Workbook,
    formats: Formats,
    sheet: Option<OpenSheet>,
    names: Vec<String>,
    has_active: bool,
    notes_left: u32,
    tall_rows_left: u32,
    cut_cells: u64,
    bytes: u64,
    rows_per_sheet: u32,
    is_broken: bool,
}

/// The sheet that is being written.
struct OpenSheet {
    worksheet: Worksheet,
    spec: SheetSpec,
    name: String,
    part: u32,
    next_row: u32,
    /// For each column the width that its measured content needs, in characters.
    needed: Vec<f64>,
}

impl XlsxWriter {
    pub(super) fn create(folder: &Path) -> Result<Self, TableError> {
        let mut workbook = Workbook::new();
        workbook
            .set_tempdir(folder)
            .map_err(|error| told(folder, error))?;
        Ok(Self {
            folder: folder.to_path_buf(),
            workbook,
            formats: Formats::new(),
            sheet: None,
            names: Vec::new(),
            has_active: false,
            notes_left: NOTES,
            tall_rows_left: TALL_ROWS,
            cut_cells: 0,
            bytes: 0,
            rows_per_sheet: LAST_ROW,
            is_broken: false,
        })
    }

    #[cfg(test)]
    pub(super) fn with_rows_per_sheet(mut self, rows: u32) -> Self {
        self.rows_per_sheet = rows;
        self
    }

    /// Returns how many rows a sheet of a role may have.
    fn rows_of(&self, role: SheetRole) -> u32 {
        match role {
            SheetRole::Data => self.rows_per_sheet,
            SheetRole::Side => LAST_ROW,
        }
    }

    /// Runs `write` and turns a panic of the library into an error. After any failure every later call fails.
    fn guarded<T>(
        &mut self,
        write: impl FnOnce(&mut Self) -> Result<T, XlsxError>,
    ) -> Result<T, TableError> {
        if self.is_broken {
            return Err(TableError::unwritable("writing failed before"));
        }
        let result = quietly(|| catch_unwind(AssertUnwindSafe(|| write(self))));
        self.is_broken = !matches!(result, Ok(Ok(_)));
        match result {
            Ok(result) => result.map_err(|error| told(&self.folder, error)),
            Err(_) => Err(TableError::writing(
                &self.folder,
                io::Error::other("a temporary file could not be written; the disk may be full"),
            )),
        }
    }

    fn open_sheet(&mut self, spec: SheetSpec, part: u32) -> Result<(), XlsxError> {
        let name = fit::sheet_name(&spec.name, part, &self.names);
        let mut worksheet = match spec.role {
            SheetRole::Data => self.workbook.new_worksheet_with_constant_memory()?,
            SheetRole::Side => Worksheet::new(),
        };
        worksheet.set_name(&name)?;
        match spec.role {
            SheetRole::Data => worksheet.set_landscape().set_repeat_rows(0, 0)?,
            SheetRole::Side => worksheet.set_print_fit_to_pages(1, 0),
        };
        if spec.hidden {
            worksheet.set_hidden(true);
        } else if !self.has_active {
            worksheet.set_active(true);
            self.has_active = true;
        }
        let plain = self.formats.of(CellStyle::Plain);
        for (column, number) in spec.columns.iter().zip(0..) {
            if column.width > 0.0 {
                worksheet.set_column_width(number, column.width)?;
            }
            worksheet.set_column_format(number, plain.of(column.cells))?;
            if let Some(rule) = &column.entry {
                xlsx_form::add_rule(&mut worksheet, number, rule)?;
            }
        }
        xlsx_form::fold_columns(&mut worksheet, &spec.columns)?;
        self.names.push(name.clone());
        let mut sheet = OpenSheet {
            worksheet,
            spec,
            name,
            part,
            next_row: 0,
            needed: Vec::new(),
        };
        sheet.needed = sheet.spec.columns.iter().map(fit::heading_width).collect();
        self.write_heading(&mut sheet)?;
        self.sheet = Some(sheet);
        Ok(())
    }

    fn write_heading(&mut self, sheet: &mut OpenSheet) -> Result<(), XlsxError> {
        if sheet
            .spec
            .columns
            .iter()
            .all(|column| column.header.is_empty())
        {
            return Ok(());
        }
        if sheet.spec.role == SheetRole::Data {
            let frozen = sheet.spec.columns.iter().zip(0_u16..);
            let frozen = frozen.take_while(|(column, _)| column.frozen).count() as u16;
            sheet.worksheet.set_freeze_panes(1, frozen)?;
        }
        for (column, number) in sheet.spec.columns.iter().zip(0..) {
            let style = if column.required {
                CellStyle::RequiredHeader
            } else {
                CellStyle::Header
            };
            let format = &self.formats.of(style).text;
            let header = fit::text(&column.header, LONGEST_TEXT, &mut self.cut_cells);
            sheet
                .worksheet
                .write_string_with_format(0, number, header, format)?;
            if let Some(note) = &column.note {
                xlsx_form::insert_note(&mut sheet.worksheet, number, note)?;
            }
        }
        sheet.next_row = 1;
        Ok(())
    }

    fn close_sheet(&mut self) -> Result<(), XlsxError> {
        let Some(mut sheet) = self.sheet.take() else {
            return Ok(());
        };
        let has_heading = sheet
            .spec
            .columns
            .iter()
            .any(|column| !column.header.is_empty());
        if sheet.spec.role == SheetRole::Data && has_heading {
            let last_column = sheet.spec.columns.len() as u16 - 1;
            let is_form = sheet
                .spec
                .columns
                .iter()
                .any(|column| column.entry.is_some());
            let last_row = if is_form {
                LAST_ROW - 1
            } else {
                sheet.next_row.saturating_sub(1)
            };
            sheet.worksheet.autofilter(0, 0, last_row, last_column)?;
        }
        if sheet.spec.role == SheetRole::Data {
            let columns = sheet.spec.columns.iter().zip(&sheet.needed).zip(0..);
            for ((column, needed), number) in columns {
                if column.width == 0.0 && *needed > 0.0 {
                    sheet
                        .worksheet
                        .set_column_width(number, fit::column_width(*needed))?;
                }
            }
        }
        self.workbook.push_worksheet(sheet.worksheet);
        Ok(())
    }

    fn put_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), XlsxError> {
        if let Some(sheet) = &self.sheet
            && sheet.next_row >= self.rows_of(sheet.spec.role)
        {
            let (spec, part) = (sheet.spec.clone(), sheet.part + 1);
            self.close_sheet()?;
            self.open_sheet(spec, part)?;
        }
        let Some(sheet) = &mut self.sheet else {
            return Err(XlsxError::ParameterError(
                "a row before the first sheet".to_owned(),
            ));
        };
        let row = sheet.next_row;
        // Plain cells are never wrapped, so only other rows are measured for their height.
        let is_plain = cells.iter().all(|cell| cell.style == CellStyle::Plain);
        if !is_plain {
            let lines = fit::lines(&sheet.spec.columns, cells);
            if let Some(height) = xlsx_form::prose_height(cells, &sheet.spec.columns) {
                sheet.worksheet.set_row_height(row, height)?;
            } else if lines > 1 && self.tall_rows_left > 0 {
                self.tall_rows_left -= 1;
                let points = LINE_POINTS * f64::from(lines);
                sheet.worksheet.set_row_height(row, points)?;
            }
        }
        if row < MEASURED_ROWS {
            for (needed, styled) in sheet.needed.iter_mut().zip(cells) {
                fit::widen(needed, &styled.cell);
            }
        }
        for (styled, column) in cells.iter().zip(0..) {
            let mut cell = CellWriter {
                worksheet: &mut sheet.worksheet,
                row,
                column,
                of_column: sheet.spec.columns.get(usize::from(column)),
                formats: &self.formats,
                cut_cells: &mut self.cut_cells,
            };
            cell.write(styled)?;
            if let OutCell::Text(text) = styled.cell {
                self.bytes += text.len() as u64;
            }
            if let Some(note) = styled.note
                && self.notes_left > 0
            {
                self.notes_left -= 1;
                insert_note(&mut sheet.worksheet, row, column, note)?;
            }
        }
        self.bytes += cells.len() as u64 * CELL_BYTES;
        sheet.next_row += 1;
        Ok(())
    }

    fn save(mut self, output: impl Write + Send) -> Result<(), TableError> {
        let is_large = self.bytes > LARGE_BYTES;
        self.guarded(|writer| {
            writer.close_sheet()?;
            writer.workbook.use_zip_large_file(is_large);
            writer.workbook.save_to_writer(output)
        })
    }
}

/// One cell on its way into a worksheet.
struct CellWriter<'a> {
    worksheet: &'a mut Worksheet,
    row: u32,
    column: u16,
    of_column: Option<&'a Column>,
    formats: &'a Formats,
    cut_cells: &'a mut u64,
}

impl CellWriter<'_> {
    fn write(&mut self, styled: &StyledCell<'_>) -> Result<(), XlsxError> {
        let formats = self.formats.of(styled.style);
        let (row, column) = (self.row, self.column);
        let to = &mut *self.worksheet;
        // A plain cell whose format is that of its column is written without a format.
        let own = (self.of_column).filter(|_| styled.style == CellStyle::Plain);
        let is_like = |cells| own.is_some_and(|column| column.cells == cells);
        match styled.cell {
            OutCell::Blank if styled.style == CellStyle::Plain => {}
            OutCell::Blank => {
                to.write_blank(row, column, &formats.text)?;
            }
            OutCell::Text(text) => {
                let text = fit::text(text, LONGEST_TEXT, self.cut_cells);
                // An empty string without a format is not written at all; in Excel such a cell is blank too.
                if own.is_some() {
                    to.write_string(row, column, text)?;
                } else {
                    to.write_string_with_format(row, column, text, &formats.text)?;
                }
            }
            OutCell::Count(count) => {
                to.write_number_with_format(row, column, count as f64, &formats.number)?;
            }
            OutCell::Number(number) if number.is_finite() && is_like(CellFormat::Number) => {
                to.write_number(row, column, number)?;
            }
            OutCell::Number(number) if number.is_finite() => {
                to.write_number_with_format(row, column, number, &formats.number)?;
            }
            OutCell::Number(number) => {
                to.write_string_with_format(row, column, cell::number(number).0, &formats.text)?;
            }
            OutCell::DateTime(text) => {
                if let Some(date) = fit::date(text) {
                    let (cells, format) = if date.has_time {
                        (CellFormat::DateTime, &formats.date_time)
                    } else {
                        (CellFormat::Date, &formats.date)
                    };
                    if is_like(cells) {
                        to.write_number(row, column, date.serial)?;
                    } else {
                        to.write_number_with_format(row, column, date.serial, format)?;
                    }
                } else {
                    let text = fit::text(text, LONGEST_TEXT, self.cut_cells);
                    to.write_string_with_format(row, column, text, &formats.text)?;
                }
            }
            OutCell::Link { text, sheet, cell } => {
                write_link(
                    to,
                    row,
                    column,
                    text,
                    &format!("#'{}'!{cell}", sheet.replace('\'', "''")),
                    &self.formats.link,
                )?;
            }
        }
        Ok(())
    }
}

impl TableWriter for XlsxWriter {
    fn start_sheet(&mut self, spec: SheetSpec) -> Result<(), TableError> {
        self.guarded(|writer| {
            writer.close_sheet()?;
            writer.open_sheet(spec, 1)
        })
    }

    fn write_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError> {
        self.guarded(|writer| writer.put_row(cells))
    }

    fn add_chart(&mut self, spec: &ChartSpec) -> Result<(), TableError> {
        match &self.sheet {
            Some(OpenSheet {
                spec:
                    SheetSpec {
                        role: SheetRole::Side,
                        ..
                    },
                ..
            }) => {}
            _ => return Err(TableError::unwritable("only a side sheet carries a chart")),
        }
        self.guarded(|writer| {
            let Some(sheet) = &mut writer.sheet else {
                return Ok(());
            };
            let mut chart = Chart::new(match spec.kind {
                ChartKind::Bar => ChartType::Bar,
                ChartKind::Column => ChartType::Column,
            });
            let (first, last) = (
                spec.first_row.saturating_sub(1),
                spec.last_row.saturating_sub(1),
            );
            let range = |column| (sheet.name.as_str(), first, column, last, column);
            chart
                .add_series()
                .set_categories(range(spec.label_column))
                .set_values(range(spec.count_column))
                .set_data_label(ChartDataLabel::new().show_value());
            if spec.kind == ChartKind::Bar {
                // Excel draws horizontal bars from the bottom up, but the table begins at the top.
                chart.y_axis().set_reverse();
                chart.x_axis().set_hidden(true).set_major_gridlines(false);
            }
            chart.title().set_name(&spec.title);
            chart.legend().set_hidden();
            sheet
                .worksheet
                .insert_chart(spec.at.0.saturating_sub(1), spec.at.1, &chart)?;
            Ok(())
        })
    }

    fn next_place(&self) -> Option<RowPlace> {
        let sheet = self.sheet.as_ref()?;
        if sheet.next_row < self.rows_of(sheet.spec.role) {
            return Some(RowPlace {
                sheet: sheet.name.clone(),
                row: sheet.next_row + 1,
            });
        }
        let heading_rows = u32::from(
            sheet
                .spec
                .columns
                .iter()
                .any(|column| !column.header.is_empty()),
        );
        Some(RowPlace {
            sheet: fit::sheet_name(&sheet.spec.name, sheet.part + 1, &self.names),
            row: heading_rows + 1,
        })
    }

    fn cut_cells(&self) -> u64 {
        self.cut_cells
    }

    fn finish(self: Box<Self>, target: &Path) -> Result<(), TableError> {
        whole::write_whole(target, |file| self.save(BufWriter::new(file)))
    }

    fn finish_into(self: Box<Self>, output: &mut dyn Write) -> Result<(), TableError> {
        // The library wants a writer that is `Send`, which the lock of standard output is not.
        let folder = self.folder.clone();
        let mut temporary = whole::new_temporary(&folder)?;
        self.save(BufWriter::new(temporary.as_file_mut()))?;
        whole::copy(temporary.as_file_mut(), output, &folder)
    }
}

fn told(folder: &Path, error: XlsxError) -> TableError {
    match error {
        XlsxError::IoError(source) => TableError::writing(folder, source),
        other => TableError::unwritable(&other),
    }
}

fn insert_note(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
) -> Result<(), XlsxError> {
    let text = visible(text);
    let text = fit::text(&text, NOTE_UNITS, &mut 0);
    let (width, height) = fit::note_size(&text);
    let note = Note::new(text)
        .add_author_prefix(false)
        .set_width(width)
        .set_height(height);
    worksheet.insert_note(row, column, &note)?;
    Ok(())
}

/// Writes a link as a `HYPERLINK()` formula. Excel takes any number of these; of real links it takes 65 530, and the
/// library keeps them in memory. Text that no formula can hold is written without a link.
fn write_link(
    worksheet: &mut Worksheet,
    row: u32,
    column: u16,
    text: &str,
    location: &str,
    format: &Format,
) -> Result<(), XlsxError> {
    let text = fit::text(text, LONGEST_TEXT, &mut 0);
    // The library writes a result that looks like a number as a number, which would spoil an id.
    let is_unfit = text.is_empty() || text.parse::<f64>().is_ok();
    if is_unfit
        || [text.as_ref(), location]
            .iter()
            .any(|part| fit::utf16_units(part) > FORMULA_TEXT_UNITS)
    {
        worksheet.write_string(row, column, text)?;
        return Ok(());
    }
    let quoted = |part: &str| part.replace('"', "\"\"");
    let formula = format!("=HYPERLINK(\"{}\",\"{}\")", quoted(location), quoted(&text));
    worksheet.write_formula_with_format(
        row,
        column,
        Formula::new(formula).set_result(text),
        format,
    )?;
    Ok(())
}
