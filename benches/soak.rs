//! Imports that are killed again and again, under faults; afterwards every row must be stored once.
//!
//! `cargo bench --bench soak [-- --rounds 1 --seed 1 --rows 1500 --kills 20]`
//!
//! The steps of a round:
//!
//! 1. Start `ferry sandbox` in another process, with replies after 10–40 ms. The seed chooses the faults, and in some
//!    rounds an outage or a search that lags.
//! 2. Import the rows at 300/s, in every second round with `--stamp`.
//! 3. Kill the importer (`kill -9`) at moments that the seed chooses, and resume it each time.
//! 4. Let it run to its end.
//! 5. Check that every row is stored once, that as many adds were stored as there are rows, and that each row of the
//!    result sheet is `ok` with the `_id` that the store has for it.
//!
//! In a quarter of the rounds the server keeps `updateTime` when an update changes nothing. Then a customer that is
//! written again proves nothing about the moment, so rows that are not stored may end as `unknown`: those after which
//! nothing was added, which may be all. Any other breach ends the soak with exit code 1 and the seed of the round.
//!
//! Seeds of rounds count up from `--seed`, so that round `n` alone is `--rounds 1 --seed n`. The seed chooses faults
//! and moments but not the timing of the machine, so a breach may not repeat: its folder is kept, and the message names
//! it.
//!
//! `cargo bench --bench soak -- --gateways` instead runs the whole cross product of replies of gateways in the CRM's
//! place (`tests/crash/cells.rs`), of which `cargo test` runs a part. It prints how many cells ended with every row
//! `ok` and how many with rows `unknown`, where nothing can prove more. A breach is printed with its cell, and the exit
//! code is 1.

#![expect(clippy::print_stdout, reason = "a soak says how its rounds went")]

#[path = "support/arguments.rs"]
mod arguments;
#[path = "../tests/crash/cells.rs"]
mod cells;
#[path = "support/command.rs"]
mod command;
#[path = "support/server.rs"]
mod server;
#[expect(
    dead_code,
    unused_imports,
    reason = "the tests use all of it, the cells a part"
)]
#[path = "../tests/support/mod.rs"]
mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

use crm_ferry::sandbox::{Options, Sandbox};

use arguments::Outcome;
use cells::{Cell, Ending};
use server::Server;

/// Rows a second.
const RATE: u32 = 300;
/// The faults of a round, each with its highest probability.
const FAULTS: [(&str, f64); 18] = [
    ("lost-reply", 0.05),
    ("error-after@add", 0.03),
    ("error-before@add", 0.03),
    ("dropped@add", 0.03),
    ("garbage-before@add", 0.02),
    ("garbage-after@add", 0.02),
    ("truncated@add", 0.02),
    ("reset@add", 0.02),
    ("no-id@add", 0.02),
    ("busy-after:503ra@add", 0.03),
    ("busy-before:503ra@add", 0.03),
    ("busy-after:200busy@add", 0.03),
    ("busy-before:200busy@add", 0.02),
    ("busy-after:503busy@add", 0.03),
    ("busy-after:500concurrency@add", 0.02),
    ("busy-after:login@add", 0.02),
    ("busy-before:401html@add", 0.01),
    ("busy-before:429@add", 0.03),
];
/// The dresses of an outage.
const OUTAGES: [&str; 10] = [
    "cut",
    "cut-after",
    "502",
    "503ra-after",
    "504-after",
    "login",
    "garbage-after",
    "hang-after",
    "refused",
    "200busy-after",
];
/// How many runs without a kill a job may need until every row is settled.
const MOST_RUNS: u32 = 10;
/// How many cells run at a time; a cell mostly waits.
const CELL_THREADS: usize = 16;
/// The time after which a run counts as hanging.
const DEADLINE: Duration = Duration::from_secs(300);

/// The sizes that are given after `--`.
struct Sizes {
    rounds: u32,
    seed: u32,
    rows: u32,
    kills: u32,
}

fn main() -> Outcome {
    if std::env::args().any(|argument| argument == "--gateways") {
        return product();
    }
    let mut sizes = Sizes {
        rounds: 1,
        seed: 1,
        rows: 1500,
        kills: 20,
    };
    if !arguments::read(&mut [
        ("rounds", &mut sizes.rounds),
        ("seed", &mut sizes.seed),
        ("rows", &mut sizes.rows),
        ("kills", &mut sizes.kills),
    ])? {
        return Ok(());
    }
    for seed in sizes.seed..sizes.seed.saturating_add(sizes.rounds) {
        let folder = tempfile::tempdir()?;
        if let Err(breach) = round(seed, &sizes, folder.path()) {
            let kept = folder.keep();
            return Err(format!("seed {seed}: {breach}; see {}", kept.display()).into());
        }
    }
    Ok(())
}

/// Runs the whole cross product of replies; fails if a cell does not hold.
fn product() -> Outcome {
    let cells = Cell::all();
    let ended = cells::run_all(&cells, CELL_THREADS);
    let count = |wanted: Ending| {
        let alike = ended.iter().filter(|(_, result)| *result == Ok(wanted));
        alike.count()
    };
    println!(
        "gateways: {} cells, {} with every row ok, {} with rows unknown and not stored: nothing could prove that",
        cells.len(),
        count(Ending::Ok),
        count(Ending::Unknown)
    );
    let mut breaches = 0;
    for (cell, result) in &ended {
        if let Err(breach) = result {
            println!("  {cell}: {breach}");
            breaches += 1;
        }
    }
    if breaches > 0 {
        return Err(format!("{breaches} cells do not hold").into());
    }
    Ok(())
}

fn round(seed: u32, sizes: &Sizes, folder: &Path) -> Outcome {
    let mut random = fastrand::Rng::with_seed(seed.into());
    let stamped = seed.is_multiple_of(2);
    let faults = fault_mix(&mut random);
    println!(
        "soak: seed {seed}, {} rows, {}, {}",
        sizes.rows,
        if stamped { "stamped" } else { "no stamp" },
        if faults.is_empty() {
            "no faults".to_owned()
        } else {
            faults.join(" ")
        }
    );
    write_rows(folder, sizes.rows)?;
    let keeps_time = seed.is_multiple_of(4);
    let lags = random.bool();
    let outage = random.bool().then(|| {
        let dress = OUTAGES[random.usize(..OUTAGES.len())];
        let from = random.u32(1..sizes.rows.max(2));
        format!("{}ms:{dress}@{from}", random.u32(500..4000))
    });
    if let Some(outage) = &outage {
        println!("  an outage of {outage}");
    }
    let store = folder.join("crm.db");
    let seed_text = seed.to_string();
    let store_text = store.to_string_lossy().into_owned();
    let mut arguments = vec![
        "--db",
        &store_text,
        "--latency",
        "10ms-40ms",
        "--seed",
        &seed_text,
    ];
    for fault in &faults {
        arguments.extend(["--fault", fault]);
    }
    if let Some(outage) = &outage {
        arguments.extend(["--outage", outage]);
    }
    if keeps_time {
        arguments.push("--keep-update-time");
    }
    if lags {
        arguments.extend(["--search-lag", "500ms"]);
    }
    let server = Server::start(&arguments)?;
    let ferry = Importer {
        folder,
        base_url: &server.base_url,
        stamped,
    };
    let kills = ferry.run_and_kill(sizes, &mut random)?;
    let runs = ferry.finish()?;
    let counters = server
        .stop()?
        .ok_or("the server could not be asked what it stored")?;
    println!(
        "  {kills} kills, {runs} runs after them, {} faults, {} adds stored, {} calls",
        counters["faults"], counters["stored"], counters["calls"]
    );
    let most = if keeps_time { sizes.rows } else { 0 };
    let unknown = judge(folder, &store, sizes.rows, most)?;
    if unknown > 0 {
        println!("  {unknown} rows unknown, and not stored: nothing could prove that");
    }
    if counters["stored"] != sizes.rows - unknown {
        return Err(format!("{} adds were stored", counters["stored"]).into());
    }
    Ok(())
}

/// Returns the faults of a round: each with a chance of one half, at a random probability.
fn fault_mix(random: &mut fastrand::Rng) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, most) in FAULTS {
        if random.bool() {
            faults.push(format!("{name}={:.3}", most * random.f64()));
        }
    }
    faults
}

fn write_rows(folder: &Path, rows: u32) -> Outcome {
    let mut writer = csv::Writer::from_path(folder.join("rows.csv"))?;
    writer.write_record(["客户名称", "手机", "邮箱"])?;
    for number in 1..=rows {
        writer.write_record([
            name_of(number),
            format!("13{number:09}"),
            format!("c{number}@example.com"),
        ])?;
    }
    writer.flush()?;
    Ok(())
}

fn name_of(number: u32) -> String {
    format!("客户 {number:07}")
}

/// How a run ended: killed, or with an exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Killed,
    With(i32),
}

struct Importer<'a> {
    folder: &'a Path,
    base_url: &'a str,
    stamped: bool,
}

impl Importer<'_> {
    /// Imports, kills and resumes until there were enough kills or nothing is left to do; returns the number of kills.
    fn run_and_kill(&self, sizes: &Sizes, random: &mut fastrand::Rng) -> Outcome<u32> {
        let most_ms = u64::from(2000 * sizes.rows / RATE / sizes.kills).max(100);
        let mut kills = 0;
        let mut is_import = true;
        while kills < sizes.kills {
            let moment = Duration::from_millis(random.u64(20..=most_ms));
            match self.run(is_import, Some(moment))? {
                Ended::Killed => {
                    kills += 1;
                    is_import = !self.has_decided();
                }
                // The job has ended.
                Ended::With(0 | 6 | 9) => break,
                Ended::With(5) => is_import = false,
                Ended::With(code) => return Err(self.unexpected(code)),
            }
        }
        Ok(kills)
    }

    /// Returns whether the import has decided its rows, so that there is a job to resume.
    fn has_decided(&self) -> bool {
        let listed = command::ferry(self.folder, self.base_url)
            .args(["jobs", "--json"])
            .output();
        listed.is_ok_and(|output| {
            let text = String::from_utf8_lossy(&output.stdout);
            text.contains("\"stopped\"") || text.contains("\"finished\"")
        })
    }

    /// Runs until every row has its answer; returns how many runs that took.
    fn finish(&self) -> Outcome<u32> {
        for run in 1..=MOST_RUNS {
            match self.run(!self.has_decided(), None)? {
                // Rows that are still in doubt are judged with all others.
                Ended::With(0 | 6 | 9) => return Ok(run),
                Ended::With(5) => {}
                Ended::With(code) => return Err(self.unexpected(code)),
                Ended::Killed => return Err("a run took too long".into()),
            }
        }
        Err(format!("rows are left in doubt: {}", self.stderr()).into())
    }

    /// Runs an import or a resume, and kills it at a moment, without one after [`DEADLINE`].
    fn run(&self, is_import: bool, moment: Option<Duration>) -> Outcome<Ended> {
        let mut command = command::ferry(self.folder, self.base_url);
        if is_import {
            command.args(["import", "rows.csv", "--mode", "add", "-o", "result.csv"]);
            if self.stamped {
                command.args(["--stamp", "客户编号"]);
            }
        } else {
            command.arg("resume");
        }
        let rate = format!("{RATE}/s");
        let mut child = command
            .args(["--rate", &rate, "--concurrency", "16", "--settle", "1s"])
            .stdout(File::create(self.folder.join("stdout"))?)
            .stderr(File::create(self.folder.join("stderr"))?)
            .spawn()?;
        ended_within(&mut child, moment.unwrap_or(DEADLINE))
    }

    fn unexpected(&self, code: i32) -> Box<dyn std::error::Error> {
        format!("exit code {code}: {}", self.stderr()).into()
    }

    fn stderr(&self) -> String {
        std::fs::read_to_string(self.folder.join("stderr")).unwrap_or_default()
    }
}

fn ended_within(child: &mut Child, moment: Duration) -> Outcome<Ended> {
    let start = Instant::now();
    while start.elapsed() < moment {
        if let Some(status) = child.try_wait()? {
            return Ok(Ended::With(status.code().unwrap_or(-1)));
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    child.kill()?;
    child.wait()?;
    Ok(Ended::Killed)
}

/// Compares the result sheet with the store; returns how many rows are `unknown` and not stored. More than `most` of
/// them, and anything else that does not agree, is an error.
fn judge(folder: &Path, store: &Path, rows: u32, most: u32) -> Outcome<u32> {
    let sandbox = Sandbox::start(Options {
        db: Some(store.to_path_buf()),
        ..Options::default()
    })?;
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let mut stored: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for customer in sandbox.customers() {
        let ids = stored.entry(text(&customer["customerName"])).or_default();
        ids.push(text(&customer["_id"]));
    }
    let mut breaches = Vec::new();
    for (name, ids) in &stored {
        if ids.len() != 1 {
            breaches.push(format!("{name} is stored {} times", ids.len()));
        }
    }
    let mut unknown = 0;
    let mut reader = csv::Reader::from_path(folder.join("result.csv"))?;
    let headers = reader.headers()?.clone();
    let place = |name: &str| {
        let found = headers
            .iter()
            .position(|header| header.trim_start_matches('\u{feff}').trim_end_matches('*') == name);
        found.ok_or_else(|| format!("the result sheet has no column {name}: {headers:?}"))
    };
    let (id, status, name) = (place("_id")?, place("_status")?, place("客户名称")?);
    let mut answered = BTreeSet::new();
    for record in reader.records() {
        let record = record?;
        let is_stored = stored
            .get(&record[name])
            .is_some_and(|ids| ids.len() == 1 && ids[0] == record[id]);
        if &record[status] == "unknown" && unknown < most && !stored.contains_key(&record[name]) {
            unknown += 1;
        } else if &record[status] != "ok" || !is_stored || !answered.insert(record[id].to_owned()) {
            breaches.push(format!("{record:?} does not agree with the store"));
        }
    }
    if answered.len() as u32 + unknown != rows || stored.len() != answered.len() {
        breaches.push(format!("{} rows are answered", answered.len()));
    }
    if breaches.is_empty() {
        return Ok(unknown);
    }
    breaches.truncate(20);
    Err(breaches.join("\n").into())
}
