//! How much longer calls take than their quota allows, and whether the quota is ever exceeded.
//!
//! `cargo bench --bench pace [-- --seconds 8 --rounds 3]`, less than two minutes
//!
//! 1. *The pace alone*: senders that only wait for their turn and for an answer.
//! 2. *Two processes of one account*: the second process joins after a second, with the same number of calls.
//! 3. *An import*: the whole process (start, plan, sends, result sheet) against a server that delays every reply by
//!    20 ms and refuses whatever is above the quota in any one second. `--seconds` is rows ÷ quota; the shorter it is,
//!    the more the start and the sheet weigh.
//!
//! 1 and 2 are repeated `--rounds` times; the median, the least and the most are printed, and of calls within a second
//! the most of all rounds.

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
#[path = "support/senders.rs"]
mod senders;
#[path = "support/server.rs"]
mod server;

use std::time::Duration;

use arguments::Outcome;
use senders::Load;
use server::Server;

/// Calls a second.
const QUOTAS: [u32; 3] = [50, 200, 500];
/// Calls a second that two processes share.
const SHARED_QUOTAS: [u32; 3] = [50, 200, 500];
/// Senders, and how long each waits for an answer. Few senders reach the quota only with a fast server.
const SENDERS: [(u32, Duration); 2] = [
    (4, Duration::from_millis(2)),
    (16, Duration::from_millis(20)),
];
/// The least time of a round, in seconds: its calls ÷ quota.
const ROUND: u32 = 3;
/// When the second process joins, in microseconds after the first begins.
const JOINS: u64 = 1_000_000;
const SECOND: u64 = 1_000_000;

fn main() -> Outcome {
    if let Some(moments) = senders::called()? {
        for moment in moments {
            println!("{moment}");
        }
        return Ok(());
    }
    let (mut seconds, mut rounds) = (8, 3);
    if !arguments::read(&mut [("seconds", &mut seconds), ("rounds", &mut rounds)])? {
        return Ok(());
    }
    for quota in QUOTAS {
        for (senders, latency) in SENDERS {
            alone(quota, senders, latency, rounds)?;
        }
    }
    for quota in SHARED_QUOTAS {
        together(quota, rounds)?;
    }
    for quota in QUOTAS {
        import(quota, quota * seconds)?;
    }
    Ok(())
}

/// Measures the pace alone.
fn alone(quota: u32, senders: u32, latency: Duration, rounds: u32) -> Outcome {
    println!(
        "pace alone: {quota} calls/s, {senders} senders, {} ms latency",
        latency.as_millis()
    );
    let load = Load {
        quota,
        senders,
        latency,
        calls: quota * ROUND,
    };
    let (mut makespans, mut most) = (Vec::new(), 0);
    for _ in 0..rounds {
        let folder = tempfile::tempdir()?;
        let begins = senders::unix_micros();
        let moments = load.run(folder.path())?;
        makespans.push(makespan(begins, &moments, quota));
        most = most.max(most_within_a_second(&moments));
    }
    print_makespans(makespans, 1.02);
    figure::at_most(
        "most calls within any second",
        f64::from(most),
        "calls",
        f64::from(quota),
    );
    Ok(())
}

/// Measures two processes that share the quota.
fn together(quota: u32, rounds: u32) -> Outcome {
    println!("two processes: {quota} calls/s together, 4 senders each, 2 ms latency");
    let (senders, latency) = SENDERS[0];
    let load = Load {
        quota,
        senders,
        latency,
        calls: quota * ROUND * 5 / 6,
    };
    let (mut makespans, mut joining, mut after) = (Vec::new(), 0, 0);
    for _ in 0..rounds {
        let folder = tempfile::tempdir()?;
        let begins = senders::unix_micros() + SECOND / 4;
        let first = load.start(folder.path(), begins)?;
        let second = load.start(folder.path(), begins + JOINS)?;
        let (mut moments, second) = (first.finish()?, second.finish()?);
        let joined = *second.first().ok_or("the second process made no call")?;
        moments.extend(second);
        moments.sort_unstable();
        makespans.push(makespan(begins, &moments, quota));
        // `joining` counts seconds that begin before the second process joins; `after` counts all later ones.
        let until = moments.partition_point(|moment| *moment < joined + SECOND);
        let from = moments.partition_point(|moment| *moment < joined);
        joining = joining.max(most_within_a_second(&moments[..until]));
        after = after.max(most_within_a_second(&moments[from..]));
    }
    print_makespans(makespans, 1.05);
    let most = f64::from(quota);
    figure::at_most(
        "most calls within any second, up to the joining's",
        f64::from(joining),
        "calls",
        most,
    );
    figure::at_most("  and afterwards", f64::from(after), "calls", most);
    Ok(())
}

/// Returns the time until the last call ÷ (calls ÷ quota).
fn makespan(begins: u64, moments: &[u64], quota: u32) -> f64 {
    let last = moments.last().copied().unwrap_or(begins);
    let took = Duration::from_micros(last - begins).as_secs_f64();
    took / (moments.len() as f64 / f64::from(quota))
}

fn print_makespans(mut makespans: Vec<f64>, target: f64) {
    makespans.sort_unstable_by(f64::total_cmp);
    let (least, most) = (makespans[0], makespans[makespans.len() - 1]);
    let median = makespans[makespans.len() / 2];
    let verdict = if median <= target { "ok" } else { "over" };
    figure::line(
        "makespan ÷ (calls ÷ quota), least/median/most",
        format_args!("{least:.3} {median:.3} {most:.3}, figure: median at most {target} {verdict}"),
    );
}

/// Returns the most calls within any second; the moments are in order.
fn most_within_a_second(moments: &[u64]) -> u32 {
    let mut first = 0;
    let mut most = 0;
    for (position, moment) in moments.iter().enumerate() {
        while moments[first] + SECOND <= *moment {
            first += 1;
        }
        most = most.max(position + 1 - first);
    }
    most as u32
}

/// Measures an import.
fn import(quota: u32, rows: u32) -> Outcome {
    println!("import: {quota} calls/s, 20 ms latency, 16 in flight");
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
