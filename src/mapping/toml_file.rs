//! A mapping from TOML text, with the line and column of every error in it.
//!
//! The text is parsed to spanned values first. Each key is then read by itself, so that one wrong value hides no other
//! error. Only a file without any error is read as a whole.

use toml::Spanned;
use toml::de::{DeTable, DeValue, Deserializer};

use serde::Deserialize as _;

use super::file::Mapping;
use super::form::{COLUMN_KEYS, ColumnForm, MappingForm, TOP_KEYS};
use super::places::{KeyPlaces, nearest, place_in};
use crate::model::{Code, Fact, Problem, Saying, is_about_escape};

/// Reads the text of a mapping file; `file` names the file in messages.
pub fn parse_toml(file: &str, text: &str) -> Result<Mapping, Vec<Problem>> {
    let mut reader = Reader {
        text,
        places: KeyPlaces::new(file),
        problems: Vec::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        reader.syntax(error, 0);
    }
    if errors.is_empty() {
        reader.read_top(table.get_ref());
    }
    if !reader.problems.is_empty() {
        return Err(reader.problems);
    }
    match MappingForm::deserialize(Deserializer::from(table)) {
        Ok(form) => Ok(Mapping::new(form, reader.places)),
        Err(error) => {
            reader.syntax(&error, 0);
            Err(reader.problems)
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    places: KeyPlaces,
    problems: Vec<Problem>,
}

type TomlKey<'i> = Spanned<std::borrow::Cow<'i, str>>;

impl Reader<'_> {
    fn read_top(&mut self, table: &DeTable<'_>) {
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            self.places
                .set(&[name], place_in(self.text, value.span().start));
            if !self.knows(key, TOP_KEYS) {
                continue;
            }
            if let ("columns", DeValue::Table(columns)) = (name, value.get_ref()) {
                self.read_columns(columns);
            } else {
                self.read_inner(&[name], value.get_ref());
                self.read_alone::<MappingForm>(key, value);
            }
        }
    }

    fn read_columns(&mut self, columns: &DeTable<'_>) {
        for (header, column) in columns {
            let header_text = header.get_ref().as_ref();
            let at = place_in(self.text, header.span().start);
            self.places.set(&["columns", header_text], at);
            let DeValue::Table(table) = column.get_ref() else {
                let problem = self
                    .places
                    .problem_of(Code::MappingSyntax, &["columns", header_text]);
                self.problems.push(problem.with(
                    "detail",
                    format!("write [columns.\"{header_text}\"] and below it field = \"…\""),
                ));
                continue;
            };
            for (key, value) in table {
                let name = key.get_ref().as_ref();
                let path = ["columns", header_text, name];
                self.places
                    .set(&path, place_in(self.text, value.span().start));
                self.read_inner(&path, value.get_ref());
                if self.knows(key, COLUMN_KEYS) {
                    self.read_alone::<ColumnForm>(key, value);
                }
            }
        }
    }

    /// Remembers the places of the entries of a table such as `choices`.
    fn read_inner(&mut self, path: &[&str], value: &DeValue<'_>) {
        if let DeValue::Table(table) = value {
            for (key, value) in table {
                let inner: Vec<&str> = path
                    .iter()
                    .copied()
                    .chain([key.get_ref().as_ref()])
                    .collect();
                self.places
                    .set(&inner, place_in(self.text, value.span().start));
            }
        }
    }

    fn knows(&mut self, key: &TomlKey<'_>, known: &[&str]) -> bool {
        let name = key.get_ref().as_ref();
        if known.contains(&name) {
            return true;
        }
        let at = place_in(self.text, key.span().start);
        let problem = self
            .places
            .problem_at(Code::MappingUnknownKey, Some(&at))
            .with("value", name)
            .with("nearest", nearest(name, known.iter().copied()).join(", "))
            .with("choices", known.join(", "));
        self.problems.push(problem);
        false
    }

    /// Reports an error where a value does not have the type that its key wants.
    fn read_alone<T: serde::de::DeserializeOwned>(
        &mut self,
        key: &TomlKey<'_>,
        value: &Spanned<DeValue<'_>>,
    ) {
        let mut alone = DeTable::new();
        alone.insert(key.clone(), value.clone());
        let alone = Spanned::new(value.span(), alone);
        if let Err(error) = T::deserialize(Deserializer::from(alone)) {
            self.syntax(&error, value.span().start);
        }
    }

    fn syntax(&mut self, error: &toml::de::Error, otherwise: usize) {
        let at = place_in(self.text, error.span().map_or(otherwise, |span| span.start));
        let problem = self.places.problem_at(Code::MappingSyntax, Some(&at));
        let detail: Fact = if is_about_escape(error.message()) {
            Saying::EscapeInText.into()
        } else {
            let lines: Vec<&str> = error.message().lines().collect();
            lines.join("; ").into()
        };
        self.problems.push(problem.with("detail", detail));
    }
}
