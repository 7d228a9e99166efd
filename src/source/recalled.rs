//! The mapping that a result sheet remembers: it comes back without `--map`.
//!
//! The hidden sheet names the job, and the job's folder holds the meaning of every column, with words, owners and
//! formats. Where the job is not in this state folder, the hidden sheet itself still says which field each column
//! feeds. Rules for cells are then lost, and a sheet that had any is refused: read without them, its cells would mean
//! something else.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use crate::job::error::JobError;
use crate::job::spec::{JobSpec, SheetOptions, load_lookups};
use crate::journal::StateFolder;
use crate::mapping::{
    self, ColumnForm, ColumnRule, KeyPlaces, LookupTable, Mapping, MappingForm, Match, OWNERS,
    SourceColumn, Target,
};
use crate::model::{Code, Field, FieldStatus, JobId, Kind, Monitor, Problem, Schema, Slot};
use crate::source::ferry_sheet::{FerrySheet, FieldColumn, WorkbookKind};
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
    let mut options = options.clone();
    let typed = options.mapping.as_ref();
    if typed.is_some_and(|mapping| mapping.form != MappingForm::default()) {
        return Ok(options);
    }
    let Some(sheet) = FerrySheet::read(workbook)? else {
        return Ok(options);
    };
    let is_result = matches!(sheet.kind, Some(WorkbookKind::Result | WorkbookKind::Check));
    let is_foreign = (sheet.account.as_deref().zip(account)).is_some_and(|(its, ours)| its != ours);
    if !is_result || is_foreign {
        return Ok(options);
    }
    let known = state.and_then(|state| known_job(state, &sheet.job));
    let recalled = match &known {
        Some((spec, lookups)) => of_job(spec, lookups, schema),
        None if sheet.has_rules => {
            let problem = Problem::new(Code::MappingForgotten).with("job", sheet.job.as_str());
            return Err(JobError::Input(vec![problem]));
        }
        None => of_sheet(&sheet, schema),
    };
    let Some(mut mapping) = recalled else {
        return Ok(options);
    };
    monitor.notice(&Problem::new(Code::MappingRecalled).with("job", sheet.job.as_str()));
    if let Some(typed) = &options.mapping {
        mapping.take_owners(typed);
    }
    options.mapping = Some(Arc::new(mapping));
    Ok(options)
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
    let mut form = MappingForm::default();
    let mut used: BTreeMap<String, LookupTable> = BTreeMap::new();
    let mut is_needed = false;
    for column in spec.sheets.iter().flat_map(|sheet| &sheet.columns.columns) {
        if form.columns.contains_key(column.header.trim()) {
            continue;
        }
        let Some((entry, says_more)) = entry_of(column, spec, schema) else {
            continue;
        };
        if let Some(lookup) = &column.rule.lookup {
            let name = match &entry.lookup {
                Some(name) => name.clone(),
                None => OWNERS.to_owned(),
            };
            used.extend(lookups.get(&lookup.name).map(|table| (name, table.clone())));
        }
        is_needed |= says_more;
        form.columns.insert(column.header.trim().to_owned(), entry);
    }
    for sheet in &spec.sheets {
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
    if !is_needed {
        return None;
    }
    let mut mapping = Mapping::recalled(form, KeyPlaces::new(spec.id.as_str()));
    for (name, lookup) in used {
        mapping.attach(&name, lookup);
    }
    Some(mapping)
}

/// Returns the entry of a job's column, and whether it says more than the header; `None` for a column of ferry's and
/// for a field that cannot be written any more, about which the header decides.
fn entry_of(column: &SourceColumn, spec: &JobSpec, schema: &Schema) -> Option<(ColumnForm, bool)> {
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
    let was = spec.schema.field(key.as_str())?;
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
    let says_more = form != alone || *rule != ColumnRule::default() || !is_read_so(column, schema);
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
