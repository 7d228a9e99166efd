//! The features of a value that a server might change as it stores the value.
//!
//! A witness proves that the search finds values that were stored as they were sent. It proves nothing for a value that
//! the server may have changed although it left the witness's value alone: capitals made small, full width made plain,
//! blanks and dashes dropped, a country code cut off, a long text shortened. So a witness speaks only for values that
//! have no feature that its own value lacks.

use unicode_normalization::UnicodeNormalization;

/// Lengths in characters at which servers cut texts off. A text that exceeds more of them than the witness's may be
/// cut.
const LIMITS: [usize; 11] = [20, 30, 32, 40, 50, 60, 64, 100, 128, 200, 255];

/// The features of a value, one bit each, and how many of [`LIMITS`] it exceeds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct ValueFeatures {
    features: u16,
    limits: usize,
}

impl ValueFeatures {
    pub fn of(value: &str) -> Self {
        let has = |wanted: fn(char) -> bool| value.chars().any(wanted);
        let length = value.chars().count();
        let features = [
            has(char::is_lowercase),
            has(char::is_uppercase),
            has(char::is_whitespace),
            has(|letter| letter.is_ascii_digit()),
            has(|letter| !letter.is_ascii()),
            has(|letter| matches!(letter, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')),
            has(|letter| letter.is_ascii_punctuation() && !matches!(letter, '-' | '@' | '.')),
            has(|letter| matches!(letter, '@' | '.')),
            has(|letter| u32::from(letter) > 0xffff),
            has(char::is_control),
            value.nfkc().ne(value.chars()),
            value.starts_with('+') || value.starts_with("86") || value.starts_with("0086"),
            value.starts_with('0'),
        ];
        let bits = features.iter().enumerate();
        Self {
            features: bits.fold(0, |bits, (position, has)| {
                bits | (u16::from(*has) << position)
            }),
            limits: LIMITS.iter().filter(|limit| length > **limit).count(),
        }
    }

    /// Whether this value has every feature of the other: what a server changes in the other, it changes in this one
    /// too.
    pub fn covers(self, other: Self) -> bool {
        self.features & other.features == other.features && self.limits >= other.limits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_witness_speaks_for_values_no_richer_than_its_own() {
        let covers = |witness: &str, value: &str| {
            ValueFeatures::of(witness).covers(ValueFeatures::of(value))
        };
        assert!(covers("13800138000", "13900139000"));
        assert!(covers("客户 0002", "客户 0001"));
        for (witness, value) in [
            ("云帆", "ＹＵＮＦＡＮ"),
            ("云帆", "Yunfan"),
            ("yunfan", "Yunfan"),
            ("13800138000", "138-0013-8000"),
            ("13800138000", "138 0013 8000"),
            ("13800138000", "+8613800138000"),
            ("a@example.com", "A@example.com"),
            ("短", "一个名称比二十个字还要长得多得多得多得多的客户"),
        ] {
            assert!(!covers(witness, value), "{witness} {value}");
            assert!(covers(value, value));
        }
        // A server that keeps fifty letters stores 49 as they were sent, and cuts 51.
        let of_length = |letters: usize| "云".repeat(letters);
        assert!(!covers(&of_length(49), &of_length(51)));
        assert!(covers(&of_length(59), &of_length(51)));
    }
}
