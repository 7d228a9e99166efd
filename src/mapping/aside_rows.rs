//! Rows among the data that are no customers: sums below a table, and the header of a file that was put behind another.

use super::columns::Columns;
use super::resolve::is_ferry_header;
use crate::model::{Cell, Row, UNCALCULATED, folded, folds_to, is_plain_letter, trimmed};

/// Words for a sum, folded and without spaces. Some are names too, so that they count only beside amounts.
const SUMS: &[&str] = &[
    "合计",
    "总计",
    "小计",
    "共计",
    "累计",
    "总共",
    COUNTED,
    "总数",
    "total",
    "grandtotal",
    "subtotal",
    "sum",
];
/// What may stand before a word for a sum: over which rows it goes.
const RANGES: &[&str] = &[
    "本页", "本表", "本月", "本年", "本期", "本季", "本周", "当月", "当页", "全年", "全部", "以上",
];
/// A word that says little alone: what is counted must be named behind its number.
const COUNTED: &str = "共";
/// The length, in bytes, of the longest word for a sum, with room for spaces.
const LONGEST_WORD: usize = 40;
/// The same of a sum.
const LONGEST_SUM: usize = 60;
/// From this length on digits alone are a phone number or an id, and no amount.
const PHONE_DIGITS: usize = 10;
/// What is counted in a sum.
const UNITS: &[&str] = &[
    "家",
    "个",
    "条",
    "人",
    "户",
    "位",
    "名",
    "元",
    "万元",
    "万",
    "行",
    "笔",
    "项",
    "次",
    "rows",
    "customers",
];

/// Tells the rows of a sheet that are no customers, before anybody has said what its columns are.
#[derive(Debug, Clone, Default)]
pub struct AsideRows(SheetHeaders);

impl AsideRows {
    /// Takes the sheet's header.
    pub fn of(header: &Row) -> Self {
        Self(SheetHeaders::of_row(header))
    }

    /// Returns whether a row is a sum, or the header again.
    pub fn have(&self, row: &Row) -> bool {
        self.0.are_repeated_by(row) || self.0.have_sum(row)
    }
}

/// The headers of a sheet, as they are compared. Columns that ferry wrote are apart: what stands there is said about a
/// row, and is no part of it.
#[derive(Debug, Clone, Default)]
pub(super) struct SheetHeaders {
    /// The source's own headers by 0-based column.
    own: Vec<Option<String>>,
    /// The 0-based columns that ferry wrote.
    ferry: Vec<u32>,
}

impl SheetHeaders {
    /// Takes the headers of a row as they stand there.
    fn of_row(header: &Row) -> Self {
        let cells = header.cells.iter();
        Self::new(cells.map(|cell| (cell.column, cell.text.as_str(), is_ferry_header(&cell.text))))
    }

    /// Takes the headers of a sheet's columns.
    pub(super) fn of(columns: &Columns) -> Self {
        let columns = columns.columns.iter();
        Self::new(columns.map(|column| {
            let header = column.header.as_str();
            (column.column, header, column.target.is_ferry())
        }))
    }

    /// Takes columns, each with its header and whether ferry wrote it.
    fn new<'h>(columns: impl Iterator<Item = (u32, &'h str, bool)>) -> Self {
        let mut headers = Self::default();
        for (column, header, is_ferry) in columns {
            if is_ferry {
                headers.ferry.push(column);
                continue;
            }
            let index = column as usize;
            if headers.own.len() <= index {
                headers.own.resize(index + 1, None);
            }
            if let Some(entry) = headers.own.get_mut(index) {
                *entry = Some(folded(header)).filter(|header| !header.is_empty());
            }
        }
        headers
    }

    /// Returns whether a row says the header again: most of its cells, at least two where the sheet has two columns.
    pub(super) fn are_repeated_by(&self, row: &Row) -> bool {
        let is_header = |column: u32, text: &str| {
            let header = self.own.get(column as usize).and_then(Option::as_ref);
            header.is_some_and(|header| folds_to(text, header))
        };
        // Hardly any row holds a header, so that one cell in three is enough to see.
        let (mut same, mut count) = (0, 0);
        for cell in self.own_cells(row) {
            same += usize::from(is_header(cell.column, &cell.text));
            count += 1;
            if count > 2 && same == 0 {
                return false;
            }
        }
        let least = self.own.iter().flatten().count().min(2);
        same >= least.max(1) && same * 2 > count
    }

    /// Returns whether a row is a sum. The word of a sum that a person has added may stand under a header of ferry's.
    pub(super) fn have_sum(&self, row: &Row) -> bool {
        is_sum(self.own_cells(row)) || (!self.ferry.is_empty() && is_sum(&row.cells))
    }

    fn own_cells<'r>(&self, row: &'r Row) -> impl Iterator<Item = &'r Cell> {
        let cells = row.cells.iter();
        cells.filter(|cell| !self.ferry.contains(&cell.column))
    }
}

/// Returns whether the cells of a row are a sum: a word for a sum in some cell, and amounts in all others.
fn is_sum<'r>(cells: impl IntoIterator<Item = &'r Cell>) -> bool {
    let mut has_sum = false;
    let mut has_amount = false;
    for cell in cells {
        match kind_of(&cell.text) {
            Some(SumPart::Sum) => has_sum = true,
            Some(SumPart::SumOf) => (has_sum, has_amount) = (true, true),
            Some(SumPart::Amount) => has_amount = true,
            None => return false,
        }
    }
    has_sum && has_amount
}

/// What a cell is in a row of sums.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SumPart {
    Sum,
    /// The word and its amount in one cell.
    SumOf,
    Amount,
}

fn kind_of(text: &str) -> Option<SumPart> {
    // Most cells are names, and are not looked at any further.
    let longest = if text.contains(is_digit) {
        LONGEST_SUM
    } else {
        LONGEST_WORD
    };
    if text.len() > longest || !may_be_of_sum(text) {
        return None;
    }
    let folded = folded(text);
    let letters = folded.chars().filter(|letter| !letter.is_whitespace());
    let plain: String = letters.collect();
    let mut sums = behind_sums(&plain);
    if sums
        .clone()
        .any(|(word, rest)| word != COUNTED && rest.is_empty())
    {
        return Some(SumPart::Sum);
    }
    // A formula that nobody has calculated is the sum itself.
    if is_amount(&plain) || text == UNCALCULATED {
        return Some(SumPart::Amount);
    }
    sums.any(|(word, amount)| is_amount(amount) && (word != COUNTED || !amount.ends_with(is_digit)))
        .then_some(SumPart::SumOf)
}

/// Returns the words for a sum that a text begins with, each with what stands behind it and a unit in brackets, as 3
/// does in 合计(万元):3.
fn behind_sums(plain: &str) -> impl Iterator<Item = (&'static str, &str)> + Clone {
    let mut ranges = RANGES.iter();
    let text = ranges.find_map(|range| plain.strip_prefix(range));
    let text = text.unwrap_or(plain);
    SUMS.iter().filter_map(move |word| {
        let rest = without_unit(text.strip_prefix(word)?);
        Some((*word, rest.trim_start_matches(':')))
    })
}

/// Returns a text without the unit in brackets that it begins with.
fn without_unit(text: &str) -> &str {
    let within = text.strip_prefix('(').and_then(|rest| rest.split_once(')'));
    let unit = within.map(|(unit, rest)| (unit.trim_start_matches("单位:"), rest));
    match unit {
        Some((unit, rest)) if UNITS.contains(&unit) => rest,
        _ => text,
    }
}

/// Returns false if the first letter says that a text is neither an amount nor a sum.
fn may_be_of_sum(text: &str) -> bool {
    first_letter(trimmed(text)).is_some_and(|letter| {
        let letter = letter.to_ascii_lowercase();
        !is_plain_letter(letter)
            || is_digit(letter)
            || matches!(letter, '$' | '-' | '+')
            || [UNCALCULATED]
                .iter()
                .chain(SUMS)
                .chain(RANGES)
                .any(|word| first_letter(word) == Some(letter))
    })
}

/// Returns the first letter of a text. Comparing it costs less than [`str::starts_with`], and each row asks for 25 words.
fn first_letter(text: &str) -> Option<char> {
    text.chars().next()
}

fn is_digit(letter: char) -> bool {
    letter.is_ascii_digit()
}

/// Returns whether a text is a number, perhaps with a currency in front and a unit behind. A phone number is none.
fn is_amount(text: &str) -> bool {
    let text = text.trim_start_matches(['¥', '$', '€', '-', '+']);
    let is_of_number = |letter: char| is_digit(letter) || matches!(letter, '.' | ',' | '%');
    let number = text.trim_end_matches(|letter| !is_of_number(letter));
    let unit = text.get(number.len()..).unwrap_or_default();
    let is_long = number.len() >= PHONE_DIGITS && number.chars().all(is_digit);
    number.starts_with(is_digit)
        && number.chars().all(is_of_number)
        && !is_long
        && (unit.is_empty() || UNITS.contains(&unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(texts: &[&str]) -> Row {
        Row::of_texts(9, texts.iter().copied())
    }

    #[test]
    fn sums_are_seen_in_any_column() {
        for texts in [
            &["合计", "300 家"][..],
            &["", "合计：", "300"],
            &["合计：300家"],
            &["", "", "总计", "¥1,234.50", "12"],
            &["Total", "300 customers"],
            &["12", "小 计", "3万元"],
            &["共 300 家"],
            &["总计 300"],
            &["合计", "300 家", UNCALCULATED],
            &["本页合计", "", "100"],
            &["合计（万元）", "", "100"],
            &["本月 小计（单位：元）：", "100"],
            &["合计(家)：300"],
            &["全部总计：300"],
        ] {
            assert!(is_sum(&row(texts).cells), "{texts:?}");
        }
        for texts in [
            &["合计科技有限公司", "300"][..],
            &["共300"],
            &["Total"],
            &["Total", "13800138000", "张三"],
            &["Total", "13800138000"],
            &["共计", "057188888888"],
            &["甲公司", "合计", "300"],
            &["300", "12"],
            &["共享单车", "5"],
            &["本页", "5"],
            &["本月共", "5"],
            &["合计（上海）", "5"],
            &["全部合计商贸", "5"],
        ] {
            assert!(!is_sum(&row(texts).cells), "{texts:?}");
        }
    }
}
