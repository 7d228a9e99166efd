//! A number or a text of an ODS cell beside the text that a person sees of it.
//!
//! ODS keeps both, so nothing needs to be followed in number formats. What is to be told is only which shown texts say
//! something else than the number: words, letters and zeros of an id, nothing at all. A shown text that writes the
//! number as an amount (rounded, with thousands, a currency in front, a unit behind) is left out, as in every format.

use super::cell::{self, Content};
use super::format_section::{has_words, is_words};
use crate::model::{CellKind, StoredNumber};

/// Returns the content of a text cell. `shown` is `None` where the cell has no paragraph, as libraries write it.
pub(super) fn shown_text(stored: Option<&str>, shown: Option<&str>) -> Content {
    let stored = stored.and_then(cell::text);
    match (cell::text(shown.unwrap_or_default()), stored) {
        (Some(shown), _) => Some((shown, CellKind::Text)),
        (None, Some(stored)) if shown.is_some() => Some((stored, CellKind::Obscured)),
        (None, stored) => stored.map(|text| (text, CellKind::Text)),
    }
}

/// Returns the content of a number. `shown` is `None` where the cell has no paragraph, as libraries write it.
pub(super) fn number(value: f64, shown: Option<&str>) -> (String, CellKind) {
    let (text, kind) = cell::number(value);
    let Some(shown) = shown.map(cell::trim).filter(|shown| *shown != text) else {
        return (text, kind);
    };
    if kind != CellKind::Number {
        return (text, kind);
    }
    let as_shown = || (shown.to_owned(), CellKind::Shown(StoredNumber::new(value)));
    if shown.is_empty() {
        let is_zero = value == 0.0;
        return if is_zero {
            as_shown()
        } else {
            (text, CellKind::Obscured)
        };
    }
    let Some(place) = shown.find(|letter: char| letter.is_ascii_digit()) else {
        // A dash or a currency sign alone stands for 0.
        return if is_words(shown) {
            as_shown()
        } else {
            (text, kind)
        };
    };
    let (before, rest) = shown.split_at(place);
    let is_whole = value >= 0.0 && same_digits(&text, shown);
    if has_words(before) {
        return if is_whole {
            as_shown()
        } else {
            (text, CellKind::Obscured)
        };
    }
    if is_whole && is_id(rest) {
        return as_shown();
    }
    let is_amount = rest.contains('/') || is_amount_of(value, rest);
    (text, if is_amount { kind } else { CellKind::Obscured })
}

/// Returns whether the shown text of a date says nothing but the day of the week.
pub(super) fn is_weekday(shown: &str) -> bool {
    const DAYS: [&str; 10] = [
        "星期", "礼拜", "周", "mon", "tue", "wed", "thu", "fri", "sat", "sun",
    ];
    let shown = cell::trim(shown).to_lowercase();
    !shown.contains(|letter: char| letter.is_ascii_digit())
        && DAYS.iter().any(|day| shown.starts_with(day))
}

/// Returns whether a shown text has the digits of a whole number, and no separators of amounts.
fn same_digits(number: &str, shown: &str) -> bool {
    let digits: String = shown.chars().filter(char::is_ascii_digit).collect();
    !shown.contains(['.', ',']) && digits.trim_start_matches('0') == number.trim_start_matches('0')
}

/// Returns whether a text that begins with a digit is an id: it has leading zeros, or dashes or brackets between digits.
fn is_id(text: &str) -> bool {
    let is_digit = |letter: char| letter.is_ascii_digit();
    let last = text.rfind(is_digit).unwrap_or_default();
    let inner = text.get(..last).unwrap_or_default();
    text.starts_with('0') || inner.contains(['-', '(', ')'])
}

/// Returns whether a text that begins with a digit writes a number as an amount, perhaps rounded, with a comma or a
/// point before its decimals. What stands behind the last digit is left out.
fn is_amount_of(value: f64, text: &str) -> bool {
    let last = text.rfind(|letter: char| letter.is_ascii_digit());
    let text = text.get(..=last.unwrap_or_default()).unwrap_or_default();
    let (mantissa, exponent) = match text.split_once(['E', 'e']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>()),
        None => (text, Ok(0)),
    };
    let Ok(exponent) = exponent else {
        return false;
    };
    let is_separator = |letter: char| letter.is_whitespace() || ".,'’".contains(letter);
    if !mantissa
        .chars()
        .all(|letter| letter.is_ascii_digit() || is_separator(letter))
    {
        return false;
    }
    [Some('.'), Some(','), None].into_iter().any(|point| {
        let (whole, decimals) = point
            .and_then(|point| mantissa.rsplit_once(point))
            .unwrap_or((mantissa, ""));
        let digits: String = [whole, decimals]
            .concat()
            .chars()
            .filter(char::is_ascii_digit)
            .collect();
        let scale = 10_f64.powi(exponent.saturating_sub(decimals.len().min(400) as i32));
        // Half of the last shown digit, and a little for the arithmetic of doubles.
        let shown = digits.parse::<f64>().unwrap_or(f64::NAN) * scale;
        (shown - value.abs()).abs() <= scale * 0.500_001 + value.abs() * 1e-12
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_libreoffice_shows_of_a_number() {
        let shown = |value| CellKind::Shown(StoredNumber::new(value));
        for (value, seen, kind) in [
            (1.0, "男", shown(1.0)),
            (-1.0, "已付", shown(-1.0)),
            (123.0, "一百二十三", shown(123.0)),
            (0.0, "×", shown(0.0)),
            (0.0, "", shown(0.0)),
            (12.0, "KH0012", shown(12.0)),
            (12.0, "KH12", shown(12.0)),
            (3.0, "第3期", shown(3.0)),
            (571.0, "0571", shown(571.0)),
            (7.0, "0007号", shown(7.0)),
            (1234.0, "000-1234", shown(1234.0)),
            (5_715_551_234.0, "(571) 555-1234", shown(5_715_551_234.0)),
            (0.0, "000", shown(0.0)),
        ] {
            assert_eq!(number(value, Some(seen)), (seen.to_owned(), kind), "{seen}");
        }
    }

    #[test]
    fn amounts_are_the_number_itself() {
        for (value, shown) in [
            (1200.0, "1,200"),
            (1234.5, "1.234,50"),
            (1234.5, "1 234,50 €"),
            (1.005, "1.01"),
            (1.5, "2"),
            (-9.0, "(9)"),
            (-42.0, "-00042"),
            (5.0, "RMB 5.00"),
            (-5.0, "-¥5.00"),
            (88.0, "88元"),
            (0.0, "-"),
            (0.0, "0.00"),
            (0.0, "-   "),
            (12.5, "000012.50"),
            (1.5, "1 1/2"),
            (1234.0, "1.2E+3"),
            (13_800_138_000.0, "1.38E+10"),
            (1e-7, "1E-07"),
        ] {
            assert_eq!(number(value, Some(shown)), cell::number(value), "{shown}");
        }
        assert_eq!(number(7.0, None), cell::number(7.0));
    }

    #[test]
    fn other_numbers_than_the_stored_one_are_not_guessed() {
        for (value, shown) in [
            (12_345.0, "12.3K"),
            (12_345.0, "1.2万"),
            (12_345_678.0, "12.3M"),
            (1.5, "第2期"),
            (1234.0, "约1,234"),
            (5.0, ""),
            (-42.0, ""),
            (5.0, "3:20"),
        ] {
            let expected = (cell::number(value).0, CellKind::Obscured);
            assert_eq!(number(value, Some(shown)), expected, "{shown}");
        }
    }

    #[test]
    fn a_day_of_the_week_is_no_date() {
        for (shown, expected) in [
            ("星期四", true),
            ("周四", true),
            ("Thursday", true),
            ("2024-11-14 星期四", false),
            ("Thu 14", false),
            ("二〇二四年十一月十四日", false),
            ("Nov", false),
            ("", false),
        ] {
            assert_eq!(is_weekday(shown), expected, "{shown}");
        }
    }

    #[test]
    fn texts_are_what_is_seen() {
        let content = |text: &str, kind| Some((text.to_owned(), kind));
        assert_eq!(
            shown_text(Some("华东"), Some("华东集团")),
            content("华东集团", CellKind::Text)
        );
        assert_eq!(
            shown_text(None, Some(" 华东 ")),
            content("华东", CellKind::Text)
        );
        assert_eq!(
            shown_text(Some("华东"), None),
            content("华东", CellKind::Text)
        );
        assert_eq!(
            shown_text(Some("华东"), Some("")),
            content("华东", CellKind::Obscured)
        );
        assert_eq!(shown_text(Some(""), Some("")), None);
        assert_eq!(shown_text(None, None), None);
    }
}
