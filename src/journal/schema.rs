//! The tables of the journal and of the ledger, and their version.
//!
//! Nothing is released yet, so there are no migrations: a file of another version is refused.

/// The version of both schemas, kept in `PRAGMA user_version`.
pub(super) const VERSION: i64 = 9;

/// The state of a row that was committed before its call left. The numbers 0 to 6 are those of `Status`.
pub(super) const SENDING: i64 = 7;

/// The tables of `journal.db`. The checksums show a flipped bit, which SQLite does not (`checksum.rs`). The index of
/// problems holds those of the rows that have some, so that they are shown and counted without the other rows.
///
/// Records lie apart from what becomes of their rows: a record is written once and is long, and a row is changed twice
/// while it is sent. A row knows whether it has one, so that a record that went away is noticed. `fields` has the names of the records' fields (`record_text.rs`).
///
/// `counts` says how many rows there are of each state and action (`16 * state + action`), for whoever only looks:
/// counting a million rows reads all of them. It changes in the same commit as the rows (`row_moves.rs`). Whoever decides
/// something counts the rows.
pub(super) const JOURNAL: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows(
    row INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    action INTEGER NOT NULL,
    customer TEXT,
    fingerprint BLOB NOT NULL,
    has_record INTEGER NOT NULL,
    checksum INTEGER NOT NULL,
    problems TEXT,
    sent_at INTEGER,
    ended_at INTEGER,
    origin_job TEXT,
    origin_row INTEGER,
    wait_job TEXT,
    wait_row INTEGER,
    twin INTEGER NOT NULL DEFAULT 0,
    matched INTEGER NOT NULL DEFAULT 0,
    digest INTEGER,
    known INTEGER
);
CREATE TABLE records(row INTEGER PRIMARY KEY, record TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE TABLE fields(number INTEGER PRIMARY KEY, key TEXT NOT NULL, checksum INTEGER NOT NULL);
CREATE INDEX twins ON rows(fingerprint) WHERE twin = 1;
CREATE INDEX problems ON rows(row, state, problems) WHERE problems IS NOT NULL;
CREATE TABLE counts(kind INTEGER PRIMARY KEY, rows INTEGER NOT NULL);
INSERT INTO counts(kind, rows) WITH RECURSIVE kinds(kind) AS
    (VALUES (0) UNION ALL SELECT kind + 1 FROM kinds WHERE kind < 127) SELECT kind, 0 FROM kinds;
CREATE TABLE seen(value TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE images(row INTEGER NOT NULL, kind INTEGER NOT NULL, line TEXT NOT NULL, checksum INTEGER NOT NULL,
                    PRIMARY KEY(row, kind)) WITHOUT ROWID;
";

/// The tables of `ledger.db`.
///
/// `account` is a number everywhere else than in `accounts`: it stands in each entry of the indexes.
///
/// In `adds`, `content` is the hash of what was sent. `customer` is null while it is not known whether the add
/// happened. `readded` marks a row that an undo has added again, `merged` a row that the CRM has answered with an
/// older customer. `touches` holds customers that were written again unchanged, to see what the search shows.
pub(super) const LEDGER: &str = "
CREATE TABLE accounts(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE jobs(
    id INTEGER PRIMARY KEY,
    account INTEGER NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    UNIQUE(account, name)
);
CREATE TABLE adds(
    job INTEGER NOT NULL,
    row INTEGER NOT NULL,
    account INTEGER NOT NULL,
    fingerprint BLOB NOT NULL,
    content BLOB NOT NULL,
    customer TEXT,
    origin_job TEXT,
    origin_row INTEGER,
    readded INTEGER NOT NULL DEFAULT 0,
    merged INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY(job, row)
) WITHOUT ROWID;
CREATE TABLE touches(
    account INTEGER NOT NULL,
    customer TEXT NOT NULL,
    sent_at INTEGER NOT NULL,
    updated TEXT,
    PRIMARY KEY(account, customer)
) WITHOUT ROWID;
CREATE INDEX doubts_by_content ON adds(content, account) WHERE customer IS NULL;
CREATE INDEX adds_by_fingerprint ON adds(fingerprint, account, job, row);
CREATE INDEX adds_by_customer ON adds(customer) WHERE customer IS NOT NULL;
CREATE INDEX adds_by_origin ON adds(origin_job, origin_row) WHERE origin_job IS NOT NULL;
";
