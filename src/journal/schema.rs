//! The tables of the journal and of the ledger, and their version.
//!
//! Nothing is released yet, so there are no migrations: a file of another version is refused.

/// The version of both schemas, kept in `PRAGMA user_version`.
pub(super) const VERSION: i64 = 7;

/// The state of a row that was committed before its call left. The numbers 0 to 6 are those of `Status`.
pub(super) const SENDING: i64 = 7;

/// The tables of `journal.db`. The checksums show a flipped bit, which SQLite does not (`checksum.rs`). The index of
/// problems holds those of the rows that have some, so that they are shown and counted without the other rows.
///
/// `counts` says how many rows there are of each state and action. It is kept by the database itself, with every change
/// of a row and in the same commit, for whoever only looks: counting a million rows reads all of them. Whoever decides
/// something counts the rows.
pub(super) const JOURNAL: &str = "
CREATE TABLE meta(key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE rows(
    row INTEGER PRIMARY KEY,
    state INTEGER NOT NULL,
    action INTEGER NOT NULL,
    customer TEXT,
    fingerprint BLOB NOT NULL,
    record TEXT,
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
    known INTEGER,
    checksum INTEGER NOT NULL,
    record_checksum INTEGER NOT NULL
);
CREATE INDEX twins ON rows(fingerprint) WHERE twin = 1;
CREATE INDEX problems ON rows(row, state, problems) WHERE problems IS NOT NULL;
CREATE TABLE counts(state INTEGER NOT NULL, action INTEGER NOT NULL, rows INTEGER NOT NULL,
                    PRIMARY KEY(state, action)) WITHOUT ROWID;
CREATE TRIGGER row_came AFTER INSERT ON rows BEGIN
    INSERT INTO counts(state, action, rows) VALUES (new.state, new.action, 1)
        ON CONFLICT(state, action) DO UPDATE SET rows = rows + 1;
END;
CREATE TRIGGER row_moved AFTER UPDATE OF state, action ON rows
WHEN old.state <> new.state OR old.action <> new.action BEGIN
    UPDATE counts SET rows = rows - 1 WHERE state = old.state AND action = old.action;
    INSERT INTO counts(state, action, rows) VALUES (new.state, new.action, 1)
        ON CONFLICT(state, action) DO UPDATE SET rows = rows + 1;
END;
CREATE TABLE seen(value TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE images(row INTEGER NOT NULL, kind INTEGER NOT NULL, line TEXT NOT NULL, checksum INTEGER NOT NULL,
                    PRIMARY KEY(row, kind)) WITHOUT ROWID;
";

/// The tables of `ledger.db`.
///
/// In `adds`, `content` is the hash of what was sent. `customer` is null while it is not known whether the add
/// happened. `readded` marks a row that an undo has added again, `merged` a row that the CRM has answered with an
/// older customer. `touches` holds customers that were written again unchanged, to see what the search shows.
pub(super) const LEDGER: &str = "
CREATE TABLE jobs(
    id INTEGER PRIMARY KEY,
    account TEXT NOT NULL,
    name TEXT NOT NULL,
    seq INTEGER NOT NULL DEFAULT 0,
    UNIQUE(account, name)
);
CREATE TABLE adds(
    job INTEGER NOT NULL,
    row INTEGER NOT NULL,
    account TEXT NOT NULL,
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
    account TEXT NOT NULL,
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
