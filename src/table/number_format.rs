//! Number formats, as far as they change what a person reads.
//!
//! * A date or time format shows a serial as a moment, or as a duration (`[h]:mm`).
//! * A format that pads with zeros (`00000`, `"KH"0000`, `000-0000`) shows an id. The id is passed on, with the letters
//!   and dashes that belong to it.
//! * A percent format shows `15%` where the cell holds 0.15. `15%` is passed on.
//! * Of all other formats (decimals, thousands, currency, units behind a plain `0`) nothing is kept: the number is
//!   passed on as it is stored.
//!
//! Only a format's first section is read, the one for positive numbers. Sources: ECMA-376 part 1, 18.8.30 and
//! 18.8.31; the built-in numbers 27–36 and 50–58 are dates in East Asian Excel.

use super::cell;
use crate::model::CellKind;

/// A number format, compiled.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) enum NumberFormat {
    /// The number as it is.
    #[default]
    Plain,
    /// A date, or a date with a time, or a time of day.
    Date,
    /// Hours, minutes or seconds that go beyond a day.
    Duration,
    /// Hundredths with a percent sign.
    Percent,
    /// An id: whole numbers with leading zeros and the text around them.
    Padded(Vec<FormatPiece>),
}

/// A part of a padding format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum FormatPiece {
    /// A digit; `0` if the number has no more.
    Digit,
    /// A digit; nothing if the number has no more.
    MaybeDigit,
    /// A character that is shown as it is.
    Literal(char),
}

impl NumberFormat {
    /// Returns the built-in format of a number; `None` for numbers that a workbook defines itself.
    pub(super) fn built_in(number: u32) -> Option<Self> {
        Some(match number {
            14..=22 | 27..=36 | 45 | 47 | 50..=58 => Self::Date,
            46 => Self::Duration,
            9 | 10 => Self::Percent,
            0..=163 => Self::Plain,
            _ => return None,
        })
    }

    /// Returns the format of a code such as `yyyy-mm-dd`.
    pub(super) fn of(code: &str) -> Self {
        let mut pieces = Vec::new();
        let mut zeros = 0;
        let mut is_id = true;
        let mut is_percent = false;
        let mut letters = code.chars();
        while let Some(letter) = letters.next() {
            match letter {
                ';' => break,
                '"' => pieces.extend(
                    letters
                        .by_ref()
                        .take_while(|inner| *inner != '"')
                        .map(FormatPiece::Literal),
                ),
                '\\' => pieces.extend(letters.next().map(FormatPiece::Literal)),
                '_' | '*' => {
                    letters.next();
                    is_id = false;
                }
                '[' => {
                    let inner: String =
                        letters.by_ref().take_while(|inner| *inner != ']').collect();
                    let inner = inner.to_ascii_lowercase();
                    let is_elapsed = !inner.is_empty()
                        && ["h", "m", "s"].iter().any(|unit| {
                            inner
                                .trim_matches(|letter| unit.starts_with(letter))
                                .is_empty()
                        });
                    if is_elapsed {
                        return Self::Duration;
                    }
                    // With a condition, another section than the first may apply.
                    is_id &= !inner.starts_with(['<', '>', '=']) && !inner.starts_with("dbnum");
                }
                'G' | 'g' if is_general(letters.as_str()) => return Self::Plain,
                'y' | 'Y' | 'm' | 'M' | 'd' | 'D' | 'h' | 'H' | 's' | 'S' | 'b' | 'B' => {
                    return Self::Date;
                }
                'a' | 'A' if is_weekday_or_half_day(letters.as_str()) => return Self::Date,
                'e' | 'E' if !letters.as_str().starts_with(['+', '-']) => return Self::Date,
                '0' => {
                    zeros += 1;
                    pieces.push(FormatPiece::Digit);
                }
                '#' | '?' => pieces.push(FormatPiece::MaybeDigit),
                '%' => {
                    is_percent = true;
                    is_id = false;
                }
                '-' | '/' | '(' | ')' | ' ' | ':' | '+' if !pieces.is_empty() || letter != ' ' => {
                    pieces.push(FormatPiece::Literal(letter));
                }
                _ => is_id = false,
            }
        }
        if is_percent {
            Self::Percent
        } else if is_id && zeros >= 2 {
            Self::Padded(pieces)
        } else {
            Self::Plain
        }
    }

    /// Returns a number as text in this format, and the kind of its cell.
    pub(super) fn show(&self, value: f64, is_1904: bool) -> (String, CellKind) {
        match self {
            Self::Plain => cell::number(value),
            Self::Date => cell::serial(value, false, is_1904),
            Self::Duration => cell::serial(value, true, is_1904),
            Self::Percent => percent(value),
            Self::Padded(pieces) => {
                let (text, kind) = cell::number(value);
                match kind {
                    CellKind::Number => (padded(pieces, text), kind),
                    _ => (text, kind),
                }
            }
        }
    }
}

fn is_general(rest: &str) -> bool {
    rest.len() >= 6 && rest.is_char_boundary(6) && rest[..6].eq_ignore_ascii_case("eneral")
        || rest.starts_with("/通用格式")
}

fn is_weekday_or_half_day(rest: &str) -> bool {
    let rest = rest.to_ascii_lowercase();
    rest.starts_with("m/p") || rest.starts_with("/p") || rest.starts_with("aa")
}

/// Returns a number as percent. The decimal point is moved in the text, because 0.07 × 100 is 7.000000000000001.
fn percent(value: f64) -> (String, CellKind) {
    let (text, kind) = cell::number(value);
    if kind != CellKind::Number || text.contains('E') {
        return (text, kind);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.as_str()),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = format!("{fraction:0<2}");
    let (hundredths, rest) = fraction.split_at(2);
    let whole = format!("{whole}{hundredths}");
    let whole = whole.trim_start_matches('0');
    let whole = if whole.is_empty() { "0" } else { whole };
    let point = if rest.is_empty() { "" } else { "." };
    (format!("{sign}{whole}{point}{rest}%"), CellKind::Text)
}

/// Returns a whole number in a padding format. Digits fill the places from the right; digits without a place stand
/// before the first place.
fn padded(pieces: &[FormatPiece], number: String) -> String {
    if !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return number;
    }
    let mut digits = number
        .chars()
        .rev()
        .skip_while(|_| number == "0")
        .peekable();
    let first_place = pieces
        .iter()
        .position(|piece| !matches!(piece, FormatPiece::Literal(_)))
        .unwrap_or(0);
    let mut shown: Vec<char> = Vec::with_capacity(pieces.len() + number.len());
    for (position, piece) in pieces.iter().enumerate().rev() {
        match piece {
            FormatPiece::Literal(letter) => shown.push(*letter),
            FormatPiece::Digit => shown.push(digits.next().unwrap_or('0')),
            FormatPiece::MaybeDigit => shown.extend(digits.next()),
        }
        if position == first_place {
            shown.extend(digits.by_ref());
        }
    }
    shown.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_format_is_read_by_its_first_section() {
        use NumberFormat::{Date, Duration, Percent, Plain};
        for (code, expected) in [
            ("General", Plain),
            ("G/通用格式", Plain),
            ("0", Plain),
            ("0.00", Plain),
            ("#,##0.00", Plain),
            ("@", Plain),
            ("0\"台\"", Plain),
            ("\"¥\"#,##0.00", Plain),
            ("0.00E+00", Plain),
            ("[Red]0", Plain),
            ("00.00", Plain),
            ("0%", Percent),
            ("0.00%;[Red]-0.00%", Percent),
            ("yyyy-mm-dd", Date),
            ("[$-804]yyyy\"年\"m\"月\"d\"日\"", Date),
            ("[$-F800]dddd\\,\\ mmmm\\ dd", Date),
            ("h:mm AM/PM", Date),
            ("上午/下午h\"时\"", Date),
            ("[$-804]aaaa", Date),
            ("[h]:mm:ss", Duration),
            ("[mm]:ss", Duration),
            ("", Plain),
        ] {
            assert_eq!(NumberFormat::of(code), expected, "{code}");
        }
    }

    #[test]
    fn ids_are_padded_as_a_person_sees_them() {
        for (code, value, expected) in [
            ("0000", 571.0, "0571"),
            ("0000", 0.0, "0000"),
            ("0000", 123_456.0, "123456"),
            ("0000", -7.0, "-7"),
            ("0000", 0.5, "0.5"),
            ("\"KH\"0000", 12.0, "KH0012"),
            ("\"KH\"0000", 12_345.0, "KH12345"),
            ("000-0000", 1234.0, "000-1234"),
            ("000\\-0000", 12_345_678.0, "1234-5678"),
            ("0000\"号\"", 7.0, "0007号"),
            ("#000", 7.0, "007"),
            ("00000;-00000", 42.0, "00042"),
        ] {
            let shown = NumberFormat::of(code).show(value, false);
            assert_eq!(shown, (expected.to_owned(), CellKind::Number), "{code}");
        }
    }

    #[test]
    fn a_percentage_keeps_its_digits() {
        for (value, expected) in [
            (0.15, "15%"),
            (0.07, "7%"),
            (1.0, "100%"),
            (0.0, "0%"),
            (-0.125, "-12.5%"),
            (0.001, "0.1%"),
            (12.345, "1234.5%"),
        ] {
            let shown = NumberFormat::Percent.show(value, false);
            assert_eq!(shown, (expected.to_owned(), CellKind::Text), "{value}");
        }
    }
}
