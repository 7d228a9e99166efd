//! How fast calls may leave, and how long so many of them take: as somebody watches a job, or is asked about one.

use std::time::Duration;

use jiff::tz::TimeZone;

use crate::crm::{CountedQuota, WindowUse, wall_time};
use crate::lang::{Lang, say};

/// The pace of an account, as it is told.
#[derive(Debug, Clone, Default)]
pub(crate) struct PaceOutlook {
    /// The allowed pace, as people write it.
    pub words: String,
    /// The windows of hours and days, if there are any, and the zone in which moments are told.
    pub quota: Option<(CountedQuota, TimeZone)>,
}

impl PaceOutlook {
    /// Returns how long so many further calls take at least, because of windows of hours and days.
    pub fn time_for(&self, calls: u64) -> Duration {
        let windows = self.quota.iter().flat_map(|(quota, _)| quota.look(calls));
        windows.map(|its| its.enough_in).max().unwrap_or_default()
    }

    /// Returns a sentence for each window that does not have so many calls left: what is used, and when calls come back.
    pub fn short_windows(&self, calls: u64, lang: Lang) -> Vec<String> {
        let Some((quota, zone)) = &self.quota else {
            return Vec::new();
        };
        let windows = quota.look(calls).into_iter();
        let short = windows.filter(|its| !its.enough_in.is_zero());
        short.map(|its| window_in_words(&its, zone, lang)).collect()
    }
}

/// Returns how much of a window is used, and when calls come back.
fn window_in_words(window: &WindowUse, zone: &TimeZone, lang: Lang) -> String {
    let used = window_used(window, lang);
    match window_comes_back(window, zone, lang) {
        Some(comes_back) => say::quota::together(lang, &used, &comes_back),
        None => used,
    }
}

/// Returns how much of a window is used.
pub(crate) fn window_used(window: &WindowUse, lang: Lang) -> String {
    say::quota::used(lang, &window.rate.to_string(), window.used, window.left())
}

/// Returns when calls of a window come back; `None` where none are used.
pub(crate) fn window_comes_back(window: &WindowUse, zone: &TimeZone, lang: Lang) -> Option<String> {
    let now = jiff::Timestamp::now().as_second().max(0).cast_unsigned();
    let until = wall_time(window.frees_at?, now, zone);
    Some(if window.left() == 0 {
        say::quota::possible_again(lang, &until)
    } else {
        say::quota::comes_back(lang, &until)
    })
}
