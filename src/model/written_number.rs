//! A number that somebody has written as text: which sign stands before its decimals, and what it is.
//!
//! `1,234` is a thousand in China and a little more than one in Germany. So a text is read only where it says itself
//! which sign is the decimal one (`1,234.5`, `12,5`, `1.234.567`), or where somebody else says so: the other cells of
//! its column, or the mapping.

use serde::{Deserialize, Serialize};

/// The sign before the decimals of a number. The other one may stand between thousands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(test, derive(schemars::JsonSchema))]
pub enum DecimalSign {
    /// `1,234.5`
    #[serde(rename = ".")]
    Point,
    /// `1.234,5`
    #[serde(rename = ",")]
    Comma,
}

impl DecimalSign {
    fn letter(self) -> char {
        match self {
            Self::Point => '.',
            Self::Comma => ',',
        }
    }

    fn other(self) -> Self {
        match self {
            Self::Point => Self::Comma,
            Self::Comma => Self::Point,
        }
    }
}

/// What a written number says about its signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberSigns {
    /// It has none.
    Whole,
    /// It can only have these decimals.
    Say(DecimalSign),
    /// The one sign in it can stand between thousands or before decimals.
    Unclear(DecimalSign),
}

/// Returns what a number says about its signs; `None` for a text that is no number. The text has plain digits and signs,
/// and no outer spaces.
pub fn number_signs(text: &str) -> Option<NumberSigns> {
    let (_, body) = signed(text);
    let Some((before, after)) = body.rsplit_once(['.', ',']) else {
        return is_digits(body).then_some(NumberSigns::Whole);
    };
    let is_point = body.as_bytes().get(before.len()) == Some(&b'.');
    let sign = if is_point {
        DecimalSign::Point
    } else {
        DecimalSign::Comma
    };
    let is_decimal = parts(body, sign).is_some();
    let is_grouped = parts(body, sign.other()).is_some();
    // In China a comma may also stand between groups of four.
    let is_group_of_four = sign == DecimalSign::Comma
        && after.len() == 4
        && before.len() <= 4
        && is_first_group(before);
    match (is_decimal, is_grouped || is_group_of_four) {
        (true, true) => Some(NumberSigns::Unclear(sign)),
        (true, false) => Some(NumberSigns::Say(sign)),
        (false, _) if is_grouped => Some(NumberSigns::Say(sign.other())),
        (false, _) => None,
    }
}

/// Returns both readings of a number whose sign is unclear: as a whole number, and with decimals behind a point.
pub fn both_readings(text: &str) -> [String; 2] {
    let sign = [',', '.'];
    [text.replace(sign, ""), text.replace(sign, ".")]
}

/// Returns a written number with a point before its decimals and no other signs; `None` if it is none with this decimal
/// sign. The text is as for [`number_signs`].
pub fn written_number(text: &str, sign: DecimalSign) -> Option<String> {
    let (minus, body) = signed(text);
    let (whole, decimals) = parts(body, sign)?;
    let is_plain = !whole.contains(sign.other().letter()) && !text.starts_with('+');
    if is_plain && (decimals.is_none() || sign == DecimalSign::Point) {
        return Some(text.to_owned());
    }
    let whole = whole.replace(sign.other().letter(), "");
    let point = if decimals.is_some() { "." } else { "" };
    Some([minus, &whole, point, decimals.unwrap_or_default()].concat())
}

fn signed(text: &str) -> (&'static str, &str) {
    match text.strip_prefix('-') {
        Some(body) => ("-", body),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    }
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Returns whether digits can be the first of several groups: 0,500 is a half.
fn is_first_group(digits: &str) -> bool {
    is_digits(digits) && digits != "0"
}

/// Splits a number into its whole part, perhaps in groups of three, and its decimals.
fn parts(body: &str, sign: DecimalSign) -> Option<(&str, Option<&str>)> {
    let (whole, decimals) = match body.split_once(sign.letter()) {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (body, None),
    };
    let is_whole = match whole.split_once(sign.other().letter()) {
        None => is_digits(whole),
        Some((first, others)) => {
            let mut others = others.split(sign.other().letter());
            is_first_group(first)
                && first.len() <= 3
                && others.all(|group| is_digits(group) && group.len() == 3)
        }
    };
    (is_whole && decimals.is_none_or(is_digits)).then_some((whole, decimals))
}

/// What the written numbers of a column say together.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct WrittenNumbers {
    has_point: bool,
    has_comma: bool,
    has_unclear_comma: bool,
    /// The first number whose sign is unclear.
    first_unclear: Option<String>,
}

impl WrittenNumbers {
    /// Adds a text; one that is no number says nothing. The text is as for [`number_signs`].
    pub fn add(&mut self, text: &str) {
        match number_signs(text) {
            Some(NumberSigns::Say(DecimalSign::Point)) => self.has_point = true,
            Some(NumberSigns::Say(DecimalSign::Comma)) => self.has_comma = true,
            Some(NumberSigns::Unclear(sign)) => {
                self.has_unclear_comma |= sign == DecimalSign::Comma;
                self.first_unclear.get_or_insert_with(|| text.to_owned());
            }
            Some(NumberSigns::Whole) | None => {}
        }
    }

    /// Returns the sign that stands before the decimals; `None` where no number says it, or two contradict each other.
    pub fn decimal_sign(&self) -> Option<DecimalSign> {
        match (self.has_point, self.has_comma) {
            (true, false) => Some(DecimalSign::Point),
            (false, true) => Some(DecimalSign::Comma),
            _ => None,
        }
    }

    /// Takes the numbers for those of an export of ferry's, which writes a point before decimals and nothing between
    /// thousands. A comma was written by somebody else, or is stored like this. It contradicts the point, because a number
    /// that nobody has edited must not mean another one for it.
    pub fn take_for_exported(&mut self) {
        self.has_point = true;
        self.has_comma |= self.has_unclear_comma;
    }

    /// Returns the first number that can be read in two ways, where no other one decides.
    pub fn undecided(&self) -> Option<&str> {
        let unclear = self.first_unclear.as_deref();
        unclear.filter(|_| self.decimal_sign().is_none())
    }
}

#[cfg(test)]
mod tests {
    use DecimalSign::{Comma, Point};
    use NumberSigns::{Say, Unclear, Whole};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_number_says_which_sign_is_which_or_not() {
        for (text, signs) in [
            ("12", Some(Whole)),
            ("-007", Some(Whole)),
            ("1,234", Some(Unclear(Comma))),
            ("-3,500", Some(Unclear(Comma))),
            ("1.500", Some(Unclear(Point))),
            ("123.456", Some(Unclear(Point))),
            ("012,345", Some(Unclear(Comma))),
            ("1,2345", Some(Unclear(Comma))),
            ("1234,5678", Some(Unclear(Comma))),
            ("1.2345", Some(Say(Point))),
            ("0,1234", Some(Say(Comma))),
            ("1,23456", Some(Say(Comma))),
            ("12345,6789", Some(Say(Comma))),
            ("1234.567", Some(Say(Point))),
            ("1234,567", Some(Say(Comma))),
            ("0.500", Some(Say(Point))),
            ("0,500", Some(Say(Comma))),
            ("12,5", Some(Say(Comma))),
            ("12.5", Some(Say(Point))),
            ("1,234.5", Some(Say(Point))),
            ("1,234.567", Some(Say(Point))),
            ("1.234,50", Some(Say(Comma))),
            ("1.234.567", Some(Say(Comma))),
            ("1,234,567", Some(Say(Point))),
            ("1,234,567.891", Some(Say(Point))),
            ("1.2.3", None),
            ("12,34,567", None),
            ("1,2345,6789", None),
            ("0,123,456", None),
            ("1,2.3,4", None),
            ("1,", None),
            (",5", None),
            (".5", None),
            ("1e5", None),
            ("12元", None),
            ("1 234", None),
            ("1'234", None),
            ("", None),
            ("-", None),
        ] {
            assert_eq!(number_signs(text), signs, "{text}");
        }
    }

    #[test]
    fn a_number_is_read_by_its_decimal_sign() {
        for (text, sign, number) in [
            ("1,234", Point, Some("1234")),
            ("1,234", Comma, Some("1.234")),
            ("1.500", Point, Some("1.500")),
            ("1.500", Comma, Some("1500")),
            ("+1.234,50", Comma, Some("1234.50")),
            ("-3,500", Comma, Some("-3.500")),
            ("-1,234.50", Point, Some("-1234.50")),
            ("1,234.5", Comma, None),
            ("12,5", Point, None),
            ("1,2345", Point, None),
            ("1,2345", Comma, Some("1.2345")),
            ("0,500", Point, None),
            ("007", Comma, Some("007")),
            ("1,23.4", Point, None),
        ] {
            assert_eq!(written_number(text, sign).as_deref(), number, "{text}");
        }
    }

    #[test]
    fn the_numbers_of_a_column_decide_together() {
        for (texts, sign, undecided) in [
            (&["1,234", "1.500", "12,5"][..], Some(Comma), None),
            (&["1,234", "1,234.5"], Some(Point), None),
            (&["1,234", "12", "甲"], None, Some("1,234")),
            (&["1.500", "12,5", "12.5"], None, Some("1.500")),
            (&["12,5", "12.5"], None, None),
            (&[], None, None),
        ] {
            let mut column = WrittenNumbers::default();
            for text in texts {
                column.add(text);
            }
            let found = (column.decimal_sign(), column.undecided());
            assert_eq!(found, (sign, undecided), "{texts:?}");
        }
    }

    #[test]
    fn an_export_has_points_unless_a_comma_contradicts_them() {
        for (texts, sign) in [
            (&["1.234", "12"][..], Some(Point)),
            (&["1.234", "1,234"], None),
            (&["1.234", "12,5"], None),
        ] {
            let mut column = WrittenNumbers::default();
            for text in texts {
                column.add(text);
            }
            column.take_for_exported();
            assert_eq!(column.decimal_sign(), sign, "{texts:?}");
        }
    }

    /// Writes a number with groups of three, and decimals behind a sign.
    fn write(whole: u64, decimals: &str, sign: DecimalSign, is_grouped: bool) -> String {
        let digits = whole.to_string();
        let mut text = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if is_grouped && at > 0 && (digits.len() - at).is_multiple_of(3) {
                text.push(sign.other().letter());
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(sign.letter());
            text.push_str(decimals);
        }
        text
    }

    proptest! {
        #[test]
        fn numbers_come_back_in_a_column_that_is_decided(
            numbers in prop::collection::vec((0..10_000_000_u64, "[0-9]{0,4}", any::<bool>()), 1..8),
            is_comma in any::<bool>(),
        ) {
            let sign = if is_comma { Comma } else { Point };
            let texts = numbers.iter().map(|(whole, decimals, is_grouped)| {
                let plain = write(*whole, decimals, Point, false);
                (write(*whole, decimals, sign, *is_grouped), plain)
            });
            let texts: Vec<(String, String)> = texts.collect();
            let mut column = WrittenNumbers::default();
            for (text, _) in &texts {
                column.add(text);
            }
            // A column is never decided wrongly, and a number alone never read wrongly.
            let decided = column.decimal_sign();
            prop_assert!(decided.is_none_or(|decided| decided == sign), "{texts:?}");
            for (text, plain) in &texts {
                prop_assert!(decided.is_some() || !matches!(number_signs(text), Some(Say(_))));
                let read = written_number(text, sign);
                prop_assert_eq!(read.as_ref(), Some(plain));
                if let Some(Unclear(_)) = number_signs(text) {
                    prop_assert!(both_readings(text).contains(plain), "{text}");
                }
            }
        }
    }
}
