//! The sentences of `ferry map`.

use crate::lang::{Lang, Text};

/// The counts of a proposal.
#[derive(Debug, Clone, Copy)]
pub struct ProposalCounts {
    /// Rows that were read.
    pub rows: u64,
    /// Columns without a doubt.
    pub certain: usize,
    /// Columns that are left out.
    pub ignored: usize,
    /// Columns that a person must decide.
    pub doubts: usize,
    /// Words whose meaning a person must fill in.
    pub words: usize,
    /// Owners whose id a person must fill in.
    pub owners: usize,
}

/// Says that `--map` does not go with proposing a mapping.
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

/// Says that the name of a mapping ends with neither .toml nor .xlsx.
pub fn unknown_extension(path: &str) -> (Text, Text) {
    (
        both!(
            "-o {path} is neither .toml nor .xlsx",
            "-o {path} 既不是 .toml 也不是 .xlsx"
        ),
        both!("the extension decides the format", "格式由扩展名决定"),
    )
}

/// Shows a column that a person has to decide.
pub fn doubt(lang: Lang, column: &str, header: &str, doubt: &str) -> String {
    line!(
        lang,
        "  {column} {header}: {doubt}?",
        "  {column} {header}：{doubt}？"
    )
}

/// Says what was proposed.
pub fn counts(lang: Lang, counts: &ProposalCounts) -> String {
    let ProposalCounts {
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

/// Names the file of the mapping.
pub fn mapping_written(lang: Lang, path: &str) -> String {
    line!(lang, "mapping: {path}", "字段对应：{path}")
}

/// Says what to do with the mapping.
pub fn what_next(lang: Lang, mapping: &str) -> String {
    line!(
        lang,
        "decide what is marked, then `ferry check FILE --map {mapping}`",
        "请确定标出的项，然后 `ferry check 文件 --map {mapping}`"
    )
}
