//! The apostrophe before CSV text that a spreadsheet program would run as a formula.
//!
//! CSV cannot mark a cell as text, so `=HYPERLINK(…)` in a customer's name would run for everybody who opens the export
//! (OWASP "CSV injection"). The writer puts `'` before such text and the reader takes it off, so a table comes back
//! equal. The invariant that makes this exact: text that already starts with apostrophes before such a character gets
//! one more, so taking one off is always right.
//!
//! Phone numbers (`+86 138…`) and plain numbers (`-5`) get no apostrophe: they run nothing, and the apostrophe would
//! spoil the column for other programs that read the CSV.

/// Returns whether the writer puts an apostrophe before this text.
pub(super) fn needs_guard(text: &str) -> bool {
    would_run(text.trim_start_matches('\'')) && !is_plain_number(text)
}

/// Returns the text without the apostrophe that the writer put before it.
pub(super) fn strip_guard(text: &str) -> &str {
    match text.strip_prefix('\'') {
        Some(rest) if would_run(rest.trim_start_matches('\'')) => rest,
        _ => text,
    }
}

fn would_run(text: &str) -> bool {
    matches!(
        text.as_bytes().first(),
        Some(b'=' | b'+' | b'-' | b'@' | b'\t' | b'\r')
    )
}

/// Returns whether text is a sign and digits, grouped as phones and amounts are. A dash between digits is taken for
/// an operator, except in a phone number that starts with `+`.
fn is_plain_number(text: &str) -> bool {
    let (international, rest) = match text.as_bytes() {
        [b'+', rest @ ..] => (true, rest),
        [b'-', rest @ ..] => (false, rest),
        _ => return false,
    };
    rest.first().is_some_and(u8::is_ascii_digit)
        && rest.iter().all(|byte| match byte {
            b'0'..=b'9' | b'.' | b',' | b' ' => true,
            b'-' | b'(' | b')' => international,
            _ => false,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn guards_what_would_run_and_nothing_else() {
        for text in [
            "=1+1",
            "@SUM(A1)",
            "+cmd|' /C calc'!A0",
            "-1+1",
            "\tx",
            "\rx",
            "'=x",
            "''@x",
            "-",
            "+",
            "-abc",
        ] {
            assert!(needs_guard(text), "{text:?}");
            assert_eq!(strip_guard(&format!("'{text}")), text);
        }
        for text in [
            "",
            "a=b",
            "-5",
            "-5.25",
            "+86 13800138000",
            "+86-138-0013-8000",
            "+1 (555) 0100",
            "'",
            "'x",
            "1-2",
        ] {
            assert!(!needs_guard(text), "{text:?}");
            assert_eq!(strip_guard(text), text);
        }
    }
}
