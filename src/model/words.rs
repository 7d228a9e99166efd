//! Texts of a sheet that mean something whatever the field: orders, markers, damaged numbers.
//!
//! `mapping` and `check` share them, so that mapping never changes a text that checking would refuse or obey.

use memchr::memchr2;
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

use super::visible::{is_ideograph, trimmed, without_unseen};

/// Texts that empty a field.
const CLEAR_WORDS: &[&str] = &["#clear", "#清空"];

/// Returns the form in which words are compared: lowercase, half-width, without unseen characters and outer spaces.
pub fn folded(text: &str) -> String {
    let text = trimmed(text);
    // Nearly all words are Chinese and ASCII.
    if text.chars().all(is_plain_letter) {
        return text.to_ascii_lowercase();
    }
    let seen = without_unseen(text);
    match is_nfkc_quick(seen.chars()) {
        IsNormalized::Yes => seen.chars().flat_map(char::to_lowercase).collect(),
        _ => seen.nfkc().flat_map(char::to_lowercase).collect(),
    }
}

/// Returns whether [`folded`] makes a word of a text.
pub fn folds_to(text: &str, word: &str) -> bool {
    let text = trimmed(text);
    if differ_at_the_end(text, word) {
        false
    } else if text.chars().all(is_plain_letter) {
        text.eq_ignore_ascii_case(word)
    } else {
        folded(text) == word
    }
}

/// Returns whether [`folded`] makes the same word of two texts.
pub fn are_same_word(one: &str, other: &str) -> bool {
    let (one, other) = (trimmed(one), trimmed(other));
    !differ_at_the_end(one, other) && folded(one) == folded(other)
}

/// Returns whether the last letters alone show that two trimmed words differ, as those of most words do.
fn differ_at_the_end(one: &str, other: &str) -> bool {
    let last = |text: &str| text.chars().next_back();
    match (last(one), last(other)) {
        (Some(one), Some(other)) => {
            is_plain_letter(one) && is_plain_letter(other) && !one.eq_ignore_ascii_case(&other)
        }
        _ => false,
    }
}

/// Returns whether folding changes no more of a character than the case of an ASCII letter, whatever stands beside it.
pub fn is_plain_letter(letter: char) -> bool {
    (letter.is_ascii() && !letter.is_ascii_control()) || is_ideograph(letter)
}

/// Returns whether a text begins with an ASCII sign. Every cell is asked several times, and a comparison of one byte is
/// no call.
fn begins_with(text: &str, sign: u8) -> bool {
    text.as_bytes().first() == Some(&sign)
}

/// Returns whether a text is `#CLEAR` or `#清空`, which empty a field.
pub fn is_clear_word(text: &str) -> bool {
    let text = text.trim_start();
    begins_with(text, b'#')
        && CLEAR_WORDS
            .iter()
            .any(|word| text.trim_end().eq_ignore_ascii_case(word))
}

/// The text of a formula cell that has no value. Ferry writes the text into its own sheets too, and reads it back as
/// such a cell.
pub const UNCALCULATED: &str = "#UNCALCULATED!";

/// The error values that a workbook's cell may hold as such.
const ERROR_VALUES: &[&str] = &[
    "#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!",
];

/// The error values of newer programs. Not every reader takes a cell that holds one as an error.
const NEWER_ERROR_VALUES: &[&str] = &[
    "#GETTING_DATA",
    "#SPILL!",
    "#CALC!",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
    "#PYTHON!",
    "#EXTERNAL!",
    "#TIMEOUT!",
];

/// Returns whether a text is one of the error values that a workbook's cell may hold as such.
pub fn is_error_value(text: &str) -> bool {
    begins_with(text, b'#') && ERROR_VALUES.contains(&text)
}

/// Returns whether a text is an error value that ferry writes into its sheets as text, because no cell takes it as an
/// error: one of a newer program, or one of which only the number is known. Nobody types such a text.
pub fn is_written_error(text: &str) -> bool {
    let number = |text: &str| text.parse::<u8>().is_ok();
    begins_with(text, b'#')
        && (NEWER_ERROR_VALUES.contains(&text) || text.strip_prefix("#ERROR ").is_some_and(number))
}

/// The end of a text that was cut because a spreadsheet's cell holds no more than [`LONGEST_TEXT`].
pub const CUT_MARKER: &str = "…[cut]";

/// The longest text of a spreadsheet's cell, in UTF-16 units.
pub const LONGEST_TEXT: usize = 32_767;

/// Returns whether a text was cut when it was exported: it ends with the marker and is as long as a cell allows.
pub fn is_cut_text(text: &str) -> bool {
    // The length is counted last, because hardly any text ends with the marker. It may be one short: a surrogate pair
    // is never cut in two.
    text.ends_with(CUT_MARKER) && text.encode_utf16().count() >= LONGEST_TEXT - 1
}

/// Shortens a value to 80 letters for a message.
pub fn shortened(text: &str) -> String {
    if text.chars().count() <= 80 {
        text.to_owned()
    } else {
        text.chars().take(79).chain(['…']).collect()
    }
}

/// Shortens an old value and a new one for a line of a terminal: where both are long and begin alike, what is left out
/// is the beginning, because what differs is to be seen.
pub fn shortened_pair(old: &str, new: &str) -> (String, String) {
    const BEFORE: usize = 10;
    let (old, new) = (&old.replace('\n', " "), &new.replace('\n', " "));
    let alike = old.chars().zip(new.chars());
    let alike = alike.take_while(|(old, new)| old == new).count();
    let is_long = |text: &str| text.chars().count() > 80;
    let skipped = match alike.checked_sub(BEFORE) {
        Some(skipped) if skipped > 0 && (is_long(old) || is_long(new)) => skipped,
        _ => return (shortened(old), shortened(new)),
    };
    let rest = |text: &str| {
        let rest: String = ['…']
            .into_iter()
            .chain(text.chars().skip(skipped))
            .collect();
        shortened(&rest)
    };
    (rest(old), rest(new))
}

/// Returns whether a text is the formula by which WPS shows a picture inside a cell. Its text is the picture's number.
pub fn is_picture(text: &str) -> bool {
    let Some(formula) = text.strip_prefix('=') else {
        return false;
    };
    let name = formula.strip_prefix("_xlfn.").unwrap_or(formula);
    name.get(..8)
        .is_some_and(|name| name.eq_ignore_ascii_case("DISPIMG("))
}

/// The replacement character.
const LOST: &[u8] = "\u{FFFD}".as_bytes();
const GARBLED: &[u8] = "锟斤拷".as_bytes();

/// Returns whether letters of a text were lost before ferry saw it: it has the replacement character, or 锟斤拷, which is
/// what two replacement characters in UTF-8 are when they are read as GBK.
pub fn is_damaged_text(text: &str) -> bool {
    let mut rest = text.as_bytes();
    while let Some(at) = memchr2(LOST[0], GARBLED[0], rest) {
        rest = rest.get(at..).unwrap_or_default();
        if rest.starts_with(LOST) || rest.starts_with(GARBLED) {
            return true;
        }
        rest = rest.get(1..).unwrap_or_default();
    }
    false
}

/// Returns whether a text is like `6.86E+17`: a long number of which a spreadsheet kept only this.
pub fn is_scientific(text: &str) -> bool {
    if !text.contains('+') {
        return false;
    }
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else {
        return false;
    };
    let mantissa = mantissa.trim_start_matches('-');
    let Some(exponent) = exponent.strip_prefix('+') else {
        return false;
    };
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    digits(exponent)
        && mantissa
            .split_once('.')
            .map_or(digits(mantissa), |(whole, rest)| {
                digits(whole) && digits(rest)
            })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_two_long_texts_is_shown_where_they_differ() {
        assert_eq!(
            shortened_pair("甲", "乙"),
            ("甲".to_owned(), "乙".to_owned())
        );
        assert_eq!(shortened_pair("甲\n乙", "").0, "甲 乙");
        let (old, new) = ("字".repeat(3000), "字".repeat(2999) + "母");
        let (old, new) = shortened_pair(&old, &new);
        assert_eq!((old.chars().count(), new.chars().count()), (12, 12));
        assert!(old.starts_with('…') && new.ends_with("字母"), "{old} {new}");
        let (old, new) = shortened_pair("", &"字".repeat(3000));
        assert_eq!((old.as_str(), new.chars().count()), ("", 80));
        assert!(new.ends_with('…'), "{new}");
    }

    #[test]
    fn short_ways_of_folding_lead_to_the_same_place() {
        let texts = [
            "",
            " ",
            "客户名称",
            " 客户名称 ",
            "客户Ａ",
            "客户a",
            "ｔｏｔａｌ",
            "Total",
            "合计",
            "金\u{302}",
            "㈱",
            "\u{f900}",
            "豈",
            "é",
            "e\u{301}",
            "ﬁ",
            "客户\u{200b}",
            "客\u{200b}户",
            "A\u{ad}类",
            "A\u{1f}类",
            "A\n类",
            "\u{feff}客户",
            "İ",
            "ß",
            "ｶﾞ",
            "客户ﾞ",
            "A类",
            "a类",
        ];
        for text in texts {
            let seen = without_unseen(trimmed(text));
            let slow: String = seen.nfkc().flat_map(char::to_lowercase).collect();
            assert_eq!(folded(text), slow, "{text:?}");
            for other in texts {
                let word = folded(other);
                assert_eq!(folds_to(text, &word), slow == word, "{text:?} {word:?}");
                let is_same = are_same_word(text, other);
                assert_eq!(is_same, slow == word, "{text:?} {other:?}");
            }
        }
    }

    #[test]
    fn unseen_characters_make_no_other_word() {
        for unseen in [
            '\u{ad}', '\u{200b}', '\u{200d}', '\u{202a}', '\u{2060}', '\u{feff}', '\u{1f}',
            '\u{fe0f}',
        ] {
            let text = format!("A{unseen}类");
            assert_eq!(folded(&text), "a类", "{unseen:?}");
            assert!(folds_to(&text, "a类"), "{unseen:?}");
        }
    }

    #[test]
    fn texts_that_lost_letters_are_damaged() {
        for text in [
            "\u{FFFD}",
            "甲\u{FFFD}乙",
            "锟斤拷",
            "甲锟锟斤拷",
            "a锟斤拷",
        ] {
            assert!(is_damaged_text(text), "{text}");
        }
        for text in ["", "锟", "锟斤", "斤拷", "锟甲斤拷", "abc"] {
            assert!(!is_damaged_text(text), "{text}");
        }
    }
}
