//! `ferry map`.

use crate::lang::{Lang, Text};

/// What a proposal came to.
#[derive(Debug, Clone, Copy)]
pub struct Counts {
    /// Rows that were looked at.
    pub rows: u64,
    /// Columns beyond doubt.
    pub certain: usize,
    /// Columns that are left out.
    pub ignored: usize,
    /// Columns to be decided.
    pub doubts: usize,
    /// Words to be filled in.
    pub words: usize,
    /// Owners to be filled in.
    pub owners: usize,
}

/// `--map` where a mapping is proposed.
pub fn needs_no_mapping() -> (Text, Text) {
    (
        both!(
            "--map names a mapping to be used, and this command proposes one",
            "--map 用于使用字段对应，而本命令是生成建议"
        ),
        both!(
            "leave it out, or use it with `ferry check`",
            "请去掉，或用于 `ferry check`"
        ),
    )
}

/// `-o` with a name of another kind.
pub fn unknown_extension(path: &str) -> (Text, Text) {
    (
        both!(
            "-o {path} is neither .toml nor .xlsx",
            "-o {path} 既不是 .toml 也不是 .xlsx"
        ),
        both!("the extension decides the format", "格式由扩展名决定"),
    )
}

/// One column that a person has to decide about.
pub fn doubt(lang: Lang, column: &str, header: &str, doubt: &str) -> String {
    line!(
        lang,
        "  {column} {header}: {doubt}?",
        "  {column} {header}：{doubt}？"
    )
}

/// What was proposed.
pub fn counts(lang: Lang, counts: &Counts) -> String {
    let Counts {
        rows,
        certain,
        ignored,
        doubts,
        words,
        owners,
    } = counts;
    line!(
        lang,
        "{rows} rows: {certain} columns sure, {ignored} left out, {doubts} to be decided; {words} words and {owners} owners to be filled in",
        "{rows} 行：{certain} 列已确定，{ignored} 列忽略，{doubts} 列待确定；待填写 {words} 个词、{owners} 位负责人"
    )
}

/// Where the mapping is.
pub fn written(lang: Lang, path: &str) -> String {
    line!(lang, "mapping: {path}", "字段对应：{path}")
}

/// What comes next.
pub fn what_next(lang: Lang) -> &'static str {
    lang.pick(
        "decide what is marked, then `ferry check FILE --map MAPPING`",
        "请确定标出的项，然后 `ferry check 文件 --map 字段对应`",
    )
}
