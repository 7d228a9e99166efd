//! Fetches the pages of a pass in parallel, and writes each to the disk as it comes.
//!
//! ```text
//! numbers of missing pages ─► workers: list ─► (bounded channel) ─► spool, as many pages a commit as are there
//! ```
//!
//! The server's count changes while pages come, so the missing pages are computed anew until none is missing. A page
//! that is too short is asked for again: it is never taken for the end of the list.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::crm::{CallError, Crm, Page, Query};
use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::{JournalError, PackedPage, Spool, SpoolPage};
use crate::lookup::listing::options::{ListEnd, ListOptions};
use crate::lookup::listing::paging::{Paging, is_short};
use crate::lookup::listing::start::Start;
use crate::model::{Code, Monitor, Problem, Stop, Task};

/// How often a page that is too short is asked for at most.
const SHORT_TRIES: u32 = 3;

/// How often the first page is asked for at most, to find the server's page size.
const CAP_TRIES: u32 = 3;

/// Pages in one commit at most.
const BATCH_PAGES: usize = 32;

/// How often the missing pages of one pass are computed at most.
const MOST_ROUNDS: u32 = 1000;

/// Returns how many pages of `limit` customers hold so many customers; at least 1.
pub(crate) fn pages_of(count: u64, limit: u32) -> u64 {
    count.div_ceil(u64::from(limit.max(1))).max(1)
}

/// Reads the first page. Returns the moment at which the list began, the server's page size, and the page. The page
/// size is what page 1 holds, if that is fewer customers than were asked for and than there are (contract.md).
pub(crate) fn first_page(
    options: &ListOptions,
    context: &Context,
) -> Result<(Start, u32, Page), JobError> {
    let mut limit = options.page_size.max(1);
    for _ in 0..CAP_TRIES {
        let asked = jiff::Timestamp::now().as_second();
        let page = context.crm.list(&query(options, 1, limit))?;
        let came = jiff::Timestamp::now().as_second();
        let found = u32::try_from(page.customers.len()).unwrap_or(u32::MAX);
        if found == 0 || found >= limit || u64::from(found) >= page.count {
            let ahead = context.server_clock.server_clock_offset();
            let start = Start::new(&page, asked, came, ahead, &options.zone);
            return Ok((start, limit.max(found), page));
        }
        limit = found;
    }
    // A server that gives fewer customers each time has no page size. Its pages will be reported as short.
    let page = context.crm.list(&query(options, 1, limit))?;
    let ahead = context.server_clock.server_clock_offset();
    let now = jiff::Timestamp::now().as_second();
    let start = Start::new(&page, now, now, ahead, &options.zone);
    Ok((start, limit, page))
}

fn query(options: &ListOptions, page: u32, limit: u32) -> Query {
    Query {
        page,
        limit,
        condition: options.condition.clone(),
    }
}

/// Packs a page for the disk.
pub(crate) fn packed(page: SpoolPage) -> Result<PackedPage, JournalError> {
    page.pack()
        .map_err(|error| JournalError::Stopped(error.to_string()))
}

/// Reads the pages that a pass lacks. Returns `None` when it lacks none any more, else why reading ended early. Every
/// second pass reads from the last page to the first.
pub(crate) fn fetch(
    spool: &mut Spool,
    pass: u32,
    paging: Paging<'_>,
    context: &Context,
) -> Result<Option<ListEnd>, JobError> {
    let monitor = context.monitor.as_ref();
    for _ in 0..MOST_ROUNDS {
        let known = spool.counts(Some(pass))?.most.max(paging.start.count);
        let have = spool.pages(pass)?;
        let last = u32::try_from(pages_of(known, paging.limit)).unwrap_or(u32::MAX);
        let mut missing: Vec<u32> = (1..=last).filter(|page| !have.contains(page)).collect();
        if missing.is_empty() {
            return Ok(None);
        }
        if pass.is_multiple_of(2) {
            missing.reverse();
        }
        monitor.start_task(Task::Fetch, Some(missing.len() as u64));
        let failed = fetch_pages(spool, pass, &missing, paging, context);
        monitor.finish_task(Task::Fetch);
        match failed? {
            _ if context.stop.is_requested() => return Ok(Some(ListEnd::Stopped)),
            Some(error) => return Ok(Some(ListEnd::Failed(error))),
            None => {}
        }
    }
    // A list that grows faster than it is read has no end.
    Ok(None)
}

/// What the workers of one pass share.
struct Fetchers<'a> {
    crm: &'a dyn Crm,
    stop: &'a Stop,
    monitor: &'a dyn Monitor,
    next: AtomicUsize,
    halted: AtomicBool,
    failure: Mutex<Option<CallError>>,
}

fn fetch_pages(
    spool: &mut Spool,
    pass: u32,
    numbers: &[u32],
    paging: Paging<'_>,
    context: &Context,
) -> Result<Option<CallError>, JobError> {
    let workers = paging.options.concurrency.clamp(1, numbers.len().max(1));
    let fetchers = Fetchers {
        crm: context.crm.as_ref(),
        stop: &context.stop,
        monitor: context.monitor.as_ref(),
        next: AtomicUsize::new(0),
        halted: AtomicBool::new(false),
        failure: Mutex::new(None),
    };
    let (to_spool, pages) = bounded::<Result<PackedPage, JournalError>>(workers);
    let kept = std::thread::scope(|scope| {
        for _ in 0..workers {
            let (to_spool, fetchers) = (to_spool.clone(), &fetchers);
            scope.spawn(move || work(pass, numbers, paging, &to_spool, fetchers));
        }
        drop(to_spool);
        let kept = keep(spool, &pages, fetchers.monitor);
        // Dropping the channel ends the workers, also where the spool cannot be written.
        drop(pages);
        kept
    });
    kept?;
    Ok(fetchers
        .failure
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner))
}

fn keep(
    spool: &mut Spool,
    pages: &Receiver<Result<PackedPage, JournalError>>,
    monitor: &dyn Monitor,
) -> Result<(), JobError> {
    while let Ok(first) = pages.recv() {
        let batch = std::iter::once(first).chain(pages.try_iter().take(BATCH_PAGES - 1));
        let batch = batch.collect::<Result<Vec<_>, _>>()?;
        spool.add(&batch)?;
        monitor.advance(Task::Fetch, batch.len() as u64);
    }
    Ok(())
}

fn work(
    pass: u32,
    numbers: &[u32],
    paging: Paging<'_>,
    to_spool: &Sender<Result<PackedPage, JournalError>>,
    fetchers: &Fetchers<'_>,
) {
    loop {
        if fetchers.halted.load(Ordering::Relaxed) || fetchers.stop.is_requested() {
            return;
        }
        let Some(number) = numbers.get(fetchers.next.fetch_add(1, Ordering::Relaxed)) else {
            return;
        };
        match read_page(*number, paging, fetchers) {
            Ok(page) => {
                let page = paging.received(pass, *number, &page);
                if to_spool.send(packed(page)).is_err() {
                    return;
                }
            }
            Err(error) => {
                fetchers.halted.store(true, Ordering::Relaxed);
                let mut failure = fetchers
                    .failure
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner);
                failure.get_or_insert(error);
                return;
            }
        }
    }
}

/// Reads a page. One that is too short is asked for again; if it stays too short, the monitor is told.
fn read_page(number: u32, paging: Paging<'_>, fetchers: &Fetchers<'_>) -> Result<Page, CallError> {
    let mut page = fetchers
        .crm
        .list(&query(paging.options, number, paging.limit))?;
    for _ in 1..SHORT_TRIES {
        if !is_short(&page, number, paging.limit) || fetchers.stop.is_requested() {
            return Ok(page);
        }
        let again = fetchers
            .crm
            .list(&query(paging.options, number, paging.limit))?;
        if again.customers.len() >= page.customers.len() {
            page = again;
        }
    }
    if is_short(&page, number, paging.limit) {
        let short = Problem::new(Code::ShortPage)
            .with("page", number.to_string())
            .with("count", page.customers.len().to_string())
            .with("limit", paging.limit.to_string());
        fetchers.monitor.notice(&short);
    }
    Ok(page)
}
