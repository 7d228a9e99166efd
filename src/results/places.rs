//! Remembers where rows stand in the sheets that were written, so that the list of problems can link to them.
//!
//! Only rows with problems are remembered, in 16 bytes each and the bytes of the customer's name: a file of a million
//! wrong rows costs about 50 MB. Names beyond [`MOST_NAME_BYTES`] are not kept.

use crate::model::{RowNumber, shortened};
use crate::table::RowPlace;

/// The most bytes of names.
const MOST_NAME_BYTES: usize = 64 << 20;
/// The most bytes of one name.
const NAME_BYTES: usize = 200;
/// The most doubtful cells that are remembered; further ones are counted.
const MOST_DOUBTS: usize = 10_000;

/// A cell that a person should look at although its row is in order.
#[derive(Debug, Clone)]
pub(crate) struct DoubtfulCell {
    /// The row in the source.
    pub number: RowNumber,
    /// The column in the source.
    pub column: u32,
    /// What the cell holds.
    pub value: String,
    name: String,
    place: RowPlace,
}

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
    /// The first doubtful cells, in the order in which they were written.
    doubts: Vec<DoubtfulCell>,
    doubt_count: u64,
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

    /// Notes a doubtful cell of a row that is about to be written, in any order.
    pub(crate) fn doubt(
        &mut self,
        (number, column): (RowNumber, u32),
        value: &str,
        place: Option<RowPlace>,
        name: &str,
    ) {
        self.doubt_count += 1;
        if let Some(place) = place.filter(|_| self.doubts.len() < MOST_DOUBTS) {
            if !self.sheets.contains(&place.sheet) {
                self.sheets.push(place.sheet.clone());
            }
            self.doubts.push(DoubtfulCell {
                number,
                column,
                value: shortened(value),
                name: shortened(name),
                place,
            });
        }
    }

    /// Returns the doubtful cells, each with the place of its row.
    pub(crate) fn doubts(&self) -> impl Iterator<Item = (&DoubtfulCell, PlacedRow<'_>)> {
        self.doubts.iter().map(|doubt| {
            let place = PlacedRow {
                sheet: &doubt.place.sheet,
                row: doubt.place.row,
                name: &doubt.name,
            };
            (doubt, place)
        })
    }

    /// Returns how many cells are doubtful.
    pub(crate) fn doubt_count(&self) -> u64 {
        self.doubt_count
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
