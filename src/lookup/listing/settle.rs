//! Settles customers that a pass did not bring although an earlier pass had: each is read by itself, and is then known
//! to be stored or gone.

use std::collections::BTreeSet;

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::{SINGLE_PAGE, Spool, SpoolPage};
use crate::lookup::find_all::{FindReply, find_all};
use crate::lookup::listing::digest::Digest;
use crate::lookup::listing::fetch::packed;
use crate::lookup::listing::options::ListEnd;
use crate::lookup::listing::paging::Paging;
use crate::model::{CustomerId, Monitor, Task};

/// How many customers are read between two commits.
const BATCH: u64 = 200;

/// Settles the customers that a pass lacks. Returns `None` when all were asked for, else why that ended early.
pub(crate) fn read_missing(
    spool: &mut Spool,
    pass: u32,
    paging: Paging<'_>,
    context: &Context,
) -> Result<Option<ListEnd>, JobError> {
    let monitor = context.monitor.clone();
    let total = spool.missing_in(pass)?;
    if total == 0 {
        return Ok(None);
    }
    monitor.start_task(Task::Settle, Some(total));
    let mut unread = BTreeSet::new();
    let end = loop {
        let ids = spool.missing_ids(pass, BATCH + unread.len() as u64)?;
        let ids: Vec<CustomerId> = ids.into_iter().filter(|id| !unread.contains(id)).collect();
        if ids.is_empty() {
            break None;
        }
        let (answers, failure) = find_all(&ids, paging.options.concurrency, context);
        monitor.advance(Task::Settle, answers.len() as u64);
        keep(spool, pass, paging, answers, &mut unread)?;
        if context.stop.is_requested() {
            break Some(ListEnd::Stopped);
        }
        if let Some(error) = failure {
            break Some(ListEnd::Failed(error));
        }
    };
    monitor.finish_task(Task::Settle);
    Ok(end)
}

/// Writes the answers to the spool. A customer that cannot be read is neither stored nor gone: the pass still lacks it,
/// so the pass cannot prove the list complete.
fn keep(
    spool: &mut Spool,
    pass: u32,
    paging: Paging<'_>,
    answers: Vec<(CustomerId, FindReply)>,
    unread: &mut BTreeSet<CustomerId>,
) -> Result<(), JobError> {
    let mut there = Vec::new();
    let mut digest = Digest::default();
    for (id, answer) in answers {
        match answer {
            FindReply::Gone => spool.mark_gone(&id)?,
            FindReply::There(customer) => {
                digest.add(&customer);
                there.push(paging.kept(&customer));
            }
            FindReply::Unread(_) => drop(unread.insert(id)),
        }
    }
    if !there.is_empty() {
        let page = SpoolPage {
            pass,
            page: SINGLE_PAGE,
            count: paging.start.count,
            is_short: false,
            digest: digest.to_text(),
            customers: there,
        };
        spool.add(&[packed(page)?])?;
    }
    Ok(())
}
