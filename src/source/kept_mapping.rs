//! A mapping in the hidden sheet of a workbook: that of a check, which no job keeps.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::{Deserialize, Serialize};

use crate::mapping::{KeyPlaces, LookupTable, Mapping, MappingForm};

/// The longest text of a mapping that is written into a sheet, in bytes. One with larger look-up files is not.
const MOST_BYTES: usize = 1 << 20;

/// The most characters of one cell.
const MOST_OF_CELL: usize = 8_000;

/// What a mapping says of the columns of a workbook, with the words of the look-up files that they use.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct KeptMapping {
    pub form: MappingForm,
    pub lookups: BTreeMap<String, LookupTable>,
}

/// The form in which it stands in the sheet.
#[derive(Serialize, Deserialize)]
struct Written {
    form: MappingForm,
    lookups: BTreeMap<String, Vec<(String, Vec<String>)>>,
}

impl KeptMapping {
    /// Returns the mapping as texts of cells; none where it is too long to be written.
    pub(crate) fn to_cells(&self) -> Vec<String> {
        let entries = |lookup: &LookupTable| -> Vec<(String, Vec<String>)> {
            let entries = lookup.entries().into_iter();
            entries
                .map(|(word, meanings)| (word.to_owned(), meanings.to_vec()))
                .collect()
        };
        let lookups = self.lookups.iter();
        let written = Written {
            form: self.form.clone(),
            lookups: lookups
                .map(|(name, lookup)| (name.clone(), entries(lookup)))
                .collect(),
        };
        // Cannot fail: words and names are JSON.
        let text = serde_json::to_string(&written).unwrap_or_default();
        if text.len() > MOST_BYTES {
            return Vec::new();
        }
        // Cells lose blanks at their ends, and words may stand there.
        let letters = STANDARD.encode(text);
        let parts = letters.as_bytes().chunks(MOST_OF_CELL);
        parts
            .map(|part| String::from_utf8_lossy(part).into_owned())
            .collect()
    }

    /// Reads what [`KeptMapping::to_cells`] has written; `None` for any other text.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = STANDARD.decode(text).ok()?;
        let Written { form, lookups } = serde_json::from_slice(&text).ok()?;
        let lookups = lookups.into_iter().map(|(name, entries)| {
            let mut lookup = LookupTable::new(&name);
            for (word, meanings) in entries {
                for meaning in meanings {
                    lookup.add(&word, &meaning);
                }
            }
            (name, lookup)
        });
        Some(Self {
            form,
            lookups: lookups.collect(),
        })
    }

    /// Returns the mapping, as it is used where the workbook comes back.
    pub(crate) fn into_mapping(self) -> Mapping {
        let mut mapping = Mapping::recalled(self.form, KeyPlaces::new(""));
        for (name, lookup) in self.lookups {
            mapping.attach(&name, lookup);
        }
        mapping
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mapping_is_read_as_it_was_written() {
        let mut owners = LookupTable::new("owners");
        owners.add("张三", "8310");
        let mut form = MappingForm::default();
        form.merge_rows.push("编号".repeat(MOST_OF_CELL));
        let kept = KeptMapping {
            form,
            lookups: BTreeMap::from([("owners".to_owned(), owners)]),
        };
        let cells = kept.to_cells();
        assert!(cells.len() > 1, "it takes several cells");
        assert_eq!(KeptMapping::parse(&cells.concat()), Some(kept));
        assert_eq!(KeptMapping::parse("{}"), None);
    }

    #[test]
    fn one_with_a_large_look_up_file_is_not_written() {
        let mut words = LookupTable::new("words.csv");
        for number in 0..100_000 {
            words.add(&format!("word {number}"), "meaning");
        }
        let kept = KeptMapping {
            form: MappingForm::default(),
            lookups: BTreeMap::from([("words.csv".to_owned(), words)]),
        };
        assert!(kept.to_cells().is_empty());
    }
}
