//! A proposal for a mapping, from the headers and from the look of the cells.
//!
//! The invariant: a column is certain only when its header names the field beyond doubt *and* its cells agree.
//! Everything else is proposed with a doubt that a person must remove.

mod agree;
mod everyday;
mod hints;

use std::collections::{BTreeMap, HashMap, HashSet};

use serde::{Deserialize, Serialize};

use super::columns::Target;
use super::file::Mapping;
use super::form::{ColumnForm, UNDECIDED, is_undecided, suggested};
use super::header::{Match, match_field, match_header, nearest_labels, normalise, split_bracket};
use super::lookup::is_owner_id;
use super::stats::ColumnStats;
use super::synonyms::{self, Hint, LEFT_OUT, hint_of};
use crate::model::{
    Code, Fact, Field, FieldStatus, Kind, Problem, Schema, Slot, both_readings, column_letters,
    folded,
};

/// How many words that match no choice are written out for each column.
const MOST_UNMATCHED: usize = 40;

/// The share of the cells, 0 to 1, that must agree with a field.
const ENOUGH: f64 = 0.8;

/// A column of the sheet, as the proposal sees it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct SeenColumn {
    /// 0-based.
    pub column: u32,
    /// The header; empty where the column has none.
    pub header: String,
    /// Counts of what its cells look like.
    pub stats: ColumnStats,
}

/// The proposal for a column.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedColumn {
    /// The entry's name in the mapping.
    pub name: String,
    /// 0-based.
    pub column: u32,
    /// The column's letters.
    pub letters: String,
    /// The header.
    pub header: String,
    /// What some of its cells hold.
    pub samples: Vec<String>,
    /// The entry of the mapping, without the doubt.
    pub form: ColumnForm,
    /// The certainty, 0 to 100.
    pub confidence: u8,
    /// The reasons for the proposal.
    pub reasons: Vec<Problem>,
    /// The decision that a person must make.
    pub doubt: Option<Problem>,
    /// How many rows have each word that matches no choice, and the nearest choices, by word.
    pub words: BTreeMap<String, (u64, String)>,
    /// How many further words match no choice and are not written out.
    pub more_words: u64,
}

/// A proposal for a sheet.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Proposal {
    /// The columns in order. Columns that ferry wrote are not among them.
    pub columns: Vec<ProposedColumn>,
    /// How many rows have each owner, by name.
    pub owners: BTreeMap<String, u64>,
    /// How many further owners are not written out.
    pub more_owners: u64,
    /// How many rows name the customer of the row above with something else beside, and the entry's name of the column
    /// that names the customer.
    pub contact_rows: Option<(u64, String)>,
}

/// Returns the words of a cell that are no choices of a field, each with the nearest choices. Takes the field's
/// position and the cell's text.
pub type Recognise<'a> = &'a dyn Fn(usize, &str) -> Vec<(String, String)>;

/// Proposes a mapping for the columns of a sheet.
///
/// What an earlier mapping says of a column stands; only words that it does not know are added.
pub fn propose(
    columns: &[SeenColumn],
    schema: &Schema,
    earlier: Option<&Mapping>,
    recognise: Recognise<'_>,
) -> Proposal {
    let mut proposer = Proposer {
        columns,
        schema,
        recognise,
        taken: HashMap::new(),
        repeated: repeated(columns),
    };
    // Sure columns choose first, so that a doubtful column does not take a sure column's field.
    let mut drafts: Vec<Option<Guess>> = vec![None; columns.len()];
    if let Some(earlier) = earlier {
        for (column, draft) in columns.iter().zip(&mut drafts) {
            *draft = proposer.by_earlier(column, earlier).map(Guess::Field);
        }
    }
    for pass in Pass::ALL {
        for (position, column) in columns.iter().enumerate() {
            if drafts.get(position).is_some_and(Option::is_none)
                && let Some(guess) = proposer.guess(column, pass)
                && let Some(draft) = drafts.get_mut(position)
            {
                *draft = Some(guess);
            }
        }
    }
    let mut proposal = Proposal::default();
    let mut owners: HashMap<String, u64> = HashMap::new();
    for (column, guess) in columns.iter().zip(drafts) {
        match guess {
            Some(Guess::Ours) => {}
            Some(Guess::Field(guess)) => {
                proposer.count_owners(column, &guess, &mut owners);
                let is_name = guess.target.is_some_and(|(field, slot)| {
                    slot == Slot::Whole && proposer.key(field) == synonyms::NAME
                });
                if is_name && column.stats.repeats > 0 {
                    let name = proposer.name_of(column);
                    proposal.contact_rows = Some((column.stats.repeats, name));
                }
                proposal.columns.push(proposer.column(column, guess));
            }
            None => proposal.columns.push(proposer.nothing(column)),
        }
    }
    let mut owners: Vec<(String, u64)> = owners.into_iter().collect();
    owners.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    proposal.more_owners = owners.len().saturating_sub(MOST_UNMATCHED * 5) as u64;
    proposal.owners = owners.into_iter().take(MOST_UNMATCHED * 5).collect();
    proposal
}

/// The order in which columns choose their fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Pass {
    /// Headers that are a field's label or key.
    Names,
    /// Headers that everybody reads in one way.
    Synonyms,
    /// Headers whose meaning depends on the rest of the sheet.
    Hints,
    /// People at the customer, whose meaning depends on the columns of phones.
    Contacts,
    /// The cells, and labels that resemble the header.
    Cells,
}

impl Pass {
    const ALL: [Self; 5] = [
        Self::Names,
        Self::Synonyms,
        Self::Hints,
        Self::Contacts,
        Self::Cells,
    ];
}

#[derive(Debug, Clone)]
enum Guess {
    /// A column that ferry wrote.
    Ours,
    Field(FieldGuess),
}

#[derive(Debug, Clone)]
struct FieldGuess {
    /// The field and the place in it; `None` leaves the column out.
    target: Option<(usize, Slot)>,
    confidence: u8,
    reasons: Vec<Problem>,
    doubt: Option<Problem>,
    /// What an earlier mapping says of the column.
    earlier: Option<Box<ColumnForm>>,
}

impl FieldGuess {
    fn sure(field: usize, slot: Slot, confidence: u8, reason: Problem) -> Self {
        Self {
            target: Some((field, slot)),
            confidence,
            reasons: vec![reason],
            doubt: None,
            earlier: None,
        }
    }

    fn left_out(confidence: u8, reason: Problem) -> Self {
        Self {
            target: None,
            confidence,
            reasons: vec![reason],
            doubt: None,
            earlier: None,
        }
    }

    fn doubted(mut self, doubt: Problem) -> Self {
        self.confidence = self.confidence.min(50);
        self.doubt.get_or_insert(doubt);
        self
    }
}

struct Proposer<'a> {
    columns: &'a [SeenColumn],
    schema: &'a Schema,
    recognise: Recognise<'a>,
    /// The column that has each field and place.
    taken: HashMap<(usize, Slot), u32>,
    repeated: HashSet<String>,
}

impl Proposer<'_> {
    fn guess(&mut self, column: &SeenColumn, pass: Pass) -> Option<Guess> {
        let name = normalise(&column.header);
        let guess = match pass {
            Pass::Names => self.by_name(column)?,
            Pass::Synonyms => Guess::Field(self.by_synonym(column)?),
            Pass::Hints | Pass::Contacts => {
                let is_contact =
                    hint_of(bare_name(&name)).is_some_and(|(hint, _)| hint == Hint::Contact);
                let guess = (is_contact == (pass == Pass::Contacts)).then(|| self.by_hint(column));
                Guess::Field(guess??)
            }
            Pass::Cells => Guess::Field(self.by_sense(column).or_else(|| self.by_cells(column))?),
        };
        Some(match guess {
            Guess::Ours => Guess::Ours,
            Guess::Field(guess) => {
                let guess = self.with_unit(&name, guess);
                Guess::Field(self.weigh(column, guess))
            }
        })
    }

    fn by_name(&self, column: &SeenColumn) -> Option<Guess> {
        if hint_of(&normalise(&column.header)).is_some_and(|(hint, _)| hint.wins()) {
            return None;
        }
        match match_header(&column.header, self.schema)? {
            Match::Id | Match::Ferry(_) => return Some(Guess::Ours),
            Match::Field(..) | Match::Ambiguous(..) => {}
        }
        match match_field(&column.header, self.schema)? {
            Match::Field(field, slot) if self.is_writable(field) => Some(Guess::Field(
                FieldGuess::sure(field, slot, 99, Problem::new(Code::MapByName)),
            )),
            Match::Ambiguous(one, other) => {
                let keys = [one, other].map(|field| self.key(field).to_owned());
                let doubt = Problem::new(Code::MapSeveral)
                    .with("nearest", Fact::list(keys.iter().map(String::as_str)));
                let guess = FieldGuess::sure(one, Slot::Whole, 40, Problem::new(Code::MapByName));
                Some(Guess::Field(guess.doubted(doubt)))
            }
            _ => None,
        }
    }

    /// Takes over what an earlier mapping says of a column.
    fn by_earlier(&mut self, column: &SeenColumn, earlier: &Mapping) -> Option<FieldGuess> {
        let letters = column_letters(column.column);
        let (_, form) = earlier.entry_of(&letters, &column.header)?;
        let reason = Problem::new(Code::MapEarlier);
        let found = match &form.field {
            _ if form.ignore => None,
            Some(field) => match_field(field, self.schema),
            None => match_header(&column.header, self.schema),
        };
        let mut guess = match found {
            Some(Match::Field(field, slot)) => {
                self.taken.entry((field, slot)).or_insert(column.column);
                FieldGuess::sure(field, slot, 100, reason)
            }
            _ => FieldGuess::left_out(100, reason),
        };
        guess.earlier = Some(Box::new(form.clone()));
        Some(guess)
    }

    fn by_synonym(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let name = normalise(&column.header);
        if LEFT_OUT.contains(&name.as_str()) {
            return Some(FieldGuess::left_out(95, Problem::new(Code::MapLeftOut)));
        }
        if hint_of(&name).is_some_and(|(hint, _)| hint.wins()) {
            return None;
        }
        let found = match match_header(&column.header, self.schema) {
            None if bare_name(&name) != name => match_header(bare_name(&name), self.schema),
            found => found,
        };
        match found? {
            Match::Field(field, slot) if self.is_writable(field) => {
                let reason = self.about(Code::MapBySynonym, field);
                Some(FieldGuess::sure(field, slot, 90, reason))
            }
            // The field is off or read-only: a person has to say what becomes of the column's values.
            Match::Field(field, _) => {
                let read_only = self.field(field).is_some_and(|field| field.read_only);
                let reason = self.about(
                    if read_only {
                        Code::MapServerSet
                    } else {
                        Code::MapFieldOff
                    },
                    field,
                );
                let guess = FieldGuess::left_out(60, reason.clone());
                Some(if read_only && column.stats.filled == 0 {
                    guess
                } else {
                    guess.doubted(reason)
                })
            }
            _ => None,
        }
    }

    /// Guesses by the cells alone, or by a label that resembles the header.
    fn by_cells(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let near = nearest_labels(&column.header, self.schema);
        let position_of = |label: &String| {
            self.schema
                .fields
                .iter()
                .position(|field| field.label == *label)
        };
        let similar: Vec<usize> = near
            .iter()
            .filter_map(position_of)
            .filter(|field| !self.taken.contains_key(&(*field, Slot::Whole)))
            .filter(|field| self.agrees(column, *field))
            .filter(|field| self.resembles(column, *field))
            .collect();
        let chosen = self.by_choices(column);
        match (similar.first().copied(), chosen) {
            (_, Some((field, share))) if similar.contains(&field) => {
                let reason = self
                    .about(Code::MapByChoices, field)
                    .with("share", percent(share));
                Some(FieldGuess::sure(field, Slot::Whole, 90, reason))
            }
            (Some(field), _) => {
                let reason = self.about(Code::MapSimilar, field);
                let guess = FieldGuess::sure(field, Slot::Whole, 60, reason);
                Some(guess.doubted(self.about(Code::MapIsIt, field)))
            }
            (None, Some((field, share))) => {
                let reason = self
                    .about(Code::MapByChoices, field)
                    .with("share", percent(share));
                let guess = FieldGuess::sure(field, Slot::Whole, 50, reason);
                Some(guess.doubted(self.about(Code::MapIsIt, field)))
            }
            (None, None) => self.by_shape(column),
        }
    }

    /// Returns the only field whose choices nearly all cells name, and the share of those cells.
    fn by_choices(&self, column: &SeenColumn) -> Option<(usize, f64)> {
        if column.stats.filled == 0 || column.stats.words.is_empty() {
            return None;
        }
        let mut fitting = self
            .schema
            .fields
            .iter()
            .enumerate()
            .filter(|(position, field)| {
                matches!(field.kind, Kind::Choice | Kind::MultiChoice | Kind::Cascade)
                    && !(field.choices.is_empty() && field.cascade.is_empty())
                    && self.is_writable(*position)
                    && !self.taken.contains_key(&(*position, Slot::Whole))
            })
            .map(|(position, _)| (position, self.known_share(column, position, Slot::Whole)))
            .filter(|(_, share)| *share >= ENOUGH);
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first)
    }

    fn by_shape(&self, column: &SeenColumn) -> Option<FieldGuess> {
        let stats = &column.stats;
        if stats.filled == 0 {
            return None;
        }
        let phones = stats.share(stats.mobiles);
        let emails = stats.share(stats.emails);
        let (kind, share) = if phones >= ENOUGH {
            (Kind::PhoneList, phones)
        } else if emails >= ENOUGH {
            (Kind::EmailList, emails)
        } else {
            return self.by_bodies(column);
        };
        let field = self
            .schema
            .fields
            .iter()
            .position(|field| field.kind == kind)?;
        let reason = self
            .about(Code::MapByShape, field)
            .with("share", percent(share));
        let guess = FieldGuess::sure(field, self.free_position(field), 50, reason);
        Some(guess.doubted(self.about(Code::MapIsIt, field)))
    }

    /// Checks a guess against the cells and against the columns that chose before, and takes the place.
    fn weigh(&mut self, column: &SeenColumn, mut guess: FieldGuess) -> FieldGuess {
        let Some((field, slot)) = guess.target else {
            return guess;
        };
        let slot = if slot == Slot::Value(1) {
            Slot::Whole
        } else {
            slot
        };
        if let Some(other) = self.taken.get(&(field, slot)) {
            let doubt = self
                .about(Code::MapTaken, field)
                .with("other", self.header_of(*other))
                .with("column", column_letters(*other));
            let is_list = self
                .field(field)
                .is_some_and(|field| field.kind.is_value_list());
            guess.target = (is_list && !matches!(slot, Slot::Memo(_)))
                .then(|| (field, self.free_position(field)));
            guess = guess.doubted(doubt);
        } else if !self.agrees_at(column, field, slot) {
            let doubt = self.about(Code::MapCellsDiffer, field);
            let sample = column.stats.sorted_words();
            let sample = sample.first().map_or("", |(word, _)| *word);
            guess = guess.doubted(doubt.with("value", sample));
        }
        let target = guess.target.and_then(|(field, _)| self.field(field));
        if let Some(doubt) = target.and_then(|field| unclear_form(column, field.kind)) {
            guess = guess.doubted(doubt);
        }
        if let Some((field, slot)) = guess.target {
            let slot = if slot == Slot::Value(1) {
                Slot::Whole
            } else {
                slot
            };
            self.taken.entry((field, slot)).or_insert(column.column);
        }
        guess
    }

    /// Returns the first free place of a list.
    fn free_position(&self, field: usize) -> Slot {
        if !self.taken.contains_key(&(field, Slot::Whole)) {
            return Slot::Whole;
        }
        (2..=999)
            .map(Slot::Value)
            .find(|slot| !self.taken.contains_key(&(field, *slot)))
            .unwrap_or(Slot::Whole)
    }

    fn is_writable(&self, field: usize) -> bool {
        self.field(field)
            .is_some_and(|field| field.status == FieldStatus::Enabled && !field.read_only)
    }

    fn field(&self, position: usize) -> Option<&Field> {
        self.schema.fields.get(position)
    }

    fn key(&self, field: usize) -> &str {
        self.field(field).map_or("", |field| field.key.as_str())
    }

    fn about(&self, code: Code, field: usize) -> Problem {
        let label = self.field(field).map_or("", |field| field.label.as_str());
        Problem::new(code).with("field", label)
    }

    fn header_of(&self, column: u32) -> &str {
        let mut columns = self.columns.iter();
        columns
            .find(|seen| seen.column == column)
            .map_or("", |seen| seen.header.as_str())
    }

    fn count_owners(
        &self,
        column: &SeenColumn,
        guess: &FieldGuess,
        owners: &mut HashMap<String, u64>,
    ) {
        let is_owner = guess
            .target
            .and_then(|(field, _)| self.field(field))
            .is_some_and(|field| field.kind == Kind::Owner);
        if is_owner {
            for (word, count) in &column.stats.words {
                if !is_owner_id(word) {
                    *owners.entry(word.clone()).or_default() += count;
                }
            }
        }
    }

    /// Returns the entry's name: the header where only one column has it, else the letters.
    fn name_of(&self, column: &SeenColumn) -> String {
        let header = column.header.trim();
        if header.is_empty() || self.repeated.contains(&normalise(header)) {
            format!("@{}", column_letters(column.column))
        } else {
            header.to_owned()
        }
    }

    fn column(&self, column: &SeenColumn, guess: FieldGuess) -> ProposedColumn {
        let mut form = ColumnForm::default();
        let mut words = BTreeMap::new();
        let mut more_words = 0;
        match guess.target {
            Some((field, slot)) => {
                form.field = Some(self.name_of_place(field, slot));
                let takes_choices = self.field(field).is_some_and(|field| {
                    matches!(field.kind, Kind::Choice | Kind::MultiChoice | Kind::Cascade)
                });
                if takes_choices {
                    (words, more_words) = self.unmatched(column, field, slot);
                }
                let undecided = words.iter().map(|(word, (_, near))| {
                    let nearest = near.split(", ").next().unwrap_or_default();
                    let is_known =
                        !nearest.is_empty() && self.unknown(field, slot, nearest).is_empty();
                    let meaning = if is_known {
                        suggested(nearest)
                    } else {
                        UNDECIDED.to_owned()
                    };
                    (word.clone(), meaning)
                });
                form.choices = undecided.collect();
            }
            None => form.ignore = true,
        }
        if let Some(earlier) = guess.earlier {
            let is_said = |word: &String| {
                let mut said = earlier.choices.iter();
                let is_word = said.any(|(known, meaning)| {
                    folded(known) == folded(word) && !is_undecided(meaning)
                });
                is_word || self.is_said_by_levels(&earlier, guess.target, word)
            };
            words.retain(|word, _| !is_said(word));
            let mut choices = earlier.choices.clone();
            for (word, meaning) in form.choices {
                if words.contains_key(&word) {
                    choices.entry(word).or_insert(meaning);
                }
            }
            form = ColumnForm {
                choices,
                ..*earlier
            };
        }
        ProposedColumn {
            name: self.name_of(column),
            column: column.column,
            letters: column_letters(column.column),
            header: column.header.clone(),
            samples: column.stats.samples.clone(),
            form,
            confidence: guess.confidence,
            reasons: guess.reasons,
            doubt: guess.doubt,
            words,
            more_words,
        }
    }

    /// Returns whether a path is known once each of its levels means what an earlier mapping says.
    fn is_said_by_levels(
        &self,
        earlier: &ColumnForm,
        target: Option<(usize, Slot)>,
        path: &str,
    ) -> bool {
        let Some((field, Slot::Whole)) = target else {
            return false;
        };
        let is_cascade = self
            .field(field)
            .is_some_and(|field| field.kind == Kind::Cascade);
        let meaning = |level: &str| {
            let mut said = earlier.choices.iter();
            let said = said
                .find(|(known, meaning)| folded(known) == folded(level) && !is_undecided(meaning));
            said.map_or_else(|| level.to_owned(), |(_, meaning)| meaning.clone())
        };
        let levels: Vec<String> = path.split('/').map(meaning).collect();
        is_cascade
            && self
                .unknown(field, Slot::Whole, &levels.join("/"))
                .is_empty()
    }

    /// Returns a place in a field as a person writes it: by the label where the label is unique, else by the key.
    fn name_of_place(&self, position: usize, slot: Slot) -> String {
        let Some(field) = self.field(position) else {
            return String::new();
        };
        let by_label = slot.name(&field.label);
        let target = Target::of(&field.key, slot);
        let finds = |text: &str| super::resolve::names_target(text, self.schema, &target);
        if finds(&by_label) {
            by_label
        } else {
            slot.name(field.key.as_str())
        }
    }

    /// Returns the words that are no choices, with their rows and nearest choices, and how many more there are.
    fn unmatched(
        &self,
        column: &SeenColumn,
        field: usize,
        slot: Slot,
    ) -> (BTreeMap<String, (u64, String)>, u64) {
        let is_open = self
            .field(field)
            .is_some_and(|field| field.choices.is_empty() && field.cascade.is_empty());
        if is_open {
            return (BTreeMap::new(), 0);
        }
        let mut unknown: HashMap<String, (u64, String)> = HashMap::new();
        for (text, count) in &column.stats.words {
            for (word, near) in self.unknown(field, slot, text) {
                let entry = unknown.entry(word).or_insert((0, near));
                entry.0 += count;
            }
        }
        let mut sorted: Vec<_> = unknown.into_iter().collect();
        sorted.sort_by(|one, other| (other.1.0, &one.0).cmp(&(one.1.0, &other.0)));
        let more = sorted.len().saturating_sub(MOST_UNMATCHED) as u64;
        (sorted.into_iter().take(MOST_UNMATCHED).collect(), more)
    }

    /// Proposes to leave out a column about which nothing is known, once a person agrees.
    fn nothing(&self, column: &SeenColumn) -> ProposedColumn {
        let near = nearest_labels(&column.header, self.schema);
        let near = Fact::list(near.iter().map(String::as_str));
        let doubt = Problem::new(Code::MapNothing).with("nearest", near);
        let guess = FieldGuess::left_out(
            if column.stats.filled == 0 { 80 } else { 20 },
            doubt.clone(),
        );
        // An empty column loses nothing when it is left out.
        let guess = if column.stats.filled == 0 {
            guess
        } else {
            guess.doubted(doubt)
        };
        self.column(column, guess)
    }
}

/// Returns the doubt about dates or numbers that can be read in more than one way.
fn unclear_form(column: &SeenColumn, kind: Kind) -> Option<Problem> {
    match kind {
        Kind::Date | Kind::Datetime => {
            let value = column.stats.ambiguous_date.as_ref()?;
            Some(Problem::new(Code::MapDateForm).with("value", value))
        }
        Kind::Number => {
            let value = column.stats.written.undecided()?;
            let [whole, decimal] = both_readings(value);
            let doubt = Problem::new(Code::MapDecimalSign).with("value", value);
            Some(doubt.with("whole", whole).with("decimal", decimal))
        }
        _ => None,
    }
}

/// Returns a normalised header without what stands in brackets behind it.
fn bare_name(name: &str) -> &str {
    split_bracket(name).map_or(name, |(base, _)| base)
}

fn repeated(columns: &[SeenColumn]) -> HashSet<String> {
    let mut seen = HashSet::new();
    let names = columns.iter().map(|column| normalise(&column.header));
    names.filter(|name| !seen.insert(name.clone())).collect()
}

fn percent(share: f64) -> String {
    format!("{:.0}", share * 100.0)
}
