//! A mapping becomes a workbook: the cells of its sheets, which `book` reads again.

use std::collections::BTreeMap;

use super::form::{ColumnForm, MappingForm, suggestion_of};
use super::words::{self, WordTable, Wording, word_of};

/// A sheet of a mapping workbook that is to be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookSheet {
    /// The table of the TOML file that it stands for.
    pub key: &'static str,
    /// Its title.
    pub title: &'static str,
    /// Its header.
    pub headers: Vec<&'static str>,
    /// The keys of its columns, as the TOML file names them.
    pub keys: Vec<&'static str>,
    /// Its rows, each as wide as the header.
    pub rows: Vec<Vec<String>>,
}

/// The columns of 字段对应 that explain a column and hold no rule.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ColumnNote {
    /// The entry's name in the mapping.
    pub name: String,
    /// The column's letters; empty where they are not known.
    pub letters: String,
    /// The header.
    pub header: String,
    /// What some of its cells hold.
    pub sample: String,
    /// How sure the proposal is.
    pub confidence: String,
    /// The reasons of the proposal.
    pub note: String,
}

/// How many rows have a word of a choice or an owner, and why it is undecided; by the entry's name and the word.
pub type WordNotes = BTreeMap<(String, String), (u64, String)>;

/// Makes the sheets of a mapping. Columns come in the order of `notes`, then those without a note. The keys of
/// `word_notes` are the entry's name (empty for owners) and the word. `doubt` stands beside each suggestion that a person
/// has to confirm.
pub fn to_book(
    form: &MappingForm,
    notes: &[ColumnNote],
    word_notes: &WordNotes,
    doubt: &str,
    wording: Wording,
) -> Vec<BookSheet> {
    let mut notes = notes.to_vec();
    for name in form.columns.keys() {
        if !notes.iter().any(|note| note.name == *name) {
            let letters = name.strip_prefix('@');
            notes.push(ColumnNote {
                name: name.clone(),
                letters: letters.unwrap_or_default().to_owned(),
                header: if letters.is_some() {
                    String::new()
                } else {
                    name.clone()
                },
                ..ColumnNote::default()
            });
        }
    }
    let default = ColumnForm::default();
    let columns = notes.iter().map(|note| {
        let column = form.columns.get(&note.name).unwrap_or(&default);
        words::COLUMNS
            .iter()
            .map(|(_, _, key)| column_cell(key, note, column, wording))
            .collect()
    });
    let sheet = |key, table, rows| sheet(key, table, rows, wording);
    let mut sheets = vec![sheet("columns", words::COLUMNS, columns.collect())];
    let mut choices: Vec<Vec<String>> = Vec::new();
    for note in &notes {
        let column = form.columns.get(&note.name).unwrap_or(&default);
        let name = note.name.as_str();
        for (word, meaning) in sorted(&column.choices, name, word_notes) {
            let [rows, why] = word_cells(name, word, word_notes);
            choices.push(vec![
                note.letters.clone(),
                note.header.clone(),
                word.to_owned(),
                meaning_cell(meaning, wording),
                doubt_cell(meaning, doubt),
                rows,
                why,
            ]);
        }
    }
    let owners = sorted(&form.owner_ids, "", word_notes)
        .into_iter()
        .map(|(word, id)| {
            let [rows, why] = word_cells("", word, word_notes);
            vec![
                word.to_owned(),
                meaning_cell(id, wording),
                doubt_cell(id, doubt),
                rows,
                why,
            ]
        });
    let pairs = form.constants.iter();
    // No doubt stands beside a fixed value, so an undecided one is written as it is.
    let constants = pairs.map(|(field, value)| {
        let value = Some(value.clone()).filter(|value| !value.is_empty());
        vec![
            field.clone(),
            value.unwrap_or_else(|| words::blank(wording).to_owned()),
        ]
    });
    sheets.push(sheet("choices", words::CHOICES, choices));
    sheets.push(sheet("owner_ids", words::OWNERS, owners.collect()));
    sheets.push(sheet("constants", words::CONSTANTS, constants.collect()));
    sheets.push(sheet("settings", words::SETTINGS, settings(form, wording)));
    sheets
}

fn sheet(
    key: &'static str,
    table: WordTable,
    rows: Vec<Vec<String>>,
    wording: Wording,
) -> BookSheet {
    BookSheet {
        key,
        title: word_of(words::SHEETS, key, wording),
        headers: words::all(table, wording),
        keys: table.iter().map(|(_, _, key)| *key).collect(),
        rows,
    }
}

/// Returns the words in the order of the number of rows that have them, most first.
pub(super) fn sorted<'a>(
    words: &'a BTreeMap<String, String>,
    name: &str,
    notes: &WordNotes,
) -> Vec<(&'a str, &'a str)> {
    let rows = |word: &str| {
        let note = notes.get(&(name.to_owned(), word.to_owned()));
        note.map_or(0, |(rows, _)| *rows)
    };
    let mut sorted: Vec<(&str, &str)> = words
        .iter()
        .map(|(word, meaning)| (word.as_str(), meaning.as_str()))
        .collect();
    sorted.sort_by_key(|(word, _)| std::cmp::Reverse(rows(word)));
    sorted
}

fn word_cells(name: &str, word: &str, notes: &WordNotes) -> [String; 2] {
    match notes.get(&(name.to_owned(), word.to_owned())) {
        Some((rows, why)) => [rows.to_string(), why.clone()],
        None => [String::new(), String::new()],
    }
}

fn meaning_cell(meaning: &str, wording: Wording) -> String {
    if meaning.is_empty() {
        words::blank(wording).to_owned()
    } else {
        suggestion_of(meaning).unwrap_or(meaning).to_owned()
    }
}

fn doubt_cell(meaning: &str, doubt: &str) -> String {
    suggestion_of(meaning).map_or_else(String::new, |_| doubt.to_owned())
}

/// Returns the word of a setting that is one of a few values; nothing where it is not set.
fn value_cell(key: &str, value: Option<impl serde::Serialize>, wording: Wording) -> String {
    let json = value.and_then(|value| serde_json::to_value(value).ok());
    let text = json.as_ref().and_then(serde_json::Value::as_str);
    text.map_or_else(String::new, |text| {
        words::word_for(key, text, wording).to_owned()
    })
}

fn column_cell(key: &str, note: &ColumnNote, column: &ColumnForm, wording: Wording) -> String {
    let between = wording.pick("；", "; ");
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let switch = |is_on: bool| {
        let on = is_on.then(|| words::on(wording).to_owned());
        on.unwrap_or_default()
    };
    match key {
        "letters" => note.letters.clone(),
        "header" => note.header.clone(),
        "sample" => note.sample.clone(),
        "confidence" => note.confidence.clone(),
        "note" => note.note.clone(),
        "field" => text(&column.field),
        "doubt" => text(&column.doubt),
        "default" => text(&column.default),
        "format" => text(&column.format),
        "lookup" => text(&column.lookup),
        "ignore" => switch(column.ignore),
        "key" => switch(column.key),
        "split" => words::separators(&column.split, wording),
        "blank" => column.blank.join(between),
        "transform" => {
            let all = column.transform.iter();
            let all = all.map(|change| words::transform_word(change, wording));
            all.collect::<Vec<_>>().join(between)
        }
        "decimal" => value_cell(key, column.decimal, wording),
        "overwrite" => value_cell(key, column.overwrite, wording),
        "list" => value_cell(key, column.list, wording),
        "send" => value_cell(key, column.send, wording),
        "shape" => value_cell(key, column.shape, wording),
        "kind" => value_cell(key, column.kind, wording),
        _ => String::new(),
    }
}

fn settings(form: &MappingForm, wording: Wording) -> Vec<Vec<String>> {
    let between = wording.pick("；", "; ");
    let rows = [
        ("sheet", form.sheet.clone()),
        ("header_row", form.header_row.map(|rows| rows.to_string())),
        (
            "ignore_unmapped",
            form.ignore_unmapped.then(|| words::on(wording).to_owned()),
        ),
        ("blank", Some(form.blank.join(between))),
        ("owners", form.owners.clone()),
        ("merge_rows", Some(form.merge_rows.join(between))),
    ];
    rows.into_iter()
        .map(|(key, value)| {
            vec![
                word_of(words::SETTING_ROWS, key, wording).to_owned(),
                value.unwrap_or_default(),
            ]
        })
        .collect()
}
