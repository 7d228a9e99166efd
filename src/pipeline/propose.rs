//! `ferry map`: proposes a mapping from a sheet's header and from all of its cells, in one pass.
//!
//! An earlier mapping stands: what it says of a column is kept, and only words and columns that it lacks are added.

mod proposed;
mod request;
mod seen_sheet;
mod workbook;

use std::path::PathBuf;

use crate::job::error::JobError;
use crate::mapping::is_undecided;
use crate::model::{Code, Monitor, Problem, Stop};
use crate::table::write_file;
use crate::{lang, mapping};

pub use proposed::{Proposed, propose_for};
pub use request::ProposeRequest;
pub use seen_sheet::{SeenSheet, see_sheet};

/// What was proposed.
#[derive(Debug, Clone, Default)]
pub struct ProposeReport {
    /// How many rows were read.
    pub rows: u64,
    /// How many columns have a field beyond doubt.
    pub certain: usize,
    /// How many columns are left out beyond doubt.
    pub ignored: usize,
    /// The columns with a doubt: their letters, their header, and what is to be decided.
    pub doubts: Vec<(String, String, String)>,
    /// How many words match none of a field's choices.
    pub words: usize,
    /// How many owners lack an id.
    pub owners: usize,
    /// How many rows seem to be further contacts of the customer of the row above.
    pub contact_rows: u64,
    /// The path of the mapping.
    pub output: PathBuf,
}

/// Reads the whole file and writes a mapping for it. Fails when the file has no rows. Errors name the file as it was
/// typed.
pub fn propose(
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<ProposeReport, JobError> {
    let seen = see_sheet(request, monitor, stop)?;
    let proposed = propose_for(&seen, request)?;
    let notices = proposed.notices.iter();
    notices.for_each(|notice| monitor.notice(notice));
    write_mapping(&proposed, request)?;
    Ok(report(&seen, &proposed, request))
}

fn report(seen: &SeenSheet, proposed: &Proposed, request: &ProposeRequest) -> ProposeReport {
    let columns = &proposed.proposal.columns;
    let sure = |ignored: bool| {
        let sure = columns
            .iter()
            .filter(|column| proposed.doubt_of(column).is_none());
        sure.filter(|column| column.form.ignore == ignored).count()
    };
    let doubts = columns.iter().filter_map(|column| {
        let doubt = proposed.doubt_of(column)?.to_owned();
        Some((column.letters.clone(), column.header.clone(), doubt))
    });
    let owners = proposed.form.owner_ids.values();
    ProposeReport {
        rows: seen.rows,
        certain: sure(false),
        ignored: sure(true),
        doubts: doubts.collect(),
        words: columns.iter().map(|column| column.words.len()).sum(),
        owners: owners.filter(|id| is_undecided(id)).count(),
        contact_rows: proposed.contact_rows,
        output: request.output.clone(),
    }
}

/// Writes a mapping where the request says: as a workbook if the extension is `.xlsx`, else as TOML.
pub fn write_mapping(proposed: &Proposed, request: &ProposeRequest) -> Result<(), JobError> {
    let (output, lang) = (request.output.as_path(), request.lang);
    let Proposed { proposal, form, .. } = proposed;
    let (notes, words) = proposed::notes_of(proposal, &request.owners, lang);
    if output
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
    {
        let doubt = lang::say::map::suggestion_doubt(lang);
        let sheets = mapping::to_book(form, &notes, &words, doubt, workbook::wording(request.lang));
        let named = request.owners.iter();
        let named = named.map(|(id, name)| format!("{id} {name}"));
        let offers = workbook::Offers {
            fields: mapping::offered_fields(&request.schema),
            owners: named.chain(request.owner_ids.iter().cloned()).collect(),
        };
        return workbook::write_mapping(&sheets, &offers, request);
    }
    let doubts = |column: &&mapping::ProposedColumn| proposed.doubt_of(column).is_some();
    let (doubtful, sure): (Vec<_>, Vec<_>) = proposal.columns.iter().partition(doubts);
    let certain = sure.iter().filter(|column| !column.form.ignore).count();
    let head = Problem::new(Code::MapHead)
        .with("columns", certain.to_string())
        .with("doubts", doubtful.len().to_string());
    let said = request.hints.words(&head, lang);
    let mut head = vec![said.message, said.tip];
    if proposal.more_owners > 0 {
        let more = Problem::new(Code::MapMoreWords).with("count", proposal.more_owners.to_string());
        head.push(format!("owner_ids: {}", lang::words(&more, lang).message));
    }
    let text = mapping::to_toml(form, &head, &notes, &words);
    Ok(write_file(output, text.as_bytes())?)
}
