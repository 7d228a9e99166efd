//! The sentences of `ferry export`.

use super::amounts;
use crate::lang::{Lang, Text};

/// Says how many customers were exported, and at what cost.
pub fn total(lang: Lang, customers: u64, calls: u64, time: &str) -> String {
    let (all, in_calls) = (amounts::customers(customers), amounts::calls(calls));
    line!(
        lang,
        "{all} · {in_calls} in {time}",
        "客户 {customers} 个 · 调用 {calls} 次，用时 {time}"
    )
}

/// Says how many customers were created and deleted while the list was read.
pub fn moved(lang: Lang, created: u64, gone: u64) -> String {
    let new = amounts::counted(created, "customer was", "customers were");
    line!(
        lang,
        "while it was read, {new} created and {gone} went",
        "读取期间新建 {created} 个客户，{gone} 个已不存在"
    )
}

/// Says how often the list was read until nothing was missing.
pub fn passes(lang: Lang, passes: u32) -> String {
    line!(
        lang,
        "the list was read {passes} times, to be sure that nobody was passed over",
        "列表读取了 {passes} 遍，以确认没有遗漏"
    )
}

/// Names the exported file.
pub fn file(lang: Lang, path: &str) -> String {
    line!(lang, "export: {path}", "导出文件：{path}")
}

/// Names the file of an incomplete export.
pub fn incomplete_file(lang: Lang, path: &str) -> String {
    line!(
        lang,
        "incomplete export: {path}",
        "不完整的导出文件：{path}"
    )
}

/// Says how many customers of a stopped export are on the disk.
pub fn so_far(lang: Lang, customers: u64, pages: u64) -> String {
    let all = amounts::counted(customers, "customer is", "customers are");
    line!(
        lang,
        "{all} here (pages: {pages}); nothing of them is read again",
        "已取得 {customers} 个客户（{pages} 页），不会重复读取"
    )
}

/// Says how many old exports were deleted.
pub fn deleted(lang: Lang, count: u64) -> String {
    let old = amounts::counted(count, "older export was", "older exports were");
    line!(
        lang,
        "{old} deleted (--keep)",
        "已删除 {count} 个较早的导出（--keep）"
    )
}

/// Says that neither the file's name nor `--format` tells the form.
pub fn no_format(path: &str) -> (Text, Text) {
    (
        both!(
            "{path} ends with none of .xlsx, .csv and .jsonl",
            "{path} 的扩展名不是 .xlsx、.csv 或 .jsonl"
        ),
        both!(
            "name the file so, or give --format",
            "请用这样的文件名，或加 --format"
        ),
    )
}

/// Says that no file to export to is named.
pub fn no_output() -> (Text, Text) {
    (
        both!("no file is named to export to", "没有指定导出到哪个文件"),
        both!(
            "give -o FILE, or set export.output in the profile of ferry.toml",
            "请加 -o 文件，或在 ferry.toml 的配置中设置 export.output"
        ),
    )
}

/// Says that `--format` does not fit the file's name or standard output.
pub fn other_format(format: &str, path: &str) -> (Text, Text) {
    (
        both!(
            "{format} does not go into {path}",
            "{format} 格式不能写入 {path}"
        ),
        both!(
            "let --format and the end of the name agree; standard output takes csv and jsonl",
            "--format 应与扩展名一致；标准输出只支持 csv 和 jsonl"
        ),
    )
}

/// Says that a flag needs a file.
pub fn needs_a_file(flag: &str) -> (Text, Text) {
    (
        both!("{flag} needs a file", "{flag} 需要写入文件"),
        both!("give -o FILE instead of -o -", "请用 -o 文件，而不是 -o -"),
    )
}

/// Says that JSON lines cannot be compared, because they have no columns.
pub fn no_comparison_of_lines() -> (Text, Text) {
    (
        both!(
            "--compare needs columns: a .jsonl file has none",
            "--compare 需要列，.jsonl 文件没有列"
        ),
        both!(
            "export to .xlsx or .csv, or leave --compare out",
            "请导出为 .xlsx 或 .csv，或去掉 --compare"
        ),
    )
}

/// Says that the target is a folder.
pub fn is_a_folder(path: &str) -> (Text, Text) {
    (
        both!("{path} is a folder", "{path} 是文件夹"),
        both!(
            "add the name of the file, such as {path}/customers.xlsx",
            "请加上文件名，例如 {path}/客户.xlsx"
        ),
    )
}

/// Says that `--json` and the export would both be on standard output.
pub fn json_and_stdout() -> (Text, Text) {
    (
        both!(
            "--json and -o - both write to standard output",
            "--json 和 -o - 都要写到标准输出"
        ),
        both!(
            "give -o FILE, or leave --json out",
            "请用 -o 文件，或去掉 --json"
        ),
    )
}

/// Says that a file's name has an unknown placeholder.
pub fn no_placeholder(text: &str) -> (Text, Text) {
    (
        both!("“{text}” is no placeholder", "“{text}”不是可用的占位符"),
        both!(
            "{{date}}, {{time}} and {{profile}} can stand in a file's name",
            "文件名中可以使用 {{date}}、{{time}}、{{profile}}"
        ),
    )
}

/// Says that a condition has no `=`.
pub fn no_condition(text: &str) -> (Text, Text) {
    (
        both!("“{text}” is no condition", "“{text}”不是条件"),
        both!(
            "write FIELD=VALUE, such as --where 客户来源=百度; --where-empty FIELD finds customers without one",
            "请写成 字段=值，例如 --where 客户来源=百度；--where-empty 字段 可查没有该值的客户"
        ),
    )
}

/// Says how many customers an export in the list of jobs has.
pub fn customers(lang: Lang, count: u64) -> String {
    let all = amounts::customers(count);
    line!(lang, "{all}", "客户 {count} 个")
}

/// Marks an incomplete export in the list of jobs.
pub fn is_incomplete(lang: Lang) -> &'static str {
    lang.pick("incomplete", "不完整")
}

/// Says that the export to resume is finished.
pub fn finished(lang: Lang, job: &str) -> String {
    line!(
        lang,
        "the export {job} is finished",
        "导出任务 {job} 已完成"
    )
}
