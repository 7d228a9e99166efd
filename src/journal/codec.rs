//! Converts rows of the journal to and from columns.

use rusqlite::types::ValueRef;

use super::checksum::checksum;
use super::rows::{JournalRow, KnownRows, RowState};
use crate::model::{Action, CustomerId, JobId, Problem, RowNumber, RowOrigin, Status};

pub(super) fn row_state(number: i64) -> RowState {
    Status::from_number(number).map_or(RowState::Sending, RowState::At)
}

pub(super) fn to_json(value: &impl serde::Serialize) -> rusqlite::Result<String> {
    serde_json::to_string(value)
        .map_err(|error| rusqlite::Error::ToSqlConversionFailure(Box::new(error)))
}

pub(super) fn problems_json(problems: &[Problem]) -> rusqlite::Result<Option<String>> {
    (!problems.is_empty())
        .then(|| to_json(&problems))
        .transpose()
}

/// Returns the columns of a [`JournalRow`]. `record` is the expression of the record, or `NULL` to leave it out.
pub(super) fn columns(record: &str) -> String {
    format!(
        "row, state, action, customer, fingerprint, {record}, problems, sent_at, origin_job, origin_row, ended_at,
         wait_job, wait_row, checksum, record_checksum, matched, digest, known"
    )
}

/// Reads a row. The second value is false when a checksum shows that the row is damaged.
pub(super) fn journal_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<(JournalRow, bool)> {
    let mut is_whole = true;
    let own = [0, 1, 2, 3, 4].map(|column| row.get_ref(column));
    let own: rusqlite::Result<Vec<_>> = own.into_iter().collect();
    is_whole &= checksum(own?) == row.get::<_, i64>(13)?;
    let record = row.get_ref(5)?;
    // A record that the query left out is not damaged.
    let record_checksum: i64 = row.get(14)?;
    is_whole &= matches!(record, ValueRef::Null) || checksum([record]) == record_checksum;
    if !is_whole {
        return Ok((damaged_row(row.get(0)?), false));
    }
    Ok((whole_row(row)?, true))
}

/// Makes a placeholder for a damaged row.
fn damaged_row(key: i64) -> JournalRow {
    JournalRow {
        number: RowNumber::from_key(key),
        state: RowState::Sending,
        action: Action::None,
        customer: None,
        fingerprint: [0; 16],
        record: None,
        problems: Vec::new(),
        sent_at: None,
        ended_at: None,
        origin: None,
        waits_on: None,
        is_matched: false,
        digest: None,
        known: None,
    }
}

/// Reads the place of a row from two columns, of which this is the first.
pub(super) fn origin_at(
    row: &rusqlite::Row<'_>,
    column: usize,
) -> rusqlite::Result<Option<RowOrigin>> {
    let job: Option<String> = row.get(column)?;
    let number: Option<i64> = row.get(column + 1)?;
    let origin = |(job, number): (String, i64)| {
        Some(RowOrigin {
            job: JobId::parse(&job).ok()?,
            row: RowNumber::from_key(number),
        })
    };
    Ok(job.zip(number).and_then(origin))
}

fn whole_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<JournalRow> {
    fn from_json<T: serde::de::DeserializeOwned>(
        column: usize,
        text: Option<&str>,
    ) -> rusqlite::Result<Option<T>> {
        let read = |text: &str| {
            serde_json::from_str(text).map_err(|error| {
                rusqlite::Error::FromSqlConversionFailure(
                    column,
                    rusqlite::types::Type::Text,
                    Box::new(error),
                )
            })
        };
        text.map(read).transpose()
    }
    let customer: Option<String> = row.get(3)?;
    Ok(JournalRow {
        number: RowNumber::from_key(row.get(0)?),
        state: row_state(row.get(1)?),
        action: Action::from_number(row.get(2)?).unwrap_or(Action::None),
        customer: customer.and_then(|id| CustomerId::parse(&id).ok()),
        fingerprint: row.get(4)?,
        record: from_json(5, row.get_ref(5)?.as_str_or_null()?)?,
        problems: from_json(6, row.get_ref(6)?.as_str_or_null()?)?.unwrap_or_default(),
        sent_at: row.get(7)?,
        ended_at: row.get(10)?,
        origin: origin_at(row, 8)?,
        waits_on: origin_at(row, 11)?,
        is_matched: row.get(15)?,
        digest: row.get(16)?,
        known: row.get::<_, Option<i64>>(17)?.map(KnownRows::from_number),
    })
}
