//! Text, sheet names, dates and sizes made fit for Excel's limits.
//!
//! Excel counts characters in UTF-16 units. Text that is lost here is counted or marked, so that a person knows. A
//! workbook that Excel would have to "repair" is never written.

use std::borrow::Cow;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

use super::write::{Column, OutCell, StyledCell};
use crate::model::CUT_MARKER;

/// The longest name of a sheet, in UTF-16 units.
const NAME_UNITS: usize = 31;

/// The least and the greatest width of a column, in characters.
const NARROWEST: f64 = 6.0;
const WIDEST: f64 = 46.0;
/// The width of a filter's button and of a cell's margins, in characters.
const BUTTON: f64 = 3.0;
const MARGINS: f64 = 1.5;
/// The width of what a format puts around the digits of a number, in characters.
const FORMAT_MARKS: f64 = 3.0;

/// The greatest height of a row, in lines: Excel's limit of 409 points, less a little.
const MOST_LINES: u32 = 20;
/// How much wider a line is on the screen than its count of characters says. Programs and fonts differ, and a line too
/// many hides nothing.
const WIDER: f64 = 1.08;

/// The size of a note: width and height of a line in pixels, characters in a line, and the most lines.
const NOTE_WIDTH: u32 = 300;
const NOTE_LINE: u32 = 18;
const NOTE_LINE_CHARACTERS: usize = 40;
const NOTE_LINES: usize = 24;

/// Returns text of at most `limit` units, with LF as line break and without NUL. Text that is cut ends with a marker
/// and adds one to `cut_cells`.
pub(super) fn fitting<'a>(text: &'a str, limit: usize, cut_cells: &mut u64) -> Cow<'a, str> {
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

/// Returns text with LF as line break, without NUL, and without control characters that would come back as others.
///
/// `rust_xlsxwriter` writes a control character as `_x0001_`, and text that looks so as `_x005F_x0001_`. But text such
/// as `_x0041` right before a control character becomes `_x0041_x0001_`, in which `_x0041_` reads as `A`. In such a
/// text every control character becomes U+FFFD.
pub(crate) fn without_controls(text: &str) -> Cow<'_, str> {
    // A fold does not stop at the first one found, so the processor can compare many bytes at once.
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

/// The length of an escape without its last character, such as `_x0041`.
const ESCAPE: usize = 6;

/// Returns a name that Excel accepts and that is not among `taken`. A part above 1, or a name that is taken, gets a
/// number: `Customers 2`.
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
        // Excel reserves the name "History".
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

/// Returns the width that a heading needs, in characters, its filter button included.
pub(super) fn heading_width(column: &Column) -> f64 {
    column.header.width() as f64 + BUTTON
}

/// Raises `needed`, the width of a column in characters, to what a cell needs. From [`WIDEST`] on texts are not
/// measured.
pub(super) fn widen(needed: &mut f64, cell: &OutCell<'_>) {
    let text = match cell {
        OutCell::Blank | OutCell::Number(_) | OutCell::Bool(_) => return,
        // The format may add marks, such as a currency and commas.
        OutCell::Kept(kept) => {
            *needed = needed.max(kept.text.width() as f64 + FORMAT_MARKS);
            return;
        }
        OutCell::Text(text)
        | OutCell::Error(text)
        | OutCell::DateTime(text)
        | OutCell::Link { text, .. } => text,
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

/// Returns an upper bound of a text's width, from its bytes alone: a character that takes two columns has three bytes
/// or more. Most cells are narrower than their column by this bound, and need not be measured.
fn widest(text: &str) -> usize {
    let beyond_ascii = text.bytes().filter(|byte| !byte.is_ascii()).count();
    text.len() - beyond_ascii / 3
}

/// Returns how many lines the highest of a row's wrapped cells needs, at most [`MOST_LINES`]. A column without a given
/// width is as wide as its content, within bounds.
pub(super) fn lines(columns: &[Column], cells: &[StyledCell<'_>]) -> u32 {
    let wrapped = columns
        .iter()
        .zip(cells)
        .filter(|(_, cell)| cell.style.is_wrapped());
    let lines = wrapped.map(|(column, cell)| {
        let width = column.width.max(column.wrap_at);
        let width = if width > MARGINS { width } else { WIDEST };
        match cell.cell {
            OutCell::Text(text) => {
                let room = (width - MARGINS) / WIDER;
                let lines = text.lines().map(|line| lines_of(line, room));
                lines.sum::<u32>() + u32::from(text.ends_with('\n'))
            }
            _ => 1,
        }
    });
    lines.max().unwrap_or(1).min(MOST_LINES)
}

/// Returns how many lines a text without line breaks takes that is broken between words, and between any two letters of
/// Chinese. `room` is the width of a line, in characters.
fn lines_of(line: &str, room: f64) -> u32 {
    let all = line.width() as f64;
    if all <= room {
        return 1;
    }
    let is_in_word = |letter: char| letter.is_ascii() && !letter.is_ascii_whitespace();
    let (mut lines, mut used, mut word) = (1_u32, 0.0, 0.0);
    for letter in line.chars() {
        let width = letter.width().unwrap_or(0) as f64;
        word += width;
        if is_in_word(letter) && word <= room {
            // Where the word does not fit behind what stands there, it begins a line.
            if used > 0.0 && used + word > room {
                lines += 1;
                used = 0.0;
            }
            continue;
        }
        if used + word > room {
            lines += 1;
            used = width;
        } else {
            used += word;
        }
        word = 0.0;
    }
    lines
}

/// Returns the width of a column whose content needs `needed` characters, within bounds.
pub(super) fn column_width(needed: f64) -> f64 {
    (needed + MARGINS).clamp(NARROWEST, WIDEST)
}

/// Returns the width of a column whose text is wrapped at `wrap_at` characters: less where its content is narrower.
/// Texts beyond [`WIDEST`] were not measured.
pub(super) fn wrapped_width(needed: f64, wrap_at: f64) -> f64 {
    if needed >= WIDEST {
        wrap_at
    } else {
        (needed + MARGINS).max(NARROWEST).min(wrap_at)
    }
}

/// Returns the width and height, in pixels, that show a note whole. A very long note is cut off below.
pub(super) fn note_size(text: &str) -> (u32, u32) {
    let lines = text.lines();
    let lines: usize = lines
        .map(|line| line.width().div_ceil(NOTE_LINE_CHARACTERS).max(1))
        .sum();
    let lines = u32::try_from(lines.clamp(2, NOTE_LINES) + 1).unwrap_or(NOTE_LINE);
    (NOTE_WIDTH, lines * NOTE_LINE)
}

/// A date in Excel's range, 1900 to 9999.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Date {
    /// The number of the day, 1 for 1900-01-01, and the fraction of the day.
    pub(super) serial: f64,
    pub(super) has_time: bool,
}

/// Returns the date of a text of exactly the form `yyyy-MM-dd` or `yyyy-MM-dd HH:mm:ss`; `None` for other text and for
/// dates that Excel does not have.
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

/// Returns the number that Excel gives a day, 1 for 1900-01-01; `None` if there is no such day. Excel counts a 29
/// February 1900.
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

/// Returns the number that `count` digits form. A date parser takes several times as long, and exports hold many dates.
fn digits(bytes: &[u8], from: usize, count: usize) -> Option<u16> {
    let digits = bytes.get(from..from + count)?;
    digits.iter().try_fold(0, |number: u16, digit| {
        digit
            .is_ascii_digit()
            .then(|| number * 10 + u16::from(digit - b'0'))
    })
}

/// Returns the length of a text in UTF-16 units, as Excel counts.
pub(super) fn utf16_units(text: &str) -> usize {
    text.encode_utf16().count()
}

/// Returns the longest start of a text that has at most `units` UTF-16 units.
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

    /// Checks against the numbers that LibreOffice and openpyxl give.
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
    fn lines_break_between_words_and_between_letters_of_chinese() {
        for (text, room, lines) in [
            ("", 10.0, 1),
            ("客户客户客户", 12.0, 1),
            ("客户客户客户", 11.0, 2),
            ("one two", 7.0, 1),
            ("one two three", 8.0, 2),
            ("aaaa bbbbbb cc", 8.0, 3),
            ("aaaaaaaaaaaaaaaaaaaa", 10.0, 2),
            ("手机 13800138000 客户", 10.0, 3),
        ] {
            assert_eq!(lines_of(text, room), lines, "{text}");
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
            assert_eq!(fitting(raw, LONGEST_TEXT, &mut 0), expected);
        }
    }
}
