//! A header row, the fields and a mapping become columns.
//!
//! Every doubt is an error before anything is sent, and all errors are reported at once.

use std::collections::HashMap;

use super::columns::{Columns, Constant, SourceColumn, Target, place_key};
use super::file::Mapping;
use super::form::ColumnForm;
use super::header::{
    FerryColumn, Match, likely_labels, match_field, match_header, nearest_labels, normalise,
};
use super::places::nearest;
use super::rule::{self, ColumnRule};
use super::synonyms::LEFT_OUT;
use crate::model::{Cell, Code, Fact, FieldStatus, Problem, Row, Schema, column_letters};

/// The result of reading a header.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Resolved {
    /// Its columns.
    pub columns: Columns,
    /// Notices for the person, such as columns that are left out.
    pub notices: Vec<Problem>,
}

/// How a header is read.
#[derive(Debug, Clone, Copy, Default)]
pub struct HeaderOptions<'a> {
    /// Whether columns that match nothing are left out.
    pub ignore_unmapped: bool,
    /// The mapping that was given.
    pub mapping: Option<&'a Mapping>,
    /// The sheet's name; empty for CSV.
    pub sheet: &'a str,
    /// Whether the sheet is an export that comes back. Such a sheet also shows fields that cannot be written any more.
    pub is_export: bool,
    /// Columns whose header matches no field and whose cells leave no doubt, each with the field as a mapping names it.
    pub certain: &'a [(u32, String)],
}

/// Reads a header row. Errors must be corrected before anything is sent; notices are shown.
pub fn resolve(
    header: &Row,
    schema: &Schema,
    options: HeaderOptions<'_>,
) -> Result<Resolved, Vec<Problem>> {
    let mut resolver = Resolver {
        header,
        schema,
        options,
        errors: Vec::new(),
        resolved: Resolved::default(),
        ignored: Vec::new(),
        taken: HashMap::new(),
        used: Vec::new(),
    };
    for cell in &header.cells {
        resolver.read_cell(cell);
    }
    resolver.read_letters();
    resolver.read_constants();
    resolver.read_merge();
    let Resolver {
        errors,
        mut resolved,
        ignored,
        ..
    } = resolver;
    if !errors.is_empty() {
        return Err(errors);
    }
    resolved
        .notices
        .extend(certain_notice(&resolved.columns, options.certain, schema));
    resolved.columns.ignore_unmapped = options.ignore_unmapped;
    resolved.columns.width = header.ragged;
    resolved.columns.is_ours = options.is_export || resolved.columns.is_result();
    let left_out = notices(&resolved.columns, &ignored);
    resolved.notices.extend(left_out);
    Ok(resolved)
}

struct Resolver<'a> {
    header: &'a Row,
    schema: &'a Schema,
    options: HeaderOptions<'a>,
    errors: Vec<Problem>,
    resolved: Resolved,
    ignored: Vec<String>,
    taken: HashMap<String, (u32, String)>,
    /// The entries of the mapping that name a column of this header.
    used: Vec<String>,
}

impl Resolver<'_> {
    fn read_cell(&mut self, cell: &Cell) {
        let letters = column_letters(cell.column);
        let entry = self
            .options
            .mapping
            .and_then(|mapping| mapping.entry_of(&letters, &cell.text));
        let Some((name, form)) = entry else {
            let target = self.by_header(cell);
            self.add(cell.column, &cell.text, target, None);
            return;
        };
        if self.used.iter().any(|used| used == name) {
            self.header_twice(cell, name);
            return;
        }
        self.used.push(name.to_owned());
        let target = if form.ignore {
            Target::Ignored
        } else if let Some(field) = &form.field {
            let target = self.by_mapping(name, field);
            self.say_which_won(cell, &target);
            target
        } else {
            self.by_header(cell)
        };
        self.add(cell.column, &cell.text, target, Some((name, form)));
    }

    /// Adds the columns that the mapping names by their letters and that have no header.
    fn read_letters(&mut self) {
        let Some(mapping) = self.options.mapping else {
            return;
        };
        for (name, form) in &mapping.form.columns {
            let column = name.strip_prefix('@').and_then(column_of_letters);
            let (Some(column), false) = (column, self.used.contains(name)) else {
                continue;
            };
            if self.header.cell(column).is_some() {
                // Another entry names the column by its header.
                continue;
            }
            self.used.push(name.clone());
            let target = match &form.field {
                Some(field) if !form.ignore => self.by_mapping(name, field),
                _ => Target::Ignored,
            };
            self.add(column, name, target, Some((name, form)));
        }
        let columns = &mut self.resolved.columns.columns;
        columns.sort_by_key(|column| column.column);
    }

    fn read_constants(&mut self) {
        let Some(mapping) = self.options.mapping else {
            return;
        };
        for (field, text) in &mapping.form.constants {
            let path = ["constants", field.as_str()];
            let target = self.target_of(&path, field);
            let named = mapping
                .places
                .problem_of(Code::MappingBadValue, &path)
                .with("key", field)
                .with("value", text);
            if text.contains("{sheet}") && self.options.sheet.is_empty() {
                self.errors
                    .push(named.with("expected", "XLSX: a CSV file has no sheet's name"));
                continue;
            }
            if target.place().is_none() {
                if target == Target::Id {
                    self.errors.push(named.with("expected", "a field"));
                }
                continue;
            }
            let place = place_key(&target).unwrap_or_default();
            if let Some((_, header)) = self.taken.get(&place) {
                let twice = mapping.places.problem_of(Code::MappingTwice, &path);
                self.errors.push(
                    twice
                        .with("key", "constants")
                        .with("field", field)
                        .with("other", header)
                        .with("value", text),
                );
                continue;
            }
            self.resolved.columns.constants.push(Constant {
                target,
                text: text.replace("{sheet}", self.options.sheet),
            });
        }
    }

    /// Returns the label of the field that a place key belongs to; the key where the account does not have the field.
    fn label_of(&self, place: &str) -> String {
        let key = place.split('#').next().unwrap_or_default();
        let field = self.schema.field(key);
        field.map_or_else(|| key.to_owned(), |field| field.label.clone())
    }

    fn read_merge(&mut self) {
        let Some(mapping) = self.options.mapping else {
            return;
        };
        for name in &mapping.form.merge_rows {
            let wanted = normalise(name);
            let mut cells = self.header.cells.iter();
            let named = cells.find(|cell| normalise(&cell.text) == wanted);
            let column = named
                .map(|cell| cell.column)
                .or_else(|| name.strip_prefix('@').and_then(column_of_letters));
            if let Some(column) = column {
                self.resolved.columns.merge.push(column);
                continue;
            }
            let headers = self.header.cells.iter().map(|cell| cell.text.as_str());
            if mapping.is_recalled() {
                continue;
            }
            let problem = mapping
                .places
                .problem_of(Code::MappingNoSuchHeader, &["merge_rows"])
                .with("value", name)
                .with("nearest", nearest(name, headers).join(", "));
            self.errors.push(problem);
        }
    }

    fn add(
        &mut self,
        column: u32,
        header: &str,
        target: Target,
        entry: Option<(&str, &ColumnForm)>,
    ) {
        if let Some(place) = place_key(&target) {
            if let Some((other_column, other)) = self.taken.get(&place) {
                self.errors.push(
                    Problem::new(Code::TwoColumnsOneField)
                        .at(column)
                        .with("header", header)
                        .with("column", column_letters(column))
                        .with("other", other.as_str())
                        .with("other_column", column_letters(*other_column))
                        .with("field", self.label_of(&place)),
                );
            } else {
                self.taken.insert(place, (column, header.to_owned()));
            }
        }
        let field = target
            .place()
            .and_then(|(key, _)| self.schema.field(key.as_str()));
        let rule = match (self.options.mapping, field) {
            (Some(mapping), Some(field)) => rule::compile(mapping, entry, field, &mut self.errors),
            _ => ColumnRule::default(),
        };
        self.resolved.columns.columns.push(SourceColumn {
            column,
            header: header.to_owned(),
            target,
            rule,
        });
    }

    /// Returns the meaning that the mapping gives a column.
    fn by_mapping(&mut self, name: &str, field: &str) -> Target {
        self.target_of(&["columns", name, "field"], field)
    }

    fn target_of(&mut self, path: &[&str], text: &str) -> Target {
        let Some(mapping) = self.options.mapping else {
            return Target::Ignored;
        };
        let problem = |code| mapping.places.problem_of(code, path).with("value", text);
        let key = |position: usize| self.schema.fields.get(position);
        let error = match match_field(text, self.schema) {
            Some(Match::Id) => return Target::Id,
            Some(Match::Field(position, slot)) => match key(position) {
                Some(field) if field.read_only => {
                    problem(Code::MappingServerSet).with("field", &field.label)
                }
                Some(field) if field.status == FieldStatus::Enabled => {
                    return Target::of(&field.key, slot);
                }
                Some(field) => problem(Code::MappingFieldOff).with("field", &field.label),
                None => problem(Code::MappingUnknownField),
            },
            Some(Match::Ambiguous(one, other)) => {
                let keys = [one, other]
                    .map(|position| key(position).map_or("", |field| field.key.as_str()));
                problem(Code::MappingUnknownField).with("nearest", keys.join(", "))
            }
            _ => problem(Code::MappingUnknownField)
                .with("nearest", nearest_labels(text, self.schema).join(", ")),
        };
        self.errors.push(error);
        Target::Ignored
    }

    fn say_which_won(&mut self, cell: &Cell, target: &Target) {
        let Some(Match::Field(position, slot)) = match_header(&cell.text, self.schema) else {
            return;
        };
        let Some(field) = self.schema.fields.get(position) else {
            return;
        };
        let alone = Target::of(&field.key, slot);
        if place_key(&alone) == place_key(target) || place_key(target).is_none() {
            return;
        }
        let name = |target: &Target| match target.place() {
            Some((key, slot)) => {
                let label = self
                    .schema
                    .field(key.as_str())
                    .map_or("", |field| &field.label);
                slot.name(label)
            }
            None => "_id".to_owned(),
        };
        let said = Problem::new(Code::MappingWon)
            .with("column", column_letters(cell.column))
            .with("header", &cell.text)
            .with("field", name(target))
            .with("other", name(&alone));
        self.resolved.notices.push(said);
    }

    fn header_twice(&mut self, cell: &Cell, name: &str) {
        let Some(mapping) = self.options.mapping else {
            return;
        };
        let wanted = normalise(&cell.text);
        let same = self.header.cells.iter();
        let columns: Vec<String> = same
            .filter(|other| normalise(&other.text) == wanted)
            .map(|other| column_letters(other.column))
            .collect();
        let problem = mapping
            .places
            .problem_of(Code::MappingHeaderTwice, &["columns", name])
            .with("value", name)
            .with("columns", columns.join(", "))
            .with("nearest", column_letters(cell.column));
        self.errors.push(problem);
    }

    /// Returns the meaning of a column whose cells leave no doubt.
    fn certain(&self, cell: &Cell) -> Option<Target> {
        let mut certain = self.options.certain.iter();
        let (_, name) = certain.find(|(column, _)| *column == cell.column)?;
        let Some(Match::Field(position, slot)) = match_field(name, self.schema) else {
            return None;
        };
        let field = self.schema.fields.get(position)?;
        Some(Target::of(&field.key, slot))
    }

    /// Returns the meaning that a column's header alone has.
    fn by_header(&mut self, cell: &Cell) -> Target {
        let named = |code: Code| {
            Problem::new(code)
                .at(cell.column)
                .with("header", &cell.text)
                .with("column", column_letters(cell.column))
        };
        let ignore_unmapped = self.options.ignore_unmapped || self.options.is_export;
        let schema = self.schema;
        match match_header(&cell.text, schema) {
            Some(Match::Id) => Target::Id,
            Some(Match::Ferry(FerryColumn::Status)) => Target::Status,
            Some(Match::Ferry(FerryColumn::Job)) => Target::Job,
            Some(Match::Ferry(FerryColumn::Row)) => Target::Row,
            Some(Match::Ferry(FerryColumn::Other)) if is_ours(&cell.text) => Target::Ferry,
            Some(Match::Ferry(FerryColumn::Other)) => Target::Ignored,
            Some(Match::Ambiguous(one, other)) => {
                let key = |position: usize| {
                    schema
                        .fields
                        .get(position)
                        .map_or("", |field| field.key.as_str())
                };
                self.errors.push(
                    named(Code::AmbiguousHeader)
                        .with("keys", format!("{}, {}", key(one), key(other))),
                );
                Target::Ignored
            }
            Some(Match::Field(position, slot)) => match schema.fields.get(position) {
                Some(field) if field.status == FieldStatus::Disabled && !ignore_unmapped => {
                    self.errors
                        .push(named(Code::FieldDisabled).with("field", &field.label));
                    Target::Ignored
                }
                Some(field) if field.status == FieldStatus::Deleted && !ignore_unmapped => {
                    self.errors
                        .push(named(Code::FieldDeleted).with("field", &field.label));
                    Target::Ignored
                }
                Some(field) if field.status != FieldStatus::Enabled => {
                    self.ignored.push(cell.text.clone());
                    Target::Ignored
                }
                Some(field) if field.read_only => Target::ServerSet(field.key.clone()),
                Some(field) => Target::of(&field.key, slot),
                None => Target::Ignored,
            },
            None if self.certain(cell).is_some() => self.certain(cell).unwrap_or(Target::Ignored),
            None if ignore_unmapped || LEFT_OUT.contains(&normalise(&cell.text).as_str()) => {
                self.ignored.push(cell.text.clone());
                Target::Ignored
            }
            None => {
                let likely = likely_labels(&cell.text, schema);
                self.errors.push(
                    named(Code::UnknownColumns)
                        .with("nearest", Fact::list(likely.iter().map(String::as_str))),
                );
                Target::Ignored
            }
        }
    }
}

/// Returns whether a field, as a mapping writes it, is the field and place of a target.
pub fn names_target(text: &str, schema: &Schema, target: &Target) -> bool {
    let Some(Match::Field(position, slot)) = match_field(text, schema) else {
        return false;
    };
    let field = schema.fields.get(position);
    field.is_some_and(|field| Target::of(&field.key, slot) == *target)
}

/// Reads the letters of a column; returns its 0-based number.
fn column_of_letters(letters: &str) -> Option<u32> {
    let mut column = 0_u32;
    for letter in letters.bytes() {
        let digit = letter.to_ascii_uppercase();
        if !digit.is_ascii_uppercase() || column > 16_384 {
            return None;
        }
        column = column * 26 + u32::from(digit - b'A') + 1;
    }
    column.checked_sub(1).filter(|column| *column < 16_384)
}

/// Returns whether ferry writes columns under a header.
pub(super) fn is_ferry_header(header: &str) -> bool {
    matches!(header.trim(), "_id" | "_status" | "_job" | "_row") || is_ours(header)
}

/// Returns whether a header that starts with `_` is one of a result sheet's or of a sheet of duplicates, and not
/// somebody's own.
fn is_ours(header: &str) -> bool {
    const OURS: &[&str] = &[
        "_result",
        "_结果",
        "_action",
        "_error_code",
        "_error",
        "_tip",
        "_sent_at",
        "_group",
        "_keep",
        "_matched_by",
    ];
    OURS.contains(&header.trim())
}

/// Returns the notice about columns that are read by their cells.
fn certain_notice(
    columns: &Columns,
    certain: &[(u32, String)],
    schema: &Schema,
) -> Option<Problem> {
    let read = columns.columns.iter().filter_map(|column| {
        if match_header(&column.header, schema).is_some() {
            return None;
        }
        let (_, name) = certain.iter().find(|(known, _)| *known == column.column)?;
        Some(format!("{} → {name}", column.header))
    });
    let read: Vec<String> = read.collect();
    let said = Problem::new(Code::CertainColumns).with("headers", listed(&read));
    (!read.is_empty()).then_some(said)
}

fn listed(headers: &[String]) -> Fact {
    Fact::list(headers.iter().map(String::as_str))
}

fn notices(columns: &Columns, ignored: &[String]) -> Vec<Problem> {
    let mut notices = Vec::new();
    if !ignored.is_empty() {
        notices.push(Problem::new(Code::IgnoredColumns).with("headers", listed(ignored)));
    }
    let server_set: Vec<&str> = columns
        .columns
        .iter()
        .filter(|column| matches!(column.target, Target::ServerSet(_)))
        .map(|column| column.header.as_str())
        .collect();
    if !server_set.is_empty() && !columns.has_id() {
        notices.push(Problem::new(Code::ServerSetColumn).with("headers", Fact::list(server_set)));
    }
    notices
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn header(texts: &[&str]) -> Row {
        Row::of_texts(1, texts.iter().copied())
    }

    fn codes(texts: &[&str]) -> Vec<Code> {
        let schema = Schema::new(&[], &BTreeMap::new());
        match resolve(&header(texts), &schema, HeaderOptions::default()) {
            Ok(Resolved { notices, .. }) => notices.iter().map(|notice| notice.code).collect(),
            Err(errors) => errors.iter().map(|error| error.code).collect(),
        }
    }

    #[test]
    fn doubts_are_errors() {
        assert_eq!(codes(&["客户名称", "手机", "手机2", "手机.备注"]), []);
        assert_eq!(
            codes(&["客户名称", "手机", "手机号码"]),
            [Code::TwoColumnsOneField]
        );
        assert_eq!(codes(&["手机", "手机1"]), [Code::TwoColumnsOneField]);
        assert_eq!(codes(&["客户名称", "幸运数字"]), [Code::UnknownColumns]);
        assert_eq!(codes(&["客户名称", "序号"]), [Code::IgnoredColumns]);
        assert_eq!(codes(&["客户名称", "创建时间"]), [Code::ServerSetColumn]);
        assert_eq!(codes(&["_id", "客户名称", "创建时间"]), []);
    }
}
