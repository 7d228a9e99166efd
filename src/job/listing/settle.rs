//! Customers that a pass did not bring although an earlier one had: each is read by itself, and is then known to be
//! there or gone.

use std::collections::BTreeSet;

use super::fetch::packed;
use super::{Digest, ListEnd, Listing};
use crate::job::JobError;
use crate::job::find_all::{Answer, find_all};
use crate::journal::{SINGLE_PAGE, SpoolPage};
use crate::model::{CustomerId, Monitor, Task};

/// How many are read between two commits.
const BATCH: u64 = 200;

/// Settles those that a pass lacks; `None` when that is done.
pub(super) fn settle(listing: &mut Listing<'_>, pass: u32) -> Result<Option<ListEnd>, JobError> {
    let monitor = listing.context.monitor.clone();
    let total = listing.spool.missing_in(pass)?;
    if total == 0 {
        return Ok(None);
    }
    monitor.start_task(Task::Settle, Some(total));
    let mut unread = BTreeSet::new();
    let end = loop {
        let ids = listing
            .spool
            .missing_ids(pass, BATCH + unread.len() as u64)?;
        let ids: Vec<CustomerId> = ids.into_iter().filter(|id| !unread.contains(id)).collect();
        if ids.is_empty() {
            break None;
        }
        let (answers, failure) = find_all(&ids, listing.options.concurrency, listing.context);
        monitor.advance(Task::Settle, answers.len() as u64);
        keep(listing, pass, answers, &mut unread)?;
        if listing.context.stop.is_requested() {
            break Some(ListEnd::Stopped);
        }
        if let Some(error) = failure {
            break Some(ListEnd::Failed(error));
        }
    };
    monitor.finish_task(Task::Settle);
    Ok(end)
}

/// Keeps what is known. A customer that cannot be read is neither there nor gone: the pass goes on lacking it, so the
/// list cannot be called complete by it.
fn keep(
    listing: &mut Listing<'_>,
    pass: u32,
    answers: Vec<(CustomerId, Answer)>,
    unread: &mut BTreeSet<CustomerId>,
) -> Result<(), JobError> {
    let mut there = Vec::new();
    let mut digest = Digest::default();
    for (id, answer) in answers {
        match answer {
            Answer::Gone => listing.spool.mark_gone(&id)?,
            Answer::There(customer) => {
                digest.add(&customer);
                there.push(listing.kept(&customer));
            }
            Answer::Unread(_) => drop(unread.insert(id)),
        }
    }
    if !there.is_empty() {
        let page = SpoolPage {
            pass,
            page: SINGLE_PAGE,
            count: listing.start.count,
            is_short: false,
            digest: digest.to_text(),
            customers: there,
        };
        listing.spool.add(&[packed(page)?])?;
    }
    Ok(())
}
