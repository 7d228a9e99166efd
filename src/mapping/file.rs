//! A mapping file that was read: its content, the place of each key, and the look-up files that it names.
//!
//! A mapping is judged twice: by itself, and then against the fields and the header. Every error shows its place.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::date_format::strftime_of;
use super::form::{ColumnForm, MappingForm, is_undecided};
use super::header::{Match, match_field, match_header};
use super::lookup::{LookupTable, SEEN_OWNERS, is_owner_id};
use super::places::{KeyPlaces, nearest};
use crate::model::{Code, Fact, Field, FieldKey, FieldOverride, Problem, Saying, Schema};

/// The name under which the owners of a mapping are kept among the look-ups.
pub const OWNERS: &str = "owners";

/// A mapping file.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Mapping {
    /// The content.
    pub form: MappingForm,
    /// The place of each key in the file.
    pub places: KeyPlaces,
    /// The look-up tables by name as written; owners are under [`OWNERS`].
    lookups: BTreeMap<String, Arc<LookupTable>>,
    /// Whether it was made of what an earlier job knew. A person may have taken columns out since.
    is_recalled: bool,
}

impl Mapping {
    /// Makes a mapping whose look-up files are not read yet.
    pub fn new(form: MappingForm, places: KeyPlaces) -> Self {
        Self {
            form,
            places,
            lookups: BTreeMap::new(),
            is_recalled: false,
        }
    }

    /// Makes a mapping of what an earlier job knew of its columns. Columns that the sheet does not have any more are no
    /// errors.
    pub fn recalled(form: MappingForm, places: KeyPlaces) -> Self {
        Self {
            is_recalled: true,
            ..Self::new(form, places)
        }
    }

    /// Returns whether it was made of what an earlier job knew.
    pub(super) fn is_recalled(&self) -> bool {
        self.is_recalled
    }

    /// Takes over the owners of another mapping. Where both have a name, the other's id counts: its file may have been
    /// mended since.
    pub fn take_owners(&mut self, other: &Self) {
        if let Some(seen) = other.lookups.get(SEEN_OWNERS) {
            self.lookups
                .insert(SEEN_OWNERS.to_owned(), Arc::clone(seen));
        }
        let Some(theirs) = other.lookups.get(OWNERS) else {
            return;
        };
        let mut owners = LookupTable::clone(theirs);
        for (word, ids) in self
            .lookups
            .get(OWNERS)
            .iter()
            .flat_map(|own| own.entries())
        {
            if !theirs.has(word) {
                for id in ids {
                    owners.add(word, id);
                }
            }
        }
        self.attach(OWNERS, owners);
    }

    /// Returns the look-up files that columns name, each with the path of the key that names it. Owners are not among
    /// them.
    pub fn lookup_files(&self) -> Vec<(Vec<&str>, &str)> {
        let columns = self.form.columns.iter();
        columns
            .filter_map(|(header, column)| {
                let file = column.lookup.as_deref()?;
                Some((vec!["columns", header.as_str(), "lookup"], file))
            })
            .collect()
    }

    /// Keeps a look-up table that was read.
    pub fn attach(&mut self, name: &str, lookup: LookupTable) {
        self.lookups.insert(name.to_owned(), Arc::new(lookup));
    }

    /// Returns whether the mapping says who the owners are.
    pub fn has_owners(&self) -> bool {
        self.lookups.contains_key(OWNERS)
    }

    /// Returns the table in which owners are looked up by name. Where a person has given a table, exports only add what
    /// it says nothing about.
    pub(super) fn owners(&self) -> Option<Arc<LookupTable>> {
        let seen = self.lookups.get(SEEN_OWNERS);
        match (self.lookups.get(OWNERS), seen) {
            (Some(given), Some(seen)) => {
                let mut owners = LookupTable::clone(given);
                owners.fill_from(seen);
                Some(Arc::new(owners))
            }
            (given, seen) => given.or(seen).cloned(),
        }
    }

    /// Returns a look-up table by its name as written.
    pub(super) fn lookup(&self, name: &str) -> Option<&Arc<LookupTable>> {
        self.lookups.get(name)
    }

    /// Returns the faults that show without fields or sheet: undecided entries and values that have no meaning. In the
    /// order of the file.
    pub fn faults(&self) -> Vec<Problem> {
        let mut faults: Vec<(Vec<&str>, Problem)> = Vec::new();
        let undecided = |path: &[&str], value: &str, detail: &str| {
            self.places
                .problem_of(Code::MappingUndecided, path)
                .with("value", value)
                .with("detail", detail)
        };
        let bad = |path: &[&str], value: &str, expected: Fact| {
            self.places
                .problem_of(Code::MappingBadValue, path)
                .with("key", path.last().copied().unwrap_or_default())
                .with("value", value)
                .with("expected", expected)
        };
        for (header, column) in &self.form.columns {
            let path = |key| vec!["columns", header.as_str(), key];
            if let Some(doubt) = &column.doubt {
                faults.push((path("doubt"), undecided(&path("doubt"), header, doubt)));
            }
            for (key, value) in [("field", &column.field), ("default", &column.default)] {
                if value.as_deref().is_some_and(is_undecided) {
                    faults.push((path(key), undecided(&path(key), header, key)));
                }
            }
            if let (true, Some(field)) = (column.ignore, &column.field) {
                let fault = self
                    .places
                    .problem_of(Code::MappingIgnoredField, &path("ignore"))
                    .with("value", header)
                    .with("field", field);
                faults.push((path("ignore"), fault));
            }
            for (word, meaning) in &column.choices {
                if is_undecided(meaning) {
                    let path = vec!["columns", header.as_str(), "choices", word.as_str()];
                    let fault = undecided(&path, word, header);
                    faults.push((path, fault));
                }
            }
            if let Some(format) = &column.format
                && strftime_of(format).is_none()
            {
                let fault = bad(
                    &path("format"),
                    format,
                    "yyyy年M月d日, dd/MM/yyyy, %d/%m/%Y".into(),
                );
                faults.push((path("format"), fault));
            }
            for separator in &column.split {
                if separator.chars().count() != 1 {
                    let fault = bad(&path("split"), separator, "\"/\", \"、\", \" \"".into());
                    faults.push((path("split"), fault));
                }
            }
        }
        for (name, id) in &self.form.owner_ids {
            let path = vec!["owner_ids", name.as_str()];
            if is_undecided(id) {
                let fault = undecided(&path, name, "");
                faults.push((path, fault));
            } else if !id.trim().is_empty() && !is_owner_id(id) {
                let fault = bad(&path, id, Saying::OwnerIdOrNobody.into());
                faults.push((path, fault));
            }
        }
        for header in self
            .form
            .merge_rows
            .iter()
            .filter(|name| is_undecided(name))
        {
            let path = vec!["merge_rows"];
            let fault = undecided(&path, header, self.places.setting("merge_rows"));
            faults.push((path, fault));
        }
        for (field, value) in &self.form.constants {
            let path = vec!["constants", field.as_str()];
            if is_undecided(value) {
                let fault = undecided(&path, field, "");
                faults.push((path, fault));
            }
        }
        faults.sort_by_cached_key(|(path, _)| self.places.order(path));
        faults.into_iter().map(|(_, fault)| fault).collect()
    }

    /// Returns the account's fields with the mapping's settings of single fields: kind, send, shape, list, overwrite.
    pub fn schema(&self, schema: &Schema) -> Result<Schema, Vec<Problem>> {
        let mut changed = schema.clone();
        let mut said: BTreeMap<(FieldKey, &str), String> = BTreeMap::new();
        let mut problems = Vec::new();
        for (header, column) in &self.form.columns {
            let settings = settings_of(column);
            if settings.is_empty() || column.ignore {
                continue;
            }
            // An unknown field is an error of the column, which `resolve` reports.
            let Some(field) = base_field(header, column, schema) else {
                continue;
            };
            for (name, value) in settings {
                let key = (field.key.clone(), name);
                match said.get(&key) {
                    Some(other) if *other != value => problems.push(
                        self.places
                            .problem_of(Code::MappingTwice, &["columns", header, name])
                            .with("key", name)
                            .with("field", &field.label)
                            .with("other", other)
                            .with("value", value),
                    ),
                    _ => {
                        said.insert(key, value);
                    }
                }
            }
            let setting = FieldOverride {
                kind: column.kind,
                send: column.send,
                shape: column.shape,
            };
            changed.set(&field.key, &setting);
            let changed = changed
                .fields
                .iter_mut()
                .find(|changed| changed.key == field.key);
            if let Some(changed) = changed {
                changed.list = column.list.unwrap_or(changed.list);
                changed.overwrite = column.overwrite.or(changed.overwrite);
            }
        }
        if problems.is_empty() {
            Ok(changed)
        } else {
            Err(problems)
        }
    }

    /// Returns the entry of a column: by its exact header, by its letters, or by its header in any case and width.
    pub(super) fn entry_of(&self, letters: &str, header: &str) -> Option<(&str, &ColumnForm)> {
        let columns = &self.form.columns;
        let exact = columns
            .get_key_value(header.trim())
            .or_else(|| columns.get_key_value(&format!("@{letters}")));
        let wanted = super::header::normalise(header);
        let (name, form) = exact.or_else(|| {
            columns
                .iter()
                .find(|(name, _)| super::header::normalise(name) == wanted)
        })?;
        Some((name.as_str(), form))
    }

    /// Returns how many cells of a row the mapping names by their headers.
    pub fn named_cells(&self, row: &crate::model::Row) -> usize {
        row.cells
            .iter()
            .filter(|cell| self.entry_of("", &cell.text).is_some())
            .count()
    }

    /// Returns an error for each entry that no sheet has a column for. `headers` are those of all sheets. Entries by
    /// letters need no header.
    pub fn unused(&self, headers: &[String]) -> Vec<Problem> {
        if self.is_recalled {
            return Vec::new();
        }
        let used: Vec<&str> = headers
            .iter()
            .filter_map(|header| self.entry_of("", header))
            .map(|(name, _)| name)
            .collect();
        let missing = self
            .form
            .columns
            .keys()
            .filter(|name| !name.starts_with('@') && !used.contains(&name.as_str()));
        let mut problems: Vec<(_, Problem)> = missing
            .map(|name| {
                let path = ["columns", name.as_str()];
                let near = nearest(name, headers.iter().map(String::as_str));
                let problem = self
                    .places
                    .problem_of(Code::MappingNoSuchHeader, &path)
                    .with("value", name)
                    .with("nearest", near.join(", "));
                (self.places.order(&path), problem)
            })
            .collect();
        problems.sort_by(|one, other| one.0.cmp(&other.0));
        problems.into_iter().map(|(_, problem)| problem).collect()
    }
}

/// Returns the field that a column feeds, whatever the place in the field.
fn base_field<'a>(header: &str, column: &ColumnForm, schema: &'a Schema) -> Option<&'a Field> {
    let found = match &column.field {
        Some(field) => match_field(field, schema).or_else(|| {
            // The place may fit only the kind that the mapping gives the field.
            let base = field.split('.').next().unwrap_or_default();
            match_field(base, schema)
        }),
        None => match_header(header, schema),
    };
    match found? {
        Match::Field(position, _) => schema.fields.get(position),
        _ => None,
    }
}

/// Returns the settings that a column makes for its whole field, in the words of the file.
fn settings_of(column: &ColumnForm) -> Vec<(&'static str, String)> {
    fn word(value: impl serde::Serialize) -> Option<String> {
        serde_json::to_value(value)
            .ok()?
            .as_str()
            .map(str::to_owned)
    }
    [
        ("kind", column.kind.and_then(word)),
        ("send", column.send.and_then(word)),
        ("shape", column.shape.and_then(word)),
        ("list", column.list.and_then(word)),
        ("overwrite", column.overwrite.and_then(word)),
    ]
    .into_iter()
    .filter_map(|(name, value)| Some((name, value?)))
    .collect()
}
