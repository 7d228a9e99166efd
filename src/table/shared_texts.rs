//! The texts that the cells of a workbook share, held in memory once and within a bound.
//!
//! All texts stand in one string, so that a million short texts take little more memory than their letters. A zip file
//! of two megabytes can hold gigabytes of texts, so their memory is bounded by their size in the file: 256 MiB are
//! always allowed, and up to 1 GiB where the texts are not compressed more than real ones can be.

/// The memory that is always allowed, in bytes.
const ALWAYS: u64 = 256 << 20;
/// The most memory, in bytes; positions have 32 bits.
const MOST: u64 = 1 << 30;
/// The highest ratio of compression for which memory above [`ALWAYS`] is allowed. Different texts are hardly compressed
/// more; the same text a million times is.
const CLOSEST: u64 = 50;

/// The shared texts by their numbers, from 0.
pub(super) struct SharedTexts {
    text: String,
    ends: Vec<u32>,
    allowed: usize,
}

/// The texts take more memory than is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the shared texts take more than {limit_mib} MiB")]
pub(super) struct TooManyTexts {
    pub(super) limit_mib: u64,
}

impl Default for SharedTexts {
    fn default() -> Self {
        Self::packed_in(0)
    }
}

impl SharedTexts {
    /// Makes an empty list for a part that takes `bytes` bytes in the file.
    pub(super) fn packed_in(bytes: u64) -> Self {
        let allowed = bytes.saturating_mul(CLOSEST).clamp(ALWAYS, MOST);
        Self {
            text: String::new(),
            ends: Vec::new(),
            allowed: usize::try_from(allowed).unwrap_or(usize::MAX),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(super) fn get(&self, position: usize) -> Option<&str> {
        let end = *self.ends.get(position)?;
        let start = match position.checked_sub(1) {
            Some(before) => *self.ends.get(before)?,
            None => 0,
        };
        self.text.get(start as usize..end as usize)
    }

    pub(super) fn push(&mut self, text: &str) -> Result<(), TooManyTexts> {
        let taken = self.text.len() + text.len() + (self.ends.len() + 1) * size_of::<u32>();
        let end = u32::try_from(self.text.len() + text.len());
        match end {
            Ok(end) if taken <= self.allowed => {
                self.text.push_str(text);
                self.ends.push(end);
                Ok(())
            }
            _ => Err(TooManyTexts {
                limit_mib: (self.allowed >> 20) as u64,
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_found_by_their_numbers() {
        let mut texts = SharedTexts::default();
        for text in ["张三", "", "b"] {
            texts.push(text).unwrap();
        }
        let found: Vec<_> = (0..4).map(|number| texts.get(number)).collect();
        assert_eq!(found, [Some("张三"), Some(""), Some("b"), None]);
    }

    #[test]
    fn what_they_take_is_bounded_by_what_they_are_in_the_file() {
        for (packed, expected) in [
            (0, 256),
            (2 << 20, 256),
            (10 << 20, 500),
            (60 << 20, 1024),
            (u64::MAX, 1024),
        ] {
            assert_eq!(SharedTexts::packed_in(packed).allowed >> 20, expected);
        }
        // An empty text takes memory too.
        let mut texts = SharedTexts {
            allowed: 100,
            ..SharedTexts::default()
        };
        assert_eq!((0..100).filter(|_| texts.push("").is_ok()).count(), 25);
        assert_eq!(texts.push(""), Err(TooManyTexts { limit_mib: 0 }));
    }
}
