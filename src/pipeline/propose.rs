//! `ferry map`: proposes a mapping from a sheet's header and from all of its cells, in one pass.
//!
//! An earlier mapping stands: what it says of a column is kept, and only words and columns that it lacks are added.

mod workbook;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::check::Checker;
use crate::job::error::JobError;
use crate::job::spec::SheetOptions;
use crate::lang::Lang;
use crate::mapping::{
    ColumnNote, Mapping, MappingForm, Proposal, SeenColumn, UNDECIDED, WordNotes, is_undecided,
    suggested,
};
use crate::model::{Code, Monitor, Problem, Schema, Stop, WrittenNumbers, folded};
use crate::source::ferry_sheet::{FerrySheet, WorkbookKind};
use crate::source::incoming::AtHand;
use crate::source::mapping as map;
use crate::source::{contacts, manifest, seen_columns, sheets};
use crate::table::{ReadOptions, Workbook, write_file};
use crate::{lang, mapping};

/// What to propose a mapping for: the request of `ferry map`.
#[derive(Debug, Clone)]
pub struct ProposeRequest {
    /// The file.
    pub source: PathBuf,
    /// How the file's bytes are read.
    pub read: ReadOptions,
    /// Which sheet, and where its header is. The mapping is an earlier one to go on from: what it says stands.
    pub sheets: SheetOptions,
    /// The names of the owners that are known, by id.
    pub owners: BTreeMap<String, String>,
    /// The fields of the account.
    pub schema: Schema,
    /// Where the mapping goes: a workbook if the extension is `.xlsx`, else TOML.
    pub output: PathBuf,
    /// The language of the mapping's notes.
    pub lang: Lang,
}

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
    let here = AtHand::of(&request.source, monitor, stop)?;
    propose_from(&here.path, request, monitor, stop).map_err(|error| match error {
        // Errors name the file that a person knows, not a copy.
        JobError::Table(error) => JobError::Table(error.about(&request.source)),
        other => other,
    })
}

fn propose_from(
    path: &Path,
    request: &ProposeRequest,
    monitor: &dyn Monitor,
    stop: &Stop,
) -> Result<ProposeReport, JobError> {
    let workbook = Workbook::open(
        path,
        &manifest::read_options(&request.source, &request.read),
    )?;
    let options = map::options(&request.sheets);
    let earlier = options.mapping.as_deref();
    let schema = map::schema_for(&options, request.schema.clone())?;
    let header = sheets::find_header_row(&workbook, &schema, &options, monitor)?;
    let (mut columns, rows) =
        seen_columns::count(&workbook, header.index, &header.row, monitor, stop)?;
    if rows == 0 {
        return Err(JobError::Input(vec![Problem::new(Code::NoRows)]));
    }
    let sheet = FerrySheet::read(&workbook)?.unwrap_or_default();
    if sheet.kind == Some(WorkbookKind::Export) || manifest::has_manifest(&request.source) {
        let numbers = columns.iter_mut().map(|column| &mut column.stats.written);
        numbers.for_each(WrittenNumbers::take_for_exported);
    }
    if let Some(earlier) = earlier {
        say_what_is_gone(earlier, &columns, monitor);
    }
    let checker = Checker::new(&schema);
    let recognise = |field: usize, text: &str| seen_columns::unknown_words(&checker, field, text);
    let proposal = mapping::propose(&columns, &schema, earlier, &recognise);
    let mut form = form_of(&proposal, earlier, &request.owners, request.lang);
    let contact_rows = match &proposal.contact_rows {
        Some((count, name)) if form.merge_rows.is_empty() => {
            form.merge_rows = vec![suggested(name)];
            monitor.notice(&contacts::notice(*count, name));
            *count
        }
        _ => 0,
    };
    if workbook.sheets().len() > 1 {
        form.sheet = Some(header.sheet.clone());
    }
    let doubt_of = |column: &mapping::ProposedColumn| {
        let column = form.columns.get(&column.name);
        column.and_then(|column| column.doubt.clone())
    };
    let report = ProposeReport {
        rows,
        certain: proposal
            .columns
            .iter()
            .filter(|column| doubt_of(column).is_none() && !column.form.ignore)
            .count(),
        ignored: proposal
            .columns
            .iter()
            .filter(|column| doubt_of(column).is_none() && column.form.ignore)
            .count(),
        doubts: proposal
            .columns
            .iter()
            .filter_map(|column| {
                let doubt = doubt_of(column)?;
                Some((column.letters.clone(), column.header.clone(), doubt))
            })
            .collect(),
        words: proposal
            .columns
            .iter()
            .map(|column| column.words.len())
            .sum(),
        owners: form
            .owner_ids
            .values()
            .filter(|id| is_undecided(id))
            .count(),
        contact_rows,
        output: request.output.clone(),
    };
    write(&proposal, &form, &report, request)?;
    Ok(report)
}

/// Says which entries of the earlier mapping no column of the sheet has. They are left out.
fn say_what_is_gone(earlier: &Mapping, columns: &[SeenColumn], monitor: &dyn Monitor) {
    let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
    let gone = earlier.unused(&headers);
    let gone: Vec<&str> = gone.iter().map(|problem| problem.fact("value")).collect();
    if !gone.is_empty() {
        let said = Problem::new(Code::MapEntryGone).with("headers", gone.join(", "));
        monitor.notice(&said);
    }
}

fn form_of(
    proposal: &Proposal,
    earlier: Option<&Mapping>,
    known: &BTreeMap<String, String>,
    lang: Lang,
) -> MappingForm {
    let columns = proposal.columns.iter().map(|column| {
        let mut form = column.form.clone();
        if let Some(doubt) = &column.doubt {
            form.doubt = Some(lang::words(doubt, lang).message);
        }
        (column.name.clone(), form)
    });
    let mut form = earlier.map_or_else(MappingForm::default, |earlier| earlier.form.clone());
    form.columns = columns.collect();
    for name in proposal.owners.keys() {
        let id = || owner_id(name, known);
        form.owner_ids.entry(name.clone()).or_insert_with(id);
    }
    form
}

/// Returns the id of the only known owner of this name; else a suggestion, or that it is undecided.
fn owner_id(name: &str, known: &BTreeMap<String, String>) -> String {
    let is_it = |its: &str| folded(its) == folded(name);
    let same: Vec<&String> = known
        .iter()
        .filter(|(_, its)| is_it(its))
        .map(|(id, _)| id)
        .collect();
    if let [id] = same.as_slice() {
        return (*id).clone();
    }
    match nearest_owner(name, known) {
        Some(id) => suggested(id),
        None => UNDECIDED.to_owned(),
    }
}

/// Returns the id of the known owner whose name is part of this one, as 张三 of 张三(离职); `None` if there are several.
fn nearest_owner<'a>(name: &str, known: &'a BTreeMap<String, String>) -> Option<&'a String> {
    let name = folded(name);
    let mut within = known
        .iter()
        .filter(|(_, its)| its.chars().count() > 1 && name.contains(&folded(its)));
    let (id, _) = within.next()?;
    within.next().is_none().then_some(id)
}

fn notes_of(
    proposal: &Proposal,
    known: &BTreeMap<String, String>,
    lang: Lang,
) -> (Vec<ColumnNote>, WordNotes) {
    let mut words = WordNotes::new();
    for column in &proposal.columns {
        for (word, (rows, near)) in &column.words {
            let why = if near.is_empty() {
                String::new()
            } else {
                format!("≈ {near}")
            };
            words.insert((column.name.clone(), word.clone()), (*rows, why));
        }
    }
    for (name, rows) in &proposal.owners {
        let near = nearest_owner(name, known).and_then(|id| known.get(id));
        let why = near.map_or_else(String::new, |near| format!("≈ {near}"));
        words.insert((String::new(), name.clone()), (*rows, why));
    }
    let note = |column: &mapping::ProposedColumn| {
        let reasons = column.reasons.iter();
        let mut said: Vec<String> = reasons
            .filter(|reason| Some(*reason) != column.doubt.as_ref())
            .map(|reason| lang::words(reason, lang).message)
            .collect();
        // The doubt itself stands in a column of its own. The note says what to do about it.
        said.extend(
            column
                .doubt
                .as_ref()
                .map(|doubt| lang::words(doubt, lang).tip),
        );
        if column.more_words > 0 {
            let more =
                Problem::new(Code::MapMoreWords).with("count", column.more_words.to_string());
            said.push(lang::words(&more, lang).message);
        }
        ColumnNote {
            name: column.name.clone(),
            letters: column.letters.clone(),
            header: column.header.clone(),
            sample: samples(&column.samples),
            confidence: format!("{}%", column.confidence),
            note: said.join(lang.pick("; ", "；")),
        }
    };
    (proposal.columns.iter().map(note).collect(), words)
}

/// Returns the sample cells of a column as one text, each shortened.
fn samples(samples: &[String]) -> String {
    const LONGEST: usize = 16;
    let short = |text: &String| {
        let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
        if line.chars().count() <= LONGEST {
            return line;
        }
        let start: String = line.chars().take(LONGEST - 1).collect();
        format!("{start}…")
    };
    samples.iter().map(short).collect::<Vec<_>>().join(" | ")
}

fn write(
    proposal: &Proposal,
    form: &MappingForm,
    report: &ProposeReport,
    request: &ProposeRequest,
) -> Result<(), JobError> {
    let (output, lang) = (request.output.as_path(), request.lang);
    let (notes, words) = notes_of(proposal, &request.owners, lang);
    if output
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
    {
        let doubt = lang::say::map::suggestion_doubt(lang);
        let sheets = mapping::to_book(form, &notes, &words, doubt);
        let owners = request.owners.iter();
        let offers = workbook::Offers {
            fields: mapping::offered_fields(&request.schema),
            owners: owners.map(|(id, name)| format!("{id} {name}")).collect(),
        };
        return workbook::write(&sheets, &offers, lang, output);
    }
    let head = Problem::new(Code::MapHead)
        .with("columns", report.certain.to_string())
        .with("doubts", report.doubts.len().to_string());
    let said = lang::words(&head, lang);
    let mut head = vec![said.message, said.tip];
    if proposal.more_owners > 0 {
        let more = Problem::new(Code::MapMoreWords).with("count", proposal.more_owners.to_string());
        head.push(format!("owner_ids: {}", lang::words(&more, lang).message));
    }
    let text = mapping::to_toml(form, &head, &notes, &words);
    Ok(write_file(output, text.as_bytes())?)
}
