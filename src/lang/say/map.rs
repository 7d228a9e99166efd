//! The sentences of `ferry map`.

use super::amounts;
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
    let in_rows = amounts::rows(*rows);
    let sure = amounts::counted(*certain as u64, "column", "columns");
    let in_words = amounts::counted(*words as u64, "word", "words");
    let in_owners = amounts::counted(*owners as u64, "owner", "owners");
    line!(
        lang,
        "{in_rows}: {sure} sure, {ignored} left out, {doubts} to be decided; {in_words} and {in_owners} to be filled in",
        "{rows} 行：{certain} 列已确定，{ignored} 列忽略，{doubts} 列待确定；待填写 {words} 个词、{owners} 位负责人"
    )
}

/// Names the file of the mapping.
pub fn mapping_written(lang: Lang, path: &str) -> String {
    line!(lang, "mapping: {path}", "字段对应：{path}")
}

/// Says what to do with a mapping in which something `is_open`.
pub fn what_next(lang: Lang, mapping: &str, is_open: bool) -> String {
    if !is_open {
        return line!(
            lang,
            "nothing is in doubt: `ferry check FILE --map {mapping}`",
            "没有待确定的项：`ferry check 文件 --map {mapping}`"
        );
    }
    line!(
        lang,
        "decide what is marked, then `ferry check FILE --map {mapping}`",
        "请确定标出的项，然后 `ferry check 文件 --map {mapping}`"
    )
}

/// Says in a mapping workbook that a suggestion has to be confirmed.
pub fn suggestion_doubt(lang: Lang) -> &'static str {
    lang.pick(
        "suggestion; delete this cell if it is right",
        "建议；正确就清空此格",
    )
}

/// Returns the name of the sheet that explains a mapping workbook.
pub fn guide_sheet(lang: Lang) -> &'static str {
    lang.pick("How to fill in", "填写说明")
}

/// Returns the titles of the sheet that explains a mapping workbook.
pub fn guide_headers(lang: Lang) -> [&'static str; 2] {
    lang.pick(["Where", "What to do"], ["位置", "怎么填"])
}

/// Returns the title above the message for an entry that no drop-down offers.
pub fn not_offered_title(lang: Lang) -> &'static str {
    lang.pick("Not in the list", "不在列表中")
}

/// Returns the message for an entry that no drop-down offers.
pub fn not_offered(lang: Lang) -> &'static str {
    lang.pick(
        "The list does not have this. Keys of `ferry fields`, further places such as 手机4, and ids can be typed all the same.",
        "下拉列表中没有这一项。字段标识、更多的位置（如 手机4）和 ID 可以直接输入。",
    )
}

/// Returns the rows of the sheet that explains a mapping workbook: a place, and what to do there.
pub fn guide(lang: Lang) -> Vec<[&'static str; 2]> {
    lang.pick(GUIDE_EN, GUIDE_ZH).to_vec()
}

const GUIDE_EN: &[[&str; 2]] = &[
    [
        "In short",
        "Amber rows are not decided yet. Go through them on Columns, Choices, Owners and Settings, save, and run `ferry check FILE --map THIS`. Nothing is imported before every amber row is decided.",
    ],
    [
        "Columns",
        "One row for each column of your sheet. “Sample” shows what some of its cells hold.",
    ],
    [
        "Columns · Field",
        "The field of the CRM: choose it from the list. 手机2 is the second phone, 手机.备注 the memo beside the first, 地区.1 the first level of a region.",
    ],
    [
        "Columns · Ignore",
        "“yes” leaves the column out; “Field” must then be empty.",
    ],
    [
        "Columns · Doubt",
        "What ferry was not sure of. When the row is right, empty this cell.",
    ],
    [
        "Columns · Key",
        "“yes” where customers are to be recognised by this column.",
    ],
    [
        "Columns · Date format",
        "Needed only where dates can be read in two ways: dd/MM/yyyy, yy-MM-dd.",
    ],
    [
        "Columns · Decimal sign",
        "Needed only where numbers such as 1,234 or 1.500 can be read in two ways: “point” where a point stands before decimals, “comma” where a comma does.",
    ],
    [
        "Columns · + above the columns",
        "Opens settings that few people need: default, split at (separators), changes (trim; upper case; lower case; digits only; half width; replace(old→new)), look-up file, blank words, overwrite, list, send, shape, kind.",
    ],
    [
        "Choices",
        "Words of your sheet that are no choices. Choose from the list what each means; “(blank)” where it counts as blank. Where “Doubt” says that it is a suggestion: empty “Doubt” if it is right.",
    ],
    [
        "Owners",
        "Owners of your sheet. Each needs the id of an agent or of an open sea; “(blank)” is nobody. The ids stand in the column of owners of `ferry export`. Owners of the file that ferry.toml names are filled in already.",
    ],
    [
        "Constants",
        "Fields that have one value in all rows. {sheet} stands for the name of the sheet.",
    ],
    [
        "Settings",
        "Merge rows: headers whose equal cells make adjacent rows one customer, as with one row for each contact. A “? ” in front marks a suggestion: take it away if it is right, else empty the cell. Header row, Sheet, Blank words: only where ferry should not find them itself.",
    ],
];

const GUIDE_ZH: &[[&str; 2]] = &[
    [
        "先看这里",
        "黄色的行还没有确定。请逐行处理“字段对应”“选项对照”“负责人对照”“设置”四张表，保存后运行 `ferry check 文件 --map 本文件`。黄色的行全部确定之前，什么都不会导入。",
    ],
    [
        "字段对应",
        "表中的每一列占一行。“示例”是这一列里的几个单元格。",
    ],
    [
        "字段对应 · 字段",
        "对应 CRM 的哪个字段，从下拉列表选择。手机2 是第二个手机，手机.备注 是第一个手机的备注，地区.1 是地区的第一级。",
    ],
    [
        "字段对应 · 忽略",
        "填“是”就不导入这一列，此时“字段”必须为空。",
    ],
    [
        "字段对应 · 疑问",
        "ferry 没有把握的地方。这一行确认无误后，清空此格。",
    ],
    ["字段对应 · 查重", "要按这一列识别已有客户时，填“是”。"],
    [
        "字段对应 · 日期格式",
        "只有日期有两种读法时才需要：dd/MM/yyyy、yy-MM-dd。",
    ],
    [
        "字段对应 · 小数点",
        "只有 1,234、1.500 这样的数字有两种读法时才需要：小数点是“.”填“点”，是“,”填“逗号”。",
    ],
    [
        "字段对应 · 列上方的 +",
        "展开很少用到的设置：默认值、拆分（分隔符）、转换（去空格；大写；小写；只留数字；半角；替换(旧→新)）、对照文件、空白词、覆盖、列表、发送、形式、类型。",
    ],
    [
        "选项对照",
        "表中对不上选项的写法。从下拉列表选择它的意思；按空白处理就选“空白”。“疑问”写着建议的：建议正确，就清空“疑问”。",
    ],
    [
        "负责人对照",
        "表中的负责人。每位要填员工或公海的 ID；没有负责人就填“空白”。ID 见 `ferry export` 导出表的“负责人”列。ferry.toml 中 owners 文件里有的，已经填好。",
    ],
    ["固定值", "每一行都相同的字段。{sheet} 代表工作表的名称。"],
    [
        "设置",
        "合并行：这些列内容相同的相邻行是同一个客户，例如每个联系人占一行。值前面的“? ”表示这是建议：正确就去掉“? ”，不需要就清空这一格。表头行、工作表、空白词：ferry 自己找不对时才需要填。",
    ],
];
