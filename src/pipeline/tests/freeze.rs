//! Kills a job at every commit, and resumes it from each state folder that such a kill leaves.
//!
//! An image is made before each commit of journal and ledger, and before each sync of the side file. Between two images
//! the files stay as they are while calls arrive and are stored. So a crash point is an image together with what the
//! CRM held at one of these times. After a resume from each crash point the CRM is asked: no customer is stored twice,
//! none is lost, every `_id` is the one that is stored, and only rows of which nothing can be proven are in doubt.
//!
//! `cargo test --lib freeze -- --nocapture` prints how many crash points there were.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Map, Value};

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::moment::Watch;
use crate::journal::{JournalRow, RowState};
use crate::model::{Corrections, JobId, Status};
use crate::pipeline::tests::bench::{
    Manner, answers, context_of, copy_folder, run_import, run_resume,
};
use crate::sandbox::{Endpoint, FaultKind, Options, Sandbox};

pub(crate) type Customer = Map<String, Value>;

/// What happens to the writing calls of a job, by the number of the call.
type Fate = fn(u64) -> Option<FaultKind>;

/// A job that is frozen at every moment.
pub(crate) struct Job {
    pub name: &'static str,
    /// The source, as CSV.
    pub table: String,
    /// The customers that the CRM holds before the job.
    pub before: Vec<Customer>,
    pub manner: Manner,
    pub fate: Fate,
    /// Asserts what must hold after a resume.
    pub judge: fn(&Outcome<'_>),
}

/// A kill: the files that it left, and what the CRM held.
pub(crate) struct CrashPoint {
    pub files: PathBuf,
    pub stored: Vec<Customer>,
    pub what: String,
}

/// What a resume from a crash point came to.
pub(crate) struct Outcome<'a> {
    what: &'a str,
    rows: Vec<JournalRow>,
    customers: Vec<Customer>,
    /// How many adds were stored since the kill.
    stored_since: u64,
}

pub(crate) fn text<'a>(customer: &'a Customer, key: &str) -> &'a str {
    customer
        .get(key)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

impl Outcome<'_> {
    fn customer(&self, row: &JournalRow) -> &Customer {
        let id = row.customer.as_ref().map_or("", |id| id.as_str());
        let mut found = self.customers.iter().filter(|it| text(it, "_id") == id);
        found
            .next()
            .unwrap_or_else(|| panic!("{}: nobody has the id of {row:?}", self.what))
    }

    fn stored_as(&self, name: &str) -> usize {
        let same = self.customers.iter();
        same.filter(|it| text(it, "customerName") == name).count()
    }
}

pub(crate) fn name_of(number: u32) -> String {
    format!("客户 {number:03}")
}

/// Makes a table of customers with a name and a phone each, and `copies` equal rows for each customer.
fn table_of(rows: u32, copies: u32) -> String {
    let mut table = "客户名称,手机\n".to_owned();
    for number in 1..=rows {
        for _ in 0..copies {
            let _ = writeln!(table, "{},138{number:08}", name_of(number));
        }
    }
    table
}

fn nothing_happens(_: u64) -> Option<FaultKind> {
    None
}

/// Loses every third reply, and every seventh call before it is carried out.
pub(crate) fn replies_are_lost(number: u64) -> Option<FaultKind> {
    if number.is_multiple_of(7) {
        Some(FaultKind::Dropped)
    } else {
        number.is_multiple_of(3).then_some(FaultKind::LostReply)
    }
}

/// Asserts, for rows of different customers: each row is `ok` and stored once under its `_id`. A row may be in doubt
/// only if it is not stored, and if no add after it could show that the search works.
fn each_once(outcome: &Outcome<'_>) {
    let what = outcome.what;
    for row in &outcome.rows {
        let name = name_of(row.number.row - 1);
        let stored = outcome.stored_as(&name);
        match row.state {
            RowState::At(Status::Ok) => {
                assert_eq!(stored, 1, "{what}: {name}");
                let customer = outcome.customer(row);
                assert_eq!(text(customer, "customerName"), name, "{what}: {row:?}");
            }
            RowState::At(Status::Unknown) => {
                assert_eq!((stored, outcome.stored_since), (0, 0), "{what}: {row:?}");
                assert!(!row.problems.is_empty(), "{what}: {row:?}");
            }
            _ => panic!("{what}: {row:?}"),
        }
    }
    let names: BTreeSet<&str> = outcome
        .customers
        .iter()
        .map(|customer| text(customer, "customerName"))
        .collect();
    assert_eq!(
        names.len(),
        outcome.customers.len(),
        "{what}: somebody twice"
    );
}

/// Asserts, for pairs of equal rows: each customer is stored at most twice, no `_id` answers two rows, and no row is in
/// doubt if a later add has shown that the search works.
fn each_pair_twice_at_most(outcome: &Outcome<'_>) {
    let what = outcome.what;
    let mut ids = Vec::new();
    for row in &outcome.rows {
        let name = name_of(row.number.row / 2);
        assert!(outcome.stored_as(&name) <= 2, "{what}: {name}");
        match row.state {
            RowState::At(Status::Ok) => {
                let customer = outcome.customer(row);
                assert_eq!(text(customer, "customerName"), name, "{what}: {row:?}");
                ids.push(text(customer, "_id"));
            }
            RowState::At(Status::Unknown) => {
                assert_eq!(outcome.stored_since, 0, "{what}: {row:?}");
            }
            _ => panic!("{what}: {row:?}"),
        }
    }
    let known = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), known, "{what}: one customer for two rows");
    if known == outcome.rows.len() {
        assert_eq!(outcome.customers.len(), known, "{what}");
    }
}

/// The key of the field that updates write.
const NOTE: &str = "textarea_p8xw_1687316455310";

/// Asserts, for updates: the customer of each `ok` row holds the new note, and nobody was added. Only a row that sets a
/// phone may be in doubt: its call may not be repeated.
fn each_updated(outcome: &Outcome<'_>) {
    let what = outcome.what;
    for row in &outcome.rows {
        let number = row.number.row - 1;
        match row.state {
            RowState::At(Status::Ok) => {
                let customer = outcome.customer(row);
                assert_eq!(text(customer, NOTE), format!("新 {number}"), "{what}");
            }
            RowState::At(Status::Unknown) => assert!(number.is_multiple_of(2), "{what}: {row:?}"),
            _ => panic!("{what}: {row:?}"),
        }
    }
    assert_eq!(outcome.customers.len(), outcome.rows.len(), "{what}");
}

pub(crate) fn server(stored: &[Customer]) -> Sandbox {
    let sandbox = Sandbox::start(Options::default()).unwrap();
    for customer in stored {
        sandbox.insert(customer.clone());
    }
    sandbox
}

/// Runs `work` on a state folder, and returns a crash point for every moment of it.
pub(crate) fn frozen(
    job: &Job,
    state: &Path,
    images: &Path,
    sandbox: Sandbox,
    work: impl FnOnce(&Context),
) -> Vec<CrashPoint> {
    let sandbox = Arc::new(sandbox);
    let window: Arc<Mutex<Vec<Vec<Customer>>>> = Arc::default();
    let points: Arc<Mutex<Vec<CrashPoint>>> = Arc::default();
    let (fate, seen) = (job.fate, Arc::clone(&window));
    let weak = Arc::downgrade(&sandbox);
    sandbox.on_call(move |call| {
        if !matches!(
            call.endpoint,
            Endpoint::Add | Endpoint::Update | Endpoint::Delete
        ) {
            return None;
        }
        if let Some(sandbox) = weak.upgrade() {
            seen.lock().unwrap().push(sandbox.customers());
        }
        fate(call.number)
    });
    let taken = Arc::new(AtomicU64::new(0));
    let freeze = {
        let (points, images) = (Arc::clone(&points), images.to_path_buf());
        let (state, sandbox) = (state.to_path_buf(), Arc::clone(&sandbox));
        let name = job.name;
        move |path: &Path| {
            let number = taken.fetch_add(1, Ordering::Relaxed);
            let files = images.join(number.to_string());
            copy_folder(&state, &files);
            let file = path.file_name().unwrap_or_default().to_string_lossy();
            let mut stored = std::mem::take(&mut *window.lock().unwrap());
            stored.push(sandbox.customers());
            stored.dedup();
            for (call, stored) in stored.into_iter().enumerate() {
                points.lock().unwrap().push(CrashPoint {
                    files: files.clone(),
                    what: format!("{name}: before change {number}, of {file}, {call} calls on"),
                    stored,
                });
            }
        }
    };
    let context = context_of(state, &sandbox, &job.manner);
    let watch = Watch::new(state, freeze);
    work(&context);
    drop(watch);
    drop(context);
    std::mem::take(&mut *points.lock().unwrap())
}

/// Resumes from a crash point as a person would, and asserts what came of it.
fn resume_from(job: &Job, point: &CrashPoint, source: &Path) {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&point.files, folder.path());
    let sandbox = server(&point.stored);
    let context = context_of(folder.path(), &sandbox, &job.manner);
    let id = go_on(job, &context, source, &point.what);
    settle_all(job, &id, &context);
    let outcome = Outcome {
        what: &point.what,
        rows: answers(&id, &context),
        customers: sandbox.customers(),
        stored_since: sandbox.counters().stored,
    };
    (job.judge)(&outcome);
    // Neither another resume nor an import of a copy of the file adds anybody.
    let again = run_resume(&id, &context, &job.manner);
    let copy = folder.path().join("copy.csv");
    std::fs::copy(source, &copy).unwrap();
    let copied = run_import(&copy, &context, &job.manner);
    assert_eq!(
        sandbox.counters().stored,
        outcome.stored_since,
        "{}: {again:?} {copied:?}",
        point.what
    );
}

/// Resumes as long as that settles rows: what one look-up found can prove more in the next.
fn settle_all(job: &Job, id: &JobId, context: &Context) {
    let mut doubts = usize::MAX;
    loop {
        let rows = answers(id, context);
        let unknown = |row: &&JournalRow| row.state == RowState::At(Status::Unknown);
        let left = rows.iter().filter(unknown).count();
        if left == 0 || left >= doubts {
            return;
        }
        doubts = left;
        match run_resume(id, context, &job.manner) {
            Ok(_) => {}
            Err(JobError::Finished(_)) => return,
            Err(error) => panic!("{}: {error:?}", job.name),
        }
    }
}

fn go_on(job: &Job, context: &Context, source: &Path, what: &str) -> JobId {
    let mut told = Vec::new();
    for folder in context.state.jobs().unwrap() {
        match run_resume(folder.id(), context, &job.manner) {
            Ok(_) | Err(JobError::Finished(_)) => return folder.id().clone(),
            Err(error) => told.push(error),
        }
    }
    // Nothing was decided yet, so nothing was sent: the import is typed again.
    match run_import(source, context, &job.manner) {
        Ok(report) => report.job,
        Err(error) => panic!("{what}: {told:?}, then {error:?}"),
    }
}

/// Runs `work` on every crash point, in two threads.
pub(crate) fn in_halves(points: &[CrashPoint], work: impl Fn(usize, &CrashPoint) + Sync) {
    std::thread::scope(|scope| {
        for half in 0..2 {
            let work = &work;
            scope.spawn(move || {
                for (number, point) in points.iter().enumerate().skip(half).step_by(2) {
                    work(number, point);
                }
            });
        }
    });
}

/// Freezes a job at every moment, and resumes from each. Returns how many crash points there were.
fn freeze_everywhere(job: &Job) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, &job.table).unwrap();
    let (state, images) = (folder.path().join("state"), folder.path().join("images"));
    let points = frozen(job, &state, &images, server(&job.before), |context| {
        run_import(&source, context, &job.manner).unwrap();
    });
    in_halves(&points, |_, point| resume_from(job, point, &source));
    println!("{}: {} crash points", job.name, points.len());
    points.len()
}

/// Freezes a job at every moment; freezes the resume from every `step`th crash point as well, and resumes from each of
/// those. Returns how many crash points of resumes there were.
fn freeze_resumes_everywhere(job: &Job, step: usize) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, &job.table).unwrap();
    let (state, images) = (folder.path().join("state"), folder.path().join("images"));
    let mut first = frozen(job, &state, &images, server(&job.before), |context| {
        run_import(&source, context, &job.manner).unwrap();
    });
    let mut number = 0;
    first.retain(|_| {
        number += 1;
        number % step == 0
    });
    let points = AtomicUsize::new(0);
    in_halves(&first, |number, point| {
        let state = folder.path().join(format!("resumed-{number}"));
        let images = folder.path().join(format!("again-{number}"));
        copy_folder(&point.files, &state);
        let second = frozen(job, &state, &images, server(&point.stored), |context| {
            go_on(job, context, &source, &point.what);
        });
        points.fetch_add(second.len(), Ordering::Relaxed);
        for twice in &second {
            resume_from(job, twice, &source);
        }
    });
    let points = points.into_inner();
    println!("{}: {points} crash points of resumes", job.name);
    points
}

pub(crate) fn adds(name: &'static str, rows: u32, copies: u32) -> Job {
    Job {
        name,
        table: table_of(rows, copies),
        before: Vec::new(),
        manner: Manner::default(),
        fate: nothing_happens,
        judge: if copies == 1 {
            each_once
        } else {
            each_pair_twice_at_most
        },
    }
}

fn stamped(job: Job) -> Job {
    Job {
        manner: Manner {
            stamp: Some("客户编号".to_owned()),
            ..job.manner
        },
        ..job
    }
}

/// Spoils every fourth row of a job's table, and corrects it beside the file.
fn corrected(job: Job) -> Job {
    let mut corrections = Corrections::default();
    let mut table = String::new();
    for (line, number) in job.table.lines().zip(1..) {
        if number % 4 != 3 {
            let _ = writeln!(table, "{line}");
            continue;
        }
        let (name, phone) = line.split_once(',').unwrap();
        corrections.correct(0, number, 0, name).unwrap();
        corrections.correct(0, number, 1, phone).unwrap();
        let _ = writeln!(table, ",{phone}x");
    }
    Job {
        table,
        manner: Manner {
            corrections,
            ..job.manner
        },
        ..job
    }
}

#[test]
fn so_is_one_whose_cells_were_corrected() {
    let points = freeze_everywhere(&corrected(adds("corrected adds", 12, 1)));
    assert!(points >= 45, "{points} crash points");
}

#[test]
fn a_job_frozen_at_every_moment_is_resumed_exactly() {
    let points = freeze_everywhere(&adds("adds", 14, 1));
    assert!(points >= 55, "{points} crash points");
}

#[test]
fn so_is_one_with_a_stamp() {
    let points = freeze_everywhere(&stamped(adds("stamped adds", 10, 1)));
    assert!(points >= 42, "{points} crash points");
}

#[test]
fn so_is_one_whose_replies_are_lost() {
    let job = Job {
        fate: replies_are_lost,
        ..adds("lost replies", 16, 1)
    };
    let points = freeze_everywhere(&job);
    // The number varies with which replies share a commit.
    assert!(points >= 50, "{points} crash points");
}

#[test]
fn so_is_one_of_twins() {
    let job = Job {
        fate: replies_are_lost,
        ..adds("twins", 8, 2)
    };
    let points = freeze_everywhere(&job);
    assert!(points >= 55, "{points} crash points");
}

#[test]
fn so_is_one_of_updates() {
    let mut table = "_id,手机,备注\n".to_owned();
    let mut before = Vec::new();
    for number in 1..=8_u32 {
        let id = 685_775_343_058_800_640_u64 + u64::from(number);
        let phone = if number.is_multiple_of(2) {
            "13900000000"
        } else {
            ""
        };
        let _ = writeln!(table, "{id},{phone},新 {number}");
        let customer = serde_json::json!({"_id": id.to_string(), "customerName": name_of(number)});
        before.extend(customer.as_object().cloned());
    }
    let job = Job {
        table,
        before,
        fate: replies_are_lost,
        judge: each_updated,
        ..adds("updates", 0, 1)
    };
    let points = freeze_everywhere(&job);
    assert!(points >= 35, "{points} crash points");
}

#[test]
fn a_resume_frozen_at_every_moment_is_resumed_exactly() {
    let job = Job {
        fate: replies_are_lost,
        ..adds("lost replies", 4, 1)
    };
    let points = freeze_resumes_everywhere(&job, 12);
    assert!(points >= 40, "{points} crash points");
}
