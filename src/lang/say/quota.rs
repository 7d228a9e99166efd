//! The quota of an account: how much of a window of hours or days is used, and when calls come back.

use super::amounts::counted;
use crate::lang::Lang;

/// Says how many calls of a window are used and left.
pub fn used(lang: Lang, rate: &str, used: u64, left: u64) -> String {
    let english = counted(used, "call", "calls");
    if left == 0 {
        line!(
            lang,
            "{rate}: spent, {english} used, {left} left",
            "{rate}：已用完，已用 {used} 次，剩余 {left} 次"
        )
    } else {
        line!(
            lang,
            "{rate}: {english} used, {left} left",
            "{rate}：已用 {used} 次，剩余 {left} 次"
        )
    }
}

/// Says when the first of the used calls come back.
pub fn comes_back(lang: Lang, until: &str) -> String {
    line!(
        lang,
        "The first of these calls come back at {until}.",
        "其中最早的一批调用将在 {until} 恢复。"
    )
}

/// Says from when on calls are possible again.
pub fn possible_again(lang: Lang, until: &str) -> String {
    line!(
        lang,
        "Calls are possible again at {until}.",
        "{until} 起可以继续调用。"
    )
}

/// Joins how much is used with when calls come back.
pub fn together(lang: Lang, used: &str, comes_back: &str) -> String {
    line!(lang, "{used}. {comes_back}", "{used}。{comes_back}")
}
