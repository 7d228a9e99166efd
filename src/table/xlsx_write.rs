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
use std::collections::BTreeSet;
use std::io::{self, BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Once;

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartType, FilterCondition, Format, Workbook, Worksheet, XlsxError,
};

use super::limits::LAST_ROW;
use super::styles::{Formats, with_code};
use super::write::{
    CellStyle, ChartKind, ChartSpec, Column, OutCell, RowPlace, SheetRole, SheetSpec, StyledCell,
    TableWriter,
};
use super::xlsx_cell::{CellWriter, insert_note};
use super::{TableError, fit, whole, xlsx_form};
use crate::model::LONGEST_TEXT;

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

/// The most notes of a workbook. The library keeps them in memory, and three times when it saves: 12 KB each.
const NOTES: u32 = 1_000;
/// The most rows that are made higher; the library keeps their heights in memory.
const TALL_ROWS: u32 = 10_000;
/// How many rows of a sheet are measured for the widths of its columns. Measuring all rows costs time.
const MEASURED_ROWS: u32 = 10_000;
/// The widest that columns in view may be together, in pixels: three fifths of a laptop's window.
const FROZEN_PIXELS: f64 = 830.0;
/// The width of a character, and what a column has beside its characters, in pixels.
const CHARACTER_PIXELS: f64 = 7.0;
const COLUMN_PIXELS: f64 = 5.0;
/// The widest that one of them is made for its content, so that they all find a place.
const WIDEST_FROZEN: f64 = 30.0;
/// The widest that a sheet is printed on one page's width, in characters: A4 shows that many at 6 points.
const MOST_ON_A_PAGE: f64 = 260.0;
/// How many characters each page of a wider sheet has.
const ON_ONE_OF_PAGES: f64 = 220.0;
/// What a column without a width takes on paper.
const NARROWEST_PRINTED: f64 = 8.0;
/// The most words of a filter. With more of them nothing is filtered.
const FILTER_WORDS: usize = 64;
/// The number of A4 in the list of paper sizes (ECMA-376 part 1, 18.3.1.63).
const A4: u8 = 9;
/// The name of the sheet, and page of pages.
const FOOTER: &str = "&L&A&R&P / &N";
/// The height of one of several lines, in points. Chinese fonts need more than Excel's default of 15.
const LINE_POINTS: f64 = 16.5;
/// The size of a workbook's content, in bytes, from which the file is written as zip64. Zip parts of 4 GiB need zip64,
/// which not every program reads. The content's XML is larger than the content, hence the distance.
const LARGE_BYTES: u64 = 1 << 30;
/// As Excel 365 has it, says the library's page on performance: files a twentieth larger than with its own level 6, in
/// three quarters of the time.
const COMPRESSION: u8 = 3;
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
    /// The position of the sheet that the workbook opens with, if it is not the first that was written.
    in_front: Option<usize>,
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
    /// For each column the format of its numbers, if a source gave it one.
    kept: Vec<Option<Format>>,
    /// The words that the rows in sight have in the first column.
    in_sight: BTreeSet<String>,
    has_filtered_rows: bool,
    /// Whether the row that was written last has a height of its own, or is hidden.
    is_last_row_shaped: bool,
}

impl XlsxWriter {
    pub(super) fn create(folder: &Path) -> Result<Self, TableError> {
        let mut workbook = Workbook::new();
        workbook.set_zip_compression_level(COMPRESSION);
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
            in_front: None,
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
        if spec.role == SheetRole::Data {
            worksheet.set_repeat_rows(0, 0)?.set_print_gridlines(true);
        }
        worksheet
            .set_paper_size(A4)
            .set_landscape()
            .set_print_fit_to_pages(1, 0)
            .set_margins(0.4, 0.4, 0.5, 0.6, 0.3, 0.3)
            .set_footer(FOOTER);
        if spec.hidden {
            worksheet.set_hidden(true);
        } else if !self.has_active {
            worksheet.set_active(true);
            self.has_active = true;
        }
        let plain = self.formats.of(CellStyle::Plain);
        let mut kept = Vec::new();
        for (column, number) in spec.columns.iter().zip(0..) {
            if column.width > 0.0 {
                worksheet.set_column_width(number, column.width)?;
            }
            let of_source = column.number_format.as_ref();
            let of_source = of_source.map(|code| with_code(&plain.number, code));
            let format = of_source.as_ref().unwrap_or(plain.of(column.cells));
            worksheet.set_column_format(number, format)?;
            kept.push(of_source);
            if let Some(rule) = &column.entry {
                xlsx_form::add_rule(&mut worksheet, number, rule)?;
            }
            if let Some(formula) = &column.amber_while {
                xlsx_form::add_amber(&mut worksheet, number, formula)?;
            }
        }
        self.names.push(name.clone());
        let mut sheet = OpenSheet {
            worksheet,
            spec,
            name,
            part,
            next_row: 0,
            needed: Vec::new(),
            kept,
            in_sight: BTreeSet::new(),
            has_filtered_rows: false,
            is_last_row_shaped: false,
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
        for (column, number) in sheet.spec.columns.iter().zip(0..) {
            let style = if column.required {
                CellStyle::RequiredHeader
            } else {
                CellStyle::Header
            };
            let format = &self.formats.of(style).text;
            let header = fit::fitting(&column.header, LONGEST_TEXT, &mut self.cut_cells);
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
            sheet.filter()?;
            sheet.freeze()?;
        }
        sheet.end_last_row(&self.formats.of(CellStyle::Plain).text)?;
        if sheet.spec.role == SheetRole::Data {
            let widths = sheet.widths();
            for (width, number) in widths.into_iter().zip(0..) {
                if width > 0.0 {
                    sheet.worksheet.set_column_width(number, width)?;
                }
            }
            xlsx_form::fold_columns(&mut sheet.worksheet, &sheet.spec.columns)?;
            sheet.spread_over_pages()?;
        }
        self.workbook.push_worksheet(sheet.worksheet);
        Ok(())
    }

    fn put_row(&mut self, cells: &[StyledCell<'_>], is_in_sight: bool) -> Result<(), XlsxError> {
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
        if is_in_sight {
            sheet.note_words(cells);
        } else {
            sheet.has_filtered_rows = true;
            if row + 1 < LAST_ROW {
                sheet.worksheet.set_row_hidden(row)?;
            }
        }
        // Plain cells are never wrapped, so only other rows are measured for their height.
        let is_plain = cells.iter().all(|cell| cell.style == CellStyle::Plain);
        sheet.is_last_row_shaped = !is_in_sight;
        // Below the last row that Excel has there is no place for the cell of `end_last_row`.
        if !is_plain && row + 1 < LAST_ROW {
            let lines = fit::lines(&sheet.spec.columns, cells);
            if let Some(height) = xlsx_form::prose_height(cells, &sheet.spec.columns) {
                sheet.worksheet.set_row_height(row, height)?;
                sheet.is_last_row_shaped = true;
            } else if lines > 1 && self.tall_rows_left > 0 {
                self.tall_rows_left -= 1;
                let points = LINE_POINTS * f64::from(lines);
                sheet.worksheet.set_row_height(row, points)?;
                sheet.is_last_row_shaped = true;
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
                kept: (sheet.kept.get(usize::from(column))).and_then(Option::as_ref),
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

    /// Moves the sheet that the workbook opens with to the front.
    fn turn_to_front(&mut self) {
        let sheets = self.workbook.worksheets_mut();
        let Some(position) = self.in_front.filter(|position| *position < sheets.len()) else {
            return;
        };
        for sheet in sheets.iter_mut() {
            sheet.set_active(false).set_selected(false);
        }
        if let Some(first) = sheets.get_mut(position) {
            first.set_active(true);
        }
        if let Some(sheets) = sheets.get_mut(..=position) {
            sheets.rotate_right(1);
        }
    }

    fn save(mut self, output: impl Write + Send) -> Result<(), TableError> {
        let is_large = self.bytes > LARGE_BYTES;
        self.guarded(|writer| {
            writer.close_sheet()?;
            writer.turn_to_front();
            writer.workbook.use_zip_large_file(is_large);
            writer.workbook.save_to_writer(output)
        })
    }
}

impl OpenSheet {
    /// Makes the library write the last row now if that row is shaped: at the end it would write it twice, and Excel calls
    /// such a file damaged. A cell below does that; it is taken away again, because programs count a row by its cells.
    fn end_last_row(&mut self, blank: &Format) -> Result<(), XlsxError> {
        if self.is_last_row_shaped && self.spec.role == SheetRole::Data {
            let next = self.next_row;
            self.worksheet
                .write_blank(next, 0, blank)?
                .clear_cell(next, 0);
        }
        Ok(())
    }

    /// Returns the width of each column; 0 for one whose width is not to be changed.
    fn widths(&self) -> Vec<f64> {
        let columns = self.spec.columns.iter().zip(&self.needed);
        let widths = columns.map(|(column, needed)| {
            if column.wrap_at > 0.0 {
                fit::wrapped_width(*needed, column.wrap_at)
            } else if column.width == 0.0 && *needed > 0.0 {
                let width = fit::column_width(*needed);
                if column.frozen {
                    width.min(WIDEST_FROZEN)
                } else {
                    width
                }
            } else {
                0.0
            }
        });
        widths.collect()
    }

    /// Prints a sheet that would be too small to read on one page's width on several, each with the last column that
    /// stays in view, by which people know a row.
    fn spread_over_pages(&mut self) -> Result<(), XlsxError> {
        let columns = self.spec.columns.iter().zip(self.widths());
        let printed = |(column, width): (&Column, f64)| {
            let width = width.max(column.width).max(NARROWEST_PRINTED);
            if column.folded { 0.0 } else { width }
        };
        let widths: Vec<f64> = columns.map(printed).collect();
        let all = widths.iter().sum::<f64>();
        if all <= MOST_ON_A_PAGE {
            return Ok(());
        }
        let frozen = self.spec.columns.iter().take_while(|column| column.frozen);
        let kept = frozen.count().saturating_sub(1);
        let repeated = widths.get(kept).copied().unwrap_or(0.0);
        let pages = ((all - repeated) / (ON_ONE_OF_PAGES - repeated)).ceil() as u16;
        self.worksheet.set_print_fit_to_pages(pages, 0);
        self.worksheet
            .set_repeat_columns(kept as u16, kept as u16)?;
        Ok(())
    }

    /// Keeps the heading in view, and the columns that are to stay.
    fn freeze(&mut self) -> Result<(), XlsxError> {
        let columns = self.spec.columns.iter().zip(self.widths());
        let frozen = columns.take_while(|(column, _)| column.frozen);
        let widths: Vec<f64> = frozen
            .map(|(column, width)| width.max(column.width) * CHARACTER_PIXELS + COLUMN_PIXELS)
            .collect();
        let count = if widths.iter().sum::<f64>() > FROZEN_PIXELS {
            1
        } else {
            widths.len() as u16
        };
        self.worksheet.set_freeze_panes(1, count)?;
        Ok(())
    }

    /// Notes the words of a row that is in sight.
    fn note_words(&mut self, cells: &[StyledCell<'_>]) {
        if let Some(OutCell::Text(words)) = cells.first().map(|first| first.cell)
            && self.in_sight.len() <= FILTER_WORDS
            && !self.in_sight.contains(words)
        {
            self.in_sight.insert(words.to_owned());
        }
    }

    /// Switches the filter of the first column to the words that are in sight. The rows beside it are hidden already.
    fn filter(&mut self) -> Result<(), XlsxError> {
        if !self.has_filtered_rows || self.in_sight.is_empty() || self.in_sight.len() > FILTER_WORDS
        {
            return Ok(());
        }
        let condition = self
            .in_sight
            .iter()
            .fold(FilterCondition::new(), |all, words| {
                all.add_list_filter(words.as_str())
            });
        self.worksheet.filter_automatic_off();
        self.worksheet.filter_column(0, &condition)?;
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
        self.guarded(|writer| writer.put_row(cells, true))
    }

    fn write_filtered_row(&mut self, cells: &[StyledCell<'_>]) -> Result<(), TableError> {
        self.guarded(|writer| writer.put_row(cells, false))
    }

    fn put_in_front(&mut self) {
        self.in_front = self.names.len().checked_sub(1);
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
