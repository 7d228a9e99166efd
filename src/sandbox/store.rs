//! The customers, in SQLite: one row per customer, one index row per text by which a customer can be found.
//!
//! Invariant: with a file, a write is committed before it returns, so a `kill -9` loses nothing that was acknowledged.
//! (`synchronous` is off: a power cut could lose writes, a killed process cannot.) The file is locked while open,
//! because all ids are also held in memory, which makes paging cheap at any depth.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;
use std::time::{Duration, Instant};

use rusqlite::types::Type;
use rusqlite::{Connection, OptionalExtension, Result};
use serde_json::{Map, Value};

use super::clock::next_id;
use super::fields::Fields;
use super::lag::Lag;
use super::search::{Condition, is_indexed, texts};

const TABLES: &str = "
    CREATE TABLE IF NOT EXISTS customers (id INTEGER PRIMARY KEY, body TEXT NOT NULL) STRICT;
    CREATE TABLE IF NOT EXISTS found_by (
        field TEXT NOT NULL, text TEXT NOT NULL, id INTEGER NOT NULL,
        PRIMARY KEY (field, text, id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS indexed (field TEXT PRIMARY KEY) STRICT;
";

/// A customer as it is stored: every key of the API, `_id` included.
pub(super) type Customer = Map<String, Value>;

/// The customers.
pub(super) struct Store {
    connection: Connection,
    indexed: BTreeSet<String>,
    /// Every id, ascending.
    ids: VecDeque<i64>,
    last_id: i64,
    /// The last search and its result; cleared by every write, and while the search lags.
    found: Option<(Vec<Condition>, Vec<i64>)>,
    lag: Lag,
}

impl Store {
    /// Opens a file, or memory when there is none.
    pub(super) fn open(path: Option<&Path>, fields: &Fields) -> Result<Self> {
        let connection = match path {
            Some(path) => Connection::open(path)?,
            None => Connection::open_in_memory()?,
        };
        // A sandbox that was just dropped may hold the file for a moment.
        connection.busy_timeout(Duration::from_millis(500))?;
        connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
        // A store in memory needs no journal: only running out of memory could interrupt a write, and ends the process.
        let journal = if path.is_some() { "WAL" } else { "OFF" };
        connection.pragma_update(None, "journal_mode", journal)?;
        connection.pragma_update(None, "synchronous", "OFF")?;
        connection.set_prepared_statement_cache_capacity(32);
        connection.execute_batch(TABLES)?;
        let ids: VecDeque<i64> = connection
            .prepare("SELECT id FROM customers ORDER BY id")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_>>()?;
        let indexed = fields
            .iter()
            .filter(|field| is_indexed(field))
            .map(|field| field.param.clone())
            .collect();
        let mut store = Self {
            connection,
            indexed,
            last_id: ids.back().copied().unwrap_or_default(),
            ids,
            found: None,
            lag: Lag::default(),
        };
        store.rebuild_index_if_fields_changed()?;
        Ok(store)
    }

    /// Lets searches lag behind later writes by `delay`.
    pub(super) fn set_search_lag(&mut self, delay: Duration) {
        self.lag = Lag::new(delay);
    }

    /// Lets searches show one customer in its current version.
    pub(super) fn show_now(&mut self, id: i64) {
        self.lag.skip(id);
        self.found = None;
    }

    fn rebuild_index_if_fields_changed(&mut self) -> Result<()> {
        let before: BTreeSet<String> = self
            .connection
            .prepare("SELECT field FROM indexed")?
            .query_map([], |row| row.get(0))?
            .collect::<Result<_>>()?;
        if before == self.indexed {
            return Ok(());
        }
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute_batch("DELETE FROM found_by; DELETE FROM indexed;")?;
        for field in &self.indexed {
            transaction.execute("INSERT INTO indexed VALUES (?1)", [field])?;
        }
        let mut bodies = transaction.prepare("SELECT id, body FROM customers")?;
        let mut rows = bodies.query([])?;
        while let Some(row) = rows.next()? {
            let customer = parse(row.get_ref(1)?.as_str()?)?;
            self.index(row.get(0)?, &customer)?;
        }
        drop(rows);
        drop(bodies);
        transaction.commit()
    }

    /// Deletes every customer. Ids that were given are not given again while this store is open.
    pub(super) fn clear(&mut self) -> Result<()> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute_batch("DELETE FROM customers; DELETE FROM found_by;")?;
        transaction.commit()?;
        self.ids.clear();
        self.found = None;
        self.lag.forget();
        Ok(())
    }

    /// Returns how many customers there are.
    pub(super) fn len(&self) -> usize {
        self.ids.len()
    }

    /// Returns a new id, which is never given again.
    pub(super) fn issue_id(&mut self, now_ms: i64) -> i64 {
        self.last_id = next_id(now_ms, self.last_id);
        self.last_id
    }

    /// Returns the newest customer's id.
    pub(super) fn newest(&self) -> Option<i64> {
        self.ids.back().copied()
    }

    /// Stores a new customer, or replaces one, and returns its JSON.
    pub(super) fn put(&mut self, id: i64, customer: &Customer) -> Result<String> {
        let body = serde_json::to_string(customer).expect("a map of JSON values is JSON");
        let before = match self.ids.binary_search(&id) {
            Ok(_) => self.get(id)?,
            Err(_) => None,
        };
        let transaction = self.connection.unchecked_transaction()?;
        if let Some(before) = &before {
            self.unindex(id, &parse(before)?)?;
        }
        self.connection
            .prepare_cached("INSERT OR REPLACE INTO customers VALUES (?1, ?2)")?
            .execute((id, &body))?;
        self.index(id, customer)?;
        transaction.commit()?;
        if let Err(place) = self.ids.binary_search(&id) {
            self.ids.insert(place, id);
        }
        self.last_id = self.last_id.max(id);
        self.found = None;
        self.lag
            .changed(id, before, Some(body.clone()), Instant::now());
        Ok(body)
    }

    /// Deletes a customer; returns whether there was one.
    pub(super) fn delete(&mut self, id: i64) -> Result<bool> {
        let Ok(place) = self.ids.binary_search(&id) else {
            return Ok(false);
        };
        let before = self.get(id)?;
        let transaction = self.connection.unchecked_transaction()?;
        if let Some(before) = &before {
            self.unindex(id, &parse(before)?)?;
        }
        self.connection
            .prepare_cached("DELETE FROM customers WHERE id = ?1")?
            .execute([id])?;
        transaction.commit()?;
        self.ids.remove(place);
        self.found = None;
        self.lag.changed(id, before, None, Instant::now());
        Ok(true)
    }

    /// Returns a customer's JSON.
    pub(super) fn get(&self, id: i64) -> Result<Option<String>> {
        self.connection
            .prepare_cached("SELECT body FROM customers WHERE id = ?1")?
            .query_row([id], |row| row.get(0))
            .optional()
    }

    /// Returns the JSON of the oldest customer that holds a text in an indexed field.
    pub(super) fn oldest_with(&self, field: &str, text: &str) -> Result<Option<String>> {
        self.connection
            .prepare_cached(
                "SELECT body FROM customers JOIN found_by USING (id)
                 WHERE field = ?1 AND text = ?2 ORDER BY id LIMIT 1",
            )?
            .query_row((field, text), |row| row.get(0))
            .optional()
    }

    /// Returns every customer, oldest first.
    pub(super) fn all(&self) -> Result<Vec<Customer>> {
        self.connection
            .prepare("SELECT body FROM customers ORDER BY id")?
            .query_map([], |row| parse(row.get_ref(0)?.as_str()?))?
            .collect()
    }

    /// Returns the JSON of `limit` matching customers after `skip`, newest first, and how many match in all.
    /// A page with conditions is a search, and may lag.
    pub(super) fn page(
        &mut self,
        conditions: &[Condition],
        skip: u64,
        limit: u32,
    ) -> Result<(Vec<String>, usize)> {
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        let limit = limit as usize;
        let (ids, count): (Vec<i64>, usize) = if conditions.is_empty() {
            let newest_first = self.ids.iter().rev();
            (
                newest_first.skip(skip).take(limit).copied().collect(),
                self.ids.len(),
            )
        } else {
            let found = self.find(conditions)?;
            let newest_first = found.iter().rev();
            (
                newest_first.skip(skip).take(limit).copied().collect(),
                found.len(),
            )
        };
        let shown = |id| match self.lag.version(id) {
            Some(older) if !conditions.is_empty() => Ok(Some(older.to_owned())),
            _ => self.get(id),
        };
        let bodies = ids
            .into_iter()
            .filter_map(|id| shown(id).transpose())
            .collect::<Result<_>>()?;
        Ok((bodies, count))
    }

    /// Returns the ids for which every condition holds, ascending.
    fn find(&mut self, conditions: &[Condition]) -> Result<&[i64]> {
        if self.lag.catch_up(Instant::now()) {
            self.found = None;
        }
        let known = self
            .found
            .as_ref()
            .is_some_and(|(searched, _)| searched == conditions);
        if !known {
            let mut matching: Option<BTreeSet<i64>> = None;
            for condition in conditions {
                let ids = self.matching(condition)?;
                matching = Some(match matching {
                    None => ids,
                    Some(before) => &before & &ids,
                });
            }
            let mut matching = matching.unwrap_or_default();
            for (id, older) in self.lag.shown() {
                matching.remove(&id);
                if let Some(older) = older.map(parse).transpose()?
                    && conditions.iter().all(|one| one.holds_for(id, &older))
                {
                    matching.insert(id);
                }
            }
            let ids = matching.into_iter().collect();
            self.found = Some((conditions.to_vec(), ids));
        }
        Ok(self.found.as_ref().map_or(&[], |(_, ids)| ids))
    }

    fn matching(&self, condition: &Condition) -> Result<BTreeSet<i64>> {
        match condition {
            Condition::Id(ids) => Ok(ids
                .iter()
                .filter_map(|id| parse_id(id))
                .filter(|id| self.ids.binary_search(id).is_ok())
                .collect()),
            Condition::Holds(field, values) => {
                let mut statement = self
                    .connection
                    .prepare_cached("SELECT id FROM found_by WHERE field = ?1 AND text = ?2")?;
                let mut ids = BTreeSet::new();
                for value in values {
                    for id in statement.query_map((field, value), |row| row.get(0))? {
                        ids.insert(id?);
                    }
                }
                Ok(ids)
            }
            Condition::Lacks(field) => {
                let holding = self.holding(field)?;
                let all = self.ids.iter().copied();
                Ok(all.filter(|id| !holding.contains(id)).collect())
            }
            Condition::Owned => self.holding("owner"),
        }
    }

    fn holding(&self, field: &str) -> Result<BTreeSet<i64>> {
        self.connection
            .prepare_cached("SELECT id FROM found_by WHERE field = ?1")?
            .query_map([field], |row| row.get(0))?
            .collect()
    }

    fn index(&self, id: i64, customer: &Customer) -> Result<()> {
        self.change_index(
            "INSERT OR IGNORE INTO found_by VALUES (?1, ?2, ?3)",
            id,
            customer,
        )
    }

    fn unindex(&self, id: i64, customer: &Customer) -> Result<()> {
        self.change_index(
            "DELETE FROM found_by WHERE field = ?1 AND text = ?2 AND id = ?3",
            id,
            customer,
        )
    }

    fn change_index(&self, sql: &str, id: i64, customer: &Customer) -> Result<()> {
        let mut statement = self.connection.prepare_cached(sql)?;
        for (field, value) in customer {
            if self.indexed.contains(field) {
                for text in texts(value) {
                    statement.execute((field, text, id))?;
                }
            }
        }
        Ok(())
    }
}

/// Reads an id in its only spelling: decimal digits without leading zeros.
pub(super) fn parse_id(text: &str) -> Option<i64> {
    let id: i64 = text.parse().ok()?;
    (id >= 0 && id.to_string() == text).then_some(id)
}

/// Parses a stored body.
pub(super) fn parse(body: &str) -> Result<Customer> {
    serde_json::from_str(body)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(1, Type::Text, Box::new(error)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn customer(name: &str, mobile: &str) -> Customer {
        serde_json::from_value(serde_json::json!({
            "customerName": name, "mobile": [{"value": mobile}], "createMethod": "API"
        }))
        .unwrap()
    }

    fn holds(field: &str, text: &str) -> Condition {
        Condition::Holds(field.to_owned(), vec![text.to_owned()])
    }

    #[test]
    fn the_index_follows_every_change() {
        let fields = Fields::load(None).unwrap();
        let mut store = Store::open(None, &fields).unwrap();
        let first = store.issue_id(2_000_000_000_000);
        let second = store.issue_id(2_000_000_000_000);
        store.put(first, &customer("a", "1")).unwrap();
        store.put(second, &customer("b", "1")).unwrap();
        let count =
            |store: &mut Store, conditions: &[Condition]| store.page(conditions, 0, 1).unwrap().1;
        assert_eq!(count(&mut store, &[holds("mobile", "1")]), 2);
        assert_eq!(
            count(
                &mut store,
                &[holds("mobile", "1"), holds("customerName", "b")]
            ),
            1
        );
        store.put(first, &customer("a", "2")).unwrap();
        assert_eq!(count(&mut store, &[holds("mobile", "1")]), 1);
        assert_eq!(count(&mut store, &[Condition::Lacks("qq".to_owned())]), 2);
        assert_eq!(
            count(&mut store, &[Condition::Lacks("mobile".to_owned())]),
            0
        );
        assert_eq!(
            count(&mut store, &[Condition::Id(vec![second.to_string()])]),
            1
        );
        assert!(store.delete(second).unwrap());
        assert!(!store.delete(second).unwrap());
        assert_eq!(count(&mut store, &[holds("mobile", "1")]), 0);
        assert_eq!(store.len(), 1);
    }

    #[test]
    fn an_index_made_for_other_fields_is_rebuilt() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("crm.db");
        let fields = Fields::load(None).unwrap();
        let mut store = Store::open(Some(&path), &fields).unwrap();
        let id = store.issue_id(2_000_000_000_000);
        store.put(id, &customer("a", "1")).unwrap();
        store
            .connection
            .execute_batch("DELETE FROM indexed; DELETE FROM found_by;")
            .unwrap();
        drop(store);
        let mut store = Store::open(Some(&path), &fields).unwrap();
        assert_eq!(store.page(&[holds("mobile", "1")], 0, 5).unwrap().1, 1);
        assert!(store.issue_id(0) > id);
    }

    #[test]
    fn ids_have_one_spelling() {
        assert_eq!(
            parse_id("685775343058800640"),
            Some(685_775_343_058_800_640)
        );
        for text in ["", "012", "-1", "+1", " 1", "1.0", "99999999999999999999"] {
            assert_eq!(parse_id(text), None, "{text}");
        }
    }
}
