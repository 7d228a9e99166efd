//! Rows of the journal to and from columns.

use super::store::{JournalRow, RowState};
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

pub(super) fn journal_row(row: &rusqlite::Row<'_>) -> rusqlite::Result<JournalRow> {
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
    let origin = match (
        row.get::<_, Option<String>>(8)?,
        row.get::<_, Option<i64>>(9)?,
    ) {
        (Some(job), Some(number)) => JobId::parse(&job).ok().map(|job| RowOrigin {
            job,
            row: RowNumber::from_key(number),
        }),
        _ => None,
    };
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
        origin,
    })
}
