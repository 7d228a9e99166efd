//! Properties that hold for every server that the contract allows, and wherever the process is killed: no row is stored
//! twice, no customer answers two rows, every row is answered, and the customer of an `ok` row is stored under its
//! `_id`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use proptest::prelude::*;

use crate::crm::{Retry, RetryPolicy, ServerClock};
use crate::job::call_counter::CallCounter;
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::moment::Watch;
use crate::journal::{Journal, RowState, StateFolder};
use crate::lang::Lang;
use crate::model::{JobId, Monitor, Status, Stop, VoidMonitor};
use crate::pipeline::tests::bench::{
    JumpClock, Manner, answers, copy_folder, pace_of, run_import, run_resume,
};
use crate::pipeline::tests::model::{
    Change, Colleague, Fate, Habits, Model, STAMP, Search, Updates, content,
};

/// Names, some of which servers tend to change. A file holds few of them, so that rows are alike.
const NAMES: [&str; 6] = [
    "云帆",
    "Yunfan Ltd",
    "ＹＵＮＦＡＮ",
    "云帆 一部",
    "远航",
    "Yuan-Hang",
];
const PHONES: [&str; 6] = [
    "",
    "13800000001",
    "13800000002",
    "+86 13800000003",
    "138 0000 0004",
    "０５７１-88880005",
];
const ADDRESSES: [&str; 4] = ["", "a@example.com", "B@Example.com", "c@example.com"];

/// An import and everything that happens to it.
#[derive(Debug, Clone)]
struct Story {
    /// The rows: indices into [`NAMES`], [`PHONES`] and [`ADDRESSES`].
    rows: Vec<(usize, usize, usize)>,
    habits: Habits,
    stamped: bool,
    concurrency: usize,
    /// The numbers of the commit or sync at which each run is killed.
    kills: Vec<u64>,
}

fn fate() -> impl Strategy<Value = Fate> {
    prop_oneof![
        6 => Just(Fate::Fine),
        2 => Just(Fate::Lost),
        2 => Just(Fate::NotStored),
        1 => Just(Fate::BusyAfter),
        1 => Just(Fate::BusyBefore),
        // An add that is stored later than `settle` breaks the promise that the proof rests on.
        1 => (1..50_u64).prop_map(Fate::Late),
        1 => Just(Fate::Refused),
    ]
}

fn search() -> impl Strategy<Value = Search> {
    prop_oneof![
        8 => Just(Search::Works),
        1 => Just(Search::Nothing),
        1 => Just(Search::Everybody),
        1 => Just(Search::Refused),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => Just(Change::Nothing),
        1 => Just(Change::Lower),
        1 => Just(Change::Fold),
        1 => Just(Change::Country),
        1 => Just(Change::Squeeze),
        1 => Just(Change::Reverse),
    ]
}

fn colleague() -> impl Strategy<Value = Colleague> {
    prop_oneof![
        8 => Just(Colleague::Nobody),
        1 => Just(Colleague::Equal),
        1 => Just(Colleague::SamePhone),
    ]
}

fn habits() -> impl Strategy<Value = Habits> {
    let lag = || prop_oneof![3 => Just(0), 1 => 1..200_u64];
    (
        prop::collection::vec(fate(), 1..9),
        prop::collection::vec(colleague(), 1..7),
        prop::collection::vec(change(), 1..3),
        any::<bool>(),
        [search(), search(), search(), search()],
        [lag(), lag(), lag(), lag()],
        prop_oneof![Just(100_usize), 1..4_usize],
        any::<bool>(),
        prop_oneof![3 => Just(0_i64), 1 => -4000..4000_i64],
        updates(),
    )
        .prop_map(
            |(
                fates,
                colleagues,
                changes,
                changes_queries,
                search,
                lag_seconds,
                page_cap,
                pages_move,
                offset_seconds,
                updates,
            )| Habits {
                // A customer that is stored late must be found within `settle`. One that is stored at once may be found
                // later.
                lag_seconds: if fates.iter().any(|fate| matches!(fate, Fate::Late(_))) {
                    lag_seconds.map(|lag| lag.min(5))
                } else {
                    lag_seconds
                },
                fates,
                colleagues,
                changes,
                changes_queries,
                search,
                page_cap,
                pages_move,
                offset_seconds,
                updates,
            },
        )
}

fn updates() -> impl Strategy<Value = Updates> {
    prop_oneof![
        4 => Just(Updates::Renew),
        1 => Just(Updates::Keep),
        1 => Just(Updates::Hide),
        1 => Just(Updates::Refuse),
    ]
}

/// Generates rows that no server has a reason to change.
fn plain_row() -> impl Strategy<Value = (usize, usize, usize)> {
    (
        prop::sample::select(vec![0, 4]),
        0..3_usize,
        prop::sample::select(vec![0, 1, 3]),
    )
}

fn any_row() -> impl Strategy<Value = (usize, usize, usize)> {
    (0..NAMES.len(), 0..PHONES.len(), 0..ADDRESSES.len())
}

fn story(row: impl Strategy<Value = (usize, usize, usize)>) -> impl Strategy<Value = Story> {
    (
        prop::collection::vec(row, 2..9),
        habits(),
        any::<bool>(),
        1..4_usize,
        prop::collection::vec(4..40_u64, 0..3),
    )
        .prop_map(|(rows, habits, stamped, concurrency, kills)| Story {
            rows,
            habits,
            stamped,
            concurrency,
            kills,
        })
}

impl Story {
    fn table(&self) -> String {
        let mut table = "客户名称,手机,邮箱\n".to_owned();
        for (name, phone, address) in &self.rows {
            let cells = (NAMES[*name], PHONES[*phone], ADDRESSES[*address]);
            let _ = writeln!(table, "{},{},{}", cells.0, cells.1, cells.2);
        }
        table
    }

    fn manner(&self) -> Manner {
        Manner {
            stamp: self.stamped.then(|| STAMP.to_owned()),
            concurrency: self.concurrency,
            settle: Duration::from_secs(60),
            ..Manner::default()
        }
    }
}

pub(crate) fn context_of(
    state: &Path,
    model: &Model,
    clock: &JumpClock,
    manner: &Manner,
) -> Context {
    let stop = Stop::new();
    let monitor = Arc::new(CallCounter::new(Arc::new(VoidMonitor)));
    let watched: Arc<dyn Monitor> = monitor.clone();
    let pace = pace_of(manner, clock, &watched);
    let retry = Retry::new(
        model.clone(),
        "model",
        RetryPolicy::default(),
        pace.clone(),
        watched,
        stop.clone(),
    );
    Context {
        hints: crate::lang::hint::Hints::default(),
        owners: crate::stored::OwnerNames::default(),
        state: StateFolder::open(state).unwrap(),
        crm: Arc::new(retry),
        pace,
        monitor,
        stop,
        server_clock: Arc::new(ServerClock::default()),
        clock: Arc::new(clock.clone()),
        lang: Lang::En,
    }
}

/// Runs once: resumes a job that was stopped, else imports the file.
pub(crate) fn run(context: &Context, source: &Path, manner: &Manner) -> Result<JobId, JobError> {
    for folder in context.state.jobs()? {
        match run_resume(folder.id(), context, manner) {
            Ok(report) => return Ok(report.job),
            Err(JobError::Finished(job)) => return Ok(job),
            Err(_) => {}
        }
    }
    run_import(source, context, manner).map(|report| report.job)
}

/// Runs once and is killed at commit number `kill`. Returns the server as it was then; `None` if the run ended before.
fn killed_run(
    folder: &Path,
    (state, next): (&Path, &Path),
    (model, clock): (&Model, &JumpClock),
    manner: &Manner,
    kill: u64,
) -> Option<Model> {
    let context = context_of(state, model, clock, manner);
    let survivor: Arc<Mutex<Option<Model>>> = Arc::default();
    let watcher = {
        let (survivor, count) = (Arc::clone(&survivor), AtomicU64::new(1));
        let (state, next) = (state.to_path_buf(), next.to_path_buf());
        let (model, stop) = (model.clone(), context.stop.clone());
        move |_: &Path| {
            if count.fetch_add(1, Ordering::Relaxed) != kill {
                return;
            }
            copy_folder(&state, &next);
            *survivor.lock().unwrap() = Some(model.as_of_now());
            // What this process does from now on did not happen, so it is made to end soon.
            model.die();
            stop.request();
        }
    };
    let watch = Watch::new(state, watcher);
    // A run that was killed has no result.
    let _ = run(&context, &folder.join("list.csv"), manner);
    drop(watch);
    survivor.lock().unwrap().take()
}

fn holds(story: &Story) -> Result<(), TestCaseError> {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, story.table()).unwrap();
    let (clock, manner) = (JumpClock::new(), story.manner());
    let mut model = Model::new(story.habits.clone(), clock.clone());
    let mut state = folder.path().join("state-0");
    for (number, kill) in story.kills.iter().enumerate() {
        let next = folder.path().join(format!("state-{}", number + 1));
        let parts = ((state.as_path(), next.as_path()), (&model, &clock));
        if let Some(survivor) = killed_run(folder.path(), parts.0, parts.1, &manner, *kill) {
            (model, state) = (survivor, next);
        }
    }
    let mut job = None;
    for _ in 0..3 {
        let context = context_of(&state, &model, &clock, &manner);
        let done = run(&context, &source, &manner);
        prop_assert!(done.is_ok(), "{done:?}");
        job = done.ok();
    }
    let job = job.expect("three runs");
    let context = context_of(&state, &model, &clock, &manner);
    judge(story, &job, &context, &model)
}

fn judge(
    story: &Story,
    job: &JobId,
    context: &Context,
    model: &Model,
) -> Result<(), TestCaseError> {
    let stored = model.stored();
    let rows = answers(job, context);
    prop_assert_eq!(rows.len(), story.rows.len());
    let journal = Journal::read(&context.state.job(job).unwrap()).unwrap();
    let mut wanted: BTreeMap<String, usize> = BTreeMap::new();
    let mut ids = BTreeSet::new();
    for row in &rows {
        let whole = journal.row(row.number).unwrap().expect("the row");
        let record = whole.record.clone().unwrap_or_default();
        *wanted.entry(content(&record)).or_default() += 1;
        match row.state {
            RowState::At(Status::Ok) => {
                let id = row.customer.clone().expect("an id");
                let customer = stored.iter().find(|it| it.customer.id == id);
                prop_assert!(customer.is_some(), "nobody has the id of {row:?}");
                let sent = customer.map(|it| it.sent.clone());
                prop_assert_eq!(sent, Some(content(&record)), "{:?}", row);
                prop_assert!(ids.insert(id), "one customer for two rows: {row:?}");
            }
            RowState::At(Status::Unknown | Status::Failed) => {
                prop_assert!(!row.problems.is_empty(), "no reason: {row:?}");
            }
            _ => prop_assert!(false, "not answered: {row:?}"),
        }
    }
    let mut ours: BTreeMap<&str, usize> = BTreeMap::new();
    for customer in stored.iter().filter(|it| it.ours) {
        *ours.entry(&customer.sent).or_default() += 1;
    }
    for (sent, count) in ours {
        let rows_of_it = wanted.get(sent).copied().unwrap_or(0);
        prop_assert!(
            count <= rows_of_it,
            "{rows_of_it} rows, stored {count} times: {sent}\n{rows:#?}\n{stored:#?}"
        );
    }
    Ok(())
}

fn config() -> ProptestConfig {
    let cases = std::env::var("PROPTEST_CASES").ok();
    ProptestConfig {
        cases: cases.and_then(|text| text.parse().ok()).unwrap_or(16),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn no_row_is_stored_twice_by_a_server_that_changes_none_of_its_values(story in story(plain_row())) {
        holds(&story)?;
    }

    #[test]
    fn no_row_is_stored_twice_by_a_server_that_changes_nothing(mut story in story(any_row())) {
        story.habits.changes = Vec::new();
        holds(&story)?;
    }

    #[test]
    fn no_row_is_stored_twice_whatever_the_server_does(story in story(any_row())) {
        holds(&story)?;
    }
}
