//! The customers of an export, without a network.
//!
//! The hidden sheet or the manifest names the fields of the columns. They do not name their kinds: a field that is not
//! built in is text, unless the list of fields is given too.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use super::customers::{Customers, DupesColumn, FoundMember, KeyedCustomer, names, without_blanks};
use super::member::MemberCell;
use crate::export::columns::format_of;
use crate::export::diff::file::ExportFile;
use crate::job::error::JobError;
use crate::mapping::{Match, match_header};
use crate::model::{
    CUSTOMER_NAME, Cell, CellKind, Code, CustomerId, Field, FieldConfig, FieldOverride, Key, Kind,
    Problem, Row, Schema, Stop,
};
use crate::source::ferry_sheet::FieldColumn;
use crate::stored::key_form;
use crate::table::{CellFormat, Column};

/// Rows that are taken at a time.
const BATCH_ROWS: usize = 1000;

/// The field that says when a customer was created.
const CREATED: &str = "createTime";

/// The customers of an export.
pub(crate) struct ExportedCustomers<'a> {
    file: &'a ExportFile,
    schema: Schema,
    /// The columns in the order of the file: position, and what the sheet shows.
    columns: Vec<(u32, DupesColumn)>,
    stop: &'a Stop,
}

impl<'a> ExportedCustomers<'a> {
    /// Takes an export that was opened. `schema` is the list of fields, if it is known.
    pub fn new(file: &'a ExportFile, schema: Option<Schema>, stop: &'a Stop) -> Self {
        let schema = schema.unwrap_or_else(|| Schema::new(&[], &BTreeMap::new()));
        let told: Vec<FieldColumn> = file
            .columns
            .iter()
            .map(|column| told(column, &schema))
            .collect();
        let schema = with_unknown(schema, &told);
        let fields = file.positions.iter().zip(told).map(|(position, field)| {
            let column = Column {
                header: field.header.clone(),
                frozen: field.key == CUSTOMER_NAME,
                cells: format_of(schema.field(&field.key)),
                ..Column::default()
            };
            (*position, DupesColumn::new(column, Some(field), &schema))
        });
        let owners = file.owner_names.iter().map(|(position, header)| {
            let column = Column {
                header: header.clone(),
                ..Column::default()
            };
            (*position, DupesColumn::new(column, None, &schema))
        });
        let mut columns: Vec<(u32, DupesColumn)> = fields.chain(owners).collect();
        columns.sort_by_key(|(position, _)| *position);
        Self {
            file,
            schema,
            columns,
            stop,
        }
    }

    /// Goes through the rows by the batch.
    fn for_each<T>(
        &self,
        read: impl Fn(CustomerId, &Row) -> T,
        mut take: impl FnMut(Vec<T>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let mut batch = Vec::new();
        self.file.for_each(|id, row| {
            let id = CustomerId::parse(id).map_err(|_| {
                let problem = Problem::new(Code::NotACustomerId).with("value", id);
                JobError::Input(vec![problem])
            })?;
            batch.push(read(id, &row));
            if batch.len() < BATCH_ROWS {
                return Ok(());
            }
            if self.stop.is_requested() {
                return Err(JobError::StoppedInPlan);
            }
            take(std::mem::take(&mut batch))
        })?;
        take(batch)
    }

    fn member(&self, id: CustomerId, row: &Row) -> FoundMember {
        let created = self.columns.iter().find(|(_, column)| {
            let field = column.field.as_ref();
            field.is_some_and(|field| field.key == CREATED)
        });
        let created = created.and_then(|(position, _)| row.cell(*position));
        let cells = self.columns.iter().map(|(position, column)| {
            row.cell(*position)
                .map_or(MemberCell::Blank, |cell| cell_of(cell, column))
        });
        FoundMember {
            id,
            created: created.map_or_else(String::new, |cell| cell.text.clone()),
            cells: cells.collect(),
        }
    }
}

impl Customers for ExportedCustomers<'_> {
    fn schema(&self) -> &Schema {
        &self.schema
    }

    fn has(&self, field: &Field) -> bool {
        let mut fields = self
            .columns
            .iter()
            .filter_map(|(_, column)| column.field.as_ref());
        fields.any(|its| its.key == field.key.as_str())
    }

    fn columns(&self) -> Vec<DupesColumn> {
        let columns = self.columns.iter();
        columns.map(|(_, column)| column.clone()).collect()
    }

    fn for_each_keyed(
        &self,
        keys: &[Key],
        take: &mut dyn FnMut(Vec<KeyedCustomer>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let fed: Vec<(u32, &str)> = self
            .columns
            .iter()
            .filter_map(|(position, column)| Some((*position, column.field.as_ref()?)))
            .filter(|(_, field)| names(keys, &field.key) && !is_aside(&field.place))
            .map(|(position, field)| (position, field.key.as_str()))
            .collect();
        let keyed = |id, row: &Row| {
            let mut stored = Map::new();
            for (position, key) in &fed {
                if let Some(cell) = row.cell(*position) {
                    let values = stored
                        .entry(*key)
                        .or_insert_with(|| Json::Array(Vec::new()));
                    if let Json::Array(values) = values {
                        values.push(cell.text.clone().into());
                    }
                }
            }
            let values = key_form::stored_values(&stored, keys, &self.schema);
            (id, without_blanks(values))
        };
        self.for_each(keyed, take)
    }

    fn for_each_member(
        &self,
        is_member: &(dyn Fn(&CustomerId) -> bool + Sync),
        take: &mut dyn FnMut(u64, Vec<FoundMember>) -> Result<(), JobError>,
    ) -> Result<(), JobError> {
        let found = |id, row: &Row| is_member(&id).then(|| self.member(id, row));
        self.for_each(found, |found| {
            let all = found.len() as u64;
            take(all, found.into_iter().flatten().collect())
        })
    }
}

/// Returns whether a place in a field holds no value: a memo, or a level of a cascade.
fn is_aside(place: &str) -> bool {
    place.contains('.')
}

/// Returns the field of a column. Where neither the hidden sheet nor the manifest tells it, the header does.
fn told(column: &FieldColumn, schema: &Schema) -> FieldColumn {
    let is_told = column.key != column.header;
    let matched = match_header(&column.header, schema).filter(|_| !is_told);
    match matched {
        Some(Match::Field(position, slot)) => {
            let field = schema.fields.get(position);
            let key = field.map_or(column.key.as_str(), |field| field.key.as_str());
            FieldColumn::new(&column.header, key, slot)
        }
        _ => column.clone(),
    }
}

/// Adds the fields of columns that are not known: as text, under their headers. One of several positions is a list.
fn with_unknown(mut schema: Schema, columns: &[FieldColumn]) -> Schema {
    let is_new = |schema: &Schema, key: &str| !key.is_empty() && schema.field(key).is_none();
    let mut unknown: Vec<FieldConfig> = Vec::new();
    let mut kinds: BTreeMap<String, FieldOverride> = BTreeMap::new();
    for column in columns.iter().filter(|column| is_new(&schema, &column.key)) {
        if column.place.parse::<u16>().is_ok() {
            let list = FieldOverride {
                kind: Some(Kind::TextList),
                ..FieldOverride::default()
            };
            kinds.insert(column.key.clone(), list);
        } else if column.place.is_empty() {
            unknown.push(FieldConfig {
                key: column.key.clone(),
                label: column.header.clone(),
                ..FieldConfig::default()
            });
        }
    }
    let added = Schema::new(&unknown, &kinds).fields.into_iter();
    let added: Vec<Field> = added
        .filter(|field| is_new(&schema, field.key.as_str()))
        .collect();
    schema.fields.extend(added);
    schema
}

/// Returns a cell as the export had it: ids and phone numbers as text, whatever somebody has made of them.
fn cell_of(cell: &Cell, column: &DupesColumn) -> MemberCell {
    let text = cell.text.clone();
    let is_list = column
        .field
        .as_ref()
        .is_none_or(|field| !field.place.is_empty());
    match (column.column.cells, cell.kind) {
        _ if is_list => MemberCell::Text(text),
        (_, CellKind::Date) | (CellFormat::Date | CellFormat::DateTime, CellKind::Text) => {
            MemberCell::Moment(text)
        }
        (CellFormat::Number, CellKind::Number) => match text.parse() {
            Ok(number) => MemberCell::Number(number),
            Err(_) => MemberCell::Text(text),
        },
        _ => MemberCell::Text(text),
    }
}
