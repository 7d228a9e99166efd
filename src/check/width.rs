//! Folds full-width letters and signs to plain ones, in what a machine reads.

use std::borrow::Cow;

use crate::model::without_unseen;

/// Returns the text with full-width digits, letters and signs in their plain form, without invisible letters and outer
/// spaces. For phones, e-mails, ids, numbers and dates.
pub(crate) fn plain_width(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text.trim());
    }
    let plain = |letter: char| match letter {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(letter as u32 - 0xfee0).unwrap_or(letter),
        '\u{3000}' | '\u{a0}' => ' ',
        '\u{2010}'..='\u{2015}' | '\u{2212}' => '-',
        other => other,
    };
    let text: String = without_unseen(text).chars().map(plain).collect();
    Cow::Owned(text.trim().to_owned())
}
