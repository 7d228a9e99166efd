//! The code of a number format, such as `yyyy-mm-dd` or `0;-0;;@`: compiled section by section, then put together.

use std::sync::Arc;

use super::format_section::{self, Section};
use super::number_format::{NumberFormat, Sections, TextFormat};

impl NumberFormat {
    /// Returns the format of a code such as `yyyy-mm-dd`.
    pub(super) fn of(code: &str) -> Self {
        if code.trim().is_empty() {
            return Self::Plain;
        }
        let mut parts = format_section::split(code);
        let has_text = parts.len() == 4 || parts.last().is_some_and(Section::takes_text);
        let last = if has_text { parts.pop() } else { None };
        let text = last.map_or(TextFormat::AsIs, Section::text_format);
        let numbers: Vec<_> = parts.into_iter().map(Section::compiled).collect();
        let Some((first, others)) = numbers.split_first() else {
            return match text {
                TextFormat::AsIs => Self::Plain,
                // How a number looks in a format for texts is not sure.
                text => Self::Sections(Arc::new(Sections {
                    numbers: vec![(None, Self::Unsure)],
                    text,
                })),
            };
        };
        let is_one = first.0.is_none() && others.iter().all(|(_, format)| *format == first.1);
        let is_signed = matches!(
            first.1,
            Self::Padded(_) | Self::Lettered(_) | Self::Words(_)
        );
        if text == TextFormat::AsIs && is_one && (others.is_empty() || !is_signed) {
            return first.1.clone();
        }
        Self::Sections(Arc::new(Sections { numbers, text }))
    }
}
