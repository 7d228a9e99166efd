//! The fingerprint of a source row: a digest of its own cells, and of nothing about how they were saved or mapped.
//!
//! The loss against which it guards: a workbook to which rows were appended, a re-saved copy, a reordered sheet or a
//! corrected mapping is imported, and the rows that were added before are added again. The fingerprint therefore covers
//! the texts of the cells alone. They are sorted, so that the order of columns does not matter. They come without
//! headers, so that mending a header does not matter. They are in a canonical form, so that a date cell and the same
//! date as CSV text are equal. Columns that start with `_` are ferry's and do not count.

use std::borrow::Cow;

use sha2::{Digest, Sha256};

/// Returns a cell's text in the form that survives a change of file format: without outer spaces, with line breaks
/// alike, dates as `yyyy-mm-dd` with a time only if it is not midnight, decimals without trailing zeros. Case and width
/// stay: texts that a person would call different stay different.
pub fn canonical(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.starts_with(|letter: char| letter.is_ascii_digit())
        && let Some(folded) = canonical_date(trimmed).or_else(|| canonical_decimal(trimmed))
    {
        return Cow::Owned(folded);
    }
    if trimmed.contains('\r') {
        return Cow::Owned(trimmed.replace("\r\n", "\n").replace('\r', "\n"));
    }
    Cow::Borrowed(trimmed)
}

/// Reads `2024/1/5`, `2024.1.5` or `2024年1月5日`, each with or without a time.
fn canonical_date(text: &str) -> Option<String> {
    let digits = |part: &str, most: usize| {
        let plain = !part.is_empty()
            && part.len() <= most
            && part.bytes().all(|byte| byte.is_ascii_digit());
        if plain {
            part.parse::<u32>().ok()
        } else {
            None
        }
    };
    let (date, time) = match text.split_once('日') {
        Some((date, time)) => (date, time),
        None => text.split_once([' ', 'T']).unwrap_or((text, "")),
    };
    let (year, rest) = date.split_at_checked(4)?;
    let separator = rest.chars().next()?;
    let second = match separator {
        '-' | '/' | '.' => separator,
        '年' => '月',
        _ => return None,
    };
    let (month, day) = rest.get(separator.len_utf8()..)?.split_once(second)?;
    let (year, month, day) = (digits(year, 4)?, digits(month, 2)?, digits(day, 2)?);
    let mut clock = [0; 3];
    let time = time.trim();
    if !time.is_empty() {
        let parts: Vec<&str> = time.split(':').collect();
        if !(2..=3).contains(&parts.len()) {
            return None;
        }
        for (slot, part) in clock.iter_mut().zip(parts) {
            *slot = digits(part, 2)?;
        }
    }
    let [hour, minute, second] = clock;
    if year < 1000
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
        || hour > 23
        || minute > 59
        || second > 59
    {
        return None;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    Some(if clock == [0; 3] {
        date
    } else {
        format!("{date} {hour:02}:{minute:02}:{second:02}")
    })
}

/// Removes the trailing zeros of a decimal: `1.50` and `1.5` are one number. `007` stays as it is.
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

/// Returns the fingerprint of some cells: the first 16 bytes of a SHA-256 over their sorted canonical texts.
pub(super) fn fingerprint<'a>(texts: impl Iterator<Item = &'a str>) -> [u8; 16] {
    let mut texts: Vec<Cow<'_, str>> = texts.map(canonical).collect();
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
            ("１３８", "１３８"),
            (" ABC Ltd\r\nx ", "ABC Ltd\nx"),
            ("2024-01-05A", "2024-01-05A"),
            ("2024-01-05 99:00", "2024-01-05 99:00"),
            ("2024-01/05", "2024-01/05"),
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
