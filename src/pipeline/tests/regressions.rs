//! Regression tests that need a clock that does not wait. The others are in `tests/crash/regressions/`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use crate::job::report::Report;
use crate::journal::{JobStatus, Journal, RowState};
use crate::model::{Code, JobId, Status};
use crate::pipeline::tests::bench::{Manner, answers, context_of, run_import, run_resume};
use crate::sandbox::{Endpoint, FaultKind, Options, Sandbox};

struct Scene {
    folder: tempfile::TempDir,
    crm: Sandbox,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            crm: Sandbox::start(Options::default()).unwrap(),
        }
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn import(&self, source: &Path) -> Report {
        let manner = one_sender();
        let context = context_of(&self.state(), &self.crm, &manner);
        run_import(source, &context, &manner).unwrap()
    }

    fn resume(&self, job: &JobId) -> Report {
        let manner = one_sender();
        let context = context_of(&self.state(), &self.crm, &manner);
        run_resume(job, &context, &manner).unwrap()
    }

    /// Returns the state of each row of a job, and the code of its first problem.
    fn rows(&self, job: &JobId) -> Vec<(RowState, Option<Code>)> {
        let context = context_of(&self.state(), &self.crm, &one_sender());
        let rows = answers(job, &context).into_iter();
        rows.map(|row| (row.state, row.problems.first().map(|problem| problem.code)))
            .collect()
    }
}

/// Returns settings with one sender, so that calls leave in the order of the rows.
fn one_sender() -> Manner {
    Manner {
        concurrency: 1,
        ..Manner::default()
    }
}

fn names(numbers: std::ops::RangeInclusive<u32>) -> String {
    let mut table = "客户名称,手机\n".to_owned();
    for number in numbers {
        let _ = writeln!(table, "客户 {number:03},138{number:08}");
    }
    table
}

/// Once, a result sheet made ferry look up the rows in doubt of its job as a resume does. By that, updates of unknown
/// outcome became pending in a job that was finished: nothing sent them, and nobody was told.
///
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_look_at_a_finished_job_leaves_its_updates_alone() {
    let scene = Scene::new();
    let customer = serde_json::json!({"customerName": "老客户"});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    let table = format!("_id,客户名称,备注\n{id},老客户,新\n,甲,一\n");
    let source = scene.write("list.csv", &table);
    scene.crm.on_call(|call| {
        matches!(call.endpoint, Endpoint::Update | Endpoint::Add).then_some(FaultKind::Dropped)
    });
    let job = scene.import(&source).job;
    scene.crm.on_call(|_| None);
    let unknown = RowState::At(Status::Unknown);
    let doubts = [
        (unknown, Some(Code::UpdateUnknown)),
        (unknown, Some(Code::SearchUnproven)),
    ];
    assert_eq!(scene.rows(&job), doubts);
    // Only the row that was to be added is imported again.
    let result = std::fs::read_to_string(source.with_extension("result.csv")).unwrap();
    let kept: Vec<&str> = result
        .lines()
        .filter(|line| !line.contains("老客户"))
        .collect();
    assert_eq!(kept.len(), 2);
    let lists = scene.crm.counters().calls_to(Endpoint::List);
    scene.import(&scene.write("mended.csv", &kept.join("\n")));
    assert!(scene.crm.counters().calls_to(Endpoint::List) > lists);
    assert_eq!(scene.rows(&job), doubts);
    let context = context_of(&scene.state(), &scene.crm, &one_sender());
    let journal = Journal::read(&context.state.job(&job).unwrap()).unwrap();
    assert_eq!(journal.status().unwrap(), JobStatus::Finished);
}

/// A search that fails proves nothing: the row stays in doubt until a search works.
///
/// Guards d7efb28, 2026-11-23.
#[test]
fn a_search_that_fails_leaves_the_row_in_doubt_until_one_works() {
    let scene = Scene::new();
    let source = scene.write("list.csv", &names(1..=6));
    scene.crm.on_call(|call| match call.endpoint {
        Endpoint::Add => (call.number == 3).then_some(FaultKind::Dropped),
        // Every search fails. Each fourth list call is the probe whether the CRM is there, and that is answered.
        Endpoint::List => (call.number % 4 != 0).then_some(FaultKind::ErrorBefore),
        _ => None,
    });
    let job = scene.import(&source).job;
    let third = || scene.rows(&job).remove(2);
    assert_eq!(
        third(),
        (RowState::At(Status::Unknown), Some(Code::SearchRefused))
    );
    scene.crm.on_call(|_| None);
    assert_eq!(scene.resume(&job).exit_code(), 0);
    assert_eq!(third(), (RowState::At(Status::Ok), None));
    assert_eq!(scene.crm.customer_count(), 6);
}

/// Once, ferry said that `resume` settles an update of unknown outcome, and `resume` said that there was nothing to do.
///
/// Guards 95b3407, 2026-11-23.
#[test]
fn an_update_of_unknown_outcome_is_repeated_by_resume() {
    let scene = Scene::new();
    let customer = serde_json::json!({"customerName": "老客户"});
    let id = scene.crm.insert(customer.as_object().cloned().unwrap());
    let source = scene.write("list.csv", &format!("_id,备注\n{id},新\n"));
    scene
        .crm
        .on_call(|call| (call.endpoint == Endpoint::Update).then_some(FaultKind::Dropped));
    let report = scene.import(&source);
    assert_eq!(report.exit_code(), 6);
    scene.crm.on_call(|_| None);
    assert_eq!(scene.resume(&report.job).exit_code(), 0);
    let stored = scene.crm.customer(&id).expect("it is still there");
    assert_eq!(stored["textarea_p8xw_1687316455310"], "新");
}

/// Once, an `_id` that was typed in and could not be read ended the whole import, and each later one.
///
/// Guards 3392bfd, 2026-11-23.
#[test]
fn an_id_that_cannot_be_looked_at_is_a_matter_of_its_row() {
    let scene = Scene::new();
    let source = scene.write("list.csv", &names(1..=4));
    scene.crm.on_call(|call| match call.endpoint {
        Endpoint::Add => (call.number == 4).then_some(FaultKind::ErrorAfter),
        // Every search fails. Each fourth list call is the probe whether the CRM is there, and that is answered.
        Endpoint::List => (call.number % 4 != 0).then_some(FaultKind::ErrorBefore),
        _ => None,
    });
    let job = scene.import(&source).job;
    assert_eq!(scene.rows(&job)[3].0, RowState::At(Status::Unknown));
    let customers = scene.crm.customers();
    let found = customers.iter().find(|it| it["customerName"] == "客户 004");
    let id = found.expect("it is stored")["_id"].as_str().unwrap();
    let result = std::fs::read_to_string(source.with_extension("result.csv")).unwrap();
    let mended = scene.write("mended.csv", &with_id(&result, id));
    scene
        .crm
        .on_call(|call| (call.endpoint == Endpoint::Find).then_some(FaultKind::ErrorBefore));
    let job = scene.import(&mended).job;
    let fourth = |job| scene.rows(job).remove(3);
    assert_eq!(
        fourth(&job),
        (RowState::At(Status::Invalid), Some(Code::NotRead))
    );
    scene.crm.on_call(|_| None);
    let job = scene.import(&mended).job;
    assert_eq!(
        fourth(&job),
        (RowState::At(Status::Skipped), Some(Code::SettledLater))
    );
    assert_eq!(scene.crm.customer_count(), 4);
}

/// Returns a result sheet with an `_id` typed into its last row.
fn with_id(sheet: &str, id: &str) -> String {
    let mut reader = csv::Reader::from_reader(sheet.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().unwrap().clone();
    let at = header
        .iter()
        .position(|name| name == "_id")
        .expect("the column");
    let mut rows: Vec<Vec<String>> = reader
        .records()
        .map(|row| row.unwrap().iter().map(str::to_owned).collect())
        .collect();
    id.clone_into(&mut rows.last_mut().expect("a row")[at]);
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&header).unwrap();
    for row in &rows {
        writer.write_record(row).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}
