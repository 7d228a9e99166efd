//! What Excel cannot hold, made fit: text, sheet names and dates within its limits.
//!
//! Excel counts characters in UTF-16 units. Whatever is lost here is counted or marked, so that a person
//! can know; a workbook that Excel would have to "repair" is never written.

use std::borrow::Cow;

use unicode_width::UnicodeWidthStr;

use super::write::{CellStyle, Column, OutCell, StyledCell};
use crate::model::CUT_MARKER;

const NAME_UNITS: usize = 31;

/// Columns are at least and at most so many characters wide.
const NARROWEST: f64 = 6.0;
const WIDEST: f64 = 46.0;
/// What the button of a filter takes, and the margins.
const BUTTON: f64 = 3.0;
const MARGINS: f64 = 1.5;

/// No row is made higher than so many lines.
const MOST_LINES: u32 = 12;

/// The size of a note, in pixels: of its lines, within bounds.
const NOTE_WIDTH: u32 = 300;
const NOTE_LINE: u32 = 18;
const NOTE_LINE_CHARACTERS: usize = 40;
const NOTE_LINES: usize = 24;

/// Text of at most `limit` units, with LF as line break and without NUL. Adds to `cut_cells` if it is cut.
pub(super) fn text<'a>(text: &'a str, limit: usize, cut_cells: &mut u64) -> Cow<'a, str> {
    let text = without_controls(text);
    if text.len() <= limit || utf16_units(&text) <= limit {
        return text;
    }
    *cut_cells += 1;
    Cow::Owned(format!(
        "{}{CUT_MARKER}",
        cut(&text, limit - utf16_units(CUT_MARKER))
    ))
}

/// `rust_xlsxwriter` writes control characters as `_x0001_` and literal text of that form as
/// `_x005F_x0001_`, but it does not see that `_x0041` before an escaped character becomes one; there
/// they are replaced.
pub(crate) fn without_controls(text: &str) -> Cow<'_, str> {
    // Without leaving at the first, so that the processor takes many bytes at once.
    let is_control = |byte: u8| u8::from(byte < b' ' && byte != b'\n' && byte != b'\t');
    if text.bytes().fold(0, |found, byte| found | is_control(byte)) == 0 {
        return Cow::Borrowed(text);
    }
    let mut text = text
        .replace("\r\n", "\n")
        .replace('\r', "\n")
        .replace('\0', "");
    let is_control = |character: char| character < ' ' && !matches!(character, '\n' | '\t');
    let looks_escaped = |before: &str| {
        let tail = before.len().checked_sub(ESCAPE);
        let tail = tail.and_then(|from| before.get(from..));
        let digits = tail.and_then(|tail| tail.strip_prefix("_x"));
        digits.is_some_and(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
    };
    let spoiled = |(at, _): &(usize, &str)| looks_escaped(text.get(..*at).unwrap_or_default());
    if text.match_indices(is_control).any(|found| spoiled(&found)) {
        text = text.replace(is_control, "\u{FFFD}");
    }
    Cow::Owned(text)
}

/// The length of an escape without its end, such as `_x0041`.
const ESCAPE: usize = 6;

/// The name as Excel takes it, other than all that are taken. A further part is numbered.
pub(super) fn sheet_name(wanted: &str, part: u32, taken: &[String]) -> String {
    let clean: String = wanted
        .chars()
        .map(|character| {
            if character.is_control() || "*?:[]\\/".contains(character) {
                '_'
            } else {
                character
            }
        })
        .collect();
    let clean = clean.trim().trim_matches('\'');
    let clean = if clean.is_empty() { "Sheet" } else { clean };
    let mut number = part;
    loop {
        let name = if number == 1 {
            with_suffix(clean, "")
        } else {
            with_suffix(clean, &format!(" {number}"))
        };
        let lower = name.to_lowercase();
        // Excel keeps "History" for itself.
        if lower != "history" && taken.iter().all(|other| other.to_lowercase() != lower) {
            return name;
        }
        number += 1;
    }
}

fn with_suffix(name: &str, suffix: &str) -> String {
    format!(
        "{}{suffix}",
        cut(name, NAME_UNITS - suffix.len()).trim_end_matches('\'')
    )
}

/// The characters that a heading needs.
pub(super) fn heading_width(column: &Column) -> f64 {
    column.header.width() as f64 + BUTTON
}

/// Makes a column wider for a cell, as far as it may grow.
pub(super) fn widen(needed: &mut f64, cell: &OutCell<'_>) {
    let text = match cell {
        OutCell::Blank | OutCell::Number(_) => return,
        OutCell::Text(text) | OutCell::DateTime(text) | OutCell::Link { text, .. } => text,
        OutCell::Count(count) => {
            *needed = needed.max(
                count
                    .checked_ilog10()
                    .map_or(1.0, |digits| f64::from(digits) + 1.0),
            );
            return;
        }
    };
    if *needed < WIDEST && widest(text) as f64 > *needed {
        let longest = text.lines().map(UnicodeWidthStr::width).max();
        *needed = needed.max(longest.unwrap_or(0) as f64);
    }
}

/// More than a text is wide, without looking at its characters: those that take two columns have three bytes or more.
/// Most cells need no closer look then.
fn widest(text: &str) -> usize {
    let beyond_ascii = text.bytes().filter(|byte| !byte.is_ascii()).count();
    text.len() - beyond_ascii / 3
}

/// How many lines the highest of the wrapped cells of a row needs, each in a column of given width.
pub(super) fn lines(columns: &[Column], cells: &[StyledCell<'_>]) -> u32 {
    let wrapped = columns
        .iter()
        .zip(cells)
        .filter(|(column, cell)| column.width > MARGINS && cell.style == CellStyle::Wrapped);
    let lines = wrapped.map(|(column, cell)| match cell.cell {
        OutCell::Text(text) => {
            let lines = text.lines();
            lines
                .map(|line| {
                    (line.width() as f64 / (column.width - MARGINS))
                        .ceil()
                        .max(1.0)
                })
                .sum::<f64>() as u32
        }
        _ => 1,
    });
    lines.max().unwrap_or(1).min(MOST_LINES)
}

/// The width of a column whose content needs so many characters.
pub(super) fn column_width(needed: f64) -> f64 {
    (needed + MARGINS).clamp(NARROWEST, WIDEST)
}

/// Width and height at which a note is read whole, unless it is very long.
pub(super) fn note_size(text: &str) -> (u32, u32) {
    let lines = text.lines();
    let lines: usize = lines
        .map(|line| line.width().div_ceil(NOTE_LINE_CHARACTERS).max(1))
        .sum();
    let lines = u32::try_from(lines.clamp(2, NOTE_LINES) + 1).unwrap_or(NOTE_LINE);
    (NOTE_WIDTH, lines * NOTE_LINE)
}

/// A date that Excel knows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Date {
    /// Days since the end of 1899, as Excel counts them, and the part of a day.
    pub(super) serial: f64,
    pub(super) has_time: bool,
}

/// The date that text of exactly `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss` means, if Excel knows it.
pub(super) fn date(text: &str) -> Option<Date> {
    const DATE: usize = "yyyy-MM-dd".len();
    const DATE_TIME: usize = "yyyy-MM-dd HH:mm:ss".len();
    if !matches!(text.len(), DATE | DATE_TIME) || text.as_bytes().get(4) != Some(&b'-') {
        return None;
    }
    let has_time = text.len() == DATE_TIME;
    let bytes = text.as_bytes();
    let stands = |at: usize, mark: u8| bytes.get(at) == Some(&mark);
    let has_form = stands(7, b'-')
        && (!has_time || (stands(10, b' ') && stands(13, b':') && stands(16, b':')));
    if !has_form {
        return None;
    }
    // Excel's day 0 would read back as a time of day.
    let year = digits(bytes, 0, 4).filter(|year| *year >= 1900)?;
    let day = day_number(year, digits(bytes, 5, 2)?, digits(bytes, 8, 2)?)?;
    let mut seconds = 0;
    if has_time {
        let (hour, minute) = (digits(bytes, 11, 2)?, digits(bytes, 14, 2)?);
        let second = digits(bytes, 17, 2)?;
        if hour > 23 || minute > 59 || second > 59 {
            return None;
        }
        seconds = (u32::from(hour) * 60 + u32::from(minute)) * 60 + u32::from(second);
    }
    Some(Date {
        serial: f64::from(day) + f64::from(seconds) / 86_400.0,
        has_time,
    })
}

/// The number that Excel gives a day: 1 is the first of January 1900. It counts a 29th of February in that year.
fn day_number(year: u16, month: u16, day: u16) -> Option<u32> {
    const DAYS_BEFORE: [u16; 12] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334];
    const DAYS: [u16; 12] = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let at = usize::from(month.checked_sub(1)?);
    let is_leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let leap_day = u16::from(is_leap && month == 2);
    if day == 0 || day > DAYS.get(at)? + leap_day {
        return None;
    }
    let before = u32::from(year - 1);
    // 460 leap years end before 1900.
    let leap_days = before / 4 - before / 100 + before / 400 - 460;
    let of_year = DAYS_BEFORE.get(at)? + u16::from(is_leap && month > 2) + day;
    let days = u32::from(year - 1900) * 365 + leap_days + u32::from(of_year);
    Some(days + u32::from(days > 59))
}

/// The number of so many digits; a parser of dates takes several times as long, and there are many of them.
fn digits(bytes: &[u8], from: usize, count: usize) -> Option<u16> {
    let digits = bytes.get(from..from + count)?;
    digits.iter().try_fold(0, |number: u16, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u16::from(digit - b'0'))
    })
}

/// Length as Excel counts.
pub(super) fn utf16_units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// The longest start of the text that has at most so many units.
fn cut(text: &str, units: usize) -> &str {
    let mut used = 0;
    let end = text.char_indices().find(|(_, character)| {
        used += character.len_utf16();
        used > units
    });
    end.map_or(text, |(end, _)| text.get(..end).unwrap_or(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::LONGEST_TEXT;

    #[test]
    fn only_real_dates_of_the_exact_shapes_are_dates() {
        for text in [
            "2024-11-14",
            "1900-01-01",
            "9999-12-31 23:59:59",
            "2024-02-29 00:00:00",
        ] {
            assert!(date(text).is_some(), "{text}");
        }
        for text in [
            "2024-02-30",
            "1899-12-31",
            "2024-1-1",
            "20241114",
            "2024/11/14",
            "2024-11-14 24:00:00",
            "2024-11-14T8:00",
            "",
        ] {
            assert!(date(text).is_none(), "{text}");
        }
    }

    /// As LibreOffice and openpyxl count them.
    #[test]
    fn days_have_the_numbers_that_excel_gives_them() {
        for (text, serial) in [
            ("1900-01-01", 1.0),
            ("1900-02-28", 59.0),
            ("1900-03-01", 61.0),
            ("1999-12-31", 36525.0),
            ("2000-02-29", 36585.0),
            ("2000-03-01", 36586.0),
            ("2024-11-14 12:00:00", 45610.5),
            ("2100-03-01", 73110.0),
            ("9999-12-31", 2_958_465.0),
        ] {
            assert_eq!(date(text).map(|date| date.serial), Some(serial), "{text}");
        }
    }

    #[test]
    fn no_text_is_wider_than_it_can_be() {
        for text in [
            "",
            "a",
            "é",
            "客户",
            "ｱ",
            "😀",
            "1\u{fe0f}\u{20e3}",
            "©\u{fe0f}",
            "👩‍👩‍👧",
            "客a户b",
        ] {
            assert!(text.width() <= widest(text), "{text}");
        }
    }

    #[test]
    fn controls_survive_where_they_can() {
        let cases = [
            ("a\r\nb\rc\0", "a\nb\nc"),
            ("a\u{1}b", "a\u{1}b"),
            ("_x0041\u{1}", "_x0041\u{FFFD}"),
            ("_x0041\u{1}\u{2}", "_x0041\u{FFFD}\u{FFFD}"),
            ("_x004\u{1}", "_x004\u{1}"),
            ("_x00g1\u{1}", "_x00g1\u{1}"),
            ("客_x\t\n", "客_x\t\n"),
        ];
        for (raw, expected) in cases {
            assert_eq!(text(raw, LONGEST_TEXT, &mut 0), expected);
        }
    }
}
