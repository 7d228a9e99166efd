//! How much longer than its quota an import takes, and whether it is ever refused for its pace.
//!
//! `cargo bench --bench pace [-- --seconds 20]`
//!
//! At 50, 200 and 500 calls a second, against a server that delays every reply by 20 ms and refuses whatever is
//! above the quota in any one second: the time of the whole process (start, plan, sends, result sheet) against
//! rows ÷ quota, at most 1.03, and the calls that were refused, none. `--seconds` is rows ÷ quota of each run; the
//! shorter it is, the more the start and the sheet weigh.

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
use server::Server;

/// Calls a second.
const QUOTAS: [u32; 3] = [50, 200, 500];

fn main() -> Outcome {
    let mut seconds = 20;
    if !arguments::read(&mut [("seconds", &mut seconds)])? {
        return Ok(());
    }
    for quota in QUOTAS {
        measure(quota, quota * seconds)?;
    }
    Ok(())
}

fn measure(quota: u32, rows: u32) -> Outcome {
    println!("pace: {quota} calls/s, 20 ms latency, 16 in flight");
    let folder = tempfile::tempdir()?;
    sample::write(folder.path(), "csv", rows)?;
    let server = Server::start(&["--latency", "20ms", "--limit", &quota.to_string()])?;
    let rate = format!("{quota}/s");
    let arguments = [
        "import",
        "rows.csv",
        "--mode",
        "add",
        "--rate",
        &rate,
        "--concurrency",
        "16",
        "-o",
        "result.xlsx",
    ];
    let run = ferry::run(folder.path(), &server.base_url, ("added", rows), &arguments)?;
    run.print(rows);
    let ideal = f64::from(rows) / f64::from(quota);
    figure::at_most(
        "makespan ÷ (rows ÷ quota)",
        run.elapsed.as_secs_f64() / ideal,
        "",
        1.03,
    );
    match server.stop()? {
        Some(counters) => {
            let count = |name: &str| counters[name].as_f64().unwrap_or(f64::NAN);
            figure::at_most("calls refused for pace", count("busy"), "calls", 0.0);
            figure::at_most(
                "most calls within any second",
                count("peak_calls_per_second"),
                "calls",
                f64::from(quota),
            );
        }
        None => figure::line(
            "calls refused for pace",
            "skipped: the server could not be asked",
        ),
    }
    Ok(())
}
