//! The journal of each job and the ledger of all jobs: what was decided, sent and answered. Both survive a kill at
//! any moment.
//!
//! On disk, under the state folder:
//!
//! ```text
//! ledger.db                what any job of any account added, by the fingerprint of the source row
//! exports/<name>.lock      held while a process writes an export of that name
//! jobs/<job-id>/
//!   journal.db             the rows of the job: SQLite, schema in schema.rs
//!   journal.seq            the number of the last commit of intents, synced after it
//!   lock                   held while a process works on the job
//!   job.json, source.*     what the job was made from (written by `job`), and corrections.json beside them
//!   spool.db, stored.db    the pages of the list: of an export that is not finished, of an import that compares
//!   groups.db              the customers that `dupes` compares
//! ```
//!
//! The protocol, which docs/design/journal.md states step by step: a row is claimed in the ledger and committed as
//! *sending* in the journal before its call leaves. Its outcome is committed after the reply, the ledger first. One
//! thread, the [`Recorder`], writes; all others read.

mod baseline;
mod checksum;
mod claims;
mod clock;
mod codec;
mod content;
mod counting;
mod counts;
mod cursor;
mod database;
mod doubts;
mod error;
mod folder;
#[cfg(feature = "fuzzing")]
#[doc(hidden)]
pub mod fuzz;
mod group_store;
mod heal;
mod image;
mod images;
mod key_index;
mod ledger;
#[cfg(test)]
pub(crate) mod moment;
mod network;
mod owners;
mod pages;
mod presence;
mod readded;
mod record_text;
mod recorder;
mod row_moves;
mod rows;
mod schema;
mod scratch;
mod sent_times;
mod spool;
mod status;
mod store;
mod touches;

pub use baseline::Baseline;
pub use claims::RepeatPolicy;
pub use counts::{Effort, JournalCounts};
pub use cursor::{BATCH_ROWS, RowCursor, RowSet};
pub use error::JournalError;
pub use folder::{JobFolder, JobLock, StateFolder};
pub use group_store::{GroupMember, GroupStore};
pub use heal::heal_ledger;
pub use image::Images;
pub use key_index::KeyIndex;
pub use ledger::{Ledger, LedgerEntry, SourceRow};
pub use owners::{SeenOwner, SeenOwners};
pub use pages::{FoundRows, RowFilter};
pub use readded::ReaddedRow;
pub use recorder::{OutcomeSender, Recorder};
pub use rows::{HeldRow, JournalRow, KnownRows, PlannedRow, RowOutcome, RowState};
pub use sent_times::SentTimes;
pub use spool::{
    Age, Census, PackedPage, PassCounts, SINGLE_PAGE, SeenCounts, Spool, SpoolCustomer, SpoolPage,
    SpoolReader, StoredPage,
};
pub use status::{JobStatus, Note, Notes};
pub use store::Journal;
pub use touches::Touch;
