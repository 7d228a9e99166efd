//! The words of a mapping workbook: the names of its sheets, columns and settings, in Chinese, each with the key of the
//! TOML file for the same.

use super::form::Transform;
use super::header::normalise;

/// The titles of the sheets, each with the table of the TOML file that it stands for.
pub(super) const SHEETS: &[(&str, &str)] = &[
    ("字段对应", "columns"),
    ("选项对照", "choices"),
    ("负责人对照", "owner_ids"),
    ("固定值", "constants"),
    ("设置", "settings"),
];

/// The columns of 字段对应.
pub(super) const COLUMNS: &[(&str, &str)] = &[
    ("列", "letters"),
    ("表头", "header"),
    ("示例", "sample"),
    ("字段", "field"),
    ("忽略", "ignore"),
    ("疑问", "doubt"),
    ("把握", "confidence"),
    ("说明", "note"),
    ("查重", "key"),
    ("日期格式", "format"),
    ("小数点", "decimal"),
    ("默认值", "default"),
    ("拆分", "split"),
    ("转换", "transform"),
    ("对照文件", "lookup"),
    ("空白词", "blank"),
    ("覆盖", "overwrite"),
    ("列表", "list"),
    ("发送", "send"),
    ("形式", "shape"),
    ("类型", "kind"),
];

/// The columns of 字段对应 that few people need.
pub(super) const EXPERT: &[&str] = &[
    "default",
    "split",
    "transform",
    "lookup",
    "blank",
    "overwrite",
    "list",
    "send",
    "shape",
    "kind",
];

/// The columns of 选项对照.
pub(super) const CHOICES: &[(&str, &str)] = &[
    ("列", "letters"),
    ("表头", "header"),
    ("表中写法", "word"),
    ("CRM选项", "meaning"),
    ("疑问", "doubt"),
    ("行数", "rows"),
    ("说明", "note"),
];

/// The columns of 负责人对照.
pub(super) const OWNERS: &[(&str, &str)] = &[
    ("姓名", "word"),
    ("负责人ID", "meaning"),
    ("疑问", "doubt"),
    ("行数", "rows"),
    ("说明", "note"),
];

/// The columns of 固定值.
pub(super) const CONSTANTS: &[(&str, &str)] = &[("字段", "word"), ("值", "meaning")];

/// The columns of 设置.
pub(super) const SETTINGS: &[(&str, &str)] = &[("设置", "word"), ("值", "meaning")];

/// The rows of 设置.
pub(super) const SETTING_ROWS: &[(&str, &str)] = &[
    ("工作表", "sheet"),
    ("表头行", "header_row"),
    ("忽略未对应的列", "ignore_unmapped"),
    ("空白词", "blank"),
    ("负责人文件", "owners"),
    ("合并行", "merge_rows"),
];

/// The words of the columns that take one of a few: the column, the Chinese word, the TOML value.
pub(super) const VALUES: &[(&str, &str, &str)] = &[
    ("decimal", "点", "."),
    ("decimal", "逗号", ","),
    ("overwrite", "总是", "always"),
    ("overwrite", "仅空白", "if_blank"),
    ("overwrite", "从不", "never"),
    ("list", "合并", "merge"),
    ("list", "替换", "replace"),
    ("send", "文字", "value"),
    ("send", "键", "key"),
    ("shape", "单个", "scalar"),
    ("shape", "数组", "array"),
    ("kind", "单行文本", "text"),
    ("kind", "多行文本", "textarea"),
    ("kind", "数字", "number"),
    ("kind", "日期", "date"),
    ("kind", "日期时间", "datetime"),
    ("kind", "电话", "phone"),
    ("kind", "邮箱", "email"),
    ("kind", "网址", "url"),
    ("kind", "单选", "choice"),
    ("kind", "多选", "multi-choice"),
    ("kind", "级联", "cascade"),
    ("kind", "电话列表", "phone-list"),
    ("kind", "邮箱列表", "email-list"),
    ("kind", "文本列表", "text-list"),
    ("kind", "负责人", "owner"),
];

/// The names of separators that do not show in a cell.
const INVISIBLE: &[(&str, &str)] = &[("空格", " "), ("换行", "\n"), ("制表符", "\t")];

/// The word for an empty meaning. An empty cell is not taken for one, because it may have been forgotten.
pub(super) const BLANK: &str = "空白";

/// Returns the key of a Chinese word or of the key itself.
pub(super) fn key_of<'a>(table: &[(&'a str, &'a str)], word: &str) -> Option<&'a str> {
    let word = normalise(word);
    table
        .iter()
        .find(|(zh, key)| normalise(zh) == word || normalise(key) == word)
        .map(|(_, key)| *key)
}

/// Returns the Chinese word of a key.
pub(super) fn word_of<'a>(table: &[(&'a str, &'a str)], key: &str) -> &'a str {
    table
        .iter()
        .find(|(_, known)| *known == key)
        .map_or("", |(zh, _)| *zh)
}

/// Returns the TOML value of a cell in a column that takes one of a few words.
pub(super) fn value_of(column: &str, word: &str) -> Option<&'static str> {
    let word = normalise(word);
    VALUES
        .iter()
        .find(|(of, zh, value)| {
            *of == column && (normalise(zh) == word || normalise(value) == word)
        })
        .map(|(_, _, value)| *value)
}

/// Returns the Chinese words that a column takes.
pub(super) fn words_for(column: &str) -> Vec<&'static str> {
    let of = VALUES.iter().filter(|(of, _, _)| *of == column);
    of.map(|(_, zh, _)| *zh).collect()
}

/// Returns the Chinese word of a value.
pub(super) fn word_for(column: &str, value: &str) -> &'static str {
    let mut of = VALUES.iter();
    of.find(|(known, _, its)| *known == column && *its == value)
        .map_or("", |(_, zh, _)| *zh)
}

/// Reads a switch: 是, yes, true, √, 1, x and y; 否, no, false, 0, n and an empty text.
pub(super) fn switch_of(word: &str) -> Option<bool> {
    match normalise(word).as_str() {
        "是" | "yes" | "true" | "√" | "1" | "x" | "y" => Some(true),
        "" | "否" | "no" | "false" | "0" | "n" => Some(false),
        _ => None,
    }
}

/// Splits the words of a cell at `;`, `；` and line breaks.
pub(super) fn list_of(text: &str) -> Vec<String> {
    text.split([';', '；', '\n'])
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Splits the changes of a cell at `;`, `；`, `，`, `、`, `,` and line breaks. A separator inside the brackets of
/// 替换(旧→新) belongs to the change.
pub(super) fn changes_of(text: &str) -> Vec<String> {
    let mut changes = vec![String::new()];
    let mut depth = 0_u32;
    for letter in text.chars() {
        match letter {
            '(' | '（' => depth += 1,
            ')' | '）' => depth = depth.saturating_sub(1),
            ';' | '；' | '，' | '、' | ',' | '\n' if depth == 0 => {
                changes.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(change) = changes.last_mut() {
            change.push(letter);
        }
    }
    let changes = changes.iter().map(|change| change.trim());
    changes
        .filter(|change| !change.is_empty())
        .map(str::to_owned)
        .collect()
}

/// Reads separators with blanks between them. 空格, 换行 and 制表符 stand for characters that do not show.
pub(super) fn separators_of(text: &str) -> Vec<String> {
    let named = |word: &str| {
        let known = INVISIBLE.iter().find(|(name, _)| *name == word);
        known.map_or_else(|| word.to_owned(), |(_, letter)| (*letter).to_owned())
    };
    text.split_whitespace().map(named).collect()
}

/// Writes separators; the inverse of [`separators_of`].
pub(super) fn separators(split: &[String]) -> String {
    let named = |letter: &String| {
        let known = INVISIBLE.iter().find(|(_, known)| known == letter);
        known.map_or_else(|| letter.clone(), |(name, _)| (*name).to_owned())
    };
    split.iter().map(named).collect::<Vec<_>>().join(" ")
}

const TRANSFORMS: &[(&str, &str, Transform)] = &[
    ("去空格", "trim", Transform::Trim),
    ("大写", "upper", Transform::Upper),
    ("小写", "lower", Transform::Lower),
    ("只留数字", "digits", Transform::Digits),
    ("半角", "nfkc", Transform::Nfkc),
];

/// Reads one transform: 去空格, 大写, 小写, 只留数字, 半角, or 替换(旧→新).
pub(super) fn transform_of(word: &str) -> Option<Transform> {
    let name = normalise(word);
    let known = TRANSFORMS
        .iter()
        .find(|(zh, en, _)| *zh == name || *en == name);
    if let Some((_, _, transform)) = known {
        return Some(transform.clone());
    }
    let inner = ["替换(", "替换（", "replace("]
        .iter()
        .find_map(|start| word.trim().strip_prefix(start))?;
    let inner = inner
        .strip_suffix(')')
        .or_else(|| inner.strip_suffix('）'))?;
    let (from, to) = inner.split_once('→').or_else(|| inner.split_once("->"))?;
    Some(Transform::Replace([from.to_owned(), to.to_owned()]))
}

/// Writes one transform; the inverse of [`transform_of`].
pub(super) fn transform_word(transform: &Transform) -> String {
    if let Transform::Replace([from, to]) = transform {
        return format!("替换({from}→{to})");
    }
    let mut known = TRANSFORMS.iter();
    known
        .find(|(_, _, its)| its == transform)
        .map_or_else(String::new, |(zh, _, _)| (*zh).to_owned())
}

/// The words for transforms, for messages.
pub(super) const TRANSFORM_WORDS: &str = "去空格; 大写; 小写; 只留数字; 半角; 替换(旧→新)";
