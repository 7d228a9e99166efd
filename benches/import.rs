//! What an import costs when nothing holds it back.
//!
//! `cargo bench --bench import [-- --rows 50000 --seconds 5]`
//!
//! 1. From CSV, and from XLSX without shared strings, 8 calls in flight: rows a second, the importer's own CPU a
//!    row and peak of memory (at most 64 and 96 MiB), each for N rows and for N ÷ 10; their ratio in memory (at most 1.1)
//!    and in time (at most 10.5). The figures are meant for N = 1 000 000, which takes minutes.
//! 2. The same from CSV with 1 to 32 calls in flight, and how many cores were busy meanwhile, with the server and all else: faster
//!    with each step until they all are.
//! 3. A client that only posts one body to the same kind of server for `--seconds`, against the import from CSV,
//!    journal and result sheet included: the importer's CPU a row ÷ that of a call of a bare blocking client in this
//!    process (at most 1.4), and calls a second of `wrk`, if it is installed, ÷ rows a second (at most 1.54: ferry ÷ wrk
//!    at least 0.65).
//!
//! The server is `ferry sandbox` in another process, without signatures, with customers in memory, fresh for each
//! run. It shares the machine, so rows a second depend on both; the CPU a row is that of ferry alone.

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

use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crm_ferry::sandbox::{Auth, Endpoint, Options, Sandbox};

use arguments::Outcome;
use ferry::Run;
use server::Server;

/// Calls in flight: for ferry's command line, and as threads of the bare client.
const CONCURRENCY: &str = "8";
const THREADS: usize = 8;
/// The path of an add.
const ADD: &str = "/openapi/crm/add";

fn main() -> Outcome {
    let (mut rows, mut seconds) = (50_000, 5);
    if !arguments::read(&mut [("rows", &mut rows), ("seconds", &mut seconds)])? {
        return Ok(());
    }
    growth("csv", rows, 64.0)?;
    growth("xlsx", rows, 96.0)?;
    scale(rows)?;
    compare(rows, Duration::from_secs(seconds.into()))
}

/// Imports N ÷ 10 and N rows and prints the cost of each.
fn growth(extension: &str, rows: u32, memory_mib: f64) -> Outcome {
    println!("import: {extension}, unthrottled, {CONCURRENCY} in flight");
    let tenth_rows = (rows / 10).max(1);
    let tenth = import(extension, tenth_rows)?;
    tenth.print(tenth_rows);
    let whole = import(extension, rows)?;
    whole.print(rows);
    if let (Some(tenth), Some(whole)) = (tenth.usage, whole.usage) {
        figure::at_most("peak of memory", whole.peak_mib(), "MiB", memory_mib);
        let ratio = whole.peak_mib() / tenth.peak_mib();
        figure::at_most("peak of memory, N against N ÷ 10", ratio, "×", 1.1);
    }
    let ratio = whole.elapsed.as_secs_f64() / tenth.elapsed.as_secs_f64();
    figure::at_most("time, N against N ÷ 10", ratio, "×", 10.5);
    Ok(())
}

/// Imports with more and more calls in flight.
fn scale(rows: u32) -> Outcome {
    println!("import: csv, unthrottled, {rows} rows, by calls in flight");
    for concurrency in ["1", "2", "4", "8", "16", "32"] {
        let server = Server::start(&[])?;
        let before = busy_ticks();
        let run = import_to(&server.base_url, "csv", rows, concurrency)?;
        let seconds = run.elapsed.as_secs_f64();
        let ticks = busy_ticks()
            .zip(before)
            .map(|(after, before)| after - before);
        let busy = ticks.map_or_else(String::new, |ticks| {
            format!(", {:.2} cores busy", ticks as f64 / 100.0 / seconds)
        });
        let rate = f64::from(rows) / seconds;
        figure::line(concurrency, format_args!("{rate:>9.0} rows/s{busy}"));
        server.stop()?;
    }
    Ok(())
}

fn import(extension: &str, rows: u32) -> Outcome<Run> {
    let server = Server::start(&[])?;
    let run = import_to(&server.base_url, extension, rows, CONCURRENCY)?;
    let stored = server.stop()?.map(|counters| counters["stored"].clone());
    if stored.is_some_and(|stored| stored != rows) {
        return Err("the server did not store every row once".into());
    }
    Ok(run)
}

fn import_to(base_url: &str, extension: &str, rows: u32, concurrency: &str) -> Outcome<Run> {
    let folder = tempfile::tempdir()?;
    sample::write(folder.path(), extension, rows)?;
    let source = format!("rows.{extension}");
    let arguments = [
        "import",
        &source,
        "--mode",
        "add",
        "--rate",
        "1000000/s",
        "--concurrency",
        concurrency,
        "-o",
        "result.xlsx",
    ];
    ferry::run(folder.path(), base_url, ("added", rows), &arguments)
}

/// Returns how long the machine's cores have worked since its start, in hundredths of a second; `None` without `/proc`.
fn busy_ticks() -> Option<u64> {
    let stat = std::fs::read_to_string("/proc/stat").ok()?;
    let ticks = stat.lines().next()?.split_ascii_whitespace().skip(1);
    let ticks: Vec<u64> = ticks.map_while(|tick| tick.parse().ok()).collect();
    // user, nice, system, idle, iowait, irq, softirq
    let [user, nice, system, _, _, irq, softirq] = *ticks.first_chunk()?;
    Some(user + nice + system + irq + softirq)
}

/// Imports once more, and then posts the body of an add as often as possible.
fn compare(rows: u32, time: Duration) -> Outcome {
    println!("import: against posting one body to the same server, {CONCURRENCY} in flight");
    let run = import("csv", rows)?;
    let rows_per_second = f64::from(rows) / run.elapsed.as_secs_f64();
    figure::line(
        "ferry import",
        format_args!("{rows_per_second:>9.0} rows/s"),
    );
    let body = body_of_an_add()?;

    let server = Server::start(&[])?;
    let own_cpu = || process::times("self").map(|(_, cpu)| cpu);
    let cpu_before = own_cpu();
    let start = Instant::now();
    let calls = post_bare(&format!("{}{ADD}", server.base_url), &body, time)?;
    let calls_per_second = calls as f64 / start.elapsed().as_secs_f64();
    figure::line(
        "bare client",
        format_args!("{calls_per_second:>9.0} calls/s"),
    );
    let cpu = own_cpu()
        .zip(cpu_before)
        .map(|(after, before)| after.saturating_sub(before));
    match cpu.zip(run.usage) {
        Some((cpu, usage)) => {
            let of_client = cpu.as_secs_f64() * 1e6 / calls as f64;
            let of_ferry = usage.cpu.as_secs_f64() * 1e6 / f64::from(rows);
            figure::line("  its CPU", format_args!("{of_client:>9.1} µs/call"));
            figure::line("  ferry's CPU", format_args!("{of_ferry:>9.1} µs/row"));
            figure::at_most(
                "  ferry's CPU ÷ the client's",
                of_ferry / of_client,
                "×",
                1.4,
            );
        }
        None => figure::line("  CPU", "skipped: there is no /proc"),
    }
    server.stop()?;

    let server = Server::start(&[])?;
    match post_wrk(&format!("{}{ADD}", server.base_url), &body, time)? {
        Some(calls_per_second) => {
            figure::line("wrk", format_args!("{calls_per_second:>9.0} calls/s"));
            // The target, at least 0.65, is turned round, because `at_most` is the only kind of figure.
            let ratio = calls_per_second / rows_per_second;
            let what = format!("  wrk ÷ ferry (ferry ÷ wrk: {:.2})", ratio.recip());
            figure::at_most(&what, ratio, "×", 1.54);
        }
        None => figure::line("wrk", "skipped: it is not installed"),
    }
    server.stop()?;
    Ok(())
}

/// Returns the body that ferry itself sends, caught by a sandbox in this process.
fn body_of_an_add() -> Outcome<Vec<u8>> {
    let sandbox = Sandbox::start(Options {
        auth: Auth::None,
        ..Options::default()
    })?;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let taken = Arc::clone(&seen);
    sandbox.on_call(move |call| {
        if call.endpoint == Endpoint::Add {
            *taken.lock().unwrap_or_else(PoisonError::into_inner) = call.body.to_vec();
        }
        None
    });
    import_to(&sandbox.base_url(), "csv", 1, CONCURRENCY)?;
    let body = std::mem::take(&mut *seen.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(body)
}

/// Posts from as many threads as the import has, and returns how many calls were answered.
fn post_bare(url: &str, body: &[u8], time: Duration) -> Outcome<u64> {
    let client = reqwest::blocking::Client::builder()
        .no_proxy()
        .http1_only()
        .tcp_nodelay(true)
        .build()?;
    let end = Instant::now() + time;
    let post = || -> reqwest::Result<u64> {
        let mut calls = 0;
        while Instant::now() < end {
            let request = client.post(url).header("content-type", "application/json");
            let response = request.body(body.to_vec()).send()?;
            response.error_for_status()?.bytes()?;
            calls += 1;
        }
        Ok(calls)
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(post)).collect();
        let mut calls = 0;
        for thread in threads {
            calls += thread.join().map_err(|_| "a client panicked")??;
        }
        Ok(calls)
    })
}

/// Posts with `wrk` and returns its calls a second; `None` where it is not installed.
fn post_wrk(url: &str, body: &[u8], time: Duration) -> Outcome<Option<f64>> {
    const SCRIPT: &str = r#"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = io.open("body.json", "rb"):read("*a")
"#;
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("body.json"), body)?;
    std::fs::write(folder.path().join("post.lua"), SCRIPT)?;
    let duration = format!("-d{}s", time.as_secs());
    let output = Command::new("wrk")
        .args([
            "-t2",
            &format!("-c{CONCURRENCY}"),
            &duration,
            "-s",
            "post.lua",
            url,
        ])
        .current_dir(folder.path())
        .output();
    let Ok(output) = output else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Requests/sec:"));
    let rate = rate.filter(|_| !text.contains("Non-2xx"));
    let rate = rate.and_then(|rate| rate.trim().parse().ok());
    Ok(Some(rate.ok_or_else(|| format!("wrk said: {text}"))?))
}
