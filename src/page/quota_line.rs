//! The quota of the account: how much of each window of hours or days is used, and when calls come back.

use crate::crm::WindowUse;
use crate::face::pace_outlook::{PaceOutlook, window_comes_back, window_used};
use crate::lang::Lang;

/// A window of the quota.
pub(super) struct QuotaLine {
    pub words: String,
    /// When calls come back, in words; empty where none are used.
    pub comes_back: String,
    pub used: u64,
    pub calls: u64,
}

/// Returns a line for each window that is counted.
pub(super) fn lines(outlook: &PaceOutlook, lang: Lang) -> Vec<QuotaLine> {
    let Some((quota, zone)) = &outlook.quota else {
        return Vec::new();
    };
    let line = |window: &WindowUse| QuotaLine {
        words: window_used(window, lang),
        comes_back: window_comes_back(window, zone, lang).unwrap_or_default(),
        used: window.used.min(window.rate.calls),
        calls: window.rate.calls,
    };
    quota.look(0).iter().map(line).collect()
}
