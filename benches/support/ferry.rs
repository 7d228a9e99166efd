//! One run of the release binary, with its time, its CPU and its peak of memory.
//!
//! CPU and memory are those of ferry's process alone, from `/proc` (Linux; elsewhere their lines say that they are
//! skipped). The CPU is exact: a child that has ended keeps its counters until it is waited for, so they are read in
//! between. The peak is polled and can miss the last milliseconds.

use std::fs::{self, File};
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::arguments::Outcome;
use crate::{command, figure, process};

const POLL: Duration = Duration::from_millis(2);

/// A run that ended as it should.
#[derive(Debug)]
pub struct Run {
    /// From before the start to after the end.
    pub elapsed: Duration,
    /// The CPU and memory of the process; `None` without `/proc`.
    pub usage: Option<Usage>,
    /// The JSON object that ferry printed.
    pub summary: Value,
}

/// The CPU and memory of a process.
#[derive(Debug, Clone, Copy, Default)]
pub struct Usage {
    /// CPU time, user and system.
    pub cpu: Duration,
    /// The peak of memory in KiB, `VmHWM`.
    pub peak_kib: u64,
}

impl Run {
    /// Prints rows a second, CPU a row, the peak of memory and the calls.
    pub fn print(&self, rows: u32) {
        let seconds = self.elapsed.as_secs_f64();
        let rate = f64::from(rows) / seconds;
        figure::line(
            &format!("{rows} rows"),
            format_args!("{seconds:>9.2} s       {rate:.0} rows/s"),
        );
        match self.usage {
            Some(usage) => {
                let cpu_us = usage.cpu.as_secs_f64() * 1e6 / f64::from(rows);
                let peak = usage.peak_mib();
                figure::line("  its CPU", format_args!("{cpu_us:>9.1} µs/row"));
                figure::line("  its peak of memory", format_args!("{peak:>9.1} MiB"));
            }
            None => figure::line("  CPU and memory", "skipped: there is no /proc"),
        }
        if let Some(calls) = self.summary["api_calls"].as_u64() {
            figure::line("  its calls", format_args!("{calls:>9}"));
        }
    }
}

impl Usage {
    /// Returns the peak of memory in MiB.
    pub fn peak_mib(&self) -> f64 {
        self.peak_kib as f64 / 1024.0
    }
}

/// Runs ferry in `folder` with `--json`. Fails unless it succeeds and its JSON has `count` under `name`, such as
/// `added`.
pub fn run(
    folder: &Path,
    base_url: &str,
    counted: (&str, u32),
    arguments: &[&str],
) -> Outcome<Run> {
    run_to(0, folder, base_url, counted, arguments)
}

/// The same, for a run that ends with another exit code.
pub fn run_to(
    code: i32,
    folder: &Path,
    base_url: &str,
    (name, count): (&str, u32),
    arguments: &[&str],
) -> Outcome<Run> {
    let (output, errors) = (folder.join("stdout"), folder.join("stderr"));
    let mut command = command::ferry(folder, base_url);
    command
        .args(arguments)
        .arg("--json")
        .stdout(File::create(&output)?)
        .stderr(File::create(&errors)?);

    let start = Instant::now();
    let mut child = command.spawn()?;
    let usage = watch(child.id());
    let status = child.wait()?;
    let elapsed = start.elapsed();

    let summary: Value = serde_json::from_str(&fs::read_to_string(&output)?).unwrap_or_default();
    if status.code() != Some(code) || summary[name] != count {
        let errors = fs::read_to_string(&errors)?;
        return Err(format!(
            "ferry {}: {status}\n{summary}\n{errors}",
            arguments.join(" ")
        )
        .into());
    }
    Ok(Run {
        elapsed,
        usage,
        summary,
    })
}

/// Watches a child until it has ended, and returns its usage; `None`, at once, if `/proc` does not show the child.
fn watch(pid: u32) -> Option<Usage> {
    let mut usage = Usage::default();
    loop {
        let (state, cpu) = process::times(&pid.to_string())?;
        if state == "Z" {
            usage.cpu = cpu;
            return Some(usage);
        }
        usage.peak_kib = process::peak_kib(pid).unwrap_or(usage.peak_kib);
        sleep(POLL);
    }
}
