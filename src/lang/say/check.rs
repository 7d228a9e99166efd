//! The sentences of `ferry check`.

use super::amounts;
use serde::{Deserialize, Serialize};

use crate::lang::Lang;

/// The counts of a check.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
pub struct CheckedCounts {
    /// Rows that were checked.
    pub rows: u64,
    /// Rows that would be added.
    pub adds: u64,
    /// Rows that would be updated.
    pub updates: u64,
    /// Rows that an import would skip.
    pub skipped: u64,
    /// Those of them that are one customer with a row above.
    #[serde(default)]
    pub united: u64,
    /// Rows in doubt, which an import would look for.
    pub unknown: u64,
    /// Rows with problems.
    pub invalid: u64,
}

/// Says how many problems are not shown.
pub fn more_problems(lang: Lang, count: u64) -> String {
    let more = amounts::counted(count, "more problem", "more problems");
    line!(lang, "… and {more}", "…… 还有 {count} 个问题")
}

/// Says how many rows were checked, and with what result.
pub fn total(lang: Lang, counts: &CheckedCounts, time: &str) -> String {
    let CheckedCounts {
        rows,
        adds,
        updates,
        skipped,
        united,
        unknown,
        invalid,
    } = counts;
    let in_rows = amounts::rows(*rows);
    let some = |count: u64, english: &str, chinese: &str| match count {
        0 => String::new(),
        _ => line!(lang, "{count} {english}, ", "{chinese} {count}，"),
    };
    let skip = some(skipped.saturating_sub(*united), "to skip", "跳过");
    let unite = some(*united, "united with a row above", "与上方的行合并");
    let doubts = some(*unknown, "unknown", "待核实");
    line!(
        lang,
        "{in_rows}: {adds} to add, {updates} to update, {skip}{unite}{doubts}{invalid} invalid · {time}",
        "共 {rows} 行：新增 {adds}，更新 {updates}，{skip}{unite}{doubts}校验未通过 {invalid} · 用时 {time}"
    )
}

/// Says that `--max-errors` ended the check.
pub fn cut_short(lang: Lang, rows: u64) -> String {
    let in_rows = amounts::rows(rows);
    line!(
        lang,
        "stopped after {in_rows}: more of them are wrong than --max-errors allows; further rows were not looked at",
        "校验了 {rows} 行后停止：有问题的行超过 --max-errors 的限制，后面的行没有校验"
    )
}

/// Names the sheet of problems.
pub fn problems(lang: Lang, path: &str) -> String {
    line!(lang, "problems: {path}", "问题清单：{path}")
}

/// Says how a sheet of problems is written.
pub fn output_hint(lang: Lang) -> &'static str {
    lang.pick(
        "`ferry check FILE -o problems.xlsx` writes every row with problems and what to do about it",
        "`ferry check 文件 -o 问题.xlsx` 可把有问题的行和处理办法写成表格",
    )
}
