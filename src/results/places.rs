//! Remembers where rows stand in the sheets that were written, so that the list of problems can link to them.
//!
//! Only rows with problems are remembered, in twelve bytes each: a file of a million wrong rows costs 12 MB.

use crate::model::RowNumber;
use crate::table::RowPlace;

#[derive(Debug, Clone, Copy)]
struct Spot {
    from_row: u32,
    to_row: u32,
    from_sheet: u16,
    to_sheet: u16,
}

/// The places of rows in the sheets that were written, in source order.
#[derive(Debug, Default)]
pub(crate) struct RowPlaces {
    sheets: Vec<String>,
    spots: Vec<Spot>,
}

impl RowPlaces {
    /// Notes where a row is about to be written. Rows must come in source order.
    pub(crate) fn note(&mut self, number: RowNumber, place: RowPlace) {
        if self.sheets.last() != Some(&place.sheet) {
            self.sheets.push(place.sheet);
        }
        self.spots.push(Spot {
            from_row: number.row,
            to_row: place.row,
            from_sheet: number.sheet,
            to_sheet: u16::try_from(self.sheets.len() - 1).unwrap_or(u16::MAX),
        });
    }

    /// Returns the sheet in which a row was written, and the row in that sheet.
    pub(crate) fn of(&self, number: RowNumber) -> Option<(&str, u32)> {
        let found = self
            .spots
            .binary_search_by_key(&number, |spot| RowNumber {
                sheet: spot.from_sheet,
                row: spot.from_row,
            })
            .ok()?;
        let spot = self.spots.get(found)?;
        let sheet = self.sheets.get(usize::from(spot.to_sheet))?;
        Some((sheet, spot.to_row))
    }
}
