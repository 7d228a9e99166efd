//! What identifies a source row: its own cells, and nothing about how they were saved or mapped.
//!
//! The fingerprint is what keeps an appended workbook, a re-saved copy, a reordered sheet or a corrected
//! mapping from adding a customer twice. It therefore covers the texts of the cells alone: sorted, so
//! that the order of columns does not matter; without headers, so that mending a header does not matter;
//! and in a canonical form, so that a date cell and the same date as CSV text are equal. Columns that
//! start with `_` are ferry's and do not count.

use sha2::{Digest, Sha256};
use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Folds a cell's text to the form that survives a change of file format: compatibility forms and case
/// folded, white space collapsed, dates as `yyyy-mm-dd` with a time only if it is not midnight, decimals
/// without trailing zeros.
pub fn canonical(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let mut push_folded = |letter: char| {
        if letter.is_whitespace() {
            if !folded.ends_with(' ') && !folded.is_empty() {
                folded.push(' ');
            }
        } else {
            folded.extend(letter.to_lowercase());
        }
    };
    if is_nfkc_quick(text.chars()) == IsNormalized::Yes {
        text.chars().for_each(&mut push_folded);
    } else {
        text.nfkc().for_each(&mut push_folded);
    }
    let folded = folded.trim_end().to_owned();
    if !folded.starts_with(|letter: char| letter.is_ascii_digit()) {
        return folded;
    }
    canonical_date(&folded)
        .or_else(|| canonical_decimal(&folded))
        .unwrap_or(folded)
}

/// `2024/1/5`, `2024.1.5`, `2024年1月5日`, each with or without a time.
fn canonical_date(text: &str) -> Option<String> {
    let mut numbers = [0_u32; 6];
    let mut count = 0;
    let mut separators = [' '; 6];
    let mut digits = 0;
    for letter in text.chars() {
        if let Some(digit) = letter.to_digit(10) {
            if digits == 0 {
                count += 1;
            }
            digits += 1;
            if count > 6 || digits > 4 {
                return None;
            }
            let number = numbers.get_mut(count - 1)?;
            *number = *number * 10 + digit;
        } else {
            if digits > 0 {
                *separators.get_mut(count - 1)? = letter;
            } else if !matches!(letter, ' ' | 't') {
                return None;
            }
            digits = 0;
        }
    }
    let dated = matches!(
        (separators[0], separators[1]),
        ('-', '-') | ('/', '/') | ('.', '.') | ('年', '月')
    );
    let timed = count == 3 || (count >= 5 && separators[3] == ':');
    let [year, month, day, hour, minute, second] = numbers;
    if !dated
        || !timed
        || !(1000..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) {
        Some(date)
    } else {
        Some(format!("{date} {hour:02}:{minute:02}:{second:02}"))
    }
}

/// `1.50` and `1.5` are one number; `007` stays itself.
fn canonical_decimal(text: &str) -> Option<String> {
    let (whole, fraction) = text.split_once('.')?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(if fraction.is_empty() {
        whole.to_owned()
    } else {
        format!("{whole}.{fraction}")
    })
}

/// The fingerprint of some cells: the first 16 bytes of a SHA-256 over their sorted canonical texts.
pub(super) fn fingerprint<'a>(texts: impl Iterator<Item = &'a str>) -> [u8; 16] {
    let mut texts: Vec<String> = texts.map(canonical).collect();
    texts.sort_unstable();
    let mut digest = Sha256::new();
    for text in &texts {
        digest.update(text.as_bytes());
        digest.update([0]);
    }
    let mut print = [0; 16];
    print.copy_from_slice(digest.finalize().get(..16).unwrap_or(&[0; 16]));
    print
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cell_saved_in_many_ways_is_one() {
        for (seen, canon) in [
            ("2024/1/5", "2024-01-05"),
            ("2024-01-05 00:00:00", "2024-01-05"),
            ("2024.01.05", "2024-01-05"),
            ("2024年1月5日", "2024-01-05"),
            ("2024-01-05 9:05", "2024-01-05 09:05:00"),
            ("2024-01-05T09:05:00", "2024-01-05 09:05:00"),
            ("1.50", "1.5"),
            ("12.00", "12"),
            ("007", "007"),
            ("１３８", "138"),
            ("ABC　Ltd", "abc ltd"),
            ("1.2.3", "1.2.3"),
            ("2024/13/05", "2024/13/05"),
            ("13800138000", "13800138000"),
        ] {
            assert_eq!(canonical(seen), canon, "{seen}");
        }
    }

    #[test]
    fn order_does_not_matter_and_content_does() {
        let print = |texts: &[&str]| fingerprint(texts.iter().copied());
        assert_eq!(print(&["张三", "138"]), print(&["138", "张三"]));
        assert_ne!(print(&["张三", "138"]), print(&["张三", "139"]));
        assert_ne!(print(&["a", "b"]), print(&["ab"]));
        assert_ne!(print(&["a"]), print(&["a", "a"]));
    }
}
