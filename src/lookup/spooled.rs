//! Goes through the customers of a list on the disk, on all cores.

use rayon::prelude::*;

use crate::job::error::JobError;
use crate::journal::Spool;
use crate::model::Stop;

/// Pages of the list that are parsed at a time.
const PAGES: usize = 64;

/// Reads every customer of a list by `read`, in the order of the list, and hands them to `take` by the batch. Fails when
/// a page cannot be read back, and when a stop is asked for.
pub(crate) fn for_each_line<T: Send>(
    spool: &Spool,
    stop: &Stop,
    read: impl Fn(&str) -> std::io::Result<T> + Sync,
    mut take: impl FnMut(Vec<T>) -> Result<(), JobError>,
) -> Result<(), JobError> {
    let mut reader = spool.reader(spool.seen()?.living())?;
    loop {
        let pages = reader.read(PAGES)?;
        if pages.is_empty() {
            return Ok(());
        }
        let taken = pages.par_iter().map(|page| {
            let text = page.text()?;
            page.lines(&text)
                .map(&read)
                .collect::<std::io::Result<Vec<_>>>()
        });
        let taken: std::io::Result<Vec<Vec<T>>> = taken.collect();
        let taken = taken.map_err(|source| reader.damaged(source))?;
        take(taken.into_iter().flatten().collect())?;
        if stop.is_requested() {
            return Err(JobError::StoppedInPlan);
        }
    }
}
