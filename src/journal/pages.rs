//! The rows of a journal a page at a time, as a person looks at them: those of a status, with a problem, or with a text.
//!
//! A page begins behind the last row of the one before. So memory holds one page, and a row that changes meanwhile
//! shifts no other row. The problems of all rows stand in an index of their own (`schema.rs`), so a page of a rare
//! problem and the counts by code do not read the rows that have none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use rusqlite::ToSql;
use rusqlite::types::Type;
use serde::Deserialize;

use super::JournalError;
use super::rows::JournalRow;
use super::schema::SENDING;
use super::store::Journal;
use crate::model::{Code, Fact, RowNumber, Status, Value};

/// How many rows are looked through at a time.
const STRETCH: i64 = 20_000;

/// The rows that a search has found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FoundRows {
    /// The rows, in source order.
    pub rows: Vec<JournalRow>,
    /// The row up to which was looked, if there are more rows behind it; a search behind it goes on. `None` where
    /// enough was found, or every row was looked at.
    pub looked_to: Option<RowNumber>,
}

/// Which rows of a journal are shown. The default is every row.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RowFilter {
    /// The status of the rows; `None` for any.
    pub status: Option<Status>,
    /// A problem that the rows have; `None` for rows with and without problems.
    pub code: Option<Code>,
    /// A text that stands in the `_id`, in a fact of a problem, or in a value that is sent; `None` or blank for any.
    /// Latin letters are found whatever their case.
    pub text: Option<String>,
    /// Whether a process works on the job: rows on the way are then pending, else unknown, as `JournalCounts` has them.
    pub is_running: bool,
}

impl RowFilter {
    /// Returns the text that is looked for, without outer spaces; `None` where there is none.
    fn wanted_text(&self) -> Option<&str> {
        let text = self.text.as_deref().map(str::trim);
        text.filter(|text| !text.is_empty())
    }

    /// Returns the states of the rows as a condition; `None` for any state.
    fn states(&self) -> Option<String> {
        let status = self.status?;
        let number = status.number();
        let sending = if self.is_running {
            Status::Pending
        } else {
            Status::Unknown
        };
        Some(if status == sending {
            format!("state IN ({number}, {SENDING})")
        } else {
            format!("state = {number}")
        })
    }

    /// Whether a row that the database has found holds the text in a value, and not in the name of a fact or a field.
    fn has_text(&self, row: &JournalRow) -> bool {
        let Some(wanted) = self.wanted_text().map(str::to_ascii_lowercase) else {
            return true;
        };
        let holds = |text: &str| text.to_ascii_lowercase().contains(&wanted);
        let of_record = row.record.iter().flat_map(|record| &record.fields);
        row.customer.as_ref().is_some_and(|id| holds(id.as_str()))
            || row
                .problems
                .iter()
                .flat_map(|problem| problem.facts.values())
                .any(|fact| fact_texts(fact).iter().any(|text| holds(text)))
            || of_record
                .flat_map(|(_, value)| value_texts(value))
                .any(holds)
    }
}

/// Returns the plain texts of a fact, those of a phrase included.
fn fact_texts(fact: &Fact) -> Vec<&str> {
    match fact {
        Fact::Phrase(phrase) => phrase.facts.values().flat_map(fact_texts).collect(),
        plain => plain.texts(),
    }
}

fn value_texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Text(text) => vec![text],
        Value::List(texts) => texts.iter().map(String::as_str).collect(),
        Value::Entries(entries) => entries
            .iter()
            .flat_map(|entry| [Some(entry.value.as_str()), entry.memo.as_deref()])
            .flatten()
            .collect(),
        Value::ClearText | Value::ClearList => Vec::new(),
    }
}

/// Returns the pattern of LIKE for a text that stands in JSON, with `!` as the escape.
fn pattern_in_json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    let inner = quoted.get(1..quoted.len() - 1).unwrap_or_default();
    let mut pattern = String::from("%");
    for letter in inner.chars() {
        if matches!(letter, '%' | '_' | '!') {
            pattern.push('!');
        }
        pattern.push(letter);
    }
    pattern.push('%');
    pattern
}

impl Journal {
    /// Returns the first `limit` rows behind `after` that the filter picks, in source order; fewer only where there
    /// are no more. `None` begins at the first row.
    pub fn page(
        &self,
        filter: &RowFilter,
        after: Option<RowNumber>,
        limit: usize,
    ) -> Result<Vec<JournalRow>, JournalError> {
        Ok(self.search(filter, after, limit, None)?.rows)
    }

    /// Looks for rows as [`Journal::page`] does, for at most about `patience`: a text that no row has is looked for in
    /// all of them, and a large journal may not even be in memory. `None` looks to the end.
    pub fn search(
        &self,
        filter: &RowFilter,
        after: Option<RowNumber>,
        limit: usize,
        patience: Option<Duration>,
    ) -> Result<FoundRows, JournalError> {
        let began = Instant::now();
        let mut found = FoundRows::default();
        let mut from = after.map_or(-1, RowNumber::to_key);
        loop {
            let to = from.saturating_add(STRETCH);
            self.page_between(filter, (from, to), limit, &mut found.rows)?;
            if found.rows.len() >= limit {
                found.rows.truncate(limit);
                return Ok(found);
            }
            // Between the rows of two sheets there are no rows.
            let Some(next) = self.first_behind(to)? else {
                return Ok(found);
            };
            if patience.is_some_and(|patience| began.elapsed() > patience) {
                found.looked_to = Some(RowNumber::from_key(to));
                return Ok(found);
            }
            from = next - 1;
        }
    }

    fn first_behind(&self, key: i64) -> Result<Option<i64>, JournalError> {
        let query = "SELECT min(row) FROM rows WHERE row > ?1";
        let first = self.connection.query_row(query, [key], |row| row.get(0));
        first.map_err(|source| self.database_error(source))
    }

    /// Adds the rows between two keys, the first of them excluded, until there are `limit`.
    fn page_between(
        &self,
        filter: &RowFilter,
        (from, to): (i64, i64),
        limit: usize,
        page: &mut Vec<JournalRow>,
    ) -> Result<(), JournalError> {
        let code = filter.code.map(|code| format!("\"code\":\"{code}\""));
        let pattern = filter.wanted_text().map(pattern_in_json);
        let mut condition = "row > ?1 AND row <= ?3".to_owned();
        if let Some(states) = filter.states() {
            condition.push_str(" AND ");
            condition.push_str(&states);
        }
        if code.is_some() {
            condition.push_str(" AND problems IS NOT NULL AND instr(problems, ?4) > 0");
        }
        if pattern.is_some() {
            let at = if code.is_some() { 5 } else { 4 };
            let like = |column| format!("{column} LIKE ?{at} ESCAPE '!'");
            let likes = ["customer", "problems", "record"].map(like).join(" OR ");
            // Writing to a String cannot fail.
            let _ = write!(condition, " AND ({likes})");
        }
        condition.push_str(" ORDER BY row LIMIT ?2");
        let most = limit as i64;
        let mut last = from;
        while page.len() < limit {
            let mut values: Vec<&dyn ToSql> = vec![&last, &most, &to];
            values.extend(code.as_ref().map(|code| code as &dyn ToSql));
            values.extend(pattern.as_ref().map(|pattern| pattern as &dyn ToSql));
            let rows = self.select(true, &condition, &values)?;
            let is_end = rows.len() < limit;
            if let Some(row) = rows.last() {
                last = row.number.to_key();
            }
            page.extend(rows.into_iter().filter(|row| filter.has_text(row)));
            if is_end {
                break;
            }
        }
        Ok(())
    }

    /// Counts how often each problem occurs, in rows of any status.
    pub fn problem_counts(&self) -> Result<BTreeMap<Code, u64>, JournalError> {
        let count = || {
            let mut statement = self.connection.prepare_cached(PROBLEMS)?;
            let mut rows = statement.query([])?;
            let mut counts = BTreeMap::new();
            while let Some(row) = rows.next()? {
                let problems: Vec<CodeAlone> = serde_json::from_str(row.get_ref(0)?.as_str()?)
                    .map_err(|error| {
                        rusqlite::Error::FromSqlConversionFailure(0, Type::Text, Box::new(error))
                    })?;
                for problem in problems {
                    *counts.entry(problem.code).or_default() += 1;
                }
            }
            Ok(counts)
        };
        count().map_err(|source| self.database_error(source))
    }
}

/// Reads the problems of all rows.
const PROBLEMS: &str = "SELECT problems FROM rows WHERE problems IS NOT NULL";

/// The part of a problem that is counted.
#[derive(Deserialize)]
struct CodeAlone {
    code: Code,
}

#[cfg(test)]
mod tests {
    use super::super::StateFolder;
    use super::super::rows::PlannedRow;
    use super::*;
    use crate::model::{CustomerId, Entry, FieldKey, JobId, Problem, Record};

    fn row(number: u32, status: Status, problems: Vec<Problem>) -> PlannedRow {
        PlannedRow {
            problems,
            ..PlannedRow::new(RowNumber::new(number), status)
        }
    }

    fn journal(rows: &[PlannedRow]) -> (Journal, tempfile::TempDir) {
        let root = tempfile::tempdir().expect("a folder");
        let state = StateFolder::open(root.path()).expect("a state folder");
        let id = JobId::from_parts("20261129-120000", "rows");
        let (folder, _lock) = state.create_job(&id).expect("a job");
        let mut journal = Journal::create(&folder, "").expect("a journal");
        journal
            .in_transaction(|journal| journal.plan(rows))
            .expect("planned");
        (journal, root)
    }

    fn shown(journal: &Journal, filter: &RowFilter, after: Option<u32>, limit: usize) -> Vec<u32> {
        let rows = journal.page(filter, after.map(RowNumber::new), limit);
        let rows = rows.expect("a page");
        rows.iter().map(|row| row.number.row).collect()
    }

    #[test]
    fn a_search_that_takes_too_long_says_how_far_it_came_and_goes_on_there() {
        let numbers = (1..=50_000).chain(70_001..=70_100);
        let planned = numbers.map(|number| row(number, Status::Pending, Vec::new()));
        let mut rows: Vec<PlannedRow> = planned.collect();
        if let Some(last) = rows.last_mut() {
            last.customer = CustomerId::parse("777").ok();
        }
        let (journal, _root) = journal(&rows);
        let filter = RowFilter {
            text: Some("777".to_owned()),
            ..RowFilter::default()
        };
        let mut stops = Vec::new();
        let mut after = None;
        let found = loop {
            let found = journal.search(&filter, after, 5, Some(Duration::ZERO));
            let found = found.expect("a search");
            match found.looked_to {
                Some(_) => after = found.looked_to,
                None => break found.rows,
            }
            stops.extend(after.map(|row| row.row));
        };
        assert_eq!(stops, [19_999, 39_999, 59_999]);
        assert_eq!(found.len(), 1);
        let whole = journal.search(&filter, None, 5, None).expect("a search");
        assert_eq!((whole.rows, whole.looked_to), (found, None));
    }

    #[test]
    fn pages_follow_each_other_and_the_filters_meet() {
        let choice = || Problem::new(Code::NotAChoice).with("value", "E410");
        let missing = || Problem::new(Code::MissingRequired);
        let rows: Vec<PlannedRow> = (1..=100)
            .map(|number| match number % 10 {
                0 => row(number, Status::Invalid, vec![choice()]),
                5 => row(number, Status::Invalid, vec![missing(), choice()]),
                7 => row(number, Status::Skipped, vec![missing()]),
                _ => row(number, Status::Pending, Vec::new()),
            })
            .collect();
        let (journal, _root) = journal(&rows);
        let all = RowFilter::default();
        assert_eq!(shown(&journal, &all, None, 3), [1, 2, 3]);
        assert_eq!(shown(&journal, &all, Some(98), 9), [99, 100]);
        assert_eq!(shown(&journal, &all, Some(100), 9), [0_u32; 0]);
        let coded = RowFilter {
            code: Some(Code::MissingRequired),
            ..RowFilter::default()
        };
        assert_eq!(shown(&journal, &coded, None, 3), [5, 7, 15]);
        let both = RowFilter {
            status: Some(Status::Invalid),
            ..coded
        };
        assert_eq!(shown(&journal, &both, Some(15), 3), [25, 35, 45]);
        let counts = journal.problem_counts().expect("counts");
        let expected = [(Code::NotAChoice, 20), (Code::MissingRequired, 20)];
        assert_eq!(counts, BTreeMap::from(expected));
        let plan: String = journal
            .connection
            .query_row(&format!("EXPLAIN QUERY PLAN {PROBLEMS}"), [], |row| {
                row.get(3)
            })
            .expect("a plan");
        assert!(plan.contains("COVERING INDEX problems"), "{plan}");
    }

    #[test]
    fn a_text_is_found_in_values_and_not_in_their_names() {
        let mut added = row(2, Status::Pending, Vec::new());
        added.record = Some(Record {
            fields: vec![
                (
                    FieldKey::new("customerName"),
                    Value::Text("50%_\"甲\" Ltd".into()),
                ),
                (
                    FieldKey::new("mobile"),
                    Value::Entries(vec![Entry {
                        value: "13800138000".into(),
                        memo: Some("前台".into()),
                        ..Entry::default()
                    }]),
                ),
            ],
        });
        let mut updated = row(3, Status::Pending, Vec::new());
        updated.customer = CustomerId::parse("685775343058800640").ok();
        let wrong = Problem::new(Code::NotAChoice)
            .with("value", "官往")
            .with("nearest", Fact::list(["官网", "百度"]));
        let (journal, _root) = journal(&[added, updated, row(4, Status::Invalid, vec![wrong])]);
        let found = |text: &str| {
            let filter = RowFilter {
                text: Some(text.to_owned()),
                ..RowFilter::default()
            };
            shown(&journal, &filter, None, 9)
        };
        assert_eq!(found("50%_\"甲\""), [2]);
        assert_eq!(found("ltd"), [2]);
        assert_eq!(found("前台"), [2]);
        assert_eq!(found("5343058"), [3]);
        assert_eq!(found("百度"), [4]);
        assert_eq!(found("  "), [2, 3, 4]);
        for name in ["customerName", "nearest", "E4", "5_%"] {
            assert_eq!(found(name), [0_u32; 0], "{name}");
        }
    }

    #[test]
    fn a_row_on_the_way_is_pending_only_while_a_process_sends_it() {
        let (mut journal, _root) = journal(&[row(2, Status::Pending, Vec::new())]);
        let marked: Result<(), JournalError> =
            journal.in_transaction(|journal| journal.mark_sending(&[RowNumber::new(2)], 1));
        marked.expect("marked");
        let count = |status, is_running| {
            let filter = RowFilter {
                status: Some(status),
                is_running,
                ..RowFilter::default()
            };
            shown(&journal, &filter, None, 9).len()
        };
        assert_eq!(
            (count(Status::Unknown, false), count(Status::Pending, false)),
            (1, 0)
        );
        assert_eq!(
            (count(Status::Unknown, true), count(Status::Pending, true)),
            (0, 1)
        );
    }
}
