//! What an upsert of all customers costs: memory at two sizes, and calls a row.
//!
//! `cargo bench --bench upsert [-- --customers 300000]`
//!
//! 1. `ferry plan --key 手机` of a sheet without `_id` whose rows equal the stored customers, for N and for N ÷ 10. The
//!    peak of memory for N is at most 128 MiB, and at most 10 % above that for N ÷ 10. There are at most 0.011 calls a
//!    row. CPU a row is printed.
//! 2. `ferry plan` and `ferry apply` for N ÷ 10 customers whose names differ from the sheet, so that the journal holds
//!    every before-image and reply. All is printed.

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

use serde_json::json;

use arguments::Outcome;
use crm_ferry::sandbox::{Auth, Options, Sandbox};

/// A pace that never holds calls back.
const PACE: [&str; 4] = ["--rate", "1000000/s", "--concurrency", "8"];

fn main() -> Outcome {
    let mut customers = 300_000;
    if !arguments::read(&mut [("customers", &mut customers)])? {
        return Ok(());
    }
    let mut peaks = Vec::new();
    for count in [customers / 10, customers] {
        println!("upsert: {count} rows against {count} stored customers, nothing to change");
        let crm = filled(count, "")?;
        let folder = tempfile::tempdir()?;
        sample::write(folder.path(), "xlsx", count)?;
        let plan = ["plan", "rows.xlsx", "--key", "手机", "-o", "preview.xlsx"];
        let arguments = [&plan[..], &PACE].concat();
        let run = ferry::run(
            folder.path(),
            &crm.base_url(),
            ("unchanged", count),
            &arguments,
        )?;
        run.print(count);
        peaks.extend(run.usage.map(|usage| usage.peak_mib()));
        if count == customers {
            let calls = run.summary["api_calls"].as_f64().unwrap_or(f64::MAX);
            figure::at_most("calls a row", calls / f64::from(count), "", 0.011);
        }
    }
    if let [small, large] = peaks[..] {
        figure::at_most("peak of memory", large, "MiB", 128.0);
        figure::at_most("peak ÷ peak of a tenth", large / small, "×", 1.10);
    }
    changed(customers / 10)
}

/// Plans and applies a sheet each row of which changes its customer.
fn changed(count: u32) -> Outcome {
    println!("upsert: {count} rows, each with a change: plan, then apply");
    let crm = filled(count, "旧 ")?;
    let folder = tempfile::tempdir()?;
    sample::write(folder.path(), "xlsx", count)?;
    for command in [
        &["plan", "rows.xlsx", "--key", "手机", "-o", "preview.xlsx"][..],
        &["apply"],
    ] {
        let arguments = [command, &PACE].concat();
        let run = ferry::run(
            folder.path(),
            &crm.base_url(),
            ("updated", count),
            &arguments,
        )?;
        println!("  ferry {}", command[0]);
        run.print(count);
    }
    Ok(())
}

/// Starts an embedded CRM with the customers of the sample rows, with `before` in front of each name.
fn filled(count: u32, before: &str) -> Outcome<Sandbox> {
    let crm = Sandbox::start(Options {
        auth: Auth::None,
        ..Options::default()
    })?;
    for number in 0..count {
        let [
            name,
            code,
            phone,
            email,
            wechat,
            source,
            level,
            capital,
            signed,
            address,
        ] = sample::row(number);
        let customer = json!({
            "customerName": format!("{before}{name}"),
            "createTime": "2024-05-05 08:30:00",
            "text_k2ad_1687316401122": code,
            "mobile": [{"value": phone}],
            "email": [{"value": email}],
            "wechat": [{"value": wechat}],
            "customerSource": [source],
            "select_w1fs_1687316790458": level,
            "number_m3qe_1687316502874": capital,
            "date_v7hn_1687316560031": signed,
            "text_6ts9_1687316347239": address,
        });
        crm.insert(customer.as_object().cloned().unwrap_or_default());
    }
    Ok(crm)
}
