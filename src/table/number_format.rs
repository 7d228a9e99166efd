//! Number formats, as far as they change what a person reads.
//!
//! * A date or time format shows a serial as a moment, or as a duration (`[h]:mm`).
//! * A format that pads with zeros (`00000`, `000-0000`), groups digits (`###-####`) or puts letters in front
//!   (`"KH"0`) shows an id. The id is passed on, with the letters and dashes that belong to it.
//! * A percent format shows `15%` where the cell holds 0.15. `15%` is passed on.
//! * A format may show words instead of a number (`[=1]"男";[=2]"女"`), or nothing (`0;-0;;@` on 0). What is shown
//!   is passed on, with the number behind it ([`CellKind::Shown`]): a field of numbers takes the number.
//! * Where it is not sure what a format shows (`[DBNum1]`, thousands cut off, a sign in front of words, a day of the
//!   week), and where it hides a text or a number other than 0, the stored value is passed on as [`CellKind::Obscured`].
//! * A word that multiplies (`0"万"`) shows another number than the cell holds. `5万` is passed on as a text.
//! * Of all other formats (decimals, thousands, currency, units behind a plain `0`, a dash for 0) nothing is kept: the
//!   number is passed on as it is stored.
//!
//! Sources: ECMA-376 part 1, 18.8.30 and 18.8.31 (sections and their conditions); the built-in numbers 27–36 and 50–58
//! are dates in East Asian Excel.

use std::sync::Arc;

use super::cell;
use super::format_condition::FormatCondition;
use crate::model::{CellKind, StoredNumber};

/// A number format, compiled.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) enum NumberFormat {
    /// The number as it is.
    #[default]
    Plain,
    /// A date, or a date with a time, or a time of day.
    Date,
    /// The day of the week of a date, in a language that is not sure.
    Weekday,
    /// Hours, minutes or seconds that go beyond a day.
    Duration,
    /// Hundredths with a percent sign.
    Percent,
    /// An id: whole numbers with leading zeros and the text around them. Other numbers as they are.
    Padded(Vec<FormatPiece>),
    /// Whole numbers behind letters. It is not sure what other numbers look like.
    Lettered(Vec<FormatPiece>),
    /// The number as it is, with a word behind it that makes it another number: 5万.
    Multiplied(String),
    /// Words, whatever the number.
    Words(String),
    /// The number as it is, but nothing for 0.
    BlankZero,
    /// Nothing.
    Nothing,
    /// Something that is not known surely.
    Unsure,
    /// Different things for different numbers, and for texts.
    Sections(Arc<Sections>),
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

/// The sections of a format: those for numbers in their order, and what becomes of a text.
#[derive(Debug, PartialEq)]
pub(super) struct Sections {
    pub(super) numbers: Vec<(Option<FormatCondition>, NumberFormat)>,
    pub(super) text: TextFormat,
}

/// How a format shows the text of a text cell.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum TextFormat {
    /// As it is.
    AsIs,
    /// Between two texts.
    Between(String, String),
    /// Not at all, or in a way that is not known.
    Obscured,
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

    /// Returns a number as text in this format, and the kind of its cell. The text is empty where nothing is seen.
    pub(super) fn show(&self, value: f64, is_1904: bool) -> (String, CellKind) {
        match self {
            Self::Sections(sections) => {
                let (format, seen) = sections.of_number(value);
                format.show_as(value, seen, is_1904)
            }
            format => format.show_as(value, value, is_1904),
        }
    }

    /// Returns the content of a text cell with a format; `None` if it is blank.
    pub(super) fn shown_text(format: Option<&Self>, raw: &str) -> cell::Content {
        let text = cell::text(raw)?;
        Some(match format {
            Some(format) => format.show_text(text),
            None => (text, CellKind::Text),
        })
    }

    /// Returns what a text cell shows of its text.
    pub(super) fn show_text(&self, text: String) -> (String, CellKind) {
        let Self::Sections(sections) = self else {
            return (text, CellKind::Text);
        };
        match &sections.text {
            TextFormat::AsIs => (text, CellKind::Text),
            TextFormat::Between(before, after) => {
                let shown = [before.as_str(), &text, after].concat();
                (cell::trim(&shown).to_owned(), CellKind::Text)
            }
            TextFormat::Obscured => (text, CellKind::Obscured),
        }
    }

    /// Shows a number whose section sees `seen` of it: the number itself, or the number without its sign.
    fn show_as(&self, value: f64, seen: f64, is_1904: bool) -> (String, CellKind) {
        let (text, kind) = match self {
            Self::Date => return cell::serial(value, false, is_1904),
            Self::Duration => return cell::serial(value, true, is_1904),
            Self::Weekday => {
                let (text, kind) = cell::serial(value, false, is_1904);
                return (
                    text,
                    if kind.is_damaged() {
                        kind
                    } else {
                        CellKind::Obscured
                    },
                );
            }
            Self::Percent => return percent(value),
            // What is seen is no number that a field of numbers can take: whether 5 or 50000 is meant a person must say.
            Self::Multiplied(word) => return (cell::number(value).0 + word, CellKind::Text),
            _ => cell::number(value),
        };
        if kind != CellKind::Number {
            return (text, kind);
        }
        let shown = |shown: String| match cell::trim(&shown) {
            same if same == text => (text.clone(), CellKind::Number),
            shown => (shown.to_owned(), CellKind::Shown(StoredNumber::new(value))),
        };
        let is_whole = seen >= 0.0 && seen.fract() == 0.0;
        match self {
            Self::Padded(pieces) if is_whole => shown(padded(pieces, &cell::number(seen).0)),
            Self::Lettered(pieces) if is_whole => shown(padded(pieces, &cell::number(seen).0)),
            Self::Words(words) if seen >= 0.0 => shown(words.clone()),
            Self::Nothing | Self::BlankZero if value == 0.0 => shown(String::new()),
            Self::Lettered(_) | Self::Words(_) | Self::Nothing | Self::Unsure => {
                (text, CellKind::Obscured)
            }
            _ => (text, CellKind::Number),
        }
    }
}

impl Sections {
    /// Returns the section that shows a number, and what the section sees of the number.
    fn of_number(&self, value: f64) -> (&NumberFormat, f64) {
        let unsure = (&NumberFormat::Unsure, value);
        let section = |position: usize| self.numbers.get(position).map(|(_, format)| format);
        if self
            .numbers
            .iter()
            .all(|(condition, _)| condition.is_none())
        {
            let position = match self.numbers.len() {
                2 | 3 if value < 0.0 => 1,
                3 if value == 0.0 => 2,
                1..=3 => 0,
                _ => return unsure,
            };
            let seen = if position == 1 { value.abs() } else { value };
            return section(position).map_or(unsure, |format| (format, seen));
        }
        let met = self
            .numbers
            .iter()
            .find(|(condition, _)| condition.is_some_and(|condition| condition.holds(value)));
        if let Some((_, format)) = met {
            return (format, value);
        }
        // Without a condition that holds, the last section applies, if it is the only one without a condition.
        let mut others = self
            .numbers
            .iter()
            .filter(|(condition, _)| condition.is_none());
        match (others.next(), others.next()) {
            (Some((_, format)), None) => (format, value),
            _ => unsure,
        }
    }
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
fn padded(pieces: &[FormatPiece], number: &str) -> String {
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
        use NumberFormat::{Date, Duration, Percent, Plain, Weekday};
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
            ("[$-804]aaaa", Weekday),
            ("ddd", Weekday),
            ("yyyy-mm-dd aaaa", Date),
            ("A/P", Date),
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
            let (text, kind) = NumberFormat::of(code).show(value, false);
            assert_eq!(text, expected, "{code}");
            let stored = CellKind::Shown(StoredNumber::new(value));
            let is_stored = text == cell::number(value).0;
            let expected = if is_stored { CellKind::Number } else { stored };
            assert_eq!(kind, expected, "{code}");
        }
    }

    /// What a person sees in Excel, where it is sure.
    #[test]
    fn words_and_nothing_are_what_a_person_sees() {
        for (code, value, expected) in [
            (r#"[=1]"男";[=2]"女";General"#, 1.0, "男"),
            (r#"[=1]"男";[=2]"女";General"#, 2.0, "女"),
            (r#"[=1]"男";[=2]"女""#, 2.0, "女"),
            ("[=1]男;[=2]女;", 1.0, "男"),
            (r#""已付";"未付";"待定""#, -5.0, "未付"),
            (r#""已付";"未付";"待定""#, 0.0, "待定"),
            (r#""已付";"未付""#, 0.0, "已付"),
            (r#"[<60]"不及格";"及格""#, 60.0, "及格"),
            (r#"[Red]"有";;"无""#, 0.0, "无"),
            (r#"[=1]"√";[=0]"×""#, 0.0, "×"),
            ("0;-0;;@", 0.0, ""),
            ("#", 0.0, ""),
            ("#,###", 0.0, ""),
            (r#""第"0"期""#, 3.0, "第3期"),
            (r#""KH"0"#, 12.0, "KH12"),
            (r#""KH"General"#, 12.0, "KH12"),
            (
                "[<=9999999]###-####;(###) ###-####",
                5_715_551_234.0,
                "(571) 555-1234",
            ),
            (
                "[<=9999999]###-####;(###) ###-####",
                5_551_234.0,
                "555-1234",
            ),
            ("00000;-00000", -42.0, "-00042"),
            (r#"0!.0000"万""#, 12_345.0, "1.2345万"),
        ] {
            let shown = NumberFormat::of(code).show(value, false);
            let kind = CellKind::Shown(StoredNumber::new(value));
            assert_eq!(shown, (expected.to_owned(), kind), "{code}");
        }
    }

    #[test]
    fn a_word_behind_a_number_that_multiplies_makes_another_number() {
        for (code, shown) in [
            (r#"0"万""#, ("5万", CellKind::Text)),
            (r#"#,##0.00" 万元""#, ("5万元", CellKind::Text)),
            (r#"General"亿""#, ("5亿", CellKind::Text)),
            // Units, and a number of which the word says no more than the digits do.
            (r#"0"元""#, ("5", CellKind::Number)),
            (r#"0.0"千克""#, ("5", CellKind::Number)),
            (r#"0"万";-0"万""#, ("5万", CellKind::Text)),
        ] {
            let (text, kind) = NumberFormat::of(code).show(5.0, false);
            assert_eq!((text.as_str(), kind), shown, "{code}");
        }
    }

    #[test]
    fn what_is_seen_is_not_guessed() {
        for (code, value) in [
            (r#"[=1]"男";[=2]"女""#, 3.0),
            (r#""已付""#, -1.0),
            (r#"[<0]"亏";"盈""#, -1.0),
            ("[DBNum1][$-804]General", 123.0),
            (r#"[>=1000]0.0,"K";0"#, 12_345.0),
            ("00000;;", -42.0),
            (";;;", 5.0),
            (r##""约"#,##0"##, 5.0),
            (r#""第"0"期""#, 1.5),
            (r#"@"集团""#, 5.0),
        ] {
            let (text, kind) = NumberFormat::of(code).show(value, false);
            let expected = (cell::number(value).0, CellKind::Obscured);
            assert_eq!((text, kind), expected, "{code}");
        }
    }

    #[test]
    fn amounts_units_and_signs_are_left_out() {
        for (code, value) in [
            (r#"G/通用格式"元""#, 88.0),
            ("0_);(0)", -9.0),
            (r#"_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ "#, 0.0),
            (r#"_(* #,##0.00_);_(* \(#,##0.00\);_(* "-"??_);_(@_)"#, 0.0),
            (r##""RMB "#,##0.00"##, 5.0),
            ("[$¥-804]#,##0.00;[Red]-[$¥-804]#,##0.00", -5.0),
            (r#"[>=1000]0.0,"K";0"#, 7.0),
            ("0;-0;;@", 0.4),
            ("0;-0;;@", -7.0),
            ("# ?/?", 1.5),
            ("##0.0E+0", 1234.0),
            ("0.00;[Red]0.00", -1.0),
        ] {
            let shown = NumberFormat::of(code).show(value, false);
            assert_eq!(shown, cell::number(value), "{code}");
        }
    }

    #[test]
    fn texts_are_shown_by_the_last_section() {
        for (code, expected, kind) in [
            ("@", "华东", CellKind::Text),
            ("General", "华东", CellKind::Text),
            ("0;-0;;@", "华东", CellKind::Text),
            (
                r#"_ * #,##0_ ;_ * -#,##0_ ;_ * "-"_ ;_ @_ "#,
                "华东",
                CellKind::Text,
            ),
            (r#"@"集团""#, "华东集团", CellKind::Text),
            (r#"0;0;0;"客户："@"#, "客户：华东", CellKind::Text),
            (";;;", "华东", CellKind::Obscured),
        ] {
            let shown = NumberFormat::of(code).show_text("华东".to_owned());
            assert_eq!(shown, (expected.to_owned(), kind), "{code}");
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
