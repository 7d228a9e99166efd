//! Where the cells of one column go: the part of a field that they feed, and how their texts are read on the way.

use std::sync::Arc;

use super::columns::Target;
use super::lookup::{LookedUp, LookupTable, SEEN_OWNERS, is_owner_id};
use super::rule::ColumnRule;
use super::workaround::is_null_word;
use crate::model::{
    CUSTOMER_NAME, CascadeOption, Cell, CellKind, CellRule, Code, Fact, Field, Kind, LineSpan,
    Origin, Part, Problem, Saying, Schema, Slot, UNCALCULATED, folded, is_clear_word,
    is_scientific, is_written_error,
};

/// Words that people write into an empty phone, e-mail, date, number or choice cell (product.md).
const BLANK_WORDS: &[&str] = &["无", "-", "/", "暂无", "n/a"];

#[derive(Debug, Clone)]
pub(super) struct PartRoute {
    pub field: usize,
    /// The field's label, for messages.
    pub label: Arc<str>,
    pub kind: Kind,
    pub slot: Slot,
    pub rank: u32,
    pub is_one_line: bool,
    blank_words: bool,
    /// The field's own choices, folded, that elsewhere are words for a blank cell.
    own_words: Vec<String>,
    pub rule: Option<Arc<ColumnRule>>,
    /// The part of the rule that the checker needs; `None` where it says nothing.
    pub cell_rule: Option<Arc<CellRule>>,
}

/// The result of reading a cell.
pub(super) enum Read {
    Text(String),
    /// A text that the mapping put in place of the cell's, and that no word of the mapping changes again.
    Meant(String),
    /// The id of an owner whom only exports have shown by name.
    SeenOwner(String),
    Blank,
    /// A word such as 无, which somebody wrote into an empty cell.
    BlankWord,
    Refused(Problem),
}

impl PartRoute {
    /// Returns the route of a column that feeds a field; `None` when its field is not in the schema.
    pub fn of(
        target: &Target,
        column: u32,
        schema: &Schema,
        first_ranks: &mut Vec<(usize, u32)>,
    ) -> Option<Self> {
        let (key, slot) = target.place()?;
        let position = schema.fields.iter().position(|field| field.key == *key)?;
        let field = schema.fields.get(position)?;
        let known = first_ranks.iter().find(|(known, _)| *known == position);
        let rank = if let Some((_, rank)) = known {
            *rank
        } else {
            first_ranks.push((position, column));
            column
        };
        Some(Self {
            field: position,
            label: Arc::from(field.label.as_str()),
            kind: field.kind,
            slot,
            rank,
            is_one_line: is_one_line(field, slot),
            blank_words: takes_blank_words(field.kind, slot),
            own_words: own_words(field),
            rule: None,
            cell_rule: None,
        })
    }

    pub fn ruled(mut self, rule: &ColumnRule) -> Self {
        if !rule.is_empty() {
            self.rule = Some(Arc::new(rule.clone()));
            let plain = *rule.cell == CellRule::default();
            self.cell_rule = (!plain).then(|| Arc::clone(&rule.cell));
        }
        self
    }

    pub fn part(&self, column: u32, text: String, origin: Origin) -> Part {
        Part {
            field: self.field,
            slot: self.slot,
            column,
            text,
            kind: CellKind::Text,
            origin,
            rule: None,
        }
    }

    /// Returns whether a cell holds a word that database exports write where there is no value, and the word means
    /// nothing else here.
    pub fn is_null(&self, cell: &Cell) -> bool {
        let has_meaning =
            |rule: &ColumnRule| rule.lookup.is_some() || rule.cell.meaning(&cell.text).is_some();
        is_null_word(&cell.text)
            && !self.own_words.contains(&folded(&cell.text))
            && !self.rule.as_deref().is_some_and(has_meaning)
    }

    /// Returns whether people write sentences into the field, or addresses of web pages, where question marks are meant.
    pub fn is_prose(&self) -> bool {
        matches!(self.kind, Kind::Textarea | Kind::Url) || matches!(self.slot, Slot::Memo(_))
    }

    /// Returns the problem of a line break in a CSV cell that should have one line. Other formats say where a cell
    /// ends.
    pub fn line_break(&self, spans: &[LineSpan], cell: &Cell) -> Option<Problem> {
        let span = spans
            .iter()
            .find(|span| self.is_one_line && span.column == cell.column)?;
        cell.text.contains('\n').then(|| {
            Problem::new(Code::LineBreakInCell)
                .at(cell.column)
                .with("field", self.label.as_ref())
                .with("line", span.line.to_string())
        })
    }

    /// Returns a cell's text as the mapping wants it, by blank words, transforms, words with meanings, and the look-up.
    ///
    /// A cell that the spreadsheet has damaged stays as it is, so that the check sees the damage.
    pub fn read(&self, cell: &Cell) -> Read {
        let takes_stored = matches!(self.kind, Kind::Number | Kind::Date | Kind::Datetime);
        if cell.kind == CellKind::Obscured && !takes_stored {
            let problem = Problem::new(Code::ObscuredCell).at(cell.column);
            let problem = problem.with("field", self.label.as_ref());
            return Read::Refused(problem.with("value", &cell.text));
        }
        let is_word = |text: &str, rule: Option<&ColumnRule>| {
            rule.is_some_and(|rule| !rule.blank.is_empty() && rule.blank.contains(&folded(text)))
        };
        let rule = self.rule.as_deref();
        let is_blank = self.blank_words
            && is_blank_word(&cell.text)
            && !self.own_words.contains(&folded(&cell.text));
        if is_blank || is_word(&cell.text, rule) {
            return Read::BlankWord;
        }
        let is_damaged = || {
            cell.kind.is_damaged()
                || cell.text == UNCALCULATED
                || is_written_error(&cell.text)
                || (cell.kind == CellKind::Text && is_scientific(&cell.text))
        };
        let Some(rule) = rule.filter(|_| !is_damaged() && !is_clear_word(&cell.text)) else {
            return Read::Text(cell.text.clone());
        };
        let changes = rule.transform.iter();
        let mut text = changes.fold(cell.text.clone(), |text, change| change.apply(&text));
        // Choices translate their words in the check, where a cell may hold several.
        let mut is_meant = false;
        if !matches!(self.kind, Kind::Choice | Kind::MultiChoice)
            && let Some(meaning) = rule.cell.meaning(&text)
        {
            meaning.clone_into(&mut text);
            // The check would translate each level of a path once more.
            is_meant = self.kind == Kind::Cascade;
        }
        if text.trim().is_empty() {
            return Read::Blank;
        }
        match &rule.lookup {
            Some(lookup) if !(self.kind == Kind::Owner && is_owner_id(&text)) => {
                self.look_up(&text, lookup, rule, cell)
            }
            _ if is_meant => Read::Meant(text),
            _ => Read::Text(text),
        }
    }

    /// Looks up a whole text. Where it is not found and the field takes several values, looks up each of its words.
    fn look_up(&self, text: &str, lookup: &LookupTable, rule: &ColumnRule, cell: &Cell) -> Read {
        let several = self.kind.is_value_list() || self.kind == Kind::MultiChoice;
        let words: Vec<&str> = match lookup.find(text) {
            LookedUp::Nothing(_) if several => text
                .split(|letter| {
                    matches!(letter, ';' | '；' | '、' | ',' | '，' | '\n')
                        || rule.cell.split.contains(letter)
                })
                .map(str::trim)
                .filter(|word| !word.is_empty())
                .collect(),
            _ => vec![text],
        };
        let mut meanings = Vec::with_capacity(words.len());
        let mut is_seen = false;
        for word in words {
            let about = |code| {
                Problem::new(code)
                    .at(cell.column)
                    .with("field", self.label.as_ref())
                    .with("value", word)
            };
            let problem = |code| {
                if lookup.is_seen(word) {
                    about(code).with("lookup", Saying::SeenOwners)
                } else {
                    about(code).with("lookup", &lookup.name)
                }
            };
            match lookup.find(word) {
                LookedUp::Meaning(meaning) => {
                    is_seen |= lookup.is_seen(word);
                    meanings.push(meaning);
                }
                LookedUp::Several(meanings) => {
                    let problem = problem(Code::AmbiguousInLookup);
                    return Read::Refused(problem.with("choices", meanings.join(", ")));
                }
                LookedUp::Nothing(near) if lookup.name == SEEN_OWNERS => {
                    let problem = about(Code::NotAnOwner);
                    return Read::Refused(problem.with("nearest", Fact::list(near)));
                }
                LookedUp::Nothing(near) => {
                    let problem = problem(Code::NotInLookup);
                    return Read::Refused(problem.with("nearest", Fact::list(near)));
                }
            }
        }
        // The mapping may give an owner to nobody.
        if meanings.iter().all(|meaning| meaning.is_empty()) {
            return Read::Blank;
        }
        let text = meanings.join("\n");
        if is_seen {
            Read::SeenOwner(text)
        } else {
            Read::Text(text)
        }
    }
}

/// Returns whether a cell of the field has one line: the name, and every field that is neither text nor a list. Lists
/// are split at line breaks.
fn is_one_line(field: &Field, slot: Slot) -> bool {
    let is_name = field.key.as_str() == CUSTOMER_NAME;
    !matches!(slot, Slot::Memo(_))
        && (is_name
            || !matches!(
                field.kind,
                Kind::Text
                    | Kind::Textarea
                    | Kind::TextList
                    | Kind::PhoneList
                    | Kind::EmailList
                    | Kind::MultiChoice
                    | Kind::Cascade
            ))
}

fn takes_blank_words(kind: Kind, slot: Slot) -> bool {
    !matches!(slot, Slot::Memo(_))
        && !matches!(
            kind,
            Kind::Text | Kind::Textarea | Kind::Url | Kind::TextList | Kind::Owner
        )
}

/// Returns the choices and cascade entries of a field that elsewhere are words for a blank cell, such as 无.
fn own_words(field: &Field) -> Vec<String> {
    fn collect_words(options: &[CascadeOption], words: &mut Vec<String>) {
        for option in options {
            words.push(folded(&option.value));
            collect_words(&option.children, words);
        }
    }
    let choices = field.choices.iter();
    let mut words: Vec<String> = choices.map(|choice| folded(&choice.value)).collect();
    collect_words(&field.cascade, &mut words);
    words.retain(|word| is_blank_word(word) || is_null_word(word));
    words
}

/// Returns whether a text is one of the words for a blank cell: 无, -, /, 暂无, N/A.
pub fn is_blank_word(text: &str) -> bool {
    BLANK_WORDS
        .iter()
        .any(|word| text.eq_ignore_ascii_case(word))
}
