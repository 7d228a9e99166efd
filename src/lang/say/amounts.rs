//! Numbers with their units.

use std::time::Duration;

use crate::lang::{Lang, fill};

/// Returns a duration with at most two units: `0.4 s`, `12 s`, `3 min 20 s`, `2 h 5 min`, `3 days 2 h`.
pub fn duration(lang: Lang, duration: Duration) -> String {
    let whole = duration.as_secs();
    let (minutes, hours, days) = (whole / 60, whole / 3600, whole / 86_400);
    let seconds = whole % 60;
    match whole {
        0..10 => {
            let seconds = duration.as_secs_f64();
            line!(lang, "{seconds:.1} s", "{seconds:.1} 秒")
        }
        10..60 => line!(lang, "{seconds} s", "{seconds} 秒"),
        60..3600 => line!(
            lang,
            "{minutes} min {seconds} s",
            "{minutes} 分 {seconds} 秒"
        ),
        3600..172_800 => {
            let minutes = minutes % 60;
            line!(lang, "{hours} h {minutes} min", "{hours} 小时 {minutes} 分")
        }
        _ => {
            let hours = hours % 24;
            line!(lang, "{days} days {hours} h", "{days} 天 {hours} 小时")
        }
    }
}

/// Joins items to a list inside a sentence.
pub fn list<'a>(lang: Lang, items: impl IntoIterator<Item = &'a str>) -> String {
    fill::list(lang, items)
}

/// Joins clauses to a sentence.
pub fn clauses(lang: Lang, clauses: &[String]) -> String {
    clauses.join(lang.pick("; ", "；"))
}

/// Returns a number of calls in English, as one or as many.
pub fn calls(count: u64) -> String {
    counted(count, "call", "calls")
}

/// Returns a number of rows in English.
pub fn rows(count: u64) -> String {
    counted(count, "row", "rows")
}

/// Returns a number of customers in English.
pub fn customers(count: u64) -> String {
    counted(count, "customer", "customers")
}

/// Returns a number of fields in English.
pub fn fields(count: u64) -> String {
    counted(count, "field", "fields")
}

/// Returns a number with the English words that go with one or with many.
pub fn counted(count: u64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_shown_with_two_units_at_most() {
        for (milliseconds, english, chinese) in [
            (7250, "7.2 s", "7.2 秒"),
            (59_900, "59 s", "59 秒"),
            (200_000, "3 min 20 s", "3 分 20 秒"),
            (7_500_000, "2 h 5 min", "2 小时 5 分"),
            (266_400_000, "3 days 2 h", "3 天 2 小时"),
        ] {
            let shown = Duration::from_millis(milliseconds);
            assert_eq!(duration(Lang::En, shown), english);
            assert_eq!(duration(Lang::Zh, shown), chinese);
        }
    }
}
