//! Remembers where rows stand in the sheets that were written, so that the list of problems can link to them.
//!
//! Only rows with problems are remembered, in 16 bytes each and the bytes of the customer's name: a file of a million
//! wrong rows costs about 50 MB. Names beyond [`MOST_NAME_BYTES`] are not kept.

use crate::model::RowNumber;
use crate::table::RowPlace;

/// The most bytes of names.
const MOST_NAME_BYTES: usize = 64 << 20;
/// The most bytes of one name.
const NAME_BYTES: usize = 200;

#[derive(Debug, Clone, Copy)]
struct Spot {
    from_row: u32,
    to_row: u32,
    /// Where the name ends among all names; it begins where that of the spot before ends.
    name_end: u32,
    from_sheet: u16,
    to_sheet: u16,
}

/// The places of rows in the sheets that were written, in source order.
#[derive(Debug, Default)]
pub(crate) struct RowPlaces {
    sheets: Vec<String>,
    spots: Vec<Spot>,
    names: String,
}

/// Where a row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PlacedRow<'a> {
    /// The sheet.
    pub sheet: &'a str,
    /// The row in that sheet.
    pub row: u32,
    /// The name of the row's customer; empty where it has none.
    pub name: &'a str,
}

impl RowPlaces {
    /// Notes where a row is about to be written. Rows must come in source order.
    pub(crate) fn note(&mut self, number: RowNumber, place: RowPlace, name: &str) {
        if self.sheets.last() != Some(&place.sheet) {
            self.sheets.push(place.sheet);
        }
        if self.names.len() + NAME_BYTES <= MOST_NAME_BYTES {
            let mut ends = (0..=name.len().min(NAME_BYTES)).rev();
            let end = ends.find(|end| name.is_char_boundary(*end));
            self.names
                .push_str(name.get(..end.unwrap_or(0)).unwrap_or_default());
        }
        self.spots.push(Spot {
            name_end: u32::try_from(self.names.len()).unwrap_or(u32::MAX),
            from_row: number.row,
            to_row: place.row,
            from_sheet: number.sheet,
            to_sheet: u16::try_from(self.sheets.len() - 1).unwrap_or(u16::MAX),
        });
    }

    /// Returns the address of a cell for people: `F7`, or `Results 2!F7` if the rows stand in several sheets, because
    /// one was full.
    pub(crate) fn address(&self, place: PlacedRow<'_>, cell: &str) -> String {
        if self.sheets.len() > 1 {
            format!("{}!{cell}", place.sheet)
        } else {
            cell.to_owned()
        }
    }

    /// Returns where a row was written; `None` for a row that was not noted.
    pub(crate) fn of(&self, number: RowNumber) -> Option<PlacedRow<'_>> {
        let found = self
            .spots
            .binary_search_by_key(&number, |spot| RowNumber {
                sheet: spot.from_sheet,
                row: spot.from_row,
            })
            .ok()?;
        let spot = self.spots.get(found)?;
        let before = found
            .checked_sub(1)
            .and_then(|before| self.spots.get(before));
        let begin = before.map_or(0, |before| before.name_end as usize);
        Some(PlacedRow {
            sheet: self.sheets.get(usize::from(spot.to_sheet))?,
            row: spot.to_row,
            name: self
                .names
                .get(begin..spot.name_end as usize)
                .unwrap_or_default(),
        })
    }
}
