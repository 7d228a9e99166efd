//! The sentences of `ferry dupes`.

use super::amounts;
use crate::lang::{Lang, Text};

/// Says how many customers are held twice.
pub fn total(lang: Lang, groups: u64, customers: u64, searched: u64) -> String {
    let in_groups = amounts::counted(groups, "group", "groups");
    let all = amounts::customers(searched);
    line!(
        lang,
        "{in_groups} of duplicates with {customers} customers, among {all}",
        "在 {searched} 个客户中找到 {groups} 组重复，共 {customers} 个客户"
    )
}

/// Says that no customer is held twice.
pub fn none(lang: Lang, searched: u64) -> String {
    let all = amounts::customers(searched);
    line!(
        lang,
        "no duplicates among {all}",
        "{searched} 个客户中没有重复"
    )
}

/// Says what one key has found.
pub fn by_key(lang: Lang, key: &str, groups: u64, customers: u64) -> String {
    let in_groups = amounts::counted(groups, "group", "groups");
    let all = amounts::customers(customers);
    line!(
        lang,
        "  {key}: {in_groups}, {all}",
        "  {key}：{groups} 组，{customers} 个客户"
    )
}

/// Says by what customers were compared, where nobody has said by what.
pub fn by_default(lang: Lang, keys: &str) -> String {
    line!(
        lang,
        "compared by {keys}; --by names other fields",
        "按 {keys} 查重；可用 --by 指定其他字段"
    )
}

/// Says what the search has cost.
pub fn cost(lang: Lang, calls: u64, time: &str) -> String {
    let in_calls = amounts::calls(calls);
    line!(lang, "{in_calls} in {time}", "调用 {calls} 次，用时 {time}")
}

/// Names the sheet.
pub fn sheet(lang: Lang, path: &str) -> String {
    line!(lang, "duplicates: {path}", "重复客户：{path}")
}

/// Says what comes next. `delete` is the command.
pub fn next(lang: Lang, delete: &str) -> String {
    line!(
        lang,
        "look through it: `_keep` marks who stays; then {delete}",
        "请逐组核对：`_keep` 标出要保留的客户；然后运行 {delete}"
    )
}

/// Says that a list of fields is read from the account.
pub fn fields_of_account() -> (Text, Text) {
    (
        both!(
            "--fields goes with a FILE: the account says itself what its fields are",
            "--fields 只用于文件：账号会直接给出字段列表"
        ),
        both!("leave --fields out", "请去掉 --fields"),
    )
}
