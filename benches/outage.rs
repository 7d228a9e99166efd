//! What an outage costs in time and in rows in doubt, for each dress of an outage.
//!
//! `cargo bench --bench outage [-- --rows 1500 --rate 100 --outage 6 --concurrency 8]`
//!
//! For each dress, `ferry sandbox` in another process fails every call for `--outage` seconds, from the middle of the
//! import on. Where the name ends in `-after`, calls are executed first. Printed are
//!
//! 1. the time of the import ÷ (the time of an import without an outage + the outage), at most 1.2. Both imports settle
//!    for 2 s and time out after 2 s, so that these settings do not dominate;
//! 2. the adds that were sent into the outage, each of which is a row in doubt: at most `concurrency` + 3;
//! 3. the rows that are `unknown` at the end, at most 0.
//!
//! That every row is stored once is checked: a breach ends the benchmark.

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
#[path = "support/server.rs"]
mod server;

use arguments::Outcome;
use ferry::Run;
use server::Server;

/// The dresses: cut connections, pages of gateways, envelopes of frameworks, no reply, a port that refuses.
const DRESSES: [&str; 14] = [
    "cut",
    "cut-after",
    "502",
    "503",
    "503ra-after",
    "503busy-after",
    "504-after",
    "200busy-after",
    "500timestamp-after",
    "login",
    "garbage-after",
    "hang",
    "hang-after",
    "refused",
];

struct Sizes {
    rows: u32,
    rate: u32,
    outage: u32,
    concurrency: u32,
}

fn main() -> Outcome {
    let mut sizes = Sizes {
        rows: 1500,
        rate: 100,
        outage: 6,
        concurrency: 8,
    };
    if !arguments::read(&mut [
        ("rows", &mut sizes.rows),
        ("rate", &mut sizes.rate),
        ("outage", &mut sizes.outage),
        ("concurrency", &mut sizes.concurrency),
    ])? {
        return Ok(());
    }
    println!(
        "outage: {} rows at {}/s, {} s of outage, {} senders",
        sizes.rows, sizes.rate, sizes.outage, sizes.concurrency
    );
    let undisturbed = import(&Server::start(&["--latency", "5ms"])?, &sizes)?;
    undisturbed.print(sizes.rows);
    for dress in DRESSES {
        struck(dress, &sizes, undisturbed.elapsed.as_secs_f64())?;
    }
    Ok(())
}

fn import(server: &Server, sizes: &Sizes) -> Outcome<Run> {
    let folder = tempfile::tempdir()?;
    sample::write(folder.path(), "csv", sizes.rows)?;
    let (rate, concurrency) = (format!("{}/s", sizes.rate), sizes.concurrency.to_string());
    let arguments = [
        "import",
        "rows.csv",
        "--mode",
        "add",
        "--rate",
        &rate,
        "--concurrency",
        &concurrency,
        "--settle",
        "2s",
        "--timeout",
        "2s",
        "-o",
        "result.csv",
    ];
    ferry::run(
        folder.path(),
        &server.base_url,
        ("added", sizes.rows),
        &arguments,
    )
}

fn struck(dress: &str, sizes: &Sizes, undisturbed: f64) -> Outcome {
    println!("outage: {dress}");
    let outage = format!("{}s:{dress}@{}", sizes.outage, sizes.rows / 2);
    let server = Server::start(&["--latency", "5ms", "--outage", &outage])?;
    let run = import(&server, sizes)?;
    let ideal = undisturbed + f64::from(sizes.outage);
    let ratio = run.elapsed.as_secs_f64() / ideal;
    figure::at_most("time ÷ (undisturbed + outage)", ratio, "×", 1.2);
    let Some(counters) = server.stop()? else {
        figure::line("rows in doubt", "skipped: the server could not be asked");
        return Ok(());
    };
    if counters["customers"] != sizes.rows || counters["stored"] != sizes.rows {
        return Err(format!("not every row was stored once: {counters}").into());
    }
    let sent_into = counters["outages"]["add"].as_f64().unwrap_or(0.0);
    let most = f64::from(sizes.concurrency + 3);
    figure::at_most("adds sent into it", sent_into, "rows", most);
    let unknown = run.summary["unknown"].as_f64().unwrap_or(f64::NAN);
    figure::at_most("rows unknown at the end", unknown, "rows", 0.0);
    Ok(())
}
