//! The journal's codec: a row that is kept comes back equal, and columns that no writer has put together are read or
//! refused.

#![no_main]

use std::cell::RefCell;

use crm_ferry::journal::fuzz::{COLUMNS, row_of_columns};
use crm_ferry::journal::{
    HeldRow, Journal, JournalRow, KnownRows, PlannedRow, RowCursor, RowSet, RowState, StateFolder,
};
use crm_ferry::model::{
    Action, Code, CustomerId, Entry, EntryRole, Fact, FieldKey, JobId, Phrase, Problem, Record,
    RowNumber, RowOrigin, Saying, Status, Value,
};
use crm_ferry_fuzz::folder;
use libfuzzer_sys::arbitrary::{Result, Unstructured};
use libfuzzer_sys::fuzz_target;
use rusqlite::types;

thread_local! {
    static JOURNAL: RefCell<Journal> = RefCell::new(journal());
}

fuzz_target!(|input: &[u8]| {
    let mut input = Unstructured::new(input);
    // An input that ends too early says nothing.
    let _ = match input.arbitrary() {
        Ok(true) => read_columns(&mut input),
        Ok(false) => keep_rows(&mut input),
        Err(_) => Ok(()),
    };
});

fn journal() -> Journal {
    let state = StateFolder::open(&folder().join("state")).expect("the folder can be written");
    let id = JobId::from_parts("20261123-173015", "fuzz");
    let (folder, _lock) = state.create_job(&id).expect("a job");
    Journal::create(&folder, "account").expect("a journal")
}

fn read_columns(input: &mut Unstructured) -> Result<()> {
    let is_whole = input.arbitrary()?;
    let mut columns = [const { types::Value::Null }; COLUMNS];
    for column in &mut columns {
        *column = match input.int_in_range(0..=4)? {
            0 => types::Value::Null,
            1 => types::Value::Integer(input.arbitrary()?),
            // SQLite takes what is no number for NULL.
            2 => types::Value::Real(
                input
                    .arbitrary::<f64>()
                    .map(|real| if real.is_nan() { 0.5 } else { real })?,
            ),
            3 => types::Value::Text(input.arbitrary()?),
            _ => types::Value::Blob(input.arbitrary()?),
        };
    }
    if let Ok((row, was_whole)) = row_of_columns(columns.clone(), is_whole) {
        assert!(was_whole || !is_whole, "a whole row is damaged: {row:?}");
        let again = row_of_columns(columns, is_whole);
        assert_eq!(again.expect("it was read before"), (row, was_whole));
    }
    Ok(())
}

fn keep_rows(input: &mut Unstructured) -> Result<()> {
    let mut rows = Vec::new();
    let mut number = RowNumber { sheet: 0, row: 0 };
    for _ in 0..input.int_in_range(1..=4)? {
        number.sheet = number.sheet.saturating_add(u16::from(input.ratio(1, 8)?));
        number.row += 1 + u32::from(input.arbitrary::<u16>()?);
        rows.push(planned(number, input)?);
    }
    let held = HeldRow {
        number: rows[input.choose_index(rows.len())?].number,
        status: *input.choose(Status::ALL)?,
        problem: input
            .arbitrary::<bool>()?
            .then(|| problem(input))
            .transpose()?,
        customer: input
            .arbitrary::<bool>()?
            .then(|| customer(input))
            .transpose()?,
    };
    JOURNAL.with_borrow_mut(|journal| {
        journal.clear().expect("the journal can be written");
        let keep = |journal: &mut Journal| journal.plan(&rows);
        journal
            .in_transaction(keep)
            .expect("the journal can be written");
        let mut expected: Vec<JournalRow> = rows.into_iter().map(kept).collect();
        assert_eq!(read(journal), expected);
        for row in &expected {
            let found = journal.row(row.number).expect("the journal can be read");
            assert_eq!(found.as_ref(), Some(row));
        }
        let counts = |journal: &Journal| {
            let counted = journal.counts().expect("the journal can be read");
            assert_eq!(
                counted,
                journal.kept_counts().expect("the journal can be read")
            );
        };
        counts(journal);
        journal
            .hold(std::slice::from_ref(&held))
            .expect("the journal can be written");
        for row in expected.iter_mut().filter(|row| row.number == held.number) {
            row.state = RowState::At(held.status);
            row.problems = held.problem.iter().cloned().collect();
            row.customer = held.customer.clone().or(row.customer.take());
            row.waits_on = None;
        }
        assert_eq!(read(journal), expected);
        counts(journal);
    });
    Ok(())
}

fn read(journal: &Journal) -> Vec<JournalRow> {
    let mut cursor = RowCursor::over(RowSet::All);
    let mut rows = Vec::new();
    while let Some(batch) = cursor
        .next_rows(journal, 2)
        .expect("the journal can be read")
    {
        rows.extend(batch);
    }
    rows
}

/// Returns a planned row as the journal keeps it.
fn kept(row: PlannedRow) -> JournalRow {
    JournalRow {
        number: row.number,
        state: RowState::At(row.status),
        action: row.action,
        customer: row.customer,
        fingerprint: row.fingerprint,
        record: row.record,
        problems: row.problems,
        sent_at: None,
        ended_at: None,
        origin: row.origin,
        waits_on: row.waits_on,
        is_matched: row.is_matched,
        digest: None,
        known: row.known,
    }
}

fn planned(number: RowNumber, input: &mut Unstructured) -> Result<PlannedRow> {
    let mut row = PlannedRow::new(number, *input.choose(Status::ALL)?);
    row.action = *input.choose(Action::ALL)?;
    row.fingerprint = input.arbitrary()?;
    row.is_twin = input.arbitrary()?;
    row.is_matched = input.arbitrary()?;
    if input.arbitrary()? {
        row.customer = Some(customer(input)?);
    }
    if input.arbitrary()? {
        row.record = Some(record(input)?);
    }
    for _ in 0..input.int_in_range(0..=3)? {
        row.problems.push(problem(input)?);
    }
    if input.arbitrary()? {
        row.origin = Some(origin(input)?);
    }
    if input.arbitrary()? {
        row.waits_on = Some(origin(input)?);
    }
    if input.arbitrary()? {
        row.known = Some(KnownRows {
            imported: input.arbitrary::<u32>()?.into(),
            is_imported: input.arbitrary()?,
        });
    }
    if input.arbitrary()? {
        row.before = Some(input.arbitrary()?);
    }
    Ok(row)
}

fn customer(input: &mut Unstructured) -> Result<CustomerId> {
    let digits = input.arbitrary::<u64>()?.to_string();
    Ok(CustomerId::parse(&digits).expect("digits"))
}

fn origin(input: &mut Unstructured) -> Result<RowOrigin> {
    let stem: &str = input.arbitrary()?;
    Ok(RowOrigin {
        job: JobId::from_parts("20261123-173015", stem),
        row: RowNumber {
            sheet: input.arbitrary()?,
            row: input.arbitrary()?,
        },
    })
}

fn record(input: &mut Unstructured) -> Result<Record> {
    let mut record = Record::default();
    for _ in 0..input.int_in_range(0..=3)? {
        let value = match input.int_in_range(0..=4)? {
            0 => Value::Text(input.arbitrary()?),
            1 => Value::List(input.arbitrary()?),
            2 => Value::Entries(vec![Entry {
                value: input.arbitrary()?,
                memo: input.arbitrary()?,
                role: *input.choose(&[EntryRole::Place, EntryRole::Append, EntryRole::Drop])?,
            }]),
            3 => Value::ClearText,
            _ => Value::ClearList,
        };
        record.push(FieldKey::new(input.arbitrary()?), value);
    }
    Ok(record)
}

fn problem(input: &mut Unstructured) -> Result<Problem> {
    let mut problem = Problem::new(*input.choose(Code::ALL)?);
    problem.column = input.arbitrary()?;
    for _ in 0..input.int_in_range(0..=2)? {
        let fact = match input.int_in_range(0..=2)? {
            0 => Fact::Text(input.arbitrary()?),
            1 => Fact::List(input.arbitrary()?),
            _ => {
                let phrase = Phrase::new(*input.choose(Saying::ALL)?);
                Fact::Phrase(phrase.with("cause", input.arbitrary::<String>()?))
            }
        };
        problem = problem.with(input.arbitrary()?, fact);
    }
    Ok(problem)
}
