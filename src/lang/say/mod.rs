//! The sentences of the command line that have no number: both languages side by side, one file per area.
//!
//! A sentence is a function, so that a sentence that lacks a language does not compile. It is a whole sentence, because
//! the two languages order words differently. A function for a line that is printed at once takes the language. A
//! function for an error, which travels, returns a [`Text`](super::Text), or a message with its hint.

/// A line in one language, with the values that are in scope.
macro_rules! line {
    ($lang:expr, $english:literal, $chinese:literal) => {
        match $lang {
            $crate::lang::Lang::En => format!($english),
            $crate::lang::Lang::Zh => format!($chinese),
        }
    };
}

/// A text in both languages, with the values that are in scope.
macro_rules! both {
    ($english:literal, $chinese:literal) => {
        $crate::lang::Text::new(format!($english), format!($chinese))
    };
}

pub mod amounts;
pub mod check;
pub mod confirm;
pub mod diff;
pub mod doctor;
pub mod dupes;
pub mod explain;
pub mod export;
pub mod fields;
pub mod guide;
pub mod init;
pub mod jobs;
pub mod map;
pub mod parser;
pub mod plan;
pub mod progress;
pub mod quota;
pub mod report;
pub mod summary;
pub mod template;
pub mod usage;

use super::Lang;

/// Returns a message that ends a command, behind its mark.
pub fn error(lang: Lang, message: &str, code: Option<&str>) -> String {
    match code {
        Some(code) => line!(
            lang,
            "error: {message} [{code}]",
            "错误：{message} [{code}]"
        ),
        None => line!(lang, "error: {message}", "错误：{message}"),
    }
}

/// Returns a remedy behind its mark.
pub fn hint(lang: Lang, hint: &str) -> String {
    line!(lang, "hint: {hint}", "提示：{hint}")
}

/// Returns a notice behind its mark.
pub fn notice_mark(lang: Lang, message: &str, code: &str) -> String {
    line!(lang, "note: {message} [{code}]", "注意：{message} [{code}]")
}

/// Names the embedded CRM in place of an account's host.
pub fn embedded_crm(lang: Lang) -> &'static str {
    lang.pick("the embedded CRM", "演练环境")
}

/// Names an account as people do.
pub fn account(lang: Lang, appid: &str, host: &str) -> String {
    line!(lang, "{appid} at {host}", "{host}（appid {appid}）")
}

/// Answers a signal that asks to stop.
pub fn stopping(lang: Lang) -> &'static str {
    lang.pick(
        "stopping, after what is on its way; once more to leave at once",
        "正在停止，先等途中的请求完成；再按一次立即退出",
    )
}

/// Says where `ferry sandbox` listens.
pub fn listening(lang: Lang, url: &str) -> String {
    line!(lang, "listening on {url}", "正在监听 {url}")
}

/// Says that the customers of the embedded CRM were deleted.
pub fn sandbox_emptied(lang: Lang, customers: usize) -> String {
    let all = amounts::customers(customers as u64);
    line!(
        lang,
        "the embedded CRM is empty; {all} deleted",
        "演练环境已清空，删除了 {customers} 个客户"
    )
}

/// Says that `ferry get` did not find a customer.
pub fn no_such_customer(lang: Lang, id: &str) -> String {
    line!(
        lang,
        "{id}: there is no such customer",
        "{id}：没有这个客户"
    )
}
