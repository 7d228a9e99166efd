//! Widths of texts on a terminal, where Chinese letters take two columns.

use unicode_width::UnicodeWidthStr;

/// Returns how many columns a text takes.
pub(super) fn width(text: &str) -> usize {
    text.width()
}

/// Returns a text with blanks behind it that fill its column.
pub(super) fn padded(text: &str, column: usize) -> String {
    let missing = column.saturating_sub(width(text));
    format!("{text}{}", " ".repeat(missing))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_equally_wide_in_both_scripts() {
        assert_eq!(padded("ok", 6), "ok    ");
        assert_eq!(padded("已完成", 8), "已完成  ");
        assert_eq!(padded("too long", 3), "too long");
    }
}
