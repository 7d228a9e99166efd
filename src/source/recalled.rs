//! The mapping that a result sheet remembers: it comes back without `--map`.
//!
//! The hidden sheet names the job, and the job's folder holds the meaning of every column, with words, owners and
//! formats. Where the job is not in this state folder, the hidden sheet itself still says which field each column
//! feeds. Rules for cells are then lost, and a sheet that had any is refused: read without them, its cells would mean
//! something else. The sheet of a check has no job: there the hidden sheet holds the mapping itself.
//!
//! A CSV file has no hidden sheet. There `_job` names the job of each row. Where that job is not in this state folder,
//! nothing says whether there was a mapping: the columns are read by their headers, and that is said.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::Arc;

use crate::job::error::JobError;
use crate::job::spec::{JobSpec, SheetOptions, SheetPlan, load_lookups};
use crate::journal::StateFolder;
use crate::mapping::{
    self, ColumnForm, KeyPlaces, LookupTable, Mapping, MappingForm, Match, OWNERS, SEEN_OWNERS,
    SourceColumn, Target,
};
use crate::model::{Code, Fact, Field, FieldStatus, JobId, Kind, Monitor, Problem, Schema, Slot};
use crate::source::ferry_sheet::{FerrySheet, FieldColumn, WorkbookKind};
use crate::source::kept_mapping::KeptMapping;
use crate::table::Workbook;

/// Returns the options with the mapping that a result sheet remembers, and says so. They stay as they are where a
/// mapping was typed, where the workbook is no result sheet of the account, and where its headers alone say the same.
/// Fails where the sheet had rules for cells and its job is not known here.
pub(crate) fn with_mapping(
    options: &SheetOptions,
    workbook: &Workbook,
    state: Option<&StateFolder>,
    account: Option<&str>,
    schema: &Schema,
    monitor: &dyn Monitor,
) -> Result<SheetOptions, JobError> {
    let options = options.clone();
    let typed = options.mapping.as_ref();
    if typed.is_some_and(|mapping| mapping.form != MappingForm::default()) {
        return Ok(options);
    }
    let Some(sheet) = FerrySheet::read(workbook)? else {
        let here = Here { state, account };
        let recalled = of_rows(workbook, &here, schema, monitor)?;
        return Ok(options_with(options, recalled));
    };
    let is_result = matches!(sheet.kind, Some(WorkbookKind::Result | WorkbookKind::Check));
    let is_foreign = (sheet.account.as_deref().zip(account)).is_some_and(|(its, ours)| its != ours);
    if !is_result || is_foreign {
        return Ok(options);
    }
    let known = state.and_then(|state| known_job(state, &sheet.job));
    let recalled = match &known {
        Some((spec, lookups)) => of_job(spec, lookups, schema),
        None if sheet.mapping.is_some() => sheet.mapping.clone().map(KeptMapping::into_mapping),
        None if sheet.has_rules => {
            let problem = Problem::new(Code::MappingForgotten).with("job", sheet.job.as_str());
            return Err(JobError::Input(vec![problem]));
        }
        None => of_sheet(&sheet, schema),
    };
    if recalled.is_some() {
        monitor.notice(&Problem::new(Code::MappingRecalled).with("job", sheet.job.as_str()));
    }
    Ok(options_with(options, recalled))
}

/// Returns the options with a mapping that was recalled, if there is one, and the owners of the typed one.
fn options_with(mut options: SheetOptions, recalled: Option<Mapping>) -> SheetOptions {
    if let Some(mut mapping) = recalled {
        if let Some(typed) = &options.mapping {
            mapping.take_owners(typed);
        }
        options.mapping = Some(Arc::new(mapping));
    }
    options
}

/// What is known where the sheet comes back: the jobs of this computer, and the key of the account.
struct Here<'a> {
    state: Option<&'a StateFolder>,
    account: Option<&'a str>,
}

/// Returns the mapping of the jobs that a result sheet without a hidden sheet names in `_job`, and says so. `None`
/// where the headers alone say the same, where the file is no result sheet, and for rows of another account, which are
/// refused later. Fails where the jobs had different mappings.
fn of_rows(
    workbook: &Workbook,
    here: &Here<'_>,
    schema: &Schema,
    monitor: &dyn Monitor,
) -> Result<Option<Mapping>, JobError> {
    let Some(state) = here.state else {
        return Ok(None);
    };
    let mut unknown: Vec<String> = Vec::new();
    let mut known: Vec<(String, Option<Mapping>)> = Vec::new();
    for job in named_jobs(workbook)? {
        match known_job(state, &job) {
            Some((spec, _)) if here.account.is_some_and(|its| its != spec.account.key) => {
                return Ok(None);
            }
            Some((spec, lookups)) => known.push((job, of_job(&spec, &lookups, schema))),
            None => unknown.push(job),
        }
    }
    let all = |jobs: Vec<String>| Fact::list(jobs.iter().map(String::as_str));
    if !unknown.is_empty() {
        monitor.notice(&Problem::new(Code::MappingUnsaid).with("jobs", all(unknown)));
    }
    // Names of jobs begin with their time, so the last is the newest.
    let mut recalled: Option<Option<Mapping>> = None;
    let mut jobs = Vec::new();
    for (job, its) in known {
        jobs.push(job);
        recalled = Some(match (recalled, its) {
            (None, its) => its,
            (Some(None), None) => None,
            (Some(Some(mut older)), Some(newer)) if older.form == newer.form => {
                older.take_owners(&newer);
                Some(older)
            }
            _ => {
                let differ = Problem::new(Code::MappingsDiffer).with("jobs", all(jobs));
                return Err(JobError::Input(vec![differ]));
            }
        });
    }
    let recalled = recalled.flatten();
    if recalled.is_some() {
        monitor.notice(&Problem::new(Code::MappingRecalled).with("job", all(jobs)));
    }
    Ok(recalled)
}

/// Returns the jobs that the rows of a result sheet name, in the order of their names; none for any other file.
fn named_jobs(workbook: &Workbook) -> Result<BTreeSet<String>, JobError> {
    let mut jobs = BTreeSet::new();
    let mut rows = workbook.rows(0, 0)?;
    let Some(header) = rows.read_row()? else {
        return Ok(jobs);
    };
    let place_of = |name: &str| {
        let mut cells = header.cells.iter();
        cells
            .find(|cell| cell.text.trim() == name)
            .map(|cell| cell.column)
    };
    let (Some(column), Some(_), Some(_)) =
        (place_of("_job"), place_of("_status"), place_of("_row"))
    else {
        return Ok(jobs);
    };
    while let Some(row) = rows.read_row()? {
        let job = row.cell(column).map_or("", |cell| cell.text.trim());
        if !job.is_empty() && !jobs.contains(job) {
            jobs.insert(job.to_owned());
        }
    }
    Ok(jobs)
}

/// Returns the job of a result sheet, with the words of its look-up files; `None` if it is not in this state folder.
fn known_job(state: &StateFolder, job: &str) -> Option<(JobSpec, BTreeMap<String, LookupTable>)> {
    let folder = state.job(&JobId::parse(job).ok()?).ok()?;
    let spec = JobSpec::load(&folder).ok()?;
    let lookups = load_lookups(&folder).ok()?;
    Some((spec, lookups))
}

/// Makes a mapping of the columns of a job; `None` where the headers alone say the same.
fn of_job(
    spec: &JobSpec,
    lookups: &BTreeMap<String, LookupTable>,
    schema: &Schema,
) -> Option<Mapping> {
    let kept = of_columns(&spec.sheets, &spec.schema, lookups, schema)?;
    let mut mapping = Mapping::recalled(kept.form, KeyPlaces::new(spec.id.as_str()));
    for (name, lookup) in kept.lookups {
        mapping.attach(&name, lookup);
    }
    Some(mapping)
}

/// Returns the mapping of the sheets of a check, for the sheet that it writes: no job keeps it. `was` are the fields as
/// the check had them; `None` where the headers alone say the same.
pub(crate) fn of_check(sheets: &[SheetPlan], was: &Schema, schema: &Schema) -> Option<KeptMapping> {
    let columns = sheets.iter().flat_map(|sheet| &sheet.columns.columns);
    let lookups = columns.filter_map(|column| column.rule.lookup.as_deref());
    let lookups = lookups.map(|lookup| (lookup.name.clone(), lookup.clone()));
    of_columns(sheets, was, &lookups.collect(), schema)
}

fn of_columns(
    sheets: &[SheetPlan],
    was: &Schema,
    lookups: &BTreeMap<String, LookupTable>,
    schema: &Schema,
) -> Option<KeptMapping> {
    let mut form = MappingForm::default();
    let mut used: BTreeMap<String, LookupTable> = BTreeMap::new();
    let mut is_needed = false;
    for column in sheets.iter().flat_map(|sheet| &sheet.columns.columns) {
        if form.columns.contains_key(column.header.trim()) {
            continue;
        }
        let Some((entry, says_more)) = entry_of(column, was, schema) else {
            continue;
        };
        if let Some(lookup) = &column.rule.lookup
            && lookup.name != SEEN_OWNERS
        {
            let name = match &entry.lookup {
                Some(name) => name.clone(),
                None => OWNERS.to_owned(),
            };
            used.extend(lookups.get(&lookup.name).map(|table| (name, table.clone())));
        }
        is_needed |= says_more;
        form.columns.insert(column.header.trim().to_owned(), entry);
    }
    for sheet in sheets {
        let columns = &sheet.columns;
        form.ignore_unmapped |= columns.ignore_unmapped;
        for constant in &columns.constants {
            let place = constant.target.place();
            let field = place.map(|(key, slot)| slot.name(key.as_str()));
            form.constants
                .extend(field.map(|field| (field, constant.text.clone())));
        }
        let merged = columns.columns.iter();
        let merged = merged.filter(|column| columns.merge.contains(&column.column));
        for header in merged.map(|column| column.header.trim().to_owned()) {
            if !form.merge_rows.contains(&header) {
                form.merge_rows.push(header);
            }
        }
    }
    is_needed |= !form.constants.is_empty() || !form.merge_rows.is_empty();
    is_needed.then_some(KeptMapping {
        form,
        lookups: used,
    })
}

/// Returns the entry of a job's column, and whether it says more than the header; `None` for a column of ferry's and
/// for a field that cannot be written any more, about which the header decides.
fn entry_of(
    column: &SourceColumn,
    of_then: &Schema,
    schema: &Schema,
) -> Option<(ColumnForm, bool)> {
    if column.target == Target::Ignored {
        let form = ColumnForm {
            ignore: true,
            ..ColumnForm::default()
        };
        let header = column.header.as_str();
        let is_known =
            mapping::is_left_out(header) || mapping::match_header(header, schema).is_some();
        return Some((form, !is_known));
    }
    let (key, slot) = column.target.place()?;
    let field = writable(schema, key.as_str())?;
    let was = of_then.field(key.as_str())?;
    let rule = &column.rule;
    let is_owners = field.kind == Kind::Owner;
    let form = ColumnForm {
        field: Some(slot.name(key.as_str())),
        default: rule.default.clone(),
        split: rule.cell.split.chars().map(String::from).collect(),
        choices: rule.cell.choices.clone(),
        format: rule.cell.format.clone(),
        decimal: rule.cell.decimal,
        transform: rule.transform.clone(),
        lookup: rule
            .lookup
            .as_ref()
            .filter(|_| !is_owners)
            .map(|lookup| lookup.name.clone()),
        overwrite: was.overwrite.filter(|_| was.overwrite != field.overwrite),
        list: (was.list != field.list).then_some(was.list),
        send: (was.send != field.send).then_some(was.send),
        shape: (was.shape != field.shape).then_some(was.shape),
        kind: (was.kind != field.kind).then_some(was.kind),
        key: rule.key,
        blank: rule.blank.clone(),
        ..ColumnForm::default()
    };
    let alone = ColumnForm {
        field: form.field.clone(),
        ..ColumnForm::default()
    };
    let says_more = form != alone || !rule.says_nothing() || !is_read_so(column, schema);
    Some((form, says_more))
}

/// Makes a mapping of what the hidden sheet says; `None` where the headers alone say the same.
fn of_sheet(sheet: &FerrySheet, schema: &Schema) -> Option<Mapping> {
    let mut form = MappingForm::default();
    let mut seen = HashSet::new();
    let mut is_needed = false;
    for FieldColumn { header, key, place } in &sheet.columns {
        if !seen.insert(header.as_str()) {
            continue;
        }
        let name = match place.as_str() {
            "" => key.clone(),
            "1.memo" => format!("{key}.memo"),
            place => format!("{key}{place}"),
        };
        let entry = if key.is_empty() {
            ColumnForm {
                ignore: true,
                ..ColumnForm::default()
            }
        } else if writable(schema, key).is_some() {
            ColumnForm {
                field: Some(name.clone()),
                ..ColumnForm::default()
            }
        } else {
            continue;
        };
        let alone = mapping::match_header(header, schema);
        is_needed |= alone.is_none() || alone != mapping::match_header(&name, schema);
        form.columns.insert(header.trim().to_owned(), entry);
    }
    is_needed.then(|| Mapping::recalled(form, KeyPlaces::new(&sheet.job)))
}

fn writable<'a>(schema: &'a Schema, key: &str) -> Option<&'a Field> {
    let field = schema.field(key)?;
    (field.status == FieldStatus::Enabled && !field.read_only).then_some(field)
}

/// Returns whether a header alone means what the job's column means.
fn is_read_so(column: &SourceColumn, schema: &Schema) -> bool {
    let Some(Match::Field(position, slot)) = mapping::match_header(&column.header, schema) else {
        return false;
    };
    let first = |slot| {
        if slot == Slot::Value(1) {
            Slot::Whole
        } else {
            slot
        }
    };
    let field = schema.fields.get(position);
    column.target.place().is_some_and(|(key, its)| {
        field.is_some_and(|field| field.key == *key) && first(slot) == first(its)
    })
}
