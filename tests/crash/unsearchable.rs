//! A server on which no field can be searched: what is in doubt stays so until a person has looked, and is never sent
//! again before.

use super::faults::{ALL_AT_ONCE, DOUBTS, in_doubt, third_add_of};
use crate::support::{Endpoint, Fault, FaultKind, Options, Output, Scene, fixture, named};

/// Ten rows of which the third add meets a fault, against a server on which nothing can be searched.
fn third_add_unsearchable(fault: FaultKind) -> (Scene, Output) {
    let fields = Some(fixture("unsearchable.json"));
    third_add_of(
        Scene::with(Options {
            fields,
            ..Options::default()
        }),
        fault,
    )
}

#[test]
fn an_add_in_doubt_that_cannot_be_looked_up_is_unknown_and_never_sent_again() {
    for (fault, stored) in DOUBTS {
        let (scene, run) = third_add_unsearchable(fault);
        let sheet = run.exits(6).sheet();
        assert_eq!(
            (sheet.count("ok"), sheet.count("unknown")),
            (9, 1),
            "{fault:?}"
        );
        assert_eq!(
            scene.crm.customer_count(),
            if stored { 10 } else { 9 },
            "{fault:?}"
        );
        assert_eq!(scene.adds(), 10, "{fault:?}");
        let row = in_doubt(&sheet);
        assert_eq!(sheet.cell(row, "_error_code"), "E510");
        assert!(
            sheet
                .cell(row, "_error")
                .contains("no field that was sent can be searched")
        );
        assert!(!sheet.cell(row, "_tip").is_empty());
        // Neither resume nor a second import sends it.
        let job = scene.jobs().pop().unwrap();
        scene.ferry(&format!("resume {job}")).exits(6);
        scene.ferry("import list.csv").exits(6);
        assert_eq!(scene.adds(), 10, "{fault:?}");
    }
}

/// Nothing can be searched: what is in doubt stays so, and each such row says why and what to do.
#[test]
fn a_server_that_cannot_search_doubles_nobody() {
    let scene = Scene::with(Options {
        fields: Some(fixture("unsearchable.json")),
        faults: ALL_AT_ONCE
            .iter()
            .map(|(kind, probability)| Fault::new(*kind, *probability).at(Endpoint::Add))
            .collect(),
        seed: 14,
        ..Options::default()
    });
    scene.save("list.csv", &named(300));
    let run = scene.ferry("import list.csv --json").exits(6);
    let sheet = run.sheet();
    scene.agrees_with(&sheet);
    assert_eq!(sheet.count("ok") + sheet.count("unknown"), 300);
    assert_eq!(scene.adds(), 300, "nothing was sent again");
    for row in 0..300 {
        if sheet.cell(row, "_status") == "unknown" {
            let why = sheet.cell(row, "_error");
            assert!(why.contains("can be searched"), "row {row}: {why}");
            assert!(!sheet.cell(row, "_tip").is_empty(), "row {row}");
        }
    }
}

/// A row that somebody settled by its `_id` is not sent again by a later resume of the job that doubted it.
#[test]
fn a_row_settled_by_hand_is_not_sent_by_a_late_resume() {
    let (scene, run) = third_add_unsearchable(FaultKind::LostReply);
    let mut sheet = run.exits(6).sheet();
    let job = scene.jobs().pop().unwrap();
    let row = in_doubt(&sheet);
    let name = sheet.cell(row, "客户名称").to_owned();
    sheet.set(row, "_id", &scene.id_of(&name));
    scene.save("found.csv", &sheet);
    scene.ferry("import found.csv").exits(9);
    let line = format!("resume {job} --json");
    let resumed = scene.ferry(&line).exits(0).sheet();
    assert_eq!(resumed.count("ok"), 10);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
}

/// What the tip of a row in doubt says: the customer is not there, so `_status` and `_id` are cleared.
#[test]
fn a_row_in_doubt_that_is_cleared_by_hand_is_sent() {
    let (scene, run) = third_add_unsearchable(FaultKind::Dropped);
    let mut sheet = run.exits(6).sheet();
    let row = in_doubt(&sheet);
    sheet.set(row, "_status", "");
    sheet.set(row, "_id", "");
    scene.save("cleared.csv", &sheet);
    let answer = scene.ferry("import cleared.csv --json").exits(0).sheet();
    assert_eq!(answer.cell(row, "_status"), "ok");
    assert_eq!((scene.adds(), scene.crm.customer_count()), (11, 10));
    // Once settled, the first sheet sends it no more.
    scene.ferry("import cleared.csv").exits(9);
    assert_eq!(scene.crm.customer_count(), 10);
}

/// What the tip of a row in doubt says: the customer is there, so its `_id` is put in.
#[test]
fn a_row_in_doubt_whose_id_is_put_in_is_settled() {
    let (scene, run) = third_add_unsearchable(FaultKind::LostReply);
    let mut sheet = run.exits(6).sheet();
    let row = in_doubt(&sheet);
    let name = sheet.cell(row, "客户名称").to_owned();
    sheet.set(row, "_id", &scene.id_of(&name));
    scene.save("found.csv", &sheet);
    let answer = scene.ferry("import found.csv --json").exits(9).sheet();
    assert_eq!(answer.count("skipped"), 10);
    assert_eq!((scene.adds(), scene.crm.customer_count()), (10, 10));
}
