//! A mapping file: read with the look-up files that it names, and checked against the fields and the sheets.
//!
//! Once a job has decided its rows, no mapping file is read again: `job.json` holds the meaning of each column.

use std::path::Path;
use std::sync::Arc;

use crate::check::{Checker, Intent};
use crate::job::error::JobError;
use crate::job::spec::{SheetOptions, SheetPlan};
use crate::lang::Lang;
use crate::mapping::{KeyPlaces, LookupTable, Mapping, MappingForm, OWNERS, Target};
use crate::model::{
    CellKind, CellNotes, Code, Draft, Fact, Origin, Part, Phrase, Problem, Row, RowNumber, Saying,
    Schema, Slot, path_with_escape,
};
use crate::table::{ReadOptions, Workbook};
use crate::{lang, mapping};

/// Reads a mapping file, `.xlsx` or TOML, and the look-up files it names.
pub fn load_mapping(path: &Path) -> Result<Arc<Mapping>, JobError> {
    let folder = path.parent().unwrap_or_else(|| Path::new(""));
    completed(read_mapping(path)?, folder)
}

/// Returns the mapping that a person has made on the page. Fails where something in it is undecided or has no meaning.
pub fn made_mapping(form: MappingForm) -> Result<Arc<Mapping>, JobError> {
    completed(Mapping::new(form, KeyPlaces::named()), Path::new(""))
}

/// Adds the look-up files that a mapping names, relative to a folder.
fn completed(mut mapping: Mapping, folder: &Path) -> Result<Arc<Mapping>, JobError> {
    let mut problems = mapping.faults();
    let mut lookups: Vec<(String, LookupTable)> = Vec::new();
    for (place, file) in mapping.lookup_files() {
        if lookups.iter().any(|(name, _)| name == file) {
            continue;
        }
        match read_lookup(&folder.join(file), file, LookupTable::add_row) {
            Ok(lookup) => lookups.push((file.to_owned(), lookup)),
            Err(problem) => problems.push(placed(&mapping, &place, problem)),
        }
    }
    match owners(&mapping, folder) {
        Ok(Some(owners)) => lookups.push((OWNERS.to_owned(), owners)),
        Ok(None) => {}
        Err(problem) => problems.push(placed(&mapping, &["owners"], problem)),
    }
    if !problems.is_empty() {
        return Err(JobError::Input(problems));
    }
    for (name, lookup) in lookups {
        mapping.attach(&name, lookup);
    }
    Ok(Arc::new(mapping))
}

/// Reads a mapping file that is to be gone on from: it may hold doubts, and its look-up files are not read.
pub fn read_draft(path: &Path) -> Result<Arc<Mapping>, JobError> {
    Ok(Arc::new(read_mapping(path)?))
}

/// Reads a look-up file of owners: names and ids.
pub(super) fn read_owners(path: &Path) -> Result<LookupTable, JobError> {
    let name = path.display().to_string();
    read_lookup(path, &name, LookupTable::add_owner_row)
        .map_err(|problem| JobError::Input(vec![problem]))
}

/// Reads a mapping file without its look-up files.
fn read_mapping(path: &Path) -> Result<Mapping, JobError> {
    let name = path.file_name().map_or_else(
        || path.display().to_string(),
        |name| name.to_string_lossy().into_owned(),
    );
    if path
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("xlsx"))
    {
        return mapping::parse_book(&name, &read_sheets(path)?).map_err(JobError::Input);
    }
    let text =
        std::fs::read(path).map_err(|error| crate::table::TableError::from_io(path, error))?;
    let text = String::from_utf8(text).map_err(|_| {
        let problem = Problem::new(Code::MappingSyntax)
            .with("place", &name)
            .with("detail", "UTF-8?");
        JobError::Input(vec![problem])
    })?;
    mapping::parse_toml(&name, text.trim_start_matches('\u{feff}')).map_err(JobError::Input)
}

/// Reads all sheets of a mapping workbook, which is small.
fn read_sheets(path: &Path) -> Result<Vec<(String, Vec<Row>)>, JobError> {
    let workbook = Workbook::open(path, &ReadOptions::default())?;
    let mut sheets = Vec::new();
    for (index, sheet) in workbook.sheets().iter().enumerate() {
        let mut reader = workbook.rows(index, 0)?;
        let mut rows = Vec::new();
        while let Some(row) = reader.read_row()? {
            rows.push(row);
        }
        sheets.push((sheet.name.clone(), rows));
    }
    Ok(sheets)
}

/// Returns the owners of the look-up file and of the mapping itself in one table; `None` if the mapping has none.
fn owners(mapping: &Mapping, folder: &Path) -> Result<Option<LookupTable>, Problem> {
    let form = &mapping.form;
    let mut owners = match &form.owners {
        Some(file) => read_lookup(&folder.join(file), file, LookupTable::add_owner_row)?,
        None if form.owner_ids.is_empty() => return Ok(None),
        // A mapping that was made on the page has no file.
        None => LookupTable::new(match mapping.places.file() {
            "" => OWNERS,
            file => file,
        }),
    };
    for (name, id) in &form.owner_ids {
        owners.add(name, id);
    }
    Ok(Some(owners))
}

type AddRow = fn(&mut LookupTable, &Row) -> Result<(), (String, String)>;

fn read_lookup(path: &Path, name: &str, add: AddRow) -> Result<LookupTable, Problem> {
    let wrong = |place: &str, detail: Fact| {
        Problem::new(Code::BadLookup)
            .with("path", name)
            .with("place", place)
            .with("detail", detail)
    };
    let failed = |error: crate::table::TableError| {
        let escaped = path_with_escape(name);
        let escaped = escaped.map(|path| Phrase::new(Saying::ControlInPath).with("value", path));
        wrong(
            "",
            escaped.map_or_else(|| error.to_string().into(), Fact::from),
        )
    };
    let workbook = Workbook::open(path, &ReadOptions::default()).map_err(failed)?;
    let mut rows = workbook.rows(0, 0).map_err(failed)?;
    let mut lookup = LookupTable::new(name);
    while let Some(row) = rows.read_row().map_err(failed)? {
        add(&mut lookup, &row).map_err(|(place, detail)| wrong(&place, detail.into()))?;
    }
    if lookup.is_empty() {
        return Err(wrong("", "no row with two cells".into()));
    }
    Ok(lookup)
}

/// Returns a problem of a look-up file together with the place where the mapping names that file.
fn placed(mapping: &Mapping, path: &[&str], problem: Problem) -> Problem {
    let at = mapping.places.problem_of(problem.code, path);
    let named = [at.fact("place"), problem.fact("path")].map(str::to_owned);
    problem.with("path", named.join(" → "))
}

/// Returns the account's fields, changed as the mapping says, if there is one.
pub(crate) fn schema_for(options: &SheetOptions, schema: Schema) -> Result<Schema, JobError> {
    match &options.mapping {
        Some(mapping) => mapping.schema(&schema).map_err(JobError::Input),
        None => Ok(schema),
    }
}

/// Returns the options of flags and mapping together, for a sheet that ferry wrote of the mapped file: what the mapping
/// says of the file's own sheet and header rows does not count there.
pub(crate) fn options_beside(options: &SheetOptions) -> SheetOptions {
    let mut options = options.clone();
    let mapping = options.mapping.as_deref();
    options.ignore_unmapped |= mapping.is_some_and(|mapping| mapping.form.ignore_unmapped);
    options
}

/// Returns the options of flags and mapping together; flags win.
pub(crate) fn options(options: &SheetOptions) -> SheetOptions {
    let mut options = options.clone();
    let Some(mapping) = options.mapping.clone() else {
        return options;
    };
    let form = &mapping.form;
    if options.sheets.is_empty() {
        options.sheets.extend(form.sheet.clone());
    }
    options.header_row = options.header_row.or(form.header_row);
    options.ignore_unmapped |= form.ignore_unmapped;
    options
}

/// Returns a problem for each default or constant that its field refuses, once and not for every row.
pub(crate) fn wrong_values(
    mapping: &Mapping,
    plans: &[SheetPlan],
    schema: &Schema,
    lang: Lang,
) -> Vec<Problem> {
    let checker = Checker::new(schema);
    let mut problems: Vec<Problem> = Vec::new();
    let mut judge = |target: &Target, text: &str, path: &[&str]| {
        let wrong = judge_value(&checker, schema, target, text);
        problems.extend(wrong.map(|wrong| {
            mapping
                .places
                .problem_of(Code::MappingBadValue, path)
                .with("key", path.last().copied().unwrap_or_default())
                .with("value", text)
                .with("detail", lang::words(&wrong, lang).message)
                .with("expected", lang::words(&wrong, lang).tip)
        }));
    };
    for column in plans.iter().flat_map(|plan| &plan.columns.columns) {
        if let Some(default) = &column.rule.default {
            judge(
                &column.target,
                default,
                &["columns", &column.header, "default"],
            );
        }
    }
    for constant in plans.iter().flat_map(|plan| &plan.columns.constants) {
        let said = mapping.form.constants.keys();
        let key = said
            .map(String::as_str)
            .find(|field| mapping::names_target(field, schema, &constant.target));
        judge(
            &constant.target,
            &constant.text,
            &["constants", key.unwrap_or_default()],
        );
    }
    problems.dedup();
    problems
}

/// Returns the problem of a field with a default or constant.
fn judge_value(checker: &Checker, schema: &Schema, target: &Target, text: &str) -> Option<Problem> {
    let (key, slot) = target.place()?;
    if matches!(slot, Slot::Memo(_) | Slot::Level(_)) {
        // Memos and levels can only be checked together with the rest of their field.
        return None;
    }
    let field = schema.fields.iter().position(|field| field.key == *key)?;
    let draft = Draft {
        number: RowNumber::new(1),
        id: None,
        prior: None,
        parts: vec![Part {
            field,
            slot,
            column: Part::NO_COLUMN,
            text: text.to_owned(),
            kind: CellKind::Text,
            origin: Origin::Constant,
            rule: None,
        }],
        problems: Vec::new(),
        fingerprint: [0; 16],
        merged_into: None,
        merged: Vec::new(),
        notes: CellNotes::default(),
        is_unchanged: false,
    };
    let mut problems = checker.check(&draft, Intent::Add).problems.into_iter();
    problems.find(|problem| problem.code != Code::MissingRequired)
}

#[cfg(test)]
pub(super) mod tests;
