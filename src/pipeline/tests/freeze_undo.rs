//! Freezes undos and deletes at every moment, as `freeze.rs` does with imports, and goes on from each moment: the CRM
//! then holds what it would hold if the process had not died.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::RowState;
use crate::model::{JobId, Status};
use crate::pipeline::tests::bench::{
    Manner, answers, context_of, copy_folder, run_delete, run_import, run_resume, run_undo,
};
use crate::pipeline::tests::freeze::{
    CrashPoint, Customer, Job, adds, frozen, in_halves, name_of, replies_are_lost, server, text,
};
use crate::sandbox::Sandbox;

const NUMBER: &str = "text_k2ad_1687316401122";

/// Makes a customer with a phone and a number of its own.
fn customer(number: u32) -> Customer {
    let id = 685_775_343_058_800_640_u64 + u64::from(number);
    let customer = json!({
        "_id": id.to_string(),
        "customerName": name_of(number),
        "createTime": "2024-05-05 08:00:00",
        "mobile": [{"value": format!("138{number:08}"), "memo": "本人"}],
        NUMBER: format!("{number:05}"),
    });
    customer.as_object().cloned().unwrap()
}

/// Makes a table with a row for each customer, with another number than is stored and a further phone.
fn rows(numbers: impl Iterator<Item = u32>) -> String {
    let mut table = "客户名称,手机,手机2,客户编号\n".to_owned();
    for number in numbers {
        let _ = writeln!(
            table,
            "{},138{number:08},139{number:08},新 {number}",
            name_of(number)
        );
    }
    table
}

/// Returns what the CRM holds, by name, without the fields that it sets with every write.
fn content(sandbox: &Sandbox) -> BTreeMap<String, Vec<Customer>> {
    let mut by_name: BTreeMap<String, Vec<Customer>> = BTreeMap::new();
    for mut customer in sandbox.customers() {
        customer.retain(|key, _| !key.starts_with("update"));
        let name = text(&customer, "customerName").to_owned();
        by_name.entry(name).or_default().push(customer);
    }
    by_name
}

fn by_key(name: &'static str, fate: fn(u64) -> Option<crate::sandbox::FaultKind>) -> Job {
    Job {
        before: (1..=6).map(customer).collect(),
        table: rows((1..=4).chain(11..=13)),
        manner: Manner {
            key: vec!["手机".to_owned()],
            ..Manner::default()
        },
        fate,
        ..adds(name, 0, 1)
    }
}

/// Returns the undo in a state folder, if the run came so far.
fn undo_of(context: &Context) -> Option<JobId> {
    let jobs = context.state.jobs().unwrap().into_iter();
    let mut ids = jobs.map(|folder| folder.id().clone());
    ids.rfind(|id| id.as_str().contains("-undo-"))
}

/// Takes a job back, or goes on with its undo, and resumes until the undo is finished, three times at most.
fn take_back(job: &Job, original: &JobId, context: &Context, output: &Path, what: &str) -> JobId {
    let resumed = undo_of(context).map(|id| (run_resume(&id, context, &job.manner), id));
    let id = match resumed {
        Some((Ok(_) | Err(JobError::Finished(_)), id)) => id,
        // The undo died before it had decided anything, so it is typed again.
        _ => match run_undo(original, context, &job.manner, output) {
            Ok(report) => report.job,
            Err(error) => panic!("{what}: {error:?}"),
        },
    };
    for _ in 0..3 {
        match run_resume(&id, context, &job.manner) {
            Ok(_) => {}
            Err(JobError::Finished(_)) => break,
            Err(error) => panic!("{what}: {error:?}"),
        }
    }
    id
}

fn undone_exactly(job: &Job) -> usize {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, &job.table).unwrap();
    let (state, images) = (folder.path().join("state"), folder.path().join("images"));
    let sandbox = server(&job.before);
    let wanted = content(&sandbox);
    let context = context_of(&state, &sandbox, &job.manner);
    let original = run_import(&source, &context, &job.manner).unwrap().job;
    drop(context);
    let imported = server(&sandbox.customers());
    let output = folder.path().join("undo.csv");
    let points = frozen(job, &state, &images, imported, |context| {
        run_undo(&original, context, &job.manner, &output).unwrap();
    });
    in_halves(&points, |_, point| {
        let (state, sandbox, context) = reopened(job, point);
        let output = state.path().join("undo.csv");
        take_back(job, &original, &context, &output, &point.what);
        assert_eq!(content(&sandbox), wanted, "{}", point.what);
    });
    println!("{}: {} crash points", job.name, points.len());
    points.len()
}

fn reopened(job: &Job, point: &CrashPoint) -> (tempfile::TempDir, Sandbox, Context) {
    let state = tempfile::tempdir().unwrap();
    copy_folder(&point.files, state.path());
    let sandbox = server(&point.stored);
    let context = context_of(state.path(), &sandbox, &job.manner);
    (state, sandbox, context)
}

#[test]
fn an_undo_frozen_at_every_moment_is_gone_on_with_exactly() {
    let points = undone_exactly(&by_key("undo", |_| None));
    assert!(points >= 25, "{points} crash points");
}

#[test]
fn so_is_one_whose_replies_are_lost() {
    let points = undone_exactly(&by_key("undo, lost replies", replies_are_lost));
    assert!(points >= 25, "{points} crash points");
}

/// A delete is frozen at every moment, and then its undo. No customer comes back twice, and a customer is missing only
/// if its row is in doubt.
#[test]
fn a_delete_and_its_undo_frozen_at_every_moment_bring_everybody_back_once() {
    let job = Job {
        before: (1..=6).map(customer).collect(),
        table: (1..=5).fold("_id\n".to_owned(), |mut table, number| {
            table.push_str(text(&customer(number), "_id"));
            table.push('\n');
            table
        }),
        ..adds("delete", 0, 1)
    };
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, &job.table).unwrap();
    let (state, images) = (folder.path().join("state"), folder.path().join("images"));
    let points = frozen(&job, &state, &images, server(&job.before), |context| {
        run_delete(&source, context, &job.manner).unwrap();
    });
    let last = points.len() - 1;
    in_halves(&points, |number, point| {
        let (state, sandbox, context) = reopened(&job, point);
        let jobs = context.state.jobs().unwrap();
        let resumed = jobs.first().map(|job_folder| {
            (
                run_resume(job_folder.id(), &context, &job.manner),
                job_folder,
            )
        });
        let id = match resumed {
            Some((Ok(_) | Err(JobError::Finished(_)), folder)) => folder.id().clone(),
            _ => run_delete(&source, &context, &job.manner).unwrap().job,
        };
        let left: Vec<_> = content(&sandbox).into_keys().collect();
        assert_eq!(left, [name_of(6)], "{}", point.what);
        if number % 7 == 0 || number == last {
            come_back(&job, &id, state.path(), &sandbox, &point.what);
        }
    });
    println!("delete: {} crash points", points.len());
    assert!(points.len() >= 20, "{} crash points", points.len());
}

fn come_back(job: &Job, deleted: &JobId, state: &Path, sandbox: &Sandbox, what: &str) {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    let own = folder.path().join("state");
    copy_folder(state, &own);
    let output = folder.path().join("undo.csv");
    let points = frozen(
        job,
        &own,
        &images,
        server(&sandbox.customers()),
        |context| {
            run_undo(deleted, context, &job.manner, &output).unwrap();
        },
    );
    for point in &points {
        let what = format!("{what}; {}", point.what);
        let (state, sandbox, context) = reopened(job, point);
        let output = state.path().join("undo.csv");
        let id = take_back(job, deleted, &context, &output, &what);
        let stored = content(&sandbox);
        for (name, customers) in &stored {
            assert_eq!(customers.len(), 1, "{what}: {name}");
        }
        let rows = answers(&id, &context);
        let in_doubt = rows
            .iter()
            .filter(|row| row.state == RowState::At(Status::Unknown))
            .count();
        assert_eq!(stored.len() + in_doubt, 6, "{what}: {rows:?}");
        for number in 1..=6 {
            let Some(back) = stored.get(&name_of(number)).and_then(|all| all.first()) else {
                continue;
            };
            let was = customer(number);
            for key in ["mobile", NUMBER] {
                assert_eq!(back.get(key), was.get(key), "{what}: {key}");
            }
        }
    }
}
