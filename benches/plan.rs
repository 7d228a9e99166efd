//! What the work beside the calls costs: deciding every row, and writing the result sheet.
//!
//! `cargo bench --bench plan [-- --rows 100000 --runs 3]`
//!
//! 1. `ferry check` of a CSV file of 10 columns: at most 3.5 µs a row.
//! 2. `ferry import --limit 0` of the same file: at most 12 µs a row without the time of
//!    `ferry jobs JOB --result`, which writes the same sheet, and a job's folder, beside its copy of the source, of at
//!    most twice the source.
//! 3. `ferry jobs JOB --result` of that job ÷ `rust_xlsxwriter` writing the same cells in the same formats, compressed
//!    alike: at most 1.15. Formats are those of columns where ferry's are, and of cells where ferry's are (outcome and
//!    status). The whole process counts, which also reads the source and the journal, on as many cores as there are; the
//!    library writes on one. The time in which the bare writer makes its texts is taken off it. The sizes of both files
//!    are printed.
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

use rust_xlsxwriter::{Color, Format, FormatAlign, Workbook};

use arguments::Outcome;

/// What ferry's columns say of a row that is not sent yet, in front of the source's columns and behind them.
const HEADER: [&str; 10] = [
    "_result",
    "_id",
    "_error",
    "_tip",
    "_row",
    "_status",
    "_action",
    "_error_code",
    "_job",
    "_sent_at",
];
const COMPRESSION: u8 = 3;
const FIELDS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/samples/fields.json");
const RESULT: &str = "Not sent yet";
const STATUS: &str = "pending";
const ACTION: &str = "add";

fn main() -> Outcome {
    let (mut rows, mut runs) = (100_000, 3);
    if !arguments::read(&mut [("rows", &mut rows), ("runs", &mut runs)])? {
        return Ok(());
    }
    let folder = tempfile::tempdir()?;
    let source = sample::write(folder.path(), "csv", rows)?;
    let source_bytes = std::fs::metadata(source)?.len();
    check(folder.path(), rows, runs)?;
    println!("plan: {rows} × 10 from CSV, with the sheet, best of {runs}");
    let mut whole = Duration::MAX;
    let mut written = Duration::MAX;
    let mut bare = Duration::MAX;
    let mut texts = Duration::MAX;
    let (mut folder_bytes, mut sheet_bytes, mut bare_bytes) = (0, 0, 0);
    for _ in 0..runs {
        let state = folder.path().join("state");
        if state.exists() {
            std::fs::remove_dir_all(&state)?;
        }
        let arguments = [
            "import",
            "rows.csv",
            "--sandbox",
            "--limit",
            "0",
            "--mode",
            "add",
        ];
        // It is stopped at once, and can be resumed.
        let run = ferry::run_to(5, folder.path(), "", ("pending", rows), &arguments)?;
        let job = run.summary["job"].as_str().ok_or("no job")?.to_owned();
        run.print(rows);
        folder_bytes = bytes_in(&state.join("jobs").join(&job))?;
        let sheet = folder.path().join("result.xlsx");
        let again = timed(|| write_result(folder.path(), &job))?;
        written = written.min(again);
        whole = whole.min(run.elapsed);
        bare = bare.min(timed(|| write_bare(folder.path(), rows, &job))?);
        texts = texts.min(timed(|| {
            (0..rows).for_each(|number| drop(black_box(sample::row(number))));
            Ok(())
        })?);
        sheet_bytes = std::fs::metadata(&sheet)?.len();
        bare_bytes = std::fs::metadata(folder.path().join("bare.xlsx"))?.len();
        std::fs::remove_file(sheet)?;
    }
    let bare = bare.saturating_sub(texts);
    let planned = whole.saturating_sub(written);
    let per_row = planned.as_secs_f64() * 1e6 / f64::from(rows);
    figure::at_most("planning, without the sheet", per_row, "µs/row", 12.0);
    let ratio = folder_bytes.saturating_sub(source_bytes) as f64 / source_bytes as f64;
    figure::at_most(
        "the job's folder without its source ÷ source",
        ratio,
        "×",
        2.0,
    );
    for (what, time, bytes) in [
        ("rust_xlsxwriter alone", bare, bare_bytes),
        ("ferry jobs JOB --result", written, sheet_bytes),
    ] {
        figure::line(
            what,
            format_args!("{:>9.2} s, {bytes} bytes", time.as_secs_f64()),
        );
    }
    let ratio = written.as_secs_f64() / bare.as_secs_f64();
    figure::at_most("ferry ÷ rust_xlsxwriter", ratio, "×", 1.15);
    Ok(())
}

fn check(folder: &Path, rows: u32, runs: u32) -> Outcome {
    println!("plan: check of {rows} × 10 in CSV, best of {runs}");
    let arguments = ["check", "rows.csv", "--mode", "add", "--fields", FIELDS];
    let mut best = Duration::MAX;
    for _ in 0..runs {
        let run = ferry::run(folder, "", ("added", rows), &arguments)?;
        run.print(rows);
        best = best.min(run.elapsed);
    }
    let per_row = best.as_secs_f64() * 1e6 / f64::from(rows);
    figure::at_most("check", per_row, "µs/row", 3.5);
    Ok(())
}

/// Has ferry write the sheet of a job.
fn write_result(folder: &Path, job: &str) -> Outcome {
    let mut command = command::ferry(folder, "");
    let written = command
        .args(["jobs", job, "--result", "result.xlsx"])
        .output()?;
    if written.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&written.stderr).into())
    }
}

/// Writes the cells of that sheet as a program would that does nothing else.
fn write_bare(folder: &Path, rows: u32, job: &str) -> Outcome {
    let mut workbook = Workbook::new();
    workbook.set_zip_compression_level(COMPRESSION);
    workbook.set_tempdir(folder)?;
    let worksheet = workbook.add_worksheet_with_constant_memory()?;
    let base = Format::new().set_align(FormatAlign::Top);
    let text = base.clone().set_num_format("@");
    let count = base.set_align(FormatAlign::Left);
    let wrapped = text.clone().set_text_wrap();
    let muted = wrapped.clone().set_font_color(Color::Gray);
    for column in 0..20 {
        let format = match column {
            4 => &wrapped,
            14 => &count,
            _ => &text,
        };
        worksheet.set_column_format(column, format)?;
    }
    let (front, back) = HEADER.split_at(4);
    let header = front.iter().chain(&sample::HEADER).chain(back);
    for (text, column) in header.zip(0..) {
        worksheet.write_string(0, column, *text)?;
    }
    for number in 0..rows {
        let row = number + 1;
        worksheet.write_string_with_format(row, 0, RESULT, &muted)?;
        for (text, column) in sample::row(number).iter().zip(4..) {
            worksheet.write_string(row, column, text)?;
        }
        worksheet.write_number(row, 14, row + 1)?;
        worksheet.write_string_with_format(row, 15, STATUS, &muted)?;
        worksheet.write_string(row, 16, ACTION)?;
        worksheet.write_string(row, 18, job)?;
    }
    Ok(workbook.save(folder.join("bare.xlsx"))?)
}

/// Adds up the files of a folder.
fn bytes_in(folder: &Path) -> Outcome<u64> {
    let mut bytes = 0;
    for file in std::fs::read_dir(folder)? {
        bytes += file?.metadata()?.len();
    }
    Ok(bytes)
}

fn timed(work: impl FnOnce() -> Outcome) -> Outcome<Duration> {
    let start = Instant::now();
    work()?;
    Ok(start.elapsed())
}
