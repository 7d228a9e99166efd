//! Which cells of an ODS sheet show an id: their number style pads with zeros.
//!
//! A cell names its style, or has that of its column; the style names a number style. LibreOffice keeps the number
//! styles of a workbook in `styles.xml` or before the tables, so both are read.

use std::collections::HashSet;
use std::fs::File;
use std::io::BufReader;

use quick_xml::XmlVersion;
use quick_xml::events::{BytesStart, Event};
use zip::read::ZipFile;

/// A part of the file.
pub(super) type Xml<'a> = quick_xml::Reader<BufReader<ZipFile<'a, BufReader<File>>>>;

/// The styles that show an id with leading zeros.
#[derive(Default)]
pub(super) struct Styles {
    /// The number style that is being read.
    current: String,
    numbers: HashSet<String>,
    cells: HashSet<String>,
    /// Up to which column each style of columns goes, and whether it is one of these.
    columns: Vec<(u32, bool)>,
}

impl Styles {
    pub(super) fn read_all(&mut self, xml: &mut Xml<'_>) -> Result<(), quick_xml::Error> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer)? {
                Event::Start(element) => self.read(&element),
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    pub(super) fn read(&mut self, element: &BytesStart<'_>) {
        match element.name().0 {
            "number:number-style" => {
                self.current = attribute(element, "style:name").unwrap_or_default();
            }
            name if name.starts_with("number:") && name.ends_with("-style") => self.current.clear(),
            "number:number" if !self.current.is_empty() => {
                let number = |name| attribute(element, name).and_then(|text| text.parse().ok());
                let is_padded = number("number:min-integer-digits") >= Some(2_u32)
                    && number("number:decimal-places").is_none_or(|places| places == 0)
                    && attribute(element, "number:grouping").as_deref() != Some("true");
                if is_padded {
                    self.numbers.insert(self.current.clone());
                }
            }
            "style:style" => {
                let number = attribute(element, "style:data-style-name").unwrap_or_default();
                if self.numbers.contains(&number) {
                    self.cells.extend(attribute(element, "style:name"));
                }
            }
            _ => {}
        }
    }

    pub(super) fn read_column(&mut self, element: &BytesStart<'_>) {
        let start = self.columns.last().map_or(0, |(end, _)| *end);
        let end = start.saturating_add(count(element, "table:number-columns-repeated"));
        let style = attribute(element, "table:default-cell-style-name").unwrap_or_default();
        self.columns.push((end, self.cells.contains(&style)));
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

/// The value of an attribute.
pub(super) fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element.try_get_attribute(name).ok()??;
    Some(
        found
            .normalized_value(XmlVersion::Implicit1_0)
            .ok()?
            .into_owned(),
    )
}

/// A number that stands for 1 when it is absent; what is no number counts as too large.
pub(super) fn count(element: &BytesStart<'_>, name: &str) -> u32 {
    attribute(element, name).map_or(1, |text| text.parse().unwrap_or(u32::MAX))
}
