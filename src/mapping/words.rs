//! The words of a mapping workbook: the names of its sheets, columns and settings in both languages, each with the key of
//! the TOML file for the same. A workbook is written in one language, and read in either.

use super::form::Transform;
use super::header::normalise;

/// The language of a mapping workbook.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wording {
    /// Chinese.
    Chinese,
    /// English.
    English,
}

impl Wording {
    /// Returns the one of two words that is in this language.
    pub(super) fn pick<'a>(self, zh: &'a str, en: &'a str) -> &'a str {
        match self {
            Self::Chinese => zh,
            Self::English => en,
        }
    }
}

/// Words in Chinese and in English, each with its key.
pub(super) type WordTable = &'static [(&'static str, &'static str, &'static str)];

/// The titles of the sheets, each with the table of the TOML file that it stands for.
pub(super) const SHEETS: WordTable = &[
    ("字段对应", "Columns", "columns"),
    ("选项对照", "Choices", "choices"),
    ("负责人对照", "Owners", "owner_ids"),
    ("固定值", "Constants", "constants"),
    ("设置", "Settings", "settings"),
];

/// The columns of 字段对应.
pub(super) const COLUMNS: WordTable = &[
    ("列", "Column", "letters"),
    ("表头", "Header", "header"),
    ("示例", "Sample", "sample"),
    ("字段", "Field", "field"),
    ("忽略", "Ignore", "ignore"),
    ("疑问", "Doubt", "doubt"),
    ("把握", "Sureness", "confidence"),
    ("说明", "Note", "note"),
    ("查重", "Key", "key"),
    ("日期格式", "Date format", "format"),
    ("小数点", "Decimal sign", "decimal"),
    ("默认值", "Default", "default"),
    ("拆分", "Split at", "split"),
    ("转换", "Changes", "transform"),
    ("对照文件", "Look-up file", "lookup"),
    ("空白词", "Blank words", "blank"),
    ("覆盖", "Overwrite", "overwrite"),
    ("列表", "List", "list"),
    ("发送", "Send", "send"),
    ("形式", "Shape", "shape"),
    ("类型", "Kind", "kind"),
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
pub(super) const CHOICES: WordTable = &[
    ("列", "Column", "letters"),
    ("表头", "Header", "header"),
    ("表中写法", "Word", "word"),
    ("CRM选项", "CRM choice", "meaning"),
    ("疑问", "Doubt", "doubt"),
    ("行数", "Rows", "rows"),
    ("说明", "Note", "note"),
];

/// The columns of 负责人对照.
pub(super) const OWNERS: WordTable = &[
    ("姓名", "Name", "word"),
    ("负责人ID", "Owner id", "meaning"),
    ("疑问", "Doubt", "doubt"),
    ("行数", "Rows", "rows"),
    ("说明", "Note", "note"),
];

/// The columns of 固定值.
pub(super) const CONSTANTS: WordTable = &[("字段", "Field", "word"), ("值", "Value", "meaning")];

/// The columns of 设置.
pub(super) const SETTINGS: WordTable = &[("设置", "Setting", "word"), ("值", "Value", "meaning")];

/// The rows of 设置.
pub(super) const SETTING_ROWS: WordTable = &[
    ("工作表", "Sheet", "sheet"),
    ("表头行", "Header row", "header_row"),
    (
        "忽略未对应的列",
        "Ignore unmatched columns",
        "ignore_unmapped",
    ),
    ("空白词", "Blank words", "blank"),
    ("负责人文件", "Owners file", "owners"),
    ("合并行", "Merge rows", "merge_rows"),
];

/// The words of the columns that take one of a few: the column, the words, the TOML value.
pub(super) const VALUES: &[(&str, &str, &str, &str)] = &[
    ("decimal", "点", "point", "."),
    ("decimal", "逗号", "comma", ","),
    ("overwrite", "总是", "always", "always"),
    ("overwrite", "仅空白", "only blank", "if_blank"),
    ("overwrite", "从不", "never", "never"),
    ("list", "合并", "merge", "merge"),
    ("list", "替换", "replace", "replace"),
    ("send", "文字", "text", "value"),
    ("send", "键", "key", "key"),
    ("shape", "单个", "single", "scalar"),
    ("shape", "数组", "array", "array"),
    ("kind", "单行文本", "text", "text"),
    ("kind", "多行文本", "long text", "textarea"),
    ("kind", "数字", "number", "number"),
    ("kind", "日期", "date", "date"),
    ("kind", "日期时间", "date and time", "datetime"),
    ("kind", "电话", "phone", "phone"),
    ("kind", "邮箱", "e-mail", "email"),
    ("kind", "网址", "URL", "url"),
    ("kind", "单选", "choice", "choice"),
    ("kind", "多选", "multiple choice", "multi-choice"),
    ("kind", "级联", "cascade", "cascade"),
    ("kind", "电话列表", "phones", "phone-list"),
    ("kind", "邮箱列表", "e-mails", "email-list"),
    ("kind", "文本列表", "texts", "text-list"),
    ("kind", "负责人", "owner", "owner"),
];

/// The names of separators that do not show in a cell.
const INVISIBLE: WordTable = &[
    ("空格", "space", " "),
    ("换行", "newline", "\n"),
    ("制表符", "tab", "\t"),
];

/// The words for an empty meaning. An empty cell is not taken for one, because it may have been forgotten.
const BLANK: [&str; 2] = ["空白", "(blank)"];

/// Returns the word for an empty meaning.
pub(super) fn blank(wording: Wording) -> &'static str {
    let [zh, en] = BLANK;
    wording.pick(zh, en)
}

/// Returns whether a text is the word for an empty meaning, in either language.
pub(super) fn is_blank(text: &str) -> bool {
    BLANK.contains(&text)
}

/// Returns the word for a switch that is on.
pub(super) fn on(wording: Wording) -> &'static str {
    wording.pick("是", "yes")
}

/// Returns the words of switches, for messages.
pub(super) fn switch_words(wording: Wording) -> &'static str {
    wording.pick("是 / 否", "yes / no")
}

/// Returns the key of a word in either language, or of the key itself.
pub(super) fn key_of(table: WordTable, word: &str) -> Option<&'static str> {
    let word = normalise(word);
    table
        .iter()
        .find(|(zh, en, key)| [zh, en, key].into_iter().any(|its| normalise(its) == word))
        .map(|(_, _, key)| *key)
}

/// Returns the language in which a table says a word; Chinese where it is neither.
pub(super) fn wording_of(table: WordTable, word: &str) -> Wording {
    let word = normalise(word);
    let is_english = table
        .iter()
        .any(|(_, en, key)| normalise(en) == word || normalise(key) == word);
    if is_english {
        Wording::English
    } else {
        Wording::Chinese
    }
}

/// Returns the word of a key.
pub(super) fn word_of(table: WordTable, key: &str, wording: Wording) -> &'static str {
    table
        .iter()
        .find(|(_, _, known)| *known == key)
        .map_or("", |(zh, en, _)| wording.pick(zh, en))
}

/// Returns the name of a setting in the language of a sheet of this title.
pub(super) fn setting_in(title: &str, key: &str) -> &'static str {
    word_of(SETTING_ROWS, key, wording_of(SHEETS, title))
}

/// Returns the words of a table.
pub(super) fn all(table: WordTable, wording: Wording) -> Vec<&'static str> {
    table
        .iter()
        .map(|(zh, en, _)| wording.pick(zh, en))
        .collect()
}

/// Returns the TOML value of a cell in a column that takes one of a few words.
pub(super) fn value_of(column: &str, word: &str) -> Option<&'static str> {
    let word = normalise(word);
    VALUES
        .iter()
        .find(|(of, zh, en, value)| {
            *of == column
                && [zh, en, value]
                    .into_iter()
                    .any(|its| normalise(its) == word)
        })
        .map(|(_, _, _, value)| *value)
}

/// Returns the words that a column takes.
pub(super) fn words_for(column: &str, wording: Wording) -> Vec<&'static str> {
    let of = VALUES.iter().filter(|(of, ..)| *of == column);
    of.map(|(_, zh, en, _)| wording.pick(zh, en)).collect()
}

/// Returns the word of a value.
pub(super) fn word_for(column: &str, value: &str, wording: Wording) -> &'static str {
    let mut of = VALUES.iter();
    of.find(|(known, _, _, its)| *known == column && *its == value)
        .map_or("", |(_, zh, en, _)| wording.pick(zh, en))
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

/// Reads separators with blanks between them. 空格, 换行 and 制表符 (space, newline, tab) stand for characters that do not
/// show.
pub(super) fn separators_of(text: &str) -> Vec<String> {
    let named = |word: &str| {
        let mut known = INVISIBLE.iter();
        let known = known.find(|(zh, en, _)| *zh == word || *en == word);
        known.map_or_else(|| word.to_owned(), |(_, _, letter)| (*letter).to_owned())
    };
    text.split_whitespace().map(named).collect()
}

/// Writes separators; the inverse of [`separators_of`].
pub(super) fn separators(split: &[String], wording: Wording) -> String {
    let named = |letter: &String| {
        let known = INVISIBLE.iter().find(|(_, _, known)| known == letter);
        known.map_or_else(
            || letter.clone(),
            |(zh, en, _)| wording.pick(zh, en).to_owned(),
        )
    };
    split.iter().map(named).collect::<Vec<_>>().join(" ")
}

/// The changes: their words, the word of the TOML file, and what they do.
const TRANSFORMS: &[(&str, &str, &str, Transform)] = &[
    ("去空格", "trim", "trim", Transform::Trim),
    ("大写", "upper case", "upper", Transform::Upper),
    ("小写", "lower case", "lower", Transform::Lower),
    ("只留数字", "digits only", "digits", Transform::Digits),
    ("半角", "half width", "nfkc", Transform::Nfkc),
];

/// Reads one transform in either language: 去空格, 大写, 小写, 只留数字, 半角, or 替换(旧→新).
pub(super) fn transform_of(word: &str) -> Option<Transform> {
    let name = normalise(word);
    let known = TRANSFORMS
        .iter()
        .find(|(zh, en, key, _)| [zh, en, key].into_iter().any(|its| normalise(its) == name));
    if let Some((.., transform)) = known {
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
pub(super) fn transform_word(transform: &Transform, wording: Wording) -> String {
    if let Transform::Replace([from, to]) = transform {
        let replace = wording.pick("替换", "replace");
        return format!("{replace}({from}→{to})");
    }
    let mut known = TRANSFORMS.iter();
    known
        .find(|(.., its)| its == transform)
        .map_or_else(String::new, |(zh, en, ..)| wording.pick(zh, en).to_owned())
}

/// Returns the words for transforms, for messages.
pub(super) fn transform_words(wording: Wording) -> &'static str {
    wording.pick(
        "去空格; 大写; 小写; 只留数字; 半角; 替换(旧→新)",
        "trim; upper case; lower case; digits only; half width; replace(old→new)",
    )
}
