//! `--max-errors`: how many rows may be wrong before a run stops.
//!
//! A number counts the rows of this run that are invalid or refused. A percentage is first taken of all rows, when they
//! are decided, and counts those that are invalid. While rows are sent it is taken of the rows sent so far, and counts
//! those that are refused, but only from the [`FEWEST_ROWS`]th row on: the first refusal of a run may be 100 % of its
//! rows so far.

use std::str::FromStr;
use std::sync::atomic::{AtomicU64, Ordering};

/// The number of rows that must have been looked at before a percentage of them says anything.
pub const FEWEST_ROWS: u64 = 20;

/// The number or share of rows that may be wrong. One row more is too many.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum MaxErrors {
    /// A number of rows.
    Rows(u64),
    /// A part of the rows, in percent.
    Percent(f64),
}

impl MaxErrors {
    /// Returns whether `wrong` of the `rows` looked at so far are too many. Holds a percentage back until there are
    /// `FEWEST_ROWS`.
    pub fn is_exceeded(self, wrong: u64, rows: u64) -> bool {
        match self {
            Self::Rows(most) => wrong > most,
            Self::Percent(_) => rows >= FEWEST_ROWS && self.is_exceeded_in_all(wrong, rows),
        }
    }

    /// Returns whether `wrong` of all `rows` are too many.
    pub(crate) fn is_exceeded_in_all(self, wrong: u64, rows: u64) -> bool {
        match self {
            Self::Rows(most) => wrong > most,
            Self::Percent(percent) => wrong as f64 * 100.0 > percent * rows as f64,
        }
    }
}

/// The error of [`MaxErrors::from_str`]: the text is neither a number of rows nor a percentage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("neither a number of rows such as 50, nor a percentage such as 5%")]
pub struct NoLimit;

impl FromStr for MaxErrors {
    type Err = NoLimit;

    fn from_str(text: &str) -> Result<Self, NoLimit> {
        let text = text.trim();
        let Some(percent) = text.strip_suffix(['%', '％']) else {
            return text.parse().map(Self::Rows).map_err(|_| NoLimit);
        };
        let percent: f64 = percent.trim_end().parse().map_err(|_| NoLimit)?;
        if (0.0..=100.0).contains(&percent) {
            Ok(Self::Percent(percent))
        } else {
            Err(NoLimit)
        }
    }
}

/// Counts the wrong rows of one run.
#[derive(Debug, Default)]
pub struct ErrorLimit {
    most: Option<MaxErrors>,
    invalid_rows: u64,
    sent_rows: AtomicU64,
    refused_rows: AtomicU64,
}

impl ErrorLimit {
    /// Starts the count of a run that has decided `invalid_rows` rows to be invalid.
    pub(crate) fn new(most: Option<MaxErrors>, invalid_rows: u64) -> Self {
        Self {
            most,
            invalid_rows,
            ..Self::default()
        }
    }

    /// Counts a row that was answered. Returns whether too many rows are wrong by now.
    pub(crate) fn answered(&self, is_refused: bool) -> bool {
        let sent = self.sent_rows.fetch_add(1, Ordering::Relaxed) + 1;
        let refused = self
            .refused_rows
            .fetch_add(u64::from(is_refused), Ordering::Relaxed)
            + u64::from(is_refused);
        match self.most {
            None => false,
            Some(most @ MaxErrors::Rows(_)) => most.is_exceeded(self.invalid_rows + refused, sent),
            Some(most) => most.is_exceeded(refused, sent),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_percentages() {
        for (text, expected) in [
            ("0", Ok(MaxErrors::Rows(0))),
            ("50", Ok(MaxErrors::Rows(50))),
            ("5%", Ok(MaxErrors::Percent(5.0))),
            ("0.5 ％", Ok(MaxErrors::Percent(0.5))),
            ("100%", Ok(MaxErrors::Percent(100.0))),
            ("", Err(NoLimit)),
            ("-1", Err(NoLimit)),
            ("101%", Err(NoLimit)),
            ("%", Err(NoLimit)),
            ("many", Err(NoLimit)),
        ] {
            assert_eq!(text.parse(), expected, "{text}");
        }
    }

    #[test]
    fn a_number_counts_invalid_and_refused_rows_together() {
        assert!(!MaxErrors::Rows(3).is_exceeded_in_all(2, 10));
        let limit = ErrorLimit::new(Some(MaxErrors::Rows(3)), 2);
        assert!(!limit.answered(true));
        assert!(!limit.answered(false));
        assert!(limit.answered(true));
        assert!(MaxErrors::Rows(0).is_exceeded_in_all(1, 1_000));
        assert!(!ErrorLimit::new(None, 1_000).answered(true));
    }

    #[test]
    fn a_percentage_of_all_rows_and_then_of_those_sent() {
        assert!(!MaxErrors::Percent(10.0).is_exceeded_in_all(1, 10));
        let limit = ErrorLimit::new(Some(MaxErrors::Percent(10.0)), 1);
        // After nineteen rows nothing is said yet. After twenty, two are not more than a tenth.
        for number in 1..=20 {
            assert!(!limit.answered(number <= 2), "row {number}");
        }
        assert!(limit.answered(true));
        assert!(MaxErrors::Percent(10.0).is_exceeded_in_all(2, 10));
    }
}
