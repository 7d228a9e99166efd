//! What spreadsheets cost beside the libraries that read and write them.
//!
//! `cargo bench --bench table [-- --rows 100000 --runs 3]`
//!
//! 1. `ferry check` of an XLSX of 10 columns, the whole process ÷ calamine alone walking the same cells: at most 1.25.
//! 2. `table::create_writer` ÷ `rust_xlsxwriter`'s constant-memory worksheet writing the same cells in the same
//!    formats: at most 1.15. Both make the texts of their rows, whose time is measured alone and taken off both.
//!
//! Each is run `--runs` times, in turns, and the best time of each counts. The figures are meant for 1 000 000 rows.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "support/arguments.rs"]
mod arguments;
#[path = "support/command.rs"]
mod command;
#[path = "support/ferry.rs"]
mod ferry;
#[path = "support/figure.rs"]
mod figure;
#[path = "support/process.rs"]
mod process;
#[path = "support/sample.rs"]
mod sample;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use calamine::{Reader, Xlsx};
use rust_xlsxwriter::{ExcelDateTime, Format, FormatAlign, Workbook};

use arguments::Outcome;
use crm_ferry::table::{self, Column, OutCell, SheetRole, SheetSpec, StyledCell};

const FIELDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/fields.json");
/// The column that is written as a date; the others are text.
const DATE_COLUMN: usize = 8;

fn main() -> Outcome {
    let (mut rows, mut runs) = (100_000, 3);
    if !arguments::read(&mut [("rows", &mut rows), ("runs", &mut runs)])? {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    check(folder.path(), rows, runs)?;
    write(folder.path(), rows, runs)
}

fn check(folder: &Path, rows: u32, runs: u32) -> Outcome {
    println!("table: check of {rows} × 10 in XLSX, best of {runs}");
    let path = sample::write(folder, "xlsx", rows)?;
    let arguments = ["check", "rows.xlsx", "--mode", "add", "--fields", FIELDS];
    let mut walked = Duration::MAX;
    let mut best: Option<ferry::Run> = None;
    for _ in 0..runs {
        walked = walked.min(timed(|| walk(&path))?);
        let run = ferry::run(folder, "", ("added", rows), &arguments)?;
        if best.as_ref().is_none_or(|best| run.elapsed < best.elapsed) {
            best = Some(run);
        }
    }
    let best = best.ok_or("nothing was run")?;
    best.print(rows);
    compare(
        ("calamine alone", walked),
        ("ferry check", best.elapsed),
        1.25,
    );
    Ok(())
}

/// Walks the cells of the first sheet.
fn walk(path: &Path) -> Outcome {
    let mut workbook: Xlsx<_> = calamine::open_workbook(path)?;
    let name = workbook.sheet_names().swap_remove(0);
    let mut cells = workbook.worksheet_cells_reader(&name)?;
    while let Some(cell) = cells.next_cell()? {
        black_box(cell);
    }
    Ok(())
}

fn write(folder: &Path, rows: u32, runs: u32) -> Outcome {
    println!("table: writing {rows} × 10 as XLSX, best of {runs}");
    let (mut raw, mut ours, mut texts) = (Duration::MAX, Duration::MAX, Duration::MAX);
    for _ in 0..runs {
        raw = raw.min(timed(|| write_raw(folder, rows))?);
        ours = ours.min(timed(|| write_ours(folder, rows))?);
        texts = texts.min(timed(|| {
            (0..rows).for_each(|number| drop(black_box(sample::row(number))));
            Ok(())
        })?);
    }
    compare(
        ("rust_xlsxwriter alone", raw.saturating_sub(texts)),
        ("table::create_writer", ours.saturating_sub(texts)),
        1.15,
    );
    Ok(())
}

fn write_raw(folder: &Path, rows: u32) -> Outcome {
    let mut workbook = Workbook::new();
    // As ferry's files are.
    workbook.set_zip_compression_level(3);
    workbook.set_tempdir(folder)?;
    let text_format = Format::new()
        .set_num_format("@")
        .set_align(FormatAlign::Top);
    let date_format = Format::new()
        .set_num_format("yyyy-mm-dd")
        .set_align(FormatAlign::Left);
    let worksheet = workbook.add_worksheet_with_constant_memory()?;
    for column in 0..10 {
        worksheet.set_column_format(column, &text_format)?;
    }
    worksheet.write_row(0, 0, sample::HEADER)?;
    for number in 0..rows {
        for (text, column) in sample::row(number).iter().zip(0_u16..) {
            if usize::from(column) == DATE_COLUMN {
                let date = ExcelDateTime::parse_from_str(text)?;
                worksheet.write_datetime_with_format(number + 1, column, &date, &date_format)?;
            } else {
                worksheet.write_string(number + 1, column, text)?;
            }
        }
    }
    Ok(workbook.save(folder.join("raw.xlsx"))?)
}

fn write_ours(folder: &Path, rows: u32) -> Outcome {
    let mut writer = table::create_writer(table::Format::Xlsx, folder)?;
    let column = |header: &str| Column {
        header: header.to_owned(),
        ..Column::default()
    };
    writer.start_sheet(SheetSpec {
        name: "客户".to_owned(),
        columns: sample::HEADER.map(column).to_vec(),
        hidden: false,
        role: SheetRole::Data,
    })?;
    for number in 0..rows {
        let texts = sample::row(number);
        let cells = std::array::from_fn::<_, 10, _>(|column| {
            let text = texts[column].as_str();
            StyledCell::plain(if column == DATE_COLUMN {
                OutCell::DateTime(text)
            } else {
                OutCell::Text(text)
            })
        });
        writer.write_row(&cells)?;
    }
    Ok(writer.finish(&folder.join("ours.xlsx"))?)
}

fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}

/// Prints two times and their ratio.
fn compare((bare, bare_time): (&str, Duration), (ours, our_time): (&str, Duration), target: f64) {
    for (what, time) in [(bare, bare_time), (ours, our_time)] {
        figure::line(what, format_args!("{:>9.2} s", time.as_secs_f64()));
    }
    let ratio = our_time.as_secs_f64() / bare_time.as_secs_f64();
    figure::at_most(&format!("{ours} ÷ {bare}"), ratio, "×", target);
}
