//! Reads the whole list of customers, or of those that a filter picks, onto the disk, and tells whether it is complete.
//!
//! The race, in order:
//!
//! 1. The first pages are read.
//! 2. A customer on one of them is deleted, so every customer behind moves up by one place.
//! 3. The first customer of the next page moves onto a page that was read already: no pass brings it.
//! 4. A new customer is added at the end. Unique rows and the server's `count` agree, although a customer is missing.
//!
//! So neither of these numbers proves anything (contract.md). A list is **complete** (product.md, *export*) when
//!
//! 1. as many customers that were certainly created before the start were seen as the server counted at the start: then
//!    all of them are known, or
//! 2. a further pass brought no unknown customer from before the start, and the customers that it lacks were settled
//!    one by one. If fewer customers are known then than the server counts, the next pass has to agree as well.
//!
//! Passes read the pages upwards and downwards in turns. A deletion hides customers from a pass upwards, and a new
//! customer hides them from a pass downwards, so two passes in a row hardly ever miss the same customer.
//!
//! ```text
//! start.rs    what "before the start" means    fetch.rs    pages in parallel
//! digest.rs   what a page says of columns      settle.rs   customers one by one
//! ```

use crate::job::context::Context;
use crate::job::error::JobError;
use crate::journal::{Age, Spool};
use crate::lookup::listing::digest::Digest;
use crate::lookup::listing::options::{Completeness, FirstPass, ListEnd, ListOptions};
use crate::lookup::listing::paging::Paging;
use crate::lookup::listing::start::{Plausibility, Start};
use crate::lookup::listing::{fetch, settle};
use crate::model::{Code, Monitor, Problem};
use crate::stored::customer::Unreadable;

/// Names of the facts about a list that its spool keeps.
const START: &str = "start";
const LIMIT: &str = "limit";
const PASSES: &str = "passes_done";
const VERDICT: &str = "verdict";
/// The words of the verdict.
const COMPLETE: &str = "complete";
const INCOMPLETE: &str = "incomplete";
/// The latest pass that brought and lacked no customer.
const CLEAN: &str = "clean_pass";

/// Passes that a spool can tell apart.
pub(crate) const MOST_PASSES: u32 = 32;

/// A list that is being read onto the disk.
pub(crate) struct Listing<'a> {
    pub(crate) spool: Spool,
    pub(crate) options: &'a ListOptions,
    pub(crate) context: &'a Context,
    pub(crate) start: Start,
    /// The server's page size.
    limit: u32,
}

impl<'a> Listing<'a> {
    /// Asks for the first page, or goes on with a list that was begun before.
    pub(crate) fn begin(
        mut spool: Spool,
        options: &'a ListOptions,
        context: &'a Context,
    ) -> Result<Self, JobError> {
        if let Some((start, limit)) = begun(&spool)? {
            return Ok(Self {
                spool,
                options,
                context,
                start,
                limit,
            });
        }
        // Pages that a killed run has left belong to another start.
        spool.clear()?;
        let (start, limit, first) = fetch::first_page(options, context)?;
        let mut page = Paging {
            options,
            start: &start,
            limit,
        }
        .received(1, 1, &first);
        for customer in &mut page.customers {
            // The customers in the same reply as the count were counted.
            customer.age = Age::Before;
        }
        spool.add(&[fetch::packed(page)?])?;
        // The start is written last. A run that dies before leaves a list that is begun anew.
        spool.set_meta(LIMIT, &limit.to_string())?;
        let text = serde_json::to_string(&start).unwrap_or_default();
        spool.set_meta(START, &text)?;
        Ok(Self {
            spool,
            options,
            context,
            start,
            limit,
        })
    }

    /// Returns how many calls one pass takes.
    pub(crate) fn pages(&self) -> u64 {
        fetch::pages_of(self.start.count, self.limit)
    }

    /// Returns the spool with the pages read so far.
    pub(crate) fn into_spool(self) -> Spool {
        self.spool
    }

    /// Reads passes until the list is complete, or `max_passes` were read. Goes on behind the passes that were read
    /// before.
    pub(crate) fn read(&mut self) -> Result<ListEnd, JobError> {
        if let Some(verdict) = verdict(&self.spool)? {
            return Ok(ListEnd::Read(verdict));
        }
        let done = small_number(&self.spool, PASSES)?.unwrap_or(0);
        for pass in done + 1..=self.options.max_passes.min(MOST_PASSES) {
            if let Some(end) = self.read_pass(pass)? {
                return Ok(end);
            }
            if self.is_complete(pass)? {
                return self.end(Completeness::Complete);
            }
            self.spool.set_meta(PASSES, &pass.to_string())?;
        }
        self.end(Completeness::Incomplete)
    }

    /// Reads the first pass, and tells whether that alone proves the list complete. [`Listing::read`] goes on behind
    /// it.
    pub(crate) fn read_first(&mut self) -> Result<FirstPass, JobError> {
        if let Some(end) = self.read_pass(1)? {
            return Ok(FirstPass::Ended(end));
        }
        if self.is_complete(1)? {
            self.end(Completeness::Complete)?;
            return Ok(FirstPass::Complete);
        }
        self.spool.set_meta(PASSES, "1")?;
        Ok(FirstPass::Unproven)
    }

    fn end(&mut self, verdict: Completeness) -> Result<ListEnd, JobError> {
        let text = match verdict {
            Completeness::Complete => COMPLETE,
            Completeness::Incomplete => INCOMPLETE,
        };
        self.spool.set_meta(VERDICT, text)?;
        Ok(ListEnd::Read(verdict))
    }

    /// Reads a pass; from the second on, also settles the customers that it lacks. Returns `None` when the pass was
    /// read to its end.
    fn read_pass(&mut self, pass: u32) -> Result<Option<ListEnd>, JobError> {
        if let Some(end) = self.fetch(pass)? {
            return Ok(Some(end));
        }
        if pass == 1 {
            return Ok(None);
        }
        // Where a pass lacks very many customers, another pass is cheaper than reading each of them.
        let affordable = self.pages().max(u64::from(self.limit));
        let affordable = affordable * if pass > 2 { 10 } else { 1 };
        if self.spool.missing_in(pass)? > affordable {
            return Ok(None);
        }
        let paging = Paging {
            options: self.options,
            start: &self.start,
            limit: self.limit,
        };
        settle::read_missing(&mut self.spool, pass, paging, self.context)
    }

    fn fetch(&mut self, pass: u32) -> Result<Option<ListEnd>, JobError> {
        let paging = Paging {
            options: self.options,
            start: &self.start,
            limit: self.limit,
        };
        fetch::fetch(&mut self.spool, pass, paging, self.context)
    }

    fn is_complete(&mut self, pass: u32) -> Result<bool, JobError> {
        let seen = self.spool.seen()?;
        if seen.before == self.start.count && self.can_tell_times()? {
            return Ok(true);
        }
        let is_clean = pass > 1
            && self.spool.counts(Some(pass))?.short_pages == 0
            && self.spool.only_in(pass)? == 0
            && self.spool.missing_in(pass)? == 0;
        if !is_clean {
            return Ok(false);
        }
        // Fewer than the server counts: the rest was created behind the reader's back, or is hidden from all passes so
        // far. One more pass that brings nobody is as much as can be done to tell.
        let is_short = seen.living() < self.spool.last_count(pass)?;
        let was_clean = small_number(&self.spool, CLEAN)? == Some(pass - 1);
        self.spool.set_meta(CLEAN, &pass.to_string())?;
        Ok(!is_short || was_clean)
    }

    /// Whether the times of creation can be trusted. Where nothing has moved, they may be trusted unproven.
    fn can_tell_times(&self) -> Result<bool, JobError> {
        let digest = digest_of(&self.spool)?;
        let now = jiff::Timestamp::now().as_second();
        let ahead = self.context.server_clock.server_clock_offset();
        let zone = &self.options.zone;
        let counts = self.spool.counts(None)?;
        let is_still = counts.repeats == 0 && counts.least == counts.most;
        match Plausibility::of(&digest.newest, zone, now, ahead) {
            Plausibility::Proven => Ok(true),
            Plausibility::Unproven => Ok(is_still),
            Plausibility::Wrong => {
                let said = Problem::new(Code::TimesInFuture).with("value", &digest.newest);
                self.context.monitor.notice(&said);
                Ok(false)
            }
        }
    }
}

/// Returns the digest of all pages of a list. Fails if one of them cannot be read back.
pub(crate) fn digest_of(spool: &Spool) -> Result<Digest, JobError> {
    let mut whole = Digest::default();
    let mut unreadable: Option<Unreadable> = None;
    spool.digests(|text| match Digest::from_text(text) {
        Ok(digest) => whole.merge(digest),
        Err(error) => drop(unreadable.get_or_insert(error)),
    })?;
    unreadable.map_or(Ok(whole), |error| Err(error.into()))
}

/// Returns whether a list is complete; `None` while it is not read to its end.
pub(crate) fn verdict(spool: &Spool) -> Result<Option<Completeness>, JobError> {
    Ok(match spool.meta(VERDICT)?.as_deref() {
        Some(COMPLETE) => Some(Completeness::Complete),
        Some(INCOMPLETE) => Some(Completeness::Incomplete),
        Some(word) => return Err(spool.unknown_word(VERDICT, word).into()),
        None => None,
    })
}

/// Returns how many customers the server counted when a list was begun; 0 if it was not begun.
pub(crate) fn count_at_start(spool: &Spool) -> Result<u64, JobError> {
    Ok(begun(spool)?.map_or(0, |(start, _)| start.count))
}

/// Returns the server's page size of a list; 0 if it was not begun.
pub(crate) fn page_size_of(spool: &Spool) -> Result<u32, JobError> {
    Ok(begun(spool)?.map_or(0, |(_, limit)| limit))
}

fn small_number(spool: &Spool, key: &'static str) -> Result<Option<u32>, JobError> {
    let small = |number: u64| {
        u32::try_from(number).map_err(|_| spool.unknown_word(key, &number.to_string()))
    };
    Ok(spool.number(key)?.map(small).transpose()?)
}

fn begun(spool: &Spool) -> Result<Option<(Start, u32)>, JobError> {
    let start = spool.meta(START)?;
    let start = start.map(|text| serde_json::from_str(&text)).transpose();
    let start = start.map_err(|error| spool.damaged(error.into()))?;
    Ok(start.zip(small_number(spool, LIMIT)?))
}
