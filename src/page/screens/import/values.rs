//! The third step: what the words mean that are no entries of their fields.

use std::sync::Arc;

use askama::Template;
use axum::Router;
use axum::extract::{Form, Path};
use axum::routing::get;

use super::step::{
    ListEntry, Posted, StepLink, change_columns, columns_of, draft_of, look_of, steps, wanted,
};
use crate::face::failure::{ErrorWords, Failure};
use crate::job::error::JobError;
use crate::mapping::{self, MappingForm, OfferedField, UNDECIDED, is_undecided, suggestion_of};
use crate::model::{Problem, folded, visible};
use crate::page::imports::{DraftColumns, DraftStep, is_of_values};
use crate::page::look::Look;
use crate::page::said;
use crate::page::shared::Shared;
use crate::page::visit::{PageResult, Visit, html, see};

/// The most entries of a list that is a list. A longer one is typed, with suggestions.
const LONGEST_LIST: usize = 200;

/// How many nearest entries come first.
const NEAREST: usize = 3;

pub(super) fn routes() -> Router<Arc<Shared>> {
    Router::new().route("/import/{id}/values", get(show).post(decide))
}

/// The words of a column.
struct WordGroup {
    number: usize,
    /// The entry's name in the mapping; empty for owners.
    name: String,
    title: String,
    field: String,
    words: Vec<WordLine>,
    more: u64,
    /// All entries, where they are too many for a list, or there is none.
    suggestions: Vec<ListEntry>,
    is_typed: bool,
}

/// A word that matches nothing.
struct WordLine {
    number: usize,
    word: String,
    shown: String,
    rows: u64,
    is_open: bool,
    /// The nearest entry; empty where there is none.
    near: String,
    choices: Vec<ListEntry>,
    /// What is typed, where the entries are no list.
    typed: String,
    is_blank: bool,
}

#[derive(Template)]
#[template(path = "page/import/values.html")]
struct ValuesScreen {
    look: Look,
    steps: Vec<StepLink>,
    id: String,
    groups: Vec<WordGroup>,
    open: usize,
    /// What was decided and cannot be.
    errors: Vec<ErrorWords>,
}

async fn show(visit: Visit, Path(id): Path<String>) -> PageResult {
    let draft = draft_of(&visit, &id)?;
    let (groups, errors) = if draft.facts.is_ours {
        (Vec::new(), Vec::new())
    } else {
        let columns = columns_of(&visit, draft.clone(), DraftStep::Values).await?;
        let shown = visit.blocking(move |visit| {
            let faults = JobError::Input(faults(&columns)?).into();
            Ok((groups(visit, &columns)?, said::failure(&faults, visit.lang)))
        });
        shown.await?
    };
    let look = look_of(&visit, &draft);
    let words = groups.iter().flat_map(|group| &group.words);
    html(&ValuesScreen {
        steps: steps(&draft, DraftStep::Values, &look),
        look,
        id,
        open: words.filter(|word| word.is_open).count(),
        groups,
        errors,
    })
}

/// Returns what is wrong with the meanings of words.
fn faults(columns: &DraftColumns) -> Result<Vec<Problem>, Failure> {
    let mut faults = columns.faults()?;
    faults.retain(is_of_values);
    Ok(faults)
}

fn groups(visit: &Visit, columns: &DraftColumns) -> Result<Vec<WordGroup>, Failure> {
    let look = Look::of(visit, "import");
    let form = columns.form()?;
    let proposed = columns.words_of(&form)?;
    let offered = mapping::offered_fields(&columns.schema);
    let mut groups = Vec::new();
    for column in &proposed.proposal.columns {
        if column.words.is_empty() {
            continue;
        }
        let field = column.form.field.as_deref().unwrap_or(&column.header);
        let its = offered.iter().find(|its| its.name == field);
        let entries: Vec<ListEntry> = its.map(entries_of).unwrap_or_default();
        let said = form.columns.get(&column.name);
        let words = column.words.iter().map(|(word, (rows, near))| {
            let meaning = said.and_then(|said| meaning_of(&said.choices, word));
            (word.as_str(), *rows, near.as_str(), meaning)
        });
        let title = format!("{} {}", column.letters, visible(&column.header));
        let mut group = WordGroup {
            number: groups.len(),
            name: column.name.clone(),
            title,
            field: field.to_owned(),
            words: Vec::new(),
            more: column.more_words,
            is_typed: entries.len() > LONGEST_LIST || entries.is_empty(),
            suggestions: Vec::new(),
        };
        group.fill(words.collect(), entries, &look);
        groups.push(group);
    }
    let owners = &proposed.proposal.owners;
    if !owners.is_empty() {
        let entries = columns.owners.iter();
        let named = entries.map(|(id, name)| ListEntry::new(id, format!("{name} · {id}"), false));
        let nameless = columns.owner_ids.iter();
        let nameless = nameless.map(|id| ListEntry::new(id, id, false));
        let entries: Vec<ListEntry> = named.chain(nameless).collect();
        let words = owners.iter().map(|(name, rows)| {
            let meaning = meaning_of(&form.owner_ids, name);
            (name.as_str(), *rows, "", meaning)
        });
        let mut group = WordGroup {
            number: groups.len(),
            name: String::new(),
            title: look.say("owners").to_owned(),
            field: look.say("owner-ids").to_owned(),
            words: Vec::new(),
            more: proposed.proposal.more_owners,
            is_typed: entries.len() > LONGEST_LIST || entries.is_empty(),
            suggestions: Vec::new(),
        };
        group.fill(words.collect(), entries, &look);
        groups.push(group);
    }
    Ok(groups)
}

fn entries_of(field: &OfferedField) -> Vec<ListEntry> {
    let words = field.words.iter();
    words
        .map(|word| ListEntry::new(word, word, false))
        .collect()
}

/// Returns what a mapping says that a word means.
fn meaning_of<'a>(
    said: &'a std::collections::BTreeMap<String, String>,
    word: &str,
) -> Option<&'a str> {
    let exact = said.get(word);
    let wanted = folded(word);
    let meaning = exact.or_else(|| {
        let mut said = said.iter();
        said.find(|(known, _)| folded(known) == wanted)
            .map(|(_, meaning)| meaning)
    });
    meaning.map(String::as_str)
}

impl WordGroup {
    fn fill(
        &mut self,
        mut words: Vec<(&str, u64, &str, Option<&str>)>,
        entries: Vec<ListEntry>,
        look: &Look,
    ) {
        words.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(other.0)));
        for (number, (word, rows, near, meaning)) in words.into_iter().enumerate() {
            let is_open = meaning.is_none_or(is_undecided);
            let suggestion = meaning.and_then(suggestion_of);
            let decided = meaning.filter(|_| !is_open);
            let near: Vec<&str> = near.split(", ").filter(|near| !near.is_empty()).collect();
            let near: Vec<&str> = suggestion.into_iter().chain(near).take(NEAREST).collect();
            let choices = if self.is_typed {
                Vec::new()
            } else {
                choices(word, &entries, &near, decided, is_open, look)
            };
            self.words.push(WordLine {
                number,
                word: word.to_owned(),
                shown: visible(word).into_owned(),
                rows,
                is_open,
                near: near.first().copied().unwrap_or_default().to_owned(),
                choices,
                typed: decided.unwrap_or_default().to_owned(),
                is_blank: decided == Some(""),
            });
        }
        if self.is_typed {
            self.suggestions = entries;
        }
    }
}

/// Returns the list of a word: to be decided, blank, the nearest entries, then all in their order.
fn choices(
    word: &str,
    entries: &[ListEntry],
    near: &[&str],
    decided: Option<&str>,
    is_open: bool,
    look: &Look,
) -> Vec<ListEntry> {
    let is_it = |value: &str| decided.is_some_and(|decided| folded(decided) == folded(value));
    let mut choices = vec![
        ListEntry::new(UNDECIDED, look.say("stays-problem"), is_open),
        ListEntry::new("", look.say("as-blank"), decided == Some("")),
    ];
    let is_near = |entry: &&ListEntry| near.contains(&entry.value.as_str());
    let first = entries.iter().filter(is_near);
    let mut rest: Vec<&ListEntry> = entries.iter().filter(|entry| !is_near(entry)).collect();
    // Of paths, those that begin as the cell does come first.
    rest.sort_by_key(|entry| std::cmp::Reverse(levels_in_common(&entry.value, word)));
    let mut is_found = is_open || decided == Some("");
    for entry in first.chain(rest) {
        is_found |= is_it(&entry.value);
        choices.push(ListEntry::new(
            &entry.value,
            &entry.label,
            is_it(&entry.value),
        ));
    }
    if let (false, Some(other)) = (is_found, decided) {
        choices.push(ListEntry::new(other, other, true));
    }
    choices
}

fn levels_in_common(one: &str, other: &str) -> usize {
    let pairs = one.split('/').zip(other.split('/'));
    pairs
        .take_while(|(one, other)| folded(one) == folded(other))
        .count()
}

async fn decide(
    visit: Visit,
    Path(id): Path<String>,
    Form(pairs): Form<Vec<(String, String)>>,
) -> PageResult {
    let posted = Posted::of(pairs);
    let goes_on = posted.get("go") != Some("save");
    let step = wanted(&posted);
    let saved = change_columns(&visit, id, DraftStep::Values, move |visit, columns| {
        let before = columns.form()?;
        let mut form = before.clone();
        take(&mut form, &posted);
        let form = columns.save(form)?;
        let is_right = faults(&columns)?.is_empty();
        let mut draft = columns.draft;
        if form != before {
            draft.forget_findings(&visit.shared)?;
        }
        Ok((draft, is_right))
    });
    let (draft, is_right) = saved.await?;
    if let Some(step) = step {
        return Ok(see(&draft.screen(step)));
    }
    if !goes_on || !is_right {
        return Ok(see(&draft.screen(DraftStep::Values)));
    }
    if draft.path("check.json").is_file() {
        return Ok(see(&draft.screen(DraftStep::Check)));
    }
    super::check::begin_check(&visit, draft.id, String::new()).await
}

/// Takes what was chosen into the mapping.
fn take(form: &mut MappingForm, posted: &Posted) {
    let rest_is_blank = posted.get("go") == Some("blank");
    let mut group = 0;
    while let Some(name) = posted.get(&format!("c.{group}")) {
        let said = match form.columns.get_mut(name) {
            Some(column) => &mut column.choices,
            None if name.is_empty() => &mut form.owner_ids,
            None => break,
        };
        let mut number = 0;
        while let Some(word) = posted.get(&format!("k.{group}.{number}")) {
            let value = posted.get(&format!("v.{group}.{number}"));
            let is_typed = posted.has(&format!("t.{group}"));
            let is_blank = posted.has(&format!("b.{group}.{number}"));
            let meaning = match value.map(str::trim) {
                _ if is_typed && is_blank => "",
                Some("") if is_typed => UNDECIDED,
                Some(value) => value,
                None => UNDECIDED,
            };
            let meaning = if rest_is_blank && is_undecided(meaning) {
                ""
            } else {
                meaning
            };
            said.retain(|known, _| known == word || folded(known) != folded(word));
            said.insert(word.to_owned(), meaning.to_owned());
            number += 1;
        }
        group += 1;
    }
}
