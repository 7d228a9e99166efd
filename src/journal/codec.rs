//! Converts rows of the journal to and from columns.

use rusqlite::types::{Type, ValueRef};

use super::checksum::checksum;
use super::record_text::FieldNumbers;
use super::rows::{JournalRow, KnownRows, PlannedRow, RowState};
use crate::model::{Action, CustomerId, JobId, Problem, RowNumber, RowOrigin, Status};

pub(super) fn row_state(number: i64) -> RowState {
    Status::from_number(number).map_or(RowState::Sending, RowState::At)
}

fn not_written(error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::ToSqlConversionFailure(Box::new(error))
}

pub(super) fn problems_json(problems: &[Problem]) -> rusqlite::Result<Option<String>> {
    (!problems.is_empty())
        .then(|| serde_json::to_string(problems).map_err(not_written))
        .transpose()
}

/// What of a decided row takes time to put together.
pub(super) struct EncodedRow {
    /// The checksum of what becomes of the row.
    pub checksum: i64,
    /// The record and its checksum.
    pub record: Option<(String, i64)>,
    pub problems: Option<String>,
}

impl EncodedRow {
    pub(super) fn of(row: &PlannedRow, fields: &FieldNumbers) -> rusqlite::Result<Self> {
        let record = row.record.as_ref().map(|record| fields.write(record));
        let record = record.transpose().map_err(not_written)?;
        let customer = row.customer.as_ref().map(|id| id.as_str().as_bytes());
        Ok(Self {
            checksum: checksum([
                ValueRef::Integer(row.number.to_key()),
                ValueRef::Integer(row.status.number()),
                ValueRef::Integer(row.action.number()),
                customer.map_or(ValueRef::Null, ValueRef::Text),
                ValueRef::Blob(&row.fingerprint),
                ValueRef::Integer(record.is_some().into()),
            ]),
            record: record.map(|text| {
                let number = ValueRef::Integer(row.number.to_key());
                let sum = checksum([number, ValueRef::Text(text.as_bytes())]);
                (text, sum)
            }),
            problems: problems_json(&row.problems)?,
        })
    }
}

/// Selects [`JournalRow`]s. Where the record is left out, it is `NULL` like that of a row which has none.
pub(super) fn selection(with_record: bool) -> String {
    let (record, from) = if with_record {
        (
            "record, records.checksum",
            "rows LEFT JOIN records USING (row)",
        )
    } else {
        ("NULL, NULL", "rows")
    };
    format!(
        "SELECT row, state, action, customer, fingerprint, has_record, rows.checksum, {record}, problems, sent_at,
         ended_at, origin_job, origin_row, wait_job, wait_row, matched, digest, known FROM {from}"
    )
}

/// Reads a row, with its record where the selection has it. The second value is false when a checksum shows that the
/// row or its record is damaged, and when a record is missing that the row had.
pub(super) fn journal_row(
    row: &rusqlite::Row<'_>,
    with_record: bool,
    fields: &FieldNumbers,
) -> rusqlite::Result<(JournalRow, bool)> {
    let own = [0, 1, 2, 3, 4, 5].map(|column| row.get_ref(column));
    let own: rusqlite::Result<Vec<_>> = own.into_iter().collect();
    let (number, record) = (row.get_ref(0)?, row.get_ref(7)?);
    let is_record_whole = match record {
        ValueRef::Null => !with_record || !row.get::<_, bool>(5)?,
        record => checksum([number, record]) == row.get::<_, i64>(8)?,
    };
    let is_whole = is_record_whole && checksum(own?) == row.get::<_, i64>(6)?;
    if !is_whole {
        return Ok((damaged_row(row.get(0)?), false));
    }
    Ok((whole_row(row, fields)?, true))
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

fn whole_row(row: &rusqlite::Row<'_>, fields: &FieldNumbers) -> rusqlite::Result<JournalRow> {
    let text = |column| Ok::<_, rusqlite::Error>(row.get_ref(column)?.as_str_or_null()?);
    let customer = text(3)?;
    let record = text(7)?.map(|text| fields.read(text)).transpose();
    let problems = text(9)?.map(serde_json::from_str).transpose();
    Ok(JournalRow {
        number: RowNumber::from_key(row.get(0)?),
        state: row_state(row.get(1)?),
        action: Action::from_number(row.get(2)?).unwrap_or(Action::None),
        customer: customer.and_then(|id| CustomerId::parse(id).ok()),
        fingerprint: row.get(4)?,
        record: record.map_err(|error| not_json(7, error))?,
        problems: problems
            .map_err(|error| not_json(9, error))?
            .unwrap_or_default(),
        sent_at: row.get(10)?,
        ended_at: row.get(11)?,
        origin: origin_at(row, 12)?,
        waits_on: origin_at(row, 14)?,
        is_matched: row.get(16)?,
        digest: row.get(17)?,
        known: row.get::<_, Option<i64>>(18)?.map(KnownRows::from_number),
    })
}

fn not_json(column: usize, error: serde_json::Error) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Text, Box::new(error))
}
