//! A mapping as it is proposed for a sheet, with what is in doubt.

use std::collections::BTreeMap;

use super::request::ProposeRequest;
use super::seen_sheet::SeenSheet;
use crate::check::Checker;
use crate::job::error::JobError;
use crate::lang::Lang;
use crate::mapping::{
    ColumnNote, Mapping, MappingForm, Proposal, SeenColumn, UNDECIDED, WordNotes, suggested,
};
use crate::model::{Code, Fact, Problem, folded};
use crate::source::mapping as map;
use crate::source::{contacts, seen_columns};
use crate::{lang, mapping};

/// What is proposed for a sheet.
#[derive(Debug, Clone, Default)]
pub struct Proposed {
    /// What was found out about the columns.
    pub proposal: Proposal,
    /// The mapping, with a doubt wherever a person has to decide.
    pub form: MappingForm,
    /// How many rows seem to be further contacts of the customer of the row above, where that is still to be decided.
    pub contact_rows: u64,
    /// What there is to say about the proposal as a whole.
    pub notices: Vec<Problem>,
}

/// Proposes a mapping for a sheet that was read. The mapping of the request stands: only what it lacks is added.
pub fn propose_for(seen: &SeenSheet, request: &ProposeRequest) -> Result<Proposed, JobError> {
    let options = map::options(&request.sheets);
    let earlier = options.mapping.as_deref();
    let schema = map::schema_for(&options, request.schema.clone())?;
    let mut notices = Vec::new();
    if let Some(earlier) = earlier {
        notices.extend(what_is_gone(earlier, &seen.columns));
    }
    let checker = Checker::new(&schema);
    let recognise = |field: usize, text: &str| seen_columns::unknown_words(&checker, field, text);
    let proposal = mapping::propose(&seen.columns, &schema, earlier, &recognise);
    let mut form = form_of(&proposal, earlier, &request.owners, request.lang);
    let contact_rows = match &proposal.contact_rows {
        Some((count, name)) if form.merge_rows.is_empty() => {
            form.merge_rows = vec![suggested(name)];
            notices.push(contacts::notice(*count, name));
            *count
        }
        _ => 0,
    };
    form.sheet = seen.name.clone().or(form.sheet);
    Ok(Proposed {
        proposal,
        form,
        contact_rows,
        notices,
    })
}

impl Proposed {
    /// Returns what is in doubt about a column.
    pub fn doubt_of(&self, column: &mapping::ProposedColumn) -> Option<&str> {
        let column = self.form.columns.get(&column.name)?;
        column.doubt.as_deref()
    }
}

/// Says which entries of the earlier mapping no column of the sheet has. They are left out.
fn what_is_gone(earlier: &Mapping, columns: &[SeenColumn]) -> Option<Problem> {
    let headers: Vec<String> = columns.iter().map(|column| column.header.clone()).collect();
    let gone = earlier.unused(&headers);
    let gone: Vec<&str> = gone.iter().map(|problem| problem.fact("value")).collect();
    let said = Problem::new(Code::MapEntryGone);
    (!gone.is_empty()).then(|| said.with("headers", Fact::list(gone)))
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

/// Returns what explains each column, and each word that is to be decided.
pub(crate) fn notes_of(
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
