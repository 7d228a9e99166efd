//! What an export costs: memory at two sizes, and writing the workbook beside the library that writes it.
//!
//! `cargo bench --bench export [-- --customers 300000]`
//!
//! 1. `ferry export` to XLSX of all customers and of a tenth of them. The peak of memory of the larger is at most 96
//!    MiB, and at most 10 % above that of the smaller.
//! 2. Writing alone. The target folder is deleted when the last page is asked for, so the export stops with everything
//!    but its file; `ferry resume` then writes the file without a call. Its time ÷ that of `rust_xlsxwriter`'s
//!    constant-memory worksheet writing the same cells in the same formats from memory, as cheaply as it can, is at
//!    most 1.15.

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

use std::path::Path;
use std::time::{Duration, Instant};

use calamine::{Data, Reader};
use rust_xlsxwriter::{Format, FormatAlign, Workbook};
use serde_json::json;

use arguments::Outcome;
use crm_ferry::sandbox::{Auth, Endpoint, Options, Sandbox};

/// Customers on a page: the most that a server of this vendor gives.
const PAGE: u32 = 100;

fn main() -> Outcome {
    let (mut customers, mut runs) = (300_000, 2);
    if !arguments::read(&mut [("customers", &mut customers), ("runs", &mut runs)])? {
        return Ok(());
    }
    let mut peaks = Vec::new();
    for count in [customers / 10, customers] {
        println!("export: {count} customers to XLSX");
        let folder = tempfile::tempdir()?;
        let crm = filled(count)?;
        let arguments = [
            "export",
            "-o",
            "all.xlsx",
            "--rate",
            "1000000/s",
            "--concurrency",
            "8",
        ];
        let run = ferry::run(
            folder.path(),
            &crm.base_url(),
            ("customers", count),
            &arguments,
        )?;
        run.print(count);
        peaks.extend(run.usage.map(|usage| usage.peak_mib()));
        if count == customers {
            writing(folder.path(), &crm, count, runs)?;
        }
    }
    if let [small, large] = peaks[..] {
        figure::at_most("peak of memory", large, "MiB", 96.0);
        figure::at_most("peak ÷ peak of a tenth", large / small, "×", 1.10);
    }
    Ok(())
}

/// Starts an embedded CRM with `count` customers, with fields of many kinds.
fn filled(count: u32) -> Outcome<Sandbox> {
    let crm = Sandbox::start(Options {
        auth: Auth::None,
        ..Options::default()
    })?;
    for number in 0..count {
        let customer = json!({
            "customerName": format!("杭州云帆科技有限公司 {number:07}"),
            "createTime": format!("20{:02}-{:02}-{:02} 08:30:00", 20 + number % 6, number % 12 + 1, number % 28 + 1),
            "mobile": [{"value": format!("138{number:08}"), "memo": "前台"}],
            "email": [{"value": format!("contact{number}@example.com")}],
            "customerSource": ["百度"],
            "owner": "8310",
            "text_k2ad_1687316401122": format!("{number:08}"),
            "text_6ts9_1687316347239": format!("文三路 {number} 号 5 幢"),
            "number_m3qe_1687316502874": (number % 5000).to_string(),
            "date_v7hn_1687316560031": format!("2024-{:02}-{:02}", number % 12 + 1, number % 28 + 1),
            "select_w1fs_1687316790458": "A类",
            "multiSelect_h6jk_1687316845012": ["VIP", "制造业"],
            "cascade_r2lb_1687316902233": ["浙江", "杭州", "西湖"],
        });
        crm.insert(customer.as_object().cloned().unwrap_or_default());
    }
    Ok(crm)
}

fn writing(folder: &Path, crm: &Sandbox, count: u32, runs: u32) -> Outcome {
    println!("export: writing {count} customers, best of {runs}");
    let cells = read(&folder.join("all.xlsx"))?;
    let mut ferrys = Duration::MAX;
    for run in 0..runs {
        let target = folder.join(format!("run{run}"));
        std::fs::create_dir(&target)?;
        let pages = u64::from(count.div_ceil(PAGE));
        crm.reset_counters();
        let gone = target.clone();
        crm.on_call(move |call| {
            if call.endpoint == Endpoint::List && call.number == pages {
                // The folder is still empty, so it can be deleted.
                let _ = std::fs::remove_dir(&gone);
            }
            None
        });
        let file = target.join("all.xlsx");
        let file = file.to_str().ok_or("a path")?;
        let arguments = [
            "export",
            "-o",
            file,
            "--rate",
            "1000000/s",
            "--concurrency",
            "8",
        ];
        let stopped = ferry::run(folder, &crm.base_url(), ("customers", count), &arguments);
        crm.on_call(|_| None);
        if stopped.is_ok() {
            return Err("the folder was there after all".into());
        }
        std::fs::create_dir(&target)?;
        let run = ferry::run(folder, &crm.base_url(), ("customers", count), &["resume"])?;
        ferrys = ferrys.min(run.elapsed);
    }
    let mut alone = Duration::MAX;
    for _ in 0..runs {
        let began = Instant::now();
        write(folder, &cells)?;
        alone = alone.min(began.elapsed());
    }
    let seconds = |time: Duration| format!("{:>9.2} s", time.as_secs_f64());
    figure::line("rust_xlsxwriter alone", seconds(alone));
    figure::line("ferry resume, no call", seconds(ferrys));
    figure::at_most(
        "ferry ÷ rust_xlsxwriter",
        ferrys.as_secs_f64() / alone.as_secs_f64(),
        "×",
        1.15,
    );
    Ok(())
}

fn read(path: &Path) -> Outcome<Vec<Vec<Data>>> {
    let mut book = calamine::open_workbook_auto(path)?;
    let range = book.worksheet_range("Customers")?;
    Ok(range.rows().map(<[Data]>::to_vec).collect())
}

fn write(folder: &Path, cells: &[Vec<Data>]) -> Outcome {
    let mut book = Workbook::new();
    // As ferry's files are.
    book.set_zip_compression_level(3);
    book.set_tempdir(folder)?;
    let base = Format::new().set_align(FormatAlign::Top);
    let text = base.clone().set_num_format("@");
    let date = base
        .clone()
        .set_num_format("yyyy-mm-dd hh:mm:ss")
        .set_align(FormatAlign::Left);
    let sheet = book.add_worksheet_with_constant_memory()?;
    // A column's cells take its format, and need none of their own.
    for (column, cell) in (0..).zip(cells.get(1).into_iter().flatten()) {
        let format = match cell {
            Data::DateTime(_) => &date,
            Data::Float(_) | Data::Int(_) => &base,
            _ => &text,
        };
        sheet.set_column_format(column, format)?;
    }
    for (row, line) in (0..).zip(cells) {
        for (column, cell) in (0..).zip(line) {
            match cell {
                Data::String(text) => sheet.write_string(row, column, text)?,
                Data::Float(number) => sheet.write_number(row, column, *number)?,
                Data::Int(number) => sheet.write_number(row, column, *number as f64)?,
                Data::DateTime(moment) => sheet.write_number(row, column, moment.as_f64())?,
                _ => continue,
            };
        }
    }
    Ok(book.save(folder.join("alone.xlsx"))?)
}
