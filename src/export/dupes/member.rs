//! The cells of a customer that is in a group, as the store of groups keeps them.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use crate::job::error::JobError;
use crate::stored::cell::Shown;
use crate::stored::customer::read;
use crate::table::OutCell;

/// A cell.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) enum MemberCell {
    /// Nothing.
    #[serde(rename = "b")]
    Blank,
    /// A text.
    #[serde(rename = "t")]
    Text(String),
    /// A number that a spreadsheet shows exactly.
    #[serde(rename = "n")]
    Number(f64),
    /// A date or date and time.
    #[serde(rename = "d")]
    Moment(String),
}

impl MemberCell {
    /// Returns the cell to write.
    pub fn out(&self) -> OutCell<'_> {
        match self {
            Self::Blank => OutCell::Blank,
            Self::Text(text) => OutCell::Text(text),
            Self::Number(number) => OutCell::Number(*number),
            Self::Moment(text) => OutCell::DateTime(text),
        }
    }

    /// Returns the text that a person reads.
    pub fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Blank => Cow::Borrowed(""),
            Self::Text(text) | Self::Moment(text) => Cow::Borrowed(text),
            Self::Number(number) => Cow::Owned(number.to_string()),
        }
    }

    /// Returns whether the customer says something here that the first one of the group does not: what would be lost
    /// with the customer.
    pub fn differs_from(&self, first: &Self) -> bool {
        *self != Self::Blank && self != first
    }

    /// Writes cells as the store keeps them.
    pub fn to_text(cells: &[Self]) -> String {
        // Cannot fail: texts and finite numbers are JSON.
        serde_json::to_string(cells).unwrap_or_default()
    }

    /// Reads cells back.
    pub fn from_text(text: &str) -> Result<Vec<Self>, JobError> {
        Ok(read(text)?)
    }
}

impl From<Shown<'_>> for MemberCell {
    fn from(shown: Shown<'_>) -> Self {
        match shown {
            Shown::Blank => Self::Blank,
            Shown::Text(text) => Self::Text(text.into_owned()),
            Shown::Number(number) => Self::Number(number),
            Shown::Moment(text) => Self::Moment(text.into_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_come_back_as_they_were() {
        let cells = [
            MemberCell::Blank,
            MemberCell::Text("0571 \u{0} “”".to_owned()),
            MemberCell::Number(0.1),
            MemberCell::Moment("2024-11-14 08:00:00".to_owned()),
        ];
        let text = MemberCell::to_text(&cells);
        assert_eq!(MemberCell::from_text(&text).expect("cells"), cells);
        assert!(MemberCell::from_text("").is_err());
    }
}
