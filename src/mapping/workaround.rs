//! What databases and people write into cells so that other programs understand them: words for no value, and signs
//! that keep digits as text.
//!
//! Sent as they stand, customers would be called NULL, and numbers would begin with an apostrophe. Only texts that
//! nobody means are read in another way: the words stand alone in their cell, and behind a sign there are digits and
//! the signs of numbers. What was read so is counted, and said once for the file.

use memchr::memchr;

use crate::model::is_misread;

/// Returns whether a text is one of the words that database exports write where there is no value.
pub(super) fn is_null_word(text: &str) -> bool {
    matches!(
        text,
        "\\N" | "NULL" | "null" | "(NULL)" | "(null)" | "[NULL]" | "[null]" | "<NULL>" | "<null>"
    )
}

/// Returns the digits of `="000123"`, `'000123` and `` `000123 ``; `None` for any other text.
pub(super) fn digits_within(text: &str) -> Option<&str> {
    let mut letters = text.chars();
    let within = match letters.next()? {
        '=' => {
            let within = text.strip_prefix("=\"")?.strip_suffix('"')?.trim();
            let is_code = |letter: char| letter.is_ascii_alphanumeric() || is_number_sign(letter);
            let has_digit = within.bytes().any(|byte| byte.is_ascii_digit());
            return (has_digit && within.chars().all(is_code)).then_some(within);
        }
        '\'' | '`' | '‘' | '’' | '＇' => letters.as_str().trim(),
        _ => return None,
    };
    let number = within.strip_suffix(['X', 'x']).unwrap_or(within);
    let digits = number.bytes().filter(u8::is_ascii_digit).count();
    let begins_well = number.starts_with(|letter: char| letter.is_ascii_digit() || letter == '+');
    let is_number = number
        .chars()
        .all(|letter| letter.is_ascii_digit() || is_number_sign(letter));
    (digits >= 3 && begins_well && is_number).then_some(within)
}

fn is_number_sign(letter: char) -> bool {
    matches!(letter, '+' | '-' | '.' | ' ' | '(' | ')' | '/' | ',')
}

/// Returns whether a text seems damaged: letters of it were lost, or it was read in a wrong encoding.
pub fn is_doubtful(text: &str, is_prose: bool) -> bool {
    has_lost_letters(text, is_prose) || is_misread(text)
}

/// Returns whether a text has question marks as if letters had been lost. In prose a person may mean them, so there
/// only a text of nothing else counts.
fn has_lost_letters(text: &str, is_prose: bool) -> bool {
    if memchr(b'?', text.as_bytes()).is_none() || !text.contains("??") {
        return false;
    }
    let is_all = text.chars().all(|letter| letter == '?');
    is_all || (!is_prose && text.contains("???"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_behind_a_sign() {
        for (text, digits) in [
            ("=\"000123\"", Some("000123")),
            ("=\"0571-88880000\"", Some("0571-88880000")),
            ("=\"KH001\"", Some("KH001")),
            ("=\"7\"", Some("7")),
            ("'330106199001011234", Some("330106199001011234")),
            ("'33010619900101123X", Some("33010619900101123X")),
            ("`000124", Some("000124")),
            ("’0571-88880000", Some("0571-88880000")),
            ("'+86 138 0013 8000", Some("+86 138 0013 8000")),
            ("=\"甲\"", None),
            ("=\"a\"&\"1\"", None),
            ("=1+1", None),
            ("'80s", None),
            ("'80", None),
            ("'=1+1", None),
            ("'甲123", None),
            ("000123", None),
            ("=", None),
            ("'", None),
            ("", None),
        ] {
            assert_eq!(digits_within(text), digits, "{text}");
        }
    }

    #[test]
    fn question_marks_in_place_of_letters() {
        for (text, is_prose, expected) in [
            ("???公司", false, true),
            ("??", false, true),
            ("?????", true, true),
            ("真的吗???", true, false),
            ("真的吗??", false, false),
            ("?", false, false),
        ] {
            assert_eq!(has_lost_letters(text, is_prose), expected, "{text}");
        }
    }
}
