//! A record of a job that cannot be read back ends the command. It is never taken for an empty one.

use std::path::PathBuf;

use crate::job::error::JobError;
use crate::job::spec::JobSpec;
use crate::journal::{Journal, JournalError, PlannedRow};
use crate::model::{JobId, RowNumber, Status, VoidMonitor};
use crate::pipeline::tests::bench::{
    Manner, context_of, run_delete, run_import, run_undo, sandbox,
};
use crate::results::result::{ResultOptions, write_result};
use crate::sandbox::Sandbox;

struct Scene {
    folder: tempfile::TempDir,
    crm: Sandbox,
    manner: Manner,
}

impl Scene {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            crm: sandbox(),
            manner: Manner::default(),
        }
    }

    fn context(&self) -> crate::job::context::Context {
        context_of(&self.folder.path().join("state"), &self.crm, &self.manner)
    }

    fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    fn customer(&self) -> String {
        let customer =
            serde_json::json!({"customerName": "甲", "textarea_p8xw_1687316455310": "旧"});
        self.crm.insert(customer.as_object().cloned().unwrap())
    }

    /// Changes the journal of a job by ferry's own means, so that every checksum is in order.
    fn damage(&self, job: &JobId, act: impl FnOnce(&mut Journal)) {
        let folder = self.context().state.job(job).unwrap();
        act(&mut Journal::open(&folder).unwrap());
    }
}

/// If the copy were taken for an empty customer, nothing would be given back, or everything would seem to be a
/// colleague's change.
#[test]
fn an_undo_stops_at_a_copy_that_cannot_be_read() {
    for is_delete in [false, true] {
        let scene = Scene::new();
        let id = scene.customer();
        let report = if is_delete {
            let list = scene.write("gone.csv", &format!("_id\n{id}\n"));
            run_delete(&list, &scene.context(), &scene.manner).unwrap()
        } else {
            let list = scene.write("list.csv", &format!("_id,备注\n{id},新\n"));
            run_import(&list, &scene.context(), &scene.manner).unwrap()
        };
        assert_eq!(report.status(Status::Ok), 1);
        let before = scene.crm.customers();
        scene.damage(&report.job, |journal| {
            journal
                .keep_before(&[(RowNumber::new(2), "{\"_id\":")])
                .unwrap();
        });
        let sheet = scene.folder.path().join("undone.csv");
        let error = run_undo(&report.job, &scene.context(), &scene.manner, &sheet);
        assert!(
            matches!(error, Err(JobError::UnreadableCustomer(_))),
            "{error:?}"
        );
        assert_eq!(scene.crm.customers(), before);
    }
}

#[test]
fn a_row_that_the_source_does_not_have_is_no_row_without_an_answer() {
    let scene = Scene::new();
    let source = scene.write("list.csv", "客户名称\n甲\n乙\n");
    let report = run_import(&source, &scene.context(), &scene.manner).unwrap();
    for row in [1, 4] {
        let context = scene.context();
        let folder = context.state.job(&report.job).unwrap();
        let write = || {
            let spec = JobSpec::load(&folder).unwrap();
            let journal = Journal::read(&folder).unwrap();
            let options = ResultOptions {
                output: Some(scene.folder.path().join("again.csv")),
                ..ResultOptions::default()
            };
            write_result(&folder, &spec, &journal, &options, &VoidMonitor)
        };
        if row == 1 {
            write().unwrap();
        }
        let extra = PlannedRow::new(RowNumber::new(row), Status::Skipped);
        scene.damage(&report.job, |journal| {
            journal.plan(std::slice::from_ref(&extra)).unwrap();
        });
        match write() {
            Err(JobError::Journal(JournalError::WithoutSource { row: named, .. })) => {
                assert_eq!(named, 1, "the first is named");
            }
            other => panic!("{other:?}"),
        }
    }
}
