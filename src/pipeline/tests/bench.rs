//! Runs jobs in this process: with a state folder, a clock that does not wait, and requests.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use secrecy::SecretString;

use crate::crm::{ApiSettings, Clock, Connection, Endpoint, Pace, RetryPolicy, connect};
use crate::job::account::Account;
use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::job::options::SendOptions;
use crate::job::report::Report;
use crate::job::request::JobRequest;
use crate::job::run_settings::RunSettings;
use crate::job::spec::{ImportOptions, Mode, SheetOptions};
use crate::journal::{Journal, JournalRow, RowCursor, RowSet, StateFolder};
use crate::lang::Lang;
use crate::model::{Corrections, JobId, Monitor, Stop, VoidMonitor};
use crate::pipeline::delete::DeleteRequest;
use crate::pipeline::import::import;
use crate::pipeline::resume::resume;
use crate::pipeline::undo::take_back::UndoRequest;
use crate::pipeline::{delete, undo};
use crate::plan::import::ImportRequest;
use crate::sandbox::{Options, Sandbox};
use crate::table::ReadOptions;

/// A clock that is ahead of the machine's by all that was slept.
#[derive(Clone)]
pub(crate) struct JumpClock {
    start: Instant,
    ahead: Arc<Mutex<Duration>>,
    sleeps: Arc<AtomicU64>,
    jump: Option<(u64, i64)>,
}

impl JumpClock {
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
            ahead: Arc::default(),
            sleeps: Arc::default(),
            jump: None,
        }
    }

    /// Makes a clock whose date is set forwards or backwards by so many seconds, after so many sleeps.
    pub fn set_after(sleeps: u64, seconds: i64) -> Self {
        Self {
            jump: Some((sleeps, seconds)),
            ..Self::new()
        }
    }

    /// Returns by how much the clock is ahead of the machine's.
    pub fn ahead(&self) -> Duration {
        *self.ahead.lock().unwrap()
    }
}

impl Clock for JumpClock {
    fn now(&self) -> Duration {
        self.start.elapsed() + self.ahead()
    }

    fn unix_micros(&self) -> u64 {
        // The machine's date, as in everything that is written down: earlier sleeps must not cut a wait short.
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let sleeps = self.sleeps.load(Ordering::Relaxed);
        let jump = self.jump.filter(|(after, _)| sleeps >= *after);
        let seconds = jump.map_or(0, |(_, seconds)| seconds);
        let micros = since.unwrap().as_micros() as u64;
        micros.saturating_add_signed(seconds * 1_000_000)
    }

    fn sleep(&self, duration: Duration, stop: &Stop) -> bool {
        self.sleeps.fetch_add(1, Ordering::Relaxed);
        *self.ahead.lock().unwrap() += duration;
        !stop.is_requested()
    }
}

/// The settings with which a test runs its jobs.
#[derive(Clone)]
pub(crate) struct Manner {
    pub stamp: Option<String>,
    pub key: Vec<String>,
    pub rate: &'static str,
    pub concurrency: usize,
    pub settle: Duration,
    /// The cells of the source that are corrected.
    pub corrections: Corrections,
}

impl Default for Manner {
    fn default() -> Self {
        Self {
            stamp: None,
            key: Vec::new(),
            // At two rows in a quarter of a second, a job has many small groups.
            rate: "8/s",
            concurrency: 2,
            settle: Duration::ZERO,
            corrections: Corrections::default(),
        }
    }
}

impl Manner {
    fn run(&self) -> RunSettings {
        RunSettings {
            rate: self.rate.parse().unwrap(),
            concurrency: self.concurrency,
            timeout: Duration::from_secs(30),
            settle: self.settle,
            max_outage: RetryPolicy::default().max_outage,
            no_wait: false,
            may_touch: true,
        }
    }

    /// Makes the request of a job that began at the Unix second `created`, and whose sheet goes to `output`.
    fn job(&self, created: i64, output: &Path) -> JobRequest {
        let began = jiff::Timestamp::from_second(created).unwrap();
        let began = began.in_tz("Asia/Shanghai").unwrap();
        JobRequest {
            account: account(),
            api: ApiSettings::default(),
            run: self.run(),
            asked: Vec::new(),
            output: Some(output.to_path_buf()),
            timezone: "Asia/Shanghai".to_owned(),
            stamp: began.strftime("%Y%m%d-%H%M%S").to_string(),
            created,
        }
    }

    fn send(&self) -> SendOptions {
        SendOptions {
            concurrency: self.concurrency,
            settle: self.settle,
            timeout: Duration::from_secs(30),
            may_touch: true,
            limit: None,
            max_errors: None,
        }
    }
}

/// Starts a CRM that holds no customer.
pub(crate) fn sandbox() -> Sandbox {
    Sandbox::start(Options::default()).unwrap()
}

/// Makes a context whose calls go to a sandbox.
pub(crate) fn context_of(state: &Path, sandbox: &Sandbox, manner: &Manner) -> Context {
    let endpoint = Endpoint::new(
        &sandbox.base_url(),
        "sandbox",
        SecretString::from("sandbox-secret"),
    );
    let clock = JumpClock::new();
    let stop = Stop::new();
    let monitor = Arc::new(CallCounter::new(Arc::new(VoidMonitor)));
    let watched: Arc<dyn Monitor> = monitor.clone();
    let pace = pace_of(manner, &clock, &watched);
    let Connection {
        crm,
        clock: server_clock,
    } = connect(&endpoint, RetryPolicy::default(), &pace, &watched, &stop).unwrap();
    Context {
        state: StateFolder::open(state).unwrap(),
        crm,
        pace,
        monitor,
        stop,
        lang: Lang::En,
        hints: crate::lang::hint::Hints::default(),
        owners: crate::stored::OwnerNames::default(),
        server_clock,
        clock: Arc::new(clock),
    }
}

/// Makes the pace of a manner.
pub(crate) fn pace_of(manner: &Manner, clock: &JumpClock, monitor: &Arc<dyn Monitor>) -> Arc<Pace> {
    let rates = manner.rate.parse().unwrap();
    let pace = Pace::with_clock(&rates, None, monitor.clone(), Arc::new(clock.clone()));
    Arc::new(pace.unwrap())
}

/// Imports a file; the result sheet goes beside it.
pub(crate) fn run_import(
    source: &Path,
    context: &Context,
    manner: &Manner,
) -> Result<Report, JobError> {
    let request = ImportRequest {
        corrections: manner.corrections.clone(),
        source: source.to_path_buf(),
        read: ReadOptions::default(),
        sheets: SheetOptions::default(),
        options: ImportOptions {
            mode: Mode::Auto,
            stamp: manner.stamp.clone(),
            key: manner.key.clone(),
            ..ImportOptions::default()
        },
        job: manner.job(1_795_426_215, &source.with_extension("result.csv")),
        send: manner.send(),
        overrides: BTreeMap::new(),
    };
    import(&request, context, &mut |_| Ok(()))
}

fn account() -> Account {
    Account {
        key: "http://crm sandbox".to_owned(),
        host: "crm".to_owned(),
        appid: "sandbox".to_owned(),
        profile: None,
        sandbox: false,
    }
}

/// Deletes the customers of a list.
pub(crate) fn run_delete(
    source: &Path,
    context: &Context,
    manner: &Manner,
) -> Result<Report, JobError> {
    let request = DeleteRequest {
        source: source.to_path_buf(),
        read: ReadOptions::default(),
        sheets: SheetOptions::default(),
        all_ids: false,
        most: 1000,
        dry_run: false,
        job: manner.job(1_795_429_815, &source.with_extension("deleted.csv")),
        send: manner.send(),
    };
    delete(&request, context, &mut |_| Ok(())).map(|deleted| deleted.report)
}

/// Takes a job back.
pub(crate) fn run_undo(
    job: &JobId,
    context: &Context,
    manner: &Manner,
    output: &Path,
) -> Result<Report, JobError> {
    let request = UndoRequest {
        job: manner.job(1_795_433_415, output),
        original: context.state.job(job)?,
        rows: None,
        force: false,
        dry_run: false,
        most: 1000,
        send: manner.send(),
    };
    undo(&request, context, &mut |_| Ok(())).map(|undone| undone.report)
}

/// Goes on with a job.
pub(crate) fn run_resume(
    job: &JobId,
    context: &Context,
    manner: &Manner,
) -> Result<Report, JobError> {
    resume(&context.state.job(job)?, &manner.send(), context)
}

/// Returns how each row was answered, in source order.
pub(crate) fn answers(job: &JobId, context: &Context) -> Vec<JournalRow> {
    let journal = Journal::read(&context.state.job(job).unwrap()).unwrap();
    let mut answers = RowCursor::over(RowSet::Answers);
    let rows = answers.next_rows(&journal, 10_000).unwrap();
    rows.unwrap_or_default()
}

/// Copies a folder and everything in it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let copy = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy_folder(&path, &copy);
        } else if path.extension().is_none_or(|end| end != "db-shm") {
            // SQLite makes its shared memory anew from the log.
            std::fs::copy(&path, &copy).unwrap();
        }
    }
}
