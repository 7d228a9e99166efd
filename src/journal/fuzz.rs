//! The door through which `fuzz/` has rows of the journal read from columns that no writer has put together.

use rusqlite::Connection;
use rusqlite::types::{Value, ValueRef};

use super::checksum::checksum;
use super::codec::journal_row;
use super::record_text::FieldNumbers;
use super::rows::JournalRow;

/// How many columns a row has, in the order of `codec.rs`.
pub const COLUMNS: usize = 19;

thread_local! {
    static MEMORY: Connection = Connection::open_in_memory().expect("memory can be had");
}

/// Reads a row from its columns. With `is_whole` the checksums are made to fit, and what the row says of its record.
pub fn row_of_columns(
    mut columns: [Value; COLUMNS],
    is_whole: bool,
) -> rusqlite::Result<(JournalRow, bool)> {
    if is_whole {
        // A row that has lost its record is not whole.
        columns[5] = Value::Integer(i64::from(columns[7] != Value::Null));
        let [
            row,
            state,
            action,
            customer,
            fingerprint,
            has_record,
            _,
            record,
            ..,
        ] = &columns;
        let own = [row, state, action, customer, fingerprint, has_record].map(ValueRef::from);
        let sums = [
            checksum(own),
            checksum([ValueRef::from(row), ValueRef::from(record)]),
        ];
        let [own, record] = sums.map(Value::Integer);
        (columns[6], columns[8]) = (own, record);
    }
    let names = vec!["?"; COLUMNS].join(", ");
    MEMORY.with(|memory| {
        let mut statement = memory.prepare_cached(&format!("SELECT {names}"))?;
        let fields = FieldNumbers::of(&["text", "entries", "list"]);
        statement.query_row(rusqlite::params_from_iter(&columns), |row| {
            journal_row(row, true, &fields)
        })
    })
}
