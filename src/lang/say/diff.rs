//! The sentences of `ferry diff`.

use crate::lang::{Lang, Text, sheets};

/// Says how many customers differ.
pub fn counts(lang: Lang, added: u64, changed: u64, gone: u64) -> String {
    line!(
        lang,
        "{added} added, {changed} changed, {gone} gone",
        "新增 {added}，修改 {changed}，本次未查到 {gone}"
    )
}

/// Says how many customers differ, and how many do not.
pub fn total(lang: Lang, counts: &str, unchanged: u64) -> String {
    line!(
        lang,
        "{counts}, {unchanged} unchanged",
        "{counts}，无变化 {unchanged}"
    )
}

/// Names a customer that is new or gone.
pub fn customer(lang: Lang, kind: &str, name: &str, id: &str) -> String {
    let kind = sheets::change(lang, kind);
    line!(lang, "  {kind}: {name} ({id})", "  {kind}：{name}（{id}）")
}

/// Shows a field that changed, with both values.
pub fn field(lang: Lang, name: &str, id: &str, field: &str, values: (&str, &str)) -> String {
    let shown = |text: &str| {
        if text.is_empty() {
            lang.pick("(blank)", "（空）").to_owned()
        } else {
            text.to_owned()
        }
    };
    let (old, new) = (shown(values.0), shown(values.1));
    line!(
        lang,
        "  {name} ({id}) · {field}: {old} → {new}",
        "  {name}（{id}）· {field}：{old} → {new}"
    )
}

/// Says how many changes are not shown.
pub fn more(lang: Lang, count: u64) -> String {
    line!(
        lang,
        "  … and {count} more; -o FILE.xlsx writes all of them",
        "  …… 还有 {count} 处；用 -o 文件.xlsx 可写出全部"
    )
}

/// Names the columns that are not compared because one file lacks them.
pub fn missing_columns(lang: Lang, old: bool, columns: &str) -> String {
    if old {
        line!(
            lang,
            "only the older file has these columns, so they are not compared: {columns}",
            "以下列只有旧文件有，未作比较：{columns}"
        )
    } else {
        line!(
            lang,
            "only the newer file has these columns, so they are not compared: {columns}",
            "以下列只有新文件有，未作比较：{columns}"
        )
    }
}

/// Names the sheet of changes.
pub fn sheet_written(lang: Lang, path: &str) -> String {
    line!(lang, "changes: {path}", "变更明细：{path}")
}

/// Says that the sheet of changes has the name of neither a workbook nor a CSV file.
pub fn no_format(path: &str) -> (Text, Text) {
    (
        both!(
            "{path} ends with neither .xlsx nor .csv",
            "{path} 的扩展名不是 .xlsx 或 .csv"
        ),
        both!("name the file so", "请用这样的文件名"),
    )
}

/// Says that the sheet of changes would replace one of the exports.
pub fn writes_over(path: &str) -> (Text, Text) {
    (
        both!(
            "{path} is one of the exports that are compared",
            "{path} 是参与比较的导出文件"
        ),
        both!("give -o another name", "请用 -o 指定另一个文件名"),
    )
}
