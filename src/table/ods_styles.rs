//! Which cells of an ODS sheet show an id: cells whose number style pads with zeros.
//!
//! A cell names its style or takes the style of its column, and the style names a number style. LibreOffice keeps
//! number styles in `styles.xml` or before the tables of `content.xml`, so both are read.

use std::collections::HashSet;
use std::io::Read;

use super::limits::LAST_COLUMN;
use super::xml_scan::{ScanError, Scanner, Token, attribute};

/// The styles of a workbook, as far as they pad numbers with zeros.
#[derive(Default)]
pub(super) struct Styles {
    /// The number style that is being read.
    current: String,
    /// The number styles that pad.
    numbers: HashSet<String>,
    /// The cell styles whose number style pads.
    cells: HashSet<String>,
    /// Runs of columns of the sheet: where each ends, and whether its default style pads.
    columns: Vec<(u32, bool)>,
}

impl Styles {
    pub(super) fn read_all(&mut self, xml: &mut Scanner<impl Read>) -> Result<(), ScanError> {
        loop {
            match xml.next()? {
                Token::Open {
                    name, attributes, ..
                } => self.read(name, attributes)?,
                Token::End => return Ok(()),
                _ => {}
            }
        }
    }

    pub(super) fn read(&mut self, name: &[u8], attributes: &[u8]) -> Result<(), ScanError> {
        let text = |name| attribute(attributes, name);
        match name {
            b"number-style" => self.current = text("style:name")?.unwrap_or_default(),
            name if name.ends_with(b"-style") => self.current.clear(),
            b"number" if !self.current.is_empty() => {
                let number = |name| {
                    let text = text(name)?;
                    Ok::<_, ScanError>(text.and_then(|text| text.parse::<u32>().ok()))
                };
                let is_padded = number("number:min-integer-digits")? >= Some(2)
                    && number("number:decimal-places")?.is_none_or(|places| places == 0)
                    && text("number:grouping")?.as_deref() != Some("true");
                if is_padded {
                    self.numbers.insert(self.current.clone());
                }
            }
            b"style" => {
                let number = text("style:data-style-name")?.unwrap_or_default();
                if self.numbers.contains(&number) {
                    self.cells.extend(text("style:name")?);
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn read_column(&mut self, attributes: &[u8]) -> Result<(), ScanError> {
        let start = self.columns.last().map_or(0, |(end, _)| *end);
        if start < LAST_COLUMN {
            let times = count(attributes, "table:number-columns-repeated")?.max(1);
            let style = attribute(attributes, "table:default-cell-style-name")?.unwrap_or_default();
            let is_padded = self.cells.contains(&style);
            self.columns.push((start.saturating_add(times), is_padded));
        }
        Ok(())
    }

    pub(super) fn is_id(&self, style: Option<&String>, column: u32) -> bool {
        match style {
            Some(style) => self.cells.contains(style),
            None => self
                .columns
                .iter()
                .find(|(end, _)| column < *end)
                .is_some_and(|(_, is_padded)| *is_padded),
        }
    }
}

/// Returns the number in an attribute: 1 if the attribute is absent, `u32::MAX` if its text is no number.
pub(super) fn count(attributes: &[u8], name: &str) -> Result<u32, ScanError> {
    let text = attribute(attributes, name)?;
    Ok(text.map_or(1, |text| text.parse().unwrap_or(u32::MAX)))
}
