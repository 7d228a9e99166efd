//! Single servers of those that the contract allows, and exactly what comes of a job on each.

use std::time::Duration;

use crate::journal::{JournalRow, RowState};
use crate::model::{Code, Status};
use crate::pipeline::tests::bench::{JumpClock, Manner, answers};
use crate::pipeline::tests::model::{Change, Colleague, Fate, Habits, Model, Search, Updates};
use crate::pipeline::tests::properties::{context_of, run};

/// Returns the habits of a server that does nothing unusual.
fn plain() -> Habits {
    Habits {
        fates: vec![Fate::Fine],
        colleagues: vec![Colleague::Nobody],
        changes: Vec::new(),
        changes_queries: false,
        search: [Search::Works; 4],
        lag_seconds: [0; 4],
        page_cap: 100,
        pages_move: false,
        offset_seconds: 0,
        updates: Updates::Renew,
    }
}

/// Loses replies and calls, but not the last of a job, and none that is made again.
fn trouble() -> Vec<Fate> {
    let trouble = [Fate::Fine, Fate::Lost, Fate::NotStored, Fate::Fine];
    let again = [Fate::Fine; 36];
    trouble.repeat(3).into_iter().chain(again).collect()
}

/// Makes a table of twelve customers whose names hold capitals, and whose phones are digits.
fn table() -> String {
    let row = |number: u32| format!("Yunfan {number:02} Ltd,138{number:08}\n");
    let rows: String = (1..=12).map(row).collect();
    format!("客户名称,手机\n{rows}")
}

/// Imports the table and resumes `resumes` times. Returns the server and the rows.
fn imported(habits: Habits, clock: &JumpClock, resumes: u32) -> (Model, Vec<JournalRow>) {
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("list.csv");
    std::fs::write(&source, table()).unwrap();
    let manner = Manner {
        settle: Duration::from_secs(60),
        ..Manner::default()
    };
    let model = Model::new(habits, clock.clone());
    let state = folder.path().join("state");
    let context = context_of(&state, &model, clock, &manner);
    let job = run(&context, &source, &manner).unwrap();
    for _ in 0..resumes {
        run(&context, &source, &manner).unwrap();
    }
    (model, answers(&job, &context))
}

fn count(rows: &[JournalRow], status: Status) -> usize {
    let same = rows.iter().filter(|row| row.state == RowState::At(status));
    same.count()
}

/// Asserts that every row is stored once, and nobody else.
#[track_caller]
fn each_once(model: &Model, rows: &[JournalRow]) {
    assert_eq!(count(rows, Status::Ok), 12, "{rows:?}");
    let stored = model.stored();
    assert_eq!(stored.len(), 12);
    for row in rows {
        let mut same = stored
            .iter()
            .filter(|it| Some(&it.customer.id) == row.customer.as_ref());
        assert!(same.next().is_some() && same.next().is_none(), "{row:?}");
    }
}

/// Asserts that nobody is stored twice, that some rows are in doubt, and that each of them has one of these codes.
#[track_caller]
fn doubts_have_reasons(model: &Model, rows: &[JournalRow], codes: &[Code]) {
    let mut sent: Vec<String> = model.stored().into_iter().map(|it| it.sent).collect();
    let stored = sent.len();
    sent.sort();
    sent.dedup();
    assert_eq!(sent.len(), stored, "somebody is stored twice");
    let unknown = rows
        .iter()
        .filter(|row| row.state == RowState::At(Status::Unknown));
    let mut doubts = 0;
    for row in unknown {
        let problem = row.problems.first().expect("a reason");
        assert!(codes.contains(&problem.code), "{problem:?}");
        doubts += 1;
    }
    assert!(
        doubts > 0 && doubts + count(rows, Status::Ok) == 12,
        "{rows:?}"
    );
}

#[test]
fn a_plain_server_leaves_nothing_in_doubt() {
    let habits = Habits {
        fates: trouble(),
        ..plain()
    };
    let (model, rows) = imported(habits, &JumpClock::new(), 0);
    each_once(&model, &rows);
}

/// The last rows are in doubt, so no later add comes that could be a witness; nor does one for a row that is stored but
/// found late. A customer that is written again is the witness.
#[test]
fn the_last_rows_are_settled_by_a_customer_that_is_written_again() {
    for (last, lag) in [
        (vec![Fate::NotStored], 0),
        (vec![Fate::BusyBefore, Fate::BusyAfter, Fate::BusyBefore], 0),
        (vec![Fate::BusyBefore, Fate::Lost], 5),
    ] {
        let mut fates = vec![Fate::Fine; 12 - last.len()];
        fates.extend(last);
        fates.extend([Fate::Fine; 100]);
        let habits = Habits {
            fates,
            lag_seconds: [lag; 4],
            ..plain()
        };
        let (model, rows) = imported(habits, &JumpClock::new(), 0);
        each_once(&model, &rows);
        let stored = model.stored();
        assert_eq!(stored.iter().filter(|it| it.is_written()).count(), 1);
    }
}

/// On a server that shows nothing of a customer that is written again, the write proves nothing.
#[test]
fn a_write_that_nobody_sees_is_no_witness() {
    for updates in [Updates::Keep, Updates::Hide, Updates::Refuse] {
        let mut fates = vec![Fate::Fine; 11];
        fates.push(Fate::NotStored);
        fates.extend([Fate::Fine; 100]);
        let habits = Habits {
            fates,
            updates,
            ..plain()
        };
        let (model, rows) = imported(habits, &JumpClock::new(), 1);
        assert_eq!(model.stored().len(), 11);
        doubts_have_reasons(&model, &rows, &[Code::SearchUnproven]);
    }
}

/// A customer that is found by its phone, but not as it was sent, may be somebody else.
#[test]
fn a_server_that_changes_values_doubles_nobody_and_says_why() {
    for change in [Change::Lower, Change::Squeeze] {
        let habits = Habits {
            fates: trouble(),
            changes: vec![change],
            ..plain()
        };
        let (model, rows) = imported(habits, &JumpClock::new(), 2);
        doubts_have_reasons(&model, &rows, &[Code::OtherHasValue, Code::SearchUnproven]);
        let ids = rows
            .iter()
            .flat_map(|row| &row.problems)
            .map(|problem| problem.fact("ids"));
        assert!(ids.filter(|ids| !ids.is_empty()).count() > 0, "{rows:?}");
    }
}

#[test]
fn a_server_that_cannot_search_doubles_nobody_and_says_why() {
    for (search, code) in [
        (Search::Nothing, Code::SearchUnproven),
        (Search::Everybody, Code::SearchAstray),
        (Search::Refused, Code::SearchRefused),
    ] {
        let habits = Habits {
            fates: trouble(),
            search: [search; 4],
            ..plain()
        };
        let (model, rows) = imported(habits, &JumpClock::new(), 2);
        doubts_have_reasons(&model, &rows, &[code]);
    }
}

/// Customers are found only long after `settle`. Nothing is concluded before, and everything after.
#[test]
fn a_search_that_is_late_is_waited_for_by_a_resume() {
    let habits = Habits {
        fates: trouble(),
        lag_seconds: [600; 4],
        ..plain()
    };
    let clock = JumpClock::new();
    let (model, rows) = imported(habits.clone(), &clock, 0);
    doubts_have_reasons(&model, &rows, &[Code::SearchUnproven]);
    // Each resume waits for `settle` at most, so ten minutes pass after some of them.
    let clock = JumpClock::new();
    let (model, rows) = imported(habits, &clock, 14);
    each_once(&model, &rows);
}

/// The server's clock is off, by up to hours, and it sends no `Date`. Its own customers show how far.
#[test]
fn another_clock_is_read_from_what_was_stored() {
    for offset_seconds in [-10_800, -7, 7, 10_800] {
        let habits = Habits {
            fates: trouble(),
            offset_seconds,
            ..plain()
        };
        let (model, rows) = imported(habits, &JumpClock::new(), 0);
        each_once(&model, &rows);
    }
}

/// The machine's date is set forwards or backwards in the middle of the run. Nobody is stored twice, and nothing waits
/// for the difference.
#[test]
fn a_clock_that_is_set_during_the_run_neither_doubles_nor_delays() {
    for seconds in [86_400, -3600] {
        let habits = Habits {
            fates: trouble(),
            ..plain()
        };
        let clock = JumpClock::set_after(4, seconds);
        let (model, rows) = imported(habits, &clock, 0);
        each_once(&model, &rows);
        // Two waits for `settle`, and the pace.
        let most = Duration::from_secs(3 * 60);
        assert!(clock.ahead() < most, "{seconds}: {:?}", clock.ahead());
    }
}
