//! What a server under pressure costs: one that allows fewer calls than are sent, and one that stalls.
//!
//! `cargo bench --bench pressure [-- --rows 300 --stall 6]`
//!
//! 1. A server that allows 40 calls in any second, and an import with `--rate 200/s`, for each of four busy replies
//!    that prove that nothing was stored. Printed are the time of the whole process ÷ (rows ÷ 40), at most 2.5, and the
//!    busy replies, at most 99 for 300 rows. That every row was stored is checked: a breach ends the benchmark.
//! 2. A server that stands still for `--stall` seconds in the middle of an import at 100/s. Printed is (the time of the
//!    import − the time of one without the stall) ÷ the stall, at most 1.25.
//!
//! The server is `ferry sandbox` in another process, which is stopped and continued by signals (Unix).

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

use std::time::Duration;

use arguments::Outcome;
use ferry::Run;
use server::Server;

/// Calls a second that the busy server allows.
const ALLOWED: u32 = 40;
/// The busy replies. HTTP 503 is not among them, because it leaves an add in doubt: `cargo bench --bench outage`.
const DRESSES: [&str; 4] = ["429", "429-retry-after", "200", "403"];
/// How long after the start of the import the stall begins.
const BEFORE_STALL: Duration = Duration::from_millis(1500);

fn main() -> Outcome {
    let (mut rows, mut stall_seconds) = (300, 6);
    if !arguments::read(&mut [("rows", &mut rows), ("stall", &mut stall_seconds)])? {
        return Ok(());
    }
    for dress in DRESSES {
        busy(dress, rows)?;
    }
    stalled(rows, stall_seconds)
}

fn import(server: &Server, rows: u32, rate: &str) -> Outcome<Run> {
    let folder = tempfile::tempdir()?;
    sample::write(folder.path(), "csv", rows)?;
    let arguments = [
        "import",
        "rows.csv",
        "--mode",
        "add",
        "--rate",
        rate,
        "-o",
        "result.csv",
    ];
    ferry::run(folder.path(), &server.base_url, ("added", rows), &arguments)
}

fn busy(dress: &str, rows: u32) -> Outcome {
    println!("pressure: {ALLOWED}/s allowed, 200/s wished, busy as {dress}");
    let allowed = ALLOWED.to_string();
    let server = Server::start(&["--limit", &allowed, "--busy-as", dress])?;
    let run = import(&server, rows, "200/s")?;
    run.print(rows);
    let ideal = f64::from(rows) / f64::from(ALLOWED);
    let ratio = run.elapsed.as_secs_f64() / ideal;
    figure::at_most("time ÷ (rows ÷ 40/s)", ratio, "×", 2.5);
    let Some(counters) = server.stop()? else {
        figure::line("busy replies", "skipped: the server could not be asked");
        return Ok(());
    };
    if counters["stored"] != rows {
        return Err(format!("not every row was stored once: {counters}").into());
    }
    let busy = counters["busy"].as_f64().unwrap_or(f64::NAN);
    let most = f64::from(rows) * 99.0 / 300.0;
    figure::at_most("busy replies", busy, "replies", most);
    Ok(())
}

fn stalled(rows: u32, stall_seconds: u32) -> Outcome {
    println!("pressure: a stall of {stall_seconds} s, 100/s");
    let without = import(&Server::start(&[])?, rows, "100/s")?;
    figure::line(
        "without the stall",
        format_args!("{:>9.2} s", without.elapsed.as_secs_f64()),
    );
    let server = Server::start(&[])?;
    let stall = Duration::from_secs(stall_seconds.into());
    let stalling = std::thread::scope(|scope| {
        let import =
            scope.spawn(|| import(&server, rows, "100/s").map_err(|error| error.to_string()));
        std::thread::sleep(BEFORE_STALL);
        let stalled = server.signal("-STOP");
        std::thread::sleep(stall);
        let stalled = server.signal("-CONT") && stalled;
        (import.join(), stalled)
    });
    let (Ok(run), stalled) = stalling else {
        return Err("the import panicked".into());
    };
    let run = run?;
    if !stalled {
        figure::line("with the stall", "skipped: the server cannot be stopped");
        return Ok(());
    }
    figure::line(
        "with the stall",
        format_args!("{:>9.2} s", run.elapsed.as_secs_f64()),
    );
    let cost = run.elapsed.saturating_sub(without.elapsed);
    let ratio = cost.as_secs_f64() / stall.as_secs_f64();
    figure::at_most("cost ÷ stall", ratio, "×", 1.25);
    Ok(())
}
