//! Checksums of the journal's rows. SQLite keeps none, so a flipped bit in an `_id` or in a record would go unnoticed.
//!
//! One checksum covers what becomes of a row, and whether it has a record. It is written with every change. Another
//! covers the number of the row and its record, which never change; another each name of a field. All are FNV-1a with 64
//! bits, which protects against a bad disk and not against a person.

use rusqlite::types::ValueRef;

/// Returns the checksum of values.
pub(super) fn checksum<'a>(values: impl IntoIterator<Item = ValueRef<'a>>) -> i64 {
    let mut sum = Sum::new();
    for value in values {
        sum.add(value);
    }
    sum.0
}

struct Sum(i64);

impl Sum {
    fn new() -> Self {
        Self(0xcbf2_9ce4_8422_2325_u64.cast_signed())
    }

    fn add(&mut self, value: ValueRef<'_>) {
        match value {
            ValueRef::Null => self.bytes(&[0]),
            ValueRef::Integer(number) => self.bytes(&number.to_le_bytes()),
            ValueRef::Real(number) => self.bytes(&number.to_le_bytes()),
            ValueRef::Text(bytes) | ValueRef::Blob(bytes) => self.bytes(bytes),
        }
        // The end of each value counts: ("1", "23") is not ("12", "3").
        self.bytes(&[0xff]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ i64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_bit_counts_and_where_a_value_ends() {
        let values = |id: &'static str| {
            [
                ValueRef::Integer(7),
                ValueRef::Text(id.as_bytes()),
                ValueRef::Null,
                ValueRef::Blob(&[1, 2]),
            ]
        };
        let sum = checksum(values("685775343058800640"));
        assert_eq!(sum, checksum(values("685775343058800640")));
        assert_ne!(sum, checksum(values("685775343058800641")));
        let split = |one: &'static str, other: &'static str| {
            checksum([
                ValueRef::Text(one.as_bytes()),
                ValueRef::Text(other.as_bytes()),
            ])
        };
        assert_ne!(split("1", "23"), split("12", "3"));
    }
}
