//! What single texts of a sheet are, before anybody knows the field: shared by mapping and checking, so that
//! neither changes a text that the other would refuse or take for an order.

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfkc_quick};

/// Texts that empty a field.
const CLEAR_WORDS: &[&str] = &["#clear", "#清空"];

/// The form in which words are compared: case, width and outer spaces aside.
pub fn folded(text: &str) -> String {
    let text = text.trim();
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    match is_nfkc_quick(text.chars()) {
        IsNormalized::Yes => text.chars().flat_map(char::to_lowercase).collect(),
        _ => text.nfkc().flat_map(char::to_lowercase).collect(),
    }
}

/// `#CLEAR` or `#清空`: empties a field.
pub fn is_clear_word(text: &str) -> bool {
    let text = text.trim_start();
    text.starts_with('#')
        && CLEAR_WORDS
            .iter()
            .any(|word| text.trim_end().eq_ignore_ascii_case(word))
}

/// What stands for a formula without a value, in a sheet of ferry's too: there it means the same.
pub const UNCALCULATED: &str = "#UNCALCULATED!";

/// What ends text that was cut because a spreadsheet holds no more than [`LONGEST_TEXT`] in a cell.
pub const CUT_MARKER: &str = "…[cut]";

/// The longest text of a spreadsheet's cell, in UTF-16 units.
pub const LONGEST_TEXT: usize = 32_767;

/// Whether a text was cut when it was exported: it ends with the marker and is as long as a cell allows.
pub fn is_cut_text(text: &str) -> bool {
    // The length is counted last: hardly any text ends so. A pair of units is not cut in two.
    text.ends_with(CUT_MARKER) && text.encode_utf16().count() >= LONGEST_TEXT - 1
}

/// `6.86E+17`: what a spreadsheet leaves of a long number that was saved as text.
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
