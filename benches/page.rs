//! What `ferry page` costs: the time of its screens, its memory, and its live progress.
//!
//! `cargo bench --bench page [-- --rows 1000000 --mib 500 --pairs 5]`
//!
//! 1. Server time of the screens of an import of N rows, a tenth of which have a problem: the check screen, its first
//!    page by code, by a text that one row has and by one that none has, and the same of the job's own screen; at most
//!    1 s each. The start screen, with that job on it: at most 50 ms. Each is the median of five.
//! 2. The peak of memory of the server beside an import of N rows without problems, from the upload to the result
//!    sheet: at most 96 MiB, also for each step. That of the import in 1 is printed beside it: the sheets that explain a
//!    problem in a note hold more.
//! 3. An upload of `--mib` MiB: the peak of memory beside it, less what the server takes at rest: at most 16 MiB, which
//!    is far below the file and does not grow with it.
//! 4. Live progress: the CPU of the server for an import of N ÷ 10 rows that a browser follows ÷ the same without a
//!    browser: at most 1.02. It is the median of `--pairs` pairs, each on a server and a state folder of its own; on a
//!    busy machine single pairs differ by some percent.
//!
//! The CRM is `ferry sandbox` in another process, without signatures. The figures are meant for N = 1 000 000, which
//! takes a quarter of an hour; `--rows 20000 --mib 20 --pairs 1` takes seconds.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "support/arguments.rs"]
mod arguments;
#[path = "support/command.rs"]
mod command;
#[path = "support/figure.rs"]
mod figure;
#[path = "support/page.rs"]
mod page;
#[path = "support/process.rs"]
mod process;
#[path = "support/sample.rs"]
mod sample;
#[path = "support/server.rs"]
mod server;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use arguments::Outcome;
use page::{Page, Screen};
use server::Server;

/// Every so many rows, one has a problem.
const WRONG: u32 = 10;

fn main() -> Outcome {
    let (mut rows, mut mib, mut pairs) = (1_000_000, 500, 5);
    if !arguments::read(&mut [
        ("rows", &mut rows),
        ("mib", &mut mib),
        ("pairs", &mut pairs),
    ])? {
        return Ok(());
    }
    screens(rows)?;
    memory(rows)?;
    upload(mib)?;
    live_progress((rows / 10).max(1), pairs)
}

/// Imports N rows through the page, a tenth of which have a problem, and prints the times of its screens.
fn screens(rows: u32) -> Outcome {
    println!(
        "page: an import of {rows} rows, {} with a problem",
        rows.div_ceil(WRONG)
    );
    let (crm, folder) = (Server::start(&[])?, tempfile::tempdir()?);
    let page = Page::start(folder.path(), &crm.base_url)?;
    let at_most = |what: &str, path: &str, most: f64| -> Outcome {
        figure::at_most(what, ms(page.time_of(path)?), "ms", most);
        Ok(())
    };
    at_most("start screen, no job", "/", 50.0)?;
    let mut peaks = Peaks::of(&page);
    let check = checked(&page, &written(folder.path(), rows)?, &mut peaks)?;
    let code = check.text.split("check?code=").nth(1);
    let code = code
        .and_then(|code| code.split('"').next())
        .ok_or("no problem was found")?;
    let one = rows.div_ceil(2) / WRONG * WRONG;
    for (what, query) in [
        ("check screen", String::new()),
        ("  of a code", format!("?code={code}")),
        ("  of a text that one row has", format!("?text=nobody{one}")),
        ("  of a text that no row has", "?text=nowhere".to_owned()),
        ("  of the last rows", format!("?after={}", rows - WRONG)),
    ] {
        at_most(what, &format!("{}{query}", check.path), 1000.0)?;
    }
    let asks = planned(&page, check.path.trim_end_matches("/check"), &mut peaks)?;
    let job = page.wait(carried_out(&page, &asks)?)?.path;
    peaks.step("import");
    for (what, query) in [
        ("job screen", String::new()),
        ("  of the wrong rows", "?status=invalid".to_owned()),
        ("  of a status that no row has", "?status=failed".to_owned()),
        ("  of a code", format!("?code={code}")),
        ("  of a text that one row has", format!("?text=wx_{one:07}")),
        ("  of a text that no row has", "?text=nowhere".to_owned()),
        (
            "  of such a text in wrong rows",
            "?status=invalid&text=nowhere".to_owned(),
        ),
    ] {
        at_most(what, &format!("{job}{query}"), 1000.0)?;
    }
    at_most("start screen, with this job", "/", 50.0)?;
    peaks.print(None);
    drop(page);
    stored(crm, rows - rows.div_ceil(WRONG))
}

/// Imports N rows without problems through the page, and prints its memory.
fn memory(rows: u32) -> Outcome {
    println!("page: an import of {rows} rows");
    let (crm, folder) = (Server::start(&[])?, tempfile::tempdir()?);
    let page = Page::start(folder.path(), &crm.base_url)?;
    let mut peaks = Peaks::of(&page);
    let check = checked(
        &page,
        &sample::write(folder.path(), "csv", rows)?,
        &mut peaks,
    )?;
    let asks = planned(&page, check.path.trim_end_matches("/check"), &mut peaks)?;
    let began = Instant::now();
    page.wait(carried_out(&page, &asks)?)?;
    peaks.step("import");
    let seconds = began.elapsed().as_secs_f64();
    let speed = format!(
        "{seconds:>9.2} s       {:.0} rows/s",
        f64::from(rows) / seconds
    );
    figure::line("sending, and the result sheet", speed);
    peaks.print(Some(96.0));
    drop(page);
    stored(crm, rows)
}

/// Fails unless the server has stored so many customers.
fn stored(crm: Server, rows: u32) -> Outcome {
    let stored = crm.stop()?.map(|counters| counters["stored"].clone());
    if stored.is_some_and(|stored| stored != rows) {
        return Err("the server did not store every right row once".into());
    }
    Ok(())
}

/// The peaks of memory of the server, step by step.
struct Peaks<'a> {
    page: &'a Page,
    /// Each step with its peak in MiB.
    steps: Vec<(&'static str, f64)>,
}

impl<'a> Peaks<'a> {
    fn of(page: &'a Page) -> Self {
        page.forget_peak();
        Self {
            page,
            steps: Vec::new(),
        }
    }

    /// Notes the peak of a step, and begins anew.
    fn step(&mut self, name: &'static str) {
        let peak = self.page.peak_mib();
        if let Some(peak) = peak.filter(|_| self.page.forget_peak()) {
            self.steps.push((name, peak));
        }
    }

    fn print(&self, most: Option<f64>) {
        for (name, peak) in &self.steps {
            figure::line(
                &format!("peak of memory: {name}"),
                format_args!("{peak:>9.1} MiB"),
            );
        }
        let peak = self.steps.iter().map(|(_, peak)| *peak).reduce(f64::max);
        match (peak, most) {
            (Some(peak), Some(most)) => figure::at_most("peak of memory", peak, "MiB", most),
            (Some(_), None) => {}
            (None, _) => figure::line("peak of memory", "skipped: there is no /proc"),
        }
    }
}

fn ms(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

/// Writes the rows; every tenth has an e-mail address that is none.
fn written(folder: &Path, rows: u32) -> Outcome<PathBuf> {
    let path = folder.join("rows.csv");
    let mut writer = csv::Writer::from_path(&path)?;
    writer.write_record(sample::HEADER)?;
    for number in 0..rows {
        let mut row = sample::row(number);
        if number.is_multiple_of(WRONG) {
            row[3] = format!("nobody{number}");
        }
        writer.write_record(row)?;
    }
    writer.flush()?;
    Ok(path)
}

/// Takes a file through the steps of the import until its rows are checked. Returns the check screen.
fn checked(page: &Page, path: &Path, peaks: &mut Peaks<'_>) -> Outcome<Screen> {
    let file = File::open(path)?;
    let bytes = file.metadata()?.len();
    let screen = page.wait(page.upload("rows.csv", file, bytes)?)?;
    peaks.step("upload");
    let draft = screen.path.clone();
    let columns = page.wait(page.post(&draft, &[("go", "on"), ("header", "1")])?)?;
    peaks.step("columns");
    let action = format!("{draft}/columns");
    let version = columns.field(&action, "version")?;
    let values = page.post(&action, &[("version", &version), ("go", "all")])?;
    let check = page.wait(page.post(&values.path, &[("go", "on")])?)?;
    peaks.step("check");
    if check.path == format!("{draft}/check") {
        Ok(check)
    } else {
        Err(format!("{} and not the check: {}", check.path, check.text).into())
    }
}

/// Makes the plan of a draft. Returns its screen, which asks.
fn planned(page: &Page, draft: &str, peaks: &mut Peaks<'_>) -> Outcome<Screen> {
    let asks = page.wait(page.post(&format!("{draft}/plan"), &[("mode", "add")])?)?;
    peaks.step("preview");
    Ok(asks)
}

/// Presses the button that carries a plan out.
fn carried_out(page: &Page, asks: &Screen) -> Outcome<Screen> {
    let action = asks.text.split("action=\"").find_map(|rest| {
        let action = rest.split('"').next()?;
        action.ends_with("/apply").then_some(action)
    });
    let action = action.ok_or("nothing can be carried out")?;
    let shown = asks.field(action, "shown")?;
    page.post(action, &[("shown", &shown)])
}

/// Sends a large file, and prints what memory it takes beside the server's own.
fn upload(mib: u32) -> Outcome {
    println!("page: an upload of {mib} MiB");
    let (crm, folder) = (Server::start(&[])?, tempfile::tempdir()?);
    let page = Page::start(folder.path(), &crm.base_url)?;
    page.get("/import")?;
    let is_peak = page.forget_peak();
    let before = page.peak_mib().filter(|_| is_peak);
    let bytes = u64::from(mib) << 20;
    let screen = page.upload("rows.csv", Rows::default().take(bytes), bytes)?;
    let seconds = screen.elapsed.as_secs_f64();
    let speed = format!(
        "{seconds:>9.2} s       {:.0} MiB/s",
        f64::from(mib) / seconds
    );
    figure::line("time", speed);
    match (before, page.peak_mib()) {
        (Some(before), Some(peak)) => {
            figure::line("memory before", format_args!("{before:>9.1} MiB"));
            figure::line("peak of memory", format_args!("{peak:>9.1} MiB"));
            figure::at_most("peak less before", peak - before, "MiB", 16.0);
        }
        _ => figure::line("memory", "skipped: there is no /proc"),
    }
    Ok(())
}

/// The bytes of a CSV without end.
#[derive(Default)]
struct Rows {
    next: u32,
    waiting: Vec<u8>,
}

impl Read for Rows {
    /// Fills the whole buffer, so that it is sent in as few pieces as that of a file.
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        while self.waiting.len() < buffer.len() {
            let line = match self.next {
                0 => sample::HEADER.join(","),
                number => sample::row(number).join(","),
            };
            self.next += 1;
            self.waiting.extend_from_slice(line.as_bytes());
            self.waiting.push(b'\n');
        }
        let rest = self.waiting.split_off(buffer.len());
        buffer.copy_from_slice(&self.waiting);
        self.waiting = rest;
        Ok(buffer.len())
    }
}

/// Prints the CPU of imports that a browser follows against those that nobody follows.
fn live_progress(rows: u32, pairs: u32) -> Outcome {
    println!("page: an import of {rows} rows, with and without a browser that follows it");
    let mut ratios = Vec::new();
    for pair in 0..pairs {
        // Which of the two comes first alternates, so that what warms up favours neither.
        let is_first = pair % 2 == 0;
        let one = import_cpu(rows, is_first)?;
        let other = import_cpu(rows, !is_first)?;
        let (followed, alone) = if is_first { (one, other) } else { (other, one) };
        let (Some(followed), Some(alone)) = (followed, alone) else {
            figure::line("CPU", "skipped: there is no /proc");
            return Ok(());
        };
        let ratio = followed.as_secs_f64() / alone.as_secs_f64();
        let said = format!(
            "{:>9.2} s followed, {:.2} s alone: {ratio:.3}",
            followed.as_secs_f64(),
            alone.as_secs_f64()
        );
        figure::line("CPU of the server", said);
        ratios.push(ratio);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios[ratios.len() / 2];
    figure::at_most("followed ÷ alone, the median", median, "×", 1.02);
    Ok(())
}

/// Returns the CPU that the server takes from the press on *do it* to the end of the job.
fn import_cpu(rows: u32, is_followed: bool) -> Outcome<Option<Duration>> {
    let (crm, folder) = (Server::start(&[])?, tempfile::tempdir()?);
    let page = Page::start(folder.path(), &crm.base_url)?;
    let path = sample::write(folder.path(), "csv", rows)?;
    let mut peaks = Peaks::of(&page);
    let check = checked(&page, &path, &mut peaks)?;
    let asks = planned(&page, check.path.trim_end_matches("/check"), &mut peaks)?;
    let before = page.cpu();
    let job = carried_out(&page, &asks)?;
    let followed = is_followed
        .then(|| page.follow(&format!("{}/live", job.path)))
        .transpose()?;
    // Asked seldom, so that waiting itself costs nothing that counts.
    let is_done = || -> Outcome<bool> { Ok(!page.get(&job.path)?.text.contains("data-live=")) };
    match followed {
        Some(thread) => {
            let pieces = thread.join().map_err(|_| "the browser panicked")?;
            figure::line("  pieces that came", format_args!("{pieces:>9}"));
        }
        None => wait_for_sheet(folder.path())?,
    }
    let after = page.cpu();
    if !is_done()? {
        return Err("the job did not end".into());
    }
    Ok(after
        .zip(before)
        .map(|(after, before)| after.saturating_sub(before)))
}

/// Waits, without asking the server, until the only job has its result sheet and nobody holds its lock.
fn wait_for_sheet(folder: &Path) -> Outcome {
    loop {
        std::thread::sleep(Duration::from_millis(50));
        for job in std::fs::read_dir(folder.join("state/jobs"))?.flatten() {
            let has_sheet = std::fs::read_dir(job.path())?
                .flatten()
                .any(|file| file.file_name().to_string_lossy().ends_with(".xlsx"));
            let lock = File::open(job.path().join("lock"))?;
            if has_sheet && lock.try_lock().is_ok() {
                return Ok(());
            }
        }
    }
}
