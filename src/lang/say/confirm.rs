//! What is shown and asked before a write.

use crate::lang::Lang;

/// The account with its profile.
pub fn account_of_profile(lang: Lang, appid: &str, host: &str, profile: &str) -> String {
    line!(
        lang,
        "{appid} at {host} (profile {profile})",
        "{host}（appid {appid}，配置 {profile}）"
    )
}

/// Whom it goes to and how many rows; `rest` are the counts of those that are not sent.
pub fn plan(lang: Lang, whose: &str, adds: u64, updates: u64, rest: &[String]) -> String {
    let counts = super::summary::counts(lang, rest);
    if counts.is_empty() {
        return line!(
            lang,
            "to {whose}: {adds} to add, {updates} to update",
            "写入目标：{whose} · 新增 {adds}，更新 {updates}"
        );
    }
    line!(
        lang,
        "to {whose}: {adds} to add, {updates} to update, {counts}",
        "写入目标：{whose} · 新增 {adds}，更新 {updates}，{counts}"
    )
}

/// What it costs.
pub fn cost(lang: Lang, calls: u64, time: &str, rates: &str) -> String {
    line!(
        lang,
        "{calls} calls, about {time} at {rates}",
        "共 {calls} 次调用，速率 {rates}，约需 {time}"
    )
}

/// The question before adding rows that were compared with nothing.
pub fn add_unmatched(lang: Lang) -> &'static str {
    lang.pick(
        "Add them as new customers? [y/N] ",
        "全部作为新客户添加吗？[y/N] ",
    )
}

/// The question before a write.
pub fn go_on(lang: Lang) -> &'static str {
    lang.pick("Go on? [y/N] ", "继续吗？[y/N] ")
}

/// The question before a write to a protected profile.
pub fn type_profile(lang: Lang, profile: &str) -> String {
    line!(
        lang,
        "This profile is protected. Type its name ({profile}) to go on: ",
        "这个配置受保护。请输入它的名称（{profile}）以继续："
    )
}
