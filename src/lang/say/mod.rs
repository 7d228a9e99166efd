//! The sentences of the command line that have no number: both languages side by side, one file per area.
//!
//! A sentence is a function, so that one that lacks a language does not compile, and whole, because the two
//! languages order words differently. What is printed at once takes the language and returns a line; what
//! travels inside an error is a [`Text`](super::Text), or a message with its hint.

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
pub mod explain;
pub mod export;
pub mod fields;
pub mod init;
pub mod jobs;
pub mod map;
pub mod parser;
pub mod plan;
pub mod progress;
pub mod summary;
pub mod template;
pub mod usage;

use super::Lang;

/// The mark before a message that ends a command.
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

/// The mark before a remedy.
pub fn hint(lang: Lang, hint: &str) -> String {
    line!(lang, "hint: {hint}", "提示：{hint}")
}

/// The mark before something to know.
pub fn note(lang: Lang, message: &str, code: &str) -> String {
    line!(lang, "note: {message} [{code}]", "注意：{message} [{code}]")
}

/// The embedded CRM, where an account's host is shown.
pub fn embedded_crm(lang: Lang) -> &'static str {
    lang.pick("the embedded CRM", "演练环境")
}

/// An account as people name it.
pub fn account(lang: Lang, appid: &str, host: &str) -> String {
    line!(lang, "{appid} at {host}", "{host}（appid {appid}）")
}

/// What a signal that asks to stop is answered with.
pub fn stopping(lang: Lang) -> &'static str {
    lang.pick(
        "stopping, after what is on its way; once more to leave at once",
        "正在停止，先等途中的请求完成；再按一次立即退出",
    )
}

/// Where `ferry sandbox` listens.
pub fn listening(lang: Lang, url: &str) -> String {
    line!(lang, "listening on {url}", "正在监听 {url}")
}

/// An id that `ferry get` did not find.
pub fn no_such_customer(lang: Lang, id: &str) -> String {
    line!(
        lang,
        "{id}: there is no such customer",
        "{id}：没有这个客户"
    )
}
