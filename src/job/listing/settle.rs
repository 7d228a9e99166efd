//! Customers that a pass did not bring although an earlier one had: each is read by itself, and is then known to be
//! there or gone.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use super::{Digest, ListEnd, Listing};
use crate::crm::{CallError, Class};
use crate::job::JobError;
use crate::journal::{SINGLE_PAGE, SpoolPage};
use crate::model::{Customer, CustomerId, Monitor, Task};

/// How many are read between two commits.
const BATCH: u64 = 200;

/// What became of a customer.
enum Settled {
    There(Box<Customer>),
    Gone(CustomerId),
}

/// Settles those that a pass lacks; `None` when that is done.
pub(super) fn settle(listing: &mut Listing<'_>, pass: u32) -> Result<Option<ListEnd>, JobError> {
    let monitor = listing.context.monitor.clone();
    let total = listing.spool.missing_in(pass)?;
    if total == 0 {
        return Ok(None);
    }
    monitor.start_task(Task::Settle, Some(total));
    let end = loop {
        let ids = listing.spool.missing_ids(pass, BATCH)?;
        if ids.is_empty() {
            break None;
        }
        let (settled, failure) = ask(listing, &ids);
        monitor.advance(Task::Settle, settled.len() as u64);
        keep(listing, pass, settled)?;
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

fn keep(listing: &mut Listing<'_>, pass: u32, settled: Vec<Settled>) -> Result<(), JobError> {
    let mut there = Vec::new();
    let mut digest = Digest::default();
    for one in settled {
        match one {
            Settled::Gone(id) => listing.spool.mark_gone(&id)?,
            Settled::There(customer) => {
                digest.add(&customer);
                there.push(listing.kept(&customer));
            }
        }
    }
    if there.is_empty() {
        return Ok(());
    }
    let page = SpoolPage {
        pass,
        page: SINGLE_PAGE,
        count: listing.start.count,
        is_short: false,
        digest: digest.to_text(),
        customers: there,
    };
    Ok(listing.spool.add(&[page])?)
}

fn ask(listing: &Listing<'_>, ids: &[CustomerId]) -> (Vec<Settled>, Option<CallError>) {
    let (crm, stop) = (listing.context.crm.as_ref(), &listing.context.stop);
    let next = AtomicUsize::new(0);
    let halted = AtomicBool::new(false);
    let settled = Mutex::new(Vec::new());
    let failure = Mutex::new(None);
    let workers = listing.options.concurrency.clamp(1, ids.len().max(1));
    let work = || {
        while !halted.load(Ordering::Relaxed) && !stop.is_requested() {
            let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) else {
                return;
            };
            let one = match crm.find(id) {
                Ok(customer) => Settled::There(Box::new(customer)),
                Err(error) if error.class == Class::Gone => Settled::Gone(id.clone()),
                Err(error) => {
                    halted.store(true, Ordering::Relaxed);
                    let mut failure = failure.lock().unwrap_or_else(PoisonError::into_inner);
                    failure.get_or_insert(error);
                    return;
                }
            };
            let mut settled = settled.lock().unwrap_or_else(PoisonError::into_inner);
            settled.push(one);
        }
    };
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(work);
        }
    });
    (
        settled.into_inner().unwrap_or_else(PoisonError::into_inner),
        failure.into_inner().unwrap_or_else(PoisonError::into_inner),
    )
}
