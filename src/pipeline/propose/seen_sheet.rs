//! The sheet that a mapping is proposed for: its header, and what the cells of every column look like.
//!
//! It takes one pass over the file, and bounded memory. What is proposed of it can be asked for again and again.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::request::ProposeRequest;
use crate::job::error::JobError;
use crate::mapping::SeenColumn;
use crate::model::{Code, Monitor, Problem, Stop, WrittenNumbers};
use crate::source::ferry_sheet::FerrySheet;
use crate::source::incoming::AtHand;
use crate::source::mapping as map;
use crate::source::{manifest, seen_columns, sheets};
use crate::table::Workbook;

/// A sheet, as it was read in one pass.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SeenSheet {
    /// The sheet's name; `None` where the file has only one.
    pub name: Option<String>,
    /// The row of the header, from 1; the lower one of two.
    pub header_row: u32,
    /// The columns in order.
    pub columns: Vec<SeenColumn>,
    /// How many rows stand below the header.
    pub rows: u64,
}

/// Reads the whole file. Fails when it has no rows. Errors name the file as it was typed.
pub fn see_sheet(
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<SeenSheet, JobError> {
    let here = AtHand::of(&request.source, monitor, stop)?;
    see(&here.path, request, monitor, stop).map_err(|error| error.about(&request.source))
}

fn see(
    path: &Path,
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<SeenSheet, JobError> {
    let read = manifest::read_options(&request.source, &request.read);
    let workbook = Workbook::open(path, &read)?.corrected(&request.corrections);
    let options = map::options(&request.sheets);
    let schema = map::schema_for(&options, request.schema.clone())?;
    let header = sheets::find_header_row(&workbook, &schema, &options, monitor)?;
    let (mut columns, rows) =
        seen_columns::count(&workbook, header.index, &header.row, monitor, stop)?;
    if rows == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    let sheet = FerrySheet::read(&workbook)?.unwrap_or_default();
    if sheet.has_columns_of_export() || manifest::has_manifest(&request.source) {
        let numbers = columns.iter_mut().map(|column| &mut column.stats.written);
        numbers.for_each(WrittenNumbers::take_for_exported);
    }
    Ok(SeenSheet {
        name: (workbook.sheets().len() > 1).then(|| header.sheet.clone()),
        header_row: header.row.number.row,
        columns,
        rows,
    })
}
