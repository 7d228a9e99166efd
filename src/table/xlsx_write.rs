//! Rows → XLSX in flat memory, by `rust_xlsxwriter`'s constant-memory worksheets.
//!
//! * Every text is a string cell in text format: ids never become numbers, `=1+1` never runs. Plain text
//!   takes the format from its column, because looking a format up for every cell costs as much as writing the cell.
//! * Text beyond 32 767 UTF-16 units is cut with a marker, and counted. Rows beyond Excel's last go on in a sheet
//!   `<name> 2` with the same heading.
//! * Many rows are written by a thread of their own (`xlsx_pen.rs`); what concerns a whole sheet is done here, before its
//!   first row and behind its last.
//! * `rust_xlsxwriter` panics when one of its temporary files cannot be written (a full disk). That is a failure of the
//!   machine and not of the program, so the panic is caught and becomes an error. Every later call then fails.

use std::collections::BTreeSet;
use std::io::{BufWriter, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rust_xlsxwriter::{
    Chart, ChartDataLabel, ChartType, FilterCondition, Format, Workbook, Worksheet, XlsxError,
};

use super::limits::LAST_ROW;
use super::styles::{FormatKind, Formats, with_code};
use super::write::{
    CellStyle, ChartKind, ChartSpec, Column, OutCell, RowPlace, SheetRole, SheetSpec, StyledCell,
    TableWriter,
};
use super::xlsx_pen::{Pen, library_panicked, quietly};
use super::xlsx_rows::RowShape;
use super::{TableError, fit, whole, xlsx_form};
use crate::model::LONGEST_TEXT;

/// The most notes of a workbook. The library keeps them in memory, and three times when it saves: 12 KB each.
const NOTES: u32 = 1_000;
/// The most rows that are made higher. The library keeps their heights in a hash table, which has 8 192 places for up to
/// 7 168 rows, and twice as many for more. LibreOffice shows one line of the other rows.
const TALL_ROWS: u32 = 7_000;
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
    formats: Arc<Formats>,
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
    pen: Pen,
    spec: SheetSpec,
    name: String,
    part: u32,
    next_row: u32,
    /// For each column the width that its measured content needs, in characters.
    needed: Vec<f64>,
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
            formats: Arc::new(Formats::new()),
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
            Err(_) => Err(TableError::writing(&self.folder, library_panicked())),
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
        for (column, number) in spec.columns.iter().zip(0..) {
            if column.width > 0.0 {
                worksheet.set_column_width(number, column.width)?;
            }
            let usual = |kind| self.formats.of(column.usual, kind);
            match &column.number_format {
                Some(code) => worksheet
                    .set_column_format(number, &with_code(usual(FormatKind::Number), code))?,
                None => worksheet.set_column_format(number, usual(column.cells.into()))?,
            };
            if let Some(rule) = &column.entry {
                xlsx_form::add_rule(&mut worksheet, number, rule)?;
            }
            if let Some(formula) = &column.amber_while {
                xlsx_form::add_amber(&mut worksheet, number, formula)?;
            }
        }
        self.names.push(name.clone());
        let next_row = self.write_heading(&mut worksheet, &spec.columns)?;
        self.sheet = Some(OpenSheet {
            needed: spec.columns.iter().map(fit::heading_width).collect(),
            pen: Pen::new(worksheet, Arc::clone(&self.formats)),
            spec,
            name,
            part,
            next_row,
            in_sight: BTreeSet::new(),
            has_filtered_rows: false,
            is_last_row_shaped: false,
        });
        Ok(())
    }

    /// Writes the row of headings, unless all are empty. Returns the next row.
    fn write_heading(
        &mut self,
        worksheet: &mut Worksheet,
        columns: &[Column],
    ) -> Result<u32, XlsxError> {
        if columns.iter().all(|column| column.header.is_empty()) {
            return Ok(0);
        }
        for (column, number) in columns.iter().zip(0..) {
            let style = if column.required {
                CellStyle::RequiredHeader
            } else {
                CellStyle::Header
            };
            let format = self.formats.of(style, FormatKind::Text);
            let header = fit::fitting(&column.header, LONGEST_TEXT, &mut self.cut_cells);
            worksheet.write_string_with_format(0, number, header, format)?;
            if let Some(note) = &column.note {
                xlsx_form::insert_note(worksheet, number, note)?;
            }
        }
        Ok(1)
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
            let worksheet = sheet.pen.all_written()?;
            worksheet.autofilter(0, 0, last_row, last_column)?;
            sheet.filter()?;
            sheet.freeze()?;
        }
        sheet.end_last_row(self.formats.of(CellStyle::Plain, FormatKind::Text))?;
        if sheet.spec.role == SheetRole::Data {
            let widths = sheet.widths();
            let worksheet = sheet.pen.all_written()?;
            for (width, number) in widths.into_iter().zip(0..) {
                if width > 0.0 {
                    worksheet.set_column_width(number, width)?;
                }
            }
            xlsx_form::fold_columns(worksheet, &sheet.spec.columns)?;
            sheet.spread_over_pages()?;
        }
        self.workbook.push_worksheet(sheet.pen.into_worksheet()?);
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
        // Below the last row that Excel has there is no place for the cell of `end_last_row`.
        let has_shape = row + 1 < LAST_ROW;
        let mut shape = RowShape::default();
        if is_in_sight {
            sheet.note_words(cells);
        } else {
            sheet.has_filtered_rows = true;
            shape.is_hidden = has_shape;
        }
        // Plain cells are never wrapped, so only other rows are measured for their height.
        let is_plain = cells.iter().all(|cell| cell.style == CellStyle::Plain);
        if !is_plain && has_shape {
            let lines = fit::lines(&sheet.spec.columns, cells);
            shape.height = xlsx_form::prose_height(cells, &sheet.spec.columns);
            if shape.height.is_none() && lines > 1 && self.tall_rows_left > 0 {
                self.tall_rows_left -= 1;
                shape.height = Some(LINE_POINTS * f64::from(lines));
            }
        }
        sheet.is_last_row_shaped = !is_in_sight || shape.height.is_some();
        if row < MEASURED_ROWS {
            for (needed, styled) in sheet.needed.iter_mut().zip(cells) {
                fit::widen(needed, &styled.cell);
            }
        }
        let batch = &mut sheet.pen.batch;
        for (styled, column) in cells.iter().zip(0..) {
            let of_column = sheet.spec.columns.get(usize::from(column));
            batch.push(column, of_column, styled, &mut self.cut_cells);
            if let OutCell::Text(text) = styled.cell {
                self.bytes += text.len() as u64;
            }
            if let Some(note) = styled.note
                && self.notes_left > 0
            {
                self.notes_left -= 1;
                batch.push_note(column, note);
            }
        }
        self.bytes += cells.len() as u64 * CELL_BYTES;
        sheet.next_row += 1;
        sheet.pen.end_row(row, shape)
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
            let worksheet = self.pen.all_written()?;
            worksheet.write_blank(next, 0, blank)?.clear_cell(next, 0);
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
        let worksheet = self.pen.all_written()?;
        worksheet.set_print_fit_to_pages(pages, 0);
        worksheet.set_repeat_columns(kept as u16, kept as u16)?;
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
        self.pen.all_written()?.set_freeze_panes(1, count)?;
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
        let worksheet = self.pen.all_written()?;
        worksheet.filter_automatic_off();
        worksheet.filter_column(0, &condition)?;
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
            sheet.pen.all_written()?.insert_chart(
                spec.at.0.saturating_sub(1),
                spec.at.1,
                &chart,
            )?;
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
