//! The quota of the account in words: how much of each window of hours or days is used, and when calls come back.

use super::look::Look;
use crate::crm::{WindowUse, wall_time};
use crate::face::settings::Settings;
use crate::lang::page;

/// A window of the quota.
pub(super) struct QuotaLine {
    pub words: String,
    /// When calls come back, in words; empty where none are used.
    pub comes_back: String,
    pub used: u64,
    pub calls: u64,
}

/// Returns the windows that are counted; none where the account has no quota of hours or days.
pub(super) fn lines(settings: &Settings, look: &Look) -> Vec<QuotaLine> {
    let now = jiff::Timestamp::now().as_second().max(0).cast_unsigned();
    let used = settings.quota_used().into_iter();
    used.map(|its| window_line(&its, now, look)).collect()
}

fn window_line(window: &WindowUse, now: u64, look: &Look) -> QuotaLine {
    let said = |key, facts: &[(&str, &str)]| page::fill(look.lang, key, facts);
    let (rate, left) = (window.rate.to_string(), window.left().to_string());
    let (used, spent) = (window.used.to_string(), window.left() == 0);
    let until = window.frees_at.map(|frees_at| wall_time(frees_at, now));
    let key = if spent {
        "quota-free-again"
    } else {
        "quota-comes-back"
    };
    QuotaLine {
        words: said(
            if spent { "quota-spent" } else { "quota-left" },
            &[("rate", &rate), ("used", &used), ("left", &left)],
        ),
        comes_back: until.map_or_else(String::new, |until| said(key, &[("until", &until)])),
        used: window.used.min(window.rate.calls),
        calls: window.rate.calls,
    }
}
