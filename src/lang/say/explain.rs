//! The sentences of `ferry explain`.

use crate::lang::{Lang, Text};
use crate::model::Code;

/// Returns the name of a code's family.
pub fn family(lang: Lang, code: Code) -> &'static str {
    match code.number() / 100 {
        1 => lang.pick("1xx set-up", "1xx 设置"),
        2 => lang.pick("2xx connection and authentication", "2xx 连接与认证"),
        3 => lang.pick("3xx columns and fields", "3xx 列与字段"),
        4 => lang.pick("4xx data in a row", "4xx 行内数据"),
        5 => lang.pick("5xx replies of the CRM", "5xx CRM 的应答"),
        _ => lang.pick("6xx journal and files", "6xx 任务记录与文件"),
    }
}

/// Returns a code and its title.
pub fn title(lang: Lang, code: &str, title: &str) -> String {
    line!(lang, "{code}: {title}", "{code}：{title}")
}

/// Shows a sample message.
pub fn example(lang: Lang, message: &str) -> String {
    line!(lang, "example:    {message}", "示例：  {message}")
}

/// Says what to do.
pub fn remedy(lang: Lang, tip: &str) -> String {
    line!(lang, "what to do: {tip}", "怎么办：{tip}")
}

/// Names the family of a code.
pub fn belongs(lang: Lang, family: &str) -> String {
    line!(lang, "family:     {family}", "类别：  {family}")
}

/// Says that a text is no code of the catalogue.
pub fn unknown(text: &str) -> (Text, Text) {
    (
        both!(
            "“{text}” is no code of ferry",
            "“{text}”不是 ferry 的问题代码"
        ),
        both!(
            "`ferry explain` lists all of them",
            "`ferry explain` 会列出全部代码"
        ),
    )
}
